//! One-time codes: twelve characters that a person carries on paper from one screen to another.
//!
//! Twelve of Crockford's 32 symbols are 60 bits. Whoever types may write small letters, leave out
//! the hyphens, and take O for 0 or I and L for 1. The record keeps an HMAC under a key of this
//! machine and not a plain hash, because 60 bits could be searched offline by whoever reads the
//! record; looking an HMAC up in an index says nothing about how much of a guess was right.
//!
//! Guessing online: [`Attempts`] lets five tries a minute pass for one holder and 600 for all
//! strangers. With a thousand codes alive, 600 tries a minute for two million years have an even
//! chance.
//!
//! A code is good for one use and a short time. Losing the machine's scratch key makes those alive
//! worthless; then new ones are issued.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp};

use crate::kernel::{
    crypto::{CryptoFault, Hash, mac, random},
    identity::{
        PersonId, Role,
        people::{CODES_BY_HASH, Code, CodeId, CodeUse},
    },
    scratch::{Owner, Scratch},
    store::{Refusal, View, keys::Key},
};

/// Crockford's base 32: no I, L, O, U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const SYMBOLS: usize = 12;
const GROUP: usize = 4;

/// How long a code is good.
pub fn lifetime(used_for: CodeUse) -> SignedDuration {
    match used_for {
        CodeUse::FirstAdministrator => SignedDuration::from_hours(24),
        CodeUse::StaffInvitation => SignedDuration::from_hours(72),
        // The resident still stands at the desk.
        CodeUse::ResidentVerification => SignedDuration::from_mins(15),
    }
}

/// The text of a code: shown once, never stored.
#[derive(Clone, PartialEq, Eq)]
pub struct CodeText(String);

impl CodeText {
    /// As it is shown and printed: `ABCD-EFGH-JKMN`.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for CodeText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CodeText(secret)")
    }
}

/// For whom and what a code is.
#[derive(Clone, Debug, Default)]
pub struct CodeFor {
    pub person: Option<PersonId>,
    pub roles: Vec<Role>,
    pub given_name: Option<String>,
    pub family_name: Option<String>,
    /// The staff member who issues it.
    pub issued_by: Option<PersonId>,
}

/// Makes and reads codes.
pub struct Codes {
    key: Hash,
}

impl Codes {
    /// With the key of a data directory's scratch.
    pub fn new(scratch: &Scratch) -> Codes {
        Codes { key: scratch.derived_key("codes") }
    }

    /// A new code, and the record to put for it.
    ///
    /// # Errors
    /// The system gave no random numbers.
    pub fn issue(
        &self,
        used_for: CodeUse,
        whom: CodeFor,
        now: Timestamp,
    ) -> Result<(CodeText, Code), CryptoFault> {
        let symbols: [u8; SYMBOLS] = random::<SYMBOLS>()?.map(|byte| byte & 31);
        let code = Code {
            id: CodeId(uuid::Uuid::from_bytes(random()?)),
            hash: self.hash(&symbols),
            used_for,
            person: whom.person,
            roles: whom.roles,
            given_name: whom.given_name,
            family_name: whom.family_name,
            issued: now,
            expires: now.checked_add(lifetime(used_for)).unwrap_or(now),
            used: None,
            issued_by: whom.issued_by,
        };
        Ok((CodeText(spell(&symbols)), code))
    }

    /// The code that somebody typed, if it is alive and for this use. To be asked inside the
    /// decision that puts [`used`], so that of two who come at once one is refused.
    ///
    /// # Errors
    /// `code-malformed`, `code-unknown` (never issued, used, or for another thing), `code-expired`.
    pub fn find(
        &self,
        view: &View<'_>,
        typed: &str,
        used_for: CodeUse,
        now: Timestamp,
    ) -> Result<Code, Refusal> {
        let symbols = read(typed).ok_or_else(|| Refusal::rule("code-malformed").on("code"))?;
        let hash = self.hash(&symbols);
        let found = view.find::<Code>(CODES_BY_HASH, &Key(hash.to_vec()))?;
        let code = found
            .filter(|code| code.used_for == used_for && code.used.is_none())
            .ok_or_else(|| Refusal::rule("code-unknown").on("code"))?;
        if code.expires <= now {
            return Err(Refusal::rule("code-expired").on("code"));
        }
        Ok(code)
    }

