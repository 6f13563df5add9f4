//! A real daemon in a process of its own, with a made-up commune and drafts that wait to be filed.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use rustls::ClientConfig;

use super::{
    client::{self, Client},
    say,
};
use crate::{
    daemon::{demo, first_start},
    edge::certificates::{create_ca, issue_client, issue_server},
    kernel::{
        clock::Clock,
        identity::{
            Level, PersonId,
            people::{CredentialId, Person, RESIDENTS_BY_NAME},
            sessions::{Login, Method, Sessions},
        },
        limits::PAGE_ROWS_MAX,
        scratch::{Class, Owner, Scratch},
        store::{
            Fault, Store,
            keys::Key,
            start::{self, StoreSettings},
        },
    },
    services,
    web::cookies,
};

/// Residents who act. The last of them has no drafts.
const ACTORS: usize = 150;
const DRAFT_LIVES: Duration = Duration::from_secs(24 * 3600);

/// Somebody who is logged in.
#[derive(Clone)]
pub struct Resident {
    pub cookie: String,
    /// Of every form of theirs.
    pub form_token: String,
}

/// A filled-in draft: whose, and its address.
pub struct Draft {
    pub owner: usize,
    pub path: String,
}

/// The commune before its daemon starts.
pub struct Prepared {
    pub residents: Vec<Resident>,
    pub drafts: Vec<Draft>,
}

/// Makes a commune, sessions of residents and drafts of each, more than a page lets one have.
///
/// # Errors
/// The device failed.
pub fn prepare(data: &Path, drafts_of_each: usize) -> Result<Prepared, Fault> {
    let settings = StoreSettings { segment_bytes: 8 << 20, ..StoreSettings::default() };
    first_start::found(data, &demo::commune(), &services::kinds(), &settings)?;
    let (store, _) = start::open(data, &services::kinds(), &settings)?;
    let scratch = Arc::new(Scratch::open(data, Clock::System)?);
    demo::populate(&store, &scratch)?;
    let sessions = Sessions::open(Arc::clone(&scratch), Clock::System);
    let mut prepared = Prepared { residents: Vec::new(), drafts: Vec::new() };
    for (owner, person) in actors(&store)?.into_iter().enumerate() {
        let login = Login {
            person,
            staff: false,
            level: Level::Verified,
            method: Method::Passkey,
            credential: CredentialId(uuid::Uuid::nil()),
        };
        let (token, _) = sessions.begin(None, login).map_err(Fault::new)?;
        prepared.residents.push(Resident {
            cookie: format!("{}={}", cookies::SESSION, token.reveal()),
            form_token: sessions.form_token(&token),
        });
        let drafts = if owner + 1 < ACTORS { drafts_of_each } else { 0 };
        for number in 0..drafts {
            let (id, bytes) = services::trees::draft(&store, person, owner + number)?;
            scratch
                .put(Class::Draft, &id, &Owner::Person(person), &bytes, DRAFT_LIVES)
                .map_err(Fault::new)?;
            prepared.drafts.push(Draft { owner, path: format!("/szkice/{id}") });
        }
    }
    store.close();
    Ok(prepared)
}

/// Residents whom the office has seen.
fn actors(store: &Store) -> Result<Vec<PersonId>, Fault> {
    let view = store.view();
    let (mut people, mut from) = (Vec::new(), None::<Vec<u8>>);
    loop {
        let list =
            view.list::<Person>(RESIDENTS_BY_NAME, &Key::new(), from.as_deref(), PAGE_ROWS_MAX)?;
        for row in list.rows {
            if view.get::<Person>(&row.id)?.is_some_and(|person| person.level == Level::Verified) {
                people.push(row.id);
            }
        }
        if list.next.is_none() || people.len() >= ACTORS {
            people.truncate(ACTORS);
            return Ok(people);
        }
        from = list.next;
    }
}

/// The daemon, and how to reach it.
pub struct Peer {
    child: Child,
    public: SocketAddr,
    machine: SocketAddr,
    trusted: Arc<ClientConfig>,
    machine_trusted: Arc<ClientConfig>,
}

fn free_port() -> Result<SocketAddr, Fault> {
    std::net::TcpListener::bind(("127.0.0.1", 0))
        .and_then(|socket| socket.local_addr())
        .map_err(Fault::new)
}

impl Peer {
    /// Starts it on a data directory, with certificates of its own beside it.
    ///
    /// # Errors
    /// It does not start.
    pub fn start(folder: &Path, data: &Path) -> Result<Peer, Fault> {
        let (keys, now) = (folder.join("keys"), Clock::System.now());
        create_ca(&keys, "bench", now).map_err(Fault::new)?;
        let server = issue_server(&keys, &["localhost".to_owned()], now).map_err(Fault::new)?;
        let own = issue_client(&keys, "bench", 1, now).map_err(Fault::new)?;
        let (public, machine) = (free_port()?, free_port()?);
        let (certificate, key) = (&server.certificate, &server.key);
        let authority = keys.join("ca.pem");
        let config = format!(
            "data = {data:?}\norigin = \"https://localhost:{}\"\n[public]\nlisten = [\"{public}\"]\ncertificate = {certificate:?}\nkey = {key:?}\n[machine]\nlisten = [\"{machine}\"]\ncertificate = {certificate:?}\nkey = {key:?}\nauthority = {authority:?}\nhosts = [\"localhost\"]\n",
            public.port()
        );
        let file = folder.join("ostoja.toml");
        fs::write(&file, config).map_err(Fault::new)?;
        let peer = Peer {
            child: serve(&file)?,
            public,
            machine,
            trusted: client::trust(&authority, None)?,
            machine_trusted: client::trust(&authority, Some(&own))?,
        };
        peer.wait_until_it_answers()?;
        Ok(peer)
    }

    /// A connection to the public door.
    ///
    /// # Errors
    /// Nobody answers.
    pub fn connect(&self) -> Result<Client, Fault> {
        Client::connect(self.public, &self.trusted)
    }

    /// A figure of the metrics.
    ///
    /// # Errors
    /// The machine door does not answer, or has no such figure.
    pub fn metric(&self, name: &str) -> Result<u64, Fault> {
        let mut machine = Client::connect(self.machine, &self.machine_trusted)?;
        let text = machine.get_plain("/metrics", "")?.text();
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.and_then(|value| value.parse().ok())
            .ok_or_else(|| Fault::new(format!("no figure {name} in the metrics")))
    }

    /// Its process, for figures of memory and time.
    pub fn process(&self) -> PathBuf {
        PathBuf::from(format!("/proc/{}", self.child.id()))
    }

    fn wait_until_it_answers(&self) -> Result<(), Fault> {
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(60) {
            if self.connect().is_ok() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Err(Fault::new("the daemon did not start within 60 s"))
    }
}

fn serve(config: &Path) -> Result<Child, Fault> {
    let program = std::env::current_exe().map_err(Fault::new)?;
    let mut command = Command::new(program);
    command.arg("serve").arg("--config").arg(config).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().map_err(Fault::new)
}

impl Drop for Peer {
    fn drop(&mut self) {
        let pid = i32::try_from(self.child.id()).map(nix::unistd::Pid::from_raw);
        if let Ok(pid) = pid
            && nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM).is_ok()
            && self.child.wait().is_ok()
        {
            return;
        }
        say("the daemon did not stop by itself");
    }
}
