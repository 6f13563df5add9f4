//! Ostoja: one daemon for the e-services of a small commune, over a journal that anyone can check.
//!
//! `ARCHITECTURE.md` is the map of the house.

#![cfg_attr(
    test,
    expect(
        clippy::cast_possible_truncation,
        clippy::type_complexity,
        reason = "tests count in small numbers, and a table of cases is read as one"
    )
)]

// Under a fuzzer only the kernel is built: it knows nothing of the rest, and the rest takes minutes.
#[cfg(not(fuzzing))]
pub mod cli;
#[cfg(not(fuzzing))]
pub mod config;
#[cfg(not(fuzzing))]
pub mod daemon;
#[cfg(not(fuzzing))]
pub mod edge;
#[cfg(not(fuzzing))]
pub mod guard;
pub mod kernel;
#[cfg(not(fuzzing))]
pub mod services;
#[cfg(not(fuzzing))]
pub mod web;
#[cfg(not(fuzzing))]
pub mod worker;
