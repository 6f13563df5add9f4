//! Every rule, alone and against the others.

use jiff::civil::date;
use uuid::Uuid;

use crate::kernel::{
    erasure::{
        records::{ErasureState, FileClass, Ground},
        rules::{
            Approved, Approving, Standing, approvable, needs_consent, proposable, term_over_on,
        },
    },
    identity::PersonId,
};

fn file() -> Standing {
    Standing {
        class: FileClass::CaseFile,
        has_bodies: true,
        ended: Some(date(2020, 5, 4)),
        term_years: Some(5),
        is_held: false,
        is_proposed: false,
        has_matters: false,
    }
}

fn refused(file: &Standing, ground: Ground) -> &'static str {
    proposable(file, ground, date(2026, 1, 1)).map_or_else(|refusal| refusal.code, |()| "may")
}

#[test]
fn years_are_counted_from_the_january_after() {
    assert_eq!(term_over_on(date(2020, 1, 1), 5), Some(date(2026, 1, 1)));
    assert_eq!(term_over_on(date(2020, 12, 31), 5), Some(date(2026, 1, 1)));
    assert_eq!(term_over_on(date(2021, 1, 1), 0), Some(date(2022, 1, 1)));
    assert_eq!(term_over_on(date(2020, 1, 1), u32::MAX), None);
}

#[test]
fn what_may_be_proposed() {
    let account = || Standing { class: FileClass::Account, ..file() };
    let of = |class| Standing { class, ..file() };
    let rows: [(Standing, Ground, &str); 14] = [
        (file(), Ground::TermOver, "may"),
        (file(), Ground::Ruling, "may"),
        (file(), Ground::Request, "erasure-request-of-matter"),
        (account(), Ground::Request, "may"),
        (of(FileClass::Code), Ground::Request, "may"),
        (Standing { has_bodies: false, is_held: true, ..file() }, Ground::Ruling, "unknown"),
        (Standing { is_held: true, is_proposed: true, ..file() }, Ground::Ruling, "erasure-held"),
        (
            Standing { is_proposed: true, ended: None, ..file() },
            Ground::Ruling,
            "erasure-proposed-already",
        ),
        (Standing { ended: None, ..file() }, Ground::Ruling, "erasure-not-ended"),
        (Standing { ended: None, ..account() }, Ground::Request, "erasure-account-open"),
        (Standing { has_matters: true, ..account() }, Ground::Request, "erasure-has-matters"),
        (Standing { term_years: None, ..file() }, Ground::TermOver, "erasure-no-term"),
        (Standing { term_years: Some(6), ..file() }, Ground::TermOver, "erasure-term-runs"),
        (Standing { term_years: None, ..file() }, Ground::Ruling, "may"),
    ];
    for (index, (file, ground, expected)) in rows.iter().enumerate() {
        assert_eq!(refused(file, *ground), *expected, "row {index}");
    }
}

#[test]
fn the_archive_is_asked_only_for_matters_whose_term_is_over() {
    for class in FileClass::ALL {
        for ground in Ground::ALL {
            let asked = *class == FileClass::CaseFile && *ground == Ground::TermOver;
            assert_eq!(needs_consent(*class, *ground), asked);
        }
    }
}

#[test]
fn who_may_approve() {
    let anna = PersonId(Uuid::from_u128(1));
    let jan = PersonId(Uuid::from_u128(2));
    let (none, anna_did): (&[PersonId], &[PersonId]) = (&[], &[anna]);
    let good = |before| Approving {
        state: ErasureState::Proposed,
        before,
        person: jan,
        is_unchanged: true,
        is_held: false,
        has_administrator: true,
        before_still_may: true,
    };
    let answer = |it: &Approving<'_>| match approvable(it) {
        Ok(Approved::First) => "first",
        Ok(Approved::Second) => "second",
        Err(refusal) => refusal.code,
    };
    let rows: [(Approving<'_>, &str); 11] = [
        (good(none), "first"),
        (good(anna_did), "second"),
        (Approving { has_administrator: false, before_still_may: false, ..good(none) }, "first"),
        (Approving { person: anna, ..good(anna_did) }, "erasure-same-person"),
        (
            Approving { state: ErasureState::Ordered, person: anna, ..good(anna_did) },
            "erasure-not-proposed",
        ),
        (Approving { state: ErasureState::Done, ..good(none) }, "erasure-not-proposed"),
        (Approving { state: ErasureState::Withdrawn, ..good(none) }, "erasure-not-proposed"),
        (Approving { is_held: true, is_unchanged: false, ..good(none) }, "erasure-held"),
        (Approving { is_unchanged: false, ..good(anna_did) }, "erasure-changed"),
        (Approving { before_still_may: false, ..good(anna_did) }, "erasure-first-lapsed"),
        (Approving { has_administrator: false, ..good(anna_did) }, "erasure-no-administrator"),
    ];
    for (index, (it, expected)) in rows.iter().enumerate() {
        assert_eq!(answer(it), *expected, "row {index}");
    }
}
