//! Whether the store does its work *now*: each mark is set by a failure and cleared by the next success,
//! so that one fault long ago is no illness. docs/runbook.md says what each name means.

use std::sync::{
    PoisonError,
    atomic::{AtomicBool, Ordering},
};

use crate::kernel::{limits::OVERLAY_KEYS_MAX, store::Store};

/// What failed when it was last tried.
#[derive(Default)]
pub(in crate::kernel) struct Failing {
    /// A group of entries was not saved.
    pub saving: AtomicBool,
    /// The index did not take a batch or did not answer, and is not yet made again on the disk.
    pub indexing: AtomicBool,
    /// One in memory stands in for it.
    pub stands_in: AtomicBool,
    /// No checkpoint was signed.
    pub signing: AtomicBool,
}

impl Store {
    /// The parts of the store that do not work at this moment, by name: "journal", "index",
    /// "checkpoint", "damage". Empty is well.
    pub fn unwell(&self) -> Vec<&'static str> {
        let failing = |mark: &AtomicBool| mark.load(Ordering::Relaxed);
        let threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        let dead = |name: &str| {
            threads
                .iter()
                .any(|thread| thread.thread().name() == Some(name) && thread.is_finished())
        };
        let closed = self.pending.lock().unwrap_or_else(PoisonError::into_inner).closed.is_some();
        // Beyond this, whoever decides waits for the index.
        let behind = self.counters.overlay_keys.load(Ordering::Relaxed) > OVERLAY_KEYS_MAX as u64;
        [
            ("journal", closed || failing(&self.failing.saving) || dead("sync")),
            ("index", behind || failing(&self.failing.indexing) || dead("apply")),
            ("checkpoint", failing(&self.failing.signing) || dead("sign")),
            ("erasure", failing(&self.erasing.failing) || dead("erase")),
            ("damage", self.scrubbed.is_alarming()),
        ]
        .into_iter()
        .filter_map(|(name, unwell)| unwell.then_some(name))
        .collect()
    }
}
