//! Reading entries: by seq, from any thread, beside the writer.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
};

use crate::kernel::{
    crypto::Secret,
    durable::{Disk, File},
    journal::{
        JournalError, Seq,
        frame::{FRAME_HEAD_BYTES, Frame, announced_length, read_frame},
        keys::{KeysFile, keys_path},
        sealed::open_body,
        segment::{SLOT_BYTES, SegmentHead, scan, segment_path},
        tombstone::is_tombstone,
    },
};

/// No segment is that long.
const UNKNOWN_OFFSET: usize = usize::MAX;
/// One read usually takes a whole frame.
const FIRST_READ_BYTES: usize = 4096;

/// A frame with the bytes it came from.
pub struct OwnedFrame {
    pub bytes: Vec<u8>,
    pub frame: Frame,
}

/// What became of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    Readable(Vec<u8>),
    Erased,
    /// The slot neither opens the body nor says that it was erased.
    Lost,
}

enum Slots {
    /// At the end of the segment's own file.
    InPlace,
    /// In the keys file, held whole: it is small, and replaced whole by an erasure.
    Keys(Arc<KeysFile>),
}

struct SegmentFile {
    head: SegmentHead,
    file: Arc<dyn File>,
    slots: RwLock<Slots>,
}

/// All segments, open for reading.
pub struct Reader {
    disk: Arc<dyn Disk>,
    directory: PathBuf,
    segments: RwLock<BTreeMap<Seq, Arc<SegmentFile>>>,
    /// Offset / 8 of each frame within its segment, by seq.
    positions: RwLock<Vec<u32>>,
    /// Held while keys files of sealed segments are replaced.
    changing_keys: Mutex<()>,
}

impl Reader {
    pub(super) fn new(disk: Arc<dyn Disk>, directory: &Path) -> Reader {
        Reader {
            disk,
            directory: directory.to_owned(),
            segments: RwLock::new(BTreeMap::new()),
            positions: RwLock::new(Vec::new()),
            changing_keys: Mutex::new(()),
        }
    }

    /// Takes a segment in. `sealed`: its secrets are in the keys file.
    pub(super) fn add_segment(&self, head: SegmentHead, sealed: bool) -> Result<(), JournalError> {
        let path = segment_path(&self.directory, head.first_seq);
        let file = self
            .disk
            .open(&path)
            .map_err(JournalError::io(format!("opening {}", path.display())))?;
        let slots =
            if sealed { Slots::Keys(self.read_keys(head.first_seq)?) } else { Slots::InPlace };
        let segment = Arc::new(SegmentFile { head, file, slots: RwLock::new(slots) });
        self.segments
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(head.first_seq, segment);
        Ok(())
    }

    /// From now on the secrets of a segment are read from its keys file, which is durable.
    pub(in crate::kernel) fn switch_to_keys(&self, first_seq: Seq) -> Result<(), JournalError> {
        let keys = self.read_keys(first_seq)?;
        if let Some(segment) =
            self.segments.read().unwrap_or_else(PoisonError::into_inner).get(&first_seq)
        {
            *segment.slots.write().unwrap_or_else(PoisonError::into_inner) = Slots::Keys(keys);
        }
        Ok(())
    }

    /// A sealed segment or its keys file was replaced on the disk: from now on the new one is read.
    ///
    /// # Errors
    /// It is not there, or damaged; the old one is read on.
    pub(in crate::kernel) fn reopen(&self, first_seq: Seq) -> Result<(), JournalError> {
        let known = self.segments.read().unwrap_or_else(PoisonError::into_inner);
        let head = known.get(&first_seq).map(|segment| segment.head);
        drop(known);
        head.map_or(Ok(()), |head| self.add_segment(head, true))
    }

    /// Whoever replaces a keys file of a sealed segment, because of an erasure or of damage, does it alone.
    pub(in crate::kernel) fn changing_keys(&self) -> MutexGuard<'_, ()> {
        self.changing_keys.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read_keys(&self, first_seq: Seq) -> Result<Arc<KeysFile>, JournalError> {
        let path = keys_path(&self.directory, first_seq);
        let bytes = self
            .disk
            .read(&path)
            .map_err(JournalError::io(format!("reading {}", path.display())))?;
        KeysFile::decode(&bytes).map(Arc::new).ok_or_else(|| {
            JournalError::damage(path.display().to_string(), "the keys file is damaged")
        })
    }

    /// Takes in where durable frames lie.
    pub(super) fn add_positions(&self, offsets: impl IntoIterator<Item = usize>) {
        let mut positions = self.positions.write().unwrap_or_else(PoisonError::into_inner);
        positions.extend(
            offsets.into_iter().map(|offset| u32::try_from(offset / 8).unwrap_or(u32::MAX)),
        );
    }

    /// Number of entries that can be read.
    pub fn length(&self) -> Seq {
        self.positions.read().unwrap_or_else(PoisonError::into_inner).len() as Seq
    }

