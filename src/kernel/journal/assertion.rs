//! WebAuthn assertions kept as evidence, checked offline: did this key sign this challenge, with the
//! person present and verified? Not login: whether the key was enrolled and for whom is another
//! question, answered by records.
//!
//! Level: W3C WebAuthn 2, section 7.2, the steps that need no server state; COSE keys as in RFC 9053,
//! algorithms ES256, EdDSA (Ed25519) and RS256.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents,
    UnparsedPublicKey,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL};
use ciborium::Value;
use serde::Deserialize;

use crate::kernel::crypto::{Hash, hash};

/// Flags of authenticatorData: user present and user verified.
const PRESENT_AND_VERIFIED: u8 = 0b101;
/// rpIdHash, flags, counter.
const AUTHENTICATOR_DATA_MIN: usize = 37;
const FLAGS_AT: usize = 32;
const P256_COORDINATE: usize = 32;

/// Why an assertion proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadAssertion(pub &'static str);

/// A public key, the same for every spelling of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PublicKey {
    /// ES256: an uncompressed point of P-256.
    Es256(Vec<u8>),
    /// EdDSA: 32 bytes of Ed25519.
    EdDsa(Vec<u8>),
    /// RS256: modulus and exponent without leading zeros.
    Rs256 { n: Vec<u8>, e: Vec<u8> },
}

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
        let key = PublicKey::from_cose(self.public_key)?;
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

impl PublicKey {
    /// Reads a COSE_Key.
    ///
    /// # Errors
    /// It is not one, or of an algorithm that is not accepted.
    pub fn from_cose(bytes: &[u8]) -> Result<PublicKey, BadAssertion> {
        let malformed = BadAssertion("a COSE key cannot be read");
        let mut rest = bytes;
        let parsed: Value =
            ciborium::from_reader(&mut rest).map_err(|_malformed| malformed.clone())?;
        let Value::Map(pairs) = parsed else { return Err(malformed) };
        if !rest.is_empty() {
            return Err(malformed);
        }
        let find = |label: i64| {
            let mut found = pairs.iter().filter(|(key, _)| *key == Value::from(label));
            found.next().map(|(_, value)| value).filter(|_| found.next().is_none())
        };
        let number = |label| find(label)?.as_integer().and_then(|n| i64::try_from(n).ok());
        let octets = |label| find(label)?.as_bytes().cloned();
        let key = match (number(1), number(3), number(-1)) {
            (Some(2), Some(-7), Some(1)) => point(octets(-2), octets(-3)).map(PublicKey::Es256),
            (Some(1), Some(-8), Some(6)) => octets(-2).map(PublicKey::EdDsa),
            (Some(3), Some(-257), _) => octets(-1)
                .zip(octets(-2))
                .map(|(n, e)| PublicKey::Rs256 { n: trimmed(&n), e: trimmed(&e) }),
            _ => return Err(BadAssertion("a COSE key is not ES256, EdDSA or RS256")),
        };
        key.ok_or(malformed)
    }

    fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            PublicKey::Es256(point) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).verify(message, signature)
            }
            PublicKey::EdDsa(key) => {
                UnparsedPublicKey::new(&ED25519, key).verify(message, signature)
            }
            PublicKey::Rs256 { n, e } => RsaPublicKeyComponents { n, e }.verify(
                &RSA_PKCS1_2048_8192_SHA256,
                message,
                signature,
            ),
        }
        .is_ok()
    }
}

/// An uncompressed point from coordinates that may have lost leading zeros.
fn point(x: Option<Vec<u8>>, y: Option<Vec<u8>>) -> Option<Vec<u8>> {
    let mut point = vec![4];
    for coordinate in [x?, y?] {
        let zeros = P256_COORDINATE.checked_sub(coordinate.len())?;
        point.resize(point.len() + zeros, 0);
        point.extend(coordinate);
    }
    Some(point)
}

fn trimmed(number: &[u8]) -> Vec<u8> {
    number.iter().copied().skip_while(|byte| *byte == 0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::{
        rand::SystemRandom,
        signature::{
            ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _,
            RSA_PKCS1_SHA256, RsaKeyPair,
        },
    };

    fn cose(pairs: Vec<(i64, Value)>) -> Vec<u8> {
        let map = pairs.into_iter().map(|(key, value)| (Value::from(key), value)).collect();
        let mut out = Vec::new();
        ciborium::into_writer(&Value::Map(map), &mut out).unwrap();
        out
    }

    /// A key of each algorithm: its COSE form, and how it signs.
    type Key = (Vec<u8>, Box<dyn Fn(&[u8]) -> Vec<u8>>);

    fn keys() -> Vec<Key> {
        let random = SystemRandom::new();
        let ec = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        let point = ec.public_key().as_ref().to_vec();
        let es256 = cose(vec![
            (1, 2.into()),
            (3, (-7).into()),
            (-1, 1.into()),
            (-2, point[1..33].to_vec().into()),
            (-3, point[33..].to_vec().into()),
        ]);
        let ed = Ed25519KeyPair::generate().unwrap();
        let eddsa = cose(vec![
            (1, 1.into()),
            (3, (-8).into()),
            (-1, 6.into()),
            (-2, ed.public_key().as_ref().to_vec().into()),
        ]);
        let rsa = RsaKeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048).unwrap();
        // RSAPublicKey in DER, 2048 bits: 9 bytes, n, 2 bytes, e.
        let der = rsa.public_key().as_ref();
        let (n, e) = (der[9..265].to_vec(), der[267..].to_vec());
        let rs256 = cose(vec![(1, 3.into()), (3, (-257).into()), (-1, n.into()), (-2, e.into())]);
        vec![
            (es256, Box::new(move |m| ec.sign(&random, m).unwrap().as_ref().to_vec())),
            (eddsa, Box::new(move |m| ed.sign(m).as_ref().to_vec())),
            (
                rs256,
                Box::new(move |m| {
                    let mut out = vec![0; rsa.public_modulus_len()];
                    rsa.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), m, &mut out).unwrap();
                    out
                }),
            ),
        ]
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
        for (public_key, sign) in keys() {
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
    fn another_ceremony_or_an_absent_person_is_no_evidence() {
        let challenge = [9; 32];
        let (public_key, sign) = keys().swap_remove(1);
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
