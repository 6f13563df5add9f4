//! Where inputs begin: the golden directory, and small inputs made from it.

use std::path::Path;

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};

use super::memory::MemoryDisk;
use crate::kernel::{
    cbor,
    crypto::Hash,
    identity::PersonId,
    journal::{
        frame::{candidates, read_frame},
        segment::SECTOR_BYTES,
    },
    log::note::Signer,
    scratch::{Class, Owner, file::Head},
    store::cursor::CursorKey,
};

/// Where the golden directory lies in memory.
pub const DATA: &str = "/data";
pub const JOURNAL: &str = "/data/journal";

macro_rules! golden {
    ($name:expr) => {
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/format/", $name))
    };
}

macro_rules! golden_file {
    ($name:literal) => {
        ($name, golden!(concat!("directory/", $name)) as &[u8])
    };
}

/// Files of the golden directory, by path below it.
const FILES: &[(&str, &[u8])] = &[
    golden_file!("blobs/1f/1fc16e6046e9a20483063de6547e312fa9de5e0c9f71158655202e7dec7d16be"),
    golden_file!("journal/00000000000000000000.keys"),
    golden_file!("journal/00000000000000000000.seg"),
    golden_file!("journal/00000000000000000003.keys"),
    golden_file!("journal/00000000000000000003.seg"),
    golden_file!("journal/00000000000000000006.keys"),
    golden_file!("journal/00000000000000000006.seg"),
    golden_file!("journal/00000000000000000007.seg"),
    golden_file!("journal/positions"),
    golden_file!("log/checkpoint"),
    golden_file!("log/tile/0/000.p/9"),
    golden_file!("log/vkey"),
];

pub(super) const VKEY: &[u8] = golden!("directory/log/vkey");
pub(super) const POSITIONS: &[u8] = golden!("directory/journal/positions");
const CHECKPOINT: &[u8] = golden!("directory/log/checkpoint");
const PROOF: &[u8] = golden!("entry-1.ostoja-proof");
const SEGMENTS: [&[u8]; 4] = [
    golden!("directory/journal/00000000000000000000.seg"),
    golden!("directory/journal/00000000000000000003.seg"),
    golden!("directory/journal/00000000000000000006.seg"),
    golden!("directory/journal/00000000000000000007.seg"),
];

/// Texts that the key of the seeds has signed.
const SIGNED: [&str; 2] = [
    "modrzewie.example/log/1\n9\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
    "two\n\nparagraphs\n",
];

/// Whether the key of the seeds, which is that of the golden directory, has ever signed a text.
pub(super) fn was_signed(text: &str) -> bool {
    let golden = std::str::from_utf8(CHECKPOINT).unwrap();
    SIGNED.contains(&text) || golden.starts_with(&format!("{text}\n"))
}

/// Entries under the golden checkpoint.
pub(super) fn signed_size() -> u64 {
    std::str::from_utf8(CHECKPOINT).unwrap().lines().nth(1).unwrap().parse().unwrap()
}

/// A signer whose key is the same on every run (PKCS#8 of RFC 8410 around a fixed seed).
pub(super) fn signer() -> Signer {
    let mut pkcs8 = vec![
        0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04,
        0x20,
    ];
    pkcs8.extend([42; 32]);
    Signer::from_pkcs8("modrzewie.example/log/1", &pkcs8).unwrap()
}

pub(super) fn base64(text: &str) -> Option<Vec<u8>> {
    BASE64.decode(text).ok()
}

/// The golden directory on a disk in memory.
pub(super) fn directory() -> MemoryDisk {
    let disk = MemoryDisk::default();
    for (name, bytes) in FILES {
        disk.put(Path::new(DATA).join(name), bytes);
    }
    disk
}

/// The leaves of the golden directory.
pub(super) fn leaves() -> &'static [Hash] {
    static LEAVES: std::sync::OnceLock<Vec<Hash>> = std::sync::OnceLock::new();
    LEAVES.get_or_init(|| {
        let frames = SEGMENTS.into_iter().flat_map(|segment| {
            candidates(segment, SECTOR_BYTES).filter_map(|at| read_frame(segment, at))
        });
        frames.map(|frame| frame.leaf).collect()
    })
}

