//! The benchmark runs to its end and says every figure that it promises. What the figures are is nobody's test.

use crate::support::Program;

#[test]
fn every_figure_is_measured() {
    let directory = tempfile::tempdir().unwrap();
    let dir = directory.path().join("bench");
    let dir = dir.to_str().unwrap();
    let arguments = ["bench", "--dir", dir, "--entries", "300", "--seconds", "1"];
    let short = ["--sustained", "2", "--drafts", "1"];
    let arguments: Vec<_> = arguments.iter().chain(&short).map(std::path::Path::new).collect();
    let (out, err, code) = Program::run(&arguments);
    assert_eq!(code, 0, "{out}{err}");
    for figure in [
        "durable entries, 64 clients",
        "indexed: ",
        "verify: ",
        "cold start: ",
        "start with the index gone",
        "check of the index: ",
        "daemon at rest: ",
        "public page /sprawy/srod-drzewa-zgl, 16 clients",
        "personal page /moje-sprawy, 16 clients",
        "full TLS 1.3 handshake",
        "acknowledged submissions, 1 clients",
        "acknowledged submissions, 16 clients",
        "acknowledged submissions, 64 clients",
        "not yet indexed at the last acknowledgement",
        "whole matters, 64 clients",
        "daemon after the loads: ",
    ] {
        let line = out.lines().find(|line| line.trim_start().starts_with(figure));
        let line = line.unwrap_or_else(|| panic!("no figure {figure:?}: {out}"));
        assert!(!line.contains(" 0/s"), "{line}");
    }
    // A directory that is there is not written into.
    let (_, err, code) = Program::run(&arguments);
    assert!(code == 2 && err.contains("wants a new directory"), "{code} {err}");
}
