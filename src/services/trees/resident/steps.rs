//! One page of the form. What was typed is kept first and judged afterwards, so that nothing is ever lost; files
//! go through a worker before they are kept.

use askama::Template;
use std::collections::BTreeMap;

use super::super::{common::say, uploads};
use super::{
    ask::{Asked, Form, asked, plain_name},
    drafts::{self, Opened},
};
use crate::{
    kernel::{
        limits::{FILES_BYTES_MAX, FILES_MAX},
        scratch::{Class, Owner},
    },
    services::catalogue::{
        Field, FieldError, Kind, Level, Step, Upload, Weight, check_step, step_view, steps,
    },
    web::{
        Page, PageError, Reply, Tools, Visit,
        chrome::{Chrome, Link},
        i18n::Markup,
        parts::Filled,
    },
};

/// In the query of a step that was opened from the check page.
const BACK_TO_CHECK: &str = "powrot";

#[derive(Template)]
#[template(path = "services/trees/templates/resident_step.html")]
struct StepPage {
    c: Chrome,
    f: Filled,
    number: usize,
    of: usize,
    procedure: String,
    title: Markup,
    hint: Markup,
    action: String,
    back: String,
    asked: Asked,
    /// Only gaps were found: the step may be left with them.
    may_skip: bool,
}

/// A refused file: field id, sentence.
type Trouble = (String, String);

fn current<'a>(visit: &Visit<'_>, opened: &'a Opened) -> Result<&'a Step, PageError> {
    let step = opened.definition.step(visit.param("step")).ok_or_else(PageError::unknown)?;
    let applies =
        steps(opened.context(visit), &opened.draft.answers).iter().any(|other| other.id == step.id);
    // An answer before may have made this step pointless; the check page knows the way on.
    if applies { Ok(step) } else { Err(PageError::To(opened.path("sprawdz"))) }
}

fn neighbour(visit: &Visit<'_>, opened: &Opened, step: &Step, by: isize) -> Option<String> {
    let order = steps(opened.context(visit), &opened.draft.answers);
    let here = order.iter().position(|other| other.id == step.id)?;
    order.get(here.checked_add_signed(by)?).map(|step| step.id.clone())
}

fn from_check(visit: &Visit<'_>) -> bool {
    visit.query.get(BACK_TO_CHECK) == "sprawdz"
}

fn page(
    visit: &Visit<'_>,
    opened: &Opened,
    step: &Step,
    errors: &[FieldError],
    troubles: Vec<Trouble>,
) -> Result<StepPage, PageError> {
    let lang = visit.lang.code();
    let view = step_view(opened.context(visit), step, &opened.draft.answers, lang, errors);
    let mut c = visit.chrome("")?;
    let procedure = opened.definition.name.wording(lang).text;
    let heading = c.plain2("ui-step", "n", view.number, "of", view.of);
    c.title = format!("{heading} {} – {procedure}", view.title.text);
    c.crumbs = vec![Link { label: c.plain("ui-my-cases"), href: "/moje-sprawy".to_owned() }];
    let mut asked = asked(&c, opened, &view);
    let mut f = Filled::new();
    for (field, message) in &view.errors {
        f.wrong(field, say(&c, message));
    }
    for (field, sentence) in troubles {
        let groups = asked.groups.iter_mut().flat_map(|group| &mut group.items);
        let mut asks = asked.asks.iter_mut().chain(groups.flat_map(|item| &mut item.asks));
        if let Some(ask) = asks.find(|ask| ask.id == field) {
            ask.error.clone_from(&sentence);
        }
        f.wrong(&field, sentence);
    }
    c.failed = !f.is_right();
    let only_gaps = !errors.is_empty() && errors.iter().all(|error| error.weight != Weight::Wrong);
    let query = if from_check(visit) { "?powrot=sprawdz" } else { "" };
    let back = match neighbour(visit, opened, step, -1) {
        _ if from_check(visit) => opened.path("sprawdz"),
        Some(before) => opened.path(&before),
        None => format!("/sprawy/{}/nowa", super::super::PROCEDURE),
    };
    Ok(StepPage {
        number: view.number,
        of: view.of,
        title: super::ask::worded(&view.title, c.lang),
        hint: view.hint.as_ref().map(|h| super::ask::worded(h, c.lang)).unwrap_or_default(),
        procedure,
        action: format!("{}{query}", opened.path(&step.id)),
        back,
        asked,
        may_skip: only_gaps && f.wrongs().len() == view.errors.len() && !f.is_right(),
        c,
        f,
    })
}

