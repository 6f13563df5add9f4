//! Signing with a passkey: the challenge binds the content of the notice, so that the assertion proves what was
//! confirmed. Both halves speak JSON with the page's script; without a script there is `filing::by_session`.

use std::time::Duration;

use serde_json::json;
use uuid::Uuid;

use super::{
    drafts,
    filing::{self, Confirmation, NotReady},
};
use crate::{
    kernel::{
        identity::{
            PersonId,
            passkeys::NoPasskey,
            people::{CREDENTIALS_OF_PERSON, Credential},
        },
        scratch::{Class, Owner},
        store::{Desk, Fault, Refusal, View, keys::Key},
    },
    web::{Committed, Page, PageError, Reply, Tools, Visit},
};

/// As long as a browser waits for its user, and a little more.
const LIVES: Duration = Duration::from_secs(5 * 60);
/// Keys of one person that a ceremony offers.
const KEYS_MAX: usize = 20;

fn keys(view: &View<'_>, person: PersonId) -> Result<Vec<Credential>, Fault> {
    let prefix = Key::new().id(&person);
    let list = view.list::<Credential>(CREDENTIALS_OF_PERSON, &prefix, None, KEYS_MAX)?;
    let mut keys = Vec::with_capacity(list.rows.len());
    for row in list.rows {
        keys.extend(view.get::<Credential>(&row.id)?);
    }
    Ok(keys)
}

fn not_ready(why: NotReady) -> PageError {
    match why {
        NotReady::Wrong => Refusal::rule("trees-sign-not-ready").into(),
        NotReady::Changed => Refusal::rule("trees-sign-changed").into(),
        NotReady::Fault(fault) => fault.into(),
    }
}

/// Scripts want addresses, not redirections.
fn for_script(error: PageError) -> PageError {
    match error {
        PageError::To(to) => {
            let body = json!({ "location": to }).to_string().into_bytes();
            PageError::Form(Page::of("application/json", body))
        }
        other => other,
    }
}

/// The first half: what the browser asks its authenticator for.
pub fn start(visit: &Visit<'_>, tools: &Tools<'_>) -> Result<Reply, PageError> {
    let opened = drafts::open(visit).map_err(for_script)?;
    let ready = filing::ready(visit, &opened).map_err(not_ready)?;
    let me = visit.me()?.id;
    let passkeys: Vec<String> =
        keys(visit.view(), me)?.into_iter().map(|key| key.passkey).collect();
    if passkeys.is_empty() {
        return Err(Refusal::rule("trees-sign-no-key").into());
    }
    let started = tools.passkeys.start_assertion(&passkeys, &ready.content).map_err(Fault::new)?;
    let ceremony = Uuid::new_v4().to_string();
    let state = started.state.as_bytes();
    tools
        .scratch
        .put(Class::Ceremony, &ceremony, &Owner::Person(me), state, LIVES)
        .map_err(|_full| Refusal::rule("trees-drafts-full"))?;
    let options: serde_json::Value = serde_json::from_str(&started.options).map_err(Fault::new)?;
    Ok(Reply::Json(json!({ "ceremony": ceremony, "options": options })))
}

/// The second half: files what was signed, if it is still what the draft says.
pub fn finish(
    desk: Desk<'_>,
    visit: &Visit<'_>,
    tools: &Tools<'_>,
) -> Result<Committed, PageError> {
    let opened = drafts::open(visit).map_err(for_script)?;
    let ready = filing::ready(visit, &opened).map_err(not_ready)?;
    let me = visit.me()?.id;
    let again = || Refusal::rule("trees-sign-again");
    let ceremony = visit.form.get("ceremony");
    let state = tools.scratch.take(Class::Ceremony, ceremony, &Owner::Person(me));
    let state = state.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(again)?;
    let credential = visit.json.as_ref().and_then(|json| json.get("credential"));
    let credential = credential.ok_or_else(again)?.to_string();
    let confirmed =
        tools.passkeys.finish_assertion(&state, &credential).map_err(|error| match error {
            NoPasskey::Fault(fault) => PageError::Fault(Fault::new(fault)),
            NoPasskey::Copied => Refusal::rule("trees-sign-copied").into(),
            NoPasskey::Malformed
            | NoPasskey::NotVerified
            | NoPasskey::OtherKey
            | NoPasskey::Failed(_) => again().into(),
        })?;
    if confirmed.evidence.content != ready.content {
        return Err(Refusal::rule("trees-sign-changed").into());
    }
    let key = keys(visit.view(), me)?
        .into_iter()
        .find(|key| key.credential_id.0 == confirmed.credential_id)
        .ok_or_else(|| Refusal::rule("trees-sign-no-key"))?;
    let path = filing::confirmation(ready.id);
    let confirmation = Confirmation::Passkey {
        evidence: confirmed.evidence,
        key: key.id,
        updated: confirmed.updated,
    };
    let ticket = filing::file(desk, visit, tools, &opened, ready, confirmation)?;
    Ok(Committed::to(ticket, path).json())
}
