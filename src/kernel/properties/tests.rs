//! The properties on what was found before, on the seeds, and on each seed with every byte changed once:
//! few inputs, the same ones each time. `fuzz/` looks for new ones.

use std::{fs, path::PathBuf};

use super::{ALL, flipped, seeds};

/// `fuzz/corpus/<property>/` are seeds, `fuzz/regressions/<property>/` inputs that broke it once.
fn kept(folder: &str, property: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fuzz").join(folder).join(property);
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.into_iter().map(|path| (path.clone(), fs::read(&path).unwrap())).collect()
}

/// `OSTOJA_WRITE_SEEDS=1` writes them anew.
#[test]
fn the_seeds_in_the_repository_are_those_of_the_golden_directory() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    let write = std::env::var("OSTOJA_WRITE_SEEDS").is_ok();
    for (name, _) in ALL {
        let made = seeds::of(name);
        assert!(!made.is_empty(), "{name} has no seeds");
        if write {
            let folder = root.join(name);
            let _nothing_there = fs::remove_dir_all(&folder);
            fs::create_dir_all(&folder).unwrap();
            for (number, seed) in made.iter().enumerate() {
                fs::write(folder.join(format!("{number:02}")), seed).unwrap();
            }
        }
        let there: Vec<Vec<u8>> = kept("corpus", name).into_iter().map(|(_, seed)| seed).collect();
        assert!(there == made, "{name}: run this test with OSTOJA_WRITE_SEEDS=1");
    }
}

#[test]
fn every_property_holds_on_its_seeds_and_on_what_broke_it_once() {
    for (name, property) in ALL {
        for (path, input) in kept("corpus", name).into_iter().chain(kept("regressions", name)) {
            println!("{}", path.display());
            property(&input);
        }
        property(&[]);
    }
}

#[test]
fn every_property_holds_on_seeds_that_were_changed() {
    for (name, property) in ALL {
        for (number, seed) in seeds::of(name).iter().enumerate() {
            let steps = (seed.len() / 60).max(1);
            for at in (0..seed.len()).step_by(steps) {
                println!("{name} {number} byte {at}");
                property(&flipped(seed, at * 8 + at % 8));
            }
            property(&seed[..seed.len() / 2]);
        }
    }
}
