//! sled 0.34 as a pointer index that may be thrown away (rules R1-R10 of docs/decisions/001-sled.md).
//!
//! Its flush is no power-loss barrier and it can fail to open after a hard kill, so nothing here is
//! the record of anything: it is opened with suspicion, and rebuilt on any doubt.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::{Mutex, PoisonError, mpsc},
    time::Duration,
};

use crate::kernel::{
    crypto::hash,
    store::{
        Fault,
        index::{Batch, Index, Pair},
    },
};

/// sled panics, hangs and over-allocates rather than failing; opening has this long.
const OPEN_DEADLINE: Duration = Duration::from_secs(30);
const CACHE_BYTES: u64 = 64 << 20;
/// A lock left by threads that are ending is free within this many pauses.
const LOCK_TRIES: u32 = 100;
const LOCK_PAUSE: Duration = Duration::from_millis(50);

/// Where the sum over all other rows stands. No key of a room begins so.
const SUM: &[u8] = b"\0sum";

/// A sum over rows, in any order: what was added is taken away again. sled that meets a read error while
/// it opens may open without the rows that were there, and say nothing; this says it.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Sum([u64; 4]);

impl Sum {
    fn of(key: &[u8], value: &[u8]) -> Sum {
        let hash = hash(&[&(key.len() as u64).to_le_bytes(), key, value]);
        let mut lanes = [0; 4];
        for (lane, bytes) in lanes.iter_mut().zip(hash.as_chunks::<8>().0) {
            *lane = u64::from_le_bytes(*bytes);
        }
        Sum(lanes)
    }

    fn add(&mut self, row: Sum) {
        self.0.iter_mut().zip(row.0).for_each(|(lane, other)| *lane = lane.wrapping_add(other));
    }

    fn take(&mut self, row: Sum) {
        self.0.iter_mut().zip(row.0).for_each(|(lane, other)| *lane = lane.wrapping_sub(other));
    }

    fn bytes(self) -> Vec<u8> {
        self.0.iter().flat_map(|lane| lane.to_le_bytes()).collect()
    }
}

/// One sled database with one tree, so that a batch and its `applied` marker are one.
pub struct SledIndex {
    db: sled::Db,
    sum: Mutex<Sum>,
}

impl SledIndex {
    /// Opens or creates.
    ///
    /// # Errors
    /// sled failed, panicked or did not answer in time, or rows are not those that were written. The
    /// caller moves the directory aside.
    pub fn open(path: &Path) -> Result<SledIndex, Fault> {
        remove_half_written_snapshots(path);
        let (send, receive) = mpsc::channel();
        let owned = path.to_owned();
        std::thread::Builder::new()
            .name("sled open".to_owned())
            .spawn(move || {
                let opened = catch_unwind(|| open_unlocked(&owned));
                // Nobody listens after the deadline; then there is nobody to tell.
                let _nobody_listens = send.send(opened);
            })
            .map_err(Fault::new)?;
        match receive.recv_timeout(OPEN_DEADLINE) {
            Ok(Ok(Ok(db))) => SledIndex::checked(db),
            Ok(Ok(Err(error))) => Err(Fault::new(format!("sled did not open: {error}"))),
            Ok(Err(_panic)) => Err(Fault::new("sled panicked while opening")),
            Err(_timeout) => Err(Fault::new("sled did not open in time")),
        }
    }

    /// Reads every row once.
    fn checked(db: sled::Db) -> Result<SledIndex, Fault> {
        let (mut sum, mut said) = (Sum::default(), None);
        guarded(|| {
            for row in db.iter() {
                let (key, value) = row?;
                if key == SUM {
                    said = Some(value);
                } else {
                    sum.add(Sum::of(&key, &value));
                }
            }
            Ok(())
        })?;
        // An empty one says nothing yet.
        if said.map_or(Sum::default().bytes(), |said| said.to_vec()) == sum.bytes() {
            return Ok(SledIndex { db, sum: Mutex::new(sum) });
        }
        Err(Fault::new("the rows in the index are not those that were written"))
    }
}

