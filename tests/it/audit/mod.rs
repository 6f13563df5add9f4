//! The audit from outside, with what an auditor has: the page that leads them, executed word for word,
//! and verifiers that nobody here wrote.

mod epochs;
mod forged;
mod offer;
mod page;
mod shell;
mod verifiers;
mod witness;
