//! `ostoja log …` and `ostoja index …` on a directory that the store wrote: what they say and the
//! code they leave with.

use std::{fs, path::Path, sync::Arc, time::Duration};

use clap::Parser as _;
use ostoja::{
    cli::{Exit, Failure, index::IndexVerb},
    kernel::{
        clock::Clock,
        identity::{Action, Actor, Level, Person, PersonId, Who},
        store::{
            Change, Op, Refusal, Store,
            start::{self, StoreSettings},
        },
    },
};

use crate::format::log;

static SETTLE: Action = Action { name: "test.settle", who: Who::Console, sentence: "audit-demo" };

/// Puts people, every fourth with a file.
pub fn write_people(store: &Store, count: usize) {
    for number in 0..count {
        let person = Person {
            id: PersonId::random(),
            given_name: "Anna".to_owned(),
            family_name: format!("Wierzba {number}"),
            level: Level::Verified,
            staff: false,
            closed: false,
            phone: None,
            email: None,
            since: store.clock().now(),
            verified_by: None,
            verified_at: None,
        };
        let file = (number % 4 == 0)
            .then(|| store.stage_blob(format!("plik {number}").as_bytes()).unwrap());
        let desk = store.desk(Actor::Console("test".to_owned()));
        let ticket = desk.commit(|_, authority| {
            let permit = authority.permit(&SETTLE, &[person.id])?;
            Ok::<_, Refusal>(match file {
                None => Change::new(permit, Op::put(&person)),
                Some(file) => {
                    let mut attachments = Change::attachments(permit);
                    attachments.attach(file);
                    attachments.change(Op::put(&person))
                }
            })
        });
        ticket.unwrap().wait().unwrap();
    }
}

fn settings() -> StoreSettings {
    StoreSettings {
        segment_bytes: 64 << 10,
        clock: Clock::System,
        checkpoint_every: Duration::from_millis(20),
        ..StoreSettings::default()
    }
}

fn town(people: usize) -> (tempfile::TempDir, String) {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let kinds = ostoja::services::kinds();
    start::create(&data, "command.example/log/1", &kinds, &settings()).unwrap();
    let store = open(&data);
    write_people(&store, people);
    store.close();
    (directory, data.to_str().unwrap().to_owned())
}

fn open(data: &Path) -> Arc<Store> {
    start::open(data, &ostoja::services::kinds(), &settings()).unwrap().0
}

#[derive(clap::Parser)]
struct Cli {
    #[command(subcommand)]
    verb: IndexVerb,
}

fn index(args: &[&str]) -> (Result<Exit, Failure>, String) {
    let cli = Cli::try_parse_from([&["index"], args].concat()).unwrap();
    let mut out = Vec::new();
    let outcome = cli.verb.run(&ostoja::services::kinds(), &mut out);
    (outcome, String::from_utf8(out).unwrap())
}

fn code(outcome: &Result<Exit, Failure>) -> Exit {
    outcome.as_ref().map_or_else(|failure| failure.exit, |exit| *exit)
}

#[test]
fn verify_succeeds_and_names_damage() {
    let (directory, dir) = town(40);
    let (outcome, said) = log(&["verify", "--dir", &dir]);
    assert_eq!(code(&outcome), Exit::Ok, "{said}");
    assert!(
        said.lines().last().unwrap().starts_with("ok: 41 entries, 90 bodies readable"),
        "{said}"
    );
    assert!(said.contains("compare it with the published one"), "{said}");

    let vkey = format!("{dir}/log/vkey");
    let (outcome, said) = log(&["verify", "--dir", &dir, "--vkey", &vkey, "--json"]);
    assert_eq!(code(&outcome), Exit::Ok);
    let json: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!((&json["ok"], &json["entries"]), (&true.into(), &41.into()));
    assert_eq!((&json["key_given"], &json["beside_daemon"]), (&true.into(), &false.into()));

    let blob = first_blob(directory.path());
    fs::remove_file(&blob).unwrap();
    let (outcome, said) = log(&["verify", "--dir", &dir]);
    assert_eq!(code(&outcome), Exit::Finding);
    assert!(
        said.contains("blob missing: entry 1 body 1") || said.contains("blob missing: entry"),
        "{said}"
    );
    assert!(said.ends_with("failed: 1 problem\n"), "{said}");
}

fn first_blob(root: &Path) -> std::path::PathBuf {
    let blobs = root.join("data/blobs");
    let name = crate::format::files(&blobs).into_keys().next().unwrap();
    blobs.join(name)
}

#[test]
fn wrong_calls_and_missing_directories_are_said_in_one_sentence() {
    let (directory, dir) = town(2);
    let nowhere = directory.path().join("nowhere");
    let nowhere = nowhere.to_str().unwrap();
    for (args, exit, part) in [
        (vec!["verify", "--dir", nowhere], Exit::Usage, "holds no journal/"),
        (vec!["verify", "--dir", &dir, "--vkey", "nonsense"], Exit::Usage, "--vkey takes"),
        (vec!["show", "--dir", &dir, "999"], Exit::Usage, "no readable entry 999"),
        (vec!["show", "--dir", &dir, "--from", "3", "--to", "2"], Exit::Usage, "--from is behind"),
        (vec!["prove", "--dir", &dir, "999"], Exit::NotNow, "not under the checkpoint yet"),
        (vec!["verify-proof", nowhere], Exit::Io, "nowhere"),
        (vec!["verify-proof", &format!("{dir}/log/vkey")], Exit::Finding, "no proof file"),
    ] {
        let (outcome, said) = log(&args);
        let failure = outcome.unwrap_err();
        assert_eq!(failure.exit, exit, "{args:?}: {failure}");
        assert!(failure.sentence.contains(part), "{args:?}: {failure}");
        assert!(!failure.sentence.contains('\n') && said.is_empty(), "{args:?}: {failure} {said}");
    }
}

