//! Crashes after every disk operation, in many ways each: nothing acknowledged is lost, nothing is
//! mixed, a second start changes nothing; and wrong orders do not pass unnoticed.

use std::collections::BTreeMap;

use crate::kernel::journal::{
    JournalError,
    tests::{
        sim_disk::{Event, Lie, Random, SECTOR, SimDisk, State, Style},
        town::{Ledger, Rules, Town, data, journal_files, settings},
    },
    writer::SegmentSettings,
};

const RIGHT: Rules = Rules { use_floor: true };
const HONEST: Lie = |_| false;
const STYLES: [Style; 5] = [Style::None, Style::All, Style::Few, Style::Most, Style::Half];

/// What a series of crashes came to.
#[derive(Default, Debug)]
struct Tally {
    states: u64,
    torn: u64,
    stopped: u64,
    violations: BTreeMap<String, u64>,
}

impl Tally {
    fn violate(&mut self, seed: u64, what: impl Into<String>) {
        // Numbers out, so that alike violations count together.
        let what: String = what.into().chars().filter(|c| !c.is_ascii_digit()).take(90).collect();
        if !self.violations.contains_key(&what) {
            eprintln!("seed {seed}: {what}");
        }
        *self.violations.entry(what).or_default() += 1;
    }
}

/// One series: a workload, its moments, and how much of it to try.
struct Series {
    seed: u64,
    random: Random,
    settings: SegmentSettings,
    rules: Rules,
    /// Sectors may also turn to zeros or rubbish.
    wild: bool,
    lie: Lie,
    tally: Tally,
}

impl Series {
    fn new(seed: u64, lie: Lie, rules: Rules) -> Series {
        let mut random = Random(seed);
        let settings = match seed % 4 {
            0 => settings(65_536, 4096),
            1 => settings(8_192, 512),
            _ => settings(12_288, 512),
        };
        let wild = random.chance(60);
        Series { seed, random, settings, rules, wild, lie, tally: Tally::default() }
    }

    /// Runs a workload and gives all its moments, with the ledger behind it.
    fn workload(&mut self, groups: usize) -> (Vec<(State, u64)>, Ledger) {
        let disk = SimDisk::empty(std::path::Path::new("/data"), self.lie);
        let mut town = Town::found(disk.clone(), self.settings);
        disk.record();
        for _ in 0..groups {
            let count = 1 + self.random.below(5);
            let entries = (0..count).map(|_| town.entry(&mut self.random)).collect();
            town.append(entries);
            if self.random.chance(40) {
                town.sign();
            }
            if self.random.chance(15) {
                let ledger = town.ledger.clone();
                drop(town);
                town = Town::start(disk.clone(), self.settings, ledger, self.rules).unwrap();
            }
        }
        let ledger = town.ledger.clone();
        drop(town);
        (disk.recorded(), ledger)
    }

    fn crash(&mut self, moment: &State, style: Option<Style>) -> State {
        match style {
            // Killed, but the machine stays up: nothing is lost, nothing is durable that was not.
            None => moment.clone(),
            Some(style) => moment.crash(style, self.wild, &mut self.random),
        }
    }

    /// Starts on a state and compares with what was promised; then starts again.
    fn check(&mut self, state: State, acknowledged: u64, ledger: &Ledger) -> Option<Town> {
        self.tally.states += 1;
        let disk = SimDisk::new(state, self.lie);
        let town = match Town::start(disk.clone(), self.settings, ledger.clone(), self.rules) {
            Ok(town) => town,
            Err(error) => {
                self.tally.stopped += 1;
                self.tally.violate(self.seed, format!("false damage: {error}"));
                return None;
            }
        };
        self.tally.torn += u64::from(town.cut > 0);
        for fault in town.faults(acknowledged) {
            self.tally.violate(self.seed, fault);
        }
        if self.random.chance(30) {
            self.check_again(&town);
        }
        Some(town)
    }

    fn check_again(&mut self, town: &Town) {
        let before = town.disk.state();
        let disk = SimDisk::new(before.clone(), self.lie);
        match Town::start(disk.clone(), self.settings, town.ledger.clone(), self.rules) {
            Err(error) => self.tally.violate(self.seed, format!("second start: {error}")),
            Ok(again) => {
                if again.cut > 0 || again.writer.next_seq() != town.writer.next_seq() {
                    self.tally.violate(self.seed, "the second start cuts");
                }
                if disk.state().image() != before.image() {
                    self.tally.violate(self.seed, "the second start changes files");
                }
            }
        }
    }

    /// Goes on from a recovered state: another group, another crash.
    fn second_crash(&mut self, mut town: Town) {
        let disk = town.disk.clone();
        disk.acknowledge(town.writer.next_seq());
        disk.record();
        for _ in 0..1 + self.random.below(2) {
            let count = 1 + self.random.below(3);
            let entries = (0..count).map(|_| town.entry(&mut self.random)).collect();
            town.append(entries);
        }
        let (ledger, moments) = (town.ledger.clone(), disk.recorded());
        drop(town);
        for pick in 0..3 {
            let at = if pick == 0 { moments.len() - 1 } else { self.random.below(moments.len()) };
            let style = STYLES[self.random.below(5)];
            let (state, acknowledged) = &moments[at];
            let state = self.crash(state, Some(style));
            self.check(state, *acknowledged, &ledger);
        }
    }

