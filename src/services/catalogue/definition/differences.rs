//! What an import would change, value by value, for a person to read before the change is entered.
//!
//! Lists of things with an id are compared by id, so that a new question in the middle is one difference.

use serde_json::Value;

use super::Definition;

/// One value that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// For instance `ruleset[uop-2024].terms.inspection.term.days`.
    pub path: String,
    pub before: Option<String>,
    pub after: Option<String>,
}

/// All differences, in the order of the new definition; what is gone comes last in each place.
///
/// Without an old definition every value is new.
#[must_use]
pub fn differences(old: Option<&Definition>, new: &Definition) -> Vec<Difference> {
    let before = old.map_or(Value::Null, tree);
    let mut found = Vec::new();
    compare("", &before, &tree(new), &mut found);
    found
}

/// A definition is plain data and always serialises; an empty tree would show as "everything is new".
fn tree(definition: &Definition) -> Value {
    serde_json::to_value(definition).unwrap_or_default()
}

fn compare(path: &str, before: &Value, after: &Value, found: &mut Vec<Difference>) {
    if before == after {
        return;
    }
    let (old, new) = (children(before), children(after));
    if old.is_empty() && new.is_empty() {
        let difference =
            Difference { path: path.to_owned(), before: words(before), after: words(after) };
        if difference.before != difference.after {
            found.push(difference);
        }
        return;
    }
    for (step, value) in &new {
        let earlier =
            old.iter().find(|(other, _)| other == step).map_or(&Value::Null, |(_, value)| value);
        compare(&join(path, step), earlier, value, found);
    }
    for (step, value) in old.iter().filter(|(step, _)| !new.iter().any(|(other, _)| other == step))
    {
        compare(&join(path, step), value, &Value::Null, found);
    }
    // A plain value became a table or the other way round: the plain side would be lost otherwise.
    for (plain, is_before) in [(before, true), (after, false)] {
        if children(plain).is_empty()
            && let Some(text) = words(plain)
        {
            let (before, after) = if is_before { (Some(text), None) } else { (None, Some(text)) };
            found.push(Difference { path: path.to_owned(), before, after });
        }
    }
}

/// The parts of a value with the step that leads to each.
fn children(value: &Value) -> Vec<(String, &Value)> {
    match value {
        Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), value)).collect(),
        Value::Array(list) => list
            .iter()
            .enumerate()
            .map(|(place, value)| {
                let id =
                    ["id", "value"].iter().find_map(|key| value.get(key)).and_then(Value::as_str);
                // Fees share an id and differ by their first day.
                let since = value
                    .get("valid_from")
                    .and_then(Value::as_str)
                    .filter(|_| value.get("terms").is_none());
                let name = match (id, since) {
                    (Some(id), Some(since)) => format!("[{id} {since}]"),
                    (Some(id), None) => format!("[{id}]"),
                    (None, _) => format!("[{}]", place + 1),
                };
                (name, value)
            })
            .collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

fn join(path: &str, step: &str) -> String {
    if path.is_empty() || step.starts_with('[') {
        format!("{path}{step}")
    } else {
        format!("{path}.{step}")
    }
}

fn words(value: &Value) -> Option<String> {
    match value {
        Value::Null | Value::Array(_) | Value::Object(_) => None,
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
    }
}
