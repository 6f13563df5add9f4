//! Legal holds: what may not go for now, because a court, a prosecutor or an audit needs it.

use askama::Template;

use super::{FILE, ROWS, again, below, class_text, column, file_name, row, typed, with_file};
use crate::{
    kernel::{
        erasure::{self, HOLD, Hold, HoldId, LIFT, OFFICERS, gather::gather, records::ALL_HOLDS},
        store::{Desk, keys::Key, record::FileId},
    },
    services::erasure::model,
    web::{
        Committed, Page, PageError, Route, Tools, Visit,
        chrome::{Chrome, Kind, Link},
        parts::{Answer, Cell, Filled, Row, Table},
    },
};

const PATH: &str = "/urzad/usuwanie/wstrzymania";

pub static ROUTES: &[Route] = &[
    Route::look(PATH, OFFICERS, page),
    Route::act(PATH, &HOLD, place),
    Route::look("/urzad/usuwanie/wstrzymania/{hold}", OFFICERS, one),
    Route::act("/urzad/usuwanie/wstrzymania/{hold}/zakoncz", &LIFT, lift),
];

#[derive(Template)]
#[template(path = "services/erasure/templates/holds.html")]
struct HoldsPage {
    c: Chrome,
    f: Filled,
    key: String,
    table: Table,
}

#[derive(Template)]
#[template(path = "services/erasure/templates/hold.html")]
struct HoldPage {
    c: Chrome,
    f: Filled,
    key: String,
    rows: Vec<Answer>,
    stands: bool,
    may_lift: bool,
    path: String,
    /// Where its file is shown; empty if it is gone.
    file: String,
}

fn page(visit: &Visit<'_>) -> Result<Page, PageError> {
    let f = match FileId::parse(visit.query.get(FILE)) {
        Some(file) => Filled::new().with("file", file.to_string()),
        None => Filled::new(),
    };
    Page::html(&list(visit, f)?)
}

fn list(visit: &Visit<'_>, f: Filled) -> Result<HoldsPage, PageError> {
    let c = below(visit, visit.chrome("")?.plain("erasure-holds"), &f)?;
    let behind = visit.position("wstrzymania");
    let found = visit.view().list::<Hold>(ALL_HOLDS, &Key::new(), behind.as_deref(), ROWS)?;
    let mut rows = Vec::with_capacity(found.rows.len());
    for listed in &found.rows {
        let Some(hold) = visit.view().get::<Hold>(&listed.id)? else { continue };
        let (kind, state) = match hold.lifted_at {
            None => (Kind::Warning, "erasure-hold-stands"),
            Some(_) => (Kind::Info, "erasure-hold-lifted"),
        };
        let cells = vec![
            Cell::link(&hold.reason, format!("{PATH}/{}", hold.id)),
            Cell::text(c.moment(hold.placed_at)).note(visit.name_of(hold.placed_by)?),
            Cell::tag(kind, c.plain(state)),
        ];
        rows.push(Row { cells, take: String::new() });
    }
    let table = Table {
        caption: c.plain("erasure-holds"),
        columns: vec![
            column(&c, "erasure-hold-reason"),
            column(&c, "erasure-hold-placed"),
            column(&c, "erasure-column-standing"),
        ],
        rows,
        next: found.next.map_or_else(String::new, |at| {
            format!("{PATH}?dalej={}", visit.cursor("wstrzymania", &at))
        }),
        ..Table::default()
    };
    Ok(HoldsPage { key: visit.submission_key(), f, table, c })
}

fn place(desk: Desk<'_>, visit: &Visit<'_>, _tools: &Tools<'_>) -> Result<Committed, PageError> {
    let f = typed(visit, &["file", "reason"]);
    let file = match model::file_in(visit.form.get("file")) {
        Ok(file) => file,
        Err(refusal) => {
            let mut f = f;
            super::mark(visit, &mut f, &refusal, "file")?;
            return Err(PageError::form(&list(visit, f)?));
        }
    };
    let id = HoldId::new();
    let path = format!("{PATH}/{id}");
    let committed = desk.once(visit.submission()?).commit(|view, authority| {
        let reason = visit.form.get("reason");
        erasure::place_hold(view, authority, id, file, reason).map(|change| change.answer(&path))
    });
    match committed {
        Ok(ticket) => Ok(Committed::to(ticket, path)),
        Err(refused) => Err(again(visit, refused, (f, "file"), |f| Page::html(&list(visit, f)?))),
    }
}

fn load(visit: &Visit<'_>) -> Result<Hold, PageError> {
    let id = visit.id("hold", HoldId::parse)?;
    visit.view().get::<Hold>(&id)?.ok_or_else(PageError::unknown)
}

fn one(visit: &Visit<'_>) -> Result<Page, PageError> {
    Page::html(&sheet(visit, &load(visit)?, Filled::new())?)
}

fn sheet(visit: &Visit<'_>, hold: &Hold, f: Filled) -> Result<HoldPage, PageError> {
    let mut c = below(visit, visit.chrome("")?.plain("erasure-hold"), &f)?;
    c.crumbs.push(Link { label: c.plain("erasure-holds"), href: PATH.to_owned() });
    let mut rows = vec![row(&c, "erasure-hold-reason", hold.reason.as_str())];
    let gathered = gather(visit.view(), hold.on)?;
    let file = match gathered {
        Some(_) => with_file("/urzad/usuwanie/nowe", hold.on),
        None => String::new(),
    };
    let what = match gathered {
        None => c.plain("erasure-hold-nothing"),
        Some(it) if it.label.is_empty() => format!("{} {}", c.plain(class_text(it.class)), hold.on),
        Some(it) => file_name(&c, it.class, &it.label),
    };
    rows.push(row(&c, "erasure-hold-on", what));
    let told = |at: String, who: String| format!("{at} · {who}");
    let placed = told(c.moment(hold.placed_at), visit.name_of(hold.placed_by)?);
    rows.push(row(&c, "erasure-hold-placed", placed));
    if let (Some(at), Some(by)) = (hold.lifted_at, hold.lifted_by) {
        rows.push(row(&c, "erasure-hold-lifted", told(c.moment(at), visit.name_of(by)?)));
    }
    Ok(HoldPage {
        key: visit.submission_key(),
        rows,
        stands: hold.lifted_at.is_none(),
        may_lift: visit.may(LIFT.who),
        path: format!("{PATH}/{}/zakoncz", hold.id),
        file,
        f,
        c,
    })
}

fn lift(desk: Desk<'_>, visit: &Visit<'_>, _tools: &Tools<'_>) -> Result<Committed, PageError> {
    let hold = load(visit)?;
    if hold.lifted_at.is_some() {
        return Err(PageError::To(format!("{PATH}/{}", hold.id)));
    }
    let committed = desk.once(visit.submission()?).commit(|view, authority| {
        erasure::lift(view, authority, hold.id, visit.form.get("reason"))
    });
    match committed {
        Ok(ticket) => Ok(Committed::to(ticket, format!("{PATH}/{}", hold.id))),
        Err(refused) => Err(again(visit, refused, (typed(visit, &["reason"]), "reason"), |f| {
            Page::html(&sheet(visit, &hold, f)?)
        })),
    }
}
