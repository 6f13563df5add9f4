//! The acts that few cases need, each in a browser, in cases whose months go by: refusal, forwarding, suspension,
//! appeals with all their ends, discontinuance, silence, removal and expiry.
//!
//! The season of `walk` may end without them, because chance seldom leads a case so deep; what it excuses is
//! driven here, and both lists are compared.

use std::{cell::RefCell, collections::BTreeSet};

use super::{
    Actor, Stage, act, clerk, fill_date, open_case,
    resident::{self, confirmed},
    sound, upload,
};
use crate::browser::Page;

/// Acts of the office that this file drives, by the last part of their path.
pub const DRIVEN: [&str; 19] = [
    "doreczono",
    "doreczono-sprzeciw",
    "milczaca-zgoda",
    "odmow",
    "odwolanie",
    "ostateczna",
    "podejmij",
    "przekaz",
    "rejestr",
    "sprzeciw",
    "uchylenie",
    "umorzenie",
    "uplyw",
    "uzupelnienie",
    "wygasniecie",
    "zaswiadczenie",
    "zawies",
    "zdjecie",
    "zwrot",
];

/// A Monday in winter, ten in the morning in Poland.
const MONDAY: &str = "2026-11-23T09:00:00Z";

/// A stage with a clerk and a resident, and what was done on it.
struct Play {
    stage: Stage,
    staff: Actor,
    resident: Actor,
    done: RefCell<BTreeSet<String>>,
}

impl Play {
    fn open() -> Play {
        let stage = Stage::standing(MONDAY);
        let staff = stage.staff();
        let resident = resident::arrives(&stage, "Anna", "Wierzbowska");
        clerk::confirm(&stage, &staff.page, &resident.page, "Wierzbowska");
        Play { stage, staff, resident, done: RefCell::default() }
    }

    /// A notice about two trees, filed and taken; its number and its case.
    fn filed(&self) -> (String, String) {
        let reader = self.stage.reader(&self.resident.person);
        let draft = reader.try_draft(false).unwrap();
        let step = format!("{draft}/drzewa");
        let second = [("trees[1].species", "dab"), ("trees[1].stems_cm", "63")];
        assert_eq!(reader.try_fill(&step, &step, &second).unwrap().status, 303);
        let sent = reader.submit(&reader.try_filing_form(&draft).unwrap()).expect(303);
        let page = &self.resident.page;
        page.goto(&self.stage.url(sent.location()));
        let (number, case) = confirmed(page);
        open_case(&self.stage, self.desk(), &number);
        self.desk().follow("form.take button");
        (number, case)
    }

    fn desk(&self) -> &Page {
        &self.staff.page
    }

    /// An act on the case that is open.
    fn act(&self, slug: &str, fill: impl FnOnce(&Page)) {
        act(self.desk(), slug, || fill(self.desk()));
        self.done.borrow_mut().insert(slug.to_owned());
    }

    /// An act that asks only for its day.
    fn dated(&self, slug: &str, name: &str) {
        let today = self.stage.today();
        self.act(slug, |page| fill_date(page, name, today));
    }

    /// Days pass, everybody comes back, and the clerk opens the case again.
    fn later(&self, days: i64, number: &str) {
        self.stage.pass(days);
        self.stage.log_in(&self.staff);
        self.stage.log_in(&self.resident);
        open_case(&self.stage, self.desk(), number);
    }

    fn inspect(&self, girths: [&str; 2]) {
        let today = self.stage.today();
        self.act("ogledziny", |page| {
            fill_date(page, "on", today);
            page.fill("[name=place]", "Modrzewie 112/4");
            page.fill("[name=protocol]", "protokół 3/2026");
            page.fill("[name=person-1]", "Ewa Buk");
            page.fill("[name=capacity-1]", "inspektor");
            page.fill("[name=signature-1]", "signed");
            for (tree, girth) in [1, 2].into_iter().zip(girths) {
                page.fill(&format!("[name=tree-{tree}-species]"), "dab");
                page.fill(&format!("[name=tree-{tree}-stems5]"), girth);
            }
        });
    }

