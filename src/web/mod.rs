//! Pages.
pub mod assets;
pub mod chrome;
pub mod i18n;
#[cfg(any(test, feature = "testing"))]
pub mod pagecheck;
pub mod parts;
