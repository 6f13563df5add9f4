//! Start-up: lock, recover, open the index with suspicion, apply the rest, go (docs/format.md,
//! section 4; design of the index in docs/decisions/001-sled.md).

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, RwLock},
    time::Duration,
};

use nix::fcntl::{Flock, FlockArg};

use crate::kernel::{
    clock::{self, Clock},
    crypto::{hash, random},
    durable::{Disk, RealDisk, make_directory, write_whole},
    erasure, identity,
    journal::{
        self, JournalError,
        entry::Epoch,
        epoch::{self, Begun, LastSegment},
        reader::Reader,
        recover::{Recovered, Recovery},
        segment::first_eight,
        writer::{SegmentSettings, Writer, open_reader},
    },
    log::{
        checkpoint::{Log, signed_size},
        note::{Signer, Verifier},
    },
    seeded::{self, Wrong},
    store::{
        Fault, FaultKind, Store,
        apply::{Applied, Kinds},
        commit::{Parts, epoch_entry},
        index::Index,
        rebuild::{applied, replay},
        record::KindInfo,
        refill::Source,
        secrets::Secrets,
        shelf::{self, MemoryShelf, Shelf, SledShelf},
    },
};

/// Production segments. Tests use small ones.
pub const SEGMENT_BYTES: u32 = 64 << 20;

/// Which index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IndexChoice {
    Sled,
    /// Rebuilt at every start; the oracle of tests.
    Memory,
}

/// How to open a store.
#[derive(Clone)]
pub struct StoreSettings {
    pub segment_bytes: u32,
    pub align: u32,
    pub index: IndexChoice,
    pub clock: Clock,
    pub checkpoint_every: Duration,
    /// What to do when the outcome of a write is unknown. Production aborts; recovery then looks.
    pub on_unknown: fn(&str),
}

impl Default for StoreSettings {
    fn default() -> StoreSettings {
        StoreSettings {
            segment_bytes: SEGMENT_BYTES,
            align: 512,
            index: IndexChoice::Sled,
            clock: Clock::System,
            checkpoint_every: Duration::from_secs(1),
            on_unknown: |why| {
                tracing::error!(
                    why,
                    "the outcome of a write is unknown: stopping, so that recovery looks"
                );
                std::process::abort();
            },
        }
    }
}

/// What start-up did, for the log and the metrics.
#[derive(Debug, Default)]
pub struct StartReport {
    pub entries: u64,
    pub cut: u64,
    pub damaged_text: Vec<u64>,
    /// There was one, and something was wrong with it.
    pub rebuilt: bool,
    pub rebuild_reason: Option<String>,
    pub replayed: u64,
}

/// Held as long as a process uses a data directory.
pub struct DataLock(
    #[expect(dead_code, reason = "held, not read: dropping it unlocks")] Flock<fs::File>,
);

/// Creates an empty data directory: secrets and the first entry. Only this creates; a missing
/// directory is otherwise an error.
///
/// # Errors
/// There is a journal already, or the device failed.
pub fn create(
    data: &Path,
    origin: &str,
    kinds: &[&[KindInfo]],
    settings: &StoreSettings,
) -> Result<(), Fault> {
    create_on(&(Arc::new(RealDisk) as Arc<dyn Disk>), data, origin, kinds, settings)
}

