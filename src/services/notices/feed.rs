//! The notices as an Atom feed (RFC 4287).

use askama::Template;

use super::{
    model::{Notice, PUBLISHED},
    pages, rules,
};
use crate::{
    kernel::store::keys::Key,
    web::{Page, PageError, Visit},
};

const FEED_ROWS: usize = 30;

struct Entry {
    id: String,
    href: String,
    title: String,
    published: String,
    updated: String,
    html: String,
}

#[derive(Template)]
#[template(path = "services/notices/templates/feed.xml")]
struct Feed {
    title: String,
    origin: String,
    updated: String,
    entries: Vec<Entry>,
}

/// The feed.
pub fn atom(visit: &Visit<'_>) -> Result<Page, PageError> {
    let list = visit.view().list::<Notice>(PUBLISHED, &Key::new(), None, FEED_ROWS)?;
    let mut entries = Vec::with_capacity(list.rows.len());
    for row in list.rows {
        if let Some(notice) = visit.view().get::<Notice>(&row.id)? {
            entries.push(Entry {
                id: format!("urn:uuid:{}", notice.id),
                href: format!("{}/komunikaty/{}", visit.origin(), notice.id),
                published: notice.published.unwrap_or(notice.written).to_string(),
                updated: notice.changed.to_string(),
                html: pages::html(&notice.text).as_str().to_owned(),
                title: rules::printable(&notice.title),
            });
        }
    }
    let c = visit.chrome_of("notices-title")?;
    let updated = entries
        .iter()
        .map(|entry| entry.updated.clone())
        .max()
        .unwrap_or_else(|| "1970-01-01T00:00:00Z".to_owned());
    let feed = Feed { title: c.page_title(), origin: visit.origin().to_owned(), updated, entries };
    let xml =
        feed.render().map_err(|error| PageError::Fault(crate::kernel::store::Fault::new(error)))?;
    Ok(Page::of("application/atom+xml; charset=utf-8", xml.into_bytes()).public())
}
