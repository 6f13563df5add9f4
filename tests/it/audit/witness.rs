//! `ostoja witness …` and `ostoja log consistency`, as two communes use them by hand: what is cosigned
//! holds for a verifier of others, and a log with two pasts gets one cosignature.

use std::{fs, path::Path};

use super::{
    forged::{Base, KEPT, continued, signed},
    verifiers::store,
};
use crate::support::{Answered, Ask, Door as _, Program, Wire, root, tool};

pub(super) struct Stage {
    folder: tempfile::TempDir,
    pub base: Base,
}

impl Stage {
    pub fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    pub fn write(&self, name: &str, text: &str) -> String {
        fs::write(self.folder.path().join(name), text).unwrap();
        self.path(name)
    }

    pub fn word(&self, word: &str) -> String {
        word.strip_prefix('@').map_or_else(|| word.to_owned(), |name| self.path(name))
    }

    /// Runs the program with files of the stage: names that begin with "@".
    pub fn run(&self, line: &str) -> (String, i32) {
        let words = line.split(' ').map(|word| self.word(word));
        let (out, err, code) = Program::run(&words.collect::<Vec<_>>());
        (out + &err, code)
    }

    #[track_caller]
    pub fn expect(&self, line: &str, code: i32, part: &str) -> String {
        let (said, left_with) = self.run(line);
        assert!(left_with == code && said.contains(part), "{line}: {left_with} {said}");
        said
    }
}

pub(super) fn stage() -> Stage {
    let folder = tempfile::tempdir().unwrap();
    store(&folder.path().join("data"));
    let base = Base::of(&folder.path().join("data"));
    Stage { folder, base }
}

#[test]
fn a_log_with_two_pasts_gets_one_cosignature() {
    let stage = stage();
    let (base, leaves) = (&stage.base, &stage.base.leaves);
    let made = stage.expect("witness init --state @witness --name sąsiad.example/w", 0, "sąsiad");
    assert_eq!(made, fs::read_to_string(stage.path("witness/vkey")).unwrap());
    stage.expect("witness init --state @witness --name other.example", 8, "not touched");
    assert_eq!(made, fs::read_to_string(stage.path("witness/vkey")).unwrap());

    // From nothing, then from what was cosigned.
    stage.write("first", &continued(&base.signer, &leaves[..KEPT], 0).to_text());
    let cosign = "witness cosign --state @witness --log @data/log/vkey";
    let first = stage.expect(&format!("{cosign} @first"), 0, "\u{2014} sąsiad.example/w ");
    stage.expect(&format!("log consistency --dir @data --from {KEPT} --out @second"), 0, "ok: ");
    let second = stage.expect(&format!("{cosign} @second"), 0, "\u{2014} sąsiad.example/w ");

    // Each line holds for its checkpoint, for us and for others, and for no other checkpoint.
    stage.write("lines", &first);
    stage.write("newest-lines", &second);
    stage.write("kept", &base.files.kept);
    let verify = |checkpoint: &str, lines: &str| {
        let ours =
            stage.run(&format!("witness verify @{checkpoint} @{lines} --vkey @witness/vkey"));
        let script = root().join("tests/tools/foreign/log_check.py").display().to_string();
        let files = [checkpoint, lines, "witness/vkey"].map(|name| stage.path(name));
        let theirs = tool(
            "python3",
            &[&["-B".to_owned(), script, "cosigned".to_owned()][..], &files].concat(),
            b"",
        );
        assert_eq!(ours.1, theirs.1, "{checkpoint} {lines}: {ours:?} {theirs:?}");
        (ours.0 + &theirs.0, ours.1)
    };
    for (checkpoint, lines, code) in [
        ("kept", "lines", 0),
        ("data/log/checkpoint", "newest-lines", 0),
        ("kept", "newest-lines", 1),
        ("data/log/checkpoint", "lines", 1),
    ] {
        let (said, left_with) = verify(checkpoint, lines);
        assert_eq!(left_with, code, "{checkpoint} {lines}: {said}");
        assert!(
            code == 1 || said.matches("ok: cosigned by sąsiad.example/w").count() == 2,
            "{said}"
        );
    }

    // The same again, and two other pasts.
    stage.expect(&format!("{cosign} @second"), 1, "not cosigned (409)");
    let mut fork = leaves.clone();
    fork[9] = [7; 32];
    fork.extend([[8; 32]; 5]);
    let size = leaves.len() as u64;
    stage.write("fork", &continued(&base.signer, &fork, size).to_text());
    stage.expect(&format!("{cosign} @fork"), 1, "not cosigned (422)");
    stage.write("twin", &continued(&base.signer, &fork[..leaves.len()], size).to_text());
    stage.expect(&format!("{cosign} @twin"), 1, "two histories");
    stage.write("forged", &stage.base.files.consistency.to_text().replace("old", "bold"));
    stage.expect(&format!("{cosign} @forged"), 1, "not cosigned (400)");
    // Its own past still goes on.
    stage.expect(&format!("log consistency --dir @data --from {size} --out @third"), 0, "ok: ");
    stage.expect(&format!("{cosign} @third"), 0, "\u{2014} sąsiad");
}

