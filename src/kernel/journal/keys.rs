//! Keys files: the secrets of a sealed segment, apart from it, so that an erasure replaces the one
//! and never the other (docs/format.md, sections 3 and 6).
//!
//! They hold secrets, so no moment of a crash may leave one in blocks that no name leads to.

use std::path::{Path, PathBuf};

use crate::kernel::{
    crypto::{Secret, hash},
    durable::Disk,
    journal::{
        JournalError, Seq,
        frame::{u32_at, u64_at},
        segment::SLOT_BYTES,
    },
    seeded::{self, Wrong},
};

const MAGIC: &[u8; 8] = b"OSTJKEY1";
const HEAD_BYTES: usize = 8 + 8 + 4 + 4;

/// The secrets of a sealed segment.
pub struct KeysFile {
    pub first_seq: Seq,
    /// From 1, one more for each replacement.
    pub generation: u32,
    pub slots: Vec<[u8; SLOT_BYTES]>,
}

/// `<first seq, 20 digits>.keys`
pub fn keys_path(directory: &Path, first_seq: Seq) -> PathBuf {
    directory.join(format!("{first_seq:020}.keys"))
}

impl KeysFile {
    /// The whole file.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(HEAD_BYTES + (self.slots.len() + 1) * SLOT_BYTES);
        out.extend_from_slice(MAGIC);
        out.extend_from_slice(&self.first_seq.to_le_bytes());
        out.extend_from_slice(&u32::try_from(self.slots.len()).unwrap_or(u32::MAX).to_le_bytes());
        out.extend_from_slice(&self.generation.to_le_bytes());
        for slot in &self.slots {
            out.extend_from_slice(slot);
        }
        let sum = hash(&[&out]);
        out.extend_from_slice(&sum);
        out
    }

    /// Reads the whole file. `None`: a bit is wrong, or it is cut.
    pub fn decode(file: &[u8]) -> Option<KeysFile> {
        let (body, sum) = file.split_at_checked(file.len().checked_sub(SLOT_BYTES)?)?;
        if hash(&[body]) != sum || body.get(..8)? != MAGIC {
            return None;
        }
        let count = usize::try_from(u32_at(body, 16)?).ok()?;
        let (slots, rest) = body.get(HEAD_BYTES..)?.as_chunks::<SLOT_BYTES>();
        let (first_seq, generation) = (u64_at(body, 8)?, u32_at(body, 20)?);
        (slots.len() == count && rest.is_empty() && generation > 0).then(|| KeysFile {
            first_seq,
            generation,
            slots: slots.to_vec(),
        })
    }

    /// What stands where the slots of a damaged file would: an auditor judges each by itself.
    pub fn slots_of_damaged(file: &[u8]) -> Vec<[u8; SLOT_BYTES]> {
        let slots = file.get(HEAD_BYTES..file.len().saturating_sub(SLOT_BYTES));
        slots.unwrap_or_default().as_chunks::<SLOT_BYTES>().0.to_vec()
    }

    /// Reads the keys of a segment. `None`: there are none, or they are not whole.
    pub fn read(disk: &dyn Disk, directory: &Path, first_seq: Seq) -> Option<KeysFile> {
        disk.read(&keys_path(directory, first_seq)).ok().and_then(|file| KeysFile::decode(&file))
    }

    /// The secret of a slot.
    pub fn secret(&self, slot: u32) -> Option<Secret> {
        self.slots.get(slot as usize).map(|bytes| Secret(*bytes))
    }

    /// Writes the file whole.
    ///
    /// # Errors
    /// The device failed or is full.
    pub fn write(&self, disk: &dyn Disk, directory: &Path) -> std::io::Result<()> {
        let temporary = self.write_aside(disk, directory)?;
        disk.rename(&temporary, &keys_path(directory, self.first_seq))?;
        disk.sync_directory(directory)
    }

    /// Writes the next generation in the place of the one that stands, whose bytes are overwritten: a
    /// rename alone would free them as they are. No moment of a crash leaves the segment without a keys
    /// file, or an old one that nothing leads to.
    ///
    /// # Errors
    /// The device failed or is full. Done again, it goes on where it stopped.
    pub fn replace(&self, disk: &dyn Disk, directory: &Path) -> Result<(), JournalError> {
        clear_old(disk, directory, self.first_seq)?;
        let path = keys_path(directory, self.first_seq);
        let old = old_path(directory, self.first_seq);
        let steps = || {
            let temporary = self.write_aside(disk, directory)?;
            if seeded::is_on(Wrong::OldKeysNotWiped) {
                disk.rename(&temporary, &path)?;
                return disk.sync_directory(directory);
            }
            disk.link(&path, &old)?;
            if !seeded::is_on(Wrong::OldKeysNameNotSynced) {
                disk.sync_directory(directory)?;
            }
            disk.rename(&temporary, &path)?;
            disk.sync_directory(directory)?;
            wipe(disk, directory, &old)
        };
        steps().map_err(JournalError::io(format!("replacing {}", path.display())))
    }

    /// Writes the file under its temporary name, durably. The name and the full length are durable, in
    /// zeros, before the first secret is written over them: a crash then leaves no secret that nothing
    /// leads to.
    fn write_aside(&self, disk: &dyn Disk, directory: &Path) -> std::io::Result<PathBuf> {
        let temporary = directory.join(format!("{:020}.keys.tmp", self.first_seq));
        if disk.exists(&temporary) {
            // An attempt that failed: emptying the file would free secrets as they are.
            wipe(disk, directory, &temporary)?;
        }
        let bytes = self.encode();
        let file = disk.create(&temporary)?;
        file.write_all_at(&vec![0; bytes.len()], 0)?;
        file.sync_all()?;
        if !seeded::is_on(Wrong::KeysNameNotSynced) {
            disk.sync_directory(directory)?;
        }
        file.write_all_at(&bytes, 0)?;
        file.sync_all()?;
        Ok(temporary)
    }
}

