//! Decisions and orders are read once more before they are entered, and confirmed with the clerk's passkey: what was
//! entered is shown as it will stay in the case, with what the rules would have the clerk know.
//!
//! Without a script the session alone confirms; the case says which it was.

use askama::Template;

use super::{
    acts::{self, Sheet},
    load, path_of,
    verbs::Verb,
};
use crate::{
    kernel::{
        crypto::Hash,
        store::{Desk, Refusal},
    },
    services::trees::{common::say, model::CaseId},
    web::{
        Committed, Page, PageError, Reply, Tools, Visit,
        chrome::{Chrome, Link, fields},
        confirm,
        parts::Answer,
    },
};

/// Field of the button that leads back to the boxes.
const AGAIN: &str = "again";

#[derive(Template)]
#[template(path = "services/trees/templates/office_signoff.html")]
struct CheckPage {
    c: Chrome,
    verb: Verb,
    label: String,
    key: String,
    /// The form as it was sent, to be sent once more.
    sent: Vec<(String, String)>,
    rows: Vec<Answer>,
    cautions: Vec<String>,
    act: String,
    back: String,
}

fn act_path(id: CaseId, verb: Verb) -> String {
    format!("{}/{}", path_of(id), verb.slug())
}

/// It has no page of its own: who comes back to its address sees the form.
pub fn back(verb: Verb, visit: &Visit<'_>) -> Result<Page, PageError> {
    Err(PageError::To(act_path(load(visit)?.id, verb)))
}

/// What was entered, to be read once more; or the form again.
pub fn check(verb: Verb, visit: &Visit<'_>) -> Result<Reply, PageError> {
    let sheet = Sheet::read(verb, visit)?;
    if visit.form.has(AGAIN) {
        return acts::once_more(verb, visit, &sheet.judged).map(Reply::Page);
    }
    let (sheet, decision) = sheet.trial(verb, visit)?;
    let case = &sheet.judged.case;
    let label = case.label();
    let mut c = visit.chrome("")?;
    c.title = format!("{}: {} – {label}", c.plain("trees-signoff-title"), c.plain(verb.key()));
    c.crumbs = vec![
        Link { label: c.plain("trees-inbox"), href: "/urzad/skrzynka".to_owned() },
        Link { label: c.plain1("trees-office-case", "label", &label), href: path_of(case.id) },
    ];
    let row = |(question, answer): &(String, String)| Answer {
        label: question.clone(),
        lines: answer.lines().map(str::to_owned).collect(),
        change: String::new(),
    };
    let page = CheckPage {
        verb,
        label,
        key: visit.form.get(fields::SUBMISSION_KEY).to_owned(),
        sent: sent(visit),
        rows: sheet.said.iter().map(row).collect(),
        cautions: decision.cautions.iter().map(|caution| say(&c, &caution.message())).collect(),
        act: act_path(case.id, verb),
        back: path_of(case.id),
        c,
    };
    Page::html(&page).map(Reply::Page)
}

/// The fields of the form, without those of the machinery.
fn sent(visit: &Visit<'_>) -> Vec<(String, String)> {
    let ours = |name: &str| matches!(name, fields::FORM_TOKEN | fields::SUBMISSION_KEY | AGAIN);
    let fields = visit.form.fields().iter().filter(|(name, _)| !ours(name));
    fields
        .flat_map(|(name, values)| values.iter().map(|value| (name.clone(), value.clone())))
        .collect()
}

/// What the key confirms: the act, the case, what was entered.
fn content(verb: Verb, sheet: &Sheet) -> Hash {
    confirm::content_of_act(verb.action(), sheet.judged.case.id.0, &sheet.reason())
}

/// A script can show a sentence and no form: whoever has no valid sheet any more reads the page anew.
fn for_script(error: PageError) -> PageError {
    match confirm::for_script(error) {
        PageError::Form(page) if page.content_type.starts_with("text/html") => {
            Refusal::rule("confirm-changed").into()
        }
        other => other,
    }
}

/// The first half of the ceremony.
pub fn start(verb: Verb, visit: &Visit<'_>, tools: &Tools<'_>) -> Result<Reply, PageError> {
    let read = Sheet::read(verb, visit).and_then(|sheet| sheet.trial(verb, visit));
    let (sheet, _) = read.map_err(for_script)?;
    confirm::start(visit, tools, &content(verb, &sheet))
}

/// The second half: enters the decision with its evidence.
pub fn finish(
    verb: Verb,
    desk: Desk<'_>,
    visit: &Visit<'_>,
    tools: &Tools<'_>,
) -> Result<Committed, PageError> {
    let sheet = Sheet::read(verb, visit).map_err(for_script)?;
    let by = confirm::finish(visit, tools, &content(verb, &sheet))?;
    sheet.enter(verb, desk, visit, by).map(Committed::json).map_err(for_script)
}
