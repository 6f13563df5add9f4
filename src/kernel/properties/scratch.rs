//! Scratch items: only what this key has sealed opens, whole and unchanged; heads have one spelling.

use super::{Input, flipped};
use crate::kernel::scratch::file::{Head, open, seal};

const KEY: [u8; 32] = [4; 32];

pub(super) fn hold(bytes: &[u8]) {
    assert!(open(&KEY, bytes).is_none(), "a file opens that nobody sealed");
    let mut input = Input(bytes);
    let (length, bit) = (usize::from(input.u16()), usize::from(input.u16()));
    let head = input.take(length);
    let Ok(head) = Head::decode(head).inspect(|decoded| {
        assert_eq!(decoded.encode(), head, "a head has a second spelling");
    }) else {
        return;
    };
    let body = input.0;
    let sealed = Head { bytes: body.len() as u64, ..head };
    // What is longer than any head of ours is not written.
    let Ok((_salt, file)) = seal(&KEY, &sealed, body) else { return };
    match open(&KEY, &file) {
        Some(opened) => assert_eq!(opened, (sealed.clone(), body.to_vec())),
        None => assert!(sealed.encode().len() > 400, "what was sealed does not open"),
    }
    assert!(open(&KEY, &flipped(&file, bit)).is_none(), "bit {bit} says nothing");
    assert!(open(&KEY, &file[..bit % file.len()]).is_none(), "a cut file opens");
    assert!(open(&[5; 32], &file).is_none(), "another key opens it");
    let lying = Head { bytes: sealed.bytes + 1, ..sealed };
    if let Ok((_salt, file)) = seal(&KEY, &lying, body) {
        assert!(open(&KEY, &file).is_none(), "a head that lies about its body opens");
    }
}
