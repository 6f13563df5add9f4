//! One clock per connection: where it is, since when, and when that becomes too long.
//!
//! `gauged.rs`, `screened.rs` and `front.rs` report what happens, the watchdog in `connection.rs` asks when to strike.
//! Pure apart from its mutex, which is never held across an await. It cuts nothing itself.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use super::{Cut, EdgeLimits, Refusal, rate::time_for};

/// What the watchdog is to do when the clock strikes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Strike {
    /// Not yet.
    Nothing,
    /// Let the HTTP/1 side read a refusal in place of the head that never came.
    Refuse,
    /// Say goodbye in the protocol's way.
    Retire,
    /// Drop the connection.
    Cut(Cut),
}

/// What `screened.rs` found in the head of a request, kept until the request reaches `front.rs`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct HeadNote {
    /// The request is not to reach the app.
    pub(super) refusal: Option<Refusal>,
    /// The connection closes behind it.
    pub(super) last: bool,
}

/// The protocols differ in what can be said to a late client.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Protocol {
    /// HTTP/1.0 and 1.1.
    H1,
    /// HTTP/2.
    H2,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Phase {
    /// Nothing came yet.
    Silent,
    /// The head of a request is coming.
    Head,
    /// A head is complete and not yet with the front.
    Read,
    /// Requests are being worked on or answered.
    Work,
    /// Between requests.
    Idle,
    /// Told to go; gone by then or cut.
    Leaving(Duration),
}

/// The clock of one connection.
pub(super) struct Clock {
    limits: Arc<EdgeLimits>,
    state: Mutex<State>,
}

struct State {
    protocol: Protocol,
    phase: Phase,
    since: Instant,
    /// Requests between their head and the end of their answer, each with its deadline.
    work: BTreeMap<u64, Instant>,
    tickets: u64,
    notes: VecDeque<HeadNote>,
    late_head: bool,
    write_waits_since: Option<Instant>,
}

impl Clock {
    pub(super) fn new(limits: Arc<EdgeLimits>, now: Instant) -> Arc<Self> {
        let state = State {
            protocol: Protocol::H1,
            phase: Phase::Silent,
            since: now,
            work: BTreeMap::new(),
            tickets: 0,
            notes: VecDeque::new(),
            late_head: false,
            write_waits_since: None,
        };
        Arc::new(Self { limits, state: Mutex::new(state) })
    }

    /// The handshake is over and the protocol known.
    pub(super) fn ready(&self, protocol: Protocol, now: Instant) {
        let mut state = self.state();
        state.protocol = protocol;
        state.enter(Phase::Silent, now);
    }

    /// Bytes of a request head came.
    pub(super) fn head_comes(&self, now: Instant) {
        let mut state = self.state();
        let waited_for = state.phase == Phase::Silent
            || (state.phase == Phase::Idle && state.protocol == Protocol::H1);
        if waited_for {
            state.enter(Phase::Head, now);
        }
    }

    /// An HTTP/1 head is complete or refused.
    pub(super) fn head_is_read(&self, note: HeadNote, now: Instant) {
        let mut state = self.state();
        state.notes.push_back(note);
        if state.work.is_empty() {
            let next = if note.refusal.is_some() {
                Phase::Leaving(self.limits.write_stall)
            } else {
                Phase::Read
            };
            state.enter(next, now);
        }
    }

    /// Whether the head that is coming has been given up.
    pub(super) fn head_is_late(&self) -> bool {
        self.state().late_head
    }

    /// A request reaches the front. The ticket is held until its answer is sent or dropped.
    pub(super) fn begin(self: &Arc<Self>, now: Instant) -> (Ticket, HeadNote) {
        let mut state = self.state();
        let note = state.notes.pop_front().unwrap_or_default();
        let id = state.tickets;
        state.tickets += 1;
        state.work.insert(id, now + self.limits.request_ordinary);
        if !matches!(state.phase, Phase::Leaving(_)) {
            state.enter(Phase::Work, now);
        }
        drop(state);
        (Ticket { clock: Arc::clone(self), id }, note)
    }

