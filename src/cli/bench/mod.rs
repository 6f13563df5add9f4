//! `ostoja bench`: first figures of this machine, on a store of its own that it leaves behind.
//!
//! The workload of the store is an entry as a filed tree notice makes it: a record body of about
//! 2.3 KB with its index keys, and who-and-why with its submission key. Submissions of the real form, pages and
//! handshakes go over real TLS to a real daemon in a process of its own.

mod client;
mod filing;
mod load;
mod pages;
mod peer;
mod sample;
mod steady;
mod store;

use std::{path::Path, time::Duration};

use super::{
    Dir, complain,
    exit::{self, Exit},
    say,
};
use crate::kernel::store::Fault;

/// What is measured.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Part {
    /// The store and then the daemon.
    All,
    /// The store alone.
    Store,
    /// What goes over TLS to a daemon.
    Daemon,
    /// Durable entries of 64 clients, and nothing else.
    Commits,
    /// The store under full load, a line a minute.
    Steady,
    /// Of a store that an earlier run left: every byte of its journal.
    Verify,
    /// Of such a store: its start.
    Start,
    /// Of such a store: its start without its index.
    Rebuild,
    /// Of such a store: its index against its journal.
    Check,
}

impl Part {
    /// As the command line calls it.
    fn name(self) -> &'static str {
        match self {
            Part::All => "all",
            Part::Store => "store",
            Part::Daemon => "daemon",
            Part::Commits => "commits",
            Part::Steady => "steady",
            Part::Verify => "verify",
            Part::Start => "start",
            Part::Rebuild => "rebuild",
            Part::Check => "check",
        }
    }

    /// Whether it wants a store that stands.
    fn wants_a_store(self) -> bool {
        matches!(self, Part::Verify | Part::Start | Part::Rebuild | Part::Check)
    }
}

/// Arguments.
#[derive(clap::Args)]
pub struct Bench {
    #[command(flatten)]
    dir: Dir,
    /// Entries for rebuild, verify and cold start.
    #[arg(long, default_value_t = 100_000)]
    entries: u64,
    /// Records that these entries put and change in turn; three in ten entries, if not said.
    #[arg(long)]
    records: Option<u64>,
    /// Seconds of each load.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Seconds of the sustained load: of whole matters, or of the steady store.
    #[arg(long, default_value_t = 60)]
    sustained: u64,
    /// Drafts of each of 149 residents that are filed, one request each, to measure acknowledgements.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u8).range(1..=50))]
    drafts: u8,
    /// Only a part of it.
    #[arg(long, value_enum, default_value_t = Part::All)]
    part: Part,
}

/// Runs everything, or a part of it, and prints one line a figure.
pub fn run(args: &Bench) -> Exit {
    let (folder, store) = (&args.dir.dir, args.dir.dir.join("store"));
    if args.part.wants_a_store() && !store.exists() {
        let what = format!("{} was not left by a benchmark of the store", folder.display());
        return complain(Exit::Usage, what);
    }
    if !args.part.wants_a_store() && folder.exists() {
        return complain(
            Exit::Usage,
            format!("{} exists; the benchmark wants a new directory", folder.display()),
        );
    }
    match measure(args, &store) {
        Ok(()) => Exit::Ok,
        Err(fault) => complain(exit::of(&fault), fault),
    }
}

fn measure(args: &Bench, store: &Path) -> Result<(), Fault> {
    let seconds = Duration::from_secs(args.seconds.max(1));
    let sustained = Duration::from_secs(args.sustained.max(1));
    let records = args.records.unwrap_or(args.entries * 3 / 10);
    let (folder, drafts) = (args.dir.dir.join("daemon"), usize::from(args.drafts));
    match args.part {
        Part::All => {
            store::run(store, args.entries, records, seconds)?;
            daemon(&folder, drafts, seconds, sustained)
        }
        Part::Store => store::run(store, args.entries, records, seconds),
        Part::Daemon => daemon(&folder, drafts, seconds, sustained),
        Part::Commits => store::commits(store, records, seconds),
        Part::Steady => steady::run(store, records, sustained),
        part => store::measure(store, part),
    }
}

/// Everything that goes over TLS.
fn daemon(
    folder: &Path,
    drafts: usize,
    seconds: Duration,
    sustained: Duration,
) -> Result<(), Fault> {
    std::fs::create_dir_all(folder).map_err(Fault::new)?;
    let data = folder.join("data");
    let prepared = peer::prepare(&data, drafts)?;
    let peer = peer::Peer::start(folder, &data)?;
    let reader =
        prepared.residents.last().ok_or_else(|| Fault::new("the demo has no residents"))?;
    say(format!("daemon at rest: {} MB resident", memory_mb(&peer.process()).0));
    pages::run(&peer, reader, seconds)?;
    filing::sends(&peer, &prepared)?;
    filing::matters(&peer, &prepared, sustained)?;
    let (rest, peak) = memory_mb(&peer.process());
    say(format!("daemon after the loads: {rest} MB resident, {peak} MB peak"));
    Ok(())
}

/// Latencies of one load.
#[derive(Default)]
pub struct Latencies(Vec<u64>);

impl Latencies {
    /// Takes another thread's in.
    pub fn join(&mut self, mut other: Latencies) {
        self.0.append(&mut other.0);
    }

    /// How many.
    pub fn count(&self) -> usize {
        self.0.len()
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

/// Resident and peak memory of a process, by its folder under `/proc`, in MB.
pub fn memory_mb(process: &Path) -> (u64, u64) {
    let status = std::fs::read_to_string(process.join("status")).unwrap_or_default();
    let of = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name)).unwrap_or_default();
        line.split_whitespace().nth(1).and_then(|kb| kb.parse::<u64>().ok()).unwrap_or(0) / 1_024
    };
    (of("VmRSS:"), of("VmHWM:"))
}
