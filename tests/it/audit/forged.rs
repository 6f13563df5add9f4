//! A log with a kept checkpoint, a confirmation and a consistency proof, and copies of them that
//! somebody has tampered with: on the way, on the disk, or with the log's own key in their hands.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use ostoja::kernel::{
    crypto::Hash,
    durable::RealDisk,
    log::{
        checkpoint::Checkpoint,
        consistency::ConsistencyProof,
        note::{Signer, Verifier},
        proof::{ProofFile, TlogProof},
        tiles::{TileReader, TileWriter},
        tree::{self, Frontier},
    },
};

/// Everything that an auditor may hold in their hands.
#[derive(Clone, PartialEq)]
pub struct Files {
    pub checkpoint: String,
    /// By their path below `log/`.
    pub tiles: BTreeMap<PathBuf, Vec<u8>>,
    pub kept: String,
    pub confirmation: ProofFile,
    pub consistency: ConsistencyProof,
}

/// A log with its key: what somebody has who runs it.
pub struct Base {
    pub signer: Signer,
    pub leaves: Vec<Hash>,
    pub files: Files,
}

/// Size of the checkpoint that was kept, and the entry of the confirmation.
pub const KEPT: usize = 400;
pub const ENTRY: usize = 271;

/// Which question brings it to light.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Asked {
    Log,
    Proof,
    Consistency,
}

impl Base {
    /// What a real store wrote, `ostoja log prove` proved and the log's key signed.
    pub fn of(data: &Path) -> Base {
        let vkey = fs::read_to_string(data.join("log/vkey")).unwrap();
        let verifier = Verifier::parse(&vkey).unwrap();
        let key = fs::read(data.join("secrets/log.key")).unwrap();
        let signer = Signer::from_pkcs8(verifier.name(), &key).unwrap();
        let checkpoint = fs::read_to_string(data.join("log/checkpoint")).unwrap();
        let size = Checkpoint::open(&checkpoint, &verifier).unwrap().size;
        let log = data.join("log");
        let tiles = TileReader { disk: &RealDisk, directory: &log, size };
        let leaves = (0..size.div_ceil(256)).flat_map(|index| tiles.tile(0, index).unwrap());
        let leaves: Vec<Hash> = leaves.collect();
        let dir = data.to_str().unwrap();
        let (outcome, proof) =
            crate::format::log(&["prove", "--dir", dir, &ENTRY.to_string(), "--disclose"]);
        outcome.unwrap();
        let (outcome, consistency) =
            crate::format::log(&["consistency", "--dir", dir, "--from", &KEPT.to_string()]);
        outcome.unwrap();
        let kept = signed(&signer, &leaves[..KEPT]);
        let files = Files {
            checkpoint,
            tiles: tiles_of(&log),
            kept,
            confirmation: serde_json::from_str(&proof).unwrap(),
            consistency: ConsistencyProof::parse(&consistency).unwrap(),
        };
        Base { signer, leaves, files }
    }

    /// The log's own key under another past.
    fn rewritten(&self) -> Vec<Hash> {
        let mut leaves = self.leaves.clone();
        leaves[ENTRY] = [0x5a; 32];
        leaves
    }

    /// Serves these leaves instead, tiles and all.
    fn serve(&self, files: &mut Files, leaves: &[Hash]) {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = TileWriter::empty(Arc::new(RealDisk), folder.path());
        leaves.iter().for_each(|leaf| writer.push(*leaf).unwrap());
        writer.flush().unwrap();
        files.tiles = tiles_of(folder.path());
        files.checkpoint = signed(&self.signer, leaves);
    }
}

