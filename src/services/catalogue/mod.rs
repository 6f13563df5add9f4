//! The catalogue of procedures: what a matter is, as dated data with its legal basis.
//!
//! A procedure is not compiled in.
//! Its definition (texts, form, terms, fees, open questions) is read from a file, checked, compared with the
//! one in force and entered as a record; rooms such as `trees` add only the rules that no table can hold.
//! Everything in here is pure: no store, no HTTP, no clock.

mod definition;
mod form;
mod holidays;
mod message;
mod terms;
#[cfg(test)]
pub(crate) mod texts_check;

pub use definition::{
    Binds, Choice, ChoicesFrom, Cite, Condition, Definition, DefinitionError, Difference, Document,
    Fee, Field, Format, Group, Item, Kind, LANGUAGES, Level, Mark, OneOf, Prompt, Question,
    Ruleset, Species, Start, Step, TermRule, Test, Text, Threshold, Tone, Wording, differences,
};
pub use form::{
    Answers, ChoiceView, Context, Fault, FieldError, FieldView, GroupView, ItemView, PartView,
    PromptView, Row, Section, Shown, StepView, Upload, Weight, check_all, check_rows, check_step,
    limits, millimetres, missing_statutory, normalise, over_threshold, prompts, step_view, steps,
};
pub use holidays::{Calendar, DayOff, RestDay, When, easter};
pub use message::{Arg, Lookup, Message, Value, date_words, resolve, weekday_word};
pub use terms::{Deadline, Term, end, end_after_pause};
