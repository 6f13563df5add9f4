//! One segment under audit: what it says of itself, and whether that is so.

use std::path::Path;

use crate::kernel::{
    crypto::{Hash, hash},
    durable::Disk,
    journal::{
        JournalError, Seq,
        keys::{KeysFile, keys_path},
        segment::{SLOT_BYTES, Scan, SealSector, SegmentHead, segment_path},
        verify::report::{Report, Verdict},
    },
};

/// A segment as it lies on disk.
pub(super) struct Segment {
    pub first: Seq,
    pub name: String,
    pub bytes: Vec<u8>,
    /// Guessed, if the sector is not whole: the rest can still be judged then.
    pub head: SegmentHead,
    pub head_is_whole: bool,
    pub seal: SealSector,
    /// Slots of the keys file, if there is one.
    pub keys: Option<Vec<[u8; SLOT_BYTES]>>,
    pub is_last: bool,
}

impl Segment {
    pub fn read(
        disk: &dyn Disk,
        directory: &Path,
        first: Seq,
        align_before: u32,
        report: &mut Report,
    ) -> Result<Segment, JournalError> {
        let path = segment_path(directory, first);
        let name = format!("{first:020}.seg");
        let bytes =
            disk.read(&path).map_err(JournalError::io(format!("reading {}", path.display())))?;
        let keys = read_keys(disk, directory, first, report)?;
        let decoded = SegmentHead::decode(&bytes);
        let mut head = decoded.unwrap_or_else(|| {
            report.add(Verdict::SegmentHeader, &name, "not whole; read on with guesses");
            guess(first, align_before, &bytes, keys.is_some())
        });
        if head.first_seq != first {
            let says = format!("says it begins at entry {}", head.first_seq);
            report.add(Verdict::SegmentHeader, &name, says);
            head.first_seq = first;
        }
        let seal = SealSector::decode(&bytes, &head);
        if seal == SealSector::Unreadable {
            report.add(Verdict::Seal, &name, "not whole");
        }
        let head_is_whole = decoded.is_some();
        Ok(Segment { first, name, bytes, head, head_is_whole, seal, keys, is_last: false })
    }

    /// A slot, from the keys file if there is one, else from the end of the segment.
    pub fn slot(&self, slot: u32) -> Option<[u8; SLOT_BYTES]> {
        match &self.keys {
            Some(keys) => keys.get(slot as usize).copied(),
            None => self.head.slot_in(&self.bytes, slot),
        }
    }

    /// Whether its secrets are, or should be, in a keys file.
    pub fn has_keys_file(&self) -> bool {
        self.keys.is_some() || self.seal.seal().is_some()
    }

    /// Where the last frame may end.
    pub fn limit(&self) -> usize {
        let end = match (&self.seal, &self.keys) {
            (SealSector::Sealed(seal), _) => seal.frames_end_bytes(),
            (_, Some(_)) => self.bytes.len(),
            (_, None) => self.head.size_bytes(),
        };
        end.min(self.bytes.len())
    }

    /// Where the bytes behind the last frame end that must be zero.
    pub fn rest_end(&self, scan: &Scan) -> usize {
        if self.seal.seal().is_some() || self.keys.is_some() {
            self.limit()
        } else {
            self.head.slots_start(scan.slots).clamp(scan.stop, self.bytes.len().max(scan.stop))
        }
    }

    /// Whether the end of the log may lie here, unsealed.
    pub fn is_open_end(&self) -> bool {
        self.is_last && self.seal.seal().is_none()
    }

    /// Seal, keys file, unused slots, and that every other byte is zero. `root` is the one over all
    /// entries up to the end of the segment, if it is known.
    pub fn check(&self, scan: &Scan, slots_known: bool, root: Option<Hash>, report: &mut Report) {
        match &self.seal {
            SealSector::Sealed(_) => self.check_sealed(scan, root, report),
            SealSector::Open | SealSector::Unreadable => self.check_unsealed(report),
        }
        if !slots_known {
            return;
        }
        let mut next_used = 0;
        for frame in &scan.frames {
            self.check_unused(next_used..frame.slot_first, report);
            next_used = frame.slots_end();
        }
    }

