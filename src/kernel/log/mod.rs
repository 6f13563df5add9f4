//! The public log over the journal: Merkle tree, tiles, signed checkpoints and proofs, all in the
//! C2SP formats, so that tools nobody here wrote can check us (docs/format.md, sections 7 and 8).

pub mod checkpoint;
pub mod note;
pub mod proof;
pub mod tiles;
pub mod tree;
