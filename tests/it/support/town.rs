//! A town in this process: a data directory of its own, the house opened as the daemon opens it, and
//! people who begin their sessions without a ceremony. When it goes, its index must equal one made
//! anew from the journal.

use std::{cell::Cell, io, sync::Arc};

use bytes::Bytes;
use http::Request;
use http_body_util::BodyExt as _;
use ostoja::{
    daemon::{self, HouseSettings, demo, first_start},
    edge::{App as _, EdgeLimits, ListenerKind, Listeners, Peer, RequestBody},
    kernel::{
        clock::Clock,
        identity::{
            Action, Actor, Grant, Level, Person, PersonId, Role, Who,
            action::allowed,
            people::{Credential, CredentialId, GrantId},
            sessions::{Login, Method},
        },
        store::{Change, Op, Refusal, Store, record::Bytes as RecordBytes, start::StoreSettings},
    },
    services,
    web::{House, cookies},
};

use super::{
    soft_key::{Algorithm, SoftKey},
    visitor::{Answered, Ask, Door, Visitor},
};

/// What pages and passkeys take for their address.
pub const ORIGIN: &str = "http://localhost:8080";

/// Puts people and grants straight into the store, where the test is not about how they got there.
static SETTLE: Action = Action { name: "test.settle", who: Who::Console, sentence: "audit-demo" };

/// Names of the people who come, in turn.
const NAMES: [(&str, &str); 6] = [
    ("Anna", "Wierzba"),
    ("Jan", "Olszewski"),
    ("Żaneta", "Łąka"),
    ("Piotr", "Grabowski"),
    ("Oksana", "Szewczenko"),
    ("Maria", "Jesion"),
];

/// A commune with its house open and no door.
pub struct Town {
    pub house: Arc<House>,
    pub store: Arc<Store>,
    pub clock: Clock,
    runtime: tokio::runtime::Runtime,
    settled: Cell<usize>,
    directory: tempfile::TempDir,
}

/// Somebody of the town, logged in.
pub struct Citizen<'t> {
    pub visitor: Visitor<&'t Town>,
    pub id: PersonId,
}

impl Town {
    /// A founded commune with the procedure of the demonstration and nobody in it but its first
    /// administrator: before that one, nothing is served.
    pub fn new() -> Town {
        Town::with(Clock::System, |town| {
            let procedure =
                std::fs::read_to_string(super::root().join("demo/procedures/srod-drzewa-zgl.toml"))
                    .unwrap();
            services::catalogue::import::import(&town.store, &procedure).unwrap();
            town.settle(true, Level::Verified, &[Role::Administrator]);
        })
    }

    /// As [`Town::new`], with a clock of the test.
    pub fn standing(clock: Clock) -> Town {
        Town::with(clock, |town| {
            town.settle(true, Level::Verified, &[Role::Administrator]);
        })
    }

    /// A commune that nobody has entered yet: the first administrator's door is open.
    pub fn founded(clock: Clock) -> Town {
        Town::with(clock, |_| ())
    }

    /// The demonstration's commune, with its people, notices and cases.
    pub fn demo() -> Town {
        Town::with(Clock::System, |town| {
            demo::populate(&town.store, &town.house.scratch).unwrap();
        })
    }

    fn with(clock: Clock, fill: impl FnOnce(&Town)) -> Town {
        let directory = tempfile::tempdir().unwrap();
        let data = directory.path().join("data");
        // Small segments, so that many are sealed; large enough for the entries of these tests.
        let store = StoreSettings {
            segment_bytes: 1 << 20,
            clock: clock.clone(),
            ..StoreSettings::default()
        };
        first_start::found(&data, &demo::commune(), &services::kinds(), &store).unwrap();
        let opened = daemon::open(HouseSettings {
            program: env!("CARGO_BIN_EXE_ostoja").into(),
            data,
            origin: ORIGIN.to_owned(),
            store,
            workers: 1,
            scrub: daemon::scrub::ScrubSettings::default(),
            worker_args: vec!["worker"],
            listeners: Listeners::default(),
            limits: EdgeLimits::default(),
        })
        .unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let town = Town {
            house: opened.house,
            store: opened.store,
            clock,
            runtime,
            settled: Cell::new(0),
            directory,
        };
        fill(&town);
        town
    }

    /// Where its data are, for programs that read beside it.
    pub fn data(&self) -> std::path::PathBuf {
        self.directory.path().join("data")
    }

    /// Durable entries.
    pub fn entries(&self) -> u64 {
        self.store.reader().length()
    }

    /// Entries since there were so many, without those that the house writes by itself when an erasure is carried out.
    pub fn entries_since(&self, before: u64) -> u64 {
        let view = self.store.view();
        let by_somebody = |seq: &u64| view.entry(*seq).unwrap().0.action != "kernel.erased";
        (before..self.entries()).filter(by_somebody).count() as u64
    }

    /// Somebody who has never been here.
    pub fn visitor(&self) -> Visitor<&Town> {
        Visitor::new(self)
    }

