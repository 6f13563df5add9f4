//! Blobs: files of entries, as detached bodies (docs/format.md, section 2). Written whole and synced
//! before the frame that names them.

use std::{
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use crate::kernel::{
    crypto::{self, CryptoFault, Hash, Secret, TAG_BYTES, hash, hex},
    durable::{Disk, write_whole},
    journal::{JournalError, entry::Descriptor},
};

/// Plaintext of one chunk.
const CHUNK_BYTES: usize = 64 * 1024;
/// A blob file that no entry names is rubbish after this.
pub const RUBBISH_AFTER: Duration = Duration::from_secs(24 * 3600);

/// A blob on disk that no entry names yet. Dropped, it becomes rubbish.
pub struct StagedBlob {
    pub(in crate::kernel) descriptor: Descriptor,
    pub(in crate::kernel) secret: Secret,
}

impl std::fmt::Debug for StagedBlob {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "StagedBlob({} bytes)", self.descriptor.length)
    }
}

/// Where a blob file lies.
pub fn blob_path(data: &Path, file: &Hash) -> PathBuf {
    let name = hex(file);
    data.join("blobs").join(name.get(..2).unwrap_or_default()).join(&name)
}

/// Seals a plaintext into the bytes of a blob file.
///
/// # Errors
/// The cryptographic library refused.
pub fn seal_blob(
    secret: &Secret,
    commitment: &Hash,
    plaintext: &[u8],
) -> Result<Vec<u8>, CryptoFault> {
    let key = secret.key(commitment);
    let mut out =
        Vec::with_capacity(plaintext.len() + (plaintext.len() / CHUNK_BYTES + 1) * TAG_BYTES);
    for (number, chunk, last) in chunks(plaintext, CHUNK_BYTES) {
        crypto::seal(&key, nonce(number, last), chunk, &mut out)?;
    }
    Ok(out)
}

/// Opens the bytes of a blob file. `None`: another secret, or a changed bit.
pub fn open_blob(secret: &Secret, commitment: &Hash, file: &[u8]) -> Option<Vec<u8>> {
    let key = secret.key(commitment);
    let mut out = Vec::with_capacity(file.len());
    for (number, chunk, last) in chunks(file, CHUNK_BYTES + TAG_BYTES) {
        out.extend(crypto::open(&key, nonce(number, last), chunk).ok()?);
    }
    (secret.commit(&out) == *commitment).then_some(out)
}

/// Chunks with their numbers; an empty text is one empty chunk.
fn chunks(bytes: &[u8], size: usize) -> impl Iterator<Item = (u64, &[u8], bool)> {
    let count = bytes.len().div_ceil(size).max(1);
    (0..count).map(move |index| {
        let chunk =
            bytes.get(index * size..((index + 1) * size).min(bytes.len())).unwrap_or_default();
        (index as u64, chunk, index + 1 == count)
    })
}

fn nonce(number: u64, last: bool) -> [u8; 12] {
    let [a, b, c, d, e, f, g, h] = number.to_be_bytes();
    [0, 0, 0, a, b, c, d, e, f, g, h, u8::from(last)]
}

/// Writes a blob under a fresh secret, durably.
///
/// # Errors
/// The device failed or is full; nothing refers to what was written.
pub fn stage(disk: &dyn Disk, data: &Path, plaintext: &[u8]) -> Result<StagedBlob, JournalError> {
    let secret = Secret::fresh()?;
    let commitment = secret.commit(plaintext);
    let file = seal_blob(&secret, &commitment, plaintext)?;
    let name = hash(&[&file]);
    let path = blob_path(data, &name);
    if let Some(parent) = path.parent() {
        disk.create_directory(parent).map_err(JournalError::io("creating a blob directory"))?;
        if let Some(above) = parent.parent() {
            disk.sync_directory(above).map_err(JournalError::io("syncing the blobs"))?;
        }
    }
    write_whole(disk, &path, &file).map_err(JournalError::io("writing a blob"))?;
    let descriptor = Descriptor {
        kind: crate::kernel::journal::entry::KIND_BLOB,
        version: 1,
        length: plaintext.len() as u64,
        commitment,
        detached: Some(name),
    };
    Ok(StagedBlob { descriptor, secret })
}

/// Deletes blob files that no entry names and that are older than [`RUBBISH_AFTER`]. `is_named` says
/// whether an entry names a file. Returns how many went.
///
/// # Errors
/// The directory cannot be read.
pub fn collect_rubbish(
    data: &Path,
    now: SystemTime,
    is_named: impl Fn(&str) -> bool,
) -> std::io::Result<u64> {
    let mut gone = 0;
    let Ok(groups) = std::fs::read_dir(data.join("blobs")) else { return Ok(0) };
    for group in groups {
        for file in std::fs::read_dir(group?.path())? {
            let file = file?;
            let age = now.duration_since(file.metadata()?.modified()?).unwrap_or_default();
            if age > RUBBISH_AFTER && !is_named(&file.file_name().to_string_lossy()) {
                std::fs::remove_file(file.path())?;
                gone += 1;
            }
        }
    }
    Ok(gone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_around_a_chunk_opens_to_itself_and_no_cut_does() {
        for length in [
            0,
            1,
            CHUNK_BYTES - 1,
            CHUNK_BYTES,
            CHUNK_BYTES + 1,
            2 * CHUNK_BYTES,
            3 * CHUNK_BYTES + 7,
        ] {
            let text: Vec<u8> = (0..length).map(|n| (n % 253) as u8).collect();
            let secret = Secret::fresh().unwrap();
            let commitment = secret.commit(&text);
            let file = seal_blob(&secret, &commitment, &text).unwrap();
            assert_eq!(
                open_blob(&secret, &commitment, &file).as_deref(),
                Some(text.as_slice()),
                "{length}"
            );
            for cut in [1, TAG_BYTES, CHUNK_BYTES + TAG_BYTES] {
                if cut <= file.len() {
                    assert_eq!(
                        open_blob(&secret, &commitment, &file[..file.len() - cut]),
                        None,
                        "{length} cut by {cut}"
                    );
                }
            }
        }
    }
}
