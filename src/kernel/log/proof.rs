//! Proof of one entry: C2SP tlog-proof, and the file a resident keeps (docs/format.md, section 8).

use std::collections::BTreeSet;

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use serde::{Deserialize, Serialize};

use crate::kernel::{
    blobs::open_blob,
    crypto::{Hash, Secret, hash},
    journal::{
        JournalError, Seq,
        entry::{self, Descriptor, Header},
        reader::{Body, Reader},
        sealed::open_body,
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

pub(super) fn bad(what: impl Into<String>) -> BadProof {
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
    /// Attached bodies.
    pub bodies: Vec<DisclosedBody>,
    /// Detached bodies.
    pub blobs: Vec<DisclosedBody>,
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
    /// Base64 of the plaintext.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Base64 of the sealed bytes, instead of the plaintext. A blob may have neither: its owner has
    /// the file, and [`DisclosedBody::is_file`] tells whether it is the one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stored: Option<String>,
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
        let header = &owned.frame.header;
        let mut file = ProofFile::new(&log.verifier(), header, tlog_proof);
        for (descriptor, body) in header.bodies.iter().zip(0u32..) {
            if !disclose(body, descriptor.kind) {
                continue;
            }
            let Some(secret) = reader.secret(&owned.frame, body)? else { continue };
            match (descriptor.detached, reader.body_of(&owned, body)?) {
                (Some(_), _) => file.disclose(descriptor, body, &secret, None),
                (None, Body::Readable(text)) => {
                    file.disclose(descriptor, body, &secret, Some(&text));
                }
                (None, Body::Erased | Body::Lost) => {}
            }
        }
        Ok(Some(file))
    }

    /// A file that discloses nothing yet.
    pub fn new(verifier: &Verifier, header: &Header, tlog_proof: String) -> ProofFile {
        ProofFile {
            format: PROOF_FORMAT.to_owned(),
            vkey: verifier.vkey(),
            header: BASE64.encode(header.encode()),
            bodies: Vec::new(),
            blobs: Vec::new(),
            tlog_proof,
        }
    }

    /// Adds a body: with its text, or, of a blob, with its secret alone.
    pub fn disclose(
        &mut self,
        descriptor: &Descriptor,
        body: u32,
        secret: &Secret,
        text: Option<&[u8]>,
    ) {
        let disclosed = DisclosedBody {
            body,
            kind: descriptor.kind,
            version: descriptor.version,
            secret: BASE64.encode(secret.0),
            text: text.map(|text| BASE64.encode(text)),
            stored: None,
        };
        if descriptor.detached.is_some() {
            self.blobs.push(disclosed);
        } else {
            self.bodies.push(disclosed);
        }
    }

    /// Checks everything the file claims, with nothing but the file and the log's key. The secret
    /// of a blob that is not in the file cannot be checked before its owner brings it.
    ///
    /// # Errors
    /// What does not hold.
    pub fn verify(&self, verifier: &Verifier) -> Result<Proven, BadProof> {
        if self.format != PROOF_FORMAT {
            return Err(bad(format!("unknown format {}", self.format)));
        }
        if self.vkey != verifier.vkey() {
            return Err(bad("it was made under another key"));
        }
        let raw = BASE64.decode(&self.header).map_err(|error| bad(error.to_string()))?;
        let header = Header::decode(&raw).map_err(|error| bad(error.to_string()))?;
        let proof = TlogProof::parse(&self.tlog_proof)?;
        if proof.index != header.seq {
            return Err(bad("the proof is of another entry"));
        }
        let checkpoint = proof.verify(entry::leaf(&raw), verifier)?;
        let (mut bodies, mut seen) = (Vec::new(), BTreeSet::new());
        let attached = self.bodies.iter().map(|disclosed| (disclosed, false));
        let detached = self.blobs.iter().map(|disclosed| (disclosed, true));
        for (disclosed, is_blob) in attached.chain(detached) {
            if !seen.insert(disclosed.body) {
                return Err(bad(format!("body {} stands twice", disclosed.body)));
            }
            if let Some(text) = disclosed.check(&header, is_blob)? {
                bodies.push((disclosed.body, disclosed.kind, text));
            }
        }
        Ok(Proven { header, checkpoint, bodies })
    }
}

impl DisclosedBody {
    fn check(&self, header: &Header, is_blob: bool) -> Result<Option<Vec<u8>>, BadProof> {
        let descriptor = self.descriptor(header)?;
        if (descriptor.kind, descriptor.version) != (self.kind, self.version)
            || descriptor.detached.is_some() != is_blob
        {
            return Err(bad(format!("body {} is of another kind", self.body)));
        }
        let secret = self.secret()?;
        let not_it = || bad(format!("body {} is not what was filed", self.body));
        let decode = |text: &String| BASE64.decode(text).map_err(|error| bad(error.to_string()));
        let text = match (&self.text, &self.stored) {
            (Some(text), None) => {
                let text = decode(text)?;
                (secret.commit(&text) == descriptor.commitment).then_some(text)
            }
            (None, Some(stored)) => {
                let stored = decode(stored)?;
                match descriptor.detached {
                    None => open_body(&secret, &descriptor.commitment, &stored),
                    Some(name) if hash(&[&stored]) == name => {
                        open_blob(&secret, &descriptor.commitment, &stored)
                    }
                    Some(_) => None,
                }
            }
            (None, None) if is_blob => return Ok(None),
            _ => return Err(bad(format!("body {} has no text, or two", self.body))),
        };
        text.filter(|text| text.len() as u64 == descriptor.length).ok_or_else(not_it).map(Some)
    }

    /// Whether a file is the blob that this body names.
    ///
    /// # Errors
    /// There is no such body, or the secret is not one.
    pub fn is_file(&self, header: &Header, file: &[u8]) -> Result<bool, BadProof> {
        Ok(self.secret()?.commit(file) == self.descriptor(header)?.commitment)
    }

    fn descriptor<'a>(&self, header: &'a Header) -> Result<&'a Descriptor, BadProof> {
        let index = usize::try_from(self.body).ok();
        index
            .and_then(|index| header.bodies.get(index))
            .ok_or_else(|| bad(format!("there is no body {}", self.body)))
    }

    fn secret(&self) -> Result<Secret, BadProof> {
        let raw = BASE64.decode(&self.secret).ok().and_then(|raw| <[u8; 32]>::try_from(raw).ok());
        raw.map(Secret).ok_or_else(|| bad("a secret is not 32 bytes"))
    }
}