/// Small inputs for one property, by name.
pub fn of(property: &str) -> Vec<Vec<u8>> {
    match property {
        "cbor" => headers().chain([vec![0xa1, 0, 0x82, 1, 0x41, 7]]).collect(),
        "cursors" => cursors(),
        "frame" => frames(),
        "note" => {
            let signed = SIGNED.iter().map(|text| signer().sign(text).into_bytes());
            let texts = SIGNED.iter().map(|text| text.as_bytes().to_vec());
            signed
                .chain(texts)
                .chain([CHECKPOINT.to_vec(), VKEY.to_vec(), b"9".to_vec(), b"1043".to_vec()])
                .collect()
        }
        "positions" => vec![POSITIONS.to_vec(), POSITIONS[..20].to_vec(), vec![0; 40]],
        "proof" => proofs(),
        "recovery" => recoveries(),
        "scratch" => scratch(),
        _ => Vec::new(),
    }
}

fn headers() -> impl Iterator<Item = Vec<u8>> {
    SEGMENTS.into_iter().flat_map(|segment| {
        candidates(segment, SECTOR_BYTES)
            .filter_map(|at| read_frame(segment, at))
            .map(|frame| frame.header.encode())
    })
}

fn frames() -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    for segment in SEGMENTS {
        let all = candidates(segment, SECTOR_BYTES).filter_map(|at| read_frame(segment, at));
        found.extend(all.map(|frame| [&[0], &segment[frame.start..frame.end]].concat()));
    }
    for header in headers() {
        let length = u16::try_from(header.len()).unwrap().to_le_bytes();
        found.push([&[1, 1, 16, 0, 3, 0], length.as_slice(), &header, b"body"].concat());
    }
    found
}

fn cursors() -> Vec<Vec<u8>> {
    let key = CursorKey::new([9; 32]);
    let texts = [key.seal("inbox", b""), key.seal("inbox", b"position of a row")];
    texts.into_iter().map(|text| [&[3], text.as_bytes()].concat()).collect()
}

fn proofs() -> Vec<Vec<u8>> {
    let file: serde_json::Value = serde_json::from_slice(PROOF).unwrap();
    let inner = file["tlog_proof"].as_str().unwrap_or_default().as_bytes().to_vec();
    vec![PROOF.to_vec(), inner]
}

fn recoveries() -> Vec<Vec<u8>> {
    let pieces = pieces_of(SEGMENTS[3]);
    let with = |flags: u8, floor: u8, more: &[u8]| [&[flags, floor], &pieces[..], more].concat();
    let half = &pieces[..pieces.len() / 2];
    vec![
        with(0, 9, &[]),
        with(1, 7, &[0x10, 0x06, 1, 0xff]),
        with(0x33, 0, &[0, 2, 8, b'O', b'S', b'T', b'J', b'S', b'E', b'A', b'L']),
        [&[1, 0], half].concat(),
    ]
}

/// What is not zero in a segment, as pieces.
fn pieces_of(segment: &[u8]) -> Vec<u8> {
    let mut pieces = Vec::new();
    let mut at = 0;
    while at < segment.len() {
        let end = (at + 200).min(segment.len());
        let Some(from) = segment[at..end].iter().position(|byte| *byte != 0) else {
            at = end;
            continue;
        };
        let from = at + from;
        let to = (from + 200).min(segment.len());
        // A gap of zeros ends a piece.
        let zeros = segment[from..to].windows(16).position(|gap| gap.iter().all(|it| *it == 0));
        let to = zeros.map_or(to, |gap| from + gap);
        pieces.extend(u16::try_from(from).unwrap().to_le_bytes());
        pieces.push(u8::try_from(to - from).unwrap());
        pieces.extend(&segment[from..to]);
        at = to;
    }
    pieces
}

fn scratch() -> Vec<Vec<u8>> {
    let person = PersonId(uuid::Uuid::from_bytes([3; 16]));
    let owners = [Owner::Person(person), Owner::Session([6; 32])];
    let input = |owner| {
        let head = Head {
            class: Class::Draft,
            owner,
            id: "szkic".to_owned(),
            written_ms: 1_794_000_000_000,
            expires_ms: 1_794_000_900_000,
            bytes: 4,
        };
        let head = head.encode();
        let length = u16::try_from(head.len()).unwrap().to_le_bytes();
        [&length, [77, 1].as_slice(), &head, &cbor::encode(&cbor::Value::Uint(7))].concat()
    };
    owners.into_iter().map(input).collect()
}