    /// Where frames lie, for the hint file.
    pub(super) fn positions_from(&self, seq: Seq) -> Vec<u32> {
        let positions = self.positions.read().unwrap_or_else(PoisonError::into_inner);
        positions.get(usize::try_from(seq).unwrap_or(usize::MAX)..).unwrap_or_default().to_vec()
    }

    /// Reads and checks one entry.
    ///
    /// # Errors
    /// The device failed, or the bytes are not the entry they should be.
    pub fn frame(&self, seq: Seq) -> Result<OwnedFrame, JournalError> {
        let segment = self.segment_of(seq)?;
        let hint = {
            let positions = self.positions.read().unwrap_or_else(PoisonError::into_inner);
            positions.get(usize::try_from(seq).unwrap_or(usize::MAX)).copied()
        };
        let offset = hint
            .ok_or_else(|| JournalError::damage("journal", format!("there is no entry {seq}")))?;
        match read_at(&segment, u64::from(offset) * 8) {
            Ok(owned) if owned.frame.header.seq == seq => Ok(owned),
            Ok(_) | Err(JournalError::Damage { .. }) => self.search(&segment, seq),
            Err(error) => Err(error),
        }
    }

    /// The hint was wrong: look the entry up in its segment, and mend the hint.
    fn search(&self, segment: &SegmentFile, seq: Seq) -> Result<OwnedFrame, JournalError> {
        let path = segment_path(&self.directory, segment.head.first_seq);
        let bytes = self
            .disk
            .read(&path)
            .map_err(JournalError::io(format!("reading {}", path.display())))?;
        let lost = || {
            JournalError::damage(path.display().to_string(), format!("entry {seq} is unreadable"))
        };
        let start = crate::kernel::journal::frame::candidates(&bytes, segment.head.first_frame())
            .filter_map(|at| read_frame(&bytes, at))
            .find(|frame| frame.header.seq == seq)
            .map(|frame| frame.start)
            .ok_or_else(lost)?;
        let mut positions = self.positions.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(position) = positions.get_mut(usize::try_from(seq).unwrap_or(usize::MAX)) {
            *position = u32::try_from(start / 8).unwrap_or(u32::MAX);
        }
        drop(positions);
        read_at(segment, start as u64)
    }

    /// Reads one body of an entry and checks it against the commitment.
    ///
    /// # Errors
    /// The device failed, or the entry is unreadable.
    pub fn body(&self, seq: Seq, body: u32) -> Result<Body, JournalError> {
        let owned = self.frame(seq)?;
        self.body_of(&owned, body)
    }

    /// As [`Reader::body`], of an entry already read. A detached body is never readable here.
    ///
    /// # Errors
    /// The device failed.
    pub fn body_of(&self, owned: &OwnedFrame, body: u32) -> Result<Body, JournalError> {
        let index = body as usize;
        let frame = &owned.frame;
        let (Some(descriptor), Some(place)) =
            (frame.header.bodies.get(index), frame.bodies.get(index))
        else {
            return Err(JournalError::damage(
                "journal",
                format!("entry {} has no body {body}", frame.header.seq),
            ));
        };
        let Some(secret) = self.secret(frame, body)? else { return Ok(Body::Erased) };
        let stored = owned.bytes.get(place.clone()).unwrap_or_default();
        Ok(open_body(&secret, &descriptor.commitment, stored).map_or(Body::Lost, Body::Readable))
    }

    /// The secret of a body; `None` if a tombstone stands in its place.
    ///
    /// # Errors
    /// The device failed.
    pub fn secret(&self, frame: &Frame, body: u32) -> Result<Option<Secret>, JournalError> {
        let segment = self.segment_of(frame.header.seq)?;
        let slot = frame.slot_first.saturating_add(body);
        let slots = segment.slots.read().unwrap_or_else(PoisonError::into_inner);
        let secret = match &*slots {
            Slots::Keys(keys) => keys.secret(slot),
            Slots::InPlace => {
                let mut bytes = [0; SLOT_BYTES];
                let offset = segment.head.slot_offset(slot).unwrap_or(0);
                segment
                    .file
                    .read_exact_at(&mut bytes, offset as u64)
                    .map_err(JournalError::io("reading a secret"))?;
                Some(Secret(bytes))
            }
        };
        Ok(secret.filter(|secret| !is_tombstone(&secret.0)))
    }

    /// Offsets of all frames of a sealed segment, by reading it whole. Behind a frame that is not
    /// good they are unknown: reading such an entry looks it up, and says so if it is lost.
    pub(super) fn scan_positions(
        &self,
        first_seq: Seq,
        end_seq: Seq,
    ) -> Result<Vec<usize>, JournalError> {
        let segment = self.segment_of(first_seq)?;
        let path = segment_path(&self.directory, first_seq);
        let bytes = self
            .disk
            .read(&path)
            .map_err(JournalError::io(format!("reading {}", path.display())))?;
        let before = match first_seq.checked_sub(1) {
            None => None,
            Some(seq) => Some(self.frame(seq)?.frame.leaf),
        };
        let mut offsets: Vec<usize> =
            scan(&bytes, &segment.head, before).frames.iter().map(|frame| frame.start).collect();
        let count = usize::try_from(end_seq.saturating_sub(first_seq)).unwrap_or(usize::MAX);
        offsets.resize(count, UNKNOWN_OFFSET);
        Ok(offsets)
    }

