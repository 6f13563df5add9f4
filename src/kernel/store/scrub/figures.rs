//! What `/metrics` and `/healthz` say of the scrubber.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use super::state::{INDEX, Last, Pass, counts};

/// Figures of the last pass and of the one under way.
#[derive(Default)]
pub struct Figures {
    /// When the last pass ended; 0 if none did.
    pub finished_ms: AtomicU64,
    /// From its first turn to its last.
    pub took_ms: AtomicU64,
    /// What it read.
    pub bytes: AtomicU64,
    pub entries: AtomicU64,
    /// The same of the pass under way; 0 if there is none.
    pub under_way_bytes: AtomicU64,
    pub under_way_entries: AtomicU64,
    pub under_way: AtomicBool,
    /// Files that the last pass, or the one under way, has mended.
    pub mended: AtomicU64,
    /// Turns that failed since the start.
    pub failed: AtomicU64,
    found: Mutex<BTreeMap<String, u64>>,
}

impl Figures {
    /// Findings that were not mended, by verdict: of the last pass, or of the one under way where that has
    /// found more. A verdict that was found once stays, with 0, so that a curve shows its end.
    pub fn found(&self) -> BTreeMap<String, u64> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether something is damaged, and nobody but a person can mend it. A wrong index is not: it was made
    /// again at once.
    pub fn is_alarming(&self) -> bool {
        self.found().iter().any(|(verdict, count)| *count > 0 && verdict != INDEX)
    }

    pub(super) fn failed(&self) {
        self.failed.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn show(&self, last: Option<&Last>, pass: Option<&Pass>) {
        let put = |figure: &AtomicU64, value: u64| figure.store(value, Ordering::Relaxed);
        put(&self.finished_ms, last.map_or(0, |last| last.finished_ms));
        put(&self.took_ms, last.map_or(0, |last| last.took_ms));
        put(&self.bytes, last.map_or(0, |last| last.bytes));
        put(&self.entries, last.map_or(0, |last| last.entries));
        put(&self.under_way_bytes, pass.map_or(0, |pass| pass.bytes));
        put(&self.under_way_entries, pass.map_or(0, |pass| pass.entries));
        self.under_way.store(pass.is_some(), Ordering::Relaxed);
        let mended = pass.map(|pass| pass.mended).or_else(|| last.map(|last| last.mended));
        put(&self.mended, mended.unwrap_or(0));
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.values_mut().for_each(|count| *count = 0);
        let of = |found| counts(found).into_iter();
        let old = last.map(|last| of(&last.found)).into_iter().flatten();
        let new = pass.map(|pass| of(&pass.found)).into_iter().flatten();
        for (verdict, count) in old.chain(new) {
            let place = found.entry(verdict.to_owned()).or_default();
            *place = count.max(*place);
        }
    }
}
