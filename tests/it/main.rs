//! The one integration binary.

mod edge;
