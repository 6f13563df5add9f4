//! Verifiers that nobody here wrote accept what the log gives, and refuse every copy that somebody has
//! tampered with. They are libraries, called by `tests/tools/foreign/`:
//!
//! ```text
//! go      golang.org/x/mod/sumdb (note, tlog)    the client of Go's own checksum database
//! python  tlog-scales                            from monitors of other logs; RFC 9162 step by step
//! ```

use std::{collections::BTreeMap, path::Path, sync::Mutex, time::Duration};

use ostoja::kernel::{
    clock::Clock,
    store::start::{self, IndexChoice, StoreSettings},
};

use super::forged::{Asked, Base, COPIES, KEPT};
use crate::support::{Program, root, tool};

/// Programs that answer the three questions.
pub struct Verifiers {
    folder: tempfile::TempDir,
}

impl Verifiers {
    /// Builds the one that must be built. What is missing is said by its own script.
    pub fn new() -> Verifiers {
        let folder = tempfile::tempdir().unwrap();
        let build = root().join("tests/tools/foreign/build.sh");
        let (said, code) = tool(build.to_str().unwrap(), &[folder.path().join("log_check")], b"");
        assert_eq!(code, 0, "the verifier in Go cannot be built: {said}");
        Verifiers { folder }
    }

    /// Each of them with what it said and its exit code.
    fn ask(&self, asked: Asked, folder: &Path, vkey: &Path) -> Vec<(&'static str, String, i32)> {
        let path = |name: &str| folder.join(name).display().to_string();
        let vkey = vkey.display().to_string();
        let foreign = match asked {
            Asked::Log => vec!["log".to_owned(), path("log"), vkey.clone(), path("kept")],
            Asked::Proof => vec!["proof".to_owned(), path("case.ostoja-proof"), vkey.clone()],
            Asked::Consistency => {
                vec!["consistency".to_owned(), path("kept"), path("proof"), vkey.clone()]
            }
        };
        let go = self.folder.path().join("log_check").display().to_string();
        let script = root().join("tests/tools/foreign/log_check.py").display().to_string();
        let in_python = [&["-B".to_owned(), script][..], &foreign].concat();
        let ours = match asked {
            Asked::Log => None,
            Asked::Proof => Some(vec!["verify-proof".to_owned(), path("case.ostoja-proof")]),
            Asked::Consistency => Some(vec![
                "verify-consistency".to_owned(),
                path("proof"),
                "--old".to_owned(),
                path("kept"),
            ]),
        };
        let of = |name: &'static str, (said, code): (String, i32)| (name, said, code);
        let mut answers = vec![
            of("go", tool(&go, &foreign, b"")),
            of("python", tool("python3", &in_python, b"")),
        ];
        if let Some(mut arguments) = ours {
            arguments.insert(0, "log".to_owned());
            arguments.extend(["--vkey".to_owned(), vkey]);
            let (out, err, code) = Program::run(&arguments);
            answers.push(("ostoja", out + &err, code));
        }
        answers
    }
}

/// A log of two full tiles and a partial one that a real store wrote.
pub fn store(data: &Path) {
    let settings = StoreSettings {
        segment_bytes: 1 << 20,
        index: IndexChoice::Memory,
        clock: Clock::System,
        checkpoint_every: Duration::from_millis(20),
        ..StoreSettings::default()
    };
    let kinds = ostoja::services::kinds();
    start::create(data, "audit.example/log/1", &kinds, &settings).unwrap();
    let (store, _) = start::open(data, &kinds, &settings).unwrap();
    crate::journal::command::write_people(&store, 531);
    store.close();
}

#[test]
fn verifiers_of_others_accept_the_log_and_refuse_every_copy_tampered_with() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    store(&data);
    let (base, verifiers) = (Base::of(&data), Verifiers::new());
    assert_eq!(base.leaves.len(), 532);
    let vkey = data.join("log/vkey");

    let good = directory.path().join("good");
    base.files.write(&good);
    for (asked, expected) in [
        (Asked::Log, format!("continues the {KEPT} kept")),
        (Asked::Proof, "one of the 532 entries signed".to_owned()),
        (Asked::Consistency, format!("continue the {KEPT}")),
    ] {
        for (name, said, code) in verifiers.ask(asked, &good, &vkey) {
            assert!(code == 0 && said.contains(&expected), "{asked:?}, {name}: {code} {said}");
        }
    }

    let waiting = Mutex::new(COPIES.iter().enumerate());
    let refusals = Mutex::new(BTreeMap::<(Asked, &str), usize>::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let next = waiting.lock().unwrap().next();
                    let Some((number, (what, asked, tamper))) = next else { return };
                    let mut files = base.files.clone();
                    tamper(&base, &mut files);
                    assert!(files != base.files, "{what}: nothing was tampered with");
                    let folder = directory.path().join(number.to_string());
                    files.write(&folder);
                    for (name, said, code) in verifiers.ask(*asked, &folder, &vkey) {
                        assert_eq!(code, 1, "{what}, {name}: {said}");
                        // A verifier that broke would have said something else.
                        let is_refusal = match name {
                            "ostoja" => said.starts_with("ostoja: "),
                            _ => said.starts_with("failed: ") && said.lines().count() == 1,
                        };
                        assert!(is_refusal, "{what}, {name}: {said}");
                        println!("{what}: {name}: {}", said.trim());
                        *refusals.lock().unwrap().entry((*asked, name)).or_default() += 1;
                    }
                }
            });
        }
    });
    let refusals = refusals.into_inner().unwrap();
    println!("{} copies; refusals {refusals:?}", COPIES.len());
    assert!(COPIES.len() >= 20);
    for (asked, at_least) in [(Asked::Log, 20), (Asked::Proof, 8), (Asked::Consistency, 8)] {
        for name in ["go", "python"] {
            assert!(refusals[&(asked, name)] >= at_least, "{asked:?} {name}: {refusals:?}");
        }
    }
}
