//! The real daemon as a commune runs it: made by `init`, started by a configuration file, over TLS with
//! certificates of its own authority, asked by curl, measured by promtool, stopped by a signal.

use std::{
    fs,
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use nix::sys::signal::Signal;
use ostoja::edge::certificates;

use crate::support::{Program, tool};

const NAME: &str = "urzad.modrzewie.test";

/// A host with a data directory, certificates and a configuration file.
struct Host {
    directory: tempfile::TempDir,
    public: u16,
    machine: u16,
    redirect: u16,
}

/// Ports that nobody held a moment ago.
fn free_ports<const N: usize>() -> [u16; N] {
    let sockets: [_; N] =
        std::array::from_fn(|_| std::net::TcpListener::bind("127.0.0.1:0").unwrap());
    sockets.map(|socket| socket.local_addr().unwrap().port())
}

impl Host {
    fn new() -> Host {
        let directory = tempfile::tempdir().unwrap();
        let [public, machine, redirect] = free_ports();
        let host = Host { directory, public, machine, redirect };
        let now = Timestamp::now();
        certificates::create_ca(&host.tls(), "Gmina Modrzewie", now).unwrap();
        certificates::issue_server(&host.tls(), &[NAME.to_owned(), "localhost".to_owned()], now)
            .unwrap();
        certificates::issue_client(&host.tls(), "prometheus", 30, now).unwrap();
        let tls = |file: &str| host.tls().join(file).display().to_string();
        let config = format!(
            "data = {data:?}\norigin = \"https://{NAME}:{public}\"\nworkers = 1\n\n\
             [public]\nlisten = [\"127.0.0.1:{public}\"]\ncertificate = {chain:?}\nkey = {key:?}\n\n\
             [redirect]\nlisten = [\"127.0.0.1:{redirect}\"]\n\n\
             [machine]\nlisten = [\"127.0.0.1:{machine}\"]\ncertificate = {chain:?}\nkey = {key:?}\n\
             authority = {ca:?}\nrevoked = {crl:?}\nhosts = [\"localhost\"]\n",
            data = host.data().display().to_string(),
            chain = tls("server.pem"),
            key = tls("server.key"),
            ca = tls("ca.pem"),
            crl = tls("ca.crl"),
        );
        fs::write(host.config(), config).unwrap();
        host
    }

    fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    fn tls(&self) -> PathBuf {
        self.directory.path().join("tls")
    }

    fn config(&self) -> PathBuf {
        self.directory.path().join("ostoja.toml")
    }

    fn init(&self) {
        let data = self.data();
        let arguments =
            ["init", "--commune", "Gmina Modrzewie", "--host", NAME, "--dir"].map(Path::new);
        let (out, err, code) = Program::run(&[&arguments[..], &[&data]].concat());
        assert_eq!(code, 0, "{err}");
        assert!(out.contains("created") && out.lines().count() == 1, "{out}");
    }

    fn serve(&self) -> Program {
        Program::start(&[Path::new("serve"), Path::new("--config"), &self.config()])
    }

    /// Asks the public door with curl: head and body.
    fn public(&self, path: &str, more: &[&str]) -> String {
        let target = format!("{NAME}:{}:127.0.0.1", self.public);
        let ca = self.tls().join("ca.pem").display().to_string();
        let url = format!("https://{NAME}:{}{path}", self.public);
        let common = [
            "--silent",
            "--show-error",
            "--include",
            "--max-time",
            "30",
            "--resolve",
            &target,
            "--cacert",
            &ca,
            &url,
        ];
        let (said, code) = tool("curl", &[&common, more].concat(), b"");
        assert_eq!(code, 0, "{path}: {said}");
        said
    }

    /// Asks the machine door as Prometheus would: the body, and curl's exit code.
    fn machine(&self, path: &str, with_certificate: bool) -> (String, i32) {
        let file = |name: &str| self.tls().join(name).display().to_string();
        let (ca, chain, key) =
            (file("ca.pem"), file("clients/prometheus.pem"), file("clients/prometheus.key"));
        let url = format!("https://localhost:{}{path}", self.machine);
        let mut arguments = vec!["--silent", "--max-time", "30", "--cacert", &ca, &url];
        if with_certificate {
            arguments.extend(["--cert", &chain, "--key", &key]);
        }
        tool("curl", &arguments, b"")
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "one story, told in order")]
fn a_commune_starts_serves_is_measured_and_stops() {
    let host = Host::new();
    host.init();
    let daemon = host.serve();
    let first = daemon.wait_for_line("first start: open ");
    let code = first.rsplit(' ').next().unwrap();
    assert_eq!(code.len(), 14, "{first}");
    assert!(
        first.contains(&format!("https://{NAME}:{}/pierwsze-uruchomienie", host.public)),
        "{first}"
    );
    daemon.wait_for_line("serving ");

    // Nothing is served before somebody can let others in, but the door where they enrol.
    for path in ["/", "/sprawy", "/logowanie", "/konto/nowe", "/styl"] {
        let said = host.public(path, &[]);
        assert!(
            said.contains(" 303")
                && said.to_lowercase().contains("location: /pierwsze-uruchomienie"),
            "{path}: {said}"
        );
    }
    let said = host.public("/pierwsze-uruchomienie", &["--http1.1"]);
    assert!(
        said.starts_with("HTTP/1.1 200") && said.contains("<h1>") && said.contains("name=\"code\""),
        "{said}"
    );
    let head = said.to_lowercase();
    for header in [
        "strict-transport-security: ",
        "content-security-policy: ",
        "x-content-type-options: nosniff",
        "referrer-policy: same-origin",
        "cache-control: no-store",
    ] {
        assert!(head.contains(header), "no {header} in {said}");
    }
    assert!(
        head.contains("set-cookie: __host-sesja=")
            && head.contains("secure; httponly; samesite=lax"),
        "{said}"
    );
    assert!(host.public("/pierwsze-uruchomienie", &["--http2"]).starts_with("HTTP/2 200"));
    assert!(host.public("/pierwsze-uruchomienie", &["--tls-max", "1.2"]).contains(" 200"));

    // Port 80 only leads to the other.
    let plain = format!("http://{NAME}:{}/sprawy?a=1", host.redirect);
    let target = format!("{NAME}:{}:127.0.0.1", host.redirect);
    let (said, _) = tool("curl", &["--silent", "--include", "--resolve", &target, &plain], b"");
    assert!(said.contains(" 308") || said.contains(" 301"), "{said}");
    assert!(
        said.to_lowercase()
            .contains(&format!("location: https://{NAME}:{}/sprawy?a=1", host.public)),
        "{said}"
    );

    // Machines show a certificate; promtool understands what they are told.
    assert_ne!(host.machine("/metrics", false).1, 0, "no certificate, no answer");
    let (health, _) = host.machine("/healthz", true);
    assert!(health.starts_with("ok ") && health.ends_with(" entries\n"), "{health}");
    let (metrics, _) = host.machine("/metrics", true);
    assert!(
        metrics.contains("ostoja_journal_entries ")
            && metrics.contains("ostoja_http_answers_total{"),
        "{metrics}"
    );
    // The Debian package is called prometheus.
    let (said, code) = tool("promtool", &["check", "metrics"], metrics.as_bytes());
    assert_eq!((said.as_str(), code), ("", 0), "promtool objects to the metrics");

    // A second process is refused, by name of the reason, and the first does not notice.
    let (_, err, code) = Program::run(&[Path::new("serve"), Path::new("--config"), &host.config()]);
    assert_eq!(code, 5, "{err}");
    assert!(err.contains("in use by another process"), "{err}");
    assert!(host.public("/pierwsze-uruchomienie", &[]).contains(" 200"));

    assert_eq!(daemon.stop(), Some(0));
    // What was acknowledged is on disk, sealed by a checkpoint, and verifies.
    let data = host.data();
    let (out, err, code) =
        Program::run(&[Path::new("log"), Path::new("verify"), Path::new("--dir"), &data]);
    assert_eq!(code, 0, "{out}{err}");
    let (out, err, code) =
        Program::run(&[Path::new("index"), Path::new("check"), Path::new("--dir"), &data]);
    assert_eq!(code, 0, "{out}{err}");

    // The code of the first start is still good, and a new one is given with each start.
    let daemon = host.serve();
    assert_ne!(
        daemon.wait_for_line("first start: open ").rsplit(' ').next().unwrap(),
        code_of(&first)
    );
    daemon.wait_for_line("serving ");
    daemon.signal(Signal::SIGINT);
    assert_eq!(daemon.stop(), Some(0));
}

fn code_of(line: &str) -> &str {
    line.rsplit(' ').next().unwrap()
}

#[test]
fn a_wrong_start_says_what_to_do_and_leaves_with_its_code() {
    let host = Host::new();
    let serve = || Program::run(&[Path::new("serve"), Path::new("--config"), &host.config()]);
    let (_, err, code) = serve();
    assert_ne!(code, 0);
    assert!(
        err.contains("ostoja init"),
        "a missing journal names the command that makes one: {err}"
    );
    host.init();
    let data = host.data();
    let again = ["init", "--commune", "Gmina Inna", "--host", NAME, "--dir"].map(Path::new);
    let (_, err, code) = Program::run(&[&again[..], &[&data]].concat());
    assert_ne!(code, 0, "a journal is never made twice");
    assert!(err.contains("holds a journal already"), "{err}");
    let config = fs::read_to_string(host.config()).unwrap();
    fs::write(host.config(), config.replace("[public]", "[pubilc]")).unwrap();
    let (_, err, code) = serve();
    assert_eq!(code, 2, "{err}");
    assert!(err.contains("pubilc"), "{err}");
    fs::write(host.config(), config.replace("server.key", "nothing.key")).unwrap();
    let (_, err, code) = serve();
    assert_ne!(code, 0);
    assert!(err.contains("nothing.key"), "{err}");
    // Nobody was hurt.
    fs::write(host.config(), config).unwrap();
    let daemon = host.serve();
    daemon.wait_for_line("serving ");
    assert_eq!(daemon.stop(), Some(0));
}

#[test]
fn every_verb_explains_itself() {
    let (help, _, code) = Program::run(&["--help"]);
    assert_eq!(code, 0);
    assert!(help.contains("Exit codes"), "{help}");
    let mut verbs: Vec<Vec<String>> = verbs_of(&help).into_iter().map(|verb| vec![verb]).collect();
    assert!(verbs.len() >= 6, "{verbs:?}");
    let mut told = 0;
    while let Some(verb) = verbs.pop() {
        let mut arguments = verb.clone();
        arguments.push("--help".to_owned());
        let (help, err, code) = Program::run(&arguments);
        assert_eq!(code, 0, "{verb:?}: {err}");
        assert!(
            help.lines().next().is_some_and(|line| line.len() > 15),
            "{verb:?} says nothing of itself: {help}"
        );
        for inner in verbs_of(&help) {
            verbs.push([verb.clone(), vec![inner]].concat());
        }
        let reads_data = help.contains("<DIR>");
        let is_leaf = !help.contains("Commands:");
        assert!(!is_leaf || help.contains("Usage: ostoja"), "{verb:?}: {help}");
        assert!(!is_leaf || !reads_data || help.contains("--dir <DIR>"), "{verb:?}: {help}");
        told += 1;
    }
    println!("{told} verbs");
    let (_, err, code) = Program::run(&["no-such-verb"]);
    assert_eq!(code, 2, "{err}");
}

/// The names under "Commands:" of a help text.
fn verbs_of(help: &str) -> Vec<String> {
    let Some((_, after)) = help.split_once("Commands:\n") else { return Vec::new() };
    let lines = after.lines().take_while(|line| line.starts_with("  "));
    let names = lines
        .filter(|line| !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next());
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}
