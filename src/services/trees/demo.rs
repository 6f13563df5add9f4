//! Cases of the made-up commune, by the same rules and the same write path as real ones: residents
//! file, a clerk takes, accepts, inspects and certifies, each in an entry of their own.

use std::collections::BTreeMap;

use jiff::{Timestamp, ToSpan, civil::Date};
use uuid::Uuid;

use super::{
    Command, Finding, Inspection, PROCEDURE,
    common::Judged,
    model::{CaseId, TreeCase},
    office, resident,
};
use crate::{
    kernel::{
        clock::date_in_poland,
        identity::{Action, Actor, Person, PersonId},
        store::{Change, Fault, Op, Refusal, Store, Ticket, desk::Refused},
    },
    services::catalogue::{Answers, import},
};

const PLACES: [&str; 6] = ["Modrzewie", "Dębina", "Sosnówka", "Lipnik", "Olszyna", "Brzezie"];
const SPECIES: [&str; 3] = ["dab", "brzoza-brodawkowata", "swierk"];
/// Cases of the last forty days: more than a small commune has, so that lists have pages.
const CASES: usize = 120;

/// Files cases of residents and moves most of them on.
///
/// # Errors
/// The store is unwell, or the rules refuse what they should not.
pub fn populate(store: &Store, residents: &[PersonId], clerk: PersonId) -> Result<(), Fault> {
    let now = store.clock().now();
    for (index, owner) in
        residents.iter().copied().cycle().take(CASES.min(residents.len() * 2)).enumerate()
    {
        let age = i64::try_from(1 + (index * 29) % 40).unwrap_or(1);
        let filed = now.checked_sub((24 * age).hours()).map_err(Fault::new)?;
        let id = file(store, owner, filed, index)?;
        move_on(store, id, clerk, date_in_poland(filed), index)?;
    }
    Ok(())
}

fn file(store: &Store, owner: PersonId, filed: Timestamp, index: usize) -> Result<CaseId, Fault> {
    let view = store.view();
    let definition = import::in_force(&view, PROCEDURE)?
        .ok_or_else(|| Fault::new("the definition is not imported"))?;
    let person =
        view.get::<Person>(&owner)?.ok_or_else(|| Fault::new("an owner has no account"))?;
    let id = CaseId(Uuid::now_v7());
    let notice = resident::filing::Ready::of_answers(id, answers(&person, index));
    let desk = store.desk(Actor::Resident(owner)).of_request([0; 8], filed);
    done(desk.commit(|view, authority| {
        let case = resident::filing::notice(view, authority, &definition, owner, &notice)?;
        let permit = authority.permit_owner(&resident::FILE, owner)?;
        Ok::<_, Refusal>(
            Change::new(permit, Op::put(&case)).answer(resident::filing::confirmation(id)),
        )
    }))?;
    Ok(id)
}

fn answers(person: &Person, index: usize) -> Answers {
    let place = PLACES.get(index % PLACES.len()).copied().unwrap_or_default();
    let house = (1 + index * 7 % 90).to_string();
    let mut values: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut put = |path: String, value: String| {
        values.insert(path, vec![value]);
    };
    put("owner.kind".to_owned(), "sole".to_owned());
    put("owner.first".to_owned(), person.given_name.clone());
    put("owner.last".to_owned(), person.family_name.clone());
    put("owner.address.locality".to_owned(), place.to_owned());
    put("owner.address.house".to_owned(), house.clone());
    put("owner.address.postcode".to_owned(), "00-000".to_owned());
    put("prop.address".to_owned(), format!("{place} {house}"));
    put("prop.owner_types".to_owned(), "yes".to_owned());
    put("purpose.business".to_owned(), "no".to_owned());
    put("prop.monument".to_owned(), "no".to_owned());
    for tree in 0..=index % 3 {
        put(format!("trees[{tree}].stems_cm"), (52 + (index * 11 + tree * 17) % 140).to_string());
        if let Some(species) = SPECIES.get(tree) {
            put(format!("trees[{tree}].species"), (*species).to_owned());
        }
    }
    put("delivery.pref".to_owned(), "account".to_owned());
    Answers::from(values)
}

/// What a resident with much to say writes as the reason: with the rest, an entry's body is about 2.3 KB.
pub const DRAFT_REASON: &str = "Drzewo rośnie dwa metry od domu i przechyla się nad dach. Po ostatniej burzy pękł jeden z konarów, a korzenie podnoszą chodnik przed wejściem. Chcę je usunąć, zanim zrobi to wiatr. W zamian posadzę przy drodze dwie lipy.";

