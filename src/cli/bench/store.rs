//! Figures of the store alone, without HTTP: acknowledged apart from indexed; and what takes longer the more there
//! is, each in a process of its own, so that its memory is its own.

use std::{
    path::Path,
    process::Command,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use super::{
    Latencies, Part,
    load::processor_seconds,
    memory_mb,
    sample::{KINDS, Numbers, burst},
    say,
};
use crate::{
    daemon::{demo, first_start},
    kernel::{
        durable::RealDisk,
        journal::verify::{Options, verify},
        store::{
            Fault, Store,
            start::{self, StoreSettings},
        },
    },
};

/// Makes a store and loads it, and then measures it in processes of their own.
///
/// # Errors
/// The device failed.
pub fn run(data: &Path, entries: u64, records: u64, seconds: Duration) -> Result<(), Fault> {
    let settings = StoreSettings::default();
    first_start::found(data, &demo::commune(), &[KINDS], &settings)?;
    let (store, _) = start::open(data, &[KINDS], &settings)?;
    let numbers = Numbers::new(records, store.reader().length());
    for clients in [1usize, 16, 64] {
        load(&store, clients, seconds, &numbers);
    }
    let filled = Instant::now();
    while store.reader().length() < entries {
        let before = store.reader().length();
        burst(&store, (entries - before).min(20_000), &numbers)?;
    }
    let waited = Instant::now();
    while store.index_lag() > 0 {
        std::thread::sleep(Duration::from_millis(10));
    }
    say(format!(
        "indexed: the rest took {} ms after the last acknowledgement",
        waited.elapsed().as_millis()
    ));
    let length = store.reader().length();
    let (rest, peak) = memory_mb(Path::new("/proc/self"));
    say(format!(
        "memory: {rest} MB resident with {length} entries of {records} records, {peak} MB peak; the last were written in {} s",
        filled.elapsed().as_secs()
    ));
    store.close();
    drop(store);
    for part in [Part::Verify, Part::Start, Part::Rebuild, Part::Start, Part::Check] {
        in_a_process_of_its_own(data, part)?;
    }
    Ok(())
}

/// Durable entries of 64 clients on a new store.
///
/// # Errors
/// The device failed.
pub fn commits(data: &Path, records: u64, seconds: Duration) -> Result<(), Fault> {
    let settings = StoreSettings::default();
    first_start::found(data, &demo::commune(), &[KINDS], &settings)?;
    let (store, _) = start::open(data, &[KINDS], &settings)?;
    load(&store, 64, seconds, &Numbers::new(records, store.reader().length()));
    store.close();
    Ok(())
}

fn in_a_process_of_its_own(data: &Path, part: Part) -> Result<(), Fault> {
    let program = std::env::current_exe().map_err(Fault::new)?;
    let folder = data.parent().unwrap_or(data);
    let mut command = Command::new(program);
    command.args(["bench", "--part", part.name(), "--dir"]).arg(folder);
    match command.status().map_err(Fault::new)? {
        status if status.success() => Ok(()),
        status => Err(Fault::new(format!("measuring {} ended with {status}", part.name()))),
    }
}

/// One of the parts that want a store that stands.
///
/// # Errors
/// The device failed, or the store is not what it was.
pub fn measure(data: &Path, part: Part) -> Result<(), Fault> {
    let open = || start::open(data, &[KINDS], &StoreSettings::default());
    let started = Instant::now();
    let length = match part {
        Part::Verify => {
            let audit = verify(&RealDisk, data, &Options::default()).map_err(Fault::new)?;
            if !audit.is_ok() {
                return Err(Fault::new("the journal that was measured does not verify"));
            }
            let entries = audit.entries;
            per_million("verify: every byte of the journal", started.elapsed(), entries);
            entries
        }
        Part::Rebuild => {
            std::fs::remove_dir_all(data.join("index")).map_err(Fault::new)?;
            let (store, report) = open()?;
            let what = "start with the index gone (rebuild into sled)";
            per_million(what, started.elapsed(), report.entries);
            store.close();
            report.entries
        }
        Part::Check => {
            let (store, _) = open()?;
            let checking = Instant::now();
            let check = store.check_index()?;
            if !check.differences.is_empty() {
                return Err(Fault::new(format!("the index differs: {:?}", check.differences)));
            }
            let what = format!("check of the index: {} keys as the journal says", check.keys);
            per_million(&what, checking.elapsed(), check.entries);
            store.close();
            check.entries
        }
        _ => {
            let (store, report) = open()?;
            say(format!(
                "cold start: {} ms with {} entries, {} replayed",
                started.elapsed().as_millis(),
                report.entries,
                report.replayed
            ));
            store.close();
            report.entries
        }
    };
    let own = Path::new("/proc/self");
    let ((rest, peak), used) = (memory_mb(own), processor_seconds(own));
    say(format!(
        "  that process, {length} entries: {rest} MB, {peak} MB at its peak, {used:.1} s of processor time"
    ));
    Ok(())
}

fn per_million(what: &str, took: Duration, entries: u64) {
    let scaled = took.as_millis() * 1_000_000 / u128::from(entries.max(1));
    say(format!(
        "{what}: {} ms for {entries} entries, {} s a million",
        took.as_millis(),
        scaled / 1_000
    ));
}

/// Each client waits for its acknowledgement before it sends the next.
pub fn load(store: &Store, clients: usize, seconds: Duration, numbers: &Numbers) {
    let stop = AtomicBool::new(false);
    let started = Instant::now();
    let mut all = Latencies::default();
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..clients)
            .map(|_| {
                scope.spawn(|| {
                    let mut own = Latencies::default();
                    while !stop.load(Ordering::Relaxed) {
                        let asked = Instant::now();
                        let done = numbers.write(store).map(|ticket| ticket.wait().is_ok());
                        if matches!(done, Ok(true)) {
                            own.add(asked.elapsed());
                        }
                    }
                    own
                })
            })
            .collect();
        while started.elapsed() < seconds {
            std::thread::sleep(Duration::from_millis(20));
        }
        stop.store(true, Ordering::Relaxed);
        for thread in threads {
            if let Ok(own) = thread.join() {
                all.join(own);
            }
        }
    });
    all.report(&format!("durable entries, {clients} clients, in process"), started.elapsed());
    say(format!("  not yet indexed then: {} entries", store.index_lag()));
}
