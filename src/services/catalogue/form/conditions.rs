//! When a question, a step or a prompt applies.

use super::super::definition::{
    ChoicesFrom, Condition, Definition, Item, Prompt, Ruleset, Step, Test,
};
use super::values::millimetres;
use super::{Answers, Context};

/// Whether all conditions hold; `item` is the number of the item in whose group the conditions stand.
pub(super) fn hold(
    context: Context<'_>,
    answers: &Answers,
    conditions: &[Condition],
    item: Option<usize>,
) -> bool {
    conditions.iter().all(|condition| holds(context, answers, condition, item))
}

fn holds(
    context: Context<'_>,
    answers: &Answers,
    condition: &Condition,
    item: Option<usize>,
) -> bool {
    let path = match item {
        Some(index) => condition.field.replace("[]", &format!("[{index}]")),
        None => condition.field.clone(),
    };
    match condition.test {
        None => answers
            .filled(&path)
            .any(|value| condition.is.iter().any(|wanted| wanted == value.trim())),
        Some(Test::Filled) => answers.is_filled(&path),
        Some(Test::Empty) => !answers.is_filled(&path),
        Some(Test::UnderThreshold) => under_threshold(context, answers, &path, item),
    }
}

/// Every stem is at most the limit of the kind of tree named in the same item.
fn under_threshold(
    context: Context<'_>,
    answers: &Answers,
    path: &str,
    item: Option<usize>,
) -> bool {
    let stems: Option<Vec<u32>> = answers.filled(path).map(millimetres).collect();
    let (Some(stems), Some(ruleset)) = (stems, context.ruleset()) else { return false };
    let species = item
        .and_then(|index| species_in(context.definition, answers, path, index))
        .unwrap_or_default();
    over_threshold(context.definition, ruleset, &species, &stems) == Some(false)
}

/// The answer about the kind of tree in the same item as `path`.
fn species_in(
    definition: &Definition,
    answers: &Answers,
    path: &str,
    index: usize,
) -> Option<String> {
    let (group, _) = path.split_once('[')?;
    let group =
        definition.steps.iter().flat_map(|step| &step.groups).find(|known| known.id == group)?;
    let field =
        group.fields.iter().find(|field| field.choices_from == Some(ChoicesFrom::Species))?;
    Some(answers.first(&super::check::with_index(&group.id, index, &field.id)).to_owned())
}

/// Whether one stem at least is over the limit of its kind of tree; nothing if there are no stems or no limit.
///
/// A kind that nobody named, or that the dictionary does not know, gets the strictest group of the ruleset.
#[must_use]
pub fn over_threshold(
    definition: &Definition,
    ruleset: &Ruleset,
    species: &str,
    stems_mm: &[u32],
) -> Option<bool> {
    let limit = ruleset.over_mm(definition.species(species).map(|known| known.group.as_str()))?;
    let largest = stems_mm.iter().max()?;
    Some(*largest > limit)
}

/// The prompts that speak to the answers of a step, with the item they belong to.
#[must_use]
pub fn prompts<'a>(
    context: Context<'a>,
    step: &Step,
    answers: &Answers,
) -> Vec<(&'a Prompt, Option<usize>)> {
    let mut speaking = Vec::new();
    for prompt in &context.definition.prompts {
        // A prompt stands at the step of its first condition.
        let Some(first) = prompt.when.first() else { continue };
        if !step.named_fields().any(|(name, _)| name == first.field) {
            continue;
        }
        match prompt.when.iter().find_map(Condition::group) {
            Some(group) => {
                let items = 0..answers.item_count(group);
                let holding =
                    items.filter(|index| hold(context, answers, &prompt.when, Some(*index)));
                speaking.extend(holding.map(|index| (prompt, Some(index))));
            }
            None if hold(context, answers, &prompt.when, None) => speaking.push((prompt, None)),
            None => {}
        }
    }
    speaking
}

/// Whether a question or group of a step applies at all.
pub(super) fn item_applies(
    context: Context<'_>,
    answers: &Answers,
    item: Item<'_>,
    index: Option<usize>,
) -> bool {
    match item {
        Item::Field(field) => hold(context, answers, &field.when, index),
        Item::Group(group) => hold(context, answers, &group.when, None),
    }
}
