//! The legal clock of article 57 of the code of administrative procedure (KPA): when a term ends, and why.
//!
//! Pure arithmetic on civil dates; the lengths and their bases come from a ruleset, never from here.
//! A [`Deadline`] keeps each step of the computation, so that a page or a letter can print it as sentences.
//!
//! Whether § 4 (an end on a Saturday or holiday moves on) serves the authority is disputed, so the answer is
//! two-sided: the authority is told the earlier day, the citizen waits for the later one.

use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::holidays::{Calendar, RestDay};
use super::message::{Arg, Message, date_words, weekday_word};

/// The length of a term as the law gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Term {
    Days(u16),
    Weeks(u16),
    Months(u16),
    Years(u16),
}

/// Whom a term binds; this decides which days of a [`Deadline`] mean anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Binds {
    /// The authority must act in time; nothing follows by itself if it does not.
    Authority,
    /// The authority must act in time, and its silence lets the citizen act.
    Silence,
    /// A party must act in time.
    Party,
    /// A term of substantive law: it simply ends, and no weekend moves it.
    Nobody,
}

/// A term counted from a day, with everything needed to explain it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deadline {
    /// The day of the event; it is not counted itself (§ 1).
    pub event: Date,
    pub term: Term,
    pub binds: Binds,
    /// Days for which the proceedings were suspended; they lengthen the term.
    pub pause_days: u16,
    /// The last day by counting alone.
    pub raw: Date,
    /// Why nothing ends on the raw day, if that is so.
    pub raw_rests: Option<RestDay>,
    /// The last day after § 4; equal to `raw` where § 4 does not apply.
    pub shifted: Date,
    /// The day the authority is told: the last working day not after `raw`.
    pub authority_safe: Option<Date>,
    /// The first day on which the citizen may rely on the authority's silence.
    pub citizen_from: Option<Date>,
    pub basis: String,
}

/// When a term ends that began with `event`.
#[must_use]
pub fn end(event: Date, term: Term, binds: Binds, basis: &str, calendar: &Calendar) -> Deadline {
    end_after_pause(event, term, binds, 0, basis, calendar)
}

/// As [`end`], for a term that stood still for some days (suspended proceedings, KPA 122d § 2).
#[must_use]
pub fn end_after_pause(
    event: Date,
    term: Term,
    binds: Binds,
    pause_days: u16,
    basis: &str,
    calendar: &Calendar,
) -> Deadline {
    let raw = term.after(event).saturating_add(i64::from(pause_days).days());
    let raw_rests = calendar.rest_day(raw);
    let shifted = match binds {
        Binds::Authority | Binds::Silence | Binds::Party => calendar.working_day_from(raw),
        Binds::Nobody => raw,
    };
    let authority_safe = match binds {
        Binds::Authority | Binds::Silence => Some(calendar.working_day_until(raw)),
        Binds::Party | Binds::Nobody => None,
    };
    let citizen_from = match binds {
        Binds::Silence => Some(shifted.saturating_add(1.day())),
        Binds::Authority | Binds::Party | Binds::Nobody => None,
    };
    Deadline {
        event,
        term,
        binds,
        pause_days,
        raw,
        raw_rests,
        shifted,
        authority_safe,
        citizen_from,
        basis: basis.to_owned(),
    }
}

impl Term {
    /// The last day by counting alone: days from the day after the event (§ 1), weeks to the same day of the
    /// week (§ 2), months and years to the same date or the last day of that month (§ 3, § 3a).
    ///
    /// Saturates at the end of year 9999: dates are checked where they enter, and a total function keeps
    /// a case readable whatever was entered.
    #[must_use]
    pub fn after(self, event: Date) -> Date {
        match self {
            Term::Days(days) => event.saturating_add(i64::from(days).days()),
            Term::Weeks(weeks) => event.saturating_add((i64::from(weeks) * 7).days()),
            Term::Months(months) => event.saturating_add(i64::from(months).months()),
            // At most 9,998 years fit into the calendar, which is also the library's limit for a span.
            Term::Years(years) => event.saturating_add(i64::from(years.min(9_998)).years()),
        }
    }

    /// "14 dni", "6 miesięcy": with the plural of each language.
    #[must_use]
    pub fn message(self) -> Message {
        let (key, amount) = match self {
            Term::Days(amount) => ("catalogue-term-days", amount),
            Term::Weeks(amount) => ("catalogue-term-weeks", amount),
            Term::Months(amount) => ("catalogue-term-months", amount),
            Term::Years(amount) => ("catalogue-term-years", amount),
        };
        Message::new(key).number("n", amount)
    }