    fn hash(&self, symbols: &[u8; SYMBOLS]) -> Hash {
        mac(&self.key, &[b"ostoja/code/1", symbols])
    }
}

/// The code after its only use.
pub fn used(code: Code, now: Timestamp) -> Code {
    Code { used: Some(now), ..code }
}

fn spell(symbols: &[u8; SYMBOLS]) -> String {
    let mut out = String::with_capacity(SYMBOLS + SYMBOLS / GROUP);
    for (index, symbol) in symbols.iter().enumerate() {
        if index > 0 && index.is_multiple_of(GROUP) {
            out.push('-');
        }
        out.extend(ALPHABET.get(usize::from(*symbol)).map(|byte| char::from(*byte)));
    }
    out
}

/// The symbols that somebody typed.
fn read(typed: &str) -> Option<[u8; SYMBOLS]> {
    let mut symbols = Vec::with_capacity(SYMBOLS);
    for typed in typed.chars() {
        let symbol = match typed.to_ascii_uppercase() {
            ' ' | '-' | '\u{a0}' | '\u{2011}' | '\u{2013}' => continue,
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        };
        if symbols.len() == SYMBOLS {
            return None;
        }
        let value = ALPHABET.iter().position(|known| char::from(*known) == symbol)?;
        symbols.push(u8::try_from(value).ok()?);
    }
    symbols.try_into().ok()
}

/// Tries a minute of one holder.
const TRIES_OF_ONE: u32 = 5;
/// Tries a minute of all strangers, and apart from them of all who are logged in.
const TRIES_OF_ALL: u32 = 600;

struct Minute {
    number: i64,
    strangers: u32,
    persons: u32,
    by_owner: BTreeMap<Owner, u32>,
}

/// Slows guessing down. In memory: a restart forgives.
pub struct Attempts {
    minute: Mutex<Minute>,
}

impl Minute {
    const fn new(number: i64) -> Minute {
        Minute { number, strangers: 0, persons: 0, by_owner: BTreeMap::new() }
    }
}

impl Default for Attempts {
    fn default() -> Attempts {
        Attempts::new()
    }
}

impl Attempts {
    /// Nobody has tried yet.
    pub const fn new() -> Attempts {
        Attempts { minute: Mutex::new(Minute::new(0)) }
    }