#[test]
fn show_keeps_personal_data_to_itself_unless_asked() {
    let (_directory, dir) = town(3);
    let (outcome, said) = log(&["show", "--dir", &dir]);
    assert_eq!(code(&outcome), Exit::Ok);
    assert_eq!(said.lines().count(), 4, "{said}");
    assert!(
        said.contains("test.settle  3 bodies") && said.contains("kernel.epoch  0 bodies"),
        "{said}"
    );
    let (_, bodies) = log(&["show", "--dir", &dir, "1", "--bodies"]);
    assert!(bodies.contains("body 0: who-and-why (kind 0 version 1)"), "{bodies}");
    assert!(bodies.contains("body 1: blob (kind 1 version 1), 6 bytes, readable"), "{bodies}");
    let (_, json) = log(&["show", "--dir", &dir, "--json", "--bodies"]);
    for text in [&said, &bodies, &json] {
        assert!(!text.contains("Wierzba"), "{text}");
    }
    let (_, disclosed) = log(&["show", "--dir", &dir, "1", "--disclose"]);
    assert!(disclosed.contains("Wierzba 0"), "{disclosed}");
}

#[test]
fn a_proof_is_made_and_holds_without_the_machine() {
    let (directory, dir) = town(5);
    let proof = directory.path().join("a.ostoja-proof");
    let proof = proof.to_str().unwrap();
    let vkey = format!("{dir}/log/vkey");
    let (outcome, said) = log(&["prove", "--dir", &dir, "1", "--out", proof, "--disclose"]);
    assert_eq!(code(&outcome), Exit::Ok);
    assert!(said.starts_with("ok: proof of entry 1"), "{said}");
    let attachment = directory.path().join("plik");
    fs::write(&attachment, "plik 0").unwrap();
    let attachment = attachment.to_str().unwrap();
    let (outcome, said) =
        log(&["verify-proof", proof, "--vkey", &vkey, "--file", attachment, "--json"]);
    assert_eq!(code(&outcome), Exit::Ok);
    let json: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!((&json["ok"], &json["seq"], &json["size"]), (&true.into(), &1.into(), &6.into()));
    assert_eq!(json["files"][0]["body"], 1);

    let (outcome, without) = log(&["prove", "--dir", &dir, "1"]);
    assert_eq!(code(&outcome), Exit::Ok);
    let json: serde_json::Value = serde_json::from_str(&without).unwrap();
    assert_eq!((&json["bodies"], &json["blobs"]), (&serde_json::json!([]), &serde_json::json!([])));

    fs::write(directory.path().join("other"), "innego").unwrap();
    let other = directory.path().join("other");
    let (outcome, _) = log(&["verify-proof", proof, "--file", other.to_str().unwrap()]);
    assert_eq!(code(&outcome), Exit::Finding);
}

#[test]
fn the_index_is_checked_and_made_again() {
    let (_directory, dir) = town(30);
    let (outcome, said) = index(&["check", "--dir", &dir]);
    assert_eq!(code(&outcome), Exit::Ok, "{said}");
    assert!(said.starts_with("ok: ") && said.contains("31 entries"), "{said}");
    let (outcome, said) = index(&["rebuild", "--dir", &dir]);
    assert_eq!(code(&outcome), Exit::Ok);
    assert_eq!(said, "ok: the index was made again from 31 entries\n");
    let (outcome, said) = index(&["check", "--dir", &dir, "--json"]);
    assert_eq!(code(&outcome), Exit::Ok);
    let json: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!((&json["ok"], &json["rebuilt"]), (&true.into(), &false.into()));

    let store = open(Path::new(&dir));
    for verb in ["check", "rebuild"] {
        let failure = index(&[verb, "--dir", &dir]).0.unwrap_err();
        assert_eq!(failure.exit, Exit::Busy, "{failure}");
        assert!(failure.sentence.contains("stop the daemon first"), "{failure}");
    }
    store.close();
}

/// Beside a running store: what is under way is tolerated, what is durable is checked.
#[test]
fn verify_runs_beside_a_store_that_writes() {
    let (_directory, dir) = town(10);
    let store = open(Path::new(&dir));
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| write_people(&store, 150));
        let mut looks = 0;
        while !writer.is_finished() {
            let (outcome, said) = log(&["verify", "--dir", &dir]);
            assert_eq!(code(&outcome), Exit::Ok, "{said}");
            assert!(said.contains("a daemon is running"), "{said}");
            looks += 1;
        }
        writer.join().unwrap();
        println!("{looks} audits beside a store that wrote 150 entries");
        assert!(looks > 0);
    });
    store.close();
    drop(store);
    let (outcome, said) = log(&["verify", "--dir", &dir]);
    assert_eq!(code(&outcome), Exit::Ok, "{said}");
    assert!(said.contains("ok: 161 entries"), "{said}");
}
