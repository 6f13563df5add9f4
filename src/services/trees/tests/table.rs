//! One row: a state, a command, a day, the expected state or refusal. Every refusal occurs.

use std::collections::BTreeSet;

use super::super::super::catalogue::texts_check::Room;
use super::super::refusal::Obstacles;
use super::*;

/// What came out, in short: "Outcomes: Certified Inspected" or "!trees-suspended".
fn outcome(case: &CaseState, command: &Command, today: &str) -> String {
    match decide(case, command, day(today), rules()) {
        Err(refused) => format!("!{}", refused.why.code()),
        Ok(decision) => {
            let trees: Vec<String> =
                decision.state.trees.iter().map(|tree| format!("{:?}", tree.stage)).collect();
            format!("{:?}: {}", decision.state.stage, trees.join(" "))
        }
    }
}

pub(super) type Row<'a> = (&'a CaseState, Command, &'a str, &'a str);

pub(super) fn check(rows: &[Row<'_>]) {
    for (place, (case, command, today, expected)) in rows.iter().enumerate() {
        let found = outcome(case, command, today);
        assert_eq!(found, *expected, "row {place}: {command:?} on {today} in {:?}", case.stage);
    }
}

// One row, one line: the table is read across.
#[rustfmt::skip]
fn filing(states: &States) -> Vec<Row<'_>> {
    let States {
        draft,
        filed,
        called,
        incomplete,
        kpa_defect,
        objection_due,
        awaiting,
        half,
        forwarded,
        ..
    } = states;
    let one =
        |trees: &[u64]| Command::Submit { received_on: day("2026-11-23"), trees: trees.to_vec() };
    let blank = Command::Call {
        track: Track::Element,
        missing: vec![" ".to_owned()],
        issued_on: day("2026-11-24"),
    };
    vec![
        (draft, submit("2026-11-23"), "2026-11-23", "Filed: Noticed Noticed"),
        (draft, submit("2026-11-22"), "2026-11-23", "Filed: Noticed Noticed"),
        (draft, submit("2026-11-24"), "2026-11-23", "!trees-date-in-future"),
        (draft, submit("2024-08-27"), "2026-11-23", "!trees-wrong-ruleset"),
        (draft, one(&[]), "2026-11-23", "!trees-no-trees"),
        (draft, one(&[1, 1]), "2026-11-23", "!trees-repeated-tree"),
        (draft, Command::Take, "2026-11-23", "!trees-not-submitted"),
        (filed, submit("2026-11-23"), "2026-11-23", "!trees-already-submitted"),
        (filed, Command::Take, "2026-11-23", "Filed: Noticed Noticed"),
        (filed, Command::Accept, "2026-11-23", "AwaitingInspection: Noticed Noticed"),
        (awaiting, Command::Accept, "2026-12-01", "!trees-wrong-stage"),
        (called, Command::Accept, "2026-11-25", "!trees-call-pending"),
        (filed, call(Track::Element, "2026-11-24"), "2026-11-24", "Filed: Noticed Noticed"),
        (filed, blank, "2026-11-24", "!trees-nothing-named"),
        (filed, call(Track::Element, "2026-11-22"), "2026-11-24", "!trees-date-before-cause"),
        (called, call(Track::Formal, "2026-11-25"), "2026-11-25", "!trees-call-pending"),
        (awaiting, call(Track::Formal, "2026-12-01"), "2026-12-01", "AwaitingInspection: Noticed Noticed"),
        (half, call(Track::Formal, "2026-12-10"), "2026-12-10", "!trees-already-inspected"),
        (called, call_served("2026-11-26"), "2026-11-26", "Incomplete: Noticed Noticed"),
        (called, call_served("2026-11-24"), "2026-11-26", "!trees-date-before-cause"),
        (called, call_served("2026-11-27"), "2026-11-26", "!trees-date-in-future"),
        (filed, call_served("2026-11-26"), "2026-11-26", "!trees-no-call"),
        (incomplete, call_served("2026-11-27"), "2026-11-27", "!trees-no-call"),
        (called, supplement("2026-11-25", "2026-11-25"), "2026-11-25", "Filed: Noticed Noticed"),
        (filed, supplement("2026-11-25", "2026-11-25"), "2026-11-25", "!trees-no-call"),
        (incomplete, supplement("2026-12-01", "2026-12-01"), "2026-12-01", "AwaitingInspection: Noticed Noticed"),
        // Posted on the last day, received five days later: in time.
        (incomplete, supplement("2026-12-03", "2026-12-08"), "2026-12-08", "AwaitingInspection: Noticed Noticed"),
        (incomplete, supplement("2026-12-04", "2026-12-04"), "2026-12-04", "!trees-supplement-too-late"),
        (objection_due, supplement("2026-12-03", "2026-12-08"), "2026-12-08", "!trees-supplement-too-late"),
        (kpa_defect, supplement("2026-12-01", "2026-12-01"), "2026-12-01", "Filed: Noticed Noticed"),
        (incomplete, Command::NoteLapse, "2026-12-03", "!trees-term-not-over"),
        (incomplete, Command::NoteLapse, "2026-12-04", "ObjectionDue: Noticed Noticed"),
        (kpa_defect, Command::NoteLapse, "2026-12-04", "LeftUnexamined: Noticed Noticed"),
        (called, Command::NoteLapse, "2026-12-04", "!trees-no-call"),
        (objection_due, Command::NoteLapse, "2026-12-05", "!trees-wrong-stage"),
        (filed, forward("2026-11-24"), "2026-11-24", "Forwarded: Noticed Noticed"),
        (awaiting, forward("2026-12-01"), "2026-12-01", "Forwarded: Noticed Noticed"),
        (half, forward("2026-12-10"), "2026-12-10", "!trees-already-inspected"),
        (incomplete, forward("2026-11-27"), "2026-11-27", "!trees-wrong-stage"),
        (filed, refuse("2026-11-24"), "2026-11-24", "Refused: Noticed Noticed"),
        (awaiting, refuse("2026-12-01"), "2026-12-01", "!trees-wrong-stage"),
        (forwarded, Command::Take, "2026-11-25", "!trees-case-ended"),
    ]
}

