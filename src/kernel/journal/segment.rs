//! A segment file: header, seal, slots, and the scan for frames (docs/format.md, section 3).

use std::path::{Path, PathBuf};

use crate::kernel::{
    crypto::Hash,
    journal::{
        Seq,
        frame::{Frame, read_frame, u32_at, u64_at},
    },
    seeded::{self, Wrong},
};

/// A secret's place.
pub const SLOT_BYTES: usize = 32;
/// The same, as offsets on disk are counted.
const SLOT_BYTES_U32: u32 = 32;
/// What header and seal fill, whatever `align` is.
pub const SECTOR_BYTES: usize = 512;
/// Header and seal lie within this many bytes from the front, whatever `align` is.
pub const FRONT_BYTES_MAX: usize = 2 * 4096;

const MAGIC: &[u8; 8] = b"OSTJSEG1";
const SEAL_MAGIC: &[u8; 8] = b"OSTJSEAL";
const VERSION: u32 = 1;
const HEAD_BYTES: usize = 8 + 4 * 4 + 8 + 4 + 16;
const SEAL_BYTES: usize = 8 + 4 + 4 + 8 + 32 + 32;

/// What the first sector says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmentHead {
    pub size: u32,
    pub align: u32,
    pub max_entry: u32,
    pub first_seq: Seq,
    pub epoch: u32,
    pub log_id: [u8; 16],
}

/// What the seal says of a segment that will not change any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seal {
    pub frames_end: u32,
    pub slots: u32,
    pub end_seq: Seq,
    pub root: Hash,
    pub frames_hash: Hash,
}

/// The seal's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SealSector {
    Open,
    Sealed(Seal),
    /// Neither zeros nor a seal: a torn sealing, or damage.
    Unreadable,
}

/// `<first seq, 20 digits>.seg`
pub fn segment_path(directory: &Path, first_seq: Seq) -> PathBuf {
    directory.join(format!("{first_seq:020}.seg"))
}

/// The first seq in a segment's name.
pub fn first_seq_of(name: &str) -> Option<Seq> {
    let digits = name.strip_suffix(".seg")?;
    (digits.len() == 20 && digits.bytes().all(|b| b.is_ascii_digit()))
        .then(|| digits.parse().ok())?
}

impl SegmentHead {
    /// The first sector.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(SECTOR_BYTES);
        out.extend_from_slice(MAGIC);
        for field in [VERSION, self.size, self.align, self.max_entry] {
            out.extend_from_slice(&field.to_le_bytes());
        }
        out.extend_from_slice(&self.first_seq.to_le_bytes());
        out.extend_from_slice(&self.epoch.to_le_bytes());
        out.extend_from_slice(&self.log_id);
        close_sector(out)
    }

    /// Reads the front of a segment. `None`: it is damaged or of another version.
    pub fn decode(front: &[u8]) -> Option<SegmentHead> {
        let sector = front.get(..SECTOR_BYTES)?;
        let head = SegmentHead {
            size: u32_at(sector, 12)?,
            align: u32_at(sector, 16)?,
            max_entry: u32_at(sector, 20)?,
            first_seq: u64_at(sector, 24)?,
            epoch: u32_at(sector, 32)?,
            log_id: sector.get(36..52)?.try_into().ok()?,
        };
        let good = u32_at(sector, 8)? == VERSION
            && matches!(head.align, 512 | 4096)
            && head.size.is_multiple_of(head.align)
            && is_closed(front.get(..head.align_bytes())?, MAGIC, HEAD_BYTES);
        good.then_some(head)
    }

    /// Where the seal stands: never in one sector with the header.
    pub fn seal_offset(&self) -> usize {
        self.align_bytes()
    }

    /// Where the first frame stands.
    pub fn first_frame(&self) -> usize {
        2 * self.align_bytes()
    }

    /// `align` as a length.
    pub fn align_bytes(&self) -> usize {
        self.align as usize
    }

    /// `size` as a length.
    pub fn size_bytes(&self) -> usize {
        self.size as usize
    }

    /// Slots in one aligned block.
    pub fn slots_per_block(&self) -> u32 {
        self.align / SLOT_BYTES_U32
    }

    /// Offset of a slot from the front. `None`: there is no such slot.
    pub fn slot_offset(&self, slot: u32) -> Option<usize> {
        self.size_bytes().checked_sub((slot as usize).checked_add(1)?.checked_mul(SLOT_BYTES)?)
    }

    /// Where the area of the first `slots` slots begins.
    pub fn slots_start(&self, slots: u32) -> usize {
        self.size_bytes().saturating_sub((slots as usize).saturating_mul(SLOT_BYTES))
    }

    /// A slot in the area at the end of an unsealed segment.
    pub fn slot_in(&self, file: &[u8], slot: u32) -> Option<[u8; SLOT_BYTES]> {
        let at = self.slot_offset(slot)?;
        file.get(at..at + SLOT_BYTES)?.try_into().ok()
    }

    /// Whether frames up to `frames_end` and `slots` slots leave each other whole blocks.
    pub fn has_room(&self, frames_end: usize, slots: u32) -> bool {
        let slots = slots.next_multiple_of(self.slots_per_block()) as usize;
        frames_end.next_multiple_of(self.align_bytes()).saturating_add(slots * SLOT_BYTES)
            <= self.size_bytes()
    }
}

impl Seal {
    /// The seal's sector.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(SECTOR_BYTES);
        out.extend_from_slice(SEAL_MAGIC);
        out.extend_from_slice(&self.frames_end.to_le_bytes());
        out.extend_from_slice(&self.slots.to_le_bytes());
        out.extend_from_slice(&self.end_seq.to_le_bytes());
        out.extend_from_slice(&self.root);
        out.extend_from_slice(&self.frames_hash);
        close_sector(out)
    }

    /// `frames_end` as a length.
    pub fn frames_end_bytes(&self) -> usize {
        self.frames_end as usize
    }
}