    /// Crashes the recovery of a state.
    fn crash_in_recovery(&mut self, state: &State, acknowledged: u64, ledger: &Ledger) {
        let disk = SimDisk::new(state.clone(), self.lie);
        disk.record();
        if Town::start(disk.clone(), self.settings, ledger.clone(), self.rules).is_err() {
            return;
        }
        let moments = disk.recorded();
        for _ in 0..2 {
            let (moment, _) = &moments[self.random.below(moments.len())];
            let style = STYLES[self.random.below(5)];
            let state = self.crash(moment, Some(style));
            self.check(state, acknowledged, ledger);
        }
    }

    fn run(mut self, groups: usize) -> Tally {
        let (moments, ledger) = self.workload(groups);
        for (moment, acknowledged) in moments {
            let mut styles = vec![STYLES[self.random.below(2)], STYLES[2 + self.random.below(3)]]
                .into_iter()
                .map(Some)
                .collect::<Vec<_>>();
            if self.random.chance(15) {
                styles.push(None);
            }
            for style in styles {
                let state = self.crash(&moment, style);
                if self.random.chance(6) {
                    self.crash_in_recovery(&state, acknowledged, &ledger);
                }
                let town = self.check(state, acknowledged, &ledger);
                if let Some(town) = town
                    && self.random.chance(12)
                {
                    self.second_crash(town);
                }
            }
        }
        self.tally
    }
}

