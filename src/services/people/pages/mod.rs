//! Pages of people, one file for each side of the house.

pub mod account;
mod ceremony;
pub mod closing;
pub mod desk;
pub mod doors;
pub mod keys;
pub mod login;
pub mod staff;

use crate::{
    kernel::{
        cbor,
        identity::codes::Attempts,
        scratch::{Owner, ScratchFull},
        store::Refusal,
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
