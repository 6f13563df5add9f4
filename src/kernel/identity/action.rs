//! What may be done, by whom, and the proof of it. A [`Permit`] is minted inside a decision, from the
//! state the decision sees, so that none is older than the decision.

use crate::kernel::{
    identity::{
        Actor, PersonId,
        people::{GRANTS_OF_PERSON, Grant, Level, Person, Role},
    },
    journal::Seq,
    store::{Fault, Refusal, keys::Key, view::View},
};
use jiff::Timestamp;

/// Who may do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Anybody, also without an account.
    Anyone,
    /// A resident with at least this level.
    Resident(Level),
    /// Staff with one of these roles.
    Staff(&'static [Role]),
    /// A resident of this level or staff with one of these roles.
    Either(Level, &'static [Role]),
    /// Only the host's console, before or beside all accounts.
    Console,
    /// Only timed work.
    Job,
}

/// Something that can be done. The name stands in the header of every entry.
#[derive(Debug, PartialEq, Eq)]
pub struct Action {
    /// `service.verb`
    pub name: &'static str,
    pub who: Who,
    /// Text key of the sentence that the audit view shows.
    pub sentence: &'static str,
}

/// Proof that an actor may do an action about persons, by a grant. Its fields are private, and only
/// [`Authority`] makes one.
#[derive(Debug)]
pub struct Permit {
    pub(in crate::kernel) action: &'static Action,
    pub(in crate::kernel) subjects: Vec<PersonId>,
    pub(in crate::kernel) grant: Option<Seq>,
    pub(in crate::kernel) unit: u64,
    pub(in crate::kernel) seq: Seq,
}

/// What the actor of a decision may do, on the state the decision sees.
pub struct Authority<'a> {
    view: &'a View<'a>,
    actor: &'a Actor,
    now: Timestamp,
    received: Timestamp,
    seq: Seq,
}

impl<'a> Authority<'a> {
    pub(in crate::kernel) fn new(
        view: &'a View<'a>,
        actor: &'a Actor,
        now: Timestamp,
        received: Timestamp,
        seq: Seq,
    ) -> Authority<'a> {
        Authority { view, actor, now, received, seq }
    }

    /// The actor.
    pub fn actor(&self) -> &Actor {
        self.actor
    }

    /// Time of the decision.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// When the last byte of the request reached us: the legal time of receipt.
    pub fn received(&self) -> Timestamp {
        self.received
    }

    /// Proof that the actor may do this, about these persons.
    ///
    /// # Errors
    /// [`Refusal::denied`] if not.
    pub fn permit(
        &self,
        action: &'static Action,
        subjects: &[PersonId],
    ) -> Result<Permit, Refusal> {
        let grant = allowed(self.view, self.actor, action.who, self.now)?;
        let unit = grant.as_ref().map_or(0, |grant| grant.0);
        Ok(Permit {
            action,
            subjects: subjects.to_vec(),
            grant: grant.map(|grant| grant.1),
            unit,
            seq: self.seq,
        })
    }

    /// As [`Authority::permit`], and the actor must be the owner of what is changed. Staff pass by
    /// their role alone.
    ///
    /// # Errors
    /// [`Refusal::denied`] if not; the answer is the same as for something that does not exist.
    pub fn permit_owner(
        &self,
        action: &'static Action,
        owner: PersonId,
    ) -> Result<Permit, Refusal> {
        match self.actor {
            Actor::Resident(person) if *person != owner => Err(Refusal::unknown()),
            _ => self.permit(action, &[owner]),
        }
    }
}

/// Whether an actor may, on the state of a view: what pages ask before they show a button.
///
/// # Errors
/// [`Refusal::denied`] if not; (unit, seq of the grant) if by a grant.
pub fn allowed(
    view: &View<'_>,
    actor: &Actor,
    who: Who,
    now: Timestamp,
) -> Result<Option<(u64, Seq)>, Refusal> {
    let (level, roles) = match who {
        Who::Anyone => return Ok(None),
        Who::Resident(level) => (Some(level), &[][..]),
        Who::Staff(roles) => (None, roles),
        Who::Either(level, roles) => (Some(level), roles),
        Who::Console => {
            return if matches!(actor, Actor::Console(_)) {
                Ok(None)
            } else {
                Err(Refusal::denied())
            };
        }
        Who::Job => {
            return if matches!(actor, Actor::Job(_)) { Ok(None) } else { Err(Refusal::denied()) };
        }
    };
    match actor {
        Actor::Resident(person) => {
            let needed = level.ok_or_else(Refusal::denied)?;
            let known = view.get::<Person>(person)?.ok_or_else(Refusal::denied)?;
            if known.closed {
                return Err(Refusal::denied());
            }
            if known.level < needed { Err(Refusal::rule("level-too-low")) } else { Ok(None) }
        }
        Actor::Staff(person) => {
            let grant = grant_of(view, *person, roles, now)?;
            grant.map(Some).ok_or_else(Refusal::denied)
        }
        Actor::Kernel | Actor::Visitor | Actor::Job(_) | Actor::Machine(_) | Actor::Console(_) => {
            Err(Refusal::denied())
        }
    }
}

fn grant_of(
    view: &View<'_>,
    person: PersonId,
    roles: &[Role],
    now: Timestamp,
) -> Result<Option<(u64, Seq)>, Fault> {
    let rows = view.list::<Grant>(GRANTS_OF_PERSON, &Key::new().id(&person), None, 50)?;
    for row in rows.rows {
        if let Some(grant) = view.get::<Grant>(&row.id)?
            && roles.contains(&grant.role)
            && grant.is_valid(now)
        {
            return Ok(Some((grant.unit, row.seq)));
        }
    }
    Ok(None)
}
