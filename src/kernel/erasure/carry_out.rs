//! Carrying an order out, a step at a time, each behind what it rests on (docs/format.md, section 6): the order is
//! durable, a checkpoint covers it, the segments with its targets are sealed; then keys, blobs, scratch, index; then
//! the entry that says so. Every step may be done again, so a start goes on from wherever the last one stopped.

use std::{
    collections::BTreeMap,
    sync::{
        OnceLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use crate::kernel::{
    erasure::{
        DONE,
        records::{BY_STATE, Erasure, ErasureState, FileClass},
        texts::Named,
    },
    identity::{Actor, PersonId},
    journal::{
        Seq, entry,
        frame::Frame,
        order::{self, Target},
        writer::Prepared,
    },
    seeded::{self, Wrong},
    store::{Change, Fault, Op, Refusal, Store, commit::Turn, keys::Key, refusal::RefusalKind},
};

/// Orders that are looked at in one turn.
const ORDERS_MAX: usize = 200;
/// Actor of the entry that says an order is done.
const JOB: &str = "erasure";

/// Forgets what is kept of a person where nothing is evidence: drafts, sessions.
pub type Forget = Box<dyn Fn(PersonId) -> Result<(), Fault> + Send + Sync>;

/// What the store remembers of erasures between turns.
#[derive(Default)]
pub(in crate::kernel) struct Erasing {
    /// Scratch, once it is open.
    forget: OnceLock<Forget>,
    /// The segment that holds the entry before this one is to be sealed.
    pub(in crate::kernel) seal_below: AtomicU64,
    /// The index is to be made again, behind this entry; 0 if not.
    pub(in crate::kernel) renew_behind: AtomicU64,
    /// It was made again behind this entry.
    pub(in crate::kernel) renewed_behind: AtomicU64,
    /// What was called done was looked at once more after the start.
    looked_again: AtomicBool,
    /// The last turn failed.
    pub(in crate::kernel) failing: AtomicBool,
}

/// An order with its entry.
struct Ordered {
    record: Erasure,
    seq: Seq,
    frame: Frame,
    order: entry::Erasure,
}

impl Ordered {
    fn named(&self) -> Named<'_> {
        Named { seq: self.seq, leaf: self.frame.leaf, order: &self.order }
    }
}

impl Store {
    /// Says who forgets drafts and sessions. Once, when scratch is open.
    pub fn forget_with(&self, forget: Forget) {
        if self.erasing.forget.set(forget).is_err() {
            tracing::error!("scratch was opened twice");
        }
    }

    /// Waits until every order that stands is carried out, at most this long; says whether it is.
    pub fn finish_erasures(&self, patience: Duration) -> Result<bool, Fault> {
        let step = Duration::from_millis(20);
        let mut left = patience;
        loop {
            let is_idle = self.erasing.looked_again.load(Ordering::Acquire)
                && self.records(ErasureState::Ordered)?.is_empty();
            if is_idle {
                return Ok(true);
            }
            let Some(rest) = left.checked_sub(step) else { return Ok(false) };
            left = rest;
            std::thread::park_timeout(step);
        }
    }

    /// The next step of every order that stands.
    pub(in crate::kernel) fn erase_turn(&self) -> Turn {
        let (turn, faults) = match self.look_again().and_then(|()| self.next_steps()) {
            Ok((turn, faults)) => (turn, faults),
            Err(fault) => (Turn::Failed, vec![fault]),
        };
        // Said once, and not with each turn.
        if !self.erasing.failing.swap(!faults.is_empty(), Ordering::Relaxed) {
            for fault in &faults {
                tracing::error!(%fault, "an erasure could not go on");
            }
        }
        turn
    }

    /// One that cannot go on, because nobody gave it or because a file cannot be read, holds no other up.
    fn next_steps(&self) -> Result<(Turn, Vec<Fault>), Fault> {
        let (mut carried_out, mut faults, mut is_waiting) = (Vec::new(), Vec::new(), false);
        for record in self.records(ErasureState::Ordered)? {
            match self.ordered(record).and_then(|ordered| Ok((self.carry_out(&ordered)?, ordered)))
            {
                Ok((true, ordered)) => carried_out.push(ordered),
                Ok((false, _)) => is_waiting = true,
                Err(fault) => faults.push(fault),
            }
        }
        let Some(behind) = carried_out.iter().map(|ordered| ordered.seq + 1).max() else {
            let only_faults = !is_waiting && !faults.is_empty();
            return Ok((if only_faults { Turn::Failed } else { Turn::Idle }, faults));
        };
        // The index is made again once for all.
        if is_waiting || !self.is_index_renewed(behind) {
            return Ok((Turn::Idle, faults));
        }
        for ordered in &carried_out {
            self.say_done(&ordered.record)?;
        }
        Ok((Turn::Worked, faults))
    }

    /// After a start: a keys file or a blob may have come back from a copy, with what an order erased.
    fn look_again(&self) -> Result<(), Fault> {
        if self.erasing.looked_again.load(Ordering::Acquire) {
            return Ok(());
        }
        let mut came_back = false;
        for record in self.records(ErasureState::Done)? {
            let ordered = self.ordered(record)?;
            if self.is_unfinished(&ordered.named())? {
                tracing::warn!(order = ordered.seq, "what was erased had come back: erased again");
                came_back = true;
                if !self.carry_out(&ordered)? {
                    return Ok(());
                }
            }
        }
        if came_back {
            self.erasing.renew_behind.fetch_max(self.reader().length(), Ordering::AcqRel);
            self.wake_applier();
        }
        self.erasing.looked_again.store(true, Ordering::Release);
        Ok(())
    }

    fn records(&self, state: ErasureState) -> Result<Vec<Erasure>, Fault> {
        let view = self.view();
        let mut found = Vec::new();
        let mut from = None;
        loop {
            let key = Key::new().number(state.code());
            let list = view.list::<Erasure>(BY_STATE, &key, from.as_deref(), ORDERS_MAX)?;
            for row in &list.rows {
                found.extend(view.get::<Erasure>(&row.id)?);
            }
            let Some(next) = list.next else { return Ok(found) };
            from = Some(next);
        }
    }

    /// The order's own entry, which alone says what is to be erased. One that an auditor would refuse is
    /// not carried out.
    fn ordered(&self, record: Erasure) -> Result<Ordered, Fault> {
        let seq = record.order.ok_or_else(|| Fault::new("an order without an entry"))?;
        let frame = self.reader().frame(seq)?.frame;
        let order = frame.header.erasure.clone();
        let order = order.ok_or_else(|| Fault::new(format!("entry {seq} orders nothing")))?;
        let mut targets = BTreeMap::new();
        for (target, _) in &order.targets {
            let owned = self.reader().frame(*target)?;
            targets.insert(*target, Target::of(&owned.frame, Some(owned.frame.leaf)));
        }
        order::check(&order, frame.group_first_seq, &targets)
            .map_err(|why| Fault::new(format!("the order in entry {seq} is not valid: {why}")))?;
        Ok(Ordered { record, seq, frame, order })
    }

    /// Erases what an order names, in the journal, among the blobs and in scratch. `false`: it waits for
    /// a checkpoint or for a segment to be sealed.
    fn carry_out(&self, ordered: &Ordered) -> Result<bool, Fault> {
        let signed = self.log().current().map_or(0, |released| released.checkpoint.size);
        if signed <= ordered.seq && !seeded::is_on(Wrong::ErasedBeforeItsCheckpoint) {
            return Ok(false);
        }
        let below = ordered.order.targets.last().map_or(0, |(seq, _)| seq + 1);
        if below > 0 && !self.reader().is_sealed(below - 1)? {
            self.erasing.seal_below.fetch_max(below, Ordering::AcqRel);
            self.wake_saver();
            return Ok(false);
        }
        self.erase_texts(&ordered.named())?;
        if ordered.record.class == FileClass::Account
            && let Some(forget) = self.erasing.forget.get()
        {
            forget(PersonId(ordered.record.file.0))?;
        }
        Ok(true)
    }

    /// A wrong order on purpose: what is only about to be written is carried out already.
    pub(in crate::kernel) fn erase_too_early(&self, group: &[Prepared]) {
        for entry in group {
            let Ok(header) = entry::Header::decode(&entry.header) else { continue };
            let Some(order) = header.erasure.clone() else { continue };
            let sealed = order.targets.last().map(|(seq, _)| self.reader().is_sealed(*seq));
            if let Some(Ok(true)) = sealed {
                let early = Named { seq: entry.seq, leaf: entry.leaf, order: &order };
                let _noticed_by_verify = self.erase_texts(&early);
            }
        }
    }

    /// Whether the index was made again behind the orders; asks for it if not.
    fn is_index_renewed(&self, behind: Seq) -> bool {
        if self.erasing.renewed_behind.load(Ordering::Acquire) >= behind
            || seeded::is_on(Wrong::IndexNotRenewed)
        {
            return true;
        }
        self.erasing.renew_behind.fetch_max(behind, Ordering::AcqRel);
        self.wake_applier();
        false
    }

    /// Writes that an order was carried out. Once: the decision sees what is pending.
    fn say_done(&self, record: &Erasure) -> Result<(), Fault> {
        let uncertain = self.disk().keeps_what_is_overwritten(self.data());
        let desk = self.desk(Actor::Job(JOB.to_owned()));
        let said = desk.commit(|view, authority| {
            let known = view.get::<Erasure>(&record.id)?;
            let known = known.filter(|known| known.state == ErasureState::Ordered);
            let known = known.ok_or_else(Refusal::unknown)?;
            let order = known.order.ok_or_else(Refusal::unknown)?;
            let done = Erasure {
                state: ErasureState::Done,
                done_at: Some(authority.now()),
                uncertain,
                ..known
            };
            let change = Change::new(authority.permit(&DONE, &[])?, Op::put(&done)).done(order);
            Ok::<_, Refusal>(change)
        });
        match said {
            // Nobody waits for it: what was done stays done, and the next turn looks.
            Ok(_under_way) => Ok(()),
            Err(refused) => match refused.refusal.kind {
                RefusalKind::Fault(what) => Err(Fault::new(what)),
                _ => Ok(()),
            },
        }
    }
}
