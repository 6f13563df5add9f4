//! Records of erasures: proposals and what became of them, legal holds, and terms.
//!
//! They outlive what they are about, so they hold no personal data: a file is named by its random id, and by the
//! number of a matter where it has one.

use jiff::Timestamp;

use crate::kernel::{
    cbor::{Malformed, Map, Value},
    identity::{
        PersonId,
        people::{only, short},
    },
    journal::Seq,
    store::{
        change::PasskeyEvidence,
        keys::{IndexNumber, Key, Keys},
        record::{Field as _, FileId, Kind, KindInfo, Record, Retention},
    },
};

crate::codes! {
    /// What sort of file it is.
    pub enum FileClass { CaseFile = 1, Account = 2, Code = 3 }
}

impl FileClass {
    /// The class of what is kept so; `None` for what is kept for ever.
    pub fn of(retention: Retention) -> Option<FileClass> {
        match retention {
            Retention::Permanent => None,
            Retention::CaseFile(_) => Some(FileClass::CaseFile),
            Retention::Account(_) => Some(FileClass::Account),
            Retention::Code(_) => Some(FileClass::Code),
        }
    }
}

crate::codes! {
    /// Why a file is erased.
    pub enum Ground {
        /// Its term has run out.
        TermOver = 1,
        /// Whose data it is asked for it (GDPR, article 17).
        Request = 2,
        /// A court or the supervisory authority ordered it (GDPR, article 58(2)(g)).
        Ruling = 3,
    }
}

impl Ground {
    /// As the header of the order names it.
    pub fn name(self) -> &'static str {
        match self {
            Ground::TermOver => "term-over",
            Ground::Request => "request",
            Ground::Ruling => "ruling",
        }
    }
}

crate::codes! {
    /// Where an erasure stands.
    pub enum ErasureState { Proposed = 1, Ordered = 2, Done = 3, Withdrawn = 4 }
}

crate::uuid_id! {
    /// An erasure.
    pub struct ErasureId;
}

crate::fields! {
    /// One person's approval, with the assertion of their key.
    pub struct Approval {
        0 person: PersonId,
        1 at: Timestamp,
        /// Entry that enrolled the key.
        2 enrolment: Seq,
        3 evidence: PasskeyEvidence,
    }
}

crate::fields! {
    /// An erasure, from its proposal to its end.
    pub struct Erasure {
        0 id: ErasureId,
        1 file: FileId,
        2 class: FileClass,
        /// Number of the matter; empty for what has none.
        3 label: String,
        4 ground: Ground,
        /// Legal basis and circumstances, without personal data.
        5 basis: String,
        /// Sign and date of the state archive's consent, for matters whose term has run out.
        6 consent: Option<String>,
        7 proposed_by: PersonId,
        8 proposed_at: Timestamp,
        /// The entry in whose decision legal holds were looked for: that of the proposal.
        9 hold_check: Seq,
        /// What the approvals are for: the hash of targets, ground, hold check and leaves.
        10 content: [u8; 32],
        11 entries: u32,
        12 bodies: u32,
        13 blobs: u32,
        /// The file holds more than one order can name: the oldest go first.
        14 partial: bool,
        15 approvals: Vec<Approval>,
        16 state: ErasureState,
        /// The entry of the order.
        17 order: Option<Seq>,
        18 ordered_at: Option<Timestamp>,
        19 done_at: Option<Timestamp>,
        20 withdrawn: Option<String>,
        /// What keeps the certificate from being given, if something does: the file system's name.
        21 uncertain: Option<String>,
    }
}

/// By state, newest first.
pub const BY_STATE: IndexNumber = IndexNumber(0);
/// Of one file, newest first.
pub const OF_FILE: IndexNumber = IndexNumber(1);