/// As [`create`], on any disk.
pub(in crate::kernel) fn create_on(
    disk: &Arc<dyn Disk>,
    data: &Path,
    origin: &str,
    kinds: &[&[KindInfo]],
    settings: &StoreSettings,
) -> Result<(), Fault> {
    let journal = journal::directory(data);
    if disk.exists(&journal) {
        let what = format!("{} holds a journal already; nothing was touched", data.display());
        return Err(Fault::of(FaultKind::JournalExists, what));
    }
    for directory in
        [data, &data.join("secrets"), &data.join("blobs"), &data.join("scratch"), &data.join("log")]
    {
        make_directory(disk.as_ref(), directory)
            .map_err(JournalError::io(directory.display().to_string()))?;
    }
    let secret = |name: &str, bytes: &[u8]| {
        write_whole(disk.as_ref(), &data.join("secrets").join(name), bytes)
            .map_err(JournalError::io(format!("secrets/{name}")))
    };
    secret("log.key", &Signer::generate().map_err(Fault::new)?)?;
    secret("origin", origin.as_bytes())?;
    secret("scratch.key", &random::<32>()?)?;
    secret("pseudonym.key", &random::<32>()?)?;
    secret("log.id", &random::<16>()?)?;
    make_directory(disk.as_ref(), &journal).map_err(JournalError::io("creating journal/"))?;
    // Kinds are checked here too, so that a program with two of one number cannot start a log.
    Kinds::new(&[&[identity::people::KINDS, erasure::KINDS], kinds].concat())?;
    let opened = open_journal(Arc::clone(disk), data, settings, 0)?;
    let mut writer = opened.writer(settings)?;
    let first = Epoch { number: 1, origin: origin.to_owned(), restored: None, statement: None };
    let first = epoch_entry(0, first, program_id(), settings.clock.now())?;
    writer.append(&[first]).map_err(Fault::new)?;
    opened.log.advance(&opened.reader, 1)?;
    Ok(())
}

pub(super) struct OpenedJournal {
    disk: Arc<dyn Disk>,
    data: PathBuf,
    recovered: Recovered,
    reader: Arc<Reader>,
    log: Log,
    frontier: crate::kernel::log::tree::Frontier,
    log_id: [u8; 16],
    pseudonym_key: [u8; 32],
}

impl OpenedJournal {
    fn settings(&self, settings: &StoreSettings) -> SegmentSettings {
        SegmentSettings {
            size: settings.segment_bytes,
            align: settings.align,
            epoch: self.recovered.epoch(),
            log_id: self.log_id,
        }
    }

    fn writer(&self, settings: &StoreSettings) -> Result<Writer, Fault> {
        Ok(Writer::new(
            Arc::clone(&self.disk),
            &journal::directory(&self.data),
            self.settings(settings),
            Arc::clone(&self.reader),
            &self.recovered,
            self.frontier.clone(),
        )?)
    }
}

pub(super) fn open_journal(
    disk: Arc<dyn Disk>,
    data: &Path,
    settings: &StoreSettings,
    index_length: u64,
) -> Result<OpenedJournal, Fault> {
    let journal = journal::directory(data);
    if !disk.exists(&journal) {
        return Err(no_journal(data));
    }
    // What is missing is named before anything is touched.
    let Secrets { signer, pseudonym_key, log_id } = Secrets::read(disk.as_ref(), data)?;
    let begun = begun(disk.as_ref(), &journal, &signer.verifier())?;
    let signed = signed_size(disk.as_ref(), data, &signer.verifier(), begun.as_ref())?;
    let (floor, now_ms) = (signed.max(index_length), clock::to_ms(settings.clock.now()));
    let directory = &journal;
    let recovered = Recovery { disk: disk.as_ref(), directory, floor, now_ms }.run()?;
    if let Some(number) = recovered.unfinished_epoch().filter(|_| !serves_unfinished()) {
        return Err(unfinished(number));
    }
    let heads = recovered.segments.iter().map(|segment| segment.head);
    if heads.chain(recovered.open.iter().map(|open| open.head)).any(|head| head.log_id != log_id) {
        let what = "it is not the one that stands in the segments: it is of another data directory";
        return Err(JournalError::damage("secrets/log.id", what).into());
    }
    let reader = open_reader(&disk, &journal, &recovered)?;
    let (log, frontier) = Log::open(Arc::clone(&disk), data, signer, &reader, begun.as_ref())?;
    log.look_at_keys();
    let data = data.to_owned();
    Ok(OpenedJournal { disk, data, recovered, reader, log, frontier, log_id, pseudonym_key })
}

