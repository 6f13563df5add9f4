//! Names, heads and sizes of files; words that must not stay.

use std::{fs, os::unix::fs::PermissionsExt as _};

use super::{files, path_of, sources};

/// Files and folders that every room may have, each for one thing (docs/adding-a-service.md).
const FLOOR_PLAN: [&str; 11] = [
    "mod.rs",
    "model.rs",
    "rules.rs",
    "pages.rs",
    "api.rs",
    "templates",
    "texts",
    "tests.rs",
    "jobs.rs",
    "import.rs",
    "report.rs",
];

/// What a room has beside the plan, and why it is not one of the above.
const EXTRA: &[(&str, &str, &str)] = &[
    (
        "catalogue",
        "definition",
        "the definition of a procedure as a value: its own parser and checks",
    ),
    ("catalogue", "form", "the engine that shows and checks any form of the catalogue"),
    ("catalogue", "holidays.rs", "days off, for terms"),
    ("catalogue", "terms.rs", "the legal clock"),
    ("catalogue", "message.rs", "sentences with values that come from a definition"),
    ("catalogue", "texts_check.rs", "tests of the texts of definitions"),
    (
        "erasure",
        "pages",
        "pages of what waits, of a proposal, its certificate, of holds and terms, a file each",
    ),
    ("notices", "demo.rs", "notices of the demonstration"),
    ("notices", "feed.rs", "Atom (RFC 4287)"),
    (
        "people",
        "pages",
        "pages of the doors, of one's account, of the desk and of staff, a file each",
    ),
    ("trees", "resident", "the resident's side of the counter"),
    ("trees", "office", "the office's side of the counter"),
    ("trees", "timeline.rs", "what both sides see of a case's past and future"),
    ("trees", "common.rs", "where stored meets pure"),
    ("trees", "demo.rs", "cases of the demonstration"),
    ("trees", "rules", "rules of several verbs, a file each"),
    ("trees", "tests", "tables of several verbs, a file each"),
    ("trees", "clocks.rs", "which terms run, pure"),
    ("trees", "command.rs", "what can be asked of the rules"),
    ("trees", "deadlines.rs", "what a term means for a tree"),
    ("trees", "refusal.rs", "obstacles of the rules"),
    ("trees", "ruleset.rs", "terms of the law as dated data"),
    ("trees", "state.rs", "states of a case and its trees"),
    ("trees", "uploads.rs", "files on their way into a case, from either side"),
    ("trees", "wording.rs", "keys of the sentences of all of these"),
];

#[test]
fn rooms_have_one_floor_plan() {
    for name in files("src/services") {
        let Some((room, inner)) = name.trim_start_matches("src/services/").split_once('/') else {
            continue;
        };
        let first = inner.split('/').next().unwrap_or_default();
        let known = FLOOR_PLAN.contains(&first)
            || EXTRA.iter().any(|(of, extra, _)| *of == room && *extra == first);
        assert!(
            known,
            "{name}: not a name of the floor plan; an extra one is listed with its reason in tests/it/tidy/shape.rs"
        );
    }
    for (room, extra, _) in EXTRA {
        assert!(
            path_of(&format!("src/services/{room}/{extra}")).exists(),
            "{room}/{extra} is listed and not there"
        );
    }
}

#[test]
fn every_source_says_what_it_is() {
    for (path, source) in sources("src", "rs").into_iter().chain(sources("tests/it", "rs")) {
        let headed =
            source.starts_with("//!") || source.starts_with("#![") && source.contains("\n//!");
        assert!(headed, "{path} has no //! head");
    }
}

#[test]
fn files_stay_small() {
    for (path, source) in sources("src", "rs") {
        if path.contains("/tests/") || path.ends_with("/tests.rs") {
            continue;
        }
        let before = source.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
        let lines = before.lines().count();
        assert!(lines <= 600, "{path} has {lines} lines without its tests");
    }
}

#[test]
fn nothing_unfinished_and_nothing_of_one_machine_is_left() {
    // Written apart, so that this file does not name what it forbids.
    let words = [
        ["TO", "DO"],
        ["FIX", "ME"],
        ["XX", "X:"],
        ["db", "g!("],
        ["todo", "!("],
        ["/wor", "k/"],
        ["/tmp/bash", "_jobs"],
        ["/ro", "ot/"],
    ];
    let words = words.map(|parts| parts.concat());
    let endings = [
        ".rs", ".html", ".ftl", ".md", ".toml", ".py", ".sh", ".js", ".css", ".txt", ".service",
        ".conf",
    ];
    let mut wrong = Vec::new();
    for name in files("") {
        let read =
            endings.iter().any(|end| name.ends_with(end)) && !name.starts_with("tests/data/axe/");
        if !read || name == "Cargo.lock" {
            continue;
        }
        let text = fs::read_to_string(path_of(&name)).unwrap();
        for (number, line) in text.lines().enumerate() {
            // Lint names in the manifest.
            let is_lint = line.starts_with("todo = ") || line.starts_with("dbg_macro = ");
            for word in words.iter().filter(|word| !is_lint && line.contains(word.as_str())) {
                wrong.push(format!("{name}:{}: {word}", number + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn scripts_can_be_run_and_other_files_cannot() {
    for name in files("") {
        let path = path_of(&name);
        let Ok(bytes) = fs::read(&path) else { continue };
        let is_script = bytes.starts_with(b"#!") && !bytes.starts_with(b"#![");
        let may_run = path.metadata().unwrap().permissions().mode() & 0o111 != 0;
        assert_eq!(is_script, may_run, "{name}: a first line #! and the right to run go together");
    }
}

#[test]
fn nothing_large_is_checked_in() {
    let allowed = ["tests/data/axe/axe.min.js"];
    for name in files("") {
        let size = path_of(&name).metadata().map_or(0, |data| data.len());
        assert!(size <= 256 * 1024 || allowed.contains(&name.as_str()), "{name} has {size} bytes");
    }
}