impl Files {
    pub fn write(&self, folder: &Path) {
        for (name, bytes) in &self.tiles {
            let path = folder.join("log").join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        fs::write(folder.join("log/checkpoint"), &self.checkpoint).unwrap();
        fs::write(folder.join("kept"), &self.kept).unwrap();
        let confirmation = serde_json::to_vec(&self.confirmation).unwrap();
        fs::write(folder.join("case.ostoja-proof"), confirmation).unwrap();
        fs::write(folder.join("proof"), self.consistency.to_text()).unwrap();
    }

    fn tile(&mut self, name: &str) -> &mut Vec<u8> {
        let there = format!("{:?}", self.tiles.keys());
        self.tiles.get_mut(Path::new(name)).unwrap_or_else(|| panic!("{name} is not in {there}"))
    }

    fn tlog_proof(&mut self, change: impl FnOnce(&mut TlogProof)) {
        let mut proof = TlogProof::parse(&self.confirmation.tlog_proof).unwrap();
        change(&mut proof);
        self.confirmation.tlog_proof = proof.to_text();
    }
}

fn tiles_of(log: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = crate::format::files(log);
    files.retain(|name, _| name.starts_with("tile"));
    files
}

/// The checkpoint over some leaves.
pub fn signed(signer: &Signer, leaves: &[Hash]) -> String {
    let mut frontier = Frontier::default();
    leaves.iter().for_each(|leaf| frontier.push(*leaf));
    let origin = signer.verifier().name().to_owned();
    signer.sign(&Checkpoint { origin, size: frontier.size(), root: frontier.root() }.text())
}

/// A consistency proof between two trees of the same leaves.
pub fn continued(signer: &Signer, leaves: &[Hash], old: u64) -> ConsistencyProof {
    let root = |place: tree::Place| {
        let width = 1usize << place.level;
        let mut frontier = Frontier::default();
        let from = usize::try_from(place.index).unwrap() * width;
        leaves[from..from + width].iter().for_each(|leaf| frontier.push(*leaf));
        frontier.root()
    };
    let groups = tree::consistency_places(old, leaves.len() as u64);
    let hashes = groups
        .into_iter()
        .map(|group| tree::fold(&group.into_iter().map(root).collect::<Vec<_>>()))
        .collect();
    ConsistencyProof { old, hashes, checkpoint: signed(signer, leaves) }
}

/// Another key under a name.
fn stranger(name: &str) -> Signer {
    Signer::from_pkcs8(name, &Signer::generate().unwrap()).unwrap()
}

/// Replaces one line of a text.
fn line(text: &mut String, number: usize, change: impl FnOnce(&str) -> String) {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines[number] = change(&lines[number]);
    *text = lines.join("\n") + "\n";
}

/// One bit of something written in base64, at the end of its line.
fn flipped(line: &str, bit: usize) -> String {
    let (before, encoded) =
        line.rsplit_once(' ').map_or(("", line), |(before, last)| (before, last));
    let mut raw = BASE64.decode(encoded).unwrap();
    raw[bit / 8] ^= 1 << (bit % 8);
    let space = if before.is_empty() { "" } else { " " };
    format!("{before}{space}{}", BASE64.encode(raw))
}

type Tamper = fn(&Base, &mut Files);

/// Every way of tampering, by name.
pub const COPIES: &[(&str, Asked, Tamper)] = &[
    // On the way: nobody has a key.
    ("the root flipped", Asked::Log, |_, it| line(&mut it.checkpoint, 2, |root| flipped(root, 77))),
    ("the size one more", Asked::Log, |base, it| {
        line(&mut it.checkpoint, 1, |_| (base.leaves.len() + 1).to_string());
    }),
    ("the size one less", Asked::Log, |base, it| {
        line(&mut it.checkpoint, 1, |_| (base.leaves.len() - 1).to_string());
    }),
    ("the name of another log", Asked::Log, |_, it| {
        line(&mut it.checkpoint, 0, |_| "inna.example/log/1".to_owned());
    }),
    ("a bit of the signature flipped", Asked::Log, |_, it| {
        line(&mut it.checkpoint, 4, |signature| flipped(signature, 32 + 300));
    }),
    ("a bit of the key id flipped", Asked::Log, |_, it| {
        line(&mut it.checkpoint, 4, |signature| flipped(signature, 5));
    }),
    ("no signature", Asked::Log, |_, it| {
        it.checkpoint = it.checkpoint.split_inclusive('\n').take(3).collect();
    }),
    ("a line more under the root", Asked::Log, |_, it| {
        line(&mut it.checkpoint, 2, |root| format!("{root}\nall is well"));
    }),
    ("signed by another key under the same name", Asked::Log, |base, it| {
        it.checkpoint = signed(&stranger(base.signer.verifier().name()), &base.leaves);
    }),
    ("the checkpoint of another log", Asked::Log, |base, it| {
        it.checkpoint = signed(&stranger("inna.example/log/1"), &base.leaves);
    }),
    ("two tiles swapped", Asked::Log, |_, it| {
        let first = std::mem::take(it.tile("tile/0/000"));
        let second = std::mem::replace(it.tile("tile/0/001"), first);
        *it.tile("tile/0/000") = second;
    }),
    ("two hashes of a tile swapped", Asked::Log, |_, it| {
        let (hashes, _) = it.tile("tile/0/001").as_chunks_mut::<32>();
        hashes.swap(7, 200);
    }),
    ("a bit of a full tile flipped", Asked::Log, |_, it| it.tile("tile/0/000")[5_000] ^= 4),
    ("a bit of the newest tile flipped", Asked::Log, |_, it| it.tile("tile/0/002.p/20")[600] ^= 4),
    ("a bit of an upper tile flipped", Asked::Log, |_, it| it.tile("tile/1/000.p/2")[40] ^= 4),
    ("a tile cut by one hash", Asked::Log, |_, it| it.tile("tile/0/001").truncate(255 * 32)),
    ("a tile cut within a hash", Asked::Log, |_, it| it.tile("tile/0/001").truncate(8_000)),
    ("a tile of zeros", Asked::Log, |_, it| it.tile("tile/0/000").fill(0)),
    ("a tile missing", Asked::Log, |_, it| drop(it.tiles.remove(Path::new("tile/0/000")))),
    // With the log's own key: only what somebody kept gives it away.
    ("an entry rewritten, all made anew and signed", Asked::Log, |base, it| {
        base.serve(it, &base.rewritten());
    }),
    ("an entry taken out, all made anew and signed", Asked::Log, |base, it| {
        let mut leaves = base.leaves.clone();
        leaves.remove(ENTRY);
        base.serve(it, &leaves);
    }),
    ("entries lost behind the kept checkpoint", Asked::Log, |base, it| {
        base.serve(it, &base.leaves[..KEPT - 1]);
    }),
    ("another tree of the kept size", Asked::Log, |base, it| {
        base.serve(it, &base.rewritten()[..KEPT]);
    }),
    ("the kept checkpoint is of a fork", Asked::Log, |base, it| {
        it.kept = signed(&base.signer, &base.rewritten()[..KEPT]);
    }),
    // Confirmations.
    ("a hash of the proof flipped", Asked::Proof, |_, it| {
        it.tlog_proof(|proof| proof.hashes[3][9] ^= 1);
    }),
    ("a hash of the proof missing", Asked::Proof, |_, it| {
        it.tlog_proof(|proof| proof.hashes.truncate(proof.hashes.len() - 1));
    }),
    ("a hash too many", Asked::Proof, |_, it| it.tlog_proof(|proof| proof.hashes.push([1; 32]))),
    ("hashes of the proof swapped", Asked::Proof, |_, it| {
        it.tlog_proof(|proof| proof.hashes.swap(0, 1));
    }),
    ("the proof of another entry", Asked::Proof, |_, it| it.tlog_proof(|proof| proof.index += 1)),
    ("an entry behind the end", Asked::Proof, |base, it| {
        it.tlog_proof(|proof| proof.index = base.leaves.len() as u64);
    }),
    ("another entry", Asked::Proof, |_, it| {
        let mut header = BASE64.decode(&it.confirmation.header).unwrap();
        header[20] ^= 1;
        it.confirmation.header = BASE64.encode(header);
    }),
    ("under an older checkpoint", Asked::Proof, |_, it| {
        let kept = it.kept.clone();
        it.tlog_proof(|proof| proof.checkpoint = kept);
    }),
    ("under the checkpoint of a fork", Asked::Proof, |base, it| {
        let fork = signed(&base.signer, &base.rewritten());
        it.tlog_proof(|proof| proof.checkpoint = fork);
    }),
    ("under a checkpoint of another key", Asked::Proof, |base, it| {
        let forged = signed(&stranger(base.signer.verifier().name()), &base.leaves);
        it.tlog_proof(|proof| proof.checkpoint = forged);
    }),
    // Consistency.
    ("a hash of the way flipped", Asked::Consistency, |_, it| it.consistency.hashes[2][31] ^= 128),
    ("a hash of the way missing", Asked::Consistency, |_, it| {
        it.consistency.hashes.remove(0);
    }),
    ("a hash of the way too many", Asked::Consistency, |_, it| {
        it.consistency.hashes.push([1; 32]);
    }),
    ("hashes of the way swapped", Asked::Consistency, |_, it| it.consistency.hashes.swap(1, 2)),
    ("from another size", Asked::Consistency, |_, it| it.consistency.old -= 1),
    ("from a fork", Asked::Consistency, |base, it| {
        it.kept = signed(&base.signer, &base.rewritten()[..KEPT]);
    }),
    ("to a fork, with the fork's own proof", Asked::Consistency, |base, it| {
        it.consistency = continued(&base.signer, &base.rewritten(), KEPT as u64);
    }),
    ("to a checkpoint of another key", Asked::Consistency, |base, it| {
        let name = base.signer.verifier().name().to_owned();
        it.consistency = continued(&stranger(&name), &base.leaves, KEPT as u64);
    }),
    ("from a kept checkpoint of another key", Asked::Consistency, |base, it| {
        it.kept = signed(&stranger(base.signer.verifier().name()), &base.leaves[..KEPT]);
    }),
];
