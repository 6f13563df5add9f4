//! C2SP signed notes with Ed25519 (type 0x01): text, blank line, signature lines.

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};

use crate::kernel::crypto::hash;

/// Signature type of Ed25519 in signed notes.
const ED25519_TYPE: u8 = 1;

/// A note that is not one, or not signed by this key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("signed note: {0}")]
pub struct NoteError(pub &'static str);

/// Who may have signed: name, key id and public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verifier(KeyText);

/// An Ed25519 verifier key of some signature type, as text: `name+id+key`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct KeyText {
    pub(super) name: String,
    /// Signature type.
    pub(super) kind: u8,
    pub(super) public_key: [u8; 32],
}

/// Signs notes under a name.
pub struct Signer {
    name: String,
    key: Ed25519KeyPair,
}

impl Signer {
    /// A signer from a PKCS#8 document.
    ///
    /// # Errors
    /// The document is not an Ed25519 key, or the name cannot stand in a note.
    pub fn from_pkcs8(name: &str, pkcs8: &[u8]) -> Result<Signer, NoteError> {
        check_name(name)?;
        let key = Ed25519KeyPair::from_pkcs8(pkcs8)
            .map_err(|_rejected| NoteError("the key is not Ed25519 in PKCS#8"))?;
        Ok(Signer { name: name.to_owned(), key })
    }

    /// A signer from the 32 bytes of a private key.
    ///
    /// # Errors
    /// They are not a key, or the name cannot stand in a note.
    pub(super) fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Signer, NoteError> {
        check_name(name)?;
        let key = Ed25519KeyPair::from_seed_unchecked(seed)
            .map_err(|_rejected| NoteError("the key is not Ed25519"))?;
        Ok(Signer { name: name.to_owned(), key })
    }

    /// A new key, as a PKCS#8 document.
    ///
    /// # Errors
    /// The system gave no random numbers.
    pub fn generate() -> Result<Vec<u8>, NoteError> {
        let key =
            Ed25519KeyPair::generate().map_err(|_unspecified| NoteError("no random numbers"))?;
        let document =
            key.to_pkcs8v1().map_err(|_unspecified| NoteError("the key could not be written"))?;
        Ok(document.as_ref().to_vec())
    }

    /// Who checks this signer's notes.
    pub fn verifier(&self) -> Verifier {
        let mut public_key = [0; 32];
        for (to, from) in public_key.iter_mut().zip(self.key.public_key().as_ref()) {
            *to = *from;
        }
        Verifier(KeyText { name: self.name.clone(), kind: ED25519_TYPE, public_key })
    }

    /// The note: `text` must end in a newline.
    pub fn sign(&self, text: &str) -> String {
        let signature = self.key.sign(text.as_bytes());
        format!("{text}\n{}", self.verifier().0.signature_line(signature.as_ref()))
    }
}

impl KeyText {
    pub(super) fn parse(vkey: &str) -> Result<KeyText, NoteError> {
        let mut parts = vkey.trim_end_matches('\n').splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(NoteError("a verifier key is name+id+key"));
        };
        check_name(name)?;
        let raw = BASE64.decode(key).map_err(|_spelling| NoteError("the key is not base64"))?;
        let [kind, public_key @ ..] = raw.as_slice() else {
            return Err(NoteError("the key is empty"));
        };
        let public_key = <[u8; 32]>::try_from(public_key)
            .map_err(|_length| NoteError("the key is not 32 bytes"))?;
        let parsed = KeyText { name: name.to_owned(), kind: *kind, public_key };
        if crate::kernel::crypto::hex(&parsed.key_id()) != id
            || parsed.to_text() != vkey.trim_end_matches('\n')
        {
            return Err(NoteError("the key id does not fit the key"));
        }
        Ok(parsed)
    }

    pub(super) fn to_text(&self) -> String {
        let mut raw = vec![self.kind];
        raw.extend_from_slice(&self.public_key);
        let id = crate::kernel::crypto::hex(&self.key_id());
        format!("{}+{id}+{}", self.name, BASE64.encode(raw))
    }

    fn key_id(&self) -> [u8; 4] {
        let [a, b, c, d, ..] = hash(&[self.name.as_bytes(), b"\n", &[self.kind], &self.public_key]);
        [a, b, c, d]
    }

    /// A line of a note, newline included.
    pub(super) fn signature_line(&self, signature: &[u8]) -> String {
        let raw = [self.key_id().as_slice(), signature].concat();
        format!("\u{2014} {} {}\n", self.name, BASE64.encode(raw))
    }

    /// Whether a signature says that it is of this key.
    pub(super) fn is_of(&self, signature: &Signature<'_>) -> bool {
        signature.name == self.name && signature.key_id == self.key_id()
    }
}

impl Verifier {
    /// Reads a verifier key: `<name>+<key id, 8 hex>+<base64(0x01 || public key)>`.
    ///
    /// # Errors
    /// It is not spelt like that, or the key id does not fit.
    pub fn parse(vkey: &str) -> Result<Verifier, NoteError> {
        let key = KeyText::parse(vkey)?;
        if key.kind == ED25519_TYPE {
            Ok(Verifier(key))
        } else {
            Err(NoteError("the key is not Ed25519"))
        }
    }

