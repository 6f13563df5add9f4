//! Proof of one entry: C2SP tlog-proof, and the file a resident keeps (docs/format.md, section 8).

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use serde::{Deserialize, Serialize};

use crate::kernel::{
    crypto::{Hash, Secret},
    journal::{
        JournalError, Seq,
        entry::{self, Header},
        reader::{Body, Reader},
    },
    log::{
        checkpoint::{Checkpoint, Log},
        note::Verifier,
        tree::root_from_inclusion,
    },
};

const MAGIC: &str = "c2sp.org/tlog-proof@v1";
/// Format name of the file.
pub const PROOF_FORMAT: &str = "ostoja-proof/1";

/// A proof does not hold, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the proof does not hold: {0}")]
pub struct BadProof(pub String);

fn bad(what: impl Into<String>) -> BadProof {
    BadProof(what.into())
}

/// A self-contained proof of inclusion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlogProof {
    pub index: Seq,
    pub hashes: Vec<Hash>,
    pub checkpoint: String,
}

impl TlogProof {
    /// The text of the file.
    pub fn to_text(&self) -> String {
        let mut text = format!("{MAGIC}\nindex {}\n", self.index);
        for hash in &self.hashes {
            text.push_str(&BASE64.encode(hash));
            text.push('\n');
        }
        text.push('\n');
        text.push_str(&self.checkpoint);
        text
    }

    /// Reads a file.
    ///
    /// # Errors
    /// It is not spelt like a tlog-proof.
    pub fn parse(text: &str) -> Result<TlogProof, BadProof> {
        let (head, checkpoint) = text.split_once("\n\n").ok_or_else(|| bad("no blank line"))?;
        let mut lines = head.lines();
        if lines.next() != Some(MAGIC) {
            return Err(bad("it is not a tlog-proof"));
        }
        let index =
            lines.next().and_then(|line| line.strip_prefix("index ")).and_then(|n| n.parse().ok());
        let hashes = lines
            .map(|line| {
                BASE64
                    .decode(line)
                    .ok()
                    .and_then(|raw| Hash::try_from(raw).ok())
                    .ok_or_else(|| bad("a line is not a hash"))
            })
            .collect::<Result<Vec<_>, _>>()?;
        let proof = TlogProof {
            index: index.ok_or_else(|| bad("no index"))?,
            hashes,
            checkpoint: checkpoint.to_owned(),
        };
        if proof.to_text() != text {
            return Err(bad("it is not spelt canonically"));
        }
        Ok(proof)
    }

    /// Checks that a leaf is under a checkpoint signed by the log.
    ///
    /// # Errors
    /// It is not.
    pub fn verify(&self, leaf: Hash, verifier: &Verifier) -> Result<Checkpoint, BadProof> {
        let checkpoint =
            Checkpoint::open(&self.checkpoint, verifier).map_err(|error| bad(error.to_string()))?;
        match root_from_inclusion(leaf, self.index, checkpoint.size, &self.hashes) {
            Some(root) if root == checkpoint.root => Ok(checkpoint),
            _ => Err(bad("the entry is not under the signed root")),
        }
    }
}

/// The file that a resident keeps: an entry, the bodies disclosed to them, and the proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProofFile {
    pub format: String,
    pub vkey: String,
    /// Base64 of the header's bytes.
    pub header: String,
    pub bodies: Vec<DisclosedBody>,
    pub tlog_proof: String,
}

/// One body with its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DisclosedBody {
    pub body: u32,
    pub kind: u16,
    pub version: u16,
    /// Base64.
    pub secret: String,
    /// Base64 of the plaintext, absent for a blob: its owner has the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// What a verified file says.
#[derive(Debug)]
pub struct Proven {
    pub header: Header,
    pub checkpoint: Checkpoint,
    /// (body, kind, plaintext) of each body disclosed with its text.
    pub bodies: Vec<(u32, u16, Vec<u8>)>,
}

