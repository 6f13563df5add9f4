//! `docs/audit.md`, executed word for word: by an auditor with an empty folder, against the real
//! program over HTTP in which a resident files a case, and later against a copy of its data.

use std::{cell::RefCell, collections::BTreeSet, fs, path::Path};

use super::shell::{Shell, Step, fits, steps};
use crate::support::{
    Program, Visitor, Wire, pdf, root,
    soft_key::{Algorithm, SoftKey},
};

/// What happens beside the auditor, in the words of the page.
const EVENTS: [&str; 5] = [
    "the commune publishes what its root key has stated",
    "a neighbour witnesses the log and gives out neighbour-vkey",
    "the commune works on",
    "a resident brings case.ostoja-proof and sketch.pdf",
    "the commune hands over a copy of its data",
];

struct World {
    folder: tempfile::TempDir,
    program: RefCell<Option<Program>>,
    resident: Visitor<Wire>,
    key: RefCell<SoftKey>,
}

impl World {
    /// The demonstration, and a resident who has registered and been at the desk.
    fn new() -> (World, u16) {
        let folder = tempfile::tempdir().unwrap();
        let (program, port) = Program::demo(&folder.path().join("commune"));
        let resident = Visitor::new(Wire(port));
        let origin = format!("http://localhost:{port}");
        let mut key = SoftKey::new(Algorithm::Es256, "localhost", &origin).unwrap();
        resident.try_register(&mut key, "Anna", "Wierzba").unwrap();
        let desk_code = program.code_after("resident, ");
        let confirmed = [("code", desk_code.as_str())];
        let confirmed = resident.try_fill("/konto/kod", "/konto/kod", &confirmed).unwrap();
        assert_eq!(confirmed.location(), "/konto", "{confirmed}");
        fs::create_dir(folder.path().join("auditor")).unwrap();
        let program = RefCell::new(Some(program));
        (World { folder, program, resident, key: RefCell::new(key) }, port)
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    /// A notice with a photo and a sketch, confirmed with the passkey; where its case is.
    fn file(&self) -> String {
        let draft = self.resident.try_draft(true).unwrap();
        let page = self.resident.get(&format!("{draft}/sprawdz")).expect(200);
        let form = page.form(&format!("{draft}/podpis/start")).with(&[("anyway", "yes")]);
        let to = self.resident.ceremony(&form, &mut self.key.borrow_mut());
        to.trim_end_matches("/potwierdzenie").to_owned()
    }

    /// What happens on the machine without a network: a root key is made, and states the log's key.
    fn state(&self) {
        let audit = self.path("auditor/audit").display().to_string();
        let key = self.path("root-key").display().to_string();
        let run = |arguments: &[&str]| {
            let (out, err, code) = Program::run(arguments);
            assert_eq!(code, 0, "{out}{err}");
            out
        };
        let vkey = run(&["root", "init", "--name", "modrzewie.example/root", "--out", &key]);
        fs::write(format!("{audit}/root-vkey"), vkey).unwrap();
        let log = self.path("commune/log/vkey").display().to_string();
        let statement = self.path("statement").display().to_string();
        let sign = ["root", "sign", "--key", &key, "--log", &log, "--from", "0", "--out"];
        run(&[&sign[..], &[statement.as_str()]].concat());
        // Back in the office.
        let (data, root) = (self.path("commune"), format!("{audit}/root-vkey"));
        let place = ["root", "place", &statement, "--root", &root, "--dir"];
        run(&[&place[..], &[data.to_str().unwrap()]].concat());
    }

    /// A neighbouring commune cosigns what ours offers, while ours serves.
    fn witness(&self) {
        let path = |name: &str| self.path(name).display().to_string();
        let (state, log) = (path("neighbour"), path("commune/log/vkey"));
        let name = "neighbour.example/witness";
        let (key, _, code) = Program::run(&["witness", "init", "--state", &state, "--name", name]);
        assert_eq!(code, 0);
        fs::write(self.path("auditor/audit/neighbour-vkey"), key).unwrap();
        let free = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = free.local_addr().unwrap().port().to_string();
        drop(free);
        let serve = ["witness", "serve", "--state", &state, "--log", &log, "--port", &port];
        let witness = Program::start(&serve);
        witness.wait_for_line("1 logs");
        let (to, key) = (format!("http://localhost:{port}"), format!("{state}/vkey"));
        let data = path("commune");
        let offer = ["witness", "offer", "--dir", &data, "--to", &to, "--key", &key];
        let (out, err, code) = Program::run(&offer);
        assert_eq!(code, 0, "{out}{err}");
        assert_eq!(witness.stop(), Some(0));
    }

    fn happens(&self, event: &str) {
        match event {
            "the commune publishes what its root key has stated" => self.state(),
            "a neighbour witnesses the log and gives out neighbour-vkey" => self.witness(),
            "the commune works on" => drop(self.file()),
            "a resident brings case.ostoja-proof and sketch.pdf" => {
                let case = self.file();
                let proof = self.resident.get(&format!("{case}/dowod")).expect(200);
                fs::write(self.path("auditor/audit/case.ostoja-proof"), &proof.body).unwrap();
                fs::write(self.path("auditor/audit/sketch.pdf"), pdf()).unwrap();
            }
            "the commune hands over a copy of its data" => {
                assert_eq!(self.program.take().unwrap().stop(), Some(0));
                copy(&self.path("commune"), &self.path("auditor/audit/data"));
            }
            _ => panic!("the page lets something happen that this test does not know: {event}"),
        }
    }
}

fn copy(from: &Path, to: &Path) {
    for (name, bytes) in crate::format::files(from) {
        // Secrets stay at home: an auditor needs none.
        if name.starts_with("journal") || name.starts_with("log") || name.starts_with("blobs") {
            let path = to.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
    }
}

#[test]
fn the_page_leads_an_auditor_from_nothing_to_a_verdict() {
    let page = fs::read_to_string(root().join("docs/audit.md")).unwrap();
    let steps = steps(&page);
    let (world, port) = World::new();
    let programs = Path::new(env!("CARGO_BIN_EXE_ostoja")).parent().unwrap();
    let free = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let variables = [
        // Python leaves no files in the source.
        ("PYTHONDONTWRITEBYTECODE", "1".to_owned()),
        ("PORT", free.to_string()),
        ("LOG", format!("http://localhost:{port}/log")),
        ("SOURCE", root().display().to_string()),
    ];
    let variables = variables.each_ref().map(|(name, value)| (*name, value.as_str()));
    let mut shell = Shell::open(&world.path("auditor"), programs, &variables);
    let (mut commands, mut refused, mut happened) = (0, 0, BTreeSet::new());
    for step in &steps {
        match step {
            Step::Meanwhile(event) => {
                world.happens(event);
                happened.insert(event.as_str());
            }
            Step::Command { line, command, expected, code } => {
                let (printed, left_with) = shell.run(command);
                let lines: Vec<&str> = printed.iter().map(String::as_str).collect();
                assert!(
                    left_with == *code && fits(expected, &lines),
                    "docs/audit.md:{line}: {command}\nleft with {left_with}, not {code}, and printed:\n{}\ninstead of:\n{}",
                    printed.join("\n"),
                    expected.join("\n")
                );
                commands += 1;
                refused += usize::from(*code != 0);
            }
        }
    }
    println!("{commands} commands, {refused} of them refusals");
    assert_eq!(happened, EVENTS.into(), "each event belongs on the page once");
    // A page that lost its commands would pass.
    assert!(commands >= 30 && refused >= 8, "{commands} commands, {refused} refusals");
}
