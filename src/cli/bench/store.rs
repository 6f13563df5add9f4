//! Figures of the store in this process: acknowledged apart from indexed.

use std::{
    path::Path,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::{Duration, Instant},
};

use super::{Latencies, memory_mb, say};
use crate::{
    daemon::{demo, first_start},
    kernel::{
        cbor::{Malformed, Map, Value},
        durable::RealDisk,
        identity::{Action, Actor, PersonId, Who},
        journal::verify::{Options, verify},
        store::{
            Change, Fault, Op, Refusal, Store,
            btree::BTreeIndex,
            keys::{IndexNumber, Key, Keys},
            rebuild,
            record::{Kind, KindInfo, Record, Retention},
            start::{self, StoreSettings},
        },
    },
};

static WRITE: Action = Action { name: "kernel.bench", who: Who::Console, sentence: "audit-demo" };

crate::uuid_id! {
    /// A sample.
    pub struct SampleId;
}

crate::fields! {
    /// As large as a filed tree notice, with as many index keys.
    pub struct Sample {
        0 id: SampleId,
        1 owner: PersonId,
        2 text: String,
        3 number: u64,
    }
}

impl Record for Sample {
    const KIND: Kind = Kind { number: 999, name: "bench-sample" };
    const VERSION: u16 = 1;
    type Id = SampleId;
    fn id(&self) -> SampleId {
        self.id
    }
    fn index(&self, keys: &mut Keys) {
        let row = || {
            Map::from([
                (0, Value::Uint(self.number)),
                (1, Value::Text("Filed".to_owned())),
                (2, Value::Text("Modrzewie 123/4".to_owned())),
            ])
        };
        keys.add(IndexNumber(0), Key::new().id(&self.owner).number(self.number), row());
        keys.add(IndexNumber(1), Key::new().number(!self.number), row());
        keys.add(IndexNumber(2), Key::new().text("2026-12-14"), row());
        keys.add(IndexNumber(3), Key::new().number(2026).number(self.number), Map::new());
    }
    fn subjects(&self) -> Vec<PersonId> {
        vec![self.owner]
    }
    fn retention(&self) -> Retention {
        Retention::CaseFile(self.id.0)
    }
    fn to_map(&self) -> Map {
        self.fields_to_map()
    }
    fn from_map(_version: u16, map: Map) -> Result<Sample, Malformed> {
        Sample::fields_from_map(map)
    }
}

const KINDS: &[KindInfo] = &[KindInfo::of::<Sample>()];
/// Text of one sample: 2.3 KB with the rest of the record.
const TEXT_BYTES: usize = 2_200;

/// Runs it.
///
/// # Errors
/// The device failed.
pub fn run(data: &Path, entries: u64, seconds: Duration) -> Result<(), Fault> {
    let settings = StoreSettings::default();
    first_start::found(data, &demo::commune(), &[KINDS], &settings)?;
    let (store, _) = start::open(data, &[KINDS], &settings)?;
    let next = AtomicU64::new(0);
    for clients in [1usize, 16, 64] {
        load(&store, clients, seconds, &next);
    }
    while store.reader().length() < entries {
        let before = store.reader().length();
        burst(&store, (entries - before).min(20_000), &next)?;
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
    say(format!("memory: {rest} MB resident with {length} entries, {peak} MB peak"));
    let rebuilt = Instant::now();
    rebuild::replay(store.reader(), store.kinds(), &BTreeIndex::default(), 0, length)?;
    per_million(
        "replay into memory (rebuild without the index's own writing)",
        rebuilt.elapsed(),
        length,
    );
    store.close();
    drop(store);
    let started = Instant::now();
    let audit = verify(&RealDisk, data, &Options::default()).map_err(Fault::new)?;
    if !audit.is_ok() {
        return Err(Fault::new("the journal that was measured does not verify"));
    }
    per_million("verify: every byte of the journal", started.elapsed(), length);
    let started = Instant::now();
    let (store, report) = start::open(data, &[KINDS], &settings)?;
    say(format!(
        "cold start: {} ms with {length} entries, {} replayed",
        started.elapsed().as_millis(),
        report.replayed
    ));
    store.close();
    drop(store);
    std::fs::remove_dir_all(data.join("index")).map_err(Fault::new)?;
    let started = Instant::now();
    let (store, _) = start::open(data, &[KINDS], &settings)?;
    per_million("start with the index gone (rebuild into sled)", started.elapsed(), length);
    store.close();
    let (_, peak) = memory_mb(Path::new("/proc/self"));
    say(format!("memory: {peak} MB peak of the whole run"));
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

fn sample(number: u64) -> Sample {
    let id = u128::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    let owner = PersonId(uuid::Uuid::from_u128(id % 5_000));
    Sample { id: SampleId(uuid::Uuid::from_u128(id)), owner, text: "a".repeat(TEXT_BYTES), number }
}

fn write(store: &Store, number: u64) -> Result<crate::kernel::store::Ticket, Fault> {
    let record = sample(number);
    let ticket = store.desk(Actor::Console("bench".to_owned())).commit(|_, authority| {
        Ok::<_, Refusal>(Change::new(authority.permit(&WRITE, &[])?, Op::put(&record)))
    });
    ticket.map_err(|refused| Fault::new(refused.refusal))
}

/// Each client waits for its acknowledgement before it sends the next.
fn load(store: &Store, clients: usize, seconds: Duration, next: &AtomicU64) {
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
                        let done = write(store, next.fetch_add(1, Ordering::Relaxed))
                            .map(|ticket| ticket.wait().is_ok());
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

/// Many at once, waiting only for the last.
fn burst(store: &Store, count: u64, next: &AtomicU64) -> Result<(), Fault> {
    let mut last = None;
    for _ in 0..count {
        last = Some(write(store, next.fetch_add(1, Ordering::Relaxed))?);
    }
    match last {
        Some(ticket) => ticket.wait().map(|_durable| ()).map_err(Fault::new),
        None => Ok(()),
    }
}
