//! A durable sector or bit goes bad: a start may stop or report, but it must not cut what was proven
//! durable, it must not be silent, and what it did must not stand in the way of a repair.

use std::path::{Path, PathBuf};

use crate::kernel::{
    journal::{
        JournalError, Seq,
        frame::{candidates, read_frame},
        tests::{
            crash::settings_of,
            town::{Ledger, Town, data, journal_files},
        },
        verify::{Options, verify},
        writer::SegmentSettings,
    },
    simulation::{
        disk::{Random, SECTOR, SimDisk, State, Style},
        tally::{Tally, run_seeds},
    },
};

/// How a journal stands when it is harmed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Open,
    Sealed,
    SealedAndOpen,
    /// The machine died while sealing, and the seal goes bad.
    Sealing,
    /// The last groups are under no checkpoint: only what stands behind proves that they were durable.
    Unsigned,
}

struct Harmed {
    seed: u64,
    random: Random,
    settings: SegmentSettings,
    standing: Standing,
    sound: State,
    ledger: Ledger,
    length: Seq,
    /// Nothing before this may be cut.
    proven: Seq,
    tally: Tally,
}

impl Harmed {
    fn new(seed: u64) -> Harmed {
        let mut random = Random(seed);
        let settings = settings_of(seed);
        let standing = match seed % 5 {
            0 => Standing::Open,
            1 => Standing::Sealed,
            2 => Standing::SealedAndOpen,
            3 => Standing::Sealing,
            _ => Standing::Unsigned,
        };
        let disk = SimDisk::empty(Path::new("/data"));
        let mut town = Town::found(disk.clone(), settings);
        let mut before_last = 0;
        for _ in 0..2 + random.below(4) {
            before_last = town.writer.next_seq();
            let entries = (0..1 + random.below(3)).map(|_| town.entry(&mut random)).collect();
            town.append(entries);
        }
        if standing != Standing::Unsigned {
            town.sign();
        }
        disk.record();
        if !matches!(standing, Standing::Open | Standing::Unsigned) {
            town.writer.seal().unwrap();
        }
        let moments = disk.recorded();
        if standing == Standing::SealedAndOpen {
            town.append(vec![town.entry(&mut random)]);
            town.sign();
        }
        let (ledger, length) = (town.ledger.clone(), town.writer.next_seq());
        drop(town);
        let sound = match standing {
            Standing::Sealing => {
                let moment = &moments[random.below(moments.len())];
                moment.state.crash(Style::All, false, &mut random)
            }
            _ => disk.state(),
        };
        let proven = if standing == Standing::Unsigned { before_last } else { length };
        let tally = Tally::default();
        Harmed { seed, random, settings, standing, sound, ledger, length, proven, tally }
    }

    /// A place and its good and bad bytes; `None` if there is nothing to harm.
    fn place(&mut self) -> Option<(PathBuf, usize, Vec<u8>, Vec<u8>)> {
        let image = self.sound.image();
        let mut files = journal_files(&image);
        if self.standing == Standing::Sealing {
            files.retain(|path| path.extension().is_some_and(|end| end == "seg"));
            files.drain(..files.len() - 1);
        }
        let path = files[self.random.below(files.len())].clone();
        let bytes = &image[&path];
        let align = self.settings.align as usize;
        let is_segment = path.extension().is_some_and(|end| end == "seg");
        if is_segment && self.standing != Standing::Sealing && self.random.chance(20) {
            return self.end_of_a_frame(path.clone(), bytes);
        }
        let at = match self.random.below(5) {
            _ if self.standing == Standing::Sealing => align,
            0 if is_segment => align,
            _ => self.random.below(bytes.len().div_ceil(SECTOR)) * SECTOR,
        };
        let good = bytes[at..bytes.len().min(at + SECTOR)].to_vec();
        let bad = match self.random.below(3) {
            0 => vec![0; good.len()],
            1 => self.random.bytes(good.len()),
            _ => {
                let mut bad = good.clone();
                bad[self.random.below(good.len())] ^= 1 << self.random.below(8);
                bad
            }
        };
        // A seal that is all zeros is one that was not written yet.
        let is_none = self.standing == Standing::Sealing && bad.iter().all(|byte| *byte == 0);
        (bad != good && !is_none).then_some((path, at, good, bad))
    }

