//! Figures of a real daemon in a process of its own, over real TLS on loopback.

use std::{
    fs,
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use super::{Latencies, client, memory_mb, say};
use crate::{
    daemon::{demo, first_start},
    edge::certificates::{create_ca, issue_server},
    kernel::{
        clock::Clock,
        identity::{
            Level,
            people::{CredentialId, Person, RESIDENTS_BY_NAME},
            sessions::{Login, Method, Sessions},
        },
        scratch::Scratch,
        store::{
            Fault,
            keys::Key,
            start::{self, StoreSettings},
        },
    },
    services,
    web::cookies,
};

/// Runs it.
///
/// # Errors
/// The daemon does not start or answer.
pub fn run(folder: &Path, seconds: Duration) -> Result<(), Fault> {
    fs::create_dir_all(folder).map_err(Fault::new)?;
    let (data, keys) = (folder.join("data"), folder.join("keys"));
    let cookie = prepare(&data)?;
    let now = Clock::System.now();
    create_ca(&keys, "bench", now).map_err(Fault::new)?;
    let server = issue_server(&keys, &["localhost".to_owned()], now).map_err(Fault::new)?;
    let port = std::net::TcpListener::bind(("127.0.0.1", 0))
        .and_then(|socket| socket.local_addr())
        .map_err(Fault::new)?
        .port();
    let config = format!(
        "data = {:?}\norigin = \"https://localhost:{port}\"\n[public]\nlisten = [\"127.0.0.1:{port}\"]\ncertificate = {:?}\nkey = {:?}\n",
        data, server.certificate, server.key
    );
    let file = folder.join("ostoja.toml");
    fs::write(&file, config).map_err(Fault::new)?;
    let daemon = Daemon::start(&file)?;
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let trusted = client::trust(&keys.join("ca.pem"))?;
    wait_until_it_answers(address)?;
    let (rest, _) = memory_mb(&daemon.0.id().to_string());
    say(format!("daemon at rest: {rest} MB resident"));
    for (what, path, cookie) in [
        ("public page", "/sprawy/srod-drzewa-zgl", ""),
        ("personal page", "/moje-sprawy", cookie.as_str()),
    ] {
        for clients in [1usize, 16] {
            load(&format!("{what} {path}, {clients} clients over TLS"), clients, seconds, || {
                let mut connection = client::Client::connect(address, &trusted)?;
                Ok(move || {
                    connection.get(path, cookie).and_then(|(status, _)| {
                        if status == 200 {
                            Ok(())
                        } else {
                            Err(Fault::new(format!("{path} answered {status}")))
                        }
                    })
                })
            });
        }
    }
    load("full TLS 1.3 handshake and one asset, 16 clients", 16, seconds, || {
        Ok(|| client::Client::connect(address, &trusted)?.get("/favicon.ico", "").map(|_answer| ()))
    });
    let (rest, peak) = memory_mb(&daemon.0.id().to_string());
    say(format!("daemon after the loads: {rest} MB resident, {peak} MB peak"));
    Ok(())
}

/// A commune with people, and a session of one of them.
fn prepare(data: &Path) -> Result<String, Fault> {
    let settings = StoreSettings { segment_bytes: 8 << 20, ..StoreSettings::default() };
    first_start::found(data, &demo::commune(), &services::kinds(), &settings)?;
    let (store, _) = start::open(data, &services::kinds(), &settings)?;
    let scratch = std::sync::Arc::new(Scratch::open(data, Clock::System)?);
    demo::populate(&store, &scratch)?;
    let residents = store.view().list::<Person>(RESIDENTS_BY_NAME, &Key::new(), None, 1)?;
    let person = residents
        .rows
        .first()
        .map(|row| row.id)
        .ok_or_else(|| Fault::new("the demo has no residents"))?;
    let sessions = Sessions::open(scratch, Clock::System);
    let login = Login {
        person,
        staff: false,
        level: Level::Verified,
        method: Method::Passkey,
        credential: CredentialId(uuid::Uuid::nil()),
    };
    let (token, _) = sessions.begin(None, login).map_err(Fault::new)?;
    store.close();
    Ok(format!("{}={}", cookies::SESSION, token.reveal()))
}

struct Daemon(Child);

impl Daemon {
    fn start(config: &Path) -> Result<Daemon, Fault> {
        let program = std::env::current_exe().map_err(Fault::new)?;
        let mut command = Command::new(program);
        command
            .arg("serve")
            .arg("--config")
            .arg(config)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        Ok(Daemon(command.spawn().map_err(Fault::new)?))
    }
}

fn wait_until_it_answers(address: SocketAddr) -> Result<(), Fault> {
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(30) {
        if std::net::TcpStream::connect(address).is_ok() {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Err(Fault::new("the daemon did not start within 30 s"))
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let pid = i32::try_from(self.0.id()).map(nix::unistd::Pid::from_raw);
        if let Ok(pid) = pid
            && nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM).is_ok()
            && self.0.wait().is_ok()
        {
            return;
        }
        say("the daemon did not stop by itself");
    }
}

/// Clients that ask again and again.
fn load<Ask: FnMut() -> Result<(), Fault>>(
    what: &str,
    clients: usize,
    seconds: Duration,
    connect: impl Fn() -> Result<Ask, Fault> + Sync,
) {
    let stop = AtomicBool::new(false);
    let started = Instant::now();
    let (mut all, mut failed) = (Latencies::default(), 0u64);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..clients)
            .map(|_| {
                scope.spawn(|| -> (Latencies, u64) {
                    let mut own = Latencies::default();
                    let Ok(mut ask) = connect() else { return (own, 1) };
                    let mut failed = 0;
                    while !stop.load(Ordering::Relaxed) {
                        let asked = Instant::now();
                        match ask() {
                            Ok(()) => own.add(asked.elapsed()),
                            Err(_) => failed += 1,
                        }
                    }
                    (own, failed)
                })
            })
            .collect();
        while started.elapsed() < seconds {
            std::thread::sleep(Duration::from_millis(20));
        }
        stop.store(true, Ordering::Relaxed);
        for thread in threads {
            if let Ok((own, bad)) = thread.join() {
                all.join(own);
                failed += bad;
            }
        }
    });
    all.report(what, started.elapsed());
    if failed > 0 {
        say(format!("  failed: {failed}"));
    }
}
