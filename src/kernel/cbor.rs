//! Deterministic CBOR (docs/format.md, section 1): the one encoding of headers and bodies.
//!
//! Parsing is ciborium's; this file narrows what it accepts to the subset of the format page and
//! refuses every spelling but the shortest by encoding again and comparing.

use std::collections::BTreeMap;

use ciborium::Value as Parsed;

/// Deepest nesting of arrays and maps that is read or written.
const DEPTH_MAX: usize = 8;

/// A map with unsigned keys, ascending: the shape of every header and record.
pub type Map = BTreeMap<u64, Value>;

/// A value of the subset. There is no null: what is absent has no key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Uint(u64),
    /// Always below zero; `Int(-1)` is `-1`.
    Int(i64),
    Bytes(Vec<u8>),
    Text(String),
    Array(Vec<Value>),
    Map(Map),
    Bool(bool),
}

/// The bytes are not deterministic CBOR of this subset, or not of the expected shape.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("malformed CBOR: {0}")]
pub struct Malformed(pub String);

impl Malformed {
    pub fn new(what: impl Into<String>) -> Malformed {
        Malformed(what.into())
    }
}

/// Encodes a value. Total: every [`Value`] has exactly one encoding.
pub fn encode(value: &Value) -> Vec<u8> {
    let mut out = Vec::with_capacity(64);
    put(value, &mut out);
    out
}

/// Encodes a map, as [`encode`].
pub fn encode_map(map: &Map) -> Vec<u8> {
    let mut out = Vec::with_capacity(64);
    put_map(map, &mut out);
    out
}

/// Decodes bytes and proves that they are the only spelling of the value.
///
/// # Errors
/// Truncated or trailing bytes, types outside the subset, nesting beyond eight, any spelling but
/// the shortest.
pub fn decode(bytes: &[u8]) -> Result<Value, Malformed> {
    let parsed: Parsed = ciborium::de::from_reader_with_recursion_limit(bytes, DEPTH_MAX * 4)
        .map_err(|error| Malformed::new(error.to_string()))?;
    let value = narrow(parsed, 0)?;
    if encode(&value) != bytes {
        return Err(Malformed::new("not the shortest spelling, or bytes follow"));
    }
    Ok(value)
}

/// Decodes a map, as [`decode`].
///
/// # Errors
/// As [`decode`], and anything that is not a map.
pub fn decode_map(bytes: &[u8]) -> Result<Map, Malformed> {
    match decode(bytes)? {
        Value::Map(map) => Ok(map),
        other => Err(Malformed::new(format!("expected a map, found {}", other.name()))),
    }
}

impl Value {
    /// The name of the type, for messages.
    pub fn name(&self) -> &'static str {
        match self {
            Value::Uint(_) | Value::Int(_) => "an integer",
            Value::Bytes(_) => "bytes",
            Value::Text(_) => "text",
            Value::Array(_) => "an array",
            Value::Map(_) => "a map",
            Value::Bool(_) => "a boolean",
        }
    }
}

fn head(major: u8, n: u64, out: &mut Vec<u8>) {
    let major = major << 5;
    let bytes = n.to_be_bytes();
    let [.., b4, b5, b6, b7] = bytes;
    if n < 24 {
        out.push(major | b7);
    } else if n <= 0xff {
        out.extend([major | 24, b7]);
    } else if n <= 0xffff {
        out.extend([major | 25, b6, b7]);
    } else if n <= 0xffff_ffff {
        out.extend([major | 26, b4, b5, b6, b7]);
    } else {
        out.push(major | 27);
        out.extend(bytes);
    }
}

fn put(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Uint(n) => head(0, *n, out),
        Value::Int(n) => head(1, n.unsigned_abs().saturating_sub(1), out),
        Value::Bytes(bytes) => {
            head(2, bytes.len() as u64, out);
            out.extend_from_slice(bytes);
        }
        Value::Text(text) => {
            head(3, text.len() as u64, out);
            out.extend_from_slice(text.as_bytes());
        }
        Value::Array(items) => {
            head(4, items.len() as u64, out);
            for item in items {
                put(item, out);
            }
        }
        Value::Map(map) => put_map(map, out),
        Value::Bool(yes) => out.push(if *yes { 0xf5 } else { 0xf4 }),
    }
}

