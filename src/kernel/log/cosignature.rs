//! Cosignatures of witnesses: C2SP tlog-cosignature, timestamped Ed25519 (type 0x04).
//!
//! A cosignature says: at this time, this was the largest tree that the witness had seen of this log,
//! and it continued every tree seen before. It stands as one more signature line under the checkpoint.

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};

use crate::kernel::log::note::{self, KeyText, NoteError};

/// Signature type of timestamped Ed25519 in signed notes.
const COSIGNATURE_TYPE: u8 = 4;

/// Cosigns checkpoints under the name of a witness.
pub struct Cosigner {
    name: String,
    key: Ed25519KeyPair,
}

/// Who checks a witness.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CosignatureVerifier(KeyText);

fn message(text: &str, at_seconds: u64) -> String {
    format!("cosignature/v1\ntime {at_seconds}\n{text}")
}

impl Cosigner {
    /// A cosigner from a PKCS#8 document, as [`note::Signer::generate`] makes it. The key must be used
    /// for nothing else: the signed message does not hold the witness's name.
    ///
    /// # Errors
    /// The document is not an Ed25519 key, or the name cannot stand in a note.
    pub fn from_pkcs8(name: &str, pkcs8: &[u8]) -> Result<Cosigner, NoteError> {
        note::check_name(name)?;
        let key = Ed25519KeyPair::from_pkcs8(pkcs8)
            .map_err(|_rejected| NoteError("the key is not Ed25519 in PKCS#8"))?;
        Ok(Cosigner { name: name.to_owned(), key })
    }

    /// Who checks this witness.
    pub fn verifier(&self) -> CosignatureVerifier {
        let mut public_key = [0; 32];
        for (to, from) in public_key.iter_mut().zip(self.key.public_key().as_ref()) {
            *to = *from;
        }
        CosignatureVerifier(KeyText { name: self.name.clone(), kind: COSIGNATURE_TYPE, public_key })
    }

    /// The signature line, newline included, for the text of a checkpoint.
    pub fn cosign(&self, text: &str, at_seconds: u64) -> String {
        let signature = self.key.sign(message(text, at_seconds).as_bytes());
        let payload = [&at_seconds.to_be_bytes(), signature.as_ref()].concat();
        self.verifier().0.signature_line(&payload)
    }
}

impl CosignatureVerifier {
    /// Reads a witness's verifier key: `<name>+<key id, 8 hex>+<base64(0x04 || public key)>`.
    ///
    /// # Errors
    /// It is not spelt like that, or the key id does not fit.
    pub fn parse(vkey: &str) -> Result<CosignatureVerifier, NoteError> {
        let key = KeyText::parse(vkey)?;
        if key.kind == COSIGNATURE_TYPE {
            Ok(CosignatureVerifier(key))
        } else {
            Err(NoteError("it is not the key of a witness (type 4)"))
        }
    }

    /// The verifier key as text.
    pub fn vkey(&self) -> String {
        self.0.to_text()
    }

    /// The name of the witness.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// When the witness cosigned this note, in seconds since 1970. Signatures of others may stand
    /// beside, and are not checked.
    ///
    /// # Errors
    /// It is no note, or this witness has not cosigned it, or one of its lines does not fit.
    pub fn check(&self, note: &str) -> Result<u64, NoteError> {
        let (text, signatures) = note::parts(note)?;
        let ours = signatures.iter().filter(|signature| self.0.is_of(signature));
        let mut newest = None;
        for signature in ours {
            let (Some(time), Some(bytes)) =
                (signature.bytes.first_chunk().copied(), signature.bytes.get(8..))
            else {
                return Err(NoteError("a cosignature is too short"));
            };
            let at_seconds = u64::from_be_bytes(time);
            if i64::try_from(at_seconds).is_err() {
                return Err(NoteError("the time of a cosignature is no time"));
            }
            UnparsedPublicKey::new(&ED25519, &self.0.public_key)
                .verify(message(text, at_seconds).as_bytes(), bytes)
                .map_err(|_unspecified| NoteError("the cosignature does not fit"))?;
            newest = newest.max(Some(at_seconds));
        }
        newest.ok_or(NoteError("not cosigned by this witness"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cosigner(name: &str, seed: u8) -> Cosigner {
        // PKCS#8 of Ed25519 is a fixed head before the seed (RFC 8410).
        let mut pkcs8 = vec![
            0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22,
            0x04, 0x20,
        ];
        pkcs8.extend([seed; 32]);
        Cosigner::from_pkcs8(name, &pkcs8).unwrap()
    }

    const TEXT: &str = "example.com/log\n7\nAAAA\n";

    #[test]
    fn a_cosignature_holds_for_its_text_its_time_and_its_witness_only() {
        let witness = cosigner("witness.example/w1", 1);
        let line = witness.cosign(TEXT, 1_679_315_147);
        let note = format!("{TEXT}\n{line}");
        let verifier = witness.verifier();
        assert_eq!(verifier.check(&note), Ok(1_679_315_147));
        assert_eq!(CosignatureVerifier::parse(&verifier.vkey()), Ok(verifier.clone()));
        let missing = Err(NoteError("not cosigned by this witness"));
        assert_eq!(cosigner("witness.example/w1", 2).verifier().check(&note), missing);
        assert_eq!(cosigner("witness.example/w2", 1).verifier().check(&note), missing);
        for bit in 0..note.len() * 8 {
            let mut bad = note.clone().into_bytes();
            bad[bit / 8] ^= 1 << (bit % 8);
            let passed = String::from_utf8(bad).is_ok_and(|bad| verifier.check(&bad).is_ok());
            assert!(!passed, "bit {bit} of the note");
        }
    }

    #[test]
    fn a_log_and_a_witness_are_not_mistaken_for_each_other() {
        let witness = cosigner("witness.example/w1", 1);
        let vkey = witness.verifier().vkey();
        assert!(note::Verifier::parse(&vkey).is_err(), "{vkey}");
        let signer = note::Signer::from_pkcs8("a", &note::Signer::generate().unwrap()).unwrap();
        assert!(CosignatureVerifier::parse(&signer.verifier().vkey()).is_err());
        // The newest counts.
        let lines = [5, 9, 7].map(|at| witness.cosign(TEXT, at)).concat();
        assert_eq!(witness.verifier().check(&format!("{TEXT}\n{lines}")), Ok(9));
    }
}
