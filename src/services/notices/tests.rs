//! Rules of notices as a table.

use jiff::Timestamp;

use super::{
    model::{Notice, NoticeId, State},
    rules,
};
use crate::kernel::store::record::Record as _;

fn notice(state: State) -> Notice {
    let words = rules::words("Tytuł", "Treść").unwrap();
    Notice {
        state,
        ..rules::draft(NoticeId(uuid::Uuid::from_u128(1)), words, Timestamp::UNIX_EPOCH)
    }
}

#[test]
fn each_state_allows_what_the_diagram_says() {
    let now: Timestamp = "2026-11-21T10:00:00Z".parse().unwrap();
    let words = || rules::words("Inny", "Inna").unwrap();
    for (state, edit, publish, withdraw) in [
        (State::Draft, Ok(State::Draft), Ok(State::Published), Err("notices-not-published")),
        (
            State::Published,
            Ok(State::Published),
            Err("notices-already-published"),
            Ok(State::Withdrawn),
        ),
        (
            State::Withdrawn,
            Err("notices-withdrawn"),
            Ok(State::Published),
            Err("notices-not-published"),
        ),
    ] {
        let before = notice(state);
        let outcome = |result: Result<Notice, crate::kernel::store::Refusal>| {
            result.map(|n| n.state).map_err(|r| r.code)
        };
        assert_eq!(outcome(rules::rewrite(&before, words(), now)), edit, "edit {state:?}");
        assert_eq!(outcome(rules::publish(&before, now)), publish, "publish {state:?}");
        assert_eq!(outcome(rules::withdraw(&before, "powód", now)), withdraw, "withdraw {state:?}");
    }
    assert_eq!(
        rules::withdraw(&notice(State::Published), "  ", now).unwrap_err().code,
        "notices-reason-empty"
    );
}

#[test]
fn all_that_is_wrong_is_said_at_once() {
    let wrong = rules::words("", &"x".repeat(10_001)).unwrap_err();
    let codes: Vec<_> = wrong.iter().map(|refusal| refusal.code).collect();
    assert_eq!(codes, ["notices-title-empty", "notices-text-long"]);
}

#[test]
fn characters_that_nobody_sees_are_dropped() {
    let words =
        rules::words("A\u{1}B\u{b}\u{7f}", "\u{0}a\r\n\tb\u{fffe}\u{85}\n🌳\u{1f}").unwrap();
    assert_eq!((words.title.as_str(), words.text.as_str()), ("AB", "a\n\tb\n🌳"));
    let codes: Vec<_> =
        rules::words("\u{1}", " \u{2} ").unwrap_err().iter().map(|refusal| refusal.code).collect();
    assert_eq!(codes, ["notices-title-empty", "notices-text-empty"]);
    let html = super::pages::html("a&#1;b&#xb;c &#65534; d");
    assert_eq!(html.as_str(), "<p>abc  d</p>\n");
}

#[test]
fn html_and_foreign_pictures_in_a_text_do_nothing() {
    let html = super::pages::html(
        "<script>x</script>\n\n![p](https://evil.example/p.png) [l](javascript:alert(1))\n\n# Nagłówek",
    );
    let html = html.as_str();
    assert!(
        !html.contains("<script") && !html.contains("<img") && !html.contains("javascript:"),
        "{html}"
    );
    assert!(html.contains("<h2>Nagłówek</h2>"), "{html}");
}

#[test]
fn a_stored_notice_of_version_1_decodes_for_ever() {
    let hex =
        "a6005000000000000000000000000000000001016654797475c5820267547265c59bc487030004000600";
    let bytes: Vec<u8> = (0..hex.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
        .collect();
    let map = crate::kernel::cbor::decode_map(&bytes).unwrap();
    assert_eq!(Notice::from_map(1, map).unwrap(), notice(State::Draft));
}
