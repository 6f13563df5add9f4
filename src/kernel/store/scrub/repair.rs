//! A repair as an entry: which file was damaged where, and where its sound bytes came from. No personal data.

use crate::kernel::{
    cbor::{Malformed, Map},
    identity::{Action, Actor, PersonId, Who, people::only},
    journal::verify::{
        Finding,
        mend::{Mended, Origin},
    },
    store::{
        Change, Fault, Op, Refusal, Store,
        keys::Keys,
        record::{Kind, Record, Retention},
    },
};

/// What the scrubber does.
pub static REPAIR: Action =
    Action { name: "kernel.repair", who: Who::Job, sentence: "audit-repair" };

crate::uuid_id! {
    /// Id of a repair.
    pub struct RepairId;
}

crate::fields! {
    /// A damaged file that a sound one has replaced.
    pub struct Repair {
        0 id: RepairId,
        /// Below the data directory.
        1 file: String,
        /// What was found, by the names of docs/format.md, section 5.
        2 verdicts: Vec<String>,
        /// Where the first of it was found, as far as that is known.
        3 byte: Option<u64>,
        4 seq: Option<u64>,
        5 body: Option<u32>,
        /// "copy", "leaves" or "itself".
        6 origin: String,
    }
}

impl Record for Repair {
    const KIND: Kind = Kind { number: 20, name: "repair" };
    const VERSION: u16 = 1;
    type Id = RepairId;
    fn id(&self) -> RepairId {
        self.id
    }
    fn index(&self, _keys: &mut Keys) {}
    fn subjects(&self) -> Vec<PersonId> {
        Vec::new()
    }
    fn retention(&self) -> Retention {
        Retention::Permanent
    }
    fn to_map(&self) -> Map {
        self.fields_to_map()
    }
    fn from_map(version: u16, map: Map) -> Result<Repair, Malformed> {
        only(1, version)?;
        Repair::fields_from_map(map)
    }
}

/// Enters a repair.
pub(super) fn enter(store: &Store, found: &[Finding], done: &Mended) -> Result<(), Fault> {
    let spot = found.iter().find_map(|finding| finding.spot.as_ref());
    let mut verdicts: Vec<String> =
        found.iter().map(|finding| finding.verdict.name().to_owned()).collect();
    verdicts.sort_unstable();
    verdicts.dedup();
    let origin = match done.from {
        Origin::Copy(_) => "copy",
        Origin::Leaves => "leaves",
        Origin::Itself => "itself",
    };
    let repair = Repair {
        id: RepairId(uuid::Uuid::new_v4()),
        file: done.file.clone(),
        verdicts,
        byte: spot.and_then(|spot| spot.byte),
        seq: spot.and_then(|spot| spot.seq),
        body: spot.and_then(|spot| spot.body),
        origin: origin.to_owned(),
    };
    store.desk(Actor::Job("scrub".to_owned())).save(|_, authority| {
        Ok::<_, Refusal>(Change::new(authority.permit(&REPAIR, &[])?, Op::put(&repair)))
    })
}