impl Record for Erasure {
    const KIND: Kind = Kind { number: 17, name: "erasure" };
    const VERSION: u16 = 1;
    type Id = ErasureId;
    fn id(&self) -> ErasureId {
        self.id
    }
    fn index(&self, keys: &mut Keys) {
        let mut columns = Map::from([
            (0, Value::Text(short(&self.label))),
            (1, Value::Uint(self.class.code())),
            (2, Value::Uint(self.ground.code())),
            (3, Value::Uint(self.state.code())),
            (4, Value::Uint(self.approvals.len() as u64)),
        ]);
        columns.extend(self.proposed_at.to_value().map(|at| (5, at)));
        let by_state = Key::new().number(self.state.code()).newest_first(self.proposed_at);
        keys.add(BY_STATE, by_state, columns.clone());
        keys.add(OF_FILE, Key::new().id(&self.file).newest_first(self.proposed_at), columns);
    }
    fn subjects(&self) -> Vec<PersonId> {
        Vec::new()
    }
    fn retention(&self) -> Retention {
        Retention::Permanent
    }
    fn to_map(&self) -> Map {
        self.fields_to_map()
    }
    fn from_map(version: u16, map: Map) -> Result<Erasure, Malformed> {
        only(1, version)?;
        Erasure::fields_from_map(map)
    }
}

crate::uuid_id! {
    /// A legal hold.
    pub struct HoldId;
}

crate::fields! {
    /// Nothing in this file, or about this person, may be erased: a court, a prosecutor, an audit needs it.
    pub struct Hold {
        0 id: HoldId,
        /// A file, or a person by their id.
        1 on: FileId,
        /// On what ground, without personal data.
        2 reason: String,
        3 placed_by: PersonId,
        4 placed_at: Timestamp,
        5 lifted_by: Option<PersonId>,
        6 lifted_at: Option<Timestamp>,
    }
}

/// Holds that stand, by what they are on.
pub const STANDING_ON: IndexNumber = IndexNumber(0);
/// All holds, newest first.
pub const ALL_HOLDS: IndexNumber = IndexNumber(1);

impl Record for Hold {
    const KIND: Kind = Kind { number: 18, name: "legal-hold" };
    const VERSION: u16 = 1;
    type Id = HoldId;
    fn id(&self) -> HoldId {
        self.id
    }
    fn index(&self, keys: &mut Keys) {
        if self.lifted_at.is_none() {
            keys.add(STANDING_ON, Key::new().id(&self.on), Map::new());
        }
        keys.add(ALL_HOLDS, Key::new().newest_first(self.placed_at), Map::new());
    }
    fn subjects(&self) -> Vec<PersonId> {
        Vec::new()
    }
    fn retention(&self) -> Retention {
        Retention::Permanent
    }
    fn to_map(&self) -> Map {
        self.fields_to_map()
    }
    fn from_map(version: u16, map: Map) -> Result<Hold, Malformed> {
        only(1, version)?;
        Hold::fields_from_map(map)
    }
}

crate::fields! {
    /// For how long files with such a head are kept. Without one, nothing of that sort is proposed.
    pub struct Term {
        /// Name of the kind of record that heads such files.
        0 head: String,
        /// Whole calendar years, from 1 January of the year after the file ended.
        1 years: u32,
        /// Archival category as the office's list of files has it, such as "B5".
        2 category: String,
        /// Where it stands.
        3 basis: String,
        4 set_by: PersonId,
        5 set_at: Timestamp,
    }
}

impl Record for Term {
    const KIND: Kind = Kind { number: 19, name: "retention-term" };
    const VERSION: u16 = 1;
    type Id = String;
    fn id(&self) -> String {
        self.head.clone()
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
    fn from_map(version: u16, map: Map) -> Result<Term, Malformed> {
        only(1, version)?;
        Term::fields_from_map(map)
    }
}

/// The kinds that erasure owns.
pub const KINDS: &[KindInfo] =
    &[KindInfo::of::<Erasure>(), KindInfo::of::<Hold>(), KindInfo::of::<Term>()];
