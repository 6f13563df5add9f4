//! Confirming content with a passkey: the challenge binds the content, so that the assertion proves what was
//! confirmed. Two halves that every sign-off of a service shares; both speak JSON with the page's script. Without a
//! script the session alone confirms, and the entry says so.
//!
//! Not here: what the content is and whether it may be confirmed. The caller says both, in each half anew.

use std::time::Duration;

use serde_json::json;
use uuid::Uuid;

use crate::{
    kernel::{
        crypto::Hash,
        identity::{
            Action, PersonId,
            evidence::{self, Purpose},
            passkeys::NoPasskey,
            people::{Credential, CredentialId},
        },
        scratch::{Class, Owner},
        store::{
            Change, Fault, Op, Refusal, View,
            change::{Evidence, PasskeyEvidence},
            desk::Submission,
        },
    },
    web::{Page, PageError, Reply, Tools, Visit, chrome::fields},
};

/// As long as a browser waits for its user, and a little more.
const LIVES: Duration = Duration::from_secs(5 * 60);

/// How content was confirmed.
#[derive(Debug)]
pub enum Confirmation {
    Session,
    /// A key of the actor's, and the key with its new counter if that moved.
    Passkey {
        evidence: Box<PasskeyEvidence>,
        key: CredentialId,
        updated: Option<String>,
    },
}

impl Confirmation {
    /// Puts the confirmation into a change, with the key's record if its counter moved. A key that was removed
    /// meanwhile confirms nothing.
    ///
    /// # Errors
    /// The key is not the person's any more, or the store is unwell.
    pub fn settle(
        self,
        change: Change,
        view: &View<'_>,
        person: PersonId,
    ) -> Result<Change, Refusal> {
        let Confirmation::Passkey { evidence, key, updated } = self else {
            return Ok(change.confirmed(Evidence::Session));
        };
        let known = view.get::<Credential>(&key)?;
        let known = known.filter(|known| known.person == person && known.removed.is_none());
        let known = known.ok_or_else(|| Refusal::rule("confirm-no-key"))?;
        let change = change.confirmed(Evidence::Passkey(*evidence));
        Ok(match updated {
            None => change,
            Some(passkey) => change.and(Op::put(&Credential { passkey, ..known })),
        })
    }
}

/// What an act of staff confirms ([`evidence::content_of_act`]).
pub fn content_of_act(action: &Action, id: Uuid, reason: &str) -> Hash {
    evidence::content_of_act(action.name, id.as_bytes(), reason)
}

/// The key of the form bound to what is confirmed and not to how it was sent: a repetition with the same content
/// finds the first answer, whichever button it came by.
///
/// # Errors
/// The form has no such key.
pub fn submission(visit: &Visit<'_>, content: &Hash) -> Result<Submission, PageError> {
    visit.submission()?;
    Ok(Submission::new(&visit.actor, visit.form.get(fields::SUBMISSION_KEY), content))
}

/// The first half: what the browser asks its authenticator for.
///
/// # Errors
/// The person has no key, or too many ceremonies are open.
pub fn start(visit: &Visit<'_>, tools: &Tools<'_>, content: &Hash) -> Result<Reply, PageError> {
    start_for(Purpose::Evidence, visit, tools, content)
}

/// As [`start`], for another purpose than evidence.
///
/// # Errors
/// As [`start`].
pub fn start_for(
    purpose: Purpose,
    visit: &Visit<'_>,
    tools: &Tools<'_>,
    content: &Hash,
) -> Result<Reply, PageError> {
    let me = visit.me()?.id;
    let passkeys: Vec<String> =
        Credential::of(visit.view(), me)?.into_iter().map(|key| key.passkey).collect();
    if passkeys.is_empty() {
        return Err(Refusal::rule("confirm-no-key").into());
    }
    let started =
        tools.passkeys.start_assertion(purpose, &passkeys, content).map_err(Fault::new)?;
    let ceremony = Uuid::new_v4().to_string();
    let state = started.state.as_bytes();
    tools
        .scratch
        .put(Class::Ceremony, &ceremony, &Owner::Person(me), state, LIVES)
        .map_err(|_full| Refusal::rule("confirm-busy"))?;
    let options: serde_json::Value = serde_json::from_str(&started.options).map_err(Fault::new)?;
    Ok(Reply::Json(json!({ "ceremony": ceremony, "options": options })))
}

/// The second half: what was confirmed, if it is still this content.
///
/// # Errors
/// The ceremony is over or unknown, the key did not confirm, or it confirmed something else.
pub fn finish(
    visit: &Visit<'_>,
    tools: &Tools<'_>,
    content: &Hash,
) -> Result<Confirmation, PageError> {
    finish_for(Purpose::Evidence, visit, tools, content)
}

/// As [`finish`], for another purpose than evidence.
///
/// # Errors
/// As [`finish`].
pub fn finish_for(
    purpose: Purpose,
    visit: &Visit<'_>,
    tools: &Tools<'_>,
    content: &Hash,
) -> Result<Confirmation, PageError> {
    let me = visit.me()?.id;
    let again = || Refusal::rule("confirm-again");
    let ceremony = visit.form.get("ceremony");
    let state = tools.scratch.take(Class::Ceremony, ceremony, &Owner::Person(me));
    let state = state.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(again)?;
    let credential = visit.json.as_ref().and_then(|json| json.get("credential"));
    let credential = credential.ok_or_else(again)?.to_string();
    let confirmed = tools.passkeys.finish_assertion(purpose, &state, &credential).map_err(
        |error| match error {
            NoPasskey::Fault(fault) => PageError::Fault(Fault::new(fault)),
            NoPasskey::Copied => Refusal::rule("confirm-copied").into(),
            NoPasskey::Malformed
            | NoPasskey::NotVerified
            | NoPasskey::OtherKey
            | NoPasskey::Failed(_) => again().into(),
        },
    )?;
    if confirmed.evidence.content != *content {
        return Err(Refusal::rule("confirm-changed").into());
    }
    let key = Credential::of(visit.view(), me)?
        .into_iter()
        .find(|key| key.credential_id.0 == confirmed.credential_id)
        .ok_or_else(|| Refusal::rule("confirm-no-key"))?;
    Ok(Confirmation::Passkey {
        evidence: Box::new(confirmed.evidence),
        key: key.id,
        updated: confirmed.updated,
    })
}

/// Scripts want addresses, not redirections.
pub fn for_script(error: PageError) -> PageError {
    match error {
        PageError::To(to) => {
            let body = json!({ "location": to }).to_string().into_bytes();
            PageError::Form(Page::of("application/json", body))
        }
        other => other,
    }
}