    fn object(&self, tree: &str) {
        let today = self.stage.today();
        self.act("sprzeciw", |page| {
            choose(page, tree);
            page.check("[name=ground][value=permit-needed]");
            fill_date(page, "signed", today);
            page.fill("[name=signatory]", "Jan Lipa, wójt");
            fill_date(page, "dispatched", today);
            page.check("[name=channel][value=post]");
            page.fill("[name=evidence]", "wpis 12");
        });
        self.of_tree("doreczono-sprzeciw", tree, &["served"]);
    }

    /// An act about one tree that asks for days besides.
    fn of_tree(&self, slug: &str, tree: &str, days: &[&str]) {
        let today = self.stage.today();
        self.act(slug, |page| {
            choose(page, tree);
            days.iter().for_each(|name| fill_date(page, name, today));
        });
    }

    fn says(&self, words: &str) {
        let page = self.desk().text("main").replace('\u{a0}', " ");
        assert!(page.contains(words), "{words} is not in\n{page}");
    }

    /// What the resident reads in the case.
    fn reads(&self, case: &str, words: &str) {
        let page = &self.resident.page;
        page.goto(&self.stage.url(&format!("/moje-sprawy/{case}")));
        let said = page.text("main").replace('\u{a0}', " ").to_lowercase();
        assert!(said.contains(&words.to_lowercase()), "{words} is not in\n{said}");
        sound(page);
    }
}

/// Ticks one tree; the only one is ticked already.
fn choose(page: &Page, tree: &str) {
    let other = if tree == "1" { "2" } else { "1" };
    if page.has(&format!("[name=trees][value='{other}']:checked")) {
        page.fail("the other tree is ticked");
    }
    if !page.has(&format!("[name=trees][value='{tree}']:checked")) {
        page.check(&format!("[name=trees][value='{tree}']"));
    }
}

#[test]
fn the_seldom_acts_are_done_in_a_browser() {
    let play = Play::open();
    at_the_door(&play);
    an_obligatory_objection(&play);
    an_objection_through_both_instances(&play);
    silence_and_expiry(&play);
    let done = play.done.borrow().clone();
    for slug in DRIVEN {
        assert!(done.contains(slug), "{slug} was not driven, only {done:?}");
    }
    play.stage.close();
}

/// What ends before it began: a refusal and a forwarding.
fn at_the_door(play: &Play) {
    let (_, refused) = play.filed();
    let today = play.stage.today();
    play.act("odmow", |page| {
        page.fill("[name=reason]", "Zgłasza dzierżawca, nie właściciel.");
        fill_date(page, "on", today);
    });
    play.says("Odmowa wszczęcia");
    play.reads(&refused, "Urząd odmówił wszczęcia sprawy");

    let (_, forwarded) = play.filed();
    play.act("przekaz", |page| {
        page.fill("[name=to]", "Wojewódzki Konserwator Zabytków");
        page.fill("[name=reason]", "Nieruchomość jest w rejestrze zabytków.");
        fill_date(page, "on", today);
    });
    play.says("Przekazano do");
    play.says("Wojewódzki Konserwator Zabytków");
    play.reads(&forwarded, "Urząd przekazał sprawę innemu organowi");
}

/// An order to supply an element (track A), served on its day.
fn call(play: &Play) {
    let today = play.stage.today();
    play.act("wezwij", |page| {
        page.check("[name=track][value=element]");
        page.fill("[name=missing-other]", "Rysunek z położeniem drzew.");
        fill_date(page, "issued", today);
    });
    play.dated("doreczono", "served");
}

/// Nothing is supplied: the authority must object, on the one ground that is left.
fn an_obligatory_objection(play: &Play) {
    let (number, case) = play.filed();
    call(play);
    play.later(9, &number);
    play.act("uplyw", |_| ());
    play.says("Sprzeciw obowiązkowy");
    let today = play.stage.today();
    play.act("sprzeciw", |page| {
        page.check("[name=trees][value='1']");
        page.check("[name=trees][value='2']");
        assert!(!page.has("[name=ground][value=local-plan]"), "the trees were never inspected");
        page.check("[name=ground][value=not-supplemented]");
        fill_date(page, "signed", today);
        page.fill("[name=signatory]", "Jan Lipa, wójt");
        fill_date(page, "dispatched", today);
        page.check("[name=channel][value=ade]");
        page.fill("[name=evidence]", "dowód wysłania 77");
    });
    play.reads(&case, "Urząd wniósł sprzeciw");
}

