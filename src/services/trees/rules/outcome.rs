//! Certificate, silent consent, discontinuance, suspension, withdrawal, removal and expiry.

use jiff::civil::Date;

use super::super::super::catalogue::Deadline;
use super::super::command::{Cause, Caution, Decision, Paper};
use super::super::deadlines::{self, Removal};
use super::super::refusal::{Obstacles, Refusal, Refused};
use super::super::ruleset::TreeRules;
use super::super::state::{
    CaseState, Certificate, Stage, Suspension, SuspensionGround, Tree, TreeStage,
};
use super::{Desk, WhenSuspended, decided, is_blank};

const RUNNING: [Stage; 2] = [Stage::AwaitingInspection, Stage::Outcomes];

/// The authority may say before the end of the term that it will not object (ust. 12).
pub(super) fn certify(
    desk: &Desk<'_>,
    ids: &[u64],
    on: Date,
    requested: bool,
    fee_proof: Option<&String>,
) -> Result<Decision, Refused> {
    let mut obstacles = desk.obstacles(WhenSuspended::Refuse);
    desk.in_stage(&mut obstacles, &RUNNING);
    for tree in desk.pick(&mut obstacles, ids) {
        desk.is_open(&mut obstacles, tree);
        desk.dated(&mut obstacles, on, tree.objection_from);
        if let Some(deadline) = deadlines::objection(tree, desk.rules) {
            obstacles.tree(
                on > deadline.shifted,
                Refusal::CertificateTooLate,
                tree.id,
                Some(deadline.shifted),
            );
        }
    }
    obstacles.clear()?;
    let next = desk.with_trees(ids, |tree| {
        tree.stage = TreeStage::Certified;
        tree.certificate = Some(Certificate { on, requested, fee_proof: fee_proof.cloned() });
    });
    Ok(decided(next)
        .paper(Paper::Certificate)
        .caution(requested && fee_proof.is_none_or(|proof| is_blank(proof)), Caution::FeeNotShown)
        .caution(true, Caution::SpeciesProtection))
}

/// The consent arises by law; the annotation (KPA 122e) waits until the register of outgoing letters is closed,
/// because a decision posted on the last day is not seen on the day after.
pub(super) fn note_silence(
    desk: &Desk<'_>,
    ids: &[u64],
    register_closed_through: Date,
) -> Result<Decision, Refused> {
    let mut obstacles = desk.obstacles(WhenSuspended::Refuse);
    desk.in_stage(&mut obstacles, &RUNNING);
    for tree in desk.pick(&mut obstacles, ids) {
        desk.is_open(&mut obstacles, tree);
        if let Some(deadline) = deadlines::objection(tree, desk.rules) {
            let last = deadline.shifted;
            obstacles.tree(desk.today <= last, Refusal::TermNotOver, tree.id, Some(last));
            obstacles.tree(
                register_closed_through < last,
                Refusal::RegisterOpen,
                tree.id,
                Some(last),
            );
        }
    }
    obstacles.on(register_closed_through > desk.today, Refusal::DateInFuture, desk.today);
    obstacles.clear()?;
    let rules = desk.rules;
    let next = desk.with_trees(ids, |tree| {
        tree.stage = TreeStage::SilentConsent;
        tree.silent_from =
            deadlines::objection(tree, rules).and_then(|deadline| deadline.citizen_from);
        tree.silence_noted_on = Some(desk.today);
    });
    Ok(decided(next).paper(Paper::SilenceNote).caution(true, Caution::SpeciesProtection))
}

