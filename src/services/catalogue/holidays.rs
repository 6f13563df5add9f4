//! Days on which an office is shut by law: computed, not copied from a wall calendar.
//!
//! A [`Calendar`] is data (dated rules with their basis), so that a new day off is an entry and not a release.
//! [`Calendar::statutory`] is what the commune starts with.
//! It does not know the commune's own closed days: article 57 § 4 of the code asks only for statutory ones.

use jiff::civil::{Date, Weekday};
use jiff::{Span, ToSpan};
use serde::{Deserialize, Serialize};

/// Where a day off falls in a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum When {
    Fixed {
        month: i8,
        day: i8,
    },
    /// So many days after Easter Sunday.
    Easter {
        days: i16,
    },
}

/// One statutory day off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DayOff {
    pub id: String,
    /// The official Polish name.
    pub name: String,
    pub when: When,
    /// The first and the last date on which the rule holds; open if absent.
    pub from: Option<Date>,
    pub to: Option<Date>,
    pub basis: String,
}

/// The rules by which a date is free or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calendar {
    pub days: Vec<DayOff>,
}

/// Why nothing can end on a day: article 57 § 4 names Saturdays beside statutory holidays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RestDay {
    Saturday,
    Sunday,
    Holiday { id: String, name: String },
}

const ACT: &str = "art. 1 ustawy z 18 stycznia 1951 r. o dniach wolnych od pracy";
const ACT_2024: &str = "art. 1 ustawy z 18 stycznia 1951 r. o dniach wolnych od pracy (zmiana ustawą z 6 grudnia 2024 r.)";

impl Calendar {
    /// The statutory days of Poland as they stand in 2026.
    ///
    /// The list is general knowledge, compared with several public calendars; the act itself was not read.
    /// Before 2011 (Epiphany) it is not meant to be right: no term of this program starts there.
    #[must_use]
    pub fn statutory() -> Calendar {
        let fixed = |id: &str, name: &str, month, day| DayOff {
            id: id.to_owned(),
            name: name.to_owned(),
            when: When::Fixed { month, day },
            from: None,
            to: None,
            basis: ACT.to_owned(),
        };
        let easter = |id: &str, name: &str, days| DayOff {
            when: When::Easter { days },
            ..fixed(id, name, 1, 1)
        };
        Calendar {
            days: vec![
                fixed("new-year", "Nowy Rok", 1, 1),
                fixed("epiphany", "Święto Trzech Króli", 1, 6),
                easter("easter", "pierwszy dzień Wielkiej Nocy", 0),
                easter("easter-monday", "drugi dzień Wielkiej Nocy", 1),
                fixed("may-day", "Święto Państwowe 1 maja", 5, 1),
                fixed("constitution", "Święto Narodowe Trzeciego Maja", 5, 3),
                easter("pentecost", "pierwszy dzień Zielonych Świątek", 49),
                easter("corpus-christi", "Boże Ciało", 60),
                fixed("assumption", "Wniebowzięcie Najświętszej Maryi Panny", 8, 15),
                fixed("all-saints", "Wszystkich Świętych", 11, 1),
                fixed("independence", "Narodowe Święto Niepodległości", 11, 11),
                DayOff {
                    // 2025-02-01 is the day from which the change applies; the first Christmas Eve after it is that of 2025.
                    from: Some(Date::constant(2025, 2, 1)),
                    basis: ACT_2024.to_owned(),
                    ..fixed("christmas-eve", "Wigilia Bożego Narodzenia", 12, 24)
                },
                fixed("christmas", "pierwszy dzień Bożego Narodzenia", 12, 25),
                fixed("christmas-2", "drugi dzień Bożego Narodzenia", 12, 26),
            ],
        }
    }

    /// The statutory holiday on this date, if it is one.
    #[must_use]
    pub fn holiday(&self, date: Date) -> Option<&DayOff> {
        self.days.iter().find(|day| {
            day.from.is_none_or(|from| from <= date)
                && day.to.is_none_or(|to| date <= to)
                && day.when.falls_on(date)
        })
    }

    /// Why the date is not a working day, or nothing if it is one.
    #[must_use]
    pub fn rest_day(&self, date: Date) -> Option<RestDay> {
        if let Some(day) = self.holiday(date) {
            return Some(RestDay::Holiday { id: day.id.clone(), name: day.name.clone() });
        }
        match date.weekday() {
            Weekday::Saturday => Some(RestDay::Saturday),
            Weekday::Sunday => Some(RestDay::Sunday),
            Weekday::Monday
            | Weekday::Tuesday
            | Weekday::Wednesday
            | Weekday::Thursday
            | Weekday::Friday => None,
        }
    }

    #[must_use]
    pub fn is_working_day(&self, date: Date) -> bool {
        self.rest_day(date).is_none()
    }

    /// The date itself if people work on it, otherwise the next day on which they do.
    #[must_use]
    pub fn working_day_from(&self, date: Date) -> Date {
        self.walk(date, 1.day())
    }

    /// The date itself if people work on it, otherwise the last day before on which they do.
    #[must_use]
    pub fn working_day_until(&self, date: Date) -> Date {
        self.walk(date, -(1.day()))
    }

