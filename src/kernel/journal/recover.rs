//! What a start finds in the journal, and what it does about it (docs/format.md, section 4).
//!
//! A clean end, a torn tail and damage are three different things. Only a torn tail is cut, never
//! below the floor, and what is cut is kept aside.

use std::path::{Path, PathBuf};

use crate::kernel::{
    crypto::Hash,
    durable::Disk,
    journal::{
        JournalError, Seq,
        frame::{candidates, read_frame},
        keys::clear_leftovers,
        sealing,
        segment::{
            FRONT_BYTES_MAX, SECTOR_BYTES, Seal, SealSector, SegmentHead, first_seq_of, scan,
            segment_path,
        },
    },
    seeded::{self, Wrong},
};

/// A segment that passed.
pub struct FoundSegment {
    pub head: SegmentHead,
    pub seal: Option<Seal>,
}

/// The last segment, still open, ready to be appended to.
pub struct FoundOpen {
    pub head: SegmentHead,
    /// Offsets of its frames, by seq from `head.first_seq`.
    pub positions: Vec<usize>,
    pub end: usize,
    pub slots: u32,
}

/// What recovery found.
pub struct Recovered {
    pub segments: Vec<FoundSegment>,
    pub open: Option<FoundOpen>,
    /// Number of durable entries.
    pub length: Seq,
    /// Leaf of the last one.
    pub last_leaf: Option<Hash>,
    /// Entries that were cut as torn: unacknowledged.
    pub cut: u64,
    /// Entries that are proven durable, with a secret that does not open.
    pub damaged_text: Vec<Seq>,
}

impl Recovered {
    /// The epoch of the last segment; the first one where there is none.
    pub fn epoch(&self) -> u32 {
        let last = self.open.as_ref().map(|open| open.head);
        last.or_else(|| self.segments.last().map(|last| last.head)).map_or(1, |head| head.epoch)
    }

    /// The epoch for which the last segment was opened, if it has not begun.
    pub fn unfinished_epoch(&self) -> Option<u32> {
        let open = self.open.as_ref().filter(|open| open.positions.is_empty())?;
        let before = self.segments.last()?.head.epoch;
        (open.head.epoch != before).then_some(open.head.epoch)
    }
}

/// Everything recovery needs.
pub struct Recovery<'a> {
    pub disk: &'a dyn Disk,
    /// `journal/` of a data directory.
    pub directory: &'a Path,
    /// Entries proven durable by the checkpoint, the index and the backup targets.
    pub floor: Seq,
    /// Names the file in which a torn tail is kept.
    pub now_ms: u64,
}

