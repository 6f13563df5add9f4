//! Files of one's own case: the original as an inert download, and what pages show of a picture.
//!
//! Files are counted from 1: those of the notice and its supplements, then those of messages, oldest first.

use super::super::model::{CaseFile, CaseMessage, OF_CASE, TreeCase};
use super::case;
use crate::{
    kernel::{
        limits::PAGE_ROWS_MAX,
        store::{Fault, View, keys::Key, record::BlobRef},
    },
    services::trees::model::CaseId,
    web::{Page, PageError, Visit, chrome::Chrome, parts::Document},
};

/// Messages of a case, oldest first.
///
/// # Errors
/// The store is unwell.
pub fn messages(view: &View<'_>, case: CaseId) -> Result<Vec<CaseMessage>, Fault> {
    let list = view.list::<CaseMessage>(OF_CASE, &Key::new().id(&case), None, PAGE_ROWS_MAX)?;
    let mut messages = Vec::with_capacity(list.rows.len());
    for row in list.rows {
        messages.extend(view.get::<CaseMessage>(&row.id)?);
    }
    Ok(messages)
}

/// Every file of a case in the order of their numbers.
///
/// # Errors
/// The store is unwell.
pub fn all(view: &View<'_>, case: &TreeCase) -> Result<Vec<CaseFile>, Fault> {
    let messages = messages(view, case.id)?;
    Ok(case.files.iter().cloned().chain(messages.into_iter().flat_map(|m| m.files)).collect())
}

/// A file for a list; `number` counts from 1.
pub fn document(c: &Chrome, base: &str, number: usize, file: &CaseFile) -> Document {
    use super::super::model::FileRole;
    let kind = match file.role {
        FileRole::Sketch => "resident-role-sketch",
        FileRole::Photo => "resident-role-photo",
        FileRole::Attachment => "resident-role-attachment",
        FileRole::Consent => "resident-role-consent",
        FileRole::PowerOfAttorney => "resident-role-power",
        FileRole::Letter => "resident-role-letter",
        FileRole::Protocol => "resident-role-protocol",
    };
    Document {
        name: file.name.clone(),
        kind: c.plain(kind),
        bytes: file.bytes,
        sha256: file.sha256.clone(),
        href: format!("{base}/pliki/{number}"),
    }
}

fn find(visit: &Visit<'_>) -> Result<CaseFile, PageError> {
    let case = case::own(visit)?;
    let number: usize = visit.param("n").parse().map_err(|_spelling| PageError::unknown())?;
    let at = number.checked_sub(1).ok_or_else(PageError::unknown)?;
    all(visit.view(), &case)?.into_iter().nth(at).ok_or_else(PageError::unknown)
}

/// As it came.
pub fn original(visit: &Visit<'_>) -> Result<Page, PageError> {
    let file = find(visit)?;
    let bytes = visit.view().blob(file.original)?;
    let media_type = match file.media_type.as_str() {
        "application/pdf" => "application/pdf",
        "image/jpeg" => "image/jpeg",
        "image/png" => "image/png",
        "image/webp" => "image/webp",
        _ => "application/octet-stream",
    };
    Ok(visit.file(&file.name, media_type, bytes))
}

fn picture(visit: &Visit<'_>, blob: Option<BlobRef>) -> Result<Page, PageError> {
    let blob = blob.ok_or_else(PageError::unknown)?;
    Ok(Page::of("image/jpeg", visit.view().blob(blob)?))
}

/// Made anew from the pixels.
pub fn shown(visit: &Visit<'_>) -> Result<Page, PageError> {
    picture(visit, find(visit)?.shown)
}

/// The same, small.
pub fn thumbnail(visit: &Visit<'_>) -> Result<Page, PageError> {
    picture(visit, find(visit)?.thumbnail)
}
