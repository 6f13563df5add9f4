//! Sheets on paper: nothing that only a screen needs, all that the paper is for, and a square that a
//! foreign scanner reads as it should.

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use ostoja::kernel::{crypto::hex, journal::entry::leaf};
use serde_json::Value;

use super::{
    Stage,
    clerk::{self, code_on, issue},
    resident, sound,
};
use crate::{browser::Page, support::tool};

/// What the square of the sheet says, to somebody who has only the picture of it.
fn scan(page: &Page) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("qr.png");
    page.screenshot_of("svg.qr", &path);
    let (said, code) = tool("zbarimg", &["--raw".as_ref(), "-q".as_ref(), path.as_os_str()], b"");
    assert_eq!(code, 0, "no code is read: {said}");
    // What it says of itself comes behind.
    said.lines().next().unwrap_or_default().to_owned()
}

/// Looks at the sheet on the screen, dark and narrow too, and then as it is printed. In each the
/// square says the same.
fn check_sheet(page: &Page, address: &str, words: &[&str]) {
    page.viewport(360, 740, true);
    sound(page);
    page.viewport(1280, 900, false);
    page.media("screen", &[("prefers-color-scheme", "dark")]);
    sound(page);
    assert_eq!(scan(page), address);
    page.media("print", &[]);
    let shown = page.eval(
        "[...document.querySelectorAll('header, nav, footer, button, summary, input, .btn, .skip')]
           .filter(e => e.checkVisibility() && !e.closest('.sheet')).map(e => e.outerHTML)",
    );
    assert_eq!(shown, Value::Array(Vec::new()), "paper has no use for these");
    assert_eq!(page.eval("document.querySelector('.sheet svg.qr').checkVisibility()"), true);
    let sheet = page.text(".sheet");
    for word in words.iter().chain([&"Gmina Modrzewie"]) {
        assert!(sheet.contains(word), "{word:?} is not on the sheet:\n{sheet}");
    }
    assert_eq!(scan(page), address);
    page.media("", &[]);
}

#[test]
fn a_code_is_taken_home_on_paper() {
    let stage = Stage::open();
    let staff = stage.staff();
    let desk = &staff.page;
    desk.goto(&stage.url("/urzad/pracownicy/zapros"));
    desk.fill("label=Imię", "Jan");
    desk.fill("label=Nazwisko", "Lipa");
    desk.check("label=Urzędnik");
    desk.follow("text=Przygotuj zaproszenie");
    sound(desk);
    let code = code_on(desk);
    check_sheet(desk, &stage.url(&format!("/zaproszenie?kod={code}")), &[&code]);

    let anna = resident::arrives(&stage, "Anna", "Wierzbowska");
    let code = issue(&stage, desk, "Wierzbowska");
    let address = stage.url(&format!("/konto/kod?kod={code}"));
    check_sheet(desk, &address, &[&code, &stage.url("/konto/kod")]);
    // Whoever scans the square types nothing.
    anna.page.goto(&address);
    sound(&anna.page);
    anna.page.follow("text=Potwierdź");
    assert!(anna.page.text("main").contains("Poziom 2"), "{}", anna.page.text("main"));
    stage.close();
}

#[test]
fn a_confirmation_is_taken_home_on_paper() {
    let stage = Stage::open();
    let staff = stage.staff();
    let (anna, filed) = clerk::filed(&stage, &staff.page, "Anna", "Wierzbowska");
    anna.page.goto(&stage.url(&filed));
    let (number, case) = resident::confirmed(&anna.page);
    let reader = stage.reader(&anna.person);
    // The hash on the paper is that of the entry in the file that proves it.
    let proof = reader.get(&format!("/moje-sprawy/{case}/dowod")).expect(200);
    let proof: Value = serde_json::from_slice(&proof.body).unwrap();
    let header = BASE64.decode(proof["header"].as_str().unwrap()).unwrap();
    let hash = hex(&leaf(&header));
    let address = stage.url(&format!("/moje-sprawy/{case}"));
    check_sheet(&anna.page, &address, &[&number, &hash, &address]);
    assert_eq!(reader.get(&format!("/moje-sprawy/{case}")).status, 200);
    stage.close();
}
