//! The catalogue of procedures: what a matter is, as dated data with its legal basis.
//!
//! A procedure is not compiled in.
//! Its definition (texts, form, terms, fees, open questions) is read from a file, checked, compared with the
//! one in force and entered as a record; rooms such as `trees` add only the rules that no table can hold.
//! Users: residents read what can be done and start; the office imports definitions and sees what is unconfirmed.
//! The definition, the form engine and the legal clock are pure: no store, no HTTP, no clock.

mod definition;
mod form;
mod holidays;
pub mod import;
mod message;
mod model;
mod pages;
mod terms;
#[cfg(test)]
pub(crate) mod texts_check;

pub use definition::{
    About, Binds, Choice, ChoicesFrom, Cite, Condition, Definition, DefinitionError, Difference,
    Document, Doubt, Fee, Field, Format, Group, Item, Kind, LANGUAGES, Level, Mark, OneOf, Prompt,
    Question, Ruleset, Species, Start, Step, TermRule, Test, Text, Threshold, Tone, Wording,
    differences,
};
pub use form::{
    Answers, ChoiceView, Context, Fault, FieldError, FieldView, GroupView, ItemView, PartView,
    PromptView, Row, Section, Shown, StepView, Upload, Weight, check_all, check_rows, check_step,
    in_poland, limits, millimetres, missing_statutory, normalise, over_threshold, point, prompts,
    step_view, steps,
};
pub use holidays::{Calendar, DayOff, RestDay, When, easter};
pub use message::{Arg, Lookup, Message, Value, date_words, resolve, weekday_word};
pub use pages::VERSION;
pub use terms::{Deadline, Term, end, end_after_pause};

use crate::{
    kernel::{
        identity::{Action, Who},
        store::record::KindInfo,
    },
    web::{
        Route, Service,
        i18n::Texts,
        service::{Audience, MenuEntry},
    },
};

pub static IMPORT: Action =
    Action { name: "catalogue.import", who: Who::Console, sentence: "audit-catalogue-import" };

pub static SERVICE: Service = Service {
    name: "catalogue",
    title: "catalogue-title",
    audience: Audience::Everyone,
    routes: &[&[
        Route::look("/sprawy", Who::Anyone, pages::list),
        Route::look("/sprawy/{id}", Who::Anyone, pages::start),
        Route::look("/urzad/sprawy/{id}/do-potwierdzenia", pages::STAFF, pages::open_questions),
    ]],
    actions: &[&[&IMPORT]],
    kinds: &[KindInfo::of::<model::Procedure>()],
    needs: &[],
    texts: Texts {
        pl: concat!(include_str!("texts/pages.pl.ftl"), include_str!("texts/pl.ftl")),
        en: concat!(include_str!("texts/pages.en.ftl"), include_str!("texts/en.ftl")),
        uk: concat!(include_str!("texts/pages.uk.ftl"), include_str!("texts/uk.ftl")),
    },
    menu: &[MenuEntry { label: "catalogue-title", href: "/sprawy", who: Who::Anyone }],
    home: Some(pages::home),
};
