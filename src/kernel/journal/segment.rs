//! A segment file: header, seal, slots, keys file, and the scan for frames (docs/format.md, section 3).

use std::path::{Path, PathBuf};

use crate::kernel::{
    crypto::{Hash, Secret, hash},
    journal::{
        Seq,
        frame::{Frame, read_frame, u32_at, u64_at},
    },
};

/// A secret's place.
pub const SLOT_BYTES: usize = 32;
/// Header and seal take a sector of this length each, whatever `align` is.
pub const SECTOR_BYTES: usize = 512;
/// Where the seal stands.
pub const SEAL_OFFSET: u64 = SECTOR_BYTES as u64;

const MAGIC: &[u8; 8] = b"OSTJSEG1";
const SEAL_MAGIC: &[u8; 8] = b"OSTJSEAL";
const KEYS_MAGIC: &[u8; 8] = b"OSTJKEY1";
const VERSION: u32 = 1;
const HEAD_BYTES: usize = 8 + 4 * 4 + 8 + 4 + 16;
const SEAL_BYTES: usize = 8 + 4 + 4 + 8 + 32 + 32;
const KEYS_HEAD_BYTES: usize = 8 + 8 + 4 + 4;

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

/// What the second sector says of a segment that will not change any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seal {
    pub frames_end: u32,
    pub slots: u32,
    pub end_seq: Seq,
    pub root: Hash,
    pub frames_hash: Hash,
}

/// The second sector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SealSector {
    Open,
    Sealed(Seal),
    /// Neither zeros nor a seal: a torn sealing, or damage.
    Unreadable,
}

/// The secrets of a sealed segment.
pub struct KeysFile {
    pub first_seq: Seq,
    pub generation: u32,
    pub slots: Vec<[u8; SLOT_BYTES]>,
}

/// `<first seq, 20 digits>.seg`
pub fn segment_path(directory: &Path, first_seq: Seq) -> PathBuf {
    directory.join(format!("{first_seq:020}.seg"))
}

/// `<first seq, 20 digits>.keys`
pub fn keys_path(directory: &Path, first_seq: Seq) -> PathBuf {
    directory.join(format!("{first_seq:020}.keys"))
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

    /// Reads the first sector. `None`: it is damaged or of another version.
    pub fn decode(file: &[u8]) -> Option<SegmentHead> {
        let sector = opened_sector(file.get(..SECTOR_BYTES)?, MAGIC, HEAD_BYTES)?;
        let head = SegmentHead {
            size: u32_at(sector, 12)?,
            align: u32_at(sector, 16)?,
            max_entry: u32_at(sector, 20)?,
            first_seq: u64_at(sector, 24)?,
            epoch: u32_at(sector, 32)?,
            log_id: sector.get(36..52)?.try_into().ok()?,
        };
        (u32_at(sector, 8)? == VERSION && matches!(head.align, 512 | 4096)).then_some(head)
    }

    /// Where the first frame stands.
    pub fn first_frame(&self) -> usize {
        (2 * SECTOR_BYTES).next_multiple_of(self.align_bytes())
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
        self.align / (SLOT_BYTES as u32)
    }

    /// Offset of a slot from the front. `None`: there is no such slot.
    pub fn slot_offset(&self, slot: u32) -> Option<usize> {
        self.size_bytes().checked_sub((slot as usize).checked_add(1)?.checked_mul(SLOT_BYTES)?)
    }

    /// Whether frames up to `frames_end` and `slots` slots leave each other whole blocks.
    pub fn has_room(&self, frames_end: usize, slots: u32) -> bool {
        let slots = slots.next_multiple_of(self.slots_per_block()) as usize;
        frames_end.next_multiple_of(self.align_bytes()).saturating_add(slots * SLOT_BYTES)
            <= self.size_bytes()
    }
}

impl Seal {
    /// The second sector.
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
}

impl SealSector {
    /// Reads the second sector.
    pub fn decode(file: &[u8]) -> SealSector {
        let Some(sector) = file.get(SECTOR_BYTES..2 * SECTOR_BYTES) else {
            return SealSector::Unreadable;
        };
        if sector.iter().all(|byte| *byte == 0) {
            return SealSector::Open;
        }
        read_seal(sector).map_or(SealSector::Unreadable, SealSector::Sealed)
    }
}

