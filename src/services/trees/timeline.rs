//! What happened in a case and what comes next, in plain words; shared by both sides of the counter.
//!
//! The past is read from the history of the record, so it cannot differ from what was entered; the future is
//! computed from the clocks.
//! Residents see acts of the office as the office's; who in it did what, staff see.

use jiff::civil::Date;

use super::super::catalogue::Definition;
use super::{
    ClockName, ClockState, Stage as CaseStage, TreeRules, TreeStage, clocks,
    common::{self, say},
    model::{CaseId, TreeCase},
    standing,
    state::{CaseState, Tree},
    timeline_future,
};
use crate::{
    kernel::{
        cbor::Map,
        clock,
        identity::Actor,
        journal::entry::Header,
        store::{Fault, change::Evidence, record::Field},
    },
    web::{
        Visit,
        chrome::Chrome,
        parts::{Event, Stage},
    },
};

/// Where who-and-why keeps the actor and the reason (docs/format.md, section 2).
const WHY_ACTOR: u64 = 0;
const WHY_REASON: u64 = 4;

/// The next day on which the office must do something: what the inbox is sorted by.
pub(super) fn due(state: &CaseState, today: Date, rules: &TreeRules) -> Option<Date> {
    let held = state
        .planned
        .as_ref()
        .map(|planned| planned.on)
        .filter(|_| state.stage == CaseStage::AwaitingInspection && state.suspended.is_none());
    let waits = |tree: &Tree| matches!(tree.stage, TreeStage::Inspected | TreeStage::Noticed);
    clocks(state, today, rules)
        .into_iter()
        .filter(|clock| matches!(clock.state, ClockState::Running | ClockState::Lapsed))
        .filter(|clock| match clock.name {
            ClockName::Validity | ClockName::FeeWatch | ClockName::Appeal => false,
            ClockName::Objection => clock.tree.and_then(|id| state.tree(id)).is_some_and(waits),
            ClockName::Inspection
            | ClockName::Supplement
            | ClockName::Summons
            | ClockName::ObligatoryObjection
            | ClockName::AppealForward => true,
        })
        .map(|clock| clock.deadline.planning_day())
        .chain(held)
        .min()
}

/// Past, present and future of a case.
///
/// # Errors
/// The store is unwell.
pub(super) fn timeline(
    visit: &Visit<'_>,
    id: CaseId,
    definition: &Definition,
) -> Result<Vec<Event>, Fault> {
    let c = visit.chrome("")?;
    let mut events = Vec::new();
    let mut before: Option<TreeCase> = None;
    for at in visit.view().history::<TreeCase>(&id)? {
        let (header, why) = visit.view().entry(at.seq)?;
        let now = visit.view().version::<TreeCase>(at)?;
        let why = why.unwrap_or_default();
        let actor = Actor::from_value(why.get(&WHY_ACTOR).cloned()).ok();
        let reason = Option::<String>::from_value(why.get(&WHY_REASON).cloned())?;
        let staff = matches!(visit.actor, Actor::Staff(_));
        let trees = now.as_ref().map(|now| changed(before.as_ref(), now)).unwrap_or_default();
        let note = match reason.filter(|_| staff) {
            Some(reason) => reason,
            None if trees.is_empty() => String::new(),
            None => c.plain1("trees-event-trees", "trees", trees),
        };
        events.push(Event {
            stage: Stage::Done,
            what: c.plain(event_key(&c, &header).as_str()),
            who: told(who(visit, &c, actor.as_ref())?, how(&c, &why)),
            when: moment(&c, &header),
            note,
            basis: String::new(),
        });
        before = now.or(before);
    }
    if let Some(case) = before {
        let rules = common::rules(definition, &case.state.0)?;
        events.push(present(visit, &c, &case, &rules));
        events.extend(future(visit, &c, &case, &rules));
    }
    Ok(events)
}

fn event_key(c: &Chrome, header: &Header) -> String {
    let verb = header.action.strip_prefix("trees.").unwrap_or_default();
    let key = format!("trees-event-{verb}");
    if c.texts.has(&key) { key } else { "trees-event-other".to_owned() }
}

fn moment(c: &Chrome, header: &Header) -> String {
    i64::try_from(header.at_ms).map_or_else(|_| String::new(), |ms| c.moment(clock::from_ms(ms)))
}

/// Who did it: the reader, the resident by name (for staff), a clerk by name (for staff), the office.
fn who(visit: &Visit<'_>, c: &Chrome, actor: Option<&Actor>) -> Result<String, Fault> {
    let staff = matches!(visit.actor, Actor::Staff(_));
    match actor {
        Some(actor) if *actor == visit.actor => Ok(c.plain("trees-who-you")),
        Some(Actor::Resident(person)) if staff => visit.name_of(*person),
        Some(Actor::Resident(_)) => Ok(c.plain("trees-who-resident")),
        Some(Actor::Staff(person)) if staff => visit.name_of(*person),
        _ => Ok(c.plain("trees-who-office")),
    }
}

fn told(who: String, how: String) -> String {
    if how.is_empty() { who } else { format!("{who} · {how}") }
}

/// How it was confirmed, where that was asked for.
fn how(c: &Chrome, why: &Map) -> String {
    match Evidence::from_why(why) {
        None => String::new(),
        Some(Evidence::Session) => c.plain("trees-how-session"),
        Some(Evidence::Passkey(_)) => c.plain("trees-how-passkey"),
        Some(Evidence::Desk) => c.plain("trees-how-desk"),
    }
}

/// The trees an act touched, if it did not touch all of them.
fn changed(before: Option<&TreeCase>, now: &TreeCase) -> String {
    let Some(before) = before else { return String::new() };
    let now = &now.state.0.trees;
    let touched: Vec<String> = now
        .iter()
        .filter(|tree| before.state.0.tree(tree.id) != Some(tree))
        .map(|tree| tree.id.to_string())
        .collect();
    if now.len() < 2 { String::new() } else { touched.join(", ") }
}

fn present(visit: &Visit<'_>, c: &Chrome, case: &TreeCase, rules: &TreeRules) -> Event {
    Event {
        stage: Stage::Now,
        what: say(c, &standing(&case.state.0, visit.today, rules).message()),
        who: String::new(),
        when: c.plain1("trees-event-today", "day", c.day(visit.today)),
        note: String::new(),
        basis: String::new(),
    }
}

fn future(visit: &Visit<'_>, c: &Chrome, case: &TreeCase, rules: &TreeRules) -> Vec<Event> {
    timeline_future(&case.state.0, visit.today, rules)
        .into_iter()
        .map(|step| Event {
            stage: Stage::Ahead,
            what: say(c, &step.message()),
            who: String::new(),
            // Its sentence begins with the day.
            when: String::new(),
            note: String::new(),
            basis: step.basis,
        })
        .collect()
}