#[test]
fn a_witness_without_its_memory_or_key_says_so() {
    let stage = stage();
    stage.write("first", &continued(&stage.base.signer, &stage.base.leaves[..KEPT], 0).to_text());
    let cosign = "witness cosign --state @witness --log @data/log/vkey @first";
    stage.expect(cosign, 4, "check the path");
    stage.expect("witness init --state @witness --name bad+name", 2, "--name");
    stage.expect("witness init --state @witness --name w.example", 0, "w.example+");
    let mode = fs::metadata(stage.path("witness/key")).unwrap();
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&mode.permissions()) & 0o777, 0o600);
    stage.expect(&cosign.replace("@first", "@nowhere"), 4, "nowhere");
    stage.expect(&cosign.replace("@data/log/vkey", "nonsense"), 2, "--vkey takes");
    stage.expect("witness verify @first @first --vkey @data/log/vkey", 2, "witness's key");
    stage.expect(cosign, 0, "w.example");
    let remembered =
        fs::read_dir(stage.path("witness")).unwrap().map(|entry| entry.unwrap().path());
    let remembered =
        remembered.filter(|path| path.extension().is_some_and(|end| end == "checkpoint"));
    let remembered: Vec<_> = remembered.collect();
    assert_eq!(remembered.len(), 1);
    fs::write(&remembered[0], "").unwrap();
    stage.expect(cosign, 3, "not cosigned (500)");
    fs::remove_file(Path::new(&stage.path("witness/name"))).unwrap();
    stage.expect(cosign, 2, "ostoja witness init");
}

