//! Erasing texts: tombstones in the place of secrets, and blob files removed. Done again it changes nothing.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use crate::kernel::{
    blobs::blob_path,
    crypto::Hash,
    journal::{
        self, JournalError, Seq, entry,
        frame::Frame,
        keys::{self, KeysFile},
        segment::SLOT_BYTES,
        tombstone::{is_tombstone, tombstone},
    },
    seeded::{self, Wrong},
    store::{Fault, Store},
};

/// An order, by the entry that its tombstones name.
pub(super) struct Named<'a> {
    pub seq: Seq,
    pub leaf: Hash,
    pub order: &'a entry::Erasure,
}

/// One slot to be overwritten.
struct Tomb {
    slot: u32,
    seq: Seq,
    body: u32,
}

impl Store {
    /// Erases what an order names, in keys files and among the blobs. The segments are sealed.
    pub(super) fn erase_texts(&self, named: &Named<'_>) -> Result<(), Fault> {
        for (first_seq, tombs) in self.tombs(named)? {
            self.bury(named, first_seq, &tombs)?;
        }
        self.remove_blobs(named)
    }

    /// The slots to be overwritten, by segment.
    fn tombs(&self, named: &Named<'_>) -> Result<BTreeMap<Seq, Vec<Tomb>>, Fault> {
        let mut tombs: BTreeMap<Seq, Vec<Tomb>> = BTreeMap::new();
        let mut frame: Option<Frame> = None;
        for (seq, body) in named.order.pairs() {
            if frame.as_ref().is_none_or(|frame| frame.header.seq != seq) {
                frame = Some(self.reader().frame(seq)?.frame);
            }
            let slot_first = frame.as_ref().map_or(0, |frame| frame.slot_first);
            let first_seq = self.reader().segment_first(seq)?;
            let tomb = Tomb { slot: slot_first.saturating_add(body), seq, body };
            tombs.entry(first_seq).or_default().push(tomb);
        }
        Ok(tombs)
    }

    /// Puts tombstones into one keys file, where they are not yet.
    fn bury(&self, named: &Named<'_>, first_seq: Seq, tombs: &[Tomb]) -> Result<(), Fault> {
        let _alone = self.reader().changing_keys();
        let directory = journal::directory(self.data());
        // The last turn may have replaced the file and not wiped the one before.
        keys::clear_old(self.disk().as_ref(), &directory, first_seq)?;
        let found =
            KeysFile::read(self.disk().as_ref(), &directory, first_seq).ok_or_else(|| {
                JournalError::damage(format!("{first_seq:020}.keys"), "it is missing or damaged")
            })?;
        let mut keys = found;
        let mut is_changed = false;
        for tomb in tombs {
            let standing = keys.slots.get(tomb.slot as usize).copied();
            let standing = standing.ok_or_else(|| Fault::new("a keys file is too short"))?;
            if self.is_buried(&standing, tomb)? {
                continue;
            }
            if let Some(slot) = keys.slots.get_mut(tomb.slot as usize) {
                *slot = tombstone(named.seq, &named.leaf, tomb.seq, tomb.body);
                is_changed = true;
            }
        }
        if is_changed {
            keys.generation += 1;
            keys.replace(self.disk().as_ref(), &directory)?;
        }
        self.reader().switch_to_keys(first_seq)?;
        Ok(())
    }

    /// Whether a slot holds the tombstone of some order that names this body: any one of them is right.
    fn is_buried(&self, slot: &[u8; SLOT_BYTES], tomb: &Tomb) -> Result<bool, Fault> {
        if !is_tombstone(slot) {
            return Ok(false);
        }
        let by = slot.get(8..16).and_then(|seq| seq.try_into().ok()).map(Seq::from_le_bytes);
        let Some(by) = by.filter(|by| *by < self.reader().length()) else { return Ok(false) };
        let frame = self.reader().frame(by)?.frame;
        let names_it = frame
            .header
            .erasure
            .as_ref()
            .is_some_and(|order| order.pairs().any(|pair| pair == (tomb.seq, tomb.body)));
        Ok(names_it && *slot == tombstone(by, &frame.leaf, tomb.seq, tomb.body))
    }

    fn blobs_of(&self, named: &Named<'_>) -> Result<Vec<PathBuf>, Fault> {
        let mut paths = Vec::new();
        for (seq, body) in named.order.pairs() {
            let header = self.reader().frame(seq)?.frame.header;
            let file = header.bodies.get(body as usize).and_then(|body| body.detached);
            paths.extend(file.map(|file| blob_path(self.data(), &file)));
        }
        Ok(paths)
    }

    fn remove_blobs(&self, named: &Named<'_>) -> Result<(), Fault> {
        if seeded::is_on(Wrong::ErasedTooSoonSaid) {
            return Ok(());
        }
        let mut directories = BTreeSet::new();
        for path in self.blobs_of(named)? {
            if self.disk().exists(&path) {
                self.disk().remove(&path).map_err(JournalError::io("removing a blob"))?;
            }
            // Also if it was gone: its name may be only in memory.
            directories.extend(path.parent().map(std::path::Path::to_owned));
        }
        for directory in directories {
            if self.disk().exists(&directory) {
                let synced = self.disk().sync_directory(&directory);
                synced.map_err(JournalError::io("removing blobs"))?;
            }
        }
        Ok(())
    }

    /// Whether something that an order named can still be read.
    pub(super) fn is_unfinished(&self, named: &Named<'_>) -> Result<bool, Fault> {
        if self.blobs_of(named)?.iter().any(|path| self.disk().exists(path)) {
            return Ok(true);
        }
        let directory = journal::directory(self.data());
        for (first_seq, tombs) in self.tombs(named)? {
            let keys = KeysFile::read(self.disk().as_ref(), &directory, first_seq);
            for tomb in tombs {
                let slot = keys.as_ref().and_then(|keys| keys.slots.get(tomb.slot as usize));
                if !slot.is_some_and(|slot| self.is_buried(slot, &tomb).unwrap_or(false)) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }
}
