//! sled 0.34 as a pointer index that may be thrown away (rules R1-R10 of docs/decisions/001-sled.md).
//!
//! Its flush is no power-loss barrier and it can fail to open after a hard kill, so nothing here is
//! the record of anything: it is opened with suspicion, and rebuilt on any doubt.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::mpsc,
    time::Duration,
};

use crate::kernel::store::{
    Fault,
    index::{Batch, Index, Pair},
};

/// sled panics, hangs and over-allocates rather than failing; opening has this long.
const OPEN_DEADLINE: Duration = Duration::from_secs(30);
const CACHE_BYTES: u64 = 64 << 20;
/// A lock left by threads that are ending is free within this many pauses.
const LOCK_TRIES: u32 = 100;
const LOCK_PAUSE: Duration = Duration::from_millis(50);

/// One sled database with one tree, so that a batch and its `applied` marker are one.
pub struct SledIndex {
    db: sled::Db,
}

impl SledIndex {
    /// Opens or creates.
    ///
    /// # Errors
    /// sled failed, panicked or did not answer in time. The caller moves the directory aside.
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
            Ok(Ok(Ok(db))) => Ok(SledIndex { db }),
            Ok(Ok(Err(error))) => Err(Fault::new(format!("sled did not open: {error}"))),
            Ok(Err(_panic)) => Err(Fault::new("sled panicked while opening")),
            Err(_timeout) => Err(Fault::new("sled did not open in time")),
        }
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
        let mut sled_batch = sled::Batch::default();
        for (key, value) in batch {
            match value {
                Some(value) => sled_batch.insert(key.as_slice(), value.as_slice()),
                None => sled_batch.remove(key.as_slice()),
            }
        }
        guarded(|| self.db.apply_batch(sled_batch))
    }

    fn flush(&self) -> Result<(), Fault> {
        guarded(|| self.db.flush().map(|_bytes| ()))
    }
}