    fn check_sealed(&self, scan: &Scan, root: Option<Hash>, report: &mut Report) {
        let Some(seal) = self.seal.seal() else { return };
        self.check_frames(scan, root, report);
        match &self.keys {
            None => report.add(Verdict::KeysFile, format!("{:020}.keys", self.first), "missing"),
            Some(keys) if keys.len() != seal.slots as usize => report.add(
                Verdict::KeysFile,
                format!("{:020}.keys", self.first),
                format!("{} slots instead of {}", keys.len(), seal.slots),
            ),
            Some(_) => {}
        }
    }

    /// What a sealed segment says of itself, without its secrets.
    pub fn check_frames(&self, scan: &Scan, root: Option<Hash>, report: &mut Report) {
        let Some(seal) = self.seal.seal() else { return };
        let end = seal.frames_end_bytes();
        let mut fault = |detail: String| report.add(Verdict::Seal, &self.name, detail);
        let found = (scan.stop, scan.slots, scan.next_seq);
        if (end, seal.slots, seal.end_seq) != found || scan.frames.is_empty() {
            let says = (end, seal.slots, seal.end_seq);
            fault(format!("says end, slots, entries {says:?}, found {found:?}"));
        }
        let frames = self.bytes.get(self.head.first_frame()..end).unwrap_or_default();
        if hash(&[frames]) != seal.frames_hash {
            fault("the hash of its frames does not fit".to_owned());
        }
        if root.is_some_and(|root| root != seal.root) {
            fault(format!("its root is not that of the first {} leaves", seal.end_seq));
        }
        let behind = self.bytes.get(end..).unwrap_or_default();
        if self.bytes.len() != end.next_multiple_of(self.head.align_bytes()) {
            fault("sealing unfinished: slots not zeroed or file not cut".to_owned());
        } else if behind.iter().any(|byte| *byte != 0) {
            report.add(Verdict::NoFrame, &self.name, format!("behind {end}"));
        }
    }

    fn check_unsealed(&self, report: &mut Report) {
        if self.seal == SealSector::Open {
            if !self.is_last {
                report.add(Verdict::Seal, &self.name, "missing");
            } else if self.bytes.len() != self.head.size_bytes() {
                let length = self.bytes.len();
                report.add(Verdict::Seal, &self.name, format!("missing, and {length} bytes long"));
            }
        }
        if self.keys.is_some() {
            let detail = "a keys file beside a segment that is not sealed";
            report.add(Verdict::KeysFile, format!("{:020}.keys", self.first), detail);
        }
    }

    fn check_unused(&self, slots: std::ops::Range<u32>, report: &mut Report) {
        let ending = if self.keys.is_some() { "keys" } else { "seg" };
        for slot in slots {
            if self.slot(slot).is_some_and(|bytes| bytes != [0; SLOT_BYTES]) {
                let place = format!("{:020}.{ending}", self.first);
                report.add(Verdict::UnusedSlots, place, format!("slot {slot}"));
            }
        }
    }
}

/// The slots of a keys file, even of one that is not whole.
fn read_keys(
    disk: &dyn Disk,
    directory: &Path,
    first: Seq,
    report: &mut Report,
) -> Result<Option<Vec<[u8; SLOT_BYTES]>>, JournalError> {
    let path = keys_path(directory, first);
    let bytes = match disk.read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => {
            return Err(JournalError::io(format!("reading {}", path.display()))(error));
        }
    };
    let name = format!("{first:020}.keys");
    Ok(Some(match KeysFile::decode(&bytes) {
        Some(keys) => {
            if keys.first_seq != first {
                let says = format!("says first entry {}", keys.first_seq);
                report.add(Verdict::KeysFile, name, says);
            }
            keys.slots
        }
        None => {
            report.add(Verdict::KeysFile, name, "not whole");
            KeysFile::slots_of_damaged(&bytes)
        }
    }))
}

fn guess(first: Seq, align: u32, bytes: &[u8], sealed: bool) -> SegmentHead {
    // Of a sealed segment nobody knows how long it was; only that its slots were behind its frames.
    let size = if sealed { u32::MAX } else { u32::try_from(bytes.len()).unwrap_or(u32::MAX) };
    SegmentHead { size, align, max_entry: 0, first_seq: first, epoch: 0, log_id: [0; 16] }
}