/// The entry that begins the newest epoch, if the last segment begins with it.
fn begun(disk: &dyn Disk, journal: &Path, verifier: &Verifier) -> Result<Option<Begun>, Fault> {
    match epoch::last_segment(disk, journal)? {
        LastSegment::GoesOn => Ok(None),
        LastSegment::Unfinished(_) if serves_unfinished() => Ok(None),
        LastSegment::Unfinished(number) => Err(unfinished(number)),
        LastSegment::Begins(begun) if begun.epoch.origin != verifier.name() => {
            let what = format!(
                "it is not {}, the origin of the newest epoch: it is of an earlier one",
                begun.epoch.origin
            );
            Err(JournalError::damage("secrets/origin", what).into())
        }
        LastSegment::Begins(begun) => Ok(Some(begun)),
    }
}

fn serves_unfinished() -> bool {
    seeded::is_on(Wrong::UnfinishedEpochServed)
}

fn unfinished(number: u32) -> Fault {
    let what = format!(
        "epoch {number} was opened and has not begun: run 'ostoja log new-epoch' again, it carries on"
    );
    JournalError::damage("journal", what).into()
}

/// Opens a store and starts its threads.
///
/// # Errors
/// Another process holds it, the journal is damaged, or the device failed.
pub fn open(
    data: &Path,
    kinds: &[&[KindInfo]],
    settings: &StoreSettings,
) -> Result<(Arc<Store>, StartReport), Fault> {
    let lock = lock(data)?;
    let shelf: Arc<dyn Shelf> = match settings.index {
        IndexChoice::Sled => Arc::new(SledShelf::of(data)),
        IndexChoice::Memory => Arc::new(MemoryShelf),
    };
    let stood = stand(Arc::new(RealDisk), data, kinds, settings, shelf, Some(lock))?;
    stood.store.run(stood.writer)?;
    Ok((stood.store, stood.report))
}

/// A store that stands, with its threads not yet running.
pub(in crate::kernel) struct Stood {
    pub store: Arc<Store>,
    pub writer: Writer,
    pub report: StartReport,
}

/// Recovers the journal, brings the index to it, and puts the store together.
pub(in crate::kernel) fn stand(
    disk: Arc<dyn Disk>,
    data: &Path,
    kinds: &[&[KindInfo]],
    settings: &StoreSettings,
    shelf: Arc<dyn Shelf>,
    lock: Option<DataLock>,
) -> Result<Stood, Fault> {
    let kinds = Kinds::new(&[&[identity::people::KINDS, erasure::KINDS], kinds].concat())?;
    let mut report = StartReport::default();
    let index = shelf.open(&mut report);
    let marker = index.as_ref().and_then(|it| standing(it.as_ref(), &kinds, &mut report));
    let index_length = marker.as_ref().map_or(0, |marker| marker.length);
    let opened = open_journal(disk, data, settings, index_length)?;
    if opened.recovered.length == 0 {
        return Err(Fault::of(
            FaultKind::Damage,
            format!(
                "{} was not created whole: its journal holds no entry, so nothing was ever saved in it; remove it and run 'ostoja init' again",
                data.display()
            ),
        ));
    }
    report.entries = opened.recovered.length;
    report.cut = opened.recovered.cut;
    report.damaged_text.clone_from(&opened.recovered.damaged_text);
    let (index, stands_in) =
        bring_up(index, marker.as_ref(), &opened.reader, &kinds, shelf.as_ref(), &mut report)?;
    report.rebuilt = report.rebuild_reason.is_some();
    let writer = opened.writer(settings)?;
    let parts = Parts {
        disk: Arc::clone(&opened.disk),
        data: data.to_owned(),
        clock: settings.clock.clone(),
        kinds,
        reader: Arc::clone(&opened.reader),
        max_entry: opened.settings(settings).max_entry(),
        index: RwLock::new(index),
        stands_in,
        shelf,
        program: program_id(),
        pseudonym_key: opened.pseudonym_key,
        lock,
        checkpoint_every: settings.checkpoint_every,
        log: opened.log,
    };
    let store = Store::over(parts, writer.next_seq(), settings.on_unknown)?;
    Ok(Stood { store: Arc::new(store), writer, report })
}

