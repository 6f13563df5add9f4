//! The demonstration: a made-up commune, "Gmina Modrzewie", with made-up people, written through the
//! ordinary write path and served on loopback only.

use std::{net::SocketAddr, path::Path};

use super::first_start;
use crate::kernel::{
    clock::days_before,
    crypto::hash,
    identity::{
        Action, Actor, Level, Person, PersonId, Role, Who,
        codes::CodeFor,
        people::{CodeUse, Commune, Grant, GrantId, STAFF_BY_NAME},
    },
    scratch::Scratch,
    store::{Change, Fault, Op, Refusal, Store, keys::Key},
};
use crate::services;

/// Residents of the made-up commune.
const RESIDENTS: usize = 300;
const NAMES: &str = include_str!("../../demo/names.txt");
const PROCEDURE: &str = include_str!("../../demo/procedures/srod-drzewa-zgl.toml");

static POPULATE: Action = Action { name: "kernel.demo", who: Who::Console, sentence: "audit-demo" };

/// Actions of the demonstration.
pub static ACTIONS: &[&Action] = &[&POPULATE];

/// What the commune says of itself.
pub fn commune() -> Commune {
    Commune {
        name: "Gmina Modrzewie".to_owned(),
        host: "localhost".to_owned(),
        teryt: None,
        address: Some("ul. Lipowa 1, 00-000 Modrzewie".to_owned()),
        phone: None,
        email: None,
        demo: true,
        config_hash: None,
    }
}

/// Codes that the presenter needs.
pub struct DemoCodes {
    pub staff: String,
    pub resident: String,
}

/// Fills an empty store, once, and issues codes for this start.
///
/// # Errors
/// The store is unwell.
pub fn populate(store: &Store, scratch: &Scratch) -> Result<DemoCodes, Fault> {
    let staff = store.view().list::<Person>(STAFF_BY_NAME, &Key::new(), None, 1)?;
    if staff.rows.is_empty() {
        services::catalogue::import::import(store, PROCEDURE).map_err(Fault::new)?;
        let people = people(store)?;
        services::notices::populate(store, people.editor)?;
        services::trees::populate(store, &people.verified, people.clerk)?;
    }
    let roles = vec![Role::Administrator, Role::Editor, Role::Clerk];
    let staff = first_start::issue_code(
        store,
        scratch,
        CodeUse::StaffInvitation,
        CodeFor { roles, ..CodeFor::default() },
    )?;
    let resident =
        first_start::issue_code(store, scratch, CodeUse::ResidentVerification, CodeFor::default())?;
    Ok(DemoCodes { staff: staff.reveal().to_owned(), resident: resident.reveal().to_owned() })
}

/// Who can act in the demonstration.
struct People {
    editor: PersonId,
    clerk: PersonId,
    /// Residents whose identity the office has seen.
    verified: Vec<PersonId>,
}

/// A few hundred persons, three of them staff.
fn people(store: &Store) -> Result<People, Fault> {
    let now = store.clock().now();
    let since = |index: usize| days_before(now, 40 + i64::try_from(index % 300).unwrap_or(0));
    let (mut staff_ids, mut verified) = (Vec::new(), Vec::new());
    for (index, (given, family)) in names(RESIDENTS + 3).into_iter().enumerate() {
        let staff = index < 3;
        let id = PersonId(
            uuid::Builder::from_random_bytes(first_sixteen(&format!("modrzewie/{index}")))
                .into_uuid(),
        );
        let person = Person {
            id,
            given_name: given,
            family_name: family,
            level: if staff || index.is_multiple_of(3) { Level::Verified } else { Level::Declared },
            staff,
            closed: false,
            phone: None,
            email: None,
            since: since(index),
            verified_by: None,
            verified_at: None,
        };
        let grant = staff.then(|| Grant {
            id: GrantId(
                uuid::Builder::from_random_bytes(first_sixteen(&format!(
                    "modrzewie/grant/{index}"
                )))
                .into_uuid(),
            ),
            person: id,
            role: [Role::Administrator, Role::Clerk, Role::Editor]
                .get(index)
                .copied()
                .unwrap_or(Role::Clerk),
            unit: 0,
            from: since(index),
            to: None,
            basis: "pokaz".to_owned(),
            standing_in_for: None,
        });
        write(store, |_, authority| {
            let change = Change::new(authority.permit(&POPULATE, &[])?, Op::put(&person));
            Ok(match &grant {
                Some(grant) => change.and(Op::put(grant)),
                None => change,
            })
        })?;
        if staff {
            staff_ids.push(id);
        } else if person.level == Level::Verified {
            verified.push(id);
        }
    }
    match staff_ids.as_slice() {
        [_, clerk, editor] => Ok(People { editor: *editor, clerk: *clerk, verified }),
        _ => Err(Fault::new("the list of names is too short")),
    }
}

/// Writes one change as the console.
///
/// # Errors
/// It was refused or not saved.
pub fn write(
    store: &Store,
    decide: impl FnOnce(
        &crate::kernel::store::View<'_>,
        &crate::kernel::identity::Authority<'_>,
    ) -> Result<Change, Refusal>,
) -> Result<(), Fault> {
    store.desk(Actor::Console("demo".to_owned())).save(decide)
}

/// Names in a fixed order, first and family names of one sex together.
fn names(count: usize) -> Vec<(String, String)> {
    let of = |kind: &str| -> Vec<&str> {
        NAMES.lines().filter_map(|line| line.strip_prefix(kind)).collect()
    };
    let (women, men) = ((of("F "), of("f ")), (of("M "), of("m ")));
    let pick = |list: &[&str], at: usize| {
        list.get(at % list.len().max(1)).map_or_else(String::new, |name| (*name).to_owned())
    };
    (0..count)
        .map(|index| {
            let (given, family) = if index.is_multiple_of(2) { &women } else { &men };
            (pick(given, index * 7 / 2), pick(family, index * 13 / 2))
        })
        .collect()
}

fn first_sixteen(text: &str) -> [u8; 16] {
    let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, ..] = hash(&[text.as_bytes()]);
    [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p]
}

/// Listeners of a demonstration: loopback only.
///
/// # Errors
/// Never here; the edge refuses anything but loopback when it binds.
pub fn listeners(port: u16) -> crate::edge::Listeners {
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    crate::edge::Listeners {
        demo: Some(crate::edge::DemoListener {
            places: vec![address.into()],
            hosts: crate::edge::Hosts::loopback(),
        }),
        ..crate::edge::Listeners::default()
    }
}

/// Whether a directory holds a demonstration already.
pub fn exists(data: &Path) -> bool {
    data.join("journal").exists()
}
