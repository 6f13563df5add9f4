//! Months in a town: people of every kind wander from page to page, fill in what they find with
//! plausible and with silly things, and send it; days pass between. What they do is drawn by a seed,
//! with a leaning towards what has not been done yet, until every page and form of the street has been
//! met. At the end the index equals the journal and two verifiers accept it.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp, ToSpan as _, civil::Date};
use ostoja::{
    kernel::{
        clock::{Clock, date_in_poland},
        identity::{Actor, Level, PersonId, Role, Who},
    },
    web::{chrome::paths, router::FIRST_START, routes::Handler},
};

use super::{
    found::{Found, SUBMISSION, TYPED, is_to_login, route_of},
    people::{Is, Walker},
};
use crate::support::{
    Answered, Control, Form, Program, Town, pdf, photo, root,
    soft_key::{Algorithm, SoftKey},
    tool,
};

/// Steps of all walkers together, at most; they end when everything was done.
const STEPS: usize = 6_000;
/// As long as an erasure may take.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(60);
/// After so many steps days pass.
const STEPS_OF_A_DAY: usize = 200;

/// Forms that a season may end without, and why. They
/// lie deep in the life of a case, and which cases get there is drawn. Their rules are tried in the room's tables,
/// and the acts of the office are driven in a browser (`journey::seldom`).
const SELDOM: &[(&str, &str)] = &[
    (
        "/moje-sprawy/{case}/uzupelnienie",
        "offered to the owner only between the delivery of a call and its last day, seven days later",
    ),
    (
        "/moje-sprawy/{case}/usuniete",
        "offered only for a tree that may go: after silence or a certificate, and for six months",
    ),
    ("/urzad/drzewa/{case}/doreczono", "offered only after a call for completion was sent"),
    ("/urzad/drzewa/{case}/uzupelnienie", "offered only while a call for completion is open"),
    (
        "/urzad/drzewa/{case}/uplyw",
        "offered only after a delivered call whose seven days went by without an answer",
    ),
    ("/urzad/drzewa/{case}/zdjecie", "offered only beside a tree that was inspected"),
    ("/urzad/drzewa/{case}/zaswiadczenie", "offered only in the fourteen days after an inspection"),
    (
        "/urzad/drzewa/{case}/sprzeciw",
        "offered only in the fourteen days after an inspection, or after an open call",
    ),
    ("/urzad/drzewa/{case}/doreczono-sprzeciw", "offered only after an objection was sent"),
    ("/urzad/drzewa/{case}/odwolanie", "offered only after an objection was delivered"),
    ("/urzad/drzewa/{case}/zwrot", "offered only after an appeal against an objection"),
    ("/urzad/drzewa/{case}/uchylenie", "offered only after an appeal against an objection"),
    (
        "/urzad/drzewa/{case}/ostateczna",
        "offered only when nobody appealed against a delivered objection in time",
    ),
    (
        "/urzad/drzewa/{case}/milczaca-zgoda",
        "offered only when the objection's term is over and the register was closed after it",
    ),
    ("/urzad/drzewa/{case}/podejmij", "offered only in a case that was suspended before"),
    (
        "/urzad/drzewa/{case}/wygasniecie",
        "offered only six months after an inspection, if the tree still stands",
    ),
    (
        "/urzad/drzewa/{case}/umorzenie",
        "one of many acts that a taken case offers at once, until each of its trees has an outcome",
    ),
    (
        "/zaproszenie/klucz/start",
        "needs a stranger who types the code of an invitation before it is used or out of date",
    ),
    (
        "/zaproszenie/klucz/koniec",
        "needs a stranger who types the code of an invitation before it is used or out of date",
    ),
];
/// Pages and other forms that chance may leave out of one season: ids are random, so a seed does not fix the way. The
/// browser looks at every page that links lead to, and the rooms have tests of their own.
const LEFT_OUT_MAX: usize = 12;

/// Pages that are not there in a season: nobody witnesses its log, and its log has one key. `publiclog` and
/// `audit::` look at them where they are.
const ABSENT: [&str; 3] = ["GET /log/cosigned ", "GET /log/earlier-vkeys ", "GET /log/statements "];

