//! People through the whole house: doors, logins, keys, the desk and staff, with passkeys in
//! software. Every successful act adds one entry and no other step adds any.

use jiff::{SignedDuration, Timestamp};
use ostoja::{
    daemon::first_start,
    kernel::{
        clock::Clock,
        identity::{Level, Person, PersonId, Role, people::STAFF_BY_NAME},
        store::keys::Key,
    },
};

use crate::support::{
    Town, Visitor, faults,
    soft_key::{Algorithm, SoftKey},
};

const ORIGIN: &str = "http://localhost:8080";

fn key() -> SoftKey {
    SoftKey::new(Algorithm::Es256, "localhost", ORIGIN).unwrap()
}

fn standing() -> Clock {
    Clock::standing("2026-11-21T12:00:00Z".parse::<Timestamp>().unwrap())
}

fn pass(town: &Town, minutes: i64) {
    town.clock.set(town.clock.now() + SignedDuration::from_mins(minutes));
}

/// How many entries something adds.
fn added(town: &Town, what: impl FnOnce()) -> u64 {
    let before = town.entries();
    what();
    town.entries() - before
}

/// Registers a resident and leaves them logged in.
fn register<'t>(town: &'t Town, given: &str, family: &str) -> (Visitor<&'t Town>, SoftKey) {
    let visitor = town.visitor();
    let form = visitor.get("/konto/nowe").expect(200).form("/konto/nowe");
    let sent = form.with(&[("given", given), ("family", family), ("phone", "600 700 800")]);
    let page = visitor.follow(&visitor.submit(&sent)).expect(200);
    let mut key = key();
    let location = visitor.ceremony(&page.form("/konto/nowe/klucz/start"), &mut key);
    assert_eq!(location, "/konto");
    (visitor, key)
}

fn log_in(visitor: &Visitor<&Town>, key: &mut SoftKey) -> Result<String, String> {
    let form = visitor.get("/logowanie").expect(200).form("/logowanie/start");
    visitor.try_ceremony(&form, key).unwrap()
}

fn is_in(visitor: &Visitor<&Town>) -> bool {
    visitor.get("/konto").status == 200
}

fn sound(page: &crate::support::Answered) {
    assert_eq!(faults(&page.text()), Vec::<String>::new(), "{page}");
}

#[test]
fn the_first_administrator_enrols_with_the_consoles_code_and_nothing_is_served_before() {
    let town = Town::founded(standing());
    let code = first_start::first_code(&town.store, &town.house.scratch).unwrap();
    let visitor = town.visitor();
    for path in ["/", "/konto/nowe", "/logowanie", "/sprawy", "/zaproszenie"] {
        assert_eq!(visitor.get(path).expect(303).location(), "/pierwsze-uruchomienie", "{path}");
    }
    let page = visitor.get("/pierwsze-uruchomienie").expect(200);
    sound(&page);
    let form = page.form("/pierwsze-uruchomienie").with(&[("given", "Ewa"), ("family", "Buk")]);
    let wrong = visitor.submit(&form.clone().with(&[("code", "AAAA-BBBB-CCCC")])).expect(422);
    sound(&wrong);
    assert_eq!(wrong.form("/pierwsze-uruchomienie").value("given"), "Ewa", "nothing typed is lost");
    // As a person types it: small letters, no hyphens.
    let typed = code.reveal().to_lowercase().replace('-', "");
    let page = visitor.follow(&visitor.submit(&form.clone().with(&[("code", &typed)]))).expect(200);
    sound(&page);
    let ceremony = page.form("/pierwsze-uruchomienie/klucz/start");
    let mut first = key();
    // A device that does not verify its user gets a sentence, and the code stays good.
    first.flags = 1;
    assert_eq!(
        added(&town, || assert!(visitor.try_ceremony(&ceremony, &mut first).unwrap().is_err())),
        0
    );
    first.flags = 1 | 4;
    let made = added(&town, || assert_eq!(visitor.ceremony(&ceremony, &mut first), "/konto"));
    assert_eq!(made, 1, "account, key, rights, code and login are one entry");
    sound(&visitor.get("/konto").expect(200));
    sound(&visitor.get("/urzad/pracownicy").expect(200));
    let second = town.visitor();
    assert_eq!(second.get("/pierwsze-uruchomienie").expect(303).location(), "/logowanie");
    let late = second.get("/zaproszenie").expect(200).form("/zaproszenie");
    let late = late.with(&[("code", code.reveal()), ("given", "Zły"), ("family", "Człowiek")]);
    second.submit(&late).expect(422);
    assert_eq!(
        town.store.view().list::<Person>(STAFF_BY_NAME, &Key::new(), None, 9).unwrap().rows.len(),
        1
    );
}

