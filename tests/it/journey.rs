//! The purpose of the whole house, by real people in a real browser against the real program: staff come
//! in by invitation, a resident makes a passkey, is confirmed at the desk, files a matter with a photo
//! and a document, gets a proof that holds without us, is asked for more, is answered, and reads it.
//! On a desk's screen, on a phone, and with scripts switched off after the login.

use std::{
    io::Cursor,
    path::{Path, PathBuf},
};

use jiff::{Timestamp, civil::Date};
use ostoja::{kernel::clock::date_in_poland, web::cookies};

use crate::{
    browser::{Browser, Page, Person},
    support::{Program, Visitor, Wire, photo, root, tool},
};

/// A demonstration that runs, and a browser that looks at it.
pub struct Stage {
    pub browser: Browser,
    program: Option<Program>,
    pub port: u16,
    directory: tempfile::TempDir,
}

/// Somebody in the browser with a key of their own.
pub struct Actor {
    pub person: Person,
    pub page: Page,
}

impl Stage {
    pub fn open() -> Stage {
        let directory = tempfile::tempdir().unwrap();
        let (program, port) = Program::demo(&directory.path().join("data"));
        Stage { browser: Browser::start(), program: Some(program), port, directory }
    }

    pub fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.port)
    }

    /// Somebody who has never been here, with a device that can hold passkeys.
    pub fn actor(&self) -> Actor {
        let person = self.browser.person();
        let page = person.tab();
        page.virtual_authenticator();
        page.goto(&self.url("/"));
        Actor { person, page }
    }

    /// Staff accept the invitation that the demonstration prints: administrator, editor and clerk.
    pub fn staff(&self) -> Actor {
        let code = self.program.as_ref().unwrap().code_after("staff: ");
        let staff = self.actor();
        let page = &staff.page;
        page.goto(&self.url("/zaproszenie"));
        sound(page);
        page.fill("label=Kod", &code);
        page.fill("label=Imię", "Ewa");
        page.fill("label=Nazwisko", "Buk");
        page.follow("text=Dalej");
        sound(page);
        page.follow("text=Zrób klucz");
        assert_eq!(page.text("h1"), "Konto");
        assert!(page.text(".who").contains("Ewa Buk"));
        sound(page);
        staff
    }

    /// A resident makes an account of level 1: name, contact and passkey.
    pub fn resident(&self, given: &str, family: &str) -> Actor {
        let resident = self.actor();
        register(self, &resident.page, given, family);
        resident
    }

    /// The clerk sees the resident and their document; the resident types the code.
    pub fn confirm(&self, staff: &Page, resident: &Page, family: &str) {
        staff.goto(&self.url("/urzad/mieszkancy"));
        staff.fill("label=Początek nazwiska", family);
        staff.follow("text=Szukaj");
        sound(staff);
        staff.follow(&format!("text={family}"));
        sound(staff);
        staff.check("[name=seen]");
        staff.follow("text=Wydaj kod");
        sound(staff);
        let words = staff.text("main");
        let code = words
            .split_whitespace()
            .find(|word| word.len() == 14 && word.matches('-').count() == 2);
        let code = code.unwrap_or_else(|| panic!("no code on the sheet: {words}"));
        resident.goto(&self.url("/konto"));
        resident.follow("text=Wpisz kod z urzędu");
        sound(resident);
        resident.fill("[name=code]", &code.to_lowercase());
        resident.follow("text=Potwierdź");
        assert!(resident.text("main").contains("Poziom 2"));
        sound(resident);
    }

    /// Stops the program and looks at what it leaves.
    pub fn close(mut self) {
        let program = self.program.take().unwrap();
        assert_eq!(program.stop(), Some(0));
        let data = self.data();
        let (out, err, code) =
            Program::run(&["log".as_ref(), "verify".as_ref(), "--dir".as_ref(), data.as_os_str()]);
        assert_eq!(code, 0, "{out}{err}");
    }
}

