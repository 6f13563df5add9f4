//! Writes the golden data directory: the same bytes on every run and every machine.
//!
//! Three sealed segments and an open one with two groups; two blobs, one erased; two records erased,
//! with their tombstones and two officers' assertions; tiles, a checkpoint, hints. Secrets and keys
//! are fixed; `secrets/` is not part of it.

use std::{path::Path, sync::Arc};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL};
use ciborium::Value as Cose;
use ostoja::kernel::{
    blobs::{blob_path, seal_blob},
    cbor::{self, Map, Value},
    crypto::{self, Hash, Secret, hash, hex},
    durable::{Disk, RealDisk, write_whole},
    journal::{
        Seq,
        entry::{
            self, Assertion, ClockQuality, Descriptor, EPOCH, ERASE, ERASED, Epoch, Erasure,
            Header, Restored,
        },
        keys::KeysFile,
        reader::Reader,
        recover::Recovery,
        sealed::SealedBody,
        tombstone::tombstone,
        writer::{Prepared, SegmentSettings, Writer, open_reader},
    },
    log::{checkpoint::Log, note::Signer},
};

pub const ORIGIN: &str = "modrzewie.example/log/1";
/// Of the epoch behind a restore.
const SECOND_ORIGIN: &str = "modrzewie.example/log/2";
pub const ATTACHMENT: &[u8] = b"Szkic: lipa przy bramie, obwod 84 cm.\n";
/// 2026-11-21T12:00:00Z
const AT_MS: u64 = 1_795_262_400_000;
/// A kind that no program knows, so that its name cannot change.
const KIND: u16 = 60_000;

/// The second officer's ES256 key. ECDSA signatures are random, so this one was made once, for the
/// order below; if the order changes, the test says what must be signed.
const ES256_POINT: &str = "0a69e462da6102fdd7defa5ff87546b15480049271688423a0fda5b8ea7b5488ee342c45e61dd2f4d1be605300530707db00cfe15e14f1d7a791877e81d89324";
const ES256_SIGNATURE: &str = "3046022100f0876cda3c87d580dc5c805a57b653decbec01851d3470edd157c4ffc1a5fc5a022100a87e46385e6c7f22f204d05d2788019c709a307ab93a7848089735f06ddfd7d5";

/// An entry before it has a place.
struct Draft {
    header: Header,
    bodies: Vec<SealedBody>,
}

struct Author<'a> {
    data: &'a Path,
    writer: Writer,
    reader: Arc<Reader>,
    log: Log,
    secrets: u64,
    epoch: u64,
}

/// Writes the directory.
pub fn make(data: &Path, segment_bytes: u32) {
    let mut author = Author::in_new_directory(data, segment_bytes);
    author.begin(None);
    let first = author.draft("tree-notice.submit", &["lipa", "zgloszenie"], Some(ATTACHMENT));
    let second = author.draft("tree-notice.submit", &["klon", "do usuniecia"], None);
    author.append(vec![first, second]);
    author.writer.seal().unwrap();

    let third = author.draft("tree-notice.submit", &["jesion", "tez do usuniecia"], Some(b"twarz"));
    let fourth = author.draft("notices.publish", &[], None);
    author.append(vec![third, fourth]);
    author.sign();
    author.erase(&[(2, vec![0b010]), (3, vec![0b110])], es256_officer);
    let done = Header { done: Some(5), nonce: Some([2; 16]), ..header(ERASED) };
    author.append(vec![Draft { header: done, bodies: Vec::new() }]);
    author.writer.seal().unwrap();

    let seventh = author.draft("tree-notice.decide", &["brak sprzeciwu", "decyzja"], None);
    let eighth = author.draft("notices.publish", &[], None);
    author.append(vec![seventh, eighth]);
    author.sign();
    let ninth = author.draft("tree-notice.inspect", &["po wizji", "protokol", "drugi"], None);
    author.append(vec![ninth]);
}