/// Runs series on two threads until there are enough states.
fn run_series(seeds: std::ops::Range<u64>, groups: usize, lie: Lie, rules: Rules) -> Tally {
    let middle = seeds.start + (seeds.end - seeds.start) / 2;
    let halves = [seeds.start..middle, middle..seeds.end];
    let tallies: Vec<Tally> = std::thread::scope(|scope| {
        let threads: Vec<_> = halves
            .into_iter()
            .map(|half| {
                scope.spawn(move || {
                    half.map(|seed| Series::new(seed, lie, rules).run(groups)).collect::<Vec<_>>()
                })
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    let mut sum = Tally::default();
    for tally in tallies {
        sum.states += tally.states;
        sum.torn += tally.torn;
        sum.stopped += tally.stopped;
        for (what, count) in tally.violations {
            *sum.violations.entry(what).or_default() += count;
        }
    }
    sum
}

#[test]
fn no_crash_loses_what_was_acknowledged() {
    let tally = run_series(0..24, 5, HONEST, RIGHT);
    println!(
        "{} crash states, {} with a torn tail, {} violations",
        tally.states,
        tally.torn,
        tally.violations.len()
    );
    assert!(tally.states >= 5_000 && tally.torn >= 50, "{tally:?}");
    assert!(tally.violations.is_empty(), "{tally:?}");
}

/// Wrong orders, each a sync that is only pretended: the oracle must notice every one.
#[test]
fn wrong_orders_are_noticed() {
    fn ends(event: &Event, ending: &str) -> bool {
        matches!(event, Event::Sync(path) if path.to_string_lossy().ends_with(ending))
    }
    let wrong: [(&str, Lie); 5] = [
        ("acknowledged before the segment is synced", |event| ends(event, ".seg")),
        ("keys file not durable before the seal", |event| ends(event, ".keys.tmp")),
        (
            "journal/ never synced",
            |event| matches!(event, Event::SyncDirectory(path) if path.ends_with("journal")),
        ),
        (
            "blobs not durable before their frame",
            |event| matches!(event, Event::Sync(path) if path.starts_with("/data/blobs")),
        ),
        (
            "blob directories never synced",
            |event| matches!(event, Event::SyncDirectory(path) if path.starts_with("/data/blobs")),
        ),
    ];
    for (name, lie) in wrong {
        let tally = run_series(100..104, 4, lie, RIGHT);
        println!("{name}: {} states, violations {:?}", tally.states, tally.violations);
        assert!(!tally.violations.is_empty(), "{name} passed unnoticed");
    }
}

/// A durable sector or bit goes bad: a start may stop or report, but it must not cut what was signed,
/// and what it did must not stand in the way of a repair.
fn damage(seeds: std::ops::Range<u64>, rules: Rules) -> Tally {
    let mut tally = Tally::default();
    for seed in seeds {
        let mut series = Series::new(seed, HONEST, rules);
        let disk = SimDisk::empty(std::path::Path::new("/data"), HONEST);
        let mut town = Town::found(disk.clone(), series.settings);
        for _ in 0..2 + series.random.below(4) {
            let entries =
                (0..1 + series.random.below(3)).map(|_| town.entry(&mut series.random)).collect();
            town.append(entries);
        }
        match seed % 3 {
            0 => {}
            _ => town.writer.seal().unwrap(),
        }
        if seed % 3 == 2 {
            town.append(vec![town.entry(&mut series.random)]);
        }
        town.sign();
        let (ledger, length) = (town.ledger.clone(), town.writer.next_seq());
        drop(town);
        let sound = disk.state();
        let files = journal_files(&sound.image());
        for _ in 0..25 {
            let path = &files[series.random.below(files.len())];
            let bytes = &sound.image()[path];
            let align = series.settings.align as usize;
            let at = match series.random.below(5) {
                0 if path.to_string_lossy().ends_with(".seg") => align,
                _ => series.random.below(bytes.len().div_ceil(SECTOR)) * SECTOR,
            };
            let good = &bytes[at..bytes.len().min(at + SECTOR)];
            let bad = match series.random.below(3) {
                0 => vec![0; good.len()],
                1 => series.random.bytes(good.len()),
                _ => {
                    let mut bad = good.to_vec();
                    bad[series.random.below(good.len())] ^= 1 << series.random.below(8);
                    bad
                }
            };
            if bad == good {
                continue;
            }
            tally.states += 1;
            let mut state = sound.clone();
            state.harm(path, at, &bad);
            let disk = SimDisk::new(state, HONEST);
            let started = Town::start(disk.clone(), series.settings, ledger.clone(), rules);
            match started {
                Ok(town) if town.writer.next_seq() < length => {
                    tally.violate(seed, "a signed entry was cut");
                }
                Ok(town) => {
                    let lost = town.faults(length).iter().any(|it| it.starts_with("a text"));
                    let said = !town.faults(length).iter().all(|it| !it.starts_with("verify"));
                    if lost && !said {
                        tally.violate(seed, "a lost text goes unreported");
                    }
                }
                Err(JournalError::Damage { .. }) => tally.stopped += 1,
                Err(other) => tally.violate(seed, other.to_string()),
            }
            repair(&disk, path, at, good, &series, &ledger, length, &mut tally);
        }
    }
    tally
}

/// Puts the good bytes back: all must be as before.
#[expect(clippy::too_many_arguments, reason = "one call")]
fn repair(
    disk: &SimDisk,
    path: &std::path::Path,
    at: usize,
    good: &[u8],
    series: &Series,
    ledger: &Ledger,
    length: u64,
    tally: &mut Tally,
) {
    let mut state = disk.state();
    if state.image().get(path).is_none_or(|bytes| bytes.len() < at + good.len()) {
        tally.violate(series.seed, "the start removed or cut the damaged file");
        return;
    }
    state.harm(path, at, good);
    let disk = SimDisk::new(state, HONEST);
    match Town::start(disk, series.settings, ledger.clone(), RIGHT) {
        Ok(town) => {
            for fault in town.faults(length) {
                tally.violate(series.seed, format!("after the repair: {fault}"));
            }
        }
        Err(error) => tally.violate(series.seed, format!("after the repair: {error}")),
    }
}

#[test]
fn damage_is_never_cut_and_a_repair_finds_everything() {
    let tally = damage(0..40, RIGHT);
    println!("{} damaged states, {} starts stopped", tally.states, tally.stopped);
    assert!(tally.states > 500 && tally.stopped > 100, "{tally:?}");
    assert!(tally.violations.is_empty(), "{tally:?}");
}

#[test]
fn without_the_floor_a_signed_entry_is_cut() {
    let tally = damage(0..40, Rules { use_floor: false });
    println!("without the floor: {:?}", tally.violations);
    assert!(!tally.violations.is_empty(), "the oracle does not notice a missing floor");
}

#[test]
fn what_is_acknowledged_behind_the_kept_head_of_a_torn_group_is_found_again() {
    let mut random = Random(1);
    let disk = SimDisk::empty(&data(), HONEST);
    let settings = settings(12_288, 512);
    let mut town = Town::found(disk.clone(), settings);
    disk.record();
    let entries = (0..4).map(|_| town.entry(&mut random)).collect();
    town.append(entries);
    let ledger = town.ledger.clone();
    drop(town);
    let moments = disk.recorded();
    let mut kept_heads = 0;
    for (moment, acknowledged) in &moments {
        for seed in 0..40 {
            let state = moment.crash(Style::Half, false, &mut Random(seed));
            let disk = SimDisk::new(state, HONEST);
            let mut town = Town::start(disk.clone(), settings, ledger.clone(), RIGHT).unwrap();
            let kept = town.writer.next_seq();
            if town.cut == 0 || kept <= *acknowledged || kept <= 1 {
                continue;
            }
            kept_heads += 1;
            town.append(vec![town.entry(&mut random)]);
            let ledger = town.ledger.clone();
            drop(town);
            let state = disk.state().crash(Style::None, false, &mut Random(0));
            let again = Town::start(SimDisk::new(state, HONEST), settings, ledger, RIGHT).unwrap();
            assert_eq!(again.faults(kept + 1), Vec::<String>::new());
        }
    }
    assert!(kept_heads > 0, "no crash left a head of a group");
}
