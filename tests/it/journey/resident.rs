//! What residents do: make an account, file the notice, add what the office asks for.

use super::{Actor, Stage, sound, upload};
use crate::browser::Page;

/// A resident makes an account of level 1: name, contact and passkey.
pub fn arrives(stage: &Stage, given: &str, family: &str) -> Actor {
    let resident = stage.actor();
    register(stage, &resident.page, given, family);
    resident
}

pub fn register(stage: &Stage, page: &Page, given: &str, family: &str) {
    page.goto(&stage.url("/"));
    sound(page);
    page.follow("text=Zaloguj się");
    sound(page);
    page.follow("text=Załóż konto");
    sound(page);
    // What is wrong is said beside the field, and nothing is lost.
    page.fill("label=Imię", given);
    page.follow("text=Dalej");
    assert_eq!(page.status(), 422);
    assert_eq!(page.value("label=Imię"), given);
    assert!(page.title().starts_with("Błąd: "), "{}", page.title());
    sound(page);
    page.fill("label=Nazwisko", family);
    page.fill("label=Telefon", "600 100 200");
    page.follow("text=Dalej");
    sound(page);
    page.follow("text=Zrób klucz");
    assert_eq!(page.text("h1"), "Konto");
    sound(page);
}

/// From the catalogue to the check page, with a photo and a document.
pub fn fill_notice(stage: &Stage, page: &Page) {
    begin(stage, page);
    sound(page);
    mistake(page);
    sound(page);
    to_trees(page);
    sound(page);
    trees(page);
    sound(page);
    rest(page);
    let words = page.text("main");
    for part in ["112/4", "91,5", "szkic.pdf", "gps.jpg"] {
        assert!(words.contains(part), "{part} is not among the answers:\n{words}");
    }
    sound(page);
}

/// From the catalogue to the first step.
pub fn begin(stage: &Stage, page: &Page) {
    page.goto(&stage.url("/sprawy"));
    sound(page);
    page.follow("main a[href='/sprawy/srod-drzewa-zgl']");
    sound(page);
    page.follow("text=Zaczynam");
    sound(page);
    page.follow("text=Zacznij");
    assert!(page.title().contains("Krok 1 z "), "{}", page.title());
}

/// The first step, and the second with a postcode that has letters: nothing typed is lost.
pub fn mistake(page: &Page) {
    page.check("[name='owner.kind'][value=sole]");
    page.follow("text=Dalej");
    sound(page);
    page.fill("[name='owner.address.street']", "Leśna");
    page.fill("[name='owner.address.house']", "7");
    page.fill("[name='owner.address.postcode']", "O8-4OO");
    page.fill("[name='owner.address.locality']", "Modrzewie");
    page.follow("text=Dalej");
    let kept = page.value("[name='owner.address.postcode']");
    assert_eq!((page.status(), kept.as_str()), (422, "O8-4OO"));
}

/// From the mistake to the step about trees.
pub fn to_trees(page: &Page) {
    page.fill("[name='owner.address.postcode']", "08-400");
    page.follow("text=Dalej");
    sound(page);
    page.fill("[name='prop.parcel.precinct']", "Modrzewie");
    page.fill("[name='prop.parcel.number']", "112/4");
    page.follow("text=Dalej");
    sound(page);
    page.check("[name='prop.owner_types'][value=yes]");
    page.check("[name='purpose.business'][value=no]");
    page.check("[name='prop.monument'][value=no]");
    page.follow("text=Dalej");
}

/// Two trees, the second added by the button.
pub fn trees(page: &Page) {
    page.fill("[name='trees[0].species']", "dab");
    page.fill("[name='trees[0].stems_cm']", "91,5");
    page.follow("text=Dodaj");
    page.fill("[name='trees[1].species']", "swierk");
    page.fill("[name='trees[1].stems_cm']", "63");
}

/// From the trees to the check page.
pub fn rest(page: &Page) {
    page.follow("text=Dalej");
    sound(page);
    page.upload("[name=sketch]", &[&upload("szkic.pdf")]);
    page.upload("[name=photos]", &[&upload("gps.jpg")]);
    page.follow("text=Dalej");
    sound(page);
    page.follow("text=Dalej");
    sound(page);
    page.check("[name='delivery.pref'][value=account]");
    page.follow("text=Dalej");
    assert_eq!(page.text("h1"), "Sprawdź zgłoszenie");
}

/// On the confirmation page: number and address of the case.
pub fn confirmed(page: &Page) -> (String, String) {
    assert_eq!(page.text("h1"), "Zgłoszenie jest w urzędzie");
    sound(page);
    let number = page.text(".number");
    let path = page.url();
    let case = path.split("/moje-sprawy/").nth(1).unwrap().split('/').next().unwrap().to_owned();
    (number, case)
}

/// The resident sees what the office asks for and sends it.
pub fn supplement(stage: &Stage, page: &Page, number: &str) {
    page.goto(&stage.url("/moje-sprawy"));
    sound(page);
    page.follow(&format!("text={number}"));
    let words = page.text("main");
    assert!(words.contains("Urząd prosi o uzupełnienie"), "{words}");
    sound(page);
    page.follow("text=Uzupełnij zgłoszenie");
    assert!(page.text("main").contains("Zaznacz na rysunku, które drzewo jest które."));
    sound(page);
    page.follow("text=Wyślij");
    assert_eq!(page.status(), 422, "neither words nor a file");
    sound(page);
    page.fill("[name=text]", "Dołączam rysunek z numerami drzew.");
    page.upload("[name=files]", &[&upload("portrait_6.jpg")]);
    page.follow("text=Wyślij");
    assert!(!page.text("main").contains("Urząd prosi o uzupełnienie"));
    sound(page);
}

/// The resident writes to the office.
pub fn write(stage: &Stage, page: &Page, case: &str, words: &str) {
    page.goto(&stage.url(&format!("/moje-sprawy/{case}")));
    page.follow("text=Napisz do urzędu");
    sound(page);
    page.fill("[name=text]", words);
    page.follow("text=Wyślij");
    assert!(page.text(".thread").contains(words), "{}", page.text("main"));
    sound(page);
}
