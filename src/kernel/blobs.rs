//! Blobs: files of entries, as detached bodies (docs/format.md, section 2). Written whole and synced
//! before the frame that names them.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use crate::kernel::{
    crypto::{self, CryptoFault, Hash, Secret, TAG_BYTES, hash, hex},
    durable::{Disk, write_whole},
    journal::{JournalError, entry::Descriptor},
    seeded::{self, Wrong},
};

/// Plaintext of one chunk.
const CHUNK_BYTES: usize = 64 * 1024;
/// A blob file that no entry names is rubbish after this.
pub const RUBBISH_AFTER: Duration = Duration::from_secs(24 * 3600);

/// A blob on disk that no entry names yet. Dropped, it becomes rubbish.
pub struct StagedBlob {
    pub(in crate::kernel) descriptor: Descriptor,
    pub(in crate::kernel) secret: Secret,
    pub(in crate::kernel) spared: Spared,
}

/// Blob files that this process has written, or begins to write, and that no durable entry names yet.
/// However old a file looks after the clock has jumped, the collector leaves these alone.
#[derive(Clone, Default)]
pub struct Staging(Arc<Mutex<BTreeSet<Hash>>>);

/// Spares one blob file until its entry is durable or nobody wants it any more.
pub(in crate::kernel) struct Spared {
    staging: Staging,
    file: Hash,
}

impl Staging {
    fn spare(&self, file: Hash) -> Spared {
        self.files().insert(file);
        Spared { staging: self.clone(), file }
    }

    /// Names of the files that are spared at this moment.
    pub(in crate::kernel) fn names(&self) -> BTreeSet<String> {
        self.files().iter().map(|file| hex(file)).collect()
    }

    fn files(&self) -> MutexGuard<'_, BTreeSet<Hash>> {
        // Inserting and removing cannot stop half-way.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Spared {
    fn drop(&mut self) {
        self.staging.files().remove(&self.file);
    }
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
pub fn stage(
    disk: &dyn Disk,
    data: &Path,
    staging: &Staging,
    plaintext: &[u8],
) -> Result<StagedBlob, JournalError> {
    let secret = Secret::fresh()?;
    let commitment = secret.commit(plaintext);
    let file = seal_blob(&secret, &commitment, plaintext)?;
    let name = hash(&[&file]);
    // Before there is a file, so that the collector never sees one that is not yet spared.
    let spared = staging.spare(name);
    let path = blob_path(data, &name);
    if let Some(parent) = path.parent() {
        disk.create_directory(parent).map_err(JournalError::io("creating a blob directory"))?;
        if let Some(above) =
            parent.parent().filter(|_| !seeded::is_on(Wrong::BlobDirectoryNotSynced))
        {
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
    Ok(StagedBlob { descriptor, secret, spared })
}

/// Blob files, whole or unfinished, that are older than [`RUBBISH_AFTER`], by name. What bears no name
/// of a blob is not ours to judge.
///
/// # Errors
/// The directory cannot be read.
pub(in crate::kernel) fn aged(
    data: &Path,
    now: SystemTime,
) -> io::Result<BTreeMap<String, Vec<PathBuf>>> {
    let mut found: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    let groups = match std::fs::read_dir(data.join("blobs")) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(found),
        groups => groups?,
    };
    for group in groups {
        let group = group?;
        if !group.file_type()?.is_dir() {
            continue;
        }
        for file in std::fs::read_dir(group.path())? {
            let file = file?;
            let metadata = match file.metadata() {
                // An unfinished file got its right name meanwhile.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                metadata => metadata?,
            };
            let age = now.duration_since(metadata.modified()?).unwrap_or_default();
            let name = file.file_name().to_string_lossy().into_owned();
            let name = name.strip_suffix(".tmp").unwrap_or(&name);
            let is_ours = name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
            if is_ours && metadata.is_file() && age > RUBBISH_AFTER {
                found.entry(name.to_owned()).or_default().push(file.path());
            }
        }
    }
    Ok(found)
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