// One row, one line: the table is read across.
#[rustfmt::skip]
fn inspections(states: &States) -> Vec<Row<'_>> {
    let States { filed, incomplete, awaiting, half, inspected, .. } = states;
    let with = |change: &dyn Fn(&mut Inspection)| {
        let mut act = inspection("2026-12-10", vec![finding(1)]);
        change(&mut act);
        Command::Inspect(act)
    };
    let gone = |act: &mut Inspection| {
        act.findings =
            vec![Finding { gone: true, species: String::new(), stems_5_mm: vec![], ..finding(1) }];
    };
    let still = "AwaitingInspection: Inspected Noticed";
    vec![
        (awaiting, plan("2026-12-08", "2026-12-01"), "2026-12-01", "AwaitingInspection: Noticed Noticed"),
        (awaiting, plan("2026-12-07", "2026-12-01"), "2026-12-01", "!trees-notice-too-short"),
        (filed, plan("2026-12-10", "2026-12-01"), "2026-12-01", "!trees-wrong-stage"),
        (incomplete, plan("2026-12-10", "2026-12-01"), "2026-12-01", "!trees-wrong-stage"),
        (incomplete, inspect("2026-12-10", &[1]), "2026-12-10", "!trees-wrong-stage"),
        (awaiting, inspect("2026-12-10", &[1]), "2026-12-10", still),
        (half, inspect("2026-12-11", &[2]), "2026-12-11", "Outcomes: Inspected Inspected"),
        (awaiting, inspect("2026-12-10", &[1, 2]), "2026-12-11", "Outcomes: Inspected Inspected"),
        // After the 21 days there is no consent, only a late inspection.
        (awaiting, inspect("2027-01-20", &[1, 2]), "2027-01-20", "Outcomes: Inspected Inspected"),
        (awaiting, inspect("2026-12-12", &[1]), "2026-12-11", "!trees-date-in-future"),
        (awaiting, inspect("2026-11-22", &[1]), "2026-12-11", "!trees-date-before-cause"),
        (awaiting, inspect("2026-12-10", &[7]), "2026-12-10", "!trees-unknown-tree"),
        (awaiting, inspect("2026-12-10", &[1, 1]), "2026-12-10", "!trees-repeated-tree"),
        (awaiting, inspect("2026-12-10", &[]), "2026-12-10", "!trees-no-trees"),
        (half, inspect("2026-12-11", &[1]), "2026-12-11", "!trees-already-inspected"),
        (inspected, inspect("2026-12-11", &[1]), "2026-12-11", "!trees-wrong-stage"),
        (awaiting, with(&|act| act.protocol = "  ".to_owned()), "2026-12-10", "!trees-protocol-missing"),
        (awaiting, with(&|act| act.place = String::new()), "2026-12-10", "!trees-finding-incomplete"),
        (awaiting, with(&|act| act.persons.clear()), "2026-12-10", "!trees-finding-incomplete"),
        (awaiting, with(&|act| act.persons.push(present("Ewa Lis", Signature::Refused, " "))), "2026-12-10", "!trees-signature-unexplained"),
        (awaiting, with(&|act| act.persons.push(present("Ewa Lis", Signature::AbsentAtSigning, ""))), "2026-12-10", "!trees-signature-unexplained"),
        (awaiting, with(&|act| act.persons.push(present("Ewa Lis", Signature::Refused, "nie zgadza się z obwodem"))), "2026-12-10", still),
        (awaiting, with(&|act| act.findings[0].species = " ".to_owned()), "2026-12-10", "!trees-finding-incomplete"),
        (awaiting, with(&|act| act.findings[0].stems_5_mm.clear()), "2026-12-10", "!trees-finding-incomplete"),
        (awaiting, with(&|act| act.findings[0].stems_5_mm = vec![810, 0]), "2026-12-10", "!trees-finding-incomplete"),
        (awaiting, with(&|act| act.findings[0].stems_130_mm.clear()), "2026-12-10", still),
        (awaiting, with(&gone), "2026-12-10", still),
    ]
}

