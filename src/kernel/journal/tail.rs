//! The end of an unsealed segment: which frames stay, what was torn, and what is damage
//! (docs/format.md, section 4, steps 3 to 6).

use std::{ops::Range, path::Path};

use crate::kernel::{
    blobs::{blob_path, open_blob},
    crypto::{Hash, Secret},
    durable::{Disk, write_whole},
    journal::{
        JournalError, Seq,
        frame::{Frame, candidates, read_frame},
        recover::{FoundOpen, below_floor},
        sealed::open_body,
        segment::{SECTOR_BYTES, Scan, SegmentHead, scan, segment_path},
    },
    seeded::{self, Wrong},
};

/// An unsealed segment as it was read from the device.
pub(super) struct Tail<'a> {
    pub disk: &'a dyn Disk,
    pub directory: &'a Path,
    pub head: SegmentHead,
    pub bytes: &'a [u8],
    /// Leaf of the entry before the segment.
    pub before: Option<Hash>,
    pub floor: Seq,
    pub now_ms: u64,
}

/// What stays of it.
pub(super) struct Kept {
    pub open: FoundOpen,
    pub length: Seq,
    pub last_leaf: Option<Hash>,
    pub cut: u64,
    pub damaged_text: Vec<Seq>,
}

/// What is decided of it.
pub(super) struct Decided {
    pub found: Scan,
    /// So many of the frames stay.
    pub keep: usize,
    damaged_text: Vec<Seq>,
    rest_is_zero: bool,
}

