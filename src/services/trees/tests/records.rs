//! What is recorded beside the course of a case: looks into registers, parties, signatures, pictures; and that
//! cases of before know nothing of it.

use uuid::Uuid;

use super::*;
use crate::{
    kernel::{
        cbor::{Map, Value},
        identity::PersonId,
        store::record::Record as _,
    },
    services::trees::model::{CaseFile, CaseId, FileRole, Json, TreeCase},
};

fn clerk() -> PersonId {
    PersonId(Uuid::from_u128(7))
}

pub(super) fn plan_check(result: CheckResult) -> Check {
    Check {
        of: CheckOf::LocalPlan,
        trees: Vec::new(),
        result,
        plan: Some(PlanPlace { symbol: "3ZP".to_owned(), paragraph: "§ 14".to_owned() }),
        found: "zieleń urządzona".to_owned(),
        source: "uchwała nr 12/2020".to_owned(),
        on: day("2026-12-11"),
        by: clerk(),
    }
}

fn monument(trees: &[u64], result: CheckResult) -> Check {
    let of = CheckOf::NaturalMonument;
    Check { of, trees: trees.to_vec(), plan: None, ..plan_check(result) }
}

pub(super) fn party(name: &str, capacity: Capacity, words: &str) -> Command {
    Command::AddParty(PartyEntry {
        name: name.to_owned(),
        address: "Leśna 4, 08-400 Modrzewie".to_owned(),
        capacity,
        words: words.to_owned(),
        by: clerk(),
    })
}

fn strike(n: u64, reason: &str) -> Command {
    Command::StrikeParty { n, reason: reason.to_owned(), by: clerk() }
}

/// For walks: one of the records that move nothing.
pub(super) fn aside_from(which: u64, on: Date) -> Command {
    match which {
        0 => Command::RecordCheck(Check { on, ..plan_check(CheckResult::Yes) }),
        1 => party(&on.to_string(), Capacity::CoOwner, ""),
        _ => strike(1, "x"),
    }
}

// One row, one line: the table is read across.
#[rustfmt::skip]
pub(super) fn rows(states: &States) -> Vec<table::Row<'_>> {
    let States { draft, filed, awaiting, half, suspended, forwarded, known, full, .. } = states;
    let look = |check: Check| Command::RecordCheck(check);
    let plan = || plan_check(CheckResult::Yes);
    let placed = |symbol: &str, paragraph: &str| {
        Check { plan: Some(PlanPlace { symbol: symbol.to_owned(), paragraph: paragraph.to_owned() }), ..plan() }
    };
    let photo = |tree| Command::AddPhoto { tree };
    let same = "Filed: Noticed Noticed";
    let done = "Outcomes: Inspected Inspected";
    vec![
        (filed, look(plan()), "2026-12-11", same),
        // The register may have been read before the notice came.
        (filed, look(Check { on: day("2026-10-01"), ..plan() }), "2026-12-11", same),
        (filed, look(plan()), "2026-12-10", "!trees-date-in-future"),
        (suspended, look(plan()), "2026-12-15", done),
        (draft, look(plan()), "2026-12-11", "!trees-not-submitted"),
        (forwarded, look(plan()), "2026-12-11", "!trees-case-ended"),
        (filed, look(Check { found: " ".to_owned(), ..plan() }), "2026-12-11", "!trees-check-incomplete"),
        (filed, look(Check { source: String::new(), ..plan() }), "2026-12-11", "!trees-check-incomplete"),
        (filed, look(Check { plan: None, ..plan() }), "2026-12-11", "!trees-check-incomplete"),
        (filed, look(placed("3ZP", " ")), "2026-12-11", "!trees-check-incomplete"),
        (filed, look(placed("", "§ 14")), "2026-12-11", "!trees-check-incomplete"),
        (filed, look(Check { plan: None, ..plan_check(CheckResult::No) }), "2026-12-11", same),
        (filed, look(Check { of: CheckOf::Ownership, plan: None, ..plan() }), "2026-12-11", same),
        (filed, look(monument(&[2], CheckResult::No)), "2026-12-11", same),
        (filed, look(monument(&[], CheckResult::No)), "2026-12-11", "!trees-no-trees"),
        (filed, look(monument(&[7], CheckResult::No)), "2026-12-11", "!trees-unknown-tree"),
        (full, look(plan()), "2026-12-11", "!trees-list-full"),

        (filed, party("Ewa Lis", Capacity::CoOwner, ""), "2026-12-11", same),
        (filed, party(" ", Capacity::CoOwner, ""), "2026-12-11", "!trees-party-incomplete"),
        (filed, party("Ewa Lis", Capacity::Other, " "), "2026-12-11", "!trees-party-incomplete"),
        (filed, party("Ewa Lis", Capacity::Other, "służebność drogi"), "2026-12-11", same),
        (known, party("ewa lis ", Capacity::CoOwner, ""), "2026-12-12", "!trees-party-known"),
        (known, party("Ewa Lis", Capacity::Agent, "Jana Lisa"), "2026-12-12", done),
        (full, party("Adam Lis", Capacity::CoOwner, ""), "2026-12-12", "!trees-list-full"),
        (forwarded, party("Ewa Lis", Capacity::CoOwner, ""), "2026-12-11", "!trees-case-ended"),
        (known, strike(1, "sprzedała udział"), "2026-12-12", done),
        (known, strike(1, " "), "2026-12-12", "!trees-nothing-named"),
        (known, strike(2, "x"), "2026-12-12", "!trees-unknown-party"),
        (filed, strike(1, "x"), "2026-12-12", "!trees-unknown-party"),

        (half, photo(1), "2026-12-12", "AwaitingInspection: Inspected Noticed"),
        (half, photo(2), "2026-12-12", "!trees-not-inspected"),
        (half, photo(9), "2026-12-12", "!trees-unknown-tree"),
        (awaiting, photo(1), "2026-12-01", "!trees-not-inspected"),
        (known, photo(2), "2026-12-12", done),
    ]
}

