//! A matter whose term is over: a clerk proposes it, the administrator and another clerk approve with keys of their own,
//! it goes, and the certificate is printed; and a resident closes their account.

use serde_json::Value;

use super::{Actor, Stage, clerk, resident, sound};
use crate::browser::Page;

/// A colleague comes in by an invitation of the administrator's, as a clerk with a key of their own.
fn joins(stage: &Stage, administrator: &Page, given: &str, family: &str) -> Actor {
    administrator.goto(&stage.url("/urzad/pracownicy/zapros"));
    administrator.fill("label=Imię", given);
    administrator.fill("label=Nazwisko", family);
    administrator.check("label=Urzędnik");
    administrator.follow("text=Przygotuj zaproszenie");
    let code = clerk::code_on(administrator);
    let colleague = stage.actor();
    let page = &colleague.page;
    page.goto(&stage.url("/zaproszenie"));
    page.fill("label=Kod", &code);
    page.follow("text=Dalej");
    page.follow("text=Zrób klucz");
    assert!(page.text(".who").contains(family), "{}", page.text(".who"));
    colleague
}

/// On a phone, and on a desk's screen in the dark.
fn both(page: &Page) {
    page.viewport(360, 740, true);
    sound(page);
    page.viewport(1280, 900, false);
    page.media("screen", &[("prefers-color-scheme", "dark")]);
    sound(page);
    page.media("", &[]);
}

#[test]
#[expect(clippy::too_many_lines, reason = "one story, told in order")]
fn a_matter_whose_term_is_over_is_erased_by_two_keys() {
    let stage = Stage::standing("2026-11-23T09:00:00Z");
    let ewa = stage.staff();
    let jan = joins(&stage, &ewa.page, "Jan", "Lipa");
    let ola = joins(&stage, &ewa.page, "Ola", "Sosna");
    let (anna, filed) = clerk::filed(&stage, &ewa.page, "Anna", "Wierzbowska");
    anna.page.goto(&stage.url(&filed));
    let (number, case) = resident::confirmed(&anna.page);
    anna.page.goto(&stage.url(&format!("/moje-sprawy/{case}/wycofaj")));
    anna.page.follow("main form button.btn");

    // The administrator says for how long; the years pass.
    let page = &ewa.page;
    page.goto(&stage.url("/urzad/usuwanie"));
    page.follow("text=Czas przechowywania");
    sound(page);
    page.follow("text=Sprawy usuwania drzew");
    page.follow("text=Zapisz czas");
    assert_eq!(page.status(), 422);
    both(page);
    page.fill("[name=years]", "1");
    page.fill("[name=category]", "B1");
    page.fill("[name=basis]", "wykaz akt gminy na pokaz");
    page.follow("text=Zapisz czas");
    assert!(page.text("main").contains("wykaz akt gminy na pokaz"), "{}", page.text("main"));
    stage.pass(800);
    for actor in [&ewa, &jan, &ola] {
        stage.log_in(actor);
    }

    // A clerk finds it and proposes it.
    let page = &jan.page;
    page.goto(&stage.url("/urzad/usuwanie"));
    both(page);
    page.follow(&format!("main a[href$='{case}']"));
    both(page);
    page.check("[name=ground][value='1']");
    page.follow("text=Zaproponuj usunięcie");
    assert_eq!(page.status(), 422);
    page.fill("[name=basis]", "art. 5 ust. 1 lit. e RODO");
    page.fill("[name=consent]", "OK.6131.7.2029");
    page.follow("text=Zaproponuj usunięcie");
    sound(page);
    let proposal = page.url();

    // Two others agree, each with the key of their own device; without a script nobody can.
    for (actor, button) in
        [(&ewa, "text=Wyraź zgodę kluczem"), (&ola, "text=Zleć usunięcie kluczem")]
    {
        let page = &actor.page;
        page.goto(&stage.url("/urzad/usuwanie"));
        page.follow(&format!("main a[href='{}']", path_of(&proposal)));
        page.set_script_enabled(false);
        page.reload();
        assert!(page.text("main").contains("Bez skryptu nie da się użyć klucza"));
        page.set_script_enabled(true);
        page.reload();
        both(page);
        page.follow(button);
        assert_eq!(page.url(), proposal, "{}", page.text("main"));
        sound(page);
    }
    done(&ola.page, &proposal);

    // What is printed.
    let page = &ola.page;
    page.follow("main a[href$='/zaswiadczenie']");
    both(page);
    page.media("print", &[]);
    let shown = page.eval(
        "[...document.querySelectorAll('header, nav, footer, button, summary, input, .btn, .skip')]
           .filter(e => e.checkVisibility() && !e.closest('.sheet')).map(e => e.outerHTML)",
    );
    assert_eq!(shown, Value::Array(Vec::new()), "paper has no use for these");
    let sheet = page.text(".sheet");
    for words in ["Gmina Modrzewie", &number, "OK.6131.7.2029", "Ewa Buk", "Ola Sosna"] {
        assert!(sheet.contains(words), "{words} is not on the sheet:\n{sheet}");
    }
    let paper = page.text("main");
    assert!(
        paper.contains("Czego to nie znaczy") && paper.contains("ostoja log verify"),
        "{paper}"
    );
    page.media("", &[]);
    let folder = tempfile::tempdir().unwrap();
    for proof in ["text=Dowód zlecenia", "text=Dowód wykonania"] {
        let file = ola.person.download(folder.path(), || page.click(proof));
        let vkey = stage.data().join("log/vkey");
        let (out, err, code) = crate::support::Program::run(&[
            "log".as_ref(),
            "verify-proof".as_ref(),
            file.as_path(),
            "--vkey".as_ref(),
            &vkey,
        ]);
        assert_eq!(code, 0, "{out}{err}");
    }
    page.goto(&stage.url(&format!("/urzad/drzewa/{case}")));
    assert_eq!(page.status(), 404);

    // The resident, who has nothing here any more, closes the account; the desk sees it.
    stage.log_in(&anna);
    let page = &anna.page;
    page.follow("main a[href='/konto/zamknij']");
    both(page);
    page.check("[name=sure]");
    page.follow("main form button.btn.danger");
    assert_eq!(page.text("h1"), "Konto zamknięte");
    sound(page);
    let page = &jan.page;
    page.goto(&stage.url("/urzad/mieszkancy"));
    page.fill("label=Początek nazwiska", "Wierzbowska");
    page.follow("text=Szukaj");
    sound(page);
    page.follow("text=Wierzbowska");
    both(page);
    page.follow("text=Usuń dane tego konta");
    sound(page);
    page.follow("text=Wstrzymaj usunięcie tej teczki");
    page.fill("[name=reason]", "Sąd Rejonowy, II K 1/26");
    page.follow("main form button.btn");
    both(page);
    stage.close();
}

fn path_of(url: &str) -> String {
    format!("/{}", url.splitn(4, '/').nth(3).unwrap_or_default())
}

/// Looks at the proposal until the order is carried out, as a person would.
fn done(page: &Page, proposal: &str) {
    for _ in 0..200 {
        page.goto(proposal);
        if page.has("main a[href$='/zaswiadczenie']") {
            return sound(page);
        }
        page.eval("new Promise(r => setTimeout(r, 150))");
    }
    page.fail("the order is not carried out");
}
