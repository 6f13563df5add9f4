//! Sessions: who is logged in, until when. Kept in scratch, so that they survive a restart.
//!
//! The browser holds a random token of 256 bits; we keep its SHA-256. A stranger's token is kept
//! nowhere: it only binds form tokens, which are HMACs over it, so that a crowd of strangers costs
//! nothing. Logging in always begins a new session under a new token.
//!
//! Not here: the right to do anything. That is decided by [`super::Authority`] on the records.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use jiff::{SignedDuration, Timestamp};
use subtle::ConstantTimeEq as _;

use crate::kernel::{
    cbor,
    clock::Clock,
    crypto::{CryptoFault, Hash, hash, hex, mac, random},
    identity::{
        Level, PersonId,
        people::{CredentialId, SignIn},
    },
    scratch::{Class, Owner, Scratch, ScratchFull},
    store::{Fault, View},
};

/// How long a session lasts without a sign of life, and at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetime {
    pub idle: SignedDuration,
    pub whole: SignedDuration,
}

/// Residents: long enough for a form with a search for papers in between.
pub const RESIDENT: Lifetime =
    Lifetime { idle: SignedDuration::from_mins(30), whole: SignedDuration::from_hours(12) };
/// Staff: they see the data of others, and sit at shared desks.
pub const STAFF: Lifetime =
    Lifetime { idle: SignedDuration::from_mins(15), whole: SignedDuration::from_hours(8) };

/// Sessions of one person; one more ends the oldest.
const SESSIONS_PER_PERSON: usize = 20;
/// Signs of life reach the disk no more often than this.
const SAVE_EVERY: SignedDuration = SignedDuration::from_secs(60);

crate::codes! {
    /// How somebody proved who they are.
    pub enum Method { Passkey = 1 }
}

crate::fields! {
    /// Somebody who is logged in.
    pub struct Session {
        0 person: PersonId,
        1 staff: bool,
        2 started: Timestamp,
        3 last_seen: Timestamp,
        4 level_at_login: Level,
        /// Key of the form tokens of this session.
        5 csrf: [u8; 32],
        6 method: Method,
        7 credential: CredentialId,
        /// Names the session in lists; says nothing of its token.
        8 handle: String,
    }
}

impl Session {
    /// How long it may last.
    pub fn lifetime(&self) -> Lifetime {
        if self.staff { STAFF } else { RESIDENT }
    }

    /// When it ends if nothing happens.
    pub fn ends(&self) -> Timestamp {
        let lifetime = self.lifetime();
        later(self.last_seen, lifetime.idle).min(later(self.started, lifetime.whole))
    }
}

/// What a browser holds. Strangers have one too.
#[derive(Clone, PartialEq, Eq)]
pub struct Token([u8; 32]);

impl Token {
    /// A fresh token.
    ///
    /// # Errors
    /// The system gave no random numbers.
    pub fn fresh() -> Result<Token, CryptoFault> {
        Ok(Token(random()?))
    }

    /// Reads a cookie's value. `None`: not one of ours.
    pub fn parse(text: &str) -> Option<Token> {
        Some(Token(BASE64.decode(text).ok()?.try_into().ok()?))
    }

    /// The cookie's value.
    pub fn reveal(&self) -> String {
        BASE64.encode(self.0)
    }

    /// What we know it by.
    pub fn hash(&self) -> Hash {
        hash(&[b"ostoja/session/1", &self.0])
    }

    /// Whoever holds this token, as an owner of scratch items.
    pub fn owner(&self) -> Owner {
        Owner::Session(self.hash())
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(secret)")
    }
}

/// Who begins a session.
#[derive(Clone, Copy, Debug)]
pub struct Login {
    pub person: PersonId,
    pub staff: bool,
    pub level: Level,
    pub method: Method,
    pub credential: CredentialId,
}

