//! An index on the simulated disk: like sled, it comes back after a crash as it was behind *some* batch
//! that it took, and a batch is there whole or not at all.

use std::sync::{Arc, Mutex};

use crate::kernel::{
    simulation::disk::{Event, SimDisk},
    store::{
        Fault,
        btree::BTreeIndex,
        index::{Batch, Index, Pair},
        shelf::{Fill, Shelf},
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
    fn open(&self, report: &mut StartReport) -> Result<Arc<dyn Index>, Fault> {
        report.fresh = self.0.batches.lock().unwrap().is_empty();
        Ok(Arc::clone(&self.0) as Arc<dyn Index>)
    }

    fn renew(&self, fill: &Fill<'_>) -> Result<Arc<dyn Index>, Fault> {
        let fresh = Arc::new(SimIndex::of(self.0.disk.clone(), Vec::new()));
        fill(fresh.as_ref())?;
        Ok(fresh)
    }

    /// Whoever opens it later opens it anew.
    fn set_aside(&self) -> Result<(), Fault> {
        self.0.batches.lock().unwrap().clear();
        self.0.disk.indexed(0);
        Ok(())
    }
}
