//! Languages of the interface: which ones there are, where their sentences come from, how a
//! browser's wish is read. Not a store of a commune's own texts; those are records.
//!
//! Every room owns `texts/{pl,en,uk}.ftl` and offers them as one [`Texts`]; start-up joins them
//! all into one [`Catalogue`], which pages reach through `web::chrome::Chrome`.

mod catalogue;
mod format;
mod markup;
#[cfg(test)]
mod tests;
mod unbroken;
mod used;

pub use catalogue::{Catalogue, TextError};
pub use format::{civil_day, clock_time, group_digits, size_in, zlote_in};
pub use markup::{Arg, ArgValue, Markup, escape};
pub use unbroken::{laid_out, unbroken};
pub use used::keys_used_in;

/// A language the interface speaks. Polish is the source: the other two are translations of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lang {
    Pl,
    En,
    Uk,
}

impl Lang {
    pub const ALL: [Lang; 3] = [Lang::Pl, Lang::En, Lang::Uk];

    /// The BCP 47 code, as it stands in `<html lang>`.
    pub fn code(self) -> &'static str {
        match self {
            Lang::Pl => "pl",
            Lang::En => "en",
            Lang::Uk => "uk",
        }
    }

    /// The language's own name, never translated, so that a lost reader finds the way back.
    pub fn own_name(self) -> &'static str {
        match self {
            Lang::Pl => "Polski",
            Lang::En => "English",
            Lang::Uk => "Українська",
        }
    }

    /// Between groups of three digits. Narrow and unbreakable, so that a sum never breaks a line.
    pub fn group_mark(self) -> char {
        match self {
            Lang::Pl | Lang::Uk => '\u{202f}',
            Lang::En => ',',
        }
    }

    pub fn decimal_mark(self) -> char {
        match self {
            Lang::Pl | Lang::Uk => ',',
            Lang::En => '.',
        }
    }

    pub fn parse(code: &str) -> Option<Lang> {
        let primary = code.trim().split(['-', '_']).next().unwrap_or_default();
        Lang::ALL.into_iter().find(|lang| lang.code().eq_ignore_ascii_case(primary))
    }

    /// Picks a language from an `Accept-Language` header (RFC 9110, 12.5.4); Polish when in doubt.
    ///
    /// The first of several equal wishes wins. `*` and languages we do not speak are passed over,
    /// and so is anything after the twentieth wish: no browser sends that many.
    pub fn negotiate(accept_language: &str) -> Lang {
        let mut best: Option<(Lang, u16)> = None;
        for wish in accept_language.split(',').take(20) {
            let mut parts = wish.split(';');
            let Some(lang) = parts.next().and_then(Lang::parse) else { continue };
            let weight = parts.next().map_or(1000, thousandths);
            if weight > 0 && best.is_none_or(|(_, most)| weight > most) {
                best = Some((lang, weight));
            }
        }
        best.map_or(Lang::Pl, |(lang, _)| lang)
    }
}

/// `q=0.8` as 800. Anything unreadable weighs nothing.
fn thousandths(q: &str) -> u16 {
    let Some(number) = q.trim().strip_prefix("q=") else { return 0 };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let fraction: String = fraction.chars().chain("000".chars()).take(3).collect();
    match (whole, fraction.parse::<u16>()) {
        ("1", Ok(_)) => 1000,
        ("0", Ok(n)) => n,
        _ => 0,
    }
}

/// The sentences of one room, in Fluent syntax (projectfluent.org).
///
/// A room writes `pub static TEXTS: Texts = Texts { pl: include_str!("texts/pl.ftl"), .. }`.
#[derive(Debug)]
pub struct Texts {
    pub pl: &'static str,
    pub en: &'static str,
    pub uk: &'static str,
}

impl Texts {
    pub fn of(&self, lang: Lang) -> &'static str {
        match lang {
            Lang::Pl => self.pl,
            Lang::En => self.en,
            Lang::Uk => self.uk,
        }
    }
}

/// The sentences of the page itself: header, parts, dates, sizes. Keys begin with `ui-`.
pub static UI: Texts = Texts {
    pl: include_str!("texts/pl.ftl"),
    en: include_str!("texts/en.ftl"),
    uk: include_str!("texts/uk.ftl"),
};
