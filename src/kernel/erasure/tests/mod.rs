//! An erasure from end to end on the real disk: proposed, approved by two with keys, carried out behind its
//! checkpoint, and checked by whoever trusts nothing.

mod flow;
mod forged;
pub(in crate::kernel) mod office;
mod tables;
