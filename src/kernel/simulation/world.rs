//! A store on the simulated disk, driven a turn at a time, and what it promised to whom.

use std::{
    future::Future,
    path::{Path, PathBuf},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard},
    task::{Context, Poll, Waker},
    time::Duration,
};

use uuid::Uuid;

use crate::kernel::{
    clock::Clock,
    crypto::Hash,
    durable::Disk,
    identity::{
        Actor, PersonId,
        people::{Grant, GrantId, Role},
    },
    journal::{
        Seq,
        verify::{Options, verify},
    },
    simulation::{
        disk::{Event, Random, SimDisk},
        index::{SimIndex, SimShelf},
        model::{Deed, Held, Ledger},
    },
    store::{
        Change, Fault, Op, Refusal, Store,
        desk::{NotSaved, Submission},
        refusal::RefusalKind,
        start::{self, IndexChoice, Stood, StoreSettings},
        tests::{DECIDE, MEMOS, Memo, WRITE, memo},
    },
};

/// So many records there are, and so many of them that only one may claim.
pub const RECORDS: u8 = 4;

const CLERK: PersonId = PersonId(Uuid::from_u128(77));

/// What must hold for a record to be put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    None,
    /// Nobody has it.
    IfFree,
    /// The clerk has a grant.
    ByClerk,
}

/// Secrets that orders name, by the order's entry.
pub type Condemned = Vec<(Seq, [u8; 32])>;

type Outcome = Pin<Box<dyn Future<Output = Result<Option<Hash>, NotSaved>> + Send>>;

/// Somebody who waits for an answer.
struct Waiting {
    outcome: Outcome,
    /// What the answer promises: that the first so many entries stay.
    promises: Seq,
    /// The entry it is about, if it was handed in for it.
    entry: Option<Seq>,
}

/// What all who act on one store have in common.
#[derive(Default)]
pub(super) struct Told {
    pub(super) ledger: Ledger,
    pub(super) wrong: Vec<String>,
    /// Secrets that an order names, by its entry: none of them may be anywhere when it is done.
    pub(super) condemned: Condemned,
}

/// A store, and what it told.
pub struct World {
    pub disk: SimDisk,
    pub index: Arc<SimIndex>,
    settings: StoreSettings,
    told: Arc<Mutex<Told>>,
    stood: Stood,
    waiting: Vec<Waiting>,
    /// The last form that was sent: its key, its entry, and how it was put.
    last: Option<(Submission, Seq, u8, String)>,
    serial: u32,
    /// The device failed: the program has ended itself.
    pub dead: bool,
}

pub fn data() -> PathBuf {
    PathBuf::from("/data")
}

/// Small segments, so that a few entries fill one.
pub fn settings(seed: u64) -> StoreSettings {
    let (segment_bytes, align) =
        if seed.is_multiple_of(4) { (24_576, 4096) } else { (16_384, 512) };
    StoreSettings {
        segment_bytes,
        align,
        index: IndexChoice::Memory,
        clock: Clock::standing("2026-11-21T12:00:00Z".parse().unwrap()),
        checkpoint_every: Duration::from_secs(1),
        on_unknown: |_| {},
    }
}

fn stand(disk: &SimDisk, index: &Arc<SimIndex>, settings: &StoreSettings) -> Result<Stood, Fault> {
    let shared: Arc<dyn Disk> = Arc::new(disk.clone());
    let shelf = Arc::new(SimShelf(Arc::clone(index)));
    start::stand(shared, &data(), &[MEMOS], settings, shelf, None)
}

impl World {
    /// A new data directory, as `ostoja init` makes it.
    pub fn found(settings: StoreSettings) -> World {
        let disk = SimDisk::empty(Path::new("/"));
        let shared: Arc<dyn Disk> = Arc::new(disk.clone());
        start::create_on(&shared, &data(), "modrzewie.example/log/1", &[MEMOS], &settings).unwrap();
        let mut ledger = Ledger { promised: 1, ..Ledger::default() };
        ledger.hand_in(0, Deed::Begin);
        disk.acknowledge(1);
        let index = Arc::new(SimIndex::of(disk.clone(), Vec::new()));
        World::resume(disk, index, ledger, settings).unwrap()
    }

    /// Starts on what is there.
    pub fn resume(
        disk: SimDisk,
        index: Arc<SimIndex>,
        ledger: Ledger,
        settings: StoreSettings,
    ) -> Result<World, Fault> {
        World::resume_knowing(disk, index, ledger, settings, Vec::new())
    }

