//! Public keys of passkeys: COSE_Key (RFC 9052, RFC 8152 section 13) written from what webauthn-rs
//! keeps, and read again for checks that do without it.
//!
//! Four kinds are read: ES256, ES384 and RS256, which we offer to authenticators, and EdDSA.

use aws_lc_rs::{
    rsa::PublicKeyComponents,
    signature::{
        ECDSA_P256_SHA256_ASN1, ECDSA_P384_SHA384_ASN1, ED25519, RSA_PKCS1_2048_8192_SHA256,
        UnparsedPublicKey, VerificationAlgorithm,
    },
};
use ciborium::Value;
use webauthn_rs::prelude::{COSEAlgorithm, COSEKey, COSEKeyType, ECDSACurve, EDDSACurve};

/// Longest COSE_Key: an RSA key of 8192 bits.
const COSE_BYTES_MAX: usize = 1_200;
/// Keys of a flat map; deeper nesting is not a COSE_Key.
const DEPTH_MAX: usize = 4;

/// A public key that can check signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublicKey {
    /// Uncompressed point.
    Es256(Vec<u8>),
    /// Uncompressed point.
    Es384(Vec<u8>),
    Ed25519(Vec<u8>),
    Rs256 {
        modulus: Vec<u8>,
        exponent: Vec<u8>,
    },
}

impl PublicKey {
    /// Reads a COSE_Key. `None`: malformed, or of a kind we do not know.
    pub fn read(cose: &[u8]) -> Option<PublicKey> {
        if cose.len() > COSE_BYTES_MAX {
            return None;
        }
        let mut rest = cose;
        let Ok(Value::Map(pairs)) =
            ciborium::de::from_reader_with_recursion_limit(&mut rest, DEPTH_MAX)
        else {
            return None;
        };
        if !rest.is_empty() {
            return None;
        }
        let field = |label: i64| {
            let mut found = pairs.iter().filter(|(key, _)| *key == Value::from(label));
            // A label given twice could mean another key to another reader.
            match (found.next(), found.next()) {
                (Some((_, value)), None) => Some(value),
                _ => None,
            }
        };
        let number = |label| field(label)?.as_integer().and_then(|n| i64::try_from(n).ok());
        let bytes = |label| field(label)?.as_bytes().cloned();
        let point = |length: usize| {
            let (x, y) = (bytes(-2)?, bytes(-3)?);
            (x.len() == length && y.len() == length).then(|| [&[4], &*x, &*y].concat())
        };
        match (number(1)?, number(3)?) {
            (2, -7) if number(-1)? == 1 => point(32).map(PublicKey::Es256),
            (2, -35) if number(-1)? == 2 => point(48).map(PublicKey::Es384),
            (1, -8) if number(-1)? == 6 => {
                bytes(-2).filter(|x| x.len() == 32).map(PublicKey::Ed25519)
            }
            (3, -257) => Some(PublicKey::Rs256 { modulus: bytes(-1)?, exponent: bytes(-2)? }),
            _ => None,
        }
    }

    /// Whether the holder of the private key signed these bytes.
    pub fn verifies(&self, signed: &[u8], signature: &[u8]) -> bool {
        let check = |algorithm: &'static dyn VerificationAlgorithm, key: &[u8]| {
            UnparsedPublicKey::new(algorithm, key).verify(signed, signature).is_ok()
        };
        match self {
            PublicKey::Es256(point) => check(&ECDSA_P256_SHA256_ASN1, point),
            PublicKey::Es384(point) => check(&ECDSA_P384_SHA384_ASN1, point),
            PublicKey::Ed25519(key) => check(&ED25519, key),
            PublicKey::Rs256 { modulus, exponent } => {
                PublicKeyComponents { n: modulus.as_slice(), e: exponent.as_slice() }
                    .verify(&RSA_PKCS1_2048_8192_SHA256, signed, signature)
                    .is_ok()
            }
        }
    }
}

