//! The kernel: the journal, the public log, the store, identity, scratch space, blobs and time.
//!
//! It knows no service and no HTTP. Whatever a service may do to data goes through [`store::Desk`];
//! there is no other way to write.

pub mod blobs;
pub mod cbor;
pub mod clock;
pub mod crypto;
pub mod durable;
pub mod erasure;
pub mod identity;
pub mod journal;
pub mod limits;
pub mod log;
pub mod paced;
#[cfg(any(test, feature = "testing"))]
pub mod properties;
pub mod scratch;
pub mod seeded;
#[cfg(test)]
mod simulation;
pub mod store;
