//! Staff: who they are, what each may do, how a new one is let in, and how a right ends.

use askama::Template;
use jiff::Timestamp;

use super::{desk, mark};
use crate::{
    kernel::{
        identity::{
            Action, Grant, Person, PersonId, Role,
            codes::{CodeFor, Codes},
            people::{CodeUse, Credential, GRANTS_OF_PERSON, GrantId, STAFF_BY_NAME},
        },
        store::{Change, Desk, Fault, Op, Refusal, View, keys::Key},
    },
    services::people::{ADMINISTRATOR, ANY_ROLE, model, rules},
    web::{
        Committed, Page, PageError, Route, Tools, Visit,
        chrome::{Chrome, Kind, Link},
        parts::{Cell, Choice, Column, Filled, Row, Table},
    },
};

pub static INVITE: Action =
    Action { name: "people.invite", who: ADMINISTRATOR, sentence: "audit-people-invite" };
pub static END_GRANT: Action =
    Action { name: "people.end-grant", who: ADMINISTRATOR, sentence: "audit-people-end-grant" };

pub static ACTIONS: &[&Action] = &[&INVITE, &END_GRANT];

pub static ROUTES: &[Route] = &[
    Route::look("/urzad/pracownicy", ADMINISTRATOR, list),
    Route::look("/urzad/pracownicy/zapros", ADMINISTRATOR, invite_page),
    Route::act("/urzad/pracownicy/zapros", &INVITE, invite),
    Route::look("/urzad/pracownicy/{id}", ADMINISTRATOR, show),
    Route::act("/urzad/pracownicy/{id}/uprawnienia/{grant}/zakoncz", &END_GRANT, end_grant),
];

/// A small commune has no more staff than this on one page.
const STAFF_MAX: usize = 200;
const REASON_CHARS_MAX: usize = 500;

/// One grant on a page.
pub struct GrantLine {
    pub role: String,
    pub from: Timestamp,
    pub to: Option<Timestamp>,
    pub valid: bool,
    pub end: String,
    pub key: String,
    pub form: Filled,
    pub field: String,
}

#[derive(Template)]
#[template(path = "services/people/templates/staff.html")]
struct StaffPage {
    c: Chrome,
    table: Table,
}

#[derive(Template)]
#[template(path = "services/people/templates/staff_invite.html")]
struct InvitePage {
    c: Chrome,
    f: Filled,
    roles: Vec<Choice>,
    key: String,
}

#[derive(Template)]
#[template(path = "services/people/templates/staff_show.html")]
struct ShowPage {
    c: Chrome,
    f: Filled,
    keys: usize,
    few_keys: bool,
    vouched_by: String,
    grants: Vec<GrantLine>,
}

fn role_text(role: Role) -> &'static str {
    match role {
        Role::Administrator => "people-role-administrator",
        Role::Clerk => "people-role-clerk",
        Role::Editor => "people-role-editor",
        Role::Auditor => "people-role-auditor",
    }
}

fn role_hint(role: Role) -> &'static str {
    match role {
        Role::Administrator => "people-role-administrator-does",
        Role::Clerk => "people-role-clerk-does",
        Role::Editor => "people-role-editor-does",
        Role::Auditor => "people-role-auditor-does",
    }
}

fn grants_of(view: &View<'_>, person: PersonId) -> Result<Vec<Grant>, Fault> {
    let list = view.list::<Grant>(GRANTS_OF_PERSON, &Key::new().id(&person), None, 100)?;
    let mut grants = Vec::with_capacity(list.rows.len());
    for row in list.rows {
        grants.extend(view.get::<Grant>(&row.id)?);
    }
    grants.sort_by_key(|grant: &Grant| (grant.from, grant.role));
    Ok(grants)
}

fn list(visit: &Visit<'_>) -> Result<Page, PageError> {
    let c = visit.chrome_of("people-staff")?;
    let found = visit.view().list::<Person>(STAFF_BY_NAME, &Key::new(), None, STAFF_MAX)?;
    let mut rows = Vec::with_capacity(found.rows.len());
    for row in &found.rows {
        let grants = grants_of(visit.view(), row.id)?;
        let valid = grants.iter().filter(|grant| grant.is_valid(visit.now));
        let roles: Vec<String> = valid.map(|grant| c.plain(role_text(grant.role))).collect();
        let roles = if roles.is_empty() {
            Cell::tag(Kind::Info, c.plain("people-no-roles"))
        } else {
            Cell::text(roles.join(", "))
        };
        let keys = Credential::of(visit.view(), row.id)?.len();
        let counted = c.plain1("people-keys-counted", "n", keys);
        let keys = if keys < rules::KEYS_OF_STAFF {
            Cell::tag(Kind::Warning, counted)
        } else {
            Cell::text(counted)
        };
        let name = Cell::link(row.text(0), format!("/urzad/pracownicy/{}", row.id));
        rows.push(Row { cells: vec![name, roles, keys], take: String::new() });
    }
    let column = |label: &str| Column { label: c.plain(label), ..Column::default() };
    let table = Table {
        caption: c.plain("people-staff"),
        columns: vec![column("people-name"), column("people-roles"), column("people-keys")],
        rows,
        ..Table::default()
    };
    Page::html(&StaffPage { c, table })
}

fn crumbs(c: &Chrome) -> Vec<Link> {
    vec![Link { label: c.plain("people-staff"), href: "/urzad/pracownicy".to_owned() }]
}

