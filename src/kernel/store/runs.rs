//! Sorting more than memory should hold: sorted runs in a file without a name, merged as they are read.
//!
//! Whoever makes an index anew uses it. Nothing here survives, nor must it: the file loses its name as soon as
//! it is open.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, binary_heap::PeekMut},
    fs,
    ops::Range,
    os::unix::fs::FileExt as _,
    path::Path,
    sync::Arc,
};

use crate::kernel::store::Fault;

/// Bytes that the runs of one merge are read through, all together.
const READ_BYTES: usize = 8 << 20;
const READ_BYTES_OF_ONE: Range<usize> = (8 << 10)..(256 << 10);
/// Length of key, length of value, order.
const HEAD_BYTES: usize = 4 + 4 + 16;

/// Something to sort: by key, and under one key by order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Item {
    pub key: Vec<u8>,
    pub order: u128,
    pub value: Vec<u8>,
}

/// Takes items in and writes them out in sorted runs.
pub struct Sorter {
    file: Arc<fs::File>,
    written: u64,
    runs: Vec<Range<u64>>,
    /// Items that are in no run yet, and where each begins.
    bytes: Vec<u8>,
    places: Vec<u32>,
    bytes_max: usize,
}

impl Sorter {
    /// A sorter that holds at most about so many bytes, and whose file has its name in a directory for a
    /// moment.
    ///
    /// # Errors
    /// The device failed.
    pub fn new(directory: &Path, name: &str, bytes_max: usize) -> Result<Sorter, Fault> {
        let path = directory.join(name);
        let mut options = fs::OpenOptions::new();
        let file = options.read(true).write(true).create_new(true).open(&path).map_err(io)?;
        fs::remove_file(&path).map_err(io)?;
        Ok(Sorter {
            file: Arc::new(file),
            written: 0,
            runs: Vec::new(),
            bytes: Vec::with_capacity(bytes_max),
            places: Vec::new(),
            bytes_max,
        })
    }

    /// Takes one in.
    ///
    /// # Errors
    /// The device failed.
    pub fn push(&mut self, key: &[u8], order: u128, value: &[u8]) -> Result<(), Fault> {
        let length = |bytes: &[u8]| u32::try_from(bytes.len()).map_err(Fault::new);
        let (key_length, value_length) = (length(key)?, length(value)?);
        self.places.push(u32::try_from(self.bytes.len()).map_err(Fault::new)?);
        self.bytes.extend(key_length.to_le_bytes());
        self.bytes.extend(value_length.to_le_bytes());
        self.bytes.extend(order.to_le_bytes());
        self.bytes.extend_from_slice(key);
        self.bytes.extend_from_slice(value);
        if self.bytes.len() + self.places.len() * 4 >= self.bytes_max {
            self.spill()
        } else {
            Ok(())
        }
    }

    fn spill(&mut self) -> Result<(), Fault> {
        if self.places.is_empty() {
            return Ok(());
        }
        let bytes = &self.bytes;
        let item = |place: u32| bytes.get(place as usize..).and_then(split);
        self.places.sort_unstable_by(|one, other| {
            item(*one)
                .map(|(key, order, _, _)| (key, order))
                .cmp(&item(*other).map(|(key, order, _, _)| (key, order)))
        });
        let (begin, mut gathered) = (self.written, Vec::with_capacity(1 << 20));
        for place in &self.places {
            let from = *place as usize;
            let length = item(*place).map_or(0, |(_, _, _, length)| length);
            gathered.extend_from_slice(bytes.get(from..from + length).unwrap_or_default());
            if gathered.len() >= 1 << 20 {
                write(&self.file, &mut gathered, &mut self.written)?;
            }
        }
        write(&self.file, &mut gathered, &mut self.written)?;
        self.runs.push(begin..self.written);
        self.bytes.clear();
        self.places.clear();
        Ok(())
    }

    /// Writes the rest out and lets go of the memory.
    ///
    /// # Errors
    /// The device failed.
    pub fn finish(mut self) -> Result<Runs, Fault> {
        self.spill()?;
        Ok(Runs { file: self.file, runs: self.runs })
    }
}

fn write(file: &fs::File, gathered: &mut Vec<u8>, written: &mut u64) -> Result<(), Fault> {
    file.write_all_at(gathered, *written).map_err(io)?;
    *written += gathered.len() as u64;
    gathered.clear();
    Ok(())
}

fn io(error: std::io::Error) -> Fault {
    Fault::new(format!("sorting the index: {error}"))
}

