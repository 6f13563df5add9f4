//! Rules of people as tables, and stored scratch formats.

use jiff::{SignedDuration, Timestamp};

use super::{model, rules};
use crate::kernel::{
    identity::{
        Grant, Level, Person, PersonId, Role,
        passkeys::NewPasskey,
        people::{Code, CodeId, CodeUse, Credential, CredentialId, GrantId, SignInEvent},
    },
    store::Refusal,
};

fn now() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

fn person(n: u128) -> PersonId {
    PersonId(uuid::Uuid::from_u128(n))
}

fn account(staff: bool) -> Person {
    let names = model::Names { given: "Anna".to_owned(), family: "Lis".to_owned() };
    rules::account(&rules::applicant(person(1), names, None, ""), staff, None, now())
}

fn key(n: u128) -> Credential {
    let new = NewPasskey { passkey: "{}".to_owned(), credential_id: n.to_be_bytes().to_vec() };
    rules::key(CredentialId(uuid::Uuid::from_u128(n)), person(1), new, "k".to_owned(), now())
}

fn code(whom: Option<PersonId>) -> Code {
    Code {
        id: CodeId(uuid::Uuid::from_u128(9)),
        hash: [0; 32],
        used_for: CodeUse::ResidentVerification,
        person: whom,
        roles: vec![Role::Clerk, Role::Editor],
        given_name: None,
        family_name: None,
        issued: now(),
        expires: now(),
        used: None,
        issued_by: Some(person(3)),
    }
}

fn fields(wrong: &[Refusal]) -> Vec<(&str, &'static str)> {
    wrong.iter().map(|refusal| (refusal.field.as_deref().unwrap_or(""), refusal.code)).collect()
}

#[test]
fn names_as_people_have_them_pass_and_others_say_what_is_wrong() {
    for (given, family) in [
        ("Anna Maria", "Lis-Żółć"),
        ("Ołena", "О’Коннор"),
        ("Jean", "d'Arc"),
        ("  Jan ", " Kowalski  Junior "),
        ("Øyvind", "Ng"),
    ] {
        let names = model::names(given, family).unwrap();
        assert!(!names.given.starts_with(' ') && !names.family.contains("  "));
    }
    let long = "a".repeat(81);
    for (given, family, expected) in [
        ("", "", vec![("given", "people-given-empty"), ("family", "people-family-empty")]),
        ("Anna", " ", vec![("family", "people-family-empty")]),
        (&long, "Lis", vec![("given", "people-name-long")]),
        ("Anna<b>", "Lis", vec![("given", "people-name-strange")]),
        ("-", "Lis", vec![("given", "people-name-strange")]),
        ("Anna", "Lis\u{202e}", vec![("family", "people-name-strange")]),
    ] {
        assert_eq!(fields(&model::names(given, family).unwrap_err()), expected, "{given} {family}");
    }
}

#[test]
fn one_way_to_be_reached_is_enough() {
    let reached = |phone, email| model::contact(phone, email).unwrap();
    assert_eq!(reached("+48 600-700 (800)", "").phone.as_deref(), Some("+48600700800"));
    assert_eq!(reached("", " anna@example.pl ").email.as_deref(), Some("anna@example.pl"));
    for (phone, email, expected) in [
        ("", "", vec![("phone", "people-contact-empty")]),
        ("600 700", "", vec![("phone", "people-phone-wrong")]),
        ("600700800a", "x", vec![("phone", "people-phone-wrong"), ("email", "people-email-wrong")]),
        ("", "anna@example", vec![("email", "people-email-wrong")]),
        ("", "@example.pl", vec![("email", "people-email-wrong")]),
        ("", "a b@example.pl", vec![("email", "people-email-wrong")]),
        ("", "anna@example..pl", vec![("email", "people-email-wrong")]),
    ] {
        assert_eq!(fields(&model::contact(phone, email).unwrap_err()), expected, "{phone} {email}");
    }
}

#[test]
fn a_login_leads_back_only_to_paths_of_ours() {
    for good in ["/konto", "/sprawy/1?a=b%20c"] {
        assert_eq!(model::path_back(good), Some(good));
    }
    for bad in ["", "konto", "//evil.example", "https://evil.example", "/\\evil", "/a\r\nb", "/a b"]
    {
        assert_eq!(model::path_back(bad), None, "{bad}");
    }
}

#[test]
fn a_resident_begins_on_level_1_and_staff_on_level_2() {
    assert_eq!((account(false).level, account(false).staff), (Level::Declared, false));
    assert_eq!((account(true).level, account(true).verified_at), (Level::Verified, Some(now())));
    let ids = (1..).map(|n| GrantId(uuid::Uuid::from_u128(n)));
    let grants = rules::grants(&code(None), person(1), ids, now());
    let roles: Vec<Role> = grants.iter().map(|grant| grant.role).collect();
    assert_eq!(roles, [Role::Clerk, Role::Editor]);
    assert!(grants.iter().all(|grant| grant.is_valid(now()) && grant.person == person(1)));
}