fn is_absent(unreached: &str) -> bool {
    ABSENT.iter().any(|name| unreached.starts_with(name))
}

fn is_seldom(unreached: &str) -> bool {
    // The pages on which such an act is checked and confirmed are as seldom as it is.
    let starts = |method: &str, path: &str, end: char| {
        unreached
            .strip_prefix(method)
            .is_some_and(|rest| rest.strip_prefix(path).is_some_and(|rest| rest.starts_with(end)))
    };
    SELDOM.iter().any(|(path, _)| {
        starts("POST ", path, ' ') || starts("POST ", path, '/') || starts("GET ", path, '/')
    })
}

#[test]
fn what_is_seldom_exists_and_has_a_reason() {
    for (path, why) in SELDOM {
        assert!(route_of("POST", path).is_some_and(|route| route.path == *path), "{path}");
        assert!(why.len() > 30, "{path}: a reason is a sentence");
        let driven = path
            .strip_prefix("/urzad/drzewa/{case}/")
            .is_none_or(|act| crate::journey::seldom::DRIVEN.contains(&act));
        assert!(driven, "{path} is excused here and driven nowhere");
    }
}

const CAST: [Is; 8] = [
    Is::Stranger,
    Is::Resident(Level::Declared),
    Is::Resident(Level::Verified),
    Is::Resident(Level::Verified),
    Is::Staff(Role::Clerk),
    Is::Staff(Role::Clerk),
    Is::Staff(Role::Administrator),
    Is::Staff(Role::Editor),
];

/// Numbers that depend on the seed alone (xorshift64*).
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.roll() >> 33).unwrap() % end.max(1)
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

/// Somebody with a page before them.
struct Wanderer<'t> {
    walker: Walker<'t>,
    id: Option<PersonId>,
    key: SoftKey,
    page: Option<(String, Answered)>,
}

struct Season<'t> {
    town: &'t Town,
    dice: Dice,
    found: Found,
    /// How often a pattern was chosen, by kind of person.
    chosen: BTreeMap<String, usize>,
    /// One-time codes that somebody has seen on a screen.
    codes: Vec<String>,
}

/// What a wanderer can do on a page.
enum Choice {
    Go(String),
    Send(Form, &'static ostoja::web::Route),
}

fn fresh_key() -> SoftKey {
    SoftKey::new(Algorithm::Es256, "localhost", crate::support::ORIGIN).unwrap()
}

impl<'t> Season<'t> {
    fn enter(&self, is: Is) -> Wanderer<'t> {
        let settled = match is {
            Is::Stranger => None,
            Is::Resident(level) => Some(self.town.settle(false, level, &[])),
            Is::Staff(role) => Some(self.town.settle(true, Level::Verified, &[role])),
        };
        match settled {
            None => Wanderer {
                walker: Walker { is, visitor: self.town.visitor() },
                id: None,
                key: fresh_key(),
                page: None,
            },
            Some(id) => {
                let (citizen, key) = self.town.with_key(id);
                Wanderer {
                    walker: Walker { is, visitor: citizen.visitor },
                    id: Some(id),
                    key,
                    page: None,
                }
            }
        }
    }

    /// Lets somebody in again whose session is over, and replaces who lost their place.
    fn restore(&self, someone: &mut Wanderer<'t>) {
        someone.page = None;
        let is = someone.walker.is;
        let Some(id) = someone.id else {
            someone.walker.visitor = self.town.visitor();
            someone.key = fresh_key();
            return;
        };
        if self.is_in_place(someone) {
            // Their old key may have been removed; a new one is always let in by the console.
            let (citizen, key) = self.town.with_key(id);
            someone.walker.visitor = citizen.visitor;
            someone.key = key;
        } else {
            *someone = self.enter(is);
        }
    }

