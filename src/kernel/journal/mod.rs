//! The journal: every change as one entry, append-only, durable before anyone hears "yes".
//!
//! `docs/format.md` specifies every byte. The order of the files here follows it: [`entry`] (what an
//! entry says), [`sealed`] (how its bodies are sealed), [`frame`], [`segment`], [`keys`] (how they
//! lie on disk), [`epoch`] (where one begins), [`recover`] (what a start finds), [`writer`] (the one way to append), [`reader`],
//! [`tombstone`], [`assertion`] (who ordered an erasure) and [`verify`] (what an auditor runs).

pub mod assertion;
pub mod entry;
pub mod epoch;
pub mod frame;
pub mod keys;
pub mod order;
pub mod reader;
pub mod recover;
pub mod sealed;
mod sealing;
pub mod segment;
pub mod standing;
mod tail;
pub mod tombstone;
pub mod verify;
pub mod writer;

#[cfg(test)]
pub(in crate::kernel) mod tests;

use std::path::{Path, PathBuf};

/// Position in the log, from 0; the leaf index.
pub type Seq = u64;

/// Where a journal lies under a data directory.
pub fn directory(data: &Path) -> PathBuf {
    data.join("journal")
}

/// Bytes on disk that cannot be what we wrote. Start-up stops and says where.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// A durable entry is unreadable or gone.
    #[error("damage in {place}: {what}")]
    Damage { place: String, what: String },
    /// The device did not read or write.
    #[error("{what}: {source}")]
    Io { what: String, source: std::io::Error },
    /// The cryptographic library refused.
    #[error(transparent)]
    Crypto(#[from] crate::kernel::crypto::CryptoFault),
}

impl JournalError {
    pub(crate) fn damage(place: impl Into<String>, what: impl Into<String>) -> JournalError {
        JournalError::Damage { place: place.into(), what: what.into() }
    }

    /// Names what was being done when the device failed.
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> JournalError {
        let what = what.into();
        move |source| JournalError::Io { what, source }
    }
}
