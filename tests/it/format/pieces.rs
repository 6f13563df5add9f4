//! Single pieces of the format, each with what it must decode to.

use std::{collections::BTreeMap, fs, path::Path};

use ostoja::kernel::{
    blobs::open_blob,
    cbor,
    crypto::{Secret, hash, hex},
    journal::{
        entry::{self, ClockQuality, Header},
        frame::{Place, read_frame, write_frame},
        keys::KeysFile,
        sealed::{SealedBody, open_body},
        segment::{SealSector, SegmentHead},
        tombstone::{is_tombstone, tombstone},
    },
    log::{checkpoint::Checkpoint, note::Verifier},
};

use super::make::{ATTACHMENT, ORIGIN, signer, unhex};

/// The pieces of a golden directory, one a line: name, hexadecimal digits.
pub fn write(made: &Path) -> String {
    let read = |name: &str| fs::read(made.join(name)).unwrap();
    let segment = read("journal/00000000000000000000.seg");
    let second = read("journal/00000000000000000003.seg");
    let keys = read("journal/00000000000000000000.keys");
    let frame = |bytes: &[u8], seq: u64| {
        (1024..bytes.len())
            .step_by(8)
            .filter_map(|at| read_frame(bytes, at))
            .find(|frame| frame.header.seq == seq)
            .map(|frame| (bytes[frame.start..frame.end].to_vec(), frame))
            .unwrap()
    };
    let (first_frame, first) = frame(&segment, 1);
    let (_, order) = frame(&second, 5);
    let blob = super::files(&made.join("blobs")).into_values().next().unwrap();
    let pieces: [(&str, Vec<u8>); 9] = [
        ("segment-front", segment[..1024].to_vec()),
        ("header", first.header.encode()),
        ("frame", first_frame),
        ("keys-file", keys),
        ("blob-file", blob),
        ("erasure-header", order.header.encode()),
        ("checkpoint", read("log/checkpoint")),
        ("vkey", read("log/vkey")),
        ("tile", read("log/tile/0/000.p/9")),
    ];
    pieces.iter().map(|(name, bytes)| format!("{name} {}\n", hex(bytes))).collect()
}

fn pieces() -> BTreeMap<String, Vec<u8>> {
    let text = fs::read_to_string(super::golden().join("pieces.txt")).unwrap();
    let pair = |line: &str| {
        let (name, digits) = line.split_once(' ').unwrap();
        (name.to_owned(), unhex(digits))
    };
    text.lines().map(pair).collect()
}

#[test]
fn a_header_is_read_and_written_alike() {
    let bytes = &pieces()["header"];
    let header = Header::decode(bytes).unwrap();
    assert_eq!(header.encode(), *bytes);
    assert_eq!((header.seq, header.at_ms, header.level), (1, 1_795_262_401_000, 1));
    assert_eq!((header.controller, header.unit, header.clock), (1, 0, ClockQuality::Synchronised));
    assert_eq!((header.action.as_str(), &header.program), ("tree-notice.submit", b"program1"));
    let bodies: Vec<_> = header.bodies.iter().map(|it| (it.kind, it.version, it.length)).collect();
    assert_eq!(bodies, [(0, 1, 46), (1, 1, 38), (60_000, 1, 29)]);
    assert_eq!(
        hex(&entry::leaf(bytes)),
        hex(&pieces()["tile"][32..64]),
        "the leaf is the second hash of the tile"
    );
}

#[test]
fn a_frame_is_read_and_written_alike_and_its_bodies_open() {
    let (bytes, keys) = (&pieces()["frame"], KeysFile::decode(&pieces()["keys-file"]).unwrap());
    let frame = read_frame(bytes, 0).unwrap();
    assert_eq!((frame.group_first_seq, frame.slot_first, frame.last_of_group), (1, 0, false));
    let texts: Vec<_> = frame
        .header
        .bodies
        .iter()
        .zip(&frame.bodies)
        .zip(&keys.slots)
        .map(|((descriptor, place), slot)| {
            open_body(&Secret(*slot), &descriptor.commitment, &bytes[place.clone()])
        })
        .collect();
    assert!(texts[0].is_some() && texts[1].is_none(), "a blob is not in the frame");
    assert_eq!(
        hex(texts[2].as_ref().unwrap()),
        "a30001014a7a676c6f737a656e696502a1006a7a676c6f737a656e6965"
    );
    let bodies: Vec<SealedBody> = frame
        .header
        .bodies
        .iter()
        .zip(&frame.bodies)
        .map(|(descriptor, place)| SealedBody {
            descriptor: descriptor.clone(),
            secret: Secret([0; 32]),
            stored: bytes[place.clone()].to_vec(),
        })
        .collect();
    let place = Place { last_of_group: false, slot_first: 0, group_first_seq: 1, prev: frame.prev };
    let mut written = Vec::new();
    write_frame(1, &frame.header.encode(), &bodies, &place, &mut written).unwrap();
    assert_eq!(written, *bytes);
}

