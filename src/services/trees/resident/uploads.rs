//! A file that a resident sends: what it is, whether it is taken, and its picture made anew by a worker.
//!
//! What the browser says of a file is never asked, and no decoder runs here. Stored nowhere yet.

use crate::{
    kernel::{
        crypto::{hash, hex},
        limits::FILE_BYTES_MAX,
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
