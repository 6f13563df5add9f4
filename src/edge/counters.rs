//! What the edge counts: plain atomics, read by the metrics page.
//!
//! No label is taken from a request, so nobody can grow these by asking.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use super::{ListenerKind, Refusal};

/// Why a connection was cut without an answer of its own.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Cut {
    /// Its address had too many connections already.
    AddressFull,
    /// It did not finish the TLS handshake in time.
    SlowHandshake,
    /// It said nothing.
    Silent,
    /// A request head did not arrive in time (HTTP/1 gets a 408 before).
    SlowHead,
    /// An answer was not taken in time.
    SlowAnswer,
    /// No byte was taken for too long.
    WriteStall,
    /// It did not go when told to.
    Lingered,
    /// Too many HTTP/2 frames that carry nothing, or requests cancelled at once.
    FrameFlood,
    /// It was still open when the time to stop was over.
    Stopped,
}

impl Cut {
    /// Every reason, in the order of the counters.
    pub const ALL: [Self; 9] = [
        Self::AddressFull,
        Self::SlowHandshake,
        Self::Silent,
        Self::SlowHead,
        Self::SlowAnswer,
        Self::WriteStall,
        Self::Lingered,
        Self::FrameFlood,
        Self::Stopped,
    ];

    /// The name in metrics.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::AddressFull => "address_full",
            Self::SlowHandshake => "slow_handshake",
            Self::Silent => "silent",
            Self::SlowHead => "slow_head",
            Self::SlowAnswer => "slow_answer",
            Self::WriteStall => "write_stall",
            Self::Lingered => "lingered",
            Self::FrameFlood => "frame_flood",
            Self::Stopped => "stopped",
        }
    }
}

/// One figure for the metrics page.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Sample {
    /// Metric name without prefix; those ending in `_total` only grow, the others are gauges.
    pub metric: &'static str,
    /// The listener.
    pub listener: &'static str,
    /// The reason, for metrics that have one.
    pub reason: Option<&'static str>,
    /// The figure.
    pub value: u64,
}

/// The counters of one listener.
#[derive(Debug, Default)]
pub(super) struct LaneCounters {
    open: AtomicU64,
    accepted: AtomicU64,
    handshakes_failed: AtomicU64,
    requests: AtomicU64,
    certificate_expires: AtomicU64,
    reloads_failed: AtomicU64,
    refusals: [AtomicU64; Refusal::ALL.len()],
    cuts: [AtomicU64; Cut::ALL.len()],
}

/// The counters of all listeners.
#[derive(Debug, Default)]
pub struct EdgeCounters {
    public: Arc<LaneCounters>,
    machine: Arc<LaneCounters>,
    redirect: Arc<LaneCounters>,
    demo: Arc<LaneCounters>,
}

impl EdgeCounters {
    /// Every figure, in a fixed order.
    #[must_use]
    pub fn samples(&self) -> Vec<Sample> {
        let kinds = [
            ListenerKind::Public,
            ListenerKind::Machine,
            ListenerKind::Redirect,
            ListenerKind::Demo,
        ];
        kinds.into_iter().flat_map(|kind| self.lane(kind).samples(kind.name())).collect()
    }

    /// How many requests of a listener were refused for this reason.
    #[must_use]
    pub fn refused(&self, kind: ListenerKind, refusal: Refusal) -> u64 {
        self.lane(kind).refusals.get(refusal as usize).map_or(0, read)
    }

    /// How many connections of a listener were cut for this reason.
    #[must_use]
    pub fn cut(&self, kind: ListenerKind, cut: Cut) -> u64 {
        self.lane(kind).cuts.get(cut as usize).map_or(0, read)
    }

    /// How many connections of a listener are open now.
    #[must_use]
    pub fn open(&self, kind: ListenerKind) -> u64 {
        read(&self.lane(kind).open)
    }

    pub(super) fn lane(&self, kind: ListenerKind) -> &Arc<LaneCounters> {
        match kind {
            ListenerKind::Public => &self.public,
            ListenerKind::Machine => &self.machine,
            ListenerKind::Redirect => &self.redirect,
            ListenerKind::Demo => &self.demo,
        }
    }
}

impl LaneCounters {
    pub(super) fn opened(&self) {
        add(&self.open);
        add(&self.accepted);
    }

    pub(super) fn closed(&self) {
        self.open.fetch_sub(1, Ordering::Relaxed);
    }

    pub(super) fn handshake_failed(&self) {
        add(&self.handshakes_failed);
    }

    pub(super) fn request(&self) {
        add(&self.requests);
    }

    pub(super) fn reload_failed(&self) {
        add(&self.reloads_failed);
    }

    pub(super) fn certificate_expires(&self, unix_seconds: u64) {
        self.certificate_expires.store(unix_seconds, Ordering::Relaxed);
    }

    pub(super) fn refused(&self, refusal: Refusal) {
        if let Some(counter) = self.refusals.get(refusal as usize) {
            add(counter);
        }
    }

    pub(super) fn cut(&self, cut: Cut) {
        if let Some(counter) = self.cuts.get(cut as usize) {
            add(counter);
        }
    }

    fn samples(&self, listener: &'static str) -> Vec<Sample> {
        let plain =
            |metric, counter| Sample { metric, listener, reason: None, value: read(counter) };
        let mut samples = vec![
            plain("connections_open", &self.open),
            plain("connections_total", &self.accepted),
            plain("handshakes_failed_total", &self.handshakes_failed),
            plain("requests_total", &self.requests),
            plain("certificate_expires_timestamp_seconds", &self.certificate_expires),
            plain("certificate_reloads_failed_total", &self.reloads_failed),
        ];
        samples.extend(Refusal::ALL.iter().zip(&self.refusals).map(|(refusal, counter)| Sample {
            metric: "requests_refused_total",
            listener,
            reason: Some(refusal.name()),
            value: read(counter),
        }));
        samples.extend(Cut::ALL.iter().zip(&self.cuts).map(|(cut, counter)| Sample {
            metric: "connections_cut_total",
            listener,
            reason: Some(cut.name()),
            value: read(counter),
        }));
        samples
    }
}

fn add(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

fn read(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_found_under_their_own_name() {
        let counters = EdgeCounters::default();
        for (place, refusal) in Refusal::ALL.into_iter().enumerate() {
            assert_eq!(refusal as usize, place, "{}", refusal.name());
        }
        for (place, cut) in Cut::ALL.into_iter().enumerate() {
            assert_eq!(cut as usize, place, "{}", cut.name());
        }
        counters.lane(ListenerKind::Machine).cut(Cut::Stopped);
        counters.lane(ListenerKind::Machine).refused(Refusal::Fault);
        let touched: Vec<_> =
            counters.samples().into_iter().filter(|sample| sample.value > 0).collect();
        assert_eq!(touched.len(), 2);
        assert!(touched.iter().all(|sample| sample.listener == "machine"));
        assert_eq!(
            touched.iter().filter_map(|sample| sample.reason).collect::<Vec<_>>(),
            ["fault", "stopped"]
        );
    }
}
