//! More keys, and fewer: never none. Both ask for a fresh login, so that a phone left on a table does
//! not give its finder a key of their own.

use askama::Template;
use uuid::Uuid;

use super::{ceremony, login, no_room, read};
use crate::{
    kernel::{
        cbor,
        identity::{
            Action,
            people::{CREDENTIALS_BY_ID, Credential, CredentialId, credential_key},
        },
        scratch::Class,
        store::{Change, Desk, Fault, Op, Refusal},
    },
    services::people::{ACCOUNT, model, rules},
    web::{
        Committed, Page, PageError, Reply, Route, Tools, Visit,
        answer::SessionChange,
        chrome::{Chrome, Link, paths},
        parts::Filled,
    },
};

pub static ADD_KEY: Action =
    Action { name: "people.add-key", who: ACCOUNT, sentence: "audit-people-add-key" };
pub static REMOVE_KEY: Action =
    Action { name: "people.remove-key", who: ACCOUNT, sentence: "audit-people-remove-key" };

pub static ACTIONS: &[&Action] = &[&ADD_KEY, &REMOVE_KEY];

pub static ROUTES: &[Route] = &[
    Route::look("/konto/klucze/nowy", ACCOUNT, new_page),
    Route::draft("/konto/klucze/nowy/start", ACCOUNT, start),
    Route::act("/konto/klucze/nowy/koniec", &ADD_KEY, finish),
    Route::look("/konto/klucze/{id}/usun", ACCOUNT, remove_page),
    Route::act("/konto/klucze/{id}/usun", &REMOVE_KEY, remove),
];

const KIND: &str = "add-key";

crate::fields! {
    /// The name that the second half of the ceremony gives the key.
    pub struct Named {
        0 name: String,
    }
}

#[derive(Template)]
#[template(path = "services/people/templates/key_new.html")]
struct NewPage {
    c: Chrome,
    f: Filled,
    staff: bool,
}

#[derive(Template)]
#[template(path = "services/people/templates/key_remove.html")]
struct RemovePage {
    c: Chrome,
    key: Credential,
    last: bool,
    here: bool,
    submission: String,
}

fn crumbs(c: &Chrome) -> Vec<Link> {
    vec![Link { label: c.plain("people-account"), href: "/konto".to_owned() }]
}

fn new_page(visit: &Visit<'_>) -> Result<Page, PageError> {
    login::again(visit)?;
    let mut c = visit.chrome_of("people-add-key")?;
    c.crumbs = crumbs(&c);
    Page::html(&NewPage { c, f: Filled::new(), staff: visit.me()?.staff })
}

fn check_fresh(visit: &Visit<'_>) -> Result<(), Refusal> {
    rules::fresh(visit.session.as_ref().map(|session| session.started), visit.now)
}

fn start(visit: &Visit<'_>, tools: &Tools<'_>) -> Result<Reply, PageError> {
    check_fresh(visit)?;
    let me = visit.me()?;
    let name = model::key_name(visit.form.get("name"))?;
    let keys = Credential::of(visit.view(), me.id)?;
    rules::may_add_key(keys.len())?;
    let existing: Vec<Vec<u8>> = keys.into_iter().map(|key| key.credential_id.0).collect();
    let started = tools
        .passkeys
        .start_registration(me.id, &me.full_name(), &me.full_name(), &existing)
        .map_err(Fault::new)?;
    let named = Named { name };
    let bytes = cbor::encode_map(&named.fields_to_map());
    let lives = std::time::Duration::from_secs(6 * 60);
    tools.scratch.put(Class::Form, KIND, &visit.token.owner(), &bytes, lives).map_err(no_room)?;
    ceremony::begin(visit, tools, KIND, &started)
}

fn finish(desk: Desk<'_>, visit: &Visit<'_>, tools: &Tools<'_>) -> Result<Committed, PageError> {
    let ended = ceremony::end(visit, tools, KIND)?;
    let named = tools
        .scratch
        .take(Class::Form, KIND, &visit.token.owner())
        .and_then(|bytes| read(&bytes, Named::fields_from_map))
        .ok_or_else(|| Refusal::rule("passkey-over"))?;
    let me = visit.me()?.id;
    let new = tools
        .passkeys
        .finish_registration(&ended.state, &ended.credential)
        .map_err(ceremony::refusal)?;
    let id = CredentialId(Uuid::new_v4());
    let ticket = desk.commit(|view, authority| {
        rules::may_add_key(Credential::of(view, me)?.len())?;
        if view
            .find::<Credential>(CREDENTIALS_BY_ID, &credential_key(&new.credential_id))?
            .is_some()
        {
            return Err(Refusal::rule("passkey-known"));
        }
        let permit = authority.permit(&ADD_KEY, &[me])?;
        let key = rules::key(id, me, new, named.name, authority.now());
        Ok(Change::new(permit, Op::put(&key)))
    })?;
    Ok(Committed::to(ticket, "/konto").json())
}

fn mine(visit: &Visit<'_>) -> Result<(Vec<Credential>, Credential), PageError> {
    let id = visit.id("id", CredentialId::parse)?;
    let keys = Credential::of(visit.view(), visit.me()?.id)?;
    let key = keys.iter().find(|key| key.id == id).cloned().ok_or_else(PageError::unknown)?;
    Ok((keys, key))
}

fn remove_page(visit: &Visit<'_>) -> Result<Page, PageError> {
    login::again(visit)?;
    let (keys, key) = mine(visit)?;
    let mut c = visit.chrome_of("people-remove-key")?;
    c.crumbs = crumbs(&c);
    let here = visit.session.as_ref().is_some_and(|session| session.credential == key.id);
    Page::html(&RemovePage {
        c,
        key,
        last: keys.len() < 2,
        here,
        submission: visit.submission_key(),
    })
}

fn remove(desk: Desk<'_>, visit: &Visit<'_>, tools: &Tools<'_>) -> Result<Committed, PageError> {
    check_fresh(visit)?;
    let id = visit.id("id", CredentialId::parse)?;
    let me = visit.me()?.id;
    let ticket = desk.once(visit.submission()?).commit(|view, authority| {
        let removed = rules::remove_key(&Credential::of(view, me)?, id, authority.now())?;
        Ok::<_, Refusal>(Change::new(authority.permit(&REMOVE_KEY, &[me])?, Op::put(&removed)))
    })?;
    let here = visit.session.as_ref().is_some_and(|session| session.credential == id);
    tools.sessions.end_of_credential(id);
    if here {
        return Ok(Committed::to(ticket, paths::LOGIN).session(SessionChange::End));
    }
    Ok(Committed::to(ticket, "/konto"))
}