/// The root key: what `audit.md` does not try.
#[test]
fn a_root_key_states_one_key_and_is_not_overwritten() {
    let stage = stage();
    let vkey =
        stage.expect("root init --name gmina.example/root --out @root", 0, "gmina.example/root+");
    let printed = fs::read_to_string(stage.path("root")).unwrap();
    assert!(printed.starts_with("PRIVATE+KEY+gmina.example/root+"), "{printed}");
    let mode = fs::metadata(stage.path("root")).unwrap();
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&mode.permissions()) & 0o777, 0o600);
    stage.expect("root init --name other.example --out @root", 8, "not touched");
    assert_eq!(printed, fs::read_to_string(stage.path("root")).unwrap());
    stage.expect("root init --name bad+name --out @bad", 2, "--name");
    assert!(!Path::new(&stage.path("bad")).exists());
    stage.write("root-vkey", &vkey);

    let sign = "root sign --key @root --log @data/log/vkey";
    stage.expect(&format!("{sign} --from 401 --out @statement"), 2, "--tree");
    let tree = |size: usize| {
        let note = signed(&stage.base.signer, &stage.base.leaves[..size]);
        note.lines().nth(2).unwrap().to_owned()
    };
    let from = |size: usize| format!("--from {size} --tree {}", tree(size.min(532)));
    stage.expect(&format!("{sign} {} --out @statement", from(401)), 0, "signs from 401 entries on");
    stage.write("kept", &stage.base.files.kept);
    let check = "root check @statement --root @root-vkey";
    stage.expect(&format!("{check} --vkey @data/log/vkey"), 0, "ok: gmina.example/root states");
    stage.expect(&format!("{check} --checkpoint @data/log/checkpoint"), 0, "532 entries is signed");
    stage.expect(&format!("{check} --checkpoint @kept"), 1, "so few entries");
    stage.expect(&format!("{check} --vkey @root-vkey"), 1, "another key");
    stage.expect("root check @statement --root @data/log/vkey", 1, "not signed by this key");

    stage.expect("log prove --dir @data 271 --out @proof", 0, "ok: ");
    let proof = "log verify-proof @proof --statement @statement";
    stage.expect(&format!("{proof} --root @root-vkey"), 0, "ok: entry 271");
    stage.expect(&format!("{proof} --root @data/log/vkey"), 1, "not signed by this key");
    stage.expect(proof, 2, "--root");
    stage.expect("log verify-proof @proof --root @root-vkey", 2, "--statement");
    stage.expect(&format!("{proof} --root @root-vkey --vkey @data/log/vkey"), 2, "cannot be used");
    stage.expect(&format!("{sign} {} --out @later", from(533)), 0, "signs from 533 entries on");
    let later = proof.replace("@statement", "@later");
    stage.expect(&format!("{later} --root @root-vkey"), 1, "holds from 533 entries on");
    stage.expect("root sign --key @root --log @root-vkey --from 0 --out @other", 0, "ok: ");
    let other = proof.replace("@statement", "@other");
    stage.expect(&format!("{other} --root @root-vkey"), 1, "no statement is about");
    stage.expect("root check @kept --root @root-vkey", 1, "not signed by this key");
    // Whoever puts one in place: the key's own, and from where its epoch begins.
    let place = "root place @statement --dir @data --root @root-vkey";
    stage.expect(place, 1, "begins at 0");
    stage.expect(&format!("{sign} --from 0 --out @statement"), 0, "ok: ");
    stage.expect(&place.replace("@root-vkey", "@data/log/vkey"), 1, "not signed by this key");
    stage.expect(&place.replace("@statement", "@other"), 1, "but this log is signed by");
    stage.expect(place, 0, "ok: statement 1 of gmina.example/root put in place");
    stage.expect(place, 0, "there already");
    stage.expect("root check @data/log/statements --root @root-vkey", 0, "ok: ");
    stage.expect(&place.replace("@statement", "@later"), 1, "does not name the one before it");
    stage.expect(&format!("{sign} --from 0 --after @statement --out @again"), 2, "stated twice");
    stage.write("slip", &printed.replacen("gmina", "gmnia", 1));
    stage.expect(
        &sign.replace("@root", "@slip").replace("sign", "sign --from 0 --out @x"),
        2,
        "from the paper",
    );
}

