//! Scratch on a real directory.

use std::{fs, path::PathBuf, time::Duration};

use super::{Class, Owner, Scratch, ScratchFull};
use crate::kernel::{
    clock::Clock,
    identity::PersonId,
    limits::{SCRATCH_BYTES_PER_OWNER, SCRATCH_ITEMS_PER_OWNER},
};

const HOUR: Duration = Duration::from_secs(3600);

struct Town {
    directory: tempfile::TempDir,
    clock: Clock,
}

impl Town {
    fn new() -> Town {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join("secrets")).unwrap();
        fs::write(directory.path().join("secrets/scratch.key"), [9; 32]).unwrap();
        Town { directory, clock: Clock::standing("2026-11-21T12:00:00Z".parse().unwrap()) }
    }

    fn open(&self) -> Scratch {
        Scratch::open(self.directory.path(), self.clock.clone()).unwrap()
    }

    fn pass(&self, time: Duration) {
        self.clock.set(self.clock.now() + jiff::SignedDuration::try_from(time).unwrap());
    }

    fn files(&self, class: &str) -> Vec<PathBuf> {
        let directory = self.directory.path().join("scratch").join(class);
        fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect()
    }
}

fn anna() -> Owner {
    Owner::Person(PersonId(uuid::Uuid::from_u128(1)))
}

fn stranger() -> Owner {
    Owner::Session([2; 32])
}

#[test]
fn an_item_is_there_for_its_owner_alone_also_after_a_restart() {
    let town = Town::new();
    let large = vec![5; 3 << 20];
    let scratch = town.open();
    scratch.put(Class::Draft, "tree", &anna(), b"two oaks", HOUR).unwrap();
    scratch.put(Class::Upload, "photo", &anna(), &large, HOUR).unwrap();
    for scratch in [scratch, town.open()] {
        assert_eq!(scratch.get(Class::Draft, "tree", &anna()).unwrap(), b"two oaks");
        assert_eq!(scratch.get(Class::Upload, "photo", &anna()).unwrap(), large);
        assert_eq!(scratch.get(Class::Draft, "tree", &stranger()), None);
        assert_eq!(scratch.get(Class::Form, "tree", &anna()), None);
        assert_eq!(scratch.list(Class::Draft, &stranger()), []);
        let listed = scratch.list(Class::Upload, &anna());
        assert_eq!((listed.len(), listed[0].id.as_str(), listed[0].bytes), (1, "photo", 3 << 20));
        assert_eq!((scratch.size().items, scratch.size().bytes), (2, (3 << 20) + 8));
    }
}

#[test]
fn nothing_readable_is_on_the_disk() {
    let town = Town::new();
    town.open().put(Class::Draft, "Kowalska", &anna(), b"Kowalska", HOUR).unwrap();
    for path in town.files("draft") {
        let bytes = fs::read(&path).unwrap();
        assert!(!bytes.windows(8).any(|window| window == b"Kowalska"));
        assert!(!path.to_string_lossy().contains("Kowalska"));
    }
}

#[test]
fn a_later_put_replaces_and_a_full_one_leaves_what_was_there() {
    let town = Town::new();
    let scratch = town.open();
    scratch.put(Class::Draft, "d", &anna(), b"first", HOUR).unwrap();
    scratch.put(Class::Draft, "d", &anna(), b"second", HOUR).unwrap();
    let too_large = vec![0; (1 << 20) + 1];
    assert_eq!(scratch.put(Class::Draft, "d", &anna(), &too_large, HOUR), Err(ScratchFull::Item));
    assert_eq!(scratch.get(Class::Draft, "d", &anna()).unwrap(), b"second");
    assert_eq!(town.files("draft").len(), 1);
}

#[test]
fn an_owner_has_quotas_and_removing_gives_room_again() {
    let town = Town::new();
    let scratch = town.open();
    let megabytes = vec![1; 10 << 20];
    let fit = usize::try_from(SCRATCH_BYTES_PER_OWNER / (10 << 20)).unwrap();
    for n in 0..fit {
        scratch.put(Class::Upload, &n.to_string(), &anna(), &megabytes, HOUR).unwrap();
    }
    let one_more = |owner: Owner| scratch.put(Class::Upload, "more", &owner, &megabytes, HOUR);
    assert_eq!(one_more(anna()), Err(ScratchFull::Owner));
    assert_eq!(one_more(stranger()), Ok(()));
    // Replacing one's own file is not more.
    scratch.put(Class::Upload, "0", &anna(), &megabytes, HOUR).unwrap();
    assert!(scratch.remove(Class::Upload, "1", &anna()));
    assert_eq!(one_more(anna()), Ok(()));
    assert_eq!(scratch.remove_all(&anna(), None), fit);
    for n in 0..SCRATCH_ITEMS_PER_OWNER {
        scratch.put(Class::Draft, &n.to_string(), &anna(), b"x", HOUR).unwrap();
    }
    assert_eq!(scratch.put(Class::Draft, "more", &anna(), b"x", HOUR), Err(ScratchFull::Owner));
    assert_eq!(town.files("upload").len(), 1);
}

#[test]
fn a_flood_of_ceremonies_leaves_room_for_drafts() {
    let town = Town::new();
    let scratch = town.open();
    let flood = (0..u32::MAX).find(|n| {
        let mut owner = [0; 32];
        owner[..4].copy_from_slice(&n.to_le_bytes());
        scratch.put(Class::Ceremony, "login", &Owner::Session(owner), b"x", HOUR).is_err()
    });
    assert_eq!(flood, Some(5_000));
    scratch.put(Class::Draft, "d", &anna(), b"x", HOUR).unwrap();
    scratch.put(Class::Session, "s", &anna(), b"x", HOUR).unwrap();
}

