//! What must hold of every byte string that comes from a disk or from a stranger: one function for each
//! reader, good for any input. `fuzz/` feeds them inputs that reach new code; tests feed them what was
//! found before, and the seeds.
//!
//! Not in a shipped program.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a broken property ends in a panic, and so does a broken check"
)]

mod cbor;
mod cursors;
mod frame;
pub mod memory;
mod note;
mod positions;
mod proof;
mod recovery;
mod scratch;
pub mod seeds;
#[cfg(test)]
mod tests;

/// A property: panics if an input breaks it.
pub type Property = fn(&[u8]);

/// All of them, by name.
pub const ALL: [(&str, Property); 8] = [
    ("cbor", cbor::hold),
    ("cursors", cursors::hold),
    ("frame", frame::hold),
    ("note", note::hold),
    ("positions", positions::hold),
    ("proof", proof::hold),
    ("recovery", recovery::hold),
    ("scratch", scratch::hold),
];

/// An input, read from its front. What is not there is zero.
#[derive(Clone, Copy)]
struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn byte(&mut self) -> u8 {
        self.take(1).first().copied().unwrap_or(0)
    }

    fn u16(&mut self) -> u16 {
        u16::from_le_bytes([self.byte(), self.byte()])
    }

    fn take(&mut self, length: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(length.min(self.0.len()));
        self.0 = rest;
        taken
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The same bytes with one bit changed.
fn flipped(bytes: &[u8], bit: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let count = bytes.len() * 8;
    if count > 0 {
        let bit = bit % count;
        bytes[bit / 8] ^= 1 << (bit % 8);
    }
    bytes
}
