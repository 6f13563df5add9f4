//! The office's side of the tree notice: the inbox, the case, and the acts.
//!
//! For clerks and administrators.
//! Reading a case enters the look; every act is one entry, decided by `rules::decide` on the state the entry
//! is made from.
//! Pages decide nothing: what they offer is what the rules answer to a trial of each act.

mod acts;
mod aside;
mod case;
mod dossier;
mod due;
mod files;
mod forms;
mod inbox;
mod offer;
mod reader;
mod sign;
#[cfg(test)]
mod tests;
mod tree;
pub(super) mod verbs;

use crate::{
    kernel::identity::{Role, Who},
    web::{PageError, Visit},
};

use super::model::{CaseId, TreeCase};

pub(super) use verbs::{ACTIONS, ROUTES};

/// Who works on cases.
pub(super) const CLERKS: Who = Who::Staff(&[Role::Clerk, Role::Administrator]);

/// Where a case is.
pub(super) fn path_of(id: CaseId) -> String {
    format!("/urzad/drzewa/{id}")
}

/// The case of the path.
fn load(visit: &Visit<'_>) -> Result<TreeCase, PageError> {
    let id = visit.id("case", CaseId::parse)?;
    visit.view().get::<TreeCase>(&id)?.ok_or_else(PageError::unknown)
}
