//! Several clients that ask again and again, and what it cost.

use std::{
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use super::Latencies;
use crate::kernel::store::Fault;

/// What came of asking: an answer, or there was nothing left to ask.
pub enum Asked {
    Answered(Duration),
    NothingLeft,
}

/// Runs clients until the time is over or nothing is left, and reports. Gives how many were answered, and in which
/// time.
///
/// # Errors
/// A client failed: what was measured is not the load that is named.
pub fn run<Ask: FnMut() -> Result<Asked, Fault>>(
    what: &str,
    clients: usize,
    most: Duration,
    connect: impl Fn(usize) -> Result<Ask, Fault> + Sync,
    mut every_second: impl FnMut(u64),
) -> Result<(usize, Duration), Fault> {
    let stop = AtomicBool::new(false);
    let started = Instant::now();
    let (mut all, mut failures) = (Latencies::default(), Vec::new());
    let mut took = Duration::ZERO;
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..clients)
            .map(|number| {
                let (connect, stop) = (&connect, &stop);
                scope.spawn(move || client(|| connect(number), stop))
            })
            .collect();
        let mut second = 0;
        while started.elapsed() < most && !threads.iter().all(|one| one.is_finished()) {
            std::thread::sleep(Duration::from_millis(5));
            if started.elapsed().as_secs() > second {
                second = started.elapsed().as_secs();
                every_second(second);
            }
        }
        stop.store(true, Ordering::Relaxed);
        for thread in threads {
            if let Ok((own, failed)) = thread.join() {
                all.join(own);
                failures.extend(failed);
            }
        }
        took = started.elapsed();
    });
    let count = all.count();
    all.report(what, took);
    match failures.first() {
        Some(first) => Err(Fault::new(format!(
            "{} of {clients} clients failed; the first: {first}",
            failures.len()
        ))),
        None => Ok((count, took)),
    }
}

/// One client until it is told to stop. A failure ends it: the load would not be the one that is reported.
fn client<Ask: FnMut() -> Result<Asked, Fault>>(
    connect: impl Fn() -> Result<Ask, Fault>,
    stop: &AtomicBool,
) -> (Latencies, Option<Fault>) {
    let mut own = Latencies::default();
    let mut ask = match connect() {
        Ok(ask) => ask,
        Err(fault) => return (own, Some(fault)),
    };
    while !stop.load(Ordering::Relaxed) {
        match ask() {
            Ok(Asked::Answered(took)) => own.add(took),
            Ok(Asked::NothingLeft) => break,
            Err(fault) => return (own, Some(fault)),
        }
    }
    (own, None)
}

/// Processor time that a process has used, all its threads together.
pub fn processor_seconds(process: &Path) -> f64 {
    let stat = std::fs::read_to_string(process.join("stat")).unwrap_or_default();
    // Behind the name, which may hold anything: state is field 3, utime 14, stime 15, in ticks of 10 ms.
    let rest = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks: f64 =
        rest.split_whitespace().skip(11).take(2).filter_map(|text| text.parse::<f64>().ok()).sum();
    ticks / 100.0
}
