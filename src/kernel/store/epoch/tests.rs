//! New epochs on a real directory with sled: what is refused, and what need not be lost. Crashes of the verb
//! are tried on the simulated disk.

use std::{fs, path::Path};

use crate::kernel::{
    durable::RealDisk,
    journal::verify::{Options, verify},
    log::note::{Signer, Verifier},
    store::{
        FaultKind,
        epoch::{NotBegun, Plan, Prepared, begin, plan},
        start::{self, IndexChoice},
        tests::{MEMOS, memo, open, put, settings, town},
    },
};

const NEXT: &str = "test.example/log/2";

/// Copies a directory, in place of what is there.
fn copy(from: &Path, to: &Path) {
    if to.exists() {
        fs::remove_dir_all(to).unwrap();
    }
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Three entries, a copy of it all, and four more.
fn lost() -> (tempfile::TempDir, std::path::PathBuf, std::path::PathBuf) {
    let town = town();
    let (data, older) = (town.path().join("data"), town.path().join("older"));
    for text in ["before", "after"] {
        let (store, _) = open(&data, IndexChoice::Sled);
        for n in 0..if text == "before" { 3 } else { 4 } {
            put(&store, &memo(n, text));
        }
        store.close();
        if text == "before" {
            copy(&data, &older);
        }
    }
    (town, data, older)
}

fn fault(result: Result<Plan, NotBegun>) -> String {
    match result {
        Err(NotBegun::Fault(fault)) if fault.1 == FaultKind::Damage => fault.0,
        other => panic!("{other:?}"),
    }
}

fn serves(data: &Path) {
    let (store, _) = open(data, IndexChoice::Sled);
    put(&store, &memo(7, "in the new epoch"));
    assert!(store.check_index().unwrap().differences.is_empty());
    assert_eq!(store.log().verifier().name(), NEXT);
    store.close();
    let report = verify(&RealDisk, data, &Options::default()).unwrap();
    assert!(report.is_ok(), "{:?}", report.findings);
}

#[test]
fn an_index_ahead_of_the_journal_says_what_is_lost() {
    let (_town, data, older) = lost();
    // Journal and checkpoint agree; only the index knows better.
    for part in ["journal", "log"] {
        copy(&older.join(part), &data.join(part));
    }
    let refused = start::open(&data, &[MEMOS], &settings(IndexChoice::Sled));
    assert_eq!(refused.err().unwrap().1, FaultKind::Damage);
    let said = plan(&data, NEXT).unwrap();
    assert_eq!((said.from, said.signed, said.lost_to), (4, 4, 8));
    let done = begin(&data, NEXT, None, &settings(IndexChoice::Sled)).unwrap();
    assert_eq!(done, said);
    serves(&data);
    assert_eq!(fs::read_dir(data.join("quarantine")).unwrap().count(), 1);
}

#[test]
fn a_lost_key_costs_no_entry() {
    let (_town, data, _) = lost();
    fs::remove_file(data.join("secrets/log.key")).unwrap();
    assert!(start::open(&data, &[MEMOS], &settings(IndexChoice::Sled)).is_err());
    let done = begin(&data, NEXT, None, &settings(IndexChoice::Sled)).unwrap();
    assert_eq!((done.from, done.lost_to, done.number), (8, 8, 2));
    serves(&data);
}

#[test]
fn another_name_before_it_begins_is_another_key() {
    let (_town, data, _) = lost();
    let first = plan(&data, "test.example/log/other").unwrap();
    let second = plan(&data, NEXT).unwrap();
    assert_ne!(first.key.vkey(), second.key.vkey());
    assert_eq!(plan(&data, NEXT).unwrap().key, second.key);
    begin(&data, NEXT, None, &settings(IndexChoice::Sled)).unwrap();
    serves(&data);
    assert!(Prepared::read(&RealDisk, &data).unwrap().is_none());
}

#[test]
fn no_epoch_begins_where_something_else_is_wrong() {
    let (town, data, older) = lost();
    let (whole, elsewhere) = (town.path().join("whole"), town.path().join("elsewhere"));
    copy(&data, &whole);
    let again = || copy(&whole, &data);
    let checkpoint = data.join("log/checkpoint");

    // Nothing says what was signed.
    fs::remove_file(&checkpoint).unwrap();
    assert!(fault(plan(&data, NEXT)).contains("it is missing"));
    again();
    let stranger = Signer::from_pkcs8("test.example/log/1", &Signer::generate().unwrap()).unwrap();
    let note = fs::read_to_string(&checkpoint).unwrap();
    fs::write(&checkpoint, stranger.sign(&(note.split_once("\n\n").unwrap().0.to_owned() + "\n")))
        .unwrap();
    assert!(fault(plan(&data, NEXT)).contains("not signed by a known key"));
    again();

    // A journal of another town, longer and shorter than what was signed.
    start::create(&elsewhere, "test.example/log/1", &[MEMOS], &settings(IndexChoice::Memory))
        .unwrap();
    copy(&elsewhere.join("journal"), &data.join("journal"));
    assert!(fault(plan(&data, NEXT)).contains("not of the log that"));
    let (store, _) = open(&elsewhere, IndexChoice::Memory);
    for n in 0..9 {
        put(&store, &memo(n, "elsewhere"));
    }
    store.close();
    copy(&elsewhere.join("journal"), &data.join("journal"));
    assert!(fault(plan(&data, NEXT)).contains("not of the log that"));
    again();

    // Damage with whole entries behind it is no lost end.
    let segment = data.join("journal/00000000000000000000.seg");
    let mut bytes = fs::read(&segment).unwrap();
    let frames: Vec<usize> =
        (0..bytes.len() - 4).filter(|at| &bytes[*at..*at + 4] == b"OJf1").collect();
    bytes[frames[3] + 60] ^= 1;
    fs::write(&segment, bytes).unwrap();
    assert!(fault(plan(&data, NEXT)).contains("but entry"));
    again();

    // An origin that was used, one that is none, and a directory in use.
    for origin in ["test.example/log/1", "", "a b", "a+b"] {
        let refused = plan(&data, origin);
        assert!(matches!(refused, Err(NotBegun::Refused(_))), "{origin:?}: {refused:?}");
    }
    let (store, _) = open(&data, IndexChoice::Sled);
    match plan(&data, NEXT) {
        Err(NotBegun::Fault(fault)) => assert_eq!(fault.1, FaultKind::Busy),
        other => panic!("{other:?}"),
    }
    store.close();
    drop(store);
    // Nothing of this was an obstacle for ever.
    copy(&older.join("journal"), &data.join("journal"));
    let done = begin(&data, NEXT, None, &settings(IndexChoice::Sled)).unwrap();
    assert_eq!((done.from, done.lost_to), (4, 8));
    let old = fs::read_to_string(whole.join("log/vkey")).unwrap();
    assert_eq!(done.old_key, Verifier::parse(&old).unwrap());
    serves(&data);

    // An older checkpoint of the epoch before is not taken for this one's.
    fs::copy(whole.join("log/checkpoint"), &checkpoint).unwrap();
    let refused = start::open(&data, &[MEMOS], &settings(IndexChoice::Sled)).err().unwrap();
    assert!(refused.0.contains("log/checkpoint"), "{refused}");
}
