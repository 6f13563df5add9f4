//! The witness against the page of the specification: every status, both histories of a log that
//! forks, requests that race, and a disk that fails at every single operation.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::kernel::{
    crypto::Hash,
    durable::{File, RealDisk},
    log::{
        note::Signer,
        tree::{Frontier, consistency_places, fold},
    },
};

const ORIGIN: &str = "gmina.example/log/1";

/// A log as a row of leaves.
struct Town {
    signer: Signer,
    leaves: Vec<Hash>,
}

impl Town {
    fn new(origin: &str, leaves: u64) -> Town {
        let signer = Signer::from_pkcs8(origin, &Signer::generate().unwrap()).unwrap();
        Town { signer, leaves: (0..leaves).map(|n| hash(&[&[0], &n.to_le_bytes()])).collect() }
    }

    fn root(&self, from: u64, to: u64) -> Hash {
        let mut frontier = Frontier::default();
        for leaf in &self.leaves[from as usize..to as usize] {
            frontier.push(*leaf);
        }
        frontier.root()
    }

    fn checkpoint(&self, size: u64) -> String {
        let origin = self.signer.verifier().name().to_owned();
        self.signer.sign(&Checkpoint { origin, size, root: self.root(0, size) }.text())
    }

    fn request(&self, old: u64, new: u64) -> ConsistencyProof {
        let groups = consistency_places(old, new).into_iter().map(|group| {
            let roots = group.into_iter().map(|place| {
                self.root(place.index << place.level, (place.index + 1) << place.level)
            });
            fold(&roots.collect::<Vec<_>>())
        });
        ConsistencyProof { old, hashes: groups.collect(), checkpoint: self.checkpoint(new) }
    }
}

fn cosigner() -> Cosigner {
    Cosigner::from_pkcs8("sąsiad.example/świadek", &Signer::generate().unwrap()).unwrap()
}

fn witness(directory: &Path, disk: Arc<dyn Disk>, towns: &[&Town]) -> Witness {
    let logs = towns.iter().map(|town| town.signer.verifier()).collect();
    Witness::new(disk, directory, cosigner(), logs)
}

fn status(answer: Result<String, Refused>) -> u16 {
    answer.map_or_else(|refused| refused.status(), |_| 200)
}

#[test]
fn it_cosigns_what_continues_and_remembers_it() {
    let directory = tempfile::tempdir().unwrap();
    let town = Town::new(ORIGIN, 300);
    let other = Town::new("inna.example/log/1", 9);
    let witness = witness(directory.path(), Arc::new(RealDisk), &[&town, &other]);
    let mut old = 0;
    for new in [0, 1, 1, 7, 64, 65, 255, 256, 257, 300, 300] {
        let line = witness.add_checkpoint(&town.request(old, new).to_text(), 1000 + new).unwrap();
        let note = format!("{}{line}", town.checkpoint(new));
        assert_eq!(witness.verifier().check(&note), Ok(1000 + new));
        // The log's own signature holds beside it.
        assert!(Checkpoint::open(&note, &town.signer.verifier()).is_ok());
        assert_eq!(witness.latest(ORIGIN).unwrap().unwrap().size, new);
        old = new;
    }
    // Logs are remembered apart.
    assert_eq!(witness.latest("inna.example/log/1").unwrap(), None);
    assert_eq!(status(witness.add_checkpoint(&other.request(0, 9).to_text(), 1)), 200);
    assert_eq!(witness.latest(ORIGIN).unwrap().unwrap().size, 300);
}

