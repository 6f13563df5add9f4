//! Rule tables, clocks, random walks and texts of the tree notice.

mod clocks;
mod records;
mod table;
mod texts;
mod walks;

use std::sync::OnceLock;

use jiff::civil::Date;

use super::super::catalogue::{Calendar, Definition};
use super::*;

const DEFINITION: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/demo/procedures/srod-drzewa-zgl.toml"));

fn definition() -> Definition {
    Definition::parse(DEFINITION).unwrap()
}

/// Read once: the definition is long, and the walks ask thousands of times.
fn rules() -> &'static TreeRules {
    static RULES: OnceLock<TreeRules> = OnceLock::new();
    RULES.get_or_init(|| {
        let definition = definition();
        TreeRules::new(
            &definition,
            definition.ruleset_on(day("2026-11-23")).unwrap(),
            Calendar::statutory(),
        )
        .unwrap()
    })
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// Runs commands that must all be accepted, each on its day.
fn after(start: &CaseState, commands: &[(&str, Command)]) -> CaseState {
    let rules = rules();
    commands.iter().fold(start.clone(), |case, (today, command)| {
        decide(&case, command, day(today), rules)
            .unwrap_or_else(|refused| panic!("{command:?}: {refused:?}"))
            .state
    })
}

fn submit(on: &str) -> Command {
    Command::Submit { received_on: day(on), trees: vec![1, 2] }
}

fn call(track: Track, on: &str) -> Command {
    Command::Call { track, missing: vec!["rysunek".to_owned()], issued_on: day(on) }
}

fn call_served(on: &str) -> Command {
    Command::CallServed { on: day(on) }
}

fn supplement(sent: &str, received: &str) -> Command {
    Command::Supplement { sent_on: day(sent), received_on: day(received) }
}

fn forward(on: &str) -> Command {
    Command::Forward { to: "WKZ".to_owned(), reason: "rejestr zabytków".to_owned(), on: day(on) }
}

fn refuse(on: &str) -> Command {
    Command::RefuseToOpen { reason: "nie jest właścicielem".to_owned(), on: day(on) }
}

fn plan(on: &str, served: &str) -> Command {
    Command::PlanInspection { on: day(on), served_on: day(served) }
}

fn finding(tree: u64) -> Finding {
    Finding {
        tree,
        gone: false,
        species: "dab".to_owned(),
        stems_5_mm: vec![810],
        stems_130_mm: vec![700],
        position: None,
        remarks: String::new(),
    }
}

fn present(name: &str, signature: Signature, reason: &str) -> Person {
    Person {
        name: name.to_owned(),
        capacity: "inspektor".to_owned(),
        signature,
        reason: reason.to_owned(),
    }
}

fn inspection(on: &str, findings: Vec<Finding>) -> Inspection {
    Inspection {
        on: day(on),
        place: "Leśna 4".to_owned(),
        persons: vec![present("Jan Lis", Signature::Signed, "")],
        findings,
        protocol: "OŚ.6131.1.2026/p1".to_owned(),
    }
}

fn inspect(on: &str, trees: &[u64]) -> Command {
    Command::Inspect(inspection(on, trees.iter().map(|tree| finding(*tree)).collect()))
}

fn objection(trees: &[u64], dispatched: &str) -> ObjectionAct {
    ObjectionAct {
        trees: trees.to_vec(),
        ground: Ground::LocalPlan,
        signed_on: day(dispatched),
        dispatched_on: day(dispatched),
        channel: Channel::Post,
        evidence: "książka nadawcza 12/2026".to_owned(),
        signatory: "wójt".to_owned(),
        doubt: None,
    }
}

fn object(trees: &[u64], dispatched: &str) -> Command {
    Command::Object(objection(trees, dispatched))
}

fn certify(trees: &[u64], on: &str) -> Command {
    Command::Certify { trees: trees.to_vec(), on: day(on), requested: false, fee_proof: None }
}

fn silence(trees: &[u64], closed: &str) -> Command {
    Command::NoteSilence { trees: trees.to_vec(), register_closed_through: day(closed) }
}

