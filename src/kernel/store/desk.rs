//! Writing: one method, good for one commit.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tokio::sync::oneshot;

use crate::kernel::{
    crypto::{Hash, hash},
    erasure::none_stands,
    identity::{Actor, Authority},
    journal::Seq,
    seeded::{self, Wrong},
    store::{
        Change, Fault, Refusal, Store, View,
        commit::{Outcome, encode_entry},
    },
};

/// What a form carries so that sending it twice does one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submission {
    key: [u8; 32],
    content: Hash,
}

impl Submission {
    /// Binds a key from a form to its actor and content.
    pub fn new(actor: &Actor, key: &str, content: &[u8]) -> Submission {
        let actor = crate::kernel::store::record::Field::to_value(actor)
            .map(|actor| crate::kernel::cbor::encode(&actor));
        let key = hash(&[b"ostoja/submission/1", &actor.unwrap_or_default(), &[0], key.as_bytes()]);
        Submission { key, content: hash(&[content]) }
    }

    pub(in crate::kernel) fn key(&self) -> [u8; 32] {
        self.key
    }

    pub(in crate::kernel) fn content(&self) -> Hash {
        self.content
    }
}

/// Write access for one actor and one commit.
pub struct Desk<'a> {
    pub(in crate::kernel) store: &'a Store,
    pub(in crate::kernel) actor: Actor,
    pub(in crate::kernel) submission: Option<Submission>,
    pub(in crate::kernel) request: [u8; 8],
    /// When the last byte of the request came: the legal time of receipt.
    pub(in crate::kernel) received: jiff::Timestamp,
}

/// An entry under way. Only a ticket that was waited for may become an answer.
#[must_use = "nobody may hear \"yes\" before the ticket is durable"]
#[derive(Debug)]
pub struct Ticket {
    seq: Seq,
    leaf: Hash,
    answer: Option<String>,
    wait: Option<oneshot::Receiver<Outcome>>,
}

/// The entry was not saved; nothing went to the disk, and trying again is sound.
#[derive(Clone, Debug, thiserror::Error)]
#[error("not saved: {0}")]
pub struct NotSaved(pub String);

/// An entry that is durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Durable {
    pub seq: Seq,
    pub leaf: Hash,
    pub answer: Option<String>,
}

/// "No", and what must become durable before it may be said: a refusal never rests on an entry that
/// could still die.
#[derive(Debug)]
pub struct Refused {
    pub refusal: Refusal,
    wait: Option<oneshot::Receiver<Outcome>>,
}

impl Ticket {
    pub(in crate::kernel) fn new(
        seq: Seq,
        leaf: Hash,
        answer: Option<String>,
        wait: Option<oneshot::Receiver<Outcome>>,
    ) -> Ticket {
        Ticket { seq, leaf, answer, wait }
    }

    /// The path that the change, or its first submission, answers with.
    pub fn answer(&self) -> Option<&str> {
        self.answer.as_deref()
    }

    /// Position of the entry, once it is durable.
    pub fn seq(&self) -> Seq {
        self.seq
    }

    /// Waits until the entry is durable.
    ///
    /// # Errors
    /// It was not saved.
    pub async fn durable(self) -> Result<Durable, NotSaved> {
        if let Some(wait) = self.wait {
            wait.await.map_err(|_gone| NotSaved("the store stopped".to_owned()))??;
        }
        Ok(Durable { seq: self.seq, leaf: self.leaf, answer: self.answer })
    }

    /// As [`Ticket::durable`], for threads that may block.
    ///
    /// # Errors
    /// It was not saved.
    pub fn wait(self) -> Result<Durable, NotSaved> {
        if let Some(wait) = self.wait {
            wait.blocking_recv().map_err(|_gone| NotSaved("the store stopped".to_owned()))??;
        }
        Ok(Durable { seq: self.seq, leaf: self.leaf, answer: self.answer })
    }
}

impl Refused {
    pub(in crate::kernel) fn new(
        refusal: Refusal,
        wait: Option<oneshot::Receiver<Outcome>>,
    ) -> Refused {
        Refused { refusal, wait }
    }

    /// Waits for what the refusal rests on, and gives it.
    ///
    /// # Errors
    /// What it rested on was not saved: the question must be asked again.
    pub async fn settled(self) -> Result<Refusal, NotSaved> {
        if let Some(wait) = self.wait {
            wait.await.map_err(|_gone| NotSaved("the store stopped".to_owned()))??;
        }
        Ok(self.refusal)
    }