/// Over HTTP, as the specification says it: statuses, types, and what is remembered over a restart.
#[test]
fn a_witness_answers_over_http() {
    let stage = stage();
    let (base, leaves) = (&stage.base, &stage.base.leaves);
    stage.expect("witness init --state @witness --name w.example", 0, "w.example+");
    let vkey = stage.path("data/log/vkey");
    let port = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let serve = || {
        let state = stage.path("witness");
        let arguments = ["witness", "serve", "--state", &state, "--log", &vkey, "--port"];
        let program = Program::start(&[&arguments[..], &[&port.to_string()]].concat());
        program.wait_for_line("w.example: 1 logs");
        program
    };
    let ask = |method: &'static str, path: &str, body: &str| {
        let body = body.as_bytes().to_vec();
        Wire(port).ask(Ask { method, path: path.to_owned(), headers: Vec::new(), body }).unwrap()
    };
    let post = |body: &str| ask("POST", "/add-checkpoint", body);
    let program = serve();
    stage.expect("witness cosign --state @witness --log @data/log/vkey @data/log/vkey", 5, "uses");

    let first = post(&continued(&base.signer, &leaves[..KEPT], 0).to_text()).expect(200);
    stage.write("lines", &first.text());
    stage.write("kept", &base.files.kept);
    let check = "witness verify @kept @lines --vkey @witness/vkey";
    stage.expect(check, 0, "ok: cosigned by w.example");
    let size = |answered: &Answered, size: usize| {
        assert_eq!(answered.header("content-type"), "text/x.tlog.size");
        assert_eq!(answered.text(), format!("{size}\n"));
    };
    size(&post(&continued(&base.signer, leaves, 0).to_text()).expect(409), KEPT);
    let mut fork = leaves.clone();
    fork[9] = [7; 32];
    size(&post(&continued(&base.signer, &fork[..KEPT], KEPT as u64).to_text()).expect(409), KEPT);
    drop(post(&continued(&base.signer, &fork, KEPT as u64).to_text()).expect(422));
    let other = |name: &str| {
        let key = ostoja::kernel::log::note::Signer::generate().unwrap();
        ostoja::kernel::log::note::Signer::from_pkcs8(name, &key).unwrap()
    };
    let known = base.signer.verifier().name().to_owned();
    drop(post(&continued(&other(&known), leaves, KEPT as u64).to_text()).expect(403));
    drop(post(&continued(&other("x.example"), leaves, KEPT as u64).to_text()).expect(404));
    drop(post("old 400\n").expect(400));
    drop(post(&format!("old 400\n\n{}", "a".repeat(200_000))).expect(400));
    drop(ask("GET", "/add-checkpoint", "").expect(405));
    drop(ask("POST", "/", "").expect(404));
    drop(ask("GET", "/../key", "").expect(404));
    program.kill();

    let program = serve();
    size(&post(&continued(&base.signer, leaves, 0).to_text()).expect(409), KEPT);
    drop(post(&base.files.consistency.to_text()).expect(200));
    assert_eq!(program.stop(), Some(0));
    stage.expect("witness serve --state @witness --log @kept --port 1", 2, "--vkey takes");
    stage.expect(
        "witness serve --state @nowhere --log @data/log/vkey --port 1",
        4,
        "check the path",
    );
}

/// On a public address: the certificate of the edge, and the name that clients use.
#[test]
fn a_witness_answers_over_tls() {
    let stage = stage();
    stage.expect("witness init --state @witness --name w.example", 0, "w.example+");
    stage.expect("cert authority --dir @ca --commune Sosnowo", 0, "");
    stage.expect("cert server --dir @ca --host localhost", 0, "");
    stage.write("first", &continued(&stage.base.signer, &stage.base.leaves[..KEPT], 0).to_text());
    stage.write("kept", &stage.base.files.kept);
    let port = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let line = format!(
        "witness serve --state @witness --log @data/log/vkey --listen 127.0.0.1:{port} --host localhost"
    );
    // Without a certificate there is no public address, and never plain HTTP instead.
    stage.expect(&line, 2, "--certificate");
    let arguments = format!("{line} --certificate @ca/server.pem --key @ca/server.key");
    let arguments: Vec<String> = arguments.split(' ').map(|word| stage.word(word)).collect();
    let program = Program::start(&arguments);
    program.wait_for_line("w.example: 1 logs");
    let url = format!("https://localhost:{port}/add-checkpoint");
    let (ca, body) = (stage.path("ca/ca.pem"), format!("@{}", stage.path("first")));
    let ask = |trust: &[&str]| {
        let common =
            ["--silent", "--show-error", "--fail", "--max-time", "30", "--data-binary", &body];
        tool("curl", &[&common[..], trust, &[url.as_str()]].concat(), b"")
    };
    assert_eq!(ask(&[]).1, 60, "a client that does not know the authority");
    let (said, code) = ask(&["--cacert", &ca]);
    assert_eq!(code, 0, "{said}");
    stage.write("lines", &said);
    stage.expect(
        "witness verify @kept @lines --vkey @witness/vkey",
        0,
        "ok: cosigned by w.example",
    );
    assert_eq!(program.stop(), Some(0));
}