fn put_map(map: &Map, out: &mut Vec<u8>) {
    head(5, map.len() as u64, out);
    for (key, value) in map {
        head(0, *key, out);
        put(value, out);
    }
}

/// `depth` counts the arrays and maps around a value. An empty one is one too.
fn narrow(parsed: Parsed, depth: usize) -> Result<Value, Malformed> {
    if depth >= DEPTH_MAX && matches!(parsed, Parsed::Array(_) | Parsed::Map(_)) {
        return Err(Malformed::new("nested too deeply"));
    }
    Ok(match parsed {
        Parsed::Integer(n) => {
            let wide = i128::from(n);
            match (u64::try_from(wide), i64::try_from(wide)) {
                (Ok(n), _) => Value::Uint(n),
                (_, Ok(n)) => Value::Int(n),
                _ => return Err(Malformed::new("integer out of range")),
            }
        }
        Parsed::Bytes(bytes) => Value::Bytes(bytes),
        Parsed::Text(text) => Value::Text(text),
        Parsed::Bool(yes) => Value::Bool(yes),
        Parsed::Array(items) => Value::Array(
            items.into_iter().map(|item| narrow(item, depth + 1)).collect::<Result<_, _>>()?,
        ),
        Parsed::Map(pairs) => {
            let mut map = Map::new();
            for (key, value) in pairs {
                let Value::Uint(key) = narrow(key, depth + 1)? else {
                    return Err(Malformed::new("a map key is not an unsigned integer"));
                };
                if map.insert(key, narrow(value, depth + 1)?).is_some() {
                    return Err(Malformed::new("a map key is repeated"));
                }
            }
            Value::Map(map)
        }
        Parsed::Float(_) | Parsed::Null | Parsed::Tag(..) => {
            return Err(Malformed::new("a type outside the subset"));
        }
        _ => return Err(Malformed::new("an unknown type")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<u64>().prop_map(Value::Uint),
            (i64::MIN..0).prop_map(Value::Int),
            proptest::collection::vec(any::<u8>(), 0..40).prop_map(Value::Bytes),
            ".{0,20}".prop_map(Value::Text),
            any::<bool>().prop_map(Value::Bool),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
                proptest::collection::btree_map(any::<u64>(), inner, 0..6).prop_map(Value::Map),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_encoded_decodes_to_the_same(value in any_value()) {
            prop_assert_eq!(decode(&encode(&value)).unwrap(), value);
        }

        #[test]
        fn arbitrary_bytes_decode_only_if_they_are_the_spelling(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            if let Ok(value) = decode(&bytes) {
                prop_assert_eq!(encode(&value), bytes);
            }
        }
    }

    #[test]
    fn other_spellings_are_refused() {
        for (bytes, why) in [
            (&b"\x18\x05"[..], "long integer"),
            (b"\x00\x00", "trailing byte"),
            (b"\x9f\x00\xff", "indefinite length"),
            (b"\xa2\x01\x00\x00\x00", "keys out of order"),
            (b"\xa2\x00\x00\x00\x00", "key repeated"),
            (b"\xa1\x61a\x00", "text key"),
            (b"\xf6", "null"),
            (b"\xf9\x3c\x00", "float"),
            (b"\xc0\x61a", "tag"),
            (b"\x61\xff", "not UTF-8"),
            (b"\x42\x00", "short"),
            (b"\x81\x81\x81\x81\x81\x81\x81\x81\x80", "nine arrays inside one another"),
            (b"", "empty"),
        ] {
            assert!(decode(bytes).is_err(), "{why} was accepted");
        }
        assert!(decode(b"\x81\x81\x81\x81\x81\x81\x81\x80").is_ok(), "eight are allowed");
    }
}
