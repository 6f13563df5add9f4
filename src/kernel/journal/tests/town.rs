//! A journal with its log on a simulated disk, driven as the store drives it, and what it promised.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::kernel::{
    blobs,
    cbor::Map,
    crypto::{Hash, hash},
    durable::Disk,
    journal::{
        self, JournalError, Seq,
        entry::{self, ClockQuality, EPOCH, Epoch, Header},
        reader::{Body, Reader},
        recover::{Recovered, Recovery},
        sealed::{SealedBody, seal_body},
        verify::{Options, verify},
        writer::{Prepared, SegmentSettings, Writer, open_reader},
    },
    log::{
        checkpoint::{Log, signed_size},
        note::Signer,
        tree::Frontier,
    },
    simulation::disk::{Random, SimDisk},
};

pub const ORIGIN: &str = "modrzewie.example/log/1";

/// What was handed in: leaf and texts of every entry, in order.
#[derive(Clone, Default)]
pub struct Ledger(pub Vec<(Hash, Vec<Vec<u8>>)>);

pub struct Town {
    pub disk: SimDisk,
    pub writer: Writer,
    pub reader: Arc<Reader>,
    pub log: Log,
    pub ledger: Ledger,
    pub cut: u64,
}

pub fn data() -> PathBuf {
    PathBuf::from("/data")
}

/// A signer whose key is the same on every run (PKCS#8 of RFC 8410 around a fixed seed).
pub fn signer() -> Signer {
    let mut pkcs8 = vec![
        0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04,
        0x20,
    ];
    pkcs8.extend([42; 32]);
    Signer::from_pkcs8(ORIGIN, &pkcs8).unwrap()
}

impl Town {
    /// A new town: an empty directory, one entry, one checkpoint.
    pub fn found(disk: SimDisk, settings: SegmentSettings) -> Town {
        for name in ["journal", "log", "blobs"] {
            disk.create_directory(&data().join(name)).unwrap();
        }
        disk.sync_directory(&data()).unwrap();
        let mut town = Town::start(disk, settings, Ledger::default()).unwrap();
        town.append(vec![town.genesis()]);
        town.sign();
        town
    }

    /// Starts on what is on the disk, as `store::start` does.
    pub fn start(
        disk: SimDisk,
        settings: SegmentSettings,
        ledger: Ledger,
    ) -> Result<Town, JournalError> {
        let shared: Arc<dyn Disk> = Arc::new(disk.clone());
        let directory = journal::directory(&data());
        let floor = signed_size(&disk, &data(), &signer().verifier(), None)?;
        let recovered: Recovered =
            Recovery { disk: &disk, directory: &directory, floor, now_ms: 7 }.run()?;
        let reader = open_reader(&shared, &directory, &recovered)?;
        let (log, frontier): (Log, Frontier) =
            Log::open(Arc::clone(&shared), &data(), signer(), &reader, None)?;
        let writer =
            Writer::new(shared, &directory, settings, Arc::clone(&reader), &recovered, frontier)?;
        Ok(Town { disk, writer, reader, log, ledger, cut: recovered.cut })
    }

    fn genesis(&self) -> (Header, Vec<SealedBody>, Vec<Vec<u8>>) {
        let mut header = header(EPOCH);
        header.nonce = Some([3; 16]);
        header.epoch =
            Some(Epoch { number: 1, origin: ORIGIN.to_owned(), restored: None, statement: None });
        (header, Vec::new(), Vec::new())
    }

    /// An entry of some bodies, sometimes with a blob, staged before it as the store does.
    pub fn entry(&self, random: &mut Random) -> (Header, Vec<SealedBody>, Vec<Vec<u8>>) {
        let count = [0, 1, 2, 2, 3][random.below(5)];
        let mut header = header("tree-notice.submit");
        let (mut bodies, mut texts) = (Vec::new(), Vec::new());
        for body in 0..count {
            let length = 1 + random.below(250);
            let text = random.bytes(length);
            if body == 1 && random.chance(40) {
                let staged =
                    blobs::stage(&self.disk, &data(), &blobs::Staging::default(), &text).unwrap();
                let (descriptor, secret) = (staged.descriptor, staged.secret);
                bodies.push(SealedBody { descriptor, secret, stored: Vec::new() });
            } else {
                bodies.push(seal_body(if body == 0 { 0 } else { 12 }, 1, &text).unwrap());
            }
            texts.push(text);
        }
        if bodies.is_empty() {
            header.nonce = Some([5; 16]);
        } else {
            let stored: Vec<&[u8]> = bodies.iter().map(|body| body.stored.as_slice()).collect();
            header.bodies = bodies.iter().map(|body| body.descriptor.clone()).collect();
            header.stored = Some(hash(&stored));
        }
        (header, bodies, texts)
    }

