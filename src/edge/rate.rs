//! The lowest rate a body may arrive at.
//!
//! Only time spent waiting for the client counts: what the app takes to store a piece is not the client's fault.

use std::time::Duration;

use tokio::time::Instant;

use super::EdgeLimits;

/// Bytes received against time waited.
pub(super) struct Rate {
    grace: Duration,
    bytes_per_second: u64,
    received: u64,
    waited: Duration,
    waiting_since: Option<Instant>,
}

impl Rate {
    pub(super) fn new(limits: &EdgeLimits) -> Self {
        Self {
            grace: limits.body_grace,
            bytes_per_second: limits.body_rate_bytes_per_second,
            received: 0,
            waited: Duration::ZERO,
            waiting_since: None,
        }
    }

    /// Nothing is there yet. Says when waiting becomes too long.
    pub(super) fn waits(&mut self, now: Instant) -> Instant {
        let since = *self.waiting_since.get_or_insert(now);
        since
            + (self.grace + time_for(self.received, self.bytes_per_second))
                .saturating_sub(self.waited)
    }

    /// Bytes came.
    pub(super) fn receives(&mut self, bytes: usize, now: Instant) {
        self.received = self.received.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
        if let Some(since) = self.waiting_since.take() {
            self.waited += now.saturating_duration_since(since);
        }
    }
}

/// How long so many bytes may take.
pub(super) fn time_for(bytes: u64, bytes_per_second: u64) -> Duration {
    Duration::from_millis(bytes.saturating_mul(1000) / bytes_per_second.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trickle_is_too_slow_and_a_pause_of_ours_is_not_counted() {
        let second = Duration::from_secs(1);
        let start = Instant::now();
        let mut rate = Rate::new(&EdgeLimits::default());
        assert_eq!(rate.waits(start), start + 10 * second);
        assert_eq!(
            rate.waits(start + 3 * second),
            start + 10 * second,
            "asking again changes nothing"
        );
        rate.receives(2048, start + 4 * second);
        // the app works for a minute; then six seconds of grace and two for 2,048 bytes are left
        let later = start + 64 * second;
        assert_eq!(rate.waits(later), later + 8 * second);
        rate.receives(1, later + 8 * second);
        assert_eq!(rate.waits(later + 8 * second), later + 8 * second, "nothing is left");
    }
}
