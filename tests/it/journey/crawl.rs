//! Every page that links lead to, for a stranger, a resident and staff: each is sound at a desk's width
//! and at a phone's, and no link is dead.
//!
//! Addresses that differ in numbers and ids alone are one page here. The first of them is looked at in
//! the browser; a few more are read without it, because a list leads to cases in several states and
//! what they offer differs. Forms are not sent: that is what the journeys are for.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::{
    Actor, Stage,
    clerk::{self, open_case},
    resident, sound,
};
use crate::{
    browser::Page,
    support::{Visitor, Wire},
};

/// How many addresses of one page are read for their links.
const OF_ONE_PAGE: usize = 12;

/// Whoever is logged in comes to these.
const OF_EVERYBODY: [&str; 5] =
    ["/dziennik", "/styl", "/konto", "/konto/klucze/nowy", "/konto/klucze/{}/usun"];

struct Crawl<'a> {
    stage: &'a Stage,
    page: &'a Page,
    /// The same person without the browser.
    reader: Visitor<Wire>,
    queue: VecDeque<String>,
    known: BTreeSet<String>,
    /// How many addresses of each page were read.
    read: BTreeMap<String, usize>,
    /// Pages that the browser has shown.
    seen: BTreeSet<String>,
}

impl<'a> Crawl<'a> {
    fn of(stage: &'a Stage, actor: &'a Actor, from: &[&str]) -> Crawl<'a> {
        let mut crawl = Crawl {
            stage,
            page: &actor.page,
            reader: stage.reader(&actor.person),
            queue: VecDeque::new(),
            known: BTreeSet::new(),
            read: BTreeMap::new(),
            seen: BTreeSet::new(),
        };
        for path in from {
            crawl.found("/", path);
        }
        crawl
    }

    /// A link on a page: another page of ours is for later.
    fn found(&mut self, on: &str, link: &str) {
        let origin = self.stage.url("");
        let link = link.strip_prefix(origin.as_str()).unwrap_or(link);
        let link = link.split('#').next().unwrap_or_default();
        let address = if link.starts_with('?') {
            format!("{}{link}", on.split('?').next().unwrap_or_default())
        } else {
            link.to_owned()
        };
        if address.starts_with('/') && self.known.insert(address.clone()) {
            self.queue.push_back(address);
        }
    }

    /// Goes everywhere; gives the pages that were shown.
    fn run(mut self) -> BTreeSet<String> {
        while let Some(address) = self.queue.pop_front() {
            let name = pattern(&address);
            let read = self.read.entry(name.clone()).or_default();
            *read += 1;
            if *read > OF_ONE_PAGE {
                continue;
            }
            let answered = self.reader.get(&address);
            if answered.status == 303 {
                let to = answered.location().to_owned();
                self.found(&address, &to);
                continue;
            }
            assert_eq!(answered.status, 200, "a link leads to {answered}");
            if answered.is_html() {
                for link in answered.links() {
                    self.found(&address, &link);
                }
                if self.seen.insert(name) {
                    look(self.page, &self.stage.url(&address), 200);
                }
            }
        }
        self.seen
    }
}

/// The page, wide and narrow.
fn look(page: &Page, url: &str, status: u64) {
    page.viewport(1280, 900, false);
    page.goto(url);
    assert_eq!(page.status(), status, "{url}: {}", page.text("body"));
    sound(page);
    page.viewport(360, 740, true);
    sound(page);
    page.viewport(1280, 900, false);
}