/// A step with what was typed before; what was wrong then is still said, gaps are not.
pub fn show(visit: &Visit<'_>) -> Result<Page, PageError> {
    let opened = drafts::open(visit)?;
    let step = current(visit, &opened)?;
    let errors: Vec<FieldError> = check_step(opened.context(visit), step, &opened.draft.answers)
        .into_iter()
        .filter(|error| error.weight != Weight::Missing)
        .collect();
    Page::html(&page(visit, &opened, step, &errors, Vec::new())?)
}

/// The small picture of a file of one's own draft.
pub fn thumbnail(visit: &Visit<'_>) -> Result<Page, PageError> {
    let opened = drafts::open(visit)?;
    let upload = visit.param("upload");
    let known = opened.draft.files.keys().any(|id| drafts::pictures(id) == upload);
    let packed = if known { visit.kept(Class::Upload, upload) } else { None };
    let packed = packed.ok_or_else(PageError::unknown)?;
    let (_, small) = uploads::unpack(&packed).ok_or_else(PageError::unknown)?;
    Ok(Page::of("image/jpeg", small.to_vec()))
}

/// Keeps what was typed and sent; then leads on, or shows what is to be put right.
pub fn save(visit: &Visit<'_>, tools: &Tools<'_>) -> Result<Reply, PageError> {
    let mut opened = drafts::open(visit)?;
    let owner = Owner::Person(visit.me()?.id);
    let step = current(visit, &opened)?.clone();
    let posted = posted(&opened, visit);
    opened.draft.answers.merge(&step, &posted);
    let troubles = take_files(visit, tools, &owner, &mut opened, &step);
    let stay = change_items(visit, &mut opened, &step);
    opened.prune(&owner, tools);
    opened.save(visit, tools)?;
    if let Some(anchor) = stay.filter(|_| troubles.is_empty()) {
        let query = if from_check(visit) { "?powrot=sprawdz" } else { "" };
        return Ok(Reply::To(format!("{}{query}#{anchor}", opened.path(&step.id))));
    }
    if visit.form.has("later") && troubles.is_empty() {
        return Ok(Reply::To("/moje-sprawy".to_owned()));
    }
    let errors: Vec<FieldError> = check_step(opened.context(visit), &step, &opened.draft.answers)
        .into_iter()
        .filter(|error| holds_up(error, visit.form.has("skip")))
        .collect();
    let stopped = errors.iter().any(|error| error.weight != Weight::Warning);
    if stopped || !troubles.is_empty() {
        return Err(PageError::form(&page(visit, &opened, &step, &errors, troubles)?));
    }
    let next = match neighbour(visit, &opened, &step, 1) {
        Some(next) if !from_check(visit) => next,
        _ => "sprawdz".to_owned(),
    };
    Ok(Reply::To(opened.path(&next)))
}

/// A gap in what the law demands is said once, here, and may be left; other gaps are not even said.
fn holds_up(error: &FieldError, skips: bool) -> bool {
    match error.weight {
        Weight::Wrong | Weight::Warning => true,
        Weight::Missing => !skips && matches!(error.level, Level::S | Level::K),
    }
}

/// Typed fields; an answer of the kind `file` never comes as text.
fn posted(opened: &Opened, visit: &Visit<'_>) -> BTreeMap<String, Vec<String>> {
    let is_file = |path: &str| {
        opened.definition.field(&plain_name(path)).is_some_and(|field| field.kind == Kind::File)
    };
    let fields = visit.form.fields().iter().filter(|(path, _)| !is_file(path));
    fields.map(|(path, values)| (path.clone(), values.clone())).collect()
}