/// Key, order, value and length in bytes of the item that bytes begin with.
fn split(bytes: &[u8]) -> Option<(&[u8], u128, &[u8], usize)> {
    let (head, rest) = bytes.split_first_chunk::<HEAD_BYTES>()?;
    let (key, rest_of_head) = head.split_first_chunk::<4>()?;
    let (value, order) = rest_of_head.split_first_chunk::<4>()?;
    let (key, value) = (u32::from_le_bytes(*key) as usize, u32::from_le_bytes(*value) as usize);
    let (key, rest) = rest.split_at_checked(key)?;
    let value = rest.get(..value)?;
    let order = u128::from_le_bytes(order.try_into().ok()?);
    Some((key, order, value, HEAD_BYTES + key.len() + value.len()))
}

/// Sorted runs in one file.
pub struct Runs {
    file: Arc<fs::File>,
    runs: Vec<Range<u64>>,
}

/// Reads one run on.
struct Run {
    file: Arc<fs::File>,
    left: Range<u64>,
    buffer: Vec<u8>,
    at: usize,
    read_bytes: usize,
}

impl Run {
    fn next(&mut self) -> Result<Option<Item>, Fault> {
        loop {
            let unread = self.buffer.get(self.at..).unwrap_or_default();
            if let Some((key, order, value, length)) = split(unread) {
                let item = Item { key: key.to_vec(), order, value: value.to_vec() };
                self.at += length;
                return Ok(Some(item));
            }
            let left = self.left.end - self.left.start;
            if left == 0 {
                let whole = unread.is_empty();
                return if whole { Ok(None) } else { Err(Fault::new("a run of the index is cut")) };
            }
            // Items that are longer than the buffer let it grow.
            let more = usize::try_from(left).unwrap_or(usize::MAX).min(self.read_bytes);
            self.buffer.drain(..self.at);
            self.at = 0;
            let kept = self.buffer.len();
            self.buffer.resize(kept + more, 0);
            let place = self.buffer.get_mut(kept..).unwrap_or_default();
            self.file.read_exact_at(place, self.left.start).map_err(io)?;
            self.left.start += more as u64;
        }
    }
}

/// All items of some runs, ascending.
pub struct Merge {
    runs: Vec<Run>,
    heap: BinaryHeap<Reverse<(Item, usize)>>,
}

impl Merge {
    /// Begins to read.
    ///
    /// # Errors
    /// The device failed.
    pub fn of(sorted: Vec<Runs>) -> Result<Merge, Fault> {
        let count = sorted.iter().map(|runs| runs.runs.len()).sum::<usize>().max(1);
        let read_bytes = (READ_BYTES / count).clamp(READ_BYTES_OF_ONE.start, READ_BYTES_OF_ONE.end);
        let mut merge = Merge { runs: Vec::with_capacity(count), heap: BinaryHeap::new() };
        for Runs { file, runs } in sorted {
            for left in runs {
                let file = Arc::clone(&file);
                let mut run = Run { file, left, buffer: Vec::new(), at: 0, read_bytes };
                if let Some(item) = run.next()? {
                    merge.heap.push(Reverse((item, merge.runs.len())));
                    merge.runs.push(run);
                }
            }
        }
        Ok(merge)
    }

    /// The next item.
    ///
    /// # Errors
    /// The device failed.
    pub fn next(&mut self) -> Result<Option<Item>, Fault> {
        let Some(mut top) = self.heap.peek_mut() else { return Ok(None) };
        let run = self.runs.get_mut(top.0.1);
        let next = run.map_or(Ok(None), Run::next)?;
        Ok(Some(match next {
            Some(next) => std::mem::replace(&mut top.0.0, next),
            None => PeekMut::pop(top).0.0,
        }))
    }

    /// The next item, if it has this key.
    ///
    /// # Errors
    /// The device failed.
    pub fn next_of(&mut self, key: &[u8]) -> Result<Option<Item>, Fault> {
        if self.heap.peek().is_some_and(|top| top.0.0.key == key) { self.next() } else { Ok(None) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_goes_in_comes_out_in_order(
            items in proptest::collection::vec(
                (proptest::collection::vec(0u8..3, 0..6), 0u128..9, proptest::collection::vec(any::<u8>(), 0..90)),
                0..300,
            ),
            bytes_max in 100usize..2_000,
        ) {
            let directory = tempfile::tempdir().unwrap();
            let mut sorters = ["a", "b"].map(|name| Sorter::new(directory.path(), name, bytes_max).unwrap());
            for (number, (key, order, value)) in items.iter().enumerate() {
                sorters[number % 2].push(key, *order, value).unwrap();
            }
            prop_assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
            let mut merge = Merge::of(sorters.into_iter().map(|one| one.finish().unwrap()).collect()).unwrap();
            let (mut came, mut wanted) = (Vec::new(), Vec::new());
            while let Some(item) = merge.next().unwrap() {
                came.push(item);
            }
            wanted.extend(items.into_iter().map(|(key, order, value)| Item { key, order, value }));
            prop_assert!(came.is_sorted_by_key(|item| (item.key.clone(), item.order)));
            wanted.sort();
            came.sort();
            prop_assert_eq!(came, wanted);
        }
    }
}