    fn walk(&self, mut date: Date, step: Span) -> Date {
        while !self.is_working_day(date) {
            // At the end of the calendar (year 9999) there is no next day; the loop ends rather than spins.
            let Ok(next) = date.checked_add(step) else { break };
            date = next;
        }
        date
    }
}

impl When {
    fn falls_on(self, date: Date) -> bool {
        match self {
            When::Fixed { month, day } => date.month() == month && date.day() == day,
            When::Easter { days } => easter(date.year())
                .and_then(|sunday| sunday.checked_add(i64::from(days).days()).ok())
                .is_some_and(|feast| feast == date),
        }
    }
}

/// Easter Sunday of the Gregorian calendar (the anonymous algorithm of 1876, in whole numbers).
///
/// Nothing before 1583, where that calendar did not exist.
#[must_use]
pub fn easter(year: i16) -> Option<Date> {
    if year < 1583 {
        return None;
    }
    let year_number = i32::from(year);
    let golden = year_number % 19;
    let century = year_number / 100;
    let in_century = year_number % 100;
    let correction = (century - (century + 8) / 25 + 1) / 3;
    let epact = (19 * golden + century - century / 4 - correction + 15) % 30;
    let weekday = (32 + 2 * (century % 4) + 2 * (in_century / 4) - epact - in_century % 4) % 7;
    let late = (golden + 11 * epact + 22 * weekday) / 451;
    let packed = epact + weekday - 7 * late + 114;
    let month = i8::try_from(packed / 31).ok()?;
    let day = i8::try_from(packed % 31 + 1).ok()?;
    Date::new(year, month, day).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    #[test]
    fn easter_falls_where_the_church_puts_it() {
        for (year, month, day) in [
            (1583, 4, 10),
            (1818, 3, 22),
            (1943, 4, 25),
            (1954, 4, 18),
            (1981, 4, 19),
            (2000, 4, 23),
            (2025, 4, 20),
            (2026, 4, 5),
            (2027, 3, 28),
            (2028, 4, 16),
            (2038, 4, 25),
            (2049, 4, 18),
            (2076, 4, 19),
            (2285, 3, 22),
        ] {
            assert_eq!(easter(year), Some(date(year, month, day)), "{year}");
        }
        assert_eq!(easter(1582), None);
    }

    #[test]
    fn corpus_christi_follows_easter() {
        let calendar = Calendar::statutory();
        for (year, month, day) in [(2026, 6, 4), (2027, 5, 27), (2028, 6, 15)] {
            let found = calendar.holiday(date(year, month, day)).map(|day| day.id.as_str());
            assert_eq!(found, Some("corpus-christi"));
        }
    }

    #[test]
    fn the_days_of_2026_are_these() {
        let calendar = Calendar::statutory();
        let mut day = date(2026, 1, 1);
        let mut found = Vec::new();
        while day.year() == 2026 {
            if calendar.holiday(day).is_some() {
                found.push(day.strftime("%m-%d").to_string());
            }
            day = day.tomorrow().unwrap();
        }
        assert_eq!(
            found,
            [
                "01-01", "01-06", "04-05", "04-06", "05-01", "05-03", "05-24", "06-04", "08-15",
                "11-01", "11-11", "12-24", "12-25", "12-26"
            ]
        );
    }

    #[test]
    fn christmas_eve_is_free_since_2025() {
        let calendar = Calendar::statutory();
        assert!(calendar.is_working_day(date(2024, 12, 24)));
        assert!(!calendar.is_working_day(date(2025, 12, 24)));
        assert_eq!(
            calendar.rest_day(date(2026, 12, 24)),
            Some(RestDay::Holiday {
                id: "christmas-eve".to_owned(),
                name: "Wigilia Bożego Narodzenia".to_owned()
            })
        );
    }

    #[test]
    fn the_end_of_the_calendar_does_not_spin() {
        // 9999-12-31 is a Friday; the Saturday after it does not exist.
        let shut = Calendar {
            days: vec![DayOff {
                id: "last".to_owned(),
                name: "last".to_owned(),
                when: When::Fixed { month: 12, day: 31 },
                from: None,
                to: None,
                basis: "test".to_owned(),
            }],
        };
        assert_eq!(shut.working_day_from(date(9999, 12, 31)), date(9999, 12, 31));
    }

    proptest! {
        #[test]
        fn easter_is_a_sunday_between_22_march_and_25_april(year in 1583_i16..9999) {
            let sunday = easter(year).unwrap();
            prop_assert_eq!(sunday.weekday(), Weekday::Sunday);
            prop_assert!(date(year, 3, 22) <= sunday && sunday <= date(year, 4, 25));
        }

        #[test]
        fn walking_ends_on_a_working_day_and_at_most_a_week_away(days in 0_i64..80_000) {
            let calendar = Calendar::statutory();
            let day = date(2011, 1, 1).checked_add(days.days()).unwrap();
            let next = calendar.working_day_from(day);
            let last = calendar.working_day_until(day);
            prop_assert!(calendar.is_working_day(next) && calendar.is_working_day(last));
            prop_assert!(last <= day && day <= next);
            prop_assert!(next.since(last).unwrap().get_days() <= 7);
        }
    }
}