#[test]
fn records_beside_the_course_have_rules() {
    table::check(&rows(&States::new()));
}

#[test]
fn the_last_look_holds_and_the_earlier_stays() {
    let states = States::new();
    let case = after(
        &states.known,
        &[
            ("2026-12-12", Command::RecordCheck(plan_check(CheckResult::No))),
            ("2026-12-12", Command::RecordCheck(monument(&[1, 2], CheckResult::No))),
            ("2026-12-13", Command::RecordCheck(monument(&[2], CheckResult::Yes))),
        ],
    );
    let result = |of, tree| case.check(of, tree).map(|check| check.result);
    assert_eq!(case.checks.len(), 4);
    assert_eq!(result(CheckOf::LocalPlan, None), Some(CheckResult::No));
    assert_eq!(result(CheckOf::LocalPlan, Some(2)), Some(CheckResult::No));
    assert_eq!(result(CheckOf::NaturalMonument, Some(1)), Some(CheckResult::No));
    assert_eq!(result(CheckOf::NaturalMonument, Some(2)), Some(CheckResult::Yes));
    assert_eq!(result(CheckOf::NaturalMonument, None), None);
    assert_eq!(result(CheckOf::MonumentRegister, Some(1)), None);
    assert!(case.checks.iter().all(|check| check.by == clerk()));
}

/// The objection is in time all the same; the clerk hears what its reasons will lack.
#[test]
fn an_objection_without_its_check_is_cautioned_and_not_refused() {
    let states = States::new();
    let cautions = |case: &CaseState, ground: Ground, trees: &[u64]| {
        let act = ObjectionAct { ground, ..objection(trees, "2026-12-15") };
        decide(case, &Command::Object(act), day("2026-12-15"), rules()).unwrap().cautions
    };
    let with = |check: Check| after(&states.known, &[("2026-12-12", Command::RecordCheck(check))]);
    assert_eq!(cautions(&states.inspected, Ground::LocalPlan, &[1]), [Caution::GroundNotChecked]);
    assert_eq!(cautions(&states.known, Ground::LocalPlan, &[1, 2]), []);
    let denied = with(plan_check(CheckResult::No));
    assert_eq!(cautions(&denied, Ground::LocalPlan, &[1]), [Caution::CheckDisagrees]);
    let unclear = with(plan_check(CheckResult::Unclear));
    assert_eq!(cautions(&unclear, Ground::LocalPlan, &[1]), [Caution::CheckDisagrees]);
    // Of monuments each tree is looked at.
    let first = with(monument(&[1], CheckResult::Yes));
    assert_eq!(cautions(&first, Ground::NaturalMonument, &[1]), []);
    assert_eq!(cautions(&first, Ground::NaturalMonument, &[1, 2]), [Caution::GroundNotChecked]);
    assert_eq!(cautions(&first, Ground::ProtectedArea, &[1]), [Caution::GroundNotChecked]);
    // The grounds of ust. 15 follow from the case.
    assert_eq!(cautions(&states.inspected, Ground::PermitNeeded, &[1]), []);
}

#[test]
fn a_struck_party_stays_with_the_reason_and_hears_nothing() {
    let states = States::new();
    let planned = |case: &CaseState| {
        let command = plan("2026-12-20", "2026-12-01");
        decide(case, &command, day("2026-12-01"), rules()).unwrap().cautions
    };
    assert_eq!(planned(&states.awaiting), [Caution::InspectionAfterTerm]);
    let ewa = party("Ewa Lis", Capacity::CoOwner, "");
    let entered = after(&states.awaiting, &[("2026-12-01", ewa.clone())]);
    let both = [Caution::NotifyParties, Caution::InspectionAfterTerm];
    assert_eq!(planned(&entered), both);
    let struck = after(&entered, &[("2026-12-01", strike(1, "to nie jej działka"))]);
    assert_eq!(planned(&struck), [Caution::InspectionAfterTerm]);
    let kept = &struck.parties[0];
    let reason = kept.struck.as_ref().map(|struck| struck.reason.as_str());
    assert_eq!((kept.name.as_str(), reason), ("Ewa Lis", Some("to nie jej działka")));
    // She may become one again, under a number of her own.
    let again = after(&struck, &[("2026-12-01", ewa)]);
    assert_eq!(again.standing_parties().map(|party| party.n).collect::<Vec<_>>(), [2]);
}