#[test]
fn a_resident_registers_logs_in_and_out() {
    let town = Town::standing(standing());
    let visitor = town.visitor();
    let form = visitor.get("/konto/nowe").expect(200).form("/konto/nowe");
    let wrong = visitor
        .submit(&form.clone().with(&[("given", "Anna"), ("email", "anna@"), ("family", "")]))
        .expect(422);
    sound(&wrong);
    let again = wrong.form("/konto/nowe");
    assert_eq!((again.value("given"), again.value("email")), ("Anna", "anna@"));
    let (visitor, mut key) = register(&town, "Anna", "Lis");
    let page = visitor.get("/konto").expect(200);
    sound(&page);
    assert!(page.text().contains("Anna Lis") && page.text().contains("600700800"));
    // The key alone says who comes back.
    let elsewhere = town.visitor();
    assert!(!is_in(&elsewhere));
    assert_eq!(added(&town, || assert!(log_in(&elsewhere, &mut key).is_ok())), 1);
    assert!(is_in(&elsewhere) && is_in(&visitor));
    let form = elsewhere.get("/konto").form("/wyloguj");
    assert_eq!(added(&town, || drop(elsewhere.submit(&form).expect(303))), 1);
    assert!(!is_in(&elsewhere) && is_in(&visitor));
    // Somebody who is out already is where they want to be.
    assert_eq!(added(&town, || drop(log_in(&elsewhere, &mut key))), 1);
    pass(&town, 1);
    let form = elsewhere.get("/konto").form("/konto/wyloguj-wszedzie");
    assert_eq!(added(&town, || drop(elsewhere.submit(&form).expect(303))), 1);
    assert!(!is_in(&elsewhere) && !is_in(&visitor));
    assert!(log_in(&visitor, &mut key).is_ok() && is_in(&visitor), "and comes in again");
}

#[test]
fn a_login_that_fails_says_the_same_whatever_the_reason() {
    let town = Town::standing(standing());
    let (visitor, mut mine) = register(&town, "Anna", "Lis");
    drop(visitor);
    let stranger = town.visitor();
    let mut said = std::collections::BTreeSet::new();
    let mut fails = |key: &mut SoftKey| {
        let entries = added(&town, || {
            said.insert(log_in(&stranger, key).unwrap_err());
        });
        assert_eq!(entries, 0);
    };
    // A key nobody registered, for nobody.
    let mut unknown = key();
    unknown.user_handle = Some(vec![7; 16]);
    fails(&mut unknown);
    // For somebody who has an account.
    unknown.user_handle = mine.user_handle.clone();
    fails(&mut unknown);
    // Under the id of their key.
    unknown.credential_id = mine.credential_id.clone();
    fails(&mut unknown);
    // Their own key, on another page, or without a finger.
    mine.origin = "https://evil.example".to_owned();
    fails(&mut mine);
    mine.origin = ORIGIN.to_owned();
    mine.flags = 1;
    fails(&mut mine);
    assert_eq!(said.len(), 1, "{said:?}");
    mine.flags = 1 | 4;
    assert!(log_in(&stranger, &mut mine).is_ok());
    // A copy of the key shows by its counter.
    mine.counter = 0;
    mine.counter_step = 0;
    assert!(log_in(&town.visitor(), &mut mine).is_err());
}

