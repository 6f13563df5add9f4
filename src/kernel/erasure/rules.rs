//! What may be erased and who may agree to it: pure, so that a table can try every case.

use jiff::civil::Date;

use crate::kernel::{
    erasure::records::{ErasureState, FileClass, Ground, Term},
    identity::PersonId,
    store::Refusal,
};

/// Longest legal basis, consent or reason, in characters.
pub const WORDS_MAX: usize = 500;
/// No list of files knows a longer one, short of "for ever".
pub const YEARS_MAX: u32 = 100;

/// What is known of a file when somebody wants it erased.
pub struct Standing {
    pub class: FileClass,
    /// There is something in it.
    pub has_bodies: bool,
    /// Nothing is left to be done with it since that day.
    pub ended: Option<Date>,
    pub term_years: Option<u32>,
    /// A hold stands on it, or on a person it is about.
    pub is_held: bool,
    /// Another erasure of it is proposed or under way.
    pub is_proposed: bool,
    /// For an account: matters that still say whose they are.
    pub has_matters: bool,
}

/// The first day on which a term has run out: whole years, from 1 January of the year after the end. (Dz.U. 2011
/// nr 14 poz. 67 counts so; the office confirms it with its list of files.)
pub fn term_over_on(ended: Date, years: u32) -> Option<Date> {
    let year = i32::from(ended.year()) + 1 + i32::try_from(years).ok()?;
    Date::new(i16::try_from(year).ok()?, 1, 1).ok()
}

/// Whether a file may be proposed for erasure today.
///
/// # Errors
/// The first rule that says no.
pub fn proposable(file: &Standing, ground: Ground, today: Date) -> Result<(), Refusal> {
    if !file.has_bodies {
        return Err(Refusal::unknown());
    }
    if file.is_held {
        return Err(Refusal::rule("erasure-held"));
    }
    if file.is_proposed {
        return Err(Refusal::rule("erasure-proposed-already"));
    }
    let ended = file.ended.ok_or_else(|| match file.class {
        FileClass::Account => Refusal::rule("erasure-account-open"),
        FileClass::CaseFile | FileClass::Code => Refusal::rule("erasure-not-ended"),
    })?;
    if file.class == FileClass::Account && file.has_matters {
        return Err(Refusal::rule("erasure-has-matters"));
    }
    match ground {
        Ground::TermOver => {
            let years = file.term_years.ok_or_else(|| Refusal::rule("erasure-no-term"))?;
            match term_over_on(ended, years) {
                Some(over) if over <= today => Ok(()),
                Some(over) => Err(Refusal::rule("erasure-term-runs").with("until", over)),
                None => Err(Refusal::rule("erasure-no-term")),
            }
        }
        // GDPR, article 17(3)(b) and (d): what the law has the office keep is not erased on request.
        Ground::Request if file.class == FileClass::CaseFile => {
            Err(Refusal::rule("erasure-request-of-matter"))
        }
        Ground::Request | Ground::Ruling => Ok(()),
    }
}

/// Reads words that stay for ever.
///
/// # Errors
/// They are missing where they must not be, or too long.
pub fn words(typed: &str, field: &'static str, missing: &'static str) -> Result<String, Refusal> {
    let words = typed.split_whitespace().collect::<Vec<_>>().join(" ");
    match words.chars().count() {
        0 => Err(Refusal::rule(missing).on(field)),
        chars if chars > WORDS_MAX => {
            Err(Refusal::rule("erasure-words-long").with("max", WORDS_MAX).on(field))
        }
        _ => Ok(words),
    }
}

/// Whether the consent of the archive is needed: only what the office files (the act of 14 July 1983 on the
/// national archival resource, article 5).
pub fn needs_consent(class: FileClass, ground: Ground) -> bool {
    class == FileClass::CaseFile && ground == Ground::TermOver
}

/// What an approval meets.
pub struct Approving<'a> {
    pub state: ErasureState,
    /// Who approved before.
    pub before: &'a [PersonId],
    pub person: PersonId,
    /// The file is still what it was when it was proposed.
    pub is_unchanged: bool,
    pub is_held: bool,
    /// One of all who approved, this one too, is an administrator.
    pub has_administrator: bool,
    /// Whoever approved before may still, with the same key.
    pub before_still_may: bool,
}

/// What comes of an approval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Approved {
    First,
    /// It is ordered.
    Second,
}

/// Whether an approval counts.
///
/// # Errors
/// The first rule that says no.
pub fn approvable(it: &Approving<'_>) -> Result<Approved, Refusal> {
    if it.state != ErasureState::Proposed {
        return Err(Refusal::rule("erasure-not-proposed"));
    }
    if it.before.contains(&it.person) {
        return Err(Refusal::rule("erasure-same-person"));
    }
    if it.is_held {
        return Err(Refusal::rule("erasure-held"));
    }
    if !it.is_unchanged {
        return Err(Refusal::rule("erasure-changed"));
    }
    if it.before.is_empty() {
        return Ok(Approved::First);
    }
    if !it.before_still_may {
        return Err(Refusal::rule("erasure-first-lapsed"));
    }
    if !it.has_administrator {
        return Err(Refusal::rule("erasure-no-administrator"));
    }
    Ok(Approved::Second)
}

/// Reads a term as typed.
///
/// # Errors
/// It is no number of years.
pub fn years(typed: &str) -> Result<u32, Refusal> {
    let years = typed.trim().parse::<u32>().ok().filter(|years| *years <= YEARS_MAX);
    years.ok_or_else(|| Refusal::rule("erasure-years").with("max", YEARS_MAX).on("years"))
}

impl Term {
    /// Whether files with this head that ended that day may go today.
    pub fn is_over(&self, ended: Date, today: Date) -> bool {
        term_over_on(ended, self.years).is_some_and(|over| over <= today)
    }
}
