//! What stands in a slot after an erasure (docs/format.md, section 6).

use crate::kernel::{
    crypto::{Hash, hash},
    journal::{Seq, segment::SLOT_BYTES},
};

const MAGIC: &[u8; 8] = b"OSTERASE";

/// The tombstone of one body: computable by anyone, says which entry ordered the erasure.
pub fn tombstone(erasure_seq: Seq, erasure_leaf: &Hash, seq: Seq, body: u32) -> [u8; SLOT_BYTES] {
    let bound = hash(&[b"ostoja/tomb/1", erasure_leaf, &seq.to_le_bytes(), &body.to_le_bytes()]);
    let mut out = [0; SLOT_BYTES];
    for (to, from) in
        out.iter_mut().zip(MAGIC.iter().chain(&erasure_seq.to_le_bytes()).chain(&bound))
    {
        *to = *from;
    }
    out
}

/// Whether a slot holds a tombstone of whatever erasure.
pub fn is_tombstone(slot: &[u8; SLOT_BYTES]) -> bool {
    slot.starts_with(MAGIC)
}
