//! The home page: what each service has to say, in the order of the street.

use askama::Template;

use crate::web::{Page, PageError, Visit, chrome::Chrome, i18n::Markup};

#[derive(Template)]
#[template(path = "web/templates/home.html")]
struct HomePage {
    c: Chrome,
    blocks: Vec<Markup>,
}

/// The page.
///
/// # Errors
/// The store is unwell.
pub fn page(visit: &Visit<'_>) -> Result<Page, PageError> {
    let mut c = visit.chrome_of("web-home-title")?;
    c.wide = false;
    let mut blocks = Vec::new();
    for service in visit.services() {
        if let Some(home) = service.home
            && let Some(block) = home(visit)?
        {
            blocks.push(block);
        }
    }
    blocks.sort_by_key(|block| block.order);
    Page::html(&HomePage { c, blocks: blocks.into_iter().map(|block| block.html).collect() })
}
