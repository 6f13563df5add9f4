//! What the tests of the whole house share: a town in memory, the real program, and visitors who
//! use either of them without a browser, by the forms and links that the pages offer.
//!
//! ```text
//! Visitor --Door--> Town      the house in this process, no socket
//!         \-------> Wire      the real program over loopback
//! ```

mod eye;
mod html;
mod notice;
pub mod program;
mod town;
mod visitor;
mod wire;

/// The passkey in software of the kernel's own tests. It knows nothing of the kernel, so it can be
/// taken as it stands.
#[path = "../../../src/kernel/identity/soft_key.rs"]
#[expect(dead_code, reason = "the kernel's tests try every algorithm of a key, these tests one")]
pub mod soft_key;

pub use eye::pagecheck::faults;
pub use html::{Control, Form, words_of as html_words};
pub use notice::{pdf, photo};
pub use program::{Program, tool};
pub use town::{ORIGIN, Town, assert_index};
pub use visitor::{Answered, Ask, Door, Visitor};
pub use wire::Wire;

use std::path::PathBuf;

/// The root of the source tree.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Whether files that tests check in are to be written anew instead of compared.
pub fn rewriting() -> bool {
    std::env::var_os("OSTOJA_REWRITE").is_some()
}
