//! Where epochs begin, as far as a start and the verb that opens one must know before they believe
//! anything else (docs/format.md, section 8).
//!
//! The first entry of an epoch begins a segment, so it is found without reading what lies between.

use std::path::Path;

use crate::kernel::{
    durable::Disk,
    journal::{
        JournalError, Seq,
        entry::Epoch,
        frame::{candidates, read_frame},
        segment::{FRONT_BYTES_MAX, SegmentHead, first_seq_of, segment_path},
    },
    seeded::{self, Wrong},
};

/// The first entry of an epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Begun {
    pub seq: Seq,
    pub epoch: Epoch,
    /// It is the only entry of its epoch so far.
    pub is_alone: bool,
}

/// What the last segment says of epochs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LastSegment {
    /// It belongs to the epoch of the one before it, or to the first epoch.
    GoesOn,
    /// Its first entry begins an epoch behind another one.
    Begins(Begun),
    /// It was opened for an epoch, by its number, that has not begun: nothing is served.
    Unfinished(u32),
}

impl Begun {
    /// Whether a note is the checkpoint that this entry quotes, and may still be the newest one: until the
    /// first of its own epoch.
    pub fn quotes(&self, note: &str) -> bool {
        let quoted = self.epoch.restored.as_ref().map(|restored| restored.old_checkpoint.as_str());
        self.is_alone && quoted == Some(note)
    }
}

/// Looks at the last segment. What is damaged is left to whoever reads all of it.
///
/// # Errors
/// The device failed, or a segment of a new epoch begins with something else.
pub fn last_segment(disk: &dyn Disk, journal: &Path) -> Result<LastSegment, JournalError> {
    let firsts = firsts(disk, journal)?;
    let [.., before, last] = firsts.as_slice() else { return Ok(LastSegment::GoesOn) };
    let heads = (head(disk, journal, *before)?, head(disk, journal, *last)?);
    let (Some(before), Some(head)) = heads else { return Ok(LastSegment::GoesOn) };
    if before.epoch == head.epoch {
        return Ok(LastSegment::GoesOn);
    }
    Ok(begun(disk, journal, &head)?
        .map_or(LastSegment::Unfinished(head.epoch), LastSegment::Begins))
}

/// All epochs that have begun, in order.
///
/// # Errors
/// The device failed, or a segment that must begin an epoch does not.
pub fn epochs(disk: &dyn Disk, journal: &Path) -> Result<Vec<Begun>, JournalError> {
    let (mut epochs, mut number) = (Vec::new(), None);
    for first in firsts(disk, journal)? {
        let Some(head) = head(disk, journal, first)? else { continue };
        if number != Some(head.epoch) {
            number = Some(head.epoch);
            epochs.extend(begun(disk, journal, &head)?);
        }
    }
    Ok(epochs)
}

fn firsts(disk: &dyn Disk, journal: &Path) -> Result<Vec<Seq>, JournalError> {
    let names = disk.names(journal).map_err(JournalError::io("listing the journal"))?;
    let mut firsts: Vec<Seq> = names.iter().filter_map(|name| first_seq_of(name)).collect();
    firsts.sort_unstable();
    Ok(firsts)
}

fn head(disk: &dyn Disk, journal: &Path, first: Seq) -> Result<Option<SegmentHead>, JournalError> {
    let path = segment_path(journal, first);
    let read = || {
        let file = disk.open(&path)?;
        let length = usize::try_from(file.len()?).map_err(std::io::Error::other)?;
        let mut front = vec![0; length.min(FRONT_BYTES_MAX)];
        file.read_exact_at(&mut front, 0)?;
        Ok(front)
    };
    let front = read().map_err(JournalError::io(format!("reading {}", path.display())))?;
    Ok(SegmentHead::decode(&front).filter(|head| head.first_seq == first))
}

/// The entry that begins the epoch of a segment; `None` if the segment holds no entry at all. Read from the
/// device: after a sync that failed, memory holds an entry that no power cut would leave.
fn begun(
    disk: &dyn Disk,
    journal: &Path,
    head: &SegmentHead,
) -> Result<Option<Begun>, JournalError> {
    let path = segment_path(journal, head.first_seq);
    let bytes =
        read(disk, &path).map_err(JournalError::io(format!("reading {}", path.display())))?;
    let mut frames = candidates(&bytes, head.first_frame())
        .filter_map(|at| read_frame(&bytes, at))
        .filter(|frame| frame.header.seq >= head.first_seq);
    let Some(first) = frames.next() else { return Ok(None) };
    let is_first = first.start == head.first_frame() && first.header.seq == head.first_seq;
    match first.header.epoch.filter(|epoch| is_first && epoch.number == u64::from(head.epoch)) {
        Some(epoch) => {
            let is_alone = frames.all(|frame| frame.header.seq == head.first_seq);
            Ok(Some(Begun { seq: head.first_seq, epoch, is_alone }))
        }
        None => Err(JournalError::damage(
            path.display().to_string(),
            format!("it is the first of epoch {}, but does not begin with its entry", head.epoch),
        )),
    }
}

fn read(disk: &dyn Disk, path: &Path) -> std::io::Result<Vec<u8>> {
    if seeded::is_on(Wrong::EpochReadFromMemory) {
        disk.read(path)
    } else {
        disk.read_from_device(path)
    }
}
