//! Notices: short public texts of the office, on the home page and as an Atom feed (RFC 4287).
//!
//! Users: editors of the office; everybody reads. Basis: the office informs on its own site; legal
//! publication in the Public Information Bulletin is not this.
//!
//! ```text
//! (nothing) --write--> Draft --publish--> Published --withdraw--> Withdrawn
//!                       | ^                    |                      |
//!                       edit                  edit                 publish
//! ```

mod demo;
mod feed;
mod model;
mod pages;
mod rules;
#[cfg(test)]
mod tests;

pub use demo::populate;

use crate::{
    kernel::{
        identity::{Action, Role, Who},
        store::record::KindInfo,
    },
    web::{
        Route, Service,
        i18n::Texts,
        service::{Audience, MenuEntry},
    },
};

const EDITORS: Who = Who::Staff(&[Role::Editor, Role::Administrator]);

pub static WRITE: Action =
    Action { name: "notices.write", who: EDITORS, sentence: "audit-notices-write" };
pub static PUBLISH: Action =
    Action { name: "notices.publish", who: EDITORS, sentence: "audit-notices-publish" };
pub static WITHDRAW: Action =
    Action { name: "notices.withdraw", who: EDITORS, sentence: "audit-notices-withdraw" };

pub static SERVICE: Service = Service {
    name: "notices",
    title: "notices-title",
    audience: Audience::Everyone,
    routes: &[&[
        Route::look("/komunikaty", Who::Anyone, pages::list),
        Route::look("/komunikaty.atom", Who::Anyone, feed::atom),
        Route::look("/komunikaty/{id}", Who::Anyone, pages::show),
        Route::look("/urzad/komunikaty", EDITORS, pages::office),
        Route::look("/urzad/komunikaty/nowy", EDITORS, pages::new),
        Route::act("/urzad/komunikaty/nowy", &WRITE, pages::write),
        Route::look("/urzad/komunikaty/{id}", EDITORS, pages::edit),
        Route::act("/urzad/komunikaty/{id}", &WRITE, pages::rewrite),
        Route::act("/urzad/komunikaty/{id}/opublikuj", &PUBLISH, pages::publish),
        Route::act("/urzad/komunikaty/{id}/wycofaj", &WITHDRAW, pages::withdraw),
    ]],
    actions: &[&[&WRITE, &PUBLISH, &WITHDRAW]],
    kinds: &[KindInfo::of::<model::Notice>()],
    needs: &[],
    texts: Texts {
        pl: include_str!("texts/pl.ftl"),
        en: include_str!("texts/en.ftl"),
        uk: include_str!("texts/uk.ftl"),
    },
    menu: &[
        MenuEntry { label: "notices-title", href: "/komunikaty", who: Who::Anyone },
        MenuEntry { label: "notices-office", href: "/urzad/komunikaty", who: EDITORS },
    ],
    home: Some(pages::home),
};