    fn is_in_place(&self, someone: &Wanderer<'t>) -> bool {
        match (someone.walker.is, someone.id) {
            (Is::Staff(role), Some(id)) => {
                let who = Who::Staff(match role {
                    Role::Administrator => &[Role::Administrator],
                    Role::Clerk => &[Role::Clerk],
                    Role::Editor => &[Role::Editor],
                    Role::Auditor => &[Role::Auditor],
                });
                self.town.still_may(&Actor::Staff(id), who)
            }
            // Who was confirmed at the desk is another kind of person from then on.
            (Is::Resident(Level::Declared), Some(id)) => {
                let resident = Actor::Resident(id);
                !self.town.still_may(&resident, Who::Resident(Level::Verified))
                    && self.town.still_may(&resident, Who::Resident(Level::Declared))
            }
            // Who closed their account is nobody any more.
            (Is::Resident(level), Some(id)) => {
                self.town.still_may(&Actor::Resident(id), Who::Resident(level))
            }
            _ => true,
        }
    }

    fn file_one(&self, someone: &Wanderer<'t>) {
        let visitor = &someone.walker.visitor;
        let draft = visitor.try_draft(false).unwrap();
        let filed = visitor.submit(&visitor.try_filing_form(&draft).unwrap());
        assert_eq!(filed.status, 303, "{filed}");
    }

    /// Notices with and without files, so that the office has work from the first day.
    fn file_some(&mut self, someone: &Wanderer<'t>) {
        let visitor = &someone.walker.visitor;
        // One is left a draft; its picture is looked at.
        let draft = visitor.try_draft(true).unwrap();
        let step = visitor.get(&format!("{draft}/rysunek"));
        for picture in step.links().into_iter().filter(|link| link.contains("/pliki/")) {
            self.found.open(self.town, &someone.walker, &picture, &draft);
        }
        for with_files in [true, false, true, false, true] {
            let draft = visitor.try_draft(with_files).unwrap();
            let filed = visitor.submit(&visitor.try_filing_form(&draft).unwrap());
            assert_eq!(filed.status, 303, "{filed}");
            if with_files {
                let case = filed.location().rsplit_once('/').unwrap().0;
                let write = format!("{case}/wiadomosc");
                let form =
                    visitor.get(&write).form(&write).with(&[("text", "W załączeniu szkic.")]);
                let sent = visitor
                    .submit_files(&form, &[("files", "szkic.pdf", "application/pdf", &pdf())]);
                assert_eq!(sent.status, 303, "{sent}");
            }
        }
    }

    fn step(&mut self, someone: &mut Wanderer<'t>) {
        if self.dice.chance(2) {
            let at = self.dice.below(1_000);
            if let Some(address) = self.found.typed(&someone.walker, at) {
                return self.go(someone, &address, TYPED);
            }
        }
        let (address, page) = match someone.page.take() {
            Some(page) if !self.dice.chance(12) => page,
            _ => {
                let home = self.entrance(someone.walker.is);
                self.go(someone, &home, "the menu");
                return;
            }
        };
        // Who lost their place since the last step sees what others see.
        if !self.is_in_place(someone) {
            return self.restore(someone);
        }
        let choices = self.choices(someone, &address, &page);
        match self.choose(someone.walker.is, choices) {
            None => {}
            Some(Choice::Go(to)) => self.go(someone, &to, &address),
            Some(Choice::Send(form, route)) => self.send(someone, &address, &form, route),
        }
    }

    fn entrance(&mut self, is: Is) -> String {
        let menu = ostoja::services::ALL.iter().flat_map(|service| service.menu);
        let mut doors: Vec<&str> =
            menu.filter(|entry| is.may(entry.who)).map(|entry| entry.href).collect();
        doors.push("/");
        match is {
            Is::Stranger => doors.extend([paths::LOGIN, "/konto/nowe", "/zaproszenie", "/styl"]),
            Is::Resident(_) => doors.push(paths::MY_CASES),
            Is::Staff(_) => {}
        }
        (*self.dice.pick(&doors)).to_owned()
    }

    fn choices(
        &mut self,
        someone: &Wanderer<'t>,
        address: &str,
        page: &Answered,
    ) -> Vec<(String, Choice)> {
        let mut choices = Vec::new();
        for link in page.links() {
            let link = link.split('#').next().unwrap_or_default().to_owned();
            if link.starts_with('/') && !link.starts_with("/zasoby/") {
                let pattern = route_of("GET", &link).map_or(link.as_str(), |route| route.path);
                choices.push((format!("GET {pattern}"), Choice::Go(link)));
            }
        }
        for form in page.forms() {
            if let Some(route) = self.found.route_of_form(&someone.walker, address, &form) {
                choices.push((format!("POST {}", route.path), Choice::Send(form, route)));
            }
        }
        choices
    }

