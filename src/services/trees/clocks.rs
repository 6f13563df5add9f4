//! What runs, what comes next, and who is to be reminded when.
//!
//! Computed from the stored dates each time; nothing here is stored.

use jiff::ToSpan;
use jiff::civil::Date;

use super::super::catalogue::{Deadline, Message, TermRule};
use super::deadlines;
use super::ruleset::TreeRules;
use super::state::{CaseState, Stage, Track, Tree, TreeStage};

/// The clocks of the procedure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ClockName {
    /// C21.
    Inspection,
    /// C7, track A.
    Supplement,
    /// C7, track B.
    Summons,
    /// An internal target: the statute has no term for this objection.
    ObligatoryObjection,
    /// C14.
    Objection,
    /// C6m.
    Validity,
    /// C5y.
    FeeWatch,
    /// `CApp`.
    Appeal,
    /// The appeal and the files go to the appeal body.
    AppealForward,
}

/// What a clock is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ClockState {
    Running,
    /// It ran out and nothing was done.
    Lapsed,
    Met(Date),
    /// It begins anew when the notice is completed.
    Interrupted,
    /// The proceedings are suspended; the days left are kept.
    Frozen,
}

/// One clock of a case or of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clock {
    pub name: ClockName,
    pub tree: Option<u64>,
    pub deadline: Deadline,
    pub state: ClockState,
}

/// A reminder for staff.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Alarm {
    pub on: Date,
    pub clock: ClockName,
    pub tree: Option<u64>,
    pub days_before: u16,
    /// The day before which the authority must act.
    pub due: Date,
}

/// A step that has not happened yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FutureStep {
    pub what: Future,
    pub on: Date,
    /// The trees it is about; empty for the whole case.
    pub trees: Vec<u64>,
    pub basis: String,
}

/// What the pale part of the timeline says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Future {
    SupplementUntil,
    InspectionOn,
    InspectionUntil,
    ObjectionUntil,
    MayRemoveFrom,
    RemoveUntil,
    AppealUntil,
    FeeWatchUntil,
}

/// Every clock that was started, in the order of the names.
#[must_use]
pub fn clocks(case: &CaseState, today: Date, rules: &TreeRules) -> Vec<Clock> {
    let mut found = Vec::new();
    case_clocks(case, today, rules, &mut found);
    for tree in &case.trees {
        tree_clocks(case, tree, today, rules, &mut found);
    }
    found.sort_by_key(|clock| (clock.name, clock.tree));
    found
}

fn run(deadline: &Deadline, today: Date) -> ClockState {
    if today > deadline.shifted { ClockState::Lapsed } else { ClockState::Running }
}

fn case_clocks(case: &CaseState, today: Date, rules: &TreeRules, found: &mut Vec<Clock>) {
    let mut add = |name, deadline, state| found.push(Clock { name, tree: None, deadline, state });
    if case.has_ended() {
        return;
    }
    if let Some(deadline) = deadlines::inspection(case, rules) {
        let waiting = case.trees.iter().any(|tree| tree.stage == TreeStage::Noticed);
        let last = case.trees.iter().filter_map(|tree| tree.inspected_on).max();
        let state = match case.stage {
            Stage::KpaDefect | Stage::Incomplete | Stage::ObjectionDue => {
                Some(ClockState::Interrupted)
            }
            _ if !waiting => last.map(ClockState::Met),
            _ if case.suspended.is_some() => Some(ClockState::Frozen),
            _ => Some(run(&deadline, today)),
        };
        if let Some(state) = state {
            add(ClockName::Inspection, deadline, state);
        }
    }
    if let (Some(call), Some(deadline)) = (&case.call, deadlines::supplement(case, rules)) {
        let name = match call.track {
            Track::Element => ClockName::Supplement,
            Track::Formal => ClockName::Summons,
        };
        let state = if case.stage == Stage::ObjectionDue {
            ClockState::Lapsed
        } else {
            run(&deadline, today)
        };
        if case.stage == Stage::ObjectionDue {
            let target = rules.obligatory_objection.from(deadline.shifted, &rules.calendar);
            let state = run(&target, today);
            add(ClockName::ObligatoryObjection, target, state);
        }
        if case.stage != Stage::Outcomes {
            add(name, deadline, state);
        }
    }
}