/// An address without what differs between pages of one kind.
fn pattern(address: &str) -> String {
    let path = address.split('?').next().unwrap_or_default();
    let parts = path.split('/').map(|part| if is_id(part) { "{}" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

fn is_id(part: &str) -> bool {
    let digits = part.bytes().filter(u8::is_ascii_digit).count();
    digits > 0 && (digits == part.len() || part.len() >= 20)
}

/// All of these were seen, and not few others.
fn assert_seen(seen: &BTreeSet<String>, named: &[&str], at_least: usize) {
    for name in named {
        assert!(seen.contains(*name), "no link leads to {name}, only to {seen:#?}");
    }
    assert!(seen.len() >= at_least, "only {} pages: {seen:#?}", seen.len());
}

#[test]
fn what_a_stranger_can_come_to() {
    let stage = Stage::open();
    let stranger = stage.actor();
    let seen = Crawl::of(&stage, &stranger, &["/", "/zaproszenie", "/styl"]).run();
    assert_seen(
        &seen,
        &[
            "/",
            "/sprawy",
            "/sprawy/srod-drzewa-zgl",
            "/komunikaty",
            "/komunikaty/{}",
            "/dziennik",
            "/logowanie",
            "/konto/nowe",
            "/zaproszenie",
            "/styl",
        ],
        10,
    );
    look(&stranger.page, &stage.url("/nie-ma-takiej-strony"), 404);
    look(&stranger.page, &stage.url("/komunikaty/0"), 404);
    stage.close();
}

#[test]
fn what_a_resident_can_come_to() {
    let stage = Stage::open();
    let staff = stage.staff();
    let (anna, filed) = clerk::filed(&stage, &staff.page, "Anna", "Wierzbowska");
    // One draft stays, and the notice that is filed lacks something.
    stage.reader(&anna.person).try_draft(true).unwrap();
    anna.page.goto(&stage.url(&filed));
    let (number, case) = resident::confirmed(&anna.page);
    open_case(&stage, &staff.page, &number);
    staff.page.follow("form.take button");
    clerk::call(&staff.page);

    let confirmation = format!("/moje-sprawy/{case}/potwierdzenie");
    let seen = Crawl::of(&stage, &anna, &["/", "/styl", &confirmation]).run();
    assert_seen(&seen, &OF_EVERYBODY, 28);
    assert_seen(
        &seen,
        &[
            "/konto/wglady",
            "/sprawy/srod-drzewa-zgl/nowa",
            "/szkice/{}/kto",
            "/szkice/{}/drzewa",
            "/szkice/{}/rysunek",
            "/szkice/{}/sprawdz",
            "/szkice/{}/usun",
            "/moje-sprawy",
            "/moje-sprawy/{}",
            "/moje-sprawy/{}/potwierdzenie",
            "/moje-sprawy/{}/wiadomosc",
            "/moje-sprawy/{}/uzupelnienie",
            "/moje-sprawy/{}/wycofaj",
        ],
        28,
    );
    look(&anna.page, &stage.url("/urzad/skrzynka"), 403);
    look(&anna.page, &stage.url("/urzad/pracownicy"), 403);
    look(&anna.page, &stage.url("/moje-sprawy/0"), 404);
    stage.close();
}

#[test]
fn what_staff_can_come_to() {
    let stage = Stage::open();
    let staff = stage.staff();
    // A case with a photo and a document.
    let (_anna, filed) = clerk::filed(&stage, &staff.page, "Anna", "Wierzbowska");
    let case = filed.split('/').nth(2).unwrap();
    let ours = format!("/urzad/drzewa/{case}");
    let seen = Crawl::of(&stage, &staff, &["/", "/styl", &ours]).run();
    assert_seen(&seen, &OF_EVERYBODY, 34);
    assert_seen(
        &seen,
        &[
            "/urzad/skrzynka",
            "/urzad/mieszkancy",
            "/urzad/pracownicy",
            "/urzad/pracownicy/{}",
            "/urzad/pracownicy/zapros",
            "/urzad/komunikaty",
            "/urzad/komunikaty/nowy",
            "/urzad/komunikaty/{}",
            "/urzad/drzewa/{}",
            "/urzad/drzewa/{}/znak",
            "/urzad/drzewa/{}/wezwij",
            "/urzad/drzewa/{}/ogledziny",
            "/urzad/drzewa/{}/zaswiadczenie",
            "/urzad/drzewa/{}/sprzeciw",
            "/urzad/drzewa/{}/pismo",
        ],
        34,
    );
    look(&staff.page, &stage.url("/moje-sprawy"), 403);
    look(&staff.page, &stage.url("/urzad/drzewa/0"), 404);
    stage.close();
}

#[test]
fn addresses_of_one_page_are_one() {
    for (address, page) in [
        ("/", "/"),
        ("/sprawy/srod-drzewa-zgl?x=1", "/sprawy/srod-drzewa-zgl"),
        ("/moje-sprawy/01930f5e-7e3b-7cc0-8000-00000000abcd/pliki/2", "/moje-sprawy/{}/pliki/{}"),
        ("/urzad/drzewa/01930f5e-7e3b-7cc0-8000-00000000abcd/znak", "/urzad/drzewa/{}/znak"),
    ] {
        assert_eq!(pattern(address), page);
    }
}
