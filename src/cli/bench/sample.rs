//! What the store is loaded with: a record as large as a filed tree notice, with as many index keys, entered as a
//! form that is sent once.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::kernel::{
    cbor::{Malformed, Map, Value},
    identity::{Action, Actor, PersonId, Who},
    store::{
        Change, Fault, Op, Refusal, Store, Ticket,
        desk::Submission,
        keys::{IndexNumber, Key, Keys},
        record::{Kind, KindInfo, Record, Retention},
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
        // One of the four moves with each version, as the newest-first list of an inbox does.
        keys.add(IndexNumber(0), Key::new().id(&self.owner), row());
        keys.add(IndexNumber(1), Key::new().number(!self.number), row());
        keys.add(IndexNumber(2), Key::new().text("2026-12-14"), row());
        keys.add(IndexNumber(3), Key::new().number(2026).id(&self.id), Map::new());
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

pub const KINDS: &[KindInfo] = &[KindInfo::of::<Sample>()];
/// Text of one sample: 2.3 KB with the rest of the record.
const TEXT_BYTES: usize = 2_200;

/// Numbers entries, and says which record each puts.
pub struct Numbers {
    next: AtomicU64,
    /// The records that there are, changed in turn.
    records: u64,
}

impl Numbers {
    /// Begins behind the entries that a log has.
    pub fn new(records: u64, from: u64) -> Numbers {
        Numbers { next: AtomicU64::new(from), records: records.max(1) }
    }

    /// Decides the next entry.
    ///
    /// # Errors
    /// The store refused it.
    pub fn write(&self, store: &Store) -> Result<Ticket, Fault> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let actor = Actor::Console("bench".to_owned());
        let record = self.sample(number);
        let submission = Submission::new(&actor, &format!("form {number}"), &number.to_le_bytes());
        let ticket = store.desk(actor).once(submission).commit(|_, authority| {
            let change = Change::new(authority.permit(&WRITE, &[])?, Op::put(&record));
            Ok::<_, Refusal>(change.answer(format!("/moje-sprawy/{}/potwierdzenie", record.id)))
        });
        ticket.map_err(|refused| Fault::new(refused.refusal))
    }

    /// The record that an entry of this number puts.
    pub fn id(&self, number: u64) -> SampleId {
        let id = u128::from(number % self.records);
        SampleId(uuid::Uuid::from_u128(id.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)))
    }

    fn sample(&self, number: u64) -> Sample {
        let id = self.id(number);
        let owner = PersonId(uuid::Uuid::from_u128(id.0.as_u128() % 5_000));
        Sample { id, owner, text: "a".repeat(TEXT_BYTES), number }
    }
}

/// Many at once, waiting only for the last.
///
/// # Errors
/// The store refused one, or did not save it.
pub fn burst(store: &Store, count: u64, numbers: &Numbers) -> Result<(), Fault> {
    let mut last = None;
    for _ in 0..count {
        last = Some(numbers.write(store)?);
    }
    match last {
        Some(ticket) => ticket.wait().map(|_durable| ()).map_err(Fault::new),
        None => Ok(()),
    }
}
