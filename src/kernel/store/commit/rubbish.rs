//! Removing blob files that no entry names (docs/format.md, section 2): what was staged for a change
//! that was refused, or by a process that died before its entry was durable.

use std::time::SystemTime;

use crate::kernel::{
    blobs,
    crypto::hex,
    store::{Fault, Store},
};

impl Store {
    /// Removes blob files that are old enough and that neither an entry names nor this process has
    /// staged. Returns how many. What an entry names is read from the journal itself, because a wrong
    /// index must not cost a file; an entry that cannot be read ends it before anything is removed.
    ///
    /// # Errors
    /// The journal or the directory cannot be read, or a file cannot be removed.
    pub fn collect_rubbish(&self, stopping: &dyn Fn() -> bool) -> Result<u64, Fault> {
        // The order matters: a file that was there when the directory was listed was spared from
        // before that on, and what is spared no longer belongs to an entry that is durable by now.
        let mut rubbish = blobs::aged(&self.parts.data, SystemTime::from(self.parts.clock.now()))
            .map_err(|error| Fault::new(format!("listing the blobs: {error}")))?;
        for name in self.staging.names() {
            rubbish.remove(&name);
        }
        for seq in 0..self.parts.reader.length() {
            if rubbish.is_empty() || stopping() {
                return Ok(0);
            }
            for descriptor in self.parts.reader.frame(seq)?.frame.header.bodies {
                if let Some(file) = descriptor.detached {
                    rubbish.remove(&hex(&file));
                }
            }
        }
        let mut gone = 0;
        for path in rubbish.into_values().flatten() {
            std::fs::remove_file(&path)
                .map_err(|error| Fault::new(format!("removing a blob file: {error}")))?;
            gone += 1;
        }
        Ok(gone)
    }
}
