//! Pages of notices.

use askama::Template;
use uuid::Uuid;

use super::{
    PUBLISH, WITHDRAW, WRITE,
    model::{ALL, Notice, NoticeId, PUBLISHED, State},
    rules,
};
use crate::{
    kernel::store::{Change, Desk, Fault, Op, Refusal, keys::Key},
    web::{
        Committed, Page, PageError, Tools, Visit,
        chrome::{Chrome, Feed, Kind, Link},
        i18n::Markup,
        parts::{Cell, Column, Filled, Row, Table},
        service::HomeBlock,
    },
};

const PAGE_ROWS: usize = 20;
const HOME_ROWS: usize = 3;

/// One notice as a reader sees it.
pub struct Shown {
    pub href: String,
    pub title: String,
    pub at: jiff::Timestamp,
    pub html: Markup,
}

#[derive(Template)]
#[template(path = "services/notices/templates/list.html")]
struct ListPage {
    c: Chrome,
    notices: Vec<Shown>,
    next: String,
}

#[derive(Template)]
#[template(path = "services/notices/templates/show.html")]
struct ShowPage {
    c: Chrome,
    notice: Shown,
    changed: Option<jiff::Timestamp>,
}

#[derive(Template)]
#[template(path = "services/notices/templates/home.html")]
struct Home {
    c: Chrome,
    notices: Vec<Shown>,
}

#[derive(Template)]
#[template(path = "services/notices/templates/office.html")]
struct OfficePage {
    c: Chrome,
    table: Table,
}

#[derive(Template)]
#[template(path = "services/notices/templates/edit.html")]
struct EditPage {
    c: Chrome,
    f: Filled,
    key: String,
    action: String,
    state: Option<State>,
    preview: Option<Markup>,
}

fn shown(notice: &Notice) -> Shown {
    Shown {
        href: format!("/komunikaty/{}", notice.id),
        title: notice.title.clone(),
        at: notice.published.unwrap_or(notice.written),
        html: html(&notice.text),
    }
}

/// Markdown as HTML; HTML in it is shown as text, and links lead only to web and mail addresses.
pub fn html(text: &str) -> Markup {
    use pulldown_cmark::{Event, Options, Parser, Tag, html::push_html};
    let events = Parser::new_ext(text, Options::ENABLE_TABLES).map(|event| match event {
        Event::Html(raw) | Event::InlineHtml(raw) => Event::Text(raw),
        // The page has one h1; what an editor calls a heading comes below it.
        Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
            let good = ["https://", "http://", "mailto:", "tel:", "/"]
                .iter()
                .any(|start| dest_url.starts_with(start));
            Event::Start(Tag::Link {
                link_type,
                dest_url: if good { dest_url } else { "#".into() },
                title,
                id,
            })
        }
        Event::Start(Tag::Heading { id, classes, attrs, .. }) => Event::Start(Tag::Heading {
            level: pulldown_cmark::HeadingLevel::H2,
            id,
            classes,
            attrs,
        }),
        Event::End(pulldown_cmark::TagEnd::Heading(_)) => {
            Event::End(pulldown_cmark::TagEnd::Heading(pulldown_cmark::HeadingLevel::H2))
        }
        // No picture of a third party is ever asked for.
        Event::Start(Tag::Image { .. }) => Event::Start(Tag::Emphasis),
        Event::End(pulldown_cmark::TagEnd::Image) => Event::End(pulldown_cmark::TagEnd::Emphasis),
        other => other,
    });
    let mut out = String::new();
    push_html(&mut out, events);
    // A reference like `&#1;` has become the character by now.
    Markup::trusted(rules::printable(&out))
}

fn published(
    visit: &Visit<'_>,
    position: Option<&[u8]>,
    rows: usize,
) -> Result<(Vec<Shown>, Option<Vec<u8>>), Fault> {
    let list = visit.view().list::<Notice>(PUBLISHED, &Key::new(), position, rows)?;
    let mut notices = Vec::with_capacity(list.rows.len());
    for row in list.rows {
        notices.extend(visit.view().get::<Notice>(&row.id)?.map(|notice| shown(&notice)));
    }
    Ok((notices, list.next))
}

