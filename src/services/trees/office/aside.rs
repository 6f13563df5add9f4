//! What is recorded beside the course of a case: looks into registers, parties, pictures of an inspection. Their
//! questions, what their forms begin with, and the commands that the answers make.

use super::{
    forms::{Ask, AskKind, Asker},
    offer::Bench,
    reader::Reader,
    verbs::Verb,
};
use crate::{
    services::trees::{
        Capacity, Check, CheckOf, CheckResult, Command, Ground, PartyEntry, PlanPlace, Tree,
        common::say, model::CaseFile,
    },
    web::{
        chrome::Chrome,
        input::Form,
        parts::{Choice, Filled},
    },
};

pub const CHECKS: [(&str, CheckOf); 5] = [
    ("ownership", CheckOf::Ownership),
    ("monument-register", CheckOf::MonumentRegister),
    ("local-plan", CheckOf::LocalPlan),
    ("protected-area", CheckOf::ProtectedArea),
    ("natural-monument", CheckOf::NaturalMonument),
];
const RESULTS: [(&str, CheckResult); 3] =
    [("yes", CheckResult::Yes), ("no", CheckResult::No), ("unclear", CheckResult::Unclear)];
const CAPACITIES: [(&str, Capacity); 4] = [
    ("owner", Capacity::Owner),
    ("coowner", Capacity::CoOwner),
    ("agent", Capacity::Agent),
    ("other", Capacity::Other),
];

/// Pictures of one tree; a case is read whole each time.
const PHOTOS_MAX: usize = 20;

/// By which a link says what the form is to begin with.
pub const ABOUT: &str = "co";

/// The questions of these acts. `trees` are those a picture can be of.
pub fn asks(by: &Asker<'_>, bench: &Bench<'_>, trees: &[u64]) -> Vec<Ask> {
    let text = |name: &str| by.ask(name, AskKind::Text);
    match by.verb {
        Verb::Check => {
            let all: Vec<u64> = bench.state().trees.iter().map(|tree| tree.id).collect();
            vec![
                by.one("of", &CHECKS, |of| Choice {
                    hint: of.basis().to_owned(),
                    ..by.said(&of.message())
                }),
                by.ask("trees", AskKind::Many(by.tree_choices(&all))).or_not(),
                by.one("result", &RESULTS, |result| by.said(&result.message())),
                text("symbol").or_not(),
                text("paragraph").or_not(),
                by.ask("found", AskKind::Long),
                text("source"),
                by.ask("on", AskKind::Date),
            ]
        }
        Verb::AddParty => vec![
            text("name"),
            text("address").or_not(),
            by.one("capacity", &CAPACITIES, |capacity| by.said(&capacity.message())),
            text("words").or_not(),
        ],
        Verb::StrikeParty => {
            let parties = bench.state().standing_parties().map(|party| Choice {
                value: party.n.to_string(),
                label: party.name.clone(),
                hint: say(by.c, &party.capacity.message()),
            });
            vec![by.ask("party", AskKind::One(parties.collect())), by.ask("reason", AskKind::Long)]
        }
        _ => vec![
            by.ask("tree", AskKind::One(by.tree_choices(trees))),
            by.ask("file", AskKind::Picture),
        ],
    }
}

/// Fills in what the link to the form was about: a check, a party, a tree.
pub fn begin(f: &mut Filled, verb: Verb, query: &Form, bench: &Bench<'_>) {
    let about = query.get(ABOUT);
    match verb {
        Verb::Check => f.put("of", about),
        Verb::StrikeParty => f.put("party", about),
        Verb::Photo if about.is_empty() => {}
        Verb::Photo => f.put("tree", about),
        Verb::AddParty => {
            let at = about.parse::<usize>().ok();
            if let Some(entry) = at.and_then(|at| suggestions(bench).into_iter().nth(at)) {
                let code = CAPACITIES.iter().find(|(_, capacity)| *capacity == entry.capacity);
                f.put("name", entry.name);
                f.put("address", entry.address);
                f.put("capacity", code.map_or("", |(code, _)| code));
            }
        }
        _ => {}
    }
}

/// Somebody whom the notice names, with the address it gives.
fn named(bench: &Bench<'_>, at: &str, capacity: Capacity) -> PartyEntry {
    let answers = &bench.case.answers.0;
    let part = |part: &str| {
        let values = answers.get(&format!("{at}.{part}")).and_then(|values| values.first());
        values.map_or("", |value| value.trim())
    };
    let name = format!("{} {}", part("first"), part("last")).trim().to_owned();
    let street = format!("{} {}", part("address.street"), part("address.house"));
    let town = format!("{} {}", part("address.postcode"), part("address.locality"));
    let lines = [street.trim(), town.trim()].into_iter().filter(|line| !line.is_empty());
    let address = lines.collect::<Vec<_>>().join(", ");
    PartyEntry { name, address, capacity, words: String::new(), by: bench.me }
}

