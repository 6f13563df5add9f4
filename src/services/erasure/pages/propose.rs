//! A file that somebody thinks should go: what it is, on what ground it may go, and what stands in the way.

use askama::Template;

use super::{
    HOME, again, below, class_text, file_name, ground_text, month, row, said, start, typed,
    with_file,
};
use crate::{
    kernel::{
        erasure::{
            self, ErasureId, OFFICERS, PROPOSE, Term,
            gather::{Gathered, gather, standing},
            records::OF_FILE,
            rules::{Standing, needs_consent},
        },
        store::{Desk, Refusal, keys::Key, record::FileId},
    },
    services::erasure::{model, rules::Offer},
    web::{
        Committed, Page, PageError, Route, Tools, Visit,
        chrome::Chrome,
        parts::{Answer, Choice, Filled},
    },
};

const PATH: &str = "/urzad/usuwanie/nowe";

pub static ROUTES: &[Route] =
    &[Route::look(PATH, OFFICERS, page), Route::act(PATH, &PROPOSE, propose)];

/// Fields of the form.
const FIELDS: [&str; 4] = ["file", "ground", "basis", "consent"];

#[derive(Template)]
#[template(path = "services/erasure/templates/propose.html")]
struct ProposePage {
    c: Chrome,
    f: Filled,
    key: String,
    file: String,
    rows: Vec<Answer>,
    is_partial: bool,
    grounds: Vec<Choice>,
    /// Grounds that do not apply, each with the reason.
    not: Vec<Answer>,
    /// What stands in the way on every ground.
    obstacle: String,
    /// The proposal that is on its way already.
    open: String,
    asks_consent: bool,
    hold: String,
}

fn page(visit: &Visit<'_>) -> Result<Page, PageError> {
    let file = start::of_query(visit)?;
    Page::html(&sheet(visit, file, Filled::new())?)
}

fn sheet(visit: &Visit<'_>, file: FileId, f: Filled) -> Result<ProposePage, PageError> {
    let gathered = gather(visit.view(), file)?.ok_or_else(|| Refusal::rule("erasure-no-file"))?;
    let standing = standing(visit.view(), file, Some(&gathered))?;
    let offer = Offer::of(&standing, visit.today);
    let mut c = below(visit, String::new(), &f)?;
    c.title = c.plain1("erasure-new", "file", file_name(&c, gathered.class, &gathered.label));
    let choice = |ground: &erasure::Ground| Choice {
        value: ground.code().to_string(),
        label: c.plain(ground_text(*ground)),
        hint: c.plain(match ground {
            erasure::Ground::TermOver => "erasure-ground-term-what",
            erasure::Ground::Request => "erasure-ground-request-what",
            erasure::Ground::Ruling => "erasure-ground-ruling-what",
        }),
    };
    let grounds: Vec<Choice> = offer.may.iter().map(choice).collect();
    let not = |(ground, refusal): &(erasure::Ground, Refusal)| {
        row(&c, ground_text(*ground), said(visit, &c, refusal))
    };
    // With one ground left there is nothing to choose.
    let f = match grounds.as_slice() {
        [only] if f.value("ground").is_empty() => f.with("ground", &only.value),
        _ => f,
    };
    Ok(ProposePage {
        key: visit.submission_key(),
        file: file.to_string(),
        rows: facts(visit, &c, &gathered, &standing)?,
        is_partial: gathered.is_partial,
        obstacle: offer.obstacle().map(|no| said(visit, &c, no)).unwrap_or_default(),
        not: if grounds.is_empty() && offer.obstacle().is_some() {
            Vec::new()
        } else {
            offer.may_not.iter().map(not).collect()
        },
        open: if standing.is_proposed { open(visit, file)? } else { String::new() },
        asks_consent: offer.may.iter().any(|ground| needs_consent(gathered.class, *ground)),
        hold: with_file("/urzad/usuwanie/wstrzymania", file),
        grounds,
        f,
        c,
    })
}

/// What a file is and how much is in it.
fn facts(
    visit: &Visit<'_>,
    c: &Chrome,
    gathered: &Gathered,
    standing: &Standing,
) -> Result<Vec<Answer>, PageError> {
    let mut rows = vec![row(c, "erasure-column-class", c.plain(class_text(gathered.class)))];
    if !gathered.label.is_empty() {
        rows.push(row(c, "erasure-label", gathered.label.as_str()));
    }
    let ended = standing.ended.map_or_else(|| c.plain("erasure-not-over"), |day| c.day(day));
    rows.push(row(c, "erasure-column-ended", ended));
    if let Some(head) = gathered.head
        && let Some(term) = visit.view().get::<Term>(&head.to_owned())?
    {
        let years = c.plain1("erasure-years", "n", term.years);
        rows.push(row(c, "erasure-term", format!("{years} · {}", term.category)));
    }
    rows.push(row(
        c,
        "erasure-column-counts",
        contents(c, gathered.targets.len(), gathered.bodies, gathered.blobs),
    ));
    let (first, last) = gathered.span_ms;
    rows.push(row(c, "erasure-span", span(c, first, last)));
    Ok(rows)
}

/// "12 wpisów · 31 treści · w tym 2 pliki".
pub fn contents(c: &Chrome, entries: usize, bodies: u32, blobs: u32) -> String {
    let mut parts =
        vec![c.plain1("erasure-entries", "n", entries), c.plain1("erasure-bodies", "n", bodies)];
    if blobs > 0 {
        parts.push(c.plain1("erasure-blobs", "n", blobs));
    }
    parts.join(" · ")
}

/// The months of the first and the last entry.
pub fn span(c: &Chrome, first: u64, last: u64) -> String {
    let (first, last) = (month(c, first), month(c, last));
    if first == last { first } else { format!("{first} – {last}") }
}

/// Where the proposal is that stands already.
fn open(visit: &Visit<'_>, file: FileId) -> Result<String, PageError> {
    let key = Key::new().id(&file);
    let newest = visit.view().list::<erasure::Erasure>(OF_FILE, &key, None, 1)?.rows;
    Ok(newest.first().map_or_else(String::new, |row| format!("{HOME}/{}", row.id)))
}

fn propose(desk: Desk<'_>, visit: &Visit<'_>, _tools: &Tools<'_>) -> Result<Committed, PageError> {
    let file = FileId::parse(visit.form.get("file")).ok_or_else(PageError::unknown)?;
    let f = typed(visit, &FIELDS);
    let ground = match model::ground(visit.form.get("ground")) {
        Ok(ground) => ground,
        Err(refusal) => {
            let mut f = f;
            super::mark(visit, &mut f, &refusal, "ground")?;
            return Err(PageError::form(&sheet(visit, file, f)?));
        }
    };
    let id = ErasureId::new();
    let path = format!("{HOME}/{id}");
    let words = (visit.form.get("basis"), visit.form.get("consent"));
    let committed = desk.once(visit.submission()?).commit(|view, authority| {
        erasure::propose(view, authority, id, file, ground, words)
            .map(|change| change.answer(&path))
    });
    match committed {
        Ok(ticket) => Ok(Committed::to(ticket, path)),
        Err(refused) => {
            Err(again(visit, refused, (f, "ground"), |f| Page::html(&sheet(visit, file, f)?)))
        }
    }
}
