//! Stored records of the tree notice: the case, and messages in it.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date};
use serde::{Serialize, de::DeserializeOwned};

use super::state::{CaseState, Stage, TreeStage};
use crate::kernel::{
    cbor::{Malformed, Map, Value},
    identity::{
        PersonId,
        people::{only, short},
    },
    store::{
        keys::{IndexNumber, Key, Keys},
        record::{BlobRef, Field, Kind, Record, Retention},
    },
};

crate::uuid_id! {
    /// A case. Labels such as a case number are not keys.
    pub struct CaseId;
}

crate::uuid_id! {
    /// A message in a case.
    pub struct MessageId;
}

/// A value kept as JSON text inside a record: the flat state of the rules, which has its own names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Json<T>(pub T);

impl<T: Serialize + DeserializeOwned> Field for Json<T> {
    fn to_value(&self) -> Option<Value> {
        serde_json::to_string(&self.0).ok().map(Value::Text)
    }
    fn from_value(value: Option<Value>) -> Result<Json<T>, Malformed> {
        let text = String::from_value(value)?;
        serde_json::from_str(&text).map(Json).map_err(|error| Malformed::new(error.to_string()))
    }
}

crate::codes! {
    /// What a file is to the case.
    pub enum FileRole {
        /// The drawing or map that the statute asks for.
        Sketch = 1,
        Photo = 2,
        Attachment = 3,
        /// Consent of a co-owner.
        Consent = 4,
        PowerOfAttorney = 5,
        /// A letter of the office: decision, certificate, order.
        Letter = 6,
        Protocol = 7,
    }
}

crate::fields! {
    /// A file as filed, and what pages show of it.
    pub struct CaseFile {
        0 role: FileRole,
        1 name: String,
        2 media_type: String,
        3 bytes: u64,
        /// SHA-256 of the original, in hex.
        4 sha256: String,
        /// As it came: an inert download.
        5 original: BlobRef,
        /// Made anew from the pixels, without metadata; only for pictures.
        6 shown: Option<BlobRef>,
        7 thumbnail: Option<BlobRef>,
        /// Field of the form it came with.
        8 field: String,
        9 from_office: bool,
        10 added: Timestamp,
        /// The tree that a picture of the inspection shows.
        11 tree: Option<u64>,
    }
}

crate::fields! {
    /// A notice of intended tree removal.
    pub struct TreeCase {
        0 id: CaseId,
        1 owner: PersonId,
        /// Number of the notice within the year, from 1: "12/2026". The case number by JRWA is the office's.
        2 number: u32,
        3 year: u32,
        /// When the last byte reached us: the legal time of receipt.
        4 filed: Timestamp,
        /// Definition it was filed on; it stays on it.
        5 procedure: String,
        6 definition_version: u32,
        7 answers: Json<BTreeMap<String, Vec<String>>>,
        8 state: Json<CaseState>,
        9 files: Vec<CaseFile>,
        10 assigned: Option<PersonId>,
        /// Number that the office gives the case, if it did.
        11 office_number: Option<String>,
        /// The next day on which somebody must do something.
        12 due: Option<Date>,
        /// Statutory elements were missing and it was filed all the same.
        13 filed_incomplete: bool,
        /// Last day whose outgoing register is closed, as the clerk said.
        14 register_closed: Option<Date>,
        /// Number in the register of incoming letters (RPW), if the office keeps one.
        15 incoming_number: Option<String>,
    }
}

impl TreeCase {
    /// "12/2026"
    pub fn label(&self) -> String {
        format!("{}/{}", self.number, self.year)
    }
}

/// Whether nobody has anything left to do: the case ended, or each tree has an answer that is past.
///
/// A tree that may be removed is past for the office; the resident may still report its removal.
pub fn is_closed(state: &CaseState) -> bool {
    let open = |stage: TreeStage| {
        matches!(stage, TreeStage::Noticed | TreeStage::Inspected | TreeStage::Objected)
    };
    state.has_ended()
        || (state.stage == Stage::Outcomes && !state.trees.iter().any(|tree| open(tree.stage)))
}

/// Cases of a resident, newest first.
pub const OF_OWNER: IndexNumber = IndexNumber(0);
/// Open cases by the day something is due; closed ones are not in it.
pub const OPEN_BY_DUE: IndexNumber = IndexNumber(1);
/// All cases, newest first.
pub const ALL: IndexNumber = IndexNumber(2);
/// By year and number: finds the next number.
pub const BY_NUMBER: IndexNumber = IndexNumber(3);

