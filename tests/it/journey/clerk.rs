//! What a clerk does: confirms a resident, takes a case, asks for more, writes down the inspection.

use jiff::{Timestamp, civil::Date};
use ostoja::kernel::clock::date_in_poland;

use super::{Actor, Stage, resident, sound, upload};
use crate::browser::Page;

/// The clerk sees the resident and their document; the resident types the code.
pub fn confirm(stage: &Stage, staff: &Page, resident: &Page, family: &str) {
    let code = issue(stage, staff, family);
    resident.goto(&stage.url("/konto"));
    resident.follow("text=Wpisz kod z urzędu");
    sound(resident);
    resident.fill("[name=code]", &code.to_lowercase());
    resident.follow("text=Potwierdź");
    assert!(resident.text("main").contains("Poziom 2"));
    sound(resident);
}

/// The clerk finds the resident and issues a code, whose sheet is then on the screen.
pub fn issue(stage: &Stage, staff: &Page, family: &str) -> String {
    staff.goto(&stage.url("/urzad/mieszkancy"));
    staff.fill("label=Początek nazwiska", family);
    staff.follow("text=Szukaj");
    sound(staff);
    staff.follow(&format!("text={family}"));
    sound(staff);
    staff.check("[name=seen]");
    staff.follow("text=Wydaj kod");
    sound(staff);
    code_on(staff)
}

/// The code on the sheet that is on the screen.
pub fn code_on(page: &Page) -> String {
    let words = page.text("main");
    let code =
        words.split_whitespace().find(|word| word.len() == 14 && word.matches('-').count() == 2);
    code.unwrap_or_else(|| panic!("no code on the sheet: {words}")).to_owned()
}

/// A confirmed resident whose notice, with a photo and a document, is in the office; and the address of
/// its confirmation. The forms are filled without the browser: other journeys look at them.
pub fn filed(stage: &Stage, staff: &Page, given: &str, family: &str) -> (Actor, String) {
    let resident = resident::arrives(stage, given, family);
    confirm(stage, staff, &resident.page, family);
    let reader = stage.reader(&resident.person);
    let draft = reader.try_draft(true).unwrap();
    let sent = reader.submit(&reader.try_filing_form(&draft).unwrap()).expect(303);
    (resident, sent.location().to_owned())
}

/// The clerk opens the case by its number.
pub fn open_case(stage: &Stage, page: &Page, number: &str) {
    page.goto(&stage.url("/urzad/skrzynka"));
    sound(page);
    page.fill("[name=numer]", number);
    page.follow("text=Znajdź");
    if !page.text("h1").contains(number) {
        page.follow("main table a[href]:not([href*=skrzynka])");
    }
    assert!(page.text("h1").contains(number), "{}", page.text("h1"));
    sound(page);
}

/// Three boxes of a date.
pub fn fill_date(page: &Page, name: &str, day: Date) {
    page.fill(&format!("[name='{name}-day']"), &day.day().to_string());
    page.fill(&format!("[name='{name}-month']"), &day.month().to_string());
    page.fill(&format!("[name='{name}-year']"), &day.year().to_string());
}

pub fn today() -> Date {
    date_in_poland(Timestamp::now())
}

/// An act of the case's list, until its button.
pub fn act(page: &Page, slug: &str, fill: impl FnOnce()) {
    page.follow(&format!("ul.tasks a[href$='/{slug}']"));
    sound(page);
    fill();
    page.follow("form#f-act button.btn");
    if page.url().ends_with("/sprawdz") {
        // A decision: read once more, and confirmed with the clerk's key, if the browser can use one.
        sound(page);
        if page.has("text=Potwierdź kluczem dostępu") {
            page.follow("text=Potwierdź kluczem dostępu");
        } else {
            page.click("text=Nie mogę teraz użyć klucza");
            page.follow("text=Potwierdź bez klucza");
        }
    }
    assert_eq!(page.status(), 200, "{}", page.text("main"));
    assert!(page.url().contains("zrobiono"), "{}: {}", page.url(), page.text("main"));
    sound(page);
}

/// An act that a page offers beside the course of the case, until its button.
pub fn beside(page: &Page, link: &str, fill: impl FnOnce()) {
    page.follow(&format!("main a[href*='{link}']"));
    sound(page);
    fill();
    page.follow("form#f-act button.btn");
    assert!(page.url().contains("zrobiono"), "{}: {}", page.url(), page.text("main"));
    sound(page);
}

