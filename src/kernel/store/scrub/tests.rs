//! The scrubber over a store on a real directory: what it finds, names, mends and leaves alone.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

use super::{BYTES_PER_SECOND, EVERY, Last, Repair, Scrubber, Turn};
use crate::kernel::{
    clock,
    durable::{Disk, RealDisk},
    journal::{
        frame::{candidates, read_frame},
        verify::{Options, verify},
    },
    paced::Pace,
    store::{
        Store,
        index::Batch,
        keys,
        record::{Record as _, RecordId as _},
        start::IndexChoice,
        tests::{Memo, MemoId, memo, open, put, put_file, town},
        view::VersionAt,
    },
};

/// A pace that waits for nothing, and what it would have waited.
fn pace() -> (Arc<Pace>, Arc<Mutex<Duration>>) {
    let waited = Arc::new(Mutex::new(Duration::ZERO));
    let heard = Arc::clone(&waited);
    let wait = Box::new(move |long| {
        *heard.lock().unwrap() += long;
        true
    });
    (Arc::new(Pace::new(BYTES_PER_SECOND, wait)), waited)
}

fn scrubber(store: &Arc<Store>, copies: &[PathBuf]) -> Scrubber {
    Scrubber::new(Arc::clone(store), copies.to_vec(), pace().0)
}

/// A whole pass.
fn scrub(store: &Arc<Store>, copies: &[PathBuf]) -> Last {
    let mut scrubber = scrubber(store, copies);
    for _ in 0..1_000 {
        if scrubber.turn().unwrap() == Turn::Finished {
            return scrubber.last().unwrap().clone();
        }
    }
    panic!("a pass has no end");
}

/// Some sealed segments, with files, and a copy of the directory at that moment.
fn filled(entries: u128) -> (tempfile::TempDir, PathBuf, PathBuf) {
    let town = town();
    let data = town.path().join("data");
    let (store, _) = open(&data, IndexChoice::Sled);
    for n in 0..entries {
        let memo = memo(n % 40, &format!("memo {n} {}", "x".repeat(3_000)));
        if n % 20 == 0 {
            let staged = store.stage_blob(format!("plik {n}").repeat(50).as_bytes()).unwrap();
            put_file(&store, 1_000 + n, staged).wait().unwrap();
        }
        put(&store, &memo);
    }
    assert!(store.wait_signed(store.reader().length() - 1, Duration::from_secs(10)));
    store.close();
    drop(store);
    let copy = town.path().join("copy");
    copy_tree(&data, &copy);
    (town, data, copy)
}

