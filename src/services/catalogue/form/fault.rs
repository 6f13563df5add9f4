//! A finding about an answer, and the key of its sentence.

use jiff::civil::Date;

use super::super::definition::{Kind, Level, Text};
use super::super::message::Message;

/// How heavy a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Must be put right before the step is left.
    Wrong,
    /// Can be filed with the gap; the level of the question says what the office will do about it.
    Missing,
    /// Shown, and let through.
    Warning,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// No answer.
    Missing(Kind),
    /// One part of a composite answer is empty.
    MissingPart(&'static str),
    /// None of several questions is answered; the definition has the sentence.
    NoneOf(Text),
    /// Too few items in a group.
    TooFew {
        min: u16,
    },
    TooMany {
        max: u16,
    },
    TooLong {
        max: u32,
        over: u32,
    },
    NotANumber,
    TooPrecise {
        decimals: u8,
    },
    OutOfRange {
        min: i64,
        max: i64,
        unit: String,
    },
    NotADate,
    TooEarly(Date),
    TooLate(Date),
    UnknownChoice,
    /// The value is not in the commune's list.
    NotInList,
    /// A named format says what is wrong.
    Format(Message),
    NotAPoint,
    OutsidePoland,
    UnreadableUpload,
    FileKind,
    FileTooBig {
        max_bytes: u64,
    },
}

/// One finding at one place of the form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// Where the link of the error summary leads.
    pub path: String,
    pub label: Text,
    pub level: Level,
    pub weight: Weight,
    pub fault: Fault,
}

impl FieldError {
    /// The sentence beside the box, for a page in this language.
    #[must_use]
    pub fn message(&self, lang: &str) -> Message {
        let label = self.label.wording(lang).text;
        let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        let message = match &self.fault {
            Fault::Missing(Kind::Choice | Kind::Choices | Kind::Yesno) => {
                Message::new("form-missing-choice")
            }
            Fault::Missing(Kind::File) => Message::new("form-missing-file"),
            Fault::Missing(Kind::Tick) => Message::new("form-missing-tick"),
            Fault::Missing(_) => Message::new("form-missing-text"),
            Fault::MissingPart("house") => Message::new("form-missing-house"),
            Fault::MissingPart("postcode") => Message::new("form-missing-postcode"),
            Fault::MissingPart("locality") => Message::new("form-missing-locality"),
            Fault::MissingPart("precinct") => Message::new("form-missing-precinct"),
            Fault::MissingPart(_) => Message::new("form-missing-parcel-number"),
            Fault::NoneOf(text) => {
                return Message::new("form-none-of").text("text", text.wording(lang).text);
            }
            Fault::TooFew { min } => Message::new("form-too-few").number("min", *min),
            Fault::TooMany { max } => Message::new("form-too-many").number("max", *max),
            Fault::TooLong { max, over } => {
                Message::new("form-too-long").number("max", *max).number("over", *over)
            }
            Fault::NotANumber => Message::new("form-not-a-number"),
            Fault::TooPrecise { decimals } => {
                Message::new("form-too-precise").number("decimals", *decimals)
            }
            Fault::OutOfRange { min, max, unit } => Message::new("form-out-of-range")
                .number("min", *min)
                .number("max", *max)
                .text("unit", unit.clone()),
            Fault::NotADate => Message::new("form-not-a-date"),
            Fault::TooEarly(day) => Message::new("form-too-early").date("day", *day),
            Fault::TooLate(day) => Message::new("form-too-late").date("day", *day),
            Fault::UnknownChoice => Message::new("form-unknown-choice"),
            Fault::NotInList => Message::new("form-not-in-list"),
            Fault::Format(message) => message.clone(),
            Fault::NotAPoint => Message::new("form-not-a-point"),
            Fault::OutsidePoland => Message::new("form-outside-poland"),
            Fault::UnreadableUpload => Message::new("form-unreadable-upload"),
            Fault::FileKind => Message::new("form-file-kind"),
            Fault::FileTooBig { max_bytes } => Message::new("form-file-too-big")
                .number("megabytes", count(max_bytes / (1024 * 1024))),
        };
        message.text("label", label)
    }
}