    #[must_use]
    pub fn amount(self) -> u16 {
        match self {
            Term::Days(amount)
            | Term::Weeks(amount)
            | Term::Months(amount)
            | Term::Years(amount) => amount,
        }
    }

    fn polish(self) -> String {
        let amount = self.amount();
        let teen = (12..=14).contains(&(amount % 100));
        let few = (2..=4).contains(&(amount % 10)) && !teen;
        let word = match (self, amount == 1, few) {
            (Term::Days(_), true, _) => "dzień",
            (Term::Days(_), false, _) => "dni",
            (Term::Weeks(_), true, _) => "tydzień",
            (Term::Weeks(_), false, true) => "tygodnie",
            (Term::Weeks(_), false, false) => "tygodni",
            (Term::Months(_), true, _) => "miesiąc",
            (Term::Months(_), false, true) => "miesiące",
            (Term::Months(_), false, false) => "miesięcy",
            (Term::Years(_), true, _) => "rok",
            (Term::Years(_), false, true) => "lata",
            (Term::Years(_), false, false) => "lat",
        };
        format!("{amount} {word}")
    }
}

impl RestDay {
    fn message(&self) -> Message {
        match self {
            RestDay::Saturday => Message::new("catalogue-rest-saturday"),
            RestDay::Sunday => Message::new("catalogue-rest-sunday"),
            RestDay::Holiday { name, .. } => {
                Message::new("catalogue-rest-holiday").text("name", name.clone())
            }
        }
    }

    fn polish(&self) -> String {
        match self {
            RestDay::Saturday => "sobota".to_owned(),
            RestDay::Sunday => "niedziela".to_owned(),
            RestDay::Holiday { name, .. } => format!("dzień wolny: {name}"),
        }
    }
}

impl Deadline {
    /// The computation as sentences, in the order in which a person would explain it.
    #[must_use]
    pub fn sentences(&self) -> Vec<Message> {
        let counted = match self.term {
            Term::Days(_) => "catalogue-deadline-counted-days",
            Term::Weeks(_) | Term::Months(_) | Term::Years(_) => "catalogue-deadline-counted-long",
        };
        let mut said =
            vec![Message::new(counted).said("term", self.term.message()).date("event", self.event)];
        if self.pause_days > 0 {
            said.push(Message::new("catalogue-deadline-paused").number("n", self.pause_days));
        }
        said.push(match (&self.raw_rests, self.shifted == self.raw) {
            (Some(rest), false) => Message::new("catalogue-deadline-moved")
                .date("raw", self.raw)
                .said("rest", rest.message())
                .date("shifted", self.shifted),
            _ => Message::new("catalogue-deadline-ends").date("raw", self.raw),
        });
        if let Some(from) = self.citizen_from {
            said.push(Message::new("catalogue-deadline-silence").date("from", from));
        }
        said.push(Message::new("catalogue-deadline-basis").text("basis", self.basis.clone()));
        said
    }

    /// The same in Polish, for letters: a letter is Polish whatever language its reader's pages have.
    #[must_use]
    pub fn polish(&self) -> String {
        let day = |date: Date| {
            format!("{} ({})", date_words(date, "pl"), weekday_word(date.weekday(), "pl"))
        };
        let mut said = match self.term {
            Term::Days(_) => {
                format!(
                    "Termin: {}. Dnia {} nie wlicza się do terminu.",
                    self.term.polish(),
                    date_words(self.event, "pl")
                )
            }
            Term::Weeks(_) | Term::Months(_) | Term::Years(_) => {
                format!("Termin: {} od {}.", self.term.polish(), date_words(self.event, "pl"))
            }
        };
        if self.pause_days > 0 {
            said.push_str(&format!(
                " Postępowanie było zawieszone ({}), o tyle termin się wydłużył.",
                Term::Days(self.pause_days).polish()
            ));
        }
        match (&self.raw_rests, self.shifted == self.raw) {
            (Some(rest), false) => said.push_str(&format!(
                " Ostatni dzień wypada {}, to {}, dlatego termin mija {}.",
                date_words(self.raw, "pl"),
                rest.polish(),
                day(self.shifted)
            )),
            _ => said.push_str(&format!(" Termin mija {}.", day(self.raw))),
        }
        if let Some(from) = self.citizen_from {
            said.push_str(&format!(
                " Na milczenie urzędu można się powołać od {}.",
                date_words(from, "pl")
            ));
        }
        said.push_str(&format!(" Podstawa: {}.", self.basis));
        said
    }

    /// The day a planner should show: the safe one for the authority, the real one for everybody else.
    #[must_use]
    pub fn planning_day(&self) -> Date {
        self.authority_safe.unwrap_or(self.shifted)
    }

