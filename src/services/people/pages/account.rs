//! One's own account: who I am to the office, my keys, where I am logged in, who looked at my data,
//! and the code from the desk.

use askama::Template;
use jiff::Timestamp;

use super::{ATTEMPTS, mark};
use crate::{
    kernel::{
        identity::{
            Action, Level, Person, PersonId, Who,
            codes::{self, Codes},
            people::{CodeUse, Credential, Disclosure, LOOKS_AT_PERSON, SignIn, SignInEvent},
            sessions::Session,
        },
        scratch::Owner,
        store::{Change, Desk, Fault, Op, Refusal, keys::Key},
    },
    services::people::{ACCOUNT, rules},
    web::{
        Committed, Page, PageError, Route, Tools, Visit,
        answer::SessionChange,
        chrome::{Chrome, Link, paths},
        parts::{Answer, Cell, Column, Filled, Row, Table},
    },
};

/// A resident enters the code from the desk.
pub static VERIFY: Action = Action {
    name: "people.verify",
    who: Who::Resident(Level::Declared),
    sentence: "audit-people-verify",
};
pub static END_SESSION: Action =
    Action { name: "people.end-session", who: ACCOUNT, sentence: "audit-people-end-session" };

pub static ACTIONS: &[&Action] = &[&VERIFY, &END_SESSION];

pub static ROUTES: &[Route] = &[
    Route::look("/konto", ACCOUNT, page),
    Route::look("/konto/wglady", ACCOUNT, looks),
    Route::look("/konto/kod", Who::Resident(Level::Declared), code_page),
    Route::act("/konto/kod", &VERIFY, verify),
    Route::act("/konto/sesje/{handle}/zakoncz", &END_SESSION, end_session),
];

const LOOKS_ROWS: usize = 30;

/// One key on the page.
pub struct KeyLine {
    pub name: String,
    pub added: Timestamp,
    pub remove: String,
}

/// One session on the page.
pub struct SessionLine {
    pub started: Timestamp,
    pub seen: Timestamp,
    pub key: String,
    pub current: bool,
    pub end: String,
    pub submission: String,
}

#[derive(Template)]
#[template(path = "services/people/templates/account.html")]
struct AccountPage {
    c: Chrome,
    rows: Vec<Answer>,
    staff: bool,
    verified: bool,
    keys: Vec<KeyLine>,
    few_keys: bool,
    sessions: Vec<SessionLine>,
    key: String,
}

#[derive(Template)]
#[template(path = "services/people/templates/looks.html")]
struct LooksPage {
    c: Chrome,
    table: Table,
}

#[derive(Template)]
#[template(path = "services/people/templates/code_enter.html")]
struct CodePage {
    c: Chrome,
    f: Filled,
    key: String,
}

/// The text key of a level.
pub fn level_text(level: Level) -> &'static str {
    match level {
        Level::Anonymous => "people-level-0",
        Level::Declared => "people-level-1",
        Level::Verified => "people-level-2",
    }
}

fn page(visit: &Visit<'_>) -> Result<Page, PageError> {
    let me = visit.me()?;
    let c = visit.chrome_of("people-account")?;
    let keys = Credential::of(visit.view(), me.id)?;
    let name_of = |session: &Session| {
        let key = keys.iter().find(|key| key.id == session.credential);
        key.map_or_else(String::new, |key| key.name.clone())
    };
    let mine = visit.session.as_ref().map(|session| session.handle.clone());
    let sessions = visit.sessions_of(me.id).into_iter().map(|session| SessionLine {
        started: session.started,
        seen: session.last_seen,
        key: name_of(&session),
        current: mine.as_ref() == Some(&session.handle),
        end: format!("/konto/sesje/{}/zakoncz", session.handle),
        submission: visit.submission_key(),
    });
    Page::html(&AccountPage {
        rows: about(&c, me),
        staff: me.staff,
        verified: me.level >= Level::Verified,
        few_keys: keys.len() < rules::KEYS_OF_STAFF,
        sessions: sessions.collect(),
        keys: keys
            .into_iter()
            .map(|key| KeyLine {
                remove: format!("/konto/klucze/{}/usun", key.id),
                name: key.name,
                added: key.added,
            })
            .collect(),
        key: visit.submission_key(),
        c,
    })
}

/// What the office knows of somebody.
pub fn about(c: &Chrome, person: &Person) -> Vec<Answer> {
    let row = |label: &str, line: String| Answer {
        label: c.plain(label),
        lines: vec![line],
        change: String::new(),
    };
    let mut rows = vec![row("people-name", person.full_name())];
    if !person.staff {
        rows.push(row("people-level", c.plain(level_text(person.level))));
    }
    rows.extend(person.phone.clone().map(|phone| row("people-phone", phone)));
    rows.extend(person.email.clone().map(|email| row("people-email", email)));
    rows.push(row("people-since", c.moment(person.since)));
    rows
}