fn read_seal(sector: &[u8]) -> Option<Seal> {
    let sector = opened_sector(sector, SEAL_MAGIC, SEAL_BYTES)?;
    Some(Seal {
        frames_end: u32_at(sector, 8)?,
        slots: u32_at(sector, 12)?,
        end_seq: u64_at(sector, 16)?,
        root: sector.get(24..56)?.try_into().ok()?,
        frames_hash: sector.get(56..88)?.try_into().ok()?,
    })
}

impl KeysFile {
    /// The whole file.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(KEYS_HEAD_BYTES + (self.slots.len() + 1) * SLOT_BYTES);
        out.extend_from_slice(KEYS_MAGIC);
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
        if hash(&[body]) != sum || body.get(..8)? != KEYS_MAGIC {
            return None;
        }
        let count = usize::try_from(u32_at(body, 16)?).ok()?;
        let (slots, rest) = body.get(KEYS_HEAD_BYTES..)?.as_chunks::<SLOT_BYTES>();
        (slots.len() == count && rest.is_empty()).then(|| KeysFile {
            first_seq: u64_at(body, 8).unwrap_or_default(),
            generation: u32_at(body, 20).unwrap_or_default(),
            slots: slots.to_vec(),
        })
    }

    /// The secret of a slot.
    pub fn secret(&self, slot: u32) -> Option<Secret> {
        self.slots.get(slot as usize).map(|bytes| Secret(*bytes))
    }
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
}

/// Reads frames from the front, each against its predecessor. `before` is the leaf of the last
/// entry of the segment before. `slots_below` is where the slot area may begin at the latest: the
/// end of the file for a sealed segment.
pub fn scan(file: &[u8], head: &SegmentHead, before: Option<Hash>, sealed: bool) -> Scan {
    let mut found = Scan {
        frames: Vec::new(),
        stop: head.first_frame(),
        slots: 0,
        next_seq: head.first_seq,
        last_leaf: before,
    };
    let align = head.align_bytes();
    while let Some(at) = next_place(file, &found, align) {
        let Some(frame) =
            read_frame(file, at).filter(|frame| is_good_here(frame, &found, head, sealed))
        else {
            break;
        };
        found.stop = frame.end;
        found.slots = frame
            .slot_first
            .saturating_add(u32::try_from(frame.header.bodies.len()).unwrap_or(u32::MAX));
        found.next_seq += 1;
        found.last_leaf = Some(frame.leaf);
        found.frames.push(frame);
    }
    found
}

/// Where the next frame would stand: behind the last one, or at the next block if a group ended.
fn next_place(file: &[u8], found: &Scan, align: usize) -> Option<usize> {
    let closed = found.frames.last().is_none_or(|frame| frame.last_of_group);
    let at = if closed { found.stop.next_multiple_of(align) } else { found.stop };
    file.get(found.stop..at)?.iter().all(|byte| *byte == 0).then_some(at)
}

fn is_good_here(frame: &Frame, found: &Scan, head: &SegmentHead, sealed: bool) -> bool {
    let prev = found.last_leaf.map_or([0; 8], first_eight);
    let grouped = match found.frames.last() {
        Some(before) if !before.last_of_group => {
            frame.group_first_seq == before.group_first_seq && frame.slot_first == found.slots
        }
        _ => {
            frame.group_first_seq == frame.header.seq
                && frame.slot_first == found.slots.next_multiple_of(head.slots_per_block())
        }
    };
    let slots_end =
        frame.slot_first.checked_add(u32::try_from(frame.header.bodies.len()).unwrap_or(u32::MAX));
    let above = slots_end
        .and_then(|slots| head.size_bytes().checked_sub(slots as usize * SLOT_BYTES))
        .is_some_and(|lowest| sealed || frame.end <= lowest);
    frame.header.seq == found.next_seq && frame.prev == prev && grouped && above
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

fn opened_sector<'a>(sector: &'a [u8], magic: &[u8; 8], length: usize) -> Option<&'a [u8]> {
    let body = sector.get(..length)?;
    let good = body.get(..8)? == magic
        && u32_at(sector, length)? == crc32fast::hash(body)
        && sector.get(length + 4..SECTOR_BYTES)?.iter().all(|byte| *byte == 0);
    good.then_some(body)
}