/// A filled-in draft as scratch keeps it, with its id: what a benchmark of filing begins with.
///
/// # Errors
/// There is no such person, or no definition.
pub fn draft(store: &Store, owner: PersonId, index: usize) -> Result<(String, Vec<u8>), Fault> {
    let view = store.view();
    let definition = import::in_force(&view, PROCEDURE)?
        .ok_or_else(|| Fault::new("the definition is not imported"))?;
    let person =
        view.get::<Person>(&owner)?.ok_or_else(|| Fault::new("an owner has no account"))?;
    let mut answers = answers(&person, index);
    answers.set("reason", vec![DRAFT_REASON.to_owned()]);
    let draft = resident::drafts::Draft {
        definition_version: definition.version,
        created: store.clock().now(),
        answers,
        files: BTreeMap::new(),
    };
    let bytes = serde_json::to_vec(&draft).map_err(Fault::new)?;
    Ok((CaseId(Uuid::now_v7()).to_string(), bytes))
}

/// Days after an inspection in which the demonstration's clerk answers; the term for an objection is longer.
const ANSWERED_WITHIN_DAYS: i64 = 12;

/// A third stays as it came, the others go as far as their age allows; some of those that were inspected get a
/// certificate.
fn move_on(
    store: &Store,
    id: CaseId,
    clerk: PersonId,
    filed: Date,
    index: usize,
) -> Result<(), Fault> {
    let today = date_in_poland(store.clock().now());
    if index.is_multiple_of(3) {
        return Ok(());
    }
    let mut steps: Vec<(&'static Action, Command)> =
        vec![(&office::verbs::TAKE, Command::Take), (&office::verbs::ACCEPT, Command::Accept)];
    let inspected = filed.saturating_add(9.days());
    if inspected < today && index % 3 == 2 {
        let served = filed.saturating_add(1.day());
        steps.push((
            &office::verbs::PLAN,
            Command::PlanInspection { on: inspected, served_on: served },
        ));
        let inspection = inspection(store, id, inspected)?;
        let trees = inspection.findings.iter().map(|finding| finding.tree).collect();
        steps.push((&office::verbs::INSPECT, Command::Inspect(inspection)));
        if index % 6 == 5 && today <= inspected.saturating_add(ANSWERED_WITHIN_DAYS.days()) {
            let certify = Command::Certify { trees, on: today, requested: false, fee_proof: None };
            steps.push((&office::verbs::CERTIFY, certify));
        }
    }
    for (action, command) in steps {
        done(store.desk(Actor::Staff(clerk)).commit(|view, authority| {
            let before = view.get::<TreeCase>(&id)?.ok_or_else(Refusal::unknown)?;
            let owner = before.owner;
            let judged = Judged::new(view, before)?;
            let (mut case, _) = judged
                .after(&command, today)
                .map_err(|refused| super::common::refusal(&refused))?;
            case.assigned = Some(clerk);
            Ok::<_, Refusal>(Change::new(authority.permit(action, &[owner])?, Op::put(&case)))
        }))?;
    }
    Ok(())
}

fn inspection(store: &Store, id: CaseId, on: Date) -> Result<Inspection, Fault> {
    let case = store
        .view()
        .get::<TreeCase>(&id)?
        .ok_or_else(|| Fault::new("a case of the demo is gone"))?;
    let finding = |tree: u64| Finding {
        tree,
        gone: false,
        species: "dab".to_owned(),
        stems_5_mm: vec![700 + u32::try_from(tree).unwrap_or(0) * 60],
        stems_130_mm: vec![600 + u32::try_from(tree).unwrap_or(0) * 55],
        position: None,
        remarks: String::new(),
    };
    Ok(Inspection {
        on,
        place: "na miejscu".to_owned(),
        persons: vec![super::Person {
            name: "Anna Modrzew".to_owned(),
            capacity: "pracownik urzędu".to_owned(),
            signature: super::Signature::Signed,
            reason: String::new(),
        }],
        findings: case.state.0.trees.iter().map(|tree| finding(tree.id)).collect(),
        protocol: format!("protokół {}", case.label()),
    })
}

fn done(committed: Result<Ticket, Refused>) -> Result<(), Fault> {
    match committed {
        Ok(ticket) => ticket.wait().map(|_durable| ()).map_err(Fault::new),
        Err(refused) => Err(Fault::new(refused.wait().map_err(Fault::new)?)),
    }
}
