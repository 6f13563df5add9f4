//! The public log: the newest signed checkpoint, the key that checks it, the hash tiles, what witnesses
//! have cosigned and what the log's root key has stated, in the formats of C2SP (tlog-tiles,
//! tlog-checkpoint, tlog-cosignature), and a page that says what they are good for.
//!
//! Users: everybody; auditors, witnesses and their programs. It shows hashes and signatures and never
//! what an entry says: headers and texts are not public.
//!
//! ```text
//! /dziennik                        the page for people
//! /log/checkpoint                  signed note: origin, number of entries, root
//! /log/cosigned                    the newest one that witnesses cosigned, with their lines
//! /log/vkey                        the key that checks it
//! /log/earlier-vkeys               keys of earlier epochs, oldest first
//! /log/statements                  what the log's root key has stated, newest last
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
        Route::look("/log/cosigned", Who::Anyone, pages::cosigned),
        Route::look("/log/vkey", Who::Anyone, pages::vkey),
        Route::look("/log/earlier-vkeys", Who::Anyone, pages::earlier_vkeys),
        Route::look("/log/statements", Who::Anyone, pages::statements),
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
