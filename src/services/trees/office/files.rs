//! Files of a case at the office's side: showing them, and taking letters and records.
//!
//! An original is an inert download; what is shown was made anew from the pixels.

use super::{acts::FileAbout, load};
use crate::{
    kernel::{
        blobs::StagedBlob,
        crypto::{hash, hex},
        limits::FILE_BYTES_MAX,
        store::{Fault, change::Attachments, record::BlobRef},
    },
    services::trees::model::{CaseFile, CaseMessage, MessageId, TreeCase},
    web::{Disclosed, Page, PageError, Tools, Visit, input::Upload},
    worker::{self, Picture},
};

/// Longest file name kept; it is only shown.
const NAME_CHARS_MAX: usize = 100;
const JPEG: &str = "image/jpeg";

/// A file that was taken.
pub struct Received {
    name: String,
    media_type: &'static str,
    bytes: Vec<u8>,
    picture: Option<Picture>,
}

/// A file on the disk that no entry names yet.
pub struct Staged {
    name: String,
    media_type: &'static str,
    length: u64,
    sha256: String,
    original: StagedBlob,
    pictures: Option<(StagedBlob, StagedBlob)>,
}

/// Takes a file: PDF or picture, told by its first bytes.
///
/// # Errors
/// The key of a sentence.
pub fn receive(tools: &Tools<'_>, upload: &Upload) -> Result<Received, &'static str> {
    if upload.bytes.len() as u64 > FILE_BYTES_MAX {
        return Err("trees-wrong-file-large");
    }
    let kind = worker::sniff(&upload.bytes).ok_or("trees-wrong-file-kind")?;
    let picture = match kind.picture() {
        None => None,
        Some(_) => {
            let made = tools.workers.picture(&upload.bytes);
            Some(made.map_err(|error| match error {
                worker::WorkerError::Busy => "trees-wrong-file-busy",
                _ => "trees-wrong-file-damaged",
            })?)
        }
    };
    let last = upload.name.rsplit(['/', '\\']).next().unwrap_or_default();
    let visible = last.chars().filter(|letter| !letter.is_control());
    let name: String = visible.take(NAME_CHARS_MAX).collect();
    Ok(Received {
        name: if name.is_empty() { format!("plik.{}", kind.extension()) } else { name },
        media_type: kind.media_type(),
        bytes: upload.bytes.to_vec(),
        picture,
    })
}

/// Writes a file durably.
///
/// # Errors
/// The device failed.
pub fn stage(tools: &Tools<'_>, received: Received) -> Result<Staged, Fault> {
    let Received { name, media_type, bytes, picture } = received;
    let pictures = match picture {
        None => None,
        Some(picture) => {
            Some((tools.stage_blob(&picture.jpeg)?, tools.stage_blob(&picture.thumbnail)?))
        }
    };
    Ok(Staged {
        name,
        media_type,
        length: bytes.len() as u64,
        sha256: hex(&hash(&[&bytes])),
        original: tools.stage_blob(&bytes)?,
        pictures,
    })
}

impl Staged {
    /// Attaches it to a change.
    pub fn attach(self, attachments: &mut Attachments, about: FileAbout) -> CaseFile {
        let original = attachments.attach(self.original);
        let pictures = self
            .pictures
            .map(|(shown, thumbnail)| (attachments.attach(shown), attachments.attach(thumbnail)));
        CaseFile {
            role: about.role,
            name: self.name,
            media_type: self.media_type.to_owned(),
            bytes: self.length,
            sha256: self.sha256,
            original,
            shown: pictures.map(|(shown, _)| shown),
            thumbnail: pictures.map(|(_, thumbnail)| thumbnail),
            field: about.field,
            from_office: true,
            added: about.added,
        }
    }
}

fn file_of(visit: &Visit<'_>, files: Vec<CaseFile>) -> Result<CaseFile, PageError> {
    let n: usize = visit.param("n").parse().map_err(|_spelling| PageError::unknown())?;
    files.into_iter().nth(n).ok_or_else(PageError::unknown)
}

fn of_case(visit: &Visit<'_>, disclosed: &Disclosed) -> Result<CaseFile, PageError> {
    let TreeCase { owner, files, .. } = load(visit)?;
    if disclosed.covers(owner) { file_of(visit, files) } else { Err(PageError::unknown()) }
}

fn picture(visit: &Visit<'_>, blob: Option<BlobRef>) -> Result<Page, PageError> {
    let blob = blob.ok_or_else(PageError::unknown)?;
    Ok(Page::of(JPEG, visit.view().blob(blob)?))
}

/// The file as it came.
pub fn original(visit: &Visit<'_>, disclosed: &Disclosed) -> Result<Page, PageError> {
    let file = of_case(visit, disclosed)?;
    let bytes = visit.view().blob(file.original)?;
    Ok(visit.file(&file.name, "application/octet-stream", bytes))
}

/// The picture made anew.
pub fn shown(visit: &Visit<'_>, disclosed: &Disclosed) -> Result<Page, PageError> {
    picture(visit, of_case(visit, disclosed)?.shown)
}

/// The same, small.
pub fn thumbnail(visit: &Visit<'_>, disclosed: &Disclosed) -> Result<Page, PageError> {
    picture(visit, of_case(visit, disclosed)?.thumbnail)
}

/// A file that came with a message.
pub fn of_message(visit: &Visit<'_>, disclosed: &Disclosed) -> Result<Page, PageError> {
    let case = load(visit)?;
    let id = visit.id("message", MessageId::parse)?;
    let message = visit.view().get::<CaseMessage>(&id)?;
    let message =
        message.filter(|message| message.case == case.id && disclosed.covers(message.owner));
    let file = file_of(visit, message.ok_or_else(PageError::unknown)?.files)?;
    let bytes = visit.view().blob(file.original)?;
    Ok(visit.file(&file.name, "application/octet-stream", bytes))
}
