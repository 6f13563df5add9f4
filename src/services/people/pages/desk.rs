//! The desk: a clerk finds a resident who stands there, looks at their identity document, and gives
//! them a code for the second level. A surname is never in an address.

use std::time::Duration;

use askama::Template;

use super::{account, no_room, read};
use crate::{
    kernel::{
        cbor,
        identity::{
            Action, Level, Person, PersonId,
            codes::{CodeFor, CodeText, Codes},
            people::{Code, CodeId, CodeUse, RESIDENTS_BY_NAME},
        },
        scratch::{Class, Owner},
        store::{Change, Desk, Fault, Op, Refusal, keys::Key},
    },
    services::people::{DESK, model::ShownCode, rules},
    web::{
        Committed, Disclosed, Page, PageError, Reply, Route, Tools, Visit,
        chrome::{Chrome, Kind, Link},
        i18n::Markup,
        parts::{self, Answer, Cell, Column, Filled, Row, Table},
    },
};

/// The code that a resident gets at the desk.
pub static ISSUE_CODE: Action =
    Action { name: "people.issue-code", who: DESK, sentence: "audit-people-issue-code" };

pub static ACTIONS: &[&Action] = &[&ISSUE_CODE];

pub static ROUTES: &[Route] = &[
    Route::look("/urzad/mieszkancy", DESK, find_page),
    Route::draft("/urzad/mieszkancy", DESK, find),
    Route::disclose("/urzad/mieszkancy/{id}", DESK, subject, show),
    Route::act("/urzad/mieszkancy/{id}/kod", &ISSUE_CODE, issue),
    Route::look("/urzad/kody/{id}", DESK, code_page),
];

/// Namesakes on one page; more ask for more letters.
const FOUND_MAX: usize = 25;
const LETTERS_MIN: usize = 2;
/// Where the erasure of a file is proposed.
const ERASURE: &str = "/urzad/usuwanie/nowe";

#[derive(Template)]
#[template(path = "services/people/templates/desk.html")]
struct FindPage {
    c: Chrome,
    f: Filled,
    table: Option<Table>,
    more: bool,
}

#[derive(Template)]
#[template(path = "services/people/templates/desk_person.html")]
struct PersonPage {
    c: Chrome,
    rows: Vec<Answer>,
    f: Filled,
    can: bool,
    action: String,
    key: String,
    /// Where the account can be closed; empty if it is.
    close: String,
    /// Where its data can be erased, if they can and the reader may.
    erase: String,
}

#[derive(Template)]
#[template(path = "services/people/templates/code_show.html")]
struct CodePage {
    c: Chrome,
    lead: &'static str,
    sheet: &'static str,
    code: String,
    link: String,
    qr: Option<Markup>,
    until: jiff::Timestamp,
    back: String,
}

fn find_form(
    visit: &Visit<'_>,
    f: Filled,
    table: Option<Table>,
    more: bool,
) -> Result<FindPage, Fault> {
    let mut c = visit.chrome_of("people-desk")?;
    c.failed = !f.is_right();
    Ok(FindPage { c, f, table, more })
}

fn find_page(visit: &Visit<'_>) -> Result<Page, PageError> {
    Page::html(&find_form(visit, Filled::new(), None, false)?)
}

/// Residents whose family name begins with what was typed: name and level, nothing more.
fn find(visit: &Visit<'_>, _tools: &Tools<'_>) -> Result<Reply, PageError> {
    let typed = visit.form.get("family").trim();
    let mut f = Filled::new().with("family", typed);
    if typed.chars().count() < LETTERS_MIN {
        let refusal = Refusal::rule("people-find-short").on("family");
        super::mark(visit, &mut f, &[refusal]);
        return Err(PageError::form(&find_form(visit, f, None, false)?));
    }
    // Without the mark of its end, a text is a prefix.
    let prefix = Key(typed.to_lowercase().into_bytes());
    let list = visit.view().list::<Person>(RESIDENTS_BY_NAME, &prefix, None, FOUND_MAX)?;
    let c = visit.chrome("")?;
    let rows = list.rows.iter().map(|row| {
        let level = row.number(1).and_then(Level::from_code).unwrap_or(Level::Anonymous);
        let standing = if row.flag(2) {
            Cell::tag(Kind::Warning, c.plain("people-closed"))
        } else {
            Cell::text(c.plain(account::level_text(level)))
        };
        let cells =
            vec![Cell::link(row.text(0), format!("/urzad/mieszkancy/{}", row.id)), standing];
        Row { cells, take: String::new() }
    });
    let column = |label: &str| Column { label: c.plain(label), ..Column::default() };
    let table = Table {
        caption: c.plain("people-found"),
        columns: vec![column("people-name"), column("people-level")],
        rows: rows.collect(),
        ..Table::default()
    };
    Ok(Reply::Page(Page::html(&find_form(visit, f, Some(table), list.next.is_some())?)?))
}

/// The resident of the path, also one whose account is closed.
pub fn resident(visit: &Visit<'_>) -> Result<Person, PageError> {
    let id = visit.id("id", PersonId::parse)?;
    let found = visit.view().get::<Person>(&id)?;
    found.filter(|person| !person.staff).ok_or_else(PageError::unknown)
}