/// The question that a file was sent for, if this step asks it at this place.
fn file_field<'a>(step: &'a Step, path: &str) -> Option<&'a Field> {
    let name = plain_name(path);
    let (_, field) = step.named_fields().find(|(full, _)| *full == name)?;
    let item: Option<usize> = match path.split_once('[') {
        None => None,
        Some((_, rest)) => Some(rest.split_once(']')?.0.parse().ok()?),
    };
    let max = step.groups.iter().find(|group| path.starts_with(&format!("{}[", group.id)));
    let fits = item.is_none_or(|at| max.is_some_and(|group| at < usize::from(group.max)));
    (field.kind == Kind::File && fits).then_some(field)
}

fn take_files(
    visit: &Visit<'_>,
    tools: &Tools<'_>,
    owner: &Owner,
    opened: &mut Opened,
    step: &Step,
) -> Vec<Trouble> {
    let c = visit.chrome("").ok();
    let mut troubles = Vec::new();
    for upload in &visit.files {
        let Some(field) = file_field(step, &upload.field) else { continue };
        if let Err(key) = take_file(tools, owner, opened, field, upload) {
            let id: String = upload.field.chars().filter(|letter| *letter != ']').collect();
            let id = id.replace(|letter: char| !letter.is_ascii_alphanumeric(), "-");
            let sentence = c.as_ref().map(|c| c.plain1(key, "name", upload.name.as_str()));
            troubles.push((id, sentence.unwrap_or_default()));
        }
    }
    troubles
}

fn take_file(
    tools: &Tools<'_>,
    owner: &Owner,
    opened: &mut Opened,
    field: &Field,
    upload: &crate::web::input::Upload,
) -> Result<(), &'static str> {
    let mut values: Vec<String> =
        opened.draft.answers.filled(&upload.field).map(str::to_owned).collect();
    if values.len() >= usize::from(field.many.unwrap_or(1)) || opened.draft.files.len() >= FILES_MAX
    {
        return Err("resident-file-too-many");
    }
    let total: u64 = opened.draft.files.values().map(|file| file.bytes).sum();
    if total + upload.bytes.len() as u64 > FILES_BYTES_MAX {
        return Err("resident-file-total");
    }
    let received = uploads::receive(tools, upload, &field.accept, field.max_bytes)?;
    let same = opened.draft.files.iter().find(|(_, file)| file.sha256 == received.sha256);
    let already = same.is_some_and(|(id, _)| values.iter().any(|value| value.starts_with(id)));
    // Sent twice because the answer got lost on the way: once is enough.
    if already {
        return Ok(());
    }
    let id = opened.keep(owner, tools, &received)?;
    let value = Upload {
        id,
        media_type: received.media_type.to_owned(),
        bytes: received.bytes.len() as u64,
        name: received.name,
    };
    values.push(value.to_value());
    opened.draft.answers.set(&upload.field, values);
    Ok(())
}

/// The buttons inside a step: one more item, one less, one file less. Says where the page goes on.
fn change_items(visit: &Visit<'_>, opened: &mut Opened, step: &Step) -> Option<String> {
    let answers = &mut opened.draft.answers;
    if let Some(group) = step.groups.iter().find(|group| group.id == visit.form.get("add")) {
        let shown = answers.item_count(&group.id).max(usize::from(group.min));
        answers.add_item(group, shown);
        return Some(format!("i-{}-{shown}", group.id));
    }
    if let Some((name, index)) = visit.form.get("remove").split_once('.') {
        let group = step.groups.iter().find(|group| group.id == name)?;
        answers.remove_item(group, index.parse().ok()?);
        return Some(format!("f-{name}-0"));
    }
    let gone = visit.form.get("remove-file");
    let paths: Vec<String> = answers
        .iter()
        .filter(|(_, values)| {
            !gone.is_empty() && values.iter().any(|value| value.starts_with(&format!("{gone};")))
        })
        .map(|(path, _)| path.to_owned())
        .filter(|path| file_field(step, path).is_some())
        .collect();
    let path = paths.first()?;
    let left = answers.filled(path).filter(|value| !value.starts_with(&format!("{gone};")));
    let left: Vec<String> = left.map(str::to_owned).collect();
    answers.set(path, left);
    Some("tresc".to_owned())
}
