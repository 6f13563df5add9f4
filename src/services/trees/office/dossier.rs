//! What stands in a case beside its course, as staff see it: the dates of the whole case, looks into registers,
//! parties and whom to notify, and the records of inspections.

use super::{
    aside::{self, ABOUT, CHECKS},
    case::href,
    offer::{self, Bench},
    verbs::Verb,
};
use crate::{
    kernel::store::Fault,
    services::trees::{
        Capacity, Check, CheckOf, CheckResult, HeldInspection, Party, Person, Signature, Stage,
        common::say,
    },
    web::{
        Visit,
        chrome::{Chrome, Kind},
    },
};

/// Everything of it.
pub struct Dossier {
    pub facts: Vec<Fact>,
    pub checks: Vec<CheckRow>,
    pub parties: Vec<PartyRow>,
    /// Named in the notice and not entered yet.
    pub suggested: Vec<Suggested>,
    /// Where a party is added; empty when nothing is added any more.
    pub party_href: String,
    /// Who must know that the matter is open and when the inspection is.
    pub notify: Vec<String>,
    pub held: Vec<HeldRow>,
}

/// A date or a name of the whole case.
pub struct Fact {
    pub label: String,
    pub lines: Vec<String>,
}

/// One thing to look up, and what was found.
pub struct CheckRow {
    pub name: String,
    pub basis: &'static str,
    pub found: Vec<Found>,
    /// Where a look is entered; empty when nothing is entered any more.
    pub href: String,
}

/// What one look found.
pub struct Found {
    pub tag: Kind,
    pub result: String,
    /// The trees it is about, if not the whole case.
    pub trees: String,
    pub lines: Vec<String>,
}

/// A party.
pub struct PartyRow {
    pub name: String,
    pub lines: Vec<String>,
    /// Where it is struck; empty if it is.
    pub strike: String,
    /// When, by whom and why it was struck.
    pub struck: String,
}

/// A party that the notice names.
pub struct Suggested {
    pub name: String,
    pub href: String,
}

/// An inspection that was held.
pub struct HeldRow {
    pub title: String,
    pub lines: Vec<String>,
    pub persons: Vec<String>,
}

/// The dossier of a case.
///
/// # Errors
/// The store is unwell.
pub fn of(c: &Chrome, visit: &Visit<'_>, bench: &Bench<'_>, path: &str) -> Result<Dossier, Fault> {
    let possible = |verb| offer::offer(verb, bench).refused.is_none();
    let link = |verb| if possible(verb) { href(path, verb) } else { String::new() };
    let check_href = link(Verb::Check);
    let checks = CHECKS.iter().map(|(code, of)| {
        Ok(CheckRow {
            name: say(c, &of.message()),
            basis: of.basis(),
            found: found(c, visit, bench, *of)?,
            href: with(&check_href, code),
        })
    });
    let party_href = link(Verb::AddParty);
    let parties = bench.state().parties.iter();
    Ok(Dossier {
        facts: facts(c, bench),
        checks: checks.collect::<Result<_, Fault>>()?,
        parties: parties
            .map(|party| party_row(c, visit, party, path))
            .collect::<Result<_, Fault>>()?,
        suggested: suggested(bench, &party_href),
        party_href,
        notify: notify(c, bench),
        held: bench.state().inspections.iter().map(|held| held_row(c, bench, held)).collect(),
    })
}

/// A link to a form that begins with something; no link stays none.
fn with(href: &str, about: &str) -> String {
    if href.is_empty() { String::new() } else { format!("{href}?{ABOUT}={about}") }
}

fn facts(c: &Chrome, bench: &Bench<'_>) -> Vec<Fact> {
    let state = bench.state();
    let mut facts = Vec::new();
    let mut add = |key: &str, lines: Vec<String>| facts.push(Fact { label: c.plain(key), lines });
    if let Some(planned) = &state.planned {
        add(
            "trees-office-planned",
            vec![
                c.day(planned.on),
                c.plain1("trees-office-notice-served", "day", c.day(planned.served_on)),
            ],
        );
    }
    if let Some(suspended) = &state.suspended {
        let ground = say(c, &suspended.ground.message());
        add("trees-office-suspended", vec![c.day(suspended.on), ground]);
    }
    if let Some(to) = &state.forwarded_to {
        add("trees-office-forwarded-to", vec![to.clone()]);
    }
    if let Some(on) = state.ended_on {
        add("trees-office-ended", vec![c.day(on)]);
    }
    if let Some(through) = bench.case.register_closed {
        add("trees-office-register-closed", vec![c.day(through)]);
    }
    facts
}