#[test]
fn an_answer_is_good_once_and_only_for_who_asked() {
    let town = Town::standing(standing());
    let (_, mut key) = register(&town, "Anna", "Lis");
    let (one, other) = (town.visitor(), town.visitor());
    let form = one.get("/logowanie").form("/logowanie/start");
    let token = form.value("form_token").to_owned();
    let (_, begun) = one.try_json("/logowanie/start", &token, &serde_json::json!({})).unwrap();
    let credential = key.get(&begun["options"].to_string()).unwrap();
    let body = serde_json::json!({
        "ceremony": begun["ceremony"],
        "credential": serde_json::from_str::<serde_json::Value>(&credential).unwrap(),
    });
    let theirs = other.get("/logowanie").form("/logowanie/start").value("form_token").to_owned();
    let (stolen, _) = other.try_json("/logowanie/koniec", &theirs, &body).unwrap();
    stolen.expect(422);
    let (forged, _) = one.try_json("/logowanie/koniec", "x", &body).unwrap();
    forged.expect(422);
    pass(&town, 5);
    let (used, _) = one.try_json("/logowanie/koniec", &token, &body).unwrap();
    used.expect(200);
    let fresh = one.get("/konto").expect(200).form("/wyloguj").value("form_token").to_owned();
    let (again, _) = one.try_json("/logowanie/koniec", &fresh, &body).unwrap();
    again.expect(422);
    // And not after its time.
    let late = town.visitor();
    let token = late.get("/logowanie").form("/logowanie/start").value("form_token").to_owned();
    let (_, begun) = late.try_json("/logowanie/start", &token, &serde_json::json!({})).unwrap();
    let credential = key.get(&begun["options"].to_string()).unwrap();
    pass(&town, 7);
    let body = serde_json::json!({
        "ceremony": begun["ceremony"],
        "credential": serde_json::from_str::<serde_json::Value>(&credential).unwrap(),
    });
    late.try_json("/logowanie/koniec", &token, &body).unwrap().0.expect(422);
}

#[test]
fn a_lost_answer_makes_no_second_account() {
    let town = Town::standing(standing());
    let visitor = town.visitor();
    let form = visitor.get("/konto/nowe").expect(200).form("/konto/nowe");
    let sent = form.with(&[("given", "Anna"), ("family", "Lis"), ("email", "anna@example.pl")]);
    let page = visitor.follow(&visitor.submit(&sent)).expect(200);
    let ceremony = page.form("/konto/nowe/klucz/start");
    let token = ceremony.value("form_token").to_owned();
    let (_, first) =
        visitor.try_json("/konto/nowe/klucz/start", &token, &serde_json::json!({})).unwrap();
    let (_, second) =
        visitor.try_json("/konto/nowe/klucz/start", &token, &serde_json::json!({})).unwrap();
    assert_eq!(
        first["options"]["publicKey"]["user"]["id"], second["options"]["publicKey"]["user"]["id"],
        "the same person tries again"
    );
    let send = |begun: &serde_json::Value, key: &mut SoftKey| {
        let credential = key.create(&begun["options"].to_string()).unwrap();
        let body = serde_json::json!({
            "ceremony": begun["ceremony"],
            "credential": serde_json::from_str::<serde_json::Value>(&credential).unwrap(),
        });
        // Our cookie stays the old one: the answer is lost.
        let before = visitor.cookie(ostoja::web::cookies::SESSION).unwrap();
        let answered = visitor.try_json("/konto/nowe/klucz/koniec", &token, &body).unwrap().0;
        visitor.keep_cookie(ostoja::web::cookies::SESSION, &before);
        answered
    };
    let mut mine = key();
    assert_eq!(added(&town, || drop(send(&first, &mut mine).expect(200))), 1);
    assert_eq!(added(&town, || drop(send(&second, &mut key()).expect(422))), 0);
    assert!(log_in(&visitor, &mut mine).is_ok());
}

