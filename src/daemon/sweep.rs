//! Every minute: what is out of time leaves scratch, sessions end. Every day, and soon after a start:
//! blob files that no entry names go.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

use crate::{kernel::store::Fault, web::House};

const EVERY: Duration = Duration::from_secs(60);
const STEP: Duration = Duration::from_millis(200);
/// The first visitors come before the broom.
const RUBBISH_FIRST: Duration = Duration::from_secs(5);
const RUBBISH_EVERY: Duration = Duration::from_secs(24 * 3600);

/// The sweeping thread.
pub struct Sweeper {
    stopping: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

/// Starts it.
///
/// # Errors
/// The system gives no thread.
pub fn start(house: Arc<House>) -> Result<Sweeper, Fault> {
    let stopping = Arc::new(AtomicBool::new(false));
    let stop = Arc::clone(&stopping);
    let work = move || {
        let (mut left, mut rubbish) = (EVERY, RUBBISH_FIRST);
        while !stop.load(Ordering::Relaxed) {
            std::thread::park_timeout(STEP);
            left = left.saturating_sub(STEP);
            rubbish = rubbish.saturating_sub(STEP);
            if rubbish.is_zero() {
                rubbish = RUBBISH_EVERY;
                match house.store.collect_rubbish(&|| stop.load(Ordering::Relaxed)) {
                    Ok(files) => tracing::info!(files, "blob files that no entry names removed"),
                    Err(fault) => tracing::error!(%fault, "no blob files were removed"),
                }
            }
            if left.is_zero() {
                left = EVERY;
                let (items, sessions) = (house.scratch.sweep(), house.sessions.sweep());
                tracing::debug!(items, sessions, "swept");
            }
        }
    };
    let thread =
        std::thread::Builder::new().name("sweep".to_owned()).spawn(work).map_err(Fault::new)?;
    Ok(Sweeper { stopping, thread })
}

impl Sweeper {
    /// Stops and waits.
    pub fn stop(self) {
        self.stopping.store(true, Ordering::Relaxed);
        self.thread.thread().unpark();
        if self.thread.join().is_err() {
            tracing::error!("the sweeper panicked");
        }
    }
}
