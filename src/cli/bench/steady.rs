//! A store under full load for as long as it is told: 64 writers that never pause, and readers beside them. Whether
//! memory, the entries that wait for the index and the readers' patience stay where they are is to be read from its
//! lines, one a minute.

use std::{
    path::Path,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use super::{
    memory_mb,
    sample::{KINDS, Numbers, Sample},
    say,
};
use crate::{
    daemon::{demo, first_start},
    kernel::{
        limits::OVERLAY_KEYS_MAX,
        store::{
            Fault, Store,
            keys::{IndexNumber, Key},
            start::{self, StoreSettings},
        },
    },
};

const WRITERS: usize = 64;
const READERS: usize = 4;
/// Readers are people: they leave the processor to the writers.
const READER_PAUSE: Duration = Duration::from_millis(10);
const SAMPLE_EVERY: Duration = Duration::from_millis(50);
/// Eight buckets for each doubling of a microsecond.
const BUCKETS: usize = 8 * 40;

/// Latencies in bounded memory, within an eighth of their size.
struct Spread(Mutex<[u64; BUCKETS]>);

impl Spread {
    fn new() -> Spread {
        Spread(Mutex::new([0; BUCKETS]))
    }

    fn add(&self, took: Duration) {
        let us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX).max(8);
        let doubling = us.ilog2();
        let eighth = us >> (doubling - 3) & 7;
        let place = usize::try_from(u64::from(doubling) * 8 + eighth).unwrap_or(BUCKETS);
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bucket) = buckets.get_mut(place.min(BUCKETS - 1)) {
            *bucket += 1;
        }
    }

    /// How many, the upper border of their median, of 99 in a hundred and of all; and begins anew.
    fn take(&self) -> (u64, [u64; 3]) {
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let all = std::mem::replace(&mut *buckets, [0; BUCKETS]);
        drop(buckets);
        let count: u64 = all.iter().sum();
        let below = |share: u64| {
            let mut seen = 0;
            let place = all.iter().position(|bucket| {
                seen += bucket;
                seen * 1_000 >= count * share && seen > 0
            });
            let place = place.unwrap_or(0) as u64 + 1;
            (8 + place % 8) << (place / 8).saturating_sub(3)
        };
        (count, [below(500), below(990), below(1_000)])
    }
}

/// What the threads of the load share.
struct Load<'a> {
    store: &'a Store,
    numbers: Numbers,
    stop: AtomicBool,
    failed: Mutex<Option<Fault>>,
    writes: Spread,
    reads: Spread,
    lag_most: AtomicU64,
    keys_most: AtomicU64,
}

impl Load<'_> {
    fn until_stop(&self, mut turn: impl FnMut() -> Result<(), Fault>) {
        while !self.stop.load(Ordering::Relaxed) {
            if let Err(fault) = turn() {
                *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(fault);
                self.stop.store(true, Ordering::Relaxed);
            }
        }
    }

    fn write(&self) {
        self.until_stop(|| {
            let asked = Instant::now();
            self.numbers.write(self.store)?.wait().map_err(Fault::new)?;
            self.writes.add(asked.elapsed());
            Ok(())
        });
    }

    /// A record and a page of a list, as a clerk opens a case and goes back to the inbox.
    fn read(&self, mut number: u64) {
        self.until_stop(|| {
            number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let id = self.numbers.id(number >> 20);
            let asked = Instant::now();
            let view = self.store.view();
            let found = view.get::<Sample>(&id)?;
            let list = view.list::<Sample>(IndexNumber(1), &Key::new(), None, 20)?;
            self.reads.add(asked.elapsed());
            if found.is_some_and(|found| found.id != id) || list.rows.is_empty() {
                return Err(Fault::new("a reader saw what nobody wrote"));
            }
            std::thread::sleep(READER_PAUSE);
            Ok(())
        });
    }

    fn sample(&self) {
        let lag = self.store.index_lag() as u64;
        let keys = self.store.counters.overlay_keys.load(Ordering::Relaxed);
        self.lag_most.fetch_max(lag, Ordering::Relaxed);
        self.keys_most.fetch_max(keys, Ordering::Relaxed);
    }

    /// One line.
    fn say(&self, minute: u64, before: &mut u64, since: Duration) {
        let length = self.store.reader().length();
        let rate = u128::from(length - *before) * 1_000 / since.as_millis().max(1);
        *before = length;
        let ((_, writes), (reads, waits)) = (self.writes.take(), self.reads.take());
        let (lag, keys) =
            (self.lag_most.swap(0, Ordering::Relaxed), self.keys_most.swap(0, Ordering::Relaxed));
        say(format!(
            "steady {minute}: {length} entries, {rate}/s, memory {} MB, overlay at most {lag} entries, {keys} keys of {OVERLAY_KEYS_MAX}; writers p50 {} us, p99 {} us; {reads} reads, p50 {} us, p99 {} us, worst {} us",
            memory_mb(Path::new("/proc/self")).0,
            writes[0],
            writes[1],
            waits[0],
            waits[1],
            waits[2],
        ));
    }
}

/// Runs it.
///
/// # Errors
/// The device failed, or a reader or writer heard a fault.
pub fn run(data: &Path, records: u64, seconds: Duration) -> Result<(), Fault> {
    let settings = StoreSettings::default();
    first_start::found(data, &demo::commune(), &[KINDS], &settings)?;
    let (store, _) = start::open(data, &[KINDS], &settings)?;
    let load = Load {
        store: &store,
        numbers: Numbers::new(records, store.reader().length()),
        stop: AtomicBool::new(false),
        failed: Mutex::new(None),
        writes: Spread::new(),
        reads: Spread::new(),
        lag_most: AtomicU64::new(0),
        keys_most: AtomicU64::new(0),
    };
    load.numbers.write(&store)?.wait().map_err(Fault::new)?;
    say(format!("steady 0: memory {} MB before the load", memory_mb(Path::new("/proc/self")).0));
    std::thread::scope(|scope| {
        let load = &load;
        (0..WRITERS).for_each(|_| drop(scope.spawn(|| load.write())));
        (0..READERS).for_each(|number| drop(scope.spawn(move || load.read(number as u64))));
        let (started, mut said, mut minute) = (Instant::now(), Instant::now(), 0);
        let (mut before, every) = (store.reader().length(), Duration::from_secs(60).min(seconds));
        while started.elapsed() < seconds && !load.stop.load(Ordering::Relaxed) {
            std::thread::sleep(SAMPLE_EVERY);
            load.sample();
            if said.elapsed() >= every {
                minute += 1;
                load.say(minute, &mut before, said.elapsed());
                said = Instant::now();
            }
        }
        load.stop.store(true, Ordering::Relaxed);
    });
    let waited = Instant::now();
    while store.index_lag() > 0 {
        std::thread::sleep(Duration::from_millis(10));
    }
    let (rest, peak) = memory_mb(Path::new("/proc/self"));
    say(format!(
        "steady: level {} ms after the last acknowledgement; memory {rest} MB, {peak} MB peak",
        waited.elapsed().as_millis()
    ));
    store.close();
    match load.failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(fault) => Err(fault),
        None => Ok(()),
    }
}