// One row, one line: the table is read across.
#[rustfmt::skip]
fn objections(states: &States) -> Vec<Row<'_>> {
    let States {
        filed, objection_due, awaiting, half, inspected, certified, silent, objected, ..
    } = states;
    let with = |on: &str, change: &dyn Fn(&mut ObjectionAct)| {
        let mut act = objection(&[1], on);
        change(&mut act);
        Command::Object(act)
    };
    let doubt = |act: &mut ObjectionAct| {
        act.doubt = Some("radca prawny A. Nowak, notatka 3/2026".to_owned());
    };
    let unsupplemented = |on: &str, trees: &[u64]| {
        Command::Object(ObjectionAct { ground: Ground::NotSupplemented, ..objection(trees, on) })
    };
    let done = "Outcomes: Objected Inspected";
    vec![
        (inspected, object(&[1], "2026-12-15"), "2026-12-15", done),
        (inspected, object(&[1, 2], "2026-12-23"), "2026-12-23", "Outcomes: Objected Objected"),
        (half, object(&[1], "2026-12-15"), "2026-12-15", "AwaitingInspection: Objected Noticed"),
        (half, object(&[2], "2026-12-15"), "2026-12-15", "!trees-not-inspected"),
        // The raw last day is in time although it is a holiday; the next three days are in doubt; then it is late.
        (inspected, object(&[1], "2026-12-24"), "2026-12-24", done),
        (inspected, object(&[1], "2026-12-28"), "2026-12-28", "!trees-objection-in-doubt"),
        (inspected, with("2026-12-28", &doubt), "2026-12-28", done),
        (inspected, with("2026-12-28", &|act| act.doubt = Some(" ".to_owned())), "2026-12-28", "!trees-objection-in-doubt"),
        (inspected, with("2026-12-29", &doubt), "2026-12-29", "!trees-objection-too-late"),
        // The day of the signature does not count, the day of the dispatch does; entered later, it is still in time.
        (inspected, with("2026-12-29", &|act| act.signed_on = day("2026-12-15")), "2026-12-29", "!trees-objection-too-late"),
        (inspected, object(&[1], "2026-12-23"), "2027-01-04", done),
        (inspected, with("2026-12-15", &|act| act.signed_on = day("2026-12-16")), "2026-12-16", "!trees-dispatch-before-signature"),
        (inspected, with("2026-12-21", &|act| act.channel = Channel::Hybrid), "2026-12-21", done),
        (inspected, with("2026-12-22", &|act| act.channel = Channel::Hybrid), "2026-12-22", "!trees-objection-in-doubt"),
        (inspected, with("2026-12-15", &|act| act.channel = Channel::Ade), "2026-12-15", done),
        (inspected, with("2026-12-15", &|act| act.channel = Channel::ByHand), "2026-12-15", done),
        (inspected, with("2026-12-15", &|act| act.channel = Channel::OtherOperator), "2026-12-15", "!trees-channel-does-not-count"),
        (inspected, with("2026-12-15", &|act| act.channel = Channel::PortalAccount), "2026-12-15", "!trees-channel-does-not-count"),
        (inspected, with("2026-12-15", &|act| act.evidence.clear()), "2026-12-15", "!trees-evidence-missing"),
        (inspected, with("2026-12-15", &|act| act.signatory.clear()), "2026-12-15", "!trees-signatory-missing"),
        (inspected, object(&[1], "2026-12-16"), "2026-12-15", "!trees-date-in-future"),
        (inspected, object(&[1], "2026-12-09"), "2026-12-15", "!trees-date-before-cause"),
        (inspected, unsupplemented("2026-12-15", &[1]), "2026-12-15", "!trees-ground-does-not-fit"),
        (certified, object(&[1], "2026-12-15"), "2026-12-15", "!trees-already-certified"),
        (certified, object(&[2], "2026-12-15"), "2026-12-15", "Outcomes: Certified Objected"),
        (objected, object(&[1], "2026-12-16"), "2026-12-16", "!trees-already-objected"),
        (silent, object(&[1], "2026-12-23"), "2026-12-29", "!trees-consent-arisen"),
        (filed, object(&[1], "2026-11-24"), "2026-11-24", "!trees-wrong-stage"),
        (awaiting, object(&[1], "2026-12-01"), "2026-12-01", "!trees-not-inspected"),
        (objection_due, unsupplemented("2026-12-07", &[1, 2]), "2026-12-07", "Outcomes: Objected Objected"),
        (objection_due, unsupplemented("2026-12-07", &[1]), "2026-12-07", "ObjectionDue: Objected Noticed"),
        (objection_due, object(&[1, 2], "2026-12-07"), "2026-12-07", "!trees-ground-does-not-fit"),
        (objection_due, unsupplemented("2026-12-02", &[1, 2]), "2026-12-07", "!trees-date-before-cause"),
    ]
}

