//! Records over the journal: the only door to both.
//!
//! [`view::View`] reads, [`desk::Desk`] writes, and there is nothing else. The index behind them is
//! derived and may be thrown away at any moment; [`apply`] is the one function that makes it.

pub mod apply;
mod blocks;
pub mod btree;
pub mod change;
pub mod commit;
pub mod cursor;
pub mod desk;
pub mod epoch;
pub mod index;
pub mod keys;
mod made;
pub mod overlay;
pub mod rebuild;
pub mod record;
pub mod refill;
pub mod refusal;
mod runs;
pub mod scrub;
pub mod secrets;
pub(in crate::kernel) mod shelf;
pub mod sled_index;
pub mod start;
pub mod view;

#[cfg(test)]
mod index_tests;
#[cfg(test)]
mod refill_tests;
#[cfg(test)]
pub(in crate::kernel) mod tests;
#[cfg(test)]
mod waits_tests;

pub use change::{Change, Op};
pub use commit::Store;
pub use desk::{Desk, Ticket};
pub use refusal::{Fault, FaultKind, Refusal};
pub use view::View;