    /// The verifier key as text.
    pub fn vkey(&self) -> String {
        self.0.to_text()
    }

    pub(super) fn key_id(&self) -> [u8; 4] {
        self.0.key_id()
    }

    /// The name that stands before the signature; a log's origin.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The signed text of a note, newline included, if this key signed it. Signatures of other keys
    /// may stand beside.
    ///
    /// # Errors
    /// It is no note, it is not signed by this key, or a signature line is not spelt canonically.
    pub fn open<'a>(&self, note: &'a str) -> Result<&'a str, NoteError> {
        let (text, signatures) = parts(note)?;
        let mut good = false;
        for signature in signatures.iter().filter(|signature| self.0.is_of(signature)) {
            UnparsedPublicKey::new(&ED25519, &self.0.public_key)
                .verify(text.as_bytes(), &signature.bytes)
                .map_err(|_unspecified| NoteError("the signature does not fit"))?;
            good = true;
        }
        if good { Ok(text) } else { Err(NoteError("not signed by this key")) }
    }
}

/// The text of a note, whoever signed it.
///
/// # Errors
/// It is no note, or not spelt canonically.
pub fn unverified_text(note: &str) -> Result<&str, NoteError> {
    parts(note).map(|(text, _)| text)
}

/// One signature line.
pub(super) struct Signature<'a> {
    name: &'a str,
    key_id: [u8; 4],
    pub(super) bytes: Vec<u8>,
}

/// Text and signatures of a note. Spare bits of base64 are covered by no signature, so only one
/// spelling passes.
pub(super) fn parts(note: &str) -> Result<(&str, Vec<Signature<'_>>), NoteError> {
    let at = note.rfind("\n\n").ok_or(NoteError("no blank line"))?;
    let (Some(text), Some(lines)) = (note.get(..=at), note.get(at + 2..)) else {
        return Err(NoteError("no blank line"));
    };
    let lines = lines.strip_suffix('\n').ok_or(NoteError("no newline at the end"))?;
    let mut signatures = Vec::new();
    for line in lines.split('\n') {
        let (name, encoded) = line
            .strip_prefix("\u{2014} ")
            .and_then(|rest| rest.split_once(' '))
            .ok_or(NoteError("a line is not a signature"))?;
        check_name(name)?;
        let raw =
            BASE64.decode(encoded).map_err(|_spelling| NoteError("a signature is not base64"))?;
        let (Some(key_id), Some(bytes)) = (raw.first_chunk(), raw.get(4..)) else {
            return Err(NoteError("a signature is too short"));
        };
        if BASE64.encode(&raw) != encoded {
            return Err(NoteError("a signature is not spelt canonically"));
        }
        signatures.push(Signature { name, key_id: *key_id, bytes: bytes.to_vec() });
    }
    Ok((text, signatures))
}

/// Whether something can be the name of a key, and so the origin of a log.
///
/// # Errors
/// It is empty, or holds spaces or a plus.
pub fn check_name(name: &str) -> Result<(), NoteError> {
    let good =
        !name.is_empty() && !name.chars().any(|c| c.is_whitespace() || c == '+' || c.is_control());
    if good { Ok(()) } else { Err(NoteError("a name is empty or holds spaces or a plus")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_opens_with_its_key_only() {
        let signer = Signer::from_pkcs8("example/log", &Signer::generate().unwrap()).unwrap();
        let other = Signer::from_pkcs8("example/log", &Signer::generate().unwrap()).unwrap();
        let note = signer.sign("example/log\n1\nroot\n");
        assert_eq!(signer.verifier().open(&note).unwrap(), "example/log\n1\nroot\n");
        assert_eq!(other.verifier().open(&note), Err(NoteError("not signed by this key")));
        assert_eq!(Verifier::parse(&signer.verifier().vkey()).unwrap(), signer.verifier());
    }

    #[test]
    fn no_flipped_bit_of_a_note_or_key_passes() {
        let signer = Signer::from_pkcs8("example/log", &Signer::generate().unwrap()).unwrap();
        let (note, vkey) = (signer.sign("example/log\n1\nroot\n"), signer.verifier().vkey());
        for bit in 0..note.len() * 8 {
            let mut bad = note.clone().into_bytes();
            bad[bit / 8] ^= 1 << (bit % 8);
            let passed =
                String::from_utf8(bad).is_ok_and(|bad| signer.verifier().open(&bad).is_ok());
            assert!(!passed, "bit {bit} of the note");
        }
        for bit in 0..vkey.len() * 8 {
            let mut bad = vkey.clone().into_bytes();
            bad[bit / 8] ^= 1 << (bit % 8);
            let passed = String::from_utf8(bad)
                .is_ok_and(|bad| Verifier::parse(&bad).is_ok_and(|key| key.open(&note).is_ok()));
            assert!(!passed, "bit {bit} of the key");
        }
    }
}
