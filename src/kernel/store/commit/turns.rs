//! What the store's four threads do, a turn at a time: save a group, bring the index on, sign, erase. The loops
//! around the turns only wait, so that a simulation can give the turns in any order instead.

use std::{
    sync::{PoisonError, atomic::Ordering},
    time::Duration,
};

use super::{PendingEntry, Store};
use crate::kernel::{
    journal::{
        Seq,
        writer::{AppendError, Writer},
    },
    limits::{GROUP_ENTRIES_MAX, INDEX_BATCH_KEYS},
    seeded::{self, Wrong},
    store::{
        apply::Applied,
        desk::NotSaved,
        index::Batch,
        overlay::{NextBatch, Waiting},
    },
};

/// Pause between looks at the orders to erase. Each asks the index once.
const ERASE_EVERY: Duration = Duration::from_millis(200);
/// Pause behind an erasure that failed.
const ERASE_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// What came of a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::kernel) enum Turn {
    /// There was nothing to do.
    Idle,
    Worked,
    /// The device or the index did not do its part.
    Failed,
}

impl Store {
    pub(super) fn sync_loop(&self, mut writer: Writer) {
        while self.wait_for_pending() {
            self.save_turn(&mut writer);
        }
    }

    /// Whether something is pending; false when the store is over.
    fn wait_for_pending(&self) -> bool {
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        let asked = || self.erasing.seal_below.load(Ordering::Acquire) > 0;
        while pending.closed.is_none() && pending.queue.is_empty() && !asked() {
            if self.stopping() {
                pending.closed = Some("the store stopped".to_owned());
                break;
            }
            (pending, _) = self
                .wake
                .wait_timeout(pending, Duration::from_millis(200))
                .unwrap_or_else(PoisonError::into_inner);
        }
        pending.closed.is_none()
    }

    /// Makes all that is pending durable, in as many groups as it takes.
    pub(in crate::kernel) fn save_turn(&self, writer: &mut Writer) -> Turn {
        let below = self.erasing.seal_below.swap(0, Ordering::AcqRel);
        if writer.open_first().is_some_and(|first| first < below)
            && let Err(error) = writer.seal()
        {
            return self.not_saved(writer, error);
        }
        let mut group =
            std::mem::take(&mut self.pending.lock().unwrap_or_else(PoisonError::into_inner).queue);
        if group.is_empty() {
            return Turn::Idle;
        }
        if seeded::is_on(Wrong::ErasedBeforeItsEntry) {
            self.erase_too_early(&group);
        }
        while !group.is_empty() {
            let most = group.len().min(GROUP_ENTRIES_MAX);
            let started = std::time::Instant::now();
            match writer.append(group.get(..most).unwrap_or_default()) {
                Ok(count) => {
                    self.failing.saving.store(false, Ordering::Relaxed);
                    self.counters.groups.fetch_add(1, Ordering::Relaxed);
                    let took = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
                    self.counters.syncs_us.fetch_add(took, Ordering::Relaxed);
                    group.drain(..count);
                    self.publish(count);
                }
                Err(error) => return self.not_saved(writer, error),
            }
        }
        Turn::Worked
    }

    fn not_saved(&self, writer: &Writer, error: AppendError) -> Turn {
        match error {
            AppendError::NotSaved(error) => {
                self.failing.saving.store(true, Ordering::Relaxed);
                self.drop_pending(writer, &error.to_string());
            }
            AppendError::Unknown(error) => {
                let why = error.to_string();
                self.pending.lock().unwrap_or_else(PoisonError::into_inner).closed =
                    Some(why.clone());
                (self.on_unknown)(&why);
            }
        }
        Turn::Failed
    }

    /// Moves durable entries from pending to the overlay, then wakes who waits for them.
    fn publish(&self, count: usize) {
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        let first = pending.first_seq();
        let durable: Vec<PendingEntry> = pending.entries.drain(..count).collect();
        let mut waiters = Vec::new();
        {
            let mut overlay = self.overlay.write().unwrap_or_else(PoisonError::into_inner);
            for (entry, seq) in durable.into_iter().zip(first..) {
                for key in entry.batch.keys() {
                    if pending.newest.get(key).is_some_and(|(newest, _)| *newest == seq) {
                        pending.newest.remove(key);
                    }
                }
                waiters.extend(entry.waiters);
                overlay.push(Waiting { seq, leaf: entry.leaf, batch: entry.batch });
            }
            self.counters.overlay_keys.store(overlay.keys() as u64, Ordering::Relaxed);
        }
        let kept = pending.texts.split_off(&(first + count as Seq, 0));
        pending.texts = kept;
        drop(pending);
        for waiter in waiters {
            // Whoever waited may have gone; the entry is durable all the same.
            let _nobody_waits = waiter.send(Ok(()));
        }
        self.wake.notify_all();
        self.nudge();
    }

