//! A sentence before it is said: a key of the text files and typed arguments.
//!
//! Pure rules must not know the reader's language, so they hand out a [`Message`]; a page resolves it with
//! the bundle of the language it is written in.
//! Dates stay dates until then, because "21 listopada 2026" and "21 November 2026" are the same fact.

use jiff::civil::{Date, Weekday};

/// A key of the text files with its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub key: &'static str,
    pub args: Vec<(&'static str, Arg)>,
}

/// One argument of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arg {
    Text(String),
    /// Stays a number, so that the plural rules of the language can see it.
    Number(i64),
    Date(Date),
    /// A sentence or a phrase inside the sentence.
    Said(Message),
}

/// What the text machinery is given for an argument: dates and inner messages are words by then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Text(String),
    Number(i64),
}

impl Message {
    #[must_use]
    pub fn new(key: &'static str) -> Message {
        Message { key, args: Vec::new() }
    }

    #[must_use]
    pub fn text(self, name: &'static str, value: impl Into<String>) -> Message {
        self.with(name, Arg::Text(value.into()))
    }

    #[must_use]
    pub fn number(self, name: &'static str, value: impl Into<i64>) -> Message {
        self.with(name, Arg::Number(value.into()))
    }

    #[must_use]
    pub fn date(self, name: &'static str, value: Date) -> Message {
        self.with(name, Arg::Date(value))
    }

    #[must_use]
    pub fn said(self, name: &'static str, value: Message) -> Message {
        self.with(name, Arg::Said(value))
    }

    fn with(mut self, name: &'static str, value: Arg) -> Message {
        self.args.push((name, value));
        self
    }
}

/// The bundle of one language: a key and plain values become a sentence.
pub type Lookup<'a> = dyn Fn(&str, &[(&str, Value)]) -> String + 'a;

/// Says a message in the language of the bundle.
pub fn resolve(message: &Message, lang: &str, lookup: &Lookup<'_>) -> String {
    let args: Vec<(&str, Value)> = message
        .args
        .iter()
        .map(|(name, arg)| {
            let value = match arg {
                Arg::Text(text) => Value::Text(text.clone()),
                Arg::Number(number) => Value::Number(*number),
                Arg::Date(date) => Value::Text(date_words(*date, lang)),
                Arg::Said(inner) => Value::Text(resolve(inner, lang, lookup)),
            };
            (*name, value)
        })
        .collect();
    lookup(message.key, &args)
}

const MONTHS_PL: [&str; 12] = [
    "stycznia",
    "lutego",
    "marca",
    "kwietnia",
    "maja",
    "czerwca",
    "lipca",
    "sierpnia",
    "września",
    "października",
    "listopada",
    "grudnia",
];
const MONTHS_EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const MONTHS_UK: [&str; 12] = [
    "січня",
    "лютого",
    "березня",
    "квітня",
    "травня",
    "червня",
    "липня",
    "серпня",
    "вересня",
    "жовтня",
    "листопада",
    "грудня",
];

/// A date in words, in the case that follows a day number; any language we do not speak gets Polish.
#[must_use]
pub fn date_words(date: Date, lang: &str) -> String {
    let months = match lang {
        "en" => &MONTHS_EN,
        "uk" => &MONTHS_UK,
        _ => &MONTHS_PL,
    };
    let place = usize::try_from(date.month() - 1).unwrap_or_default();
    format!("{} {} {}", date.day(), months.get(place).copied().unwrap_or_default(), date.year())
}

/// The name of a day of the week, in the nominative.
#[must_use]
pub fn weekday_word(day: Weekday, lang: &str) -> &'static str {
    let names = match lang {
        "en" => ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
        "uk" => ["понеділок", "вівторок", "середа", "четвер", "пʼятниця", "субота", "неділя"],
        _ => ["poniedziałek", "wtorek", "środa", "czwartek", "piątek", "sobota", "niedziela"],
    };
    usize::try_from(day.to_monday_zero_offset())
        .ok()
        .and_then(|place| names.get(place).copied())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn dates_are_written_as_people_write_them() {
        let day = date(2026, 11, 21);
        assert_eq!(date_words(day, "pl"), "21 listopada 2026");
        assert_eq!(date_words(day, "en"), "21 November 2026");
        assert_eq!(date_words(day, "uk"), "21 листопада 2026");
        assert_eq!(date_words(day, "de"), "21 listopada 2026");
        assert_eq!(weekday_word(day.weekday(), "pl"), "sobota");
    }

    #[test]
    fn inner_messages_are_said_first() {
        let message = Message::new("outer")
            .said("inner", Message::new("inner").number("n", 3))
            .date("on", date(2026, 1, 2));
        let said = resolve(&message, "pl", &|key, args| {
            let args: Vec<String> =
                args.iter().map(|(name, value)| format!("{name}={value:?}")).collect();
            format!("{key}({})", args.join(";"))
        });
        assert_eq!(said, r#"outer(inner=Text("inner(n=Number(3))");on=Text("2 stycznia 2026"))"#);
    }
}
