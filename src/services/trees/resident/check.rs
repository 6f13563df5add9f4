//! "Check your answers": everything that was typed, what is wrong, what is missing and what that means, and the two
//! ways to file.

use askama::Template;

use super::super::common::say;
use super::{
    FILE,
    drafts::{self, Opened},
    filing::NotReady,
};
use crate::{
    kernel::store::Fault,
    services::catalogue::{
        Answers, Context, FieldError, Level, Row, Section, Shown, Step, Weight, check_all,
        check_rows, check_step, normalise, steps,
    },
    web::{
        Page, PageError, Visit,
        chrome::{Chrome, Link},
        i18n::Markup,
        parts::{Answer, Filled},
    },
};

/// Something to put right or to think about, with the way to it.
pub struct Finding {
    pub sentence: String,
    pub href: String,
}

/// The answers of one step.
pub struct Part {
    pub title: Markup,
    pub rows: Vec<Answer>,
}

#[derive(Template)]
#[template(path = "services/trees/templates/resident_check.html")]
struct CheckPage {
    c: Chrome,
    f: Filled,
    key: String,
    start: String,
    finish: String,
    send: String,
    drop: String,
    parts: Vec<Part>,
    wrong: Vec<Finding>,
    /// The draft is not what the resident sent off.
    changed: bool,
    seen: String,
    /// Gaps in what the statute demands: it can be filed with them.
    statutory: Vec<Finding>,
    missing: Vec<Finding>,
    back: String,
    may_file: bool,
    law: Vec<String>,
    authority: String,
}

/// Rows of a check page or of a case, in the reader's language. `change` says where "Zmień" of a path leads.
/// Questions that nobody has to answer, and nobody did, share one row at the end of their step.
pub fn rows(
    c: &Chrome,
    sections: Vec<Section>,
    change: impl Fn(&str, &str) -> String,
) -> Vec<Part> {
    let part = |section: Section| {
        let is_left =
            |row: &Row| row.values.is_empty() && !matches!(row.required, Level::S | Level::K);
        let (left, rows): (Vec<Row>, Vec<Row>) = section.rows.into_iter().partition(is_left);
        let row = |row: Row| {
            let lines: Vec<String> = row.values.iter().map(|value| shown(c, value)).collect();
            let none = || vec![c.plain("resident-no-answer")];
            Answer {
                label: label(&row),
                lines: if lines.is_empty() { none() } else { lines },
                change: change(&section.step, &row.path),
            }
        };
        let mut rows: Vec<Answer> = rows.into_iter().map(row).collect();
        rows.extend(left.first().map(|first| Answer {
            label: c.plain("resident-no-answer"),
            lines: vec![left.iter().map(label).collect::<Vec<_>>().join(" · ")],
            change: change(&section.step, &first.path),
        }));
        Part { title: super::ask::worded(&section.title, c.lang), rows }
    };
    sections.into_iter().map(part).collect()
}

/// A telephone number is shown as it will be filed, with its country.
fn in_full(row: &mut Row, clean: &Answers) {
    let filed = clean.first(&row.path);
    if let [Shown::Plain(typed)] = row.values.as_mut_slice()
        && row.item.is_none()
        && filed.starts_with('+')
    {
        filed.clone_into(typed);
    }
}

fn label(row: &Row) -> String {
    match &row.item {
        Some(item) => format!("{}: {}", item.text, row.label.text),
        None => row.label.text.clone(),
    }
}

fn shown(c: &Chrome, value: &Shown) -> String {
    match value {
        Shown::Plain(text) => text.clone(),
        Shown::Worded(wording) => wording.text.clone(),
        Shown::Said(message) => say(c, message),
    }
}

fn html_id(path: &str) -> String {
    let kept = path.chars().filter(|letter| *letter != ']');
    kept.map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' }).collect()
}

fn step_of<'a>(context: Context<'a>, opened: &'a Opened, error: &FieldError) -> Option<&'a Step> {
    steps(context, &opened.draft.answers)
        .into_iter()
        .find(|step| check_step(context, step, &opened.draft.answers).contains(error))
}

