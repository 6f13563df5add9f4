//! What is wrong with answers, and what is missing.

use jiff::ToSpan;
use jiff::civil::Date;

use super::super::definition::{ChoicesFrom, Field, Format, Group, Item, Kind, Level, OneOf, Step};
use super::conditions::{hold, item_applies};
use super::fault::{Fault, FieldError, Weight};
use super::formats::{self, Problem};
use super::values::{self, NumberProblem, Upload};
use super::{Answers, Context, texts};

/// One question at one place: itself, or itself in an item of a group.
#[derive(Clone, Debug)]
pub(super) struct Place<'a> {
    pub(super) field: &'a Field,
    pub(super) path: String,
    pub(super) item: Option<(&'a Group, usize)>,
}

impl Place<'_> {
    pub(super) fn value_paths(&self) -> Vec<String> {
        part_paths(self.field, &self.path)
    }

    /// The same paths in another item of the same group.
    pub(super) fn value_paths_at(&self, item: Option<(&str, usize)>) -> Vec<String> {
        let path = match item {
            Some((group, index)) => with_index(group, index, &self.field.id),
            None => self.path.clone(),
        };
        part_paths(self.field, &path)
    }
}

pub(super) const ADDRESS_PARTS: [&str; 6] =
    ["street", "house", "flat", "postcode", "locality", "country"];
const ADDRESS_NEEDED: [&str; 3] = ["house", "postcode", "locality"];
pub(super) const PARCEL_PARTS: [&str; 2] = ["precinct", "number"];
pub(super) const DATE_PARTS: [&str; 3] = ["day", "month", "year"];
/// Longer than any name of a street; a longer text landed in the wrong box.
pub(super) const PART_CHARS_MAX: u32 = 120;

pub(super) fn with_index(group: &str, index: usize, field: &str) -> String {
    format!("{group}[{index}].{field}")
}

/// The paths under which the values of a question lie.
pub(super) fn part_paths(field: &Field, path: &str) -> Vec<String> {
    let parts: &[&str] = match field.kind {
        Kind::Address => &ADDRESS_PARTS,
        Kind::Parcel => &PARCEL_PARTS,
        // Three boxes, or one value where a browser or a program sends it whole.
        Kind::Date => {
            return [path.to_owned()]
                .into_iter()
                .chain(DATE_PARTS.iter().map(|part| format!("{path}.{part}")))
                .collect();
        }
        _ => return vec![path.to_owned()],
    };
    parts.iter().map(|part| format!("{path}.{part}")).collect()
}

/// The questions of a step that apply, each at its place.
pub(super) fn places<'a>(
    context: Context<'_>,
    step: &'a Step,
    answers: &Answers,
) -> Vec<Place<'a>> {
    let mut found = Vec::new();
    for item in step.items().filter(|item| item_applies(context, answers, *item, None)) {
        match item {
            Item::Field(field) => found.push(Place { field, path: field.id.clone(), item: None }),
            Item::Group(group) => {
                for index in used_items(group, answers) {
                    let applying = group
                        .fields
                        .iter()
                        .filter(|field| hold(context, answers, &field.when, Some(index)));
                    found.extend(applying.map(|field| Place {
                        field,
                        path: with_index(&group.id, index, &field.id),
                        item: Some((group, index)),
                    }));
                }
            }
        }
    }
    found
}

/// The items in which something was answered.
pub(super) fn used_items(group: &Group, answers: &Answers) -> Vec<usize> {
    let used = |index: &usize| {
        group.fields.iter().any(|field| {
            part_paths(field, &with_index(&group.id, *index, &field.id))
                .iter()
                .any(|path| answers.is_filled(path))
        })
    };
    (0..answers.item_count(&group.id)).filter(used).collect()
}

/// Everything to say about one step, in the order of the page.
#[must_use]
pub fn check_step(context: Context<'_>, step: &Step, answers: &Answers) -> Vec<FieldError> {
    let mut found = Vec::new();
    for place in places(context, step, answers) {
        check_place(context, &place, answers, &mut found);
    }
    for group in step.groups.iter().filter(|group| hold(context, answers, &group.when, None)) {
        check_group(group, answers, &mut found);
    }
    for one in context.definition.one_of.iter().filter(|one| one.step == step.id) {
        check_one_of(context, one, answers, &mut found);
    }
    found
}