/// One tree's objection is sent back, made anew and quashed; the other's becomes final.
fn an_objection_through_both_instances(play: &Play) {
    let (number, case) = play.filed();
    call(play);
    let today = play.stage.today();
    play.act("uzupelnienie", |page| {
        fill_date(page, "sent", today);
        fill_date(page, "received", today);
    });
    play.act("zawies", |page| {
        page.check("[name=ground][value=mandatory]");
        fill_date(page, "on", today);
    });
    play.says("Zawieszone od");
    play.reads(&case, "Postępowanie jest zawieszone");
    play.later(3, &number);
    play.dated("podejmij", "on");
    play.inspect(["91,5", "63"]);
    play.object("1");
    play.object("2");
    play.later(5, &number);
    play.of_tree("odwolanie", "1", &["sent", "received"]);
    // Nine days of the case before, three and five of this one after Monday, 23 November.
    play.says("Odwołanie 10 grudnia 2026");
    play.later(20, &number);
    play.of_tree("zwrot", "1", &["arrived"]);
    play.object("1");
    let today = play.stage.today();
    play.act("ostateczna", |page| {
        choose(page, "2");
        page.check("[name=how][value=waiver]");
        fill_date(page, "on", today);
    });
    play.says("sprzeciw ostateczny");
    play.of_tree("odwolanie", "1", &["sent", "received"]);
    play.later(20, &number);
    play.of_tree("uchylenie", "1", &["on"]);
    play.says("sprzeciw uchylony");
    play.reads(&case, "możesz usunąć to drzewo od");
}

/// A thin tree, a certificate and a removal; silence, six months, and the end.
fn silence_and_expiry(play: &Play) {
    let (number, case) = play.filed();
    play.act("kompletne", |_| ());
    play.inspect(["40", "91,5"]);
    play.says("Obwód nie przekracza progu");
    let today = play.stage.today();
    play.act("umorzenie", |page| {
        choose(page, "1");
        page.check("[name=cause][value=under-threshold]");
        fill_date(page, "on", today);
    });
    play.later(16, &number);
    let desk = play.desk();
    assert!(!desk.has("ul.tasks a[href$='/milczaca-zgoda']"), "the register is open");
    let through = play.stage.today() - jiff::ToSpan::days(1);
    desk.follow("ul.tasks a[href$='/rejestr']");
    fill_date(desk, "through", through);
    desk.follow("form#f-act button.btn");
    play.done.borrow_mut().insert("rejestr".to_owned());
    play.act("milczaca-zgoda", |page| choose(page, "2"));
    play.says("Adnotacja w aktach (KPA art. 122e)");
    play.reads(&case, "możesz usunąć to drzewo od");
    play.later(190, &number);
    play.reads(&case, "Zgłoszenie straciło ważność");
    open_case(&play.stage, desk, &number);
    play.act("wygasniecie", |page| choose(page, "2"));
    play.says("zgłoszenie straciło ważność");

    // Another is certified at once, removed, and watched for five years.
    let (number, case) = play.filed();
    play.act("kompletne", |_| ());
    play.inspect(["80", "91,5"]);
    clerk::beside(desk, "/zdjecie?co=1", || desk.upload("[name=file]", &[&upload("gps.jpg")]));
    play.done.borrow_mut().insert("zdjecie".to_owned());
    play.says("zdjęcie · Drzewo 1 · od urzędu");
    let today = play.stage.today();
    play.act("zaswiadczenie", |page| {
        choose(page, "1");
        fill_date(page, "on", today);
        page.check("[name=requested]");
        page.fill("[name=fee-proof]", "KP 7/2027");
    });
    play.says("Dowód opłaty: KP 7/2027");
    let page = &play.resident.page;
    play.reads(&case, "możesz usunąć to drzewo od");
    page.follow("main a[href$='/usuniete']");
    page.check("[name=trees][value='1']");
    page.follow("main form[action$='/usuniete'] button");
    assert!(page.text("main").to_lowercase().contains("usunięte"), "{}", page.text("main"));
    sound(page);
    open_case(&play.stage, desk, &number);
    play.says("Usunięcie zgłoszono");
    play.says("Opłata z ust. 17 możliwa do");
}
