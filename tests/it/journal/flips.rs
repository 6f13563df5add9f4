//! Every single bit of a small journal, flipped: our audit and the independent reader must both find
//! each, under the verdict that docs/format.md gives for its place, and must not differ.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
};

use ostoja::kernel::journal::{
    frame::{Frame, candidates, read_frame},
    segment::{SealSector, SegmentHead},
    verify::{Options, Verdict, verify},
};

use super::{memory::Memory, python};
use crate::format::make;

/// A region of a file and the verdicts of which one must be among those found.
type Region = (Range<usize>, Vec<Verdict>);

/// Names of verdicts.
type Names = BTreeSet<String>;

/// For each file, what was found for each of its bits.
type Sweep = BTreeMap<PathBuf, Vec<Arc<Names>>>;

fn audit(memory: &Memory) -> Names {
    let report = verify(memory, Path::new("/"), &Options::default()).unwrap();
    report.findings.iter().map(|finding| finding.verdict.name().to_owned()).collect()
}

/// Where in each file what lies.
fn regions(memory: &Memory) -> BTreeMap<PathBuf, Vec<Region>> {
    let whole = |verdict, length: usize| vec![(0..length, vec![verdict])];
    memory
        .files()
        .map(|(path, bytes)| {
            let name = path.to_string_lossy();
            let regions = if name.ends_with(".seg") {
                segment_regions(bytes)
            } else if name.ends_with(".keys") {
                whole(Verdict::KeysFile, bytes.len())
            } else if name.ends_with("/positions") {
                whole(Verdict::PositionHint, bytes.len())
            } else if name.starts_with("/log/tile") {
                whole(Verdict::Tile, bytes.len())
            } else if name.starts_with("/log") {
                whole(Verdict::Checkpoint, bytes.len())
            } else {
                assert!(name.starts_with("/blobs"), "{name}");
                whole(Verdict::DamagedBody, bytes.len())
            };
            (path.to_owned(), regions)
        })
        .collect()
}

fn segment_regions(bytes: &[u8]) -> Vec<Region> {
    let head = SegmentHead::decode(bytes).unwrap();
    let sealed = SealSector::decode(bytes, &head).seal().is_some();
    let frames: Vec<Frame> =
        candidates(bytes, 1024).filter_map(|at| read_frame(bytes, at)).collect();
    let mut regions = vec![
        (0..512, vec![Verdict::SegmentHeader]),
        // Of an unsealed segment, a seal sector that is not zero is no whole seal either.
        (512..1024, vec![Verdict::Seal]),
    ];
    let mut slots = BTreeSet::new();
    for (index, frame) in frames.iter().enumerate() {
        // Only the last group of an open segment may still be called torn.
        let last = !sealed && frames.get(index + 1).is_none();
        let or_torn = |verdict| {
            if last { vec![verdict, Verdict::NoFrame] } else { vec![verdict] }
        };
        let header_end = frame.start + 40 + frame.header.encode().len();
        let stored_end =
            frame.bodies.iter().map(|body| body.end).max().unwrap_or(header_end).max(header_end);
        regions.push((frame.start..header_end, or_torn(Verdict::DamagedHeader)));
        regions.push((header_end..stored_end, or_torn(Verdict::DamagedBody)));
        regions.push((stored_end..frame.end, or_torn(Verdict::DamagedHeader)));
        if !sealed {
            for slot in frame.slot_first..frame.slots_end() {
                let at = head.slot_offset(slot).unwrap();
                regions.push((at..at + 32, vec![Verdict::TextLost, Verdict::Torn]));
                slots.insert(slot);
            }
        }
    }
    if !sealed {
        let used = slots.last().map_or(0, |slot| slot + 1);
        for slot in (0..used).filter(|slot| !slots.contains(slot)) {
            let at = head.slot_offset(slot).unwrap();
            regions.push((at..at + 32, vec![Verdict::UnusedSlots]));
        }
    }
    // Zeros between and behind the frames: the next frame is not where it should be, or there is
    // none and bytes stand where none may.
    let mut gaps = Vec::new();
    regions.sort_by_key(|(range, _)| range.start);
    let mut at = 0;
    for (range, _) in &regions {
        if range.start > at {
            gaps.push((at..range.start, vec![Verdict::NoFrame, Verdict::DamagedHeader]));
        }
        at = at.max(range.end);
    }
    if at < bytes.len() {
        gaps.push((at..bytes.len(), vec![Verdict::NoFrame]));
    }
    regions.extend(gaps);
    regions
}

