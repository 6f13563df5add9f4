//! What the parts of a page need to know: plain data that a room fills in and the macros of
//! `templates/parts.html` and `templates/form.html` print. Strings here are in the reader's
//! language already; templates escape them. No rules, no look-ups.

use std::collections::BTreeMap;

use super::chrome::Kind;
use super::i18n::Markup;

/// A form as it was typed, with the sentences about what is wrong. Nothing typed is ever lost:
/// a refused form is printed again from this.
#[derive(Clone, Debug, Default)]
pub struct Filled {
    values: BTreeMap<String, Vec<String>>,
    wrongs: Vec<Wrong>,
}

/// One thing to put right. `field` is the name of the input it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    pub field: String,
    pub sentence: String,
}

impl Filled {
    pub fn new() -> Filled {
        Filled::default()
    }

    /// Adds one value; a field may have several (check boxes).
    pub fn put(&mut self, field: &str, value: impl Into<String>) {
        self.values.entry(field.to_owned()).or_default().push(value.into());
    }

    pub fn with(mut self, field: &str, value: impl Into<String>) -> Filled {
        self.put(field, value);
        self
    }

    pub fn wrong(&mut self, field: &str, sentence: impl Into<String>) {
        self.wrongs.push(Wrong { field: field.to_owned(), sentence: sentence.into() });
    }

    /// The first value, or nothing.
    pub fn value(&self, field: &str) -> &str {
        self.values.get(field).and_then(|all| all.first()).map_or("", String::as_str)
    }

    /// The value of a part of a field, such as the day of a date: `birth` + `day` = `birth-day`.
    pub fn part(&self, field: &str, part: &str) -> &str {
        self.value(&format!("{field}-{part}"))
    }

    pub fn chosen(&self, field: &str, value: &str) -> bool {
        self.values.get(field).is_some_and(|all| all.iter().any(|v| v == value))
    }

    /// The first sentence about a field; empty when all is well.
    pub fn error(&self, field: &str) -> &str {
        self.wrongs.iter().find(|w| w.field == field).map_or("", |w| &w.sentence)
    }

    pub fn wrongs(&self) -> &[Wrong] {
        &self.wrongs
    }

    pub fn is_right(&self) -> bool {
        self.wrongs.is_empty()
    }
}

/// The ids that describe a field, for `aria-describedby`: `f-x-hint f-x-error`.
pub fn described(field: &str, hint: bool, error: bool) -> String {
    let mut ids = Vec::new();
    if hint {
        ids.push(format!("f-{field}-hint"));
    }
    if error {
        ids.push(format!("f-{field}-error"));
    }
    ids.join(" ")
}

/// One answer of a choice.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    pub value: String,
    pub label: String,
    pub hint: String,
}

/// The start page of a matter. Empty strings leave their line out.
#[derive(Clone, Debug, Default)]
pub struct Matter {
    pub what: String,
    pub who: String,
    pub how_long: String,
    pub cost: String,
    pub have_ready: Vec<String>,
    pub law: Vec<String>,
    /// Where the one button leads.
    pub href: String,
}

/// A row of a check page or of a summary list.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    pub label: String,
    /// One line each.
    pub lines: Vec<String>,
    /// Where "Zmień" leads; empty means there is nothing to change.
    pub change: String,
}

/// Where something stands in time or in a list of duties.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    Done,
    Now,
    /// Not yet; a timeline shows it pale, with its date and basis.
    Ahead,
    /// Cannot begin before another one is done.
    Waiting,
    /// Something has to be put right.
    Wrong,
}

impl Stage {
    pub fn name(self) -> &'static str {
        match self {
            Stage::Done => "done",
            Stage::Now => "now",
            Stage::Ahead => "ahead",
            Stage::Waiting => "waiting",
            Stage::Wrong => "fix",
        }
    }
}

/// One event of a timeline: who, what, when.
#[derive(Clone, Debug)]
pub struct Event {
    pub stage: Stage,
    pub what: String,
    pub who: String,
    pub when: String,
    pub note: String,
    /// Why the date is what it is.
    pub basis: String,
}

#[derive(Clone, Debug)]
pub struct Task {
    pub stage: Stage,
    pub label: String,
    pub hint: String,
    /// Empty while it cannot begin.
    pub href: String,
}

/// A list that staff filter and sort, paged by cursor. Counts are not shown: they would cost a
/// walk over everything.
#[derive(Clone, Debug, Default)]
pub struct Table {
    pub caption: String,
    pub chips: Vec<Chip>,
    pub columns: Vec<Column>,
    pub rows: Vec<Row>,
    /// Where the neighbouring pages are; empty when there is none.
    pub previous: String,
    pub next: String,
}