    /// Counts a try. Says whether it may be made.
    pub fn allow(&self, owner: &Owner, now: Timestamp) -> bool {
        let number = now.as_second().div_euclid(60);
        let mut minute = self.minute.lock().unwrap_or_else(PoisonError::into_inner);
        if minute.number != number {
            *minute = Minute::new(number);
        }
        let Minute { strangers, persons, by_owner, .. } = &mut *minute;
        let all = match owner {
            Owner::Session(_) => strangers,
            Owner::Person(_) => persons,
        };
        if *all >= TRIES_OF_ALL {
            return false;
        }
        // No more holders a minute than tries of all, so the map stays small.
        let own = by_owner.entry(*owner).or_default();
        if *own >= TRIES_OF_ONE {
            return false;
        }
        *own += 1;
        *all += 1;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{
        clock::Clock,
        identity::{Action, Actor, Who},
        store::{
            Change, Op,
            start::{self, IndexChoice, StoreSettings},
        },
    };

    fn codes() -> Codes {
        Codes { key: [3; 32] }
    }

    #[test]
    fn a_code_is_read_as_people_write_it() {
        let now = "2026-11-21T12:00:00Z".parse().unwrap();
        for _ in 0..200 {
            let (text, code) =
                codes().issue(CodeUse::StaffInvitation, CodeFor::default(), now).unwrap();
            let shown = text.reveal();
            assert_eq!((shown.len(), shown.matches('-').count()), (14, 2));
            assert!(!shown.contains(['I', 'L', 'O', 'U']));
            for typed in [
                shown.to_owned(),
                shown.to_lowercase(),
                shown.replace('-', ""),
                format!(" {} ", shown.replace('-', " ")),
                shown.replace('0', "O").replace('1', "l"),
            ] {
                assert_eq!(codes().hash(&read(&typed).unwrap()), code.hash, "{typed}");
            }
        }
        for bad in ["", "ABCD-EFGH-JKM", "ABCD-EFGH-JKMNP", "ABCD-EFGH-JKMU", "ABCD-EFGH-JKM!"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn codes_differ_and_another_machine_reads_nothing() {
        let now = Timestamp::UNIX_EPOCH;
        let issue = || codes().issue(CodeUse::StaffInvitation, CodeFor::default(), now).unwrap();
        let all: std::collections::BTreeSet<String> =
            (0..500).map(|_| issue().0.reveal().to_owned()).collect();
        assert_eq!(all.len(), 500);
        let (text, code) = issue();
        let elsewhere = Codes { key: [4; 32] };
        assert_ne!(elsewhere.hash(&read(text.reveal()).unwrap()), code.hash);
        assert!(!format!("{text:?} {code:?}").contains(text.reveal()));
    }

    #[test]
    fn a_code_is_good_once_for_its_use_and_its_time() {
        static PUT: Action = Action { name: "test.code", who: Who::Anyone, sentence: "code" };
        let directory = tempfile::tempdir().unwrap();
        let data = directory.path().join("data");
        let now: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
        let settings = StoreSettings {
            segment_bytes: 128 * 1024,
            index: IndexChoice::Memory,
            clock: Clock::standing(now),
            ..StoreSettings::default()
        };
        start::create(&data, "test.example/log/1", &[], &settings).unwrap();
        let (store, _) = start::open(&data, &[], &settings).unwrap();
        let put = |code: &Code| {
            let ticket = store.desk(Actor::Visitor).commit(|_, authority| {
                Ok::<_, Refusal>(Change::new(authority.permit(&PUT, &[])?, Op::put(code)))
            });
            ticket.unwrap().wait().unwrap();
        };
        let (text, code) =
            codes().issue(CodeUse::ResidentVerification, CodeFor::default(), now).unwrap();
        let find = |used_for, at| codes().find(&store.view(), text.reveal(), used_for, at);
        let refused = |found: Result<Code, Refusal>| found.unwrap_err().code;
        assert_eq!(refused(find(CodeUse::ResidentVerification, now)), "code-unknown");
        put(&code);
        assert_eq!(find(CodeUse::ResidentVerification, now).unwrap(), code);
        assert_eq!(refused(find(CodeUse::StaffInvitation, now)), "code-unknown");
        let end = now + SignedDuration::from_mins(15);
        assert!(find(CodeUse::ResidentVerification, end - SignedDuration::from_millis(1)).is_ok());
        assert_eq!(refused(find(CodeUse::ResidentVerification, end)), "code-expired");
        let typed = codes().find(&store.view(), "ABC", CodeUse::ResidentVerification, now);
        assert_eq!(refused(typed), "code-malformed");
        put(&used(code, now));
        assert_eq!(refused(find(CodeUse::ResidentVerification, now)), "code-unknown");
        store.close();
    }

    #[test]
    fn guessing_is_slow_for_one_and_for_all() {
        let attempts = Attempts::new();
        let now: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
        let owner = |n: u16| Owner::Session([n.to_le_bytes(); 16].concat().try_into().unwrap());
        assert_eq!((0..10).filter(|_| attempts.allow(&owner(1), now)).count(), 5);
        let others = (2..=2_000).filter(|n| attempts.allow(&owner(*n), now)).count();
        assert_eq!(others, 595);
        let person = Owner::Person(PersonId(uuid::Uuid::from_u128(1)));
        assert!(attempts.allow(&person, now), "strangers do not shut out who is logged in");
        let minute_later = now + SignedDuration::from_secs(60);
        assert!(attempts.allow(&owner(1), minute_later));
    }
}
