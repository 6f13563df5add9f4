//! A data directory opened for reading only, beside a daemon or without one.

use std::{
    ops::RangeInclusive,
    path::{Path, PathBuf},
};

use nix::fcntl::{Flock, FlockArg};

use crate::{
    cli::exit::{Exit, Failure},
    kernel::{
        crypto::Secret,
        durable::{Disk, RealDisk},
        journal::{
            self, JournalError, Seq,
            frame::{Frame, candidates, read_frame},
            keys::KeysFile,
            sealed::open_body,
            segment::{SECTOR_BYTES, SegmentHead, first_seq_of, segment_path},
            tombstone::is_tombstone,
        },
        log::{
            checkpoint::{self, Checkpoint},
            note::Verifier,
        },
    },
};

/// A data directory.
pub struct Archive {
    data: PathBuf,
    firsts: Vec<Seq>,
}

/// One segment with the frames that are good by themselves.
pub struct Segment {
    pub bytes: Vec<u8>,
    pub frames: Vec<Frame>,
    head: SegmentHead,
    keys: Option<KeysFile>,
}

/// The newest checkpoint with the key that signed it.
pub struct Signed {
    pub checkpoint: Checkpoint,
    pub note: String,
    pub verifier: Verifier,
}

impl Archive {
    /// Looks which segments there are.
    ///
    /// # Errors
    /// There is no journal, or it cannot be read.
    pub fn open(data: &Path) -> Result<Archive, Failure> {
        let directory = journal::directory(data);
        if !directory.is_dir() {
            return Err(Failure::usage(format!(
                "{} holds no journal/; give a data directory with --dir",
                data.display()
            )));
        }
        let names =
            RealDisk.names(&directory).map_err(|error| Failure::io(directory.display(), &error))?;
        let mut firsts: Vec<Seq> = names.iter().filter_map(|name| first_seq_of(name)).collect();
        firsts.sort_unstable();
        Ok(Archive { data: data.to_owned(), firsts })
    }

    /// The directory.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// Gives every segment that holds entries of a range, in order.
    pub fn segments(
        &self,
        range: &RangeInclusive<Seq>,
    ) -> impl Iterator<Item = Result<Segment, Failure>> {
        let ends = self.firsts.iter().skip(1).copied().chain([Seq::MAX]);
        let overlapping = self
            .firsts
            .iter()
            .copied()
            .zip(ends)
            .filter(|(first, end)| *first <= *range.end() && *end > *range.start());
        let overlapping: Vec<(Seq, Seq)> = overlapping.collect();
        overlapping.into_iter().map(|(first, end)| self.segment(first, end))
    }

    /// The segment of an entry, and where in it the entry is.
    ///
    /// # Errors
    /// There is no such entry, or it is unreadable.
    pub fn entry(&self, seq: Seq) -> Result<(Segment, Frame), Failure> {
        for segment in self.segments(&(seq..=seq)) {
            let segment = segment?;
            let found = segment.frames.iter().find(|frame| frame.header.seq == seq).cloned();
            if let Some(frame) = found {
                return Ok((segment, frame));
            }
        }
        Err(Failure::usage(format!("there is no readable entry {seq} in {}", self.data.display())))
    }

    fn segment(&self, first: Seq, end: Seq) -> Result<Segment, Failure> {
        let directory = journal::directory(&self.data);
        let path = segment_path(&directory, first);
        let bytes = RealDisk.read(&path).map_err(|error| Failure::io(path.display(), &error))?;
        let head = SegmentHead::decode(&bytes).ok_or_else(|| JournalError::Damage {
            place: path.display().to_string(),
            what: "the segment header is unreadable".to_owned(),
        })?;
        let mut frames: Vec<Frame> = Vec::new();
        for frame in candidates(&bytes, SECTOR_BYTES).filter_map(|at| read_frame(&bytes, at)) {
            let newest = frames.last().map_or(first, |last| last.header.seq + 1);
            if (newest..end).contains(&frame.header.seq) {
                frames.push(frame);
            }
        }
        let keys = KeysFile::read(&RealDisk, &directory, first);
        Ok(Segment { bytes, frames, head, keys })
    }

    /// The newest checkpoint, checked with the key given or else the one beside it.
    ///
    /// # Errors
    /// There is none, or it is not signed by the key.
    pub fn signed(&self, given: Option<Verifier>) -> Result<Signed, Failure> {
        Signed::read(&self.data, given)
    }
}

impl Signed {
    /// As [`Archive::signed`]; nothing but `log/` is read.
    ///
    /// # Errors
    /// As there.
    pub fn read(data: &Path, given: Option<Verifier>) -> Result<Signed, Failure> {
        let log = checkpoint::directory(data);
        let read = |name: &str| {
            std::fs::read_to_string(log.join(name))
                .map_err(|error| Failure::io(log.join(name).display(), &error))
        };
        let damaged = |what: String| {
            Failure::new(Exit::Damaged, format!("{what}; 'ostoja log verify' says more"))
        };
        let verifier = match given {
            Some(verifier) => verifier,
            None => Verifier::parse(&read("vkey")?)
                .map_err(|error| damaged(format!("log/vkey: {error}")))?,
        };
        let note = read("checkpoint")?;
        let checkpoint = Checkpoint::open(&note, &verifier)
            .map_err(|error| damaged(format!("log/checkpoint: {error}")))?;
        Ok(Signed { checkpoint, note, verifier })
    }
}

impl Segment {
    /// The secret of a body; nothing if a tombstone stands in its place.
    pub fn secret(&self, frame: &Frame, body: u32) -> Option<Secret> {
        let slot = frame.slot_first.checked_add(body)?;
        let bytes = match &self.keys {
            Some(keys) => keys.secret(slot)?.0,
            None => self.head.slot_in(&self.bytes, slot)?,
        };
        (!is_tombstone(&bytes)).then_some(Secret(bytes))
    }

    /// The text of an attached body, if it can be read.
    pub fn text(&self, frame: &Frame, body: u32) -> Option<Vec<u8>> {
        let index = usize::try_from(body).ok()?;
        let descriptor = frame.header.bodies.get(index).filter(|it| it.detached.is_none())?;
        let stored = self.bytes.get(frame.bodies.get(index)?.clone())?;
        open_body(&self.secret(frame, body)?, &descriptor.commitment, stored)
    }
}

/// Whether a process holds the lock of a data directory.
pub fn is_in_use(data: &Path) -> bool {
    // Without a lock file nobody ever started here. The lock is given back at once.
    std::fs::File::open(data.join("lock"))
        .is_ok_and(|file| Flock::lock(file, FlockArg::LockSharedNonblock).is_err())
}

/// A verifier key as it was given: the text itself, or a file that holds it.
///
/// # Errors
/// It is neither.
pub fn given_verifier(given: Option<&str>) -> Result<Option<Verifier>, Failure> {
    let Some(given) = given else { return Ok(None) };
    let text = std::fs::read_to_string(given).unwrap_or_else(|_no_file| given.to_owned());
    Verifier::parse(text.trim()).map(Some).map_err(|error| {
        Failure::usage(format!(
            "--vkey takes the log's key (name+id+key) or a file that holds it; this is neither: {error}"
        ))
    })
}
