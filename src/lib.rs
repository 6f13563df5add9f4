//! Ostoja: one daemon for the e-services of a small commune, over a journal that anyone can check.
//!
//! `ARCHITECTURE.md` is the map of the house.

pub mod cli;
pub mod config;
pub mod daemon;
pub mod edge;
pub mod guard;
pub mod kernel;
pub mod services;
pub mod web;
pub mod worker;