// One row, one line: the table is read across.
#[rustfmt::skip]
fn appeals(states: &States) -> Vec<Row<'_>> {
    let States { inspected, objected, appealed, suspended, .. } = states;
    let remand = |on: &str| Command::Remand { trees: vec![1], files_arrived_on: day(on) };
    let quash = |on: &str| Command::Quash { trees: vec![1], on: day(on) };
    use Finality::{Lapse, Upheld, Waiver};
    vec![
        (objected, served(&[1], "2026-12-17"), "2026-12-20", "Outcomes: Objected Inspected"),
        (objected, served(&[1], "2026-12-14"), "2026-12-20", "!trees-date-before-cause"),
        (objected, served(&[2], "2026-12-17"), "2026-12-20", "!trees-not-objected"),
        (inspected, appeal(&[1], "2026-12-20", "2026-12-20"), "2026-12-20", "!trees-not-objected"),
        (objected, appeal(&[1], "2026-12-20", "2026-12-21"), "2026-12-21", "Outcomes: Objected Inspected"),
        (appealed, appeal(&[1], "2027-01-02", "2027-01-02"), "2027-01-02", "!trees-appeal-pending"),
        (objected, remand("2027-02-01"), "2027-02-01", "!trees-not-appealed"),
        (appealed, remand("2027-02-01"), "2027-02-01", "Outcomes: Inspected Inspected"),
        (appealed, quash("2027-02-01"), "2027-02-01", "Outcomes: NoObjection Inspected"),
        (suspended, remand("2027-02-01"), "2027-02-01", "!trees-suspended"),
        (objected, make_final(&[1], Lapse, "2027-02-01"), "2027-02-01", "!trees-not-served"),
        (appealed, make_final(&[1], Lapse, "2027-02-01"), "2027-02-01", "!trees-appeal-pending"),
        (appealed, make_final(&[1], Upheld, "2027-02-01"), "2027-02-01", "Outcomes: ObjectionFinal Inspected"),
        (appealed, make_final(&[1], Waiver, "2027-02-01"), "2027-02-01", "!trees-appeal-pending"),
    ]
}

