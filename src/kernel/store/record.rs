//! Records: what entries put. A record is a struct whose fields have numbers; this file gives it its
//! deterministic encoding, so that no service writes CBOR by hand.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date};
use uuid::Uuid;

use crate::kernel::{
    cbor::{Malformed, Map, Value},
    identity::PersonId,
    journal::Seq,
    store::keys::Keys,
};

/// A value that can stand under a field's number. Absent means the key is not there.
pub trait Field: Sized {
    /// The value, or nothing if the field is empty.
    fn to_value(&self) -> Option<Value>;
    /// Reads what [`Field::to_value`] wrote.
    ///
    /// # Errors
    /// It is of another type, or missing where it must not be.
    fn from_value(value: Option<Value>) -> Result<Self, Malformed>;
}

/// What a record is called, on disk and in tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Kind {
    /// Never reused.
    pub number: u16,
    pub name: &'static str,
}

/// What a record is kept with, and goes with: erasing takes a whole file, never a part of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retention {
    /// No personal data in it, or needed to check the log.
    Permanent,
    /// A matter of the office, by the id of its head.
    CaseFile(Uuid),
    /// Somebody's account.
    Account(PersonId),
    /// A one-time code that is nobody's yet.
    Code(Uuid),
}

impl Retention {
    /// The file, if the record belongs to one.
    pub fn file(&self) -> Option<FileId> {
        match self {
            Retention::Permanent => None,
            Retention::CaseFile(id) | Retention::Code(id) => Some(FileId(*id)),
            Retention::Account(person) => Some(FileId(person.0)),
        }
    }
}

crate::uuid_id! {
    /// What is kept together and erased together: a matter, an account, a code.
    pub struct FileId;
}

/// A stored fact.
pub trait Record: Sized {
    const KIND: Kind;
    const VERSION: u16;
    type Id: RecordId;

    fn id(&self) -> Self::Id;
    /// Secondary keys, with the columns that lists show.
    fn index(&self, keys: &mut Keys);
    /// The persons whose data this is.
    fn subjects(&self) -> Vec<PersonId>;
    fn retention(&self) -> Retention;
    /// Says what the file is called, if this record is its head and nothing is left to be done with it.
    /// The term for which it is kept runs from the entry that first says so; a label is no personal data.
    fn ended(&self) -> Option<String> {
        None
    }
    /// Text key of what files with such a head are called; `None` for records that head none.
    const HEAD: Option<&'static str> = None;
    /// Blobs that belong to this record.
    fn blobs(&self) -> Vec<BlobRef> {
        Vec::new()
    }
    fn to_map(&self) -> Map;
    /// Reads a map of any version that was ever written.
    ///
    /// # Errors
    /// An unknown version, or fields that are not that version's.
    fn from_map(version: u16, map: Map) -> Result<Self, Malformed>;
}

/// An id as bytes, at most 64.
pub trait RecordId: Sized + Clone {
    fn to_bytes(&self) -> Vec<u8>;
    fn from_bytes(bytes: &[u8]) -> Option<Self>;
}

/// A detached body of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BlobRef {
    pub seq: Seq,
    pub body: u32,
}

/// What the kernel knows of a kind: enough to derive index keys when it replays.
#[derive(Clone, Copy)]
pub struct KindInfo {
    pub kind: Kind,
    pub version: u16,
    /// Text key of what files with such a head are called.
    pub head: Option<&'static str>,
    derive: fn(u16, Map) -> Result<Derived, Malformed>,
}

/// What a record contributes to the index.
pub struct Derived {
    pub keys: Keys,
    pub subjects: Vec<PersonId>,
    pub retention: Retention,
    /// What the file is called, if it has ended.
    pub ended: Option<String>,
}

impl KindInfo {
    /// The description of a record type.
    pub const fn of<R: Record>() -> KindInfo {
        KindInfo { kind: R::KIND, version: R::VERSION, head: R::HEAD, derive: derive::<R> }
    }

    /// Index keys and subjects of a record's map.
    ///
    /// # Errors
    /// The map is not of a version this program knows.
    pub fn derive(&self, version: u16, map: Map) -> Result<Derived, Malformed> {
        (self.derive)(version, map)
    }
}

