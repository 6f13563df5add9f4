//! A new epoch: a new key under a new origin, behind a journal whose end is lost, or whose key is
//! (docs/format.md, section 8).
//!
//! Two steps, both for a stopped daemon. [`plan`] changes nothing but that it keeps the new key, so that
//! the log's root key can state it. [`begin`] carries it out, and again from the first missing step
//! wherever it was cut short:
//!
//! 1. the old key's public part is kept, the journal recovered, its end accepted;
//! 2. the open segment sealed, or replaced if it is empty; a segment opened for the new epoch.
//!    From here until 6 no start serves;
//! 3. the index of what was lost taken out of its place;
//! 4. tiles removed that hold what was lost;
//! 5. the statement of the root key put in place, then origin and key;
//! 6. the entry `kernel.epoch` durable: the epoch has begun;
//! 7. what any start does: tiles, and the first checkpoint under the new key.

mod look;
mod prepared;
#[cfg(test)]
mod tests;
mod tiles;

use std::{path::Path, sync::Arc};

use crate::kernel::{
    clock,
    crypto::Hash,
    durable::{Disk, RealDisk, write_whole},
    journal::{
        self, JournalError, Seq,
        entry::{self, Restored},
        epoch::LastSegment,
        recover::Recovery,
        standing,
        writer::{SegmentSettings, Writer, open_reader},
    },
    log::{
        keys,
        note::{self, Signer, Verifier},
        statement::{Statements, statement_hash},
    },
    seeded::{self, Wrong},
    store::{
        Fault, FaultKind,
        commit::epoch_entry,
        secrets,
        shelf::{Shelf, SledShelf},
        start::{self, StoreSettings},
    },
};
use look::Found;
use prepared::Prepared;

/// Why no epoch was begun.
#[derive(Clone, Debug, thiserror::Error)]
pub enum NotBegun {
    /// What is asked for does not fit this log.
    #[error("{0}")]
    Refused(String),
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<JournalError> for NotBegun {
    fn from(error: JournalError) -> NotBegun {
        NotBegun::Fault(error.into())
    }
}

/// What a new epoch would be, or is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    pub number: u64,
    pub origin: String,
    /// The new key.
    pub key: Verifier,
    /// Number of entries that are there; the new epoch's first entry gets this seq.
    pub from: Seq,
    /// Root of those entries.
    pub root: Hash,
    /// One past the last entry known to be lost; equal to `from` if none is.
    pub lost_to: Seq,
    /// Size of the last checkpoint of the old key.
    pub signed: u64,
    pub old_key: Verifier,
}

/// A statement of the log's root key about the new key.
#[derive(Clone, Copy, Debug)]
pub struct Stated<'a> {
    pub note: &'a str,
    pub root: &'a Verifier,
}

/// Says what a new epoch would be, and keeps its key.
///
/// # Errors
/// There is another epoch of this origin, the journal is damaged elsewhere than at its end, another
/// process has it, or the device failed.
pub fn plan(data: &Path, origin: &str) -> Result<Plan, NotBegun> {
    let _lock = start::lock(data)?;
    let disk: Arc<dyn Disk> = Arc::new(RealDisk);
    plan_on(&disk, data, origin, &SledShelf::of(data)).map(|(plan, ..)| plan)
}

/// Begins a new epoch, or carries on.
///
/// # Errors
/// As [`plan`]; and the statement does not fit.
pub fn begin(
    data: &Path,
    origin: &str,
    stated: Option<Stated<'_>>,
    settings: &StoreSettings,
) -> Result<Plan, NotBegun> {
    let _lock = start::lock(data)?;
    let disk: Arc<dyn Disk> = Arc::new(RealDisk);
    begin_on(&disk, data, origin, stated, settings, &SledShelf::of(data))
}