/// The parties that the notice itself names: the co-owners and the agent.
pub fn suggestions(bench: &Bench<'_>) -> Vec<PartyEntry> {
    let coowner = |n: usize| named(bench, &format!("coowners[{n}]"), Capacity::CoOwner);
    let all = (0..COOWNERS_MAX).map(coowner).chain([named(bench, "agent", Capacity::Agent)]);
    all.filter(|entry| !entry.name.is_empty()).collect()
}

/// Whoever gave the notice.
pub fn applicant(bench: &Bench<'_>) -> PartyEntry {
    named(bench, "owner", Capacity::Owner)
}

/// As many as the form of the notice takes.
const COOWNERS_MAX: usize = 20;

/// The command that the answers make; `None` where a box is wrong.
pub fn command(verb: Verb, r: &mut Reader<'_>, bench: &Bench<'_>) -> Option<Command> {
    let by = bench.me;
    match verb {
        Verb::Check => check(r, bench),
        Verb::AddParty => {
            let (name, address) = (r.text("name"), r.optional_line("address"));
            let (capacity, words) = (r.one("capacity", &CAPACITIES), r.optional_line("words"));
            if capacity == Some(Capacity::Other) && words.as_deref() == Some("") {
                r.wrong("words", "trees-wrong-empty");
                return None;
            }
            let (name, address, capacity, words) = (name?, address?, capacity?, words?);
            Some(Command::AddParty(PartyEntry { name, address, capacity, words, by }))
        }
        Verb::StrikeParty => {
            // Without anybody to choose there is no box to point at: the rules say why.
            let nobody = bench.state().standing_parties().next().is_none();
            let party = r.optional("party").parse().ok().or(nobody.then_some(0));
            if party.is_none() {
                r.wrong("party", "trees-wrong-choice");
            }
            let reason = r.long("reason");
            Some(Command::StrikeParty { n: party?, reason: reason?, by })
        }
        Verb::Photo => {
            let none = bench.state().trees.iter().all(|tree| tree.inspected_on.is_none());
            let tree = r.optional("tree").parse().ok().or(none.then_some(0));
            if tree.is_none() {
                r.wrong("tree", "trees-wrong-choice");
            }
            let of_tree = |file: &&CaseFile| file.tree.is_some() && file.tree == tree;
            if bench.case.files.iter().filter(of_tree).count() >= PHOTOS_MAX {
                r.wrong("file", "trees-wrong-photos");
                return None;
            }
            Some(Command::AddPhoto { tree: tree? })
        }
        _ => None,
    }
}

fn check(r: &mut Reader<'_>, bench: &Bench<'_>) -> Option<Command> {
    let (of, result) = (r.one("of", &CHECKS), r.one("result", &RESULTS));
    let trees = if of == Some(CheckOf::NaturalMonument) { r.trees() } else { Some(Vec::new()) };
    let (symbol, paragraph) = (r.optional_line("symbol"), r.optional_line("paragraph"));
    if of == Some(CheckOf::LocalPlan) && result == Some(CheckResult::Yes) {
        for name in ["symbol", "paragraph"] {
            if r.is_empty(name) {
                r.wrong(name, "trees-wrong-plan");
            }
        }
    }
    let (found, source, on) = (r.long("found"), r.text("source"), r.date("on"));
    let plan = PlanPlace { symbol: symbol?, paragraph: paragraph? };
    let plan = Some(plan).filter(|plan| !(plan.symbol.is_empty() && plan.paragraph.is_empty()));
    let check = Check {
        of: of?,
        trees: trees?,
        result: result?,
        plan,
        found: found?,
        source: source?,
        on: on?,
        by: bench.me,
    };
    r.is_right().then_some(Command::RecordCheck(check))
}

/// What a check found, in the clerk's words and with the place in the plan.
pub fn words(c: &Chrome, check: &Check) -> String {
    match &check.plan {
        None => check.found.clone(),
        Some(plan) => {
            let (symbol, paragraph) = (plan.symbol.as_str(), plan.paragraph.as_str());
            let place =
                c.plain2("trees-office-plan-place", "symbol", symbol, "paragraph", paragraph);
            format!("{place}: {}", check.found)
        }
    }
}

/// A ground of the objection with its place in the law and what was looked up about it.
pub fn ground_hint(c: &Chrome, bench: &Bench<'_>, ground: Ground) -> String {
    let Some(of) = ground.check() else { return ground.basis().to_owned() };
    let mut lines = vec![ground.basis().to_owned()];
    let said = |check: &Check| {
        let day = c.day(check.on);
        let found = format!("{}, {}", say(c, &check.result.message()), words(c, check));
        c.plain2("trees-office-checked", "day", day, "found", found)
    };
    if of == CheckOf::NaturalMonument {
        let of_tree = |tree: &Tree| {
            let check = bench.state().check(of, Some(tree.id))?;
            let tree = c.plain1("trees-office-tree", "n", tree.id.to_string());
            Some(format!("{tree}: {}", said(check)))
        };
        lines.extend(bench.state().trees.iter().filter_map(of_tree));
    } else {
        lines.extend(bench.state().check(of, None).map(said));
    }
    if lines.len() == 1 {
        lines.push(c.plain("trees-office-unchecked"));
    }
    lines.join(" · ")
}