// One row, one line: the table is read across.
#[rustfmt::skip]
fn outcomes(states: &States) -> Vec<Row<'_>> {
    let States {
        awaiting,
        half,
        inspected,
        suspended,
        certified,
        silent,
        objected,
        forwarded,
        filed,
        ..
    } = states;
    let resume = |on: &str| Command::Resume { on: day(on) };
    let withdraw = |on: &str| Command::Withdraw { on: day(on) };
    let expire = |trees: &[u64]| Command::NoteExpiry { trees: trees.to_vec() };
    vec![
        (inspected, certify(&[1], "2026-12-11"), "2026-12-11", "Outcomes: Certified Inspected"),
        (inspected, certify(&[1], "2026-12-28"), "2026-12-28", "Outcomes: Certified Inspected"),
        (inspected, certify(&[1], "2026-12-29"), "2026-12-29", "!trees-certificate-too-late"),
        (awaiting, certify(&[1], "2026-12-01"), "2026-12-01", "!trees-not-inspected"),
        (objected, certify(&[1], "2026-12-16"), "2026-12-16", "!trees-already-objected"),
        (certified, certify(&[1], "2026-12-16"), "2026-12-16", "!trees-already-certified"),
        (silent, certify(&[1], "2026-12-16"), "2026-12-29", "!trees-consent-arisen"),
        (inspected, silence(&[1], "2026-12-28"), "2026-12-28", "!trees-term-not-over"),
        (inspected, silence(&[1], "2026-12-27"), "2026-12-29", "!trees-register-open"),
        (inspected, silence(&[1], "2026-12-28"), "2026-12-29", "Outcomes: SilentConsent Inspected"),
        (inspected, silence(&[1], "2026-12-30"), "2026-12-29", "!trees-date-in-future"),
        (objected, silence(&[1], "2026-12-28"), "2026-12-29", "!trees-already-objected"),
        (awaiting, silence(&[1], "2027-03-01"), "2027-03-01", "!trees-not-inspected"),
        (inspected, discontinue(&[1], Cause::UnderThreshold, "", "2026-12-11"), "2026-12-11", "!trees-cause-does-not-fit"),
        (inspected, discontinue(&[1], Cause::Gone, "", "2026-12-11"), "2026-12-11", "!trees-cause-does-not-fit"),
        (inspected, discontinue(&[1], Cause::Exempt, "", "2026-12-11"), "2026-12-11", "!trees-nothing-named"),
        (inspected, discontinue(&[1], Cause::Exempt, "owocowe", "2026-12-11"), "2026-12-11", "Outcomes: Discontinued Inspected"),
        (inspected, discontinue(&[1], Cause::Exempt, "owocowe", "2026-12-29"), "2026-12-29", "!trees-term-lapsed"),
        (certified, discontinue(&[1], Cause::Exempt, "owocowe", "2026-12-14"), "2026-12-14", "!trees-already-certified"),
        (inspected, suspend("2026-12-14"), "2026-12-14", "Outcomes: Inspected Inspected"),
        (inspected, suspend("2026-12-29"), "2026-12-29", "!trees-term-lapsed"),
        (silent, suspend("2026-12-29"), "2026-12-29", "!trees-nothing-open"),
        (filed, suspend("2026-11-24"), "2026-11-24", "!trees-wrong-stage"),
        (suspended, suspend("2026-12-15"), "2026-12-15", "!trees-suspended"),
        (suspended, object(&[1], "2026-12-15"), "2026-12-15", "!trees-suspended"),
        (suspended, certify(&[1], "2026-12-15"), "2026-12-15", "!trees-suspended"),
        (suspended, silence(&[1], "2026-12-28"), "2026-12-29", "!trees-suspended"),
        (suspended, resume("2026-12-20"), "2026-12-20", "Outcomes: Inspected Inspected"),
        (suspended, resume("2026-12-13"), "2026-12-20", "!trees-date-before-cause"),
        (inspected, resume("2026-12-20"), "2026-12-20", "!trees-not-suspended"),
        (filed, withdraw("2026-11-24"), "2026-11-24", "Withdrawn: Withdrawn Withdrawn"),
        (half, withdraw("2026-12-10"), "2026-12-10", "Withdrawn: Withdrawn Withdrawn"),
        (certified, withdraw("2026-12-14"), "2026-12-14", "Outcomes: Certified Withdrawn"),
        (suspended, withdraw("2027-02-01"), "2027-02-01", "Withdrawn: Withdrawn Withdrawn"),
        (inspected, withdraw("2026-12-29"), "2026-12-29", "!trees-term-lapsed"),
        (silent, withdraw("2026-12-29"), "2026-12-29", "!trees-nothing-open"),
        (forwarded, withdraw("2026-12-29"), "2026-12-29", "!trees-case-ended"),
        (certified, remove(&[1], "2026-12-11"), "2026-12-12", "Outcomes: Removed Inspected"),
        (certified, remove(&[1], "2026-12-10"), "2026-12-12", "!trees-removal-not-allowed"),
        (certified, remove(&[1], "2027-06-10"), "2027-06-10", "Outcomes: Removed Inspected"),
        (certified, remove(&[1], "2027-06-11"), "2027-06-11", "!trees-removal-expired"),
        (certified, remove(&[2], "2026-12-12"), "2026-12-12", "!trees-removal-not-allowed"),
        (certified, remove(&[1], "2026-12-13"), "2026-12-12", "!trees-date-in-future"),
        (objected, remove(&[1], "2026-12-20"), "2026-12-20", "!trees-removal-not-allowed"),
        (awaiting, remove(&[1], "2026-12-20"), "2026-12-20", "!trees-removal-not-allowed"),
        (silent, remove(&[1, 2], "2026-12-29"), "2026-12-29", "Outcomes: Removed Removed"),
        (silent, remove(&[1], "2026-12-28"), "2026-12-29", "!trees-removal-not-allowed"),
        (certified, expire(&[1]), "2027-06-10", "!trees-term-not-over"),
        (certified, expire(&[1]), "2027-06-11", "Outcomes: Expired Inspected"),
        (certified, expire(&[2]), "2027-06-11", "!trees-tree-settled"),
    ]
}