    /// The arguments a text file may use for any sentence about this deadline.
    #[must_use]
    pub fn arguments(&self) -> Vec<(&'static str, Arg)> {
        vec![
            ("event", Arg::Date(self.event)),
            ("raw", Arg::Date(self.raw)),
            ("shifted", Arg::Date(self.shifted)),
            ("safe", Arg::Date(self.planning_day())),
            ("basis", Arg::Text(self.basis.clone())),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn count(event: &str, term: Term, binds: Binds) -> Deadline {
        end(day(event), term, binds, "art. 57", &Calendar::statutory())
    }

    /// Section 7 of the fact sheet, row by row: clock, event, raw, shifted, safe, citizen from.
    #[test]
    fn the_vectors_of_the_fact_sheet_hold() {
        use Binds::{Authority, Nobody, Party, Silence};
        let rows = [
            (Term::Days(21), Authority, "2026-11-23 2026-12-14 2026-12-14 2026-12-14 -"),
            (Term::Days(21), Authority, "2026-12-05 2026-12-26 2026-12-28 2026-12-23 -"),
            (Term::Days(21), Authority, "2027-03-06 2027-03-27 2027-03-30 2027-03-26 -"),
            (Term::Days(14), Silence, "2026-11-24 2026-12-08 2026-12-08 2026-12-08 2026-12-09"),
            (Term::Days(14), Silence, "2026-12-10 2026-12-24 2026-12-28 2026-12-23 2026-12-29"),
            (Term::Days(14), Silence, "2027-04-17 2027-05-01 2027-05-04 2027-04-30 2027-05-05"),
            (Term::Days(14), Silence, "2027-05-13 2027-05-27 2027-05-28 2027-05-26 2027-05-29"),
            (Term::Days(14), Silence, "2026-12-23 2027-01-06 2027-01-07 2027-01-05 2027-01-08"),
            (Term::Days(7), Party, "2026-12-17 2026-12-24 2026-12-28 - -"),
            (Term::Months(6), Nobody, "2026-08-31 2027-02-28 2027-02-28 - -"),
            (Term::Months(6), Nobody, "2026-08-28 2027-02-28 2027-02-28 - -"),
            (Term::Months(6), Nobody, "2026-12-10 2027-06-10 2027-06-10 - -"),
        ];
        let optional = |text: &str| (text != "-").then(|| day(text));
        for (term, binds, row) in rows {
            let [event, raw, shifted, safe, citizen] =
                row.split(' ').collect::<Vec<_>>().try_into().unwrap();
            let found = count(event, term, binds);
            assert_eq!(found.raw, day(raw), "raw of {event}");
            assert_eq!(found.shifted, day(shifted), "shifted of {event}");
            assert_eq!(found.authority_safe, optional(safe), "safe of {event}");
            assert_eq!(found.citizen_from, optional(citizen), "citizen of {event}");
        }
        // The two further dates of the fifth row: 14 days after the lapse (KPA 122g), and five years.
        let lapse = count("2026-12-10", Term::Days(14), Silence).shifted;
        assert_eq!(Term::Days(14).after(lapse), day("2027-01-11"));
        assert_eq!(count("2026-12-10", Term::Years(5), Nobody).raw, day("2031-12-10"));
    }

    /// Section 14 of the page on validators: event, term, raw end (where given), last day.
    #[test]
    fn the_vectors_of_the_validators_page_hold() {
        for (event, term, raw, last) in [
            ("2026-11-20", Term::Days(7), Some("2026-11-27"), "2026-11-27"),
            ("2026-11-21", Term::Days(14), Some("2026-12-05"), "2026-12-07"),
            ("2026-12-10", Term::Days(14), Some("2026-12-24"), "2026-12-28"),
            ("2026-12-12", Term::Days(14), Some("2026-12-26"), "2026-12-28"),
            ("2027-03-13", Term::Days(14), Some("2027-03-27"), "2027-03-30"),
            ("2026-10-28", Term::Days(14), Some("2026-11-11"), "2026-11-12"),
            ("2027-05-13", Term::Days(14), Some("2027-05-27"), "2027-05-28"),
            ("2026-11-21", Term::Months(1), None, "2026-12-21"),
            ("2026-01-31", Term::Months(1), None, "2026-03-02"),
            ("2027-12-31", Term::Months(2), None, "2028-02-29"),
            ("2026-10-11", Term::Months(1), None, "2026-11-12"),
            ("2026-11-24", Term::Months(1), None, "2026-12-28"),
            ("2026-09-30", Term::Months(3), None, "2026-12-30"),
        ] {
            let found = count(event, term, Binds::Party);
            if let Some(raw) = raw {
                assert_eq!(found.raw, day(raw), "raw of {event}");
            }
            assert_eq!(found.shifted, day(last), "last day of {event}");
        }
    }

    #[test]
    fn weeks_end_on_the_same_day_and_years_on_the_same_date() {
        assert_eq!(count("2026-11-23", Term::Weeks(2), Binds::Party).raw, day("2026-12-07"));
        assert_eq!(count("2028-02-29", Term::Years(5), Binds::Nobody).raw, day("2033-02-28"));
    }

    #[test]
    fn a_pause_moves_the_end_by_its_days() {
        let found = end_after_pause(
            day("2026-11-24"),
            Term::Days(14),
            Binds::Silence,
            10,
            "art. 57",
            &Calendar::statutory(),
        );
        assert_eq!(found.raw, day("2026-12-18"));
        assert_eq!(found.citizen_from, Some(day("2026-12-19")));
        assert!(found.polish().contains("Postępowanie było zawieszone (10 dni)"));
    }

    #[test]
    fn the_polish_sentence_shows_the_computation() {
        assert_eq!(
            count("2026-12-10", Term::Days(14), Binds::Silence).polish(),
            "Termin: 14 dni. Dnia 10 grudnia 2026 nie wlicza się do terminu. Ostatni dzień wypada 24 grudnia 2026, \
             to dzień wolny: Wigilia Bożego Narodzenia, dlatego termin mija 28 grudnia 2026 (poniedziałek). \
             Na milczenie urzędu można się powołać od 29 grudnia 2026. Podstawa: art. 57."
        );
        assert_eq!(
            count("2026-08-31", Term::Months(6), Binds::Nobody).polish(),
            "Termin: 6 miesięcy od 31 sierpnia 2026. Termin mija 28 lutego 2027 (niedziela). Podstawa: art. 57."
        );
    }

    #[test]
    fn polish_plurals_are_right() {
        for (term, said) in [
            (Term::Days(1), "1 dzień"),
            (Term::Months(1), "1 miesiąc"),
            (Term::Months(3), "3 miesiące"),
            (Term::Months(6), "6 miesięcy"),
            (Term::Months(12), "12 miesięcy"),
            (Term::Months(22), "22 miesiące"),
            (Term::Years(5), "5 lat"),
            (Term::Weeks(2), "2 tygodnie"),
        ] {
            assert_eq!(term.polish(), said);
        }
    }

    #[test]
    fn the_end_of_time_is_not_a_crash() {
        let last = date(9999, 12, 31);
        for term in [
            Term::Days(u16::MAX),
            Term::Weeks(u16::MAX),
            Term::Months(u16::MAX),
            Term::Years(u16::MAX),
        ] {
            assert_eq!(end(last, term, Binds::Silence, "", &Calendar::statutory()).raw, last);
        }
    }

    fn terms() -> impl Strategy<Value = Term> {
        prop_oneof![
            (0_u16..400).prop_map(Term::Days),
            (0_u16..60).prop_map(Term::Weeks),
            (0_u16..30).prop_map(Term::Months),
            (0_u16..10).prop_map(Term::Years),
        ]
    }

    proptest! {
        #[test]
        fn a_deadline_keeps_its_promises(start in 0_i64..40_000, term in terms(), pause in 0_u16..60) {
            let calendar = Calendar::statutory();
            let event = date(2011, 1, 1).saturating_add(start.days());
            for binds in [Binds::Authority, Binds::Silence, Binds::Party, Binds::Nobody] {
                let found = end_after_pause(event, term, binds, pause, "", &calendar);
                prop_assert!(event <= found.raw && found.raw <= found.shifted);
                if binds == Binds::Nobody {
                    prop_assert_eq!(found.raw, found.shifted);
                } else {
                    prop_assert!(calendar.is_working_day(found.shifted));
                }
                if let Some(safe) = found.authority_safe {
                    prop_assert!(calendar.is_working_day(safe) && safe <= found.raw);
                }
                if let Some(from) = found.citizen_from {
                    prop_assert!(found.shifted < from);
                    prop_assert!(found.authority_safe.is_some_and(|safe| safe < from));
                }
            }
        }

        #[test]
        fn a_later_event_never_ends_earlier(start in 0_i64..40_000, later in 0_i64..400, term in terms()) {
            let calendar = Calendar::statutory();
            let first = date(2011, 1, 1).saturating_add(start.days());
            let second = first.saturating_add(later.days());
            let (one, two) = (
                end(first, term, Binds::Silence, "", &calendar),
                end(second, term, Binds::Silence, "", &calendar),
            );
            prop_assert!(one.raw <= two.raw && one.shifted <= two.shifted);
            prop_assert!(one.authority_safe <= two.authority_safe && one.citizen_from <= two.citizen_from);
        }
    }
}
