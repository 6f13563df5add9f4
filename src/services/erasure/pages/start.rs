//! What waits: proposals, orders under way, files whose term is over, and what is done.

use askama::Template;

use super::{FILE, HOME, ROWS, class_text, column, ground_text, listed_name, with_end, with_file};
use crate::{
    kernel::{
        erasure::{
            Erasure, ErasureState, Hold, OFFICERS, Term,
            gather::{EndedFile, ended, heads},
            records::{BY_STATE, OF_FILE, STANDING_ON},
        },
        store::{Fault, keys::Key, record::FileId},
    },
    services::erasure::model,
    web::{
        Page, PageError, Reply, Route, Tools, Visit,
        chrome::{Chrome, Kind},
        parts::{Cell, Filled, Row, Table},
    },
};

pub static ROUTES: &[Route] =
    &[Route::look(HOME, OFFICERS, page), Route::draft("/urzad/usuwanie/teczka", OFFICERS, find)];

/// Files of one sort whose term is over.
pub struct Ended {
    /// Text key of what they are called.
    pub head: &'static str,
    pub table: Table,
    /// Where its term is set.
    pub term_href: String,
    pub has_term: bool,
}

#[derive(Template)]
#[template(path = "services/erasure/templates/start.html")]
struct StartPage {
    c: Chrome,
    f: Filled,
    proposed: Table,
    ordered: Table,
    ended: Vec<Ended>,
    done: Table,
    withdrawn: Table,
}

fn page(visit: &Visit<'_>) -> Result<Page, PageError> {
    Page::html(&start(visit, Filled::new())?)
}

fn start(visit: &Visit<'_>, f: Filled) -> Result<StartPage, PageError> {
    let mut c = visit.chrome_of("erasure-title")?;
    c.failed = !f.is_right();
    let list = |state| in_state(visit, &c, state);
    let (proposed, ordered) = (list(ErasureState::Proposed)?, list(ErasureState::Ordered)?);
    let (done, withdrawn) = (list(ErasureState::Done)?, list(ErasureState::Withdrawn)?);
    let sorts = heads(visit.view());
    let ended = sorts
        .into_iter()
        .map(|(head, text)| over(visit, &c, head, text))
        .collect::<Result<_, _>>()?;
    Ok(StartPage { f, proposed, ordered, ended, done, withdrawn, c })
}

/// Goes to the page of the file that was pasted.
fn find(visit: &Visit<'_>, _tools: &Tools<'_>) -> Result<Reply, PageError> {
    match model::file_in(visit.form.get("file")) {
        Ok(file) => Ok(Reply::To(with_file("/urzad/usuwanie/nowe", file))),
        Err(refusal) => {
            let mut f = super::typed(visit, &["file"]);
            super::mark(visit, &mut f, &refusal, "file")?;
            Err(PageError::form(&start(visit, f)?))
        }
    }
}

/// Where a list of this page goes on.
fn further(visit: &Visit<'_>, list: &str, position: Option<&[u8]>) -> String {
    let cursor = position.map(|position| visit.cursor(list, position));
    cursor.map_or_else(String::new, |cursor| format!("{HOME}?dalej={cursor}"))
}

fn in_state(visit: &Visit<'_>, c: &Chrome, state: ErasureState) -> Result<Table, Fault> {
    let name = format!("usuwanie-{}", state.code());
    let key = Key::new().number(state.code());
    let behind = visit.position(&name);
    let list = visit.view().list::<Erasure>(BY_STATE, &key, behind.as_deref(), ROWS)?;
    let mut rows = Vec::with_capacity(list.rows.len());
    for listed in &list.rows {
        let Some(it) = visit.view().get::<Erasure>(&listed.id)? else { continue };
        let day = it.done_at.or(it.ordered_at).unwrap_or(it.proposed_at);
        let name = listed_name(c, it.class, &it.label, it.file);
        let mut cells = vec![
            Cell::link(name, format!("{HOME}/{}", it.id)),
            Cell::text(c.plain(class_text(it.class))),
            Cell::text(c.plain(ground_text(it.ground))),
            Cell::text(c.plain1("erasure-entries", "n", it.entries)),
            Cell::text(c.moment(day)),
        ];
        if state == ErasureState::Proposed {
            let agreed = c.plain1("erasure-agreed", "n", it.approvals.len());
            let kind = if it.approvals.is_empty() { Kind::Info } else { Kind::Warning };
            cells.push(Cell::tag(kind, agreed));
        }
        rows.push(Row { cells, take: String::new() });
    }
    let mut columns = vec![
        column(c, "erasure-column-file"),
        column(c, "erasure-column-class"),
        column(c, "erasure-column-ground"),
        column(c, "erasure-column-counts"),
        column(c, "erasure-column-day"),
    ];
    if state == ErasureState::Proposed {
        columns.push(column(c, "erasure-column-agreed"));
    }
    Ok(Table {
        caption: c.plain("erasure-newest"),
        columns,
        rows,
        next: further(visit, &name, list.next.as_deref()),
        ..Table::default()
    })
}

