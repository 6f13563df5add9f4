//! The index is gone, or its disk is: while the program runs, and before it starts.

use std::time::{Duration, Instant};

use ostoja::{kernel::store::start, services};

use super::{
    client::clerk_and_resident,
    judge::{exactly_once, settings},
    mounted::Mounted,
    stage::Stage,
    tree::Tree,
};
use crate::support::Program;

/// The program asks its disk every 30 s whether it takes an index again.
const PATIENCE: Duration = Duration::from_secs(90);

#[test]
fn without_a_disk_for_the_index_everything_goes_on() {
    let mounted = match Mounted::try_new(Tree::new()) {
        Ok(mounted) => mounted,
        Err(why) => return println!("UNTESTED: an index whose disk is gone: {why}"),
    };
    let mut clients = clerk_and_resident(&mounted.data());
    let mut stage = Stage::enter(Program::demo(&mounted.data()), &mut clients);
    stage.play().unwrap();

    mounted.disk().break_below(Some("data/index"));
    stage.play().unwrap();
    stage.program.wait_for_line("one in memory stands in");
    stage.play().unwrap();
    let asked = stage.apologies.values().sum::<usize>();
    println!("while it broke, {asked} pages apologised: {:?}", stage.apologies);
    assert_eq!(stage.program.stop(), Some(0));

    // The same at the start; `/healthz` says so.
    let (store, _) = start::open(&mounted.data(), &services::kinds(), &settings()).unwrap();
    assert_eq!(store.unwell(), ["index"]);
    store.close();
    drop(store);
    let mut stage = Stage::enter(Program::demo(&mounted.data()), &mut clients);
    assert!(stage.program.said().contains("one in memory stands in"), "{}", stage.program.said());
    stage.settle();
    stage.play().unwrap();
    assert!(stage.apologies.is_empty(), "{:?}", stage.apologies);

    mounted.disk().break_below(None);
    let until = Instant::now() + PATIENCE;
    while !stage.program.said().contains("the index is on the disk again") {
        assert!(Instant::now() < until, "{}", stage.program.said());
        std::thread::sleep(Duration::from_millis(100));
    }
    stage.play().unwrap();
    assert_eq!(stage.program.stop(), Some(0));
    exactly_once(&mounted.data(), &clients);
}

#[test]
fn an_index_that_somebody_removed_is_made_again() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let mut clients = clerk_and_resident(&data);
    let mut stage = Stage::enter(Program::demo(&data), &mut clients);
    stage.play().unwrap();
    std::fs::remove_dir_all(data.join("index")).unwrap();
    stage.play().unwrap();
    stage.play().unwrap();
    stage.program.kill();
    let mut stage = Stage::enter(Program::demo(&data), &mut clients);
    stage.settle();
    assert_eq!(stage.program.stop(), Some(0));
    exactly_once(&data, &clients);
}
