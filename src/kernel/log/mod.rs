//! The public log over the journal: Merkle tree, tiles, signed checkpoints, proofs, cosignatures of
//! witnesses and what its root key has stated, all in the C2SP formats, so that tools nobody here wrote can check us (docs/format.md,
//! sections 7 and 8; docs/audit.md).

pub mod checkpoint;
pub mod consistency;
pub mod cosignature;
pub mod cosigned;
pub mod keys;
pub mod note;
pub mod proof;
pub mod statement;
pub mod tiles;
pub mod tree;
#[cfg(test)]
mod tree_tests;
pub mod witness;
