//! The edge over real sockets, with clients of our own and clients nobody here wrote (curl, openssl).

mod deadlines;
mod house;
mod requests;
mod stop;
mod tls;