/// Whose data a page of the desk shows.
pub fn subject(visit: &Visit<'_>) -> Result<Vec<PersonId>, PageError> {
    Ok(vec![resident(visit)?.id])
}

fn person_page(visit: &Visit<'_>, person: &Person, f: Filled) -> Result<PersonPage, PageError> {
    let mut c = visit.chrome(person.full_name())?;
    c.crumbs = vec![Link { label: c.plain("people-desk"), href: "/urzad/mieszkancy".to_owned() }];
    c.failed = !f.is_right();
    Ok(PersonPage {
        rows: account::about(&c, person),
        c,
        f,
        can: rules::may_be_verified(person).is_ok(),
        action: format!("/urzad/mieszkancy/{}/kod", person.id),
        close: match person.closed {
            true => String::new(),
            false => format!("/urzad/mieszkancy/{}/zamknij", person.id),
        },
        erase: if person.closed { erasure(visit, person.id) } else { String::new() },
        key: visit.submission_key(),
    })
}

/// The page on which the erasure of a file is proposed, if the house has one and the reader may.
fn erasure(visit: &Visit<'_>, person: PersonId) -> String {
    let mut routes = visit.services().iter().flat_map(|service| service.all_routes());
    let page = routes.find(|route| route.path == ERASURE && route.method() == "GET");
    let page = page.filter(|route| visit.may(route.who));
    page.map_or_else(String::new, |route| format!("{}?teczka={person}", route.path))
}

fn show(visit: &Visit<'_>, disclosed: &Disclosed) -> Result<Page, PageError> {
    let person = resident(visit)?;
    if !disclosed.covers(person.id) {
        return Err(PageError::unknown());
    }
    Page::html(&person_page(visit, &person, Filled::new())?)
}

fn issue(desk: Desk<'_>, visit: &Visit<'_>, tools: &Tools<'_>) -> Result<Committed, PageError> {
    let person = resident(visit)?;
    if visit.form.get("seen") != "yes" {
        let mut f = Filled::new();
        super::mark(visit, &mut f, &[Refusal::rule("people-document-unseen").on("seen")]);
        return Err(PageError::form(&person_page(visit, &person, f)?));
    }
    let me = visit.me()?.id;
    let whom = CodeFor { person: Some(person.id), issued_by: Some(me), ..CodeFor::default() };
    let (text, code) = Codes::new(tools.scratch)
        .issue(CodeUse::ResidentVerification, whom, visit.now)
        .map_err(Fault::from)?;
    let path = format!("/urzad/kody/{}", code.id);
    let ticket = desk.once(visit.submission()?).commit(|view, authority| {
        let current = view.get::<Person>(&person.id)?.ok_or_else(Refusal::unknown)?;
        rules::may_be_verified(&current)?;
        let permit = authority.permit(&ISSUE_CODE, &[person.id])?;
        Ok::<_, Refusal>(Change::new(permit, Op::put(&code)).answer(&path))
    })?;
    keep_shown(visit, tools, &text, &code, format!("/urzad/mieszkancy/{}", person.id))?;
    Ok(Committed::to(ticket, path))
}

/// Keeps a code's text for whoever issued it, as long as the code is good.
pub fn keep_shown(
    visit: &Visit<'_>,
    tools: &Tools<'_>,
    text: &CodeText,
    code: &Code,
    back: String,
) -> Result<(), PageError> {
    let shown = ShownCode {
        text: text.reveal().to_owned(),
        used_for: code.used_for,
        expires: code.expires,
        back,
    };
    let bytes = cbor::encode_map(&shown.fields_to_map());
    let lives = Duration::try_from(code.expires.duration_since(visit.now)).unwrap_or_default();
    let owner = Owner::Person(visit.me()?.id);
    tools.scratch.put(Class::Form, &item(code.id), &owner, &bytes, lives).map_err(no_room)
}

fn item(code: CodeId) -> String {
    format!("people.code.{code}")
}

fn code_page(visit: &Visit<'_>) -> Result<Page, PageError> {
    let id = visit.id("id", CodeId::parse)?;
    let shown = visit
        .kept(Class::Form, &item(id))
        .and_then(|bytes| read(&bytes, ShownCode::fields_from_map))
        .ok_or_else(|| Refusal::rule("people-code-over"))?;
    let is_open = visit.view().get::<Code>(&id)?.is_some_and(|code| code.used.is_none());
    if !is_open {
        return Err(Refusal::rule("people-code-over").into());
    }
    let staff = shown.used_for == CodeUse::StaffInvitation;
    let path = if staff { "/zaproszenie" } else { "/konto/kod" };
    let link = format!("{}{path}?kod={}", visit.origin(), shown.text);
    let c = visit.chrome_of(if staff { "people-invitation" } else { "people-code" })?;
    let qr = parts::qr(&link, &c.plain("people-qr"));
    Page::html(&CodePage {
        lead: if staff { "people-invitation-lead" } else { "people-code-lead" },
        sheet: if staff { "people-invitation-sheet" } else { "people-code-sheet" },
        code: shown.text,
        link: format!("{}{path}", visit.origin()),
        qr,
        until: shown.expires,
        back: shown.back,
        c,
    })
}
