//! One entry as it lies in a segment (docs/format.md, section 3).

use crate::kernel::{
    crypto::{Hash, hash},
    journal::{
        Seq,
        entry::{self, Header},
        sealed::{SealedBody, stored_length},
    },
    seeded::{self, Wrong},
};

/// Fixed part of a frame.
pub const FRAME_HEAD_BYTES: usize = 40;
const MAGIC: &[u8; 4] = b"OJf1";
const VERSION: u8 = 1;
const LAST_OF_GROUP: u8 = 1;
/// Frames start and end on multiples of this.
const FRAME_ALIGN: usize = 8;

/// A frame that is good by itself. Whether it is good *here* is the scan's question.
#[derive(Clone, Debug)]
pub struct Frame {
    /// Offset in the segment.
    pub start: usize,
    /// First byte behind the padding.
    pub end: usize,
    pub last_of_group: bool,
    pub slot_first: u32,
    pub group_first_seq: Seq,
    pub prev: [u8; 8],
    pub header: Header,
    pub leaf: Hash,
    /// Where each stored body lies in the segment, empty for detached ones.
    pub bodies: Vec<std::ops::Range<usize>>,
}

impl Frame {
    /// The slot behind those of this frame.
    pub fn slots_end(&self) -> u32 {
        self.slot_first.saturating_add(u32::try_from(self.header.bodies.len()).unwrap_or(u32::MAX))
    }
}

/// Where a frame stands among its neighbours: what only the writer of a group knows.
pub struct Place {
    pub last_of_group: bool,
    pub slot_first: u32,
    pub group_first_seq: Seq,
    pub prev: [u8; 8],
}

/// Length of a frame on disk, padding included.
pub fn frame_length(header_bytes: usize, bodies: &[SealedBody]) -> usize {
    let stored: usize = bodies.iter().map(|body| body.stored.len()).sum();
    (FRAME_HEAD_BYTES + header_bytes + stored + 4).next_multiple_of(FRAME_ALIGN)
}

/// Writes a frame. `None` if a length does not fit its field, which the limits make impossible.
pub fn write_frame(
    seq: Seq,
    header: &[u8],
    bodies: &[SealedBody],
    place: &Place,
    out: &mut Vec<u8>,
) -> Option<()> {
    let start = out.len();
    let stored: usize = bodies.iter().map(|body| body.stored.len()).sum();
    out.extend_from_slice(MAGIC);
    out.push(VERSION);
    out.push(if place.last_of_group { LAST_OF_GROUP } else { 0 });
    out.extend_from_slice(&u16::try_from(header.len()).ok()?.to_le_bytes());
    out.extend_from_slice(&u32::try_from(stored).ok()?.to_le_bytes());
    out.extend_from_slice(&place.slot_first.to_le_bytes());
    out.extend_from_slice(&seq.to_le_bytes());
    out.extend_from_slice(&place.group_first_seq.to_le_bytes());
    out.extend_from_slice(&place.prev);
    out.extend_from_slice(header);
    for body in bodies {
        out.extend_from_slice(&body.stored);
    }
    let crc = crc32fast::hash(out.get(start..)?);
    out.extend_from_slice(&crc.to_le_bytes());
    let padded = start + (out.len() - start).next_multiple_of(FRAME_ALIGN);
    out.resize(padded, 0);
    Some(())
}

/// Reads the frame at `start`, if the bytes there are good by themselves. `segment` is the area in
/// which frames may lie.
pub fn read_frame(segment: &[u8], start: usize) -> Option<Frame> {
    let head = segment.get(start..start.checked_add(FRAME_HEAD_BYTES)?)?;
    if head.get(..4)? != MAGIC || *head.get(4)? != VERSION {
        return None;
    }
    let flags = *head.get(5)?;
    if flags & !LAST_OF_GROUP != 0 {
        return None;
    }
    let header_length = usize::from(u16_at(head, 6)?);
    let bodies_length = usize::try_from(u32_at(head, 8)?).ok()?;
    let bodies_start = start.checked_add(FRAME_HEAD_BYTES)?.checked_add(header_length)?;
    let crc_start = bodies_start.checked_add(bodies_length)?;
    let end = start + (crc_start.checked_add(4)? - start).next_multiple_of(FRAME_ALIGN);
    let padding = segment.get(crc_start + 4..end)?;
    if u32_at(segment, crc_start)? != crc32fast::hash(segment.get(start..crc_start)?)
        || padding.iter().any(|b| *b != 0) && !seeded::is_on(Wrong::PaddingUnchecked)
    {
        return None;
    }
    let header_bytes = segment.get(start + FRAME_HEAD_BYTES..bodies_start)?;
    let header = Header::decode(header_bytes).ok()?;
    if header.seq != u64_at(head, 16)? {
        return None;
    }
    let mut bodies = Vec::with_capacity(header.bodies.len());
    let mut at = bodies_start;
    for descriptor in &header.bodies {
        let next = at.checked_add(usize::try_from(stored_length(descriptor)).ok()?)?;
        bodies.push(at..next);
        at = next;
    }
    let fits = at == crc_start
        && match header.stored {
            Some(stored) => stored == hash(&[segment.get(bodies_start..crc_start)?]),
            None => bodies_length == 0,
        };
    fits.then_some(())?;
    let leaf = entry::leaf(header_bytes);
    Some(Frame {
        start,
        end,
        last_of_group: flags & LAST_OF_GROUP != 0,
        slot_first: u32_at(head, 12)?,
        group_first_seq: u64_at(head, 24)?,
        prev: head.get(32..40)?.try_into().ok()?,
        header,
        leaf,
        bodies,
    })
}

/// How long the frame at `start` says it is, read from its fixed part alone.
pub fn announced_length(head: &[u8]) -> Option<usize> {
    if head.get(..4)? != MAGIC {
        return None;
    }
    let header = usize::from(u16_at(head, 6)?);
    let bodies = usize::try_from(u32_at(head, 8)?).ok()?;
    Some(
        (FRAME_HEAD_BYTES + header)
            .checked_add(bodies)?
            .checked_add(4)?
            .next_multiple_of(FRAME_ALIGN),
    )
}

/// Offsets behind `from` at which a frame could start.
pub fn candidates(segment: &[u8], from: usize) -> impl Iterator<Item = usize> {
    let first = from.next_multiple_of(FRAME_ALIGN);
    (first..segment.len())
        .step_by(FRAME_ALIGN)
        .filter(|at| segment.get(*at..*at + 4).is_some_and(|head| head == MAGIC))
}

pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

pub(super) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?))
}
