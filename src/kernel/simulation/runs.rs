//! Workloads on a store, crashed at every operation: long ones in many random ways, short ones in all.

use std::{collections::BTreeSet, sync::Arc};

use crate::kernel::{
    journal::tests::crash::STYLES,
    simulation::{
        disk::{Moment, Random, SimDisk, State, Style},
        index::{SimIndex, Took},
        model::Ledger,
        tally::{Tally, run_seeds},
        world::{Condemned, RECORDS, Rule, World, settings},
    },
    store::start::StoreSettings,
};

/// Judges starts on crashed disks.
struct Judge {
    seed: u64,
    settings: StoreSettings,
    ledger: Ledger,
    condemned: Condemned,
    taken: Vec<Took>,
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
        let (ledger, taken, condemned) = (world.ledger(), world.index.taken(), world.condemned());
        Judge { seed, settings: settings(seed), ledger, condemned, taken, tally }
    }

    /// Starts on a disk, with the index as it was behind so much.
    fn start(&mut self, state: State, indexed: usize, promised: u64) -> Option<World> {
        self.tally.states += 1;
        let disk = SimDisk::new(state);
        let taken = self.taken[..indexed].to_vec();
        let index = Arc::new(SimIndex::of(disk.clone(), taken));
        let ledger = self.ledger.clone();
        let (settings, condemned) = (self.settings.clone(), self.condemned.clone());
        match World::resume_knowing(disk, index, ledger, settings, condemned) {
            Err(fault) => {
                self.tally.stopped += 1;
                self.tally.violate(self.seed, format!("false damage: {fault}"));
                None
            }
            Ok(world) => {
                self.tally.torn += u64::from(world.cut() > 0);
                for fault in world.wrong().into_iter().chain(world.faults(promised)) {
                    self.tally.violate(self.seed, fault);
                }
                Some(world)
            }
        }
    }

    /// A second start finds nothing to do.
    fn start_again(&mut self, world: World) {
        let before = world.disk.state();
        let (disk, taken) = (SimDisk::new(before.clone()), world.index.taken());
        let length = world.store().reader().length();
        let index = Arc::new(SimIndex::of(disk.clone(), taken));
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

/// Erasures, one step after the other, crashed within each; and orders that rot when they were carried out.
pub fn erasures(seed: u64) -> Tally {
    let mut random = Random(seed);
    let mut world = World::found(settings(1));
    let words = |random: &mut Random| "x".repeat(random.below(1_400));
    // Half of the time what is erased stands in a segment that is full already.
    for number in 0..if random.chance(50) { 14 } else { 3 } {
        let id = u8::try_from(number % 3).unwrap();
        world.put(id, &words(&mut random), random.chance(40), Rule::None);
        if random.chance(30) {
            world.save();
        }
    }
    world.save();
    world.apply();
    world.sign();
    world.disk.record();
    world.erase(u8::try_from(random.below(3)).unwrap());
    world.save();
    for _ in 0..10 {
        match random.below(6) {
            0..=2 => world.erase_turn(),
            3 => world.sign(),
            4 => world.apply(),
            _ => world.save(),
        }
        if random.chance(20) {
            world.put(3, "meanwhile", false, Rule::None);
        }
    }
    let Life { moments, ledger, taken } = Life::of(&world);
    let order = world.ordered_frame();
    let mut judge = Judge::of(world, seed);
    (judge.ledger, judge.taken) = (ledger, taken);
    for moment in &moments {
        if is_replacing_keys(moment) {
            crash_in_ways(&mut judge, moment, &mut random);
        } else if random.chance(20) {
            crash_at(&mut judge, moment, true, &mut random);
        }
        if let Some(order) = order.as_ref().filter(|_| random.chance(10)) {
            rot(&mut judge, moment, order, &mut random);
        }
    }
    judge.tally
}

/// Whether secrets stand in two places at this moment.
fn is_replacing_keys(moment: &Moment) -> bool {
    let image = moment.state.image();
    image.keys().any(|path| path.to_string_lossy().contains(".keys."))
}

/// Any of the names and sectors that nobody asked for may survive.
fn crash_in_ways(judge: &mut Judge, moment: &Moment, random: &mut Random) {
    for _ in 0..3 {
        let state = moment.state.crash_sparing(random.next());
        let indexed = moment.somewhere_indexed(random);
        judge.start(state, indexed, moment.acknowledged);
    }
}

/// A sector of an order goes bad. A start may refuse, or not know of the order; but what it ordered is then not
/// erased.
fn rot(judge: &mut Judge, moment: &Moment, order: &[u8], random: &mut Random) {
    let mut state = moment.state.crash(Style::All, false, random);
    let image = state.image();
    let found = image.iter().find_map(|(path, bytes)| {
        let at = bytes.windows(order.len()).position(|window| window == order)?;
        Some((path.clone(), at))
    });
    let Some((path, at)) = found else { return };
    state.harm(&path, at + random.below(order.len()), &[0xA5, 0x5A]);
    judge.tally.states += 1;
    let disk = SimDisk::new(state);
    let indexed = moment.somewhere_indexed(random);
    let index = Arc::new(SimIndex::of(disk.clone(), judge.taken[..indexed].to_vec()));
    let ledger = judge.ledger.clone();
    let started = World::resume(disk, index, ledger, judge.settings.clone());
    let Ok(world) = started else {
        judge.tally.stopped += 1;
        return;
    };
    let groundless = world.faults(0).into_iter().filter(|fault| fault.contains("without ground"));
    for fault in groundless {
        judge.tally.violate(judge.seed, fault);
    }
}

/// What a program did between two starts.
struct Life {
    moments: Vec<Moment>,
    ledger: Ledger,
    taken: Vec<Took>,
}

impl Life {
    fn of(world: &World) -> Life {
        Life { moments: world.disk.recorded(), ledger: world.ledger(), taken: world.index.taken() }
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
    match random.below(26) {
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
        21 | 22 => world.erase(id),
        23 => world.erase_turn(),
        24 => world.finish_erasing(),
        25 if random.chance(25) => return world.restart(Some(seed + 1)),
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
    for Life { moments, ledger, taken } in lives {
        (judge.ledger, judge.taken) = (ledger, taken);
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
    let indexed = moment.somewhere_indexed(random);
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
    let index = Arc::new(SimIndex::of(disk.clone(), judge.taken[..moment.indexed].to_vec()));
    let (ledger, settings) = (judge.ledger.clone(), judge.settings.clone());
    let started = World::resume(disk.clone(), Arc::clone(&index), ledger, settings);
    // A start may write: that an erasure is done.
    let ledger = started.map_or_else(|_fault| judge.ledger.clone(), |world| world.ledger());
    let ledger = std::mem::replace(&mut judge.ledger, ledger);
    let taken = std::mem::replace(&mut judge.taken, index.taken());
    let moments = disk.recorded();
    for _ in 0..2 {
        let at = &moments[random.below(moments.len())];
        let state = at.state.crash(STYLES[random.below(5)], true, random);
        let indexed = at.somewhere_indexed(random);
        judge.start(state, indexed, moment.acknowledged);
    }
    (judge.ledger, judge.taken) = (ledger, taken);
}

/// Goes on behind a crash, and crashes again with nothing spared that was not asked for.
fn go_on(judge: &mut Judge, mut world: World, random: &mut Random) {
    let promised = world.store().reader().length();
    world.disk.acknowledge(promised);
    world.put(1, "after the crash", random.chance(30), Rule::None);
    world.save();
    world.apply();
    let state = world.disk.state().crash(Style::None, false, random);
    let (ledger, taken) = (world.ledger(), world.index.taken());
    let promised = ledger.promised.max(promised);
    let before = std::mem::replace(&mut judge.ledger, ledger);
    let taken = std::mem::replace(&mut judge.taken, taken);
    let indexed = world.disk.now().somewhere_indexed(random);
    judge.start(state, indexed, promised);
    judge.ledger = before;
    judge.taken = taken;
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
            let indexed = moment.somewhere_indexed(&mut random);
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

#[test]
fn no_crash_of_an_erasure_leaves_half_of_it() {
    let tally = run_seeds(0..24, erasures);
    sound("erasures", &tally);
    assert!(tally.states > 300 && tally.stopped > 3, "{tally:?}");
}

/// What the suite tries.
const SUITE_STATES: u64 = 12_000;

#[test]
fn every_short_workload_survives_every_crash() {
    let tally = run_seeds(0..workloads_of(3), short);
    sound("short workloads", &tally);
    assert!(tally.states > 10_000, "{tally:?}");
}
