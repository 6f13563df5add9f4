//! `ostoja witness offer`: our log offered to witnesses of our own, in the clear and over TLS, and to
//! peers that answer whatever they like; and what the house then shows of it.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpListener,
    path::Path,
    time::Duration,
};

use ostoja::kernel::{
    clock::Clock,
    log::{cosignature::Cosigner, note::Signer},
    store::start::{self, IndexChoice, StoreSettings},
};

use super::{
    forged::signed,
    witness::{Stage, stage},
};
use crate::support::{Program, Visitor, Wire, root, tool};

fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

/// Starts a witness of the stage's log.
fn serve(stage: &Stage, state: &str, name: &str, port: u16) -> Program {
    let vkey = stage.path("data/log/vkey");
    let (state, port) = (stage.path(state), port.to_string());
    let arguments = ["witness", "serve", "--state", &state, "--log", &vkey, "--port", &port];
    let program = Program::start(&arguments);
    program.wait_for_line(&format!("{name}: 1 logs"));
    program
}

/// The log goes on.
fn write_more(data: &Path, count: usize) {
    let settings = StoreSettings {
        segment_bytes: 1 << 20,
        index: IndexChoice::Memory,
        clock: Clock::System,
        checkpoint_every: Duration::from_millis(20),
        ..StoreSettings::default()
    };
    let (store, _) = start::open(data, &ostoja::services::kinds(), &settings).unwrap();
    crate::journal::command::write_people(&store, count);
    store.close();
}

fn kept_files(stage: &Stage) -> Vec<std::path::PathBuf> {
    let Ok(entries) = fs::read_dir(stage.path("data/cosigned")) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    let mut kept: Vec<_> =
        paths.filter(|path| path.extension().is_some_and(|end| end == "cosigned")).collect();
    kept.sort();
    kept
}

#[test]
fn two_witnesses_cosign_what_is_offered_and_the_house_shows_it() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let (program, port) = Program::demo(&data);
    let visitor = Visitor::new(Wire(port));
    drop(visitor.get("/log/cosigned").expect(404));
    let before = visitor.get("/dziennik").expect(200);
    assert!(before.text().contains("Żaden świadek nie podpisał jeszcze tego dziennika."));
    // Both are to be offered the same checkpoint.
    assert_eq!(program.stop(), Some(0));

    let path = |name: &str| folder.path().join(name).display().to_string();
    let run = |line: &str| {
        let words =
            line.split(' ').map(|word| word.strip_prefix('@').map_or(word.to_owned(), path));
        let (out, err, code) = Program::run(&words.collect::<Vec<_>>());
        assert_eq!(code, 0, "{line}: {out}{err}");
        out
    };
    let mut keys = Vec::new();
    for (name, state) in [("sąsiad.example/w", "one"), ("zaufani.example", "two")] {
        keys.push(run(&format!("witness init --state @{state} --name {name}")));
        let at = free_port().to_string();
        let (state, vkey) = (path(state), path("data/log/vkey"));
        let arguments = ["witness", "serve", "--state", &state, "--log", &vkey, "--port", &at];
        let witness = Program::start(&arguments);
        witness.wait_for_line(&format!("{name}: 1 logs"));
        let offer =
            format!("witness offer --dir @data --to http://localhost:{at} --key {state}/vkey");
        let said = run(&offer);
        assert!(said.starts_with("ok: ") && said.contains(&format!("cosigned by {name} at ")));
        assert_eq!(witness.stop(), Some(0));
    }
    let (program, port) = Program::demo(&data);
    let visitor = Visitor::new(Wire(port));
    let note = visitor.get("/log/cosigned").expect(200);
    assert_eq!(note.header("content-type"), "text/plain; charset=utf-8");
    fs::write(path("note"), &note.body).unwrap();
    let lines: Vec<String> = note.text().lines().skip(4).map(str::to_owned).collect();
    assert_eq!(lines.len(), 3, "{note}");
    fs::write(path("lines"), lines[1..].join("\n")).unwrap();
    let page = visitor.get("/dziennik").expect(200);
    assert!(page.text().contains("Świadkowie, którzy podpisali ten dziennik: 2."), "{page}");
    for (key, state) in keys.iter().zip(["one", "two"]) {
        assert!(page.text().contains(key.trim()), "{key} is not on the page");
        let said = run(&format!("witness verify @note --vkey @{state}/vkey"));
        assert!(said.starts_with("ok: cosigned by "), "{said}");
        let script = root().join("tests/tools/foreign/log_check.py").display().to_string();
        let files = [path("note"), path("lines"), path(&format!("{state}/vkey"))];
        let arguments = [&["-B".to_owned(), script, "cosigned".to_owned()][..], &files].concat();
        let (said, code) = tool("python3", &arguments, b"");
        assert!(code == 0 && said.starts_with("ok: cosigned by "), "{said}");
    }
    // What lies there and does not hold is not shown.
    for entry in fs::read_dir(data.join("cosigned")).unwrap() {
        let path = entry.unwrap().path();
        let mut bytes = fs::read(&path).unwrap();
        if let Some(last) = bytes.len().checked_sub(9) {
            bytes[last] ^= 1;
            fs::write(&path, bytes).unwrap();
        }
    }
    drop(visitor.get("/log/cosigned").expect(404));
    assert_eq!(program.stop(), Some(0));
}

