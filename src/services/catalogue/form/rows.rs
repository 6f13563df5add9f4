//! The page "check your answers": what was answered, in words, with a way back to each question.

use super::super::definition::{ChoicesFrom, Kind, Level, Wording};
use super::super::message::Message;
use super::check::{ADDRESS_PARTS, PARCEL_PARTS, Place, date_of, places, used_items};
use super::values::Upload;
use super::{Answers, Context, steps, texts};

/// The answers of one step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    pub step: String,
    pub title: Wording,
    pub rows: Vec<Row>,
}

/// One question with its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub path: String,
    pub label: Wording,
    /// The heading of the item, where the question stands in a repeated group.
    pub item: Option<Wording>,
    /// Empty if there is no answer.
    pub values: Vec<Shown>,
    pub required: Level,
}

/// An answer in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// As the resident typed it.
    Plain(String),
    /// A choice of the definition.
    Worded(Wording),
    /// A word of the interface ("tak", a date).
    Said(Message),
}

/// All steps that apply; questions without an answer stay, because the gap is what a person must see.
#[must_use]
pub fn check_rows(context: Context<'_>, answers: &Answers, lang: &str) -> Vec<Section> {
    steps(context, answers)
        .into_iter()
        .map(|step| {
            let rows = places(context, step, answers).into_iter().map(|place| {
                let item = place.item.map(|(group, index)| {
                    let mut heading = group.item.wording(lang);
                    // Empty items are not filed, so the numbers here are those of the filed notice.
                    let number = used_items(group, answers)
                        .iter()
                        .position(|used| *used == index)
                        .unwrap_or(index)
                        + 1;
                    heading.text = heading.text.replace("{n}", &number.to_string());
                    heading
                });
                Row {
                    label: place.field.label.wording(lang),
                    item,
                    values: shown(context, &place, answers, lang),
                    required: place.field.required,
                    path: place.path,
                }
            });
            Section { step: step.id.clone(), title: step.title.wording(lang), rows: rows.collect() }
        })
        .collect()
}

fn shown(context: Context<'_>, place: &Place<'_>, answers: &Answers, lang: &str) -> Vec<Shown> {
    let part = |name: &str| texts::tidy(answers.first(&format!("{}.{name}", place.path)));
    let filled = answers.filled(&place.path);
    match place.field.kind {
        Kind::Address => {
            let [street, house, flat, postcode, locality, country] = ADDRESS_PARTS.map(part);
            let house = if flat.is_empty() { house } else { format!("{house}/{flat}") };
            lines(&[format!("{street} {house}"), format!("{postcode} {locality}"), country])
        }
        Kind::Parcel => {
            let [precinct, number] = PARCEL_PARTS.map(part);
            lines(&[format!("{precinct} {number}")])
        }
        Kind::Date => match date_of(&place.path, answers) {
            Some(date) => vec![Shown::Said(Message::new("form-date").date("date", date))],
            None => {
                let typed = place
                    .value_paths()
                    .iter()
                    .map(|path| answers.first(path).to_owned())
                    .collect::<Vec<_>>();
                lines(&[typed.join(" ")])
            }
        },
        Kind::Choice | Kind::Choices => {
            filled.map(|value| choice(context, place, value, lang)).collect()
        }
        Kind::Yesno | Kind::Tick => filled
            .map(|value| match value.trim() {
                "yes" => Shown::Said(Message::new("form-yes")),
                "no" => Shown::Said(Message::new("form-no")),
                other => Shown::Plain(other.to_owned()),
            })
            .collect(),
        Kind::File => filled
            .map(|value| {
                Shown::Plain(
                    Upload::parse(value).map_or_else(|| value.to_owned(), |upload| upload.name),
                )
            })
            .collect(),
        Kind::Number => {
            let unit = place.field.unit.as_deref().unwrap_or_default();
            filled
                .map(|value| {
                    let number = value.trim().strip_suffix(unit).unwrap_or(value).trim();
                    let number = with_mark(number, lang);
                    Shown::Plain(format!("{number} {unit}").trim_end().to_owned())
                })
                .collect()
        }
        Kind::Text | Kind::Longtext | Kind::Point => {
            filled.map(|value| Shown::Plain(value.to_owned())).collect()
        }
    }
}

/// A number as the language writes it, whichever mark was typed or stored. What is no number stays.
fn with_mark(typed: &str, lang: &str) -> String {
    let mark = if lang == "en" { "." } else { "," };
    let is_number = typed.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ','));
    if is_number { typed.replace(['.', ','], mark) } else { typed.to_owned() }
}

fn choice(context: Context<'_>, place: &Place<'_>, value: &str, lang: &str) -> Shown {
    let value = value.trim();
    let listed =
        place.field.choices.iter().find(|choice| choice.value == value).map(|choice| &choice.label);
    let species = || match place.field.choices_from {
        Some(ChoicesFrom::Species) => {
            context.definition.species(value).map(|species| &species.name)
        }
        None => None,
    };
    listed
        .or_else(species)
        .map_or_else(|| Shown::Plain(value.to_owned()), |text| Shown::Worded(text.wording(lang)))
}

fn lines(lines: &[String]) -> Vec<Shown> {
    lines
        .iter()
        .map(|line| line.trim())
        .filter(|line| !line.is_empty())
        .map(|line| Shown::Plain(line.to_owned()))
        .collect()
}