impl SealSector {
    /// Reads what stands between header and frames.
    pub fn decode(front: &[u8], head: &SegmentHead) -> SealSector {
        let Some(sector) = front.get(head.seal_offset()..head.first_frame()) else {
            return SealSector::Unreadable;
        };
        if sector.iter().all(|byte| *byte == 0) {
            return SealSector::Open;
        }
        read_seal(sector).map_or(SealSector::Unreadable, SealSector::Sealed)
    }

    /// The seal, if it is whole.
    pub fn seal(&self) -> Option<&Seal> {
        if let SealSector::Sealed(seal) = self { Some(seal) } else { None }
    }
}

fn read_seal(sector: &[u8]) -> Option<Seal> {
    is_closed(sector, SEAL_MAGIC, SEAL_BYTES).then_some(())?;
    Some(Seal {
        frames_end: u32_at(sector, 8)?,
        slots: u32_at(sector, 12)?,
        end_seq: u64_at(sector, 16)?,
        root: sector.get(24..56)?.try_into().ok()?,
        frames_hash: sector.get(56..88)?.try_into().ok()?,
    })
}

/// The frames of a segment, as far as each is good where it stands.
pub struct Scan {
    pub frames: Vec<Frame>,
    /// First place that is not a good frame.
    pub stop: usize,
    /// Slots used, gaps before them included.
    pub slots: u32,
    pub next_seq: Seq,
    /// Leaf of the last frame, or what was given.
    pub last_leaf: Option<Hash>,
    /// The frame before was lost, so that nobody knows where and with which slots the next one
    /// stands. Only an auditor goes on then.
    pub after_gap: bool,
    /// The header before is damaged, so that nobody knows what `prev` the next one has.
    pub prev_unknown: bool,
}

/// Reads frames from the front, each against its predecessor. `before` is the leaf of the last
/// entry of the segment before.
pub fn scan(file: &[u8], head: &SegmentHead, before: Option<Hash>) -> Scan {
    let mut found = Scan::new(head, before);
    while let Some(frame) = found.next(file, head) {
        found.take(frame);
    }
    found
}

impl Scan {
    /// A scan that has seen nothing.
    pub fn new(head: &SegmentHead, before: Option<Hash>) -> Scan {
        Scan {
            frames: Vec::new(),
            stop: head.first_frame(),
            slots: 0,
            next_seq: head.first_seq,
            last_leaf: before,
            after_gap: false,
            prev_unknown: false,
        }
    }

    /// The next frame, if one that is good stands where it must: it continues the group under way,
    /// or it opens one. The frame before need not be flagged as the last of its group: recovery
    /// keeps the good head of a torn group, and what is acknowledged behind it must be found.
    pub fn next(&self, file: &[u8], head: &SegmentHead) -> Option<Frame> {
        let opening = self.stop.next_multiple_of(head.align_bytes());
        let behind = (opening != self.stop).then_some(self.stop);
        behind.into_iter().chain([opening]).find_map(|at| {
            let gap = file.get(self.stop..at)?;
            read_frame(file, at)
                .filter(|frame| self.fits(frame, head) && gap.iter().all(|byte| *byte == 0))
        })
    }

    /// Goes on behind a frame.
    pub fn take(&mut self, frame: Frame) {
        self.stop = frame.end;
        self.slots = frame.slots_end();
        self.next_seq = frame.header.seq + 1;
        self.last_leaf = Some(frame.leaf);
        self.after_gap = false;
        self.prev_unknown = false;
        self.frames.push(frame);
    }

    fn fits(&self, frame: &Frame, head: &SegmentHead) -> bool {
        let prev = self.last_leaf.map_or([0; 8], first_eight);
        let before = self.frames.last().filter(|_| !self.after_gap);
        let continues = before.is_some_and(|before| {
            !before.last_of_group
                && frame.start == before.end
                && frame.group_first_seq == before.group_first_seq
                && frame.slot_first == self.slots
        });
        let opens = frame.group_first_seq == frame.header.seq
            && (frame.start.is_multiple_of(head.align_bytes())
                || seeded::is_on(Wrong::GroupsShareASector))
            && (self.after_gap
                || frame.slot_first == self.slots.next_multiple_of(head.slots_per_block())
                || seeded::is_on(Wrong::SlotsShareASector));
        frame.header.seq == self.next_seq
            && (self.after_gap || self.prev_unknown || frame.prev == prev)
            && (continues || opens || self.after_gap)
            && frame.end <= head.slots_start(frame.slots_end())
    }
}

/// The eight bytes of a leaf that the next frame carries.
pub fn first_eight(leaf: Hash) -> [u8; 8] {
    let [a, b, c, d, e, f, g, h, ..] = leaf;
    [a, b, c, d, e, f, g, h]
}

fn close_sector(mut out: Vec<u8>) -> Vec<u8> {
    let crc = crc32fast::hash(&out);
    out.extend_from_slice(&crc.to_le_bytes());
    out.resize(SECTOR_BYTES, 0);
    out
}

/// Whether a block holds `length` bytes that begin with a magic, their CRC, and zeros.
fn is_closed(block: &[u8], magic: &[u8; 8], length: usize) -> bool {
    let (Some(body), Some(rest)) = (block.get(..length), block.get(length + 4..)) else {
        return false;
    };
    body.starts_with(magic)
        && u32_at(block, length) == Some(crc32fast::hash(body))
        && rest.iter().all(|byte| *byte == 0)
}
