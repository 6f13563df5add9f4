//! The scrubber's thread: a turn at a time, a pass a week. A start does not begin anew.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use crate::kernel::{
    paced::Pace,
    store::{
        Fault, Store,
        scrub::{BYTES_PER_SECOND, Scrubber, Turn},
    },
};

/// Visitors come before the scrubber, and what a start reads is read by then.
const FIRST: Duration = Duration::from_secs(60);
/// Pause before a turn that failed is tried again, and between looks whether a pass is due.
const AGAIN: Duration = Duration::from_secs(60);
const STEP: Duration = Duration::from_millis(200);

/// How the scrubber of a house works.
#[derive(Clone, Debug)]
pub struct ScrubSettings {
    /// Copies of the data directory from which damaged files are mended.
    pub repair_from: Vec<PathBuf>,
    pub bytes_per_second: u64,
    /// Pause before the first turn.
    pub first: Duration,
}

impl Default for ScrubSettings {
    fn default() -> ScrubSettings {
        let (repair_from, bytes_per_second, first) = (Vec::new(), BYTES_PER_SECOND, FIRST);
        ScrubSettings { repair_from, bytes_per_second, first }
    }
}

/// The scrubbing thread.
pub struct Scrubbing {
    stopping: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

/// Starts it.
///
/// # Errors
/// The system gives no thread.
pub fn start(store: Arc<Store>, settings: ScrubSettings) -> Result<Scrubbing, Fault> {
    let stopping = Arc::new(AtomicBool::new(false));
    let stop = Arc::clone(&stopping);
    let work = move || {
        let waited = Arc::clone(&stop);
        let wait = Box::new(move |long| sleep(long, &waited));
        let pace = Arc::new(Pace::new(settings.bytes_per_second, wait));
        let mut scrubber = Scrubber::new(store, settings.repair_from, pace);
        let mut pause = settings.first;
        while sleep(pause, &stop) {
            pause = if scrubber.is_due() { turn(&mut scrubber) } else { AGAIN };
        }
    };
    let thread =
        std::thread::Builder::new().name("scrub".to_owned()).spawn(work).map_err(Fault::new)?;
    Ok(Scrubbing { stopping, thread })
}

/// One turn; the pause before the next.
fn turn(scrubber: &mut Scrubber) -> Duration {
    match scrubber.turn() {
        Ok(Turn::Worked | Turn::Stopped) => Duration::ZERO,
        Ok(Turn::Finished) => {
            if let Some(last) = scrubber.last() {
                let findings = last.found.len() as u64 + last.more;
                tracing::info!(
                    seconds = last.took_ms / 1_000,
                    bytes = last.bytes,
                    entries = last.entries,
                    mended = last.mended,
                    findings,
                    "scrubbed: every segment, keys file, blob and tile, and the index"
                );
            }
            AGAIN
        }
        Err(fault) => {
            tracing::error!(%fault, "scrubbing could not go on; it is tried again");
            AGAIN
        }
    }
}

/// Waits; `false` when it is time to stop.
fn sleep(long: Duration, stop: &AtomicBool) -> bool {
    let until = Instant::now() + long;
    loop {
        if stop.load(Ordering::Relaxed) {
            return false;
        }
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return true;
        }
        std::thread::park_timeout(left.min(STEP));
    }
}

impl Scrubbing {
    /// Stops and waits.
    pub fn stop(self) {
        self.stopping.store(true, Ordering::Relaxed);
        self.thread.thread().unpark();
        if self.thread.join().is_err() {
            tracing::error!("the scrubber panicked");
        }
    }
}