pub(super) fn discontinue(
    desk: &Desk<'_>,
    ids: &[u64],
    cause: Cause,
    remark: &str,
    on: Date,
) -> Result<Decision, Refused> {
    let mut obstacles = desk.obstacles(WhenSuspended::Refuse);
    desk.in_stage(&mut obstacles, &RUNNING);
    for tree in desk.pick(&mut obstacles, ids) {
        desk.is_open(&mut obstacles, tree);
        desk.dated(&mut obstacles, on, tree.inspected_on);
        obstacles.tree(
            !cause_fits(tree, cause, desk.rules),
            Refusal::CauseDoesNotFit,
            tree.id,
            None,
        );
        let lapsed = lapse(tree, on, desk.rules);
        obstacles.tree(
            lapsed.is_some(),
            Refusal::TermLapsed,
            tree.id,
            lapsed.map(|deadline| deadline.shifted),
        );
    }
    obstacles.when(cause == Cause::Exempt && is_blank(remark), Refusal::NothingNamed);
    obstacles.clear()?;
    let next = desk.with_trees(ids, |tree| {
        tree.stage = TreeStage::Discontinued;
        if !is_blank(remark) {
            let joined = format!("{} {}", tree.remarks, remark.trim());
            joined.trim().clone_into(&mut tree.remarks);
        }
    });
    Ok(decided(next).paper(Paper::Discontinuance))
}

fn cause_fits(tree: &Tree, cause: Cause, rules: &TreeRules) -> bool {
    match cause {
        Cause::Gone => tree.gone,
        Cause::Exempt => !tree.gone,
        Cause::UnderThreshold => {
            !tree.gone
                && rules.is_over_limit(tree.species.as_deref(), &tree.stems_5_mm) == Some(false)
        }
    }
}

/// The term of the objection, if it was over on that day.
fn lapse(tree: &Tree, on: Date, rules: &TreeRules) -> Option<Deadline> {
    deadlines::objection(tree, rules).filter(|deadline| on > deadline.shifted)
}

/// Stops the running terms (KPA 122d § 2); what has already run out cannot be stopped.
pub(super) fn suspend(
    desk: &Desk<'_>,
    ground: SuspensionGround,
    on: Date,
) -> Result<Decision, Refused> {
    let mut obstacles = desk.obstacles(WhenSuspended::Refuse);
    desk.in_stage(&mut obstacles, &RUNNING);
    let waiting = |tree: &Tree| matches!(tree.stage, TreeStage::Noticed | TreeStage::Inspected);
    obstacles.when(!desk.case.trees.iter().any(waiting), Refusal::NothingOpen);
    for tree in desk.case.trees.iter().filter(|tree| tree.stage == TreeStage::Inspected) {
        desk.dated(&mut obstacles, on, tree.objection_from);
        let lapsed = lapse(tree, on, desk.rules);
        obstacles.tree(
            lapsed.is_some(),
            Refusal::TermLapsed,
            tree.id,
            lapsed.map(|deadline| deadline.shifted),
        );
    }
    desk.dated(&mut obstacles, on, desk.case.inspection_from);
    obstacles.clear()?;
    let state = CaseState {
        suspended: Some(Suspension { on, ground }),
        planned: None,
        ..desk.case.clone()
    };
    Ok(decided(state).paper(Paper::Suspension))
}

/// The terms go on with the days that were left.
pub(super) fn resume(desk: &Desk<'_>, on: Date) -> Result<Decision, Refused> {
    let mut obstacles = desk.obstacles(WhenSuspended::Allow);
    let since = desk.case.suspended.as_ref().map(|suspension| suspension.on);
    obstacles.when(since.is_none(), Refusal::NotSuspended);
    desk.dated(&mut obstacles, on, since);
    obstacles.clear()?;
    let days = since.and_then(|since| on.since(since).ok()).map_or(0, |span| span.get_days());
    let days = u16::try_from(days).unwrap_or(u16::MAX);
    let mut next = desk.case.clone();
    next.suspended = None;
    next.inspection_pause_days = next.inspection_pause_days.saturating_add(days);
    for tree in next.trees.iter_mut().filter(|tree| tree.stage == TreeStage::Inspected) {
        tree.pause_days = tree.pause_days.saturating_add(days);
    }
    Ok(decided(next).paper(Paper::Resumption))
}

