//! Who acts. There is no "none": a job is an actor with a name.

use crate::kernel::{
    cbor::{Malformed, Value},
    identity::PersonId,
    store::record::Field,
};

/// The one who acts in an entry.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Actor {
    /// The program itself, in `kernel.*` entries.
    Kernel,
    /// Somebody who is not logged in.
    Visitor,
    Resident(PersonId),
    Staff(PersonId),
    /// Timed work, by name.
    Job(String),
    /// An office system, by the name in its certificate.
    Machine(String),
    /// Whoever sits at the host's console.
    Console(String),
}

impl Actor {
    /// The person behind the actor.
    pub fn person(&self) -> Option<PersonId> {
        match self {
            Actor::Resident(person) | Actor::Staff(person) => Some(*person),
            Actor::Kernel
            | Actor::Visitor
            | Actor::Job(_)
            | Actor::Machine(_)
            | Actor::Console(_) => None,
        }
    }

    fn code(&self) -> u64 {
        match self {
            Actor::Kernel => 0,
            Actor::Visitor => 1,
            Actor::Resident(_) => 2,
            Actor::Staff(_) => 3,
            Actor::Job(_) => 4,
            Actor::Machine(_) => 5,
            Actor::Console(_) => 6,
        }
    }
}

impl Field for Actor {
    fn to_value(&self) -> Option<Value> {
        let id = match self {
            Actor::Kernel | Actor::Visitor => None,
            Actor::Resident(person) | Actor::Staff(person) => person.to_value(),
            Actor::Job(name) | Actor::Machine(name) | Actor::Console(name) => name.to_value(),
        };
        Some(Value::Array(std::iter::once(Value::Uint(self.code())).chain(id).collect()))
    }

    fn from_value(value: Option<Value>) -> Result<Actor, Malformed> {
        let unknown = || Malformed::new("not an actor");
        let Some(Value::Array(items)) = value else { return Err(unknown()) };
        let mut items = items.into_iter();
        let Some(Value::Uint(code)) = items.next() else { return Err(unknown()) };
        let id = items.next();
        let person = |id| PersonId::from_value(id);
        match (code, id) {
            (0, None) => Ok(Actor::Kernel),
            (1, None) => Ok(Actor::Visitor),
            (2, id) => person(id).map(Actor::Resident),
            (3, id) => person(id).map(Actor::Staff),
            (4, id) => String::from_value(id).map(Actor::Job),
            (5, id) => String::from_value(id).map(Actor::Machine),
            (6, id) => String::from_value(id).map(Actor::Console),
            _ => Err(unknown()),
        }
    }
}
