//! An index that fails while the store runs is replaced: at once by one in memory, made from the journal,
//! and by a new one on the disk as soon as the disk takes it. sled stays broken after one error of the
//! disk, and readers and writers must not.

use std::{
    sync::{Arc, PoisonError, atomic::Ordering},
    time::{Duration, Instant},
};

use crate::kernel::{
    journal::Seq,
    store::{
        Fault, Store, btree::BTreeIndex, commit::Turn, index::Index, rebuild::replay,
        refill::Source, shelf,
    },
};

/// What becomes of an index that was replaced.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Old {
    /// It is moved aside, so that somebody may look what was wrong with it.
    Kept,
    /// It holds what was erased.
    Forgotten,
}

/// Pause between attempts to have an index on the disk again.
const RETURN_EVERY: Duration = Duration::from_secs(30);

impl Store {
    /// The index of this moment.
    pub(in crate::kernel) fn index(&self) -> Arc<dyn Index> {
        Arc::clone(&self.parts.index.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Passes on what the index answered; after an error it is looked after.
    pub(super) fn noted<T>(&self, answered: Result<T, Fault>) -> Result<T, Fault> {
        if answered.is_err() && !self.failing.indexing.swap(true, Ordering::Relaxed) {
            self.counters.index_faults.fetch_add(1, Ordering::Relaxed);
            self.nudge();
        }
        answered
    }

    /// The index answers, and wrongly: it is looked after as one that fails.
    pub(in crate::kernel) fn doubt_index(&self) {
        let _doubted: Result<(), Fault> = self.noted(Err(Fault::new("the index differs")));
    }

    /// Puts a sound index in the place of one that failed. `tried` is when the disk was last asked.
    /// Only the apply thread comes here, so that nothing is applied meanwhile.
    pub(super) fn heal_index(&self, tried: &mut Option<Instant>) -> Result<(), Fault> {
        if !self.failing.stands_in.load(Ordering::Relaxed) {
            let made = BTreeIndex::default();
            replay(&self.parts.reader, &self.parts.kinds, &made, 0, self.unapplied())?;
            self.put_index(Arc::new(made), Old::Kept);
            self.failing.stands_in.store(true, Ordering::Relaxed);
            tracing::warn!("the index failed: one in memory stands in");
            *tried = None;
        }
        if tried.is_some_and(|tried| tried.elapsed() < RETURN_EVERY) {
            return Ok(());
        }
        let parts = &self.parts;
        let source =
            Source { reader: &parts.reader, kinds: &parts.kinds, length: self.unapplied() };
        let made = parts.shelf.renew(&source);
        // From here, so that a journal that takes long to read is not read without pause.
        *tried = Some(Instant::now());
        self.put_index(made?, Old::Kept);
        self.failing.stands_in.store(false, Ordering::Relaxed);
        self.failing.indexing.store(false, Ordering::Relaxed);
        tracing::info!("the index is on the disk again");
        Ok(())
    }

    /// The first entry that only the overlay has.
    pub(in crate::kernel) fn unapplied(&self) -> Seq {
        let overlay = self.overlay.read().unwrap_or_else(PoisonError::into_inner);
        overlay.first_seq().unwrap_or_else(|| self.parts.reader.length())
    }

    /// Makes the index again where an erasure asks for it: keys are personal data too, and what a program
    /// removed from sled stays in its files. All that is durable is applied first.
    pub(super) fn renew_turn(&self) -> Option<Turn> {
        let behind = self.erasing.renew_behind.load(Ordering::Acquire);
        let is_done = self.erasing.renewed_behind.load(Ordering::Acquire) >= behind;
        // One that failed is looked after by itself, and then made from the same journal.
        if is_done || self.failing.indexing.load(Ordering::Relaxed) || self.unapplied() < behind {
            return None;
        }
        let parts = &self.parts;
        let source =
            Source { reader: &parts.reader, kinds: &parts.kinds, length: self.unapplied() };
        match parts.shelf.renew(&source) {
            Ok(made) => {
                self.put_index(made, Old::Forgotten);
                self.erasing.renewed_behind.fetch_max(behind, Ordering::AcqRel);
                Some(Turn::Worked)
            }
            Err(fault) => {
                tracing::error!(%fault, "the index was not made again behind an erasure");
                self.failing.indexing.store(true, Ordering::Relaxed);
                Some(Turn::Failed)
            }
        }
    }

    fn put_index(&self, made: Arc<dyn Index>, old: Old) {
        let before = std::mem::replace(
            &mut *self.parts.index.write().unwrap_or_else(PoisonError::into_inner),
            made,
        );
        let shelf = Arc::clone(&self.parts.shelf);
        // What failed may take long to close.
        let closing = std::thread::Builder::new().name("index close".to_owned()).spawn(move || {
            shelf::close(before);
            if old == Old::Forgotten
                && let Err(fault) = shelf.forget_old()
            {
                tracing::error!(%fault, "an index from before an erasure was not removed");
            }
        });
        if let Err(error) = closing {
            tracing::warn!(%error, "no thread to close the failed index");
        }
    }
}