fn looks(visit: &Visit<'_>) -> Result<Page, PageError> {
    let me = visit.me()?.id;
    let mut c = visit.chrome_of("people-looks")?;
    c.crumbs = vec![Link { label: c.plain("people-account"), href: "/konto".to_owned() }];
    let list = visit.view().list::<Disclosure>(
        LOOKS_AT_PERSON,
        &Key::new().id(&me),
        visit.position("wglady").as_deref(),
        LOOKS_ROWS,
    )?;
    let mut rows = Vec::with_capacity(list.rows.len());
    for row in &list.rows {
        let staff: PersonId = row.id.staff;
        let title = visit.services().iter().find(|service| service.name == row.text(1));
        let service =
            title.map_or_else(|| row.text(1).to_owned(), |service| c.plain(service.title));
        let cells = vec![
            Cell::text(c.day(row.id.day)),
            Cell::text(visit.name_of(staff)?),
            Cell::text(service),
        ];
        rows.push(Row { cells, take: String::new() });
    }
    let column = |label: &str| Column { label: c.plain(label), ..Column::default() };
    let table = Table {
        caption: c.plain("people-looks"),
        columns: vec![
            column("people-looks-day"),
            column("people-looks-who"),
            column("people-looks-where"),
        ],
        rows,
        next: list.next.map_or_else(String::new, |at| {
            format!("/konto/wglady?dalej={}", visit.cursor("wglady", &at))
        }),
        ..Table::default()
    };
    Page::html(&LooksPage { c, table })
}

fn code_form(visit: &Visit<'_>, f: Filled) -> Result<CodePage, Fault> {
    let mut c = visit.chrome_of("people-enter-code")?;
    c.crumbs = vec![Link { label: c.plain("people-account"), href: "/konto".to_owned() }];
    c.failed = !f.is_right();
    Ok(CodePage { c, f, key: visit.submission_key() })
}

fn code_page(visit: &Visit<'_>) -> Result<Page, PageError> {
    if rules::may_be_verified(visit.me()?).is_err() {
        return Err(PageError::To("/konto".to_owned()));
    }
    Page::html(&code_form(visit, Filled::new().with("code", visit.query.get("kod")))?)
}

fn verify(desk: Desk<'_>, visit: &Visit<'_>, tools: &Tools<'_>) -> Result<Committed, PageError> {
    let me = visit.me()?.id;
    if rules::may_be_verified(visit.me()?).is_err() {
        // The same form a second time: the first one did it.
        return Err(PageError::To("/konto".to_owned()));
    }
    let typed = visit.form.get("code");
    let codes = Codes::new(tools.scratch);
    if !ATTEMPTS.allow(&Owner::Person(me), visit.now) {
        return again(visit, typed, &Refusal::rule("code-slow").on("code"));
    }
    // Asked here so that a wrong code brings the form back, and again inside the decision.
    if let Err(refusal) = codes.find(visit.view(), typed, CodeUse::ResidentVerification, visit.now)
    {
        return again(visit, typed, &refusal);
    }
    let ticket = desk.once(visit.submission()?).commit(|view, authority| {
        let now = authority.now();
        let person = view.get::<Person>(&me)?.ok_or_else(Refusal::unknown)?;
        let code = codes.find(view, typed, CodeUse::ResidentVerification, now)?;
        let verified = rules::verify(&person, &code, now)?;
        let change = Change::new(authority.permit_owner(&VERIFY, me)?, Op::put(&verified));
        Ok::<_, Refusal>(change.and(Op::put(&codes::used(code, now))))
    })?;
    Ok(Committed::to(ticket, "/konto"))
}

/// The form again, with what was typed and what is wrong.
fn again(visit: &Visit<'_>, typed: &str, refusal: &Refusal) -> Result<Committed, PageError> {
    let mut f = Filled::new().with("code", typed);
    mark(visit, &mut f, std::slice::from_ref(refusal));
    Err(PageError::form(&code_form(visit, f)?))
}

fn end_session(
    desk: Desk<'_>,
    visit: &Visit<'_>,
    tools: &Tools<'_>,
) -> Result<Committed, PageError> {
    let me = visit.me()?.id;
    let handle = visit.param("handle");
    let Some(session) = visit.sessions_of(me).into_iter().find(|session| session.handle == handle)
    else {
        // It ended meanwhile.
        return Err(PageError::To("/konto".to_owned()));
    };
    let ticket = desk.once(visit.submission()?).commit(|view, authority| {
        let before = view.get::<SignIn>(&me)?;
        let now = authority.now();
        let out =
            rules::sign_in(before.as_ref(), me, SignInEvent::Out, Some(session.credential), now);
        Ok::<_, Refusal>(Change::new(authority.permit(&END_SESSION, &[me])?, Op::put(&out)))
    })?;
    let current = visit.session.as_ref().is_some_and(|mine| mine.handle == handle);
    if current {
        return Ok(Committed::to(ticket, paths::HOME).session(SessionChange::End));
    }
    tools.sessions.end_one(me, handle);
    Ok(Committed::to(ticket, "/konto"))
}
