//! What there is before a new epoch: the journal read without changing it, the checkpoint, the keys, and
//! everything that says how far the log once was.

use super::{
    Disk, Fault, FaultKind, Hash, JournalError, LastSegment, NotBegun, Path, Seq, Shelf, Verifier,
    journal, keys, note, secrets, standing,
};
use crate::kernel::{
    journal::epoch::{self, Begun},
    log::{
        checkpoint::{self, Checkpoint, Released},
        cosigned,
        tiles::TileReader,
        tree::Frontier,
    },
    store::{rebuild, shelf, start::StartReport},
};

/// What is there.
pub(in crate::kernel) struct Found {
    pub log_id: [u8; 16],
    begun: Vec<Begun>,
    last: LastSegment,
    pub length: Seq,
    pub frontier: Frontier,
    /// The newest checkpoint of the old key.
    pub old: Released,
    pub old_key: Verifier,
}

impl Found {
    pub fn read(disk: &dyn Disk, data: &Path) -> Result<Found, NotBegun> {
        let journal = journal::directory(data);
        let last = epoch::last_segment(disk, &journal)?;
        let begun = epoch::epochs(disk, &journal)?;
        let origin = begun.last().map(|newest| newest.epoch.origin.clone());
        let Some(origin) = origin else {
            return Err(damaged("the journal holds no entry: there is nothing that could go on"));
        };
        let (old, old_key) = old_checkpoint(disk, data, &origin)?;
        let scanned = standing::read(disk, &journal, Some(old.checkpoint.size))?;
        let (length, frontier) = (scanned.frontier.size(), scanned.frontier);
        check_same_log(disk, data, &old.checkpoint, &frontier, scanned.at_mark)?;
        Ok(Found { log_id: scanned.log_id, begun, last, length, frontier, old, old_key })
    }

    pub fn root(&self) -> Hash {
        self.frontier.root()
    }

    /// The epoch that was opened and has not begun.
    pub fn unfinished(&self) -> Option<u32> {
        if let LastSegment::Unfinished(number) = self.last { Some(number) } else { None }
    }

    pub fn origins(&self) -> impl Iterator<Item = &str> {
        self.begun.iter().map(|begun| begun.epoch.origin.as_str())
    }

    pub fn number_of_next(&self) -> u64 {
        self.begun.last().map_or(1, |newest| newest.epoch.number + 1)
    }

    /// One past the last entry that anything proves to have been there, or that is there.
    pub fn proven(&self, disk: &dyn Disk, data: &Path, shelf: &dyn Shelf) -> Result<Seq, Fault> {
        let cosigned = cosigned::all(disk, &cosigned::directory(data), &self.old_key);
        let cosigned = cosigned.map_err(JournalError::io("reading cosigned/"))?;
        let cosigned = cosigned.iter().map(|one| one.checkpoint.size).max().unwrap_or(0);
        let indexed = indexed(shelf)?.unwrap_or(0);
        Ok(self.length.max(self.old.checkpoint.size).max(cosigned).max(indexed))
    }
}

fn damaged(what: impl std::fmt::Display) -> NotBegun {
    NotBegun::Fault(Fault::of(FaultKind::Damage, what))
}

/// How far the index says it is; `None` if it says so in no way that is known.
pub(super) fn indexed(shelf: &dyn Shelf) -> Result<Option<Seq>, Fault> {
    let mut report = StartReport::default();
    let Some(index) = shelf.open(&mut report) else {
        return Ok(report.rebuild_reason.is_none().then_some(0));
    };
    let applied = rebuild::applied(index.as_ref());
    shelf::close(index);
    Ok(applied.ok().map(|applied| applied.map_or(0, |marker| marker.length)))
}

/// The size that a quoted checkpoint says.
pub(super) fn size_of(note: &str) -> Result<u64, Fault> {
    let checkpoint = note::unverified_text(note).and_then(Checkpoint::parse);
    Ok(checkpoint.map_err(|error| JournalError::damage("journal", error.to_string()))?.size)
}

/// The checkpoint of the newest epoch that has begun, and the key that signed it: the one that is kept as
/// an earlier one if a verb was cut short, else the one beside it or the one that signs.
fn old_checkpoint(
    disk: &dyn Disk,
    data: &Path,
    origin: &str,
) -> Result<(Released, Verifier), NotBegun> {
    let place = "log/checkpoint";
    let log = checkpoint::directory(data);
    if !disk.exists(&log.join("checkpoint")) {
        let what = "it is missing; without it nobody can say what was lost, so put back the newest copy of it";
        return Err(JournalError::damage(place, what).into());
    }
    let read = |name: &str| {
        disk.read(&log.join(name)).map_err(JournalError::io(format!("reading log/{name}")))
    };
    let note = String::from_utf8(read("checkpoint")?)
        .map_err(|error| JournalError::damage(place, error.to_string()))?;
    let mut known = keys::earlier(disk, data)?;
    let beside = read("vkey").ok().and_then(|text| String::from_utf8(text).ok());
    known.extend(beside.and_then(|text| Verifier::parse(&text).ok()));
    known.extend(secrets::signer(disk, data).ok().map(|signer| signer.verifier()));
    for key in known.into_iter().rev().filter(|key| key.name() == origin) {
        if let Ok(checkpoint) = Checkpoint::open(&note, &key) {
            return Ok((Released { checkpoint, note }, key));
        }
    }
    let what = format!(
        "it is not signed by a known key of {origin}, the newest origin in the journal; log/vkey or secrets/log.key of that time would do"
    );
    Err(JournalError::damage(place, what).into())
}

/// The journal must be a beginning of the signed log, or the signed log one of the journal.
fn check_same_log(
    disk: &dyn Disk,
    data: &Path,
    signed: &Checkpoint,
    journal: &Frontier,
    at_signed: Option<Hash>,
) -> Result<(), NotBegun> {
    let other = || damaged("the journal is not of the log that log/checkpoint was signed for");
    if signed.size <= journal.size() {
        return if at_signed == Some(signed.root) { Ok(()) } else { Err(other()) };
    }
    let directory = &checkpoint::directory(data);
    let tiles = |size| TileReader { disk, directory, size }.frontier();
    // Tiles may be lost, or be cleared already; then there is nothing to compare with.
    let whole = tiles(signed.size).is_ok_and(|whole| whole.root() == signed.root);
    match tiles(journal.size()) {
        Ok(here) if whole && here.root() != journal.root() => Err(other()),
        Ok(_) | Err(_) => Ok(()),
    }
}