#[test]
fn logging_out_everywhere_is_not_forgotten_by_the_next_login() {
    let before = rules::sign_in(None, person(1), SignInEvent::In, None, now());
    assert_eq!(before.valid_from, None);
    let everywhere =
        rules::sign_in(Some(&before), person(1), SignInEvent::OutEverywhere, None, now());
    assert_eq!(everywhere.valid_from, Some(now()));
    let later = now() + SignedDuration::from_hours(1);
    for event in [SignInEvent::In, SignInEvent::Out] {
        let after = rules::sign_in(Some(&everywhere), person(1), event, None, later);
        assert_eq!((after.valid_from, after.at), (Some(now()), later));
    }
}

#[test]
fn keys_come_and_go_but_one_stays() {
    let refused = |result: Result<_, Refusal>| result.map(|_: Credential| ()).unwrap_err().code;
    let keys = [key(1), key(2)];
    assert_eq!(rules::remove_key(&keys, key(2).id, now()).unwrap().removed, Some(now()));
    assert_eq!(refused(rules::remove_key(&keys[..1], key(1).id, now())), "people-last-key");
    assert_eq!(refused(rules::remove_key(&keys, key(3).id, now())), "unknown");
    assert!(rules::may_add_key(9).is_ok());
    assert_eq!(rules::may_add_key(10).unwrap_err().code, "people-keys-many");
    for (minutes, fresh) in [(0, true), (10, true), (11, false)] {
        let started = now() - SignedDuration::from_mins(minutes);
        assert_eq!(rules::fresh(Some(started), now()).is_ok(), fresh, "{minutes}");
    }
    assert!(rules::fresh(None, now()).is_err());
}

#[test]
fn a_code_raises_the_level_of_the_one_it_is_for_once() {
    let me = account(false);
    let verified = rules::verify(&me, &code(Some(me.id)), now()).unwrap();
    assert_eq!((verified.level, verified.verified_by), (Level::Verified, Some(person(3))));
    let refused =
        |person: &Person, code: &Code| rules::verify(person, code, now()).unwrap_err().code;
    assert_eq!(refused(&me, &code(Some(person(2)))), "code-unknown");
    assert_eq!(refused(&verified, &code(Some(me.id))), "people-verified-already");
    assert_eq!(refused(&account(true), &code(Some(me.id))), "unknown");
    assert_eq!(refused(&Person { closed: true, ..me.clone() }, &code(Some(me.id))), "unknown");
}

#[test]
fn an_account_is_closed_once_and_never_that_of_staff() {
    let open = account(false);
    let verified = Person { level: Level::Verified, ..open.clone() };
    let closed = Person { closed: true, ..open.clone() };
    for (before, expected) in [
        (&open, Ok(())),
        (&verified, Ok(())),
        (&closed, Err("people-closed-already")),
        (&account(true), Err("unknown")),
        (&Person { closed: true, ..account(true) }, Err("unknown")),
    ] {
        let after = rules::close(before);
        // Nothing but that it is closed.
        let expected = expected.map(|()| Person { closed: true, ..before.clone() });
        assert_eq!(after.map_err(|refusal| refusal.code), expected);
    }
}

#[test]
fn a_grant_ends_unless_nobody_could_let_others_in() {
    let grant = |role| Grant {
        id: GrantId(uuid::Uuid::from_u128(1)),
        person: person(1),
        role,
        unit: 0,
        from: now(),
        to: None,
        basis: "x".to_owned(),
        standing_in_for: None,
    };
    for (role, others, expected) in [
        (Role::Clerk, 0, Ok(())),
        (Role::Administrator, 1, Ok(())),
        (Role::Administrator, 0, Err("people-last-administrator")),
    ] {
        let ended = rules::end_grant(&grant(role), others, now());
        assert_eq!(
            ended.map(|ended| assert!(!ended.is_valid(now()))).map_err(|r| r.code),
            expected
        );
    }
    let over = Grant { to: Some(now()), ..grant(Role::Clerk) };
    assert_eq!(rules::end_grant(&over, 1, now()).unwrap_err().code, "people-grant-over");
}

#[test]
fn roles_are_chosen_from_those_there_are() {
    let chosen =
        |codes: &[&str]| rules::roles(&codes.iter().map(|c| (*c).to_owned()).collect::<Vec<_>>());
    assert_eq!(chosen(&["3", "2", "3"]).unwrap(), [Role::Clerk, Role::Editor]);
    for bad in [&[][..], &["0"], &["9"], &["x"], &["2", "-1"]] {
        assert_eq!(chosen(bad).unwrap_err().code, "people-roles-empty");
    }
}