/// As [`plan`], on any disk.
pub(in crate::kernel) fn plan_on(
    disk: &Arc<dyn Disk>,
    data: &Path,
    origin: &str,
    shelf: &dyn Shelf,
) -> Result<(Plan, Found, Prepared), NotBegun> {
    note::check_name(origin).map_err(|error| NotBegun::Refused(error.to_string()))?;
    let found = Found::read(disk.as_ref(), data)?;
    let kept = Prepared::read(disk.as_ref(), data)?;
    if let Some(number) = found.unfinished() {
        let known = kept.as_ref().is_some_and(|kept| kept.origin == origin);
        if !known {
            let name = kept.map_or_else(|| "unknown".to_owned(), |kept| kept.origin);
            return Err(NotBegun::Refused(format!(
                "epoch {number} was opened already, and its origin is {name}: carry on with that one"
            )));
        }
    }
    if found.origins().any(|used| used == origin) {
        return Err(NotBegun::Refused(format!(
            "{origin} is the origin of an epoch of this log already, and none is used twice"
        )));
    }
    let lost_to = found.proven(disk.as_ref(), data, shelf)?;
    let prepared = Prepared::keep(disk.as_ref(), data, origin, kept, lost_to)?;
    let plan = Plan {
        number: found.number_of_next(),
        origin: origin.to_owned(),
        key: prepared.signer()?.verifier(),
        from: found.length,
        root: found.root(),
        lost_to: prepared.lost_to,
        signed: found.old.checkpoint.size,
        old_key: found.old_key.clone(),
    };
    Ok((plan, found, prepared))
}

/// As [`begin`], on any disk.
pub(in crate::kernel) fn begin_on(
    disk: &Arc<dyn Disk>,
    data: &Path,
    origin: &str,
    stated: Option<Stated<'_>>,
    settings: &StoreSettings,
    shelf: &dyn Shelf,
) -> Result<Plan, NotBegun> {
    if let Some(plan) = finish_begun(disk, data, origin, settings)? {
        return Ok(plan);
    }
    let (plan, found, prepared) = plan_on(disk, data, origin, shelf)?;
    let statements = statements(disk.as_ref(), data, &plan, stated)?;
    keys::keep_earlier(disk.as_ref(), data, &plan.old_key)?;
    let mut writer = writer(disk, data, &plan, &found, settings)?;
    let unknown = |error| NotBegun::Fault(Fault::of(FaultKind::Device, error));
    writer.begin_epoch().map_err(unknown)?;
    if !seeded::is_on(Wrong::IndexOfTheLostKept) && look::indexed(shelf)?.is_none_or(|at| at > 0) {
        shelf.set_aside()?;
    }
    if !seeded::is_on(Wrong::TilesOfTheLostKept) {
        tiles::clear_behind(disk.as_ref(), data, plan.from)?;
    }
    let statement = place_statement(disk.as_ref(), data, &plan, &statements)?;
    let late_key = seeded::is_on(Wrong::EpochBeforeItsKey);
    if !late_key {
        prepared.take_up(disk.as_ref(), data)?;
    }
    let restored = Restored {
        old_checkpoint: found.old.note.clone(),
        lost_from: plan.from,
        lost_to: plan.lost_to,
    };
    let epoch = entry::Epoch {
        number: plan.number,
        origin: plan.origin.clone(),
        restored: Some(restored),
        statement,
    };
    let first = epoch_entry(plan.from, epoch, start::program_id(), settings.clock.now())
        .map_err(Fault::new)?;
    writer.append(&[first]).map_err(unknown)?;
    if late_key {
        prepared.take_up(disk.as_ref(), data)?;
    }
    drop(writer);
    finish(disk, data, settings)?;
    Ok(plan)
}

/// What is left when the entry is there: what any start does, and the prepared key is in its place.
fn finish(disk: &Arc<dyn Disk>, data: &Path, settings: &StoreSettings) -> Result<(), NotBegun> {
    start::open_journal(Arc::clone(disk), data, settings, 0)?;
    Ok(Prepared::forget(disk.as_ref(), data)?)
}