/// What `log consistency` says, and what its check refuses; the table of tampered copies says the rest.
#[test]
fn consistency_is_proven_between_any_two_sizes() {
    let stage = stage();
    let (base, leaves) = (&stage.base, &stage.base.leaves);
    for from in [0, 1, 2, 255, 256, 257, 400, 511, 512, 513, 531, 532] {
        for to in [1, 2, 3, 256, 257, 400, 512, 530, 531, 532] {
            if from > to {
                continue;
            }
            let (dir, out) = (stage.path("data"), stage.path("proof"));
            let sizes = [from.to_string(), to.to_string()];
            let make = [
                "consistency",
                "--dir",
                &dir,
                "--from",
                &sizes[0],
                "--to",
                &sizes[1],
                "--out",
                &out,
            ];
            let (outcome, said) = crate::format::log(&make);
            assert!(outcome.is_ok() && said.starts_with("ok: proof"), "{said}");
            let text = fs::read_to_string(&out).unwrap();
            let mut by_hand = continued(&base.signer, &leaves[..to], from as u64);
            if to < leaves.len() {
                by_hand.checkpoint.clear();
            }
            assert_eq!(text, by_hand.to_text(), "{from} to {to}");
            let old = stage.write("old", &signed(&base.signer, &leaves[..from]));
            let new = stage.write("new", &signed(&base.signer, &leaves[..to]));
            let vkey = stage.path("data/log/vkey");
            let mut check = vec!["verify-consistency", &out, "--old", &old, "--vkey", &vkey];
            if to < leaves.len() {
                check.extend(["--new", &new]);
            }
            let (outcome, said) = crate::format::log(&check);
            assert!(outcome.is_ok() && said.starts_with("ok: the"), "{from} to {to}: {said}");
        }
    }
    let json = stage.expect("log consistency --dir @data --from 400 --json", 0, "from_root");
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["from"], &json["to"]), (&400.into(), &532.into()));
    assert_eq!(json["checkpoint"], fs::read_to_string(stage.path("data/log/checkpoint")).unwrap());
    let root = |note: &str| note.lines().nth(2).unwrap().to_owned();
    assert_eq!(json["from_root"], root(&base.files.kept));
    assert_eq!(json["to_root"], root(&base.files.checkpoint));

    stage.expect("log consistency --dir @data --from 533", 1, "entries are missing");
    stage.expect("log consistency --dir @data --from 9 --to 533", 1, "entries are missing");
    stage.expect("log consistency --dir @data --from 9 --to 8", 2, "behind --to");
    stage.write("kept", &base.files.kept);
    stage.expect("log consistency --dir @data --from 400 --out @whole", 0, "ok: ");
    stage.expect("log consistency --dir @data --from 400 --to 500 --out @part", 0, "ok: ");
    let check = "--old @kept --vkey @data/log/vkey";
    let ok =
        stage.expect(&format!("log verify-consistency @whole {check} --json"), 0, "\"ok\":true");
    assert!(ok.contains("\"from\":400") && ok.contains("\"to\":532"), "{ok}");
    stage.expect(&format!("log verify-consistency @whole {check} --new @kept"), 2, "leave --new");
    stage.expect(&format!("log verify-consistency @part {check}"), 2, "give it with --new");
    stage.expect(&format!("log verify-consistency @kept {check}"), 1, "the first line");
    stage.expect(
        "log verify-consistency @whole --old @whole --vkey @data/log/vkey",
        1,
        "signed note",
    );
    // A tile that was tampered with proves nothing.
    let tile = stage.path("data/log/tile/0/001");
    let mut bytes = fs::read(&tile).unwrap();
    bytes[40] ^= 1;
    fs::write(&tile, bytes).unwrap();
    stage.expect("log consistency --dir @data --from 400", 3, "log/tile");
}
