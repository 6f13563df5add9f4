//! What interrupted steps leave behind: secrets out of reach, hints of any value, half-made files.

use std::path::PathBuf;

use crate::kernel::{
    durable::Disk as _,
    journal::{
        self,
        keys::{KeysFile, keys_path},
        tests::{
            crash::STYLES,
            town::{Ledger, Town, data, settings},
        },
        verify::{Options, verify},
    },
    simulation::{
        disk::{Random, SimDisk, State, Style},
        tally::{Tally, run_seeds},
    },
};

/// A town with one full segment, not yet sealed, its ledger, and the secrets of all its bodies.
fn full_town() -> (SimDisk, Town, Vec<[u8; 32]>) {
    let mut random = Random(5);
    let disk = SimDisk::empty(&data());
    let mut town = Town::found(disk.clone(), settings(8_192, 512));
    let mut secrets = Vec::new();
    for _ in 0..3 {
        let entries: Vec<_> = (0..3).map(|_| town.entry(&mut random)).collect();
        secrets
            .extend(entries.iter().flat_map(|(_, bodies, _)| bodies.iter().map(|it| it.secret.0)));
        town.append(entries);
    }
    town.sign();
    (disk, town, secrets)
}

fn start(state: State, ledger: Ledger) -> (SimDisk, Town) {
    let disk = SimDisk::new(state);
    let town = Town::start(disk.clone(), settings(8_192, 512), ledger).unwrap();
    (disk, town)
}

/// A sealing cut short in many ways, then a start: no secret may lie where no name leads.
pub fn sealing(seed: u64) -> Tally {
    let (disk, mut town, secrets) = full_town();
    let ledger = town.ledger.clone();
    disk.record();
    town.writer.seal().unwrap();
    drop(town);
    let mut tally = Tally::default();
    for moment in disk.recorded() {
        let mut random = Random(seed);
        for style in STYLES {
            let state = moment.state.crash(style, true, &mut random);
            let disk = SimDisk::new(state);
            tally.states += 1;
            match Town::start(disk.clone(), settings(8_192, 512), ledger.clone()) {
                Ok(town) => {
                    for fault in town.faults(ledger.0.len() as u64) {
                        tally.violate(seed, fault);
                    }
                }
                Err(error) => tally.violate(seed, format!("false damage: {error}")),
            }
            // What the start wiped and what it kept is durable.
            let after = disk.state().crash(Style::None, false, &mut random);
            if secrets.iter().any(|secret| after.holds_out_of_reach(secret)) {
                tally.violate(seed, "a secret lies out of reach");
            }
        }
    }
    tally
}

#[test]
fn a_sealing_cut_short_leaves_no_secret_out_of_reach() {
    let tally = run_seeds(0..4, sealing);
    println!("{} states of a sealing", tally.states);
    assert!(tally.states > 200 && tally.violations.is_empty(), "{tally:?}");
}

#[test]
fn hints_of_any_value_change_nothing_and_are_mended() {
    let (disk, mut town, _) = full_town();
    town.writer.seal().unwrap();
    town.append(vec![town.entry(&mut Random(6))]);
    let ledger = town.ledger.clone();
    let length = ledger.0.len();
    drop(town);
    let path = journal::directory(&data()).join("positions");
    let good = disk.read(&path).unwrap();
    let mut random = Random(7);
    for round in 0..60 {
        let bytes = match round {
            0 => Vec::new(),
            1 => vec![0; good.len()],
            2 => vec![0xff; good.len()],
            3 => good[..good.len() - 5].to_vec(),
            4 => [good.clone(), random.bytes(20)].concat(),
            _ => {
                let mut bytes = good.clone();
                let at = random.below(bytes.len());
                for byte in &mut bytes[at..] {
                    if random.chance(30) {
                        *byte = random.next() as u8;
                    }
                }
                bytes
            }
        };
        let disk = SimDisk::new(disk.state());
        disk.create(&path).unwrap().write_all_at(&bytes, 0).unwrap();
        let town = Town::start(disk.clone(), settings(8_192, 512), ledger.clone()).unwrap();
        assert_eq!(town.reader.length(), length as u64, "round {round}");
        assert_eq!(town.faults(length as u64), Vec::<String>::new(), "round {round}");
        assert_eq!(disk.read(&path).unwrap(), good, "round {round}");
    }
}