    /// A bit of the last bytes of a frame: its CRC, or the zeros behind it.
    fn end_of_a_frame(
        &mut self,
        path: PathBuf,
        bytes: &[u8],
    ) -> Option<(PathBuf, usize, Vec<u8>, Vec<u8>)> {
        let frames = candidates(bytes, SECTOR).filter_map(|at| read_frame(bytes, at));
        let ends: Vec<usize> = frames.map(|frame| frame.end).collect();
        let end = *ends.get(self.random.below(ends.len().max(1)))?;
        let at = end - 1 - self.random.below(8);
        let bad = bytes[at] ^ (1 << self.random.below(8));
        Some((path, at, vec![bytes[at]], vec![bad]))
    }

    fn harm(&mut self) {
        let Some((path, at, good, bad)) = self.place() else { return };
        self.tally.states += 1;
        let mut state = self.sound.clone();
        state.harm(&path, at, &bad);
        let disk = SimDisk::new(state);
        match Town::start(disk.clone(), self.settings, self.ledger.clone()) {
            Ok(town) if town.writer.next_seq() < self.proven => {
                self.tally.violate(self.seed, "an entry that was proven durable was cut");
            }
            // The last group, under no checkpoint, cannot be told from one that was torn.
            Ok(town) if town.writer.next_seq() < self.length => return,
            // The sealing is taken back: the segment itself still holds all.
            Ok(town) if self.standing == Standing::Sealing => {
                for fault in town.faults(self.length) {
                    self.tally.violate(self.seed, fault);
                }
                return;
            }
            Ok(_) => {
                let stands = disk.state().image().get(&path).is_some_and(|bytes| {
                    bytes.get(at..at + bad.len()).is_some_and(|found| found == bad)
                });
                let report = verify(&disk, &data(), &Options::default()).unwrap();
                if stands && report.findings.is_empty() {
                    self.tally.violate(self.seed, "harm goes unreported");
                }
            }
            Err(JournalError::Damage { .. }) => self.tally.stopped += 1,
            Err(other) => self.tally.violate(self.seed, other.to_string()),
        }
        self.repair(&disk, &path, at, &good);
    }

    /// Puts the good bytes back: all must be as before.
    fn repair(&mut self, disk: &SimDisk, path: &Path, at: usize, good: &[u8]) {
        let mut state = disk.state();
        if state.image().get(path).is_none_or(|bytes| bytes.len() < at + good.len()) {
            self.tally.violate(self.seed, "the start removed or cut the damaged file");
            return;
        }
        state.harm(path, at, good);
        match Town::start(SimDisk::new(state), self.settings, self.ledger.clone()) {
            Ok(town) => {
                for fault in town.faults(self.length) {
                    self.tally.violate(self.seed, format!("after the repair: {fault}"));
                }
            }
            Err(error) => self.tally.violate(self.seed, format!("after the repair: {error}")),
        }
    }
}

/// One journal, harmed in many places.
pub fn damage(seed: u64) -> Tally {
    let mut harmed = Harmed::new(seed);
    for _ in 0..25 {
        harmed.harm();
    }
    harmed.tally
}

#[test]
fn damage_is_never_cut_and_a_repair_finds_everything() {
    let tally = run_seeds(0..50, damage);
    println!("{} damaged states, {} starts stopped", tally.states, tally.stopped);
    assert!(tally.states > 500 && tally.stopped > 100, "{tally:?}");
    assert!(tally.violations.is_empty(), "{tally:?}");
}