/// What the clerk looks up in registers, whom the matter concerns, and a picture of a tree.
pub fn look_up(staff: &Page) {
    beside(staff, "/sprawdzenie?co=local-plan", || {
        assert_eq!(staff.value("[name=of]:checked"), "local-plan", "the link says what about");
        staff.check("[name=result][value=yes]");
        staff.fill("[name=symbol]", "3ZP");
        staff.fill("[name=paragraph]", "§ 14 ust. 2");
        staff.fill("[name=found]", "zieleń urządzona, zakaz wycinki");
        staff.fill("[name=source]", "uchwała nr XII/80/2020");
    });
    let words = staff.text("main");
    for part in [
        "3ZP, § 14 ust. 2: zieleń urządzona",
        "Anna Wierzbowska, zgłaszająca: odmowa podpisu (nie zgadza się z obwodem)",
        "Położenie: 53,123450",
    ] {
        assert!(words.contains(part), "{part} is not in\n{words}");
    }
    beside(staff, "/strona", || {
        staff.fill("[name=name]", "Adam Wierzbowski");
        staff.fill("[name=address]", "Lipowa 3, 08-400 Modrzewie");
        staff.check("[name=capacity][value=coowner]");
    });
    beside(staff, "/strona-skreslona?co=1", || {
        assert_eq!(staff.value("[name=party]:checked"), "1");
        staff.fill("[name=reason]", "sprzedał swój udział");
    });
    beside(staff, "/zdjecie?co=2", || {
        assert_eq!(staff.value("[name=tree]:checked"), "2");
        staff.upload("[name=file]", &[&upload("gps.jpg")]);
    });
    // Pictures are loaded when somebody comes near them.
    staff.eval("document.querySelector('td img.thumb').scrollIntoView()");
    staff.wait_for(
        "[...document.querySelectorAll('td img.thumb')].some(i => i.complete && i.naturalWidth > 0)",
        "the picture stands beside its tree",
    );
    assert!(staff.text("main").contains("Adam Wierzbowski"), "who was struck is still named");
}

/// The clerk takes the case, asks for what is missing, and when it has come writes down the inspection.
pub fn examine(stage: &Stage, staff: &Page, page: &Page, number: &str) {
    open_case(stage, staff, number);
    staff.follow("form.take button");
    sound(staff);
    assert!(staff.text("dl.facts").contains("Ewa Buk"), "{}", staff.text("main"));
    call(staff);
    resident::supplement(stage, page, number);
    open_case(stage, staff, number);
    assert!(staff.text("main").contains("Dołączam rysunek z numerami drzew."));
    act(staff, "ogledziny", || fill_inspection(staff, &["1", "2"]));
}

/// What the clerk says is missing, and that the resident has the letter.
pub fn call(staff: &Page) {
    act(staff, "wezwij", || fill_call(staff));
    act(staff, "doreczono", || fill_date(staff, "served", today()));
}

pub fn fill_call(staff: &Page) {
    staff.check("[name=track][value=element]");
    staff.check("label=Dołącz rysunek albo mapkę");
    staff.fill("[name=missing-other]", "Zaznacz na rysunku, które drzewo jest które.");
    fill_date(staff, "issued", today());
}

/// What was measured at the trees.
fn fill_inspection(staff: &Page, trees: &[&str]) {
    fill_date(staff, "on", today());
    staff.fill("[name=place]", "Modrzewie 112/4");
    staff.fill("[name=protocol]", "protokół 3/2026");
    staff.fill("[name=person-1]", "Ewa Buk");
    staff.fill("[name=capacity-1]", "inspektor");
    staff.fill("[name=signature-1]", "signed");
    staff.fill("[name=person-2]", "Anna Wierzbowska");
    staff.fill("[name=capacity-2]", "zgłaszająca");
    staff.fill("[name=signature-2]", "refused");
    staff.fill("[name=unsigned-2]", "nie zgadza się z obwodem");
    for tree in trees {
        staff.fill(&format!("[name=tree-{tree}-species]"), "dab");
        staff.fill(&format!("[name=tree-{tree}-stems5]"), "91,5");
        staff.fill(&format!("[name=tree-{tree}-position]"), "53,12345 17,65432");
    }
}
