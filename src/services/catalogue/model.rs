//! The stored definition of a procedure: the file as it was imported, and which one is in force.

use jiff::Timestamp;

use crate::kernel::{
    cbor::{Malformed, Map, Value},
    identity::{
        PersonId,
        people::{only, short},
    },
    store::{
        keys::{IndexNumber, Key, Keys},
        record::{Kind, Record, Retention},
    },
};

crate::fields! {
    /// A definition as imported: the text of its file, because an application stays on the version it
    /// was filed on, and because people read files and not encodings.
    pub struct Procedure {
        /// `srod-drzewa-zgl`
        0 id: String,
        1 version: u32,
        2 source: String,
        3 imported: Timestamp,
        /// Polish name, for lists.
        4 name: String,
    }
}

/// All procedures by id.
pub const BY_ID: IndexNumber = IndexNumber(0);

impl Record for Procedure {
    const KIND: Kind = Kind { number: 110, name: "procedure" };
    const VERSION: u16 = 1;
    type Id = String;
    fn id(&self) -> String {
        self.id.clone()
    }
    fn index(&self, keys: &mut Keys) {
        let columns = Map::from([
            (0, Value::Text(short(&self.name))),
            (1, Value::Uint(u64::from(self.version))),
        ]);
        keys.add(BY_ID, Key::new().text(&self.id), columns);
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
    fn from_map(version: u16, map: Map) -> Result<Procedure, Malformed> {
        only(1, version)?;
        Procedure::fields_from_map(map)
    }
}
