//! The page about the public log, and the log's own files.

use askama::Template;

use crate::{
    kernel::{
        clock,
        log::{
            checkpoint::Released,
            cosigned::{self, Cosigned},
            note::Verifier,
            tiles::{parse_tile_path, tile_path},
        },
        store::Fault,
    },
    web::{Page, PageError, Visit, chrome::Chrome, i18n::Markup, service::HomeBlock},
};

/// Under which the log's files are served; a client of the log is given this address.
const PREFIX: &str = "/log";
const TEXT: &str = "text/plain; charset=utf-8";

#[derive(Template)]
#[template(path = "services/publiclog/templates/about.html")]
struct AboutPage {
    c: Chrome,
    entries: String,
    origin: String,
    note: String,
    vkey: String,
    witnesses: Vec<WitnessRow>,
    cosigned_href: String,
    /// The log's root key has stated the key above.
    is_stated: bool,
    statements_href: String,
    /// Keys of earlier epochs.
    earlier: Vec<String>,
    earlier_href: String,
    checkpoint_href: String,
    vkey_href: String,
    /// One file of hashes, so that a reader sees what they are.
    tile_href: String,
    /// Address of the log for programs.
    address: String,
}

/// What one witness has cosigned last.
struct WitnessRow {
    name: String,
    key: String,
    entries: String,
    at: String,
}

#[derive(Template)]
#[template(path = "services/publiclog/templates/home.html")]
struct Home {
    c: Chrome,
    entries: String,
}

fn released(visit: &Visit<'_>) -> Result<Released, PageError> {
    // A log has its first checkpoint before anybody can ask for it.
    visit
        .public_log()
        .current()
        .ok_or_else(|| PageError::Fault(Fault::new("the log has no checkpoint")))
}

/// A line on the home page.
pub fn home(visit: &Visit<'_>) -> Result<Option<HomeBlock>, Fault> {
    let Some(released) = visit.public_log().current() else { return Ok(None) };
    let entries = released.checkpoint.size.to_string();
    let html = Home { c: visit.chrome("")?, entries }.render().map_err(Fault::new)?;
    Ok(Some(HomeBlock { order: 90, html: Markup::trusted(html) }))
}

/// What the log is, how far it is, and how to check a confirmation.
pub fn about(visit: &Visit<'_>) -> Result<Page, PageError> {
    let released = released(visit)?;
    let size = released.checkpoint.size;
    // The newest hashes: the last tile, full or partial.
    let (last, width) = (size.saturating_sub(1) / 256, (size.saturating_sub(1) % 256) + 1);
    let (c, log) = (visit.chrome_of("publiclog-title")?, visit.public_log());
    let row = |one: Cosigned| {
        let at = i64::try_from(one.at_seconds).unwrap_or(i64::MAX).saturating_mul(1000);
        WitnessRow {
            name: one.witness.name().to_owned(),
            key: one.witness.vkey(),
            entries: one.checkpoint.size.to_string(),
            at: c.moment(clock::from_ms(at)),
        }
    };
    // What is wrong with these three was said at the start; the page does without.
    let witnesses = log.cosigned().unwrap_or_default().into_iter().map(row).collect();
    let statements = log.statements().unwrap_or_default();
    let earlier = log.earlier_keys().unwrap_or_default();
    Page::html(&AboutPage {
        witnesses,
        cosigned_href: format!("{PREFIX}/cosigned"),
        is_stated: statements.newest().is_some_and(|(newest, _)| newest.key == log.verifier()),
        statements_href: format!("{PREFIX}/statements"),
        earlier: earlier.iter().map(Verifier::vkey).collect(),
        earlier_href: format!("{PREFIX}/earlier-vkeys"),
        c,
        entries: size.to_string(),
        origin: released.checkpoint.origin,
        note: released.note,
        vkey: log.verifier().vkey(),
        checkpoint_href: format!("{PREFIX}/checkpoint"),
        vkey_href: format!("{PREFIX}/vkey"),
        tile_href: format!("{PREFIX}/{}", tile_path(0, last, width).display()),
        address: format!("{}{PREFIX}", visit.origin()),
    })
}

/// The newest checkpoint, as a signed note.
pub fn checkpoint(visit: &Visit<'_>) -> Result<Page, PageError> {
    Ok(Page::of(TEXT, released(visit)?.note.into_bytes()).public())
}

/// The key that checks it.
pub fn vkey(visit: &Visit<'_>) -> Result<Page, PageError> {
    let vkey = format!("{}\n", visit.public_log().verifier().vkey());
    Ok(Page::of(TEXT, vkey.into_bytes()).public())
}

/// The newest checkpoint that witnesses have cosigned, with their lines under ours.
pub fn cosigned(visit: &Visit<'_>) -> Result<Page, PageError> {
    let all = visit.public_log().cosigned().map_err(|error| PageError::Fault(error.into()))?;
    text(cosigned::merged(&all).unwrap_or_default())
}

/// Keys of earlier epochs, oldest first.
pub fn earlier_vkeys(visit: &Visit<'_>) -> Result<Page, PageError> {
    let keys = visit.public_log().earlier_keys();
    let keys = keys.map_err(|error| PageError::Fault(error.into()))?;
    text(keys.iter().map(|key| format!("{}\n", key.vkey())).collect())
}

/// What the log's root key has stated, newest last.
pub fn statements(visit: &Visit<'_>) -> Result<Page, PageError> {
    let statements = visit.public_log().statements();
    text(statements.map_err(|error| PageError::Fault(error.into()))?.text())
}

/// A file that is not there while there is nothing in it.
fn text(text: String) -> Result<Page, PageError> {
    if text.is_empty() {
        return Err(PageError::unknown());
    }
    Ok(Page::of(TEXT, text.into_bytes()).public())
}

/// Hashes of the tree under the newest checkpoint.
pub fn tile(visit: &Visit<'_>) -> Result<Page, PageError> {
    let place = parse_tile_path(visit.param("place")).ok_or_else(PageError::unknown)?;
    let tile = visit.public_log().tile(place).map_err(|error| PageError::Fault(error.into()))?;
    let hashes = tile.ok_or_else(PageError::unknown)?;
    Ok(Page::of("application/octet-stream", hashes.as_flattened().to_vec()).public())
}
