//! Keys of the index: bytes that sort as their values do.
//!
//! | first byte | key | value |
//! |---|---|---|
//! | 0 | `applied` | how far the index is |
//! | 1 | kind, id | row: where the newest version lies, and its secondary keys |
//! | 2 | kind, index, key, id | columns for lists |
//! | 3 | kind, id, seq, body | nothing: one version in the history |
//! | 4 | submission | where its entry lies |
//! | 5 | person, seq | nothing: an entry about a person |
//! | 6 | file, kind, id | the entry that last put this record of a file |
//! | 7 | kind of the head, day, file | entry, id of the head, what the file is called: it ended on that day |
//! | 8 | person, file | the entry that last said that this matter is about a person |

use jiff::{Timestamp, civil::Date};

use crate::kernel::{
    cbor::Map,
    clock,
    identity::PersonId,
    journal::Seq,
    store::record::{FileId, Kind, RecordId},
};

/// Which secondary index of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IndexNumber(pub u8);

/// A secondary key under construction. Each part keeps the order of its values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Key(pub Vec<u8>);

impl Key {
    pub fn new() -> Key {
        Key::default()
    }

    /// A number, ascending.
    #[must_use]
    pub fn number(mut self, n: u64) -> Key {
        self.0.extend(n.to_be_bytes());
        self
    }

    /// Text, ascending by its bytes. Zero bytes in it become spaces.
    #[must_use]
    pub fn text(mut self, text: &str) -> Key {
        self.0.extend(text.bytes().map(|byte| if byte == 0 { b' ' } else { byte }));
        self.0.push(0);
        self
    }

    /// An id of fixed length.
    #[must_use]
    pub fn id(mut self, id: &impl RecordId) -> Key {
        self.0.extend(id.to_bytes());
        self
    }

    /// An instant, newest first.
    #[must_use]
    pub fn newest_first(self, at: Timestamp) -> Key {
        self.number(!clock::to_ms(at))
    }

    /// A date, earliest first.
    #[must_use]
    pub fn date(self, date: Date) -> Key {
        self.text(&date.to_string())
    }
}

/// Secondary keys that a record asks for.
#[derive(Default)]
pub struct Keys(pub Vec<(IndexNumber, Key, Map)>);

impl Keys {
    /// Lists the record under a key, with the columns the list shows.
    pub fn add(&mut self, index: IndexNumber, key: Key, columns: Map) {
        self.0.push((index, key, columns));
    }
}

/// Key of the marker that says how far the index is.
pub const APPLIED: &[u8] = b"\0applied";

/// Key of a record's newest version.
pub fn primary(kind: Kind, id: &[u8]) -> Vec<u8> {
    joined(&[&[1], &kind.number.to_be_bytes(), id])
}

/// Prefix of one secondary index.
pub fn secondary(kind: Kind, index: IndexNumber, key: &Key) -> Vec<u8> {
    joined(&[&[2], &kind.number.to_be_bytes(), &[index.0], &key.0])
}

/// Key of one version.
pub fn version(kind: Kind, id: &[u8], seq: Seq, body: u32) -> Vec<u8> {
    let length = u8::try_from(id.len()).unwrap_or(u8::MAX);
    joined(&[
        &[3],
        &kind.number.to_be_bytes(),
        &[length],
        id,
        &seq.to_be_bytes(),
        &body.to_be_bytes(),
    ])
}

/// Prefix of all versions of a record.
pub fn versions(kind: Kind, id: &[u8]) -> Vec<u8> {
    let length = u8::try_from(id.len()).unwrap_or(u8::MAX);
    joined(&[&[3], &kind.number.to_be_bytes(), &[length], id])
}

/// Key of a submission.
pub fn submission(key: &[u8; 32]) -> Vec<u8> {
    joined(&[&[4], key])
}

/// Key of an entry about a person.
pub fn about(person: PersonId, seq: Seq) -> Vec<u8> {
    joined(&[&[5], person.0.as_bytes(), &seq.to_be_bytes()])
}

/// Prefix of all entries about a person.
pub fn about_all(person: PersonId) -> Vec<u8> {
    joined(&[&[5], person.0.as_bytes()])
}

/// Key of a record that is kept in a file.
pub fn of_file(file: FileId, kind: Kind, id: &[u8]) -> Vec<u8> {
    joined(&[&[6], file.0.as_bytes(), &kind.number.to_be_bytes(), id])
}

/// Prefix of all records of a file.
pub fn of_file_all(file: FileId) -> Vec<u8> {
    joined(&[&[6], file.0.as_bytes()])
}

/// Key of a file that has ended.
pub fn ended(head: Kind, on: Date, file: FileId) -> Vec<u8> {
    joined(&[&ended_with(head), on.to_string().as_bytes(), file.0.as_bytes()])
}

/// Prefix of all files with such a head that have ended, in the order of the days.
pub fn ended_with(head: Kind) -> Vec<u8> {
    joined(&[&[7], &head.number.to_be_bytes()])
}

/// Key of a matter about a person.
pub fn file_about(person: PersonId, file: FileId) -> Vec<u8> {
    joined(&[&[8], person.0.as_bytes(), file.0.as_bytes()])
}

/// Prefix of all matters about a person.
pub fn files_about(person: PersonId) -> Vec<u8> {
    joined(&[&[8], person.0.as_bytes()])
}

/// The first key behind all keys with a prefix; `None` if there is none.
pub fn behind(prefix: &[u8]) -> Option<Vec<u8>> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if let Some(next) = last.checked_add(1) {
            end.push(next);
            return Some(end);
        }
    }
    None
}

fn joined(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_sort_as_their_values() {
        let key = |n, text: &str| Key::new().number(n).text(text).0;
        assert!(
            key(1, "b") < key(2, "a") && key(1, "a") < key(1, "ab") && key(255, "") < key(256, "")
        );
        let at = |ms| Key::new().newest_first(clock::from_ms(ms)).0;
        assert!(at(2_000) < at(1_000));
        assert_eq!(behind(b"a\xff"), Some(b"b".to_vec()));
        assert_eq!(behind(b"\xff"), None);
    }
}
