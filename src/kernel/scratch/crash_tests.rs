//! Scratch on the simulated disk. It may lose anything at any moment, and says so; what it gives back is whole,
//! its owner's, and was put there; and what was forgotten behind an erasure stays forgotten.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::Arc,
    time::Duration,
};

use super::{Class, Owner, Scratch};
use crate::kernel::{
    clock::Clock,
    durable::Disk,
    identity::PersonId,
    journal::tests::crash::STYLES,
    simulation::disk::{Random, SimDisk},
};

const CLASSES: [Class; 3] = [Class::Draft, Class::Upload, Class::Session];
const IDS: [&str; 2] = ["one", "two"];

fn owner(number: u128) -> Owner {
    Owner::Person(PersonId(uuid::Uuid::from_u128(number)))
}

fn open(disk: &SimDisk) -> Scratch {
    let shared: Arc<dyn Disk> = Arc::new(disk.clone());
    let clock = Clock::standing("2026-11-21T12:00:00Z".parse().unwrap());
    Scratch::open_on(shared, Path::new("/data"), clock).unwrap()
}

fn found() -> SimDisk {
    let disk = SimDisk::empty(Path::new("/"));
    disk.create_directory(Path::new("/data/secrets")).unwrap();
    let key = disk.create(Path::new("/data/secrets/scratch.key")).unwrap();
    key.write_all_at(&[9; 32], 0).unwrap();
    key.sync_all().unwrap();
    for directory in ["/", "/data", "/data/secrets"] {
        disk.sync_directory(Path::new(directory)).unwrap();
    }
    disk
}

/// Everything that was ever put under a name.
type Put = BTreeMap<(u64, u128, &'static str), BTreeSet<Vec<u8>>>;

fn workload(disk: &SimDisk, random: &mut Random) -> (Put, Option<usize>) {
    let scratch = open(disk);
    for directory in ["/data", "/data/scratch"] {
        disk.sync_directory(Path::new(directory)).unwrap();
    }
    let mut put = Put::new();
    let mut forgotten_at = None;
    disk.record();
    for number in 0..12u8 {
        let class = CLASSES[random.below(CLASSES.len())];
        let (who, id) = (1 + random.below(2) as u128, IDS[random.below(2)]);
        match random.below(6) {
            0..=3 if who == 2 || forgotten_at.is_none() => {
                let bytes = vec![number; random.below(1_500)];
                scratch.put(class, id, &owner(who), &bytes, Duration::from_secs(60)).unwrap();
                put.entry((class.code(), who, id)).or_default().insert(bytes);
            }
            4 => {
                scratch.remove(class, id, &owner(who));
            }
            5 if forgotten_at.is_none() && number > 5 => {
                scratch.forget(&owner(1)).unwrap();
                let so_far = disk.recorded();
                forgotten_at = Some(so_far.len());
                disk.record_behind(so_far);
            }
            _ => {}
        }
    }
    (put, forgotten_at)
}

#[test]
fn whatever_a_crash_leaves_is_whole_and_its_owners_and_what_was_forgotten_stays_so() {
    let (mut states, mut there, mut forgotten) = (0, 0, 0);
    for seed in 0..40 {
        let mut random = Random(seed);
        let disk = found();
        let (put, forgotten_at) = workload(&disk, &mut random);
        for (number, moment) in disk.recorded().iter().enumerate() {
            let wild = random.chance(50);
            let state = moment.state.crash(STYLES[random.below(5)], wild, &mut random);
            let scratch = open(&SimDisk::new(state));
            states += 1;
            for class in CLASSES {
                for (who, id) in [(1, IDS[0]), (1, IDS[1]), (2, IDS[0]), (2, IDS[1])] {
                    let Some(bytes) = scratch.get(class, id, &owner(who)) else { continue };
                    there += 1;
                    let was_put = put.get(&(class.code(), who, id));
                    assert!(was_put.is_some_and(|put| put.contains(&bytes)), "seed {seed}");
                    let is_forgotten = forgotten_at.is_some_and(|at| number >= at);
                    assert!(who == 2 || !is_forgotten, "seed {seed}: it came back");
                    forgotten += u32::from(is_forgotten);
                }
            }
        }
    }
    assert!(states > 1_000 && there > 500 && forgotten > 20, "{states} {there} {forgotten}");
    println!("scratch: {states} crash states, {there} items found, all of them put");
}
