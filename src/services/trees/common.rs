//! Where the stored case meets the pure rules: definitions, days, sentences. Used by both sides of the counter;
//! nothing here decides or writes.

use jiff::civil::Date;

use super::{
    CaseState, Command, Decision, PROCEDURE, Refused, TreeRules,
    clocks::{ClockState, clocks},
    model::TreeCase,
};
use crate::{
    kernel::store::{Fault, Refusal, View},
    services::catalogue::{Calendar, Definition, Message, Value, import, resolve},
    web::{chrome::Chrome, i18n::Arg},
};

/// The definition a case was filed on.
///
/// # Errors
/// The store is unwell, or the definition is gone, which it never may be.
pub fn definition(view: &View<'_>, version: u32) -> Result<Definition, Fault> {
    import::of_version(view, PROCEDURE, version)?
        .ok_or_else(|| Fault::new(format!("{PROCEDURE} version {version} is not stored")))
}

/// The rules a case keeps: those of the day on which its notice was delivered.
///
/// # Errors
/// The definition lacks them.
pub fn rules(definition: &Definition, state: &CaseState) -> Result<TreeRules, Fault> {
    let ruleset = definition
        .ruleset(&state.ruleset)
        .ok_or_else(|| Fault::new(format!("no ruleset {}", state.ruleset)))?;
    TreeRules::new(definition, ruleset, Calendar::statutory()).map_err(Fault::new)
}

/// A case with what is needed to judge it.
pub struct Judged {
    pub case: TreeCase,
    pub definition: Definition,
    pub rules: TreeRules,
}

impl Judged {
    /// # Errors
    /// As [`definition`] and [`rules`].
    pub fn new(view: &View<'_>, case: TreeCase) -> Result<Judged, Fault> {
        let definition = definition(view, case.definition_version)?;
        let rules = rules(&definition, &case.state.0)?;
        Ok(Judged { case, definition, rules })
    }

    /// What a command makes of the case, and the case as it is stored then.
    ///
    /// # Errors
    /// The first obstacle.
    pub fn after(&self, command: &Command, today: Date) -> Result<(TreeCase, Decision), Refused> {
        let decision = super::decide(&self.case.state.0, command, today, &self.rules)?;
        let mut case = self.case.clone();
        case.state.0 = decision.state.clone();
        case.due = next_due(&case.state.0, today, &self.rules);
        Ok((case, decision))
    }
}

/// The next day by which somebody must do something.
pub fn next_due(state: &CaseState, today: Date, rules: &TreeRules) -> Option<Date> {
    clocks(state, today, rules)
        .into_iter()
        .filter(|clock| clock.state == ClockState::Running)
        .map(|clock| clock.deadline.planning_day())
        .min()
}

/// Inside a decision, an obstacle is a code; pages say it in a sentence before ([`say`] of its message).
pub fn refusal(refused: &Refused) -> Refusal {
    Refusal::rule(refused.why.code())
}

/// A sentence of the rules or of the form, in the page's language.
pub fn say(c: &Chrome, message: &Message) -> String {
    resolve(message, c.lang.code(), &|key, values| {
        let args: Vec<(&str, &dyn Arg)> = values
            .iter()
            .map(|(name, value)| {
                let arg: &dyn Arg = match value {
                    Value::Text(text) => text,
                    Value::Number(number) => number,
                };
                (*name, arg)
            })
            .collect();
        c.texts.plain(c.lang, key, &args)
    })
}
