//! One walker's steps, and what must hold at each: a page adds no entry, and at most one where it
//! shows a person to staff; a draft adds none; an act adds exactly one if it succeeds, none if it is
//! refused, and none if it is the same submission once more; every page is sound in three languages.

use std::collections::{BTreeMap, BTreeSet};

use ostoja::{
    services::ALL,
    web::{Route, chrome::paths, routes::Handler},
};

use super::{is_excepted, people::Walker};
use crate::support::{Answered, Form, Town, faults};

/// What was found along the way.
#[derive(Default)]
pub struct Found {
    pub wrong: Vec<String>,
    pub shown: BTreeSet<&'static str>,
    pub sent: BTreeSet<&'static str>,
    pub acted: BTreeMap<&'static str, usize>,
    pub pages: usize,
    pub forms: usize,
    told: BTreeSet<String>,
    /// Submissions that added their entry, by route and key: sent again, they add none.
    done: BTreeSet<(&'static str, String)>,
    /// The newest value of each part of a path, to type addresses with.
    parts: BTreeMap<&'static str, String>,
}

/// The route of a path, the most literal one first, as the router chooses.
pub fn route_of(method: &str, path: &str) -> Option<&'static Route> {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let fits = |pattern: &str| {
        let (mut one, mut other) = (pattern.split('/'), path.split('/'));
        loop {
            match (one.next(), other.next()) {
                (None, None) => return true,
                (Some(part), Some(_)) if part.starts_with("{*") => return true,
                (Some(part), Some(is)) if part == is || part.starts_with('{') && !is.is_empty() => {
                }
                _ => return false,
            }
        }
    };
    let routes = ALL.iter().flat_map(|service| service.all_routes());
    let fitting = routes.filter(|route| route.method() == method && fits(route.path));
    fitting.min_by_key(|route| route.path.matches('{').count())
}

/// Whether a redirect leads to the login: the walker's session is over.
pub fn is_to_login(answered: &Answered) -> bool {
    answered.status == 303 && answered.location().starts_with(paths::LOGIN)
}

/// Sent to the login instead, because the session is over: nothing was done, and nothing says so.
fn is_refused_at_the_door(answered: &Answered, added: u64) -> bool {
    added == 0 && is_to_login(answered)
}

/// The field that names a submission.
pub const SUBMISSION: &str = "submission_key";

/// Where an address comes from that nobody offered.
pub const TYPED: &str = "the address line";

impl Found {
    fn remember(&mut self, route: Option<&'static Route>, address: &str) {
        let Some(route) = route else { return };
        let path = address.split(['?', '#']).next().unwrap_or_default();
        for (pattern, part) in route.path.split('/').zip(path.split('/')) {
            if pattern.starts_with('{') {
                self.parts.insert(pattern, part.to_owned());
            }
        }
    }

    /// The newest value of a part of a path.
    pub fn part(&self, pattern: &str) -> Option<&String> {
        self.parts.get(pattern)
    }

    /// An address of a page that nobody has come to yet, put together from what was seen.
    pub fn typed(&self, walker: &Walker<'_>, at: usize) -> Option<String> {
        let routes = ALL.iter().flat_map(|service| service.all_routes());
        let missing = routes.filter(|route| {
            route.method() == "GET" && !self.shown.contains(route.path) && walker.is.may(route.who)
        });
        let missing: Vec<_> = missing.collect();
        let pattern = missing.get(at % missing.len().max(1))?.path;
        let parts = pattern.split('/').map(|part| match part.starts_with('{') {
            true => self.parts.get(part).map(String::as_str),
            false => Some(part),
        });
        Some(parts.collect::<Option<Vec<_>>>()?.join("/"))
    }

    /// Notes a fault, once for each kind of place.
    pub fn wrong(&mut self, walker: &Walker<'_>, what: &str) {
        let kind = format!("{:?} {}", walker.is, what.replace(|c: char| c.is_ascii_hexdigit(), ""));
        if self.told.insert(kind) {
            self.wrong.push(format!("{:?}: {what}", walker.is));
        }
    }

