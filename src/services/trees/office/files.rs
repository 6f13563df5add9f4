//! Files of a case at the office's side.
//!
//! An original is an inert download; what is shown was made anew from the pixels.

use super::load;
use crate::{
    kernel::store::record::BlobRef,
    services::trees::model::{CaseFile, CaseMessage, MessageId, TreeCase},
    web::{Disclosed, Page, PageError, Visit},
};

const JPEG: &str = "image/jpeg";

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
