//! Ostoja.