/// Everything to say about all steps that apply.
#[must_use]
pub fn check_all(context: Context<'_>, answers: &Answers) -> Vec<FieldError> {
    super::steps(context, answers)
        .into_iter()
        .flat_map(|step| check_step(context, step, answers))
        .collect()
}

/// The elements the statute itself demands and that are not there.
///
/// Not a bar: the page offers to file all the same and says that the office will ask for them.
#[must_use]
pub fn missing_statutory(context: Context<'_>, answers: &Answers) -> Vec<FieldError> {
    check_all(context, answers)
        .into_iter()
        .filter(|error| error.weight == Weight::Missing && error.level == Level::S)
        .collect()
}

fn check_group(group: &Group, answers: &Answers, found: &mut Vec<FieldError>) {
    let error = |weight, fault| FieldError {
        path: format!("{}[0]", group.id),
        label: group.title.clone(),
        level: group.required,
        weight,
        fault,
    };
    let count = used_items(group, answers).len();
    if count < usize::from(group.min) {
        found.push(error(Weight::Missing, Fault::TooFew { min: group.min }));
    } else if count > usize::from(group.max) {
        found.push(error(Weight::Wrong, Fault::TooMany { max: group.max }));
    }
}

fn check_one_of(context: Context<'_>, one: &OneOf, answers: &Answers, found: &mut Vec<FieldError>) {
    let answered = |name: &String| match name.split_once("[].") {
        None => context.definition.field(name).is_some_and(|field| {
            part_paths(field, name).iter().any(|path| answers.is_filled(path))
        }),
        Some((group_id, field)) => {
            let group = context
                .definition
                .steps
                .iter()
                .flat_map(|step| &step.groups)
                .find(|group| group.id == group_id);
            let items = group.map(|group| used_items(group, answers)).unwrap_or_default();
            !items.is_empty()
                && items.iter().all(|index| answers.is_filled(&with_index(group_id, *index, field)))
        }
    };
    if one.fields.iter().any(answered) {
        return;
    }
    // The link leads to a question of this page.
    let here = context.definition.step(&one.step);
    let shown = one
        .fields
        .iter()
        .find(|name| here.is_some_and(|step| step.named_fields().any(|(full, _)| full == **name)));
    let path =
        shown.or(one.fields.first()).map(|name| name.replace("[]", "[0]")).unwrap_or_default();
    found.push(FieldError {
        path: entry_path(context, shown, path),
        label: one.missing.clone(),
        level: one.required,
        weight: Weight::Missing,
        fault: Fault::NoneOf(one.missing.clone()),
    });
}

/// The first box of a question: a composite answer has none under its own path.
fn entry_path(context: Context<'_>, name: Option<&String>, path: String) -> String {
    match name.and_then(|name| context.definition.field(name)) {
        Some(field) if field.kind != Kind::Date => {
            part_paths(field, &path).into_iter().next().unwrap_or(path)
        }
        _ => path,
    }
}

fn check_place(
    context: Context<'_>,
    place: &Place<'_>,
    answers: &Answers,
    found: &mut Vec<FieldError>,
) {
    let field = place.field;
    let mut say = |path: &str, weight, fault| {
        found.push(FieldError {
            path: path.to_owned(),
            label: field.label.clone(),
            level: field.required,
            weight,
            fault,
        });
    };
    let paths = place.value_paths();
    if !paths.iter().any(|path| answers.is_filled(path)) {
        let first = match field.kind {
            Kind::Date => paths.get(1),
            _ => paths.first(),
        };
        // Ticking nothing in a list of "which of these" is an answer.
        let owed = match field.kind {
            Kind::Choices => matches!(field.required, Level::S | Level::K),
            _ => field.required != Level::O,
        };
        if owed {
            say(first.unwrap_or(&place.path), Weight::Missing, Fault::Missing(field.kind));
        }
        return;
    }
    match field.kind {
        Kind::Address => check_address(place, answers, &mut say),
        Kind::Parcel => check_parcel(context, place, answers, &mut say),
        Kind::Date => check_date(context, place, answers, &mut say),
        _ => {
            for value in answers.filled(&place.path) {
                if let Err((weight, fault)) = check_value(context, field, value) {
                    say(&place.path, weight, fault);
                    // One sentence per box; the next one shows after this is put right.
                    break;
                }
            }
            let max = field.many.unwrap_or(1);
            if field.kind != Kind::Choices && answers.filled(&place.path).count() > usize::from(max)
            {
                say(&place.path, Weight::Wrong, Fault::TooMany { max });
            }
        }
    }
}

