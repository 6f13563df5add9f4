//! The commit path: decide, encode, append as a group, one fdatasync, visible, answered.
//!
//! Decisions run one at a time under one lock and make *pending* entries. The sync thread takes all
//! that are pending as a group, makes them durable, moves them to the overlay and wakes whoever waits.
//! The apply thread brings the overlay into the index behind. The sign thread makes checkpoints.

mod encode;
mod heal;
mod health;
mod rubbish;
mod turns;

use std::{
    collections::{BTreeMap, VecDeque},
    path::{Path, PathBuf},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

use tokio::sync::oneshot;

pub use encode::pseudonym;
pub(in crate::kernel) use encode::{encode_entry, epoch_entry};
pub(in crate::kernel) use turns::Turn;

use crate::kernel::{
    blobs::{self, Spared},
    clock::Clock,
    crypto::{Hash, random},
    durable::Disk,
    erasure::carry_out::Erasing,
    identity::Actor,
    journal::{
        Seq,
        reader::Reader,
        writer::{Prepared, Writer},
    },
    limits::{OVERLAY_KEYS_MAX, PENDING_ENTRIES_MAX},
    log::checkpoint::Log,
    store::{
        Desk, Fault, Refusal, Ticket, View,
        apply::Kinds,
        cursor::CursorKey,
        desk::{NotSaved, Refused},
        index::{Batch, Index, Pair, part},
        made::Made,
        overlay::{Newest, Overlay, newest_in},
        record::BlobRef,
        scrub,
        shelf::Shelf,
        view::merge,
    },
};

/// Keys of the overlay that a reader looks at beyond the rows it asks for: those that are gone.
const OVERLAY_PART_KEYS: usize = 64;

/// What a waiter hears.
pub type Outcome = Result<(), NotSaved>;

/// An entry that was decided: how it goes to disk, what it changes, and its texts for the decisions
/// that come before it is durable.
pub(in crate::kernel) struct Encoded {
    prepared: Prepared,
    batch: Batch,
    texts: Vec<(u32, u16, Vec<u8>)>,
    answer: Option<String>,
    spared: Vec<Spared>,
}

struct PendingEntry {
    leaf: Hash,
    batch: Batch,
    waiters: Vec<oneshot::Sender<Outcome>>,
    #[expect(dead_code, reason = "held, not read: dropping it ends the care for its blobs")]
    spared: Vec<Spared>,
}

/// Entries decided but not yet durable, and the keys they change.
pub(in crate::kernel) struct Pending {
    next_seq: Seq,
    /// Waiting for the sync thread.
    queue: Vec<Prepared>,
    /// In seq order: waiting or in flight.
    entries: VecDeque<PendingEntry>,
    newest: Newest,
    texts: BTreeMap<(Seq, u32), (u16, Vec<u8>)>,
    closed: Option<String>,
}

impl Pending {
    pub(in crate::kernel) fn next_seq(&self) -> Seq {
        self.next_seq
    }

    pub(in crate::kernel) fn get(&self, key: &[u8]) -> Option<Option<Vec<u8>>> {
        self.newest.get(key).map(|(_, value)| value.clone())
    }

    pub(in crate::kernel) fn range(&self, from: &[u8], to: Option<&[u8]>) -> Batch {
        newest_in(&self.newest, from, to, usize::MAX)
    }

    pub(in crate::kernel) fn text(&self, seq: Seq, body: u32) -> Option<(u16, Vec<u8>)> {
        self.texts.get(&(seq, body)).cloned()
    }

    /// What must become durable before anything seen here may be spoken of: the newest pending entry.
    pub(in crate::kernel) fn last_outcome(&mut self) -> Option<oneshot::Receiver<Outcome>> {
        let last = self.entries.back_mut()?;
        let (send, receive) = oneshot::channel();
        last.waiters.push(send);
        Some(receive)
    }

    fn first_seq(&self) -> Seq {
        self.next_seq - self.entries.len() as Seq
    }
}

/// The parts a store is made of; `start` puts them together.
pub(in crate::kernel) struct Parts {
    pub disk: Arc<dyn Disk>,
    pub data: PathBuf,
    pub clock: Clock,
    pub kinds: Kinds,
    pub reader: Arc<Reader>,
    pub log: Log,
    pub index: RwLock<Arc<dyn Index>>,
    /// The index is one in memory, because the disk takes none.
    pub stands_in: bool,
    /// Where it would stand.
    pub shelf: Arc<dyn Shelf>,
    pub program: [u8; 8],
    pub pseudonym_key: [u8; 32],
    #[expect(dead_code, reason = "held, not read: dropping it unlocks the directory")]
    pub lock: Option<super::start::DataLock>,
    /// Longest frame with its slots.
    pub max_entry: u32,
    /// Pause between checkpoints.
    pub checkpoint_every: Duration,
}

/// Figures for `/metrics`.
#[derive(Default)]
pub struct StoreCounters {
    pub groups: AtomicU64,
    pub syncs_us: AtomicU64,
    pub applied: AtomicU64,
    pub overlay_keys: AtomicU64,
    pub index_faults: AtomicU64,
    pub sign_faults: AtomicU64,
}

/// The store: one for a data directory.
pub struct Store {
    pub(super) parts: Parts,
    pending: Mutex<Pending>,
    /// Something is pending, or room was made.
    wake: Condvar,
    overlay: RwLock<Overlay>,
    overlay_wake: (Mutex<bool>, Condvar),
    stopping: AtomicBool,
    cursors: CursorKey,
    pub counters: StoreCounters,
    pub scrubbed: scrub::Figures,
    failing: health::Failing,
    staging: blobs::Staging,
    pub(in crate::kernel) erasing: Erasing,
    pub(in crate::kernel) made: Made,
    threads: Mutex<Vec<JoinHandle<()>>>,
    /// What to do when the outcome of a write is unknown. In production: abort.
    on_unknown: fn(&str),
}

impl Store {
    /// A store over what a start found. Nothing happens in it until its threads run, or a test gives
    /// them their turns.
    pub(in crate::kernel) fn over(
        parts: Parts,
        next_seq: Seq,
        on_unknown: fn(&str),
    ) -> Result<Store, Fault> {
        let pending = Pending {
            next_seq,
            queue: Vec::new(),
            entries: VecDeque::new(),
            newest: BTreeMap::new(),
            texts: BTreeMap::new(),
            closed: None,
        };
        let failing = health::Failing::default();
        failing.stands_in.store(parts.stands_in, Ordering::Relaxed);
        failing.indexing.store(parts.stands_in, Ordering::Relaxed);
        Ok(Store {
            parts,
            pending: Mutex::new(pending),
            wake: Condvar::new(),
            overlay: RwLock::new(Overlay::default()),
            overlay_wake: (Mutex::new(false), Condvar::new()),
            stopping: AtomicBool::new(false),
            cursors: CursorKey::new(random()?),
            counters: StoreCounters::default(),
            scrubbed: scrub::Figures::default(),
            failing,
            staging: blobs::Staging::default(),
            erasing: Erasing::default(),
            made: Made::default(),
            threads: Mutex::new(Vec::new()),
            on_unknown,
        })
    }

    /// Starts the four threads.
    pub(in crate::kernel) fn run(self: &Arc<Store>, writer: Writer) -> Result<(), Fault> {
        let spawn = |name: &str, work: Box<dyn FnOnce() + Send>| {
            std::thread::Builder::new().name(name.to_owned()).spawn(work).map_err(Fault::new)
        };
        let (sync, apply) = (Arc::clone(self), Arc::clone(self));
        let (sign, erase) = (Arc::clone(self), Arc::clone(self));
        let threads = vec![
            spawn("sync", Box::new(move || sync.sync_loop(writer)))?,
            spawn("apply", Box::new(move || apply.apply_loop()))?,
            spawn("sign", Box::new(move || sign.sign_loop()))?,
            spawn("erase", Box::new(move || erase.erase_loop()))?,
        ];
        *self.threads.lock().unwrap_or_else(PoisonError::into_inner) = threads;
        Ok(())
    }

    /// Reads durable state.
    pub fn view(&self) -> View<'_> {
        View::durable(self)
    }

    /// A desk for one commit of an actor.
    pub fn desk(&self, actor: Actor) -> Desk<'_> {
        Desk {
            store: self,
            actor,
            submission: None,
            request: [0; 8],
            received: self.parts.clock.now(),
        }
    }

    pub fn clock(&self) -> &Clock {
        &self.parts.clock
    }

    pub fn log(&self) -> &Log {
        &self.parts.log
    }

    pub fn reader(&self) -> &Reader {
        &self.parts.reader
    }

    pub fn data(&self) -> &Path {
        &self.parts.data
    }

    pub fn kinds(&self) -> &Kinds {
        &self.parts.kinds
    }

    pub(in crate::kernel) fn disk(&self) -> &Arc<dyn Disk> {
        &self.parts.disk
    }

    /// Makes the pseudonyms of staff.
    pub(in crate::kernel) fn pseudonym_key(&self) -> &[u8; 32] {
        &self.parts.pseudonym_key
    }

    pub fn cursors(&self) -> &CursorKey {
        &self.cursors
    }

    /// Writes a blob, durably, before the change that will name it is decided.
    ///
    /// # Errors
    /// The device failed or is full: nothing was saved.
    pub fn stage_blob(&self, plaintext: &[u8]) -> Result<blobs::StagedBlob, Fault> {
        Ok(blobs::stage(self.parts.disk.as_ref(), &self.parts.data, &self.staging, plaintext)?)
    }

    /// Reads and checks a blob.
    ///
    /// # Errors
    /// It is gone, erased or damaged.
    pub fn read_blob(&self, blob: BlobRef) -> Result<Vec<u8>, Fault> {
        let owned = self.parts.reader.frame(blob.seq)?;
        let descriptor = owned.frame.header.bodies.get(blob.body as usize);
        let found = descriptor.and_then(|descriptor| Some((descriptor, descriptor.detached?)));
        let (descriptor, file) = found
            .ok_or_else(|| Fault::new(format!("entry {} has no blob {}", blob.seq, blob.body)))?;
        let secret = self
            .parts
            .reader
            .secret(&owned.frame, blob.body)?
            .ok_or_else(|| Fault::new("the blob was erased"))?;
        let bytes =
            self.parts.disk.read(&blobs::blob_path(&self.parts.data, &file)).map_err(Fault::new)?;
        blobs::open_blob(&secret, &descriptor.commitment, &bytes)
            .ok_or_else(|| Fault::new("the blob is damaged"))
    }

    /// Waits until the newest checkpoint covers an entry, at most this long.
    pub fn wait_signed(&self, seq: Seq, patience: Duration) -> bool {
        let covered =
            || self.parts.log.current().is_some_and(|released| released.checkpoint.size > seq);
        let step = Duration::from_millis(20);
        let mut left = patience;
        while !covered() {
            let Some(rest) = left.checked_sub(step) else { return false };
            left = rest;
            std::thread::park_timeout(step);
        }
        true
    }

    /// Entries that are durable but not yet in the index.
    pub fn index_lag(&self) -> usize {
        self.overlay.read().unwrap_or_else(PoisonError::into_inner).entries()
    }

    /// Stops: all that was acknowledged is applied and signed.
    pub fn close(&self) {
        self.stopping.store(true, Ordering::SeqCst);
        self.wake.notify_all();
        self.overlay_wake.1.notify_all();
        let threads =
            std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            if thread.join().is_err() {
                tracing::error!("a store thread panicked");
            }
        }
    }

    /// The number that the next entry will have.
    #[cfg(test)]
    pub(in crate::kernel) fn next_seq(&self) -> Seq {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner).next_seq
    }

    /// The sync thread has something else to do than to save.
    pub(in crate::kernel) fn wake_saver(&self) {
        self.wake.notify_all();
    }

    /// The apply thread has something else to do than to apply.
    pub(in crate::kernel) fn wake_applier(&self) {
        self.nudge();
    }

    fn stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }

    // ---- reading under views

    pub(in crate::kernel) fn raw_durable(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        let over = self.overlay.read().unwrap_or_else(PoisonError::into_inner).get(key);
        match over {
            Some(value) => Ok(value),
            None => self.noted(self.index().get(key)),
        }
    }

    pub(in crate::kernel) fn raw_range_durable(
        &self,
        from: &[u8],
        to: Option<&[u8]>,
        limit: usize,
        pending: &Batch,
    ) -> Result<Vec<Pair>, Fault> {
        let (mut found, mut from) = (Vec::new(), from.to_vec());
        loop {
            let left = limit - found.len();
            // A part at a time: the index may be far behind, and a page of a list needs little of that.
            let most = left.saturating_add(OVERLAY_PART_KEYS);
            let over = self.overlay.read().unwrap_or_else(PoisonError::into_inner);
            let mut newer = over.range(&from, to, most);
            drop(over);
            let last = newer.last_key_value().filter(|_| newer.len() == most);
            let end = last.map(|(key, _)| [key.as_slice(), &[0]].concat());
            let until = end.as_deref().or(to);
            newer.extend(part(pending, &from, until));
            // Newer keys can hide or repeat at most as many rows as there are of them.
            let rows = self.index().range(&from, until, left.saturating_add(newer.len()));
            found.extend(merge(newer, self.noted(rows)?, left));
            match end {
                Some(end) if found.len() < limit => from = end,
                _ => return Ok(found),
            }
        }
    }

    // ---- deciding

    pub(in crate::kernel) fn decide(&self) -> Result<MutexGuard<'_, Pending>, Refused> {
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(why) = &pending.closed {
                return Err(Refused::new(Fault::new(why).into(), None));
            }
            let overlay_full =
                self.counters.overlay_keys.load(Ordering::Relaxed) > OVERLAY_KEYS_MAX as u64;
            if pending.entries.len() < PENDING_ENTRIES_MAX && !overlay_full {
                return Ok(pending);
            }
            (pending, _) = self
                .wake
                .wait_timeout(pending, Duration::from_millis(50))
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    pub(in crate::kernel) fn enqueue(
        &self,
        mut pending: MutexGuard<'_, Pending>,
        encoded: Encoded,
    ) -> Ticket {
        let Encoded { prepared, batch, texts, answer, spared } = encoded;
        let (seq, leaf) = (prepared.seq, prepared.leaf);
        for (key, value) in &batch {
            pending.newest.insert(key.clone(), (seq, value.clone()));
        }
        pending
            .texts
            .extend(texts.into_iter().map(|(body, version, text)| ((seq, body), (version, text))));
        let (send, receive) = oneshot::channel();
        pending.entries.push_back(PendingEntry { leaf, batch, waiters: vec![send], spared });
        pending.queue.push(prepared);
        pending.next_seq += 1;
        drop(pending);
        self.wake.notify_all();
        Ticket::new(seq, leaf, answer, Some(receive))
    }
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Refused {
        Refused::new(Refusal::from(fault), None)
    }
}
