//! The two halves of a passkey ceremony, as the page's script sends them. Between them the state
//! waits in scratch, owned by whoever holds the browser's token, good once and for a few minutes.

use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;

use super::no_room;
use crate::{
    kernel::{
        identity::passkeys::{NoPasskey, Started},
        scratch::Class,
        store::{Fault, Refusal},
    },
    web::{PageError, Reply, Tools, Visit},
};

/// A little longer than the five minutes that browsers wait.
const LIVES: Duration = Duration::from_secs(6 * 60);

/// What the second half works on.
pub struct Ended {
    pub state: String,
    /// The browser's credential, as JSON.
    pub credential: String,
}

/// Keeps the state, and sends the options.
///
/// # Errors
/// There is no room.
pub fn begin(
    visit: &Visit<'_>,
    tools: &Tools<'_>,
    kind: &str,
    started: &Started,
) -> Result<Reply, PageError> {
    let id = Uuid::new_v4().to_string();
    let options: Value = serde_json::from_str(&started.options).map_err(Fault::new)?;
    tools
        .scratch
        .put(
            Class::Ceremony,
            &name(kind, &id),
            &visit.token.owner(),
            started.state.as_bytes(),
            LIVES,
        )
        .map_err(no_room)?;
    Ok(Reply::Json(json!({ "ceremony": id, "options": options })))
}

/// Takes the state, for the only time.
///
/// # Errors
/// It was taken, is out of time, or belongs to somebody else; or no credential came.
pub fn end(visit: &Visit<'_>, tools: &Tools<'_>, kind: &str) -> Result<Ended, Refusal> {
    let over = || Refusal::rule("passkey-over");
    let id = Uuid::try_parse(visit.form.get("ceremony")).map_err(|_spelling| over())?.to_string();
    let state = tools
        .scratch
        .take(Class::Ceremony, &name(kind, &id), &visit.token.owner())
        .ok_or_else(over)?;
    let credential = visit.json.as_ref().and_then(|body| body.get("credential"));
    let credential = credential.ok_or_else(|| Refusal::rule("passkey-failed"))?.to_string();
    Ok(Ended { state: String::from_utf8(state).map_err(|_damaged| over())?, credential })
}

fn name(kind: &str, id: &str) -> String {
    format!("{kind}.{id}")
}

/// "No" in words that a person can act on; the reason goes to the log, which names nobody.
pub fn refusal(no: NoPasskey) -> Refusal {
    match no {
        NoPasskey::Fault(fault) => Fault::new(fault).into(),
        NoPasskey::NotVerified => Refusal::rule("passkey-not-verified"),
        NoPasskey::Copied => Refusal::rule("passkey-copied"),
        NoPasskey::Malformed | NoPasskey::OtherKey | NoPasskey::Failed(_) => {
            tracing::info!(%no, "a passkey ceremony failed");
            Refusal::rule("passkey-failed")
        }
    }
}