impl ProofFile {
    /// Makes the file for one entry with the bodies that `disclose` picks. `None` while no
    /// checkpoint covers the entry.
    ///
    /// # Errors
    /// The journal or a tile is unreadable.
    pub fn make(
        reader: &Reader,
        log: &Log,
        seq: Seq,
        disclose: impl Fn(u32, u16) -> bool,
    ) -> Result<Option<ProofFile>, JournalError> {
        let Some(tlog_proof) = log.prove(seq)? else { return Ok(None) };
        let owned = reader.frame(seq)?;
        let mut bodies = Vec::new();
        for (descriptor, body) in owned.frame.header.bodies.iter().zip(0u32..) {
            if !disclose(body, descriptor.kind) {
                continue;
            }
            let Some(secret) = reader.secret(&owned.frame, body)? else { continue };
            let text = match (descriptor.detached, reader.body_of(&owned, body)?) {
                (Some(_), _) => None,
                (None, Body::Readable(text)) => Some(BASE64.encode(text)),
                (None, Body::Erased | Body::Lost) => continue,
            };
            let (kind, version) = (descriptor.kind, descriptor.version);
            bodies.push(DisclosedBody {
                body,
                kind,
                version,
                secret: BASE64.encode(secret.0),
                text,
            });
        }
        let header = BASE64.encode(owned.frame.header.encode());
        Ok(Some(ProofFile {
            format: PROOF_FORMAT.to_owned(),
            vkey: log.verifier().vkey(),
            header,
            bodies,
            tlog_proof,
        }))
    }

    /// Checks everything the file claims, with nothing but the file and the log's key.
    ///
    /// # Errors
    /// What does not hold.
    pub fn verify(&self, verifier: &Verifier) -> Result<Proven, BadProof> {
        if self.format != PROOF_FORMAT {
            return Err(bad(format!("unknown format {}", self.format)));
        }
        let raw = BASE64.decode(&self.header).map_err(|error| bad(error.to_string()))?;
        let header = Header::decode(&raw).map_err(|error| bad(error.to_string()))?;
        let proof = TlogProof::parse(&self.tlog_proof)?;
        if proof.index != header.seq {
            return Err(bad("the proof is of another entry"));
        }
        let checkpoint = proof.verify(entry::leaf(&raw), verifier)?;
        let mut bodies = Vec::new();
        for disclosed in &self.bodies {
            if let Some(text) = disclosed.check(&header)? {
                bodies.push((disclosed.body, disclosed.kind, text));
            }
        }
        Ok(Proven { header, checkpoint, bodies })
    }
}

impl DisclosedBody {
    fn check(&self, header: &Header) -> Result<Option<Vec<u8>>, BadProof> {
        let descriptor = header
            .bodies
            .get(self.body as usize)
            .ok_or_else(|| bad(format!("there is no body {}", self.body)))?;
        if (descriptor.kind, descriptor.version) != (self.kind, self.version) {
            return Err(bad(format!("body {} is of another kind", self.body)));
        }
        let secret = self.secret()?;
        let Some(text) = &self.text else { return Ok(None) };
        let text = BASE64.decode(text).map_err(|error| bad(error.to_string()))?;
        if secret.commit(&text) != descriptor.commitment || text.len() as u64 != descriptor.length {
            return Err(bad(format!("body {} is not what was filed", self.body)));
        }
        Ok(Some(text))
    }

    /// Whether a file is the blob that this body names.
    ///
    /// # Errors
    /// The secret is not one.
    pub fn is_file(&self, header: &Header, file: &[u8]) -> Result<bool, BadProof> {
        let descriptor =
            header.bodies.get(self.body as usize).ok_or_else(|| bad("there is no such body"))?;
        Ok(self.secret()?.commit(file) == descriptor.commitment)
    }

    fn secret(&self) -> Result<Secret, BadProof> {
        let raw = BASE64.decode(&self.secret).ok().and_then(|raw| <[u8; 32]>::try_from(raw).ok());
        raw.map(Secret).ok_or_else(|| bad("a secret is not 32 bytes"))
    }
}
