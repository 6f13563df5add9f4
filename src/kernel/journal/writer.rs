//! The one way to append: a group of entries, placed, written, and made durable by one fdatasync.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    thread::JoinHandle,
};

use crate::kernel::{
    crypto::Hash,
    durable::{Disk, File},
    journal::{
        JournalError, Seq,
        frame::{Place, frame_length, write_frame},
        reader::Reader,
        recover::{FoundOpen, FoundSegment, Recovered},
        sealed::SealedBody,
        sealing::{self, Full},
        segment::{SLOT_BYTES, SegmentHead, first_eight, segment_path},
    },
    log::tree::Frontier,
    seeded::{self, Wrong},
};

/// Writing the zeros of a larger segment would keep whoever waits for the first group waiting.
const PREPARE_AHEAD_FROM: u32 = 1 << 20;

/// An entry, encoded and sealed, waiting for its place.
pub struct Prepared {
    pub seq: Seq,
    pub header: Vec<u8>,
    pub leaf: Hash,
    pub bodies: Vec<SealedBody>,
}

/// How segments are cut.
#[derive(Clone, Copy, Debug)]
pub struct SegmentSettings {
    pub size: u32,
    pub align: u32,
    pub epoch: u32,
    pub log_id: [u8; 16],
}

impl SegmentSettings {
    /// Longest frame with its slots that an empty segment takes.
    pub fn max_entry(&self) -> u32 {
        self.size.saturating_sub(3 * 4096).saturating_sub(self.align)
    }
}

/// Why a group was not appended.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// No byte of the group went out. Trying again is sound.
    #[error("not saved: {0}")]
    NotSaved(JournalError),
    /// What is on disk is not known. The process must stop and let recovery look.
    #[error("outcome unknown: {0}")]
    Unknown(JournalError),
}

struct Open {
    head: SegmentHead,
    file: Arc<dyn File>,
    end: usize,
    slots: u32,
}

impl Open {
    /// Where the next group begins, and its first slot: no sector holds bytes of two groups.
    fn next_group(&self) -> (usize, u32) {
        let start = self.end.next_multiple_of(self.head.align_bytes());
        let slot = self.slots.next_multiple_of(self.head.slots_per_block());
        (
            if seeded::is_on(Wrong::GroupsShareASector) { self.end } else { start },
            if seeded::is_on(Wrong::SlotsShareASector) { self.slots } else { slot },
        )
    }
}

/// The journal's end. There is one, owned by the thread that syncs.
pub struct Writer {
    disk: Arc<dyn Disk>,
    directory: PathBuf,
    settings: SegmentSettings,
    reader: Arc<Reader>,
    open: Option<Open>,
    next_seq: Seq,
    last_leaf: Option<Hash>,
    tree: Frontier,
    positions: Arc<dyn File>,
    /// Entries whose position hints are in their file.
    hinted: Seq,
    prepared: Option<JoinHandle<std::io::Result<()>>>,
}

impl Writer {
    /// Takes over from recovery. `tree` covers exactly the recovered entries.
    ///
    /// # Errors
    /// The device failed.
    pub fn new(
        disk: Arc<dyn Disk>,
        directory: &Path,
        settings: SegmentSettings,
        reader: Arc<Reader>,
        recovered: &Recovered,
        tree: Frontier,
    ) -> Result<Writer, JournalError> {
        let open = match &recovered.open {
            None => None,
            Some(FoundOpen { head, end, slots, .. }) => {
                let path = segment_path(directory, head.first_seq);
                let file = disk
                    .open(&path)
                    .map_err(JournalError::io(format!("opening {}", path.display())))?;
                Some(Open { head: *head, file, end: *end, slots: *slots })
            }
        };
        let (positions, hinted) = mend_positions(disk.as_ref(), directory, &reader)?;
        let mut writer = Writer {
            disk,
            directory: directory.to_owned(),
            settings,
            reader,
            open,
            next_seq: recovered.length,
            last_leaf: recovered.last_leaf,
            tree,
            positions,
            hinted,
            prepared: None,
        };
        writer.prepare_next();
        Ok(writer)
    }

    /// The seq of the next entry.
    pub fn next_seq(&self) -> Seq {
        self.next_seq
    }

    /// The tree over all durable entries.
    pub fn tree(&self) -> &Frontier {
        &self.tree
    }

