//! For how long files of each sort are kept: set by an administrator, from the office's own list of files.

use askama::Template;

use super::{again, below, column, row, typed};
use crate::{
    kernel::{
        erasure::{self, OFFICERS, SET_TERM, Term, gather::heads, rules::years},
        store::{Desk, Fault},
    },
    web::{
        Committed, Page, PageError, Route, Tools, Visit,
        chrome::{Chrome, Kind, Link},
        parts::{Answer, Cell, Filled, Row, Table},
    },
};

const PATH: &str = "/urzad/usuwanie/terminy";

pub static ROUTES: &[Route] = &[
    Route::look(PATH, OFFICERS, page),
    Route::look("/urzad/usuwanie/terminy/{head}", OFFICERS, one),
    Route::act("/urzad/usuwanie/terminy/{head}", &SET_TERM, set),
];

#[derive(Template)]
#[template(path = "services/erasure/templates/terms.html")]
struct TermsPage {
    c: Chrome,
    table: Table,
}

#[derive(Template)]
#[template(path = "services/erasure/templates/term.html")]
struct TermPage {
    c: Chrome,
    f: Filled,
    key: String,
    rows: Vec<Answer>,
    may: bool,
    path: String,
}

fn page(visit: &Visit<'_>) -> Result<Page, PageError> {
    let c = below(visit, visit.chrome("")?.plain("erasure-terms"), &Filled::new())?;
    let mut rows = Vec::new();
    for (head, text) in heads(visit.view()) {
        let term = visit.view().get::<Term>(&head.to_owned())?;
        let name = Cell::link(c.plain(text), format!("{PATH}/{head}"));
        let cells = match term {
            None => vec![
                name,
                Cell::tag(Kind::Warning, c.plain("erasure-term-missing")),
                Cell::text(""),
                Cell::text(""),
            ],
            Some(term) => vec![
                name,
                Cell::text(c.plain1("erasure-years", "n", term.years)),
                Cell::text(term.category),
                Cell::text(term.basis),
            ],
        };
        rows.push(Row { cells, take: String::new() });
    }
    let table = Table {
        caption: c.plain("erasure-terms"),
        columns: vec![
            column(&c, "erasure-column-sort"),
            column(&c, "erasure-term"),
            column(&c, "erasure-term-category"),
            column(&c, "erasure-term-basis"),
        ],
        rows,
        ..Table::default()
    };
    Page::html(&TermsPage { c, table })
}

/// The sort of files that the address names, with its text key.
fn sort(visit: &Visit<'_>) -> Result<(&'static str, &'static str), PageError> {
    let head = visit.param("head");
    let known = heads(visit.view()).into_iter().find(|(name, _)| *name == head);
    known.ok_or_else(PageError::unknown)
}

fn one(visit: &Visit<'_>) -> Result<Page, PageError> {
    let (head, text) = sort(visit)?;
    let term = visit.view().get::<Term>(&head.to_owned())?;
    let f = term.map_or_else(Filled::new, |term| {
        Filled::new()
            .with("years", term.years.to_string())
            .with("category", term.category)
            .with("basis", term.basis)
    });
    Page::html(&sheet(visit, (head, text), f)?)
}

fn sheet(visit: &Visit<'_>, (head, text): (&str, &str), f: Filled) -> Result<TermPage, Fault> {
    let mut c = below(visit, String::new(), &f)?;
    c.title = c.plain1("erasure-term-of", "sort", c.plain(text));
    c.crumbs.push(Link { label: c.plain("erasure-terms"), href: PATH.to_owned() });
    let term = visit.view().get::<Term>(&head.to_owned())?;
    let rows = match term {
        None => vec![row(&c, "erasure-term", c.plain("erasure-term-missing"))],
        Some(term) => {
            let by = format!("{} · {}", c.moment(term.set_at), visit.name_of(term.set_by)?);
            vec![
                row(&c, "erasure-term", c.plain1("erasure-years", "n", term.years)),
                row(&c, "erasure-term-category", term.category),
                row(&c, "erasure-term-basis", term.basis),
                row(&c, "erasure-term-set-by", by),
            ]
        }
    };
    Ok(TermPage {
        key: visit.submission_key(),
        rows,
        may: visit.may(SET_TERM.who),
        path: format!("{PATH}/{head}"),
        f,
        c,
    })
}

fn set(desk: Desk<'_>, visit: &Visit<'_>, _tools: &Tools<'_>) -> Result<Committed, PageError> {
    let (head, text) = sort(visit)?;
    let mut f = typed(visit, &["years", "category", "basis"]);
    let years = match years(visit.form.get("years")) {
        Ok(years) => years,
        Err(refusal) => {
            super::mark(visit, &mut f, &refusal, "years")?;
            return Err(PageError::form(&sheet(visit, (head, text), f)?));
        }
    };
    let words = (visit.form.get("category"), visit.form.get("basis"));
    let committed = desk
        .once(visit.submission()?)
        .commit(|view, authority| erasure::set_term(view, authority, head, years, words));
    match committed {
        Ok(ticket) => Ok(Committed::to(ticket, PATH)),
        Err(refused) => Err(again(visit, refused, (f, "years"), |f| {
            Page::html(&sheet(visit, (head, text), f)?)
        })),
    }
}
