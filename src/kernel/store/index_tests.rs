//! The index as what it is: something that may be harmed, lost, of another journal or of another
//! program, and is made again (docs/decisions/001-sled.md).

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use super::{
    Store,
    index::{Batch, Index as _},
    keys::APPLIED,
    record::KindInfo,
    refusal::FaultKind,
    sled_index::SledIndex,
    start::{self, IndexChoice, StartReport},
    tests::{MEMOS, memo, open, put, settings, town},
};

const MEMOS_OF_A_TOWN: u64 = 30;

/// A town with memos and an index in sled that knows them all, closed.
fn written() -> tempfile::TempDir {
    let town = town();
    write(&town.path().join("data"), 0, MEMOS_OF_A_TOWN);
    town
}

fn write(data: &Path, from: u64, to: u64) {
    let (store, _) = open(data, IndexChoice::Sled);
    for n in from..to {
        put(&store, &memo(n.into(), &format!("memo {n} {}", "x".repeat(300))));
    }
    shut(store);
}

fn shut(store: Arc<Store>) {
    store.close();
    drop(store);
}

/// The index says what the journal says: compared key by key.
fn assert_right(store: &Store, memos: u64) {
    let check = store.check_index().unwrap();
    assert_eq!(check.differences, Vec::<String>::new());
    // The first entry begins the epoch.
    assert_eq!(check.entries, memos + 1);
}