/// Columns of lists of cases.
pub mod columns {
    pub const LABEL: u64 = 0;
    pub const STAGE: u64 = 1;
    pub const FILED_MS: u64 = 2;
    pub const DUE: u64 = 3;
    pub const TAKEN: u64 = 4;
    pub const TREES: u64 = 5;
    pub const PLACE: u64 = 6;
}

impl Record for TreeCase {
    const KIND: Kind = Kind { number: 120, name: "tree-case" };
    const VERSION: u16 = 1;
    type Id = CaseId;
    fn id(&self) -> CaseId {
        self.id
    }
    fn index(&self, keys: &mut Keys) {
        let state = &self.state.0;
        let answers = &self.answers.0;
        let first = |path: &str| {
            answers.get(path).and_then(|values| values.first()).map_or("", String::as_str)
        };
        let place: String =
            format!("{} {}", first("prop.parcel.precinct"), first("prop.parcel.number"))
                .trim()
                .chars()
                .take(30)
                .collect();
        let mut row = Map::from([
            (columns::LABEL, Value::Text(self.label())),
            (columns::STAGE, Value::Text(short(&format!("{:?}", state.stage)))),
            (columns::TAKEN, Value::Bool(self.assigned.is_some())),
            (columns::TREES, Value::Uint(state.trees.len() as u64)),
            (columns::PLACE, Value::Text(place)),
        ]);
        row.extend(self.filed.to_value().map(|filed| (columns::FILED_MS, filed)));
        row.extend(self.due.to_value().map(|due| (columns::DUE, due)));
        keys.add(OF_OWNER, Key::new().id(&self.owner).newest_first(self.filed), row.clone());
        keys.add(ALL, Key::new().newest_first(self.filed), row.clone());
        keys.add(
            BY_NUMBER,
            Key::new().number(u64::from(self.year)).number(!u64::from(self.number)),
            Map::new(),
        );
        if !is_closed(state) {
            keys.add(
                OPEN_BY_DUE,
                Key::new().text(&self.due.map_or_else(|| "9999".to_owned(), |due| due.to_string())),
                row,
            );
        }
    }
    fn subjects(&self) -> Vec<PersonId> {
        vec![self.owner]
    }
    fn retention(&self) -> Retention {
        Retention::CaseFile(self.id.0)
    }
    const HEAD: Option<&'static str> = Some("trees-files-head");
    fn ended(&self) -> Option<String> {
        is_closed(&self.state.0).then(|| self.office_number.clone().unwrap_or_else(|| self.label()))
    }
    fn blobs(&self) -> Vec<BlobRef> {
        self.files
            .iter()
            .flat_map(|file| [Some(file.original), file.shown, file.thumbnail])
            .flatten()
            .collect()
    }
    fn to_map(&self) -> Map {
        self.fields_to_map()
    }
    fn from_map(version: u16, map: Map) -> Result<TreeCase, Malformed> {
        only(1, version)?;
        TreeCase::fields_from_map(map)
    }
}

crate::fields! {
    /// A message between the resident and the office.
    pub struct CaseMessage {
        0 id: MessageId,
        1 case: CaseId,
        2 owner: PersonId,
        3 author: PersonId,
        4 from_office: bool,
        5 at: Timestamp,
        6 text: String,
        7 files: Vec<CaseFile>,
    }
}

/// Messages of a case, oldest first.
pub const OF_CASE: IndexNumber = IndexNumber(0);

impl Record for CaseMessage {
    const KIND: Kind = Kind { number: 121, name: "tree-message" };
    const VERSION: u16 = 1;
    type Id = MessageId;
    fn id(&self) -> MessageId {
        self.id
    }
    fn index(&self, keys: &mut Keys) {
        keys.add(
            OF_CASE,
            Key::new().id(&self.case).number(crate::kernel::clock::to_ms(self.at)),
            Map::new(),
        );
    }
    fn subjects(&self) -> Vec<PersonId> {
        vec![self.owner]
    }
    fn retention(&self) -> Retention {
        Retention::CaseFile(self.case.0)
    }
    fn blobs(&self) -> Vec<BlobRef> {
        self.files
            .iter()
            .flat_map(|file| [Some(file.original), file.shown, file.thumbnail])
            .flatten()
            .collect()
    }
    fn to_map(&self) -> Map {
        self.fields_to_map()
    }
    fn from_map(version: u16, map: Map) -> Result<CaseMessage, Malformed> {
        only(1, version)?;
        CaseMessage::fields_from_map(map)
    }
}