fn derive<R: Record>(version: u16, map: Map) -> Result<Derived, Malformed> {
    let record = R::from_map(version, map)?;
    let mut keys = Keys::default();
    record.index(&mut keys);
    Ok(Derived {
        keys,
        subjects: record.subjects(),
        retention: record.retention(),
        ended: record.ended(),
    })
}

/// Declares a struct whose fields have numbers, with its encoding:
/// `fields! { pub struct Tree { 0 number: u32, 1 species: Option<String>, } }`.
#[macro_export]
macro_rules! fields {
    ($(#[$meta:meta])* pub struct $name:ident { $( $(#[$field_meta:meta])* $key:literal $field:ident : $type:ty ),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name { $( $(#[$field_meta])* pub $field: $type, )* }

        impl $name {
            /// The numbered fields that are not empty.
            pub fn fields_to_map(&self) -> $crate::kernel::cbor::Map {
                let mut map = $crate::kernel::cbor::Map::new();
                $( if let Some(value) = $crate::kernel::store::record::Field::to_value(&self.$field) {
                    map.insert($key, value);
                } )*
                map
            }

            /// Reads numbered fields; an unknown number is refused.
            ///
            /// # Errors
            /// A field is of another type, missing, or unknown.
            pub fn fields_from_map(mut map: $crate::kernel::cbor::Map) -> Result<$name, $crate::kernel::cbor::Malformed> {
                let read = $name { $( $field: $crate::kernel::store::record::Field::from_value(map.remove(&$key))
                    .map_err(|error| $crate::kernel::cbor::Malformed::new(format!("{}.{}: {error}", stringify!($name), stringify!($field))))?, )* };
                match map.keys().next() {
                    None => Ok(read),
                    Some(key) => Err($crate::kernel::cbor::Malformed::new(format!("{} has no field {key}", stringify!($name)))),
                }
            }
        }

        impl $crate::kernel::store::record::Field for $name {
            fn to_value(&self) -> Option<$crate::kernel::cbor::Value> {
                Some($crate::kernel::cbor::Value::Map(self.fields_to_map()))
            }
            fn from_value(value: Option<$crate::kernel::cbor::Value>) -> Result<$name, $crate::kernel::cbor::Malformed> {
                match value {
                    Some($crate::kernel::cbor::Value::Map(map)) => $name::fields_from_map(map),
                    _ => Err($crate::kernel::cbor::Malformed::new(concat!("not a ", stringify!($name)))),
                }
            }
        }
    };
}

/// Declares an enum whose variants have numbers, never reused:
/// `codes! { pub enum State { Draft = 0, Published = 1 } }`.
#[macro_export]
macro_rules! codes {
    ($(#[$meta:meta])* pub enum $name:ident { $( $(#[$variant_meta:meta])* $variant:ident = $code:literal ),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name { $( $(#[$variant_meta])* $variant = $code, )* }

        // Declared with the enum, whether or not somebody walks over it today.
        const _: &[$name] = $name::ALL;

        impl $name {
            /// Every variant, in order of declaration.
            pub const ALL: &'static [$name] = &[ $( $name::$variant, )* ];
            /// The number on disk.
            pub fn code(self) -> u64 { self as u64 }
            /// The variant of a number.
            pub fn from_code(code: u64) -> Option<$name> {
                match code { $( $code => Some($name::$variant), )* _ => None }
            }
        }

        impl $crate::kernel::store::record::Field for $name {
            fn to_value(&self) -> Option<$crate::kernel::cbor::Value> {
                Some($crate::kernel::cbor::Value::Uint(self.code()))
            }
            fn from_value(value: Option<$crate::kernel::cbor::Value>) -> Result<$name, $crate::kernel::cbor::Malformed> {
                match value {
                    Some($crate::kernel::cbor::Value::Uint(code)) => $name::from_code(code),
                    _ => None,
                }
                .ok_or_else(|| $crate::kernel::cbor::Malformed::new(concat!("not a ", stringify!($name))))
            }
        }
    };
}

/// Declares an id: a newtype over a UUID, so that a case is never looked up with a person's id.
#[macro_export]
macro_rules! uuid_id {
    ($(#[$meta:meta])* pub struct $name:ident;) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name(pub uuid::Uuid);

        // Every id reads its text form, whether or not a path of today holds one.
        const _: fn(&str) -> Option<$name> = $name::parse;

        impl $name {
            /// Reads the text form; only the canonical one.
            pub fn parse(text: &str) -> Option<$name> {
                let id = uuid::Uuid::try_parse(text).ok()?;
                (id.to_string() == text).then_some($name(id))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl $crate::kernel::store::record::RecordId for $name {
            fn to_bytes(&self) -> Vec<u8> { self.0.as_bytes().to_vec() }
            fn from_bytes(bytes: &[u8]) -> Option<$name> { uuid::Uuid::from_slice(bytes).ok().map($name) }
        }

        impl $crate::kernel::store::record::Field for $name {
            fn to_value(&self) -> Option<$crate::kernel::cbor::Value> {
                $crate::kernel::store::record::Field::to_value(&self.0)
            }
            fn from_value(value: Option<$crate::kernel::cbor::Value>) -> Result<$name, $crate::kernel::cbor::Malformed> {
                $crate::kernel::store::record::Field::from_value(value).map($name)
            }
        }
    };
}

impl RecordId for String {
    fn to_bytes(&self) -> Vec<u8> {
        self.as_bytes().to_vec()
    }
    fn from_bytes(bytes: &[u8]) -> Option<String> {
        String::from_utf8(bytes.to_vec()).ok()
    }
}

/// Bytes as a field; `Vec<u8>` would be a list of numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes(pub Vec<u8>);

fn not(what: &str) -> Malformed {
    Malformed::new(format!("not {what}"))
}

macro_rules! unsigned {
    ($($type:ty),*) => { $(
        impl Field for $type {
            fn to_value(&self) -> Option<Value> {
                Some(Value::Uint(u64::from(*self)))
            }
            fn from_value(value: Option<Value>) -> Result<$type, Malformed> {
                match value {
                    Some(Value::Uint(n)) => <$type>::try_from(n).map_err(|_range| not("in range")),
                    _ => Err(not("an unsigned integer")),
                }
            }
        }
    )* };
}
unsigned!(u8, u16, u32, u64);

impl Field for i64 {
    fn to_value(&self) -> Option<Value> {
        Some(u64::try_from(*self).map_or(Value::Int(*self), Value::Uint))
    }
    fn from_value(value: Option<Value>) -> Result<i64, Malformed> {
        match value {
            Some(Value::Uint(n)) => i64::try_from(n).map_err(|_range| not("in range")),
            Some(Value::Int(n)) => Ok(n),
            _ => Err(not("an integer")),
        }
    }
}

impl Field for bool {
    fn to_value(&self) -> Option<Value> {
        Some(Value::Bool(*self))
    }
    fn from_value(value: Option<Value>) -> Result<bool, Malformed> {
        match value {
            Some(Value::Bool(yes)) => Ok(yes),
            _ => Err(not("a boolean")),
        }
    }
}

impl Field for String {
    fn to_value(&self) -> Option<Value> {
        Some(Value::Text(self.clone()))
    }
    fn from_value(value: Option<Value>) -> Result<String, Malformed> {
        match value {
            Some(Value::Text(text)) => Ok(text),
            _ => Err(not("text")),
        }
    }
}

impl Field for Bytes {
    fn to_value(&self) -> Option<Value> {
        Some(Value::Bytes(self.0.clone()))
    }
    fn from_value(value: Option<Value>) -> Result<Bytes, Malformed> {
        match value {
            Some(Value::Bytes(bytes)) => Ok(Bytes(bytes)),
            _ => Err(not("bytes")),
        }
    }
}

impl<const N: usize> Field for [u8; N] {
    fn to_value(&self) -> Option<Value> {
        Some(Value::Bytes(self.to_vec()))
    }
    fn from_value(value: Option<Value>) -> Result<[u8; N], Malformed> {
        Bytes::from_value(value)?.0.try_into().map_err(|_length| not("of that length"))
    }
}

impl Field for Uuid {
    fn to_value(&self) -> Option<Value> {
        Some(Value::Bytes(self.as_bytes().to_vec()))
    }
    fn from_value(value: Option<Value>) -> Result<Uuid, Malformed> {
        <[u8; 16]>::from_value(value).map(Uuid::from_bytes)
    }
}

impl Field for Date {
    fn to_value(&self) -> Option<Value> {
        Some(Value::Text(self.to_string()))
    }
    fn from_value(value: Option<Value>) -> Result<Date, Malformed> {
        let text = String::from_value(value)?;
        let date: Date = text.parse().map_err(|_spelling| not("a date"))?;
        if date.to_string() == text { Ok(date) } else { Err(not("a date in its shortest form")) }
    }
}

impl Field for Timestamp {
    fn to_value(&self) -> Option<Value> {
        self.as_millisecond().to_value()
    }
    fn from_value(value: Option<Value>) -> Result<Timestamp, Malformed> {
        Timestamp::from_millisecond(i64::from_value(value)?).map_err(|_range| not("an instant"))
    }
}

impl Field for BlobRef {
    fn to_value(&self) -> Option<Value> {
        Some(Value::Array(vec![Value::Uint(self.seq), Value::Uint(u64::from(self.body))]))
    }
    fn from_value(value: Option<Value>) -> Result<BlobRef, Malformed> {
        let Some(Value::Array(items)) = value else { return Err(not("[seq, body]")) };
        match items.as_slice() {
            [Value::Uint(seq), Value::Uint(body)] => Ok(BlobRef {
                seq: *seq,
                body: u32::try_from(*body).map_err(|_range| not("in range"))?,
            }),
            _ => Err(not("[seq, body]")),
        }
    }
}

impl<T: Field> Field for Option<T> {
    fn to_value(&self) -> Option<Value> {
        self.as_ref().and_then(Field::to_value)
    }
    fn from_value(value: Option<Value>) -> Result<Option<T>, Malformed> {
        value.map(|value| T::from_value(Some(value))).transpose()
    }
}

impl<T: Field> Field for Vec<T> {
    /// An empty list is an absent key.
    fn to_value(&self) -> Option<Value> {
        if self.is_empty() {
            None
        } else {
            Some(Value::Array(self.iter().filter_map(Field::to_value).collect()))
        }
    }
    fn from_value(value: Option<Value>) -> Result<Vec<T>, Malformed> {
        match value {
            None => Ok(Vec::new()),
            Some(Value::Array(items)) if !items.is_empty() => {
                items.into_iter().map(|item| T::from_value(Some(item))).collect()
            }
            Some(_) => Err(not("a list")),
        }
    }
}

impl<T: Field> Field for BTreeMap<String, T> {
    /// Pairs `[text, value]` in order of the text; maps with text keys are not in the subset.
    fn to_value(&self) -> Option<Value> {
        let pair = |(key, value): (&String, &T)| {
            Some(Value::Array(vec![Value::Text(key.clone()), value.to_value()?]))
        };
        if self.is_empty() {
            None
        } else {
            Some(Value::Array(self.iter().filter_map(pair).collect()))
        }
    }
    fn from_value(value: Option<Value>) -> Result<BTreeMap<String, T>, Malformed> {
        let items = match value {
            None => return Ok(BTreeMap::new()),
            Some(Value::Array(items)) if !items.is_empty() => items,
            Some(_) => return Err(not("a list of pairs")),
        };
        let mut map = BTreeMap::new();
        for item in items {
            let Value::Array(pair) = item else { return Err(not("a pair")) };
            let Ok([Value::Text(key), value]) = <[Value; 2]>::try_from(pair) else {
                return Err(not("a pair"));
            };
            if map.last_key_value().is_some_and(|(last, _)| *last >= key) {
                return Err(not("in order"));
            }
            map.insert(key, T::from_value(Some(value))?);
        }
        Ok(map)
    }
}
