//! The pattern page `/styl`: every part of a page, once, with a note on its accessibility.
//!
//! For those who build rooms, for the commune's reviewers, and for tests that look at the whole
//! look at once. It stores nothing, needs no permit and decides nothing.

mod pages;
#[cfg(test)]
mod tests;

pub use pages::{StylPage, render};

use crate::{
    kernel::identity::Who,
    web::{Page, PageError, Route, Service, Visit, i18n::Texts, service::Audience},
};

pub static TEXTS: Texts = Texts {
    pl: include_str!("texts/pl.ftl"),
    en: include_str!("texts/en.ftl"),
    uk: include_str!("texts/uk.ftl"),
};

fn page(visit: &Visit<'_>) -> Result<Page, PageError> {
    Page::html(&StylPage::new(visit.chrome_of("styl-title")?))
}

pub static SERVICE: Service = Service {
    name: "styl",
    title: "styl-title",
    audience: Audience::Staff,
    routes: &[&[Route::look("/styl", Who::Anyone, page)]],
    actions: &[],
    kinds: &[],
    needs: &[],
    texts: Texts {
        pl: include_str!("texts/pl.ftl"),
        en: include_str!("texts/en.ftl"),
        uk: include_str!("texts/uk.ftl"),
    },
    menu: &[],
    home: None,
};
