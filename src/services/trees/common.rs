//! Where the stored case meets the pure rules: definitions, days, sentences. Used by both sides of the counter;
//! nothing here decides or writes.

use std::sync::Arc;

use jiff::civil::Date;

use super::{
    CaseState, Command, Decision, PROCEDURE, Refused, TreeRules, model::TreeCase, timeline,
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
pub fn definition(view: &View<'_>, version: u32) -> Result<Arc<Definition>, Fault> {
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
    pub definition: Arc<Definition>,
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
        case.due = timeline::due(&case.state.0, today, &self.rules);
        Ok((case, decision))
    }
}

/// What a call of the office named, in words: the question's label or sentence, or the clerk's own words.
pub fn missing_words(definition: &Definition, lang: &str, key: &str) -> String {
    let one_of = definition.one_of.iter().find(|one| one.id == key).map(|one| &one.missing);
    let text = one_of.or_else(|| definition.field(key).map(|field| &field.label));
    text.map_or_else(|| key.to_owned(), |text| text.wording(lang).text)
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
