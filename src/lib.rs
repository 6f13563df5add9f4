//! Ostoja.

pub mod edge;
