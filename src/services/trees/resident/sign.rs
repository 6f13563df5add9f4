//! Filing with a passkey: the key confirms the answers and every file, as the check page showed them. Without a script
//! there is `filing::by_session`.

use super::{
    drafts,
    filing::{self, NotReady},
};
use crate::{
    kernel::store::{Desk, Refusal},
    web::{Committed, PageError, Reply, Tools, Visit, confirm},
};

fn not_ready(why: NotReady) -> PageError {
    match why {
        NotReady::Wrong => Refusal::rule("trees-sign-not-ready").into(),
        NotReady::Changed => Refusal::rule("trees-sign-changed").into(),
        NotReady::Fault(fault) => fault.into(),
    }
}

/// The first half: what the browser asks its authenticator for.
pub fn start(visit: &Visit<'_>, tools: &Tools<'_>) -> Result<Reply, PageError> {
    let opened = drafts::open(visit).map_err(confirm::for_script)?;
    let ready = filing::ready(visit, &opened).map_err(not_ready)?;
    confirm::start(visit, tools, &ready.content)
}

/// The second half: files what was signed, if it is still what the draft says.
pub fn finish(
    desk: Desk<'_>,
    visit: &Visit<'_>,
    tools: &Tools<'_>,
) -> Result<Committed, PageError> {
    let opened = drafts::open(visit).map_err(confirm::for_script)?;
    let ready = filing::ready(visit, &opened).map_err(not_ready)?;
    let confirmation = confirm::finish(visit, tools, &ready.content)?;
    let path = filing::confirmation(ready.id);
    let ticket = filing::file(desk, visit, tools, &opened, ready, confirmation)?;
    Ok(Committed::to(ticket, path).json())
}
