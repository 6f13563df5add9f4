//! Logging in and out. Nobody types a name: the device offers its keys, so nothing here tells a
//! stranger who has an account.

use askama::Template;

use super::ceremony;
use crate::{
    kernel::{
        identity::{
            Action, Person, Who,
            passkeys::NoPasskey,
            people::{CREDENTIALS_BY_ID, Credential, SignIn, SignInEvent, credential_key},
            sessions::{Login, Method},
        },
        scratch::{Class, Owner},
        store::{Change, Desk, Fault, Op, Refusal},
    },
    services::people::{model, rules},
    web::{
        Committed, Page, PageError, Reply, Route, Tools, Visit,
        answer::SessionChange,
        chrome::{Chrome, paths},
    },
};

pub static LOGIN: Action =
    Action { name: "people.login", who: Who::Anyone, sentence: "audit-people-login" };
/// Everybody may leave, also when their grants are over.
pub static LOGOUT: Action =
    Action { name: "people.logout", who: Who::Anyone, sentence: "audit-people-logout" };
pub static LOGOUT_EVERYWHERE: Action = Action {
    name: "people.logout-everywhere",
    who: Who::Anyone,
    sentence: "audit-people-logout-everywhere",
};

pub static ACTIONS: &[&Action] = &[&LOGIN, &LOGOUT, &LOGOUT_EVERYWHERE];

pub static ROUTES: &[Route] = &[
    Route::look(paths::LOGIN, Who::Anyone, page),
    Route::draft("/logowanie/start", Who::Anyone, start),
    Route::act("/logowanie/koniec", &LOGIN, finish),
    Route::act(paths::LOGOUT, &LOGOUT, logout),
    Route::act("/konto/wyloguj-wszedzie", &LOGOUT_EVERYWHERE, logout_everywhere),
];

#[derive(Template)]
#[template(path = "services/people/templates/login.html")]
struct LoginPage {
    c: Chrome,
    back: String,
}

fn page(visit: &Visit<'_>) -> Result<Page, PageError> {
    let c = visit.chrome_of("people-login")?;
    let back = model::path_back(visit.query.get("powrot")).unwrap_or_default().to_owned();
    Page::html(&LoginPage { c, back })
}

fn start(visit: &Visit<'_>, tools: &Tools<'_>) -> Result<Reply, PageError> {
    let started = tools.passkeys.start_login().map_err(Fault::new)?;
    ceremony::begin(visit, tools, "login", &started)
}

/// One answer to everything that did not work, so that it tells nothing about accounts.
fn failed() -> Refusal {
    Refusal::rule("people-login-failed")
}

fn finish(desk: Desk<'_>, visit: &Visit<'_>, tools: &Tools<'_>) -> Result<Committed, PageError> {
    let ended = ceremony::end(visit, tools, "login")?;
    let (claimed, key_id) =
        tools.passkeys.claimed(&ended.credential).map_err(|_nobody| failed())?;
    let key = visit
        .view()
        .find::<Credential>(CREDENTIALS_BY_ID, &credential_key(&key_id))?
        .filter(|key| key.person == claimed && key.credential_id.0 == key_id)
        .ok_or_else(failed)?;
    let moved = tools
        .passkeys
        .finish_login(&ended.state, &ended.credential, &key.passkey)
        .map_err(|no| match no {
            // Only whoever holds the key gets so far.
            NoPasskey::Copied | NoPasskey::Fault(_) => ceremony::refusal(no),
            NoPasskey::Malformed
            | NoPasskey::NotVerified
            | NoPasskey::OtherKey
            | NoPasskey::Failed(_) => {
                tracing::info!(%no, "a login failed");
                failed()
            }
        })?;
    let me = visit.view().get::<Person>(&claimed)?.ok_or_else(failed)?;
    let ticket = desk.commit(|view, authority| {
        let now = authority.now();
        let person =
            view.get::<Person>(&claimed)?.filter(|person| !person.closed).ok_or_else(failed)?;
        let key = view
            .get::<Credential>(&key.id)?
            .filter(|key| key.removed.is_none())
            .ok_or_else(failed)?;
        let before = view.get::<SignIn>(&person.id)?;
        let sign_in =
            rules::sign_in(before.as_ref(), person.id, SignInEvent::In, Some(key.id), now);
        let change = Change::new(authority.permit(&LOGIN, &[person.id])?, Op::put(&sign_in));
        Ok::<_, Refusal>(match moved {
            None => change,
            Some(passkey) => change.and(Op::put(&Credential { passkey, ..key })),
        })
    })?;
    tools.scratch.hand_over(Class::Draft, &visit.token.owner(), &Owner::Person(me.id));
    let login = Login {
        person: me.id,
        staff: me.staff,
        level: me.level,
        method: Method::Passkey,
        credential: key.id,
    };
    let to = model::path_back(visit.form.get("powrot")).unwrap_or_else(|| default_path(visit, &me));
    Ok(Committed::to(ticket, to).json().session(SessionChange::Begin(login)))
}

/// Residents see their cases if there is such a page, staff the house.
fn default_path(visit: &Visit<'_>, me: &Person) -> &'static str {
    let mut routes = visit.services().iter().flat_map(|service| service.all_routes());
    match (me.staff, routes.any(|route| route.path == paths::MY_CASES)) {
        (true, _) => paths::HOME,
        (false, true) => paths::MY_CASES,
        (false, false) => "/konto",
    }
}

fn logout(desk: Desk<'_>, visit: &Visit<'_>, _tools: &Tools<'_>) -> Result<Committed, PageError> {
    sign_out(desk, visit, &LOGOUT, SignInEvent::Out, paths::HOME)
}

fn logout_everywhere(
    desk: Desk<'_>,
    visit: &Visit<'_>,
    tools: &Tools<'_>,
) -> Result<Committed, PageError> {
    let committed =
        sign_out(desk, visit, &LOGOUT_EVERYWHERE, SignInEvent::OutEverywhere, paths::LOGIN)?;
    // The record ends them too; this frees their place at once.
    tools.sessions.end_all(visit.me()?.id);
    Ok(committed)
}

fn sign_out(
    desk: Desk<'_>,
    visit: &Visit<'_>,
    action: &'static Action,
    event: SignInEvent,
    to: &'static str,
) -> Result<Committed, PageError> {
    // Somebody who is out already is where they want to be.
    let (Some(me), Some(session)) = (&visit.person, &visit.session) else {
        return Err(PageError::To(to.to_owned()));
    };
    let ticket = desk.commit(|view, authority| {
        let before = view.get::<SignIn>(&me.id)?;
        let out = rules::sign_in(
            before.as_ref(),
            me.id,
            event,
            Some(session.credential),
            authority.now(),
        );
        Ok::<_, Refusal>(Change::new(authority.permit(action, &[me.id])?, Op::put(&out)))
    })?;
    Ok(Committed::to(ticket, to).session(SessionChange::End))
}

/// Asks for a login before a page that changes keys, and says where to come back to.
pub fn again(visit: &Visit<'_>) -> Result<(), PageError> {
    let started = visit.session.as_ref().map(|session| session.started);
    rules::fresh(started, visit.now).map_err(|_old| {
        let path = visit.path.split('?').next().unwrap_or_default();
        PageError::To(format!("{}?powrot={path}", paths::LOGIN))
    })
}
