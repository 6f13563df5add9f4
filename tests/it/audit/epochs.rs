//! An older copy of the journal is put back into the real program's data: it refuses to start, a new epoch
//! begins behind what is lost, it serves again; and everybody who holds something of the old log can tell.

use std::{fs, path::Path};

use ostoja::kernel::log::{
    checkpoint::Checkpoint,
    note::{Signer, Verifier},
};

use super::forged::signed;
use crate::support::{
    Program, Visitor, Wire, root,
    soft_key::{Algorithm, SoftKey},
    tool,
};

struct Stage {
    folder: tempfile::TempDir,
}

impl Stage {
    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Runs the program with files of the stage: names that begin with "@".
    #[track_caller]
    fn expect(&self, line: &str, code: i32, part: &str) -> String {
        let words = line
            .split(' ')
            .map(|word| word.strip_prefix('@').map_or_else(|| word.to_owned(), |it| self.path(it)));
        let (out, err, left_with) = Program::run(&words.collect::<Vec<_>>());
        let said = out + &err;
        assert!(left_with == code && said.contains(part), "{line}: {left_with} {said}");
        said
    }

    fn copy(&self, from: &str, to: &str) {
        let (from, to) = (self.folder.path().join(from), self.folder.path().join(to));
        if to.exists() {
            fs::remove_dir_all(&to).unwrap();
        }
        for (name, bytes) in crate::format::files(&from) {
            let path = to.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
    }

    /// The program serves for a while; somebody makes an account, which leaves entries.
    fn serve(&self, visit: impl FnOnce(&Visitor<Wire>)) {
        let (program, port) = Program::demo(Path::new(&self.path("data")));
        let visitor = Visitor::new(Wire(port));
        let origin = format!("http://localhost:{port}");
        let mut key = SoftKey::new(Algorithm::Es256, "localhost", &origin).unwrap();
        visitor.try_register(&mut key, "Anna", "Wierzba").unwrap();
        visit(&visitor);
        assert_eq!(program.stop(), Some(0));
    }

    fn size(&self) -> u64 {
        self.read("data/log/checkpoint").lines().nth(1).unwrap().parse().unwrap()
    }

    fn verifies(&self) {
        self.expect("log verify --dir @data --vkey @data/log/vkey", 0, "ok: ");
        let script = root().join("tests/tools/journal_reader.py").display().to_string();
        let vkey = self.read("data/log/vkey");
        let arguments = ["-B", &script, "verify", &self.path("data"), "--vkey", vkey.trim()];
        let (said, code) = tool("python3", &arguments, b"");
        assert!(code == 0 && said.contains("ok: "), "{said}");
    }

    /// A witness answers while something is offered to it.
    fn offer(&self, log: &str, code: i32, part: &str) {
        let free = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = free.local_addr().unwrap().port().to_string();
        drop(free);
        let (state, log) = (self.path("witness"), self.path(log));
        let arguments = ["witness", "serve", "--state", &state, "--log", &log, "--port", &port];
        let witness = Program::start(&arguments);
        witness.wait_for_line("w.example: 1 logs");
        let offer =
            format!("witness offer --dir @data --to http://localhost:{port} --key @witness/vkey");
        self.expect(&offer, code, part);
        assert_eq!(witness.stop(), Some(0));
    }
}

const ORIGIN: &str = "modrzewie.example/ostoja/log/2";

/// An older copy of the journal stands where the log was signed further.
struct Loss {
    stage: Stage,
    /// Entries that are there, and that were.
    kept: u64,
    full: u64,
}

/// The log is stated by a root key, goes on, is cosigned; then an older copy of the journal is put back.
fn lose() -> Loss {
    let stage = Stage { folder: tempfile::tempdir().unwrap() };
    stage.serve(|_| {});
    stage.copy("data/journal", "older");
    let kept = stage.size();
    stage.expect("witness init --state @witness --name w.example", 0, "w.example+");
    let root_vkey = stage.expect("root init --name modrzewie.example/root --out @root", 0, "");
    fs::write(stage.path("root-vkey"), root_vkey).unwrap();
    let sign = "root sign --key @root --log @data/log/vkey --from 0 --out @first";
    stage.expect(sign, 0, "ok: ");
    stage.expect("root place @first --dir @data --root @root-vkey", 0, "statement 1");
    stage.expect(&format!("log prove --dir @data {} --out @early", kept - 1), 0, "ok: ");
    stage.serve(|_| {});
    let full = stage.size();
    assert!(full > kept + 1);
    stage.expect(&format!("log prove --dir @data {} --out @late", full - 1), 0, "ok: ");
    stage.offer("data/log/vkey", 0, &format!("ok: {full} entries cosigned"));
    for (from, to) in [
        ("log/vkey", "old-vkey"),
        ("log/checkpoint", "old-checkpoint"),
        ("secrets/log.key", "old-key"),
    ] {
        fs::copy(stage.path(&format!("data/{from}")), stage.path(to)).unwrap();
    }
    stage.copy("older", "data/journal");
    Loss { stage, kept, full }
}

/// What would be lost is said, the root key states the new key, and the epoch begins.
fn begin(Loss { stage, kept, full }: &Loss) {
    let verb = format!("log new-epoch --dir @data --origin {ORIGIN}");
    let plan = stage.expect(&verb, 6, "nothing was changed");
    assert!(plan.contains(&format!("{kept} entries are there; the old key signed {full} entries")));
    assert!(plan.contains(&format!("lost: entries {kept} to {}", full - 1)), "{plan}");
    let sign = plan.lines().find_map(|line| line.split_once("ostoja root sign ")).unwrap().1;
    let again = stage.expect(&verb, 6, sign);
    assert_eq!(again, plan, "the key that is stated is the one that will be taken");
    let used = stage.read("data/secrets/origin");
    stage.expect(&verb.replace(ORIGIN, &used), 2, "none is used twice");
    stage.expect(&verb.replace(ORIGIN, "a+b"), 2, "plus");
    stage.expect(
        &format!("root sign --key @root {sign} --after @first --out @second"),
        0,
        &format!("signs from {kept} entries on"),
    );
    let carry_out = "--statement @second --root @root-vkey --i-know-entries-are-lost";
    for (wrong, why) in [
        (carry_out.replace("@second", "@first"), "the statement does not fit"),
        (carry_out.replace("@root-vkey", "@old-vkey"), "not signed by this key"),
    ] {
        stage.expect(&format!("{verb} {wrong}"), 2, why);
    }
    let done = stage.expect(&format!("{verb} {carry_out}"), 0, "ok: epoch 2 of ");
    assert!(done.contains(&format!("began with entry {kept}")), "{done}");
    stage.expect(&format!("{verb} {carry_out}"), 0, "ok: epoch 2 of ");
    assert!(!Path::new(&stage.path("data/secrets/next.epoch")).exists());
    let shown = stage.expect(&format!("log show --dir @data {kept} --json"), 0, ORIGIN);
    assert!(shown.contains(&format!("\"lost_from\":{kept},\"lost_to\":{full}")), "{shown}");
}

#[test]
fn behind_a_lost_tail_a_new_epoch_begins_and_everybody_can_tell() {
    let loss = lose();
    let Loss { stage, kept, full } = &loss;
    let refused = Program::run(&Program::demo_arguments(Path::new(&stage.path("data"))));
    let why = format!("{full} are proven durable");
    assert!(refused.2 == 3 && refused.1.contains(&why), "{refused:?}");
    let said = stage.expect("log verify --dir @data --vkey @data/log/vkey", 1, "");
    let cosigned = format!("cosigned checkpoint: w.example: it covers {full} entries");
    assert!(said.contains(&cosigned), "{said}");
    begin(&loss);
    stage.verifies();

    // It serves, and says what was before.
    stage.serve(|visitor| {
        assert!(visitor.get("/log/checkpoint").expect(200).text().starts_with(ORIGIN));
        let earlier = visitor.get("/log/earlier-vkeys").expect(200).text();
        assert_eq!(earlier, stage.read("old-vkey"));
        let statements = visitor.get("/log/statements").expect(200).text();
        assert_eq!(statements, stage.read("first") + &stage.read("second"));
        let page = visitor.get("/dziennik").expect(200);
        for part in [earlier.trim(), "Wcześniejsze klucze", "kluczem głównym dziennika"] {
            assert!(page.text().contains(part), "{part} is not on the page");
        }
        // What was cosigned of the lost log is not shown as this one's.
        drop(visitor.get("/log/cosigned").expect(404));
        fs::write(stage.path("statements"), statements).unwrap();
    });
    stage.verifies();
    assert!(stage.size() > kept + 1);
    confirmations(&loss);
    keys_beside_the_log_are_checked(&loss);

    // The witness: not the new log before it is told, then the new one; never a fork of the old one.
    stage.offer("old-vkey", 6, &format!("does not know the log {ORIGIN}"));
    stage.offer("data/log/vkey", 0, &format!("ok: {} entries cosigned", stage.size()));
    let cosigned = format!("the first {} entries were cosigned by w.example at ", stage.size());
    stage.expect("log verify --dir @data", 0, &cosigned);
    fork(stage);
    stage.serve(|visitor| {
        assert!(visitor.get("/log/cosigned").expect(200).text().starts_with(ORIGIN));
    });
}

/// Both readers say what is wrong with earlier keys and statements, and with what was cosigned.
fn keys_beside_the_log_are_checked(Loss { stage, kept, .. }: &Loss) {
    let script = root().join("tests/tools/journal_reader.py").display().to_string();
    let (earlier, statements) =
        (stage.read("data/log/earlier-vkeys"), stage.read("data/log/statements"));
    let newest = stage.read("data/log/vkey");
    for (file, text, why) in [
        ("earlier-vkeys", "rubbish\n".to_owned(), ""),
        ("earlier-vkeys", earlier.trim_end().to_owned(), "one key a line"),
        ("earlier-vkeys", format!("{earlier}{newest}"), "is of no earlier epoch"),
        ("statements", statements[..statements.len() - 9].to_owned(), ""),
        ("statements", stage.read("second"), "does not name the one before it"),
        ("statements", statements.replacen("from 0 ", "from 1 ", 1), "not name the one before"),
        ("statements", stage.read("first").replace("from 0 ", "from 1 "), "not begin at entry 1"),
        ("statements", format!("{statements}\n"), ""),
    ] {
        let path = stage.path(&format!("data/log/{file}"));
        let good = fs::read(&path).unwrap();
        fs::write(&path, &text).unwrap();
        let said = stage.expect("log verify --dir @data --vkey @data/log/vkey", 1, why);
        assert!(said.contains(&format!("checkpoint: log/{file}: ")), "{text}: {said}");
        let arguments = ["-B", &script, "verify", &stage.path("data")];
        let (said, code) = tool("python3", &arguments, b"");
        assert!(code == 1 && said.contains(file) && said.contains(why), "{text}: {said}");
        fs::write(&path, good).unwrap();
    }
    // Another key of the old origin: then the checkpoint that the epoch quotes is not signed by it.
    let path = stage.path("data/log/earlier-vkeys");
    let origin = earlier.split('+').next().unwrap();
    let key = Signer::from_pkcs8(origin, &Signer::generate().unwrap()).unwrap();
    fs::write(&path, format!("{}\n", key.verifier().vkey())).unwrap();
    stage.expect("log verify --dir @data", 1, &format!("entry {kept}: old checkpoint: "));
    let (said, code) = tool("python3", &["-B", &script, "verify", &stage.path("data")], b"");
    assert!(code == 1 && said.contains(&format!("entry {kept}")), "{said}");
    fs::write(&path, earlier).unwrap();
}

/// What was given out before: about the part that is there, and about the part that is lost.
fn confirmations(Loss { stage, kept, full }: &Loss) {
    let check = "root check @statements --root @root-vkey --vkey @data/log/vkey --checkpoint";
    let said = stage.expect(&format!("{check} @data/log/checkpoint"), 0, "ok: ");
    assert!(said.contains(&format!("what it signed behind the first {kept} ")), "{said}");
    stage.expect(&format!("{check} @old-checkpoint"), 1, "not signed by this key");
    let stated = "--statement @statements --root @root-vkey";
    stage.expect("log verify-proof @early --vkey @old-vkey", 0, "ok: ");
    stage.expect(&format!("log verify-proof @early {stated}"), 0, "ok: ");
    stage.expect("log verify-proof @late --vkey @old-vkey", 0, "ok: ");
    let lost = format!("entry {} was signed, and it is lost", full - 1);
    stage.expect(&format!("log verify-proof @late {stated}"), 1, &lost);
    stage.expect("log verify-proof @early --vkey @data/log/vkey", 1, "under another key");
    stage.expect(&format!("log prove --dir @data {} --out @again", kept - 1), 0, "ok: ");
    stage.expect(&format!("log verify-proof @again {stated}"), 0, "ok: ");
}

/// Whoever still has the old key signs another end of the old log: the witness remembers the right one.
fn fork(stage: &Stage) {
    let verifier = Verifier::parse(&stage.read("old-vkey")).unwrap();
    let key = fs::read(stage.path("old-key")).unwrap();
    let signer = Signer::from_pkcs8(verifier.name(), &key).unwrap();
    let old = Checkpoint::open(&stage.read("old-checkpoint"), &verifier).unwrap();
    let leaves = vec![[7; 32]; usize::try_from(old.size).unwrap()];
    for (request, code) in [
        (format!("old {}\n\n{}", old.size, signed(&signer, &leaves)), "two histories"),
        (format!("old 0\n\n{}", signed(&signer, &leaves)), "prove from there"),
    ] {
        fs::write(stage.path("fork"), request).unwrap();
        stage.expect("witness cosign --state @witness --log @old-vkey @fork", 1, code);
    }
}

/// Cut short where the segment is open and the entry is not there: nothing serves, and the verb carries on.
#[test]
fn nothing_serves_between_two_epochs() {
    let stage = Stage { folder: tempfile::tempdir().unwrap() };
    stage.serve(|_| {});
    let verb = "log new-epoch --dir @data --origin modrzewie.example/ostoja/log/2";
    let plan = stage.expect(verb, 6, "no entry is known to be lost");
    // The directory is there, but the entry's segment cannot be written whole: the disk is full, say.
    stage.copy("data", "before");
    stage.expect(&format!("{verb} --i-know-entries-are-lost"), 0, "ok: epoch 2");
    let newest = fs::read_dir(stage.path("data/journal")).unwrap();
    let newest = newest.map(|entry| entry.unwrap().path());
    let newest = newest.filter(|path| path.extension().is_some_and(|end| end == "seg")).max();
    let newest = newest.unwrap();
    // As if the power had gone before the entry was durable.
    let mut bytes = fs::read(&newest).unwrap();
    let entry = bytes.windows(4).position(|four| four == b"OJf1").unwrap();
    bytes[entry..entry + 4096].fill(0);
    fs::write(&newest, bytes).unwrap();
    for name in ["checkpoint", "vkey"] {
        fs::copy(
            stage.path(&format!("before/log/{name}")),
            stage.path(&format!("data/log/{name}")),
        )
        .unwrap();
    }
    fs::copy(stage.path("before/secrets/next.epoch"), stage.path("data/secrets/next.epoch"))
        .unwrap();
    let refused = Program::run(&Program::demo_arguments(Path::new(&stage.path("data"))));
    assert!(refused.2 == 3 && refused.1.contains("epoch 2 was opened"), "{refused:?}");
    stage.expect("log verify --dir @data", 1, "which has not begun");
    let other = verb.replace("log/2", "log/3");
    stage.expect(&format!("{other} --i-know-entries-are-lost"), 2, "carry on with that one");
    let done = stage.expect(&format!("{verb} --i-know-entries-are-lost"), 0, "ok: epoch 2");
    let key =
        |said: &str| said.lines().find(|line| line.starts_with("new key")).unwrap().to_owned();
    assert_eq!(key(&done), key(&plan));
    stage.verifies();
    stage.serve(|_| {});
    // A third one, with nothing lost but a key that is not trusted any more.
    stage.expect(&format!("{other} --i-know-entries-are-lost"), 0, "ok: epoch 3");
    stage.verifies();
    let earlier = stage.read("data/log/earlier-vkeys");
    assert_eq!(earlier.lines().count(), 2, "{earlier}");
}
