//! Closing an account: by its owner, or by a clerk for a resident who stands at the desk. It ends every session and
//! every login, for good; matters go on, and the data stay until the office erases them.

use askama::Template;

use super::{desk, login, mark};
use crate::{
    kernel::{
        identity::{
            Action, Level, Permit, Person, PersonId, Who,
            people::{SignIn, SignInEvent},
        },
        store::{Change, Desk, Fault, Op, Refusal, View, change::Evidence},
    },
    services::people::{DESK, rules},
    web::{
        Committed, Disclosed, Page, PageError, Route, Tools, Visit,
        answer::SessionChange,
        chrome::{Chrome, Link},
        parts::Filled,
    },
};

/// Whoever has an account that they may close themselves.
const OWNER: Who = Who::Resident(Level::Declared);

pub static CLOSE: Action =
    Action { name: "people.close", who: OWNER, sentence: "audit-people-close" };
pub static CLOSE_AT_DESK: Action =
    Action { name: "people.close-at-desk", who: DESK, sentence: "audit-people-close-at-desk" };

pub static ACTIONS: &[&Action] = &[&CLOSE, &CLOSE_AT_DESK];

pub static ROUTES: &[Route] = &[
    Route::look("/konto/zamknij", OWNER, page),
    Route::act("/konto/zamknij", &CLOSE, close),
    Route::look(CLOSED, Who::Anyone, closed_page),
    Route::disclose("/urzad/mieszkancy/{id}/zamknij", DESK, desk::subject, desk_page),
    Route::act("/urzad/mieszkancy/{id}/zamknij", &CLOSE_AT_DESK, close_at_desk),
];

/// What somebody sees who has closed their account.
const CLOSED: &str = "/konto/zamkniete";

#[derive(Template)]
#[template(path = "services/people/templates/close.html")]
struct ClosePage {
    c: Chrome,
    f: Filled,
    key: String,
}

#[derive(Template)]
#[template(path = "services/people/templates/closed.html")]
struct ClosedPage {
    c: Chrome,
}

#[derive(Template)]
#[template(path = "services/people/templates/desk_close.html")]
struct DeskClosePage {
    c: Chrome,
    f: Filled,
    key: String,
    path: String,
    name: String,
}

fn form(visit: &Visit<'_>, f: Filled) -> Result<ClosePage, Fault> {
    let mut c = visit.chrome_of("people-close")?;
    c.crumbs = vec![Link { label: c.plain("people-account"), href: "/konto".to_owned() }];
    c.failed = !f.is_right();
    Ok(ClosePage { c, f, key: visit.submission_key() })
}

fn page(visit: &Visit<'_>) -> Result<Page, PageError> {
    login::again(visit)?;
    Page::html(&form(visit, Filled::new())?)
}

fn closed_page(visit: &Visit<'_>) -> Result<Page, PageError> {
    if visit.person.is_some() {
        return Err(PageError::To("/konto".to_owned()));
    }
    Page::html(&ClosedPage { c: visit.chrome_of("people-closed")? })
}

fn close(desk: Desk<'_>, visit: &Visit<'_>, tools: &Tools<'_>) -> Result<Committed, PageError> {
    login::again(visit)?;
    let me = visit.me()?.id;
    if visit.form.get("sure") != "yes" {
        let mut f = Filled::new();
        mark(visit, &mut f, &[Refusal::rule("people-close-unsure").on("sure")]);
        return Err(PageError::form(&form(visit, f)?));
    }
    let ticket = desk.once(visit.submission()?).commit(|view, authority| {
        closed(view, authority.permit_owner(&CLOSE, me)?, me, authority.now())
    })?;
    // The record ends them too; this frees their place at once.
    tools.sessions.end_all(me);
    Ok(Committed::to(ticket, CLOSED).session(SessionChange::End))
}

/// The account closed, and every session of it over.
fn closed(
    view: &View<'_>,
    permit: Permit,
    person: PersonId,
    now: jiff::Timestamp,
) -> Result<Change, Refusal> {
    let known = view.get::<Person>(&person)?.ok_or_else(Refusal::unknown)?;
    let closed = rules::close(&known)?;
    let before = view.get::<SignIn>(&person)?;
    let out = rules::sign_in(before.as_ref(), person, SignInEvent::OutEverywhere, None, now);
    Ok(Change::new(permit, Op::put(&closed)).and(Op::put(&out)))
}

fn desk_form(visit: &Visit<'_>, person: &Person, f: Filled) -> Result<DeskClosePage, PageError> {
    let mut c = visit.chrome_of("people-close-at-desk")?;
    let path = format!("/urzad/mieszkancy/{}", person.id);
    c.crumbs = vec![
        Link { label: c.plain("people-desk"), href: "/urzad/mieszkancy".to_owned() },
        Link { label: person.full_name(), href: path.clone() },
    ];
    c.failed = !f.is_right();
    Ok(DeskClosePage { c, f, key: visit.submission_key(), path, name: person.full_name() })
}

fn desk_page(visit: &Visit<'_>, disclosed: &Disclosed) -> Result<Page, PageError> {
    let person = desk::resident(visit)?;
    if !disclosed.covers(person.id) {
        return Err(PageError::unknown());
    }
    rules::close(&person)?;
    Page::html(&desk_form(visit, &person, Filled::new())?)
}

fn close_at_desk(
    desk: Desk<'_>,
    visit: &Visit<'_>,
    tools: &Tools<'_>,
) -> Result<Committed, PageError> {
    let person = desk::resident(visit)?;
    if visit.form.get("seen") != "yes" {
        let mut f = Filled::new();
        mark(visit, &mut f, &[Refusal::rule("people-close-unseen").on("seen")]);
        return Err(PageError::form(&desk_form(visit, &person, f)?));
    }
    let ticket = desk.once(visit.submission()?).commit(|view, authority| {
        let permit = authority.permit(&CLOSE_AT_DESK, &[person.id])?;
        let change = closed(view, permit, person.id, authority.now())?;
        Ok::<_, Refusal>(change.acting_for(person.id).confirmed(Evidence::Desk))
    })?;
    tools.sessions.end_all(person.id);
    Ok(Committed::to(ticket, format!("/urzad/mieszkancy/{}", person.id)))
}