fn copy_tree(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_tree(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

fn flip(path: &Path, byte: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[byte] ^= 0x10;
    fs::write(path, bytes).unwrap();
}

/// Names below `journal/` with an ending, in order.
fn names(data: &Path, ending: &str) -> Vec<String> {
    let names = RealDisk.names(&data.join("journal")).unwrap();
    names.into_iter().filter(|name| name.ends_with(ending)).collect()
}

fn first_file(folder: &Path) -> PathBuf {
    let name = RealDisk.names(folder).unwrap().into_iter().next().unwrap();
    let path = folder.join(name);
    if path.is_dir() { first_file(&path) } else { path }
}

/// Damage: the file below the data directory, and how it is done.
type Harm = (String, Box<dyn Fn(&Path)>);

fn harms(data: &Path) -> Vec<Harm> {
    let segment = format!("journal/{}", names(data, ".seg")[1]);
    let keys = format!("journal/{}", names(data, ".keys")[0]);
    let blob = first_file(&data.join("blobs"));
    let below = |path: &Path| path.strip_prefix(data).unwrap().to_str().unwrap().to_owned();
    let flipped = |at: usize| Box::new(move |path: &Path| flip(path, at)) as Box<dyn Fn(&Path)>;
    let gone = || Box::new(|path: &Path| fs::remove_file(path).unwrap()) as Box<dyn Fn(&Path)>;
    vec![
        (segment.clone(), flipped(20)),
        (segment.clone(), flipped(540)),
        (segment.clone(), flipped(1_030)),
        (segment.clone(), flipped(2_500)),
        (segment, gone()),
        (keys.clone(), flipped(12)),
        (keys.clone(), flipped(30)),
        (keys, gone()),
        (below(&blob), flipped(40)),
        (below(&blob), gone()),
        (String::new(), flipped(70)),
    ]
}

/// What was entered as a repair.
fn repairs(store: &Store) -> Vec<Repair> {
    let length = store.reader().length();
    let view = store.view();
    let of_entry = |seq| view.version::<Repair>(VersionAt { seq, body: 1 }).ok().flatten();
    let is_repair = |seq: &u64| view.entry(*seq).unwrap().0.action == "kernel.repair";
    (0..length).filter(is_repair).filter_map(of_entry).collect()
}

#[test]
fn each_damage_is_named_and_mended_beside_the_running_store() {
    let (_town, data, copy) = filled(110);
    let (store, _) = open(&data, IndexChoice::Sled);
    let quiet = scrub(&store, &[]);
    assert_eq!((quiet.found.as_slice(), quiet.mended), (&[][..], 0), "{quiet:?}");
    assert_eq!(quiet.entries, store.reader().length());
    for (file, harm) in harms(&data) {
        // A wider tile may have taken the place of the one that was there.
        let path = match file.as_str() {
            "" => first_file(&data.join("log/tile")),
            _ => data.join(&file),
        };
        let sound = fs::read(&path).unwrap();
        harm(&path);
        let named = scrub(&store, &[]);
        let is_tile_or_itself = named.mended == 1;
        if !is_tile_or_itself {
            assert!(
                named.found.iter().any(|found| found.file.as_ref() == Some(&file)),
                "{named:?}"
            );
            assert!(store.unwell().contains(&"damage"), "{file}");
            assert!(store.scrubbed.is_alarming());
        }
        let before = store.reader().length();
        let mended = scrub(&store, &[PathBuf::from("/nowhere"), copy.clone()]);
        assert_eq!(mended.found, [], "{file}");
        assert_eq!(mended.mended, u64::from(!is_tile_or_itself), "{file}: {:?}", repairs(&store));
        assert!(!store.unwell().contains(&"damage"), "{file}");
        assert_eq!(store.reader().length(), before + mended.mended, "a repair is an entry");
        if !file.ends_with(".keys") && !file.is_empty() {
            assert_eq!(fs::read(&path).unwrap(), sound, "{file}");
        }
        // Whoever reads sees the mended file.
        for seq in 0..before {
            let owned = store.reader().frame(seq).unwrap();
            crate::kernel::store::apply::open_entry(store.reader(), &owned).unwrap();
        }
    }
    let options = Options { in_use: true, ..Options::default() };
    let report = verify(&RealDisk, &data, &options).unwrap();
    assert!(report.is_ok(), "{:?}", report.findings);
    let (header, _) = store.view().entry(store.reader().length() - 1).unwrap();
    assert_eq!(header.action, "kernel.repair");
    store.close();
    // A start finds nothing to do.
    drop(store);
    let (store, report) = open(&data, IndexChoice::Sled);
    assert_eq!((report.cut, report.rebuilt), (0, false));
    store.close();
}

#[test]
fn a_damaged_frame_is_named_by_segment_byte_entry_and_body() {
    let (_town, data, _copy) = filled(60);
    let name = names(&data, ".seg")[0].clone();
    let path = data.join("journal").join(&name);
    let bytes = fs::read(&path).unwrap();
    let frame = candidates(&bytes, 512).filter_map(|at| read_frame(&bytes, at)).nth(4).unwrap();
    let keys = data.join("journal").join(name.replace(".seg", ".keys"));
    let slot = 24 + 32 * (frame.slot_first as usize + 1);
    let (store, _) = open(&data, IndexChoice::Sled);
    flip(&path, frame.bodies[0].start + 3);
    let found = scrub(&store, &[]).found;
    let at = |found: &super::Found| (found.file.clone(), found.byte, found.seq, found.body);
    let seq = Some(frame.header.seq);
    assert_eq!(found[0].verdict, "damaged body");
    let segment = Some(format!("journal/{name}"));
    assert_eq!(at(&found[0]), (segment, Some(frame.start as u64), seq, None));
    fs::write(&path, &bytes).unwrap();

    flip(&keys, slot);
    let found = scrub(&store, &[]).found;
    let lost = found.iter().find(|found| found.verdict == "text lost").unwrap();
    let file = Some(format!("journal/{}", name.replace(".seg", ".keys")));
    assert_eq!(at(lost), (file, None, seq, Some(1)));
    store.close();
}

#[test]
fn a_copy_of_another_log_and_a_copy_that_was_changed_are_refused() {
    let (_town, data, copy) = filled(60);
    let (_other_town, _other, other) = filled(60);
    let name = names(&data, ".seg")[0].clone();
    let (store, _) = open(&data, IndexChoice::Sled);
    let path = data.join("journal").join(&name);
    let theirs = copy.join("journal").join(&name);
    let sound = fs::read(&theirs).unwrap();
    // With its sum made right again, a frame is good by itself; only its leaf is another.
    let frame = candidates(&sound, 512).filter_map(|at| read_frame(&sound, at)).nth(3).unwrap();
    let mut forged = sound.clone();
    forged[frame.start + 40 + 4] ^= 1;
    let sum_at = frame.bodies.last().unwrap().end;
    let sum = crc32fast::hash(&forged[frame.start..sum_at]).to_le_bytes();
    forged[sum_at..sum_at + 4].copy_from_slice(&sum);
    flip(&path, frame.start + 50);
    for bytes in [forged, sound[..sound.len() - 512].to_vec(), vec![0; 100]] {
        fs::write(&theirs, bytes).unwrap();
        let refused = scrub(&store, &[copy.clone(), other.clone()]);
        assert_eq!(refused.mended, 0);
        assert!(
            refused
                .found
                .iter()
                .any(|found| found.file.as_ref().is_some_and(|it| it.ends_with(&name)))
        );
    }
    fs::write(&theirs, sound).unwrap();
    assert_eq!(scrub(&store, &[other.clone(), copy]).mended, 1);
    // Keys of another log open nothing.
    let keys = data.join("journal").join(name.replace(".seg", ".keys"));
    let before = fs::read(&keys).unwrap();
    flip(&keys, 100);
    assert_eq!(scrub(&store, &[other]).mended, 0);
    fs::write(keys, before).unwrap();
    store.close();
}

#[test]
fn a_pass_goes_on_after_a_restart_and_the_next_one_comes_a_week_later() {
    let (_town, data, _copy) = filled(110);
    let (store, _) = open(&data, IndexChoice::Sled);
    let (whole_pace, waited) = pace();
    let mut scrubber = Scrubber::new(Arc::clone(&store), Vec::new(), Arc::clone(&whole_pace));
    assert!(scrubber.is_due());
    let mut turns = 1;
    while scrubber.turn().unwrap() != Turn::Finished {
        turns += 1;
    }
    assert!(turns > 4 && !scrubber.is_due());
    let nanos = u128::from(whole_pace.read()) * 1_000_000_000 / u128::from(BYTES_PER_SECOND);
    let short = nanos.saturating_sub(waited.lock().unwrap().as_nanos());
    assert!(short < 25_000_000, "it read faster than it may, by {short} ns");
    store.clock().set(store.clock().now() + EVERY - Duration::from_secs(1));
    assert!(!scrubber.is_due());
    store.clock().set(store.clock().now() + Duration::from_secs(1));
    assert!(scrubber.is_due());
    drop(scrubber);

    // Every turn by another scrubber reads no more than one scrubber does.
    let mut read = 0;
    let mut more = 0;
    loop {
        let (pace, _) = pace();
        let mut scrubber = Scrubber::new(Arc::clone(&store), Vec::new(), Arc::clone(&pace));
        more += 1;
        let turn = scrubber.turn().unwrap();
        read += pace.read();
        if turn == Turn::Finished {
            assert_eq!(scrubber.last().unwrap().found, []);
            break;
        }
    }
    assert_eq!(more, turns, "as many turns");
    assert!(read < whole_pace.read() * 11 / 10, "{read} and {}", whole_pace.read());
    // What is damaged is begun anew, and costs nothing else.
    flip(&data.join("scrub/state"), 9);
    assert!(Scrubber::new(Arc::clone(&store), Vec::new(), pace().0).is_due());
    store.close();
}

#[test]
fn a_stop_is_heard_in_the_middle_and_no_turn_is_half_kept() {
    let (_town, data, _copy) = filled(60);
    let (store, _) = open(&data, IndexChoice::Memory);
    let pace = Arc::new(Pace::new(1, Box::new(|_long| false)));
    let mut scrubber = Scrubber::new(Arc::clone(&store), Vec::new(), pace);
    assert_eq!(scrubber.turn().unwrap(), Turn::Stopped);
    assert!(!data.join("scrub/state").exists() && scrubber.is_due());
    store.close();
}

#[test]
fn nothing_is_found_beside_a_writer() {
    let (_town, data, _copy) = filled(60);
    let (store, _) = open(&data, IndexChoice::Sled);
    std::thread::scope(|scope| {
        let writing = scope.spawn(|| {
            for n in 0..400u128 {
                put(&store, &memo(n % 30, &format!("{} {}", n % 7, "y".repeat(1_000))));
            }
        });
        let mut passes = 0;
        while !writing.is_finished() {
            let last = scrub(&store, &[]);
            assert_eq!((last.found.as_slice(), last.more), (&[][..], 0));
            passes += 1;
        }
        assert!(passes > 0);
    });
    store.close();
}

#[test]
fn each_difference_of_the_index_is_found_and_the_index_made_again() {
    let (_town, data, _copy) = filled(60);
    let (store, _) = open(&data, IndexChoice::Sled);
    let primary = keys::primary(Memo::KIND, &MemoId(uuid::Uuid::from_u128(3)).to_bytes());
    let rows = |table: u8| store.index().range(&[table], Some(&[table + 1]), 3).unwrap();
    let extra = |table: u8| [&rows(table)[0].0[..], &[7]].concat();
    let other =
        store.index().get(&keys::primary(Memo::KIND, &MemoId(uuid::Uuid::from_u128(5)).to_bytes()));
    let other = other.unwrap().unwrap();
    let harms: Vec<(&str, Vec<u8>, Option<Vec<u8>>)> = vec![
        ("a row changed", primary.clone(), Some(other)),
        ("a row gone", primary, None),
        ("a list's row gone", rows(2)[1].0.clone(), None),
        ("a list's row changed", rows(2)[1].0.clone(), Some(vec![0xa0])),
        ("a version gone", rows(3)[1].0.clone(), None),
        ("a list's row too many", extra(2), Some(rows(2)[0].1.clone())),
        ("a version too many", extra(3), Some(Vec::new())),
        ("a row too many", extra(1), Some(rows(1)[0].1.clone())),
        ("a submission too many", [&[4], &[9; 32][..]].concat(), Some(rows(2)[0].1.clone())),
        ("an entry about nobody", [&[5], &[9; 24][..]].concat(), Some(Vec::new())),
        ("a table of nobody", vec![9, 9], Some(vec![1])),
    ];
    for (what, key, value) in harms {
        store.index().apply(&Batch::from([(key.clone(), value)])).unwrap();
        let last = scrub(&store, &[]);
        assert!(last.found.iter().any(|found| found.verdict == "index"), "{what}: {last:?}");
        assert!(last.found.iter().all(|found| found.verdict == "index"), "{what}: {last:?}");
        for _ in 0..500 {
            if store.unwell().is_empty() {
                break;
            }
            std::thread::park_timeout(Duration::from_millis(20));
        }
        assert_eq!(store.unwell(), Vec::<&str>::new(), "{what}");
        assert_eq!(store.check_index().unwrap().differences, Vec::<String>::new(), "{what}");
        assert_eq!(scrub(&store, &[]).found, [], "{what}");
    }
    let state = fs::read(data.join("scrub/state")).unwrap();
    assert!(!state.windows(4).any(|word| word == b"memo"), "a row's text was written down");
    assert!(clock::to_ms(store.clock().now()) > 0);
    store.close();
}
