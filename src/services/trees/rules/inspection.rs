//! Planning and holding the inspection.

use jiff::civil::Date;

use super::super::command::{Caution, Decision, Finding, Inspection, Paper};
use super::super::deadlines;
use super::super::refusal::{Obstacles, Refusal, Refused};
use super::super::state::{HeldInspection, PlannedInspection, Signature, Stage, TreeStage};
use super::{Desk, WhenSuspended, decided, is_blank};

/// The party must know at least seven days before (KPA 79 § 1).
pub(super) fn plan(desk: &Desk<'_>, on: Date, served_on: Date) -> Result<Decision, Refused> {
    let mut obstacles = desk.obstacles(WhenSuspended::Refuse);
    desk.in_stage(&mut obstacles, &[Stage::AwaitingInspection]);
    desk.dated(&mut obstacles, served_on, desk.case.delivered_on);
    let earliest = desk.rules.inspection_notice.term.after(served_on);
    obstacles.on(on < earliest, Refusal::NoticeTooShort, earliest);
    obstacles.clear()?;
    let safe = desk.rules.inspection_notice_safe.term.after(served_on);
    let mut next = desk.case.clone();
    next.planned = Some(PlannedInspection { on, served_on });
    Ok(decided(next)
        .caution(on < safe, Caution::NoticeTight)
        .caution(desk.case.standing_parties().next().is_some(), Caution::NotifyParties)
        .caution(is_after_term(desk, on), Caution::InspectionAfterTerm))
}

/// Missing the 21 days has no effect of its own: the inspection is late, and the 14 days begin with it.
fn is_after_term(desk: &Desk<'_>, on: Date) -> bool {
    deadlines::inspection(desk.case, desk.rules).is_some_and(|deadline| on > deadline.raw)
}

/// An inspection that was held. It is a fact: short notice is a defect to know of, not a reason to forget it.
pub(super) fn inspect(desk: &Desk<'_>, act: &Inspection) -> Result<Decision, Refused> {
    let mut obstacles = desk.obstacles(WhenSuspended::Refuse);
    desk.in_stage(&mut obstacles, &[Stage::AwaitingInspection]);
    let ids: Vec<u64> = act.findings.iter().map(|finding| finding.tree).collect();
    for tree in desk.pick(&mut obstacles, &ids) {
        obstacles.tree(tree.stage != TreeStage::Noticed, Refusal::AlreadyInspected, tree.id, None);
    }
    desk.dated(&mut obstacles, act.on, desk.case.inspection_from);
    obstacles.when(is_blank(&act.protocol), Refusal::ProtocolMissing);
    check_findings(&mut obstacles, act);
    obstacles.clear()?;

    let mut next = desk.with_trees(&ids, |tree| {
        let Some(finding) = act.findings.iter().find(|finding| finding.tree == tree.id) else {
            return;
        };
        tree.stage = TreeStage::Inspected;
        tree.inspected_on = Some(act.on);
        tree.objection_from = Some(act.on);
        tree.pause_days = 0;
        tree.gone = finding.gone;
        tree.species =
            Some(finding.species.trim().to_owned()).filter(|species| !species.is_empty());
        tree.stems_5_mm.clone_from(&finding.stems_5_mm);
        tree.stems_130_mm.clone_from(&finding.stems_130_mm);
        tree.position = finding.position;
        finding.remarks.trim().clone_into(&mut tree.remarks);
    });
    next.inspections.push(HeldInspection {
        on: act.on,
        place: act.place.trim().to_owned(),
        protocol: act.protocol.trim().to_owned(),
        persons: act.persons.clone(),
        trees: ids,
    });
    let planned = desk.case.planned.as_ref().filter(|planned| planned.on == act.on);
    let short = planned
        .is_some_and(|planned| act.on < desk.rules.inspection_notice.term.after(planned.served_on));
    Ok(decided(next)
        .paper(Paper::InspectionRecord)
        .caution(planned.is_none(), Caution::InspectionNotPlanned)
        .caution(short, Caution::NoticeShort)
        .caution(is_after_term(desk, act.on), Caution::InspectionAfterTerm))
}

/// The statute wants the name of the species and the girth of each stem; the record wants place and people.
fn check_findings(obstacles: &mut Obstacles, act: &Inspection) {
    let named =
        act.persons.iter().any(|person| !is_blank(&person.name) && !is_blank(&person.capacity));
    obstacles.when(is_blank(&act.place) || !named, Refusal::FindingIncomplete);
    // Who did not sign is named in the record with the reason (KPA 68 § 2).
    let unexplained = act
        .persons
        .iter()
        .any(|person| person.signature != Signature::Signed && is_blank(&person.reason));
    obstacles.when(unexplained, Refusal::SignatureUnexplained);
    for finding in &act.findings {
        obstacles.tree(!is_complete(finding), Refusal::FindingIncomplete, finding.tree, None);
    }
}

fn is_complete(finding: &Finding) -> bool {
    let measured = |stems: &[u32]| stems.iter().all(|stem| *stem > 0);
    let standing = !is_blank(&finding.species) && !finding.stems_5_mm.is_empty();
    measured(&finding.stems_5_mm) && measured(&finding.stems_130_mm) && (finding.gone || standing)
}