/// The party takes the notice back; what was already answered stays answered (KPA 105 § 2).
pub(super) fn withdraw(desk: &Desk<'_>, on: Date) -> Result<Decision, Refused> {
    let mut obstacles = desk.obstacles(WhenSuspended::Allow);
    let open = |tree: &Tree| matches!(tree.stage, TreeStage::Noticed | TreeStage::Inspected);
    obstacles.when(!desk.case.trees.iter().any(open), Refusal::NothingOpen);
    for tree in desk.case.trees.iter().filter(|tree| tree.stage == TreeStage::Inspected) {
        // After the term the consent has arisen, and there is nothing left to take back.
        let lapsed = if desk.case.suspended.is_some() { None } else { lapse(tree, on, desk.rules) };
        obstacles.tree(
            lapsed.is_some(),
            Refusal::TermLapsed,
            tree.id,
            lapsed.map(|deadline| deadline.shifted),
        );
    }
    desk.dated(&mut obstacles, on, desk.case.delivered_on);
    obstacles.clear()?;
    let mut next = desk.case.clone();
    next.suspended = None;
    next.call = None;
    next.planned = None;
    next.trees
        .iter_mut()
        .filter(|tree| open(tree))
        .for_each(|tree| tree.stage = TreeStage::Withdrawn);
    if next.trees.iter().all(|tree| tree.stage == TreeStage::Withdrawn) {
        next.stage = Stage::Withdrawn;
        next.ended_on = Some(on);
    } else {
        next.stage = Stage::Outcomes;
    }
    Ok(decided(next).paper(Paper::Discontinuance).caution(true, Caution::OtherParties))
}

pub(super) fn report_removal(desk: &Desk<'_>, ids: &[u64], on: Date) -> Result<Decision, Refused> {
    let mut obstacles = desk.obstacles(WhenSuspended::Allow);
    for tree in desk.pick(&mut obstacles, ids) {
        let obstacle = match deadlines::removal(desk.case, tree, on, desk.rules) {
            Removal::Allowed { .. } => None,
            Removal::Expired { on } => Some((Refusal::RemovalExpired, Some(on))),
            Removal::Removed { on } => Some((Refusal::TreeSettled, Some(on))),
            Removal::TermRunning { from } => Some((Refusal::RemovalNotAllowed, Some(from))),
            Removal::NotInspected
            | Removal::RegisterOpen
            | Removal::Suspended
            | Removal::Objected
            | Removal::Discontinued
            | Removal::Ended => Some((Refusal::RemovalNotAllowed, None)),
        };
        if let Some((why, day)) = obstacle {
            obstacles.tree(true, why, tree.id, day);
        }
    }
    desk.dated(&mut obstacles, on, None);
    obstacles.clear()?;
    Ok(decided(desk.with_trees(ids, |tree| {
        tree.stage = TreeStage::Removed;
        tree.removed_on = Some(on);
        tree.removal_reported_on = Some(desk.today);
    })))
}

/// Six months without a removal: the right is gone, a new notice is needed (ust. 13).
pub(super) fn note_expiry(desk: &Desk<'_>, ids: &[u64]) -> Result<Decision, Refused> {
    let mut obstacles = desk.obstacles(WhenSuspended::Allow);
    for tree in desk.pick(&mut obstacles, ids) {
        check_expiry(desk, &mut obstacles, tree);
    }
    obstacles.clear()?;
    Ok(decided(desk.with_trees(ids, |tree| tree.stage = TreeStage::Expired)))
}

fn check_expiry(desk: &Desk<'_>, obstacles: &mut Obstacles, tree: &Tree) {
    let entitled = matches!(
        tree.stage,
        TreeStage::Certified | TreeStage::SilentConsent | TreeStage::NoObjection
    );
    obstacles.tree(!entitled, Refusal::TreeSettled, tree.id, None);
    if let Some(deadline) = deadlines::validity(tree, desk.rules) {
        obstacles.tree(
            desk.today <= deadline.raw,
            Refusal::TermNotOver,
            tree.id,
            Some(deadline.raw),
        );
    }
}