fn copied(from: &Path) -> tempfile::TempDir {
    let to = tempfile::tempdir().unwrap();
    copy(from, &to.path().join("data"));
    to
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// Non-empty files of the index, relative to it.
fn files(index: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![index.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if fs::metadata(&path).unwrap().len() > 0 {
                found.push(path.strip_prefix(index).unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}

fn quarantined(data: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(data.join("quarantine")) else { return Vec::new() };
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Opens with sled, and what the start warned of.
fn open_heard(data: &Path, kinds: &[KindInfo]) -> (Arc<Store>, StartReport, String) {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_max_level(tracing::Level::WARN)
        .with_writer(move || writer.clone())
        .finish();
    let (store, report) = tracing::subscriber::with_default(subscriber, || {
        start::open(data, &[kinds], &settings(IndexChoice::Sled)).unwrap()
    });
    let said = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    (store, report, said)
}

/// One start: the index comes out right, whatever was done to it.
fn start_right(data: &Path, kinds: &[KindInfo], memos: u64) -> (StartReport, String) {
    let (store, report, said) = open_heard(data, kinds);
    assert_right(&store, memos);
    shut(store);
    (report, said)
}

type Harm = fn(&mut Vec<u8>);

#[test]
fn a_harmed_index_never_lies_and_what_does_not_open_is_moved_aside() {
    let town = written();
    let good = town.path().join("data");
    let harms: [(&str, Harm); 6] = [
        ("emptied", Vec::clear),
        ("cut in half", |bytes| bytes.truncate(bytes.len() / 2)),
        ("cut by a byte", |bytes| {
            bytes.pop();
        }),
        ("its beginning flipped", |bytes| bytes.iter_mut().take(64).for_each(|byte| *byte ^= 0xff)),
        ("its middle flipped", |bytes| {
            let middle = bytes.len() / 2;
            bytes.iter_mut().skip(middle).take(64).for_each(|byte| *byte ^= 0xff);
        }),
        ("zeroed", |bytes| bytes.fill(0)),
    ];
    let mut aside = 0;
    for file in files(&good.join("index")) {
        for (what, harm) in harms {
            let harmed = copied(&good);
            let data = harmed.path().join("data");
            let path = data.join("index").join(&file);
            let mut bytes = fs::read(&path).unwrap();
            harm(&mut bytes);
            fs::write(&path, bytes).unwrap();
            let (store, report, said) = open_heard(&data, MEMOS);
            println!("{} {what}: {report:?}", file.display());
            assert_right(&store, MEMOS_OF_A_TOWN);
            put(&store, &memo(1_000, "po szkodzie"));
            assert_right(&store, MEMOS_OF_A_TOWN + 1);
            shut(store);
            if report.rebuilt {
                assert!(report.rebuild_reason.is_some(), "{} {what}", file.display());
                assert!(said.contains("the index is made again from the journal"), "{said}");
                assert!(!quarantined(&data).is_empty(), "{} {what}", file.display());
                aside += 1;
            }
            // What it made instead is whole.
            let (report, said) = start_right(&data, MEMOS, MEMOS_OF_A_TOWN + 1);
            assert_eq!((report.rebuilt, said.as_str()), (false, ""), "{} {what}", file.display());
        }
    }
    assert!(aside > 3, "only {aside} harms led to a rebuild");
}

#[test]
fn the_last_two_indexes_that_did_not_open_are_kept() {
    let town = written();
    let data = town.path().join("data");
    for _ in 0..4 {
        fs::write(data.join("index/conf"), b"nothing that sled wrote").unwrap();
        let (report, said) = start_right(&data, MEMOS, MEMOS_OF_A_TOWN);
        assert!(report.rebuilt && said.contains("the index is moved aside"), "{said}");
    }
    assert_eq!(quarantined(&data).len(), 2);
}

#[test]
fn a_half_made_snapshot_is_discarded() {
    let town = written();
    let data = town.path().join("data");
    let half = data.join("index/snap.0000000000000200.generating");
    fs::write(&half, b"half a snapshot").unwrap();
    let (report, said) = start_right(&data, MEMOS, MEMOS_OF_A_TOWN);
    assert!(!half.exists());
    assert_eq!((report.rebuilt, report.replayed, said.as_str()), (false, 0, ""));
}

#[test]
fn an_index_that_is_ahead_stops_the_start_because_an_entry_is_gone() {
    let town = written();
    let data = town.path().join("data");
    let before = copied(&data);
    write(&data, MEMOS_OF_A_TOWN, MEMOS_OF_A_TOWN + 5);
    // The journal and its log as they were: only the index knows that there was more.
    for part in ["journal", "log"] {
        fs::remove_dir_all(data.join(part)).unwrap();
        copy(&before.path().join("data").join(part), &data.join(part));
    }
    // However often it is tried: the witness is not thrown away.
    for _ in 0..2 {
        let fault = start::open(&data, &[MEMOS], &settings(IndexChoice::Sled)).err().unwrap();
        assert_eq!(fault.1, FaultKind::Damage, "{fault}");
        assert!(fault.0.contains("proven durable"), "{fault}");
    }
    assert_eq!(quarantined(&data), Vec::<String>::new());
    // Who accepts the loss takes the index away.
    fs::remove_dir_all(data.join("index")).unwrap();
    start_right(&data, MEMOS, MEMOS_OF_A_TOWN);
}

#[test]
fn an_index_of_another_journal_is_made_again() {
    let (ours, theirs) = (written(), town());
    let (ours, theirs) = (ours.path().join("data"), theirs.path().join("data"));
    write(&theirs, 500, 500 + MEMOS_OF_A_TOWN - 7);
    fs::remove_dir_all(ours.join("index")).unwrap();
    copy(&theirs.join("index"), &ours.join("index"));
    let (report, said) = start_right(&ours, MEMOS, MEMOS_OF_A_TOWN);
    assert_eq!(report.rebuild_reason.as_deref(), Some("the index is of another journal"));
    assert!(report.rebuilt && said.contains("of another journal"), "{said}");
    assert_eq!(quarantined(&ours).len(), 1);
}

#[test]
fn an_index_of_another_reducer_or_without_a_readable_marker_is_made_again() {
    let town = written();
    let data = town.path().join("data");
    let mut newer = MEMOS.to_vec();
    newer.iter_mut().for_each(|kind| kind.version += 1);
    for kinds in [newer.as_slice(), MEMOS] {
        let (report, said) = start_right(&data, kinds, MEMOS_OF_A_TOWN);
        assert_eq!(report.rebuild_reason.as_deref(), Some("another reducer wrote the index"));
        assert!(report.rebuilt && said.contains("another reducer"), "{said}");
    }
    for marker in [None, Some(b"?".to_vec())] {
        let index = SledIndex::open(&data.join("index")).unwrap();
        index.apply(&Batch::from([(APPLIED.to_vec(), marker)])).unwrap();
        index.flush().unwrap();
        drop(index);
        let (report, said) = start_right(&data, MEMOS, MEMOS_OF_A_TOWN);
        assert!(report.rebuilt && said.contains("how far it is"), "{said}");
    }
}

#[test]
fn an_index_that_is_behind_is_brought_up_and_not_made_again() {
    let town = written();
    let data = town.path().join("data");
    let before = copied(&data.join("index"));
    write(&data, MEMOS_OF_A_TOWN, MEMOS_OF_A_TOWN + 5);
    fs::remove_dir_all(data.join("index")).unwrap();
    copy(&before.path().join("data"), &data.join("index"));
    let (report, said) = start_right(&data, MEMOS, MEMOS_OF_A_TOWN + 5);
    assert_eq!((report.rebuilt, report.replayed, said.as_str()), (false, 5, ""));
}
