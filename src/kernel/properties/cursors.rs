//! Cursors: only what this key has sealed for this list opens, in one spelling.

use super::Input;
use crate::kernel::store::cursor::CursorKey;

pub(super) fn hold(bytes: &[u8]) {
    let key = CursorKey::new([9; 32]);
    let mut input = Input(bytes);
    let choice = input.byte();
    // What a browser sends.
    let text = String::from_utf8_lossy(input.0);
    if let Some(position) = key.open("inbox", &text) {
        assert_eq!(key.seal("inbox", &position), *text, "a second spelling opens");
    }
    // What the program sends, and what becomes of it.
    let sealed = key.seal("inbox", input.0);
    assert_eq!(key.open("inbox", &sealed).as_deref(), Some(input.0));
    for other in [CursorKey::new([8; 32]).open("inbox", &sealed), key.open("inbo", &sealed)] {
        assert_eq!(other, None, "another key or list opens it");
    }
    let at = usize::from(choice) % sealed.len();
    let mut changed = sealed.clone().into_bytes();
    changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
    let changed = String::from_utf8(changed).unwrap();
    assert!(changed == sealed || key.open("inbox", &changed).is_none(), "a change at {at} opens");
    assert_eq!(key.open("inbox", &sealed[..at]), None, "cut at {at} it opens");
}
