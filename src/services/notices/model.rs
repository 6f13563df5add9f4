//! The stored notice.

use jiff::Timestamp;

use crate::kernel::{
    cbor::{Malformed, Map, Value},
    identity::{
        PersonId,
        people::{only, short},
    },
    store::{
        keys::{IndexNumber, Key, Keys},
        record::{Field, Kind, Record, Retention},
    },
};

/// Longest title.
pub const TITLE_CHARS_MAX: usize = 160;
/// Longest text.
pub const TEXT_CHARS_MAX: usize = 10_000;

crate::uuid_id! {
    /// A notice.
    pub struct NoticeId;
}

crate::codes! {
    /// Where a notice stands.
    pub enum State { Draft = 0, Published = 1, Withdrawn = 2 }
}

crate::fields! {
    /// A public text of the office.
    pub struct Notice {
        0 id: NoticeId,
        1 title: String,
        /// Markdown without HTML.
        2 text: String,
        3 state: State,
        4 written: Timestamp,
        5 published: Option<Timestamp>,
        6 changed: Timestamp,
        7 withdrawal_reason: Option<String>,
    }
}

/// Published notices, newest first.
pub const PUBLISHED: IndexNumber = IndexNumber(0);
/// All notices, newest first.
pub const ALL: IndexNumber = IndexNumber(1);

impl Record for Notice {
    const KIND: Kind = Kind { number: 100, name: "notice" };
    const VERSION: u16 = 1;
    type Id = NoticeId;
    fn id(&self) -> NoticeId {
        self.id
    }
    fn index(&self, keys: &mut Keys) {
        let columns = |at: Timestamp| {
            let mut columns = Map::from([
                (0, Value::Text(short(&self.title))),
                (1, Value::Uint(self.state.code())),
            ]);
            columns.extend(at.to_value().map(|at| (2, at)));
            columns
        };
        if let Some(published) = self.published.filter(|_| self.state == State::Published) {
            keys.add(PUBLISHED, Key::new().newest_first(published), columns(published));
        }
        keys.add(ALL, Key::new().newest_first(self.written), columns(self.changed));
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
    fn from_map(version: u16, map: Map) -> Result<Notice, Malformed> {
        only(1, version)?;
        Notice::fields_from_map(map)
    }
}