    /// One of the choices; the seldom ones are the likely ones.
    fn choose(&mut self, is: Is, choices: Vec<(String, Choice)>) -> Option<Choice> {
        let weights: Vec<usize> = choices
            .iter()
            .map(|(name, _)| {
                let times = self.chosen.get(&format!("{is:?} {name}")).copied().unwrap_or(0);
                // Leaving ends a walk: it is tried, but not often.
                let leaving = ["wyloguj", "/sesje/", "zamknij"].iter().any(|it| name.contains(it));
                let form = if name.starts_with("POST") { 8 } else { 1 };
                // What nobody has managed yet is what everybody wants.
                let is_new = match name.split_once(' ') {
                    Some(("GET", path)) => !self.found.shown.contains(path),
                    Some((_, path)) => {
                        !self.found.acted.contains_key(path) && !self.found.sent.contains(path)
                    }
                    None => false,
                };
                let new = if is_new { 20 } else { 1 };
                if leaving {
                    1 + 20 / (1 + times * times)
                } else {
                    1 + new * form * 1_000 / (1 + times)
                }
            })
            .collect();
        let mut at = self.dice.below(weights.iter().sum());
        for ((name, choice), weight) in choices.into_iter().zip(weights) {
            if at < weight {
                *self.chosen.entry(format!("{is:?} {name}")).or_default() += 1;
                return Some(choice);
            }
            at -= weight;
        }
        None
    }

    fn go(&mut self, someone: &mut Wanderer<'t>, address: &str, from: &str) {
        let mut address = address.to_owned();
        for _ in 0..4 {
            let first_time = route_of("GET", &address)
                .is_some_and(|route| !self.found.shown.contains(route.path));
            let answered = self.found.open(self.town, &someone.walker, &address, from);
            if answered.status == 200 && answered.is_html() {
                if first_time {
                    self.found.translate(&someone.walker, &address);
                }
                self.note_codes(&answered);
                someone.page = Some((address, answered));
                return;
            }
            if answered.status < 300 {
                return;
            }
            if answered.status != 303 {
                return self.check_offer(someone, &answered, &address, from);
            }
            if is_to_login(&answered) && someone.id.is_some() {
                return self.restore(someone);
            }
            address = answered.location().split('#').next().unwrap_or_default().to_owned();
        }
    }

    /// A link that is refused: perhaps the page was old, or its reader has lost their place meanwhile.
    fn check_offer(
        &mut self,
        someone: &mut Wanderer<'t>,
        answered: &Answered,
        address: &str,
        from: &str,
    ) {
        if !self.is_in_place(someone) {
            return self.restore(someone);
        }
        let again = from != TYPED && from.starts_with('/') && {
            let page = someone.walker.visitor.get(from);
            page.status == 200 && page.links().iter().any(|link| link == address)
        };
        if again {
            self.found.wrong(&someone.walker, &format!("{answered}, to which {from} leads"));
        }
    }

    /// Codes are three groups of four on a sheet.
    fn note_codes(&mut self, page: &Answered) {
        for word in page.text().split(|c: char| !c.is_ascii_alphanumeric() && c != '-') {
            let groups: Vec<&str> = word.split('-').collect();
            let is_code = groups.len() == 3
                && groups.iter().all(|group| {
                    group.len() == 4
                        && group.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
                });
            if is_code && !self.codes.contains(&word.to_owned()) {
                self.codes.push(word.to_owned());
            }
        }
    }

    fn send(
        &mut self,
        someone: &mut Wanderer<'t>,
        page: &str,
        form: &Form,
        route: &'static ostoja::web::Route,
    ) {
        if form.passkey.is_some() {
            return self.confirm(someone, page, form, route);
        }
        let (filled, files) = self.fill(form);
        let visitor = &someone.walker.visitor;
        let answered = self.found.sent(self.town, &someone.walker, page, (&filled, route), || {
            if filled.multipart {
                let (photo, pdf) = (photo(), pdf());
                let files: Vec<_> = files
                    .iter()
                    .map(|(field, is_photo)| match is_photo {
                        true => (field.as_str(), "dąb.jpg", "image/jpeg", photo.as_slice()),
                        false => (field.as_str(), "szkic.pdf", "application/pdf", pdf.as_slice()),
                    })
                    .collect();
                visitor.submit_files(&filled, &files)
            } else {
                visitor.post(&filled.action, &filled.fields)
            }
        });
        self.after(someone, page, &answered);
    }

