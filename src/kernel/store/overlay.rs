//! Entries that are durable but not yet in the index. Readers look here first, then in the index;
//! the applier removes keys only after the index has them, so a reader never misses one.

use std::{
    collections::{BTreeMap, VecDeque},
    ops::Bound,
};

use crate::kernel::{crypto::Hash, journal::Seq, store::index::Batch};

/// One durable entry waiting to be applied.
pub struct Waiting {
    pub seq: Seq,
    pub leaf: Hash,
    pub batch: Batch,
}

/// Keys with the entry that changed them last, and what they are since.
pub type Newest = BTreeMap<Vec<u8>, (Seq, Option<Vec<u8>>)>;

/// The first keys in a range, at most so many.
pub fn newest_in(newest: &Newest, from: &[u8], to: Option<&[u8]>, most: usize) -> Batch {
    if to.is_some_and(|to| to <= from) {
        return Batch::new();
    }
    let end = to.map_or(Bound::Unbounded, Bound::Excluded);
    let keys = newest.range::<[u8], _>((Bound::Included(from), end)).take(most);
    keys.map(|(key, (_, value))| (key.clone(), value.clone())).collect()
}

/// Durable keys over the index.
#[derive(Default)]
pub struct Overlay {
    newest: Newest,
    queue: VecDeque<Waiting>,
    keys: usize,
}

/// The next batch for the index.
pub struct NextBatch {
    pub batch: Batch,
    pub last_seq: Seq,
    pub last_leaf: Hash,
    entries: usize,
    keys: usize,
}

impl Overlay {
    /// Takes a durable entry in.
    pub fn push(&mut self, entry: Waiting) {
        for (key, value) in &entry.batch {
            self.newest.insert(key.clone(), (entry.seq, value.clone()));
        }
        self.keys += entry.batch.len();
        self.queue.push_back(entry);
    }

    /// The value of a key: `Some(None)` if it was removed here, `None` if the index knows.
    pub fn get(&self, key: &[u8]) -> Option<Option<Vec<u8>>> {
        self.newest.get(key).map(|(_, value)| value.clone())
    }

    /// The first keys in a range, at most so many.
    pub fn range(&self, from: &[u8], to: Option<&[u8]>, most: usize) -> Batch {
        newest_in(&self.newest, from, to, most)
    }

    /// Keys of waiting entries.
    pub fn keys(&self) -> usize {
        self.keys
    }

    /// Entries that wait.
    pub fn entries(&self) -> usize {
        self.queue.len()
    }

    /// The first entry that waits.
    pub fn first_seq(&self) -> Option<Seq> {
        self.queue.front().map(|entry| entry.seq)
    }

    /// The first entries, whole, of at most `keys_max` keys but at least one entry.
    pub fn next_batch(&self, keys_max: usize) -> Option<NextBatch> {
        let first = self.queue.front()?;
        let mut next = NextBatch {
            batch: Batch::new(),
            last_seq: first.seq,
            last_leaf: first.leaf,
            entries: 0,
            keys: 0,
        };
        for entry in &self.queue {
            if next.entries > 0 && next.keys + entry.batch.len() > keys_max {
                break;
            }
            next.batch.extend(entry.batch.iter().map(|(key, value)| (key.clone(), value.clone())));
            (next.last_seq, next.last_leaf) = (entry.seq, entry.leaf);
            next.entries += 1;
            next.keys += entry.batch.len();
        }
        Some(next)
    }

    /// Lets go of entries that the index now has.
    pub fn applied(&mut self, done: &NextBatch) {
        self.queue.drain(..done.entries.min(self.queue.len()));
        self.keys = self.keys.saturating_sub(done.keys);
        for key in done.batch.keys() {
            if self.newest.get(key).is_some_and(|(seq, _)| *seq <= done.last_seq) {
                self.newest.remove(key);
            }
        }
    }
}