fn invite_form(visit: &Visit<'_>, f: Filled) -> Result<InvitePage, Fault> {
    let mut c = visit.chrome_of("people-invite")?;
    c.crumbs = crumbs(&c);
    c.failed = !f.is_right();
    let choice = |role: &Role| Choice {
        value: role.code().to_string(),
        label: c.plain(role_text(*role)),
        hint: c.plain(role_hint(*role)),
    };
    let roles = ANY_ROLE.iter().map(choice).collect();
    Ok(InvitePage { c, f, roles, key: visit.submission_key() })
}

fn invite_page(visit: &Visit<'_>) -> Result<Page, PageError> {
    Page::html(&invite_form(visit, Filled::new())?)
}

fn invite(desk: Desk<'_>, visit: &Visit<'_>, tools: &Tools<'_>) -> Result<Committed, PageError> {
    let chosen = visit.form.all("role");
    let names = model::names(visit.form.get("given"), visit.form.get("family"));
    let (names, roles) = match (names, rules::roles(chosen)) {
        (Ok(names), Ok(roles)) => (names, roles),
        (names, roles) => {
            let mut f = Filled::new()
                .with("given", visit.form.get("given"))
                .with("family", visit.form.get("family"));
            chosen.iter().for_each(|role| f.put("role", role));
            mark(visit, &mut f, &names.err().unwrap_or_default());
            mark(visit, &mut f, roles.err().as_slice());
            return Err(PageError::form(&invite_form(visit, f)?));
        }
    };
    let whom = CodeFor {
        person: None,
        roles,
        given_name: Some(names.given),
        family_name: Some(names.family),
        issued_by: Some(visit.me()?.id),
    };
    let (text, code) = Codes::new(tools.scratch)
        .issue(CodeUse::StaffInvitation, whom, visit.now)
        .map_err(Fault::from)?;
    let path = format!("/urzad/kody/{}", code.id);
    let ticket = desk.once(visit.submission()?).commit(|_, authority| {
        let change = Change::new(authority.permit(&INVITE, &[])?, Op::put(&code));
        Ok::<_, Refusal>(change.answer(&path))
    })?;
    desk::keep_shown(visit, tools, &text, &code, "/urzad/pracownicy".to_owned())?;
    Ok(Committed::to(ticket, path))
}

fn member(visit: &Visit<'_>) -> Result<Person, PageError> {
    let id = visit.id("id", PersonId::parse)?;
    visit.view().get::<Person>(&id)?.filter(|person| person.staff).ok_or_else(PageError::unknown)
}

fn show_page(visit: &Visit<'_>, person: &Person, f: &Filled) -> Result<ShowPage, PageError> {
    let mut c = visit.chrome(person.full_name())?;
    c.crumbs = crumbs(&c);
    c.failed = !f.is_right();
    let keys = Credential::of(visit.view(), person.id)?.len();
    let lines = grants_of(visit.view(), person.id)?.into_iter().map(|grant| GrantLine {
        role: c.plain(role_text(grant.role)),
        from: grant.from,
        to: grant.to,
        valid: grant.is_valid(visit.now),
        end: format!("/urzad/pracownicy/{}/uprawnienia/{}/zakoncz", person.id, grant.id),
        key: visit.submission_key(),
        form: f.clone(),
        field: field_of(grant.id),
    });
    let vouched_by = person.verified_by.map_or(Ok(String::new()), |by| visit.name_of(by))?;
    Ok(ShowPage {
        grants: lines.collect(),
        c,
        f: f.clone(),
        keys,
        few_keys: keys < rules::KEYS_OF_STAFF,
        vouched_by,
    })
}

/// Each grant on the page has a reason of its own.
fn field_of(grant: GrantId) -> String {
    format!("reason-{grant}")
}

fn show(visit: &Visit<'_>) -> Result<Page, PageError> {
    Page::html(&show_page(visit, &member(visit)?, &Filled::new())?)
}

fn end_grant(desk: Desk<'_>, visit: &Visit<'_>, tools: &Tools<'_>) -> Result<Committed, PageError> {
    let person = member(visit)?;
    let id = visit.id("grant", GrantId::parse)?;
    let field = field_of(id);
    let reason: String = visit.form.get(&field).trim().chars().take(REASON_CHARS_MAX).collect();
    if reason.is_empty() {
        let mut f = Filled::new();
        mark(visit, &mut f, &[Refusal::rule("people-reason-empty").on(field)]);
        return Err(PageError::form(&show_page(visit, &person, &f)?));
    }
    let ticket = desk.once(visit.submission()?).commit(|view, authority| {
        let now = authority.now();
        let grant = view.get::<Grant>(&id)?.filter(|grant| grant.person == person.id);
        let grant = grant.ok_or_else(Refusal::unknown)?;
        let ended = rules::end_grant(&grant, administrators_without(view, id, now)?, now)?;
        let permit = authority.permit(&END_GRANT, &[person.id])?;
        Ok::<_, Refusal>(Change::new(permit, Op::put(&ended)).because(&reason))
    })?;
    let left = grants_of(visit.view(), person.id)?;
    if !left.iter().any(|grant| grant.id != id && grant.is_valid(visit.now)) {
        // Nothing is left that they may do here.
        tools.sessions.end_all(person.id);
    }
    Ok(Committed::to(ticket, format!("/urzad/pracownicy/{}", person.id)))
}

/// Administrators who would remain without a grant.
fn administrators_without(
    view: &View<'_>,
    without: GrantId,
    now: Timestamp,
) -> Result<usize, Fault> {
    let staff = view.list::<Person>(STAFF_BY_NAME, &Key::new(), None, STAFF_MAX)?;
    let mut count = 0;
    for row in staff.rows.iter().filter(|row| !row.flag(2)) {
        let remains = grants_of(view, row.id)?.iter().any(|grant| {
            grant.id != without && grant.role == Role::Administrator && grant.is_valid(now)
        });
        count += usize::from(remains);
    }
    Ok(count)
}
