//! The public log as the real program serves it: a page for people, files for programs, and a foreign
//! program that fetches and checks them.

use std::{fs, path::Path};

use crate::support::{Program, Visitor, Wire, root, tool};

/// Runs the foreign checker against a running log.
fn check(port: u16, more: &[&str]) -> (String, i32) {
    let script = root().join("tests/tools/public_log.py").display().to_string();
    let address = format!("http://localhost:{port}/log");
    tool("python3", &[&["-B", script.as_str(), &address], more].concat(), b"")
}

#[test]
fn a_stranger_reads_the_log_and_a_foreign_program_checks_it() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let (program, port) = Program::demo(&data);
    let visitor = Visitor::new(Wire(port));
    let (said, code) = check(port, &[]);
    assert_eq!(code, 0, "{said}");
    // A few hundred entries: full and partial tiles, and a level above the leaves.
    let words: Vec<_> = said.split_whitespace().collect();
    assert!(
        words[1].parse::<u64>().unwrap() > 256 && words[3].parse::<u64>().unwrap() >= 3,
        "{said}"
    );

    let note = visitor.get("/log/checkpoint").expect(200);
    let vkey = visitor.get("/log/vkey").expect(200);
    for file in [&note, &vkey] {
        assert_eq!(file.header("content-type"), "text/plain; charset=utf-8", "{file}");
        assert_eq!(file.header("cache-control"), "no-cache", "{file}");
    }
    assert_eq!(vkey.body, fs::read(data.join("log/vkey")).unwrap());
    let page = visitor.get("/dziennik").expect(200);
    assert_eq!(page.h1(), "Dziennik zdarzeń");
    let size = note.text().lines().nth(1).unwrap().to_owned();
    for part in [size.as_str(), vkey.text().trim(), "ostoja log verify-proof", "journal_reader.py"]
    {
        // Plus signs are written as they stand, and so is the key.
        assert!(page.text().contains(part), "{part} is not on the page");
    }
    assert!(visitor.get("/").expect(200).links().contains(&"/dziennik".to_owned()));
    let tile = page.links().into_iter().find(|link| link.starts_with("/log/tile/0/")).unwrap();
    let tile = visitor.get(&tile).expect(200);
    assert_eq!(tile.header("content-type"), "application/octet-stream");
    assert!(!tile.body.is_empty() && tile.body.len().is_multiple_of(32));

    // What the tree does not have, another spelling, and what is not hashes, is not there.
    for path in [
        "/log/tile/0/999",
        "/log/tile/9/000",
        "/log/tile/0/0",
        "/log/tile/0/000.p/300",
        "/log/tile/0/000.p/0",
        "/log/tile/entries/000",
        "/log/tile/0/../../vkey",
        "/log/tile/0/%2e%2e/checkpoint",
        "/log/tile/0/..%2f..%2f..%2fsecrets%2flog.key",
        "/log/tile/63/x999/x999/x999/x999/x999/x999/999",
    ] {
        let answered = visitor.get(path);
        assert!(matches!(answered.status, 400 | 404), "{answered}");
    }

    // The log goes on, and continues what was kept; another key, and a changed note, are refused.
    let kept = directory.path().join("kept");
    fs::write(&kept, &note.body).unwrap();
    assert_eq!(program.stop(), Some(0));
    let (program, port) = Program::demo(&data);
    let (said, code) = check(port, &["--before", kept.to_str().unwrap()]);
    assert_eq!(code, 0, "{said}");
    fs::write(&kept, note.text().replacen(&size, "7", 1)).unwrap();
    let (said, code) = check(port, &["--before", kept.to_str().unwrap()]);
    assert_eq!(code, 1, "{said}");
    let other = foreign_key(directory.path());
    let (said, code) = check(port, &["--vkey", other.to_str().unwrap()]);
    assert!(code == 1 && said.starts_with("failed: "), "{said}");
    assert_eq!(program.stop(), Some(0));
    // What was served all the while is what a rebuild gives.
    let check = ["index".as_ref(), "check".as_ref(), "--dir".as_ref(), data.as_os_str()];
    let (out, err, code) = Program::run(&check);
    assert!(code == 0 && out.starts_with("ok: "), "{out}{err}");
}

/// The key of another log.
fn foreign_key(directory: &Path) -> std::path::PathBuf {
    let data = directory.join("other");
    let arguments = ["init", "--commune", "Gmina Inna", "--host", "inna.test", "--dir"];
    let arguments: Vec<&Path> = arguments.iter().map(Path::new).chain([data.as_path()]).collect();
    let (_, err, code) = Program::run(&arguments);
    assert_eq!(code, 0, "{err}");
    data.join("log/vkey")
}
