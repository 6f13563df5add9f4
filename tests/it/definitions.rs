//! `ostoja catalogue import` as the office uses it: the real program, one file, and every way it can end.

use std::{fs, path::PathBuf};

use crate::support::{Program, root};

/// A data directory as `init` makes it, and a definition beside it.
struct Office {
    directory: tempfile::TempDir,
    source: String,
}

impl Office {
    fn new() -> Office {
        let directory = tempfile::tempdir().unwrap();
        let source = root().join("demo/procedures/srod-drzewa-zgl.toml");
        let office = Office { directory, source: fs::read_to_string(source).unwrap() };
        let (_, err, code) = office.init();
        assert_eq!(code, 0, "{err}");
        office
    }

    fn data(&self) -> String {
        self.directory.path().join("data").display().to_string()
    }

    fn init(&self) -> (String, String, i32) {
        let data = self.data();
        Program::run(&[
            "init",
            "--commune",
            "Gmina Modrzewie",
            "--host",
            "urzad.test",
            "--dir",
            &data,
        ])
    }

    fn file(&self, text: &str) -> PathBuf {
        let path = self.directory.path().join("sprawa.toml");
        fs::write(&path, text).unwrap();
        path
    }

    fn import(&self, text: &str, more: &[&str]) -> (String, String, i32) {
        let (data, file) = (self.data(), self.file(text).display().to_string());
        let arguments = ["catalogue", "import", "--dir", data.as_str(), file.as_str()];
        Program::run(&[&arguments[..], more].concat())
    }

    /// Durable entries, by the auditor's verb.
    fn entries(&self) -> usize {
        let (out, err, code) = Program::run(&["log", "show", "--dir", &self.data()]);
        assert_eq!(code, 0, "{err}");
        out.lines().count()
    }

    /// Version 2, with another term for the objection.
    fn second(&self) -> String {
        let at = self.source.find("[ruleset.terms.objection]").unwrap();
        let (before, after) = self.source.split_at(at);
        let after = after.replacen("term = { days = 14 }", "term = { days = 20 }", 1);
        format!("{before}{after}").replacen("\nversion = 1\n", "\nversion = 2\n", 1)
    }
}

const TERM: &str = "ruleset[uop-2024-1478].terms.objection.term.days";