#[test]
fn every_refusal_has_its_status_and_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let town = Town::new(ORIGIN, 40);
    let stranger = Town::new("obca.example/log/1", 40);
    let impostor = Town::new(ORIGIN, 40);
    let mut fork = Town::new(ORIGIN, 40);
    fork.leaves[3] = [9; 32];
    fork.signer = Signer::from_pkcs8(ORIGIN, &Signer::generate().unwrap()).unwrap();
    let logs = vec![town.signer.verifier(), fork.signer.verifier()];
    let witness = Witness::new(Arc::new(RealDisk), directory.path(), cosigner(), logs);
    let ask = |request: &ConsistencyProof| witness.add_checkpoint(&request.to_text(), 1);
    assert_eq!(status(ask(&town.request(0, 20))), 200);

    let good = town.request(20, 31);
    let mut flipped = good.clone();
    flipped.hashes[1][7] ^= 1;
    let mut short = good.clone();
    short.hashes.pop();
    let mut long = good.clone();
    long.hashes.push([1; 32]);
    let mut swapped = good.clone();
    swapped.hashes.swap(0, 1);
    let mut padded = town.request(20, 20);
    padded.hashes.push([1; 32]);
    let mut backwards = good.clone();
    backwards.old = 32;
    let mut unsigned = good.clone();
    unsigned.checkpoint = impostor.checkpoint(31);
    let mut resized = good.clone();
    resized.checkpoint = good.checkpoint.replacen("\n31\n", "\n32\n", 1);
    for (what, request, expected) in [
        ("unknown origin", &stranger.request(0, 5), 404),
        ("the key of nobody", &unsigned, 403),
        ("another size under the old signature", &resized, 403),
        ("older than old", &backwards, 400),
        ("from nothing", &town.request(0, 31), 409),
        ("from too little", &town.request(19, 31), 409),
        ("from too much", &town.request(21, 31), 409),
        ("backwards", &town.request(10, 15), 409),
        ("the same size, another root", &fork.request(20, 20), 409),
        ("a second history", &fork.request(20, 31), 422),
        ("a hash flipped", &flipped, 422),
        ("a hash missing", &short, 422),
        ("a hash too many", &long, 422),
        ("hashes swapped", &swapped, 422),
        ("a proof where none belongs", &padded, 422),
    ] {
        assert_eq!(status(ask(request)), expected, "{what}");
        assert_eq!(witness.latest(ORIGIN).unwrap().unwrap().size, 20, "{what}");
    }
    assert!(matches!(ask(&town.request(0, 31)), Err(Refused::OtherSize(20))));
    for text in ["", "old 20\n", "old 20\n\n", "old 20\n\nabc\n", "old 20\n\na\n1\nb\n\n"] {
        assert_eq!(status(witness.add_checkpoint(text, 1)), 400, "{text:?}");
    }
    let endless = format!("old 20\n\n{}", "a".repeat(REQUEST_BYTES_MAX));
    assert_eq!(status(witness.add_checkpoint(&endless, 1)), 400);
    assert_eq!(status(ask(&good)), 200);
}

#[test]
fn no_request_with_a_bit_flipped_a_byte_lost_or_a_byte_more_is_cosigned() {
    let directory = tempfile::tempdir().unwrap();
    let town = Town::new(ORIGIN, 40);
    let witness = witness(directory.path(), Arc::new(RealDisk), &[&town]);
    assert_eq!(status(witness.add_checkpoint(&town.request(0, 21).to_text(), 1)), 200);
    let good = town.request(21, 37).to_text().into_bytes();
    let mut spoiled = Vec::new();
    for at in 0..good.len() {
        for bit in 0..8 {
            let mut flipped = good.clone();
            flipped[at] ^= 1 << bit;
            spoiled.push(flipped);
        }
        for byte in [b'\n', b' ', b'0', b'A', 0] {
            let mut more = good.clone();
            more.insert(at, byte);
            spoiled.push(more);
        }
        let mut less = good.clone();
        less.remove(at);
        spoiled.push(less);
        spoiled.push(good[..at].to_vec());
    }
    let mut statuses = BTreeMap::<u16, usize>::new();
    for request in spoiled.into_iter().filter(|request| *request != good) {
        // What is no UTF-8 does not come this far.
        let Ok(text) = String::from_utf8(request) else { continue };
        let status = status(witness.add_checkpoint(&text, 2));
        assert_ne!(status, 200, "{text}");
        *statuses.entry(status).or_default() += 1;
    }
    println!("{statuses:?}");
    assert_eq!(statuses.keys().copied().collect::<Vec<_>>(), [400, 403, 404, 409, 422]);
    assert_eq!(witness.latest(ORIGIN).unwrap().unwrap().size, 21);
    assert_eq!(status(witness.add_checkpoint(&String::from_utf8(good).unwrap(), 3)), 200);
}