fn old_path(directory: &Path, first_seq: Seq) -> PathBuf {
    directory.join(format!("{first_seq:020}.keys.old"))
}

/// Wipes what a replacement left that could not wipe it: the old generation, with what it held.
///
/// # Errors
/// The device failed, or the keys file that took its place is damaged: both are kept then.
pub fn clear_old(disk: &dyn Disk, directory: &Path, first_seq: Seq) -> Result<(), JournalError> {
    let old = old_path(directory, first_seq);
    if !disk.exists(&old) {
        return Ok(());
    }
    clear_old_generation(disk, directory, &keys_path(directory, first_seq), &old)
}

/// Overwrites a file with zeros, durably, and removes its name.
///
/// # Errors
/// The device failed.
pub fn wipe(disk: &dyn Disk, directory: &Path, path: &Path) -> std::io::Result<()> {
    let file = disk.open(path)?;
    let length = usize::try_from(file.len()?).map_err(std::io::Error::other)?;
    file.write_all_at(&vec![0; length], 0)?;
    file.sync_all()?;
    disk.remove(path)?;
    disk.sync_directory(directory)
}

/// Removes what interrupted steps left: the segment prepared ahead, half-written keys files, and old
/// generations that were replaced. What holds secrets is overwritten first.
///
/// # Errors
/// The device failed, or an old generation stands beside a damaged one: both are kept then.
pub fn clear_leftovers(disk: &dyn Disk, directory: &Path) -> Result<(), JournalError> {
    for name in disk.names(directory).map_err(JournalError::io("listing the journal"))? {
        let path = directory.join(&name);
        let cleared = if name == "next.tmp" {
            disk.remove(&path).and_then(|()| disk.sync_directory(directory))
        } else if name.ends_with(".keys.tmp") {
            wipe(disk, directory, &path)
        } else if let Some(current) = name.strip_suffix(".old").filter(|it| it.ends_with(".keys")) {
            clear_old_generation(disk, directory, &directory.join(current), &path)?;
            Ok(())
        } else {
            Ok(())
        };
        cleared.map_err(JournalError::io(format!("clearing {}", path.display())))?;
    }
    Ok(())
}

/// A crash between linking the old generation and renaming the new one over it leaves two names of
/// one file: overwriting the old name would destroy the secrets.
fn clear_old_generation(
    disk: &dyn Disk,
    directory: &Path,
    current: &Path,
    old: &Path,
) -> Result<(), JournalError> {
    let now = disk.read(current).ok().filter(|bytes| KeysFile::decode(bytes).is_some());
    let now = now.ok_or_else(|| {
        JournalError::damage(
            current.display().to_string(),
            "it is damaged or missing; its predecessor beside it is kept",
        )
    })?;
    let io = || JournalError::io(format!("clearing {}", old.display()));
    if disk.read(old).map_err(io())? == now {
        disk.remove(old).and_then(|()| disk.sync_directory(directory)).map_err(io())
    } else {
        wipe(disk, directory, old).map_err(io())
    }
}
