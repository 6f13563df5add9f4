//! A procedure as data: what the start page says, which rules hold from which day, what the form asks.
//!
//! The file format is TOML; unknown words in it are errors, because a misspelt `valid_to` that is silently
//! ignored would be a wrong law.
//! [`Definition::parse`] is the only door: a value that exists has passed every check of `check.rs`.
//! What nobody could verify carries its mark and its reason up to the pages of the staff.

mod check;
mod differences;
mod doubts;
mod fields;
mod ruleset;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use differences::{Difference, differences};
pub use doubts::{About, Doubt};
pub use fields::{
    Choice, ChoicesFrom, Condition, Field, Format, Group, Item, Kind, Level, OneOf, Prompt, Step,
    Test, Tone,
};
pub use ruleset::{Binds, Fee, Ruleset, TermRule, Threshold};

/// The languages of the interface; Polish is the one that must always be there.
pub const LANGUAGES: [&str; 3] = ["pl", "en", "uk"];

/// A text in the languages of the interface.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    pub pl: String,
    pub en: Option<String>,
    pub uk: Option<String>,
}

/// A text in the language it is really in: a page marks it with `lang` where that is not the page's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wording {
    pub text: String,
    pub lang: &'static str,
}

/// How well a statement is founded. The letters are those of the fact sheets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Mark {
    /// Read in the text of the statute or regulation.
    S,
    /// A public secondary page.
    P,
    /// An inference that a lawyer must confirm.
    I,
    /// General knowledge, not checked.
    K,
}

/// A line of the legal basis.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cite {
    pub text: String,
    pub about: Option<Text>,
    pub mark: Mark,
    pub unverified: Option<String>,
}

/// What the start page of the matter says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Start {
    pub who: Text,
    pub not_who: Vec<Text>,
    pub how_long: Text,
    pub cost: Text,
    pub have_ready: Vec<Text>,
    pub after: Vec<Text>,
}

/// One kind of tree in the dictionary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Species {
    pub id: String,
    pub name: Text,
    /// The threshold group of the rulesets.
    pub group: String,
    /// The girth at 130 cm from which the tree meets the criteria of a natural monument.
    pub monument_cm: Option<u16>,
}

/// A paper the office may issue in this matter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    pub id: String,
    pub name: Text,
    pub basis: String,
    pub mark: Mark,
    pub unverified: Option<String>,
}

/// A question of law that is open; staff see it, residents do not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    pub id: String,
    /// Polish: the readers are the office's lawyer and its clerks.
    pub text: String,
}

/// A procedure, checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    pub id: String,
    /// Grows with every change of the file.
    pub version: u32,
    /// The day on which the sources were read.
    pub state_of_law: Date,
    pub name: Text,
    pub summary: Text,
    pub authority: Text,
    pub start: Start,
    pub legal_basis: Vec<Cite>,
    #[serde(rename = "ruleset")]
    pub rulesets: Vec<Ruleset>,
    #[serde(rename = "fee", default)]
    pub fees: Vec<Fee>,
    #[serde(default)]
    pub species: Vec<Species>,
    #[serde(rename = "step")]
    pub steps: Vec<Step>,
    #[serde(default)]
    pub one_of: Vec<OneOf>,
    #[serde(rename = "prompt", default)]
    pub prompts: Vec<Prompt>,
    #[serde(rename = "document", default)]
    pub documents: Vec<Document>,
    #[serde(rename = "question", default)]
    pub questions: Vec<Question>,
}

/// Why a definition is refused: where and what.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {place}: {reason}")]
pub struct DefinitionError {
    /// Counted from 1; 0 where the fault has no line of its own.
    pub line: usize,
    /// The path of the faulty value, for instance `step[drzewa].group[trees].field[species]`.
    pub place: String,
    pub reason: String,
}

impl Definition {
    /// Reads and checks a definition.
    ///
    /// # Errors
    /// Every fault that could be found, not only the first: whoever writes such a file wants the whole list.
    pub fn parse(source: &str) -> Result<Definition, Vec<DefinitionError>> {
        let definition: Definition =
            toml::from_str(source).map_err(|error| vec![syntax(source, &error)])?;
        let faults = check::faults(&definition, source);
        if faults.is_empty() { Ok(definition) } else { Err(faults) }
    }

    /// The rules for a notice delivered on this day.
    #[must_use]
    pub fn ruleset_on(&self, delivered: Date) -> Option<&Ruleset> {
        self.rulesets.iter().find(|ruleset| ruleset.holds_on(delivered))
    }

    #[must_use]
    pub fn ruleset(&self, id: &str) -> Option<&Ruleset> {
        self.rulesets.iter().find(|ruleset| ruleset.id == id)
    }

    /// The fee in force on a day.
    #[must_use]
    pub fn fee_on(&self, id: &str, day: Date) -> Option<&Fee> {
        self.fees
            .iter()
            .filter(|fee| fee.id == id && fee.valid_from <= day)
            .max_by_key(|fee| fee.valid_from)
    }

    #[must_use]
    pub fn step(&self, id: &str) -> Option<&Step> {
        self.steps.iter().find(|step| step.id == id)
    }

    #[must_use]
    pub fn species(&self, id: &str) -> Option<&Species> {
        self.species.iter().find(|species| species.id == id)
    }

    /// Every question of the form with its full name (`trees[].species` inside a repeated group).
    pub fn fields(&self) -> impl Iterator<Item = (String, &Field)> {
        self.steps.iter().flat_map(Step::named_fields)
    }

    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields().find(|(full, _)| full == name).map(|(_, field)| field)
    }
}

impl Text {
    /// The text in a language, or in Polish where it was not translated.
    #[must_use]
    pub fn wording(&self, lang: &str) -> Wording {
        let (text, lang) = match (lang, &self.en, &self.uk) {
            ("en", Some(text), _) => (text, "en"),
            ("uk", _, Some(text)) => (text, "uk"),
            _ => (&self.pl, "pl"),
        };
        Wording { text: text.clone(), lang }
    }
}

/// The parser's complaint with its line; its text names the field.
fn syntax(source: &str, error: &toml::de::Error) -> DefinitionError {
    let start = error.span().map_or(0, |span| span.start);
    let line = source.get(..start).map_or(0, |before| before.matches('\n').count() + 1);
    let near = source.lines().nth(line.saturating_sub(1)).unwrap_or_default().trim();
    DefinitionError {
        line,
        place: near.chars().take(80).collect(),
        reason: error.message().to_owned(),
    }
}

#[cfg(test)]
mod tests;
