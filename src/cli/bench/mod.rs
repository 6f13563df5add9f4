//! `ostoja bench`: first figures of this machine, on a store of its own that it leaves behind.
//!
//! The workload of the store is an entry as a filed tree notice makes it: a record body of about
//! 2.3 KB with four index keys, and who-and-why. Pages and handshakes go over real TLS to a real
//! daemon in a process of its own.

mod client;
mod pages;
mod store;

use std::time::Duration;

use super::{
    Dir, complain,
    exit::{self, Exit},
    say,
};
use crate::kernel::store::Fault;

/// Arguments.
#[derive(clap::Args)]
pub struct Bench {
    #[command(flatten)]
    dir: Dir,
    /// Entries for rebuild, verify and cold start.
    #[arg(long, default_value_t = 100_000)]
    entries: u64,
    /// Seconds of each load.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
}

/// Runs everything and prints one line a figure.
pub fn run(args: &Bench) -> Exit {
    let seconds = Duration::from_secs(args.seconds.max(1));
    if args.dir.dir.exists() {
        return complain(
            Exit::Usage,
            format!("{} exists; the benchmark wants a new directory", args.dir.dir.display()),
        );
    }
    let all = || -> Result<(), Fault> {
        store::run(&args.dir.dir.join("store"), args.entries, seconds)?;
        pages::run(&args.dir.dir.join("pages"), seconds)
    };
    match all() {
        Ok(()) => Exit::Ok,
        Err(fault) => complain(exit::of(&fault), fault),
    }
}

/// Latencies of one load.
#[derive(Default)]
pub struct Latencies(Vec<u64>);

impl Latencies {
    /// Takes another thread's in.
    pub fn join(&mut self, mut other: Latencies) {
        self.0.append(&mut other.0);
    }

    /// Adds one.
    pub fn add(&mut self, took: Duration) {
        self.0.push(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
    }

    /// One line: how many a second, and how long they took.
    pub fn report(mut self, what: &str, over: Duration) {
        self.0.sort_unstable();
        let count = self.0.len();
        let at = |share: usize| {
            self.0.get((count * share / 1_000).min(count.saturating_sub(1))).copied().unwrap_or(0)
        };
        let rate = count as u128 * 1_000 / over.as_millis().max(1);
        say(format!(
            "{what}: {rate}/s, p50 {} us, p99 {} us, p99.9 {} us ({count} in {} s)",
            at(500),
            at(990),
            at(999),
            over.as_secs()
        ));
    }
}

/// Resident and peak memory of a process, in MB.
pub fn memory_mb(process: &str) -> (u64, u64) {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let of = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name)).unwrap_or_default();
        line.split_whitespace().nth(1).and_then(|kb| kb.parse::<u64>().ok()).unwrap_or(0) / 1_024
    };
    (of("VmRSS:"), of("VmHWM:"))
}
