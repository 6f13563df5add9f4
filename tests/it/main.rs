//! The one integration binary: each file tries the whole house from one side.

// `cfg(test)` is always true here; it tells clippy that these modules may unwrap.
#[cfg(test)]
mod browser;
#[cfg(test)]
mod worker;
