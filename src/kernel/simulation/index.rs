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

/// What the index took.
#[derive(Clone)]
pub enum Took {
    Batch(Batch),
    /// It was made again: what it took before is gone with it.
    Anew(Vec<Batch>),
}

/// Everything that it took, one after the other; an index that is made again goes on with it.
type Taken = Arc<Mutex<Vec<Took>>>;

/// The index and all it ever took.
pub struct SimIndex {
    disk: SimDisk,
    taken: Taken,
    now: BTreeIndex,
}

impl SimIndex {
    /// As it was behind all this.
    pub fn of(disk: SimDisk, taken: Vec<Took>) -> SimIndex {
        let mut now = BTreeIndex::default();
        let mut renewed = 0;
        for (took, number) in taken.iter().zip(1..) {
            match took {
                Took::Batch(batch) => now.apply(batch).unwrap(),
                Took::Anew(batches) => {
                    now = made_of(batches);
                    renewed = number;
                }
            }
        }
        disk.indexed(taken.len(), renewed);
        SimIndex { disk, taken: Arc::new(Mutex::new(taken)), now }
    }

    pub fn taken(&self) -> Vec<Took> {
        self.taken.lock().unwrap().clone()
    }
}

fn made_of(batches: &[Batch]) -> BTreeIndex {
    let made = BTreeIndex::default();
    for batch in batches {
        made.apply(batch).unwrap();
    }
    made
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
        let mut taken = self.taken.lock().unwrap();
        taken.push(Took::Batch(batch.clone()));
        self.disk.indexed_more(taken.len());
        Ok(())
    }

    fn flush(&self) -> Result<(), Fault> {
        Ok(())
    }
}

/// One that is being made, beside the one that stands.
#[derive(Default)]
struct Aside {
    batches: Mutex<Vec<Batch>>,
    now: BTreeIndex,
}

impl Index for Aside {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        self.now.get(key)
    }

    fn range(&self, from: &[u8], to: Option<&[u8]>, limit: usize) -> Result<Vec<Pair>, Fault> {
        self.now.range(from, to, limit)
    }

    fn apply(&self, batch: &Batch) -> Result<(), Fault> {
        self.now.apply(batch)?;
        self.batches.lock().unwrap().push(batch.clone());
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
        let empty = self.0.taken.lock().unwrap().is_empty();
        (!empty).then(|| Arc::clone(&self.0) as Arc<dyn Index>)
    }

    fn renew(&self, source: &Source<'_>) -> Result<Arc<dyn Index>, Fault> {
        let aside = Aside::default();
        source.replay(&aside)?;
        let Aside { batches, now } = aside;
        let mut taken = self.0.taken.lock().unwrap();
        taken.push(Took::Anew(batches.into_inner().unwrap()));
        self.0.disk.indexed(taken.len(), taken.len());
        let (disk, taken) = (self.0.disk.clone(), Arc::clone(&self.0.taken));
        Ok(Arc::new(SimIndex { disk, taken, now }))
    }

    fn forget_old(&self) -> Result<(), Fault> {
        Ok(())
    }

    /// Whoever opens it later opens it anew.
    fn set_aside(&self) -> Result<(), Fault> {
        self.0.taken.lock().unwrap().clear();
        self.0.disk.indexed(0, 0);
        Ok(())
    }
}