#[test]
fn what_is_out_of_time_is_gone_and_swept() {
    let town = Town::new();
    let scratch = town.open();
    scratch.put(Class::Ceremony, "login", &stranger(), b"x", Duration::from_secs(300)).unwrap();
    scratch.put(Class::Draft, "d", &anna(), b"x", HOUR).unwrap();
    town.pass(Duration::from_secs(299));
    assert!(scratch.get(Class::Ceremony, "login", &stranger()).is_some());
    town.pass(Duration::from_secs(1));
    assert_eq!(scratch.get(Class::Ceremony, "login", &stranger()), None);
    assert_eq!(scratch.list(Class::Ceremony, &stranger()), []);
    assert_eq!((town.files("ceremony").len(), scratch.sweep()), (1, 1));
    assert_eq!(town.files("ceremony").len(), 0);
    town.pass(HOUR);
    let scratch = town.open();
    assert_eq!((scratch.size().items, town.files("draft").len()), (0, 0));
}

#[test]
fn what_was_there_before_the_start_is_told_from_what_came_since() {
    let town = Town::new();
    town.open().put(Class::Upload, "old", &anna(), b"x", HOUR).unwrap();
    let scratch = town.open();
    scratch.put(Class::Upload, "new", &anna(), b"x", HOUR).unwrap();
    let list = scratch.list(Class::Upload, &anna());
    let told: Vec<_> = list.iter().map(|item| (item.id.as_str(), item.is_inherited)).collect();
    assert_eq!(told, [("new", false), ("old", true)]);
    scratch.put(Class::Upload, "old", &anna(), b"y", HOUR).unwrap();
    assert!(scratch.list(Class::Upload, &anna()).iter().all(|item| !item.is_inherited));
}

#[test]
fn of_many_who_take_at_once_one_gets_it() {
    let town = Town::new();
    let scratch = town.open();
    for round in 0..50 {
        let id = round.to_string();
        scratch.put(Class::Ceremony, &id, &stranger(), b"challenge", HOUR).unwrap();
        let got = std::thread::scope(|scope| {
            let takers: Vec<_> = (0..4)
                .map(|_| scope.spawn(|| scratch.take(Class::Ceremony, &id, &stranger())))
                .collect();
            takers.into_iter().filter_map(|taker| taker.join().unwrap()).count()
        });
        assert_eq!(got, 1);
    }
}

#[test]
fn a_damaged_file_is_an_absent_item() {
    let town = Town::new();
    let put = |id: &str| {
        let scratch = town.open();
        scratch.put(Class::Upload, id, &anna(), b"text of a file", HOUR).unwrap();
        let path = town.files("upload").pop().unwrap();
        let bytes = fs::read(&path).unwrap();
        (path, bytes)
    };
    let (path, bytes) = put("f");
    for bit in 0..bytes.len() * 8 {
        let mut bad = bytes.clone();
        bad[bit / 8] ^= 1 << (bit % 8);
        fs::write(&path, &bad).unwrap();
        assert_eq!(town.open().get(Class::Upload, "f", &anna()), None, "bit {bit}");
    }
    for length in 0..bytes.len() {
        fs::write(&path, &bytes[..length]).unwrap();
        assert_eq!(town.open().get(Class::Upload, "f", &anna()), None, "length {length}");
    }
    // Found damaged at the first read, while running.
    fs::write(&path, &bytes).unwrap();
    let scratch = town.open();
    let mut bad = bytes.clone();
    *bad.last_mut().unwrap() ^= 1;
    fs::write(&path, &bad).unwrap();
    assert_eq!(scratch.get(Class::Upload, "f", &anna()), None);
    assert_eq!((scratch.size().items, scratch.list(Class::Upload, &anna()).len()), (0, 0));
}

#[test]
fn a_file_under_another_name_or_in_another_directory_is_not_believed() {
    let town = Town::new();
    let scratch = town.open();
    scratch.put(Class::Draft, "mine", &anna(), b"mine", HOUR).unwrap();
    let mine = town.files("draft").pop().unwrap();
    scratch.put(Class::Draft, "theirs", &stranger(), b"theirs", HOUR).unwrap();
    let theirs = town.files("draft").into_iter().find(|path| *path != mine).unwrap();
    fs::copy(&theirs, &mine).unwrap();
    fs::copy(&theirs, town.directory.path().join("scratch/form").join(theirs.file_name().unwrap()))
        .unwrap();
    let scratch = town.open();
    assert_eq!(scratch.get(Class::Draft, "mine", &anna()), None);
    assert_eq!(scratch.get(Class::Form, "theirs", &stranger()), None);
    assert_eq!(scratch.get(Class::Draft, "theirs", &stranger()).unwrap(), b"theirs");
}

#[test]
fn a_draft_begun_as_a_stranger_can_be_handed_over() {
    let town = Town::new();
    let scratch = town.open();
    scratch.put(Class::Draft, "d", &stranger(), b"x", HOUR).unwrap();
    scratch.hand_over(Class::Draft, &stranger(), &anna());
    assert_eq!(scratch.get(Class::Draft, "d", &anna()).unwrap(), b"x");
    assert_eq!(scratch.get(Class::Draft, "d", &stranger()), None);
}
