//! A service as a value. Router, menu, permission table, audit sentences and walk tests are computed
//! from the list of these; nothing else knows what the commune offers.

use crate::{
    kernel::{
        identity::{Action, Who},
        store::{Fault, record::KindInfo},
    },
    web::{
        Route, Visit,
        i18n::{Markup, Texts},
    },
};

/// Who a service is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    Everyone,
    Residents,
    Staff,
}

/// An entry of the menu.
#[derive(Clone, Copy, Debug)]
pub struct MenuEntry {
    /// Text key.
    pub label: &'static str,
    pub href: &'static str,
    /// Who sees it.
    pub who: Who,
}

/// A part of the home page.
pub struct HomeBlock {
    /// Lower comes first.
    pub order: u8,
    pub html: Markup,
}

/// What a service shows on the home page, if anything.
pub type HomePart = fn(&Visit<'_>) -> Result<Option<HomeBlock>, Fault>;

/// One e-service: one folder, one value.
pub struct Service {
    pub name: &'static str,
    /// Text key of its title.
    pub title: &'static str,
    pub audience: Audience,
    /// In groups, because a large room has one for each side of the counter.
    pub routes: &'static [&'static [Route]],
    pub actions: &'static [&'static [&'static Action]],
    /// Record kinds it owns; an owner is unique.
    pub kinds: &'static [KindInfo],
    /// Services whose public door it uses.
    pub needs: &'static [&'static str],
    pub texts: Texts,
    pub menu: &'static [MenuEntry],
    /// What it shows on the home page.
    pub home: Option<HomePart>,
}

impl Service {
    /// All routes.
    pub fn all_routes(&self) -> impl Iterator<Item = &'static Route> {
        self.routes.iter().copied().flatten()
    }

    /// All actions.
    pub fn all_actions(&self) -> impl Iterator<Item = &'static Action> {
        self.actions.iter().copied().flatten().copied()
    }
}