/// Writes another one, small enough that every bit of it can be tried: two epochs, one in a sealed
/// segment and one in an open one; texts and blobs, kept and erased; tiles, hints, a checkpoint.
pub fn make_small(data: &Path) {
    let mut author = Author::in_new_directory(data, 6_144);
    author.begin(None);
    let first = author.draft("tree-notice.submit", &["lipa", "zgloszenie"], Some(ATTACHMENT));
    author.append(vec![first]);
    let second = author.draft("tree-notice.submit", &["klon", "do usuniecia"], Some(b"twarz"));
    author.append(vec![second]);
    author.sign();
    author.erase(&[(2, vec![0b110])], second_ed25519_officer);

    // As a restore without losses begins an epoch. The log of the new origin does not know the old
    // key, so its checkpoint goes.
    let (seq, secrets) = (author.writer.next_seq(), author.secrets);
    drop(author);
    let checkpoint = data.join("log/checkpoint");
    let old_checkpoint = std::fs::read_to_string(&checkpoint).unwrap();
    std::fs::remove_file(checkpoint).unwrap();
    let mut author = Author::new(data, 4_096, 2, SECOND_ORIGIN);
    author.secrets = secrets;
    author.begin(Some(Restored { old_checkpoint, lost_from: seq, lost_to: seq }));
    let done = Header { done: Some(3), nonce: Some([2; 16]), ..header(ERASED) };
    let third = author.draft("tree-notice.decide", &["brak sprzeciwu", "decyzja"], None);
    author.append(vec![Draft { header: done, bodies: Vec::new() }, third]);
    author.sign();
    let fourth = author.draft("tree-notice.inspect", &["po podpisie"], None);
    author.append(vec![fourth]);
}