fn tree_clocks(
    case: &CaseState,
    tree: &Tree,
    today: Date,
    rules: &TreeRules,
    found: &mut Vec<Clock>,
) {
    let mut add =
        |name, deadline, state| found.push(Clock { name, tree: Some(tree.id), deadline, state });
    let entitled = matches!(
        tree.stage,
        TreeStage::Certified | TreeStage::SilentConsent | TreeStage::NoObjection
    );
    if let Some(deadline) = deadlines::objection(tree, rules) {
        let state = match tree.stage {
            TreeStage::Inspected if case.suspended.is_some() => Some(ClockState::Frozen),
            TreeStage::Inspected => Some(run(&deadline, today)),
            TreeStage::Objected | TreeStage::ObjectionFinal => {
                tree.standing_objection().map(|objection| ClockState::Met(objection.dispatched_on))
            }
            TreeStage::SilentConsent => Some(ClockState::Lapsed),
            _ => None,
        };
        if let Some(state) = state {
            add(ClockName::Objection, deadline, state);
        }
    }
    if let Some(deadline) = deadlines::validity(tree, rules) {
        let state = match (tree.stage, tree.removed_on) {
            (TreeStage::Removed, Some(on)) => Some(ClockState::Met(on)),
            (TreeStage::Expired, _) => Some(ClockState::Lapsed),
            (TreeStage::Inspected, _) => Some(run(&deadline, today)),
            _ if entitled => Some(run(&deadline, today)),
            _ => None,
        };
        if let Some(state) = state {
            add(ClockName::Validity, deadline, state);
        }
    }
    if let Some(deadline) =
        deadlines::fee_watch(tree, rules).filter(|_| tree.stage == TreeStage::Removed)
    {
        let state = run(&deadline, today);
        add(ClockName::FeeWatch, deadline, state);
    }
    if let (Some(objection), Some(deadline)) =
        (tree.standing_objection(), deadlines::appeal(tree, rules))
    {
        let state = match (objection.appealed_on, tree.stage) {
            (Some(on), _) => ClockState::Met(on),
            (None, TreeStage::ObjectionFinal) => ClockState::Lapsed,
            (None, _) => run(&deadline, today),
        };
        add(ClockName::Appeal, deadline, state);
        if let Some(on) = objection.appealed_on.filter(|_| tree.stage == TreeStage::Objected) {
            let deadline = rules.appeal_forward.from(on, &rules.calendar);
            let state = run(&deadline, today);
            add(ClockName::AppealForward, deadline, state);
        }
    }
}

/// The terms that make the day of a clock, its own first: what is uncertain about one of them is uncertain
/// about the day.
#[must_use]
pub fn terms(name: ClockName, rules: &TreeRules) -> Vec<&TermRule> {
    let mut terms = vec![rule(name, rules)];
    match name {
        ClockName::Inspection => {
            terms.extend([&rules.inspection_notice, &rules.inspection_notice_safe]);
        }
        ClockName::Objection => terms.extend([&rules.hybrid_margin, &rules.silence_final]),
        _ => {}
    }
    terms
}

fn rule(name: ClockName, rules: &TreeRules) -> &TermRule {
    match name {
        ClockName::Inspection => &rules.inspection,
        ClockName::Supplement => &rules.supplement,
        ClockName::Summons => &rules.summons,
        ClockName::ObligatoryObjection => &rules.obligatory_objection,
        ClockName::Objection => &rules.objection,
        ClockName::Validity => &rules.validity,
        ClockName::FeeWatch => &rules.fee_watch,
        ClockName::Appeal => &rules.appeal,
        ClockName::AppealForward => &rules.appeal_forward,
    }
}

/// The reminders of the clocks that run or ran out today, in order of time.
///
/// A job asks for those up to today that it has not sent; so a day without power loses none.
#[must_use]
pub fn alarms(case: &CaseState, today: Date, rules: &TreeRules) -> Vec<Alarm> {
    let mut found: Vec<Alarm> = clocks(case, today, rules)
        .into_iter()
        .filter(|clock| matches!(clock.state, ClockState::Running | ClockState::Lapsed))
        .flat_map(|clock| {
            let due = clock.deadline.planning_day();
            rule(clock.name, rules).alarms.iter().map(move |days| Alarm {
                on: due.saturating_sub(i64::from(*days).days()),
                clock: clock.name,
                tree: clock.tree,
                days_before: *days,
                due,
            })
        })
        .collect();
    found.retain(|alarm| case_waits_for(case, alarm));
    found.sort();
    found
}

/// A consent that has arisen needs no reminder of its objection.
fn case_waits_for(case: &CaseState, alarm: &Alarm) -> bool {
    let tree = alarm.tree.and_then(|id| case.tree(id));
    alarm.clock != ClockName::Objection
        || tree.is_some_and(|tree| tree.stage == TreeStage::Inspected)
}