/// The newest notices on the home page.
pub fn home(visit: &Visit<'_>) -> Result<Option<HomeBlock>, Fault> {
    let (notices, _) = published(visit, None, HOME_ROWS)?;
    if notices.is_empty() {
        return Ok(None);
    }
    let html = Home { c: visit.chrome("")?, notices }.render().map_err(Fault::new)?;
    Ok(Some(HomeBlock { order: 50, html: Markup::trusted(html) }))
}

/// All published notices.
pub fn list(visit: &Visit<'_>) -> Result<Page, PageError> {
    let mut c = visit.chrome_of("notices-title")?;
    c.feed = Some(Feed { href: "/komunikaty.atom".to_owned(), title: c.plain("notices-title") });
    let (notices, next) = published(visit, visit.position("komunikaty").as_deref(), PAGE_ROWS)?;
    let next = next.map_or_else(String::new, |at| {
        format!("/komunikaty?dalej={}", visit.cursor("komunikaty", &at))
    });
    Page::html(&ListPage { c, notices, next })
}

/// One published notice.
pub fn show(visit: &Visit<'_>) -> Result<Page, PageError> {
    let notice = load(visit)?;
    if notice.state != State::Published {
        return Err(PageError::unknown());
    }
    let mut c = visit.chrome(notice.title.clone())?;
    c.crumbs = vec![Link { label: c.plain("notices-title"), href: "/komunikaty".to_owned() }];
    let changed = Some(notice.changed).filter(|changed| Some(*changed) != notice.published);
    Page::html(&ShowPage { c, notice: shown(&notice), changed })
}

/// All notices, for editors.
pub fn office(visit: &Visit<'_>) -> Result<Page, PageError> {
    let c = visit.chrome_of("notices-office")?;
    let list = visit.view().list::<Notice>(
        ALL,
        &Key::new(),
        visit.position("redakcja").as_deref(),
        PAGE_ROWS,
    )?;
    let rows = list.rows.iter().map(|row| {
        let (kind, label) =
            state_tag(&c, row.number(1).and_then(State::from_code).unwrap_or(State::Draft));
        let at =
            row.number(2).and_then(|ms| i64::try_from(ms).ok()).map(crate::kernel::clock::from_ms);
        let cells = vec![
            Cell::link(row.text(0), format!("/urzad/komunikaty/{}", row.id)),
            Cell::tag(kind, label),
            Cell::text(at.map_or_else(String::new, |at| c.moment(at))),
        ];
        Row { cells, take: String::new() }
    });
    let column = |label: &str| Column { label: c.plain(label), ..Column::default() };
    let table = Table {
        caption: c.plain("notices-office"),
        columns: vec![
            column("notices-column-title"),
            column("notices-column-state"),
            column("notices-column-changed"),
        ],
        rows: rows.collect(),
        next: list.next.map_or_else(String::new, |at| {
            format!("/urzad/komunikaty?dalej={}", visit.cursor("redakcja", &at))
        }),
        ..Table::default()
    };
    Page::html(&OfficePage { c, table })
}

fn state_tag(c: &Chrome, state: State) -> (Kind, String) {
    match state {
        State::Draft => (Kind::Info, c.plain("notices-state-draft")),
        State::Published => (Kind::Success, c.plain("notices-state-published")),
        State::Withdrawn => (Kind::Warning, c.plain("notices-state-withdrawn")),
    }
}

fn edit_page(visit: &Visit<'_>, f: Filled, notice: Option<&Notice>) -> Result<EditPage, PageError> {
    let mut c = visit.chrome_of(if notice.is_some() { "notices-edit" } else { "notices-new" })?;
    c.crumbs =
        vec![Link { label: c.plain("notices-office"), href: "/urzad/komunikaty".to_owned() }];
    c.failed = !f.is_right();
    let action = notice.map_or_else(
        || "/urzad/komunikaty/nowy".to_owned(),
        |notice| format!("/urzad/komunikaty/{}", notice.id),
    );
    let preview = notice.map(|notice| html(&notice.text));
    Ok(EditPage {
        c,
        f,
        key: visit.submission_key(),
        action,
        state: notice.map(|notice| notice.state),
        preview,
    })
}

