//! Who acts, what they may do, and the records that say so.

pub mod action;
pub mod actor;
pub mod codes;
pub mod cose;
pub mod evidence;
pub mod passkeys;
pub mod people;
pub mod sessions;
#[cfg(any(test, feature = "testing"))]
pub mod soft_key;

#[cfg(test)]
mod ceremony_tests;

pub use action::{Action, Authority, Permit, Who};
pub use actor::Actor;
pub use people::{Grant, Level, Person, Role};

crate::uuid_id! {
    /// A person: random, so that it says nothing about them.
    pub struct PersonId;
}

impl PersonId {
    /// A new person.
    pub fn random() -> PersonId {
        PersonId(uuid::Uuid::new_v4())
    }
}
