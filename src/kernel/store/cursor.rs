//! Where a list goes on: opaque to the browser, and signed, so that nobody makes one up.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use subtle::ConstantTimeEq as _;

use crate::kernel::crypto::mac;

const TAG_BYTES: usize = 16;

/// Signs and opens cursors with a key of this start of the program.
pub struct CursorKey([u8; 32]);

impl CursorKey {
    /// A key.
    pub fn new(key: [u8; 32]) -> CursorKey {
        CursorKey(key)
    }

    /// A position as text. `list` binds it to the list it came from.
    pub fn seal(&self, list: &str, position: &[u8]) -> String {
        let tag = mac(&self.0, &[list.as_bytes(), &[0], position]);
        let mut bytes = tag.get(..TAG_BYTES).unwrap_or_default().to_vec();
        bytes.extend_from_slice(position);
        BASE64.encode(bytes)
    }

    /// The position in a text. `None`: made up, changed, or of another list.
    pub fn open(&self, list: &str, text: &str) -> Option<Vec<u8>> {
        let bytes = BASE64.decode(text).ok()?;
        let (tag, position) = bytes.split_at_checked(TAG_BYTES)?;
        let expected = mac(&self.0, &[list.as_bytes(), &[0], position]);
        bool::from(expected.get(..TAG_BYTES)?.ct_eq(tag)).then(|| position.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_opens_only_for_its_list_and_unchanged() {
        let key = CursorKey::new([1; 32]);
        let text = key.seal("inbox", b"position");
        assert_eq!(key.open("inbox", &text).unwrap(), b"position");
        assert_eq!(key.open("other", &text), None);
        assert_eq!(CursorKey::new([2; 32]).open("inbox", &text), None);
        for at in 0..text.len() {
            let mut bad = text.clone().into_bytes();
            bad[at] = if bad[at] == b'A' { b'B' } else { b'A' };
            let bad = String::from_utf8(bad).unwrap();
            assert!(bad == text || key.open("inbox", &bad).is_none());
        }
    }
}
