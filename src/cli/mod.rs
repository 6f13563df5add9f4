//! The command line: what each verb prints, and the code it leaves with.
//!
//! `main.rs` lists the verbs, one line each. Here are those that look at a data directory from
//! outside; none of them is needed to run the daemon.

pub mod archive;
pub mod exit;
pub mod index;
pub mod log;
mod log_prove;
mod log_show;
mod log_verify;

pub use exit::{Exit, Failure};

/// How a verb ends: with a code, or with a sentence that says what to do.
pub type Outcome = Result<Exit, Failure>;
