//! A step of the form as a page needs it: every text in one language, every value in place, every error beside
//! its box.
//!
//! No markup here; the templates only loop.

use super::super::definition::{
    ChoicesFrom, Field, Group, Item, Kind, Level, Mark, Prompt, Step, Tone, Wording,
};
use super::super::message::Message;
use super::check::{ADDRESS_PARTS, DATE_PARTS, PARCEL_PARTS, PART_CHARS_MAX, with_index};
use super::conditions::{hold, item_applies, prompts};
use super::{Answers, Context, FieldError, Weight, steps};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepView {
    pub id: String,
    pub title: Wording,
    pub hint: Option<Wording>,
    /// "Step 2 of 5", counted over the steps that apply.
    pub number: usize,
    pub of: usize,
    pub fields: Vec<FieldView>,
    pub groups: Vec<GroupView>,
    /// For the summary at the top: where the link leads, and the sentence.
    pub errors: Vec<(String, Message)>,
    pub prompts: Vec<PromptView>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldView {
    /// Usable as an HTML id; the error summary links to it.
    pub id: String,
    /// The name of the input.
    pub path: String,
    pub kind: Kind,
    pub label: Wording,
    pub hint: Option<Wording>,
    pub required: Level,
    /// What was typed, unchanged.
    pub values: Vec<String>,
    pub choices: Vec<ChoiceView>,
    /// The boxes of a composite answer; the question itself is their legend then.
    pub parts: Vec<PartView>,
    pub error: Option<Message>,
    pub warning: Option<Message>,
    pub max_chars: Option<u32>,
    pub unit: Option<String>,
    /// How many answers there may be.
    pub many: u16,
    pub accept: Vec<String>,
    pub max_bytes: Option<u64>,
    pub autocomplete: Option<String>,
    /// For the foldable line on the legal basis.
    pub source: Option<String>,
    pub mark: Option<Mark>,
    /// For staff: why the source is not certain.
    pub unverified: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChoiceView {
    pub value: String,
    pub label: Wording,
    pub hint: Option<Wording>,
    pub chosen: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartView {
    pub id: String,
    pub path: String,
    pub label: Message,
    pub value: String,
    pub error: Option<Message>,
    pub needed: bool,
    pub numeric: bool,
    pub max_chars: u32,
    pub autocomplete: Option<&'static str>,
    /// The commune's list, where there is one.
    pub offered: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupView {
    pub id: String,
    pub title: Wording,
    pub hint: Option<Wording>,
    pub add: Wording,
    pub error: Option<Message>,
    pub items: Vec<ItemView>,
    pub can_add: bool,
    pub can_remove: bool,
    pub source: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemView {
    pub index: usize,
    pub heading: Wording,
    pub fields: Vec<FieldView>,
    pub prompts: Vec<PromptView>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromptView {
    pub id: String,
    pub tone: Tone,
    pub text: Wording,
    pub source: String,
    pub unverified: Option<String>,
}

/// The page of a step. `errors` is what [`super::check_step`] found, or nothing on the first visit.
#[must_use]
pub fn step_view(
    context: Context<'_>,
    step: &Step,
    answers: &Answers,
    lang: &str,
    errors: &[FieldError],
) -> StepView {
    let order = steps(context, answers);
    let view = Builder { context, answers, lang, errors };
    let speaking = prompts(context, step, answers);
    let prompt_views = |wanted: Option<usize>| -> Vec<PromptView> {
        speaking
            .iter()
            .filter(|(_, item)| *item == wanted)
            .map(|(prompt, _)| prompt_view(prompt, lang))
            .collect()
    };
    let mut fields = Vec::new();
    let mut groups = Vec::new();
    for item in step.items().filter(|item| item_applies(context, answers, *item, None)) {
        match item {
            Item::Field(field) => fields.push(view.field(field, field.id.clone())),
            Item::Group(group) => groups.push(view.group(group, &prompt_views)),
        }
    }
    StepView {
        id: step.id.clone(),
        title: step.title.wording(lang),
        hint: step.hint.as_ref().map(|hint| hint.wording(lang)),
        number: order.iter().position(|other| other.id == step.id).map_or(1, |place| place + 1),
        of: order.len(),
        fields,
        groups,
        errors: errors
            .iter()
            .filter(|error| error.weight != Weight::Warning)
            .map(|error| (html_id(&error.path), error.message(lang)))
            .collect(),
        prompts: prompt_views(None),
    }
}

struct Builder<'a> {
    context: Context<'a>,
    answers: &'a Answers,
    lang: &'a str,
    errors: &'a [FieldError],
}

impl Builder<'_> {
    fn group(
        &self,
        group: &Group,
        prompts: &dyn Fn(Option<usize>) -> Vec<PromptView>,
    ) -> GroupView {
        let count = self.answers.item_count(&group.id).max(usize::from(group.min));
        let items = (0..count).map(|index| {
            let applying = group
                .fields
                .iter()
                .filter(|field| hold(self.context, self.answers, &field.when, Some(index)));
            let mut heading = group.item.wording(self.lang);
            heading.text = heading.text.replace("{n}", &(index + 1).to_string());
            ItemView {
                index,
                heading,
                fields: applying
                    .map(|field| self.field(field, with_index(&group.id, index, &field.id)))
                    .collect(),
                prompts: prompts(Some(index)),
            }
        });
        GroupView {
            id: html_id(&format!("{}[0]", group.id)),
            title: group.title.wording(self.lang),
            hint: group.hint.as_ref().map(|hint| hint.wording(self.lang)),
            add: group.add.wording(self.lang),
            error: self.message_at(&format!("{}[0]", group.id), false),
            items: items.collect(),
            can_add: count < usize::from(group.max),
            can_remove: count > usize::from(group.min),
            source: group.source.clone(),
        }
    }

    fn field(&self, field: &Field, path: String) -> FieldView {
        let values = self.answers.values(&path).to_vec();
        FieldView {
            id: html_id(&path),
            kind: field.kind,
            label: field.label.wording(self.lang),
            hint: field.hint.as_ref().map(|hint| hint.wording(self.lang)),
            required: field.required,
            choices: self.choices(field, &values),
            parts: self.parts(field, &path),
            error: self.message_at(&path, false),
            warning: self.message_at(&path, true),
            max_chars: field.max_chars,
            unit: field.unit.clone(),
            many: field.many.unwrap_or(1),
            accept: field.accept.clone(),
            max_bytes: field.max_bytes,
            autocomplete: field.autocomplete.clone(),
            source: field.source.clone(),
            mark: field.mark,
            unverified: field.unverified.clone(),
            values,
            path,
        }
    }

    fn message_at(&self, path: &str, warning: bool) -> Option<Message> {
        let here = |error: &&FieldError| {
            error.path == path && (error.weight == Weight::Warning) == warning
        };
        self.errors.iter().find(here).map(|error| error.message(self.lang))
    }

    fn choices(&self, field: &Field, values: &[String]) -> Vec<ChoiceView> {
        let chosen = |value: &str| values.iter().any(|typed| typed.trim() == value);
        let listed = field.choices.iter().map(|choice| ChoiceView {
            value: choice.value.clone(),
            label: choice.label.wording(self.lang),
            hint: choice.hint.as_ref().map(|hint| hint.wording(self.lang)),
            chosen: chosen(&choice.value),
        });
        let species = match field.choices_from {
            Some(ChoicesFrom::Species) => self.context.definition.species.as_slice(),
            None => &[],
        };
        let from_dictionary = species.iter().map(|species| ChoiceView {
            value: species.id.clone(),
            label: species.name.wording(self.lang),
            hint: None,
            chosen: chosen(&species.id),
        });
        listed.chain(from_dictionary).collect()
    }

    fn parts(&self, field: &Field, path: &str) -> Vec<PartView> {
        let names: &[&'static str] = match field.kind {
            Kind::Address => &ADDRESS_PARTS,
            Kind::Parcel => &PARCEL_PARTS,
            Kind::Date => &DATE_PARTS,
            _ => &[],
        };
        names.iter().map(|name| self.part(field, path, name)).collect()
    }

    fn part(&self, field: &Field, path: &str, name: &'static str) -> PartView {
        let part_path = format!("{path}.{name}");
        let (label, autocomplete, needed) = part_facts(name);
        let list = field.dictionary.as_ref().filter(|_| name == "precinct");
        let typed = self.answers.first(&part_path);
        PartView {
            id: html_id(&part_path),
            label: Message::new(label),
            value: if typed.is_empty() {
                self.date_box(field, path, name)
            } else {
                typed.to_owned()
            },
            error: self.message_at(&part_path, false),
            needed,
            numeric: field.kind == Kind::Date,
            max_chars: match name {
                "day" | "month" => 2,
                "year" => 4,
                _ => PART_CHARS_MAX,
            },
            autocomplete: autocomplete
                .filter(|_| field.prefill.is_some() || field.autocomplete.is_some()),
            offered: list
                .and_then(|name| self.context.dictionaries.get(name))
                .cloned()
                .unwrap_or_default(),
            path: part_path,
        }
    }

    /// A date that was filed whole comes back in its three boxes.
    fn date_box(&self, field: &Field, path: &str, name: &str) -> String {
        let whole =
            (field.kind == Kind::Date).then(|| super::check::date_of(path, self.answers)).flatten();
        match (whole, name) {
            (Some(date), "day") => date.day().to_string(),
            (Some(date), "month") => date.month().to_string(),
            (Some(date), "year") => date.year().to_string(),
            _ => String::new(),
        }
    }
}

/// Label, autocomplete token, needed.
fn part_facts(name: &str) -> (&'static str, Option<&'static str>, bool) {
    match name {
        "street" => ("form-part-street", Some("address-line1"), false),
        "house" => ("form-part-house", None, true),
        "flat" => ("form-part-flat", None, false),
        "postcode" => ("form-part-postcode", Some("postal-code"), true),
        "locality" => ("form-part-locality", Some("address-level2"), true),
        "country" => ("form-part-country", Some("country-name"), false),
        "precinct" => ("form-part-precinct", None, true),
        "number" => ("form-part-parcel-number", None, true),
        "day" => ("form-part-day", None, true),
        "month" => ("form-part-month", None, true),
        _ => ("form-part-year", None, true),
    }
}

fn prompt_view(prompt: &Prompt, lang: &str) -> PromptView {
    PromptView {
        id: prompt.id.clone(),
        tone: prompt.tone,
        text: prompt.text.wording(lang),
        source: prompt.source.clone(),
        unverified: prompt.unverified.clone(),
    }
}

/// `trees[0].species` as `trees-0-species`.
fn html_id(path: &str) -> String {
    path.chars()
        .filter(|letter| *letter != ']')
        .map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' })
        .collect()
}