/// Opens; waits for a while where sled's own threads, which end some time after a database was
/// dropped, still hold its lock. Who else could hold it is kept out by the lock of the data directory.
fn open_unlocked(path: &Path) -> Result<sled::Db, sled::Error> {
    let config =
        sled::Config::new().path(path).cache_capacity(CACHE_BYTES).flush_every_ms(Some(1_000));
    let mut tries = LOCK_TRIES;
    loop {
        match config.open() {
            Err(sled::Error::Io(error))
                if tries > 0 && error.to_string().contains("acquire lock") =>
            {
                tries -= 1;
                std::thread::park_timeout(LOCK_PAUSE);
            }
            opened => return opened,
        }
    }
}

/// A kill while sled writes a snapshot leaves a file that its next start takes for a whole one.
fn remove_half_written_snapshots(path: &Path) {
    let Ok(entries) = std::fs::read_dir(path) else { return };
    for entry in entries.flatten() {
        if entry.file_name().to_string_lossy().ends_with(".generating")
            && let Err(error) = std::fs::remove_file(entry.path())
        {
            tracing::warn!(%error, "a half-written sled snapshot stays");
        }
    }
}

/// Runs a sled call; a panic inside makes the index suspect, not the process.
fn guarded<T>(call: impl FnOnce() -> Result<T, sled::Error>) -> Result<T, Fault> {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(Fault::new(format!("sled: {error}"))),
        Err(_panic) => Err(Fault::new("sled panicked")),
    }
}

impl Index for SledIndex {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        guarded(|| Ok(self.db.get(key)?.map(|value| value.to_vec())))
    }

    fn range(&self, from: &[u8], to: Option<&[u8]>, limit: usize) -> Result<Vec<Pair>, Fault> {
        let rows = |iter: sled::Iter| {
            iter.take(limit)
                .map(|row| row.map(|(key, value)| (key.to_vec(), value.to_vec())))
                .collect()
        };
        guarded(|| match to {
            Some(to) if to <= from => Ok(Vec::new()),
            Some(to) => rows(self.db.range(from..to)),
            None => rows(self.db.range(from..)),
        })
    }

    fn apply(&self, batch: &Batch) -> Result<(), Fault> {
        let mut sum = self.sum.lock().unwrap_or_else(PoisonError::into_inner);
        let mut after = *sum;
        let mut sled_batch = sled::Batch::default();
        guarded(|| {
            for (key, value) in batch {
                if let Some(before) = self.db.get(key)? {
                    after.take(Sum::of(key, &before));
                }
                match value {
                    Some(value) => {
                        after.add(Sum::of(key, value));
                        sled_batch.insert(key.as_slice(), value.as_slice());
                    }
                    None => sled_batch.remove(key.as_slice()),
                }
            }
            sled_batch.insert(SUM, after.bytes());
            self.db.apply_batch(sled_batch)
        })?;
        *sum = after;
        Ok(())
    }

    fn flush(&self) -> Result<(), Fault> {
        guarded(|| self.db.flush().map(|_bytes| ()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_nobody_wrote_or_removed_are_noticed_at_the_next_opening() {
        type Harm = fn(&sled::Db);
        let harms: [Harm; 4] = [
            |_none| {},
            |db| drop(db.remove(b"a").unwrap()),
            |db| drop(db.insert(b"a", b"old").unwrap()),
            |db| drop(db.insert(b"c", b"new").unwrap()),
        ];
        for (number, harm) in harms.iter().enumerate() {
            let directory = tempfile::tempdir().unwrap();
            let path = directory.path().join("index");
            let index = SledIndex::open(&path).unwrap();
            let value = |text: &str| Some(text.as_bytes().to_vec());
            index.apply(&Batch::from([(b"a".to_vec(), value("old"))])).unwrap();
            index
                .apply(&Batch::from([
                    (b"a".to_vec(), value("new")),
                    (b"b".to_vec(), value("gone")),
                ]))
                .unwrap();
            index.apply(&Batch::from([(b"b".to_vec(), None), (b"x".to_vec(), None)])).unwrap();
            harm(&index.db);
            drop(index);
            assert_eq!(SledIndex::open(&path).is_ok(), number == 0, "{number}");
        }
    }
}