    /// How many of these entries fit the open segment as one group.
    fn fitting(&self, entries: &[Prepared]) -> usize {
        let Some(open) = &self.open else { return 0 };
        let (mut end, mut slots) = open.next_group();
        for (index, entry) in entries.iter().enumerate() {
            end += frame_length(entry.header.len(), &entry.bodies);
            slots = slots.saturating_add(u32::try_from(entry.bodies.len()).unwrap_or(u32::MAX));
            if !open.head.has_room(end, slots) {
                return index;
            }
        }
        entries.len()
    }

    /// Appends as many of the entries as make one group, durably, and returns how many.
    ///
    /// # Errors
    /// [`AppendError::NotSaved`] before any byte went out, [`AppendError::Unknown`] after.
    pub fn append(&mut self, entries: &[Prepared]) -> Result<usize, AppendError> {
        let mut count = self.fitting(entries);
        if count == 0 {
            self.seal()?;
            self.start_segment()?;
            count = self.fitting(entries);
        }
        let group = entries.get(..count).filter(|group| !group.is_empty()).ok_or_else(|| {
            AppendError::NotSaved(JournalError::damage(
                "journal",
                "an entry is larger than an empty segment",
            ))
        })?;
        self.write_group(group)?;
        Ok(count)
    }

    fn write_group(&mut self, group: &[Prepared]) -> Result<(), AppendError> {
        let Some(open) = &mut self.open else {
            return Err(AppendError::NotSaved(JournalError::damage("journal", "no open segment")));
        };
        let (start, first_slot) = open.next_group();
        let placed = place_group(group, start, first_slot, self.next_seq, self.last_leaf)
            .ok_or_else(|| {
                AppendError::NotSaved(JournalError::damage(
                    "journal",
                    "an entry does not fit its frame",
                ))
            })?;
        let unknown = |error| {
            let error = JournalError::io("appending to the journal")(error);
            if seeded::is_on(Wrong::UnknownCalledNotSaved) {
                AppendError::NotSaved(error)
            } else {
                AppendError::Unknown(error)
            }
        };
        if seeded::is_on(Wrong::ShownBeforeSync) {
            self.reader.add_positions(placed.offsets.iter().copied());
        }
        open.file.write_all_at(&placed.frames, start as u64).map_err(unknown)?;
        let slots = first_slot
            .saturating_add(u32::try_from(placed.slots.len() / SLOT_BYTES).unwrap_or(u32::MAX));
        if !placed.slots.is_empty() {
            let lowest = open.head.size_bytes() - slots as usize * SLOT_BYTES;
            open.file.write_all_at(&placed.slots, lowest as u64).map_err(unknown)?;
        }
        if !seeded::is_on(Wrong::AcknowledgedBeforeSync) {
            let mut synced = open.file.sync_data();
            if synced.is_err() && seeded::is_on(Wrong::SyncRetried) {
                synced = open.file.sync_data();
            }
            synced.map_err(unknown)?;
        }
        // The point of no return is behind us: the group is durable.
        open.end = start + placed.frames.len();
        open.slots = slots;
        for entry in group {
            self.tree.push(entry.leaf);
            self.last_leaf = Some(entry.leaf);
        }
        let first = self.next_seq;
        self.next_seq += group.len() as Seq;
        if !seeded::is_on(Wrong::ShownBeforeSync) {
            self.reader.add_positions(placed.offsets);
        }
        self.write_positions(first);
        Ok(())
    }

    /// The hint file may lag or fail; recovery never reads it. What failed is written again with the next
    /// group, so that no hole stays in it.
    fn write_positions(&mut self, group: Seq) {
        let from = self.hinted;
        let bytes: Vec<u8> = self
            .reader
            .positions_from(from)
            .iter()
            .flat_map(|position| position.to_le_bytes())
            .collect();
        match self.positions.write_all_at(&bytes, from * 4) {
            Ok(()) => self.hinted = self.next_seq,
            // Said once, and not with each group until there is room again.
            Err(error) if from == group => {
                tracing::warn!(%error, "position hints not written");
            }
            Err(_same) => {}
        }
    }

    /// The first entry of the segment that is open.
    pub fn open_first(&self) -> Option<Seq> {
        self.open.as_ref().map(|open| open.head.first_seq)
    }

