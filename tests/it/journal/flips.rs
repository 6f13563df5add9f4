//! Every single bit of a small journal, flipped: the audit must find each, under the verdict that
//! docs/format.md gives for its place.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    path::{Path, PathBuf},
};

use ostoja::kernel::journal::{
    frame::{Frame, candidates, read_frame},
    segment::{SealSector, SegmentHead},
    verify::{Options, Verdict, verify},
};

use super::memory::Memory;
use crate::format::make;

/// A region of a file and the verdicts of which one must be among those found.
type Region = (Range<usize>, Vec<Verdict>);

/// Small enough that every bit can be tried, with everything in it that the format has.
fn small() -> (tempfile::TempDir, Memory) {
    let directory = tempfile::tempdir().unwrap();
    make::make(&directory.path().join("data"), 5_120);
    let memory = Memory::of(&directory.path().join("data"));
    (directory, memory)
}

fn audit(memory: &Memory) -> BTreeSet<Verdict> {
    let report = verify(memory, Path::new("/"), &Options::default()).unwrap();
    report.findings.iter().map(|finding| finding.verdict).collect()
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

/// What a share of the flips came to.
#[derive(Default)]
struct Tally {
    flips: u64,
    by_verdict: BTreeMap<Verdict, u64>,
    wrong: Vec<String>,
}

fn flip_share(mut memory: Memory, bits: &[(PathBuf, usize, Vec<Verdict>)]) -> Tally {
    let mut tally = Tally::default();
    for (path, bit, expected) in bits {
        memory.flip(path, *bit);
        let found = audit(&memory);
        memory.flip(path, *bit);
        tally.flips += 1;
        match expected.iter().find(|verdict| found.contains(verdict)) {
            Some(verdict) => *tally.by_verdict.entry(*verdict).or_default() += 1,
            None => tally.wrong.push(format!(
                "{} bit {bit}: found {found:?}, expected one of {expected:?}",
                path.display()
            )),
        }
    }
    tally
}

#[test]
fn every_flipped_bit_is_found_under_its_verdict() {
    let (_directory, memory) = small();
    assert_eq!(audit(&memory), BTreeSet::new());
    let mut bits = Vec::new();
    for (path, regions) in regions(&memory) {
        for (range, expected) in regions {
            for bit in range.start * 8..range.end * 8 {
                bits.push((path.clone(), bit, expected.clone()));
            }
        }
    }
    let all: usize = memory.files().map(|(_, bytes)| bytes.len() * 8).sum();
    assert_eq!(bits.len(), all, "every bit once");
    let halves = bits.split_at(bits.len() / 2);
    let tallies: Vec<Tally> = std::thread::scope(|scope| {
        let threads = [halves.0, halves.1].map(|half| {
            let memory = memory.clone();
            scope.spawn(move || flip_share(memory, half))
        });
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let mut by_verdict: BTreeMap<&str, u64> = BTreeMap::new();
    for (verdict, count) in tallies.iter().flat_map(|tally| &tally.by_verdict) {
        *by_verdict.entry(verdict.name()).or_default() += count;
    }
    let wrong: Vec<&String> = tallies.iter().flat_map(|tally| &tally.wrong).collect();
    println!("{all} bits flipped in {} files: {by_verdict:?}", memory.files().count());
    assert!(wrong.is_empty(), "{} wrong, first {:#?}", wrong.len(), &wrong[..wrong.len().min(20)]);
}
