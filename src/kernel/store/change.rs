//! What a decision asks to be written: a permit, and at least one record.

use crate::kernel::{
    blobs::StagedBlob,
    cbor::{self, Map, Value},
    identity::{Permit, PersonId},
    journal::{Seq, entry},
    store::record::{BlobRef, Field, FileId, Kind, Record, RecordId},
};

/// One record put or retracted. A record version is one body.
#[derive(Debug)]
pub struct Op {
    pub(in crate::kernel) kind: Kind,
    pub(in crate::kernel) version: u16,
    pub(in crate::kernel) subjects: Vec<PersonId>,
    /// The file it is kept in.
    pub(in crate::kernel) file: Option<FileId>,
    /// The record body's plaintext.
    pub(in crate::kernel) text: Vec<u8>,
}

impl Op {
    /// Puts the whole record.
    pub fn put<R: Record>(record: &R) -> Op {
        let mut map = Map::from([
            (0, Value::Uint(1)),
            (1, Value::Bytes(record.id().to_bytes())),
            (2, Value::Map(record.to_map())),
        ]);
        map.extend(record.blobs().to_value().map(|blobs| (3, blobs)));
        Op {
            kind: R::KIND,
            version: R::VERSION,
            subjects: record.subjects(),
            file: record.retention().file(),
            text: cbor::encode_map(&map),
        }
    }

    /// Takes a record out of the index; its versions stay in the journal.
    pub fn retract<R: Record>(record: &R) -> Op {
        let map = Map::from([(0, Value::Uint(2)), (1, Value::Bytes(record.id().to_bytes()))]);
        Op {
            kind: R::KIND,
            version: R::VERSION,
            subjects: record.subjects(),
            file: record.retention().file(),
            text: cbor::encode_map(&map),
        }
    }
}

/// Where who-and-why keeps evidence (docs/format.md, section 2).
const WHY_EVIDENCE: u64 = 7;

/// Who confirmed what, and how: kept in who-and-why, and checked offline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// The session alone; labelled so.
    Session,
    /// A fresh passkey assertion over the content.
    Passkey(PasskeyEvidence),
    /// A clerk at the desk, for a resident who stands there.
    Desk,
}

crate::fields! {
    /// A passkey assertion whose challenge binds the content.
    pub struct PasskeyEvidence {
        1 public_key: crate::kernel::store::record::Bytes,
        2 authenticator_data: crate::kernel::store::record::Bytes,
        3 client_data: crate::kernel::store::record::Bytes,
        4 signature: crate::kernel::store::record::Bytes,
        5 random: [u8; 32],
        6 content: [u8; 32],
    }
}

impl Evidence {
    /// As who-and-why keeps it. `None` where an entry has none, or none that is known here.
    pub fn from_why(why: &Map) -> Option<Evidence> {
        let Some(Value::Map(map)) = why.get(&WHY_EVIDENCE) else { return None };
        match map.get(&0)? {
            Value::Uint(0) => Some(Evidence::Session),
            Value::Uint(1) => {
                let fields = map.iter().filter(|(field, _)| **field != 0);
                let fields = fields.map(|(field, value)| (*field, value.clone())).collect();
                PasskeyEvidence::fields_from_map(fields).ok().map(Evidence::Passkey)
            }
            Value::Uint(2) => Some(Evidence::Desk),
            _ => None,
        }
    }

    pub(in crate::kernel) fn to_map(&self) -> Map {
        match self {
            Evidence::Session => Map::from([(0, Value::Uint(0))]),
            Evidence::Desk => Map::from([(0, Value::Uint(2))]),
            Evidence::Passkey(passkey) => {
                let mut map = passkey.fields_to_map();
                map.insert(0, Value::Uint(1));
                map
            }
        }
    }
}

/// One audited change: by whom and by what right, about whom, why, and the facts it asserts.
#[must_use = "a change does nothing until it is committed"]
#[derive(Debug)]
pub struct Change {
    pub(in crate::kernel) permit: Permit,
    pub(in crate::kernel) ops: Vec<Op>,
    pub(in crate::kernel) blobs: Vec<StagedBlob>,
    pub(in crate::kernel) reason: Option<String>,
    pub(in crate::kernel) acting_for: Option<PersonId>,
    pub(in crate::kernel) evidence: Option<Evidence>,
    pub(in crate::kernel) answer: Option<String>,
    pub(in crate::kernel) order: Option<entry::Erasure>,
    pub(in crate::kernel) done: Option<Seq>,
}

/// Blobs for a change that is not yet made: their references are known from the permit on.
#[derive(Debug)]
pub struct Attachments {
    permit: Permit,
    blobs: Vec<StagedBlob>,
}

impl Change {
    /// A change: no right, no change; no record, no change.
    pub fn new(permit: Permit, first: Op) -> Change {
        Attachments { permit, blobs: Vec::new() }.change(first)
    }

    /// Starts with blobs.
    pub fn attachments(permit: Permit) -> Attachments {
        Attachments { permit, blobs: Vec::new() }
    }

    /// One more record.
    pub fn and(mut self, op: Op) -> Change {
        self.ops.push(op);
        self
    }

    /// The ground, in the actor's words.
    pub fn because(mut self, reason: impl Into<String>) -> Change {
        self.reason = Some(reason.into()).filter(|reason| !reason.is_empty());
        self
    }

    /// For whom, if not for oneself.
    pub fn acting_for(mut self, person: PersonId) -> Change {
        self.acting_for = Some(person);
        self
    }

    /// How the actor confirmed it.
    pub fn confirmed(mut self, evidence: Evidence) -> Change {
        self.evidence = Some(evidence);
        self
    }

    /// Makes it an order to erase.
    pub(in crate::kernel) fn ordering(mut self, order: entry::Erasure) -> Change {
        self.order = Some(order);
        self
    }

    /// Says that an order was carried out.
    pub(in crate::kernel) fn done(mut self, order: Seq) -> Change {
        self.done = Some(order);
        self
    }

    /// The path to show to whoever submitted it, now and when the same form comes again.
    pub fn answer(mut self, path: impl Into<String>) -> Change {
        self.answer = Some(path.into());
        self
    }
}

impl Attachments {
    /// Adds a staged blob and says how records name it.
    pub fn attach(&mut self, blob: StagedBlob) -> BlobRef {
        self.blobs.push(blob);
        // Body 0 is who-and-why, blobs follow it.
        BlobRef { seq: self.permit.seq, body: u32::try_from(self.blobs.len()).unwrap_or(u32::MAX) }
    }

    /// The change with its first record.
    pub fn change(self, first: Op) -> Change {
        Change {
            permit: self.permit,
            ops: vec![first],
            blobs: self.blobs,
            reason: None,
            acting_for: None,
            evidence: None,
            answer: None,
            order: None,
            done: None,
        }
    }
}