/// No session was begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoSession {
    #[error(transparent)]
    Full(#[from] ScratchFull),
    #[error(transparent)]
    Crypto(#[from] CryptoFault),
}

struct Live {
    session: Session,
    saved: Timestamp,
}

/// All sessions of the appliance.
pub struct Sessions {
    scratch: Arc<Scratch>,
    clock: Clock,
    form_key: Hash,
    live: Mutex<BTreeMap<Hash, Live>>,
}

impl Sessions {
    /// Takes up the sessions that scratch kept.
    pub fn open(scratch: Arc<Scratch>, clock: Clock) -> Sessions {
        let mut live = BTreeMap::new();
        for (owner, _, bytes) in scratch.all(Class::Session) {
            let session = cbor::decode_map(&bytes).and_then(Session::fields_from_map);
            if let (Owner::Session(hash), Ok(session)) = (owner, session) {
                live.insert(hash, Live { saved: session.last_seen, session });
            }
        }
        let form_key = scratch.derived_key("forms");
        Sessions { scratch, clock, form_key, live: Mutex::new(live) }
    }

    /// Begins a session under a new token. The token that the browser had before is worth nothing
    /// from now on; what its holder kept in scratch is not touched.
    ///
    /// # Errors
    /// There is no room in scratch, or no random numbers.
    pub fn begin(
        &self,
        before: Option<&Token>,
        login: Login,
    ) -> Result<(Token, Session), NoSession> {
        let token = Token::fresh()?;
        let now = self.clock.now();
        let hash = token.hash();
        let session = Session {
            person: login.person,
            staff: login.staff,
            started: now,
            last_seen: now,
            level_at_login: login.level,
            csrf: self.form_key_of(&hash),
            method: login.method,
            credential: login.credential,
            handle: handle(&hash),
        };
        self.save(&hash, &session)?;
        if let Some(before) = before {
            self.end(before);
        }
        let mut live = self.lock();
        live.insert(hash, Live { session: session.clone(), saved: now });
        let mut of_person: Vec<(Timestamp, Hash)> = live
            .iter()
            .filter(|(_, live)| live.session.person == login.person)
            .map(|(hash, live)| (live.session.started, *hash))
            .collect();
        of_person.sort_unstable();
        let surplus = of_person.len().saturating_sub(SESSIONS_PER_PERSON);
        for (_, oldest) in of_person.into_iter().filter(|(_, of)| *of != hash).take(surplus) {
            live.remove(&oldest);
            self.remove_saved(&oldest);
        }
        drop(live);
        Ok((token, session))
    }

    /// The session of a token, with this moment as its last sign of life. `None`: there is none, it
    /// is out of time, or its person logged out everywhere.
    ///
    /// # Errors
    /// The store is unwell.
    pub fn find(&self, token: &Token, view: &View<'_>) -> Result<Option<Session>, Fault> {
        let hash = token.hash();
        let now = self.clock.now();
        let session = self.lock().get(&hash).map(|live| live.session.clone());
        let Some(mut session) = session else { return Ok(None) };
        let valid_from =
            view.get::<SignIn>(&session.person)?.and_then(|sign_in| sign_in.valid_from);
        if session.ends() <= now || valid_from.is_some_and(|from| session.started < from) {
            self.end(token);
            return Ok(None);
        }
        session.last_seen = now;
        let save = match self.lock().get_mut(&hash) {
            // It was ended while we looked.
            None => return Ok(None),
            Some(live) => {
                live.session.last_seen = now;
                let save = later(live.saved, SAVE_EVERY) <= now;
                if save {
                    live.saved = now;
                }
                save
            }
        };
        if save {
            // Not saved means at worst an earlier end after a restart.
            let _unsaved_is_allowed = self.save(&hash, &session);
        }
        Ok(Some(session))
    }

    /// Ends the session of a token. Says whether there was one.
    pub fn end(&self, token: &Token) -> bool {
        self.end_hash(&token.hash())
    }

    /// Ends every session of a person.
    pub fn end_all(&self, person: PersonId) -> usize {
        self.end_where(|session| session.person == person)
    }

    /// Ends one session of a person, by the name that lists give it.
    pub fn end_one(&self, person: PersonId, handle: &str) -> bool {
        self.end_where(|session| session.person == person && session.handle == handle) > 0
    }

    /// Ends the sessions that a key began: it was removed.
    pub fn end_of_credential(&self, credential: CredentialId) -> usize {
        self.end_where(|session| session.credential == credential)
    }

    /// A person's sessions, newest first.
    pub fn of_person(&self, person: PersonId) -> Vec<Session> {
        let now = self.clock.now();
        let mut found: Vec<Session> = self
            .lock()
            .values()
            .map(|live| &live.session)
            .filter(|session| session.person == person && session.ends() > now)
            .cloned()
            .collect();
        found.sort_by_key(|session| std::cmp::Reverse(session.started));
        found
    }

    /// Ends what is out of time. To be called every minute.
    pub fn sweep(&self) -> usize {
        let now = self.clock.now();
        self.end_where(|session| session.ends() <= now)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    /// What a form must carry to be believed, for the holder of a token, logged in or not.
    pub fn form_token(&self, token: &Token) -> String {
        BASE64.encode(mac(&self.form_key_of(&token.hash()), &[b"form"]))
    }

    /// Whether a form's token is the one of the holder of `token`; compared in constant time.
    pub fn is_form_token(&self, token: &Token, given: &str) -> bool {
        self.form_token(token).as_bytes().ct_eq(given.as_bytes()).into()
    }

    fn form_key_of(&self, hash: &Hash) -> Hash {
        mac(&self.form_key, &[hash])
    }

    fn end_hash(&self, hash: &Hash) -> bool {
        let was_there = self.lock().remove(hash).is_some();
        if was_there {
            self.remove_saved(hash);
        }
        was_there
    }

    fn end_where(&self, which: impl Fn(&Session) -> bool) -> usize {
        let hashes: Vec<Hash> = self
            .lock()
            .iter()
            .filter(|(_, live)| which(&live.session))
            .map(|(hash, _)| *hash)
            .collect();
        hashes.iter().filter(|hash| self.end_hash(hash)).count()
    }

    fn save(&self, hash: &Hash, session: &Session) -> Result<(), ScratchFull> {
        let until_end =
            later(session.started, session.lifetime().whole).duration_since(self.clock.now());
        let lives = Duration::try_from(until_end).unwrap_or_default();
        let bytes = cbor::encode_map(&session.fields_to_map());
        self.scratch.put(Class::Session, ITEM, &Owner::Session(*hash), &bytes, lives)
    }

    fn remove_saved(&self, hash: &Hash) {
        self.scratch.remove(Class::Session, ITEM, &Owner::Session(*hash));
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Hash, Live>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The scratch item's id; its owner says whose it is.
const ITEM: &str = "session";

fn handle(hash: &Hash) -> String {
    let whole = hex(&mac(hash, &[b"handle"]));
    whole.get(..16).unwrap_or_default().to_owned()
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{
        identity::{Action, Actor, Who, people::SignInEvent},
        store::{
            Change, Op, Refusal, Store,
            start::{self, IndexChoice, StoreSettings},
        },
    };

    struct Town {
        directory: tempfile::TempDir,
        clock: Clock,
        store: Arc<Store>,
    }

    impl Town {
        fn new() -> Town {
            let directory = tempfile::tempdir().unwrap();
            let clock = Clock::standing("2026-11-21T12:00:00Z".parse().unwrap());
            let settings = StoreSettings {
                segment_bytes: 128 * 1024,
                index: IndexChoice::Memory,
                clock: clock.clone(),
                ..StoreSettings::default()
            };
            let data = directory.path().join("data");
            start::create(&data, "test.example/log/1", &[], &settings).unwrap();
            let (store, _) = start::open(&data, &[], &settings).unwrap();
            Town { directory, clock, store }
        }

        fn sessions(&self) -> Sessions {
            let data = self.directory.path().join("data");
            let scratch = Scratch::open(&data, self.clock.clone()).unwrap();
            Sessions::open(Arc::new(scratch), self.clock.clone())
        }

        fn pass(&self, time: SignedDuration) {
            self.clock.set(self.clock.now() + time);
        }

        fn is_in(&self, sessions: &Sessions, token: &Token) -> bool {
            sessions.find(token, &self.store.view()).unwrap().is_some()
        }
    }

    impl Drop for Town {
        fn drop(&mut self) {
            self.store.close();
        }
    }

    fn login(person: u128, staff: bool) -> Login {
        Login {
            person: PersonId(uuid::Uuid::from_u128(person)),
            staff,
            level: Level::Declared,
            method: Method::Passkey,
            credential: CredentialId(uuid::Uuid::from_u128(7)),
        }
    }

    #[test]
    fn a_session_ends_after_idling_and_at_its_absolute_end() {
        let town = Town::new();
        let sessions = town.sessions();
        for (staff, lifetime) in [(false, RESIDENT), (true, STAFF)] {
            let (idle, _) = sessions.begin(None, login(1, staff)).unwrap();
            town.pass(lifetime.idle - SignedDuration::from_millis(1));
            assert!(town.is_in(&sessions, &idle));
            town.pass(lifetime.idle);
            assert!(!town.is_in(&sessions, &idle));
            let (busy, _) = sessions.begin(None, login(1, staff)).unwrap();
            let mut lasted = SignedDuration::ZERO;
            while town.is_in(&sessions, &busy) {
                town.pass(SignedDuration::from_mins(10));
                lasted += SignedDuration::from_mins(10);
            }
            assert_eq!(lasted, lifetime.whole);
        }
        assert!(sessions.is_empty());
    }

    #[test]
    fn a_restart_keeps_sessions_and_ended_ones_stay_ended() {
        let town = Town::new();
        let (kept, ended) = {
            let sessions = town.sessions();
            let (kept, session) = sessions.begin(None, login(1, false)).unwrap();
            let (ended, _) = sessions.begin(None, login(1, false)).unwrap();
            assert!(sessions.end(&ended));
            town.pass(SignedDuration::from_mins(20));
            let found = sessions.find(&kept, &town.store.view()).unwrap().unwrap();
            assert_eq!((found.started, found.csrf), (session.started, session.csrf));
            (kept, ended)
        };
        town.pass(SignedDuration::from_mins(20));
        let sessions = town.sessions();
        assert!(town.is_in(&sessions, &kept), "its sign of life was saved");
        assert!(!town.is_in(&sessions, &ended));
        town.pass(SignedDuration::from_mins(31));
        let sessions = town.sessions();
        assert!(!town.is_in(&sessions, &kept));
    }

    #[test]
    fn only_hashes_of_tokens_are_kept() {
        let town = Town::new();
        let sessions = town.sessions();
        let (token, session) = sessions.begin(None, login(1, false)).unwrap();
        assert_eq!(Token::parse(&token.reveal()), Some(token.clone()));
        assert!(!sessions.lock().contains_key(&token.0));
        assert!(!format!("{token:?} {session:?}").contains(&token.reveal()));
        for bad in ["", "abc", &token.reveal()[1..], &format!("{}=", token.reveal())] {
            assert_eq!(Token::parse(bad), None);
        }
    }

    #[test]
    fn logging_in_rotates_the_token() {
        let town = Town::new();
        let sessions = town.sessions();
        let (first, _) = sessions.begin(None, login(1, false)).unwrap();
        let (second, _) = sessions.begin(Some(&first), login(1, false)).unwrap();
        assert_ne!(first, second);
        assert!(!town.is_in(&sessions, &first) && town.is_in(&sessions, &second));
    }

    #[test]
    fn logging_out_everywhere_is_a_record_that_ends_older_sessions() {
        static OUT: Action = Action { name: "test.out", who: Who::Anyone, sentence: "out" };
        let town = Town::new();
        let sessions = town.sessions();
        let (old, _) = sessions.begin(None, login(1, false)).unwrap();
        let (other, _) = sessions.begin(None, login(2, false)).unwrap();
        town.pass(SignedDuration::from_secs(1));
        let now = town.clock.now();
        let out = SignIn {
            person: login(1, false).person,
            event: SignInEvent::OutEverywhere,
            at: now,
            credential: None,
            valid_from: Some(now),
        };
        let ticket = town.store.desk(Actor::Visitor).commit(|_, authority| {
            Ok::<_, Refusal>(Change::new(authority.permit(&OUT, &[out.person])?, Op::put(&out)))
        });
        ticket.unwrap().wait().unwrap();
        let (new, _) = sessions.begin(None, login(1, false)).unwrap();
        assert!(!town.is_in(&sessions, &old));
        assert!(town.is_in(&sessions, &new) && town.is_in(&sessions, &other));
    }

    #[test]
    fn a_person_sees_and_ends_their_own_sessions_only() {
        let town = Town::new();
        let sessions = town.sessions();
        let (mine, session) = sessions.begin(None, login(1, false)).unwrap();
        let (theirs, _) = sessions.begin(None, login(2, false)).unwrap();
        let (me, they) = (login(1, false).person, login(2, false).person);
        assert_eq!(sessions.of_person(me), std::slice::from_ref(&session));
        assert!(!sessions.end_one(they, &session.handle));
        assert!(sessions.end_one(me, &session.handle));
        assert!(!town.is_in(&sessions, &mine));
        assert_eq!(sessions.end_all(they), 1);
        assert!(!town.is_in(&sessions, &theirs));
        for n in 0..30 {
            town.pass(SignedDuration::from_secs(1));
            let (token, _) = sessions.begin(None, login(3, false)).unwrap();
            assert!(town.is_in(&sessions, &token), "{n}");
        }
        assert_eq!(sessions.of_person(login(3, false).person).len(), SESSIONS_PER_PERSON);
        assert_eq!(sessions.end_of_credential(login(3, false).credential), SESSIONS_PER_PERSON);
        assert!(sessions.is_empty());
    }

    #[test]
    fn a_form_token_fits_one_holder() {
        let town = Town::new();
        let sessions = town.sessions();
        let (mine, theirs) = (Token::fresh().unwrap(), Token::fresh().unwrap());
        let token = sessions.form_token(&mine);
        assert!(sessions.is_form_token(&mine, &token));
        assert!(!sessions.is_form_token(&theirs, &token));
        for bad in ["", &token[1..], &token.to_lowercase()] {
            assert!(!sessions.is_form_token(&mine, bad));
        }
        assert!(town.sessions().is_form_token(&mine, &token), "also after a restart");
    }
}
