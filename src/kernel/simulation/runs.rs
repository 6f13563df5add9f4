//! Workloads on a store, crashed at every operation: long ones in many random ways, short ones in all.

use std::{collections::BTreeSet, sync::Arc};

use crate::kernel::{
    journal::tests::crash::STYLES,
    simulation::{
        disk::{Moment, Random, SimDisk, State, Style},
        index::SimIndex,
        model::Ledger,
        tally::{Tally, run_seeds},
        world::{RECORDS, Rule, World, settings},
    },
    store::{index::Batch, start::StoreSettings},
};

/// Judges starts on crashed disks.
struct Judge {
    seed: u64,
    settings: StoreSettings,
    ledger: Ledger,
    batches: Vec<Batch>,
    tally: Tally,
}

impl Judge {
    /// Behind a world that has come to its end.
    fn of(world: World, seed: u64) -> Judge {
        let mut tally = Tally::default();
        for wrong in world.wrong() {
            tally.violate(seed, wrong);
        }
        world.disk.meanwhile(None);
        let (ledger, batches) = (world.ledger(), world.index.batches());
        Judge { seed, settings: settings(seed), ledger, batches, tally }
    }

    /// Starts on a disk, with the index as it was behind so many batches.
    fn start(&mut self, state: State, indexed: usize, promised: u64) -> Option<World> {
        self.tally.states += 1;
        let disk = SimDisk::new(state);
        let batches = self.batches[..indexed].to_vec();
        let index = Arc::new(SimIndex::of(disk.clone(), batches));
        let ledger = self.ledger.clone();
        match World::resume(disk, index, ledger, self.settings.clone()) {
            Err(fault) => {
                self.tally.stopped += 1;
                self.tally.violate(self.seed, format!("false damage: {fault}"));
                None
            }
            Ok(world) => {
                self.tally.torn += u64::from(world.cut() > 0);
                for fault in world.faults(&self.ledger, promised) {
                    self.tally.violate(self.seed, fault);
                }
                Some(world)
            }
        }
    }

    /// A second start finds nothing to do.
    fn start_again(&mut self, world: World) {
        let before = world.disk.state();
        let (disk, batches) = (SimDisk::new(before.clone()), world.index.batches());
        let length = world.store().reader().length();
        let index = Arc::new(SimIndex::of(disk.clone(), batches));
        match World::resume(disk.clone(), index, world.ledger(), self.settings.clone()) {
            Err(fault) => self.tally.violate(self.seed, format!("second start: {fault}")),
            Ok(again) => {
                if again.cut() > 0 || again.store().reader().length() != length {
                    self.tally.violate(self.seed, "the second start cuts");
                }
                if disk.state().image() != before.image() {
                    self.tally.violate(self.seed, "the second start changes files");
                }
            }
        }
    }
}

/// What a program did between two starts.
struct Life {
    moments: Vec<Moment>,
    ledger: Ledger,
    batches: Vec<Batch>,
}

impl Life {
    fn of(world: &World) -> Life {
        Life {
            moments: world.disk.recorded(),
            ledger: world.ledger(),
            batches: world.index.batches(),
        }
    }
}

/// A workload of up to forty deeds. A program whose disk failed ends, and is started again.
fn workload(seed: u64, random: &mut Random) -> (World, Vec<Life>) {
    let mut world = World::found(settings(seed));
    world.disk.record();
    world.let_others_act(seed);
    let mut lives = Vec::new();
    for _ in 0..1 + random.below(40) {
        world = deed(world, seed, random);
        if world.dead {
            lives.push(Life::of(&world));
            world = world.revive(seed);
            world.disk.record();
        }
    }
    world.save();
    world.apply();
    lives.push(Life::of(&world));
    (world, lives)
}

pub(super) fn deed(mut world: World, seed: u64, random: &mut Random) -> World {
    let id = u8::try_from(random.below(usize::from(RECORDS))).unwrap();
    let words = "x".repeat(random.below(1_400));
    match random.below(22) {
        0..=3 => world.put(id, &words, false, Rule::None),
        4 => world.put(id, &words, true, Rule::None),
        5 | 6 => world.put(id, &words, false, Rule::IfFree),
        7 => world.put(id, &words, false, Rule::ByClerk),
        8 => world.take(id),
        9 => world.again(),
        10 | 11 => {
            world.grant(random.chance(50));
            if random.chance(50) {
                world.put(id, &words, false, Rule::ByClerk);
            }
        }
        12..=15 => world.save(),
        16 | 17 => world.apply(),
        18 => world.sign(),
        19 => world.look(),
        20 => {
            world.disk.fail_next_sync();
            if random.chance(50) {
                world.put(id, &words, false, Rule::None);
                world.save();
            }
        }
        21 if random.chance(25) => return world.restart(Some(seed + 1)),
        _ => {}
    }
    world
}

/// One random workload, crashed at some of its moments in some ways each.
pub fn crashes(seed: u64) -> Tally {
    let mut random = Random(seed);
    let (world, lives) = workload(seed, &mut random);
    let mut judge = Judge::of(world, seed);
    let wild = random.chance(60);
    for Life { moments, ledger, batches } in lives {
        (judge.ledger, judge.batches) = (ledger, batches);
        for moment in &moments {
            if random.chance(40) {
                crash_at(&mut judge, moment, wild, &mut random);
            }
        }
    }
    judge.tally
}

