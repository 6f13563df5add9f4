//! From the login to the first step by keyboard alone.

use super::{Stage, resident::arrives, sound};
use crate::browser::Page;

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
    let zofia = arrives(&stage, "Zofia", "Klonowska");
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
