//! Our audit beside the independent reader: on what the store wrote, on what the crash model wrote,
//! good, forged, broken and half done.

use std::{collections::BTreeSet, fs, path::Path, time::Duration};

use ostoja::kernel::{
    clock::Clock,
    durable::RealDisk,
    journal::verify::{Options, Report, verify},
    store::start::{self, IndexChoice, StoreSettings},
};

use super::python;
use crate::format::make;

fn audit(data: &Path) -> Report {
    verify(&RealDisk, data, &Options::default()).unwrap()
}

/// The independent reader's view, as JSON.
fn reader(data: &Path) -> serde_json::Value {
    let (_, said) =
        python("journal_reader.py", &["verify".as_ref(), data.as_ref(), "--json".as_ref()]);
    serde_json::from_str(&said).unwrap()
}

fn agree(data: &Path) -> Report {
    let (ours, theirs) = (audit(data), reader(data));
    let own = ours.to_json();
    for key in ["ok", "entries", "readable", "erased", "root", "enrolment_checked"] {
        assert_eq!(own[key], theirs[key], "{key} of {}", data.display());
    }
    ours
}

#[test]
fn both_read_the_golden_directory_alike() {
    let data = crate::format::golden().join("directory");
    let report = agree(&data);
    assert!(report.is_ok());
    let directory = tempfile::tempdir().unwrap();
    make::make_small(&directory.path().join("data"));
    assert!(agree(&directory.path().join("data")).is_ok());
    let proof = crate::format::golden().join("entry-1.ostoja-proof");
    let vkey = fs::read_to_string(data.join("log/vkey")).unwrap();
    let (good, said) = python(
        "journal_reader.py",
        &["proof".as_ref(), proof.as_ref(), "--vkey".as_ref(), vkey.trim().as_ref()],
    );
    assert!(good, "{said}");
}

/// The whole store, many segments, sealed and open, with people and blobs.
#[test]
fn both_read_what_the_store_wrote_alike() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let settings = StoreSettings {
        segment_bytes: 64 << 10,
        index: IndexChoice::Memory,
        clock: Clock::System,
        checkpoint_every: Duration::from_millis(20),
        ..StoreSettings::default()
    };
    let kinds = ostoja::services::kinds();
    start::create(&data, "reader.example/log/1", &kinds, &settings).unwrap();
    for _ in 0..3 {
        let (store, _) = start::open(&data, &kinds, &settings).unwrap();
        super::command::write_people(&store, 60);
        store.close();
        let report = agree(&data);
        assert_eq!(report.findings, Vec::new());
    }
    let report = audit(&data);
    assert!(report.entries > 180 && report.readable > 360, "{report:?}");
    let segments = fs::read_dir(data.join("journal")).unwrap().count();
    assert!(segments > 4, "only {segments} files");
}

/// Directories that the crash model wrote, with forgeries, losses and half-done erasures: both name
/// the same verdicts.
#[test]
fn both_name_the_same_verdicts_on_what_neither_wrote() {
    let directory = tempfile::tempdir().unwrap();
    let (good, said) = python("export_cases.py", &[directory.path().as_ref()]);
    assert!(good, "{said}");
    let text = fs::read_to_string(directory.path().join("verdicts.json")).unwrap();
    let cases: std::collections::BTreeMap<String, BTreeSet<String>> =
        serde_json::from_str(&text).unwrap();
    let mut seen = BTreeSet::new();
    for (case, theirs) in &cases {
        let report = audit(&directory.path().join(case));
        let ours: BTreeSet<String> =
            report.findings.iter().map(|it| it.verdict.name().to_owned()).collect();
        assert_eq!(ours, *theirs, "{case}: {:?}", report.findings);
        seen.extend(ours);
    }
    println!("{} directories, verdicts {seen:?}", cases.len());
    assert!(cases.len() >= 60 && seen.len() >= 14, "{} cases, {seen:?}", cases.len());
}
