//! The whole index from the whole journal, in bounded memory: what every entry means is sorted outside of
//! memory, and what is left of it goes into an empty index in ascending order.
//!
//! Two sorts. The first brings the versions of each record together: the newest gives the record's row, and each
//! says what it did to the secondary keys. The second brings together what was done to each key: the newest deed
//! counts. What comes out is, byte for byte, what `replay` makes by applying one entry after the other.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
};

use crate::kernel::{
    journal::{Seq, reader::Reader},
    store::{
        Fault,
        apply::{Applied, Kinds, Row, Said, Version, derive, open_entry},
        blocks::{self, Packer},
        index::{Index, Pair, Sorted},
        rebuild::replay,
        runs::{Item, Merge, Runs, Sorter},
        sled_index::SledIndex,
    },
};

/// What each sort of a reading thread holds in memory.
const SORT_BYTES: usize = 8 << 20;
/// More threads would only wait for the disk, and each takes memory.
const THREADS_MAX: usize = 4;
/// Entries that a thread takes at a time.
const CHUNK_ENTRIES: Seq = 1_024;

/// First byte of what a version, or a deed on a key, leaves: a value behind it, or nothing.
const PUT: u8 = 1;
const GONE: u8 = 0;

/// What an index is made from: the first entries of a journal.
pub struct Source<'a> {
    pub reader: &'a Reader,
    pub kinds: &'a Kinds,
    pub length: Seq,
}

impl Source<'_> {
    /// Fills an index that is in memory anyway.
    ///
    /// # Errors
    /// An entry is unreadable or of an unknown kind.
    pub fn replay(&self, index: &dyn Index) -> Result<(), Fault> {
        replay(self.reader, self.kinds, index, 0, self.length).map(|_marker| ())
    }

    /// Fills an empty index on the disk. `directory` is made, used and removed.
    ///
    /// # Errors
    /// An entry is unreadable or of an unknown kind, the device is full, or the index is unwell.
    pub fn fill(&self, index: &SledIndex, directory: &Path) -> Result<(), Fault> {
        let leaf = match self.length.checked_sub(1) {
            None => None,
            Some(last) => Some(self.reader.frame(last)?.frame.leaf),
        };
        let applied = Applied::after(self.kinds, self.length, leaf);
        self.with_rows(directory, |rows| index.load(rows, &applied))
    }

    /// Gives all rows of the index but its marker, ascending. `directory` is made, used and removed.
    ///
    /// # Errors
    /// An entry is unreadable or of an unknown kind, the device is full, or whoever takes them says so.
    pub fn with_rows<T>(
        &self,
        directory: &Path,
        take: impl FnOnce(&mut Sorted<'_>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        clear(directory)?;
        fs::create_dir_all(directory).map_err(Fault::new)?;
        let taken = self.rows(directory).and_then(|mut rows| {
            let mut rows = std::iter::from_fn(|| rows.next().transpose());
            take(&mut rows)
        });
        clear(directory)?;
        taken
    }

    fn rows(&self, directory: &Path) -> Result<Rows, Fault> {
        let (versions, deeds) = self.read(directory)?;
        Ok(Rows {
            records: Some(Merge::of(versions)?),
            deeds: Some(Sorter::new(directory, "deeds", SORT_BYTES)?),
            sorted: deeds,
            keys: None,
        })
    }

    /// Reads all entries: runs of versions, and runs of deeds that need no version before them.
    fn read(&self, directory: &Path) -> Result<(Vec<Runs>, Vec<Runs>), Fault> {
        let threads = std::thread::available_parallelism().map_or(1, |threads| threads.get());
        let (next, failed) = (AtomicU64::new(0), AtomicBool::new(false));
        let read = |number: usize| -> Result<(Runs, Runs), Fault> {
            let sorter = |name| Sorter::new(directory, &format!("{name} {number}"), SORT_BYTES);
            let mut part = Part { versions: sorter("versions")?, deeds: sorter("deeds")? };
            while !failed.load(Ordering::Relaxed) {
                let from = next.fetch_add(CHUNK_ENTRIES, Ordering::Relaxed).min(self.length);
                if from == self.length {
                    break;
                }
                for seq in from..self.length.min(from + CHUNK_ENTRIES) {
                    self.entry(seq, &mut part)?;
                }
            }
            Ok((part.versions.finish()?, part.deeds.finish()?))
        };
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..threads.min(THREADS_MAX))
                .map(|number| {
                    let (read, failed) = (&read, &failed);
                    scope.spawn(move || {
                        read(number).inspect_err(|_| failed.store(true, Ordering::Relaxed))
                    })
                })
                .collect();
            let done = threads.into_iter().map(|thread| {
                thread.join().unwrap_or_else(|_panic| Err(Fault::new("reading entries panicked")))
            });
            done.collect::<Result<Vec<_>, _>>().map(|parts| parts.into_iter().unzip())
        })
    }

    fn entry(&self, seq: Seq, part: &mut Part) -> Result<(), Fault> {
        let owned = self.reader.frame(seq)?;
        let entry = open_entry(self.reader, &owned)?;
        for (said, place) in derive(self.kinds, &entry)?.into_iter().zip(0u32..) {
            match said {
                Said::Rows(rows) => {
                    for ((key, value), step) in rows.into_iter().zip(0u32..) {
                        part.deeds.push(&key, order(seq, place, step), &put(&value))?;
                    }
                }
                Said::Version(version) => {
                    let order = order(seq, version.body, 0);
                    for (key, value) in &version.lasting {
                        part.deeds.push(key, order, &put(value))?;
                    }
                    part.versions.push(&version.primary, order, &encode(&version))?;
                }
            }
        }
        Ok(())
    }
}