#[test]
fn a_damaged_memory_is_never_taken_for_none() {
    let directory = tempfile::tempdir().unwrap();
    let town = Town::new(ORIGIN, 40);
    let witness = witness(directory.path(), Arc::new(RealDisk), &[&town]);
    assert_eq!(status(witness.add_checkpoint(&town.request(0, 20).to_text(), 1)), 200);
    let path = witness.path(ORIGIN);
    let good = std::fs::read(&path).unwrap();
    for bad in [Vec::new(), good[..good.len() / 2].to_vec(), {
        let mut flipped = good.clone();
        flipped[ORIGIN.len() + 2] ^= 1;
        flipped
    }] {
        std::fs::write(&path, bad).unwrap();
        for old in [0, 20] {
            let answer = witness.add_checkpoint(&town.request(old, 30).to_text(), 1);
            assert_eq!(status(answer), 500);
        }
    }
    std::fs::write(&path, good).unwrap();
    assert_eq!(status(witness.add_checkpoint(&town.request(20, 30).to_text(), 1)), 200);
}

#[test]
fn extension_lines_of_other_logs_are_cosigned_with_the_rest() {
    let directory = tempfile::tempdir().unwrap();
    let town = Town::new(ORIGIN, 4);
    let witness = witness(directory.path(), Arc::new(RealDisk), &[&town]);
    let plain = Checkpoint { origin: ORIGIN.to_owned(), size: 4, root: town.root(0, 4) }.text();
    let extended = town.signer.sign(&format!("{plain}more words\n"));
    let request = |checkpoint: &str, old| {
        ConsistencyProof { old, hashes: Vec::new(), checkpoint: checkpoint.to_owned() }.to_text()
    };
    let line = witness.add_checkpoint(&request(&extended, 0), 5).unwrap();
    assert_eq!(witness.verifier().check(&format!("{extended}{line}")), Ok(5));
    assert!(witness.verifier().check(&format!("{}{line}", town.signer.sign(&plain))).is_err());
    // An empty line ends the text of a note, so it is no extension.
    let empty = town.signer.sign(&format!("{plain}\nmore words\n"));
    assert_eq!(status(witness.add_checkpoint(&request(&empty, 4), 5)), 400);
}

/// Two requests from one state: exactly one is cosigned, and what is remembered never gets smaller.
#[test]
fn requests_that_race_are_taken_one_after_the_other() {
    let directory = tempfile::tempdir().unwrap();
    let town = Town::new(ORIGIN, 200);
    let witness = witness(directory.path(), Arc::new(RealDisk), &[&town]);
    for round in 0..20u64 {
        let old = round * 8;
        let cosigned: usize = std::thread::scope(|scope| {
            let ways = (1..=4).map(|more| {
                let request = town.request(old, old + 2 * more).to_text();
                let witness = &witness;
                scope.spawn(move || usize::from(witness.add_checkpoint(&request, 1).is_ok()))
            });
            let ways: Vec<_> = ways.collect();
            ways.into_iter().map(|way| way.join().unwrap()).sum()
        });
        assert_eq!(cosigned, 1, "round {round}");
        let now = witness.latest(ORIGIN).unwrap().unwrap().size;
        assert!(now > old, "round {round}");
        let next = town.request(now, old + 8).to_text();
        assert_eq!(status(witness.add_checkpoint(&next, 1)), 200);
    }
}

/// A disk whose operation number `fails` fails, and all after it: the witness died there.
struct Dying {
    left: Arc<AtomicUsize>,
}

impl Dying {
    fn step(left: &AtomicUsize) -> io::Result<()> {
        match left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)) {
            Ok(_) => Ok(()),
            Err(_) => Err(io::Error::other("the disk is gone")),
        }
    }
}

struct DyingFile(Arc<dyn File>, Arc<AtomicUsize>);

impl File for DyingFile {
    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.0.read_exact_at(buffer, offset)
    }
    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        Dying::step(&self.1)?;
        self.0.write_all_at(bytes, offset)
    }
    fn sync_data(&self) -> io::Result<()> {
        Dying::step(&self.1).and_then(|()| self.0.sync_data())
    }
    fn sync_all(&self) -> io::Result<()> {
        Dying::step(&self.1).and_then(|()| self.0.sync_all())
    }
    fn set_len(&self, bytes: u64) -> io::Result<()> {
        Dying::step(&self.1).and_then(|()| self.0.set_len(bytes))
    }
    fn len(&self) -> io::Result<u64> {
        self.0.len()
    }
}