    /// Makes the open segment immutable. Nothing happens without one, or if it is empty.
    ///
    /// # Errors
    /// [`AppendError::NotSaved`] until the keys file is durable, [`AppendError::Unknown`] after.
    pub fn seal(&mut self) -> Result<(), AppendError> {
        let Some(open) = self.open.take_if(|open| open.head.first_seq < self.next_seq) else {
            return Ok(());
        };
        let full = Full {
            disk: self.disk.as_ref(),
            directory: &self.directory,
            head: &open.head,
            file: open.file.as_ref(),
            end: open.end,
            slots: open.slots,
        };
        let late_keys = seeded::is_on(Wrong::SealedBeforeKeys);
        if !late_keys && let Err(error) = full.write_keys() {
            self.open = Some(open);
            return Err(AppendError::NotSaved(JournalError::io("writing a keys file")(error)));
        }
        let finish = || {
            let seal = full
                .write_seal(self.next_seq, self.tree.root())
                .map_err(JournalError::io("writing a seal"))?;
            if late_keys {
                full.write_keys().map_err(JournalError::io("writing a keys file"))?;
            }
            // Readers leave the slot area before it is zeroed.
            self.reader.switch_to_keys(open.head.first_seq)?;
            let length = open.head.size_bytes();
            sealing::finish(full.disk, full.directory, full.head, &seal, length)
                .map_err(JournalError::io("finishing a seal"))?;
            self.positions.sync_data().map_err(JournalError::io("syncing position hints"))
        };
        finish().map_err(AppendError::Unknown)
    }

    /// Opens the first segment of the settings' epoch, if it is not open already: the open one is sealed,
    /// or replaced if it holds no entry.
    ///
    /// # Errors
    /// As [`Writer::append`].
    pub fn begin_epoch(&mut self) -> Result<(), AppendError> {
        let is_open = self.open.as_ref().is_some_and(|open| open.head.epoch == self.settings.epoch);
        if is_open || seeded::is_on(Wrong::EpochInTheOldSegment) {
            return Ok(());
        }
        self.seal()?;
        self.open = None;
        self.start_segment()
    }

    /// Starts the next segment from the file prepared ahead.
    fn start_segment(&mut self) -> Result<(), AppendError> {
        let not_saved =
            |error| AppendError::NotSaved(JournalError::io("preparing a segment")(error));
        let ready = self.prepared.take().is_some_and(|thread| matches!(thread.join(), Ok(Ok(()))));
        let next = self.directory.join("next.tmp");
        if !ready {
            prepare(self.disk.as_ref(), &next, self.settings.size).map_err(not_saved)?;
        }
        let head = SegmentHead {
            size: self.settings.size,
            align: self.settings.align,
            max_entry: self.settings.max_entry(),
            first_seq: self.next_seq,
            epoch: self.settings.epoch,
            log_id: self.settings.log_id,
        };
        let path = segment_path(&self.directory, self.next_seq);
        let file = self.disk.open(&next).map_err(not_saved)?;
        // A sync that failed once proves nothing when it is asked again, so from here on a failure
        // is not the caller's to retry.
        let start = || -> std::io::Result<()> {
            file.write_all_at(&head.encode(), 0)?;
            file.sync_all()?;
            self.disk.rename(&next, &path)?;
            if seeded::is_on(Wrong::SegmentNameNotSynced) {
                return Ok(());
            }
            self.disk.sync_directory(&self.directory)
        };
        start().map_err(JournalError::io("starting a segment")).map_err(AppendError::Unknown)?;
        self.reader.add_segment(head, false).map_err(AppendError::Unknown)?;
        self.open = Some(Open { head, file, end: head.first_frame(), slots: 0 });
        self.prepare_next();
        Ok(())
    }

    /// Makes the next segment's file while this one is being filled. A small one is made when it is
    /// needed.
    fn prepare_next(&mut self) {
        if self.settings.size < PREPARE_AHEAD_FROM {
            return;
        }
        let (disk, path, size) =
            (Arc::clone(&self.disk), self.directory.join("next.tmp"), self.settings.size);
        self.prepared = std::thread::Builder::new()
            .name("next segment".to_owned())
            .spawn(move || prepare(disk.as_ref(), &path, size))
            .ok();
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if let Some(thread) = self.prepared.take()
            && thread.join().is_err()
        {
            tracing::warn!("preparing the next segment panicked");
        }
    }
}

struct Placed {
    frames: Vec<u8>,
    slots: Vec<u8>,
    offsets: Vec<usize>,
}