    /// The first entry of the segment that holds an entry: its name.
    ///
    /// # Errors
    /// There is no such segment.
    pub fn segment_first(&self, seq: Seq) -> Result<Seq, JournalError> {
        Ok(self.segment_of(seq)?.head.first_seq)
    }

    /// Whether the secrets of an entry are in a keys file.
    ///
    /// # Errors
    /// There is no such segment.
    pub fn is_sealed(&self, seq: Seq) -> Result<bool, JournalError> {
        let segment = self.segment_of(seq)?;
        let slots = segment.slots.read().unwrap_or_else(PoisonError::into_inner);
        Ok(matches!(*slots, Slots::Keys(_)))
    }

    fn segment_of(&self, seq: Seq) -> Result<Arc<SegmentFile>, JournalError> {
        let segments = self.segments.read().unwrap_or_else(PoisonError::into_inner);
        let found = segments.range(..=seq).next_back().map(|(_, segment)| Arc::clone(segment));
        found
            .ok_or_else(|| JournalError::damage("journal", format!("no segment holds entry {seq}")))
    }
}

fn read_at(segment: &SegmentFile, offset: u64) -> Result<OwnedFrame, JournalError> {
    match read_once(segment, offset) {
        // A sealing cut the zeros behind the last frame off while they were read. It does so once.
        Err(JournalError::Io { source, .. })
            if source.kind() == std::io::ErrorKind::UnexpectedEof =>
        {
            read_once(segment, offset)
        }
        read => read,
    }
}

fn read_once(segment: &SegmentFile, offset: u64) -> Result<OwnedFrame, JournalError> {
    let unreadable = || JournalError::damage("journal", format!("no frame at byte {offset}"));
    let rest =
        segment.file.len().map_err(JournalError::io("reading an entry"))?.saturating_sub(offset);
    if rest < FRAME_HEAD_BYTES as u64 {
        return Err(unreadable());
    }
    let first = usize::try_from(rest).unwrap_or(usize::MAX).min(FIRST_READ_BYTES);
    let mut bytes = vec![0; first];
    segment.file.read_exact_at(&mut bytes, offset).map_err(JournalError::io("reading an entry"))?;
    let length = bytes.get(..FRAME_HEAD_BYTES).and_then(announced_length).ok_or_else(unreadable)?;
    if length > first {
        if length as u64 > rest || length > segment.head.max_entry as usize {
            return Err(unreadable());
        }
        bytes.resize(length, 0);
        let tail = bytes.get_mut(first..).unwrap_or_default();
        segment
            .file
            .read_exact_at(tail, offset + first as u64)
            .map_err(JournalError::io("reading an entry"))?;
    }
    bytes.truncate(length);
    let frame = read_frame(&bytes, 0).ok_or_else(unreadable)?;
    Ok(OwnedFrame { bytes, frame })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;
    use crate::kernel::{
        durable::RealDisk,
        journal,
        store::{start::IndexChoice, tests},
    };

    /// A file that is cut between asking for its length and reading it.
    struct Cut {
        file: Arc<dyn File>,
        cut: AtomicBool,
    }

    impl File for Cut {
        fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> std::io::Result<()> {
            self.file.read_exact_at(buffer, offset)
        }
        fn write_all_at(&self, bytes: &[u8], offset: u64) -> std::io::Result<()> {
            self.file.write_all_at(bytes, offset)
        }
        fn sync_data(&self) -> std::io::Result<()> {
            self.file.sync_data()
        }
        fn sync_all(&self) -> std::io::Result<()> {
            self.file.sync_all()
        }
        fn set_len(&self, bytes: u64) -> std::io::Result<()> {
            self.file.set_len(bytes)
        }
        fn len(&self) -> std::io::Result<u64> {
            let before = self.file.len()?;
            if !self.cut.swap(true, Ordering::Relaxed) {
                self.file.set_len(2 * 512 + 512)?;
            }
            Ok(before)
        }
    }

    #[test]
    fn an_entry_is_read_though_its_segment_is_cut_behind_it_meanwhile() {
        let town = tests::town();
        let data = town.path().join("data");
        let (store, _) = tests::open(&data, IndexChoice::Memory);
        store.close();
        let path = segment_path(&journal::directory(&data), 0);
        let head = SegmentHead::decode(&RealDisk.read(&path).unwrap()).unwrap();
        let file =
            Arc::new(Cut { file: RealDisk.open(&path).unwrap(), cut: AtomicBool::new(false) });
        let segment = SegmentFile { head, file, slots: RwLock::new(Slots::InPlace) };
        let owned = read_at(&segment, head.first_frame() as u64).unwrap();
        assert_eq!(owned.frame.header.seq, 0);
    }
}