/// An empty form.
pub fn new(visit: &Visit<'_>) -> Result<Page, PageError> {
    Page::html(&edit_page(visit, Filled::new(), None)?)
}

/// A notice in its form.
pub fn edit(visit: &Visit<'_>) -> Result<Page, PageError> {
    let notice = load(visit)?;
    let f = Filled::new().with("title", &notice.title).with("text", &notice.text);
    Page::html(&edit_page(visit, f, Some(&notice))?)
}

/// What was typed, or the form again with what is wrong.
fn typed(visit: &Visit<'_>, notice: Option<&Notice>) -> Result<rules::Words, PageError> {
    let (title, text) = (visit.form.get("title"), visit.form.get("text"));
    rules::words(title, text).or_else(|wrong| {
        let mut f = Filled::new().with("title", title).with("text", text);
        for refusal in wrong {
            let field = refusal.field.clone().unwrap_or_default();
            f.wrong(&field, visit.sentence(&refusal).0);
        }
        Err(PageError::form(&edit_page(visit, f, notice)?))
    })
}

/// A new draft.
pub fn write(
    desk: Desk<'_>,
    visit: &Visit<'_>,
    _tools: &Tools<'_>,
) -> Result<Committed, PageError> {
    let words = typed(visit, None)?;
    let id = NoticeId(Uuid::now_v7());
    let path = format!("/urzad/komunikaty/{id}");
    let ticket = desk.once(visit.submission()?).commit(|_, authority| {
        let notice = rules::draft(id, words, authority.now());
        Ok::<_, Refusal>(
            Change::new(authority.permit(&WRITE, &[])?, Op::put(&notice)).answer(&path),
        )
    })?;
    Ok(Committed::to(ticket, path))
}

/// Other words.
pub fn rewrite(
    desk: Desk<'_>,
    visit: &Visit<'_>,
    _tools: &Tools<'_>,
) -> Result<Committed, PageError> {
    let words = typed(visit, Some(&load(visit)?))?;
    step(desk, visit, &WRITE, |notice, now| rules::rewrite(notice, words, now))
}

/// Shows it to everybody.
pub fn publish(
    desk: Desk<'_>,
    visit: &Visit<'_>,
    _tools: &Tools<'_>,
) -> Result<Committed, PageError> {
    step(desk, visit, &PUBLISH, rules::publish)
}

/// Hides it again.
pub fn withdraw(
    desk: Desk<'_>,
    visit: &Visit<'_>,
    _tools: &Tools<'_>,
) -> Result<Committed, PageError> {
    step(desk, visit, &WITHDRAW, |notice, now| {
        rules::withdraw(notice, visit.form.get("reason"), now)
    })
}

fn step(
    desk: Desk<'_>,
    visit: &Visit<'_>,
    action: &'static crate::kernel::identity::Action,
    rule: impl FnOnce(&Notice, jiff::Timestamp) -> Result<Notice, Refusal>,
) -> Result<Committed, PageError> {
    let id = visit.id("id", NoticeId::parse)?;
    let ticket = desk.once(visit.submission()?).commit(|view, authority| {
        let before = view.get::<Notice>(&id)?.ok_or_else(Refusal::unknown)?;
        let after = rule(&before, authority.now())?;
        let reason = after.withdrawal_reason.clone().unwrap_or_default();
        Ok::<_, Refusal>(
            Change::new(authority.permit(action, &[])?, Op::put(&after)).because(reason),
        )
    })?;
    Ok(Committed::to(ticket, format!("/urzad/komunikaty/{id}")))
}

fn load(visit: &Visit<'_>) -> Result<Notice, PageError> {
    let id = visit.id("id", NoticeId::parse)?;
    visit.view().get::<Notice>(&id)?.ok_or_else(PageError::unknown)
}

/// A key for one of several forms of a page.
pub fn key_of(key: &str, form: &str) -> String {
    format!("{key}-{form}")
}