impl Disk for Dying {
    fn open(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        Ok(Arc::new(DyingFile(RealDisk.open(path)?, Arc::clone(&self.left))))
    }
    fn create(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        Dying::step(&self.left)?;
        Ok(Arc::new(DyingFile(RealDisk.create(path)?, Arc::clone(&self.left))))
    }
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        RealDisk.read(path)
    }
    fn read_from_device(&self, path: &Path) -> io::Result<Vec<u8>> {
        RealDisk.read_from_device(path)
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        Dying::step(&self.left).and_then(|()| RealDisk.rename(from, to))
    }
    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        Dying::step(&self.left).and_then(|()| RealDisk.link(from, to))
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        Dying::step(&self.left).and_then(|()| RealDisk.remove(path))
    }
    fn sync_directory(&self, path: &Path) -> io::Result<()> {
        Dying::step(&self.left).and_then(|()| RealDisk.sync_directory(path))
    }
    fn create_directory(&self, path: &Path) -> io::Result<()> {
        Dying::step(&self.left).and_then(|()| RealDisk.create_directory(path))
    }
    fn names(&self, path: &Path) -> io::Result<Vec<String>> {
        RealDisk.names(path)
    }
    fn exists(&self, path: &Path) -> bool {
        RealDisk.exists(path)
    }
}

/// Whatever the disk does, a line goes out only for what is remembered, and the witness that starts
/// again takes up where the old one or the new one was.
#[test]
fn a_disk_that_fails_anywhere_releases_no_cosignature_that_is_not_remembered() {
    let town = Town::new(ORIGIN, 40);
    let mut refused = 0;
    for steps in 0.. {
        let directory = tempfile::tempdir().unwrap();
        let first = witness(directory.path(), Arc::new(RealDisk), &[&town]);
        assert_eq!(status(first.add_checkpoint(&town.request(0, 20).to_text(), 1)), 200);
        let dying = Arc::new(Dying { left: Arc::new(AtomicUsize::new(steps)) });
        let answer = witness(directory.path(), dying, &[&town])
            .add_checkpoint(&town.request(20, 30).to_text(), 1);
        let again = witness(directory.path(), Arc::new(RealDisk), &[&town]);
        let remembered = again.latest(ORIGIN).unwrap().unwrap().size;
        match &answer {
            Ok(_) => assert_eq!(remembered, 30, "{steps} operations"),
            Err(_) => assert!([20, 30].contains(&remembered), "{steps} operations"),
        }
        let next = town.request(remembered, 40).to_text();
        assert_eq!(status(again.add_checkpoint(&next, 1)), 200, "{steps} operations");
        if answer.is_ok() {
            break;
        }
        refused += 1;
    }
    // Create, write, sync, rename, sync of the directory.
    assert_eq!(refused, 5);
}

/// Anybody can repeat a public request; it costs no sync. After a failed one nothing is taken for stored.
#[test]
fn the_same_again_writes_only_what_is_not_known_to_be_stored() {
    let directory = tempfile::tempdir().unwrap();
    let town = Town::new(ORIGIN, 40);
    let left = Arc::new(AtomicUsize::new(5));
    let disk = Arc::new(Dying { left: Arc::clone(&left) });
    let witness = witness(directory.path(), disk, &[&town]);
    let again = town.request(20, 20).to_text();
    assert_eq!(status(witness.add_checkpoint(&town.request(0, 20).to_text(), 1)), 200);
    assert_eq!(left.load(Ordering::SeqCst), 0, "the disk is gone from here on");
    for _ in 0..3 {
        assert_eq!(status(witness.add_checkpoint(&again, 2)), 200);
    }
    // The name is there, but its directory was not synced: what is read now may be gone tomorrow.
    left.store(4, Ordering::SeqCst);
    assert_eq!(status(witness.add_checkpoint(&town.request(20, 30).to_text(), 3)), 500);
    assert_eq!(witness.latest(ORIGIN).unwrap().unwrap().size, 30);
    assert_eq!(status(witness.add_checkpoint(&town.request(30, 30).to_text(), 4)), 500);
    left.store(5, Ordering::SeqCst);
    assert_eq!(status(witness.add_checkpoint(&town.request(30, 30).to_text(), 5)), 200);
    assert_eq!(left.load(Ordering::SeqCst), 0);
}
