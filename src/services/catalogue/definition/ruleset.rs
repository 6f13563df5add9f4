//! The dated part of a definition: terms, thresholds and fees, each with its basis.
//!
//! A case keeps the id of the ruleset that held on the day its notice was delivered; a change of the law is a
//! new ruleset beside the old one, never an edit of it.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::super::holidays::Calendar;
use super::super::terms::{Deadline, Term, end, end_after_pause};
use super::{Mark, Text};

pub use super::super::terms::Binds;

/// The rules for notices delivered in a span of days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ruleset {
    pub id: String,
    pub valid_from: Date,
    /// The last day, inclusive; open if absent.
    pub valid_to: Option<Date>,
    pub source: String,
    pub unverified: Option<String>,
    pub terms: BTreeMap<String, TermRule>,
    #[serde(default)]
    pub threshold: Vec<Threshold>,
    /// The threshold group of a kind of tree nobody named.
    pub unknown_group: Option<String>,
}

/// A term of law.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TermRule {
    pub name: Text,
    pub term: Term,
    pub binds: Binds,
    pub basis: String,
    pub mark: Mark,
    pub unverified: Option<String>,
    /// So many days before the safe end somebody is reminded.
    #[serde(default)]
    pub alarms: Vec<u16>,
}

/// A girth above which the duty begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    pub id: String,
    pub name: Text,
    /// "Przekracza": strictly more than this.
    pub over_mm: u32,
    pub basis: String,
    pub mark: Mark,
    pub unverified: Option<String>,
}

/// An amount due, from a day on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fee {
    pub id: String,
    pub name: Text,
    pub valid_from: Date,
    pub amount_grosze: u32,
    /// Who is free of it, in words.
    pub exempt: Option<Text>,
    pub basis: String,
    pub mark: Mark,
    pub unverified: Option<String>,
}

impl Ruleset {
    #[must_use]
    pub fn holds_on(&self, day: Date) -> bool {
        self.valid_from <= day && self.valid_to.is_none_or(|last| day <= last)
    }

    /// The girth limit of a group, or of an unnamed kind where the group is not given.
    #[must_use]
    pub fn over_mm(&self, group: Option<&str>) -> Option<u32> {
        let group = group.or(self.unknown_group.as_deref())?;
        self.threshold
            .iter()
            .find(|threshold| threshold.id == group)
            .map(|threshold| threshold.over_mm)
    }
}

impl TermRule {
    #[must_use]
    pub fn from(&self, event: Date, calendar: &Calendar) -> Deadline {
        end(event, self.term, self.binds, &self.basis, calendar)
    }

    /// As [`TermRule::from`], for proceedings that stood still.
    #[must_use]
    pub fn from_paused(&self, event: Date, pause_days: u16, calendar: &Calendar) -> Deadline {
        end_after_pause(event, self.term, self.binds, pause_days, &self.basis, calendar)
    }
}
