//! What may happen to a notice.

use jiff::Timestamp;

use super::model::{Notice, NoticeId, State, TEXT_CHARS_MAX, TITLE_CHARS_MAX};
use crate::kernel::store::Refusal;

/// What an editor typed, whole and within limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    pub title: String,
    pub text: String,
}

/// Without the characters that no XML can carry, and other controls: they come with what is pasted from
/// elsewhere, nobody sees them, and one of them would make the whole feed unreadable. Newlines and tabs
/// stay.
pub fn printable(text: &str) -> String {
    let stays = |c: &char| match c {
        '\n' | '\t' => true,
        '\u{fffe}' | '\u{ffff}' => false,
        c => !c.is_control(),
    };
    text.chars().filter(stays).collect()
}

/// Checks what was typed. The refusals name the field; all of them come back, not only the first.
pub fn words(title: &str, text: &str) -> Result<Words, Vec<Refusal>> {
    let (title, text) = (printable(title), printable(text));
    let (title, text) = (title.trim(), text.trim());
    let mut wrong = Vec::new();
    for (field, value, empty, long, max) in [
        ("title", title, "notices-title-empty", "notices-title-long", TITLE_CHARS_MAX),
        ("text", text, "notices-text-empty", "notices-text-long", TEXT_CHARS_MAX),
    ] {
        let chars = value.chars().count();
        if chars == 0 {
            wrong.push(Refusal::rule(empty).on(field));
        } else if chars > max {
            wrong.push(Refusal::rule(long).on(field).with("max", max).with("now", chars));
        }
    }
    if wrong.is_empty() {
        Ok(Words { title: title.to_owned(), text: text.to_owned() })
    } else {
        Err(wrong)
    }
}

/// A new draft.
pub fn draft(id: NoticeId, words: Words, now: Timestamp) -> Notice {
    let Words { title, text } = words;
    Notice {
        id,
        title,
        text,
        state: State::Draft,
        written: now,
        published: None,
        changed: now,
        withdrawal_reason: None,
    }
}

/// Other words for a notice that is not withdrawn.
///
/// # Errors
/// It is withdrawn.
pub fn rewrite(before: &Notice, words: Words, now: Timestamp) -> Result<Notice, Refusal> {
    if before.state == State::Withdrawn {
        return Err(Refusal::rule("notices-withdrawn"));
    }
    let Words { title, text } = words;
    Ok(Notice { title, text, changed: now, ..before.clone() })
}

/// Shows it to everybody. The first day of publication stays.
///
/// # Errors
/// It is published already.
pub fn publish(before: &Notice, now: Timestamp) -> Result<Notice, Refusal> {
    if before.state == State::Published {
        return Err(Refusal::rule("notices-already-published"));
    }
    let published = Some(before.published.unwrap_or(now));
    Ok(Notice {
        state: State::Published,
        published,
        changed: now,
        withdrawal_reason: None,
        ..before.clone()
    })
}

/// Hides it again, with a reason that stays in the log.
///
/// # Errors
/// It is not published, or there is no reason.
pub fn withdraw(before: &Notice, reason: &str, now: Timestamp) -> Result<Notice, Refusal> {
    if before.state != State::Published {
        return Err(Refusal::rule("notices-not-published"));
    }
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(Refusal::rule("notices-reason-empty").on("reason"));
    }
    let reason = Some(reason.chars().take(500).collect());
    Ok(Notice {
        state: State::Withdrawn,
        changed: now,
        withdrawal_reason: reason,
        ..before.clone()
    })
}
