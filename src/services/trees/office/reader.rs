//! Reading the forms of clerks: typed values out, or sentences beside the boxes; nothing typed is lost.

use jiff::civil::Date;

use super::forms::Ask;
use crate::{
    services::{
        catalogue::{in_poland, millimetres, point},
        trees::Position,
    },
    web::{
        chrome::{Chrome, fields},
        input::Form,
        parts::Filled,
    },
};

/// Longest text of one line, and of several.
const LINE_CHARS_MAX: usize = 300;
const TEXT_CHARS_MAX: usize = 4_000;

/// A form under reading.
pub struct Reader<'a> {
    form: &'a Form,
    c: &'a Chrome,
    asks: &'a [Ask],
    pub f: Filled,
}

/// Everything that was typed, without the fields of the machinery.
pub fn typed(form: &Form) -> Filled {
    let mut f = Filled::new();
    for (name, values) in form.fields() {
        if !matches!(name.as_str(), fields::FORM_TOKEN | fields::SUBMISSION_KEY) {
            values.iter().for_each(|value| f.put(name, value));
        }
    }
    f
}

impl<'a> Reader<'a> {
    pub fn new(form: &'a Form, c: &'a Chrome, asks: &'a [Ask]) -> Reader<'a> {
        Reader { form, c, asks, f: typed(form) }
    }

    pub fn chrome(&self) -> &'a Chrome {
        self.c
    }

    /// A sentence beside a box, with the label of the question in it.
    pub fn wrong(&mut self, name: &str, key: &str) {
        let label = self.asks.iter().find(|ask| ask.name == name).map_or("", |ask| &ask.label);
        self.f.wrong(name, self.c.plain1(key, "label", label));
    }

    /// A date in three boxes.
    pub fn date(&mut self, name: &str) -> Option<Date> {
        let part = |part: &str| self.form.get(&format!("{name}-{part}")).trim().to_owned();
        let date = date_of(&part("day"), &part("month"), &part("year"));
        if date.is_none() {
            self.wrong(name, "trees-wrong-date");
        }
        date
    }

    /// A text that must be there.
    pub fn text(&mut self, name: &str) -> Option<String> {
        let text = self.optional(name);
        if text.is_empty() {
            self.wrong(name, "trees-wrong-empty");
            return None;
        }
        self.bounded(name, text, LINE_CHARS_MAX)
    }

    /// A longer text that must be there.
    pub fn long(&mut self, name: &str) -> Option<String> {
        let text = self.optional(name);
        if text.is_empty() {
            self.wrong(name, "trees-wrong-empty");
            return None;
        }
        self.bounded(name, text, TEXT_CHARS_MAX)
    }

    fn bounded(&mut self, name: &str, text: String, max: usize) -> Option<String> {
        if text.chars().count() > max {
            self.f.wrong(name, self.c.plain1("trees-wrong-long", "max", max));
            return None;
        }
        Some(text)
    }

    /// A text that may be missing.
    pub fn optional(&self, name: &str) -> String {
        self.form.get(name).trim().chars().take(TEXT_CHARS_MAX + 1).collect()
    }

    /// A text of one line that may be missing.
    pub fn optional_line(&mut self, name: &str) -> Option<String> {
        let text = self.optional(name);
        self.bounded(name, text, LINE_CHARS_MAX)
    }

    pub fn ticked(&self, name: &str) -> bool {
        self.form.get(name) == "yes"
    }

    /// One of a few.
    pub fn one<T: Copy>(&mut self, name: &str, known: &[(&str, T)]) -> Option<T> {
        let value = self.form.get(name);
        let found = known.iter().find(|(code, _)| *code == value).map(|(_, value)| *value);
        if found.is_none() {
            self.wrong(name, "trees-wrong-choice");
        }
        found
    }

    /// Any of a few, as they were sent.
    pub fn many(&self, name: &str) -> Vec<String> {
        self.form.all(name).iter().filter(|value| !value.trim().is_empty()).cloned().collect()
    }

    /// The trees that are named; the rules judge whether they may be.
    pub fn trees(&mut self) -> Option<Vec<u64>> {
        let trees: Vec<u64> =
            self.form.all("trees").iter().filter_map(|value| value.parse().ok()).collect();
        if trees.is_empty() {
            self.wrong("trees", "trees-wrong-trees");
            return None;
        }
        Some(trees)
    }

    /// Girths in centimetres: "63; 41,5".
    pub fn stems(&mut self, name: &str) -> Option<Vec<u32>> {
        let typed = self.optional(name);
        let parts = typed.split([';', '+', '\n']).map(str::trim).filter(|part| !part.is_empty());
        let stems: Option<Vec<u32>> = parts.map(millimetres).collect();
        if stems.is_none() {
            self.wrong(name, "trees-wrong-stems");
        }
        stems
    }

    /// A place as a device shows it, "53,12345 17,65432"; nothing if the box is empty or wrong.
    pub fn position(&mut self, name: &str) -> Option<Position> {
        let typed = self.optional(name);
        if typed.is_empty() {
            return None;
        }
        // A place far away is more likely two numbers in the wrong order than a tree.
        let place = point(&typed).filter(|place| in_poland(*place));
        if place.is_none() {
            self.wrong(name, "trees-wrong-position");
        }
        place.map(|(latitude, longitude)| Position { latitude, longitude })
    }

    pub fn is_empty(&self, name: &str) -> bool {
        self.optional(name).is_empty()
    }

    pub fn is_right(&self) -> bool {
        self.f.is_right()
    }
}

/// A date as three boxes give it.
pub fn date_of(day: &str, month: &str, year: &str) -> Option<Date> {
    let digits = |text: &str, most: usize| {
        !text.is_empty() && text.len() <= most && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    if !(digits(day, 2) && digits(month, 2) && digits(year, 4) && year.len() == 4) {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}
