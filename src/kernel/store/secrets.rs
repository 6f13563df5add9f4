//! The secrets of a data directory that the store needs, read before anything else is touched. What is
//! missing or of a wrong length is named, with what to do: nothing here is ever made anew, because
//! another secret in the place of one that was lost would be believed.
//!
//! `scratch.key` is read by scratch, which it seals; docs/secrets.md lists all of them.

use std::{io, path::Path};

use crate::kernel::{
    durable::Disk,
    journal::JournalError,
    log::note::Signer,
    store::{Fault, FaultKind},
};

/// File of the log's key.
pub(super) const KEY: &str = "log.key";
/// File of the log's origin.
pub(super) const ORIGIN: &str = "origin";

/// What the store reads of `secrets/`.
pub struct Secrets {
    /// Signs checkpoints, under the log's origin.
    pub signer: Signer,
    /// Names staff in headers.
    pub pseudonym_key: [u8; 32],
    /// Stands in every segment.
    pub log_id: [u8; 16],
}

impl Secrets {
    /// Reads them.
    ///
    /// # Errors
    /// One is missing or malformed; the message names it.
    pub fn read(disk: &dyn Disk, data: &Path) -> Result<Secrets, Fault> {
        Ok(Secrets {
            signer: signer(disk, data)?,
            pseudonym_key: fixed(disk, data, "pseudonym.key")?,
            log_id: fixed(disk, data, "log.id")?,
        })
    }
}

/// The log's key, with its origin as name.
///
/// # Errors
/// One of both is missing or malformed; the message names it.
pub fn signer(disk: &dyn Disk, data: &Path) -> Result<Signer, Fault> {
    let origin = String::from_utf8(bytes(disk, data, ORIGIN)?)
        .map_err(|_encoding| malformed("origin", "it is not text"))?;
    let key = bytes(disk, data, KEY)?;
    Signer::from_pkcs8(&origin, &key).map_err(|error| malformed("log.key", &error.to_string()))
}

/// A secret of a fixed length.
///
/// # Errors
/// It is missing or of another length; the message names it.
pub fn fixed<const N: usize>(disk: &dyn Disk, data: &Path, name: &str) -> Result<[u8; N], Fault> {
    let bytes = bytes(disk, data, name)?;
    let length = bytes.len();
    bytes
        .try_into()
        .map_err(|_length| malformed(name, &format!("it has {length} bytes instead of {N}")))
}

fn bytes(disk: &dyn Disk, data: &Path, name: &str) -> Result<Vec<u8>, Fault> {
    disk.read(&data.join("secrets").join(name)).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => malformed(name, "it is missing"),
        _ => Fault::of(
            FaultKind::Device,
            format!("secrets/{name}: {error}; check its owner and permissions"),
        ),
    })
}

fn malformed(name: &str, what: &str) -> Fault {
    let otherwise = match name {
        "log.id" => "; bytes 36 to 51 of any segment are the same",
        "origin" => "; the first line of log/checkpoint is the same, without the newline",
        "scratch.key" => "; if there is none, 32 random bytes log everybody out and lose drafts",
        _ => "",
    };
    Fault::from(JournalError::damage(
        format!("secrets/{name}"),
        format!(
            "{what}: put it back from a copy of the data directory{otherwise} (docs/secrets.md)"
        ),
    ))
}