impl<'a> Author<'a> {
    fn in_new_directory(data: &'a Path, segment_bytes: u32) -> Author<'a> {
        for name in ["journal", "log", "blobs"] {
            RealDisk.create_directory(&data.join(name)).unwrap();
        }
        Author::new(data, segment_bytes, 1, ORIGIN)
    }

    fn new(data: &'a Path, segment_bytes: u32, epoch: u32, origin: &str) -> Author<'a> {
        let disk: Arc<dyn Disk> = Arc::new(RealDisk);
        let directory = data.join("journal");
        let recovery = Recovery { disk: &RealDisk, directory: &directory, floor: 0, now_ms: 0 };
        let recovered = recovery.run().unwrap();
        let reader = open_reader(&disk, &directory, &recovered).unwrap();
        let (log, tree) =
            Log::open(Arc::clone(&disk), data, signer(origin), &reader, None).unwrap();
        let settings = SegmentSettings {
            size: segment_bytes,
            align: 512,
            epoch,
            log_id: *b"gmina modrzewie.",
        };
        let writer =
            Writer::new(disk, &directory, settings, Arc::clone(&reader), &recovered, tree).unwrap();
        Author { data, writer, reader, log, secrets: 0, epoch: u64::from(epoch) }
    }

    /// Begins the epoch.
    fn begin(&mut self, restored: Option<Restored>) {
        let origin = self.log.verifier().name().to_owned();
        let epoch = Epoch { number: self.epoch, origin, restored, statement: None };
        let header = Header { epoch: Some(epoch), nonce: Some([1; 16]), ..header(EPOCH) };
        self.append(vec![Draft { header, bodies: Vec::new() }]);
    }

    fn secret(&mut self) -> Secret {
        self.secrets += 1;
        Secret(hash(&[b"golden secret", &self.secrets.to_le_bytes()]))
    }

    fn sealed(&mut self, kind: u16, text: &[u8]) -> SealedBody {
        let secret = self.secret();
        let commitment = secret.commit(text);
        let mut stored = Vec::new();
        crypto::seal(&secret.key(&commitment), [0; 12], text, &mut stored).unwrap();
        let length = text.len() as u64;
        let descriptor = Descriptor { kind, version: 1, length, commitment, detached: None };
        SealedBody { descriptor, secret, stored }
    }

    /// Who-and-why with the first text as its reason, a blob if there is one, a record for each
    /// other text. No text, no body.
    fn draft(&mut self, action: &str, texts: &[&str], blob: Option<&[u8]>) -> Draft {
        let mut bodies = Vec::new();
        if let Some((reason, records)) = texts.split_first() {
            let person = Value::Bytes(vec![0xab; 16]);
            let why = Map::from([
                (0, Value::Array(vec![Value::Uint(2), person.clone()])),
                (2, Value::Array(vec![person])),
                (4, Value::Text((*reason).to_owned())),
            ]);
            bodies.push(self.sealed(0, &cbor::encode_map(&why)));
            bodies.extend(blob.map(|text| self.blob(text)));
            for text in records {
                let record = Map::from([
                    (0, Value::Uint(1)),
                    (1, Value::Bytes(text.as_bytes().to_vec())),
                    (2, Value::Map(Map::from([(0, Value::Text((*text).to_owned()))]))),
                ]);
                let text = cbor::encode_map(&record);
                bodies.push(self.sealed(KIND, &text));
            }
        }
        let mut header = header(action);
        header.staff = action.starts_with("notices").then_some([5; 8]);
        if bodies.is_empty() {
            header.nonce = Some([3; 16]);
        } else {
            let stored: Vec<&[u8]> = bodies.iter().map(|body| body.stored.as_slice()).collect();
            header.stored = Some(hash(&stored));
            header.bodies = bodies.iter().map(|body| body.descriptor.clone()).collect();
        }
        Draft { header, bodies }
    }

    fn blob(&mut self, text: &[u8]) -> SealedBody {
        let secret = self.secret();
        let commitment = secret.commit(text);
        let file = seal_blob(&secret, &commitment, text).unwrap();
        let name = hash(&[&file]);
        let path = blob_path(self.data, &name);
        RealDisk.create_directory(path.parent().unwrap()).unwrap();
        write_whole(&RealDisk, &path, &file).unwrap();
        let length = text.len() as u64;
        let descriptor =
            Descriptor { kind: 1, version: 1, length, commitment, detached: Some(name) };
        SealedBody { descriptor, secret, stored: Vec::new() }
    }

    /// Appends drafts as one group.
    fn append(&mut self, drafts: Vec<Draft>) {
        let first = self.writer.next_seq();
        let group: Vec<Prepared> = drafts
            .into_iter()
            .zip(first..)
            .map(|(mut draft, seq)| {
                draft.header.seq = seq;
                draft.header.at_ms = AT_MS + 1_000 * seq;
                let header = draft.header.encode();
                Prepared { seq, leaf: entry::leaf(&header), header, bodies: draft.bodies }
            })
            .collect();
        assert_eq!(self.writer.append(&group).unwrap(), group.len());
    }

    fn sign(&self) {
        self.log.advance(&self.reader, self.reader.length()).unwrap();
    }

    /// Orders an erasure and carries it out, in the order of the page.
    fn erase(&mut self, targets: &[(Seq, Vec<u8>)], second: fn(&Erasure) -> Assertion) {
        let leaves: Vec<Hash> =
            targets.iter().map(|(seq, _)| self.reader.frame(*seq).unwrap().frame.leaf).collect();
        let mut erasure = Erasure {
            targets: targets.to_vec(),
            ground: "rodo-17-1-b".to_owned(),
            assertions: Vec::new(),
            legal_hold_check: 0,
            target_leaves: hash(&[leaves.as_flattened()]),
        };
        erasure.assertions = vec![ed25519_officer(&erasure, *b"staff-01", 7), second(&erasure)];
        let order =
            Header { erasure: Some(erasure.clone()), nonce: Some([4; 16]), ..header(ERASE) };
        let seq = self.writer.next_seq();
        self.append(vec![Draft { header: order, bodies: Vec::new() }]);
        self.sign();
        self.writer.seal().unwrap();
        let leaf = self.reader.frame(seq).unwrap().frame.leaf;
        for (target, body) in erasure.pairs() {
            let frame = self.reader.frame(target).unwrap().frame;
            let journal = self.data.join("journal");
            let first = first_of_segment(&journal, target);
            let mut keys = KeysFile::read(&RealDisk, &journal, first).unwrap();
            let slot = (frame.slot_first + body) as usize;
            keys.slots[slot] = tombstone(seq, &leaf, target, body);
            keys.generation = 2;
            keys.write(&RealDisk, &journal).unwrap();
            if let Some(name) = frame.header.bodies[body as usize].detached {
                let path = blob_path(self.data, &name);
                std::fs::remove_file(&path).unwrap();
                std::fs::remove_dir(path.parent().unwrap()).unwrap();
            }
        }
    }
}

/// The first seq of the sealed segment that holds an entry.
fn first_of_segment(journal: &Path, seq: Seq) -> Seq {
    let names = RealDisk.names(journal).unwrap().into_iter();
    let firsts = names.filter_map(|name| name.strip_suffix(".keys")?.parse().ok());
    firsts.filter(|first| *first <= seq).max().unwrap()
}

fn header(action: &str) -> Header {
    Header {
        seq: 0,
        at_ms: 0,
        clock: ClockQuality::Synchronised,
        level: 1,
        program: *b"program1",
        controller: 1,
        unit: 0,
        action: action.to_owned(),
        staff: None,
        bodies: Vec::new(),
        nonce: None,
        stored: None,
        erasure: None,
        epoch: None,
        level_up: None,
        done: None,
        unknown: Map::new(),
    }
}

/// The log's key (PKCS#8 of RFC 8410 around a fixed seed).
pub fn signer(origin: &str) -> Signer {
    let mut pkcs8 = vec![
        0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04,
        0x20,
    ];
    pkcs8.extend([42; 32]);
    Signer::from_pkcs8(origin, &pkcs8).unwrap()
}

fn cose(pairs: Vec<(i64, Cose)>) -> Vec<u8> {
    let map = pairs.into_iter().map(|(label, value)| (Cose::from(label), value)).collect();
    let mut out = Vec::new();
    ciborium::into_writer(&Cose::Map(map), &mut out).unwrap();
    out
}

/// What an authenticator is asked to sign, in parts: authenticatorData and clientDataJSON.
fn ceremony(erasure: &Erasure, random: &[u8; 32]) -> (Vec<u8>, Vec<u8>) {
    let challenge = BASE64URL.encode(entry::erasure_challenge(erasure, random));
    let client_data = format!(
        r#"{{"type":"webauthn.get","challenge":"{challenge}","origin":"https://urzad.modrzewie.example","crossOrigin":false}}"#
    );
    let data = [&hash(&[b"urzad.modrzewie.example"])[..], &[5], &[0; 4]].concat();
    (data, client_data.into_bytes())
}

/// The number makes the officer's key.
fn ed25519_officer(erasure: &Erasure, staff: [u8; 8], number: u8) -> Assertion {
    let key = Ed25519KeyPair::from_seed_unchecked(&[number; 32]).unwrap();
    let public = key.public_key().as_ref().to_vec();
    let random = [number + 4; 32];
    let (authenticator_data, client_data) = ceremony(erasure, &random);
    let signed = [authenticator_data.as_slice(), &hash(&[&client_data])].concat();
    Assertion {
        staff,
        enrolment: 0,
        public_key: cose(vec![
            (1, 1.into()),
            (3, (-8).into()),
            (-1, 6.into()),
            (-2, public.into()),
        ]),
        authenticator_data,
        client_data,
        signature: key.sign(&signed).as_ref().to_vec(),
        random,
    }
}

fn second_ed25519_officer(erasure: &Erasure) -> Assertion {
    ed25519_officer(erasure, *b"staff-02", 8)
}

fn es256_officer(erasure: &Erasure) -> Assertion {
    let random = [12; 32];
    let (authenticator_data, client_data) = ceremony(erasure, &random);
    let signed = [authenticator_data.as_slice(), &hash(&[&client_data])].concat();
    let (x, y) = ES256_POINT.split_at(64);
    let public_key = cose(vec![
        (1, 2.into()),
        (3, (-7).into()),
        (-1, 1.into()),
        (-2, unhex(x).into()),
        (-3, unhex(y).into()),
    ]);
    println!("the second officer signs {}", hex(&signed));
    Assertion {
        staff: *b"staff-02",
        enrolment: 0,
        public_key,
        authenticator_data,
        client_data,
        signature: unhex(ES256_SIGNATURE),
        random,
    }
}

pub fn unhex(text: &str) -> Vec<u8> {
    (0..text.len() / 2)
        .map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap())
        .collect()
}