/// A filter that is on; its link takes it off.
#[derive(Clone, Debug)]
pub struct Chip {
    pub label: String,
    pub href: String,
    pub on: bool,
}

#[derive(Clone, Debug, Default)]
pub struct Column {
    pub label: String,
    /// Link that sorts by this column; empty when it cannot be sorted.
    pub sort: String,
    pub sorted: Sorted,
    pub number: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sorted {
    #[default]
    No,
    Up,
    Down,
}

impl Sorted {
    /// The value of `aria-sort`.
    pub fn aria(self) -> &'static str {
        match self {
            Sorted::No => "none",
            Sorted::Up => "ascending",
            Sorted::Down => "descending",
        }
    }
}

#[derive(Clone, Debug, Default)]
pub struct Row {
    pub cells: Vec<Cell>,
    /// Where `t` (take) posts to; empty when it cannot be taken.
    pub take: String,
}

#[derive(Clone, Debug, Default)]
pub struct Cell {
    pub text: String,
    pub href: String,
    /// A second, quieter line: the basis of a deadline.
    pub note: String,
    /// Shows the text as a tag of this kind.
    pub tag: Option<Kind>,
}

impl Cell {
    pub fn text(text: impl Into<String>) -> Cell {
        Cell { text: text.into(), ..Cell::default() }
    }

    pub fn link(text: impl Into<String>, href: impl Into<String>) -> Cell {
        Cell { text: text.into(), href: href.into(), ..Cell::default() }
    }

    pub fn tag(kind: Kind, text: impl Into<String>) -> Cell {
        Cell { text: text.into(), tag: Some(kind), ..Cell::default() }
    }

    pub fn note(mut self, note: impl Into<String>) -> Cell {
        self.note = note.into();
        self
    }
}

/// A file on a page.
#[derive(Clone, Debug)]
pub struct Document {
    pub name: String,
    /// What it is to the reader: "zdjęcie", "decyzja".
    pub kind: String,
    pub bytes: u64,
    /// SHA-256 in hexadecimal, shown on demand.
    pub sha256: String,
    pub href: String,
}

#[derive(Clone, Debug)]
pub struct Message {
    pub who: String,
    pub when: String,
    /// Line breaks are kept.
    pub text: String,
    /// Written by the reader.
    pub own: bool,
    pub documents: Vec<Document>,
}

#[derive(Clone, Debug)]
pub struct Tab {
    pub label: String,
    pub href: String,
    pub current: bool,
}

/// Horizontal bars. The numbers stand in a table; the picture repeats them.
#[derive(Clone, Debug, Default)]
pub struct Chart {
    pub caption: String,
    pub label: String,
    pub unit: String,
    pub bars: Vec<Bar>,
}

#[derive(Clone, Debug)]
pub struct Bar {
    pub label: String,
    pub value: u64,
    /// The value as it is written, with its unit.
    pub shown: String,
}

/// Where one bar stands: lines of text from the top, part of the whole width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BarBox {
    pub top: usize,
    pub percent: u64,
}

impl Chart {
    /// Lines of text that one bar with its words takes.
    const ROW: usize = 3;

    pub fn height(&self) -> usize {
        self.bars.len() * Self::ROW
    }

    /// Bars with their place; the greatest fills the width.
    pub fn laid_out(&self) -> Vec<(&Bar, BarBox)> {
        let most = self.bars.iter().map(|bar| bar.value).max().unwrap_or(0).max(1);
        let place = |(i, bar): (usize, &Bar)| {
            let percent = u128::from(bar.value) * 100 / u128::from(most);
            BarBox { top: i * Self::ROW, percent: u64::try_from(percent).unwrap_or(100) }
        };
        self.bars.iter().enumerate().map(|(i, bar)| (bar, place((i, bar)))).collect()
    }
}

/// A QR code as SVG with a quiet zone, black on white in every theme so that cameras read it.
/// None when the text is too long for one code.
pub fn qr(text: &str, label: &str) -> Option<Markup> {
    use std::fmt::Write;
    let code = qrcode::QrCode::with_error_correction_level(text, qrcode::EcLevel::M).ok()?;
    let (side, colors) = (code.width(), code.to_colors());
    let mut path = String::new();
    for (y, row) in colors.chunks(side).enumerate() {
        for (x, color) in row.iter().enumerate() {
            if *color == qrcode::Color::Dark {
                write!(path, "M{} {}h1v1h-1z", x + 4, y + 4).ok()?;
            }
        }
    }
    let (all, label) = (side + 8, super::i18n::escape(label));
    Some(Markup::trusted(format!(
        "<svg class=\"qr\" role=\"img\" aria-label=\"{label}\" viewBox=\"0 0 {all} {all}\" \
         shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h{all}v{all}H0z\"/>\
         <path fill=\"#000\" d=\"{path}\"/></svg>"
    )))
}