#[test]
fn the_record_of_an_inspection_stays_whole() {
    let states = States::new();
    let held = &states.inspected.inspections;
    assert_eq!(held.iter().map(|held| held.trees.clone()).collect::<Vec<_>>(), [[1], [2]]);
    assert_eq!(held[0].protocol, "OŚ.6131.1.2026/p1");
    assert_eq!(held[0].persons, [present("Jan Lis", Signature::Signed, "")]);
    let place = Position { latitude: 53_123_450, longitude: 17_654_320 };
    let found = Finding { position: Some(place), ..finding(1) };
    let act = Command::Inspect(inspection("2026-12-10", vec![found]));
    let case = after(&states.awaiting, &[("2026-12-10", act)]);
    assert_eq!(case.tree(1).unwrap().position, Some(place));
    let noted = states.silent.tree(1).unwrap();
    assert_eq!(noted.silence_noted_on, Some(day("2026-12-29")), "the day of the note (KPA 122e)");
    let gone = after(&states.certified, &[("2026-12-14", remove(&[1], "2026-12-12"))]);
    let gone = gone.tree(1).unwrap();
    let days = (gone.removed_on, gone.removal_reported_on);
    assert_eq!(days, (Some(day("2026-12-12")), Some(day("2026-12-14"))));
}

/// A state as it was written before any of this was known.
const OLD: &str = r#"{"ruleset":"uop-2024-1478","stage":"Outcomes","delivered_on":"2026-11-23","taken_on":null,
"inspection_from":"2026-11-23","inspection_pause_days":0,"call":null,"planned":null,"suspended":null,"forwarded_to":null,
"ended_on":null,"trees":[{"id":1,"stage":"Inspected","inspected_on":"2026-12-10","gone":false,"species":"dab",
"stems_5_mm":[810],"stems_130_mm":[],"remarks":"","objection_from":"2026-12-10","pause_days":0,"objection":null,
"certificate":null,"silent_from":null,"removed_on":null}]}"#;

#[test]
fn cases_of_before_are_read_and_written_as_they_were() {
    let state: CaseState = serde_json::from_str(OLD).unwrap();
    assert!(state.checks.is_empty() && state.parties.is_empty() && state.inspections.is_empty());
    assert_eq!(serde_json::to_string(&state).unwrap(), OLD.replace('\n', ""));
    let states = States::new();
    for case in [&states.known, &states.silent, &states.full] {
        let text = serde_json::to_string(case).unwrap();
        assert_eq!(serde_json::from_str::<CaseState>(&text).unwrap(), *case);
    }
    let nobody = OLD.replace(r#""trees""#, r#""parties":[{"by":"nobody"}],"trees""#);
    assert!(serde_json::from_str::<CaseState>(&nobody).is_err());
}

#[test]
fn a_record_without_the_new_fields_is_read() {
    let at = "2026-11-23T10:00:00Z".parse().unwrap();
    let blob = crate::kernel::store::record::BlobRef { seq: 3, body: 1 };
    let file = CaseFile {
        role: FileRole::Photo,
        name: "dąb.jpg".to_owned(),
        media_type: "image/jpeg".to_owned(),
        bytes: 10,
        sha256: String::new(),
        original: blob,
        shown: Some(blob),
        thumbnail: Some(blob),
        field: String::new(),
        from_office: true,
        added: at,
        tree: Some(2),
    };
    let case = TreeCase {
        id: CaseId(Uuid::from_u128(1)),
        owner: PersonId(Uuid::from_u128(2)),
        number: 1,
        year: 2026,
        filed: at,
        procedure: PROCEDURE.to_owned(),
        definition_version: 1,
        answers: Json(std::collections::BTreeMap::new()),
        state: Json(States::new().known),
        files: vec![file],
        assigned: None,
        office_number: None,
        due: None,
        filed_incomplete: false,
        register_closed: None,
        incoming_number: Some("RPW/7/2026".to_owned()),
    };
    assert_eq!(TreeCase::from_map(1, case.to_map()).unwrap(), case);
    let mut old: Map = case.to_map();
    old.remove(&15);
    let Some(Value::Array(files)) = old.get_mut(&9) else { panic!("no files") };
    for file in files {
        let Value::Map(file) = file else { panic!("no file") };
        file.remove(&11);
    }
    let read = TreeCase::from_map(1, old).unwrap();
    assert_eq!((read.incoming_number, read.files[0].tree), (None, None));
}