#[test]
fn keys_are_added_and_removed_with_a_fresh_login_and_one_stays() {
    let town = Town::standing(standing());
    let (visitor, mut first) = register(&town, "Anna", "Lis");
    let account = visitor.get("/konto").expect(200);
    let remove_first = account.links().into_iter().find(|link| link.ends_with("/usun")).unwrap();
    let last = visitor.get(&remove_first).expect(200);
    sound(&last);
    assert!(
        !last.forms().iter().any(|form| form.action == remove_first),
        "no button for the last key"
    );
    let page = visitor.get("/konto/klucze/nowy").expect(200);
    sound(&page);
    let ceremony = page.form("/konto/klucze/nowy/start");
    assert!(visitor.try_ceremony(&ceremony, &mut key()).unwrap().is_err(), "it wants a name");
    let ceremony = ceremony.with(&[("name", "Telefon")]);
    let mut second = key();
    assert_eq!(added(&town, || assert_eq!(visitor.ceremony(&ceremony, &mut second), "/konto")), 1);
    assert!(visitor.try_ceremony(&ceremony, &mut second).unwrap().is_err(), "the same key again");
    assert!(visitor.get("/konto").text().contains("Telefon"));
    // Ten minutes later somebody may have found the phone.
    pass(&town, 11);
    assert!(visitor.get(&remove_first).expect(303).location().starts_with("/logowanie?powrot="));
    assert!(visitor.try_ceremony(&ceremony, &mut key()).unwrap().is_err());
    let elsewhere = town.visitor();
    assert!(log_in(&elsewhere, &mut second).is_ok());
    let page = elsewhere.get(&remove_first).expect(200);
    sound(&page);
    let form = page.form(&remove_first);
    assert_eq!(
        added(&town, || assert_eq!(elsewhere.submit(&form).expect(303).location(), "/konto")),
        1
    );
    assert!(is_in(&elsewhere) && !is_in(&visitor), "what the removed key began is over");
    assert!(log_in(&visitor, &mut first).is_err() && log_in(&visitor, &mut second).is_ok());
    // Also by hand, the last key stays.
    let account = elsewhere.get("/konto");
    let remove_last = account.links().into_iter().find(|link| link.ends_with("/usun")).unwrap();
    let refused =
        elsewhere.post(&remove_last, &form.with(&[("submission_key", "0123456789abcdef")]).fields);
    assert_eq!(added(&town, || drop(refused.expect(422))), 0);
}

#[test]
fn one_session_can_be_ended_from_another() {
    let town = Town::standing(standing());
    let (visitor, mut key) = register(&town, "Anna", "Lis");
    pass(&town, 1);
    let elsewhere = town.visitor();
    assert!(log_in(&elsewhere, &mut key).is_ok());
    let page = elsewhere.get("/konto").expect(200);
    let mut ends = page.forms();
    ends.retain(|form| form.action.starts_with("/konto/sesje/"));
    assert_eq!(ends.len(), 1, "this one ends by logging out");
    assert_eq!(added(&town, || drop(elsewhere.submit(&ends[0]).expect(303))), 1);
    assert!(is_in(&elsewhere) && !is_in(&visitor));
    // Nobody ends another person's session.
    let (other, _) = register(&town, "Jan", "Sowa");
    let token = other.get("/konto").form("/wyloguj").value("form_token").to_owned();
    let sent = [("form_token", token.as_str()), ("submission_key", "0123456789abcdef")];
    assert_eq!(added(&town, || drop(other.post(&ends[0].action, &sent).expect(303))), 0);
    assert!(is_in(&elsewhere));
}

