//! What a start enters: at the first one a data directory, what the commune says of itself, and a
//! one-time code for its first administrator (there is no default password); at any later one the
//! configuration, if it is another.

use std::path::Path;

use crate::kernel::{
    crypto::hash,
    identity::{
        Action, Actor, Role, Who,
        codes::{CodeFor, CodeText, Codes},
        people::{CodeUse, Commune},
    },
    scratch::Scratch,
    store::{
        Change, Fault, Op, Refusal, Store,
        record::KindInfo,
        scrub::REPAIR,
        start::{self, StoreSettings},
    },
};

pub static FOUND: Action =
    Action { name: "kernel.found", who: Who::Console, sentence: "audit-found" };
pub static CONFIGURE: Action =
    Action { name: "kernel.config", who: Who::Console, sentence: "audit-config" };
pub static ISSUE_CODE: Action =
    Action { name: "kernel.code", who: Who::Console, sentence: "audit-console-code" };

/// Actions of the console, and of work that nobody asks for.
pub static ACTIONS: &[&Action] = &[&FOUND, &CONFIGURE, &ISSUE_CODE, &REPAIR];

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

/// Enters the hash of the configuration file, if it is not the one that is recorded. Says whether it was.
///
/// # Errors
/// The store is unwell.
pub fn enter_config(store: &Store, text: &str) -> Result<bool, Fault> {
    let config_hash = Some(hash(&[text.as_bytes()]));
    let recorded = store.view().get::<Commune>(&"commune".to_owned())?;
    let Some(commune) = recorded.filter(|commune| commune.config_hash != config_hash) else {
        return Ok(false);
    };
    let commune = Commune { config_hash, ..commune };
    commit(store, |_, authority| {
        Ok::<_, Refusal>(Change::new(authority.permit(&CONFIGURE, &[])?, Op::put(&commune)))
    })?;
    Ok(true)
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