/// Files with one kind of head whose term is over, oldest first: where one is not, those behind it are not either.
fn over(
    visit: &Visit<'_>,
    c: &Chrome,
    head: &'static str,
    text: &'static str,
) -> Result<Ended, Fault> {
    let term = visit.view().get::<Term>(&head.to_owned())?;
    let name = format!("usuwanie-{head}");
    let behind = visit.position(&name);
    let found = match &term {
        None => Vec::new(),
        Some(_) => ended(visit.view(), head, behind.as_deref(), ROWS + 1)?,
    };
    let is_over =
        |file: &EndedFile| term.as_ref().is_some_and(|term| term.is_over(file.on, visit.today));
    let over: Vec<EndedFile> = found.into_iter().take_while(is_over).collect();
    let last = over.get(ROWS - 1).filter(|_| over.len() > ROWS).map(EndedFile::position);
    let next = further(visit, &name, last);
    let rows = over.iter().take(ROWS).map(|file| ended_row(visit, c, text, file));
    let has_term = term.is_some();
    let table = Table {
        caption: term.map_or_else(String::new, |term| {
            let years = c.plain1("erasure-years", "n", term.years);
            c.plain2("erasure-over-caption", "years", years, "category", &term.category)
        }),
        columns: vec![
            column(c, "erasure-column-file"),
            column(c, "erasure-column-ended"),
            column(c, "erasure-column-standing"),
        ],
        rows: rows.collect::<Result<_, _>>()?,
        next,
        ..Table::default()
    };
    Ok(Ended { head: text, table, term_href: format!("/urzad/usuwanie/terminy/{head}"), has_term })
}

fn ended_row(visit: &Visit<'_>, c: &Chrome, text: &str, file: &EndedFile) -> Result<Row, Fault> {
    let label = match file.label.as_str() {
        "" => with_end(c.plain(text), file.file),
        label => label.to_owned(),
    };
    let (kind, standing) = standing(visit, file.file)?;
    let cells = vec![
        Cell::link(label, with_file("/urzad/usuwanie/nowe", file.file)),
        Cell::text(c.day(file.on)),
        Cell::tag(kind, c.plain(standing)),
    ];
    Ok(Row { cells, take: String::new() })
}

/// Whether something is on its way with a file already, or keeps it.
fn standing(visit: &Visit<'_>, file: FileId) -> Result<(Kind, &'static str), Fault> {
    let key = Key::new().id(&file);
    if !visit.view().list::<Hold>(STANDING_ON, &key, None, 1)?.rows.is_empty() {
        return Ok((Kind::Warning, "erasure-is-held"));
    }
    let newest = visit.view().list::<Erasure>(OF_FILE, &key, None, 1)?.rows;
    let state = newest.first().and_then(|row| row.number(3)).and_then(ErasureState::from_code);
    Ok(match state {
        Some(ErasureState::Proposed) => (Kind::Info, "erasure-is-proposed"),
        Some(ErasureState::Ordered) => (Kind::Info, "erasure-is-ordered"),
        Some(ErasureState::Done | ErasureState::Withdrawn) | None => {
            (Kind::Success, "erasure-is-free")
        }
    })
}

/// The file that the address names, for pages about one.
pub fn of_query(visit: &Visit<'_>) -> Result<FileId, PageError> {
    FileId::parse(visit.query.get(FILE)).ok_or_else(PageError::unknown)
}
