//! The resident's half on a phone 360 px wide, and the clerk's pages at that width too.

use super::{
    Stage, act, clerk, confirm, fill_date, proof,
    resident::{confirmed, fill_notice, register},
    sound, today,
};

#[test]
fn the_same_on_a_phone() {
    let stage = Stage::open();
    let staff = stage.staff();
    let jan = stage.actor();
    let page = &jan.page;
    page.viewport(360, 740, true);
    register(&stage, page, "Jan", "Olszowski");
    confirm(&stage, &staff.page, page, "Olszowski");
    fill_notice(&stage, page);
    page.follow("text=Złóż i podpisz kluczem");
    let (number, case) = confirmed(page);
    let folder = tempfile::tempdir().unwrap();
    let file = jan.person.download(folder.path(), || page.click("text=Pobierz potwierdzenie"));
    proof::check_proof(&stage, &file);
    staff.page.viewport(360, 740, true);
    clerk::examine(&stage, &staff.page, page, &number);
    act(&staff.page, "zaswiadczenie", || {
        for tree in ["1", "2"] {
            staff.page.check(&format!("[name=trees][value='{tree}']"));
        }
        fill_date(&staff.page, "on", today());
    });
    page.goto(&stage.url(&format!("/moje-sprawy/{case}")));
    let words = page.text("main").to_lowercase();
    assert!(words.contains("zaświadczenie wydane"), "{words}");
    assert!(words.contains("możesz usunąć to drzewo od"), "{words}");
    sound(page);
    page.follow("main a[href$='/usuniete']");
    sound(page);
    stage.close();
}
