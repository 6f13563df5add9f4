//! Pages of people, one file for each side of the house.

pub mod account;
mod ceremony;
pub mod desk;
pub mod doors;
pub mod keys;
pub mod login;
pub mod staff;

use crate::{
    kernel::{
        cbor,
        identity::{
            PersonId,
            codes::Attempts,
            people::{CREDENTIALS_OF_PERSON, Credential},
        },
        scratch::{Owner, ScratchFull},
        store::{Fault, Refusal, View, keys::Key},
    },
    web::{PageError, Visit, parts::Filled},
};

/// Slows down whoever guesses codes.
static ATTEMPTS: Attempts = Attempts::new();

/// Counts a try at a code.
fn count_attempt(visit: &Visit<'_>) -> Result<(), Refusal> {
    let owner =
        visit.person.as_ref().map_or_else(|| visit.token.owner(), |me| Owner::Person(me.id));
    if ATTEMPTS.allow(&owner, visit.now) {
        Ok(())
    } else {
        Err(Refusal::rule("code-slow").on("code"))
    }
}

/// A person's keys that are not removed.
fn keys_of(view: &View<'_>, person: PersonId) -> Result<Vec<Credential>, Fault> {
    let list =
        view.list::<Credential>(CREDENTIALS_OF_PERSON, &Key::new().id(&person), None, 100)?;
    let mut keys = Vec::with_capacity(list.rows.len());
    for row in list.rows {
        keys.extend(view.get::<Credential>(&row.id)?);
    }
    keys.sort_by_key(|key: &Credential| key.added);
    Ok(keys)
}

/// Writes what is wrong beside the fields it is about.
fn mark(visit: &Visit<'_>, filled: &mut Filled, wrong: &[Refusal]) {
    for refusal in wrong {
        let (sentence, _) = visit.sentence(refusal);
        filled.wrong(refusal.field.as_deref().unwrap_or_default(), sentence);
    }
}

fn no_room(full: ScratchFull) -> PageError {
    tracing::warn!(%full, "scratch refused an item");
    Refusal::rule("people-no-room").into()
}

/// Scratch items of this room are the CBOR of their fields.
fn read<T>(bytes: &[u8], from: fn(cbor::Map) -> Result<T, cbor::Malformed>) -> Option<T> {
    from(cbor::decode_map(bytes).ok()?).ok()
}