    /// Where an answer leaves somebody.
    fn after(&mut self, someone: &mut Wanderer<'t>, from: &str, answered: &Answered) {
        match answered.status {
            303 => {
                let to = answered.location().split('#').next().unwrap_or_default().to_owned();
                let left = someone.walker.visitor.cookie(ostoja::web::cookies::SESSION).is_none();
                if someone.id.is_some() && (left || is_to_login(answered)) {
                    return self.restore(someone);
                }
                self.go(someone, &to, from);
            }
            200 if answered.is_html() => {
                self.note_codes(answered);
                someone.page = Some((from.to_owned(), answered.clone()));
            }
            422 if answered.is_html() && !answered.forms().is_empty() => {
                someone.page = Some((from.to_owned(), answered.clone()));
            }
            403 => self.restore(someone),
            _ => {}
        }
    }

    /// A passkey ceremony, with the key at hand or, for a stranger, with a new one.
    fn confirm(
        &mut self,
        someone: &mut Wanderer<'t>,
        page: &str,
        form: &Form,
        start: &'static ostoja::web::Route,
    ) {
        let [kind, _, finish] = form.passkey.clone().unwrap();
        let finish_route =
            route_of("POST", &finish).unwrap_or_else(|| panic!("{page}: {finish} is no route"));
        let (filled, _files) = self.fill(form);
        let before = self.town.entries();
        let mut key = fresh_key();
        let key = if kind == "register" { &mut key } else { &mut someone.key };
        let ended = someone.walker.visitor.try_ceremony(&filled, key);
        let added = self.town.entries_since(before);
        // What is being erased takes nothing new; nobody meets it half gone.
        assert!(self.town.store.finish_erasures(PATIENCE).unwrap(), "an erasure does not end");
        self.found.sent.insert(start.path);
        self.found.forms += 1;
        match ended {
            Err(error) => {
                // A login with a key that nobody has registered.
                let is_lost = someone.id.is_none() && kind == "login";
                if !is_lost {
                    self.found.wrong(&someone.walker, &format!("{page}: {error}"));
                }
            }
            Ok(Ok(to)) => {
                self.found.sent.insert(finish_route.path);
                let right = match finish_route.handler {
                    Handler::Act(..) => {
                        self.found.is_done_once(finish_route, filled.value(SUBMISSION), added)
                    }
                    _ => added == 0,
                };
                if !right {
                    self.found.wrong(&someone.walker, &format!("{finish} added {added} entries"));
                }
                if someone.id.is_none() {
                    // They are somebody now; the town has enough people to play with.
                    self.found.open(self.town, &someone.walker, &to, page);
                    self.restore(someone);
                } else {
                    self.go(someone, &to, page);
                }
            }
            Ok(Err(sentence)) => {
                self.found.sent.insert(finish_route.path);
                if added != 0 || sentence.contains('⟦') || sentence.is_empty() {
                    self.found.wrong(
                        &someone.walker,
                        &format!("{finish} says {sentence:?} and added {added} entries"),
                    );
                }
            }
        }
    }

