//! sled 0.34 as a pointer index that may be thrown away (rules R1-R10 of docs/decisions/001-sled.md).
//!
//! A row of sled is a block of our rows under the lowest key that may stand in it. Blocks are parted when they
//! grow and go when they are empty; they are never joined, so rows move only upwards, and a reader that walks
//! upwards from block to block misses none.
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
        apply::Applied,
        blocks::{self, BLOCK_BYTES_MAX, Packer, Rows},
        index::{Batch, Index, Pair, Sorted},
        keys::APPLIED,
    },
};

/// sled panics, hangs and over-allocates rather than failing; opening has this long.
const OPEN_DEADLINE: Duration = Duration::from_secs(30);
/// Beside what sled keeps beyond any limit (docs/decisions/001-sled.md).
const CACHE_BYTES: u64 = 16 << 20;
/// A lock left by threads that are ending is free within this many pauses.
const LOCK_TRIES: u32 = 100;
const LOCK_PAUSE: Duration = Duration::from_millis(50);

/// Where the sum over all other rows of sled stands. No key of a room begins so.
const SUM: &[u8] = b"\0sum of blocks";
/// The lowest key of the first block; what is below it stands in rows of its own.
const FIRST: &[u8] = &[1];

/// A sum over rows of sled, in any order: what was added is taken away again. sled that meets a read error while
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

/// A key as sled is given it: in the same order, and without the byte 255. Where sled 0.34 walks downwards past
/// the border of a node, it looks for the node below with four such bytes behind a smaller key, and goes round
/// for ever if keys lie above that; it panics then.
fn escaped(key: &[u8]) -> Vec<u8> {
    let mut escaped = Vec::with_capacity(key.len() + 8);
    for byte in key {
        match byte {
            0xfe => escaped.extend([0xfe, 0]),
            0xff => escaped.extend([0xfe, 1]),
            other => escaped.push(*other),
        }
    }
    escaped
}

/// A batch on its way into blocks, with the sum that is right behind it.
struct Change {
    batch: sled::Batch,
    sum: Sum,
}

impl Change {
    /// Puts a row of sled in the place of what is known to stand there.
    fn put(&mut self, key: &[u8], before: Option<&[u8]>, value: Option<Vec<u8>>) {
        if let Some(before) = before {
            self.sum.take(Sum::of(key, before));
        }
        match value {
            Some(value) => {
                self.sum.add(Sum::of(key, &value));
                self.batch.insert(key, value);
            }
            None => self.batch.remove(key),
        }
    }

    /// Brings ascending changes into the block under `lowest`, which is theirs.
    fn change(
        &mut self,
        lowest: &[u8],
        block: Option<&[u8]>,
        changes: &[(&Vec<u8>, &Option<Vec<u8>>)],
    ) -> Result<(), Fault> {
        let before = blocks::unpack(block.unwrap_or_default())?;
        let mut rows: Vec<(&[u8], &[u8])> = Vec::with_capacity(before.len() + changes.len());
        let mut changes = changes.iter().peekable();
        for (key, value) in &before {
            while let Some((changed, to)) = changes.next_if(|(changed, _)| *changed < key) {
                rows.extend(to.as_ref().map(|to| (changed.as_slice(), to.as_slice())));
            }
            match changes.next_if(|(changed, _)| *changed == key) {
                Some((_, None)) => {}
                Some((_, Some(to))) => rows.push((key, to)),
                None => rows.push((key, value)),
            }
        }
        for (changed, to) in changes {
            rows.extend(to.as_ref().map(|to| (changed.as_slice(), to.as_slice())));
        }
        let parts = blocks::parted(lowest, rows.into_iter());
        if parts.is_empty() && block.is_some() {
            self.put(lowest, block, None);
        }
        for (number, (from, part)) in parts.into_iter().enumerate() {
            // Only the first has the key of one that stands.
            match number {
                0 => self.put(lowest, block, Some(part)),
                _ => self.put(&escaped(&from), None, Some(part)),
            }
        }
        Ok(())
    }
}

impl SledIndex {
    /// The block that a key stands in, if any, with its key in sled.
    fn block_of(&self, key: &[u8]) -> Result<Option<(sled::IVec, sled::IVec)>, sled::Error> {
        self.db.range(FIRST..=escaped(key).as_slice()).next_back().transpose()
    }

    /// Fills an empty index with all its rows. The marker comes last: without it, nobody believes the rows.
    ///
    /// # Errors
    /// A row did not come, or the index is unwell.
    pub fn load(&self, rows: &mut Sorted<'_>, applied: &Applied) -> Result<(), Fault> {
        let mut sum = self.sum.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.db.is_empty() {
            return Err(Fault::new("only an empty index is filled"));
        }
        let mut after = Sum::default();
        self.load_blocks(rows, &mut after)?;
        let (mut marked, mut batch) = (Batch::new(), sled::Batch::default());
        applied.mark(&mut marked);
        let marker = marked.remove(APPLIED).flatten().unwrap_or_default();
        after.add(Sum::of(APPLIED, &marker));
        batch.insert(APPLIED, marker);
        batch.insert(SUM, after.bytes());
        guarded(|| self.db.apply_batch(batch))?;
        *sum = after;
        Ok(())
    }

