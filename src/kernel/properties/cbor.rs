//! The one encoding: what decodes has one spelling, and a header is its bytes.

use crate::kernel::{
    cbor::{self, Value},
    journal::entry::{ACTION_BYTES_MAX, BODIES_MAX, Header},
};

/// Deepest nesting of the format page.
const DEPTH_MAX: usize = 8;

pub(super) fn hold(bytes: &[u8]) {
    let decoded = cbor::decode(bytes);
    if let Ok(value) = &decoded {
        assert_eq!(cbor::encode(value), bytes, "a second spelling was taken");
        assert!(depth(value) <= DEPTH_MAX, "nested deeper than the page allows");
        let again = cbor::decode(&cbor::encode(value));
        assert_eq!(again.as_ref(), Ok(value), "it does not decode to itself");
        let longer = [bytes, &[0]].concat();
        assert!(cbor::decode(&longer).is_err(), "a byte behind it was taken");
    }
    let map = cbor::decode_map(bytes);
    assert_eq!(map.is_ok(), matches!(decoded, Ok(Value::Map(_))), "a map is a map");
    if let Ok(map) = &map {
        assert_eq!(cbor::encode_map(map), bytes);
    }
    if let Ok(header) = Header::decode(bytes) {
        assert_eq!(header.encode(), bytes, "a header has a second spelling");
        assert!(header.action.len() <= ACTION_BYTES_MAX && header.bodies.len() <= BODIES_MAX);
        assert!(header.nonce.is_some() == header.bodies.is_empty(), "a leaf that can be guessed");
    }
}

fn depth(value: &Value) -> usize {
    let inner = match value {
        Value::Array(items) => items.iter().map(depth).max(),
        Value::Map(map) => map.values().map(depth).max(),
        _ => return 0,
    };
    1 + inner.unwrap_or(0)
}
