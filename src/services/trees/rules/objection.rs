//! The objection: on time by the day it left the office, never by the day it was signed (ust. 11).

use jiff::ToSpan;
use jiff::civil::Date;

use super::super::command::{Caution, Decision, ObjectionAct, Paper};
use super::super::deadlines;
use super::super::refusal::{Obstacles, Refusal, Refused};
use super::super::state::{Channel, CheckResult, Ground, Objection, Stage, Tree, TreeStage};
use super::{Desk, WhenSuspended, decided, is_blank};

pub(super) fn object(desk: &Desk<'_>, act: &ObjectionAct) -> Result<Decision, Refused> {
    let mut obstacles = desk.obstacles(WhenSuspended::Refuse);
    desk.in_stage(
        &mut obstacles,
        &[Stage::AwaitingInspection, Stage::Outcomes, Stage::ObjectionDue],
    );
    // After a notice that was not completed there is no inspection, and only one ground.
    let unsupplemented = desk.case.stage == Stage::ObjectionDue;
    let picked = desk.pick(&mut obstacles, &act.trees);
    let mut in_doubt = false;
    for tree in &picked {
        let waits = unsupplemented && tree.stage == TreeStage::Noticed;
        if !waits {
            desk.is_open(&mut obstacles, tree);
        }
        in_doubt |= check_term(desk, &mut obstacles, act, tree);
        let lapse = deadlines::supplement(desk.case, desk.rules).filter(|_| unsupplemented);
        let cause = tree.objection_from.or(lapse.map(|deadline| deadline.shifted));
        desk.dated(&mut obstacles, act.dispatched_on, cause);
    }
    obstacles
        .when((act.ground == Ground::NotSupplemented) != unsupplemented, Refusal::GroundDoesNotFit);
    check_dispatch(&mut obstacles, act);
    obstacles.clear()?;

    let next = desk.with_trees(&act.trees, |tree| {
        tree.stage = TreeStage::Objected;
        tree.objection = Some(Objection {
            ground: act.ground,
            signed_on: act.signed_on,
            dispatched_on: act.dispatched_on,
            channel: act.channel,
            evidence: act.evidence.trim().to_owned(),
            signatory: act.signatory.trim().to_owned(),
            doubt: act.doubt.as_ref().map(|doubt| doubt.trim().to_owned()).filter(|_| in_doubt),
            delivered_on: None,
            appealed_on: None,
            final_on: None,
            set_aside_on: None,
        });
    });
    // A check is for the reasoning of the decision; without one the objection is in time all the same.
    let check = |tree: &u64| act.ground.check().map(|of| desk.case.check(of, Some(*tree)));
    let checks: Vec<_> = act.trees.iter().filter_map(check).collect();
    let unchecked = checks.iter().any(Option::is_none);
    let disagrees = checks.iter().flatten().any(|check| check.result != CheckResult::Yes);
    Ok(decided(next)
        .paper(Paper::Objection)
        .caution(in_doubt, Caution::DispatchInDoubt)
        .caution(act.channel == Channel::Hybrid, Caution::HybridMargin)
        .caution(act.ground == Ground::MonumentRegister, Caution::ConservatorsGround)
        .caution(unchecked, Caution::GroundNotChecked)
        .caution(disagrees, Caution::CheckDisagrees))
}

/// Refuses what is late; tells whether the dispatch is in doubt (and somebody accepted the doubt).
///
/// After the shifted end the consent binds the authority (KPA 110 § 2).
/// Between the raw and the shifted end nobody knows whether KPA 57 § 4 serves the authority: it takes a named
/// person to go there.
fn check_term(desk: &Desk<'_>, obstacles: &mut Obstacles, act: &ObjectionAct, tree: &Tree) -> bool {
    let Some(deadline) = deadlines::objection(tree, desk.rules) else { return false };
    // For the hybrid service the certain day lies earlier by its margin.
    let certain = match act.channel {
        Channel::Hybrid => deadline
            .planning_day()
            .saturating_sub(i64::from(desk.rules.hybrid_margin.term.amount()).days()),
        _ => deadline.raw,
    };
    let late = act.dispatched_on > deadline.shifted;
    let in_doubt = act.dispatched_on > certain && !late;
    let accepted = act.doubt.as_ref().is_some_and(|doubt| !is_blank(doubt));
    obstacles.tree(late, Refusal::ObjectionTooLate, tree.id, Some(deadline.shifted));
    obstacles.tree(in_doubt && !accepted, Refusal::ObjectionInDoubt, tree.id, Some(certain));
    in_doubt
}

fn check_dispatch(obstacles: &mut Obstacles, act: &ObjectionAct) {
    let counts = !matches!(act.channel, Channel::OtherOperator | Channel::PortalAccount);
    obstacles.when(!counts, Refusal::ChannelDoesNotCount);
    obstacles.on(
        act.dispatched_on < act.signed_on,
        Refusal::DispatchBeforeSignature,
        act.signed_on,
    );
    obstacles.when(is_blank(&act.evidence), Refusal::EvidenceMissing);
    obstacles.when(is_blank(&act.signatory), Refusal::SignatoryMissing);
}

/// The trees carry an objection that stands.
pub(super) fn standing<'a>(
    desk: &'a Desk<'_>,
    obstacles: &mut Obstacles,
    ids: &[u64],
) -> Vec<(&'a Tree, &'a Objection)> {
    let mut found = Vec::new();
    for tree in desk.pick(obstacles, ids) {
        match tree.standing_objection().filter(|_| tree.stage == TreeStage::Objected) {
            Some(objection) => found.push((tree, objection)),
            None => obstacles.tree(true, Refusal::NotObjected, tree.id, None),
        }
    }
    found
}

/// The decision was delivered: the term to appeal begins.
pub(super) fn served(desk: &Desk<'_>, ids: &[u64], on: Date) -> Result<Decision, Refused> {
    let mut obstacles = desk.obstacles(WhenSuspended::Allow);
    for (_, objection) in standing(desk, &mut obstacles, ids) {
        desk.dated(&mut obstacles, on, Some(objection.dispatched_on));
    }
    obstacles.clear()?;
    Ok(decided(desk.with_trees(ids, |tree| {
        if let Some(objection) = &mut tree.objection {
            objection.delivered_on = Some(on);
        }
    })))
}
