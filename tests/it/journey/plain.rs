//! Scripts are switched off after the login, for both sides; everything works, to the withdrawal.

use super::{
    Stage, clerk, confirm, open_case,
    resident::{self, arrives, confirmed, fill_notice},
    sound,
};

#[test]
fn after_the_login_no_script_is_needed() {
    let stage = Stage::open();
    let staff = stage.staff();
    let oksana = arrives(&stage, "Oksana", "Szewczenko");
    let page = &oksana.page;
    confirm(&stage, &staff.page, page, "Szewczenko");
    for page in [page, &staff.page] {
        page.set_script_enabled(false);
        page.reload();
    }
    fill_notice(&stage, page);
    assert!(
        !page.has("text=Złóż i podpisz kluczem"),
        "a key that no script can use is not offered"
    );
    page.click("text=Nie możesz teraz użyć klucza?");
    page.follow("text=Złóż bez klucza");
    let (number, case) = confirmed(page);
    clerk::examine(&stage, &staff.page, page, &number);
    resident::write(&stage, page, &case, "Zmieniłam zdanie.");
    page.follow("text=Wycofaj zgłoszenie");
    sound(page);
    page.follow("main button.btn.danger");
    assert!(page.text("main .lead").to_lowercase().contains("wycofane"), "{}", page.text("main"));
    sound(page);
    open_case(&stage, &staff.page, &number);
    assert!(staff.page.text("main").contains("Wycofane"), "{}", staff.page.text("main"));
    page.follow("text=Wyloguj się");
    sound(page);
    assert!(!page.text("header").contains("Oksana"));
    stage.close();
}