fn all_rows(states: &States) -> Vec<Row<'_>> {
    [
        filing(states),
        inspections(states),
        objections(states),
        appeals(states),
        outcomes(states),
        records::rows(states),
    ]
    .concat()
}

#[test]
fn filing_and_defects() {
    check(&filing(&States::new()));
}

#[test]
fn inspection_rules() {
    check(&inspections(&States::new()));
}

#[test]
fn objection_rules() {
    check(&objections(&States::new()));
}

#[test]
fn appeal_rules() {
    check(&appeals(&States::new()));
}

#[test]
fn outcome_rules() {
    check(&outcomes(&States::new()));
}

/// A sentence that named a tree or a day its obstacle does not have would fail here.
#[test]
fn every_refusal_of_the_tables_can_be_said() {
    let states = States::new();
    let rooms = Room::all("trees");
    for (case, command, today, _) in all_rows(&states) {
        if let Err(refused) = decide(case, &command, day(today), rules()) {
            for room in &rooms {
                assert_ne!(room.say(&refused.message()), room.say(&refused.advice()));
            }
        }
    }
}

#[test]
fn every_refusal_has_a_row() {
    let states = States::new();
    let seen: BTreeSet<String> =
        all_rows(&states).iter().map(|row| row.3.trim_start_matches('!').to_owned()).collect();
    for refusal in Refusal::ALL {
        assert!(seen.contains(refusal.code()), "no row for {}", refusal.code());
    }
}

#[test]
fn a_refusal_changes_nothing_and_a_decision_only_what_it_names() {
    let states = States::new();
    let accepted =
        decide(&states.inspected, &object(&[1], "2026-12-15"), day("2026-12-15"), rules()).unwrap();
    assert_eq!(accepted.state.tree(2), states.inspected.tree(2));
    assert_eq!(accepted.papers, [Paper::Objection]);
}