#[test]
fn a_clerk_gives_a_code_and_the_resident_reaches_level_2() {
    let town = Town::standing(standing());
    let (resident, _) = register(&town, "Żaneta", "Łąka");
    let (namesake, _) = register(&town, "Jan", "Łąkowski");
    let clerk = town.staff(&[Role::Clerk]).visitor;
    let page = clerk.get("/urzad/mieszkancy").expect(200);
    sound(&page);
    let form = page.form("/urzad/mieszkancy");
    clerk.submit(&form.clone().with(&[("family", "Ł")])).expect(422);
    let mut found = None;
    let looked =
        added(&town, || found = Some(clerk.submit(&form.with(&[("family", "łąka")])).expect(200)));
    let found = found.unwrap();
    sound(&found);
    assert_eq!(looked, 0, "a list of names is no look at somebody's data");
    let person =
        found.links().into_iter().find(|link| link.starts_with("/urzad/mieszkancy/")).unwrap();
    assert!(!found.text().contains("Łąkowski") && !found.text().contains("600700800"));
    let mut page = None;
    assert_eq!(
        added(&town, || page = Some(clerk.get(&person).expect(200))),
        1,
        "the look is entered"
    );
    assert_eq!(added(&town, || drop(clerk.get(&person).expect(200))), 0, "once a day");
    let page = page.unwrap();
    sound(&page);
    let form = page.form(&format!("{person}/kod"));
    sound(&clerk.submit(&form).expect(422));
    let form = form.with(&[("seen", "yes")]);
    let mut answered = None;
    assert_eq!(added(&town, || answered = Some(clerk.submit(&form).expect(303))), 1);
    let shown = clerk.follow(&answered.unwrap()).expect(200);
    sound(&shown);
    let code = crate::support::html_words(&shown.text(), "code");
    // Another clerk does not see it.
    let other = town.staff(&[Role::Clerk]).visitor;
    other.get(shown.asked.trim_start_matches("GET ")).expect(422);
    // It is for one person.
    let enter = |visitor: &Visitor<&Town>, code: &str| {
        let form = visitor.get("/konto/kod").expect(200).form("/konto/kod");
        visitor.submit(&form.with(&[("code", code)]))
    };
    assert_eq!(added(&town, || drop(enter(&namesake, &code).expect(422))), 0);
    let wrong = enter(&resident, "AAAA-AAAA-AAAA").expect(422);
    sound(&wrong);
    assert_eq!(added(&town, || drop(enter(&resident, &code).expect(303))), 1);
    assert!(resident.get("/konto").text().contains("Poziom 2"));
    resident.get("/konto/kod").expect(303);
    let looks = resident.get("/konto/wglady").expect(200);
    sound(&looks);
    let name = town.store.view().list::<Person>(STAFF_BY_NAME, &Key::new(), None, 9).unwrap();
    assert!(name.rows.iter().any(|row| looks.text().contains(row.text(0))), "{}", looks.text());
    clerk.get(shown.asked.trim_start_matches("GET ")).expect(422);
    sound(&clerk.get(&person).expect(200));
}

#[test]
fn a_code_that_is_late_or_guessed_opens_nothing() {
    let town = Town::standing(standing());
    let (resident, _) = register(&town, "Anna", "Lis");
    let clerk = town.staff(&[Role::Clerk]).visitor;
    let form = clerk.get("/urzad/mieszkancy").form("/urzad/mieszkancy");
    let found = clerk.submit(&form.with(&[("family", "lis")]));
    let person =
        found.links().into_iter().find(|link| link.starts_with("/urzad/mieszkancy/")).unwrap();
    let form = clerk.get(&person).form(&format!("{person}/kod")).with(&[("seen", "yes")]);
    let shown = clerk.follow(&clerk.submit(&form)).expect(200);
    let code = crate::support::html_words(&shown.text(), "code");
    let form = resident.get("/konto/kod").expect(200).form("/konto/kod");
    let guess =
        |code: &str| resident.submit(&form.clone().with(&[("code", code)])).expect(422).text();
    for _ in 0..5 {
        assert!(!guess("AAAA-AAAA-AAAA").contains("Odczekaj minutę"));
    }
    assert!(guess(&code).contains("Odczekaj minutę"), "also the right one waits");
    pass(&town, 15);
    assert!(guess(&code).contains("Czas tego kodu minął"));
}

