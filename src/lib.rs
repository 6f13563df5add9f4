//! Ostoja.
pub mod services {
    pub mod styl;
}
pub mod web;
