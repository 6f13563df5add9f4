//! The production code of the kernel on a simulated disk, with its threads' turns given one at a time:
//! every crash, and every wrong order of [`crate::kernel::seeded`], at every operation.
//!
//! `OSTOJA_STATES=1000000 cargo test --release --lib simulation` tries so many states instead of those
//! of the suite.

pub(in crate::kernel) mod disk;
mod epochs;
mod erasing;
mod hunt;
mod index;
mod model;
mod planes;
mod runs;
pub(in crate::kernel) mod tally;
mod world;
