//! The guard: walls around our own processes and, later, budgets and self-check.
//!
//! It knows nothing of services, pages or the journal, and it is no substitute for the unit files:
//! those put walls around the whole machine's view of us, these stand even where no unit file does.

pub mod sandbox;