#[test]
fn a_witness_is_followed_from_what_it_remembers() {
    let stage = stage();
    stage.expect("witness init --state @witness --name w.example", 0, "w.example+");
    let port = free_port();
    let program = serve(&stage, "witness", "w.example", port);
    let offer =
        format!("witness offer --dir @data --to http://localhost:{port} --key @witness/vkey");
    let size = stage.base.leaves.len();
    stage.expect(&offer, 0, &format!("ok: {size} entries cosigned by w.example at "));
    stage.expect(&offer, 0, &format!("ok: {size} entries"));
    write_more(Path::new(&stage.path("data")), 7);
    stage.expect(&offer, 0, &format!("ok: {} entries", size + 7));
    // Without our memory the witness says from where it wants the proof.
    fs::remove_dir_all(stage.path("data/cosigned")).unwrap();
    stage.expect(&offer, 0, &format!("ok: {} entries", size + 7));
    assert_eq!(kept_files(&stage).len(), 1);

    // It needs checkpoint, key and tiles, and nothing else of a data directory.
    for (name, bytes) in crate::format::files(Path::new(&stage.path("data/log"))) {
        let path = Path::new(&stage.path("bare/log")).join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    stage.expect(&offer.replace("@data", "@bare"), 0, &format!("ok: {} entries", size + 7));
    let mut names: Vec<_> =
        fs::read_dir(stage.path("bare")).unwrap().map(|it| it.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["cosigned", "log"]);

    // An older log under the same key: entries are missing, and both sides know.
    let log = Path::new(&stage.path("data")).join("log/checkpoint");
    let newest = fs::read_to_string(&log).unwrap();
    fs::write(&log, signed(&stage.base.signer, &stage.base.leaves)).unwrap();
    stage.expect(&offer, 1, "entries are missing");
    fs::remove_dir_all(stage.path("data/cosigned")).unwrap();
    stage.expect(&offer, 1, &format!("it has cosigned {} entries of this log", size + 7));
    assert_eq!(kept_files(&stage).len(), 0);
    fs::write(&log, newest).unwrap();
    assert_eq!(program.stop(), Some(0));

    // Nobody there; no data directory; no key.
    stage.expect(&offer, 4, "add-checkpoint");
    stage.expect(&offer.replace("@data", "@nowhere"), 4, "log/vkey");
    assert!(!Path::new(&stage.path("nowhere")).exists());
    stage.expect(&offer.replace("@witness/vkey", "@data/log/vkey"), 2, "--key takes");
    stage.expect(&offer.replace("http:", "gopher:"), 2, "--to");
    stage.expect(&format!("{offer} --log @witness/vkey"), 2, "--vkey takes");
}

#[test]
fn over_tls_only_a_known_authority_is_believed() {
    let stage = stage();
    stage.expect("witness init --state @witness --name w.example", 0, "w.example+");
    for ca in ["ca", "other"] {
        stage.expect(&format!("cert authority --dir @{ca} --commune Sosnowo"), 0, "");
        stage.expect(&format!("cert server --dir @{ca} --host localhost"), 0, "");
    }
    let port = free_port();
    let line = format!(
        "witness serve --state @witness --log @data/log/vkey --listen 127.0.0.1:{port} --host localhost --certificate @ca/server.pem --key @ca/server.key"
    );
    let arguments: Vec<String> = line.split(' ').map(|word| stage.word(word)).collect();
    let program = Program::start(&arguments);
    program.wait_for_line("w.example: 1 logs");
    let offer =
        format!("witness offer --dir @data --to https://localhost:{port} --key @witness/vkey");
    stage.expect(&format!("{offer} --roots @other/ca.pem"), 4, "certificate");
    stage.expect(&format!("{offer} --roots @data/log/vkey"), 2, "--roots");
    stage.expect(&format!("{offer} --roots @nowhere"), 2, "--roots");
    let name = offer.replace("localhost", "127.0.0.1");
    stage.expect(&format!("{name} --roots @ca/ca.pem"), 4, "certificate");
    assert_eq!(kept_files(&stage).len(), 0);
    stage.expect(&format!("{offer} --roots @ca/ca.pem"), 0, "ok: 532 entries cosigned");
    // Plain HTTP to a port that speaks TLS is no conversation.
    stage.expect(&offer.replace("https", "http"), 1, "");
    assert_eq!(program.stop(), Some(0));
}

/// A peer that reads a request and answers these bytes, one connection after the other, the last for ever.
fn scripted(answers: Vec<Vec<u8>>) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for (turn, stream) in listener.incoming().enumerate() {
            let (Ok(mut stream), Some(answer)) = (stream, answers.get(turn.min(answers.len() - 1)))
            else {
                return;
            };
            let mut buffer = [0; 64 << 10];
            let _request = stream.read(&mut buffer);
            let _gone = stream.write_all(answer);
            if answer.ends_with(b"...") {
                // It says no more and does not hang up.
                std::thread::spawn(move || {
                    std::thread::sleep(Duration::from_secs(20));
                    drop(stream);
                });
            }
        }
    });
    port
}

