//! The command on the golden directory: what it takes, what it refuses, what it says.

use std::{fs, path::Path};

use ostoja::cli::Exit;

use super::{copy_tree, flip};
use crate::format::{files, golden, log};

/// The golden directory and a copy of it, in a new folder.
fn two() -> (tempfile::TempDir, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let [data, copy] = ["data", "copy"].map(|name| {
        copy_tree(&golden().join("directory"), &folder.path().join(name));
        fs::create_dir(folder.path().join(name).join("secrets")).unwrap();
        fs::write(folder.path().join(name).join("secrets/log.id"), "gmina modrzewie.").unwrap();
        folder.path().join(name).to_str().unwrap().to_owned()
    });
    (folder, data, copy)
}

fn repair(data: &str, copy: &str) -> (Exit, String) {
    let (outcome, said) = log(&["repair", "--dir", data, "--from", copy]);
    (outcome.unwrap(), said)
}

#[test]
fn every_file_that_has_a_second_copy_is_mended_and_the_damaged_one_kept() {
    let (_folder, data, copy) = two();
    let sound = files(Path::new(&data));
    assert_eq!(repair(&data, &copy).0, Exit::Ok);
    for (name, bytes) in &sound {
        let path = Path::new(&data).join(name);
        let text = name.to_str().unwrap();
        let is_open = text.ends_with("07.seg") || text.starts_with("secrets");
        let by_hand = text == "log/checkpoint" || text == "log/vkey" || text.ends_with("positions");
        if is_open || by_hand {
            continue;
        }
        for at in [0, bytes.len() / 3, bytes.len() / 2, bytes.len() - 1] {
            flip(&path, at);
            let (exit, said) = repair(&data, &copy);
            assert_eq!(exit, Exit::Ok, "{text} byte {at}: {said}");
            assert!(said.starts_with("mended: "), "{said}");
            if text.ends_with(".keys") {
                // Another generation of the same secrets.
                let slots = |bytes: &[u8]| bytes[24..bytes.len() - 32].to_vec();
                assert_eq!(slots(&fs::read(&path).unwrap()), slots(bytes), "{text} byte {at}");
                assert!(
                    !said.contains("the damaged file is"),
                    "a kept keys file keeps secrets: {said}"
                );
            } else {
                assert_eq!(&fs::read(&path).unwrap(), bytes, "{text} byte {at}");
            }
            if text.ends_with(".seg") {
                assert!(said.contains("the damaged file is"), "{said}");
            }
        }
        fs::remove_file(&path).unwrap();
        let (exit, said) = repair(&data, &copy);
        assert_eq!(exit, Exit::Ok, "{text} gone: {said}");
    }
    let kept = fs::read_dir(Path::new(&data).join("quarantine/files")).unwrap();
    let names = kept.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let names: Vec<String> = names.collect();
    assert!(names.len() > 10 && names.iter().all(|name| !name.contains("keys")), "{names:?}");
}

#[test]
fn what_no_copy_proves_is_named_and_left_as_it_is() {
    let (_folder, data, copy) = two();
    let first = "journal/00000000000000000003.seg";
    let checkpoint = "log/checkpoint";
    for (file, at) in [("journal/00000000000000000007.seg", 1_030), (checkpoint, 30)] {
        let path = Path::new(&data).join(file);
        let sound = fs::read(&path).unwrap();
        flip(&path, at);
        let harmed = fs::read(&path).unwrap();
        let (outcome, said) = log(&["repair", "--dir", &data, "--from", &copy]);
        assert!(!matches!(outcome, Ok(Exit::Ok)), "{file}: {said}");
        assert_eq!(fs::read(&path).unwrap(), harmed, "{file}");
        fs::write(&path, sound).unwrap();
    }
    // A copy that is damaged in the same place.
    let ours = Path::new(&data).join(first);
    flip(&ours, 1_100);
    flip(&Path::new(&copy).join(first), 1_300);
    let before = files(Path::new(&data));
    let (exit, said) = repair(&data, &copy);
    assert_eq!(exit, Exit::Finding);
    assert!(said.contains(&format!("not mended: {first}: {copy}: ")), "{said}");
    let json = log(&["repair", "--dir", &data, "--from", "/nowhere", "--json"]);
    assert_eq!(json.0.unwrap(), Exit::Finding);
    let json: serde_json::Value = serde_json::from_str(&json.1).unwrap();
    assert!(json["refused"][first].as_str().unwrap().contains("/nowhere"), "{json}");
    assert_eq!(json["mended"], serde_json::json!([]));
    let spot = &json["problems"][0]["spot"];
    assert_eq!((&spot["file"], &spot["byte"]), (&first.into(), &1024.into()), "{json}");
    let after: Vec<_> =
        files(Path::new(&data)).into_iter().filter(|(name, _)| name != Path::new("lock")).collect();
    let before: Vec<_> = before.into_iter().filter(|(name, _)| name != Path::new("lock")).collect();
    assert!(before == after, "what could not be mended was changed");
}

#[test]
fn a_directory_in_use_is_left_alone() {
    let (_folder, data, copy) = two();
    let _held = ostoja::kernel::store::start::lock(Path::new(&data)).unwrap();
    let failure = log(&["repair", "--dir", &data, "--from", &copy]).0.unwrap_err();
    assert_eq!(failure.exit, Exit::Busy);
    assert!(failure.sentence.contains("stop the daemon first"), "{failure}");
}
