//! A formal defect (track B): the clerk issues a summons, and it is served. One resident cures the defect and the
//! case goes on; another does not, the term passes, and the notice is left unexamined.

use super::{
    Actor, Stage, act, clerk, fill_date, open_case,
    resident::{self, confirmed},
    sound, upload,
};

/// A Monday in winter, ten in the morning in Poland.
const MONDAY: &str = "2026-11-23T09:00:00Z";
const MISSING: &str = "Podpis właściciela: zgłoszenie podpisał ktoś inny.";

/// The clerk takes the case and calls for the cure of a formal defect, which is served on the same day.
fn summon(stage: &Stage, staff: &Actor, number: &str) {
    let page = &staff.page;
    open_case(stage, page, number);
    page.follow("form.take button");
    sound(page);
    act(page, "wezwij", || {
        page.check("[name=track][value=formal]");
        page.fill("[name=missing-other]", MISSING);
        fill_date(page, "issued", stage.today());
    });
    // The letter to write is the summons, not the order of the other track.
    let words = page.text("main");
    assert!(words.contains("Wezwanie") && words.contains("KPA art. 64 § 2"), "{words}");
    act(page, "doreczono", || fill_date(page, "served", stage.today()));
    let words = page.text("main");
    assert!(words.contains("Czeka na usunięcie braków") && words.contains(MISSING), "{words}");
    assert!(!words.contains("art. 83f ust. 9)"), "that would be the other track: {words}");
}

#[test]
fn a_formal_defect_is_cured_and_the_case_goes_on() {
    let stage = Stage::standing(MONDAY);
    let staff = stage.staff();
    let (anna, filed) = clerk::filed(&stage, &staff.page, "Anna", "Wierzbowska");
    let page = &anna.page;
    page.goto(&stage.url(&filed));
    let (number, case) = confirmed(page);
    summon(&stage, &staff, &number);

    // The resident reads what is wrong and until when, two days later.
    stage.pass(2);
    stage.log_in(&anna);
    page.goto(&stage.url(&format!("/moje-sprawy/{case}")));
    let words = page.text("main").to_lowercase();
    for part in ["czeka, aż usuniesz braki", "podpis właściciela", "30 listopada 2026"] {
        assert!(words.replace('\u{a0}', " ").contains(part), "{part} is not in\n{words}");
    }
    sound(page);
    page.follow("text=Uzupełnij zgłoszenie");
    assert!(page.text("main").contains(MISSING));
    sound(page);
    page.fill("[name=text]", "Dołączam zgłoszenie z podpisem właściciela.");
    page.upload("[name=files]", &[&upload("szkic.pdf")]);
    page.follow("text=Wyślij");
    assert!(!page.text("main").contains("Urząd prosi o uzupełnienie"), "{}", page.text("main"));
    sound(page);

    // The case is where it was before the summons: it is examined, and then goes on to the inspection.
    let desk = &staff.page;
    stage.log_in(&staff);
    open_case(&stage, desk, &number);
    let words = desk.text("main");
    assert!(words.contains("Dołączam zgłoszenie z podpisem właściciela."), "{words}");
    assert!(!desk.has("ul.tasks a[href$='/ogledziny']"), "it is not accepted yet");
    act(desk, "kompletne", || ());
    act(desk, "termin", || {
        fill_date(desk, "on", stage.today() + jiff::ToSpan::days(9));
        fill_date(desk, "served", stage.today());
    });
    let words = desk.text("main").replace('\u{a0}', " ");
    for part in [
        "O wszczęciu sprawy i o oględzinach muszą wiedzieć wszystkie strony",
        "Anna Wierzba (zgłasza)",
        "4 grudnia 2026",
        "Zawiadomienie doręczono 25 listopada 2026",
    ] {
        assert!(words.contains(part), "{part} is not in\n{words}");
    }
    // The 21 days run anew from the day of the cure (25 November).
    assert!(words.contains("16 grudnia 2026"), "{words}");
    page.goto(&stage.url(&format!("/moje-sprawy/{case}")));
    let words = page.text("main").replace('\u{a0}', " ");
    assert!(words.contains("Urząd obejrzy drzewa") && words.contains("4 grudnia 2026"), "{words}");
    sound(page);
    stage.close();
}

#[test]
fn a_summons_that_nobody_answers_leaves_the_notice_unexamined() {
    let stage = Stage::standing(MONDAY);
    let staff = stage.staff();
    let (jan, filed) = clerk::filed(&stage, &staff.page, "Jan", "Olszowski");
    let page = &jan.page;
    page.goto(&stage.url(&filed));
    let (number, case) = confirmed(page);
    summon(&stage, &staff, &number);
    let desk = &staff.page;
    // Seven days from the 23rd: the 30th is the last, and nothing can be noted on it.
    stage.pass(7);
    stage.log_in(&staff);
    open_case(&stage, desk, &number);
    assert!(!desk.has("ul.tasks a[href$='/uplyw']"), "{}", desk.text("main"));
    stage.pass(1);
    stage.log_in(&staff);
    open_case(&stage, desk, &number);
    assert!(desk.text("main").contains("Minął termin uzupełnienia"), "{}", desk.text("main"));

    // Too late for the resident as well.
    stage.log_in(&jan);
    page.goto(&stage.url(&format!("/moje-sprawy/{case}/uzupelnienie")));
    if page.has("[name=text]") {
        page.fill("[name=text]", "Już podpisane.");
        page.follow("text=Wyślij");
        assert_eq!(page.status(), 422, "{}", page.text("main"));
        sound(page);
    }

    act(desk, "uplyw", || ());
    let words = desk.text("main");
    for part in ["Bez rozpoznania", "KPA art. 64", "może być jeszcze w drodze"] {
        assert!(words.contains(part), "{part} is not in\n{words}");
    }
    assert!(words.replace('\u{a0}', " ").contains("1 grudnia 2026"), "the day it ended: {words}");
    page.goto(&stage.url(&format!("/moje-sprawy/{case}")));
    let words = page.text("main");
    assert!(words.contains("Urząd pozostawił zgłoszenie bez rozpoznania"), "{words}");
    assert!(!page.has("main a[href$='/uzupelnienie']"), "there is nothing to supply any more");
    sound(page);
    // The inbox is of cases that wait for somebody.
    desk.goto(&stage.url("/urzad/skrzynka"));
    assert!(!desk.text("main").contains(&number), "{}", desk.text("main"));
    resident::begin(&stage, page);
    stage.close();
}
