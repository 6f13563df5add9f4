//! Bringing the index on with the entries that it lacks, and comparing it with the journal. Making a whole one
//! is in `refill`.

use std::cmp::Ordering;

use crate::kernel::{
    journal::{Seq, reader::Reader},
    store::{
        Fault, Store,
        apply::{Applied, Kinds, apply, open_entry},
        btree::BTreeIndex,
        index::{Batch, Index, Pair, Sorted},
        keys::APPLIED,
        refill::Source,
    },
};

/// Keys gathered before they go to the index in ascending order.
const GATHER_KEYS: usize = 50_000;
/// Rows that a comparison holds at a time.
const PAGE_ROWS: usize = 5_000;
/// A comparison that found so many differences ends.
const DIFFERENCES_MAX: usize = 10;

/// Applies entries `from..to` to an index. Returns the marker that the index then has.
///
/// # Errors
/// An entry is unreadable, of an unknown kind, or the index failed.
pub fn replay(
    reader: &Reader,
    kinds: &Kinds,
    index: &dyn Index,
    from: Seq,
    to: Seq,
) -> Result<Applied, Fault> {
    let mut gathered = Batch::new();
    let mut leaf = match from.checked_sub(1) {
        None => None,
        Some(seq) => Some(reader.frame(seq)?.frame.leaf),
    };
    for seq in from..to {
        let owned = reader.frame(seq)?;
        let entry = open_entry(reader, &owned)?;
        leaf = Some(entry.leaf);
        let standing = |key: &[u8]| match gathered.get(key) {
            Some(value) => Ok(value.clone()),
            None => index.get(key),
        };
        let batch = apply(kinds, &entry, &standing)?;
        gathered.extend(batch);
        if gathered.len() >= GATHER_KEYS {
            put(index, &mut gathered, &Applied::after(kinds, seq + 1, leaf))?;
        }
    }
    let applied = Applied::after(kinds, to, leaf);
    put(index, &mut gathered, &applied)?;
    Ok(applied)
}

/// Puts gathered keys in sorted batches. Only the last one carries the marker: a crash before it
/// repeats the work, and repeating changes nothing.
fn put(index: &dyn Index, gathered: &mut Batch, applied: &Applied) -> Result<(), Fault> {
    let mut batch = Batch::new();
    for (key, value) in std::mem::take(gathered) {
        batch.insert(key, value);
        if batch.len() >= crate::kernel::limits::INDEX_BATCH_KEYS {
            index.apply(&batch)?;
            batch.clear();
        }
    }
    applied.mark(&mut batch);
    index.apply(&batch)
}

/// What a comparison of the live index with a fresh one found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexCheck {
    pub entries: Seq,
    pub keys: u64,
    /// Keys that differ, at most a few, as hex.
    pub differences: Vec<String>,
}

impl Store {
    /// Makes the rows of the index once more from the journal, and compares them with what readers see now.
    /// Nothing may be committed meanwhile, or the comparison is of two moments.
    ///
    /// # Errors
    /// The journal is unreadable or the index unwell.
    pub fn check_index(&self) -> Result<IndexCheck, Fault> {
        let length = self.reader().length();
        let source = Source { reader: self.reader(), kinds: self.kinds(), length };
        if let Some(directory) = self.parts.shelf.room_for_a_check() {
            return source.with_rows(&directory, |made| self.compared(length, made));
        }
        let fresh = BTreeIndex::default();
        source.replay(&fresh)?;
        let mut made = walk(|from| fresh.range(from, None, PAGE_ROWS));
        self.compared(length, &mut made)
    }

    /// Two ways, one row at a time: what only one of both has is named.
    fn compared(&self, entries: Seq, made: &mut Sorted<'_>) -> Result<IndexCheck, Fault> {
        let mut check = IndexCheck { entries, keys: 0, differences: Vec::new() };
        let none = Batch::new();
        let mut live = walk(|from| self.raw_range_durable(from, None, PAGE_ROWS, &none));
        let (mut of_live, mut of_made) = (live.next().transpose()?, made.next().transpose()?);
        while check.differences.len() < DIFFERENCES_MAX {
            let order = match (&of_live, &of_made) {
                (None, None) => break,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some((live, _)), Some((made, _))) => live.cmp(made),
            };
            if order != Ordering::Equal || of_live != of_made {
                let key = |row: &Option<Pair>, shown: bool| match row {
                    Some((key, _)) if shown => crate::kernel::crypto::hex(key),
                    _ => "none".to_owned(),
                };
                let live = key(&of_live, order != Ordering::Greater);
                check
                    .differences
                    .push(format!("{live} / {}", key(&of_made, order != Ordering::Less)));
            }
            if order != Ordering::Greater {
                of_live = live.next().transpose()?;
            }
            if order != Ordering::Less {
                check.keys += 1;
                of_made = made.next().transpose()?;
            }
        }
        Ok(check)
    }
}

/// All rows but the marker, a page at a time.
fn walk(
    mut page: impl FnMut(&[u8]) -> Result<Vec<Pair>, Fault>,
) -> impl Iterator<Item = Result<Pair, Fault>> {
    let (mut rows, mut from) = (Vec::new().into_iter(), Some(vec![1]));
    std::iter::from_fn(move || {
        loop {
            if let Some(row) = rows.next() {
                return Some(Ok(row));
            }
            match page(&from.take()?) {
                Ok(next) => {
                    from = next.last().map(|(last, _)| [last.as_slice(), &[0]].concat());
                    rows = next.into_iter();
                }
                Err(fault) => return Some(Err(fault)),
            }
        }
    })
}

/// How far an index says it is.
///
/// # Errors
/// The index is unwell, or what it says is nothing.
pub fn applied(index: &dyn Index) -> Result<Option<Applied>, Fault> {
    let Some(bytes) = index.get(APPLIED)? else { return Ok(None) };
    let applied = Applied::read(&bytes);
    applied.map(Some).ok_or_else(|| Fault::new("the index says in no known way how far it is"))
}
