//! The web: from a screened request to a page. It knows the kernel and the list of services it is
//! given, and no service by name.
//!
//! ```text
//! edge::App -> router (method, path, session, who) -> Look | Disclose | Draft | Act -> answer
//! ```

pub mod answer;
mod answer_body;
pub mod appearance;
pub mod assets;
pub mod chrome;
pub mod confirm;
pub mod cookies;
pub mod failure;
pub mod headers;
pub mod home;
pub mod house;
pub mod i18n;
pub mod input;
pub mod metrics;
#[cfg(any(test, feature = "testing"))]
pub mod pagecheck;
pub mod parts;
pub mod router;
pub mod routes;
pub mod service;
pub mod visit;

pub use answer::{Committed, Page, PageError, Reply};
pub use house::House;
pub use routes::{Disclosed, Route};
pub use service::Service;
pub use visit::{Tools, Visit};
