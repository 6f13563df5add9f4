//! The form engine: answers against a definition, without knowing what the matter is about.
//!
//! Pure: the web layer hands in what was posted and renders what comes out.
//! Two rules shape it.
//! What was typed is kept as typed, also when it is wrong; only [`normalise`] makes the clean copy that is filed.
//! And a gap is not a wrong answer: a notice with a hole is still a notice in law, so [`Weight::Missing`] is
//! shown and can be passed, while [`Weight::Wrong`] is put right first.

mod answers;
mod check;
mod conditions;
mod fault;
mod formats;
mod rows;
mod texts;
mod values;
mod view;

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::definition::{Definition, Kind, Ruleset, Step};

pub use answers::{Answers, limits};
pub use check::{check_all, check_step, missing_statutory};
pub use conditions::{over_threshold, prompts};
pub use fault::{Fault, FieldError, Weight};
pub use rows::{Row, Section, Shown, check_rows};
pub use values::{Upload, in_poland, millimetres, point};
pub use view::{
    ChoiceView, FieldView, GroupView, ItemView, PartView, PromptView, StepView, step_view,
};

/// What the answers are judged by beside the definition.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    pub definition: &'a Definition,
    /// The civil date in Europe/Warsaw.
    pub today: Date,
    /// The commune's lists by name, for instance its cadastral districts; an absent or empty list checks nothing.
    pub dictionaries: &'a BTreeMap<String, Vec<String>>,
}

impl<'a> Context<'a> {
    fn ruleset(&self) -> Option<&'a Ruleset> {
        self.definition.ruleset_on(self.today)
    }
}

/// The steps that apply to these answers, in order.
pub fn steps<'a>(context: Context<'a>, answers: &Answers) -> Vec<&'a Step> {
    let applies = |step: &&Step| conditions::hold(context, answers, &step.when, None);
    context.definition.steps.iter().filter(applies).collect()
}

/// The clean copy of the answers: tidied texts, no empty values, no empty items, nothing the form did not ask.
///
/// Wrong values stay as they are; whoever files has passed [`check_all`] before.
#[must_use]
pub fn normalise(context: Context<'_>, answers: &Answers) -> Answers {
    let mut clean = Answers::default();
    for step in steps(context, answers) {
        let mut renumbered: BTreeMap<(String, usize), usize> = BTreeMap::new();
        for place in check::places(context, step, answers) {
            let item = place.item.map(|(group, index)| {
                let key = (group.id.clone(), index);
                let next = renumbered.keys().filter(|(other, _)| *other == group.id).count();
                (group.id.as_str(), *renumbered.entry(key).or_insert(next))
            });
            let targets = place.value_paths_at(item);
            if let Some(date) =
                check::date_of(&place.path, answers).filter(|_| place.field.kind == Kind::Date)
            {
                if let Some(target) = targets.first() {
                    clean.set(target, vec![date.to_string()]);
                }
                continue;
            }
            for (path, target) in place.value_paths().into_iter().zip(targets) {
                let values: Vec<String> = answers
                    .filled(&path)
                    .map(|value| texts::tidy_for(place.field, &path, value))
                    .filter(|value| !value.is_empty())
                    .collect();
                if !values.is_empty() {
                    clean.set(&target, values);
                }
            }
        }
    }
    clean
}

#[cfg(test)]
mod tests;