/// One frame of a sealed segment goes bad while the hints are lost: only that entry is unreadable.
#[test]
fn a_lost_entry_does_not_shift_the_others() {
    let (disk, mut town, _) = full_town();
    town.writer.seal().unwrap();
    town.append(vec![town.entry(&mut Random(6))]);
    let ledger = town.ledger.clone();
    let at = town.reader.frame(3).unwrap();
    drop(town);
    let journal = journal::directory(&data());
    disk.remove(&journal.join("positions")).unwrap();
    let segment = journal::segment::segment_path(&journal, 0);
    let mut state = disk.state();
    let bytes = &state.image()[&segment];
    let place = bytes.windows(at.bytes.len()).position(|it| it == at.bytes).unwrap();
    let flipped = [bytes[place + 45] ^ 1];
    state.harm(&segment, place + 45, &flipped);
    let (_, town) = start(state, ledger.clone());
    for seq in 0..ledger.0.len() as u64 {
        match town.reader.frame(seq) {
            Ok(owned) => assert_eq!(owned.frame.leaf, ledger.0[seq as usize].0, "entry {seq}"),
            Err(error) => assert_eq!(seq, 3, "{error}"),
        }
    }
    assert_eq!(town.reader.length(), ledger.0.len() as u64);
}

/// Names of a keys file and its predecessor, as a crash between link and rename leaves them.
#[test]
fn an_old_generation_is_wiped_unless_it_is_the_file_itself() {
    let (disk, mut town, secrets) = full_town();
    town.writer.seal().unwrap();
    let ledger = town.ledger.clone();
    drop(town);
    let journal = journal::directory(&data());
    let current = keys_path(&journal, 0);
    let old = PathBuf::from(format!("{}.old", current.display()));

    // Linked, not yet renamed: two names of one file.
    let linked = SimDisk::new(disk.state());
    linked.link(&current, &old).unwrap();
    let (linked, town) = start(linked.state(), ledger.clone());
    assert_eq!(town.faults(ledger.0.len() as u64), Vec::<String>::new());
    assert!(!linked.exists(&old));

    // Renamed: the old generation holds what the new one must not.
    let replaced = SimDisk::new(disk.state());
    replaced.link(&current, &old).unwrap();
    let mut keys = KeysFile::decode(&replaced.read(&current).unwrap()).unwrap();
    let erased = keys.slots.iter().position(|slot| secrets.contains(slot)).unwrap();
    let secret = std::mem::replace(&mut keys.slots[erased], [9; 32]);
    keys.generation = 2;
    keys.write(&replaced, &journal).unwrap();
    let (replaced, town) = start(replaced.state(), ledger.clone());
    drop(town);
    assert!(!replaced.exists(&old));
    assert!(!replaced.state().holds_out_of_reach(&secret));
    let report = verify(&replaced, &data(), &Options::default()).unwrap();
    assert_eq!(report.findings.len(), 1, "{:?}", report.findings);

    // The new generation is damaged: both are kept, and the start stops.
    let damaged = SimDisk::new(replaced.state());
    damaged.create(&current).unwrap().write_all_at(b"rubbish", 0).unwrap();
    damaged.create(&old).unwrap().write_all_at(b"the last copy", 0).unwrap();
    let started = Town::start(damaged.clone(), settings(8_192, 512), ledger);
    assert!(started.is_err());
    assert_eq!(damaged.read(&old).unwrap(), b"the last copy");
}

/// The seal of the last segment rots after its slots went: the keys file is all there is.
#[test]
fn a_damaged_seal_never_costs_the_keys_file() {
    let (disk, mut town, _) = full_town();
    town.writer.seal().unwrap();
    let ledger = town.ledger.clone();
    drop(town);
    let journal = journal::directory(&data());
    let segment = journal::segment::segment_path(&journal, 0);
    let keys = disk.read(&keys_path(&journal, 0)).unwrap();
    for bad in [vec![0; 512], vec![7; 512], vec![1]] {
        let mut state = disk.state();
        state.harm(&segment, 512, &bad);
        let disk = SimDisk::new(state);
        assert!(Town::start(disk.clone(), settings(8_192, 512), ledger.clone()).is_err());
        assert_eq!(disk.read(&keys_path(&journal, 0)).unwrap(), keys);
    }
}
