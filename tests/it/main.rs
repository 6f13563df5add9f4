//! The one integration binary: each file tries the whole house from one side.

mod edge;
mod worker;
