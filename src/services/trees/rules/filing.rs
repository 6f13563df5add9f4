//! From the arrival of the notice to the point where the inspection can be arranged; the two tracks of defects.

use jiff::civil::Date;

use super::super::command::{Caution, Decision, Paper};
use super::super::deadlines;
use super::super::refusal::{Obstacles, Refusal, Refused};
use super::super::state::{Call, CaseState, Stage, Track, Tree, TreeStage};
use super::{Desk, WhenSuspended, decided, is_blank};

/// The notice reaches the office; a defective notice is a notice.
pub(super) fn submit(
    desk: &Desk<'_>,
    received_on: Date,
    trees: &[u64],
) -> Result<Decision, Refused> {
    let mut obstacles = Obstacles::default();
    obstacles.when(desk.case.stage != Stage::Draft, Refusal::AlreadySubmitted);
    obstacles.when(!desk.rules.ruleset.holds_on(received_on), Refusal::WrongRuleset);
    obstacles.when(trees.is_empty(), Refusal::NoTrees);
    for (place, id) in trees.iter().enumerate() {
        obstacles.tree(
            trees.iter().take(place).any(|other| other == id),
            Refusal::RepeatedTree,
            *id,
            None,
        );
    }
    desk.dated(&mut obstacles, received_on, None);
    obstacles.clear()?;
    Ok(decided(CaseState {
        ruleset: desk.rules.ruleset.id.clone(),
        stage: Stage::Filed,
        delivered_on: Some(received_on),
        inspection_from: Some(received_on),
        trees: trees.iter().map(|id| Tree::noticed(*id)).collect(),
        ..CaseState::draft()
    }))
}

pub(super) fn take(desk: &Desk<'_>) -> Result<Decision, Refused> {
    desk.obstacles(WhenSuspended::Allow).clear()?;
    Ok(decided(CaseState { taken_on: Some(desk.today), ..desk.case.clone() }))
}

/// The notice is complete; the parties are told that the matter is open.
pub(super) fn accept(desk: &Desk<'_>) -> Result<Decision, Refused> {
    let mut obstacles = desk.obstacles(WhenSuspended::Refuse);
    obstacles.when(desk.case.call.is_some(), Refusal::CallPending);
    desk.in_stage(&mut obstacles, &[Stage::Filed]);
    obstacles.clear()?;
    Ok(decided(CaseState { stage: Stage::AwaitingInspection, ..desk.case.clone() })
        .paper(Paper::Initiation))
}

/// Whether the notice can still be called defective or be passed on: nothing was established on the spot yet.
fn before_inspection(desk: &Desk<'_>, obstacles: &mut Obstacles) {
    desk.in_stage(obstacles, &[Stage::Filed, Stage::AwaitingInspection]);
    for tree in &desk.case.trees {
        obstacles.tree(tree.stage != TreeStage::Noticed, Refusal::AlreadyInspected, tree.id, None);
    }
}

pub(super) fn call(
    desk: &Desk<'_>,
    track: Track,
    missing: &[String],
    issued_on: Date,
) -> Result<Decision, Refused> {
    let mut obstacles = desk.obstacles(WhenSuspended::Refuse);
    obstacles.when(desk.case.call.is_some(), Refusal::CallPending);
    before_inspection(desk, &mut obstacles);
    obstacles.when(missing.iter().all(|element| is_blank(element)), Refusal::NothingNamed);
    desk.dated(&mut obstacles, issued_on, desk.case.delivered_on);
    obstacles.clear()?;
    let call = Call { track, missing: missing.to_vec(), issued_on, served_on: None };
    let paper = match track {
        Track::Element => Paper::SupplementOrder,
        Track::Formal => Paper::Summons,
    };
    Ok(decided(CaseState { call: Some(call), ..desk.case.clone() }).paper(paper))
}

/// The call takes effect when it is served (KPA 110 § 1): only then is the term of the inspection interrupted.
pub(super) fn call_served(desk: &Desk<'_>, on: Date) -> Result<Decision, Refused> {
    let mut obstacles = desk.obstacles(WhenSuspended::Refuse);
    let waiting = desk.case.call.as_ref().filter(|call| call.served_on.is_none());
    obstacles.when(waiting.is_none(), Refusal::NoCall);
    before_inspection(desk, &mut obstacles);
    desk.dated(&mut obstacles, on, waiting.map(|call| call.issued_on));
    obstacles.clear()?;
    let mut next = desk.case.clone();
    if let Some(call) = &mut next.call {
        call.served_on = Some(on);
        next.stage = match call.track {
            Track::Element => Stage::Incomplete,
            Track::Formal => Stage::KpaDefect,
        };
    }
    // An inspection is not scheduled while the notice is incomplete.
    next.planned = None;
    Ok(decided(next))
}