fn place_group(
    group: &[Prepared],
    start: usize,
    first_slot: u32,
    first_seq: Seq,
    before: Option<Hash>,
) -> Option<Placed> {
    let mut placed =
        Placed { frames: Vec::new(), slots: Vec::new(), offsets: Vec::with_capacity(group.len()) };
    let (mut slot, mut prev) = (first_slot, before.map_or([0; 8], first_eight));
    let mut secrets = Vec::new();
    for (index, entry) in group.iter().enumerate() {
        let place = Place {
            last_of_group: index + 1 == group.len(),
            slot_first: slot,
            group_first_seq: first_seq,
            prev,
        };
        placed.offsets.push(start + placed.frames.len());
        write_frame(entry.seq, &entry.header, &entry.bodies, &place, &mut placed.frames)?;
        slot = slot.checked_add(u32::try_from(entry.bodies.len()).ok()?)?;
        secrets.extend(entry.bodies.iter().map(|body| &body.secret));
        prev = first_eight(entry.leaf);
    }
    // Slots grow downwards.
    for secret in secrets.iter().rev() {
        placed.slots.extend_from_slice(&secret.0);
    }
    Some(placed)
}

/// Writes zeros, not holes: later syncs then have no extents to record.
fn prepare(disk: &dyn Disk, path: &Path, size: u32) -> std::io::Result<()> {
    const CHUNK: usize = 1 << 20;
    let file = disk.create(path)?;
    let zeros = vec![0; CHUNK];
    let mut at = 0usize;
    while at < size as usize {
        let length = CHUNK.min(size as usize - at);
        file.write_all_at(zeros.get(..length).unwrap_or_default(), at as u64)?;
        at += length;
    }
    file.sync_all()
}

/// Brings the hint file in line with what was found, and says of how many entries it now holds hints: a
/// full disk is no reason not to start. What is right already is not written again: a crash could tear it.
fn mend_positions(
    disk: &dyn Disk,
    directory: &Path,
    reader: &Reader,
) -> Result<(Arc<dyn File>, Seq), JournalError> {
    let path = directory.join("positions");
    let mend = || -> std::io::Result<(Arc<dyn File>, Seq)> {
        let file = if disk.exists(&path) { disk.open(&path)? } else { disk.create(&path)? };
        let right: Vec<u8> =
            reader.positions_from(0).iter().flat_map(|position| position.to_le_bytes()).collect();
        let found = disk.read(&path)?;
        if found != right {
            let same = found.iter().zip(&right).take_while(|(a, b)| a == b).count();
            file.set_len(same as u64)?;
            let missing = right.get(same..).unwrap_or_default();
            let written = file.write_all_at(missing, same as u64).and_then(|()| file.sync_data());
            if let Err(error) = written {
                tracing::warn!(%error, "position hints not written");
                return Ok((file, same as Seq / 4));
            }
        }
        Ok((file, right.len() as Seq / 4))
    };
    mend().map_err(JournalError::io("writing position hints"))
}

/// Opens all segments for reading, with positions from the hint file where it can be right.
///
/// # Errors
/// The device failed, or a sealed segment is damaged.
pub fn open_reader(
    disk: &Arc<dyn Disk>,
    directory: &Path,
    recovered: &Recovered,
) -> Result<Arc<Reader>, JournalError> {
    let reader = Arc::new(Reader::new(Arc::clone(disk), directory));
    let hints = disk.read(&directory.join("positions")).unwrap_or_default();
    let hints: Vec<u32> =
        hints.as_chunks::<4>().0.iter().map(|hint| u32::from_le_bytes(*hint)).collect();
    for (index, segment) in recovered.segments.iter().enumerate() {
        reader.add_segment(segment.head, true)?;
        let first = segment.head.first_seq;
        let end = segment.seal.map_or(first, |seal| seal.end_seq);
        // Hints are durable once the next segment begins.
        let durable = index + 1 < recovered.segments.len() || recovered.open.is_some();
        let hinted = usize::try_from(first)
            .ok()
            .zip(usize::try_from(end).ok())
            .and_then(|(first, end)| hints.get(first..end))
            .filter(|hints| {
                durable && can_be_right(hints, segment) || seeded::is_on(Wrong::HintsBelieved)
            });
        match hinted {
            Some(hints) => reader.add_positions(hints.iter().map(|hint| *hint as usize * 8)),
            None => reader.add_positions(reader.scan_positions(first, end)?),
        }
    }
    if let Some(open) = &recovered.open {
        reader.add_segment(open.head, false)?;
        reader.add_positions(open.positions.iter().copied());
    }
    Ok(reader)
}

/// Whether hints begin at the first frame, ascend, and stay below the end of the frames. They are
/// never synced as they grow, so a power cut may leave anything.
fn can_be_right(hints: &[u32], segment: &FoundSegment) -> bool {
    let end = segment.seal.map_or(0, |seal| seal.frames_end_bytes() / 8);
    hints.first().is_some_and(|first| *first as usize * 8 == segment.head.first_frame())
        && hints.is_sorted_by(|before, after| before < after)
        && hints.last().is_some_and(|last| (*last as usize) < end)
}