    /// As [`World::resume`], with the secrets that were condemned.
    pub fn resume_knowing(
        disk: SimDisk,
        index: Arc<SimIndex>,
        mut ledger: Ledger,
        settings: StoreSettings,
        condemned: Condemned,
    ) -> Result<World, Fault> {
        let stood = stand(&disk, &index, &settings)?;
        let length = stood.store.reader().length();
        let mut wrong = Vec::new();
        if length > ledger.length() {
            wrong.push("an entry that nobody handed in, or that was not saved".to_owned());
        }
        ledger.handed.truncate(usize::try_from(length).unwrap());
        ledger.promised = ledger.promised.min(ledger.length());
        let mut world = World {
            disk,
            index,
            settings,
            told: Arc::new(Mutex::new(Told { ledger, wrong, condemned })),
            stood,
            waiting: Vec::new(),
            last: None,
            serial: 0,
            dead: false,
        };
        // Before anything is served, what was ordered is carried out.
        if world.is_erasing() {
            world.finish_erasing();
        } else {
            world.erase_turn();
        }
        Ok(world)
    }

    pub(super) fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap()
    }

    pub fn ledger(&self) -> Ledger {
        self.told().ledger.clone()
    }

    /// What was found to be wrong while it ran.
    pub fn wrong(&self) -> Vec<String> {
        self.told().wrong.clone()
    }

    pub fn store(&self) -> &Arc<Store> {
        &self.stood.store
    }

    /// Entries that the last start cut.
    pub fn cut(&self) -> u64 {
        self.stood.report.cut
    }

    /// From now on the other threads act while one waits for the disk or for the index.
    pub fn let_others_act(&self, seed: u64) {
        let (store, told, disk) =
            (Arc::clone(self.store()), Arc::clone(&self.told), self.disk.clone());
        let mut random = Random(seed);
        self.disk.meanwhile(Some(Box::new(move |event| match event {
            Event::Index => look(&store, &told, &disk),
            Event::Sync(path) if path.extension().is_some_and(|end| end == "seg") => {
                if random.chance(50) {
                    sign(&store, &told, &disk);
                } else {
                    look(&store, &told, &disk);
                }
            }
            Event::Sync(_) | Event::SyncDirectory(_) | Event::Other => {}
        })));
    }

    /// Hands in a record. The entry is decided and waits to be saved, or it is refused.
    pub fn put(&mut self, id: u8, words: &str, with_file: bool, rule: Rule) {
        self.serial += 1;
        let text = format!("{} {words}", self.serial);
        let file = with_file.then(|| format!("file {} {words}", self.serial));
        let submission = Submission::new(&Actor::Visitor, &text, text.as_bytes());
        let may = match rule {
            Rule::None => true,
            Rule::IfFree => {
                let ledger = self.ledger();
                !ledger.holds(id)
            }
            Rule::ByClerk => self.told().ledger.is_granted(),
        };
        let may = may && !self.told().ledger.is_ordered(id);
        let actor = if rule == Rule::ByClerk { Actor::Staff(CLERK) } else { Actor::Visitor };
        let staged = match &file {
            None => None,
            Some(file) => match self.store().stage_blob(file.as_bytes()) {
                Ok(staged) => Some(staged),
                // The device failed before anything was handed in.
                Err(_) => return,
            },
        };
        let store = Arc::clone(self.store());
        let written = memo(u128::from(id), &text);
        let decided = store.desk(actor).once(submission.clone()).commit(|view, authority| {
            if rule == Rule::IfFree && view.get::<Memo>(&written.id)?.is_some() {
                return Err(Refusal::conflict());
            }
            let action = if rule == Rule::ByClerk { &DECIDE } else { &WRITE };
            let mut attachments = Change::attachments(authority.permit(action, &[])?);
            let file = staged.map(|staged| attachments.attach(staged));
            Ok(attachments.change(Op::put(&Memo { file, ..written })))
        });
        match decided {
            Ok(ticket) => {
                let seq = ticket.seq();
                if !may {
                    self.told().wrong.push(format!("{rule:?} was not seen by a decision"));
                }
                self.last = Some((submission, seq, id, text.clone()));
                self.hand_in(seq, Deed::Put { id, text, file }, ticket);
            }
            Err(refused) => {
                if matches!(refused.refusal.kind, RefusalKind::Fault(_)) {
                    return;
                }
                if may {
                    self.told().wrong.push(format!("{rule:?} refused what it should not"));
                }
                let promises = self.told().ledger.length();
                let outcome = Box::pin(async move { refused.settled().await.map(|_| None) });
                self.waiting.push(Waiting { outcome, promises, entry: None });
            }
        }
        self.hear();
    }

    /// Sends the last form again.
    pub fn again(&mut self) {
        let Some((submission, first, id, text)) = self.last.clone() else { return };
        if first >= self.told().ledger.length() {
            return;
        }
        let store = Arc::clone(self.store());
        let decided = store.desk(Actor::Visitor).once(submission).commit(|_, authority| {
            let written = memo(u128::from(id), &text);
            Ok::<_, Refusal>(Change::new(authority.permit(&WRITE, &[])?, Op::put(&written)))
        });
        let Ok(ticket) = decided else { return };
        if ticket.seq() != first {
            self.told().wrong.push("a form that was sent twice counted twice".to_owned());
            return;
        }
        let promises = self.told().ledger.length();
        let outcome = Box::pin(async move { ticket.durable().await.map(|_| None) });
        self.waiting.push(Waiting { outcome, promises, entry: None });
        self.hear();
    }

    /// Takes a record out.
    pub fn take(&mut self, id: u8) {
        let gone = memo(u128::from(id), "");
        self.write(Deed::Take { id }, Op::retract(&gone));
    }

    /// Gives or ends the clerk's grant.
    pub fn grant(&mut self, on: bool) {
        let now = self.settings.clock.now();
        let grant = Grant {
            id: GrantId(Uuid::from_u128(78)),
            person: CLERK,
            role: Role::Clerk,
            unit: 0,
            from: now,
            to: (!on).then_some(now),
            basis: "simulation".to_owned(),
            standing_in_for: None,
        };
        self.write(Deed::Grant(on), Op::put(&grant));
    }

    fn write(&mut self, deed: Deed, op: Op) {
        let store = Arc::clone(self.store());
        let decided = store.desk(Actor::Visitor).commit(|_, authority| {
            Ok::<_, Refusal>(Change::new(authority.permit(&WRITE, &[])?, op))
        });
        if let Ok(ticket) = decided {
            self.hand_in(ticket.seq(), deed, ticket);
            self.hear();
        }
    }

    pub(super) fn hand_in(&mut self, seq: Seq, deed: Deed, ticket: crate::kernel::store::Ticket) {
        let length = self.told().ledger.length();
        if seq != length {
            self.told().wrong.push("an entry has not the next number".to_owned());
        }
        self.told().ledger.hand_in(seq, deed);
        let outcome =
            Box::pin(async move { ticket.durable().await.map(|durable| Some(durable.leaf)) });
        self.waiting.push(Waiting { outcome, promises: seq + 1, entry: Some(seq) });
    }

    /// Whoever has an answer by now, hears it.
    pub(super) fn hear(&mut self) {
        let mut context = Context::from_waker(Waker::noop());
        let mut waiting = std::mem::take(&mut self.waiting);
        waiting.retain_mut(|one| match one.outcome.as_mut().poll(&mut context) {
            Poll::Pending => true,
            Poll::Ready(Ok(leaf)) => {
                let mut told = self.told();
                if let Some(seq) = one.entry {
                    told.ledger.handed[usize::try_from(seq).unwrap()].leaf = leaf;
                }
                promise(&mut told, &self.disk, one.promises);
                false
            }
            Poll::Ready(Err(_)) => {
                if let Some(seq) = one.entry {
                    self.told().ledger.handed.truncate(usize::try_from(seq).unwrap());
                }
                false
            }
        });
        self.waiting = waiting;
    }

    pub fn save(&mut self) {
        let _turn = self.stood.store.save_turn(&mut self.stood.writer);
        // What came out of a failed write is not known: the program ends itself.
        self.dead |= self.store().unwell().contains(&"journal")
            && self
                .store()
                .desk(Actor::Visitor)
                .commit(|_, _| Err::<Change, _>(Refusal::unknown()))
                .is_err_and(|refused| matches!(refused.refusal.kind, RefusalKind::Fault(_)));
        if !self.dead {
            self.hear();
        }
    }

    pub fn apply(&self) {
        let _turn = self.store().apply_turn();
    }

    pub fn sign(&self) {
        sign(self.store(), &self.told, &self.disk);
    }

    /// A reader looks at everything.
    pub fn look(&self) {
        look(self.store(), &self.told, &self.disk);
    }

    /// Ends in order and starts again.
    pub fn restart(mut self, seed: Option<u64>) -> World {
        self.disk.mend();
        self.save();
        self.apply();
        self.sign();
        self.start_again(seed)
    }

    /// Starts again after the program ended itself, on the same machine. Whoever waited for an answer
    /// never had one.
    pub fn revive(self, seed: u64) -> World {
        self.disk.mend();
        self.start_again(Some(seed))
    }

    fn start_again(self, seed: Option<u64>) -> World {
        self.disk.meanwhile(None);
        let (ledger, wrong, condemned) = (self.ledger(), self.wrong(), self.condemned());
        let World { disk, index, settings, stood, serial, .. } = self;
        drop(stood);
        let promised = ledger.promised;
        let index = Arc::new(SimIndex::of(disk.clone(), index.taken()));
        let world = World::resume_knowing(disk, index, ledger, settings, condemned);
        let mut world = world.unwrap();
        world.serial = serial;
        world.told().wrong.extend(wrong);
        if world.store().reader().length() < promised {
            world.told().wrong.push("a start lost what was promised".to_owned());
        }
        if let Some(seed) = seed {
            world.let_others_act(seed);
        }
        world
    }

    /// What is wrong with this store after a start, given what had been promised.
    pub fn faults(&self, promised: Seq) -> Vec<String> {
        let mut faults = Vec::new();
        let handed = &self.ledger();
        let length = self.store().reader().length();
        if length < promised {
            faults.push("an entry that was promised is gone".to_owned());
        }
        if length > handed.length() {
            faults.push("an entry that nobody handed in, or that was not saved".to_owned());
            return faults;
        }
        let (erased_before, state) = (handed.erased_before(), self.disk.state());
        let condemned = self
            .condemned()
            .into_iter()
            .filter(|(order, _)| *order < erased_before && handed.is_order(*order));
        if condemned.into_iter().any(|(_, secret)| state.holds_anywhere(&secret)) {
            faults.push("the secret of something erased is still on the disk".to_owned());
        }
        for (seq, handed) in (0..length).zip(&handed.handed) {
            match self.store().reader().frame(seq) {
                Err(_) => faults.push("an entry is unreadable".to_owned()),
                Ok(owned) if handed.leaf.is_some_and(|leaf| leaf != owned.frame.leaf) => {
                    faults.push("an entry is another one".to_owned());
                }
                Ok(_) => {}
            }
        }
        match observe(self.store()) {
            Err(fault) => faults.push(format!("readers find nothing: {fault}")),
            Ok(seen) if !handed.fits(length, &seen) => {
                faults.push("readers see other records than were handed in".to_owned());
            }
            Ok(_) => {}
        }
        match self.store().check_index() {
            Err(fault) => faults.push(format!("the index cannot be checked: {fault}")),
            Ok(check) if !check.differences.is_empty() => {
                faults.push("the index is not what the journal makes".to_owned());
            }
            Ok(_) => {}
        }
        match verify(&self.disk, &data(), &Options::default()) {
            Err(error) => faults.push(format!("verify: {error}")),
            Ok(report) => faults
                .extend(report.findings.iter().map(|it| format!("verify: {}", it.verdict.name()))),
        }
        faults
    }
}

