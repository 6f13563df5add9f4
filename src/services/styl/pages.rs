//! The pattern page and the made-up matter it shows. The words come from `texts/`; here is only
//! which part gets which of them.

use askama::Template;
use jiff::civil::date;
use jiff::{Timestamp, ToSpan};

use crate::web::chrome::{Chrome, Kind};
use crate::web::i18n::Markup;
use crate::web::parts::{
    self, Answer, Bar, Cell, Chart, Chip, Choice, Column, Document, Event, Filled, Matter, Message,
    Row, Sorted, Stage, Tab, Table, Task,
};

/// Every part with its note.
#[derive(Template)]
#[template(path = "services/styl/templates/styl.html")]
pub struct StylPage {
    pub c: Chrome,
    right: Filled,
    bad: Filled,
    species: Vec<Choice>,
    extras: Vec<Choice>,
    matter: Matter,
    answers: Vec<Answer>,
    events: Vec<Event>,
    tasks: Vec<Task>,
    table: Table,
    documents: Vec<Document>,
    messages: Vec<Message>,
    tabs: Vec<Tab>,
    chart: Chart,
    qr: Option<Markup>,
    notices: Vec<(Kind, Markup)>,
}

const CODE: &str = "MODR-4K7P-92XH";

pub fn render(c: Chrome) -> Result<String, askama::Error> {
    StylPage::new(c).render()
}

impl StylPage {
    pub fn new(mut c: Chrome) -> StylPage {
        c.title = c.plain("styl-title");
        StylPage {
            right: right(&c),
            bad: bad(&c),
            species: species(&c),
            extras: extras(&c),
            matter: matter(&c),
            answers: answers(&c),
            events: events(&c),
            tasks: tasks(&c),
            table: table(&c),
            documents: documents(&c),
            messages: messages(&c),
            tabs: tabs(&c),
            chart: chart(&c),
            qr: parts::qr(CODE, &c.plain("styl-sheet-qr")),
            notices: notices(&c),
            c,
        }
    }
}

/// The afternoon on which everything in the sample happens: 21 November 2026, 14:32 in Poland.
fn sample_moment() -> Timestamp {
    date(2026, 11, 21)
        .at(13, 32, 0, 0)
        .to_zoned(jiff::tz::TimeZone::UTC)
        .map_or(Timestamp::UNIX_EPOCH, |moment| moment.timestamp())
}

fn later(days: i64) -> Timestamp {
    sample_moment().checked_add((days * 24).hours()).unwrap_or(Timestamp::MAX)
}

fn right(c: &Chrome) -> Filled {
    Filled::new()
        .with("girth", "84")
        .with("species", "lipa")
        .with("since-day", "3")
        .with("since-month", "11")
        .with("since-year", "2026")
        .with("why", c.plain("styl-sample-why"))
        .with("extras", "nests")
}

fn bad(c: &Chrome) -> Filled {
    let mut form =
        Filled::new().with("pesel", "8003251234").with("seen-day", "31").with("seen-month", "2");
    form.wrong("pesel", c.plain("styl-wrong-pesel"));
    form.wrong("seen", c.plain("styl-wrong-date"));
    form.wrong("owner", c.plain("styl-wrong-owner"));
    form
}

fn choice(c: &Chrome, value: &str, key: &str) -> Choice {
    Choice { value: value.to_owned(), label: c.plain(key), hint: String::new() }
}

fn species(c: &Chrome) -> Vec<Choice> {
    vec![
        choice(c, "lipa", "styl-species-lime"),
        choice(c, "topola", "styl-species-poplar"),
        Choice {
            hint: c.plain("styl-species-other-hint"),
            ..choice(c, "inne", "styl-species-other")
        },
    ]
}

fn extras(c: &Chrome) -> Vec<Choice> {
    vec![choice(c, "nests", "styl-extra-nests"), choice(c, "road", "styl-extra-road")]
}

fn matter(c: &Chrome) -> Matter {
    Matter {
        what: c.plain("styl-matter-what"),
        who: c.plain("styl-matter-who"),
        how_long: c.plain("styl-matter-time"),
        cost: c.plain("styl-matter-cost"),
        have_ready: ["styl-matter-ready-1", "styl-matter-ready-2"].map(|key| c.plain(key)).to_vec(),
        law: vec![c.plain("styl-matter-law")],
        href: "#step".to_owned(),
    }
}

fn answers(c: &Chrome) -> Vec<Answer> {
    let answer = |label: &str, lines: Vec<String>, change: &str| Answer {
        label: c.plain(label),
        lines,
        change: change.to_owned(),
    };
    vec![
        answer(
            "styl-answer-owner",
            vec!["Anna Wierzba".to_owned(), c.plain("styl-sample-address")],
            "#fields",
        ),
        answer("styl-answer-tree", vec![c.plain("styl-sample-tree")], "#fields"),
        answer("styl-answer-fee", vec![c.money(0_i64)], ""),
    ]
}

fn notices(c: &Chrome) -> Vec<(Kind, Markup)> {
    vec![
        (Kind::Info, c.t("styl-notice-info")),
        (Kind::Success, c.t("styl-notice-success")),
        (Kind::Warning, c.t("styl-notice-warning")),
        (Kind::Danger, c.t("styl-notice-danger")),
    ]
}

