//! The real program, killed without warning a hundred times: while it serves several clients who write,
//! and while it starts. Whatever was acknowledged is there afterwards, exactly once; what was not, can
//! be sent again with the same key.

use std::{
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    thread::sleep,
    time::{Duration, Instant},
};

use crate::{
    disks::{
        client::{Client, Work, enter, load},
        dice::{Dice, seed},
        judge::{exactly_once, verify},
    },
    support::{Program, root, tool},
};

/// As many as the environment variable `OSTOJA_KILL_ROUNDS` says, or these.
const ROUNDS: usize = 100;
/// In so many of a hundred rounds it dies before it has opened its door.
const DURING_START_PERCENT: u64 = 20;
/// Longest load before a kill: most are short, and some are long enough to file photos.
const LOAD_MILLISECONDS: [u64; 4] = [200, 200, 200, 1_500];

/// What was found after the kills of one phase.
#[derive(Default)]
struct Phase {
    kills: usize,
    /// Acknowledged since the kill before, and looked for after this one.
    found: usize,
}

#[test]
fn a_hundred_kills_lose_nothing_that_was_acknowledged() {
    let rounds = std::env::var("OSTOJA_KILL_ROUNDS").ok().and_then(|text| text.parse().ok());
    let rounds = rounds.unwrap_or(ROUNDS);
    let seed = seed();
    println!("seed {seed}");
    let mut dice = Dice(seed);
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let mut clients = [Work::Notices, Work::Notices, Work::Trees, Work::Trees].map(Client::new);
    enter(&data, &mut clients);

    let (mut serving, mut starting) = (Phase::default(), Phase::default());
    let started = Instant::now();
    for round in 1..=rounds {
        let dies_at_start = dice.below(100) < DURING_START_PERCENT;
        if dies_at_start {
            let program = Program::start(&Program::demo_arguments(&data));
            sleep(Duration::from_millis(dice.below(400)));
            program.kill();
            starting.kills += 1;
        }
        let (program, port) = Program::demo(&data);
        let phase = if dies_at_start { &mut starting } else { &mut serving };
        for client in &mut clients {
            client.turn_to(port);
            client.arrive().unwrap();
            phase.found += client.acknowledged.len() - client.found;
            client.check(client.found).unwrap();
        }
        if round % 10 == 0 {
            verify(&data);
        }
        let killed = AtomicBool::new(false);
        let longest = LOAD_MILLISECONDS[round % LOAD_MILLISECONDS.len()];
        std::thread::scope(|scope| {
            for client in &mut clients {
                scope.spawn(|| load(client, &killed));
            }
            sleep(Duration::from_millis(dice.below(longest)));
            killed.store(true, Ordering::SeqCst);
            program.kill();
        });
        serving.kills += 1;
    }
    settle(&data, &mut clients);
    let acknowledged: usize = clients.iter().map(|client| client.acknowledged.len()).sum();
    let logins: usize = clients.iter().map(|client| client.logins).sum();
    let files = clients.iter().flat_map(|client| &client.acknowledged).filter(|one| one.with_files);
    let files = files.count();
    // A loss would have ended the test where it was seen.
    println!(
        "kill -9: {rounds} rounds, {acknowledged} acknowledged ({files} with files), {acknowledged} found, 0 lost; while serving: {} kills, {} found after; while starting: {} kills, {} found after; {logins} new logins, {} s",
        serving.kills,
        serving.found,
        starting.kills,
        starting.found,
        started.elapsed().as_secs()
    );
    assert!(
        acknowledged > rounds && files >= rounds.min(ROUNDS) / 25,
        "hardly anything was written: {acknowledged}, {files} with files"
    );
}

/// What was under way is sent to its end; then everything is there, exactly once, and both verifiers
/// accept the journal.
fn settle(data: &Path, clients: &mut [Client; 4]) {
    let (program, port) = Program::demo(data);
    for client in clients.iter_mut() {
        client.turn_to(port);
        client.arrive().unwrap();
        client.finish().unwrap();
        client.check(0).unwrap();
    }
    assert_eq!(program.stop(), Some(0));
    let reader = root().join("tests/tools/journal_reader.py");
    let (said, code) =
        tool("python3", &[reader.as_os_str(), "verify".as_ref(), data.as_os_str()], b"");
    assert_eq!(code, 0, "{said}");
    let (entries, made) = exactly_once(data, clients);
    println!("{entries} entries, {made:?} of them under load");
}