    /// Whether a request is being worked on or answered.
    pub(super) fn works(&self) -> bool {
        !self.state().work.is_empty()
    }

    /// The connection was told to go and has so long to do it.
    pub(super) fn leaves(&self, within: Duration, now: Instant) {
        self.state().enter(Phase::Leaving(within), now);
    }

    /// The kernel takes no more bytes.
    pub(super) fn write_waits(&self, now: Instant) {
        self.state().write_waits_since.get_or_insert(now);
    }

    /// The kernel took bytes.
    pub(super) fn write_goes_on(&self) {
        self.state().write_waits_since = None;
    }

    /// When to look again.
    pub(super) fn next(&self) -> Instant {
        self.state().due(&self.limits).0
    }

    /// What to do now.
    pub(super) fn strike(&self, now: Instant) -> Strike {
        let mut state = self.state();
        let (due, strike) = state.due(&self.limits);
        if now < due {
            return Strike::Nothing;
        }
        match strike {
            Strike::Refuse => {
                state.late_head = true;
                state.enter(Phase::Leaving(self.limits.linger), now);
            }
            Strike::Retire => state.enter(Phase::Leaving(self.limits.write_stall), now),
            Strike::Nothing | Strike::Cut(_) => {}
        }
        strike
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn enter(&mut self, phase: Phase, now: Instant) {
        self.phase = phase;
        self.since = now;
    }

    /// The next thing that becomes too long, and what follows from it.
    fn due(&self, limits: &EdgeLimits) -> (Instant, Strike) {
        let of_phase = match (self.phase, self.protocol) {
            // Even a connection that was told to go finishes what it was asked.
            _ if !self.work.is_empty() => {
                let first = self.work.values().min().copied();
                (first.unwrap_or(self.since), Strike::Cut(Cut::SlowAnswer))
            }
            (Phase::Silent, _) => (self.since + limits.first_byte, Strike::Cut(Cut::Silent)),
            (Phase::Head, Protocol::H1) => (self.since + limits.head, Strike::Refuse),
            (Phase::Head | Phase::Read, _) => {
                (self.since + limits.head, Strike::Cut(Cut::SlowHead))
            }
            // The end of an answer may still be on its way out.
            (Phase::Idle, _) if self.write_waits_since.is_some() => {
                (self.since + limits.request_ordinary, Strike::Cut(Cut::SlowAnswer))
            }
            (Phase::Work | Phase::Idle, _) => (self.since + limits.idle, Strike::Retire),
            (Phase::Leaving(within), _) => (self.since + within, Strike::Cut(Cut::Lingered)),
        };
        match self.write_waits_since.map(|since| since + limits.write_stall) {
            Some(stalled) if stalled < of_phase.0 => (stalled, Strike::Cut(Cut::WriteStall)),
            _ => of_phase,
        }
    }
}

/// A request that is being worked on or answered.
pub(super) struct Ticket {
    clock: Arc<Clock>,
    id: u64,
}

impl Ticket {
    /// The app is given so long. The watchdog waits a little longer, so that the front can say it in words.
    pub(super) fn allow(&self, time: Duration, now: Instant) {
        self.set(now + time + self.clock.limits.write_stall);
    }

    /// The head of the answer is there; its body is given the time of an ordinary request.
    pub(super) fn answered(&self, now: Instant) {
        self.set(now + self.clock.limits.request_ordinary);
    }

    /// A piece of the answer was taken, which earns time for the next ones.
    pub(super) fn sends(&self, bytes: usize) {
        let earned = time_for(
            u64::try_from(bytes).unwrap_or(u64::MAX),
            self.clock.limits.body_rate_bytes_per_second,
        );
        if let Some(deadline) = self.clock.state().work.get_mut(&self.id) {
            *deadline += earned;
        }
    }

