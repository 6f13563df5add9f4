//! The pattern page `/styl`: every part of a page, once, with a note on its accessibility.
//!
//! For those who build rooms, for the commune's reviewers, and for tests that look at the whole
//! look at once. It stores nothing, needs no permit and decides nothing.

mod pages;
#[cfg(test)]
mod tests;

pub use pages::{StylPage, render};

use crate::web::i18n::Texts;

pub static TEXTS: Texts = Texts {
    pl: include_str!("texts/pl.ftl"),
    en: include_str!("texts/en.ftl"),
    uk: include_str!("texts/uk.ftl"),
};
