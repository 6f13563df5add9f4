//! The real program on disks that fail: calls that return errors, power cuts that take what was not
//! synced, a full or read-only file system, an index that is gone. Each situation has a line in
//! docs/runbook.md.
//!
//! ```text
//! client ---HTTP---> the program ---system calls---> mounted ---> fuse ---> tree
//! ```

pub mod client;
mod clock;
pub mod dice;
mod failing;
mod full;
mod fuse;
mod image;
mod index;
pub mod judge;
mod mounted;
mod power;
mod stage;
mod tree;
