//! A witness of other logs: C2SP tlog-witness without its HTTP.
//!
//! It remembers the newest checkpoint of each log it knows, and cosigns a newer one only if that
//! continues it. Two communes that witness each other make a second history visible: to show it, one
//! of them would have to get a cosignature for a tree that contradicts what the other remembers.
//!
//! It parses what strangers send, so it does nothing but compare, store and sign. How requests come
//! and answers go is the business of whoever calls it (`ostoja witness`); the statuses of the
//! specification are in [`Refused::status`].

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use crate::kernel::{
    crypto::{hash, hex},
    durable::{Disk, write_whole},
    log::{
        checkpoint::Checkpoint,
        consistency::ConsistencyProof,
        cosignature::{CosignatureVerifier, Cosigner},
        note::{self, Verifier},
        tree::{empty_root, is_consistent},
    },
};

/// No request is longer: 63 hashes, and a checkpoint with sixteen signatures of five kilobytes.
pub const REQUEST_BYTES_MAX: usize = 128 << 10;

/// Why a checkpoint was not cosigned.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    #[error("the request is malformed: {0}")]
    Malformed(String),
    #[error("the log {0} is not among those that this witness knows")]
    UnknownLog(String),
    #[error("the checkpoint is not signed by a key that this witness trusts for its log")]
    NotSigned,
    /// The proof starts elsewhere; the body of the answer is the size.
    #[error("the newest checkpoint cosigned for this log has {0} entries, so prove from there")]
    OtherSize(u64),
    /// Two trees of one size: the log has shown two histories, or the witness has.
    #[error(
        "a checkpoint of the same {0} entries with another root was cosigned before: keep both, they prove that the log has two histories"
    )]
    OtherRoot(u64),
    #[error("the checkpoint does not continue the one cosigned before: {0}")]
    Inconsistent(String),
    /// Nothing was released. What is remembered is the old state or the new one.
    #[error("the state of the witness: {0}")]
    State(#[from] io::Error),
}

impl Refused {
    /// The HTTP status that C2SP tlog-witness gives for it.
    pub fn status(&self) -> u16 {
        match self {
            Refused::Malformed(_) => 400,
            Refused::NotSigned => 403,
            Refused::UnknownLog(_) => 404,
            Refused::OtherSize(_) | Refused::OtherRoot(_) => 409,
            Refused::Inconsistent(_) => 422,
            Refused::State(_) => 500,
        }
    }
}

/// A witness with its memory.
pub struct Witness {
    disk: Arc<dyn Disk>,
    directory: PathBuf,
    cosigner: Cosigner,
    logs: Vec<Verifier>,
    /// From looking at what is remembered to having stored what is cosigned, one at a time: else an
    /// older request could be stored over a newer one that was already answered.
    ///
    /// Holds what this process has stored, by origin: the same checkpoint again needs no write, so that
    /// whoever repeats a public request costs a signature and no sync.
    turn: Mutex<BTreeMap<String, String>>,
}

impl Witness {
    /// A witness of `logs` that remembers in `directory`. Nobody else may write there meanwhile.
    pub fn new(
        disk: Arc<dyn Disk>,
        directory: &Path,
        cosigner: Cosigner,
        logs: Vec<Verifier>,
    ) -> Witness {
        Witness { disk, directory: directory.to_owned(), cosigner, logs, turn: Mutex::default() }
    }

    /// Who checks this witness.
    pub fn verifier(&self) -> CosignatureVerifier {
        self.cosigner.verifier()
    }

    /// `add-checkpoint`: the cosignature line for a checkpoint that continues what was seen before. It
    /// is given only after the checkpoint is remembered durably.
    ///
    /// # Errors
    /// Why not; nothing is cosigned then.
    pub fn add_checkpoint(&self, request: &str, at_seconds: u64) -> Result<String, Refused> {
        if request.len() > REQUEST_BYTES_MAX {
            return Err(Refused::Malformed("it is too long".to_owned()));
        }
        let proof = ConsistencyProof::parse(request)
            .map_err(|error| Refused::Malformed(error.to_string()))?;
        let text = note::unverified_text(&proof.checkpoint)
            .map_err(|error| Refused::Malformed(error.to_string()))?;
        let new = three_lines(text).ok_or_else(|| {
            Refused::Malformed("what follows the proof is not a checkpoint".to_owned())
        })?;
        let mut keys = self.logs.iter().filter(|key| key.name() == new.origin).peekable();
        if keys.peek().is_none() {
            return Err(Refused::UnknownLog(new.origin));
        }
        if !keys.any(|key| key.open(&proof.checkpoint).is_ok()) {
            return Err(Refused::NotSigned);
        }
        if proof.old > new.size {
            return Err(Refused::Malformed("the old size is greater than the new one".to_owned()));
        }
        let mut stored = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let (size, root) = match self.latest(&new.origin)? {
            Some(latest) => (latest.size, latest.root),
            None => (0, empty_root()),
        };
        if proof.old != size {
            return Err(Refused::OtherSize(size));
        }
        if new.size == size && new.root != root {
            return Err(Refused::OtherRoot(size));
        }
        if !is_consistent(size, new.size, &root, &new.root, &proof.hashes) {
            return Err(Refused::Inconsistent(format!(
                "the proof does not lead from {size} to {} entries",
                new.size
            )));
        }
        if stored.get(&new.origin) != Some(&proof.checkpoint) {
            stored.remove(&new.origin);
            let path = self.path(&new.origin);
            write_whole(self.disk.as_ref(), &path, proof.checkpoint.as_bytes())?;
            stored.insert(new.origin, proof.checkpoint.clone());
        }
        Ok(self.cosigner.cosign(text, at_seconds))
    }

    /// The newest checkpoint cosigned for a log; `None` if there was none yet.
    ///
    /// # Errors
    /// The device failed, or what is remembered is damaged. It is then never taken for nothing: the
    /// witness would cosign a second history.
    pub fn latest(&self, origin: &str) -> io::Result<Option<Checkpoint>> {
        let path = self.path(origin);
        if !self.disk.exists(&path) {
            return Ok(None);
        }
        let damaged = |what: &str| {
            io::Error::new(io::ErrorKind::InvalidData, format!("{}: {what}", path.display()))
        };
        let note = String::from_utf8(self.disk.read(&path)?)
            .map_err(|error| damaged(&error.to_string()))?;
        let keys = self.logs.iter().filter(|key| key.name() == origin);
        let text = keys.filter_map(|key| key.open(&note).ok()).next();
        let text = text.ok_or_else(|| damaged("not signed by a key of its log"))?;
        three_lines(text)
            .filter(|latest| latest.origin == origin)
            .map(Some)
            .ok_or_else(|| damaged("it is no checkpoint of its log"))
    }

    /// Where a log is remembered. An origin is any text, so its hash names the file.
    fn path(&self, origin: &str) -> PathBuf {
        self.directory.join(format!("{}.checkpoint", hex(&hash(&[origin.as_bytes()]))))
    }
}

/// Origin, size and root. Logs of others may have extension lines behind; they are cosigned as part of
/// the text and mean nothing here.
fn three_lines(text: &str) -> Option<Checkpoint> {
    let third = text.match_indices('\n').nth(2)?.0;
    let (three, extensions) = text.split_at_checked(third + 1)?;
    if extensions.lines().any(str::is_empty) {
        return None;
    }
    Checkpoint::parse(three).ok().filter(|checkpoint| !checkpoint.origin.is_empty())
}

#[cfg(test)]
#[path = "witness_tests.rs"]
mod tests;