#[test]
fn staff_come_by_invitation_and_their_rights_end() {
    let town = Town::standing(standing());
    let administrator = town.staff(&[Role::Administrator]).visitor;
    let page = administrator.get("/urzad/pracownicy/zapros").expect(200);
    sound(&page);
    let form = page.form("/urzad/pracownicy/zapros");
    sound(&administrator.submit(&form).expect(422));
    let form = form.with(&[("given", "Piotr"), ("family", "Grab"), ("role", "2")]);
    let mut answered = None;
    assert_eq!(added(&town, || answered = Some(administrator.submit(&form).expect(303))), 1);
    // The same form again finds the first answer.
    assert_eq!(added(&town, || drop(administrator.submit(&form).expect(303))), 0);
    let shown = administrator.follow(&answered.unwrap()).expect(200);
    sound(&shown);
    let code = crate::support::html_words(&shown.text(), "code");
    let piotr = town.visitor();
    let page = piotr.get(&format!("/zaproszenie?kod={code}")).expect(200);
    sound(&page);
    assert_eq!(page.form("/zaproszenie").value("code"), code);
    let page = piotr.follow(&piotr.submit(&page.form("/zaproszenie"))).expect(200);
    assert!(page.text().contains("Piotr") && page.text().contains("Grab"), "named by who invited");
    let mut key = key();
    let ceremony = page.form("/zaproszenie/klucz/start");
    assert_eq!(added(&town, || assert_eq!(piotr.ceremony(&ceremony, &mut key), "/konto")), 1);
    piotr.get("/urzad/mieszkancy").expect(200);
    piotr.get("/urzad/pracownicy").expect(403);
    let staff = administrator.get("/urzad/pracownicy").expect(200);
    sound(&staff);
    let link = |name: &str| {
        let found = town.store.view().list::<Person>(STAFF_BY_NAME, &Key::new(), None, 9).unwrap();
        let row = found.rows.iter().find(|row| row.text(0).contains(name)).unwrap().id;
        format!("/urzad/pracownicy/{row}")
    };
    let page = administrator.get(&link("Piotr")).expect(200);
    sound(&page);
    let end = page.forms().into_iter().find(|form| form.action.ends_with("/zakoncz")).unwrap();
    sound(&administrator.submit(&end).expect(422));
    let reason = end.fields.iter().find(|(name, _)| name.starts_with("reason-")).unwrap().0.clone();
    let end = end.with(&[(reason.as_str(), "Zmiana pracy")]);
    assert_eq!(added(&town, || drop(administrator.submit(&end).expect(303))), 1);
    assert!(!is_in(&piotr), "nothing is left to do here");
    assert!(log_in(&piotr, &mut key).is_ok());
    piotr.get("/urzad/mieszkancy").expect(403);
    assert_eq!(
        added(&town, || drop(
            administrator
                .submit(&end.clone().with(&[("submission_key", "0123456789abcdef")]))
                .expect(422)
        )),
        0
    );
}

#[test]
fn the_last_administrator_stays() {
    let town = Town::founded(standing());
    let id: PersonId = town.settle(true, Level::Verified, &[Role::Administrator]);
    let administrator = town.citizen(id).visitor;
    let page = administrator.get(&format!("/urzad/pracownicy/{id}")).expect(200);
    let end = page.forms().into_iter().find(|form| form.action.ends_with("/zakoncz")).unwrap();
    let reason = end.fields.iter().find(|(name, _)| name.starts_with("reason-")).unwrap().0.clone();
    let end = end.with(&[(reason.as_str(), "Koniec")]);
    assert_eq!(added(&town, || drop(administrator.submit(&end).expect(422))), 0);
}
