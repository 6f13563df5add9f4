//! Erasure ("Usuwanie danych"): what may go, who agreed, and the paper that says it is gone.
//!
//! Users: clerks and administrators. Somebody proposes a file, two people approve it with their passkeys, the store
//! carries it out; holds and terms keep files from going. Everything is decided in `kernel::erasure`; the pages load,
//! show, and pass on what was typed.
//! Basis: articles 5(1)(e), 17 and 58(2)(g) of the GDPR; the act of 14 July 1983 on the national archival resource
//! and the office's own list of files say for how long something is kept.
//!
//! ```text
//! (a file that ended) --propose--> proposed --1st approval--> proposed --2nd approval--> ordered --job--> done
//!                                     \------------------withdraw------------------> withdrawn
//! ```

mod model;
mod pages;
mod rules;
#[cfg(test)]
mod tests;

use crate::{
    kernel::{
        erasure::{APPROVE, HOLD, LIFT, OFFICERS, PROPOSE, SET_TERM, WITHDRAW},
        identity::Action,
    },
    web::{
        Service,
        i18n::Texts,
        service::{Audience, MenuEntry},
    },
};

/// What is asked for here. The order and its end are the kernel's own.
static ACTIONS: &[&Action] = &[&PROPOSE, &APPROVE, &WITHDRAW, &HOLD, &LIFT, &SET_TERM];

pub static SERVICE: Service = Service {
    name: "erasure",
    title: "erasure-title",
    audience: Audience::Staff,
    routes: &[
        pages::start::ROUTES,
        pages::propose::ROUTES,
        pages::holds::ROUTES,
        pages::terms::ROUTES,
        pages::show::ROUTES,
        pages::certificate::ROUTES,
    ],
    actions: &[ACTIONS],
    kinds: &[],
    needs: &[],
    texts: Texts {
        pl: include_str!("texts/pl.ftl"),
        en: include_str!("texts/en.ftl"),
        uk: include_str!("texts/uk.ftl"),
    },
    menu: &[MenuEntry { label: "erasure-title", href: pages::HOME, who: OFFICERS }],
    home: None,
};
