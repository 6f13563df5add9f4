//! The judgement at the end: what was acknowledged is in the journal exactly once, nothing else of ours
//! is, the index is what the journal gives, and our verifier accepts every byte.

use std::path::Path;

use ostoja::{
    kernel::store::start::{self, StoreSettings},
    services,
};

use super::client::{Client, Work};
use crate::support::Program;

/// `ostoja log verify` finds nothing.
pub fn verify(data: &Path) {
    let (out, err, code) =
        Program::run(&["log".as_ref(), "verify".as_ref(), "--dir".as_ref(), data.as_os_str()]);
    assert_eq!(code, 0, "log verify: {out}{err}");
}

/// As the program opens it with `--segment-bytes 262144`.
pub fn settings() -> StoreSettings {
    StoreSettings { segment_bytes: 262_144, ..StoreSettings::default() }
}

/// Opens the data directory of a program that has stopped. Gives how many entries there are, and how many
/// of these clients' sorts were made.
pub fn exactly_once(data: &Path, clients: &[Client]) -> (usize, [usize; 2]) {
    verify(data);
    let (store, _) = start::open(data, &services::kinds(), &settings()).unwrap();
    let actions: Vec<String> =
        (0..store.reader().length()).map(|seq| store.view().entry(seq).unwrap().0.action).collect();
    let (mut expected, mut made) = ([0, 0], [0, 0]);
    for client in clients {
        expected[usize::from(client.work == Work::Trees)] += client.acknowledged.len();
    }
    // The demonstration wrote some of its own before the first of ours.
    let ours = actions.iter().position(|action| action == "people.accept").unwrap();
    for action in &actions[ours..] {
        match action.as_str() {
            "notices.write" => made[0] += 1,
            "trees.file" => made[1] += 1,
            _ => {}
        }
    }
    assert_eq!(made, expected, "notices and cases: each was to be entered exactly once");
    assert_eq!(store.check_index().unwrap().differences, Vec::<String>::new());
    store.close();
    (actions.len(), made)
}
