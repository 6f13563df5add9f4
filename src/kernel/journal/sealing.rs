//! Sealing a segment in four steps, and what a start does about a sealing that was cut short
//! (docs/format.md, section 3).

use std::path::Path;

use crate::kernel::{
    crypto::{Hash, hash},
    durable::{Disk, File},
    journal::{
        JournalError, Seq,
        keys::{KeysFile, keys_path, wipe},
        segment::{SECTOR_BYTES, SLOT_BYTES, Seal, SealSector, SegmentHead, segment_path},
    },
    seeded::{self, Wrong},
};

/// A segment that will take no more entries.
pub(super) struct Full<'a> {
    pub disk: &'a dyn Disk,
    pub directory: &'a Path,
    pub head: &'a SegmentHead,
    pub file: &'a dyn File,
    /// End of the last frame.
    pub end: usize,
    pub slots: u32,
}

impl Full<'_> {
    /// Step 1: the secrets, in a file of their own.
    pub fn write_keys(&self) -> std::io::Result<()> {
        let mut area = vec![0; self.slots as usize * SLOT_BYTES];
        self.file.read_exact_at(&mut area, self.head.slots_start(self.slots) as u64)?;
        let (slots, _) = area.as_chunks::<SLOT_BYTES>();
        let slots = slots.iter().rev().copied().collect();
        KeysFile { first_seq: self.head.first_seq, generation: 1, slots }
            .write(self.disk, self.directory)
    }

    /// Step 2: the seal. Durable, it makes the keys file the place of the secrets.
    pub fn write_seal(&self, end_seq: Seq, root: Hash) -> std::io::Result<Seal> {
        let begin = self.head.first_frame();
        let mut frames = vec![0; self.end.saturating_sub(begin)];
        self.file.read_exact_at(&mut frames, begin as u64)?;
        let seal = Seal {
            frames_end: u32::try_from(self.end).map_err(std::io::Error::other)?,
            slots: self.slots,
            end_seq,
            root,
            frames_hash: hash(&[&frames]),
        };
        if seeded::is_on(Wrong::SlotsZeroedBeforeSeal) {
            let start = self.head.slots_start(self.slots);
            self.file.write_all_at(&vec![0; self.head.size_bytes() - start], start as u64)?;
            self.file.sync_data()?;
        }
        self.file.write_all_at(&seal.encode(), self.head.seal_offset() as u64)?;
        self.file.sync_data()?;
        Ok(seal)
    }
}

/// Steps 3 and 4: zeroes the slots and cuts the file behind the frames. Again at every start: it
/// changes nothing where it was done.
pub(super) fn finish(
    disk: &dyn Disk,
    directory: &Path,
    head: &SegmentHead,
    seal: &Seal,
    length: usize,
) -> std::io::Result<()> {
    let end = seal.frames_end_bytes().next_multiple_of(head.align_bytes());
    if length <= end {
        return Ok(());
    }
    let file = disk.open(&segment_path(directory, head.first_seq))?;
    if length == head.size_bytes() {
        let slots = seal.slots.next_multiple_of(head.slots_per_block());
        let start = head.slots_start(slots);
        file.write_all_at(&vec![0; head.size_bytes() - start], start as u64)?;
        file.sync_data()?;
    }
    file.set_len(end as u64)?;
    file.sync_all()
}

/// A start found a seal: its keys file must be there before the slots may go.
pub(super) fn carry_on(
    disk: &dyn Disk,
    directory: &Path,
    head: &SegmentHead,
    seal: &Seal,
    length: usize,
) -> Result<(), JournalError> {
    let fits = KeysFile::read(disk, directory, head.first_seq).is_some_and(|keys| {
        keys.first_seq == head.first_seq && keys.slots.len() == seal.slots as usize
    });
    if !fits {
        return Err(JournalError::damage(
            keys_path(directory, head.first_seq).display().to_string(),
            "the segment is sealed, but its keys file is missing or damaged",
        ));
    }
    finish(disk, directory, head, seal, length).map_err(JournalError::io("finishing a sealing"))
}

/// A start found no whole seal in the last segment. A torn one is cleared and a keys file beside it
/// overwritten and removed, but only if the segment still holds every secret itself: if not, the
/// seal was whole once and is damaged, and the keys file is all there is.
pub(super) fn undo(
    disk: &dyn Disk,
    directory: &Path,
    head: &SegmentHead,
    file: &mut [u8],
) -> Result<(), JournalError> {
    let path = segment_path(directory, head.first_seq);
    let keys_path = keys_path(directory, head.first_seq);
    let stop = |what: &str| Err(JournalError::damage(path.display().to_string(), what));
    if file.len() != head.size_bytes() {
        return stop("it is not as long as its header says, and has no whole seal");
    }
    let torn = SealSector::decode(file, head) == SealSector::Unreadable;
    if !disk.exists(&keys_path) {
        return if torn {
            stop("the seal is damaged: there is no keys file, so no sealing was cut short")
        } else {
            Ok(())
        };
    }
    match KeysFile::read(disk, directory, head.first_seq) {
        Some(keys) => {
            let held = keys
                .slots
                .iter()
                .zip(0u32..)
                .all(|(slot, number)| head.slot_in(file, number).as_ref() == Some(slot));
            if !held && !seeded::is_on(Wrong::KeysDroppedUnasked) {
                return stop("the seal is damaged: the secrets are only in the keys file");
            }
        }
        // Half overwritten by an earlier start, which cleared the seal first.
        None if torn => return stop("the seal and the keys file are damaged"),
        None => {}
    }
    if torn {
        clear_seal(disk, head, &path, file)?;
    }
    wipe(disk, directory, &keys_path).map_err(JournalError::io("removing a half-made keys file"))
}

fn clear_seal(
    disk: &dyn Disk,
    head: &SegmentHead,
    path: &Path,
    bytes: &mut [u8],
) -> Result<(), JournalError> {
    let clear = || {
        let file = disk.open(path)?;
        file.write_all_at(&[0; SECTOR_BYTES], head.seal_offset() as u64)?;
        file.sync_data()
    };
    clear().map_err(JournalError::io("clearing a torn seal"))?;
    if let Some(sector) = bytes.get_mut(head.seal_offset()..head.first_frame()) {
        sector.fill(0);
    }
    Ok(())
}