fn answer(status: &str, kind: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    [head.as_bytes(), body].concat()
}

/// A situation, what is answered, and how the verb ends.
type Case = (&'static str, Vec<Vec<u8>>, i32, &'static str);

fn ok(body: &[u8]) -> Vec<Vec<u8>> {
    vec![answer("200 OK", "text/plain; charset=utf-8", body)]
}

/// What is no HTTP, or too much of it.
fn not_http() -> Vec<Case> {
    let raw = |bytes: &[u8]| vec![bytes.to_vec()];
    let head = b"HTTP/1.1 200 OK\r\n".as_slice();
    let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".as_slice();
    let two = b"Content-Length: 3\r\nContent-Length: 5\r\n\r\nabcde".as_slice();
    let large = [b"20000\r\n".as_slice(), &[b'a'; 0x20000], b"\r\n0\r\n\r\n"].concat();
    let place = "add-checkpoint";
    vec![
        ("nothing", raw(b""), 4, place),
        ("no HTTP", raw(b"hello\r\n\r\n"), 1, place),
        ("another version", raw(b"HTTP/9.9 200 OK\r\n\r\n"), 1, place),
        ("bytes", raw(&[0xff; 4_000]), 1, place),
        ("a head without end", raw(&[head, &[b'a'; 700_000]].concat()), 1, place),
        ("cut short", raw(&[head, b"Content-Length: 9\r\n\r\nabc"].concat()), 4, "breaks off"),
        ("rubbish for a chunk", raw(&[chunked, b"zz\r\n"].concat()), 4, "breaks off"),
        ("two lengths", raw(&[head, two].concat()), 1, place),
        ("silence", raw(&[head, b"..."].concat()), 4, "no whole answer within 1 s"),
        ("too much", ok(&vec![b'a'; 100_000]), 1, "longer than 65536 bytes"),
        ("too much in chunks", raw(&[chunked, &large].concat()), 1, "longer than 65536 bytes"),
        ("no text", ok(&[0xff, 0xfe]), 1, "not text"),
    ]
}

fn sized(size: &str) -> Vec<u8> {
    answer("409 Conflict", "text/x.tlog.size", size.as_bytes())
}

/// Refusals of the specification, and some that are none.
fn refusals() -> Vec<Case> {
    let says = |status: &str, body: &str| vec![answer(status, "text/plain", body.as_bytes())];
    let other = ["400\n", "401\n", "402\n"].map(sized).to_vec();
    let rude = "no \u{1b}[2Jblank line";
    vec![
        ("malformed", says("400 Bad Request", rude), 7, "it said: no [2Jblank line"),
        ("another key", says("403 Forbidden", ""), 6, "does not trust the key"),
        ("unknown", says("404 Not Found", ""), 6, "does not know the log audit.example/log/1"),
        ("inconsistent", says("422 Unprocessable Entity", ""), 1, "another history"),
        ("too often", says("429 Too Many Requests", ""), 6, "cannot answer now"),
        ("a fault", says("500 Internal Server Error", ""), 6, "cannot answer now"),
        ("elsewhere", says("302 Found", ""), 1, "no witness answers so"),
        ("accepted", says("202 Accepted", ""), 1, "no witness answers so"),
        ("a size that is none", says("409 Conflict", "400\n"), 1, "does not say which"),
        ("a size in another spelling", vec![sized("0400\n")], 1, "does not say which"),
        ("a size it was given", vec![sized("0\n")], 1, "two histories"),
        ("a size never signed", vec![sized("533\n")], 1, "entries are missing"),
        ("a size without end", vec![sized("18446744073709551615\n")], 1, "entries are missing"),
        ("ever another size", other, 6, "wants another proof each time"),
    ]
}