/// Several things are wrong at once; the first in the list is said.
#[test]
fn the_first_obstacle_is_said() {
    let states = States::new();
    let everything_wrong = Command::Object(ObjectionAct {
        trees: vec![9, 9],
        ground: Ground::NotSupplemented,
        signed_on: day("2030-01-02"),
        dispatched_on: day("2030-01-01"),
        channel: Channel::PortalAccount,
        evidence: String::new(),
        signatory: String::new(),
        doubt: None,
    });
    let late_and_unproved =
        Command::Object(ObjectionAct { evidence: String::new(), ..objection(&[1], "2026-12-29") });
    let late_in_future = object(&[1], "2026-12-30");
    let other_rules = CaseState { ruleset: "old".to_owned(), ..states.suspended.clone() };
    check(&[
        (&states.draft, everything_wrong.clone(), "2026-12-15", "!trees-not-submitted"),
        (&other_rules, everything_wrong.clone(), "2026-12-15", "!trees-wrong-ruleset"),
        (&states.forwarded, everything_wrong.clone(), "2026-12-15", "!trees-case-ended"),
        (&states.suspended, everything_wrong.clone(), "2026-12-15", "!trees-suspended"),
        (&states.filed, everything_wrong.clone(), "2026-12-15", "!trees-wrong-stage"),
        (&states.inspected, everything_wrong, "2026-12-15", "!trees-unknown-tree"),
        (&states.inspected, late_and_unproved, "2026-12-29", "!trees-evidence-missing"),
        (&states.inspected, late_in_future, "2026-12-29", "!trees-date-in-future"),
        (&states.certified, object(&[1, 9], "2026-12-30"), "2026-12-29", "!trees-unknown-tree"),
        (&states.certified, object(&[1], "2026-12-30"), "2026-12-29", "!trees-already-certified"),
    ]);
}

#[test]
fn the_order_of_asking_does_not_matter() {
    let mut sorted = Refusal::ALL.to_vec();
    sorted.sort();
    assert_eq!(sorted, Refusal::ALL, "the list is the order");
    for first in Refusal::ALL {
        for second in Refusal::ALL {
            let mut obstacles = Obstacles::default();
            obstacles.when(true, *first);
            obstacles.when(false, Refusal::WrongRuleset);
            obstacles.when(true, *second);
            assert_eq!(obstacles.clear().unwrap_err().why, *first.min(second));
        }
    }
}

#[test]
fn refusals_name_the_tree_and_the_day() {
    let states = States::new();
    let refused =
        decide(&states.inspected, &object(&[2], "2026-12-29"), day("2026-12-29"), rules())
            .unwrap_err();
    assert_eq!(
        refused,
        Refused { why: Refusal::ObjectionTooLate, tree: Some(2), day: Some(day("2026-12-28")) }
    );
}

#[test]
fn cautions_speak_where_they_should() {
    let states = States::new();
    let cautions = |case: &CaseState, command: Command, today: &str| {
        decide(case, &command, day(today), rules()).unwrap().cautions
    };
    assert_eq!(
        cautions(&states.awaiting, plan("2026-12-08", "2026-12-01"), "2026-12-01"),
        [Caution::NoticeTight]
    );
    assert_eq!(cautions(&states.awaiting, plan("2026-12-09", "2026-12-01"), "2026-12-01"), []);
    assert_eq!(
        cautions(&states.awaiting, plan("2026-12-15", "2026-12-01"), "2026-12-01"),
        [Caution::InspectionAfterTerm]
    );
    assert_eq!(cautions(&states.awaiting, inspect("2026-12-10", &[1]), "2026-12-10"), []);
    assert_eq!(
        cautions(&states.awaiting, inspect("2026-12-09", &[1]), "2026-12-10"),
        [Caution::InspectionNotPlanned]
    );
    let register = Command::Object(ObjectionAct {
        ground: Ground::MonumentRegister,
        ..objection(&[1], "2026-12-15")
    });
    let both = [Caution::ConservatorsGround, Caution::GroundNotChecked];
    assert_eq!(cautions(&states.inspected, register, "2026-12-15"), both);
    let requested = |fee_proof: Option<&str>| Command::Certify {
        trees: vec![1],
        on: day("2026-12-11"),
        requested: true,
        fee_proof: fee_proof.map(str::to_owned),
    };
    let both = [Caution::FeeNotShown, Caution::SpeciesProtection];
    assert_eq!(cautions(&states.inspected, requested(None), "2026-12-11"), both);
    assert_eq!(
        cautions(&states.inspected, requested(Some("KP 7")), "2026-12-11"),
        [Caution::SpeciesProtection]
    );
    let quash = Command::Quash { trees: vec![1], on: day("2027-07-01") };
    assert_eq!(cautions(&states.appealed, quash, "2027-07-01"), [Caution::ValidityOver]);
    assert_eq!(
        cautions(&states.objected, appeal(&[1], "2027-01-20", "2027-01-20"), "2027-01-20"),
        []
    );
    let late = after(&states.objected, &[("2026-12-20", served(&[1], "2026-12-17"))]);
    assert_eq!(
        cautions(&late, appeal(&[1], "2027-01-02", "2027-01-04"), "2027-01-04"),
        [Caution::AppealLate]
    );
    assert_eq!(
        cautions(&late, make_final(&[1], Finality::Lapse, "2027-01-01"), "2027-01-01"),
        [Caution::PostMayBeUnderWay]
    );
}

