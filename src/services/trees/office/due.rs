//! A deadline as a clerk sees it: days left, how pressing it is, and why the day is what it is.

use jiff::civil::Date;

use crate::{
    services::catalogue::{Message, TermRule},
    services::trees::{
        Clock, ClockName, ClockState, TreeRules, alarms, clocks::terms, common::say,
        state::CaseState,
    },
    web::chrome::{Chrome, Kind},
};

/// One running or finished clock.
pub struct ClockRow {
    pub name: String,
    /// Number of the tree; empty for the whole case.
    pub tree: String,
    pub state: String,
    pub kind: Kind,
    pub day: String,
    pub left: String,
    /// The computation as sentences, on demand.
    pub basis: Vec<String>,
    /// What nobody could confirm about the terms it is made of.
    pub doubts: Vec<TermDoubt>,
}

/// A term that is not certain.
pub struct TermDoubt {
    pub name: String,
    pub basis: String,
    pub mark: &'static str,
    pub text: String,
}

fn doubts(c: &Chrome, clock: ClockName, rules: &TreeRules) -> Vec<TermDoubt> {
    let doubt = |rule: &TermRule| {
        Some(TermDoubt {
            text: rule.unverified.clone()?,
            name: rule.name.wording(c.lang.code()).text,
            basis: rule.basis.clone(),
            mark: rule.mark.letter(),
        })
    };
    terms(clock, rules).into_iter().filter_map(doubt).collect()
}

/// Days from today until a day; negative when it is over.
pub fn days(today: Date, day: Date) -> i64 {
    day.since(today).map_or(0, |span| i64::from(span.get_days()))
}

/// "zostały 3 dni", "2 dni po terminie".
pub fn left(c: &Chrome, today: Date, day: Date) -> String {
    match days(today, day) {
        over if over < 0 => c.plain1("ui-days-over", "n", -over),
        left => c.plain1("ui-days-left", "n", left),
    }
}

/// The clocks of a case as rows.
pub fn rows(c: &Chrome, state: &CaseState, today: Date, rules: &TreeRules) -> Vec<ClockRow> {
    let alarms = alarms(state, today, rules);
    let rings = |clock: &Clock| {
        alarms
            .iter()
            .any(|alarm| alarm.clock == clock.name && alarm.tree == clock.tree && alarm.on <= today)
    };
    let row = |clock: Clock| {
        let kind = match clock.state {
            ClockState::Lapsed => Kind::Danger,
            ClockState::Running if rings(&clock) => Kind::Warning,
            ClockState::Met(_) => Kind::Success,
            ClockState::Running | ClockState::Interrupted | ClockState::Frozen => Kind::Info,
        };
        let day = clock.deadline.planning_day();
        let counts = matches!(clock.state, ClockState::Running | ClockState::Lapsed);
        ClockRow {
            name: say(c, &clock.name.message()),
            tree: clock.tree.map_or_else(String::new, |id| id.to_string()),
            state: say(c, &clock.state.message()),
            kind,
            day: c.day(day),
            left: if counts { left(c, today, day) } else { String::new() },
            basis: sentences(c, &clock.deadline.sentences()),
            doubts: doubts(c, clock.name, rules),
        }
    };
    crate::services::trees::clocks(state, today, rules).into_iter().map(row).collect()
}

pub fn sentences(c: &Chrome, said: &[Message]) -> Vec<String> {
    said.iter().map(|message| say(c, message)).collect()
}
