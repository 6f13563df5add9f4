//! What the store needs of an index. sled is one; a `BTreeMap` is the oracle in tests.

use std::{collections::BTreeMap, ops::Bound};

use crate::kernel::store::Fault;

/// Keys and their new values, ascending; nothing means the key goes.
pub type Batch = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// A key with its value.
pub type Pair = (Vec<u8>, Vec<u8>);

/// Those keys of a batch that lie in a range.
pub fn part(batch: &Batch, from: &[u8], to: Option<&[u8]>) -> Batch {
    if to.is_some_and(|to| to <= from) {
        return Batch::new();
    }
    let end = to.map_or(Bound::Unbounded, Bound::Excluded);
    let keys = batch.range::<[u8], _>((Bound::Included(from), end));
    keys.map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// Rows that ascend, none twice.
pub type Sorted<'a> = dyn Iterator<Item = Result<Pair, Fault>> + 'a;

/// An ordered map that may be lost at any moment.
pub trait Index: Send + Sync {
    /// The value of a key.
    ///
    /// # Errors
    /// The index is unwell; it must be rebuilt.
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Fault>;
    /// At most `limit` pairs with `from <= key < to`, ascending. No `to`: to the end.
    ///
    /// # Errors
    /// As [`Index::get`].
    fn range(&self, from: &[u8], to: Option<&[u8]>, limit: usize) -> Result<Vec<Pair>, Fault>;
    /// Applies a batch whole or not at all.
    ///
    /// # Errors
    /// As [`Index::get`].
    fn apply(&self, batch: &Batch) -> Result<(), Fault>;
    /// Asks for what was applied to reach the disk soon; no promise that it did.
    ///
    /// # Errors
    /// As [`Index::get`].
    fn flush(&self) -> Result<(), Fault>;
}
