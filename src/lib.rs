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

pub mod cli;
pub mod config;
pub mod daemon;
pub mod edge;
pub mod guard;
pub mod kernel;
pub mod services;
pub mod web;
pub mod worker;