    /// As [`Refused::settled`], for threads that may block.
    ///
    /// # Errors
    /// As [`Refused::settled`].
    pub fn wait(self) -> Result<Refusal, NotSaved> {
        if let Some(wait) = self.wait {
            wait.blocking_recv().map_err(|_gone| NotSaved("the store stopped".to_owned()))??;
        }
        Ok(self.refusal)
    }
}

impl Desk<'_> {
    /// Says which request this is, and when its last byte came.
    #[must_use]
    pub fn of_request(mut self, request: [u8; 8], received: jiff::Timestamp) -> Self {
        self.request = request;
        self.received = received;
        self
    }

    /// Makes a repeated submission find its first answer.
    #[must_use]
    pub fn once(mut self, submission: Submission) -> Self {
        self.submission = Some(submission);
        self
    }

    /// Decides and commits: what was checked is what changes, because decisions run one at a time on
    /// one state. `decide` is pure and reads only through its view.
    ///
    /// # Errors
    /// The refusal of `decide`, with what it must wait for.
    pub fn commit<E: Into<Refusal>>(
        self,
        decide: impl FnOnce(&View<'_>, &Authority<'_>) -> Result<Change, E>,
    ) -> Result<Ticket, Refused> {
        let mut decide = Some(decide);
        self.commit_plain(&mut |view, authority| match decide.take() {
            Some(decide) => decide(view, authority).map_err(Into::into),
            None => Err(Refusal::from(Fault::new("a decision ran twice"))),
        })
    }

    /// As [`Desk::commit`], and waits, for threads that may block and expect no refusal: the console
    /// and the demonstration.
    ///
    /// # Errors
    /// It was refused or not saved.
    pub fn save<E: Into<Refusal>>(
        self,
        decide: impl FnOnce(&View<'_>, &Authority<'_>) -> Result<Change, E>,
    ) -> Result<(), Fault> {
        match self.commit(decide) {
            Ok(ticket) => ticket.wait().map(|_durable| ()).map_err(Fault::new),
            Err(refused) => Err(Fault::new(refused.wait().map_err(Fault::new)?)),
        }
    }

    /// Not generic, so that a hundred handlers share one copy.
    fn commit_plain(
        self,
        decide: &mut dyn FnMut(&View<'_>, &Authority<'_>) -> Result<Change, Refusal>,
    ) -> Result<Ticket, Refused> {
        let mut pending = self.store.decide()?;
        let refused = |pending: &mut crate::kernel::store::commit::Pending, refusal| {
            let wait = pending.last_outcome();
            Err(Refused::new(
                refusal,
                wait.filter(|_| !seeded::is_on(Wrong::RefusedWithoutWaiting)),
            ))
        };
        let now = self.store.clock().now();
        let decided = {
            let durable = self.store.view();
            let deciding = View::deciding(self.store, &pending);
            let view = if seeded::is_on(Wrong::DecidedOnOldState) { &durable } else { &deciding };
            if let Some(submission) = &self.submission {
                match view.submitted(&submission.key()) {
                    Err(fault) => return refused(&mut pending, fault.into()),
                    Ok(None) => {}
                    Ok(Some(before))
                        if before
                            .content
                            .is_some_and(|content| content != submission.content()) =>
                    {
                        return refused(&mut pending, Refusal::conflict());
                    }
                    Ok(Some(before)) => {
                        let wait = pending.last_outcome();
                        let wait = wait.filter(|_| !seeded::is_on(Wrong::RepetitionNotWaitedFor));
                        return Ok(Ticket::new(before.seq, [0; 32], before.answer, wait));
                    }
                }
            }
            let permitting = if seeded::is_on(Wrong::StalePermit) { &durable } else { view };
            let authority =
                Authority::new(permitting, &self.actor, now, self.received, pending.next_seq());
            let decided = catch_unwind(AssertUnwindSafe(|| decide(view, &authority)))
                .unwrap_or_else(|_panic| Err(Fault::new("a decision panicked").into()));
            decided.and_then(|change| {
                none_stands(view, &change)?;
                encode_entry(self.store, &self, change, now, pending.next_seq(), &|key| {
                    view.raw(key)
                })
                .map_err(Refusal::from)
            })
        };
        match decided {
            Err(refusal) => refused(&mut pending, refusal),
            Ok(encoded) => Ok(self.store.enqueue(pending, encoded)),
        }
    }
}
