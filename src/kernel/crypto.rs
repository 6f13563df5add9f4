//! The few cryptographic operations of the format, each a thin shell over aws-lc-rs.
//!
//! Nothing here is an invention: SHA-256, HMAC-SHA-256, ChaCha20-Poly1305 and the system's random
//! numbers, under the names the format page uses.

use aws_lc_rs::{aead, digest, hmac, rand};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// A SHA-256 value.
pub type Hash = [u8; 32];

/// The cipher's tag, added to every sealed text.
pub const TAG_BYTES: usize = 16;

/// The secret of one body: 32 random bytes, used once.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Secret(pub [u8; 32]);

/// The system gave no random numbers, or a key was refused: the process cannot go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the cryptographic library refused to work")]
pub struct CryptoFault;

/// A text did not open: wrong key, or changed bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("sealed text does not open")]
pub struct DoesNotOpen;

/// SHA-256 over parts, joined.
pub fn hash(parts: &[&[u8]]) -> Hash {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(part);
    }
    let mut out = [0; 32];
    out.copy_from_slice(context.finish().as_ref());
    out
}

/// HMAC-SHA-256 over parts, joined.
pub fn mac(key: &[u8], parts: &[&[u8]]) -> Hash {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key));
    for part in parts {
        context.update(part);
    }
    let mut out = [0; 32];
    out.copy_from_slice(context.sign().as_ref());
    out
}

/// Fills an array with random bytes.
///
/// # Errors
/// The system's generator failed.
pub fn random<const N: usize>() -> Result<[u8; N], CryptoFault> {
    let mut out = [0; N];
    rand::fill(&mut out).map_err(|_unspecified| CryptoFault)?;
    Ok(out)
}

impl Secret {
    /// A fresh secret.
    ///
    /// # Errors
    /// The system's generator failed.
    pub fn fresh() -> Result<Secret, CryptoFault> {
        Ok(Secret(random()?))
    }

    /// What the header says of a body: binds secret and text.
    pub fn commit(&self, plaintext: &[u8]) -> Hash {
        hash(&[b"ostoja/body/1", &self.0, plaintext])
    }

    /// The key of a body. The commitment in it means that a secret used twice (a cloned machine)
    /// still gives another key for another text.
    pub fn key(&self, commitment: &Hash) -> Hash {
        mac(&self.0, &[b"ostoja/key/1", commitment, &[1]])
    }
}

/// Appends the sealed text to `out`.
///
/// # Errors
/// Only if the library refuses the key.
pub fn seal(
    key: &Hash,
    nonce: [u8; 12],
    plaintext: &[u8],
    out: &mut Vec<u8>,
) -> Result<(), CryptoFault> {
    let key =
        aead::UnboundKey::new(&aead::CHACHA20_POLY1305, key).map_err(|_unspecified| CryptoFault)?;
    let key = aead::LessSafeKey::new(key);
    let mut text = plaintext.to_vec();
    key.seal_in_place_append_tag(
        aead::Nonce::assume_unique_for_key(nonce),
        aead::Aad::empty(),
        &mut text,
    )
    .map_err(|_unspecified| CryptoFault)?;
    out.append(&mut text);
    Ok(())
}

/// Opens a sealed text.
///
/// # Errors
/// The key is another one, or a bit was changed.
pub fn open(key: &Hash, nonce: [u8; 12], sealed: &[u8]) -> Result<Vec<u8>, DoesNotOpen> {
    let key =
        aead::UnboundKey::new(&aead::CHACHA20_POLY1305, key).map_err(|_unspecified| DoesNotOpen)?;
    let key = aead::LessSafeKey::new(key);
    let mut text = sealed.to_vec();
    let opened = key
        .open_in_place(aead::Nonce::assume_unique_for_key(nonce), aead::Aad::empty(), &mut text)
        .map_err(|_unspecified| DoesNotOpen)?
        .len();
    text.truncate(opened);
    Ok(text)
}

/// Bytes as lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        // Writing to a String cannot fail.
        let _infallible = write!(out, "{byte:02x}");
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sha_256_of_abc() {
        assert_eq!(
            hex(&hash(&[b"a", b"bc"])),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn a_repeated_secret_gives_another_key_for_another_text() {
        let secret = Secret([7; 32]);
        assert_ne!(secret.key(&secret.commit(b"a")), secret.key(&secret.commit(b"b")));
    }

    #[test]
    fn a_changed_bit_does_not_open() {
        let mut sealed = Vec::new();
        seal(&[1; 32], [0; 12], b"text", &mut sealed).unwrap();
        assert_eq!(open(&[1; 32], [0; 12], &sealed).unwrap(), b"text");
        for bit in 0..sealed.len() * 8 {
            let mut bad = sealed.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(open(&[1; 32], [0; 12], &bad), Err(DoesNotOpen));
        }
    }
}
