//! The street: every service of the commune has its folder here.

pub mod catalogue;
pub mod trees;