fn check_value(context: Context<'_>, field: &Field, typed: &str) -> Result<(), (Weight, Fault)> {
    let wrong = |fault| Err((Weight::Wrong, fault));
    match field.kind {
        Kind::Text | Kind::Longtext => check_text(field, typed),
        Kind::Number => check_number(field, typed),
        Kind::Choice | Kind::Choices => {
            let value = typed.trim();
            let listed = field.choices.iter().any(|choice| choice.value == value);
            let known = field.choices_from == Some(ChoicesFrom::Species)
                && context.definition.species(value).is_some();
            if listed || known { Ok(()) } else { wrong(Fault::UnknownChoice) }
        }
        Kind::Yesno if matches!(typed.trim(), "yes" | "no") => Ok(()),
        Kind::Tick if typed.trim() == "yes" => Ok(()),
        Kind::Yesno | Kind::Tick => wrong(Fault::UnknownChoice),
        Kind::Point => match values::point(typed) {
            None => wrong(Fault::NotAPoint),
            Some(point) if !values::in_poland(point) => {
                Err((Weight::Warning, Fault::OutsidePoland))
            }
            Some(_) => Ok(()),
        },
        Kind::File => {
            let Some(upload) = Upload::parse(typed) else { return wrong(Fault::UnreadableUpload) };
            let max_bytes = field.max_bytes.unwrap_or(u64::MAX);
            if !field.accept.contains(&upload.media_type) {
                wrong(Fault::FileKind)
            } else if upload.bytes > max_bytes {
                wrong(Fault::FileTooBig { max_bytes })
            } else {
                Ok(())
            }
        }
        Kind::Address | Kind::Parcel | Kind::Date => Ok(()),
    }
}

fn check_text(field: &Field, typed: &str) -> Result<(), (Weight, Fault)> {
    let value = texts::tidy_for(field, "", typed);
    let max = field.max_chars.unwrap_or(u32::MAX);
    if let Some(over) = over_length(&value, max) {
        return Err((Weight::Wrong, Fault::TooLong { max, over }));
    }
    match field.format.map(|format| formats::check(format, &value)) {
        Some(Err(Problem::Wrong(message))) => Err((Weight::Wrong, Fault::Format(message))),
        Some(Err(Problem::Doubtful(message))) => Err((Weight::Warning, Fault::Format(message))),
        Some(Ok(())) | None => Ok(()),
    }
}

fn over_length(value: &str, max: u32) -> Option<u32> {
    let length = u32::try_from(value.chars().count()).unwrap_or(u32::MAX);
    length.checked_sub(max).filter(|over| *over > 0)
}

fn check_number(field: &Field, typed: &str) -> Result<(), (Weight, Fault)> {
    let decimals = field.decimals;
    let value = match values::number(typed, decimals, field.unit.as_deref()) {
        Ok(value) => value,
        Err(NumberProblem::NotANumber) => return Err((Weight::Wrong, Fault::NotANumber)),
        Err(NumberProblem::TooPrecise) => {
            return Err((Weight::Wrong, Fault::TooPrecise { decimals }));
        }
    };
    let scale = 10_i64.pow(u32::from(decimals));
    let (min, max) = (field.min.unwrap_or(i64::MIN), field.max.unwrap_or(i64::MAX));
    if value < min.saturating_mul(scale) || value > max.saturating_mul(scale) {
        let unit = field.unit.clone().unwrap_or_default();
        return Err((Weight::Wrong, Fault::OutOfRange { min, max, unit }));
    }
    Ok(())
}

