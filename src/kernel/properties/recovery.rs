//! A start on whatever a last segment holds: it never panics, never cuts below its floor, changes nothing
//! of what it keeps, and a second start finds nothing to do.

use std::{path::Path, sync::Arc};

use super::{Input, memory::MemoryDisk, seeds};
use crate::kernel::{
    crypto::Hash,
    durable::Disk,
    journal::{
        Seq,
        frame::{announced_length, candidates},
        keys::{KeysFile, keys_path},
        recover::{Recovered, Recovery},
        segment::{SealSector, SegmentHead, scan, segment_path},
        verify::{Options, verify},
        writer::open_reader,
    },
};

/// The last segment of the seeds.
const FIRST: Seq = 7;
const SIZE: usize = 16_384;

/// Flags, floor, then pieces of the segment: place, length, bytes. All else is zero, as in a segment.
pub(super) fn hold(bytes: &[u8]) {
    let mut input = Input(bytes);
    let (flags, floor) = (input.byte(), Seq::from(input.byte() % 12));
    let mut segment = vec![0; SIZE];
    while !input.is_empty() {
        let (at, length) = (usize::from(input.u16()) % SIZE, usize::from(input.byte()));
        let piece = input.take(length);
        let end = (at + piece.len()).min(SIZE);
        segment[at..end].copy_from_slice(&piece[..end - at]);
    }
    if flags & 1 == 1 {
        mend_sums(&mut segment);
    }
    let disk = seeds::directory();
    let journal = Path::new(seeds::JOURNAL);
    disk.put(segment_path(journal, FIRST), &segment);
    if flags & 2 == 2 {
        disk.put(keys_path(journal, FIRST), &keys_of(&segment, flags));
    }
    let before = disk.image();
    match start(&disk, floor) {
        Ok(recovered) => kept(&disk, &segment, &recovered, floor),
        Err(_damage) => {
            let after = disk.image();
            let path = segment_path(journal, FIRST);
            let frames = 1_024..after[&path].len().min(8_192);
            assert_eq!(before[&path][frames.clone()], after[&path][frames], "damage was changed");
            assert!(start(&disk, floor).is_err(), "damage went away by itself");
            assert_eq!(disk.image(), after, "a second start changed damage");
        }
    }
    let _any_report = verify(&disk, Path::new(seeds::DATA), &Options::default()).unwrap();
}

fn start(disk: &MemoryDisk, floor: Seq) -> Result<Recovered, String> {
    let directory = Path::new(seeds::JOURNAL);
    Recovery { disk, directory, floor, now_ms: 5 }.run().map_err(|error| error.to_string())
}

fn kept(disk: &MemoryDisk, segment: &[u8], recovered: &Recovered, floor: Seq) {
    assert!(recovered.length >= floor.max(FIRST), "cut below the floor");
    let after = disk.image();
    let file = &after[&segment_path(Path::new(seeds::JOURNAL), FIRST)];
    let head = SegmentHead::decode(segment).unwrap();
    let found = scan(segment, &head, Some(before_first()));
    let entries = found.frames.iter().filter(|frame| frame.header.seq < recovered.length);
    assert_eq!(entries.count() as Seq, recovered.length - FIRST, "an entry that is not there");
    assert!(recovered.length + recovered.cut <= found.next_seq);
    if let Some(open) = &recovered.open {
        assert_eq!(file.len(), segment.len());
        assert_eq!(file[1_024..open.end], segment[1_024..open.end], "what is kept was changed");
        let slots = head.slots_start(open.slots);
        assert_eq!(file[slots..], segment[slots..], "a secret that is kept was changed");
        assert!(file[open.end..slots].iter().all(|byte| *byte == 0), "what was cut is still there");
        assert_eq!(SealSector::decode(file, &head), SealSector::Open);
    } else {
        assert!(file.len() <= segment.len() && file[..] == segment[..file.len()]);
    }
    let shared: Arc<dyn Disk> = Arc::new(disk.clone());
    let reader = open_reader(&shared, Path::new(seeds::JOURNAL), recovered).unwrap();
    for seq in 0..recovered.length {
        assert_eq!(reader.frame(seq).unwrap().frame.header.seq, seq);
    }
    let again = start(disk, floor).unwrap();
    assert_eq!((again.length, again.cut), (recovered.length, 0), "a second start cuts");
    assert_eq!(again.last_leaf, recovered.last_leaf);
    assert_eq!(disk.image(), after, "a second start changes something");
}

/// The leaf of the entry before the segment.
fn before_first() -> Hash {
    seeds::leaves()[usize::try_from(FIRST - 1).unwrap()]
}

/// Makes the sums fit the bytes before them: whoever only changes bytes never gets past a sum.
fn mend_sums(segment: &mut [u8]) {
    for (at, length) in [(0, 52), (512, 88)] {
        if segment[at..at + length].iter().any(|byte| *byte != 0) {
            let sum = crc32fast::hash(&segment[at..at + length]).to_le_bytes();
            segment[at + length..at + length + 4].copy_from_slice(&sum);
        }
    }
    let places: Vec<usize> = candidates(segment, 1_024).collect();
    for at in places {
        let Some(end) = segment.get(at..at + 40).and_then(announced_length) else { continue };
        let (header, bodies) = (&segment[at + 6..at + 8], &segment[at + 8..at + 12]);
        let header = usize::from(u16::from_le_bytes(header.try_into().unwrap()));
        let bodies = u32::from_le_bytes(bodies.try_into().unwrap()) as usize;
        let Some(sum_at) = (at + 40 + header).checked_add(bodies) else { continue };
        if at.checked_add(end).is_some_and(|end| end <= segment.len()) {
            let sum = crc32fast::hash(&segment[at..sum_at]).to_le_bytes();
            segment[sum_at..sum_at + 4].copy_from_slice(&sum);
        }
    }
}

/// A keys file beside an unsealed segment, as a sealing that was cut short leaves it.
fn keys_of(segment: &[u8], flags: u8) -> Vec<u8> {
    let count = usize::from(flags >> 4);
    let slot = |number: usize| {
        let at = SIZE - 32 * (number + 1);
        segment[at..at + 32].try_into().unwrap()
    };
    let slots = (0..count).map(slot).collect();
    let mut file = KeysFile { first_seq: FIRST, generation: 1, slots }.encode();
    if flags & 4 == 4 {
        file.truncate(file.len() / 2);
    }
    file
}
