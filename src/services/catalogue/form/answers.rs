//! The answers to a form, as typed: an ordered map from a path to its values.
//!
//! A path is the name of the question, with a number in a repeated group (`trees[0].species`) and with a part in
//! a composite answer (`owner.address.house`).
//! This is also the shape of a posted form, so that nothing is lost between a draft and a page.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::super::definition::{Definition, Group, Kind, Step};
use super::check::{part_paths, with_index};

/// What a posted form may not exceed whatever its definition says.
pub mod limits {
    /// Items of one group; the definition's own `max` is smaller.
    pub const ITEMS_MAX: usize = 100;
    /// Values under one path; a tree with more stems than this is a hedge.
    pub const VALUES_MAX: usize = 200;
}

/// Answers as they were typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Answers {
    values: BTreeMap<String, Vec<String>>,
}

impl From<BTreeMap<String, Vec<String>>> for Answers {
    fn from(values: BTreeMap<String, Vec<String>>) -> Answers {
        Answers { values }
    }
}

impl From<Answers> for BTreeMap<String, Vec<String>> {
    fn from(answers: Answers) -> BTreeMap<String, Vec<String>> {
        answers.values
    }
}

impl Answers {
    #[must_use]
    pub fn values(&self, path: &str) -> &[String] {
        self.values.get(path).map_or(&[], Vec::as_slice)
    }

    /// The first value, or nothing as an empty text.
    #[must_use]
    pub fn first(&self, path: &str) -> &str {
        self.values(path).first().map_or("", String::as_str)
    }

    /// Values that are more than white space.
    pub fn filled<'a>(&'a self, path: &str) -> impl Iterator<Item = &'a str> {
        self.values(path).iter().map(String::as_str).filter(|value| !value.trim().is_empty())
    }

    #[must_use]
    pub fn is_filled(&self, path: &str) -> bool {
        self.filled(path).next().is_some()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.values.iter().map(|(path, values)| (path.as_str(), values.as_slice()))
    }

    pub fn set(&mut self, path: &str, values: Vec<String>) {
        self.values.insert(path.to_owned(), values);
    }

    pub fn remove(&mut self, path: &str) {
        self.values.remove(path);
    }

    /// How many items a group has: one more than the highest number in use.
    #[must_use]
    pub fn item_count(&self, group: &str) -> usize {
        let numbers = self.values.keys().filter_map(|path| index_in(group, path));
        numbers.map(|(index, _)| index + 1).max().unwrap_or_default().min(limits::ITEMS_MAX)
    }

    /// Replaces the answers of one step by what was posted; gives back the paths that are not of this step.
    ///
    /// A path that was not posted is an answer taken back (an unticked box), except for files, which arrive by a
    /// way of their own.
    pub fn merge(&mut self, step: &Step, posted: &BTreeMap<String, Vec<String>>) -> Vec<String> {
        let items: BTreeMap<&str, usize> = step
            .groups
            .iter()
            .map(|group| {
                let counted = posted
                    .keys()
                    .filter_map(|path| index_in(&group.id, path))
                    .map(|(index, _)| index + 1);
                // An item that the posting page did not know yet is left as it is.
                (group.id.as_str(), counted.max().unwrap_or_default().min(usize::from(group.max)))
            })
            .collect();
        let mut known: BTreeMap<String, bool> = BTreeMap::new();
        for field in &step.fields {
            known.extend(
                part_paths(field, &field.id)
                    .into_iter()
                    .map(|path| (path, field.kind == Kind::File)),
            );
        }
        for group in &step.groups {
            for index in 0..items.get(group.id.as_str()).copied().unwrap_or_default() {
                for field in &group.fields {
                    let path = with_index(&group.id, index, &field.id);
                    known.extend(
                        part_paths(field, &path)
                            .into_iter()
                            .map(|path| (path, field.kind == Kind::File)),
                    );
                }
            }
        }
        for (path, is_file) in &known {
            match posted.get(path) {
                Some(values) => {
                    let kept = values.iter().take(limits::VALUES_MAX).cloned().collect();
                    self.values.insert(path.clone(), kept);
                }
                None if *is_file => {}
                None => {
                    self.values.remove(path);
                }
            }
        }
        posted.keys().filter(|path| !known.contains_key(*path)).cloned().collect()
    }

    /// Adds an empty item to a group, unless it is full.
    pub fn add_item(&mut self, group: &Group, shown: usize) -> bool {
        let next = self.item_count(&group.id).max(shown);
        let Some(field) = group.fields.first() else { return false };
        if next >= usize::from(group.max) {
            return false;
        }
        for path in part_paths(field, &with_index(&group.id, next, &field.id)) {
            self.values.insert(path, vec![String::new()]);
        }
        true
    }

    /// Takes an item out; the following ones move up.
    pub fn remove_item(&mut self, group: &Group, index: usize) {
        let moved = std::mem::take(&mut self.values);
        for (path, values) in moved {
            match index_in(&group.id, &path) {
                Some((at, _)) if at == index => {}
                Some((at, rest)) if at > index => {
                    self.values.insert(format!("{}[{}]{rest}", group.id, at - 1), values);
                }
                _ => {
                    self.values.insert(path, values);
                }
            }
        }
    }

    /// Fills empty answers from what the login knows (`login.first`); composite answers by part.
    pub fn prefill(&mut self, definition: &Definition, known: &BTreeMap<String, String>) {
        for field in definition.steps.iter().flat_map(|step| &step.fields) {
            let Some(source) = &field.prefill else { continue };
            for path in part_paths(field, &field.id) {
                let part = path.strip_prefix(field.id.as_str()).unwrap_or_default();
                if let Some(value) = known.get(&format!("{source}{part}"))
                    && !self.is_filled(&path)
                {
                    self.values.insert(path, vec![value.clone()]);
                }
            }
        }
    }
}

/// The number in a path of this group, and what follows it.
fn index_in<'a>(group: &str, path: &'a str) -> Option<(usize, &'a str)> {
    let (number, rest) = path.strip_prefix(group)?.strip_prefix('[')?.split_once(']')?;
    let index: usize = number.parse().ok()?;
    // "07" and "7" would be two names for one item.
    (number == index.to_string() && index < limits::ITEMS_MAX).then_some((index, rest))
}