    /// Nothing went to disk: all that is pending is dropped, because later decisions saw earlier ones.
    fn drop_pending(&self, writer: &Writer, why: &str) {
        tracing::error!(why, "entries not saved");
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        let waiters: Vec<_> = pending.entries.drain(..).flat_map(|entry| entry.waiters).collect();
        pending.queue.clear();
        pending.newest.clear();
        pending.texts.clear();
        pending.next_seq = writer.next_seq();
        drop(pending);
        for waiter in waiters {
            let _nobody_waits = waiter.send(Err(NotSaved(why.to_owned())));
        }
        self.wake.notify_all();
    }

    pub(super) fn nudge(&self) {
        *self.overlay_wake.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.overlay_wake.1.notify_all();
    }

    pub(super) fn apply_loop(&self) {
        let mut tried = None;
        loop {
            if self.failing.indexing.load(Ordering::Relaxed)
                && !self.stopping()
                && let Err(fault) = self.heal_index(&mut tried)
            {
                tracing::error!(%fault, "there is no index on the disk");
                std::thread::park_timeout(Duration::from_secs(1));
            }
            match self.apply_turn() {
                Turn::Worked => {}
                Turn::Idle if self.is_over() => break,
                Turn::Idle => {
                    let ready = self.overlay_wake.0.lock().unwrap_or_else(PoisonError::into_inner);
                    let waited = self.overlay_wake.1.wait_timeout_while(
                        ready,
                        Duration::from_millis(200),
                        |ready| !*ready,
                    );
                    *waited.unwrap_or_else(PoisonError::into_inner).0 = false;
                }
                Turn::Failed if self.stopping() => return,
                // It is replaced next.
                Turn::Failed => {}
            }
        }
        if let Err(fault) = self.index().flush() {
            tracing::warn!(%fault, "the index was not flushed");
        }
    }

    /// The store stops, and nothing more will become durable.
    fn is_over(&self) -> bool {
        self.stopping()
            && self.pending.lock().unwrap_or_else(PoisonError::into_inner).closed.is_some()
    }

    /// Brings the next entries of the overlay into the index; makes it again if an erasure asks for it.
    pub(in crate::kernel) fn apply_turn(&self) -> Turn {
        if let Some(turn) = self.renew_turn() {
            return turn;
        }
        let overlay = self.overlay.read().unwrap_or_else(PoisonError::into_inner);
        let Some(mut next) = overlay.next_batch(INDEX_BATCH_KEYS) else { return Turn::Idle };
        drop(overlay);
        let marker = Applied::after(&self.parts.kinds, next.last_seq + 1, Some(next.last_leaf));
        let too_early = seeded::is_on(Wrong::OverlayDroppedBeforeTheIndexHasIt);
        if too_early {
            self.let_go(&next);
        }
        if seeded::is_on(Wrong::MarkerOutsideItsBatch) {
            let mut alone = Batch::new();
            marker.mark(&mut alone);
            // The batch itself tells whether the index is well.
            let _judged_below = self.index().apply(&alone);
        }
        marker.mark(&mut next.batch);
        if let Err(fault) = self.noted(self.index().apply(&next.batch)) {
            // The index is derived: nothing is lost.
            tracing::error!(%fault, "the index did not take a batch");
            return Turn::Failed;
        }
        self.counters.applied.store(next.last_seq + 1, Ordering::Relaxed);
        if !too_early {
            self.let_go(&next);
        }
        self.wake.notify_all();
        Turn::Worked
    }

    /// The index has these: the overlay need not.
    fn let_go(&self, done: &NextBatch) {
        let mut overlay = self.overlay.write().unwrap_or_else(PoisonError::into_inner);
        overlay.applied(done);
        self.counters.overlay_keys.store(overlay.keys() as u64, Ordering::Relaxed);
    }

    pub(super) fn sign_loop(&self) {
        loop {
            let last = self.is_over();
            self.sign_turn();
            if last {
                return;
            }
            let mut left = self.parts.checkpoint_every;
            while !left.is_zero() && !self.stopping() {
                let step = left.min(Duration::from_millis(50));
                std::thread::park_timeout(step);
                left = left.saturating_sub(step);
            }
        }
    }

    pub(super) fn erase_loop(&self) {
        while !self.stopping() {
            let pause = match self.erase_turn() {
                Turn::Worked | Turn::Idle => ERASE_EVERY,
                Turn::Failed => ERASE_AGAIN_AFTER,
            };
            let mut left = pause;
            while !left.is_zero() && !self.stopping() {
                let step = left.min(Duration::from_millis(50));
                std::thread::park_timeout(step);
                left = left.saturating_sub(step);
            }
        }
    }

    /// Signs a checkpoint over all that is durable.
    pub(in crate::kernel) fn sign_turn(&self) -> Turn {
        let signed = self.parts.log.advance(&self.parts.reader, self.parts.reader.length());
        self.failing.signing.store(signed.is_err(), Ordering::Relaxed);
        let Err(error) = signed else { return Turn::Worked };
        self.counters.sign_faults.fetch_add(1, Ordering::Relaxed);
        tracing::error!(%error, "no checkpoint was signed");
        Turn::Failed
    }
}
