//! The inbox: open cases by the day something is due, with no more about persons than a list needs.

use askama::Template;

use super::path_of;
use crate::{
    kernel::{
        identity::PersonId,
        store::{Fault, keys::Key},
    },
    services::trees::{
        ClockState, clocks,
        common::{Judged, say},
        model::{BY_NUMBER, OPEN_BY_DUE, TreeCase},
        office::{acts, due, verbs::Verb},
        standing,
    },
    web::{
        Page, PageError, Visit,
        chrome::{Chrome, Kind},
        parts::Chip,
    },
};

const PAGE_ROWS: usize = 25;
/// Most cases that one page looks at to fill itself under a filter.
const SCAN_MAX: usize = 500;
const LIST: &str = "skrzynka";

/// One case of the list.
pub struct InboxRow {
    pub href: String,
    pub label: String,
    pub filed: String,
    pub place: String,
    pub trees: String,
    pub stage: String,
    pub kind: Kind,
    pub day: String,
    pub left: String,
    pub basis: Vec<String>,
    pub taken: String,
    /// Where the quick button posts to; empty if it is taken.
    pub take: String,
}

#[derive(Template)]
#[template(path = "services/trees/templates/office_inbox.html")]
struct InboxPage {
    c: Chrome,
    chips: Vec<Chip>,
    rows: Vec<InboxRow>,
    next: String,
    /// What was searched for in vain.
    sought: String,
    filtered: bool,
}

/// Which cases are shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Filter {
    All,
    Free,
    Mine,
    Late,
}

impl Filter {
    const ALL: [(Filter, &'static str, &'static str); 4] = [
        (Filter::All, "", "trees-inbox-all"),
        (Filter::Free, "nieprzydzielone", "trees-inbox-free"),
        (Filter::Mine, "moje", "trees-inbox-mine"),
        (Filter::Late, "po-terminie", "trees-inbox-late"),
    ];

    fn of(code: &str) -> Filter {
        Filter::ALL
            .iter()
            .find(|(_, known, _)| *known == code)
            .map_or(Filter::All, |(filter, ..)| *filter)
    }
}

/// Open cases.
pub fn page(visit: &Visit<'_>) -> Result<Page, PageError> {
    let sought = visit.query.get("numer").trim().chars().take(40).collect::<String>();
    if let Some(case) = find(visit, &sought)? {
        return Err(PageError::To(path_of(case.id)));
    }
    let c = visit.chrome_of("trees-inbox")?;
    let me = visit.me()?.id;
    let filter = Filter::of(visit.query.get("pokaz"));
    let chip = |(of, code, label): &(Filter, &str, &str)| Chip {
        label: c.plain(label),
        href: if code.is_empty() {
            "/urzad/skrzynka".to_owned()
        } else {
            format!("/urzad/skrzynka?pokaz={code}")
        },
        on: *of == filter,
    };
    let chips = Filter::ALL.iter().map(chip).collect();
    let (rows, next) = rows(visit, &c, me, filter)?;
    let code = visit.query.get("pokaz");
    let next = next.map_or_else(String::new, |at| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("pokaz", code).append_pair("dalej", &visit.cursor(LIST, &at));
        format!("/urzad/skrzynka?{}", query.finish())
    });
    Page::html(&InboxPage { c, chips, rows, next, sought, filtered: filter != Filter::All })
}

/// "12/2026" as the number of a case.
fn find(visit: &Visit<'_>, sought: &str) -> Result<Option<TreeCase>, Fault> {
    let Some((number, year)) = sought.split_once('/') else { return Ok(None) };
    let (Ok(number), Ok(year)) = (number.trim().parse::<u64>(), year.trim().parse::<u64>()) else {
        return Ok(None);
    };
    visit.view().find::<TreeCase>(BY_NUMBER, &Key::new().number(year).number(!number_key(number)))
}

/// Numbers of cases are 32 bits wide, as the index of the record writes them.
fn number_key(number: u64) -> u64 {
    number.min(u64::from(u32::MAX))
}

type Found = (Vec<InboxRow>, Option<Vec<u8>>);

fn rows(visit: &Visit<'_>, c: &Chrome, me: PersonId, filter: Filter) -> Result<Found, Fault> {
    let mut position = visit.position(LIST);
    let mut rows = Vec::new();
    let mut seen = 0;
    loop {
        let list = visit.view().list::<TreeCase>(
            OPEN_BY_DUE,
            &Key::new(),
            position.as_deref(),
            PAGE_ROWS,
        )?;
        for row in &list.rows {
            seen += 1;
            if let Some(case) = visit.view().get::<TreeCase>(&row.id)?
                && passes(&case, filter, me, visit.today)
            {
                rows.push(inbox_row(visit, c, case)?);
                if rows.len() == PAGE_ROWS {
                    let last = list.rows.last().map(|last| last.id) == Some(row.id);
                    let more = !last || list.next.is_some();
                    return Ok((rows, more.then(|| row.position().to_vec())));
                }
            }
        }
        match list.next {
            None => return Ok((rows, None)),
            Some(next) if seen >= SCAN_MAX => return Ok((rows, Some(next))),
            Some(next) => position = Some(next),
        }
    }
}

fn passes(case: &TreeCase, filter: Filter, me: PersonId, today: jiff::civil::Date) -> bool {
    match filter {
        Filter::All => true,
        Filter::Free => case.assigned.is_none(),
        Filter::Mine => case.assigned == Some(me),
        Filter::Late => case.due.is_some_and(|due| due < today),
    }
}

fn inbox_row(visit: &Visit<'_>, c: &Chrome, case: TreeCase) -> Result<InboxRow, Fault> {
    let judged = Judged::new(visit.view(), case)?;
    let Judged { case, rules, .. } = &judged;
    let state = &case.state.0;
    let bench = acts::bench(visit, &judged);
    // The clock behind the day; a planned inspection has none.
    let clock = clocks(state, visit.today, rules).into_iter().find(|clock| {
        matches!(clock.state, ClockState::Running | ClockState::Lapsed)
            && Some(clock.deadline.planning_day()) == case.due
    });
    let kind = match case.due.map(|due| due::days(visit.today, due)) {
        Some(days) if days < 0 => Kind::Danger,
        Some(0..=7) => Kind::Warning,
        _ => Kind::Info,
    };
    let taken = case.assigned.map_or(Ok(String::new()), |staff| visit.name_of(staff))?;
    let path = path_of(case.id);
    Ok(InboxRow {
        label: case.office_number.clone().unwrap_or_else(|| case.label()),
        filed: c.day(crate::kernel::clock::date_in_poland(case.filed)),
        place: bench.place(),
        trees: state.trees.len().to_string(),
        stage: say(c, &standing(state, visit.today, rules).message()),
        kind,
        day: case.due.map_or_else(String::new, |due| c.day(due)),
        left: case.due.map_or_else(String::new, |day| due::left(c, visit.today, day)),
        basis: clock.map_or_else(Vec::new, |clock| {
            let mut basis = vec![say(c, &clock.name.message())];
            basis.extend(due::sentences(c, &clock.deadline.sentences()));
            basis
        }),
        take: if taken.is_empty() {
            format!("{path}/{}", Verb::Take.slug())
        } else {
            String::new()
        },
        taken,
        href: path,
    })
}
