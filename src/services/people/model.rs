//! What people type about themselves, parsed into valid values, and what waits in scratch between
//! the steps of a door. The stored records are the kernel's: `kernel::identity::people`.

use crate::kernel::{
    identity::{PersonId, people::CodeUse},
    store::Refusal,
};

const NAME_CHARS_MAX: usize = 80;
const EMAIL_BYTES_MAX: usize = 254;
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 9..=15;
const KEY_NAME_CHARS_MAX: usize = 40;

/// A given and a family name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    pub given: String,
    pub family: String,
}

/// How the office reaches somebody: at least one of the two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    pub phone: Option<String>,
    pub email: Option<String>,
}

crate::fields! {
    /// Somebody between typing their name and making their key.
    pub struct Applicant {
        /// Stays the same when the key is tried again, so that nobody gets two accounts.
        0 person: PersonId,
        1 given_name: String,
        2 family_name: String,
        3 phone: Option<String>,
        4 email: Option<String>,
        /// As typed.
        5 code: Option<String>,
    }
}

crate::fields! {
    /// A code's text, for the member of staff who issued it, until it has been shown and printed.
    pub struct ShownCode {
        0 text: String,
        1 used_for: CodeUse,
        2 expires: jiff::Timestamp,
        /// Where the page leads back to.
        3 back: String,
    }
}

/// Reads names as typed. All that is wrong comes back.
///
/// # Errors
/// The fields that are wrong.
pub fn names(given: &str, family: &str) -> Result<Names, Vec<Refusal>> {
    let mut wrong = Vec::new();
    let mut read = |field: &'static str, typed: &str, empty: &'static str| {
        let name = typed.split_whitespace().collect::<Vec<_>>().join(" ");
        let chars = name.chars().count();
        if chars == 0 {
            wrong.push(Refusal::rule(empty).on(field));
        } else if chars > NAME_CHARS_MAX {
            let long = Refusal::rule("people-name-long").with("max", NAME_CHARS_MAX);
            wrong.push(long.on(field));
        } else if !name.chars().all(is_of_a_name) || !name.chars().any(char::is_alphabetic) {
            wrong.push(Refusal::rule("people-name-strange").on(field));
        }
        name
    };
    let given = read("given", given, "people-given-empty");
    let family = read("family", family, "people-family-empty");
    if wrong.is_empty() { Ok(Names { given, family }) } else { Err(wrong) }
}

/// Letters of any script, and what stands between them in real names.
fn is_of_a_name(c: char) -> bool {
    c.is_alphabetic() || matches!(c, ' ' | '-' | '\'' | '’' | '.' | '\u{301}' | '\u{2bc}')
}

/// Reads a contact as typed.
///
/// # Errors
/// The fields that are wrong.
pub fn contact(phone: &str, email: &str) -> Result<Contact, Vec<Refusal>> {
    let (phone, email) = (phone.trim(), email.trim());
    let mut wrong = Vec::new();
    if phone.is_empty() && email.is_empty() {
        wrong.push(Refusal::rule("people-contact-empty").on("phone"));
    }
    let read_phone = Some(phone).filter(|phone| !phone.is_empty()).map(read_phone);
    if read_phone == Some(None) {
        wrong.push(Refusal::rule("people-phone-wrong").on("phone"));
    }
    if !email.is_empty() && !is_email(email) {
        wrong.push(Refusal::rule("people-email-wrong").on("email"));
    }
    if wrong.is_empty() {
        let email = Some(email.to_owned()).filter(|email| !email.is_empty());
        Ok(Contact { phone: read_phone.flatten(), email })
    } else {
        Err(wrong)
    }
}

/// Digits with an optional leading plus; spaces, hyphens and brackets fall away.
fn read_phone(typed: &str) -> Option<String> {
    let kept: String =
        typed.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '(' | ')')).collect();
    let digits = kept.strip_prefix('+').unwrap_or(&kept);
    let good = digits.bytes().all(|byte| byte.is_ascii_digit());
    (good && PHONE_DIGITS.contains(&digits.len())).then_some(kept)
}

/// Something, an at sign, a name with a dot. Whether it is right, only a letter can tell.
fn is_email(typed: &str) -> bool {
    let Some((user, host)) = typed.rsplit_once('@') else { return false };
    let no_space = !typed.contains(|c: char| c.is_whitespace() || c.is_control());
    let named = host.split('.').count() > 1 && host.split('.').all(|part| !part.is_empty());
    typed.len() <= EMAIL_BYTES_MAX && no_space && !user.is_empty() && named
}

/// The name of a key, as its owner calls it.
///
/// # Errors
/// It is empty or too long.
pub fn key_name(typed: &str) -> Result<String, Refusal> {
    let name = typed.split_whitespace().collect::<Vec<_>>().join(" ");
    match name.chars().count() {
        0 => Err(Refusal::rule("people-key-name-empty").on("name")),
        chars if chars > KEY_NAME_CHARS_MAX => {
            Err(Refusal::rule("people-key-name-long").on("name").with("max", KEY_NAME_CHARS_MAX))
        }
        _ => Ok(name),
    }
}

/// Where somebody goes after logging in: a path of ours, or nothing.
pub fn path_back(typed: &str) -> Option<&str> {
    let ours = typed.starts_with('/') && !typed.starts_with("//") && typed.len() <= 500;
    let plain = typed.bytes().all(|byte| (0x21..0x7f).contains(&byte) && byte != b'\\');
    (ours && plain).then_some(typed)
}