/// An objection against an incomplete notice that the appeal body does not uphold: the tree was never inspected.
#[test]
fn a_quashed_obligatory_objection_leads_to_an_inspection() {
    let states = States::new();
    let act = ObjectionAct { ground: Ground::NotSupplemented, ..objection(&[1, 2], "2026-12-07") };
    let appealed = after(
        &states.objection_due,
        &[
            ("2026-12-07", Command::Object(act)),
            ("2026-12-09", served(&[1, 2], "2026-12-09")),
            ("2026-12-14", appeal(&[1, 2], "2026-12-14", "2026-12-14")),
        ],
    );
    let quash = Command::Quash { trees: vec![1, 2], on: day("2027-02-01") };
    let decision = decide(&appealed, &quash, day("2027-02-01"), rules()).unwrap();
    assert_eq!(decision.cautions, [Caution::InspectionStillDue]);
    let case = decision.state;
    assert_eq!(case.stage, Stage::AwaitingInspection);
    assert_eq!(case.inspection_from, Some(day("2027-02-01")));
    for tree in &case.trees {
        assert_eq!(removal(&case, tree, day("2027-02-02"), rules()), Removal::NotInspected);
    }
}

#[test]
fn measures_decide_about_the_threshold() {
    let rules = rules();
    for (species, stems, over) in [
        ("dab", &[500][..], Some(false)),
        ("dab", &[501], Some(true)),
        ("dab", &[300, 501], Some(true)),
        ("topola-osika", &[800], Some(false)),
        ("topola-osika", &[801], Some(true)),
        ("robinia-akacjowa", &[651], Some(true)),
        ("drzewo spoza słownika", &[501], Some(true)),
        ("drzewo spoza słownika", &[500], Some(false)),
        ("dab", &[], None),
    ] {
        assert_eq!(rules.is_over_limit(Some(species), stems), over, "{species} {stems:?}");
    }
    // 300 cm for an oak: the largest stem and half of the others.
    for (stems, meets) in [
        (&[3000][..], Some(true)),
        (&[2999], Some(false)),
        (&[2000, 1999], Some(false)),
        (&[2000, 2000], Some(true)),
        (&[], None),
    ] {
        assert_eq!(rules.meets_monument_girth("dab", stems), meets, "{stems:?}");
    }
    assert_eq!(rules.meets_monument_girth("robinia-akacjowa", &[9000]), None);
}

#[test]
fn a_thin_or_missing_tree_ends_the_matter() {
    let states = States::new();
    let thin = Finding { stems_5_mm: vec![500], ..finding(1) };
    let gone = Finding { gone: true, species: String::new(), stems_5_mm: vec![], ..finding(2) };
    let act = Command::Inspect(inspection("2026-12-10", vec![thin, gone]));
    let case = after(&states.awaiting, &[("2026-12-10", act)]);
    check(&[
        (
            &case,
            discontinue(&[1], Cause::UnderThreshold, "", "2026-12-11"),
            "2026-12-11",
            "Outcomes: Discontinued Inspected",
        ),
        (
            &case,
            discontinue(&[2], Cause::Gone, "", "2026-12-11"),
            "2026-12-11",
            "Outcomes: Inspected Discontinued",
        ),
        (
            &case,
            discontinue(&[2], Cause::UnderThreshold, "", "2026-12-11"),
            "2026-12-11",
            "!trees-cause-does-not-fit",
        ),
    ]);
}

#[test]
fn a_ruleset_without_a_term_is_refused_when_it_is_loaded() {
    let definition = definition();
    let mut ruleset = definition.ruleset_on(day("2026-11-23")).unwrap().clone();
    ruleset.terms.remove("objection");
    let missing = TreeRules::new(&definition, &ruleset, Calendar::statutory()).unwrap_err();
    assert_eq!(missing.to_string(), "ruleset uop-2024-1478 has no term objection");
}