    /// Puts whole blocks in, one by one and ascending: sled takes them so in a fraction of the time and
    /// memory of any other order. Only the marker behind them makes them an index.
    fn load_blocks(&self, rows: &mut Sorted<'_>, sum: &mut Sum) -> Result<(), Fault> {
        let (mut packer, mut lowest, mut last) = (Packer::default(), FIRST.to_vec(), Vec::new());
        let mut put = |lowest: Vec<u8>, block: Vec<u8>| {
            sum.add(Sum::of(&lowest, &block));
            guarded(|| self.db.insert(lowest, block).map(|_none| ()))
        };
        for row in rows {
            let (key, value) = row?;
            if key <= last || key.as_slice() < FIRST {
                return Err(Fault::new("rows for the index do not ascend"));
            }
            // Room is left for rows that come later.
            if packer.len() + key.len() + value.len() > BLOCK_BYTES_MAX * 4 / 5 && packer.len() > 0
            {
                put(std::mem::replace(&mut lowest, escaped(&key)), packer.take())?;
            }
            packer.push(&key, &value);
            last = key;
        }
        if packer.len() > 0 {
            put(lowest, packer.take())?;
        }
        Ok(())
    }
}

impl Index for SledIndex {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        if key < FIRST {
            return guarded(|| Ok(self.db.get(key)?.map(|value| value.to_vec())));
        }
        match guarded(|| self.block_of(key))? {
            Some((_, block)) => blocks::find(&block, key),
            None => Ok(None),
        }
    }

    fn range(&self, from: &[u8], to: Option<&[u8]>, limit: usize) -> Result<Vec<Pair>, Fault> {
        let from = from.max(FIRST);
        let mut found: Vec<Pair> = Vec::new();
        if limit == 0 || to.is_some_and(|to| to <= from) {
            return Ok(found);
        }
        let lowest = guarded(|| self.block_of(from))?.map(|(lowest, _)| lowest.to_vec());
        let lowest = lowest.unwrap_or_else(|| escaped(from));
        let mut walk = match to {
            Some(to) => self.db.range(lowest.as_slice()..escaped(to).as_slice()),
            None => self.db.range(lowest.as_slice()..),
        };
        while let Some((_, block)) = guarded(|| walk.next().transpose())? {
            let mut rows = Rows::of(&block);
            while let Some((key, value)) = rows.next_row()? {
                if to.is_some_and(|to| key >= to) {
                    return Ok(found);
                }
                // A block that was parted on the way shows rows again.
                let behind = found.last().is_none_or(|(last, _)| key > last.as_slice());
                if key >= from && behind {
                    found.push((key.to_vec(), value.to_vec()));
                    if found.len() == limit {
                        return Ok(found);
                    }
                }
            }
        }
        Ok(found)
    }

    fn apply(&self, batch: &Batch) -> Result<(), Fault> {
        let mut sum = self.sum.lock().unwrap_or_else(PoisonError::into_inner);
        let mut change = Change { batch: sled::Batch::default(), sum: *sum };
        let mut of_block: Vec<(&Vec<u8>, &Option<Vec<u8>>)> = Vec::new();
        let mut current: Option<(sled::IVec, Option<sled::IVec>)> = None;
        for (key, value) in batch {
            if key.as_slice() < FIRST {
                let before = guarded(|| self.db.get(key))?;
                change.put(key, before.as_deref(), value.clone());
                continue;
            }
            let (lowest, block) = match guarded(|| self.block_of(key))? {
                Some((lowest, block)) => (lowest, Some(block)),
                None => (FIRST.into(), None),
            };
            if let Some((before, block)) = current.take_if(|(before, _)| *before != lowest) {
                change.change(&before, block.as_deref(), &std::mem::take(&mut of_block))?;
            }
            current = Some((lowest, block));
            of_block.push((key, value));
        }
        if let Some((lowest, block)) = current {
            change.change(&lowest, block.as_deref(), &of_block)?;
        }
        let Change { mut batch, sum: after } = change;
        batch.insert(SUM, after.bytes());
        guarded(|| self.db.apply_batch(batch))?;
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
            |db| drop(db.remove(FIRST).unwrap()),
            |db| drop(db.insert(FIRST, db.get(b"\0before").unwrap().unwrap()).unwrap()),
            |db| drop(db.insert(b"c", b"new").unwrap()),
        ];
        for (number, harm) in harms.iter().enumerate() {
            let directory = tempfile::tempdir().unwrap();
            let path = directory.path().join("index");
            let index = SledIndex::open(&path).unwrap();
            let value = |text: &str| Some(text.as_bytes().to_vec());
            index.apply(&Batch::from([(b"a".to_vec(), value("old"))])).unwrap();
            let before = index.db.get(FIRST).unwrap().map(|block| block.to_vec());
            index.apply(&Batch::from([(b"\0before".to_vec(), before)])).unwrap();
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