fn events(c: &Chrome) -> Vec<Event> {
    let event = |stage, what: &str, who: &str, when: String| Event {
        stage,
        what: c.plain(what),
        who: if who.is_empty() { String::new() } else { c.plain(who) },
        when,
        note: String::new(),
        basis: String::new(),
    };
    vec![
        event(Stage::Done, "styl-event-filed", "styl-who-you", c.moment(sample_moment())),
        Event {
            note: c.plain("styl-event-taken-note"),
            ..event(Stage::Done, "styl-event-taken", "styl-who-clerk", c.moment(later(2)))
        },
        event(Stage::Now, "styl-event-wait", "", c.plain("styl-event-wait-when")),
        Event {
            basis: c.plain("styl-event-inspection-basis"),
            ..event(
                Stage::Ahead,
                "styl-event-inspection",
                "",
                c.plain1("styl-event-until", "day", c.day(date(2026, 12, 12))),
            )
        },
    ]
}

fn tasks(c: &Chrome) -> Vec<Task> {
    let task = |stage, label: &str, hint: &str, href: &str| Task {
        stage,
        label: c.plain(label),
        hint: if hint.is_empty() { String::new() } else { c.plain(hint) },
        href: href.to_owned(),
    };
    vec![
        task(Stage::Done, "styl-task-you", "", "#fields"),
        task(Stage::Now, "styl-task-trees", "styl-task-trees-hint", "#fields"),
        task(Stage::Wrong, "styl-task-sketch", "styl-task-sketch-hint", "#fields"),
        task(Stage::Waiting, "styl-task-send", "", ""),
    ]
}

fn table(c: &Chrome) -> Table {
    let row = |number: &str, what: &str, left: Cell, state: Cell| Row {
        cells: vec![Cell::link(number, "#table"), Cell::text(c.plain(what)), left, state],
        take: "/styl".to_owned(),
    };
    let basis = || c.plain("styl-table-basis");
    Table {
        caption: c.plain("styl-table-caption"),
        chips: vec![
            Chip { label: c.plain("styl-chip-mine"), href: "#table".to_owned(), on: true },
            Chip { label: c.plain("styl-chip-trees"), href: "#table".to_owned(), on: false },
            Chip { label: c.plain("styl-chip-late"), href: "#table".to_owned(), on: false },
        ],
        columns: vec![
            Column { label: c.plain("styl-col-number"), ..Column::default() },
            Column { label: c.plain("styl-col-what"), ..Column::default() },
            Column {
                label: c.plain("styl-col-left"),
                sort: "#table".to_owned(),
                sorted: Sorted::Up,
                number: false,
            },
            Column { label: c.plain("styl-col-state"), ..Column::default() },
        ],
        rows: vec![
            row(
                "SR.6131.41.2026",
                "styl-row-lime",
                Cell::tag(Kind::Danger, c.plain1("ui-days-over", "n", 1)).note(basis()),
                Cell::text(c.plain("styl-state-new")),
            ),
            row(
                "SR.6131.42.2026",
                "styl-row-poplars",
                Cell::tag(Kind::Warning, c.plain1("ui-days-left", "n", 2)).note(basis()),
                Cell::text(c.plain("styl-state-inspection")),
            ),
            row(
                "SR.6131.43.2026",
                "styl-row-oak",
                Cell::text(c.plain1("ui-days-left", "n", 12)).note(basis()),
                Cell::text(c.plain("styl-state-completion")),
            ),
        ],
        previous: String::new(),
        next: "#table".to_owned(),
    }
}

fn documents(c: &Chrome) -> Vec<Document> {
    // The hash of the name stands in for the hash of a file, so that the sample has its shape.
    let document = |name: &str, kind: &str, bytes| Document {
        name: c.plain(name),
        kind: c.plain(kind),
        bytes,
        sha256: sha256_hex(c.plain(name).as_bytes()),
        href: "#documents".to_owned(),
    };
    vec![
        document("styl-doc-photo", "styl-doc-photo-kind", 3_412_090),
        document("styl-doc-sketch", "styl-doc-sketch-kind", 88_310),
    ]
}

fn sha256_hex(bytes: &[u8]) -> String {
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
    hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn messages(c: &Chrome) -> Vec<Message> {
    vec![
        Message {
            who: c.plain("styl-who-clerk"),
            when: c.moment(later(2)),
            text: c.plain("styl-message-clerk"),
            own: false,
            documents: Vec::new(),
        },
        Message {
            who: c.plain("styl-who-you"),
            when: c.moment(later(3)),
            text: c.plain("styl-message-you"),
            own: true,
            documents: documents(c).into_iter().skip(1).collect(),
        },
    ]
}

fn tabs(c: &Chrome) -> Vec<Tab> {
    [("styl-tab-case", true), ("styl-tab-documents", false), ("styl-tab-history", false)]
        .map(|(key, current)| Tab { label: c.plain(key), href: "#tabs".to_owned(), current })
        .to_vec()
}

fn chart(c: &Chrome) -> Chart {
    let bar = |key: &str, value: u64| Bar {
        label: c.plain(key),
        value,
        shown: c.plain1("ui-cases", "n", value),
    };
    Chart {
        caption: c.plain("styl-chart-caption"),
        label: c.plain("styl-chart-label"),
        unit: c.plain("styl-chart-unit"),
        bars: vec![
            bar("styl-chart-trees", 42),
            bar("styl-chart-roads", 17),
            bar("styl-chart-waste", 5),
        ],
    }
}
