//! One's own case: found, or not there.

use super::super::{
    common::Judged,
    model::{CaseId, TreeCase},
};
use crate::web::{
    PageError, Visit,
    chrome::{Chrome, Link},
};

/// The case in the path, if it is the visitor's. Another's case answers as one that does not exist.
///
/// # Errors
/// It is not there, or not theirs.
pub fn own(visit: &Visit<'_>) -> Result<TreeCase, PageError> {
    let id = visit.id("case", CaseId::parse)?;
    let me = visit.me()?.id;
    visit
        .view()
        .get::<TreeCase>(&id)?
        .filter(|case| case.owner == me)
        .ok_or_else(PageError::unknown)
}

/// As [`own`], with its rules.
///
/// # Errors
/// As [`own`].
pub fn judged(visit: &Visit<'_>) -> Result<Judged, PageError> {
    Ok(Judged::new(visit.view(), own(visit)?)?)
}

/// The frame of a page below a case.
///
/// # Errors
/// The store is unwell.
pub fn chrome(visit: &Visit<'_>, case: &TreeCase, title: &str) -> Result<Chrome, PageError> {
    let mut c = visit.chrome("")?;
    let name = c.plain1("resident-case-title", "number", case.label());
    c.title = format!("{} – {name}", c.plain(title));
    c.crumbs = vec![
        Link { label: c.plain("ui-my-cases"), href: "/moje-sprawy".to_owned() },
        Link { label: name, href: path(case, "") },
    ];
    Ok(c)
}

/// The address of a case or of a page below it.
pub fn path(case: &TreeCase, page: &str) -> String {
    match page {
        "" => format!("/moje-sprawy/{}", case.id),
        page => format!("/moje-sprawy/{}/{page}", case.id),
    }
}