/// The epoch has begun: its entry is there, and so are its secrets.
fn finish_begun(
    disk: &Arc<dyn Disk>,
    data: &Path,
    origin: &str,
    settings: &StoreSettings,
) -> Result<Option<Plan>, NotBegun> {
    let journal = journal::directory(data);
    let epochs = journal::epoch::epochs(disk.as_ref(), &journal)?;
    let begun = epochs.last().filter(|last| last.epoch.origin == origin);
    let (Some(begun), Some(restored)) =
        (begun, begun.and_then(|begun| begun.epoch.restored.as_ref()))
    else {
        return Ok(None);
    };
    let found = standing::read(disk.as_ref(), &journal, Some(begun.seq))?;
    let key = secrets::signer(disk.as_ref(), data)?.verifier();
    let old = keys::earlier(disk.as_ref(), data)?;
    let plan = Plan {
        number: begun.epoch.number,
        origin: origin.to_owned(),
        old_key: old.last().cloned().unwrap_or_else(|| key.clone()),
        key,
        from: begun.seq,
        root: found.at_mark.unwrap_or_else(|| found.frontier.root()),
        lost_to: restored.lost_to,
        signed: look::size_of(&restored.old_checkpoint)?,
    };
    finish(disk, data, settings)?;
    Ok(Some(plan))
}

/// The statements as they are to stand: with the one given, or with one that was put in place before.
fn statements(
    disk: &dyn Disk,
    data: &Path,
    plan: &Plan,
    stated: Option<Stated<'_>>,
) -> Result<Statements, NotBegun> {
    let refused = |what: String| NotBegun::Refused(format!("the statement does not fit: {what}"));
    let kept = keys::statements(disk, data)?;
    let Some(Stated { note, root }) = stated else { return Ok(kept) };
    let is_there = kept.newest().is_some_and(|(_, newest)| newest == note);
    let statements = if is_there {
        kept
    } else {
        kept.and(note, root).map_err(|error| refused(error.to_string()))?
    };
    let Some((statement, _)) = statements.newest() else { return Ok(statements) };
    if statement.key != plan.key {
        return Err(refused(format!(
            "it states {}, not {}",
            statement.key.vkey(),
            plan.key.vkey()
        )));
    }
    if (statement.from, statement.root) != (plan.from, plan.root) {
        return Err(refused(format!(
            "it holds from {} entries on, and the log has {}, or another tree of that size",
            statement.from, plan.from
        )));
    }
    Ok(statements)
}

fn place_statement(
    disk: &dyn Disk,
    data: &Path,
    plan: &Plan,
    statements: &Statements,
) -> Result<Option<Hash>, NotBegun> {
    let newest = statements.newest().filter(|(statement, _)| statement.key == plan.key);
    let Some((_, note)) = newest else { return Ok(None) };
    keys::write_statements(disk, data, statements)?;
    Ok(Some(statement_hash(note)))
}

/// The journal as it is, recovered behind its loss and ready to be written.
fn writer(
    disk: &Arc<dyn Disk>,
    data: &Path,
    plan: &Plan,
    found: &Found,
    settings: &StoreSettings,
) -> Result<Writer, NotBegun> {
    let directory = &journal::directory(data);
    let now_ms = clock::to_ms(settings.clock.now());
    // Nothing proves durable what is declared to be lost.
    let recovered = Recovery { disk: disk.as_ref(), directory, floor: 0, now_ms }.run()?;
    if recovered.length != plan.from {
        return Err(NotBegun::Fault(Fault::of(
            FaultKind::Damage,
            format!(
                "the journal has {} entries after recovery, not {}: run the command again",
                recovered.length, plan.from
            ),
        )));
    }
    let reader = open_reader(disk, directory, &recovered)?;
    let epoch = u32::try_from(plan.number).map_err(Fault::new)?;
    let settings = SegmentSettings {
        size: settings.segment_bytes,
        align: settings.align,
        epoch,
        log_id: found.log_id,
    };
    let tree = found.frontier.clone();
    Ok(Writer::new(Arc::clone(disk), directory, settings, reader, &recovered, tree)?)
}