    /// A form with something in it: mostly what a person would write, sometimes nothing or nonsense.
    fn fill(&mut self, form: &Form) -> (Form, Vec<(String, bool)>) {
        let mut filled = form.clone();
        let lazy = self.dice.chance(10);
        let mut days = BTreeMap::new();
        for control in form.controls.clone() {
            let (name, value) = match control {
                Control::Box(name) => {
                    let typed = form.value(&name);
                    if lazy || !typed.is_empty() && self.dice.chance(80) {
                        continue;
                    }
                    let value = self.words(&name, &mut days);
                    (name, Some(value))
                }
                Control::One(name, values) => {
                    if !form.value(&name).is_empty() && self.dice.chance(60) {
                        continue;
                    }
                    let value = self.dice.pick(&values).clone();
                    (name, Some(value))
                }
                Control::Tick(name, value) => {
                    // What makes an act say less is ticked seldom.
                    let percent = if ["skip", "gone"].iter().any(|word| name.contains(word)) {
                        8
                    } else {
                        70
                    };
                    if filled.fields.iter().any(|field| field.0 == name && field.1 == value) {
                        continue;
                    }
                    if self.dice.chance(percent) {
                        filled.fields.push((name, value));
                    }
                    continue;
                }
            };
            filled.fields.retain(|(field, _)| *field != name);
            filled.fields.extend(value.map(|value| (name, value)));
        }
        if !form.buttons.is_empty() && self.dice.chance(10) {
            let button = self.dice.pick(&form.buttons).clone();
            filled.fields.push(button);
        }
        let mut files = Vec::new();
        for field in &form.files {
            if self.dice.chance(70) {
                files.push((field.clone(), field != "sketch" && self.dice.chance(50)));
            }
        }
        (filled, files)
    }

    /// An identifier that somebody has seen in an address.
    fn some_file(&mut self) -> String {
        let part = *self.dice.pick(&["{case}", "{id}"]);
        self.found.part(part).cloned().unwrap_or_default()
    }

    fn words(&mut self, name: &str, days: &mut BTreeMap<String, Date>) -> String {
        let today = date_in_poland(self.town.clock.now());
        let base = name.trim_end_matches(char::is_alphabetic).to_owned();
        let drawn = match self.dice.below(10) {
            0..6 => today,
            6..8 => today - i64::try_from(self.dice.below(20)).unwrap().days(),
            _ => today + i64::try_from(self.dice.below(12)).unwrap().days(),
        };
        let day = *days.entry(base).or_insert(drawn);
        let known = [
            ("-day", day.day().to_string()),
            ("-month", day.month().to_string()),
            ("-year", day.year().to_string()),
            ("stems", "91,5".to_owned()),
            ("position", "53,12345 17,65432".to_owned()),
            ("postcode", "08-400".to_owned()),
            ("phone", "600 100 200".to_owned()),
            ("email", "anna@example.pl".to_owned()),
            ("number", "112/4".to_owned()),
            ("house", "7".to_owned()),
            ("family", "Wierzba".to_owned()),
            ("years", "0".to_owned()),
            ("file", self.some_file()),
        ];
        if self.dice.chance(6) {
            let silly = [
                "",
                " ",
                "<b>&\"'",
                "-1",
                "99999999999999999999",
                "zażółć\u{0}gęślą",
                "ń".repeat(9_000).as_str(),
            ]
            .map(str::to_owned);
            return self.dice.pick(&silly).clone();
        }
        if name.contains("code") && !self.codes.is_empty() && self.dice.chance(80) {
            let newest = self.codes.len().saturating_sub(3);
            return {
                let at = newest + self.dice.below(self.codes.len() - newest);
                self.codes[at].clone()
            };
        }
        let fits = known.into_iter().find(|(part, _)| name.contains(part));
        fits.map_or_else(
            || {
                ["Modrzewie", "na prośbę wnioskodawcy", "rej. 12/2026"][self.dice.below(3)]
                    .to_owned()
            },
            |(_, text)| text,
        )
    }
}

/// The first hour of a commune: nothing is served but the door of its first administrator.
fn first_start(clock: &Clock) -> Found {
    let town = Town::founded(clock.clone());
    let code = ostoja::daemon::first_start::first_code(&town.store, &town.house.scratch).unwrap();
    let mut season = Season {
        town: &town,
        dice: Dice(1),
        found: Found::default(),
        chosen: BTreeMap::new(),
        codes: Vec::new(),
    };
    let mut first = season.enter(Is::Stranger);
    for path in ["/", "/styl", "/sprawy", paths::LOGIN] {
        let answered = first.walker.visitor.get(path);
        assert_eq!((answered.status, answered.location()), (303, FIRST_START), "{answered}");
    }
    season.go(&mut first, FIRST_START, TYPED);
    let (address, page) = first.page.take().unwrap();
    let form = page.form(FIRST_START).with(&[
        ("code", code.reveal()),
        ("given", "Ewa"),
        ("family", "Buk"),
    ]);
    let route = route_of("POST", FIRST_START).unwrap();
    let answered = season.found.sent(&town, &first.walker, &address, (&form, route), || {
        first.walker.visitor.submit(&form)
    });
    season.after(&mut first, &address, &answered);
    let (address, page) = first.page.take().unwrap();
    let form = page.forms().into_iter().find(|form| form.passkey.is_some()).unwrap();
    let route = route_of("POST", &form.action).unwrap();
    season.confirm(&mut first, &address, &form, route);
    assert_eq!(season.found.wrong, Vec::<String>::new());
    assert_eq!(season.found.acted.len(), 1, "the first administrator is in");
    let again = first.walker.visitor.get(FIRST_START);
    assert_eq!((again.status, again.location()), (303, paths::LOGIN), "{again}");
    first.walker.visitor.get("/").expect(200);
    season.found
}

