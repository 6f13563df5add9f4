//! The first start: a data directory, what the commune says of itself, and a one-time code for its
//! first administrator. There is no default password.

use std::path::Path;

use crate::kernel::{
    identity::{
        Action, Actor, Role, Who,
        codes::{CodeFor, CodeText, Codes},
        people::{CodeUse, Commune},
    },
    scratch::Scratch,
    store::{
        Change, Fault, Op, Refusal, Store,
        record::KindInfo,
        start::{self, StoreSettings},
    },
};

pub static FOUND: Action =
    Action { name: "kernel.found", who: Who::Console, sentence: "audit-found" };
pub static ISSUE_CODE: Action =
    Action { name: "kernel.code", who: Who::Console, sentence: "audit-console-code" };

/// Actions of the console.
pub static ACTIONS: &[&Action] = &[&FOUND, &ISSUE_CODE];

/// Creates a data directory and enters what the commune says of itself.
///
/// # Errors
/// The directory holds a journal, or the device failed.
pub fn found(
    data: &Path,
    commune: &Commune,
    kinds: &[&[KindInfo]],
    settings: &StoreSettings,
) -> Result<(), Fault> {
    let origin = format!("{}/ostoja/log/1", commune.host);
    start::create(data, &origin, kinds, settings)?;
    let (store, _) = start::open(data, kinds, settings)?;
    let founded = commit(&store, |_, authority| {
        Ok::<_, Refusal>(Change::new(authority.permit(&FOUND, &[])?, Op::put(commune)))
    });
    store.close();
    founded
}

/// A one-time code from the console: for the first administrator, or in a demonstration.
///
/// # Errors
/// The store is unwell.
pub fn issue_code(
    store: &Store,
    scratch: &Scratch,
    used_for: CodeUse,
    for_whom: CodeFor,
) -> Result<CodeText, Fault> {
    let now = store.clock().now();
    let (text, record) = Codes::new(scratch).issue(used_for, for_whom, now)?;
    commit(store, |_, authority| {
        Ok::<_, Refusal>(Change::new(authority.permit(&ISSUE_CODE, &[])?, Op::put(&record)))
    })?;
    Ok(text)
}

/// The code of the first administrator.
///
/// # Errors
/// The store is unwell.
pub fn first_code(store: &Store, scratch: &Scratch) -> Result<CodeText, Fault> {
    let roles = vec![Role::Administrator, Role::Editor, Role::Clerk];
    issue_code(store, scratch, CodeUse::FirstAdministrator, CodeFor { roles, ..CodeFor::default() })
}

fn commit(
    store: &Store,
    decide: impl FnOnce(
        &crate::kernel::store::View<'_>,
        &crate::kernel::identity::Authority<'_>,
    ) -> Result<Change, Refusal>,
) -> Result<(), Fault> {
    store.desk(Actor::Console("console".to_owned())).save(decide)
}
