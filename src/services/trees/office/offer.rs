//! Which acts are possible now: each is tried on the rules, with the most favourable answers a clerk could give.
//! What no answers would make possible is not offered, and the rules say why.

use jiff::{ToSpan, civil::Date};

use super::verbs::Verb;
use crate::kernel::identity::PersonId;
use crate::services::{
    catalogue::Definition,
    trees::{
        Capacity, Cause, Channel, Check, CheckOf, CheckResult, Command, Finality, Finding, Ground,
        Inspection, ObjectionAct, PartyEntry, Person, Refused, Signature, Stage, SuspensionGround,
        Track, Tree, TreeRules, decide, model::TreeCase, state::CaseState,
    },
};

/// What judging an act needs.
pub struct Bench<'a> {
    pub case: &'a TreeCase,
    pub definition: &'a Definition,
    pub rules: &'a TreeRules,
    pub today: Date,
    /// The clerk.
    pub me: PersonId,
}

/// An act and what stands in its way, if anything does.
#[derive(Clone, Debug)]
pub struct Offer {
    pub verb: Verb,
    /// The trees it can be done to; empty where it concerns the whole case.
    pub trees: Vec<u64>,
    pub refused: Option<Refused>,
}

impl Bench<'_> {
    pub fn state(&self) -> &CaseState {
        &self.case.state.0
    }

    /// Where the trees stand, as the resident wrote it.
    pub fn place(&self) -> String {
        let answers = &self.case.answers.0;
        let first =
            |path: &str| answers.get(path).and_then(|v| v.first()).map_or("", String::as_str);
        let join = |parts: &[&str]| {
            let words = parts.iter().map(|part| first(part).trim()).filter(|word| !word.is_empty());
            words.collect::<Vec<_>>().join(" ")
        };
        // The first designation that was given; one is enough in law.
        let ways: [&[&str]; 4] = [
            &["prop.parcel.precinct", "prop.parcel.number"],
            &["prop.address"],
            &["prop.parcel_id"],
            &["prop.kw"],
        ];
        ways.iter().map(|parts| join(parts)).find(|place| !place.is_empty()).unwrap_or_default()
    }

    fn trial(&self, command: &Command) -> Option<Refused> {
        decide(self.state(), command, self.today, self.rules).err()
    }
}

/// All acts in their order.
pub fn offers(bench: &Bench<'_>) -> Vec<Offer> {
    let course = Verb::ALL.iter().filter(|verb| !verb.is_clerical() && !verb.is_aside());
    course.map(|verb| offer(*verb, bench)).collect()
}

/// Whether one act is possible.
pub fn offer(verb: Verb, bench: &Bench<'_>) -> Offer {
    let nothing = |refused| Offer { verb, trees: Vec::new(), refused };
    if verb.is_clerical() {
        return nothing(None);
    }
    if let Some(commands) = whole(verb, bench) {
        return nothing(first_refusal(bench, &commands));
    }
    let mut trees = Vec::new();
    let mut refused = None;
    for tree in &bench.state().trees {
        match first_refusal(bench, &of_tree(verb, bench, tree)) {
            None => trees.push(tree.id),
            // Of several obstacles the latest in the order of precedence is the nearest to a yes.
            Some(why) => refused = refused.max_by_why(why),
        }
    }
    if trees.is_empty() {
        Offer { verb, trees, refused }
    } else {
        Offer { verb, trees, refused: None }
    }
}

trait Nearest {
    fn max_by_why(self, other: Refused) -> Option<Refused>;
}

impl Nearest for Option<Refused> {
    fn max_by_why(self, other: Refused) -> Option<Refused> {
        match self {
            Some(first) if first.why >= other.why => Some(first),
            _ => Some(other),
        }
    }
}

/// Nothing if one of the trials passes; else what stands in the way of the last.
fn first_refusal(bench: &Bench<'_>, commands: &[Command]) -> Option<Refused> {
    let mut refused = None;
    for command in commands {
        refused = Some(bench.trial(command)?);
    }
    refused
}