/// Somebody heard that the first so many entries stay.
fn promise(told: &mut Told, disk: &SimDisk, length: Seq) {
    if length > told.ledger.promised {
        told.ledger.promised = length;
        disk.acknowledge(length);
    }
}

fn sign(store: &Store, told: &Mutex<Told>, disk: &SimDisk) {
    let _turn = store.sign_turn();
    let size = store.log().current().map_or(0, |released| released.checkpoint.size);
    promise(&mut told.lock().unwrap(), disk, size);
}

/// Whoever reads must see the state after some entry that was handed in, and nothing older than what
/// was promised before; from then on that entry is promised too.
fn look(store: &Store, told: &Mutex<Told>, disk: &SimDisk) {
    let seen = observe(store);
    let mut told = told.lock().unwrap();
    let seen = match seen {
        Ok(seen) => seen,
        Err(fault) => return told.wrong.push(format!("a reader finds nothing: {fault}")),
    };
    let (from, to) = (told.ledger.promised, told.ledger.length());
    match (from..=to).find(|length| told.ledger.fits(*length, &seen)) {
        Some(length) => promise(&mut told, disk, length),
        None => told.wrong.push("a reader sees a state that never was".to_owned()),
    }
}

/// All records, as a reader sees them.
fn observe(store: &Store) -> Result<Held, Fault> {
    let mut held = Held::new();
    let view = store.view();
    for id in 0..RECORDS {
        let wanted = memo(u128::from(id), "").id;
        let Some(found) = view.get::<Memo>(&wanted)? else { continue };
        let file = match found.file {
            None => None,
            Some(blob) => Some(String::from_utf8(view.blob(blob)?).map_err(Fault::new)?),
        };
        held.insert(id, (found.text, file));
    }
    Ok(held)
}