/// Track A goes on to the inspection, track B back to the examination; the 21 days begin again in both.
///
/// Who supplies what is missing before the call is served has interrupted nothing.
pub(super) fn supplement(
    desk: &Desk<'_>,
    sent_on: Date,
    received_on: Date,
) -> Result<Decision, Refused> {
    let mut obstacles = desk.obstacles(WhenSuspended::Refuse);
    let call = desk.case.call.as_ref();
    obstacles.when(call.is_none(), Refusal::NoCall);
    let served = call.and_then(|call| call.served_on);
    let stages = [Stage::Incomplete, Stage::KpaDefect, Stage::ObjectionDue];
    if served.is_some() {
        desk.in_stage(&mut obstacles, &stages);
    }
    desk.dated(&mut obstacles, received_on, Some(sent_on));
    desk.dated(&mut obstacles, sent_on, call.map(|call| call.issued_on));
    if let Some(deadline) = deadlines::supplement(desk.case, desk.rules) {
        let late = desk.case.stage == Stage::ObjectionDue || sent_on > deadline.shifted;
        obstacles.on(late, Refusal::SupplementTooLate, deadline.shifted);
    }
    obstacles.clear()?;
    let mut next = CaseState { call: None, ..desk.case.clone() };
    if served.is_none() {
        return Ok(decided(next));
    }
    next.inspection_from = Some(received_on);
    next.inspection_pause_days = 0;
    if desk.case.stage == Stage::Incomplete {
        next.stage = Stage::AwaitingInspection;
        return Ok(decided(next).paper(Paper::Initiation));
    }
    next.stage = Stage::Filed;
    Ok(decided(next))
}

/// Nothing came in time: an obligatory objection (track A), or the notice is left unexamined (track B).
pub(super) fn note_lapse(desk: &Desk<'_>) -> Result<Decision, Refused> {
    let mut obstacles = desk.obstacles(WhenSuspended::Refuse);
    let deadline = deadlines::supplement(desk.case, desk.rules);
    obstacles.when(deadline.is_none(), Refusal::NoCall);
    desk.in_stage(&mut obstacles, &[Stage::Incomplete, Stage::KpaDefect]);
    if let Some(deadline) = &deadline {
        obstacles.on(desk.today <= deadline.shifted, Refusal::TermNotOver, deadline.shifted);
    }
    obstacles.clear()?;
    let decision = match desk.case.stage {
        Stage::Incomplete => decided(CaseState { stage: Stage::ObjectionDue, ..desk.case.clone() }),
        _ => decided(CaseState {
            stage: Stage::LeftUnexamined,
            ended_on: Some(desk.today),
            ..desk.case.clone()
        })
        .paper(Paper::LeftUnexamined),
    };
    // The term is kept by the day of posting, which the office learns days later.
    Ok(decision.caution(true, Caution::PostMayBeUnderWay))
}

pub(super) fn forward(
    desk: &Desk<'_>,
    to: &str,
    reason: &str,
    on: Date,
) -> Result<Decision, Refused> {
    let mut obstacles = desk.obstacles(WhenSuspended::Refuse);
    before_inspection(desk, &mut obstacles);
    obstacles.when(is_blank(to) || is_blank(reason), Refusal::NothingNamed);
    desk.dated(&mut obstacles, on, desk.case.delivered_on);
    obstacles.clear()?;
    let state = CaseState {
        stage: Stage::Forwarded,
        forwarded_to: Some(to.trim().to_owned()),
        ended_on: Some(on),
        call: None,
        planned: None,
        ..desk.case.clone()
    };
    Ok(decided(state).paper(Paper::Forwarding))
}

/// Only at the start: an opened matter is discontinued, not refused.
pub(super) fn refuse(desk: &Desk<'_>, reason: &str, on: Date) -> Result<Decision, Refused> {
    let mut obstacles = desk.obstacles(WhenSuspended::Refuse);
    desk.in_stage(&mut obstacles, &[Stage::Filed]);
    obstacles.when(is_blank(reason), Refusal::NothingNamed);
    desk.dated(&mut obstacles, on, desk.case.delivered_on);
    obstacles.clear()?;
    let state =
        CaseState { stage: Stage::Refused, ended_on: Some(on), call: None, ..desk.case.clone() };
    Ok(decided(state).paper(Paper::RefusalToOpen))
}