/// Trials of acts about the whole case.
fn whole(verb: Verb, bench: &Bench<'_>) -> Option<Vec<Command>> {
    let (state, today) = (bench.state(), bench.today);
    let words = || "-".to_owned();
    let call = state.call.as_ref();
    let called = call.map_or(today, |call| call.served_on.unwrap_or(call.issued_on));
    Some(vec![match verb {
        Verb::Take => Command::Take,
        Verb::Accept => Command::Accept,
        Verb::Call => {
            Command::Call { track: Track::Element, missing: vec![words()], issued_on: today }
        }
        Verb::CallServed => Command::CallServed { on: today },
        // A letter posted in time may arrive late; the earliest possible day of posting decides.
        Verb::Supplement => Command::Supplement { sent_on: called, received_on: today },
        Verb::Lapse => Command::NoteLapse,
        Verb::Forward => Command::Forward { to: words(), reason: words(), on: today },
        Verb::Refuse => Command::RefuseToOpen { reason: words(), on: today },
        Verb::Plan => {
            Command::PlanInspection { on: today.saturating_add(30.days()), served_on: today }
        }
        Verb::Suspend => Command::Suspend { ground: SuspensionGround::Mandatory, on: today },
        Verb::Resume => Command::Resume { on: today },
        Verb::Check | Verb::AddParty | Verb::StrikeParty => aside(verb, bench),
        _ => return None,
    }])
}

/// Trials of what is recorded beside the course of the case.
fn aside(verb: Verb, bench: &Bench<'_>) -> Command {
    let words = || "-".to_owned();
    let by = bench.me;
    match verb {
        Verb::Check => Command::RecordCheck(Check {
            of: CheckOf::Ownership,
            trees: Vec::new(),
            result: CheckResult::Yes,
            plan: None,
            found: words(),
            source: words(),
            on: bench.today,
            by,
        }),
        Verb::StrikeParty => {
            let n = bench.state().standing_parties().next().map_or(0, |party| party.n);
            Command::StrikeParty { n, reason: words(), by }
        }
        _ => Command::AddParty(PartyEntry {
            name: words(),
            address: String::new(),
            capacity: Capacity::Owner,
            words: String::new(),
            by,
        }),
    }
}

/// Trials of acts about one tree.
fn of_tree(verb: Verb, bench: &Bench<'_>, tree: &Tree) -> Vec<Command> {
    let today = bench.today;
    let trees = vec![tree.id];
    match verb {
        Verb::Inspect => vec![Command::Inspect(inspection(tree, today))],
        Verb::Object => vec![Command::Object(objection(bench, tree))],
        Verb::Certify => vec![Command::Certify {
            trees,
            on: tree.objection_from.unwrap_or(today),
            requested: false,
            fee_proof: None,
        }],
        Verb::ObjectionServed => vec![Command::ObjectionServed { trees, on: today }],
        Verb::Appeal => vec![Command::Appeal { trees, sent_on: today, received_on: today }],
        Verb::Remand => vec![Command::Remand { trees, files_arrived_on: today }],
        Verb::Quash => vec![Command::Quash { trees, on: today }],
        Verb::Final => [Finality::Upheld, Finality::Lapse, Finality::Waiver]
            .map(|how| Command::MakeFinal { trees: trees.clone(), how, on: today })
            .to_vec(),
        Verb::Silence => vec![Command::NoteSilence {
            trees,
            register_closed_through: bench.case.register_closed.unwrap_or(Date::MIN),
        }],
        Verb::Discontinue => [Cause::Gone, Cause::UnderThreshold, Cause::Exempt]
            .map(|cause| Command::Discontinue {
                trees: trees.clone(),
                cause,
                remark: "-".to_owned(),
                on: tree.inspected_on.unwrap_or(today),
            })
            .to_vec(),
        Verb::Expiry => vec![Command::NoteExpiry { trees }],
        Verb::Photo => vec![Command::AddPhoto { tree: tree.id }],
        _ => Vec::new(),
    }
}

fn inspection(tree: &Tree, today: Date) -> Inspection {
    let words = || "-".to_owned();
    Inspection {
        on: today,
        place: words(),
        persons: vec![Person {
            name: words(),
            capacity: words(),
            signature: Signature::Signed,
            reason: String::new(),
        }],
        findings: vec![Finding {
            tree: tree.id,
            gone: true,
            species: String::new(),
            stems_5_mm: Vec::new(),
            stems_130_mm: Vec::new(),
            position: None,
            remarks: String::new(),
        }],
        protocol: words(),
    }
}

/// An objection dispatched on the first day on which it could be.
fn objection(bench: &Bench<'_>, tree: &Tree) -> ObjectionAct {
    let unsupplemented = bench.state().stage == Stage::ObjectionDue;
    let day = tree.objection_from.unwrap_or(bench.today);
    ObjectionAct {
        trees: vec![tree.id],
        ground: if unsupplemented { Ground::NotSupplemented } else { Ground::PermitNeeded },
        signed_on: day,
        dispatched_on: day,
        channel: Channel::Post,
        evidence: "-".to_owned(),
        signatory: "-".to_owned(),
        doubt: Some("-".to_owned()),
    }
}
