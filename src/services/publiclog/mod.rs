//! The public log: the newest signed checkpoint, the key that checks it and the hash tiles, in the
//! formats of C2SP (tlog-tiles, tlog-checkpoint), and a page that says what they are good for.
//!
//! Users: everybody; auditors, witnesses and their programs. It shows hashes and signatures and never
//! what an entry says: headers and texts are not public.
//!
//! ```text
//! /dziennik                        the page for people
//! /log/checkpoint                  signed note: origin, number of entries, root
//! /log/vkey                        the key that checks it
//! /log/tile/<L>/<N>[.p/<W>]        hashes, 32 bytes each
//! ```

mod pages;
#[cfg(test)]
mod tests;

use crate::{
    kernel::identity::Who,
    web::{Route, Service, i18n::Texts, service::Audience},
};

pub static SERVICE: Service = Service {
    name: "publiclog",
    title: "publiclog-title",
    audience: Audience::Everyone,
    routes: &[&[
        Route::look("/dziennik", Who::Anyone, pages::about),
        Route::look("/log/checkpoint", Who::Anyone, pages::checkpoint),
        Route::look("/log/vkey", Who::Anyone, pages::vkey),
        Route::look("/log/tile/{*place}", Who::Anyone, pages::tile),
    ]],
    actions: &[],
    kinds: &[],
    needs: &[],
    texts: Texts {
        pl: include_str!("texts/pl.ftl"),
        en: include_str!("texts/en.ftl"),
        uk: include_str!("texts/uk.ftl"),
    },
    menu: &[],
    home: Some(pages::home),
};