/// The looks that hold now: one for the whole case, or the last of each tree.
fn found(
    c: &Chrome,
    visit: &Visit<'_>,
    bench: &Bench<'_>,
    of: CheckOf,
) -> Result<Vec<Found>, Fault> {
    let state = bench.state();
    let mut holding: Vec<(&Check, Vec<u64>)> = Vec::new();
    if of == CheckOf::NaturalMonument {
        for tree in &state.trees {
            let Some(check) = state.check(of, Some(tree.id)) else { continue };
            match holding.iter_mut().find(|(known, _)| std::ptr::eq(*known, check)) {
                Some((_, trees)) => trees.push(tree.id),
                None => holding.push((check, vec![tree.id])),
            }
        }
    } else {
        holding.extend(state.check(of, None).map(|check| (check, Vec::new())));
    }
    let row = |(check, trees): (&Check, Vec<u64>)| {
        let trees: Vec<String> = trees.iter().map(u64::to_string).collect();
        let named = c.plain1("trees-office-of-trees", "trees", trees.join(", "));
        let who = visit.name_of(check.by)?;
        Ok(Found {
            tag: match check.result {
                CheckResult::Yes | CheckResult::No => Kind::Info,
                CheckResult::Unclear => Kind::Warning,
            },
            result: say(c, &check.result.message()),
            trees: if trees.is_empty() { String::new() } else { named },
            lines: vec![
                aside::words(c, check),
                c.plain1("trees-office-source", "source", &check.source),
                c.plain2("trees-office-day-who", "day", c.day(check.on), "who", who),
            ],
        })
    };
    holding.into_iter().map(row).collect()
}

fn capacity(c: &Chrome, party: &Party) -> String {
    match party.capacity {
        Capacity::Other => party.words.clone(),
        capacity if party.words.is_empty() => say(c, &capacity.message()),
        capacity => format!("{}, {}", say(c, &capacity.message()), party.words),
    }
}

fn party_row(c: &Chrome, visit: &Visit<'_>, party: &Party, path: &str) -> Result<PartyRow, Fault> {
    let mut lines = vec![capacity(c, party), address(c, &party.address)];
    let entered = c.plain2(
        "trees-office-day-who",
        "day",
        c.day(party.since),
        "who",
        visit.name_of(party.by)?,
    );
    lines.push(entered);
    let struck = match &party.struck {
        None => String::new(),
        Some(struck) => {
            let who = visit.name_of(struck.by)?;
            let day = c.plain2("trees-office-day-who", "day", c.day(struck.on), "who", who);
            c.plain2("trees-office-struck", "day", day, "reason", &struck.reason)
        }
    };
    let strike = with(&href(path, Verb::StrikeParty), &party.n.to_string());
    Ok(PartyRow {
        name: party.name.clone(),
        lines,
        strike: if party.struck.is_none() { strike } else { String::new() },
        struck,
    })
}

fn address(c: &Chrome, address: &str) -> String {
    if address.is_empty() { c.plain("trees-office-no-address") } else { address.to_owned() }
}

fn suggested(bench: &Bench<'_>, href: &str) -> Vec<Suggested> {
    if href.is_empty() {
        return Vec::new();
    }
    let known = |name: &str| {
        let same = |party: &Party| party.name.to_lowercase() == name.to_lowercase();
        bench.state().parties.iter().any(same)
    };
    let entries = aside::suggestions(bench).into_iter().enumerate();
    entries
        .filter(|(_, entry)| !known(&entry.name))
        .map(|(at, entry)| Suggested { href: with(href, &at.to_string()), name: entry.name })
        .collect()
}

/// Whoever gave the notice and every party, once an inspection is planned (KPA 61 § 4, 79 § 1).
fn notify(c: &Chrome, bench: &Bench<'_>) -> Vec<String> {
    let state = bench.state();
    if state.planned.is_none() || state.stage != Stage::AwaitingInspection {
        return Vec::new();
    }
    let applicant = aside::applicant(bench);
    let applicant = format!(
        "{} ({}), {}",
        applicant.name,
        c.plain("trees-office-applicant"),
        address(c, &applicant.address)
    );
    let party = |party: &Party| {
        format!("{} ({}), {}", party.name, capacity(c, party), address(c, &party.address))
    };
    std::iter::once(applicant).chain(state.standing_parties().map(party)).collect()
}

fn held_row(c: &Chrome, bench: &Bench<'_>, held: &HeldInspection) -> HeldRow {
    let mut lines = vec![c.plain1("trees-office-protocol", "protocol", &held.protocol)];
    if bench.state().trees.len() > 1 {
        let trees: Vec<String> = held.trees.iter().map(u64::to_string).collect();
        lines.push(c.plain1("trees-office-of-trees", "trees", trees.join(", ")));
    }
    let person = |person: &Person| {
        let signature = say(c, &person.signature.message());
        let who = format!("{}, {}: {signature}", person.name, person.capacity);
        match person.signature {
            Signature::Signed => who,
            Signature::Refused | Signature::AbsentAtSigning => {
                format!("{who} ({})", person.reason)
            }
        }
    };
    HeldRow {
        title: format!("{}, {}", c.day(held.on), held.place),
        lines,
        persons: held.persons.iter().map(person).collect(),
    }
}