/// Brings an index to the end of the journal: the one that stands, with the entries that it lacks, or one that
/// is made anew. Says whether that is one in memory, because the disk takes none.
fn bring_up(
    index: Option<Arc<dyn Index>>,
    marker: Option<&Applied>,
    reader: &Reader,
    kinds: &Kinds,
    shelf: &dyn Shelf,
    report: &mut StartReport,
) -> Result<(Arc<dyn Index>, bool), Fault> {
    let length = report.entries;
    if let Some(index) = index {
        if let Some(from) = begin_at(marker, reader, report)? {
            match replay(reader, kinds, index.as_ref(), from, length) {
                Ok(_) => {
                    report.replayed = length - from;
                    return Ok((index, false));
                }
                Err(fault) => report.rebuild_reason = Some(fault.0),
            }
        }
        // It is moved aside next.
        shelf::close(index);
    }
    warn_of_rebuild(report);
    report.replayed = length;
    let source = Source { reader, kinds, length };
    shelf.renew(&source).map(|made| (made, false)).or_else(|fault| {
        tracing::error!(%fault, "the disk takes no index: one in memory stands in");
        shelf::in_memory(&source).map(|made| (made, true))
    })
}

/// How far the index says it is. What it says is not believed if it cannot be read, or if another reducer
/// wrote it; then there is a reason to make it again.
fn standing(index: &dyn Index, kinds: &Kinds, report: &mut StartReport) -> Option<Applied> {
    let why = match applied(index) {
        Ok(None) => "the index does not say how far it is".to_owned(),
        Ok(Some(marker)) if marker.is_ours(kinds) => return Some(marker),
        Ok(Some(_)) => "another reducer wrote the index".to_owned(),
        Err(fault) => fault.0,
    };
    report.rebuild_reason = Some(why);
    None
}

/// The first entry that the index lacks; `None` if it must be made again.
fn begin_at(
    marker: Option<&Applied>,
    reader: &Reader,
    report: &mut StartReport,
) -> Result<Option<u64>, Fault> {
    let Some(marker) = marker else { return Ok(None) };
    let Some(seq) = marker.length.checked_sub(1) else { return Ok(Some(0)) };
    if Some(reader.frame(seq)?.frame.leaf) == marker.leaf {
        return Ok(Some(marker.length));
    }
    report.rebuild_reason = Some("the index is of another journal".to_owned());
    Ok(None)
}

fn warn_of_rebuild(report: &StartReport) {
    if let Some(why) = &report.rebuild_reason {
        tracing::warn!(why, "the index is made again from the journal");
    }
}

fn no_journal(data: &Path) -> Fault {
    let what = format!("{} holds no journal; 'ostoja init' creates one", data.display());
    Fault::of(FaultKind::NoJournal, what)
}

/// Takes the lock on a data directory.
///
/// # Errors
/// Another process has it.
pub fn lock(data: &Path) -> Result<DataLock, Fault> {
    if !journal::directory(data).exists() {
        return Err(no_journal(data));
    }
    let file =
        fs::OpenOptions::new().create(true).truncate(false).write(true).open(data.join("lock"));
    let file = file.map_err(JournalError::io(data.display().to_string()))?;
    let taken = format!("{} is in use by another process", data.display());
    Flock::lock(file, FlockArg::LockExclusiveNonblock)
        .map(DataLock)
        .map_err(|_locked| Fault::of(FaultKind::Busy, taken))
}

/// The first bytes of the program file's hash: which build wrote an entry.
pub(super) fn program_id() -> [u8; 8] {
    static ID: std::sync::OnceLock<[u8; 8]> = std::sync::OnceLock::new();
    *ID.get_or_init(|| {
        let bytes = std::env::current_exe().and_then(fs::read).unwrap_or_default();
        first_eight(hash(&[&bytes]))
    })
}
