//! What rooms make from versions of records, kept where making it costs more than the request that needs it.
//!
//! A durable version never changes, so what was made from it never has to be made again. Only versions that name no
//! person are kept: nothing of a person may outlive its erasure. Not a cache of answers, lists or pages.

use std::{
    any::{Any, TypeId},
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use super::{
    Fault,
    record::Record,
    view::{VersionAt, View},
};
use crate::kernel::journal::Seq;

/// A commune has a few hundred procedures; beyond this everything is made anew.
const KEPT_MAX: usize = 400;

type Name = (Seq, u32, TypeId);

/// Made values of one store.
#[derive(Default)]
pub(in crate::kernel) struct Made(Mutex<BTreeMap<Name, Arc<dyn Any + Send + Sync>>>);

impl Made {
    fn get<T: Any + Send + Sync>(&self, name: Name) -> Option<Arc<T>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(kept.get(&name)?).downcast::<T>().ok()
    }

    fn keep<T: Any + Send + Sync>(&self, name: Name, value: Arc<T>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT_MAX {
            kept.clear();
        }
        kept.insert(name, value);
    }
}

impl View<'_> {
    /// What `make` makes of a version; `None` if that was erased or is a retraction.
    ///
    /// # Errors
    /// As [`View::get`], and what `make` says.
    pub fn made<R: Record, T: Any + Send + Sync>(
        &self,
        at: VersionAt,
        make: fn(R) -> Result<T, Fault>,
    ) -> Result<Option<Arc<T>>, Fault> {
        let name = (at.seq, at.body, TypeId::of::<T>());
        let made = &self.store().made;
        if let Some(known) = made.get(name) {
            return Ok(Some(known));
        }
        let Some(record) = self.version::<R>(at)? else { return Ok(None) };
        // One that is not durable may yet give its place to another.
        let keep = record.subjects().is_empty() && at.seq < self.length();
        let value = Arc::new(make(record)?);
        if keep {
            made.keep(name, Arc::clone(&value));
        }
        Ok(Some(value))
    }
}