fn discontinue(trees: &[u64], cause: Cause, remark: &str, on: &str) -> Command {
    Command::Discontinue { trees: trees.to_vec(), cause, remark: remark.to_owned(), on: day(on) }
}

fn suspend(on: &str) -> Command {
    Command::Suspend { ground: SuspensionGround::OnRequest, on: day(on) }
}

fn appeal(trees: &[u64], sent: &str, received: &str) -> Command {
    Command::Appeal { trees: trees.to_vec(), sent_on: day(sent), received_on: day(received) }
}

fn served(trees: &[u64], on: &str) -> Command {
    Command::ObjectionServed { trees: trees.to_vec(), on: day(on) }
}

fn make_final(trees: &[u64], how: Finality, on: &str) -> Command {
    Command::MakeFinal { trees: trees.to_vec(), how, on: day(on) }
}

fn remove(trees: &[u64], on: &str) -> Command {
    Command::ReportRemoval { trees: trees.to_vec(), on: day(on) }
}

/// The states from which the tables start. Filed on Monday 23 November 2026, inspected on Thursday 10 December:
/// the 14 days end on Christmas Eve, shifted to Monday 28 December.
struct States {
    draft: CaseState,
    filed: CaseState,
    called: CaseState,
    incomplete: CaseState,
    kpa_defect: CaseState,
    objection_due: CaseState,
    awaiting: CaseState,
    half: CaseState,
    inspected: CaseState,
    suspended: CaseState,
    certified: CaseState,
    silent: CaseState,
    objected: CaseState,
    appealed: CaseState,
    forwarded: CaseState,
    /// Inspected, with a party and a look into the local plan.
    known: CaseState,
    /// Nothing more fits in.
    full: CaseState,
}

impl States {
    fn new() -> States {
        let draft = CaseState::draft();
        let filed = after(&draft, &[("2026-11-23", submit("2026-11-23"))]);
        let called = after(&filed, &[("2026-11-25", call(Track::Element, "2026-11-25"))]);
        let incomplete = after(&called, &[("2026-11-26", call_served("2026-11-26"))]);
        let kpa_defect = after(
            &filed,
            &[
                ("2026-11-25", call(Track::Formal, "2026-11-25")),
                ("2026-11-26", call_served("2026-11-26")),
            ],
        );
        let objection_due = after(&incomplete, &[("2026-12-04", Command::NoteLapse)]);
        let awaiting = after(
            &filed,
            &[("2026-11-24", Command::Accept), ("2026-11-30", plan("2026-12-10", "2026-11-30"))],
        );
        let half = after(&awaiting, &[("2026-12-10", inspect("2026-12-10", &[1]))]);
        let inspected = after(&half, &[("2026-12-10", inspect("2026-12-10", &[2]))]);
        let suspended = after(&inspected, &[("2026-12-14", suspend("2026-12-14"))]);
        let certified = after(&inspected, &[("2026-12-11", certify(&[1], "2026-12-11"))]);
        let silent = after(&inspected, &[("2026-12-29", silence(&[1, 2], "2026-12-28"))]);
        let objected = after(&inspected, &[("2026-12-15", object(&[1], "2026-12-15"))]);
        let appealed = after(
            &objected,
            &[
                ("2026-12-20", served(&[1], "2026-12-17")),
                ("2026-12-31", appeal(&[1], "2026-12-30", "2026-12-31")),
            ],
        );
        let known = after(
            &inspected,
            &[
                ("2026-12-11", records::party("Ewa Lis", Capacity::CoOwner, "")),
                ("2026-12-11", Command::RecordCheck(records::plan_check(CheckResult::Yes))),
            ],
        );
        let full = CaseState {
            checks: vec![records::plan_check(CheckResult::No); 200],
            parties: vec![known.parties[0].clone(); 100],
            ..known.clone()
        };
        let forwarded = after(&filed, &[("2026-11-24", forward("2026-11-24"))]);
        States {
            draft,
            filed,
            called,
            incomplete,
            kpa_defect,
            objection_due,
            awaiting,
            half,
            inspected,
            suspended,
            certified,
            silent,
            objected,
            appealed,
            forwarded,
            known,
            full,
        }
    }
}