/// An answer that was begun is finished, or taken back: half an address is a slip, not a gap.
fn check_address(place: &Place<'_>, answers: &Answers, say: &mut dyn FnMut(&str, Weight, Fault)) {
    let part = |part: &str| format!("{}.{part}", place.path);
    for name in ADDRESS_NEEDED {
        if !answers.is_filled(&part(name)) {
            say(&part(name), Weight::Wrong, Fault::MissingPart(name));
        }
    }
    for name in ADDRESS_PARTS {
        if let Some(over) = over_length(&texts::tidy(answers.first(&part(name))), PART_CHARS_MAX) {
            say(&part(name), Weight::Wrong, Fault::TooLong { max: PART_CHARS_MAX, over });
        }
    }
    let postcode = part("postcode");
    if is_polish(answers.first(&part("country"))) && answers.is_filled(&postcode) {
        let value = formats::normalised(Format::Postcode, answers.first(&postcode));
        if let Err(Problem::Wrong(message) | Problem::Doubtful(message)) =
            formats::check(Format::Postcode, &value)
        {
            say(&postcode, Weight::Wrong, Fault::Format(message));
        }
    }
}

/// Other countries have postal codes of their own.
fn is_polish(country: &str) -> bool {
    let country = texts::tidy(country).to_lowercase();
    matches!(country.as_str(), "" | "pl" | "polska" | "poland" | "польща")
}

fn check_parcel(
    context: Context<'_>,
    place: &Place<'_>,
    answers: &Answers,
    say: &mut dyn FnMut(&str, Weight, Fault),
) {
    let [precinct, number] = PARCEL_PARTS.map(|part| format!("{}.{part}", place.path));
    for (path, name) in [(&precinct, "precinct"), (&number, "number")] {
        if !answers.is_filled(path) {
            say(path, Weight::Wrong, Fault::MissingPart(name));
        }
    }
    let named = texts::tidy(answers.first(&precinct));
    let list = place.field.dictionary.as_ref().and_then(|name| context.dictionaries.get(name));
    if let Some(over) = over_length(&named, PART_CHARS_MAX) {
        say(&precinct, Weight::Wrong, Fault::TooLong { max: PART_CHARS_MAX, over });
    } else if let Some(list) = list
        && !named.is_empty()
        && !list.is_empty()
        && !list.iter().any(|known| known.to_lowercase() == named.to_lowercase())
    {
        say(&precinct, Weight::Wrong, Fault::NotInList);
    }
    if answers.is_filled(&number) {
        let value = formats::normalised(Format::ParcelNumber, answers.first(&number));
        if let Err(Problem::Wrong(message) | Problem::Doubtful(message)) =
            formats::check(Format::ParcelNumber, &value)
        {
            say(&number, Weight::Wrong, Fault::Format(message));
        }
    }
}

/// The date typed whole or in three boxes; the boxes win, because they are what the page shows.
pub(super) fn date_of(path: &str, answers: &Answers) -> Option<Date> {
    let boxes = DATE_PARTS.map(|part| answers.first(&format!("{path}.{part}")).trim().to_owned());
    if boxes.iter().all(String::is_empty) {
        values::date(answers.first(path))
    } else {
        values::date(&boxes.join("."))
    }
}

fn check_date(
    context: Context<'_>,
    place: &Place<'_>,
    answers: &Answers,
    say: &mut dyn FnMut(&str, Weight, Fault),
) {
    let first = format!("{}.{}", place.path, DATE_PARTS[0]);
    let Some(date) = date_of(&place.path, answers) else {
        say(&first, Weight::Wrong, Fault::NotADate);
        return;
    };
    let limit =
        |days: Option<i32>| days.map(|days| context.today.saturating_add(i64::from(days).days()));
    if let Some(earliest) = limit(place.field.days_from)
        && date < earliest
    {
        say(&first, Weight::Wrong, Fault::TooEarly(earliest));
    } else if let Some(latest) = limit(place.field.days_to)
        && date > latest
    {
        say(&first, Weight::Wrong, Fault::TooLate(latest));
    }
}
