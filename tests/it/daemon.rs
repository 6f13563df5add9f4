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

    /// The status that the machine door answers with.
    fn machine_status(&self, path: &str) -> String {
        self.machine_with(path, true, &["--output", "/dev/null", "--write-out", "%{http_code}"]).0
    }

    /// Asks the machine door as Prometheus would: the body, and curl's exit code.
    fn machine(&self, path: &str, with_certificate: bool) -> (String, i32) {
        self.machine_with(path, with_certificate, &[])
    }

    fn machine_with(&self, path: &str, with_certificate: bool, more: &[&str]) -> (String, i32) {
        let file = |name: &str| self.tls().join(name).display().to_string();
        let (ca, chain, key) =
            (file("ca.pem"), file("clients/prometheus.pem"), file("clients/prometheus.key"));
        let url = format!("https://localhost:{}{path}", self.machine);
        let mut arguments = vec!["--silent", "--max-time", "30", "--cacert", &ca, &url];
        if with_certificate {
            arguments.extend(["--cert", &chain, "--key", &key]);
        }
        arguments.extend(more);
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

#[test]
fn a_start_without_a_checkpoint_is_refused_by_name_and_code() {
    let host = Host::new();
    host.init();
    let checkpoint = host.data().join("log/checkpoint");
    let serve = || Program::run(&[Path::new("serve"), Path::new("--config"), &host.config()]);
    let kept = fs::read(&checkpoint).unwrap();
    fs::remove_file(&checkpoint).unwrap();
    let (_, err, code) = serve();
    assert_eq!(code, 3, "{err}");
    assert!(err.contains("damage in log/checkpoint: it is missing"), "{err}");
    fs::write(&checkpoint, kept).unwrap();
    let key = host.data().join("secrets/pseudonym.key");
    fs::rename(&key, host.data().join("aside")).unwrap();
    let (_, err, code) = serve();
    assert_eq!(code, 3, "{err}");
    assert!(err.contains("secrets/pseudonym.key: it is missing: put it back"), "{err}");
}

#[test]
fn a_configuration_is_entered_when_it_is_another() {
    let host = Host::new();
    host.init();
    let serve_once = || {
        let daemon = host.serve();
        daemon.wait_for_line("serving ");
        assert_eq!(daemon.stop(), Some(0));
    };
    let shown = |more: &[&str]| {
        let dir = host.data().display().to_string();
        let (out, err, code) =
            Program::run(&[&["log", "show", "--dir", dir.as_str()], more].concat());
        assert_eq!(code, 0, "{err}");
        out
    };
    let entered = || shown(&[]).matches("  kernel.config  ").count();
    let sha256 = || tool("sha256sum", &[host.config()], b"").0[..64].to_owned();
    assert_eq!(entered(), 0);
    serve_once();
    assert_eq!(entered(), 1, "the first start enters it");
    serve_once();
    assert_eq!(entered(), 1, "an unchanged one is not entered again");
    let (first, text) = (sha256(), fs::read_to_string(host.config()).unwrap());
    fs::write(host.config(), text.replace("workers = 1", "workers = 2")).unwrap();
    serve_once();
    assert_eq!(entered(), 2);
    let second = sha256();
    let (hidden, texts) = (shown(&[]), shown(&["--disclose"]));
    assert!(texts.contains(&first) && texts.contains(&second), "{texts}");
    assert!(!hidden.contains(&second), "no header holds it: {hidden}");
}

#[test]
fn health_says_what_is_wrong_now_and_old_rubbish_goes() {
    let host = Host::new();
    host.init();
    let rubbish = host.data().join("blobs/ab").join("ab".repeat(32));
    fs::create_dir(host.data().join("blobs/ab")).unwrap();
    fs::write(&rubbish, b"of a process that died").unwrap();
    let two_days_ago = std::time::SystemTime::from(Timestamp::now())
        - std::time::Duration::from_secs(2 * 24 * 3600);
    fs::File::options().write(true).open(&rubbish).unwrap().set_modified(two_days_ago).unwrap();
    let daemon = host.serve();
    daemon.wait_for_line("serving ");
    let ask = || {
        let said = host.machine("/healthz", true).0;
        let status = host.machine_status("/healthz");
        (said.trim_end().to_owned(), status)
    };
    let well = ask();
    assert!(well.0.starts_with("ok ") && well.1 == "200", "{well:?}");
    let (scratch, aside) = (host.data().join("scratch"), host.data().join("aside"));
    fs::rename(&scratch, &aside).unwrap();
    assert_eq!(ask(), ("unwell: scratch".to_owned(), "503".to_owned()));
    fs::rename(&aside, &scratch).unwrap();
    assert_eq!(ask(), well, "it is well again without a restart");
    // A request that fails by its own fault is no illness of the house.
    assert!(host.public("/pierwsze-uruchomienie", &["--data", "code=x"]).contains(" 4"));
    assert_eq!(ask(), well);
    daemon.wait_for_line("blob files that no entry names removed");
    assert!(!rubbish.exists());
    assert_eq!(daemon.stop(), Some(0));
}

#[test]
#[expect(clippy::too_many_lines, reason = "one story, told in order")]
fn a_newcomer_makes_certificates_and_curl_reads_the_metrics() {
    let host = Host::new();
    host.init();
    let at = |name: &str| host.directory.path().join(name).display().to_string();
    let cert = |arguments: &[&str]| Program::run(&[&["cert"], arguments].concat());
    let (ca, bundle) = (at("ca"), at("prometheus.pem"));
    // In the wrong order it says what comes first.
    let (_, err, code) = cert(&["issue", "--dir", &ca, "--name", "prometheus", "--out", &bundle]);
    assert_eq!(code, 2, "{err}");
    assert!(err.contains("ostoja cert authority") && !Path::new(&bundle).exists(), "{err}");

    let good = |arguments: &[&str]| {
        let (out, err, code) = cert(arguments);
        assert_eq!((code, err.as_str(), out.lines().count()), (0, "", 1), "{out}");
        out
    };
    good(&["authority", "--dir", &ca, "--commune", "Gmina Modrzewie"]);
    assert_eq!(good(&["list", "--dir", &ca]), "nothing was issued yet\n");
    good(&["server", "--dir", &ca, "--host", "localhost"]);
    // A plain file name lies where the command was given.
    let issue = ["cert", "issue", "--dir", &ca, "--name", "prometheus", "--out", "prometheus.pem"];
    let done = Program::command(&issue).current_dir(host.directory.path()).output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(done.status.success() && said.starts_with("issued prometheus until "), "{done:?}");
    assert!(said.ends_with("in prometheus.pem\n") && said.lines().count() == 1, "{said}");
    let mode = |name: &str| {
        use std::os::unix::fs::PermissionsExt as _;
        fs::metadata(name).unwrap().permissions().mode() & 0o777
    };
    assert_eq!((mode(&bundle), mode(&format!("{ca}/ca.key"))), (0o600, 0o600));
    // The key was handed out and is nowhere else.
    let key = fs::read_to_string(&bundle).unwrap();
    let (_, key) = key.split_once("-----BEGIN PRIVATE KEY-----").unwrap();
    let (found, _) = tool("grep", &["-rlF", key.trim().lines().next().unwrap(), &ca], b"");
    assert_eq!(found, "");

    // What is wrong is refused by name, and no key is overwritten.
    for (more, says) in [
        (["--name", "prometheus", "--out", &bundle, "--days", "90"], "is there already"),
        (["--name", "../x", "--out", &at("x"), "--days", "90"], "cannot be a name"),
        (["--name", "x", "--out", &at("x"), "--days", "398"], "days are not possible"),
    ] {
        let (_, err, code) = cert(&[&["issue", "--dir", &ca], &more[..]].concat());
        assert!(code == 2 && err.contains(says), "{code} {err}");
    }
    let nowhere = at("nowhere/x");
    let (_, err, code) = cert(&["issue", "--dir", &ca, "--name", "x", "--out", &nowhere]);
    assert!(code == 4 && err.contains(&nowhere), "{code} {err}");
    let (_, err, code) = cert(&["authority", "--dir", &ca, "--commune", "Gmina Modrzewie"]);
    assert!(code == 2 && err.contains("already"), "{code} {err}");

    // curl scrapes with it; a certificate of another authority stays outside.
    let config = fs::read_to_string(host.config()).unwrap();
    let (public, machine) = config.split_once("[machine]").unwrap();
    let machine = machine.replace(&at("tls"), &ca);
    fs::write(host.config(), format!("{public}[machine]{machine}")).unwrap();
    let daemon = host.serve();
    daemon.wait_for_line("serving ");
    let url = format!("https://localhost:{}/metrics", host.machine);
    let scrape = |certificate: &str| {
        let authority = format!("{ca}/ca.pem");
        let arguments =
            ["--silent", "--show-error", "--cacert", &authority, "--cert", certificate, &url];
        tool("curl", &arguments, b"")
    };
    let (metrics, code) = scrape(&bundle);
    assert!(code == 0 && metrics.contains("ostoja_journal_entries "), "{code} {metrics}");
    let foreign = at("foreign.pem");
    let other = at("tls");
    good(&["issue", "--dir", &other, "--name", "prometheus", "--out", &foreign]);
    assert_ne!(scrape(&foreign).1, 0);
    assert_eq!(daemon.stop(), Some(0));

    let (out, err, code) = cert(&["list", "--dir", &ca, "--json"]);
    assert_eq!(code, 0, "{err}");
    let rows: serde_json::Value = serde_json::from_str(&out).unwrap();
    let mut names: Vec<_> =
        rows.as_array().unwrap().iter().map(|row| row["name"].as_str()).collect();
    // Both were made within a second, and so may stand in either order.
    names.sort_unstable();
    assert_eq!(names, [Some("localhost"), Some("prometheus")], "what was refused was not signed");
    let ninety = Timestamp::now() + jiff::SignedDuration::from_hours(24 * 90);
    for row in rows.as_array().unwrap() {
        let until: Timestamp = row["until"].as_str().unwrap().parse().unwrap();
        assert!(
            row["state"] == "good" && ninety.duration_since(until).as_hours().abs() < 1,
            "{row}"
        );
        let purpose = if row["name"] == "localhost" { "server" } else { "client" };
        assert_eq!(row["purpose"], purpose, "{row}");
    }
}

fn code_of(line: &str) -> &str {
    line.rsplit(' ').next().unwrap()
}

#[test]
fn a_wrong_start_says_what_to_do_and_leaves_with_its_code() {
    let host = Host::new();
    let serve = || Program::run(&[Path::new("serve"), Path::new("--config"), &host.config()]);
    let (_, err, code) = serve();
    assert_eq!(code, 2, "usage: {err}");
    assert!(
        err.contains("ostoja init"),
        "a missing journal names the command that makes one: {err}"
    );
    host.init();
    let data = host.data();
    let again = ["init", "--commune", "Gmina Inna", "--host", NAME, "--dir"].map(Path::new);
    let (_, err, code) = Program::run(&[&again[..], &[&data]].concat());
    assert_eq!(code, 8, "exists, because a journal is never made twice: {err}");
    assert!(err.contains("holds a journal already"), "{err}");
    let config = fs::read_to_string(host.config()).unwrap();
    fs::write(host.config(), config.replace("[public]", "[pubilc]")).unwrap();
    let (_, err, code) = serve();
    assert_eq!(code, 2, "{err}");
    assert!(err.contains("pubilc"), "{err}");
    fs::write(host.config(), config.replace("server.key", "nothing.key")).unwrap();
    let (_, err, code) = serve();
    assert_eq!(code, 4, "io: {err}");
    assert!(err.contains("nothing.key"), "{err}");
    // Nobody was hurt.
    fs::write(host.config(), config).unwrap();
    let daemon = host.serve();
    daemon.wait_for_line("serving ");
    assert_eq!(daemon.stop(), Some(0));
}

/// A real SIGHUP: rubbish and a key that does not fit are refused and the old certificate goes on serving;
/// a whole new pair is taken.
#[test]
fn a_hangup_looks_at_the_certificates_at_once_and_takes_only_whole_ones() {
    let host = Host::new();
    host.init();
    let daemon = host.serve();
    daemon.wait_for_line("serving ");
    let other = host.directory.path().join("other");
    let now = Timestamp::now();
    certificates::create_ca(&other, "Gmina Inna", now).unwrap();
    certificates::issue_server(&other, &[NAME.to_owned(), "localhost".to_owned()], now).unwrap();
    let kept = ["server.pem", "server.key"].map(|name| fs::read(host.tls().join(name)).unwrap());
    let refusals = || daemon.said().matches("new certificates cannot be used").count();
    for (name, forged) in [
        ("server.pem", b"-----BEGIN CERTIFICATE-----\nnonsense\n".to_vec()),
        ("server.key", fs::read(other.join("server.key")).unwrap()),
    ] {
        let (before, sent) = (refusals(), std::time::Instant::now());
        fs::write(host.tls().join(name), forged).unwrap();
        daemon.signal(Signal::SIGHUP);
        while refusals() == before {
            // The clock would have it looked at within 30 seconds; a signal does not wait for it.
            assert!(sent.elapsed().as_secs() < 20, "{name}: {}", daemon.said());
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        assert!(host.public("/pierwsze-uruchomienie", &[]).contains(" 200"), "{name}");
        for (name, good) in ["server.pem", "server.key"].iter().zip(&kept) {
            fs::write(host.tls().join(name), good).unwrap();
        }
    }
    for name in ["server.pem", "server.key"] {
        fs::copy(other.join(name), host.tls().join(name)).unwrap();
    }
    daemon.signal(Signal::SIGHUP);
    daemon.wait_for_line("new certificates are in use");
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
