//! People: accounts and how they are entered. Passkeys for residents and staff, the first start,
//! invitations, the second level by a code from the desk, sessions, and who looked at one's data.
//!
//! Users: everybody. A resident says who they are and makes a key (level 1); a clerk who has seen
//! their identity document gives them a code (level 2). Staff come in by invitation, and the first
//! of them by a code from the host's console; there is no password anywhere.
//! Basis: articles 5 and 15 of the GDPR (integrity, access); the rest is the house's own order.
//! The state diagrams stand in `rules.rs`.

mod model;
mod pages;
mod rules;
#[cfg(test)]
mod tests;

use crate::{
    kernel::identity::{Level, Role, Who},
    web::{
        Service,
        i18n::Texts,
        service::{Audience, MenuEntry},
    },
};

/// Every role: whoever works here.
const ANY_ROLE: &[Role] = &[Role::Administrator, Role::Clerk, Role::Editor, Role::Auditor];
/// Whoever has an account.
const ACCOUNT: Who = Who::Either(Level::Declared, ANY_ROLE);
/// Whoever sees residents at the desk.
const DESK: Who = Who::Staff(&[Role::Clerk, Role::Administrator]);
/// Whoever lets staff in.
const ADMINISTRATOR: Who = Who::Staff(&[Role::Administrator]);

pub static SERVICE: Service = Service {
    name: "people",
    title: "people-title",
    audience: Audience::Everyone,
    routes: &[
        pages::doors::ROUTES,
        pages::login::ROUTES,
        pages::account::ROUTES,
        pages::keys::ROUTES,
        pages::closing::ROUTES,
        pages::desk::ROUTES,
        pages::staff::ROUTES,
    ],
    actions: &[
        pages::doors::ACTIONS,
        pages::login::ACTIONS,
        pages::account::ACTIONS,
        pages::keys::ACTIONS,
        pages::closing::ACTIONS,
        pages::desk::ACTIONS,
        pages::staff::ACTIONS,
    ],
    kinds: &[],
    needs: &[],
    texts: Texts {
        pl: include_str!("texts/pl.ftl"),
        en: include_str!("texts/en.ftl"),
        uk: include_str!("texts/uk.ftl"),
    },
    menu: &[
        MenuEntry { label: "people-desk", href: "/urzad/mieszkancy", who: DESK },
        MenuEntry { label: "people-staff", href: "/urzad/pracownicy", who: ADMINISTRATOR },
        MenuEntry { label: "people-account", href: "/konto", who: ACCOUNT },
    ],
    home: None,
};