/// What is still to come, for the resident: the later day where two are possible.
#[must_use]
pub fn timeline_future(case: &CaseState, today: Date, rules: &TreeRules) -> Vec<FutureStep> {
    let mut found: Vec<FutureStep> = Vec::new();
    let mut add = |what: Future, on: Date, tree: Option<u64>, basis: &str| {
        if on < today {
            return;
        }
        let same = found.iter_mut().find(|step| step.what == what && step.on == on);
        match (same, tree) {
            (Some(step), Some(tree)) => step.trees.push(tree),
            (Some(_), None) => {}
            (None, tree) => {
                found.push(FutureStep {
                    what,
                    on,
                    trees: tree.into_iter().collect(),
                    basis: basis.to_owned(),
                });
            }
        }
    };
    for clock in clocks(case, today, rules) {
        // A suspended case promises no dates.
        if clock.state != ClockState::Running {
            continue;
        }
        let (deadline, tree) = (&clock.deadline, clock.tree);
        match clock.name {
            ClockName::Inspection => {
                match case.planned.as_ref().filter(|planned| planned.on >= today) {
                    Some(planned) => {
                        add(Future::InspectionOn, planned.on, None, &rules.inspection_notice.basis);
                    }
                    None => add(Future::InspectionUntil, deadline.shifted, None, &deadline.basis),
                }
            }
            ClockName::Supplement | ClockName::Summons => {
                add(Future::SupplementUntil, deadline.shifted, None, &deadline.basis);
            }
            ClockName::Objection => {
                add(Future::ObjectionUntil, deadline.shifted, tree, &deadline.basis);
                if let Some(from) = deadline.citizen_from {
                    add(Future::MayRemoveFrom, from, tree, &deadline.basis);
                }
            }
            ClockName::Validity => add(Future::RemoveUntil, deadline.raw, tree, &deadline.basis),
            ClockName::FeeWatch => add(Future::FeeWatchUntil, deadline.raw, tree, &deadline.basis),
            ClockName::Appeal => add(Future::AppealUntil, deadline.shifted, tree, &deadline.basis),
            ClockName::ObligatoryObjection | ClockName::AppealForward => {}
        }
    }
    found.sort_by_key(|step| (step.on, step.what));
    found
}

impl ClockName {
    /// The key of its name.
    #[must_use]
    pub fn message(self) -> Message {
        Message::new(match self {
            ClockName::Inspection => "trees-clock-inspection",
            ClockName::Supplement => "trees-clock-supplement",
            ClockName::Summons => "trees-clock-summons",
            ClockName::ObligatoryObjection => "trees-clock-obligatory-objection",
            ClockName::Objection => "trees-clock-objection",
            ClockName::Validity => "trees-clock-validity",
            ClockName::FeeWatch => "trees-clock-fee-watch",
            ClockName::Appeal => "trees-clock-appeal",
            ClockName::AppealForward => "trees-clock-appeal-forward",
        })
    }
}

impl ClockState {
    #[must_use]
    pub fn message(self) -> Message {
        match self {
            ClockState::Running => Message::new("trees-clock-running"),
            ClockState::Lapsed => Message::new("trees-clock-lapsed"),
            ClockState::Met(on) => Message::new("trees-clock-met").date("day", on),
            ClockState::Interrupted => Message::new("trees-clock-interrupted"),
            ClockState::Frozen => Message::new("trees-clock-frozen"),
        }
    }
}

impl FutureStep {
    /// The sentence of the timeline.
    #[must_use]
    pub fn message(&self) -> Message {
        let key = match self.what {
            Future::SupplementUntil => "trees-future-supplement",
            Future::InspectionOn => "trees-future-inspection-on",
            Future::InspectionUntil => "trees-future-inspection-until",
            Future::ObjectionUntil => "trees-future-objection",
            Future::MayRemoveFrom => "trees-future-may-remove",
            Future::RemoveUntil => "trees-future-remove-until",
            Future::AppealUntil => "trees-future-appeal",
            Future::FeeWatchUntil => "trees-future-fee-watch",
        };
        let trees: Vec<String> = self.trees.iter().map(u64::to_string).collect();
        Message::new(key)
            .date("day", self.on)
            .number("count", i64::try_from(self.trees.len()).unwrap_or_default())
            .text("trees", trees.join(", "))
    }
}

impl Alarm {
    #[must_use]
    pub fn message(&self) -> Message {
        Message::new("trees-alarm")
            .said("clock", self.clock.message())
            .number("days", self.days_before)
            .date("due", self.due)
    }
}