impl Tail<'_> {
    /// Decides what stays, and changes nothing.
    pub fn decide(&self) -> Result<Decided, JournalError> {
        let found = scan(self.bytes, &self.head, self.before);
        let lowest_slot = self.head.slots_start(found.slots);
        let rest_is_zero = self.bytes.get(found.stop..lowest_slot).is_some_and(is_zero);
        let later = if rest_is_zero { None } else { self.latest_group_behind(&found) };
        let path = segment_path(self.directory, self.head.first_seq);
        let proof = later.as_ref().filter(|frame| frame.group_first_seq > found.next_seq);
        if let Some(frame) = proof.filter(|_| !seeded::is_on(Wrong::CutInTheMiddle)) {
            return Err(JournalError::damage(
                format!("{} at byte {}", path.display(), found.stop),
                format!(
                    "entry {} is unreadable, but entry {} behind it is whole",
                    found.next_seq, frame.header.seq
                ),
            ));
        }
        let (keep, damaged_text) = self.judge_last_group(&found, later.as_ref())?;
        let length = self.head.first_seq + keep as Seq;
        if length < self.floor {
            return Err(below_floor(length, self.floor));
        }
        Ok(Decided { found, keep, damaged_text, rest_is_zero })
    }

    /// Decides, cuts what was torn, and makes what stays durable.
    pub fn settle(&self) -> Result<Kept, JournalError> {
        let Decided { found, keep, damaged_text, rest_is_zero } = self.decide()?;
        let path = segment_path(self.directory, self.head.first_seq);
        let length = self.head.first_seq + keep as Seq;
        let kept = found.frames.get(..keep).unwrap_or_default();
        let (end, slots) = kept
            .last()
            .map_or((self.head.first_frame(), 0), |frame| (frame.end, frame.slots_end()));
        let mut cut = None;
        if !rest_is_zero || keep < found.frames.len() {
            self.keep_aside(end, length)?;
            cut = Some(end..self.head.slots_start(slots));
        }
        self.clear(&path, cut)?;
        Ok(Kept {
            length,
            last_leaf: kept.last().map(|frame| frame.leaf).or(self.before),
            cut: (found.frames.len() - keep) as u64,
            damaged_text,
            open: FoundOpen {
                head: self.head,
                positions: kept.iter().map(|frame| frame.start).collect(),
                end,
                slots,
            },
        })
    }

    /// Of the frames behind the stop that are good by themselves, the one of the latest group: it
    /// proves that the groups before it were durable. Rubbish proves nothing.
    fn latest_group_behind(&self, found: &Scan) -> Option<Frame> {
        candidates(self.bytes, found.stop)
            .filter_map(|at| read_frame(self.bytes, at))
            .max_by_key(|frame| frame.group_first_seq)
    }

    /// How many frames stay: of the last group, those whose secrets open; and the entries below the floor
    /// whose secrets do not.
    ///
    /// Where a later group proves that secrets were durable which do not open now, that proof is cut next, and the
    /// start after this one would cut what this one keeps: then it is damage.
    fn judge_last_group(
        &self,
        found: &Scan,
        later: Option<&Frame>,
    ) -> Result<(usize, Vec<Seq>), JournalError> {
        let mut damaged = Vec::new();
        let Some(group) = found.frames.last().map(|frame| frame.group_first_seq) else {
            return Ok((0, damaged));
        };
        let was_durable = later.is_some_and(|frame| frame.group_first_seq > group);
        let start =
            found.frames.iter().position(|frame| frame.group_first_seq == group).unwrap_or(0);
        for (index, frame) in found.frames.iter().enumerate().skip(start) {
            if self.secrets_open(frame) || seeded::is_on(Wrong::SecretsOfTheLastGroupUnread) {
                continue;
            }
            if frame.header.seq < self.floor {
                damaged.push(frame.header.seq);
            } else if was_durable {
                return Err(self.text_damaged(frame));
            } else {
                if index == start {
                    self.judge_group_before(found, start, &mut damaged)?;
                }
                return Ok((index, damaged));
            }
        }
        Ok((found.frames.len(), damaged))
    }

    /// The last group is cut whole. It proved that the one before it was durable, secrets and all.
    fn judge_group_before(
        &self,
        found: &Scan,
        start: usize,
        damaged: &mut Vec<Seq>,
    ) -> Result<(), JournalError> {
        let before = found.frames.get(..start).unwrap_or_default();
        let group = before.last().map(|frame| frame.group_first_seq);
        for frame in before.iter().filter(|frame| Some(frame.group_first_seq) == group) {
            if self.secrets_open(frame) {
                continue;
            }
            if frame.header.seq >= self.floor {
                return Err(self.text_damaged(frame));
            }
            damaged.push(frame.header.seq);
        }
        Ok(())
    }

    fn text_damaged(&self, frame: &Frame) -> JournalError {
        let path = segment_path(self.directory, self.head.first_seq);
        let what = format!(
            "the secrets of entry {} do not open, though a later group proves that they were durable",
            frame.header.seq
        );
        JournalError::damage(format!("{} at byte {}", path.display(), frame.start), what)
    }

    /// Whether every body of a frame opens with the secret in its slot. A blob file that is missing
    /// says nothing about its slot.
    fn secrets_open(&self, frame: &Frame) -> bool {
        let data = self.directory.parent().unwrap_or(self.directory);
        frame.header.bodies.iter().zip(&frame.bodies).zip(frame.slot_first..).all(
            |((descriptor, place), slot)| {
                let Some(secret) = self.head.slot_in(self.bytes, slot).map(Secret) else {
                    return false;
                };
                match descriptor.detached {
                    None => self.bytes.get(place.clone()).is_some_and(|stored| {
                        open_body(&secret, &descriptor.commitment, stored).is_some()
                    }),
                    Some(file) => self.disk.read(&blob_path(data, &file)).ok().is_none_or(|file| {
                        open_blob(&secret, &descriptor.commitment, &file).is_some()
                    }),
                }
            },
        )
    }

    /// Keeps the cut frames that are good by themselves: never slots, never other bytes, which may
    /// be secrets.
    fn keep_aside(&self, from: usize, length: Seq) -> Result<(), JournalError> {
        let mut frames = Vec::new();
        let mut behind = from;
        for at in candidates(self.bytes, from) {
            if let Some(frame) = read_frame(self.bytes, at).filter(|_| at >= behind) {
                behind = frame.end;
                frames
                    .extend_from_slice(self.bytes.get(frame.start..frame.end).unwrap_or_default());
            }
        }
        if frames.is_empty() {
            return Ok(());
        }
        let torn = self.directory.join("torn");
        let path = torn.join(format!("{}-{length}.bin", self.now_ms));
        let keep = || {
            self.disk.create_directory(&torn)?;
            self.disk.sync_directory(self.directory)?;
            write_whole(self.disk, &path, &frames)
        };
        keep().map_err(JournalError::io("keeping a torn tail"))
    }

    /// Zeroes what was cut, only where it is not zero already.
    fn clear(&self, path: &Path, cut: Option<Range<usize>>) -> Result<(), JournalError> {
        let Some(cut) = cut.filter(|_| !seeded::is_on(Wrong::TornTailLeft)) else { return Ok(()) };
        let clear = || {
            let file = self.disk.open(path)?;
            let mut at = cut.start;
            while at < cut.end {
                let next = ((at / SECTOR_BYTES + 1) * SECTOR_BYTES).min(cut.end);
                if self.bytes.get(at..next).is_some_and(|sector| !is_zero(sector)) {
                    file.write_all_at(&vec![0; next - at], at as u64)?;
                }
                at = next;
            }
            file.sync_data()
        };
        clear().map_err(JournalError::io("clearing a torn tail"))
    }
}

fn is_zero(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| *byte == 0)
}
