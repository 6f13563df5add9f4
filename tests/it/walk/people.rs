//! Everybody who may stand before a door: one person of each level and role.

use ostoja::kernel::{
    identity::{Level, Person, PersonId, Role, Who, people::RESIDENTS_BY_NAME},
    store::keys::Key,
};

use crate::support::{Town, Visitor};

/// What somebody is, so that a test knows what they may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Is {
    Stranger,
    Resident(Level),
    Staff(Role),
}

pub const EVERYBODY: [Is; 7] = [
    Is::Stranger,
    Is::Resident(Level::Declared),
    Is::Resident(Level::Verified),
    Is::Staff(Role::Administrator),
    Is::Staff(Role::Clerk),
    Is::Staff(Role::Editor),
    Is::Staff(Role::Auditor),
];

impl Is {
    /// Whether a permission covers them; thought out anew here, not asked of the program.
    pub fn may(self, who: Who) -> bool {
        match (who, self) {
            (Who::Anyone, _) => true,
            (Who::Resident(needed) | Who::Either(needed, _), Is::Resident(level)) => {
                level >= needed
            }
            (Who::Staff(roles) | Who::Either(_, roles), Is::Staff(role)) => roles.contains(&role),
            _ => false,
        }
    }
}

/// Somebody at the door of a town.
pub struct Walker<'t> {
    pub is: Is,
    pub visitor: Visitor<&'t Town>,
}

/// One of each, all logged in but the stranger. Residents of the demonstration are those about whom
/// most is known, so that there are cases to look at.
pub fn everybody(town: &Town) -> Vec<Walker<'_>> {
    EVERYBODY.into_iter().map(|is| somebody(town, is)).collect()
}

pub fn somebody(town: &Town, is: Is) -> Walker<'_> {
    let citizen = match is {
        Is::Stranger => return Walker { is, visitor: town.visitor() },
        Is::Resident(level) => match busiest(town, level) {
            Some(id) => town.citizen(id),
            None => town.resident(level),
        },
        Is::Staff(role) => town.staff(&[role]),
    };
    // Two keys, so that one may be removed: the session is the second one's.
    town.with_key(citizen.id);
    Walker { is, visitor: town.with_key(citizen.id).0.visitor }
}

fn busiest(town: &Town, level: Level) -> Option<PersonId> {
    let view = town.store.view();
    let residents = view.list::<Person>(RESIDENTS_BY_NAME, &Key::new(), None, 1_000).unwrap();
    let known = residents.rows.iter().filter_map(|row| {
        let person = view.get::<Person>(&row.id).unwrap()?;
        (person.level == level).then(|| (view.about(row.id, 1_000).unwrap().len(), row.id))
    });
    known.max_by_key(|(entries, _)| *entries).map(|(_, id)| id)
}
