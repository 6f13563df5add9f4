//! The page about the public log, and the log's own files.

use askama::Template;

use crate::{
    kernel::{
        log::{
            checkpoint::Released,
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
    checkpoint_href: String,
    vkey_href: String,
    /// One file of hashes, so that a reader sees what they are.
    tile_href: String,
    /// Address of the log for programs.
    address: String,
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
    Page::html(&AboutPage {
        c: visit.chrome_of("publiclog-title")?,
        entries: size.to_string(),
        origin: released.checkpoint.origin,
        note: released.note,
        vkey: visit.public_log().verifier().vkey(),
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

/// Hashes of the tree under the newest checkpoint.
pub fn tile(visit: &Visit<'_>) -> Result<Page, PageError> {
    let place = parse_tile_path(visit.param("place")).ok_or_else(PageError::unknown)?;
    let tile = visit.public_log().tile(place).map_err(|error| PageError::Fault(error.into()))?;
    let hashes = tile.ok_or_else(PageError::unknown)?;
    Ok(Page::of("application/octet-stream", hashes.as_flattened().to_vec()).public())
}
