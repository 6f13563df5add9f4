//! A file on its way into a case, from a resident or the office: what it is, whether it is taken, its picture made
//! anew by a worker, and its blobs on disk before the entry that names them.
//!
//! What the browser says of a file is never asked, and no decoder runs here.

use jiff::Timestamp;

use super::model::{CaseFile, FileRole};
use crate::{
    kernel::{
        blobs::StagedBlob,
        crypto::{hash, hex},
        limits::FILE_BYTES_MAX,
        store::{Fault, change::Attachments},
    },
    web::{Tools, input::Upload},
    worker::{self, Picture, WorkerError},
};

/// Longest file name kept, in characters; it is only shown.
const NAME_CHARS_MAX: usize = 100;

/// A file that was taken.
pub struct Received {
    pub name: String,
    pub media_type: &'static str,
    pub bytes: Vec<u8>,
    /// SHA-256 of the file, in hex.
    pub sha256: String,
    /// Without metadata; only for pictures.
    pub picture: Option<Picture>,
}

/// What a file is to its case.
pub struct FileAbout {
    pub role: FileRole,
    pub field: String,
    pub from_office: bool,
    pub added: Timestamp,
    /// The tree that a picture of the inspection shows.
    pub tree: Option<u64>,
}

/// A file on the disk that no entry names yet.
pub struct Staged {
    name: String,
    media_type: String,
    bytes: u64,
    sha256: String,
    original: StagedBlob,
    /// The picture and its thumbnail.
    pictures: Option<(StagedBlob, StagedBlob)>,
}

impl Received {
    /// Writes the file and its pictures durably.
    ///
    /// # Errors
    /// The device failed.
    pub fn stage(self, tools: &Tools<'_>) -> Result<Staged, Fault> {
        let pictures = self.picture.as_ref();
        let pictures =
            pictures.map(|picture| (picture.jpeg.as_slice(), picture.thumbnail.as_slice()));
        Staged::write(
            tools,
            (self.name, self.media_type.to_owned(), self.sha256),
            &self.bytes,
            pictures,
        )
    }
}

impl Staged {
    /// Writes a file and its pictures durably. `named` is its name, media type and SHA-256 in hex.
    ///
    /// # Errors
    /// The device failed.
    pub fn write(
        tools: &Tools<'_>,
        named: (String, String, String),
        original: &[u8],
        pictures: Option<(&[u8], &[u8])>,
    ) -> Result<Staged, Fault> {
        let (name, media_type, sha256) = named;
        let bytes = original.len() as u64;
        let original = tools.stage_blob(original)?;
        let pictures = match pictures {
            None => None,
            Some((shown, small)) => Some((tools.stage_blob(shown)?, tools.stage_blob(small)?)),
        };
        Ok(Staged { name, media_type, bytes, sha256, original, pictures })
    }

    /// Attaches it to a change.
    pub fn attach(self, attachments: &mut Attachments, about: FileAbout) -> CaseFile {
        let original = attachments.attach(self.original);
        let pictures = self
            .pictures
            .map(|(shown, small)| (attachments.attach(shown), attachments.attach(small)));
        CaseFile {
            role: about.role,
            name: self.name,
            media_type: self.media_type,
            bytes: self.bytes,
            sha256: self.sha256,
            original,
            shown: pictures.map(|(shown, _)| shown),
            thumbnail: pictures.map(|(_, small)| small),
            field: about.field,
            from_office: about.from_office,
            added: about.added,
            tree: about.tree,
        }
    }
}

/// Takes a file, or says why not: the key of a sentence with the argument `name`.
///
/// # Errors
/// It is too large, of another kind, or its picture cannot be made.
pub fn receive(
    tools: &Tools<'_>,
    upload: &Upload,
    accept: &[String],
    max_bytes: Option<u64>,
) -> Result<Received, &'static str> {
    let max_bytes = max_bytes.unwrap_or(FILE_BYTES_MAX).min(FILE_BYTES_MAX);
    if upload.bytes.is_empty() {
        return Err("resident-file-empty");
    }
    if upload.bytes.len() as u64 > max_bytes {
        return Err("resident-file-too-large");
    }
    let kind = worker::sniff(&upload.bytes).ok_or("resident-file-kind")?;
    let media_type = kind.media_type();
    if !accept.is_empty() && !accept.iter().any(|accepted| accepted == media_type) {
        return Err("resident-file-kind");
    }
    let picture = match kind.picture() {
        None => None,
        Some(_) => Some(tools.workers.picture(&upload.bytes).map_err(sentence)?),
    };
    Ok(Received {
        name: shown_name(&upload.name, kind.extension()),
        media_type,
        sha256: hex(&hash(&[&upload.bytes])),
        bytes: upload.bytes.to_vec(),
        picture,
    })
}

fn sentence(error: WorkerError) -> &'static str {
    match error {
        WorkerError::Refused(_) => "resident-file-damaged",
        WorkerError::TooBig => "resident-file-too-many-pixels",
        WorkerError::Timeout | WorkerError::Crashed => "resident-file-unreadable",
        WorkerError::Busy => "resident-file-busy",
    }
}

/// The last part of what the browser called the file, without what cannot be seen.
pub fn shown_name(name: &str, extension: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let visible: String = last.chars().filter(|letter| !letter.is_control()).collect();
    let visible = visible.trim();
    if visible.is_empty() {
        return format!("plik.{extension}");
    }
    let count = visible.chars().count();
    // The ending says more than the middle of a long name.
    visible.chars().skip(count.saturating_sub(NAME_CHARS_MAX)).collect()
}

/// The small pictures of one upload as one item of scratch, so that a person's items suffice for all files.
pub fn pack(picture: &Picture) -> Vec<u8> {
    let length = u32::try_from(picture.jpeg.len()).unwrap_or(u32::MAX);
    [&length.to_be_bytes(), picture.jpeg.as_slice(), picture.thumbnail.as_slice()].concat()
}

/// The shown picture and the thumbnail of a packed item.
pub fn unpack(packed: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = packed.split_first_chunk::<4>()?;
    rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_last_part_and_never_empty() {
        for (typed, expected) in [
            ("C:\\Zdjęcia\\dąb.jpg", "dąb.jpg"),
            ("../../etc/passwd", "passwd"),
            ("a\r\nb.pdf", "ab.pdf"),
            (" ", "plik.pdf"),
        ] {
            assert_eq!(shown_name(typed, "pdf"), expected);
        }
        assert!(shown_name(&format!("{}.jpg", "x".repeat(300)), "jpg").ends_with("x.jpg"));
    }
}
