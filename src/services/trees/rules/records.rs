//! What is recorded beside the course of a case: looks into registers, parties, pictures of an inspection.
//!
//! None of it moves the case; a suspended case lets it through.

use super::super::{
    command::{Decision, PartyEntry},
    refusal::{Refusal, Refused},
    state::{Capacity, Check, CheckOf, CheckResult, Party, PlanPlace, Struck},
};
use super::{Desk, WhenSuspended, decided, is_blank};
use crate::kernel::identity::PersonId;

/// Far more than a case of twenty trees needs; an entry holds the whole state.
const CHECKS_MAX: usize = 200;
const PARTIES_MAX: usize = 100;

/// A look into a register. It may be older than the notice: what the register says counts, not when the notice came.
pub(super) fn check(desk: &Desk<'_>, check: &Check) -> Result<Decision, Refused> {
    let mut obstacles = desk.obstacles(WhenSuspended::Allow);
    let of_trees = check.of == CheckOf::NaturalMonument;
    if of_trees {
        desk.pick(&mut obstacles, &check.trees);
    }
    desk.dated(&mut obstacles, check.on, None);
    // Of a plan one says where in it; that there is no plan has no place.
    let needs_place = check.of == CheckOf::LocalPlan && check.result == CheckResult::Yes;
    let placed = |plan: &PlanPlace| !is_blank(&plan.symbol) && !is_blank(&plan.paragraph);
    let unplaced = needs_place && !check.plan.as_ref().is_some_and(placed);
    let incomplete = is_blank(&check.found) || is_blank(&check.source) || unplaced;
    obstacles.when(incomplete, Refusal::CheckIncomplete);
    obstacles.when(desk.case.checks.len() >= CHECKS_MAX, Refusal::ListFull);
    obstacles.clear()?;
    let mut next = desk.case.clone();
    next.checks.push(Check {
        trees: if of_trees { check.trees.clone() } else { Vec::new() },
        plan: check.plan.clone().filter(|_| check.of == CheckOf::LocalPlan),
        found: check.found.trim().to_owned(),
        source: check.source.trim().to_owned(),
        ..check.clone()
    });
    Ok(decided(next))
}

pub(super) fn add_party(desk: &Desk<'_>, entry: &PartyEntry) -> Result<Decision, Refused> {
    let mut obstacles = desk.obstacles(WhenSuspended::Allow);
    let name = entry.name.trim();
    let same = |party: &Party| {
        party.name.to_lowercase() == name.to_lowercase()
            && party.capacity == entry.capacity
            && party.address == entry.address.trim()
    };
    obstacles.when(desk.case.standing_parties().any(same), Refusal::PartyKnown);
    let unnamed = entry.capacity == Capacity::Other && is_blank(&entry.words);
    obstacles.when(is_blank(name) || unnamed, Refusal::PartyIncomplete);
    obstacles.when(desk.case.parties.len() >= PARTIES_MAX, Refusal::ListFull);
    obstacles.clear()?;
    let mut next = desk.case.clone();
    next.parties.push(Party {
        n: desk.case.parties.iter().map(|party| party.n).max().unwrap_or_default() + 1,
        name: name.to_owned(),
        address: entry.address.trim().to_owned(),
        capacity: entry.capacity,
        words: entry.words.trim().to_owned(),
        since: desk.today,
        by: entry.by,
        struck: None,
    });
    Ok(decided(next))
}

/// Who was a party by mistake, or is none any more; the name stays in the case with the reason.
pub(super) fn strike_party(
    desk: &Desk<'_>,
    n: u64,
    reason: &str,
    by: PersonId,
) -> Result<Decision, Refused> {
    let mut obstacles = desk.obstacles(WhenSuspended::Allow);
    let known = desk.case.standing_parties().any(|party| party.n == n);
    obstacles.when(!known, Refusal::UnknownParty);
    obstacles.when(is_blank(reason), Refusal::NothingNamed);
    obstacles.clear()?;
    let mut next = desk.case.clone();
    for party in next.parties.iter_mut().filter(|party| party.n == n) {
        party.struck = Some(Struck { on: desk.today, reason: reason.trim().to_owned(), by });
    }
    Ok(decided(next))
}

/// A picture belongs to a tree that somebody looked at.
pub(super) fn add_photo(desk: &Desk<'_>, tree: u64) -> Result<Decision, Refused> {
    let mut obstacles = desk.obstacles(WhenSuspended::Allow);
    for tree in desk.pick(&mut obstacles, &[tree]) {
        obstacles.tree(tree.inspected_on.is_none(), Refusal::NotInspected, tree.id, None);
    }
    obstacles.clear()?;
    Ok(decided(desk.case.clone()))
}
