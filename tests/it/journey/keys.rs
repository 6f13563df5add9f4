//! A second key, a second device, leaving everywhere, and the last key that stays.

use super::{Stage, resident::arrives, sound};
use crate::browser::Page;

fn keys_on(page: &Page) -> usize {
    let links =
        page.eval("document.querySelectorAll(\"a[href^='/konto/klucze/'][href$='/usun']\").length");
    usize::try_from(links.as_u64().unwrap()).unwrap()
}

fn log_in(stage: &Stage, page: &Page) {
    page.goto(&stage.url("/logowanie"));
    page.follow("text=Zaloguj się kluczem");
    page.goto(&stage.url("/konto"));
    assert_eq!(page.text("h1"), "Konto");
}

#[test]
fn a_second_key_and_leaving_everywhere() {
    let stage = Stage::open();
    let anna = arrives(&stage, "Anna", "Wierzbowska");
    let phone = &anna.page;
    assert_eq!(keys_on(phone), 1);
    the_last_key_stays(&stage, &anna);

    // The device that holds a key already makes no second one, and says so.
    phone.goto(&stage.url("/konto/klucze/nowy"));
    sound(phone);
    phone.fill("[name=name]", "Ten sam telefon");
    phone.click("text=Zrób klucz");
    phone.wait_for(
        "document.querySelector('[data-passkey-says]').innerText.trim() !== ''",
        "the page says that this device has a key",
    );
    sound(phone);
    // Another one does. A tab has an authenticator of its own.
    let fob = anna.person.tab();
    let key = fob.virtual_authenticator();
    fob.goto(&stage.url("/konto/klucze/nowy"));
    fob.fill("[name=name]", "Klucz przy breloku");
    fob.follow("text=Zrób klucz");
    assert!(fob.text("main").contains("Klucz przy breloku"), "{}", fob.text("main"));
    assert_eq!(keys_on(&fob), 2);
    sound(&fob);

    // The second key opens the account on another device; both are listed.
    let library = stage.browser.person();
    let window = library.tab();
    let inserted = window.virtual_authenticator();
    inserted.add(&key.credentials()[0]);
    log_in(&stage, &window);
    assert!(window.has("form[action^='/konto/sesje/']"), "{}", window.text("main"));
    sound(&window);
    // Leaving everywhere there ends what is open here.
    window.follow("text=Wyloguj mnie wszędzie");
    assert_eq!(window.text("h1"), "Logowanie");
    sound(&window);
    for page in [phone, &window] {
        page.goto(&stage.url("/konto"));
        assert_eq!(page.text("h1"), "Logowanie");
    }

    // A removed key opens nothing, and what remains is the last one.
    log_in(&stage, &window);
    let first = "main li:not(:has(form)) a[href^='/konto/klucze/'][href$='/usun']";
    window.follow(first);
    sound(&window);
    window.follow("main button.btn.danger");
    assert_eq!(keys_on(&window), 1);
    assert!(window.text("main").contains("Klucz przy breloku"), "{}", window.text("main"));
    phone.goto(&stage.url("/logowanie"));
    phone.click("text=Zaloguj się kluczem");
    phone.wait_for(
        "document.querySelector('[data-passkey-says]').innerText.trim() !== ''",
        "the page says that the key is not known",
    );
    stage.close();
}

/// Neither the page offers to remove it, nor does the program.
fn the_last_key_stays(stage: &Stage, anna: &super::Actor) {
    let page = &anna.page;
    page.follow("a[href^='/konto/klucze/'][href$='/usun']");
    sound(page);
    assert!(page.text("main").contains("To Twój jedyny klucz."), "{}", page.text("main"));
    assert!(!page.has("main form"), "there is nothing to press");
    let path = page.url();
    let path = path.strip_prefix(&stage.url("")).unwrap();
    // With the token and the number of another form.
    let reader = stage.reader(&anna.person);
    let form = reader.get("/konto").expect(200).form("/konto/wyloguj-wszedzie");
    let refused = reader.post(path, &form.fields).expect(422);
    assert!(refused.text().contains("nie można go usunąć"), "{}", refused.text());
    page.goto(&stage.url("/konto"));
    assert_eq!(keys_on(page), 1);
}