/// The COSE_Key of a key that webauthn-rs holds, in canonical order. `None`: of a kind that
/// [`PublicKey::read`] would not read.
pub fn write(key: &COSEKey) -> Option<Vec<u8>> {
    let pair = |label: i64, value: Value| (Value::from(label), value);
    let pairs = match (&key.type_, &key.key) {
        (COSEAlgorithm::ES256 | COSEAlgorithm::ES384, COSEKeyType::EC_EC2(ec)) => {
            let curve = match (&key.type_, &ec.curve) {
                (COSEAlgorithm::ES256, ECDSACurve::SECP256R1) => 1,
                (COSEAlgorithm::ES384, ECDSACurve::SECP384R1) => 2,
                _ => return None,
            };
            let algorithm = if curve == 1 { -7 } else { -35 };
            vec![
                pair(1, Value::from(2)),
                pair(3, Value::from(algorithm)),
                pair(-1, Value::from(curve)),
                pair(-2, Value::Bytes(ec.x.clone())),
                pair(-3, Value::Bytes(ec.y.clone())),
            ]
        }
        (COSEAlgorithm::EDDSA, COSEKeyType::EC_OKP(okp)) if okp.curve == EDDSACurve::ED25519 => {
            vec![
                pair(1, Value::from(1)),
                pair(3, Value::from(-8)),
                pair(-1, Value::from(6)),
                pair(-2, Value::Bytes(okp.x.clone())),
            ]
        }
        (COSEAlgorithm::RS256, COSEKeyType::RSA(rsa)) => vec![
            pair(1, Value::from(3)),
            pair(3, Value::from(-257)),
            pair(-1, Value::Bytes(rsa.n.clone())),
            pair(-2, Value::Bytes(rsa.e.to_vec())),
        ],
        _ => return None,
    };
    let mut out = Vec::with_capacity(128);
    ciborium::into_writer(&Value::Map(pairs), &mut out).ok()?;
    PublicKey::read(&out).is_some().then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::identity::soft_key::{Algorithm, SoftKey};

    #[test]
    fn every_kind_we_know_verifies_and_no_changed_bit_does() {
        for algorithm in Algorithm::ALL {
            let key = SoftKey::new(*algorithm, "localhost", "http://localhost").unwrap();
            let public = PublicKey::read(&key.cose()).unwrap();
            let signature = key.sign(b"text").unwrap();
            assert!(public.verifies(b"text", &signature), "{algorithm:?}");
            assert!(!public.verifies(b"test", &signature), "{algorithm:?}");
            for at in 0..signature.len() {
                let mut bad = signature.clone();
                bad[at] ^= 1;
                assert!(!public.verifies(b"text", &bad), "{algorithm:?} {at}");
            }
        }
    }

    #[test]
    fn what_is_not_quite_a_key_is_not_read() {
        let key = SoftKey::new(Algorithm::Es256, "localhost", "http://localhost").unwrap();
        let cose = key.cose();
        assert!(PublicKey::read(&cose).is_some());
        assert_eq!(PublicKey::read(&[&*cose, &[0]].concat()), None, "trailing byte");
        assert_eq!(PublicKey::read(&[]), None, "empty");
        for length in 1..cose.len() {
            assert_eq!(PublicKey::read(&cose[..length]), None, "cut at {length}");
        }
        // {1: 2, 3: -7, -1: 1, ...}: another type, algorithm or curve.
        for (at, byte, why) in [(2, 1, "type"), (4, 0x27, "algorithm"), (6, 2, "curve")] {
            let mut other = cose.clone();
            assert_ne!(other[at], byte);
            other[at] = byte;
            assert_eq!(PublicKey::read(&other), None, "{why}");
        }
        let Ok(Value::Map(mut pairs)) = ciborium::from_reader(cose.as_slice()) else { panic!() };
        pairs.push((Value::from(-3), Value::Bytes(vec![1; 32])));
        let mut twice = Vec::new();
        ciborium::into_writer(&Value::Map(pairs), &mut twice).unwrap();
        assert_eq!(PublicKey::read(&twice), None, "coordinate given twice");
    }
}