    /// A new resident, logged in.
    pub fn resident(&self, level: Level) -> Citizen<'_> {
        let id = self.settle(false, level, &[]);
        self.citizen(id)
    }

    /// A new member of staff, logged in.
    pub fn staff(&self, roles: &[Role]) -> Citizen<'_> {
        let id = self.settle(true, Level::Verified, roles);
        self.citizen(id)
    }

    /// Somebody who lives here, logged in.
    pub fn citizen(&self, id: PersonId) -> Citizen<'_> {
        self.log_in(id, CredentialId(uuid::Uuid::new_v4()))
    }

    /// The same with a key in software that the records know, for what needs a confirmation.
    pub fn with_key(&self, id: PersonId) -> (Citizen<'_>, SoftKey) {
        let mut key = SoftKey::new(Algorithm::Es256, "localhost", ORIGIN).unwrap();
        let passkeys = &self.house.passkeys;
        let started = passkeys.start_registration(id, "ktoś", "Ktoś", &[]).unwrap();
        let made = passkeys
            .finish_registration(&started.state, &key.create(&started.options).unwrap())
            .unwrap();
        let credential = Credential {
            id: CredentialId(uuid::Uuid::new_v4()),
            person: id,
            credential_id: RecordBytes(made.credential_id),
            passkey: made.passkey,
            name: "klucz".to_owned(),
            added: self.clock.now(),
            removed: None,
        };
        self.put(&[id], Op::put(&credential), None);
        (self.log_in(id, credential.id), key)
    }

    fn log_in(&self, id: PersonId, credential: CredentialId) -> Citizen<'_> {
        let person = self.store.view().get::<Person>(&id).unwrap().unwrap();
        let login = Login {
            person: id,
            staff: person.staff,
            level: person.level,
            method: Method::Passkey,
            credential,
        };
        let (token, _) = self.house.sessions.begin(None, login).unwrap();
        let visitor = self.visitor();
        visitor.keep_cookie(cookies::SESSION, &token.reveal());
        Citizen { visitor, id }
    }

    /// A person with grants, put by the console.
    pub fn settle(&self, staff: bool, level: Level, roles: &[Role]) -> PersonId {
        let number = self.settled.replace(self.settled.get() + 1);
        let (given, family) = NAMES[number % NAMES.len()];
        let since = self.clock.now();
        let person = Person {
            id: PersonId::random(),
            given_name: given.to_owned(),
            family_name: family.to_owned(),
            level,
            staff,
            closed: false,
            phone: None,
            email: None,
            since,
            verified_by: None,
            verified_at: None,
        };
        self.put(&[person.id], Op::put(&person), None);
        for role in roles {
            let grant = Grant {
                id: GrantId(uuid::Uuid::new_v4()),
                person: person.id,
                role: *role,
                unit: 0,
                from: since,
                to: None,
                basis: "próba".to_owned(),
                standing_in_for: None,
            };
            self.put(&[person.id], Op::put(&grant), None);
        }
        person.id
    }

    fn put(&self, subjects: &[PersonId], op: Op, also: Option<Op>) {
        let desk = self.store.desk(Actor::Console("test".to_owned()));
        let ticket = desk.commit(|_, authority| {
            let change = Change::new(authority.permit(&SETTLE, subjects)?, op);
            Ok::<_, Refusal>(match also {
                Some(op) => change.and(op),
                None => change,
            })
        });
        ticket.unwrap().wait().unwrap();
    }

    /// Whether somebody may still do something by a grant.
    pub fn still_may(&self, actor: &Actor, who: Who) -> bool {
        allowed(&self.store.view(), actor, who, self.clock.now()).is_ok()
    }

    /// Closes the house and gives its data directory, as it lies on disk.
    pub fn close(mut self) -> tempfile::TempDir {
        std::mem::replace(&mut self.directory, tempfile::tempdir().unwrap())
    }

    /// Compares the index with one made anew from the journal.
    pub fn assert_index(&self) {
        assert_index(&self.store);
    }
}

/// What readers see now is what a rebuild from the journal would give.
pub fn assert_index(store: &Store) {
    let check = store.check_index().unwrap();
    assert_eq!(check.differences, Vec::<String>::new(), "the index differs from the journal");
    assert_eq!(check.entries, store.reader().length());
    assert!(check.keys > 0, "nothing was compared");
}

impl Door for &Town {
    fn ask(&self, ask: Ask) -> io::Result<Answered> {
        let mut request = Request::builder().method(ask.method).uri(&ask.path);
        for (name, value) in &ask.headers {
            request = request.header(*name, value);
        }
        let request =
            request.body(RequestBody::from(Bytes::from(ask.body))).map_err(io::Error::other)?;
        let peer = Peer {
            address: ([127, 0, 0, 1], 1).into(),
            tls: None,
            client_certificate: None,
            listener: ListenerKind::Demo,
        };
        let (head, body) = self.runtime.block_on(async {
            let (head, body) = Arc::clone(&self.house).call(request, peer).await.into_parts();
            (head, body.collect().await)
        });
        let text =
            |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        Ok(Answered {
            asked: format!("{} {}", ask.method, ask.path),
            status: head.status.as_u16(),
            headers: head
                .headers
                .iter()
                .map(|(name, value)| (name.to_string(), text(value)))
                .collect(),
            body: body.map_err(io::Error::other)?.to_bytes().to_vec(),
        })
    }
}

impl Drop for Town {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.assert_index();
        }
        self.store.close();
    }
}