    /// Opens a page and looks at it.
    pub fn open(
        &mut self,
        town: &Town,
        walker: &Walker<'_>,
        address: &str,
        from: &str,
    ) -> Answered {
        let before = town.entries();
        let answered = walker.visitor.get(address);
        let added = town.entries_since(before);
        self.pages += 1;
        let route = route_of("GET", address);
        let discloses = matches!(route.map(|route| route.handler), Some(Handler::Disclose(..)));
        if added > u64::from(discloses) {
            self.wrong(walker, &format!("{answered} added {added} entries"));
        }
        if matches!(answered.status, 200 | 303) && !is_to_login(&answered) {
            self.shown.extend(route.map(|route| route.path));
            self.remember(route, address);
        }
        if discloses && answered.status == 200 {
            let before = town.entries();
            walker.visitor.get(address);
            if town.entries_since(before) != 0 {
                self.wrong(walker, &format!("{answered} enters the same look twice"));
            }
        }
        if answered.status >= 500 {
            self.wrong(walker, &format!("{answered}, to which {from} leads"));
        }
        if answered.is_html() {
            self.look(walker, &answered);
        }
        answered
    }

    /// Looks at a page.
    pub fn look(&mut self, walker: &Walker<'_>, page: &Answered) {
        for fault in faults(&page.text()) {
            self.wrong(walker, &format!("{page}: {fault}"));
        }
    }

    /// Looks at a page's translations.
    pub fn translate(&mut self, walker: &Walker<'_>, address: &str) {
        for language in ["en", "uk"] {
            *walker.visitor.language.borrow_mut() = language;
            let page = walker.visitor.get(address);
            *walker.visitor.language.borrow_mut() = "pl";
            if page.is_html() {
                self.look(walker, &page);
                if !page.text().contains(&format!("<html lang=\"{language}\"")) {
                    self.wrong(walker, &format!("{page} is not in {language}"));
                }
            }
        }
    }

    /// The route of a form, if it is one that the walker may send.
    pub fn route_of_form(
        &mut self,
        walker: &Walker<'_>,
        page: &str,
        form: &Form,
    ) -> Option<&'static Route> {
        if !form.post {
            return None;
        }
        let address = form.passkey.as_ref().map_or(&form.action, |[_, start, _]| start);
        if address == paths::APPEARANCE {
            return None;
        }
        match route_of("POST", address) {
            None if is_excepted("POST", address) => None,
            None => {
                self.wrong(walker, &format!("{page} has a form to {address}, which is no route"));
                None
            }
            Some(route) if !walker.is.may(route.who) => {
                self.wrong(walker, &format!("{page} offers {address}, which is not for them"));
                None
            }
            found => found,
        }
    }

    /// Whether an act that says it was done was done: it added its entry, now or when the very same
    /// submission came before.
    pub fn is_done_once(&mut self, route: &'static Route, key: &str, added: u64) -> bool {
        let submission = (route.path, key.to_owned());
        match added {
            1 => {
                *self.acted.entry(route.path).or_default() += 1;
                key.is_empty() || self.done.insert(submission)
            }
            0 => !key.is_empty() && self.done.contains(&submission),
            _ => false,
        }
    }

    /// Notes what came of a form: `send` sends it.
    pub fn sent(
        &mut self,
        town: &Town,
        walker: &Walker<'_>,
        page: &str,
        (form, route): (&Form, &'static Route),
        send: impl FnOnce() -> Answered,
    ) -> Answered {
        // Who is out already is let go, and no session ends that could be entered.
        let is_out = route.path == paths::LOGOUT && is_to_login(&walker.visitor.get("/konto"));
        let before = town.entries();
        let answered = send();
        let added = town.entries_since(before);
        self.forms += 1;
        self.sent.insert(route.path);
        let is_act = matches!(route.handler, Handler::Act(..));
        let says_done =
            matches!(answered.status, 200 | 303) && !is_refused_at_the_door(&answered, added);
        let right = if is_act && says_done && !is_out {
            self.is_done_once(route, form.value(SUBMISSION), added)
        } else {
            added == 0
        };
        if !right || answered.status >= 500 {
            self.wrong(walker, &format!("{answered}, sent from {page}, added {added} entries"));
        }
        if answered.is_html() {
            self.look(walker, &answered);
        }
        answered
    }

    /// Routes that nobody has come to.
    pub fn unreached(&self) -> Vec<String> {
        let mut missing = Vec::new();
        for route in ALL.iter().flat_map(|service| service.all_routes()) {
            let reached = match route.handler {
                Handler::Look(_) | Handler::Disclose(..) => self.shown.contains(route.path),
                Handler::Draft(_) | Handler::Act(..) => self.sent.contains(route.path),
            };
            if !reached && !is_excepted(route.method().as_str(), route.path) {
                missing.push(format!("{} {} was reached by nobody", route.method(), route.path));
            }
        }
        missing
    }
}
