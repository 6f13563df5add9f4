//! Crashes after every disk operation, in many ways each: nothing acknowledged is lost, nothing is
//! mixed, a second start changes nothing; and wrong orders do not pass unnoticed.

use crate::kernel::{
    journal::{
        tests::town::{Ledger, Town, data, settings},
        writer::SegmentSettings,
    },
    simulation::{
        disk::{Moment, Random, SimDisk, State, Style},
        tally::{Tally, run_seeds},
    },
};

pub const STYLES: [Style; 5] = [Style::None, Style::All, Style::Few, Style::Most, Style::Half];

/// Segments of several sizes.
pub fn settings_of(seed: u64) -> SegmentSettings {
    match seed % 4 {
        0 => settings(65_536, 4096),
        1 => settings(8_192, 512),
        _ => settings(12_288, 512),
    }
}

/// One series: a workload, its moments, and how much of it to try.
struct Series {
    seed: u64,
    random: Random,
    settings: SegmentSettings,
    /// Sectors may also turn to zeros or rubbish.
    wild: bool,
    tally: Tally,
}

impl Series {
    fn new(seed: u64) -> Series {
        let mut random = Random(seed);
        let settings = settings_of(seed);
        let wild = random.chance(60);
        Series { seed, random, settings, wild, tally: Tally::default() }
    }

    /// Runs a workload and gives all its moments, with the ledger behind it.
    fn workload(&mut self, groups: usize) -> (Vec<Moment>, Ledger) {
        let disk = SimDisk::empty(std::path::Path::new("/data"));
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
                town = Town::start(disk.clone(), self.settings, ledger).unwrap();
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
        let disk = SimDisk::new(state);
        let town = match Town::start(disk.clone(), self.settings, ledger.clone()) {
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
        let disk = SimDisk::new(before.clone());
        match Town::start(disk.clone(), self.settings, town.ledger.clone()) {
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
            let state = self.crash(&moments[at].state, Some(style));
            self.check(state, moments[at].acknowledged, &ledger);
        }
    }

    /// Crashes the recovery of a state.
    fn crash_in_recovery(&mut self, state: &State, acknowledged: u64, ledger: &Ledger) {
        let disk = SimDisk::new(state.clone());
        disk.record();
        if Town::start(disk.clone(), self.settings, ledger.clone()).is_err() {
            return;
        }
        let moments = disk.recorded();
        for _ in 0..2 {
            let moment = &moments[self.random.below(moments.len())].state;
            let style = STYLES[self.random.below(5)];
            let state = self.crash(moment, Some(style));
            self.check(state, acknowledged, ledger);
        }
    }

    fn run(mut self, groups: usize) -> Tally {
        let (moments, ledger) = self.workload(groups);
        for Moment { state: moment, acknowledged, .. } in moments {
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

/// One series of crashes of a journal.
pub fn crashes(seed: u64) -> Tally {
    Series::new(seed).run(5)
}

#[test]
fn no_crash_loses_what_was_acknowledged() {
    let tally = run_seeds(0..24, crashes);
    println!(
        "{} crash states, {} with a torn tail, {} violations",
        tally.states,
        tally.torn,
        tally.violations.len()
    );
    assert!(tally.states >= 5_000 && tally.torn >= 50, "{tally:?}");
    assert!(tally.violations.is_empty(), "{tally:?}");
}

#[test]
fn what_is_acknowledged_behind_the_kept_head_of_a_torn_group_is_found_again() {
    let mut random = Random(1);
    let disk = SimDisk::empty(&data());
    let settings = settings(12_288, 512);
    let mut town = Town::found(disk.clone(), settings);
    disk.record();
    let entries = (0..4).map(|_| town.entry(&mut random)).collect();
    town.append(entries);
    let ledger = town.ledger.clone();
    drop(town);
    let moments = disk.recorded();
    let mut kept_heads = 0;
    for Moment { state: moment, acknowledged, .. } in &moments {
        for seed in 0..40 {
            let state = moment.crash(Style::Half, false, &mut Random(seed));
            let disk = SimDisk::new(state);
            let mut town = Town::start(disk.clone(), settings, ledger.clone()).unwrap();
            let kept = town.writer.next_seq();
            if town.cut == 0 || kept <= *acknowledged || kept <= 1 {
                continue;
            }
            kept_heads += 1;
            town.append(vec![town.entry(&mut random)]);
            let ledger = town.ledger.clone();
            drop(town);
            let state = disk.state().crash(Style::None, false, &mut Random(0));
            let again = Town::start(SimDisk::new(state), settings, ledger).unwrap();
            assert_eq!(again.faults(kept + 1), Vec::<String>::new());
        }
    }
    assert!(kept_heads > 0, "no crash left a head of a group");
}
