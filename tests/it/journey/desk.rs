//! One real case on a desk's screen, from the invitation to the decision; and one that is withdrawn.

use super::{
    Stage, act, clerk, confirm, fill_date, open_case, proof,
    resident::{self, arrives, confirmed, fill_notice},
    sound, today, upload,
};

#[test]
fn one_real_case_from_the_invitation_to_the_decision() {
    let stage = Stage::open();
    let staff = stage.staff();
    let anna = arrives(&stage, "Anna", "Wierzbowska");
    let page = &anna.page;
    confirm(&stage, &staff.page, page, "Wierzbowska");
    fill_notice(&stage, page);
    page.follow("text=Złóż i podpisz kluczem");
    let (number, case) = confirmed(page);
    let folder = tempfile::tempdir().unwrap();
    let file = anna.person.download(folder.path(), || page.click("text=Pobierz potwierdzenie"));
    proof::check_proof(&stage, &file);
    proof::check_photo(&stage, &anna, &case);

    clerk::examine(&stage, &staff.page, page, &number);
    clerk::look_up(&staff.page);
    decide(&staff.page);
    letter(&staff.page);

    // The resident reads the decision, tree by tree, the letter, and what happened when.
    page.goto(&stage.url(&format!("/moje-sprawy/{case}")));
    let words = page.text("main").to_lowercase();
    assert!(page.has("img[alt='zdjęcie z oględzin, drzewo 2']"), "the office's picture");
    for part in ["nie usuwaj tego drzewa. urząd wniósł sprzeciw", "zaświadczenie", "pisma z urzędu"]
    {
        assert!(words.contains(part), "{part} is not in\n{words}");
    }
    let events = page.text(".timeline").to_lowercase();
    for part in ["wpłynęło", "wezwał", "uzupełnione", "oględziny", "wniósł sprzeciw", "dodał pismo"]
    {
        assert!(events.contains(part), "{part} is not in\n{events}");
    }
    sound(page);
    talk(&stage, &staff.page, page, &number, &case);
    // And sees who looked.
    page.goto(&stage.url("/konto/wglady"));
    assert!(page.text("main").contains("Ewa Buk"), "{}", page.text("main"));
    sound(page);
    stage.close();
}

/// One tree may not be removed, the other may at once.
fn decide(page: &crate::browser::Page) {
    act(page, "sprzeciw", || {
        page.check("[name=trees][value='1']");
        page.check("[name=ground][value=local-plan]");
        assert!(page.text("#f-act").contains("3ZP, § 14 ust. 2"), "the check of the ground");
        fill_date(page, "signed", today());
        page.fill("[name=signatory]", "Jan Lipa, wójt");
        fill_date(page, "dispatched", today());
        page.check("[name=channel][value=post]");
        page.fill("[name=evidence]", "wpis 12");
    });
    assert!(page.text("main").contains("nie ma w niej podpisanego pisma"), "{}", page.text("main"));
    act(page, "zaswiadczenie", || {
        page.check("[name=trees][value='2']");
        fill_date(page, "on", today());
    });
}

/// The signed letter, a file that the clerk brings.
fn letter(page: &crate::browser::Page) {
    page.follow("text=Dodaj podpisane pismo");
    sound(page);
    // Nothing is taken without a file, and the clerk's choice stays.
    page.eval_on("[name=document]", "e => { e.selectedIndex = 1; }");
    let chosen = page.value("[name=document]");
    page.follow("form#f-act button.btn");
    assert_eq!((page.status(), page.value("[name=document]")), (422, chosen));
    assert!(page.text(".wrongs").contains("Wybierz plik."), "{}", page.text("main"));
    sound(page);
    page.upload("[name=file]", &[&upload("szkic.pdf")]);
    page.follow("form#f-act button.btn");
    assert!(!page.text("main").contains("nie ma w niej podpisanego pisma"));
    sound(page);
}

/// A question and an answer.
fn talk(
    stage: &Stage,
    staff: &crate::browser::Page,
    page: &crate::browser::Page,
    number: &str,
    case: &str,
) {
    resident::write(stage, page, case, "Kiedy mogę usunąć drugie drzewo?");
    open_case(stage, staff, number);
    assert!(staff.text(".thread").contains("Kiedy mogę usunąć drugie drzewo?"));
    staff.fill("[name=text]", "Od dziś, przez sześć miesięcy.");
    staff.follow("text=Wyślij wiadomość");
    assert!(staff.text(".thread").contains("Od dziś, przez sześć miesięcy."));
    sound(staff);
    page.goto(&stage.url(&format!("/moje-sprawy/{case}")));
    let thread = page.text(".thread");
    assert!(thread.contains("Urząd") && thread.contains("Od dziś"), "{thread}");
    sound(page);
}