fn page(visit: &Visit<'_>, opened: &Opened) -> Result<CheckPage, PageError> {
    let lang = visit.lang.code();
    let mut c = visit.chrome("")?;
    let procedure = opened.definition.name.wording(lang).text;
    c.title = format!("{} – {procedure}", c.plain("resident-check-title"));
    c.crumbs = vec![Link { label: c.plain("ui-my-cases"), href: "/moje-sprawy".to_owned() }];
    let context = opened.context(visit);
    let href = |step: &str, path: &str| {
        format!("{}?powrot=sprawdz#f-{}", opened.path(step), html_id(path))
    };
    let findings = |c: &Chrome, wanted: &dyn Fn(&FieldError) -> bool| -> Vec<Finding> {
        let found = check_all(context, &opened.draft.answers);
        let step = |error: &FieldError| {
            step_of(context, opened, error).map_or_else(String::new, |step| step.id.clone())
        };
        found
            .iter()
            .filter(|error| wanted(error))
            .map(|error| Finding {
                sentence: format!(
                    "{}: {}",
                    error.label.wording(lang).text,
                    say(c, &error.message(lang))
                ),
                href: href(&step(error), &error.path),
            })
            .collect()
    };
    let gap = |error: &FieldError, statutory: bool| {
        error.weight == Weight::Missing && (error.level == Level::S) == statutory
    };
    let first = steps(context, &opened.draft.answers).last().map(|step| step.id.clone());
    let clean = normalise(context, &opened.draft.answers);
    // Rows of the clean copy would lead to other items than the ones on the pages when one is empty.
    let mut sections = check_rows(context, &opened.draft.answers, lang);
    sections.iter_mut().flat_map(|section| &mut section.rows).for_each(|row| in_full(row, &clean));
    let law = opened.definition.legal_basis.iter().map(|cite| cite.text.clone()).collect();
    if clean.is_empty() && sections.is_empty() {
        return Err(Fault::new("the form has no steps").into());
    }
    Ok(CheckPage {
        parts: rows(&c, sections, href),
        wrong: findings(&c, &|error| error.weight == Weight::Wrong),
        statutory: findings(&c, &|error| gap(error, true)),
        missing: findings(&c, &|error| gap(error, false)),
        back: opened.path(first.as_deref().unwrap_or("sprawdz")),
        may_file: visit.may(FILE.who),
        changed: false,
        seen: super::filing::digest(opened, &clean)?,
        f: Filled::new(),
        key: visit.submission_key(),
        start: opened.path("podpis/start"),
        finish: opened.path("podpis/gotowe"),
        send: opened.path("wyslij"),
        drop: opened.path("usun"),
        authority: opened.definition.authority.wording(lang).text,
        law,
        c,
    })
}

/// The page.
pub fn show(visit: &Visit<'_>) -> Result<Page, PageError> {
    Page::html(&page(visit, &drafts::open(visit)?)?)
}

/// Filing has no page of its own: who comes back to its address sees this one.
pub fn back(visit: &Visit<'_>) -> Result<Page, PageError> {
    Err(PageError::To(drafts::open(visit)?.path("sprawdz")))
}

/// The page again, because the notice cannot be filed as it is.
pub fn again(visit: &Visit<'_>, opened: &Opened, why: NotReady) -> PageError {
    if let NotReady::Fault(fault) = why {
        return fault.into();
    }
    let mut page = match page(visit, opened) {
        Ok(page) => page,
        Err(error) => return error,
    };
    page.changed = matches!(why, NotReady::Changed);
    if !page.changed && page.wrong.is_empty() && !page.statutory.is_empty() {
        let sentence = page.c.plain("resident-anyway-needed");
        page.f.wrong(super::filing::ANYWAY, sentence);
    }
    page.c.failed = true;
    PageError::form(&page)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{
        services::catalogue::Wording,
        web::i18n::{Catalogue, Lang, UI},
    };

    fn row(label: &str, values: &[&str], required: Level) -> Row {
        Row {
            path: label.to_lowercase(),
            label: Wording { text: label.to_owned(), lang: "pl" },
            item: None,
            values: values.iter().map(|value| Shown::Plain((*value).to_owned())).collect(),
            required,
        }
    }

    #[test]
    fn what_nobody_has_to_answer_shares_one_row() {
        let texts = Catalogue::new(&[&UI, &crate::services::trees::SERVICE.texts]).unwrap();
        let c = Chrome::new(Arc::new(texts), Lang::Pl, "Gmina Modrzewie", "/");
        let section = Section {
            step: "kto".to_owned(),
            title: Wording { text: "Kto".to_owned(), lang: "pl" },
            rows: vec![
                row("E-mail", &[], Level::O),
                row("Nazwisko", &["Wierzba"], Level::S),
                row("Działka", &[], Level::S),
                row("Pora", &[], Level::R),
            ],
        };
        let parts = rows(&c, vec![section], |step, path| format!("/{step}#{path}"));
        let said: Vec<_> = parts[0]
            .rows
            .iter()
            .map(|row| (row.label.as_str(), row.lines.join("|"), row.change.as_str()))
            .collect();
        assert_eq!(
            said,
            [
                ("Nazwisko", "Wierzba".to_owned(), "/kto#nazwisko"),
                // A gap that matters keeps its own place.
                ("Działka", "Bez odpowiedzi".to_owned(), "/kto#działka"),
                ("Bez odpowiedzi", "E-mail · Pora".to_owned(), "/kto#e-mail"),
            ]
        );
    }

    #[test]
    fn a_telephone_number_is_shown_as_it_will_be_filed() {
        let mut clean = Answers::default();
        clean.set("telefon", vec!["+48600100200".to_owned()]);
        clean.set("ulica", vec!["Leśna".to_owned()]);
        let mut telephone = row("Telefon", &["600 100 200"], Level::O);
        in_full(&mut telephone, &clean);
        assert_eq!(telephone.values, [Shown::Plain("+48600100200".to_owned())]);
        let mut street = row("Ulica", &[" Leśna"], Level::O);
        in_full(&mut street, &clean);
        assert_eq!(street.values, [Shown::Plain(" Leśna".to_owned())]);
    }
}
