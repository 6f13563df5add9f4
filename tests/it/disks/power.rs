//! The power fails: whatever was not synced is lost in part, names and bytes alike, while four clients
//! write and while the program starts. `OSTOJA_POWER_ROUNDS` says how often; the suite does it a
//! dozen times.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread::sleep,
    time::{Duration, Instant},
};

use super::{
    client::{Client, Work, enter, load},
    dice::{Dice, seed},
    judge::{exactly_once, verify},
    mounted::Mounted,
    tree::Tree,
};
use crate::support::Program;

const ROUNDS: usize = 12;
/// In so many of a hundred rounds the power fails before the program has opened its door.
const DURING_START_PERCENT: u64 = 25;
const START_MILLISECONDS: u64 = 1_200;
const LOAD_MILLISECONDS: u64 = 900;

/// What power cuts took.
#[derive(Default)]
struct Taken {
    sectors: usize,
    names: usize,
}

/// The moment of the cut: nothing that is written afterwards counts, and nobody is told "saved" any more.
fn cut(mounted: &Mounted, dice: &mut Dice, taken: &mut Taken) -> Tree {
    let mut disk = mounted.disk();
    let (sectors, names) = disk.tree.at_risk();
    taken.sectors += sectors;
    taken.names += names;
    let mut tree = disk.tree.clone();
    tree.cut_power(dice);
    disk.break_below(Some(""));
    tree
}

#[test]
fn power_cuts_lose_nothing_that_was_acknowledged() {
    let mut mounted = match Mounted::try_new(Tree::new()) {
        Ok(mounted) => mounted,
        Err(why) => return println!("UNTESTED: power cuts: {why}"),
    };
    let rounds = std::env::var("OSTOJA_POWER_ROUNDS").ok().and_then(|text| text.parse().ok());
    let rounds = rounds.unwrap_or(ROUNDS);
    let (seed, started) = (seed(), Instant::now());
    println!("seed {seed}");
    let mut dice = Dice(seed);
    let mut clients = [Work::Notices, Work::Notices, Work::Trees, Work::Trees].map(Client::new);
    enter(&mounted.data(), &mut clients);

    let (mut during_start, mut taken) = (0, Taken::default());
    for round in 1..=rounds {
        if dice.below(100) < DURING_START_PERCENT {
            let program = Program::start(&Program::demo_arguments(&mounted.data()));
            sleep(Duration::from_millis(dice.below(START_MILLISECONDS)));
            let tree = cut(&mounted, &mut dice, &mut taken);
            program.kill();
            drop(mounted);
            mounted = Mounted::new(tree);
            during_start += 1;
        }
        let (program, port) = Program::demo(&mounted.data());
        for client in &mut clients {
            client.turn_to(port);
            client.arrive().unwrap();
            client.check(client.found).unwrap();
        }
        if round % 10 == 0 {
            verify(&mounted.data());
        }
        let (mut tree, cutting) = (None, AtomicBool::new(false));
        std::thread::scope(|scope| {
            for client in &mut clients {
                scope.spawn(|| load(client, &cutting));
            }
            sleep(Duration::from_millis(dice.below(LOAD_MILLISECONDS)));
            cutting.store(true, Ordering::SeqCst);
            tree = Some(cut(&mounted, &mut dice, &mut taken));
            program.kill();
        });
        drop(mounted);
        mounted = Mounted::new(tree.unwrap());
    }
    let (program, port) = Program::demo(&mounted.data());
    for client in &mut clients {
        client.turn_to(port);
        client.arrive().unwrap();
        client.finish().unwrap();
        client.check(0).unwrap();
    }
    assert_eq!(program.stop(), Some(0));
    let (entries, made) = exactly_once(&mounted.data(), &clients);
    let acknowledged: usize = clients.iter().map(|client| client.acknowledged.len()).sum();
    let logins: usize = clients.iter().map(|client| client.logins).sum();
    println!(
        "power cuts: {rounds} rounds and {during_start} during the start, {acknowledged} acknowledged {made:?}, {acknowledged} found, 0 lost of {entries} entries; {} sectors and {} names were at risk, {logins} new logins, {} s",
        taken.sectors,
        taken.names,
        started.elapsed().as_secs()
    );
    assert!(acknowledged > rounds && taken.sectors > rounds && taken.names > 0);
}
