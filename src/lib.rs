//! Ostoja.
pub mod services;
