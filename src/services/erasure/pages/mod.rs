//! Pages of erasure, one file for each thing that is looked after: what waits, a proposal, its certificate, holds, terms.
//!
//! None of them shows a person's data: a file is a class, a number of a matter, days and counts.

pub mod certificate;
pub mod holds;
pub mod propose;
pub mod show;
pub mod start;
pub mod terms;

use jiff::civil::Date;

use crate::{
    kernel::{
        clock::{at_ms, date_in_poland},
        erasure::{FileClass, Ground},
        store::{Fault, Refusal, desk::Refused, record::FileId, refusal::RefusalKind},
    },
    web::{
        Page, PageError, Visit,
        chrome::{Chrome, Link},
        parts::{Answer, Column, Filled},
    },
};

/// Where the room is.
pub const HOME: &str = "/urzad/usuwanie";
/// Rows of a list on the first page.
const ROWS: usize = 20;
/// Name of the query's part that says which file a page is about.
const FILE: &str = "teczka";

fn class_text(class: FileClass) -> &'static str {
    match class {
        FileClass::CaseFile => "erasure-class-case",
        FileClass::Account => "erasure-class-account",
        FileClass::Code => "erasure-class-code",
    }
}

fn ground_text(ground: Ground) -> &'static str {
    match ground {
        Ground::TermOver => "erasure-ground-term",
        Ground::Request => "erasure-ground-request",
        Ground::Ruling => "erasure-ground-ruling",
    }
}

/// What a file is called within a title: its class, and its number where it has one.
fn file_name(c: &Chrome, class: FileClass, label: &str) -> String {
    let class = c.plain(class_text(class)).to_lowercase();
    if label.is_empty() { class } else { format!("{class} {label}") }
}

/// The same where several stand below each other: what has no number is told apart by the end of its id.
fn listed_name(c: &Chrome, class: FileClass, label: &str, file: FileId) -> String {
    if label.is_empty() { with_end(c.plain(class_text(class)), file) } else { label.to_owned() }
}

/// A word with the end of an id, by which two are told apart.
fn with_end(word: String, file: FileId) -> String {
    let id = file.to_string();
    format!("{word} …{}", id.get(id.len().saturating_sub(6)..).unwrap_or_default())
}

fn with_file(path: &str, file: FileId) -> String {
    format!("{path}?{FILE}={file}")
}

/// A page of the room below its first one.
fn below(visit: &Visit<'_>, title: String, f: &Filled) -> Result<Chrome, Fault> {
    let mut c = visit.chrome(title)?;
    c.crumbs = vec![Link { label: c.plain("erasure-title"), href: HOME.to_owned() }];
    c.failed = !f.is_right();
    Ok(c)
}

fn column(c: &Chrome, label: &str) -> Column {
    Column { label: c.plain(label), ..Column::default() }
}

fn row(c: &Chrome, label: &str, line: impl Into<String>) -> Answer {
    Answer { label: c.plain(label), lines: vec![line.into()], change: String::new() }
}

/// "luty 2024" for a moment in milliseconds.
fn month(c: &Chrome, ms: u64) -> String {
    let day = date_in_poland(at_ms(ms));
    let month = format!("m{}", day.month());
    c.plain2("erasure-month", "month", month, "year", day.year().to_string())
}

/// The sentence of a refusal and what to do, days in the reader's words.
fn said(visit: &Visit<'_>, c: &Chrome, refusal: &Refusal) -> String {
    let mut refusal = refusal.clone();
    for (_, value) in &mut refusal.args {
        if let Ok(day) = value.parse::<Date>() {
            *value = c.day(day);
        }
    }
    let (what, instead) = visit.sentence(&refusal);
    if instead.is_empty() { what } else { format!("{what} {instead}") }
}

/// Writes what is wrong beside the field it is about, or beside the one that stands for the whole form.
fn mark(visit: &Visit<'_>, f: &mut Filled, refusal: &Refusal, whole: &str) -> Result<(), Fault> {
    let c = visit.chrome("")?;
    f.wrong(refusal.field.as_deref().unwrap_or(whole), said(visit, &c, refusal));
    Ok(())
}

/// A rule's "no" to a form: once it is settled, the form again with the sentence beside its field; everything
/// else as it is.
fn again(
    visit: &Visit<'_>,
    refused: Refused,
    (mut f, whole): (Filled, &str),
    page: impl FnOnce(Filled) -> Result<Page, PageError>,
) -> PageError {
    if refused.refusal.kind != RefusalKind::Rule {
        return refused.into();
    }
    let form = refused.wait().map_err(|lost| PageError::Fault(Fault::new(lost)));
    let form = form.and_then(|refusal| Ok(mark(visit, &mut f, &refusal, whole)?));
    match form.and_then(|()| page(f)) {
        Ok(page) => PageError::Form(page.status(http::StatusCode::UNPROCESSABLE_ENTITY)),
        Err(error) => error,
    }
}

/// What was typed into these fields.
fn typed(visit: &Visit<'_>, fields: &[&str]) -> Filled {
    fields.iter().fold(Filled::new(), |f, field| f.with(field, visit.form.get(field)))
}