    fn set(&self, deadline: Instant) {
        self.clock.state().work.insert(self.id, deadline);
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut state = self.clock.state();
        state.work.remove(&self.id);
        if state.work.is_empty() {
            let next = match state.phase {
                Phase::Leaving(within) => Phase::Leaving(within),
                _ => Phase::Idle,
            };
            state.enter(next, Instant::now());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn clock(protocol: Protocol) -> (Arc<Clock>, Instant) {
        let start = Instant::now();
        let clock = Clock::new(Arc::new(EdgeLimits::default()), start);
        clock.ready(protocol, start);
        (clock, start)
    }

    #[test]
    fn a_silent_connection_is_cut_after_five_seconds() {
        let (clock, start) = clock(Protocol::H1);
        assert_eq!(clock.strike(start + 4 * SECOND), Strike::Nothing);
        assert_eq!(clock.strike(start + 5 * SECOND), Strike::Cut(Cut::Silent));
    }

    #[test]
    fn a_dribbled_head_is_refused_ten_seconds_after_its_first_byte() {
        let (clock, start) = clock(Protocol::H1);
        clock.head_comes(start + 4 * SECOND);
        clock.head_comes(start + 13 * SECOND);
        assert_eq!(clock.strike(start + 13 * SECOND), Strike::Nothing);
        assert_eq!(clock.strike(start + 14 * SECOND), Strike::Refuse);
        assert!(clock.head_is_late());
        assert_eq!(
            clock.strike(start + 16 * SECOND),
            Strike::Cut(Cut::Lingered),
            "the refusal was not taken"
        );
    }

    #[test]
    fn a_taken_answer_earns_time_and_idling_ends_politely() {
        let (clock, start) = clock(Protocol::H1);
        clock.head_comes(start);
        clock.head_is_read(HeadNote::default(), start);
        let (ticket, note) = clock.begin(start);
        assert_eq!(note, HeadNote::default());
        ticket.allow(60 * SECOND, start);
        assert_eq!(clock.next(), start + 80 * SECOND);
        ticket.answered(start + SECOND);
        ticket.sends(10 * 1024);
        assert_eq!(clock.next(), start + 71 * SECOND);
        assert_eq!(clock.strike(start + 71 * SECOND), Strike::Cut(Cut::SlowAnswer));
        assert!(clock.works());
        drop(ticket);
        assert!(!clock.works());
        let now = Instant::now();
        assert_eq!(clock.strike(now + 14 * SECOND), Strike::Nothing);
        assert_eq!(clock.strike(now + 16 * SECOND), Strike::Retire);
        assert_eq!(clock.strike(now + 37 * SECOND), Strike::Cut(Cut::Lingered));
    }

    #[test]
    fn a_stalled_write_is_cut_in_any_phase_unless_it_goes_on() {
        let (clock, start) = clock(Protocol::H2);
        let (_ticket, _) = clock.begin(start);
        clock.write_waits(start);
        clock.write_waits(start + 10 * SECOND);
        assert_eq!(clock.next(), start + 20 * SECOND);
        clock.write_goes_on();
        assert_eq!(clock.strike(start + 20 * SECOND), Strike::Nothing);
        clock.write_waits(start + 21 * SECOND);
        assert_eq!(clock.strike(start + 41 * SECOND), Strike::Cut(Cut::WriteStall));
    }

    #[test]
    fn the_earliest_deadline_of_several_requests_decides() {
        let (clock, start) = clock(Protocol::H2);
        let (upload, _) = clock.begin(start);
        upload.allow(600 * SECOND, start);
        let (page, _) = clock.begin(start);
        page.allow(60 * SECOND, start);
        assert_eq!(clock.next(), start + 80 * SECOND);
        drop(page);
        assert_eq!(clock.next(), start + 620 * SECOND);
    }
}