#[test]
fn the_front_of_a_sealed_segment_is_read_and_written_alike() {
    let bytes = &pieces()["segment-front"];
    let head = SegmentHead::decode(bytes).unwrap();
    assert_eq!((head.size, head.align, head.first_seq, head.epoch), (16_384, 512, 0, 1));
    assert_eq!(&head.log_id, b"gmina modrzewie.");
    assert_eq!(head.encode(), bytes[..512]);
    let SealSector::Sealed(seal) = SealSector::decode(bytes, &head) else { panic!("no seal") };
    assert_eq!((seal.slots, seal.end_seq), (5, 3));
    assert_eq!(seal.encode(), bytes[512..]);
}

#[test]
fn a_keys_file_is_read_and_written_alike_with_its_tombstone() {
    let bytes = &pieces()["keys-file"];
    let keys = KeysFile::decode(bytes).unwrap();
    assert_eq!((keys.first_seq, keys.generation, keys.slots.len()), (0, 2, 5));
    assert_eq!(keys.encode(), *bytes);
    let erased: Vec<_> = keys.slots.iter().map(is_tombstone).collect();
    assert_eq!(erased, [false, false, false, false, true]);
    let order = &pieces()["erasure-header"];
    assert_eq!(keys.slots[4], tombstone(5, &entry::leaf(order), 2, 1));
}

#[test]
fn an_order_to_erase_names_its_bodies() {
    let bytes = &pieces()["erasure-header"];
    let header = Header::decode(bytes).unwrap();
    assert_eq!(header.encode(), *bytes);
    let erasure = header.erasure.unwrap();
    assert_eq!(erasure.ground, "rodo-17-1-b");
    assert_eq!(erasure.pairs().collect::<Vec<_>>(), [(2, 1), (3, 1), (3, 2)]);
    assert_eq!(erasure.assertions.len(), 2);
}

#[test]
fn a_blob_file_opens_to_what_was_filed() {
    let (bytes, keys) = (&pieces()["blob-file"], KeysFile::decode(&pieces()["keys-file"]).unwrap());
    let header = Header::decode(&pieces()["header"]).unwrap();
    let descriptor = &header.bodies[1];
    assert_eq!(descriptor.detached, Some(hash(&[bytes])));
    let opened = open_blob(&Secret(keys.slots[1]), &descriptor.commitment, bytes);
    assert_eq!(opened.as_deref(), Some(ATTACHMENT));
}

#[test]
fn a_checkpoint_and_its_key_are_read_and_written_alike() {
    let text = |name: &str| String::from_utf8(pieces()[name].clone()).unwrap();
    let verifier = Verifier::parse(&text("vkey")).unwrap();
    assert_eq!(format!("{}\n", verifier.vkey()), text("vkey"));
    let checkpoint = Checkpoint::open(&text("checkpoint"), &verifier).unwrap();
    assert_eq!((checkpoint.origin.as_str(), checkpoint.size), (ORIGIN, 9));
    assert_eq!(signer(ORIGIN).sign(&checkpoint.text()), text("checkpoint"));
}

#[test]
fn a_spelling_of_cbor_stays_the_only_one() {
    for (digits, value) in [
        ("a2000001f5", "{0: 0, 1: true}"),
        ("3903e7", "-1000"),
        ("1bffffffffffffffff", "the greatest integer"),
        ("6161", "a"),
        ("4100", "a zero byte"),
        ("8181818181818180", "eight arrays"),
    ] {
        let bytes = unhex(digits);
        assert_eq!(cbor::encode(&cbor::decode(&bytes).unwrap()), bytes, "{value}");
    }
    for digits in ["1817", "9fff", "a201000000", "c000", "f6", "fa00000000", "a12000", "0000", ""] {
        assert!(cbor::decode(&unhex(digits)).is_err(), "{digits}");
    }
}
