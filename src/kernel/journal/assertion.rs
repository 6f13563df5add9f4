//! WebAuthn assertions kept as evidence, checked offline: did this key sign this challenge, with the
//! person present and verified? Not login: whether the key was enrolled and for whom is another
//! question, answered by records.
//!
//! Level: W3C WebAuthn 2, section 7.2, the steps that need no server state; algorithms ES256, EdDSA
//! (Ed25519) and RS256. The host name is not compared: an order holds whatever name the office had.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL};
use serde::Deserialize;

use crate::kernel::{
    crypto::{Hash, hash},
    identity::cose::PublicKey,
};

/// Flags of authenticatorData: user present and user verified.
const PRESENT_AND_VERIFIED: u8 = 0b101;
/// rpIdHash, flags, counter.
const AUTHENTICATOR_DATA_MIN: usize = 37;
const FLAGS_AT: usize = 32;

/// Why an assertion proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadAssertion(pub &'static str);

/// What an authenticator gave.
pub struct Given<'a> {
    /// COSE_Key bytes.
    pub public_key: &'a [u8],
    pub authenticator_data: &'a [u8],
    /// clientDataJSON.
    pub client_data: &'a [u8],
    pub signature: &'a [u8],
}

#[derive(Deserialize)]
struct ClientData {
    #[serde(rename = "type")]
    kind: String,
    challenge: String,
}

impl Given<'_> {
    /// Checks the assertion against the challenge it must answer; gives the key that signed.
    ///
    /// # Errors
    /// What does not hold.
    pub fn check(&self, challenge: &Hash) -> Result<PublicKey, BadAssertion> {
        let key = read_key(self.public_key)
            .ok_or(BadAssertion("a COSE key cannot be read, or is not ES256, EdDSA or RS256"))?;
        let client: ClientData = serde_json::from_slice(self.client_data)
            .map_err(|_malformed| BadAssertion("clientDataJSON cannot be read"))?;
        if client.kind != "webauthn.get" || client.challenge != BASE64URL.encode(challenge) {
            return Err(BadAssertion("an assertion answers another challenge"));
        }
        let flags = self.authenticator_data.get(FLAGS_AT).copied().unwrap_or(0);
        if self.authenticator_data.len() < AUTHENTICATOR_DATA_MIN
            || flags & PRESENT_AND_VERIFIED != PRESENT_AND_VERIFIED
        {
            return Err(BadAssertion("an assertion without user presence and verification"));
        }
        let signed = [self.authenticator_data, &hash(&[self.client_data])].concat();
        if key.verifies(&signed, self.signature) {
            Ok(key)
        } else {
            Err(BadAssertion("an assertion's signature does not verify"))
        }
    }
}

/// A public key, the same for every spelling of it: two keys of an order are compared as keys.
fn read_key(cose: &[u8]) -> Option<PublicKey> {
    let trimmed = |number: Vec<u8>| number.into_iter().skip_while(|byte| *byte == 0).collect();
    match PublicKey::read(cose)? {
        PublicKey::Es384(_) => None,
        PublicKey::Rs256 { modulus, exponent } => {
            Some(PublicKey::Rs256 { modulus: trimmed(modulus), exponent: trimmed(exponent) })
        }
        key @ (PublicKey::Es256(_) | PublicKey::Ed25519(_)) => Some(key),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::identity::soft_key::{Algorithm, SoftKey};

    fn soft_key(algorithm: Algorithm) -> SoftKey {
        SoftKey::new(algorithm, "localhost", "http://localhost").unwrap()
    }

    fn client_data(kind: &str, challenge: &Hash) -> Vec<u8> {
        let challenge = BASE64URL.encode(challenge);
        format!(r#"{{"type":"{kind}","challenge":"{challenge}","origin":"https://x","crossOrigin":false}}"#)
            .into_bytes()
    }

    fn authenticator_data(flags: u8) -> Vec<u8> {
        [&[7u8; 32][..], &[flags], &[0; 4]].concat()
    }

    #[test]
    fn each_algorithm_passes_and_every_flipped_bit_fails() {
        let challenge = [9; 32];
        for algorithm in [Algorithm::Es256, Algorithm::Ed25519, Algorithm::Rs256] {
            let soft = soft_key(algorithm);
            let (public_key, sign) = (soft.cose(), |message: &[u8]| soft.sign(message).unwrap());
            let client = client_data("webauthn.get", &challenge);
            let data = authenticator_data(5);
            let signature = sign(&[data.as_slice(), &hash(&[&client])].concat());
            let check = |public_key: &[u8], data: &[u8], client: &[u8], signature: &[u8]| {
                let given =
                    Given { public_key, authenticator_data: data, client_data: client, signature };
                given.check(&challenge)
            };
            let key = check(&public_key, &data, &client, &signature).unwrap();
            for (which, bytes) in [&public_key, &data, &client, &signature].iter().enumerate() {
                for bit in (0..bytes.len() * 8).step_by(if bytes.len() > 100 { 7 } else { 1 }) {
                    let mut bad = bytes.to_vec();
                    bad[bit / 8] ^= 1 << (bit % 8);
                    let found = match which {
                        0 => check(&bad, &data, &client, &signature),
                        1 => check(&public_key, &bad, &client, &signature),
                        2 => check(&public_key, &data, &bad, &signature),
                        _ => check(&public_key, &data, &client, &bad),
                    };
                    assert_ne!(found, Ok(key.clone()), "part {which} bit {bit}");
                }
            }
        }
    }

    #[test]
    fn a_key_of_another_kind_orders_nothing() {
        assert_eq!(read_key(&soft_key(Algorithm::Es384).cose()), None);
    }

    #[test]
    fn another_ceremony_or_an_absent_person_is_no_evidence() {
        let challenge = [9; 32];
        let soft = soft_key(Algorithm::Es256);
        let (public_key, sign) = (soft.cose(), |message: &[u8]| soft.sign(message).unwrap());
        for (kind, flags, answered) in [
            ("webauthn.create", 5, challenge),
            ("webauthn.get", 1, challenge),
            ("webauthn.get", 4, challenge),
            ("webauthn.get", 5, [8; 32]),
        ] {
            let client = client_data(kind, &answered);
            let data = authenticator_data(flags);
            let signature = sign(&[data.as_slice(), &hash(&[&client])].concat());
            let given = Given {
                public_key: &public_key,
                authenticator_data: &data,
                client_data: &client,
                signature: &signature,
            };
            assert!(given.check(&challenge).is_err(), "{kind} {flags}");
        }
    }
}
