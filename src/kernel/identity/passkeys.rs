//! stub
pub struct Passkeys;
