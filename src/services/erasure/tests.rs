//! What is typed in this room, and what its pages offer, as tables.

use jiff::civil::{Date, date};

use super::{
    model,
    rules::{self, Offer},
};
use crate::kernel::{
    erasure::{Erasure, ErasureId, ErasureState, FileClass, Ground, rules::Standing},
    identity::PersonId,
    store::record::FileId,
};

fn today() -> Date {
    date(2026, 11, 28)
}

fn standing(class: FileClass) -> Standing {
    Standing {
        class,
        has_bodies: true,
        ended: Some(date(2020, 5, 1)),
        term_years: Some(5),
        is_held: false,
        is_proposed: false,
        has_matters: false,
    }
}

#[test]
fn a_file_is_named_by_whatever_somebody_pastes() {
    let id = "018f6f3a-1111-7222-8333-444455556666";
    let other = "018f6f3a-9999-7222-8333-444455556666";
    let file = FileId::parse(id).unwrap();
    for typed in [
        id.to_owned(),
        id.to_uppercase(),
        format!("  {id}\n"),
        format!("https://urzad.example.pl/urzad/drzewa/{id}"),
        format!("/urzad/drzewa/{id}/wiadomosci/{other}/pliki/0"),
        format!("https://urzad.example.pl/urzad/drzewa/{id}?zrobiono=wezwij#tresc"),
        format!("sprawa „{id}”, pilne"),
    ] {
        assert_eq!(model::file_in(&typed).unwrap(), file, "{typed}");
    }
    let far = format!("{}{id}", "x".repeat(4_000));
    for typed in ["", "12/2026", "018f6f3a-1111-7222-8333-44445555666", &format!("{id}a"), &far] {
        let refusal = model::file_in(typed).unwrap_err();
        assert_eq!(
            (refusal.code, refusal.field.as_deref()),
            ("erasure-file-unclear", Some("file"))
        );
    }
    // A cut in the middle of a letter is no cut.
    assert!(model::file_in(&"ą".repeat(3_999)).is_err());
}

#[test]
fn a_ground_is_one_of_three() {
    for (typed, ground) in [("1", Ground::TermOver), ("2", Ground::Request), ("3", Ground::Ruling)]
    {
        assert_eq!(model::ground(typed).unwrap(), ground);
    }
    for typed in ["", "0", "4", "term-over", "-1"] {
        assert_eq!(model::ground(typed).unwrap_err().code, "erasure-ground-empty", "{typed}");
    }
}

#[test]
fn a_page_offers_the_grounds_that_the_rules_allow_and_says_why_not_the_others() {
    use Ground::{Request, Ruling, TermOver};
    let case = || standing(FileClass::CaseFile);
    let account = || standing(FileClass::Account);
    let rows: [(&str, Standing, &[Ground], &[&str], Option<&str>); 7] = [
        ("over", case(), &[TermOver, Ruling], &["erasure-request-of-matter"], None),
        (
            "no term",
            Standing { term_years: None, ..case() },
            &[Ruling],
            &["erasure-no-term", "erasure-request-of-matter"],
            None,
        ),
        ("account", account(), &[TermOver, Request, Ruling], &[], None),
        (
            "held",
            Standing { is_held: true, ..case() },
            &[],
            &["erasure-held", "erasure-held", "erasure-held"],
            Some("erasure-held"),
        ),
        (
            "open",
            Standing { ended: None, ..case() },
            &[],
            &["erasure-not-ended", "erasure-not-ended", "erasure-not-ended"],
            Some("erasure-not-ended"),
        ),
        (
            "open account",
            Standing { ended: None, ..account() },
            &[],
            &["erasure-account-open", "erasure-account-open", "erasure-account-open"],
            Some("erasure-account-open"),
        ),
        (
            "term runs",
            Standing { ended: Some(date(2024, 1, 1)), ..account() },
            &[Request, Ruling],
            &["erasure-term-runs"],
            None,
        ),
    ];
    for (name, standing, may, not, obstacle) in rows {
        let offer = Offer::of(&standing, today());
        assert_eq!(offer.may, may, "{name}");
        let codes: Vec<_> = offer.may_not.iter().map(|(_, refusal)| refusal.code).collect();
        assert_eq!(codes, not, "{name}");
        assert_eq!(offer.obstacle().map(|refusal| refusal.code), obstacle, "{name}");
    }
}

#[test]
fn a_certificate_is_given_for_what_is_done_and_surely_gone() {
    let done = Erasure {
        id: ErasureId::new(),
        file: FileId(uuid::Uuid::from_u128(1)),
        class: FileClass::CaseFile,
        label: "OŚ.6131.1.2020".to_owned(),
        ground: Ground::TermOver,
        basis: "x".to_owned(),
        consent: None,
        proposed_by: PersonId(uuid::Uuid::from_u128(2)),
        proposed_at: jiff::Timestamp::UNIX_EPOCH,
        hold_check: 1,
        content: [0; 32],
        entries: 1,
        bodies: 2,
        blobs: 0,
        partial: false,
        approvals: Vec::new(),
        state: ErasureState::Done,
        order: Some(7),
        ordered_at: None,
        done_at: None,
        withdrawn: None,
        uncertain: None,
    };
    let with = |state, order, uncertain: Option<&str>| {
        let uncertain = uncertain.map(str::to_owned);
        let it = Erasure { state, order, uncertain, ..done.clone() };
        rules::certifiable(&it).map_err(|refusal| refusal.code)
    };
    for (state, order, uncertain, expected) in [
        (ErasureState::Done, Some(7), None, Ok(7)),
        (ErasureState::Done, Some(7), Some("btrfs"), Err("erasure-uncertain")),
        (ErasureState::Done, None, None, Err("unknown")),
        (ErasureState::Ordered, Some(7), None, Err("erasure-not-done")),
        (ErasureState::Proposed, None, None, Err("erasure-not-done")),
        (ErasureState::Withdrawn, None, None, Err("erasure-not-done")),
    ] {
        assert_eq!(with(state, order, uncertain), expected, "{state:?} {order:?} {uncertain:?}");
    }
}
