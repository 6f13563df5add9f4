//! An index in memory: the oracle that sled is compared with, and the target of checks.

use std::{
    ops::Bound,
    sync::{PoisonError, RwLock},
};

use crate::kernel::store::{
    Fault,
    index::{Batch, Index, Pair},
};

/// A `BTreeMap` under a lock.
#[derive(Default)]
pub struct BTreeIndex(RwLock<std::collections::BTreeMap<Vec<u8>, Vec<u8>>>);

impl Index for BTreeIndex {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        Ok(self.0.read().unwrap_or_else(PoisonError::into_inner).get(key).cloned())
    }

    fn range(&self, from: &[u8], to: Option<&[u8]>, limit: usize) -> Result<Vec<Pair>, Fault> {
        let map = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let end = to.map_or(Bound::Unbounded, Bound::Excluded);
        if to.is_some_and(|to| to <= from) {
            return Ok(Vec::new());
        }
        let rows = map.range::<[u8], _>((Bound::Included(from), end));
        Ok(rows.take(limit).map(|(key, value)| (key.clone(), value.clone())).collect())
    }

    fn apply(&self, batch: &Batch) -> Result<(), Fault> {
        let mut map = self.0.write().unwrap_or_else(PoisonError::into_inner);
        for (key, value) in batch {
            match value {
                Some(value) => map.insert(key.clone(), value.clone()),
                None => map.remove(key),
            };
        }
        Ok(())
    }

    fn flush(&self) -> Result<(), Fault> {
        Ok(())
    }
}