fn crash_at(judge: &mut Judge, moment: &Moment, wild: bool, random: &mut Random) {
    let style = STYLES[random.below(5)];
    let state = if random.chance(15) {
        // Killed, but the machine stays up.
        moment.state.clone()
    } else {
        moment.state.crash(style, wild, random)
    };
    if random.chance(5) {
        crash_in_recovery(judge, &state, moment, random);
    }
    let indexed = random.below(moment.indexed + 1);
    let Some(world) = judge.start(state, indexed, moment.acknowledged) else { return };
    match random.below(10) {
        0 | 1 => judge.start_again(world),
        2 | 3 => go_on(judge, world, random),
        _ => {}
    }
}

/// Crashes the start itself.
fn crash_in_recovery(judge: &mut Judge, state: &State, moment: &Moment, random: &mut Random) {
    let disk = SimDisk::new(state.clone());
    disk.record();
    let index = Arc::new(SimIndex::of(disk.clone(), judge.batches[..moment.indexed].to_vec()));
    let started = World::resume(disk.clone(), index, judge.ledger.clone(), judge.settings.clone());
    drop(started);
    let moments = disk.recorded();
    for _ in 0..2 {
        let at = &moments[random.below(moments.len())].state;
        let state = at.crash(STYLES[random.below(5)], true, random);
        judge.start(state, random.below(moment.indexed + 1), moment.acknowledged);
    }
}

/// Goes on behind a crash, and crashes again with nothing spared that was not asked for.
fn go_on(judge: &mut Judge, mut world: World, random: &mut Random) {
    let promised = world.store().reader().length();
    world.disk.acknowledge(promised);
    world.put(1, "after the crash", random.chance(30), Rule::None);
    world.save();
    world.apply();
    let state = world.disk.state().crash(Style::None, false, random);
    let (ledger, batches) = (world.ledger(), world.index.batches());
    let promised = ledger.promised.max(promised);
    let before = std::mem::replace(&mut judge.ledger, ledger);
    let batches = std::mem::replace(&mut judge.batches, batches);
    let indexed = random.below(judge.batches.len() + 1);
    judge.start(state, indexed, promised);
    judge.ledger = before;
    judge.batches = batches;
}

/// The deeds of short workloads.
const SHORT: [fn(World) -> World; 8] = [
    |mut world| {
        world.put(0, "a record", false, Rule::None);
        world
    },
    |mut world| {
        world.put(1, "with a file", true, Rule::None);
        world
    },
    |mut world| {
        world.put(0, "whoever comes first", false, Rule::IfFree);
        world
    },
    |mut world| {
        world.again();
        world
    },
    |mut world| {
        world.save();
        world
    },
    |world| {
        world.apply();
        world
    },
    |world| {
        world.sign();
        world
    },
    |world| world.restart(None),
];

/// At most so many undecided things are decided in every way; of more, so many bits at random.
const ALL_WAYS_OF: u32 = 6;

/// One short workload: every choice of what survives, at every moment of its last deed and of the saving
/// behind it. The moments before are those of a shorter workload.
fn short(number: u64) -> Tally {
    let mut world = World::found(settings(1));
    let mut deeds = Vec::new();
    let mut rest = number;
    while rest > 0 {
        deeds.push(SHORT[usize::try_from((rest - 1) % 8).unwrap()]);
        rest = (rest - 1) / 8;
    }
    let last = deeds.pop();
    for deed in deeds {
        world = deed(world);
    }
    world.disk.record();
    if let Some(last) = last {
        world = last(world);
    }
    world.save();
    let moments = world.disk.recorded();
    let mut judge = Judge::of(world, number);
    judge.settings = settings(1);
    let mut random = Random(number);
    let mut seen = BTreeSet::new();
    for moment in moments {
        let undecided = moment.state.undecided();
        let choices: Vec<u64> = if undecided <= ALL_WAYS_OF {
            (0..1 << undecided).collect()
        } else {
            let sampled = (0..1 << ALL_WAYS_OF).map(|_| random.next());
            [0, u64::MAX].into_iter().chain(sampled).collect()
        };
        for choice in choices {
            let indexed = random.below(moment.indexed + 1);
            let state = moment.state.crash_sparing(choice);
            // Many choices, at several moments, come to the same disk.
            if seen.insert((state.fingerprint(), indexed, moment.acknowledged)) {
                judge.start(state, indexed, moment.acknowledged);
            }
        }
    }
    judge.tally
}

/// Workloads of at most so many deeds, numbered from 0.
fn workloads_of(deeds: u32) -> u64 {
    (0..=deeds).map(|deeds| 8u64.pow(deeds)).sum()
}

fn sound(name: &str, tally: &Tally) {
    println!(
        "{name}: {} crash states, {} with a torn tail, {} violations",
        tally.states,
        tally.torn,
        tally.violations.len()
    );
    assert!(tally.violations.is_empty(), "{name}: {tally:?}");
}

#[test]
fn no_crash_of_a_store_loses_what_was_promised() {
    let wanted = std::env::var("OSTOJA_STATES").ok().and_then(|states| states.parse().ok());
    let wanted: u64 = wanted.unwrap_or(SUITE_STATES);
    let mut tally = Tally::default();
    let mut seed = 0;
    while tally.states < wanted {
        tally.add(run_seeds(seed..seed + 100, crashes));
        seed += 100;
    }
    println!("seeds 0 to {seed}");
    sound("random workloads", &tally);
    assert!(tally.torn > 50, "{tally:?}");
}

/// What the suite tries.
const SUITE_STATES: u64 = 12_000;

#[test]
fn every_short_workload_survives_every_crash() {
    let tally = run_seeds(0..workloads_of(3), short);
    sound("short workloads", &tally);
    assert!(tally.states > 10_000, "{tally:?}");
}
