//! The key of an epoch that has not begun: `secrets/next.epoch`, kept until it is in its place, so that a
//! verb that was cut short carries on with the same one.

use super::{Disk, Fault, JournalError, Path, Seq, Signer, secrets, write_whole};
use serde::{Deserialize, Serialize};

const NAME: &str = "next.epoch";

/// An epoch to come.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::kernel) struct Prepared {
    pub origin: String,
    /// PKCS#8.
    key: Vec<u8>,
    /// What was known to be lost while something still said so: the index goes.
    pub lost_to: Seq,
}

impl Prepared {
    pub fn read(disk: &dyn Disk, data: &Path) -> Result<Option<Prepared>, Fault> {
        let path = data.join("secrets").join(NAME);
        if !disk.exists(&path) {
            return Ok(None);
        }
        let bytes = disk.read(&path).map_err(JournalError::io("secrets/next.epoch"))?;
        let prepared = serde_json::from_slice(&bytes)
            .map_err(|error| JournalError::damage("secrets/next.epoch", error.to_string()))?;
        Ok(Some(prepared))
    }

    /// Keeps one for this origin: that which is kept already, or a new key.
    pub fn keep(
        disk: &dyn Disk,
        data: &Path,
        origin: &str,
        kept: Option<Prepared>,
        lost_to: Seq,
    ) -> Result<Prepared, Fault> {
        let same = kept.filter(|kept| kept.origin == origin);
        let before = same.as_ref().map(|kept| kept.lost_to);
        let prepared = match same {
            Some(kept) => Prepared { lost_to: kept.lost_to.max(lost_to), ..kept },
            None => Prepared {
                origin: origin.to_owned(),
                key: Signer::generate().map_err(Fault::new)?,
                lost_to,
            },
        };
        if before != Some(prepared.lost_to) {
            let text = serde_json::to_vec(&prepared).map_err(Fault::new)?;
            write_whole(disk, &data.join("secrets").join(NAME), &text)
                .map_err(JournalError::io("secrets/next.epoch"))?;
        }
        Ok(prepared)
    }

    pub fn signer(&self) -> Result<Signer, Fault> {
        Signer::from_pkcs8(&self.origin, &self.key)
            .map_err(|error| JournalError::damage("secrets/next.epoch", error.to_string()).into())
    }

    /// Puts origin and key where every start looks for them.
    pub fn take_up(&self, disk: &dyn Disk, data: &Path) -> Result<(), Fault> {
        for (name, bytes) in [(secrets::ORIGIN, self.origin.as_bytes()), (secrets::KEY, &self.key)]
        {
            write_whole(disk, &data.join("secrets").join(name), bytes)
                .map_err(JournalError::io(format!("secrets/{name}")))?;
        }
        Ok(())
    }

    /// It is in its place.
    pub fn forget(disk: &dyn Disk, data: &Path) -> Result<(), Fault> {
        let directory = data.join("secrets");
        if disk.exists(&directory.join(NAME)) {
            let forget = || {
                disk.remove(&directory.join(NAME))?;
                disk.sync_directory(&directory)
            };
            forget().map_err(JournalError::io("secrets/next.epoch"))?;
        }
        Ok(())
    }
}