fn register(stage: &Stage, page: &Page, given: &str, family: &str) {
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

/// What must hold on every page that anybody sees: axe is content, nothing scrolls sideways, and the
/// page complains about nothing.
pub fn sound(page: &Page) {
    page.assert_accessible();
    if page.overflows() {
        page.fail("the page is wider than the window");
    }
    let complaints = page.console_errors();
    if !complaints.is_empty() {
        page.fail(&format!("the console says: {complaints:?}"));
    }
    if page.text("body").contains('⟦') {
        page.fail("a text is missing");
    }
}

pub fn upload(name: &str) -> PathBuf {
    root().join("tests/data/uploads").join(name)
}

/// From the catalogue to the check page, with a photo and a document.
pub fn fill_notice(stage: &Stage, page: &Page) {
    page.goto(&stage.url("/sprawy"));
    sound(page);
    page.follow("main a[href='/sprawy/srod-drzewa-zgl']");
    sound(page);
    page.follow("text=Zaczynam");
    sound(page);
    page.follow("text=Zacznij");
    sound(page);
    page.check("[name='owner.kind'][value=sole]");
    page.follow("text=Dalej");
    sound(page);
    page.fill("[name='owner.address.house']", "7");
    page.fill("[name='owner.address.postcode']", "O8-4OO");
    page.fill("[name='owner.address.locality']", "Modrzewie");
    page.follow("text=Dalej");
    assert_eq!(
        (page.status(), page.value("[name='owner.address.postcode']").as_str()),
        (422, "O8-4OO")
    );
    sound(page);
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
    sound(page);
    page.fill("[name='trees[0].stems_cm']", "91,5");
    page.follow("text=Dodaj");
    sound(page);
    page.fill("[name='trees[1].stems_cm']", "63");
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
    let words = page.text("main");
    for part in ["112/4", "91,5", "szkic.pdf", "gps.jpg"] {
        assert!(words.contains(part), "{part} is not among the answers:\n{words}");
    }
    sound(page);
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
    assert_eq!(page.status(), 200, "{}", page.text("main"));
    assert!(page.url().contains("zrobiono"), "{}: {}", page.url(), page.text("main"));
    sound(page);
}

/// The proof in a file is accepted by the program and by the reader, offline, and it is about the files
/// that were sent; with another file, or a byte changed, it is not.
fn check_proof(stage: &Stage, file: &Path) {
    let vkey = stage.data().join("log/vkey");
    let attached = [upload("szkic.pdf"), upload("gps.jpg")];
    let program = |file: &Path, more: &[&Path]| {
        let mut arguments: Vec<&Path> =
            vec!["log".as_ref(), "verify-proof".as_ref(), file, "--vkey".as_ref(), &vkey];
        for attachment in more {
            arguments.extend([Path::new("--file"), *attachment]);
        }
        Program::run(&arguments)
    };
    let (out, err, code) = program(file, &[&attached[0], &attached[1]]);
    assert_eq!(code, 0, "{out}{err}");
    assert_ne!(program(file, &[&upload("portrait_1.jpg")]).2, 0, "a file that was never sent");
    let reader = root().join("tests/tools/journal_reader.py");
    let key = std::fs::read_to_string(&vkey).unwrap();
    let arguments = [
        reader.as_os_str(),
        "proof".as_ref(),
        file.as_os_str(),
        "--vkey".as_ref(),
        key.trim().as_ref(),
    ];
    let (said, code) = tool("python3", &arguments, b"");
    assert_eq!(code, 0, "{said}");
    let changed = file.with_extension("changed");
    let text = std::fs::read_to_string(file).unwrap();
    let at = text.find("leaf").or(text.find("header")).unwrap() + 60;
    let mut bytes = text.into_bytes();
    bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
    std::fs::write(&changed, bytes).unwrap();
    assert_ne!(program(&changed, &[]).2, 0, "a changed proof");
}

fn place_in(jpeg: &[u8]) -> bool {
    let read = exif::Reader::new().read_from_container(&mut Cursor::new(jpeg));
    read.is_ok_and(|read| read.get_field(exif::Tag::GPSLatitude, exif::In::PRIMARY).is_some())
}

/// What pages show of the photo does not tell where it was taken; the original does, and is inert.
fn check_photo(stage: &Stage, resident: &Actor, case: &str) {
    let visitor = Visitor::new(Wire(stage.port));
    let cookies = resident.person.cookies();
    let session = cookies.iter().find(|cookie| cookie["name"] == cookies::SESSION).unwrap();
    visitor.keep_cookie(cookies::SESSION, session["value"].as_str().unwrap());
    assert_eq!(
        (&session["httpOnly"], &session["secure"], session["sameSite"].as_str()),
        (&true.into(), &true.into(), Some("Lax"))
    );
    assert!(place_in(&photo()), "a bad sample");
    let mut originals = 0;
    for n in 0..4 {
        let original = visitor.get(&format!("/moje-sprawy/{case}/pliki/{n}"));
        if original.status != 200 || original.body != photo() {
            continue;
        }
        originals += 1;
        assert!(original.header("content-disposition").starts_with("attachment;"), "{original:?}");
        assert_eq!(original.header("x-content-type-options"), "nosniff");
        assert!(
            original.header("content-security-policy").contains("sandbox"),
            "{}",
            original.header("content-security-policy")
        );
        for shown in ["podglad", "miniatura"] {
            let shown = visitor.get(&format!("/moje-sprawy/{case}/pliki/{n}/{shown}")).expect(200);
            assert!(image::load_from_memory(&shown.body).is_ok(), "{shown}");
            assert!(!place_in(&shown.body), "{shown} tells where it was taken");
        }
    }
    assert_eq!(originals, 1);
    // Nobody else sees any of it.
    let stranger = Visitor::new(Wire(stage.port));
    assert_eq!(stranger.get(&format!("/moje-sprawy/{case}/pliki/0")).status, 303);
}

/// The clerk takes the case, asks for what is missing, and later writes down the inspection.
fn examine(stage: &Stage, staff: &Page, resident: &Page, number: &str) {
    open_case(stage, staff, number);
    act(staff, "przyjmij", || ());
    act(staff, "wezwij", || {
        staff.check("[name=track][value=element]");
        staff.check("[name=missing]");
        staff.fill("[name=missing-other]", "Dołącz zdjęcie pnia z bliska.");
        fill_date(staff, "issued", today());
    });
    act(staff, "doreczono", || fill_date(staff, "served", today()));
    resident.goto(&stage.url("/moje-sprawy"));
    sound(resident);
    resident.follow(&format!("text={number}"));
    assert!(
        resident.text("main").contains("Urząd prosi o uzupełnienie"),
        "{}",
        resident.text("main")
    );
    sound(resident);
    resident.follow("text=Uzupełnij zgłoszenie");
    assert!(resident.text("main").contains("Dołącz zdjęcie pnia z bliska."));
    sound(resident);
    resident.fill("[name=text]", "W załączeniu zdjęcie pnia.");
    resident.upload("[name=files]", &[&upload("portrait_6.jpg")]);
    resident.follow("text=Wyślij");
    assert!(!resident.text("main").contains("Urząd prosi o uzupełnienie"));
    sound(resident);
    open_case(stage, staff, number);
    assert!(staff.text("main").contains("W załączeniu zdjęcie pnia."));
    act(staff, "ogledziny", || {
        fill_date(staff, "on", today());
        staff.fill("[name=place]", "Modrzewie 112/4");
        staff.fill("[name=protocol]", "protokół 3/2026");
        staff.fill("[name=person-1]", "Ewa Buk");
        staff.fill("[name=capacity-1]", "inspektor");
        for tree in ["1", "2"] {
            staff.fill(&format!("[name=tree-{tree}-species]"), "dab");
            staff.fill(
                &format!("[name=tree-{tree}-stems5]"),
                if tree == "1" { "91,5" } else { "63" },
            );
        }
    });
}

#[test]
fn one_real_case_from_the_invitation_to_the_objection() {
    let stage = Stage::open();
    let staff = stage.staff();
    let anna = stage.resident("Anna", "Wierzbowska");
    let page = &anna.page;
    stage.confirm(&staff.page, page, "Wierzbowska");
    fill_notice(&stage, page);
    page.follow("text=Złóż i podpisz kluczem");
    let (number, case) = confirmed(page);
    let folder = tempfile::tempdir().unwrap();
    let proof = anna.person.download(folder.path(), || page.click("text=Pobierz potwierdzenie"));
    check_proof(&stage, &proof);
    check_photo(&stage, &anna, &case);

    examine(&stage, &staff.page, page, &number);
    act(&staff.page, "sprzeciw", || {
        let page = &staff.page;
        page.check("[name=trees][value='1']");
        page.check("[name=ground]");
        fill_date(page, "signed", today());
        page.fill("[name=signatory]", "Jan Lipa, wójt");
        fill_date(page, "dispatched", today());
        page.check("[name=channel][value=portal-account]");
        page.fill("[name=evidence]", "wpis 12");
    });
    act(&staff.page, "zaswiadczenie", || {
        staff.page.check("[name=trees][value='2']");
        fill_date(&staff.page, "on", today());
    });
    staff.page.follow("text=Dodaj podpisane pismo");
    sound(&staff.page);
    staff.page.eval_on("[name=document]", "e => { e.selectedIndex = 1; }");
    staff.page.upload("[name=file]", &[&upload("szkic.pdf")]);
    staff.page.follow("form#f-act button.btn");
    sound(&staff.page);

    // The resident reads the decision, tree by tree, and the letter.
    page.goto(&stage.url(&format!("/moje-sprawy/{case}")));
    let words = page.text("main");
    for part in ["Sprzeciw", "Zaświadczenie", "Pisma z urzędu"] {
        assert!(words.to_lowercase().contains(&part.to_lowercase()), "{part} is not in\n{words}");
    }
    sound(page);
    // And sees who looked.
    page.goto(&stage.url("/konto/wglady"));
    assert!(page.text("main").contains("Ewa Buk"), "{}", page.text("main"));
    sound(page);
    stage.close();
}

#[test]
fn the_same_on_a_phone() {
    let stage = Stage::open();
    let staff = stage.staff();
    let jan = stage.actor();
    let page = &jan.page;
    page.viewport(360, 740, true);
    register(&stage, page, "Jan", "Olszowski");
    stage.confirm(&staff.page, page, "Olszowski");
    fill_notice(&stage, page);
    page.follow("text=Złóż i podpisz kluczem");
    let (number, case) = confirmed(page);
    staff.page.viewport(360, 740, true);
    examine(&stage, &staff.page, page, &number);
    act(&staff.page, "zaswiadczenie", || {
        for tree in ["1", "2"] {
            staff.page.check(&format!("[name=trees][value='{tree}']"));
        }
        fill_date(&staff.page, "on", today());
    });
    page.goto(&stage.url(&format!("/moje-sprawy/{case}")));
    assert!(page.text("main").to_lowercase().contains("zaświadczenie"), "{}", page.text("main"));
    sound(page);
    stage.close();
}

#[test]
fn after_the_login_no_script_is_needed() {
    let stage = Stage::open();
    let staff = stage.staff();
    let ola = stage.resident("Oksana", "Szewczenko");
    let page = &ola.page;
    stage.confirm(&staff.page, page, "Szewczenko");
    for page in [page, &staff.page] {
        page.set_script_enabled(false);
        page.reload();
    }
    fill_notice(&stage, page);
    page.click("text=Nie możesz teraz użyć klucza?");
    page.follow("text=Złóż bez klucza");
    let (number, case) = confirmed(page);
    examine(&stage, &staff.page, page, &number);
    page.goto(&stage.url(&format!("/moje-sprawy/{case}")));
    page.follow("text=Napisz do urzędu");
    sound(page);
    page.fill("[name=text]", "Zmieniłam zdanie.");
    page.follow("text=Wyślij");
    assert!(page.text("main").contains("Zmieniłam zdanie."));
    page.follow("text=Wycofaj zgłoszenie");
    sound(page);
    page.follow("main button.btn.danger");
    assert!(page.text("main").to_lowercase().contains("wycofan"), "{}", page.text("main"));
    sound(page);
    page.follow("text=Wyloguj się");
    sound(page);
    assert!(!page.text("header").contains("Oksana"));
    stage.close();
}

/// Presses Tab until the focus is on an element with these words.
fn tab_to(page: &Page, words: &str) {
    let mut seen = Vec::new();
    for _ in 0..80 {
        page.press("Tab");
        let focused = page.focused();
        if focused.contains(words) {
            return;
        }
        seen.push(focused);
    }
    page.fail(&format!("Tab does not come to {words:?}; it comes to {seen:?}"));
}

#[test]
fn from_the_login_to_the_first_step_by_keyboard_alone() {
    let stage = Stage::open();
    let zofia = stage.resident("Zofia", "Klonowska");
    let page = &zofia.page;
    page.follow("text=Wyloguj się");
    page.goto(&stage.url("/"));
    page.press("Tab");
    assert!(
        page.focused().contains("Przejdź do treści"),
        "the first stop skips the header: {}",
        page.focused()
    );
    tab_to(page, "Zaloguj się");
    page.navigates("Enter", || page.press("Enter"));
    tab_to(page, "Zaloguj się kluczem");
    page.navigates("Enter", || page.press("Enter"));
    assert!(page.text(".who").contains("Zofia Klonowska"));
    tab_to(page, "Sprawy");
    page.navigates("Enter", || page.press("Enter"));
    tab_to(page, "usunięcia drzewa");
    page.navigates("Enter", || page.press("Enter"));
    tab_to(page, "Zaczynam");
    page.navigates("Enter", || page.press("Enter"));
    tab_to(page, "Zacznij");
    page.navigates("Enter", || page.press("Enter"));
    assert!(page.title().contains("Krok 1 z "), "{}", page.title());
    tab_to(page, "input");
    page.press(" ");
    assert_eq!(page.eval("document.querySelector('[name=\"owner.kind\"]').checked"), true);
    page.navigates("Enter", || page.press("Enter"));
    assert!(page.title().contains("Krok 2 z "), "{}", page.title());
    sound(page);
    stage.close();
}
