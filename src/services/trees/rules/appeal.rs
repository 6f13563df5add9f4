//! After the objection: the appeal, what the appeal body does with it, and finality.

use jiff::civil::Date;

use super::super::command::{Caution, Decision, Finality};
use super::super::deadlines;
use super::super::refusal::{Refusal, Refused};
use super::super::state::{CaseState, Objection, Stage, Tree, TreeStage};
use super::objection::standing;
use super::{Desk, WhenSuspended, decided};

/// An appeal is always recorded; whether it is late is for the appeal body to say (KPA 134).
pub(super) fn appeal(
    desk: &Desk<'_>,
    ids: &[u64],
    sent_on: Date,
    received_on: Date,
) -> Result<Decision, Refused> {
    let mut obstacles = desk.obstacles(WhenSuspended::Allow);
    let mut late = false;
    for (tree, objection) in standing(desk, &mut obstacles, ids) {
        obstacles.tree(
            objection.appealed_on.is_some(),
            Refusal::AppealPending,
            tree.id,
            objection.appealed_on,
        );
        desk.dated(&mut obstacles, sent_on, Some(objection.dispatched_on));
        late |=
            deadlines::appeal(tree, desk.rules).is_some_and(|deadline| sent_on > deadline.shifted);
    }
    desk.dated(&mut obstacles, received_on, Some(sent_on));
    obstacles.clear()?;
    let next = desk.with_trees(ids, |tree| {
        if let Some(objection) = &mut tree.objection {
            objection.appealed_on = Some(received_on);
        }
    });
    Ok(decided(next).caution(late, Caution::AppealLate))
}

/// The matter comes back: a new 14 days from the arrival of the files (KPA 122c § 3).
pub(super) fn remand(
    desk: &Desk<'_>,
    ids: &[u64],
    files_arrived_on: Date,
) -> Result<Decision, Refused> {
    let next = set_aside(desk, ids, files_arrived_on, |tree| {
        tree.stage = TreeStage::Inspected;
        tree.objection_from = Some(files_arrived_on);
        tree.pause_days = 0;
    })?;
    Ok(with_cautions(desk, ids, files_arrived_on, decided(next)))
}

/// The objection is gone and nothing comes in its place; the six months went on all the time.
pub(super) fn quash(desk: &Desk<'_>, ids: &[u64], on: Date) -> Result<Decision, Refused> {
    let next = set_aside(desk, ids, on, |tree| tree.stage = TreeStage::NoObjection)?;
    Ok(with_cautions(desk, ids, on, decided(next)))
}

fn set_aside(
    desk: &Desk<'_>,
    ids: &[u64],
    on: Date,
    after: impl Fn(&mut Tree),
) -> Result<CaseState, Refused> {
    // A term that begins while the case is suspended could not be counted: the case is resumed first.
    let mut obstacles = desk.obstacles(WhenSuspended::Refuse);
    for (tree, objection) in standing(desk, &mut obstacles, ids) {
        obstacles.tree(objection.appealed_on.is_none(), Refusal::NotAppealed, tree.id, None);
        desk.dated(&mut obstacles, on, objection.appealed_on);
    }
    obstacles.clear()?;
    let mut next = desk.with_trees(ids, |tree| {
        if let Some(objection) = &mut tree.objection {
            objection.set_aside_on = Some(on);
        }
        if tree.inspected_on.is_some() {
            after(tree);
        } else {
            // The objection stood for a notice that was never inspected; without an inspection no right arises.
            tree.stage = TreeStage::Noticed;
        }
    });
    if next.trees.iter().any(|tree| tree.stage == TreeStage::Noticed)
        && next.stage == Stage::Outcomes
    {
        next.stage = Stage::AwaitingInspection;
        next.inspection_from = Some(on);
        next.inspection_pause_days = 0;
        next.call = None;
    }
    Ok(next)
}

fn with_cautions(desk: &Desk<'_>, ids: &[u64], on: Date, decision: Decision) -> Decision {
    let named: Vec<&Tree> = desk.case.trees.iter().filter(|tree| ids.contains(&tree.id)).collect();
    let over = |tree: &&Tree| {
        deadlines::validity(tree, desk.rules).is_some_and(|deadline| on > deadline.raw)
    };
    decision
        .caution(named.iter().any(over), Caution::ValidityOver)
        .caution(named.iter().any(|tree| tree.inspected_on.is_none()), Caution::InspectionStillDue)
}

pub(super) fn make_final(
    desk: &Desk<'_>,
    ids: &[u64],
    how: Finality,
    on: Date,
) -> Result<Decision, Refused> {
    let mut obstacles = desk.obstacles(WhenSuspended::Allow);
    for (tree, objection) in standing(desk, &mut obstacles, ids) {
        obstacles.tree(objection.delivered_on.is_none(), Refusal::NotServed, tree.id, None);
        let cause = match how {
            Finality::Lapse | Finality::Waiver => {
                obstacles.tree(
                    objection.appealed_on.is_some(),
                    Refusal::AppealPending,
                    tree.id,
                    objection.appealed_on,
                );
                objection.delivered_on
            }
            Finality::Upheld => {
                obstacles.tree(
                    objection.appealed_on.is_none(),
                    Refusal::NotAppealed,
                    tree.id,
                    None,
                );
                objection.appealed_on
            }
        };
        desk.dated(&mut obstacles, on, cause);
        if let (Finality::Lapse, Some(deadline)) = (how, deadlines::appeal(tree, desk.rules)) {
            obstacles.tree(
                on <= deadline.shifted,
                Refusal::TermNotOver,
                tree.id,
                Some(deadline.shifted),
            );
        }
    }
    obstacles.clear()?;
    let next = desk.with_trees(ids, |tree| {
        tree.stage = TreeStage::ObjectionFinal;
        if let Some(Objection { final_on, .. }) = &mut tree.objection {
            *final_on = Some(on);
        }
    });
    // A letter posted on the last day keeps the term (KPA 57 § 5).
    Ok(decided(next).caution(how == Finality::Lapse, Caution::PostMayBeUnderWay))
}
