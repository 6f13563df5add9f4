//! Where the index stands: opened with suspicion, moved aside when it does not open, and made anew
//! beside the old one (rules R3 and R4 of docs/decisions/001-sled.md).

use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::kernel::{
    durable::{Disk as _, RealDisk},
    journal::JournalError,
    store::{
        Fault,
        btree::BTreeIndex,
        index::Index,
        refill::{self, Source},
        sled_index::SledIndex,
        start::StartReport,
    },
};

/// A place for one index.
pub(in crate::kernel) trait Shelf: Send + Sync {
    /// The index that stands here, if one does that opens; the report says why one does not.
    fn open(&self, report: &mut StartReport) -> Option<Arc<dyn Index>>;
    /// An index made anew, in the place of none or of one that is not believed and that was closed.
    ///
    /// # Errors
    /// It could not be filled, or not be put into its place.
    fn renew(&self, source: &Source<'_>) -> Result<Arc<dyn Index>, Fault>;
    /// Removes every index that was moved aside.
    ///
    /// # Errors
    /// The device failed.
    fn forget_old(&self) -> Result<(), Fault>;
    /// Takes the index out of its place, durably: it is of entries that are not there any more.
    ///
    /// # Errors
    /// It stands where it stood, or nobody knows whether it does.
    fn set_aside(&self) -> Result<(), Fault>;
    /// A directory that a check may make, use and remove; `None` where all is in memory anyway.
    fn room_for_a_check(&self) -> Option<PathBuf> {
        None
    }
}

/// Lets go of an index; what does not work may not even close.
pub(in crate::kernel) fn close(index: Arc<dyn Index>) {
    if catch_unwind(AssertUnwindSafe(|| drop(index))).is_err() {
        tracing::warn!("an index panicked while closing");
    }
}

/// An index in memory, made from the journal: what stands in where the disk takes none.
pub(in crate::kernel) fn in_memory(source: &Source<'_>) -> Result<Arc<dyn Index>, Fault> {
    let fresh: Arc<dyn Index> = Arc::new(BTreeIndex::default());
    source.replay(fresh.as_ref())?;
    Ok(fresh)
}

/// Every index is new, and goes with the process.
pub(in crate::kernel) struct MemoryShelf;

impl Shelf for MemoryShelf {
    fn open(&self, _report: &mut StartReport) -> Option<Arc<dyn Index>> {
        None
    }

    fn renew(&self, source: &Source<'_>) -> Result<Arc<dyn Index>, Fault> {
        in_memory(source)
    }

    fn forget_old(&self) -> Result<(), Fault> {
        Ok(())
    }

    fn set_aside(&self) -> Result<(), Fault> {
        Ok(())
    }
}

/// sled in `index/` of a data directory.
pub(in crate::kernel) struct SledShelf {
    data: PathBuf,
    path: PathBuf,
}

impl SledShelf {
    pub(in crate::kernel) fn of(data: &Path) -> SledShelf {
        SledShelf { data: data.to_owned(), path: data.join("index") }
    }

    /// Makes durable which index stands where.
    fn sync(&self) -> Result<(), Fault> {
        RealDisk
            .sync_directory(&self.data)
            .map_err(|error| Fault::new(JournalError::io("swapping the index")(error)))
    }

    /// Moves a suspect index aside; the last two are kept.
    fn quarantine(&self) -> Result<(), Fault> {
        let directory = self.data.join("quarantine");
        fs::create_dir_all(&directory).map_err(Fault::new)?;
        let mut kept: Vec<u32> = RealDisk
            .names(&directory)
            .map_err(Fault::new)?
            .iter()
            .filter_map(|name| name.parse().ok())
            .collect();
        kept.sort_unstable();
        let next = kept.last().map_or(1, |last| last + 1);
        if self.path.exists() {
            fs::rename(&self.path, directory.join(next.to_string())).map_err(Fault::new)?;
        }
        let surplus = (kept.len() + 1).saturating_sub(2);
        for old in kept.into_iter().take(surplus) {
            fs::remove_dir_all(directory.join(old.to_string())).map_err(Fault::new)?;
        }
        Ok(())
    }
}

impl Shelf for SledShelf {
    fn open(&self, report: &mut StartReport) -> Option<Arc<dyn Index>> {
        if !self.path.exists() {
            return None;
        }
        match SledIndex::open(&self.path) {
            Ok(index) => Some(Arc::new(index)),
            Err(fault) => {
                tracing::warn!(%fault, "the index is moved aside");
                report.rebuild_reason = Some(fault.0);
                None
            }
        }
    }

    /// Beside the old one; a rename swaps them.
    fn renew(&self, source: &Source<'_>) -> Result<Arc<dyn Index>, Fault> {
        let next = self.data.join("index.new");
        refill::clear(&next)?;
        let fresh = SledIndex::open(&next)?;
        source.fill(&fresh, &self.data.join("index.runs"))?;
        fresh.flush()?;
        drop(fresh);
        self.quarantine()?;
        fs::rename(&next, &self.path).map_err(Fault::new)?;
        self.sync()?;
        Ok(Arc::new(SledIndex::open(&self.path)?))
    }

    fn room_for_a_check(&self) -> Option<PathBuf> {
        Some(self.data.join("index.check"))
    }

    fn forget_old(&self) -> Result<(), Fault> {
        let directory = self.data.join("quarantine");
        for name in RealDisk.names(&directory).map_err(Fault::new)? {
            // What else is kept aside there is no index.
            if name.parse::<u32>().is_ok() {
                fs::remove_dir_all(directory.join(name)).map_err(Fault::new)?;
            }
        }
        self.sync()
    }

    fn set_aside(&self) -> Result<(), Fault> {
        self.quarantine()?;
        self.sync()
    }
}