#[test]
fn nothing_that_a_peer_answers_is_kept_unless_it_is_a_cosignature_that_fits() {
    let stage = stage();
    let cosigner = |name: &str| Cosigner::from_pkcs8(name, &Signer::generate().unwrap()).unwrap();
    let (witness, same_name, other) =
        (cosigner("w.example"), cosigner("w.example"), cosigner("x.example"));
    stage.write("w", &witness.verifier().vkey());
    let text = |note: &str| note.split_once("\n\n").unwrap().0.to_owned() + "\n";
    let newest = text(&stage.base.files.checkpoint);
    let good = witness.cosign(&newest, 1_700_000_000);
    let stale = witness.cosign(&text(&stage.base.files.kept), 1_700_000_000);
    let mut flipped = good.clone().into_bytes();
    let at = flipped.len() - 30;
    flipped[at] = if flipped[at] == b'A' { b'B' } else { b'A' };
    let (strange, unknown) = (same_name.cosign(&newest, 5), other.cosign(&newest, 5));
    let nobody = "not cosigned by this witness";
    let mut cases = vec![
        ("an empty answer", ok(b""), 1, nobody),
        ("a page", ok(b"<!doctype html>\n<title>Welcome</title>\n"), 1, nobody),
        ("a line cut short", ok(good.trim_end().as_bytes()), 1, "no cosignature"),
        ("a flipped letter", ok(&flipped), 1, "does not fit"),
        ("a line of another checkpoint", ok(stale.as_bytes()), 1, "does not fit"),
        ("both", ok(format!("{good}{stale}").as_bytes()), 1, "does not fit"),
        ("another key of that name", ok(strange.as_bytes()), 1, nobody),
        ("another witness", ok(unknown.as_bytes()), 1, nobody),
    ];
    cases.extend(not_http());
    cases.extend(refusals());
    let offer = |port: u16| {
        format!("witness offer --dir @data --to http://127.0.0.1:{port} --key @w --timeout 1")
    };
    for (what, answers, code, part) in cases {
        println!("{what}");
        let said = stage.expect(&offer(scripted(answers)), code, part);
        assert!(said.starts_with("ostoja: ") && said.lines().count() == 1, "{what}: {said}");
        assert_eq!(kept_files(&stage).len(), 0, "{what} was kept");
    }
    // Its own line among those of others is taken, after a size in between.
    let many = ok(format!("{unknown}{strange}{good}").as_bytes()).remove(0);
    let port = scripted(vec![sized("400\n"), many]);
    stage.expect(&offer(port), 0, "ok: 532 entries cosigned by w.example at 2023-11-14");
    let kept = kept_files(&stage);
    assert_eq!(kept.len(), 1);
    let before = fs::read_to_string(&kept[0]).unwrap();
    assert_eq!(before.lines().count(), 7);
    // What is kept stays when the next answer is worth nothing.
    stage.expect(&offer(scripted(ok(stale.as_bytes()))), 1, "does not fit");
    assert_eq!(fs::read_to_string(&kept[0]).unwrap(), before);
}

#[test]
fn it_goes_on_until_it_is_told_to_stop_and_waits_longer_where_nobody_is() {
    let stage = stage();
    stage.expect("witness init --state @witness --name w.example", 0, "w.example+");
    let port = free_port();
    let line = format!(
        "witness offer --dir @data --to http://localhost:{port} --key @witness/vkey --every 1"
    );
    let arguments: Vec<String> = line.split(' ').map(|word| stage.word(word)).collect();
    let offering = Program::start(&arguments);
    offering.wait_for_line("add-checkpoint");
    stage.expect(line.trim_end_matches(" --every 1"), 5, "another process");
    let witness = serve(&stage, "witness", "w.example", port);
    offering.wait_for_line("ok: 532 entries cosigned by w.example");
    write_more(Path::new(&stage.path("data")), 3);
    offering.wait_for_line("ok: 535 entries cosigned by w.example");
    assert_eq!(offering.stop(), Some(0));
    assert_eq!(witness.stop(), Some(0));
}