/// What our audit finds, two threads sharing the bits of each file.
fn ours(memory: &Memory) -> Sweep {
    let halves = [0, 1].map(|half| {
        let mut memory = memory.clone();
        move || {
            let lengths: Vec<(PathBuf, usize)> =
                memory.files().map(|(path, bytes)| (path.to_owned(), bytes.len() * 8)).collect();
            let mut found = Sweep::new();
            for (path, bits) in lengths {
                let share = if half == 0 { 0..bits / 2 } else { bits / 2..bits };
                let of_bit = |bit| {
                    memory.flip(&path, bit);
                    let names = audit(&memory);
                    memory.flip(&path, bit);
                    Arc::new(names)
                };
                let names = share.map(of_bit).collect();
                found.insert(path, names);
            }
            found
        }
    });
    std::thread::scope(|scope| {
        let [first, second] = halves.map(|half| scope.spawn(half));
        let mut sweep = first.join().unwrap();
        for (path, names) in second.join().unwrap() {
            sweep.get_mut(&path).unwrap().extend(names);
        }
        sweep
    })
}

/// A line of the reader's answer: bits of one file on which it found the same.
#[derive(serde::Deserialize)]
struct Run {
    file: String,
    from: usize,
    to: usize,
    verdicts: Names,
}

/// What the independent reader finds.
fn theirs(data: &Path) -> Sweep {
    let (good, said) = python("flips.py", &[data.as_ref()]);
    assert!(good, "{said}");
    let mut sweep = Sweep::new();
    for line in said.lines() {
        let run: Run = serde_json::from_str(line).unwrap();
        let bits = sweep.entry(Path::new("/").join(run.file)).or_default();
        assert_eq!(bits.len(), run.from, "no bit left out");
        bits.resize(run.to, Arc::new(run.verdicts));
    }
    sweep
}

/// What may be found beside the verdict of a place, by one and not by the other. The page gives each
/// place one verdict. A header that is not the one written takes with it what only it said: an order
/// to erase, an epoch, where the next frame is; a tile may be what an old checkpoint is held against.
/// How much of that an audit can still judge is its own affair.
const CONSEQUENCES: &[(Verdict, &[Verdict])] = &[
    (
        Verdict::DamagedHeader,
        &[
            Verdict::Chain,
            Verdict::Checkpoint,
            Verdict::Erasure,
            Verdict::ErasedWithoutGround,
            Verdict::ErasureUnfinished,
            Verdict::NoFrame,
            Verdict::PositionHint,
            Verdict::Tile,
        ],
    ),
    (Verdict::Tile, &[Verdict::Chain]),
];

/// The one verdict of the place, if both name it and they differ in nothing but consequences.
fn agreed(wanted: &[Verdict], ours: &Names, theirs: &Names) -> Option<Verdict> {
    let verdict = *wanted.iter().find(|verdict| ours.contains(verdict.name()))?;
    let free =
        CONSEQUENCES.iter().find(|(of, _)| *of == verdict).map_or(&[][..], |(_, free)| *free);
    let alike = ours
        .symmetric_difference(theirs)
        .all(|name| free.iter().any(|verdict| verdict.name() == name));
    (theirs.contains(verdict.name()) && alike).then_some(verdict)
}

/// Where the two do not agree: by what was found and wanted, so that a thousand bits of one kind are
/// one line; how many bits, and the first of them.
type Wrong = BTreeMap<(Arc<Names>, Arc<Names>, Vec<Verdict>), (usize, PathBuf, usize)>;

#[test]
fn every_flipped_bit_is_found_by_both_under_its_verdict() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    make::make_small(&data);
    let memory = Memory::of(&data);
    assert_eq!(audit(&memory), Names::new());
    let begin = std::time::Instant::now();
    let ours = ours(&memory);
    let ours_took = begin.elapsed();
    let theirs = theirs(&data);
    let theirs_took = begin.elapsed() - ours_took;

    let mut wrong = Wrong::new();
    let (mut counts, mut alike) = (BTreeMap::new(), 0);
    for (path, regions) in regions(&memory) {
        let (ours, theirs) = (&ours[&path], &theirs[&path]);
        let mut bits = 0;
        for (range, wanted) in regions {
            for bit in range.start * 8..range.end * 8 {
                bits += 1;
                let (our, their) = (&ours[bit], &theirs[bit]);
                alike += usize::from(our == their);
                if let Some(verdict) = agreed(&wanted, our, their) {
                    *counts.entry(verdict.name()).or_insert(0) += 1;
                } else {
                    let key = (Arc::clone(our), Arc::clone(their), wanted.clone());
                    wrong.entry(key).or_insert((0, path.clone(), bit)).0 += 1;
                }
            }
        }
        assert_eq!((bits, bits), (ours.len(), theirs.len()), "every bit of {}", path.display());
    }
    let all: usize = ours.values().map(Vec::len).sum();
    println!(
        "{all} bits in {} files, {alike} of them alike to the last word: {counts:?}",
        ours.len()
    );
    println!("our audit took {ours_took:.0?}, the independent reader {theirs_took:.0?}");
    let wrong: Vec<String> = wrong
        .iter()
        .map(|((ours, theirs, wanted), (count, path, bit))| {
            let path = path.display();
            format!("{count} bits, first {path} {bit}: ours {ours:?}, theirs {theirs:?}, wanted {wanted:?}")
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}