impl Recovery<'_> {
    /// Reads the journal, cuts a torn tail, and returns where writing goes on.
    ///
    /// # Errors
    /// Damage, or a device that does not answer. Nothing was changed then, except that leftovers of
    /// interrupted steps and a torn seal may have been cleared.
    pub fn run(&self) -> Result<Recovered, JournalError> {
        let firsts = self.segment_names()?;
        if !seeded::is_on(Wrong::StartDoesNotSync) {
            self.settle_names(firsts.last().copied())?;
        }
        clear_leftovers(self.disk, self.directory)?;
        let mut segments = Vec::with_capacity(firsts.len());
        let mut expected: Seq = 0;
        let last = firsts.last().copied();
        for first in firsts {
            if first != expected {
                return Err(JournalError::damage(
                    "journal",
                    format!("expected a segment from entry {expected}, found {first}"),
                ));
            }
            if Some(first) == last {
                return self.last_segment(segments, first);
            }
            let (head, seal) = self.sealed_segment(first)?;
            expected = seal.end_seq;
            segments.push(FoundSegment { head, seal: Some(seal) });
        }
        if self.floor > 0 {
            return Err(below_floor(0, self.floor));
        }
        Ok(Recovered {
            segments,
            open: None,
            length: 0,
            last_leaf: None,
            cut: 0,
            damaged_text: Vec::new(),
        })
    }

    fn segment_names(&self) -> Result<Vec<Seq>, JournalError> {
        let mut firsts: Vec<Seq> = self
            .disk
            .names(self.directory)
            .map_err(JournalError::io("listing the journal"))?
            .iter()
            .filter_map(|name| first_seq_of(name))
            .collect();
        firsts.sort_unstable();
        Ok(firsts)
    }

    /// After a kill, names and bytes may be in memory only, and all that follows relies on them: a
    /// seal that is not durable must not lead to the slots being zeroed.
    fn settle_names(&self, last: Option<Seq>) -> Result<(), JournalError> {
        let settle = || {
            let data = self.directory.parent().unwrap_or(self.directory);
            let log = data.join("log");
            for directory in [data, self.directory, log.as_path()] {
                if self.disk.exists(directory) {
                    self.disk.sync_directory(directory)?;
                }
            }
            match last {
                None => Ok(()),
                Some(first) => self.disk.open(&segment_path(self.directory, first))?.sync_all(),
            }
        };
        settle().map_err(JournalError::io("making durable what the start relies on"))
    }

    /// A sync that failed leaves in memory what never reached the device, and the next start on the same
    /// machine would read the one and judge by the other. What differs is written as the device has it.
    fn settle_memory(&self, path: &Path, on_device: &[u8]) -> Result<(), JournalError> {
        let settle = || -> std::io::Result<()> {
            let in_memory = self.disk.read(path)?;
            let sectors = in_memory.chunks(SECTOR_BYTES).zip(on_device.chunks(SECTOR_BYTES));
            let stale = sectors.enumerate().filter(|(_, (memory, device))| memory != device);
            let mut file = None;
            for (number, (_, device)) in stale {
                let file = match &file {
                    Some(file) => file,
                    None => file.insert(self.disk.open(path)?),
                };
                file.write_all_at(device, (number * SECTOR_BYTES) as u64)?;
            }
            file.map_or(Ok(()), |file| file.sync_data())
        };
        settle().map_err(JournalError::io(format!("settling {}", path.display())))
    }

    /// An earlier segment: header and seal must be good. Its contents are the scrubber's business.
    fn sealed_segment(&self, first: Seq) -> Result<(SegmentHead, Seal), JournalError> {
        let path = segment_path(self.directory, first);
        let read = || {
            let file = self.disk.open(&path)?;
            let length = usize::try_from(file.len()?).map_err(std::io::Error::other)?;
            let mut front = vec![0; length.min(FRONT_BYTES_MAX)];
            file.read_exact_at(&mut front, 0)?;
            Ok(front)
        };
        let front = read().map_err(JournalError::io(format!("reading {}", path.display())))?;
        let head = head_of(&front, &path, first)?;
        match SealSector::decode(&front, &head) {
            SealSector::Sealed(seal) => Ok((head, seal)),
            SealSector::Open | SealSector::Unreadable => Err(JournalError::damage(
                path.display().to_string(),
                "no seal, but a later segment exists",
            )),
        }
    }

    fn last_segment(
        &self,
        mut segments: Vec<FoundSegment>,
        first: Seq,
    ) -> Result<Recovered, JournalError> {
        let path = segment_path(self.directory, first);
        let mut bytes = self
            .disk
            .read_from_device(&path)
            .map_err(JournalError::io(format!("reading {}", path.display())))?;
        if !seeded::is_on(Wrong::MemoryBelieved) {
            self.settle_memory(&path, &bytes)?;
        }
        let head = head_of(&bytes, &path, first)?;
        let before = match segments.last() {
            None => None,
            Some(segment) => Some(self.last_leaf_of(segment)?),
        };
        if let SealSector::Sealed(seal) = SealSector::decode(&bytes, &head) {
            sealing::carry_on(self.disk, self.directory, &head, &seal, bytes.len())?;
            let found = scan(&bytes, &head, before);
            if found.next_seq != seal.end_seq || found.stop != seal.frames_end_bytes() {
                return Err(JournalError::damage(
                    path.display().to_string(),
                    format!("entry {} of a sealed segment is unreadable", found.next_seq),
                ));
            }
            if seal.end_seq < self.floor {
                return Err(below_floor(seal.end_seq, self.floor));
            }
            segments.push(FoundSegment { head, seal: Some(seal) });
            return Ok(Recovered {
                segments,
                open: None,
                length: seal.end_seq,
                last_leaf: found.last_leaf,
                cut: 0,
                damaged_text: Vec::new(),
            });
        }
        sealing::undo(self.disk, self.directory, &head, &mut bytes)?;
        let tail = super::tail::Tail {
            disk: self.disk,
            directory: self.directory,
            head,
            bytes: &bytes,
            before,
            floor: if seeded::is_on(Wrong::CutBelowTheFloor) { 0 } else { self.floor.max(first) },
            now_ms: self.now_ms,
        };
        let found = tail.settle()?;
        Ok(Recovered {
            segments,
            length: found.length,
            last_leaf: found.last_leaf,
            cut: found.cut,
            damaged_text: found.damaged_text,
            open: Some(found.open),
        })
    }

    fn last_leaf_of(&self, segment: &FoundSegment) -> Result<Hash, JournalError> {
        let path: PathBuf = segment_path(self.directory, segment.head.first_seq);
        let bytes = self
            .disk
            .read(&path)
            .map_err(JournalError::io(format!("reading {}", path.display())))?;
        // The chain inside is the scrubber's business.
        candidates(&bytes, segment.head.first_frame())
            .filter_map(|at| read_frame(&bytes, at))
            .filter(|frame| Some(frame.header.seq + 1) == segment.seal.map(|seal| seal.end_seq))
            .last()
            .map(|frame| frame.leaf)
            .ok_or_else(|| {
                JournalError::damage(path.display().to_string(), "its last entry is unreadable")
            })
    }
}

fn head_of(bytes: &[u8], path: &Path, first: Seq) -> Result<SegmentHead, JournalError> {
    SegmentHead::decode(bytes).filter(|head| head.first_seq == first).ok_or_else(|| {
        JournalError::damage(
            path.display().to_string(),
            "the segment header is unreadable or of another segment",
        )
    })
}

pub(super) fn below_floor(length: Seq, floor: Seq) -> JournalError {
    JournalError::damage(
        "journal",
        format!("it ends after {length} entries, but {floor} are proven durable"),
    )
}
