//! An index on the simulated disk: like sled, it comes back after a crash as it was behind *some* batch
//! that it took, and a batch is there whole or not at all.

use std::sync::{Arc, Mutex};

use crate::kernel::{
    simulation::disk::{Event, SimDisk},
    store::{
        Fault,
        btree::BTreeIndex,
        index::{Batch, Index, Pair},
        refill::Source,
        shelf::Shelf,
        start::StartReport,
    },
};

/// The index and all batches it ever took.
pub struct SimIndex {
    disk: SimDisk,
    batches: Mutex<Vec<Batch>>,
    now: BTreeIndex,
}

impl SimIndex {
    /// As it was behind these batches.
    pub fn of(disk: SimDisk, batches: Vec<Batch>) -> SimIndex {
        let now = BTreeIndex::default();
        for batch in &batches {
            now.apply(batch).unwrap();
        }
        disk.indexed(batches.len());
        SimIndex { disk, batches: Mutex::new(batches), now }
    }

    pub fn batches(&self) -> Vec<Batch> {
        self.batches.lock().unwrap().clone()
    }
}

impl Index for SimIndex {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        self.now.get(key)
    }

    fn range(&self, from: &[u8], to: Option<&[u8]>, limit: usize) -> Result<Vec<Pair>, Fault> {
        self.now.range(from, to, limit)
    }

    fn apply(&self, batch: &Batch) -> Result<(), Fault> {
        self.disk.wait_for_others(&Event::Index);
        self.now.apply(batch)?;
        let mut batches = self.batches.lock().unwrap();
        batches.push(batch.clone());
        self.disk.indexed(batches.len());
        Ok(())
    }

    fn flush(&self) -> Result<(), Fault> {
        Ok(())
    }
}

/// Where it stands.
pub struct SimShelf(pub Arc<SimIndex>);

impl Shelf for SimShelf {
    fn open(&self, _report: &mut StartReport) -> Option<Arc<dyn Index>> {
        let empty = self.0.batches.lock().unwrap().is_empty();
        (!empty).then(|| Arc::clone(&self.0) as Arc<dyn Index>)
    }

    /// The first one stands where the world looks for its batches; one in the place of another does not.
    fn renew(&self, source: &Source<'_>) -> Result<Arc<dyn Index>, Fault> {
        let empty = self.0.batches.lock().unwrap().is_empty();
        let fresh = match empty {
            true => Arc::clone(&self.0),
            false => Arc::new(SimIndex::of(self.0.disk.clone(), Vec::new())),
        };
        source.replay(fresh.as_ref())?;
        Ok(fresh)
    }
}