#[test]
fn a_definition_is_shown_entered_and_replaced_by_a_newer_one() {
    let office = Office::new();
    let before = office.entries();
    let (out, err, code) = office.import(&office.source, &["--dry-run"]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert!(out.starts_with("srod-drzewa-zgl version 1: new, "), "{out}");
    assert!(out.ends_with("dry run: nothing was entered\n"), "{out}");
    assert_eq!(office.entries(), before);

    let (out, err, code) = office.import(&office.source, &[]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert!(out.ends_with(&format!("imported as entry {before}\n")), "{out}");
    assert_eq!(office.entries(), before + 1);

    let (out, _, code) = office.import(&office.source, &[]);
    assert_eq!(code, 0);
    assert!(out.ends_with("unchanged: it is version 1, in force; nothing was entered\n"), "{out}");
    assert_eq!(office.entries(), before + 1);

    let second = office.second();
    let changes = format!(
        "srod-drzewa-zgl: version 1 -> 2, 2 differences\n  {TERM}: 14 -> 20\n  version: 1 -> 2\n"
    );
    let (out, _, code) = office.import(&second, &["--dry-run"]);
    assert_eq!((code, out), (0, format!("{changes}dry run: nothing was entered\n")));
    assert_eq!(office.entries(), before + 1);
    let (out, _, code) = office.import(&second, &[]);
    assert_eq!((code, out), (0, format!("{changes}imported as entry {}\n", before + 1)));
    assert_eq!(office.entries(), before + 2);
    let (out, err, code) = Program::run(&["log", "verify", "--dir", &office.data()]);
    assert_eq!(code, 0, "{out}{err}");
}

#[test]
fn what_is_not_newer_or_no_definition_is_refused_by_name_line_and_code() {
    let office = Office::new();
    assert_eq!(office.import(&office.source, &[]).2, 0);
    let entries = office.entries();
    // Changed without a new number, and older than what is in force: a dry run says so as well.
    let silent = office.second().replacen("\nversion = 2\n", "\nversion = 1\n", 1);
    for more in [&[][..], &["--dry-run"]] {
        let (out, err, code) = office.import(&silent, more);
        assert_eq!(code, 1, "{out}{err}");
        assert!(err.contains("version 1 is not newer than version 1 in force"), "{err}");
        assert!(out.contains(&format!("{TERM}: 14 -> 20")), "the difference is shown: {out}");
    }
    // A misspelt word, with its line; a mark without its reason, with its place; no TOML at all.
    let line = |text: &str, of: &str| text[..text.find(of).unwrap()].matches('\n').count() + 1;
    let misspelt = office.source.replacen("valid_from = ", "valid_form = ", 1);
    let unfounded = office.second().replacen(
        "unverified = \"„Przynajmniej na siedem dni przed",
        "unverified = \"\" # ",
        1,
    );
    assert_ne!(unfounded, office.second());
    for (text, wanted) in [
        (&misspelt, vec![format!("line {}:", line(&misspelt, "valid_form")), "valid_form".into()]),
        (
            &unfounded,
            vec![
                "ruleset[uop-2024-1478].terms.inspection_notice_safe: a mark other than S".into(),
                "line ".into(),
            ],
        ),
        (&"to nie jest TOML".to_owned(), vec!["line 1:".into()]),
    ] {
        let (out, err, code) = office.import(text, &[]);
        assert_eq!((code, out.as_str()), (1, ""), "{err}");
        assert!(wanted.iter().all(|part| err.contains(part.as_str())), "{wanted:?}: {err}");
        assert!(err.contains("sprawa.toml: "), "{err}");
        let (out, _, code) = office.import(text, &["--json"]);
        let said: serde_json::Value = serde_json::from_str(&out).unwrap();
        assert_eq!((code, &said["ok"]), (1, &false.into()));
        assert!(said["faults"][0]["line"].as_u64().unwrap() > 0, "{out}");
    }
    assert_eq!(office.entries(), entries);
}

#[test]
fn the_difference_is_there_for_programs() {
    let office = Office::new();
    assert_eq!(office.import(&office.source, &[]).2, 0);
    let entries = office.entries();
    let read = |more: &[&str]| {
        let (out, err, code) = office.import(&office.second(), &[&["--json"], more].concat());
        assert_eq!((code, err.as_str(), out.lines().count()), (0, "", 1), "{out}");
        serde_json::from_str::<serde_json::Value>(&out).unwrap()
    };
    let dry = read(&["--dry-run"]);
    assert_eq!((&dry["ok"], &dry["entered"]), (&true.into(), &serde_json::Value::Null));
    assert_eq!((&dry["standing"], &dry["version"]), (&1.into(), &2.into()));
    let term = serde_json::json!({ "path": TERM, "before": "14", "after": "20" });
    assert!(dry["differences"].as_array().unwrap().contains(&term), "{dry}");
    let done = read(&[]);
    assert_eq!((&done["differences"], &done["entered"]), (&dry["differences"], &entries.into()));
    let again = read(&[]);
    assert_eq!((&again["differences"], &again["entered"]), (&serde_json::json!([]), &().into()));
}

/// Every code that is not the program's own fault has its name.
#[test]
fn a_wrong_place_or_file_has_its_own_code() {
    let office = Office::new();
    let (_, err, code) = office.init();
    assert_eq!(code, 8, "{err}");
    assert!(err.contains("holds a journal already; nothing was touched"), "{err}");

    let nowhere = office.directory.path().join("nowhere").display().to_string();
    let file = office.file(&office.source).display().to_string();
    let import = |dir: &str, file: &str| {
        let (out, err, code) = Program::run(&["catalogue", "import", "--dir", dir, file]);
        assert_eq!(out, "");
        (err, code)
    };
    let (err, code) = import(&nowhere, &file);
    assert_eq!(code, 2, "{err}");
    assert!(err.contains("holds no journal; 'ostoja init' creates one"), "{err}");
    let (err, code) = import(&office.data(), &nowhere);
    assert_eq!(code, 4, "{err}");
    assert!(err.contains("nowhere: No such file"), "{err}");
    fs::write(&file, b"\xff\xfe").unwrap();
    let (err, code) = import(&office.data(), &file);
    assert_eq!(code, 4, "{err}");

    // Another process has the directory.
    let lock = ostoja::kernel::store::start::lock(office.data().as_ref()).unwrap();
    let (err, code) = import(&office.data(), &office.file(&office.source).display().to_string());
    assert_eq!(code, 5, "{err}");
    drop(lock);
    fs::remove_file(office.directory.path().join("data/log/checkpoint")).unwrap();
    let (err, code) = import(&office.data(), &file);
    assert_eq!(code, 3, "{err}");
    let (help, _, _) = Program::run(&["--help"]);
    for name in ["0 ok", "1 finding", "2 usage", "3 damaged", "4 io", "5 busy", "8 exists"] {
        assert!(help.contains(name), "{name}");
    }
}
