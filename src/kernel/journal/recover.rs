//! What a start finds in the journal, and what it does about it (docs/format.md, section 4).
//!
//! A clean end, a torn tail and damage are three different things. Only a torn tail is cut, never
//! below the floor, and what is cut is kept aside.

use std::path::{Path, PathBuf};

use crate::kernel::{
    crypto::{Hash, Secret},
    durable::{Disk, write_whole},
    journal::{
        JournalError, Seq,
        frame::{Frame, candidates, read_frame},
        sealed::open_body,
        segment::{
            KeysFile, SECTOR_BYTES, SLOT_BYTES, Scan, Seal, SealSector, SegmentHead, first_seq_of,
            keys_path, scan, segment_path,
        },
    },
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
    /// Entries below the floor with a secret that does not open.
    pub damaged_text: Vec<Seq>,
}

/// Everything recovery needs.
pub struct Recovery<'a> {
    pub disk: &'a dyn Disk,
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
    /// Damage, or a device that does not answer. Nothing was changed then, except that a torn
    /// sealing may have been undone.
    pub fn run(&self) -> Result<Recovered, JournalError> {
        let mut firsts: Vec<Seq> = self
            .disk
            .names(self.directory)
            .map_err(JournalError::io("listing the journal"))?
            .iter()
            .filter_map(|name| first_seq_of(name))
            .collect();
        firsts.sort_unstable();
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
            let path = segment_path(self.directory, first);
            let (head, seal) = if Some(first) == last {
                return self.last_segment(segments, &path, first);
            } else {
                self.sealed_segment(&path, first)?
            };
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

    /// An earlier segment: header and seal must be good. Its contents are the scrubber's business.
    fn sealed_segment(&self, path: &Path, first: Seq) -> Result<(SegmentHead, Seal), JournalError> {
        let file = self
            .disk
            .open(path)
            .map_err(JournalError::io(format!("opening {}", path.display())))?;
        let mut start = vec![0; 2 * SECTOR_BYTES];
        file.read_exact_at(&mut start, 0)
            .map_err(JournalError::io(format!("reading {}", path.display())))?;
        let head = head_of(&start, path, first)?;
        match SealSector::decode(&start) {
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
        path: &Path,
        first: Seq,
    ) -> Result<Recovered, JournalError> {
        let bytes = self
            .disk
            .read_from_device(path)
            .map_err(JournalError::io(format!("reading {}", path.display())))?;
        let head = head_of(&bytes, path, first)?;
        let before = match segments.last() {
            None => None,
            Some(segment) => self.last_leaf_of(segment)?,
        };
        match SealSector::decode(&bytes) {
            SealSector::Sealed(seal) => {
                self.finish_sealing(path, &bytes, &head, &seal)?;
                let found = scan(&bytes, &head, before, true);
                if found.next_seq != seal.end_seq || found.stop != seal.frames_end as usize {
                    return Err(JournalError::damage(
                        path.display().to_string(),
                        format!("entry {} of a sealed segment is unreadable", found.next_seq),
                    ));
                }
                if seal.end_seq < self.floor {
                    return Err(below_floor(seal.end_seq, self.floor));
                }
                segments.push(FoundSegment { head, seal: Some(seal) });
                let last_leaf = found.last_leaf;
                Ok(Recovered {
                    segments,
                    open: None,
                    length: seal.end_seq,
                    last_leaf,
                    cut: 0,
                    damaged_text: Vec::new(),
                })
            }
            sector => {
                let bytes = if sector == SealSector::Unreadable {
                    self.undo_sealing(path, bytes, first)?
                } else {
                    bytes
                };
                self.remove_keys(first)?;
                if bytes.len() != head.size_bytes() {
                    return Err(JournalError::damage(
                        path.display().to_string(),
                        "an open segment is not as long as its header says",
                    ));
                }
                self.open_segment(segments, path, &bytes, head, before)
            }
        }
    }

    /// A seal that is neither zeros nor whole: the machine died while it was written, so the keys
    /// file is not yet needed and the slots are still in place.
    fn undo_sealing(
        &self,
        path: &Path,
        mut bytes: Vec<u8>,
        first: Seq,
    ) -> Result<Vec<u8>, JournalError> {
        let keys = self
            .disk
            .read(&keys_path(self.directory, first))
            .ok()
            .and_then(|file| KeysFile::decode(&file));
        if keys.is_none() {
            return Err(JournalError::damage(
                path.display().to_string(),
                "the seal is unreadable and there is no keys file: this was no torn sealing",
            ));
        }
        let file = self.disk.open(path).map_err(JournalError::io("opening a segment"))?;
        file.write_all_at(&[0; SECTOR_BYTES], SECTOR_BYTES as u64)
            .map_err(JournalError::io("clearing a torn seal"))?;
        file.sync_data().map_err(JournalError::io("clearing a torn seal"))?;
        if let Some(sector) = bytes.get_mut(SECTOR_BYTES..2 * SECTOR_BYTES) {
            sector.fill(0);
        }
        Ok(bytes)
    }

    /// A keys file beside an unsealed segment is half a sealing: overwritten, then removed.
    fn remove_keys(&self, first: Seq) -> Result<(), JournalError> {
        let path = keys_path(self.directory, first);
        if !self.disk.exists(&path) {
            return Ok(());
        }
        let wipe = || {
            let file = self.disk.open(&path)?;
            let length = usize::try_from(file.len()?).map_err(std::io::Error::other)?;
            file.write_all_at(&vec![0; length], 0)?;
            file.sync_all()?;
            self.disk.remove(&path)?;
            self.disk.sync_directory(self.directory)
        };
        wipe().map_err(JournalError::io("removing a half-made keys file"))
    }

    /// Steps 3 and 4 of sealing, again: both change nothing where they are already done.
    fn finish_sealing(
        &self,
        path: &Path,
        bytes: &[u8],
        head: &SegmentHead,
        seal: &Seal,
    ) -> Result<(), JournalError> {
        let keys = self
            .disk
            .read(&keys_path(self.directory, head.first_seq))
            .ok()
            .and_then(|file| KeysFile::decode(&file));
        let fits = keys.is_some_and(|keys| {
            keys.first_seq == head.first_seq && keys.slots.len() == seal.slots as usize
        });
        if !fits {
            return Err(JournalError::damage(
                path.display().to_string(),
                "the segment is sealed, but its keys file is missing or damaged",
            ));
        }
        finish_sealed_file(self.disk, path, bytes.len(), head, seal)
            .map_err(JournalError::io("finishing a sealing"))
    }

    fn last_leaf_of(&self, segment: &FoundSegment) -> Result<Option<Hash>, JournalError> {
        let path = segment_path(self.directory, segment.head.first_seq);
        let bytes = self
            .disk
            .read(&path)
            .map_err(JournalError::io(format!("reading {}", path.display())))?;
        // The chain inside is checked from its own first frame: `prev` of that one is not known here
        // and is the scrubber's business.
        let leaf = candidates(&bytes, segment.head.first_frame())
            .filter_map(|at| read_frame(&bytes, at))
            .filter(|frame| Some(frame.header.seq + 1) == segment.seal.map(|seal| seal.end_seq))
            .last()
            .map(|frame| frame.leaf);
        leaf.map(Some).ok_or_else(|| {
            JournalError::damage(path.display().to_string(), "its last entry is unreadable")
        })
    }

    fn open_segment(
        &self,
        segments: Vec<FoundSegment>,
        path: &Path,
        bytes: &[u8],
        head: SegmentHead,
        before: Option<Hash>,
    ) -> Result<Recovered, JournalError> {
        let found = scan(bytes, &head, before, false);
        let lowest_slot = head.size_bytes() - found.slots as usize * SLOT_BYTES;
        let rest_is_zero = bytes
            .get(found.stop..lowest_slot)
            .is_some_and(|rest| rest.iter().all(|byte| *byte == 0));
        let later = if rest_is_zero { None } else { self.later_frame(bytes, &found)? };
        if let Some(later) = later.filter(|later| later.group_first_seq > found.next_seq) {
            return Err(JournalError::damage(
                format!("{} at byte {}", path.display(), found.stop),
                format!(
                    "entry {} is unreadable, but entry {} behind it is whole",
                    found.next_seq, later.header.seq
                ),
            ));
        }
        let (keep, damaged_text) = self.judge_last_group(bytes, &head, &found);
        let kept = &found.frames.get(..keep).unwrap_or_default();
        let length = head.first_seq + keep as u64;
        let floor = segments
            .iter()
            .filter_map(|s| s.seal)
            .map(|s| s.end_seq)
            .max()
            .unwrap_or(0)
            .max(self.floor);
        if length < floor {
            return Err(below_floor(length, floor));
        }
        let (end, slots) = kept.last().map_or((head.first_frame(), 0), |frame| {
            (frame.end, frame.slot_first + frame.header.bodies.len() as u32)
        });
        let torn = !rest_is_zero || keep < found.frames.len();
        if torn {
            self.keep_torn(bytes, end, head.size_bytes() - slots as usize * SLOT_BYTES, length)?;
        }
        self.settle(
            path,
            bytes,
            if torn { Some(end..head.size_bytes() - slots as usize * SLOT_BYTES) } else { None },
        )?;
        let open = FoundOpen {
            head,
            positions: kept.iter().map(|frame| frame.start).collect(),
            end,
            slots,
        };
        let last_leaf = kept.last().map(|frame| frame.leaf).or(before);
        let cut = (found.frames.len() - keep) as u64;
        Ok(Recovered { segments, open: Some(open), length, last_leaf, cut, damaged_text })
    }

    /// A frame behind the stop that is good by itself: the one of the latest group.
    fn later_frame(&self, bytes: &[u8], found: &Scan) -> Result<Option<Frame>, JournalError> {
        Ok(candidates(bytes, found.stop)
            .filter_map(|at| read_frame(bytes, at))
            .max_by_key(|frame| frame.group_first_seq))
    }

    /// How many frames stay: of the last group, those whose secrets open.
    fn judge_last_group(
        &self,
        bytes: &[u8],
        head: &SegmentHead,
        found: &Scan,
    ) -> (usize, Vec<Seq>) {
        let mut damaged = Vec::new();
        let Some(group) = found.frames.last().map(|frame| frame.group_first_seq) else {
            return (0, damaged);
        };
        let start =
            found.frames.iter().position(|frame| frame.group_first_seq == group).unwrap_or(0);
        for (index, frame) in found.frames.iter().enumerate().skip(start) {
            if secrets_open(bytes, head, frame) {
                continue;
            }
            if frame.header.seq < self.floor {
                damaged.push(frame.header.seq);
            } else {
                return (index, damaged);
            }
        }
        (found.frames.len(), damaged)
    }

    fn keep_torn(
        &self,
        bytes: &[u8],
        from: usize,
        to: usize,
        length: Seq,
    ) -> Result<(), JournalError> {
        let torn = self.directory.join("torn");
        self.disk.create_directory(&torn).map_err(JournalError::io("keeping a torn tail"))?;
        let tail = bytes.get(from..to).unwrap_or_default();
        let used = tail.iter().rposition(|byte| *byte != 0).map_or(0, |at| at + 1);
        let path: PathBuf = torn.join(format!("{}-{length}.bin", self.now_ms));
        write_whole(self.disk, &path, tail.get(..used).unwrap_or_default())
            .map_err(JournalError::io("keeping a torn tail"))
    }

    /// Zeroes what was cut, only where it is not zero already, and makes all that was read durable:
    /// after a kill the bytes may have been in memory only.
    fn settle(
        &self,
        path: &Path,
        bytes: &[u8],
        cut: Option<std::ops::Range<usize>>,
    ) -> Result<(), JournalError> {
        let file = self
            .disk
            .open(path)
            .map_err(JournalError::io(format!("opening {}", path.display())))?;
        if let Some(cut) = cut {
            let mut at = cut.start;
            while at < cut.end {
                let next = ((at / SECTOR_BYTES + 1) * SECTOR_BYTES).min(cut.end);
                if bytes.get(at..next).is_some_and(|sector| sector.iter().any(|byte| *byte != 0)) {
                    file.write_all_at(&vec![0; next - at], at as u64)
                        .map_err(JournalError::io("clearing a torn tail"))?;
                }
                at = next;
            }
        }
        file.sync_data().map_err(JournalError::io("making the last segment durable"))
    }
}

/// Zeroes the slot area of a sealed segment and cuts it off.
pub(super) fn finish_sealed_file(
    disk: &dyn Disk,
    path: &Path,
    length: usize,
    head: &SegmentHead,
    seal: &Seal,
) -> std::io::Result<()> {
    let end = (seal.frames_end as usize).next_multiple_of(head.align_bytes());
    if length <= end {
        return Ok(());
    }
    let file = disk.open(path)?;
    if length == head.size_bytes() {
        let slots = seal.slots.next_multiple_of(head.slots_per_block()) as usize * SLOT_BYTES;
        file.write_all_at(&vec![0; slots], (head.size_bytes() - slots) as u64)?;
        file.sync_data()?;
    }
    file.set_len(end as u64)?;
    file.sync_all()
}

/// Whether every attached body of a frame opens with the secret in its slot.
fn secrets_open(bytes: &[u8], head: &SegmentHead, frame: &Frame) -> bool {
    frame.header.bodies.iter().zip(&frame.bodies).zip(frame.slot_first..).all(
        |((descriptor, place), slot)| {
            if descriptor.detached.is_some() {
                return true;
            }
            let secret = slot_in(bytes, head, slot);
            secret.zip(bytes.get(place.clone())).is_some_and(|(secret, stored)| {
                open_body(&Secret(secret), &descriptor.commitment, stored).is_some()
            })
        },
    )
}

/// A slot of an open segment.
pub(super) fn slot_in(bytes: &[u8], head: &SegmentHead, slot: u32) -> Option<[u8; SLOT_BYTES]> {
    let at = head.slot_offset(slot)?;
    bytes.get(at..at + SLOT_BYTES)?.try_into().ok()
}

fn head_of(bytes: &[u8], path: &Path, first: Seq) -> Result<SegmentHead, JournalError> {
    SegmentHead::decode(bytes).filter(|head| head.first_seq == first).ok_or_else(|| {
        JournalError::damage(
            path.display().to_string(),
            "the segment header is unreadable or of another segment",
        )
    })
}

fn below_floor(length: Seq, floor: Seq) -> JournalError {
    JournalError::damage(
        "journal",
        format!("it ends after {length} entries, but {floor} are proven durable"),
    )
}
