//! The demonstration's commune is walked through by everybody: every link is followed, every page is
//! looked at in three languages, every form is sent as it stands.
//!
//! What must hold: a page adds no entry, and at most one where it shows a person to staff; a draft
//! adds none; an act adds exactly one if it succeeds and none if it is refused; nobody is offered a
//! link or a form that is not for them; every page of the street is reached by somebody.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use ostoja::{
    services::ALL,
    web::{Route, chrome::paths, routes::Handler},
};

use super::{
    is_excepted,
    people::{EVERYBODY, Walker, somebody},
};
use crate::support::{Answered, Form, Town, faults};

/// Pages of one pattern that one walker opens: cases differ by their state.
const PAGES_OF_A_PATTERN: usize = 15;
/// Times that one walker sends the form of one pattern.
const FORMS_OF_A_PATTERN: usize = 2;

/// Forms that end the walk of whoever sends them: sent last.
const LEAVING: [&str; 2] = [paths::LOGOUT, "/konto/wyloguj-wszedzie"];
/// What a form needs beside what stands in it to lead on.
const FILLED: &[(&str, &[(&str, &str)])] = &[
    ("/konto/nowe", &[("given", "Anna"), ("family", "Lis"), ("phone", "600700800")]),
    ("/urzad/mieszkancy", &[("family", "ko")]),
    ("/urzad/mieszkancy/{id}/kod", &[("seen", "yes")]),
    ("/urzad/pracownicy/zapros", &[("given", "Jan"), ("family", "Buk"), ("role", "2")]),
];

/// What was found along the way.
#[derive(Default)]
struct Found {
    wrong: Vec<String>,
    shown: BTreeSet<&'static str>,
    acted: BTreeMap<&'static str, usize>,
    sent: BTreeSet<&'static str>,
    pages: usize,
    forms: usize,
}

struct Crawl<'a, 't> {
    town: &'t Town,
    walker: &'a Walker<'t>,
    found: &'a mut Found,
    queue: VecDeque<(String, String)>,
    seen: BTreeSet<String>,
    of_pattern: BTreeMap<&'static str, usize>,
    forms: Vec<(String, Form)>,
}

#[test]
fn the_whole_street_is_walked_by_everybody() {
    let town = Town::demo();
    let mut found = Found::default();
    for is in EVERYBODY {
        // A new one after each walk: they may have logged out.
        let walker = somebody(&town, is);
        let mut crawl = Crawl {
            town: &town,
            walker: &walker,
            found: &mut found,
            queue: VecDeque::new(),
            seen: BTreeSet::new(),
            of_pattern: BTreeMap::new(),
            forms: Vec::new(),
        };
        crawl.walk();
    }
    for route in ALL.iter().flat_map(|service| service.all_routes()) {
        let name = format!("{} {}", route.method(), route.path);
        let reached = match route.handler {
            Handler::Look(_) | Handler::Disclose(..) => found.shown.contains(route.path),
            Handler::Draft(_) | Handler::Act(..) => found.sent.contains(route.path),
        };
        if !reached && !is_excepted(route.method().as_str(), route.path) {
            found.wrong.push(format!("{name} was reached by nobody"));
        }
    }
    println!(
        "{} pages, {} forms, acts that succeeded: {:?}",
        found.pages, found.forms, found.acted
    );
    assert!(found.wrong.is_empty(), "{} findings:\n{}", found.wrong.len(), found.wrong.join("\n"));
}

/// The route of a path, the most literal one first, as the router chooses.
fn route_of(method: &str, path: &str) -> Option<&'static Route> {
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

impl Crawl<'_, '_> {
    fn walk(&mut self) {
        self.offer("/", "the address line");
        let routes = ALL.iter().flat_map(|service| service.all_routes());
        for route in routes.filter(|route| {
            route.method() == "GET" && !route.path.contains('{') && self.walker.is.may(route.who)
        }) {
            self.offer(route.path, "the address line");
        }
        self.open_all();
        // Drafts first: they lead to pages that are there only for who began something.
        let mut leaving = Vec::new();
        for round in 0..3 {
            let mut forms = std::mem::take(&mut self.forms);
            leaving.extend(forms.extract_if(.., |(_, form)| LEAVING.contains(&form.action.as_str())));
            let (drafts, acts): (Vec<_>, Vec<_>) = forms.into_iter().partition(|(_, form)| {
                matches!(
                    route_of("POST", &form.action).map(|route| route.handler),
                    Some(Handler::Draft(_))
                )
            });
            for (page, form) in
                drafts.into_iter().chain(if round == 0 { Vec::new() } else { acts.clone() })
            {
                self.send(&page, &form);
                self.open_all();
            }
            if round == 0 {
                self.forms.extend(acts);
            }
        }
        for (page, form) in leaving {
            self.send(&page, &form);
        }
    }

