//! Making the index from the journal, and comparing the two. Replay is the code of every start, of a
//! restore and of a check alike.

use crate::kernel::{
    journal::{Seq, reader::Reader},
    store::{
        Fault, Store,
        apply::{Applied, Kinds, apply, open_entry},
        btree::BTreeIndex,
        index::{Batch, Index},
        keys::APPLIED,
    },
};

/// Keys gathered before they go to the index in ascending order.
const GATHER_KEYS: usize = 50_000;

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
    /// Rebuilds the index in memory and compares it with what readers see now. Nothing may be
    /// committed meanwhile, or the comparison is of two moments.
    ///
    /// # Errors
    /// The journal is unreadable or the index unwell.
    pub fn check_index(&self) -> Result<IndexCheck, Fault> {
        let length = self.reader().length();
        let fresh = BTreeIndex::default();
        replay(self.reader(), self.kinds(), &fresh, 0, length)?;
        let mut check = IndexCheck { entries: length, keys: 0, differences: Vec::new() };
        let (mut from, page) = (vec![1u8], 5_000);
        loop {
            let live = self.raw_range_durable(&from, None, page, Batch::new())?;
            let made = fresh.range(&from, None, page)?;
            for (live, made) in live.iter().zip(&made) {
                if live != made && check.differences.len() < 10 {
                    check.differences.push(format!(
                        "{} / {}",
                        crate::kernel::crypto::hex(&live.0),
                        crate::kernel::crypto::hex(&made.0)
                    ));
                }
            }
            if live.len() != made.len() {
                check.differences.push(format!(
                    "{} keys live, {} from the journal",
                    live.len(),
                    made.len()
                ));
            }
            check.keys += made.len() as u64;
            match made.last() {
                Some((last, _)) if made.len() == page && check.differences.is_empty() => {
                    from = [last.as_slice(), &[0]].concat();
                }
                _ => return Ok(check),
            }
        }
    }
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