    /// Appends entries, in as many groups as they need, and acknowledges each group when the writer
    /// says it is durable.
    pub fn append(&mut self, entries: Vec<(Header, Vec<SealedBody>, Vec<Vec<u8>>)>) {
        let mut prepared = Vec::new();
        for (mut header, bodies, texts) in entries {
            header.seq = self.writer.next_seq() + prepared.len() as Seq;
            let bytes = header.encode();
            assert_eq!(Header::decode(&bytes).unwrap(), header);
            let leaf = entry::leaf(&bytes);
            self.ledger.0.truncate(header.seq as usize);
            self.ledger.0.push((leaf, texts));
            prepared.push(Prepared { seq: header.seq, header: bytes, leaf, bodies });
        }
        while !prepared.is_empty() {
            let count = self.writer.append(&prepared).unwrap();
            self.disk.acknowledge(self.writer.next_seq());
            prepared.drain(..count);
        }
    }

    /// Signs all that is durable.
    pub fn sign(&self) {
        self.log.advance(&self.reader, self.reader.length()).unwrap();
    }

    /// What is wrong with this town after a start, given what was acknowledged before the crash.
    pub fn faults(&self, acknowledged: u64) -> Vec<String> {
        let mut faults = Vec::new();
        let length = self.writer.next_seq();
        if length < acknowledged {
            faults.push("an acknowledged entry is gone".to_owned());
        }
        if length > self.ledger.0.len() as u64 || self.reader.length() != length {
            faults.push("an entry that nobody handed in".to_owned());
            return faults;
        }
        let mut tree = Frontier::default();
        for ((leaf, texts), seq) in self.ledger.0.iter().zip(0..length) {
            tree.push(*leaf);
            faults.extend(self.entry_fault(seq, leaf, texts));
        }
        if self.writer.tree().root() != tree.root() {
            faults.push("the root is not that of what was handed in".to_owned());
        }
        let report = verify(&self.disk, &data(), &Options::default()).unwrap();
        faults.extend(report.findings.iter().map(|it| format!("verify: {}", it.verdict.name())));
        faults
    }

    fn entry_fault(&self, seq: Seq, leaf: &Hash, texts: &[Vec<u8>]) -> Option<String> {
        let Ok(owned) = self.reader.frame(seq) else {
            return Some(format!("entry {seq} is unreadable"));
        };
        if owned.frame.leaf != *leaf {
            return Some(format!("entry {seq} is another one"));
        }
        for ((text, descriptor), body) in texts.iter().zip(&owned.frame.header.bodies).zip(0u32..) {
            let read = match &descriptor.detached {
                None => match self.reader.body_of(&owned, body) {
                    Ok(Body::Readable(read)) => Some(read),
                    _ => None,
                },
                Some(name) => {
                    let secret = self.reader.secret(&owned.frame, body).unwrap();
                    let file = self.disk.read(&blobs::blob_path(&data(), name)).ok();
                    secret.zip(file).and_then(|(secret, file)| {
                        blobs::open_blob(&secret, &descriptor.commitment, &file)
                    })
                }
            };
            if read.as_ref() != Some(text) {
                return Some(format!("a text of entry {seq} is gone"));
            }
        }
        None
    }
}

fn header(action: &str) -> Header {
    Header {
        seq: 0,
        at_ms: 1_794_000_000_000,
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

/// Settings of a small journal.
pub fn settings(size: u32, align: u32) -> SegmentSettings {
    SegmentSettings { size, align, epoch: 1, log_id: *b"gmina modrzewie." }
}

/// The directory of segments.
pub fn journal_files(image: &std::collections::BTreeMap<PathBuf, Vec<u8>>) -> Vec<PathBuf> {
    let directory = journal::directory(&data());
    let named = |path: &&PathBuf, ending: &str| path.to_string_lossy().ends_with(ending);
    image
        .keys()
        .filter(|path| path.parent() == Some(Path::new(&directory)))
        .filter(|path| named(path, ".seg") || named(path, ".keys"))
        .cloned()
        .collect()
}