    fn wrong(&mut self, what: String) {
        self.found.wrong.push(format!("{:?}: {what}", self.walker.is));
    }

    /// Puts an address on the list, if it is ours and new.
    fn offer(&mut self, address: &str, from: &str) {
        let address = address.split('#').next().unwrap_or_default();
        if !address.starts_with('/')
            || address.starts_with("//")
            || !self.seen.insert(address.to_owned())
        {
            return;
        }
        if let Some(route) = route_of("GET", address) {
            let count = self.of_pattern.entry(route.path).or_default();
            *count += 1;
            if *count > PAGES_OF_A_PATTERN {
                return;
            }
        }
        self.queue.push_back((address.to_owned(), from.to_owned()));
    }

    fn open_all(&mut self) {
        while let Some((address, from)) = self.queue.pop_front() {
            self.open(&address, &from);
        }
    }

    fn open(&mut self, address: &str, from: &str) {
        let before = self.town.entries();
        let answered = self.walker.visitor.get(address);
        let added = self.town.entries() - before;
        self.found.pages += 1;
        let route = route_of("GET", address);
        let discloses = matches!(route.map(|route| route.handler), Some(Handler::Disclose(..)));
        if added > u64::from(discloses) {
            self.wrong(format!("{answered} added {added} entries"));
        }
        match answered.status {
            200 => {
                if let Some(route) = route {
                    self.found.shown.insert(route.path);
                }
            }
            303 => {
                let to = answered.location().to_owned();
                return self.offer(&to, address);
            }
            _ => return self.wrong(format!("{answered}, to which {from} leads")),
        }
        if discloses {
            let before = self.town.entries();
            self.walker.visitor.get(address);
            if self.town.entries() != before {
                self.wrong(format!("{answered} enters the same look twice"));
            }
        }
        if answered.is_html() {
            self.look_at(address, &answered);
        }
    }

    /// Looks at a page in three languages and notes where it leads.
    fn look_at(&mut self, address: &str, answered: &Answered) {
        self.look(answered);
        for language in ["en", "uk"] {
            *self.walker.visitor.language.borrow_mut() = language;
            let translated = self.walker.visitor.get(address);
            *self.walker.visitor.language.borrow_mut() = "pl";
            self.look(&translated);
            if !translated.text().contains(&format!("<html lang=\"{language}\"")) {
                self.wrong(format!("{answered} is not in {language}"));
            }
        }
        for link in answered.links() {
            self.offer(&link, address);
        }
        for form in answered.forms() {
            let targets = match &form.passkey {
                Some([_, start, finish]) => vec![start.clone(), finish.clone()],
                None => vec![form.action.clone()],
            };
            for target in targets {
                let target = if target.is_empty() { address.to_owned() } else { target };
                if form.post {
                    self.forms.push((address.to_owned(), Form { action: target, ..form.clone() }));
                } else {
                    let mut query = form_urlencoded::Serializer::new(String::new());
                    query.extend_pairs(form.fields.iter());
                    self.offer(&format!("{target}?{}", query.finish()), address);
                }
            }
        }
    }

    fn look(&mut self, page: &Answered) {
        for fault in faults(&page.text()) {
            self.wrong(format!("{page}: {fault}"));
        }
    }

    /// Sends a form as it stands, with its first button.
    fn send(&mut self, page: &str, form: &Form) {
        let address = form.action.as_str();
        if address == paths::APPEARANCE {
            return;
        }
        let Some(route) = route_of("POST", address) else {
            return self.wrong(format!("{page} has a form to {address}, which is no route"));
        };
        if !self.walker.is.may(route.who) {
            // A stranger may begin, and is asked to log in on the way.
            return self.wrong(format!("{page} offers {address}, which is not for them"));
        }
        let times = self.of_pattern.entry(route.path).or_default();
        *times += 1;
        if *times > FORMS_OF_A_PATTERN {
            return;
        }
        let mut form = form.clone();
        form.fields.extend(form.buttons.first().cloned());
        if let Some((_, fields)) = FILLED.iter().find(|(pattern, _)| *pattern == route.path) {
            form = form.with(fields);
        }
        let before = self.town.entries();
        let answered = self.walker.visitor.submit(&form);
        let added = self.town.entries() - before;
        self.found.forms += 1;
        self.found.sent.insert(route.path);
        let done = answered.status == 303 || answered.status == 200;
        let expected = match route.handler {
            Handler::Act(..) => u64::from(done),
            _ => 0,
        };
        if added != expected || answered.status >= 500 {
            self.wrong(format!(
                "{answered}, sent from {page}, added {added} entries instead of {expected}"
            ));
        }
        if done && matches!(route.handler, Handler::Act(..)) {
            *self.found.acted.entry(route.path).or_default() += 1;
        }
        if answered.is_html() {
            self.look(&answered);
        }
        if answered.status == 303 {
            let to = answered.location().to_owned();
            self.offer(&to, address);
        }
    }
}
