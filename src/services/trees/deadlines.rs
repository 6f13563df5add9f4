//! The terms of a case at its real dates, and the answer to "may this tree be removed today?".
//!
//! One place computes each deadline, so that a rule, a page and an alarm cannot disagree.

use jiff::civil::Date;

use super::super::catalogue::Deadline;
use super::ruleset::TreeRules;
use super::state::{CaseState, Stage, Track, Tree, TreeStage};

/// C21: the inspection.
#[must_use]
pub fn inspection(case: &CaseState, rules: &TreeRules) -> Option<Deadline> {
    let from = case.inspection_from?;
    Some(rules.inspection.from_paused(from, case.inspection_pause_days, &rules.calendar))
}

/// C7: the supplement, counted from the service of the call.
#[must_use]
pub fn supplement(case: &CaseState, rules: &TreeRules) -> Option<Deadline> {
    let call = case.call.as_ref()?;
    let rule = match call.track {
        Track::Element => &rules.supplement,
        Track::Formal => &rules.summons,
    };
    Some(rule.from(call.served_on?, &rules.calendar))
}

/// C14: the objection.
#[must_use]
pub fn objection(tree: &Tree, rules: &TreeRules) -> Option<Deadline> {
    Some(rules.objection.from_paused(tree.objection_from?, tree.pause_days, &rules.calendar))
}

/// C6m: how long the notice is good, from the inspection.
#[must_use]
pub fn validity(tree: &Tree, rules: &TreeRules) -> Option<Deadline> {
    Some(rules.validity.from(tree.inspected_on?, &rules.calendar))
}

/// C5y: a building permit for a business on the same spot brings a fee.
#[must_use]
pub fn fee_watch(tree: &Tree, rules: &TreeRules) -> Option<Deadline> {
    Some(rules.fee_watch.from(tree.inspected_on?, &rules.calendar))
}

/// `CApp`: the appeal against a standing objection, from its delivery.
#[must_use]
pub fn appeal(tree: &Tree, rules: &TreeRules) -> Option<Deadline> {
    Some(rules.appeal.from(tree.standing_objection()?.delivered_on?, &rules.calendar))
}

/// Whether a tree may be removed on a day, and if not, why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal {
    Allowed {
        since: Date,
        until: Date,
    },
    /// There was no inspection yet, or none is going to be.
    NotInspected,
    /// The authority can still object; if it does not, the day named is the first possible one.
    TermRunning {
        from: Date,
    },
    /// The proceedings stand still, and the term with them.
    Suspended,
    /// The term is over, but whether a decision left on its last day is not known yet.
    RegisterOpen,
    Objected,
    Expired {
        on: Date,
    },
    Removed {
        on: Date,
    },
    /// The proceedings were discontinued; this case gives no right and needs none.
    Discontinued,
    /// The matter ended without an answer about the tree.
    Ended,
}

/// The only place that answers this question.
#[must_use]
pub fn removal(case: &CaseState, tree: &Tree, day: Date, rules: &TreeRules) -> Removal {
    let since = match tree.stage {
        TreeStage::Certified => tree.certificate.as_ref().map(|certificate| certificate.on),
        TreeStage::SilentConsent => tree.silent_from,
        TreeStage::NoObjection => {
            tree.objection.as_ref().and_then(|objection| objection.set_aside_on)
        }
        TreeStage::Noticed => return Removal::NotInspected,
        TreeStage::Inspected if case.suspended.is_some() => return Removal::Suspended,
        TreeStage::Inspected => {
            return match objection(tree, rules).and_then(|deadline| deadline.citizen_from) {
                Some(from) if day < from => Removal::TermRunning { from },
                _ => Removal::RegisterOpen,
            };
        }
        TreeStage::Objected | TreeStage::ObjectionFinal => return Removal::Objected,
        TreeStage::Discontinued => return Removal::Discontinued,
        TreeStage::Withdrawn => return Removal::Ended,
        TreeStage::Removed => {
            return tree.removed_on.map_or(Removal::Ended, |on| Removal::Removed { on });
        }
        TreeStage::Expired => {
            return validity(tree, rules)
                .map_or(Removal::Ended, |deadline| Removal::Expired { on: deadline.raw });
        }
    };
    let (Some(since), Some(until)) = (since, validity(tree, rules).map(|deadline| deadline.raw))
    else {
        return Removal::NotInspected;
    };
    if tree.standing_objection().is_some() {
        // The rules never let this happen; a state that was damaged on its way must not open the gate.
        Removal::Objected
    } else if day < since {
        Removal::TermRunning { from: since }
    } else if day > until {
        Removal::Expired { on: until }
    } else {
        Removal::Allowed { since, until }
    }
}

/// What a list shows of a case: the stored stage, sharpened by what time has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    Draft,
    New,
    KpaDefect,
    Incomplete,
    SupplementLapsed,
    ObjectionDue,
    AwaitingInspection,
    /// No silent consent follows from this; the resident has the remedy of KPA 37.
    InspectionOverdue,
    /// The term for an objection runs for some tree.
    ObjectionTerm,
    /// It ran out for some tree, and nobody has closed the register yet.
    SilenceToNote,
    Suspended,
    /// Every tree has its answer.
    Answered,
    Forwarded,
    Refused,
    LeftUnexamined,
    Withdrawn,
}

#[must_use]
pub fn standing(case: &CaseState, today: Date, rules: &TreeRules) -> Standing {
    let after =
        |deadline: Option<Deadline>| deadline.is_some_and(|deadline| deadline.shifted < today);
    if case.suspended.is_some() && !case.has_ended() {
        return Standing::Suspended;
    }
    let open = |tree: &&Tree| tree.stage == TreeStage::Inspected;
    match case.stage {
        Stage::Draft => Standing::Draft,
        Stage::Filed if after(inspection(case, rules)) => Standing::InspectionOverdue,
        Stage::Filed => Standing::New,
        Stage::KpaDefect | Stage::Incomplete if after(supplement(case, rules)) => {
            Standing::SupplementLapsed
        }
        Stage::KpaDefect => Standing::KpaDefect,
        Stage::Incomplete => Standing::Incomplete,
        Stage::ObjectionDue => Standing::ObjectionDue,
        Stage::AwaitingInspection | Stage::Outcomes => {
            if case.trees.iter().filter(open).any(|tree| after(objection(tree, rules))) {
                Standing::SilenceToNote
            } else if case.stage == Stage::AwaitingInspection && after(inspection(case, rules)) {
                Standing::InspectionOverdue
            } else if case.stage == Stage::AwaitingInspection {
                Standing::AwaitingInspection
            } else if case.trees.iter().any(|tree| open(&tree)) {
                Standing::ObjectionTerm
            } else {
                Standing::Answered
            }
        }
        Stage::Forwarded => Standing::Forwarded,
        Stage::Refused => Standing::Refused,
        Stage::LeftUnexamined => Standing::LeftUnexamined,
        Stage::Withdrawn => Standing::Withdrawn,
    }
}
