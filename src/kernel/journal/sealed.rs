//! Bodies as they are stored: sealed under a secret that lies in a slot (docs/format.md, section 2).

use crate::kernel::{
    crypto::{self, CryptoFault, Hash, Secret, TAG_BYTES},
    journal::entry::Descriptor,
};

/// A body on its way to disk.
pub struct SealedBody {
    pub descriptor: Descriptor,
    pub secret: Secret,
    /// Empty for a detached body: its bytes are in the blob file.
    pub stored: Vec<u8>,
}

/// Seals a plaintext under a fresh secret, used once.
///
/// # Errors
/// The system gave no random numbers.
pub fn seal_body(kind: u16, version: u16, plaintext: &[u8]) -> Result<SealedBody, CryptoFault> {
    let secret = Secret::fresh()?;
    let commitment = secret.commit(plaintext);
    let mut stored = Vec::with_capacity(plaintext.len() + TAG_BYTES);
    crypto::seal(&secret.key(&commitment), [0; 12], plaintext, &mut stored)?;
    let descriptor =
        Descriptor { kind, version, length: plaintext.len() as u64, commitment, detached: None };
    Ok(SealedBody { descriptor, secret, stored })
}

/// Opens a stored body: the cipher first, then the commitment, because the cipher alone does not
/// bind its key. `None` if either does not fit.
pub fn open_body(secret: &Secret, commitment: &Hash, stored: &[u8]) -> Option<Vec<u8>> {
    let plaintext = crypto::open(&secret.key(commitment), [0; 12], stored).ok()?;
    (secret.commit(&plaintext) == *commitment).then_some(plaintext)
}

/// Bytes that an attached body takes in a frame.
pub fn stored_length(descriptor: &Descriptor) -> u64 {
    if descriptor.detached.is_some() { 0 } else { descriptor.length + TAG_BYTES as u64 }
}
