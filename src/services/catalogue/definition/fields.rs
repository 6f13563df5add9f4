//! The form part of a definition: steps, questions, repeated groups, conditions and prompts.
//!
//! Data only; what an answer must look like is decided in `form`.

use serde::{Deserialize, Serialize};

use super::{Mark, Text};

/// Why a question is asked at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Level {
    /// The special statute demands it.
    S,
    /// The code of administrative procedure demands it.
    K,
    /// It leads to the right path; "I do not know" is an answer.
    R,
    /// Optional.
    O,
}

/// What kind of answer a question takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Text,
    Longtext,
    Number,
    Date,
    Choice,
    /// Any number of the choices.
    Choices,
    Yesno,
    /// A box to tick.
    Tick,
    File,
    Address,
    /// Cadastral district and parcel number.
    Parcel,
    /// A place on the map, as latitude and longitude.
    Point,
}

/// A named pattern of a text answer; the code of each is in `form::formats`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    PersonName,
    Postcode,
    ParcelNumber,
    ParcelId,
    LandRegister,
    Ade,
    Phone,
    Email,
}

/// Lists that do not stand in the question itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChoicesFrom {
    Species,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    pub value: String,
    pub label: Text,
    pub hint: Option<Text>,
}

/// When something applies: the answer to a question is one of these, or passes a test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// The full name of the question, `trees[].species` inside a group.
    pub field: String,
    #[serde(default)]
    pub is: Vec<String>,
    pub test: Option<Test>,
}

/// What no list of values can say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Test {
    Filled,
    Empty,
    /// Every number is at most the limit of the kind of tree named in the same item.
    UnderThreshold,
}

/// One question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Relative to its group, if it stands in one.
    pub id: String,
    pub kind: Kind,
    pub label: Text,
    pub hint: Option<Text>,
    pub required: Level,
    /// Where the question comes from.
    pub source: Option<String>,
    pub mark: Option<Mark>,
    pub unverified: Option<String>,
    pub max_chars: Option<u32>,
    pub format: Option<Format>,
    pub min: Option<i64>,
    pub max: Option<i64>,
    #[serde(default)]
    pub decimals: u8,
    pub unit: Option<String>,
    /// More than one answer is possible, up to so many.
    pub many: Option<u16>,
    #[serde(default)]
    pub choices: Vec<Choice>,
    pub choices_from: Option<ChoicesFrom>,
    /// The commune's list that offers the first part of the answer (cadastral districts).
    pub dictionary: Option<String>,
    #[serde(default)]
    pub accept: Vec<String>,
    pub max_bytes: Option<u64>,
    /// A date at least and at most so many days after today.
    pub days_from: Option<i32>,
    pub days_to: Option<i32>,
    /// All must hold; none means always.
    #[serde(default)]
    pub when: Vec<Condition>,
    /// What the browser may fill in (HTML `autocomplete`).
    pub autocomplete: Option<String>,
    /// What the login may fill in.
    pub prefill: Option<String>,
}

/// A repeated group of questions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    pub id: String,
    pub title: Text,
    /// The heading of one item; `{n}` becomes its number.
    pub item: Text,
    pub add: Text,
    pub hint: Option<Text>,
    pub required: Level,
    pub source: Option<String>,
    pub min: u16,
    pub max: u16,
    #[serde(default)]
    pub when: Vec<Condition>,
    #[serde(rename = "field")]
    pub fields: Vec<Field>,
}

/// One page of the form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    pub id: String,
    pub title: Text,
    pub hint: Option<Text>,
    #[serde(default)]
    pub when: Vec<Condition>,
    #[serde(rename = "field", default)]
    pub fields: Vec<Field>,
    #[serde(rename = "group", default)]
    pub groups: Vec<Group>,
}

/// At least one of these questions must be answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OneOf {
    pub id: String,
    /// The step that shows the gap.
    pub step: String,
    /// Full names; a question inside a group counts when every item answers it.
    pub fields: Vec<String>,
    pub required: Level,
    pub missing: Text,
    pub source: String,
    pub mark: Mark,
    pub unverified: Option<String>,
}

/// How loudly a prompt speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tone {
    Info,
    Warning,
}

/// A remark that follows from the answers and never stops anybody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prompt {
    pub id: String,
    pub tone: Tone,
    /// All must hold. If one names a question of a group, the prompt belongs to each item of it.
    pub when: Vec<Condition>,
    pub text: Text,
    pub source: String,
    pub mark: Mark,
    pub unverified: Option<String>,
}

/// A question or a group, in the order of the page.
#[derive(Clone, Copy, Debug)]
pub enum Item<'a> {
    Field(&'a Field),
    Group(&'a Group),
}

impl Step {
    /// The questions of this step with their full names.
    pub fn named_fields(&self) -> impl Iterator<Item = (String, &Field)> {
        let single = self.fields.iter().map(|field| (field.id.clone(), field));
        let repeated = self.groups.iter().flat_map(|group| {
            group.fields.iter().map(|field| (format!("{}[].{}", group.id, field.id), field))
        });
        single.chain(repeated)
    }

    /// Questions first, then the groups.
    pub fn items(&self) -> impl Iterator<Item = Item<'_>> {
        self.fields.iter().map(Item::Field).chain(self.groups.iter().map(Item::Group))
    }
}

impl Condition {
    /// The group whose items this condition looks at, if any.
    #[must_use]
    pub fn group(&self) -> Option<&str> {
        self.field.split_once("[].").map(|(group, _)| group)
    }
}