/// Removes what a fill left that did not come to its end.
///
/// # Errors
/// The device failed.
pub fn clear(directory: &Path) -> Result<(), Fault> {
    match fs::remove_dir_all(directory) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Fault::new(error)),
        _ => Ok(()),
    }
}

/// What one thread sorts.
struct Part {
    versions: Sorter,
    deeds: Sorter,
}

/// Later deeds have a higher order.
fn order(seq: Seq, body: u32, step: u32) -> u128 {
    u128::from(seq) << 64 | u128::from(body) << 32 | u128::from(step)
}

fn put(value: &[u8]) -> Vec<u8> {
    [&[PUT], value].concat()
}

/// A version as it is sorted: its secondary keys, or that there are none any more.
fn encode(version: &Version) -> Vec<u8> {
    let Some(secondary) = &version.secondary else { return vec![GONE] };
    let mut packer = Packer::default();
    secondary.iter().for_each(|(key, value)| packer.push(key, value));
    put(&packer.take())
}

fn decode(value: &[u8]) -> Result<Option<Vec<Pair>>, Fault> {
    match value.split_first() {
        Some((&PUT, packed)) => blocks::unpack(packed).map(Some),
        Some((&GONE, [])) => Ok(None),
        _ => Err(Fault::new("a run of the index is malformed")),
    }
}

/// The rows of the index, ascending: those of the records first, and then all others.
struct Rows {
    records: Option<Merge>,
    /// Deeds on secondary keys, found while the records go by.
    deeds: Option<Sorter>,
    sorted: Vec<Runs>,
    keys: Option<Merge>,
}

impl Rows {
    fn next(&mut self) -> Result<Option<Pair>, Fault> {
        while let Some(records) = &mut self.records {
            let (Some(first), Some(deeds)) = (records.next()?, &mut self.deeds) else {
                self.records = None;
                break;
            };
            if let Some(row) = record(records, first, deeds)? {
                return Ok(Some(row));
            }
        }
        if let Some(deeds) = self.deeds.take() {
            self.sorted.push(deeds.finish()?);
        }
        if self.keys.is_none() {
            self.keys = Some(Merge::of(std::mem::take(&mut self.sorted))?);
        }
        let Some(keys) = &mut self.keys else { return Ok(None) };
        while let Some(mut newest) = keys.next()? {
            while let Some(newer) = keys.next_of(&newest.key)? {
                newest = newer;
            }
            if newest.value.first() == Some(&PUT) {
                newest.value.remove(0);
                return Ok(Some((newest.key, newest.value)));
            }
        }
        Ok(None)
    }
}

/// Goes through the versions of one record, oldest first. Gives its row, if it still has one.
fn record(merge: &mut Merge, first: Item, deeds: &mut Sorter) -> Result<Option<Pair>, Fault> {
    // What was last done to each key that the record ever had: it may be another's by now.
    let mut done: BTreeMap<Vec<u8>, (u128, Vec<u8>)> = BTreeMap::new();
    let (mut version, mut standing) = (first, Vec::new());
    let row = loop {
        for key in standing.drain(..) {
            done.insert(key, (version.order, vec![GONE]));
        }
        let secondary = decode(&version.value)?;
        let there = secondary.is_some();
        for ((key, value), step) in secondary.into_iter().flatten().zip(1u128..) {
            done.insert(key.clone(), (version.order + step, put(&value)));
            standing.push(key);
        }
        match merge.next_of(&version.key)? {
            Some(newer) => version = newer,
            None => {
                let seq = Seq::try_from(version.order >> 64).map_err(Fault::new)?;
                let body = u32::try_from(version.order >> 32 & 0xffff_ffff).map_err(Fault::new)?;
                let row = Row { seq, body, secondary: standing };
                break there.then(|| (version.key, row.encode()));
            }
        }
    };
    for (key, (order, deed)) in done {
        deeds.push(&key, order, &deed)?;
    }
    Ok(row)
}
