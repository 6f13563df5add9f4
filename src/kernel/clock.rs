//! Time: UTC milliseconds inside, civil dates of Europe/Warsaw at the border, clocks injected.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};

/// Where the time comes from.
#[derive(Clone)]
pub enum Clock {
    System,
    /// Stands still until it is set; for tests and for the demo's past.
    Set(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at an instant.
    pub fn standing(at: Timestamp) -> Clock {
        Clock::Set(Arc::new(AtomicI64::new(at.as_millisecond())))
    }

    /// Now, in whole milliseconds.
    pub fn now(&self) -> Timestamp {
        match self {
            Clock::System => Timestamp::now()
                .round(jiff::Unit::Millisecond)
                .unwrap_or_else(|_overflow| Timestamp::now()),
            Clock::Set(ms) => from_ms(ms.load(Ordering::Relaxed)),
        }
    }

    /// Sets a standing clock; the system's clock is not ours to set.
    pub fn set(&self, at: Timestamp) {
        if let Clock::Set(ms) = self {
            ms.store(at.as_millisecond(), Ordering::Relaxed);
        }
    }
}

/// An instant some days ago.
pub fn days_before(now: Timestamp, days: i64) -> Timestamp {
    now.checked_sub(SignedDuration::from_hours(24 * days)).unwrap_or(now)
}

/// The civil date in Poland at an instant.
pub fn date_in_poland(at: Timestamp) -> Date {
    at.to_zoned(poland()).date()
}

/// Europe/Warsaw, from the database inside the program.
pub fn poland() -> TimeZone {
    TimeZone::get("Europe/Warsaw").unwrap_or(TimeZone::UTC)
}

/// An instant from milliseconds; out of range becomes the epoch.
pub fn from_ms(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// The time of a header: milliseconds since 1970, never before.
pub fn at_ms(ms: u64) -> Timestamp {
    from_ms(i64::try_from(ms).unwrap_or(i64::MAX))
}

/// Milliseconds since 1970; before becomes 0.
pub fn to_ms(at: Timestamp) -> u64 {
    u64::try_from(at.as_millisecond()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_second_of_a_polish_day_is_that_day() {
        let at: Timestamp = "2026-11-21T22:59:59Z".parse().unwrap();
        assert_eq!(date_in_poland(at).to_string(), "2026-11-21");
        let at: Timestamp = "2026-11-21T23:00:00Z".parse().unwrap();
        assert_eq!(date_in_poland(at).to_string(), "2026-11-22");
    }
}
