//! The edge over real sockets, with clients of our own and clients nobody here wrote (curl, openssl).

mod deadlines;
// Test code as a whole: clippy takes only `#[test]` functions for such by itself.
#[cfg(test)]
mod house;
mod requests;
mod stop;
mod tls;