#[test]
#[expect(clippy::too_many_lines, reason = "one story, told in order")]
fn everything_on_the_street_is_done_in_a_season() {
    let seed = std::env::var("OSTOJA_SEED")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(0x0570_1a5e_ed01);
    println!("seed {seed}");
    let begins: Timestamp = "2026-11-23T08:00:00Z".parse().unwrap();
    let clock = Clock::standing(begins);
    let town = Town::standing(clock.clone());
    let definition =
        std::fs::read_to_string(root().join("demo/procedures/srod-drzewa-zgl.toml")).unwrap();
    ostoja::services::catalogue::import::import(&town.store, &definition).unwrap();
    let found = first_start(&clock);
    let mut season =
        Season { town: &town, dice: Dice(seed), found, chosen: BTreeMap::new(), codes: Vec::new() };
    let mut cast: Vec<Wanderer<'_>> = CAST.into_iter().map(|is| season.enter(is)).collect();
    for someone in &cast {
        if someone.walker.is == Is::Resident(Level::Verified) {
            season.file_some(someone);
        }
    }
    let mut steps = 0;
    while steps < STEPS
        && !(steps % 100 == 0 && season.found.unreached().is_empty() && steps > 3_000)
    {
        let step = steps;
        steps += 1;
        if step % STEPS_OF_A_DAY == 0 {
            let days = [0, 1, 1, 2, 7, 15][season.dice.below(6)];
            clock.set(clock.now() + SignedDuration::from_hours(24 * days));
            cast.iter_mut().for_each(|someone| season.restore(someone));
            if step > 0 {
                let who = 2 + season.dice.below(2);
                season.file_one(&cast[who]);
            }
        }
        let who = season.dice.below(cast.len());
        season.step(&mut cast[who]);
    }
    drop(cast);
    let Season { found, .. } = season;
    println!(
        "{steps} steps, {} pages, {} forms, {} entries, until {}",
        found.pages,
        found.forms,
        town.entries(),
        clock.now()
    );
    for (path, times) in &found.acted {
        println!("  {times:4} {path}");
    }
    let (pages, forms): (Vec<_>, Vec<_>) =
        found.unreached().into_iter().partition(|name| name.starts_with("GET"));
    println!("{}", forms.join("\n"));
    let pages: Vec<_> = pages.into_iter().filter(|page| !is_absent(page)).collect();
    let unexpected: Vec<_> = forms.into_iter().filter(|form| !is_seldom(form)).collect();
    assert!(
        found.wrong.is_empty() && pages.len() + unexpected.len() <= LEFT_OUT_MAX,
        "{} findings:\n{}\n{}\n{}",
        found.wrong.len(),
        found.wrong.join("\n"),
        pages.join("\n"),
        unexpected.join("\n")
    );
    assert!(found.acted.len() > 20, "only {} kinds of acts succeeded", found.acted.len());
    let kept = town.close();
    let data = kept.path().join("data");
    let (out, err, code) =
        Program::run(&["log".as_ref(), "verify".as_ref(), "--dir".as_ref(), data.as_os_str()]);
    assert_eq!(code, 0, "{out}{err}");
    let reader = root().join("tests/tools/journal_reader.py");
    let (said, code) =
        tool("python3", &[reader.as_os_str(), "verify".as_ref(), data.as_os_str()], b"");
    assert_eq!(code, 0, "{said}");
    println!("{out}{said}");
}
