//! A passkey in software, for tests: registers with attestation "none" and asserts, as a browser
//! and an honest authenticator would. Every part of its world can be changed to make it lie.
//!
//! It is compiled for tests only and knows nothing of ours, so that it can contradict us.

use aws_lc_rs::{
    digest::{SHA256, digest},
    error::Unspecified,
    rand::{SystemRandom, fill},
    rsa::KeySize,
    signature::{
        ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair,
        Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair,
    },
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use ciborium::Value;
use serde_json::json;

/// Kinds of keys it can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    Es256,
    Es384,
    Ed25519,
    Rs256,
}

impl Algorithm {
    pub const ALL: &'static [Algorithm] =
        &[Algorithm::Es256, Algorithm::Es384, Algorithm::Ed25519, Algorithm::Rs256];
}

enum Pair {
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Rsa(Box<RsaKeyPair>),
}

/// One credential on one authenticator, and the page it believes to be on.
pub struct SoftKey {
    pub rp_id: String,
    pub origin: String,
    pub cross_origin: bool,
    /// Of the client data; by default what the ceremony says.
    pub purpose: String,
    /// Flags of the authenticator data: UP 1, UV 4, BE 8, BS 16.
    pub flags: u8,
    pub counter: u32,
    /// By how much an assertion moves the counter.
    pub counter_step: u32,
    pub credential_id: Vec<u8>,
    /// What registration said the user is; returned by a discoverable login.
    pub user_handle: Option<Vec<u8>>,
    /// Sent behind the fixed part of the authenticator data, with their flag.
    pub extensions: Option<Vec<u8>>,
    algorithm: Algorithm,
    pair: Pair,
}

/// An assertion in parts.
#[derive(Clone, Debug)]
pub struct Assertion {
    pub authenticator_data: Vec<u8>,
    pub client_data: Vec<u8>,
    pub signature: Vec<u8>,
}

impl SoftKey {
    /// A fresh key for a page.
    ///
    /// # Errors
    /// The cryptographic library failed.
    pub fn new(algorithm: Algorithm, rp_id: &str, origin: &str) -> Result<SoftKey, Unspecified> {
        let pair = match algorithm {
            Algorithm::Es256 => {
                Pair::Ecdsa(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING)?)
            }
            Algorithm::Es384 => {
                Pair::Ecdsa(EcdsaKeyPair::generate(&ECDSA_P384_SHA384_ASN1_SIGNING)?)
            }
            Algorithm::Ed25519 => Pair::Ed25519(Ed25519KeyPair::generate()?),
            Algorithm::Rs256 => Pair::Rsa(Box::new(RsaKeyPair::generate(KeySize::Rsa2048)?)),
        };
        let mut credential_id = vec![0; 32];
        fill(&mut credential_id)?;
        Ok(SoftKey {
            rp_id: rp_id.to_owned(),
            origin: origin.to_owned(),
            cross_origin: false,
            purpose: "webauthn.get".to_owned(),
            flags: 1 | 4,
            counter: 1,
            counter_step: 1,
            credential_id,
            user_handle: None,
            extensions: None,
            algorithm,
            pair,
        })
    }

    /// The public key as a COSE_Key.
    pub fn cose(&self) -> Vec<u8> {
        let pair = |label: i64, value: Value| (Value::from(label), value);
        let pairs = match &self.pair {
            Pair::Ecdsa(key) => {
                let point = key.public_key().as_ref();
                let (x, y) = point.split_at(1).1.split_at(point.len() / 2);
                let (algorithm, curve) =
                    if self.algorithm == Algorithm::Es256 { (-7, 1) } else { (-35, 2) };
                vec![
                    pair(1, Value::from(2)),
                    pair(3, Value::from(algorithm)),
                    pair(-1, Value::from(curve)),
                    pair(-2, Value::Bytes(x.to_vec())),
                    pair(-3, Value::Bytes(y.to_vec())),
                ]
            }
            Pair::Ed25519(key) => vec![
                pair(1, Value::from(1)),
                pair(3, Value::from(-8)),
                pair(-1, Value::from(6)),
                pair(-2, Value::Bytes(key.public_key().as_ref().to_vec())),
            ],
            Pair::Rsa(key) => {
                // RSAPublicKey (RFC 8017): the modulus, then INTEGER 65537 in five bytes.
                let der = key.public_key().as_ref();
                let modulus = der.iter().rev().skip(5).take(256).rev().copied().collect();
                vec![
                    pair(1, Value::from(3)),
                    pair(3, Value::from(-257)),
                    pair(-1, Value::Bytes(modulus)),
                    pair(-2, Value::Bytes(vec![1, 0, 1])),
                ]
            }
        };
        cbor(&Value::Map(pairs))
    }

    /// Signs bytes.
    ///
    /// # Errors
    /// The cryptographic library failed.
    pub fn sign(&self, bytes: &[u8]) -> Result<Vec<u8>, Unspecified> {
        match &self.pair {
            Pair::Ecdsa(key) => Ok(key.sign(&SystemRandom::new(), bytes)?.as_ref().to_vec()),
            Pair::Ed25519(key) => Ok(key.sign(bytes).as_ref().to_vec()),
            Pair::Rsa(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), bytes, &mut signature)?;
                Ok(signature)
            }
        }
    }

    /// Asserts a challenge.
    ///
    /// # Errors
    /// The cryptographic library failed.
    pub fn assert(&mut self, challenge: &[u8]) -> Result<Assertion, Unspecified> {
        self.counter = self.counter.wrapping_add(self.counter_step);
        let authenticator_data = self.authenticator_data(None);
        let client_data = self.client_data(&self.purpose, &BASE64.encode(challenge));
        let signed = [&*authenticator_data, digest(&SHA256, &client_data).as_ref()].concat();
        let signature = self.sign(&signed)?;
        Ok(Assertion { authenticator_data, client_data, signature })
    }

    /// Answers registration options (`{"publicKey": ...}`) as `credential.toJSON()` would.
    ///
    /// # Errors
    /// The options are not options.
    pub fn create(&mut self, options: &str) -> Result<String, String> {
        let options: serde_json::Value =
            serde_json::from_str(options).map_err(|error| error.to_string())?;
        let text = |pointer: &str| options.pointer(pointer).and_then(|value| value.as_str());
        let challenge = text("/publicKey/challenge").ok_or("no challenge")?;
        let user = text("/publicKey/user/id").ok_or("no user")?;
        self.user_handle = Some(BASE64.decode(user).map_err(|error| error.to_string())?);
        let purpose = match self.purpose.as_str() {
            "webauthn.get" => "webauthn.create",
            lie => lie,
        };
        let client_data = self.client_data(purpose, challenge);
        let attestation = cbor(&Value::Map(vec![
            (Value::from("fmt"), Value::from("none")),
            (Value::from("attStmt"), Value::Map(Vec::new())),
            (Value::from("authData"), Value::Bytes(self.authenticator_data(Some(&self.cose())))),
        ]));
        Ok(json!({
            "id": BASE64.encode(&self.credential_id),
            "rawId": BASE64.encode(&self.credential_id),
            "type": "public-key",
            "response": {
                "attestationObject": BASE64.encode(attestation),
                "clientDataJSON": BASE64.encode(client_data),
                "transports": ["internal"],
            },
            "clientExtensionResults": {"credProps": {"rk": true}},
        })
        .to_string())
    }

    /// Answers assertion options as `credential.toJSON()` would.
    ///
    /// # Errors
    /// The options are not options.
    pub fn get(&mut self, options: &str) -> Result<String, String> {
        let options: serde_json::Value =
            serde_json::from_str(options).map_err(|error| error.to_string())?;
        let challenge = options
            .pointer("/publicKey/challenge")
            .and_then(|value| value.as_str())
            .ok_or("no challenge")?;
        let challenge = BASE64.decode(challenge).map_err(|error| error.to_string())?;
        let made = self.assert(&challenge).map_err(|error| error.to_string())?;
        Ok(self.credential(&made))
    }

    /// An assertion as `credential.toJSON()` would write it.
    pub fn credential(&self, made: &Assertion) -> String {
        json!({
            "id": BASE64.encode(&self.credential_id),
            "rawId": BASE64.encode(&self.credential_id),
            "type": "public-key",
            "response": {
                "authenticatorData": BASE64.encode(&made.authenticator_data),
                "clientDataJSON": BASE64.encode(&made.client_data),
                "signature": BASE64.encode(&made.signature),
                "userHandle": self.user_handle.as_ref().map(|handle| BASE64.encode(handle)),
            },
            "clientExtensionResults": {},
        })
        .to_string()
    }

    fn client_data(&self, purpose: &str, challenge: &str) -> Vec<u8> {
        // In the order that browsers write it.
        format!(
            r#"{{"type":"{purpose}","challenge":"{challenge}","origin":"{}","crossOrigin":{}}}"#,
            self.origin, self.cross_origin
        )
        .into_bytes()
    }

    fn authenticator_data(&self, new_key: Option<&[u8]>) -> Vec<u8> {
        let mut flags = self.flags;
        if new_key.is_some() {
            flags |= 0x40;
        }
        if self.extensions.is_some() {
            flags |= 0x80;
        }
        let mut data = digest(&SHA256, self.rp_id.as_bytes()).as_ref().to_vec();
        data.push(flags);
        data.extend(self.counter.to_be_bytes());
        if let Some(cose) = new_key {
            data.extend([0; 16]);
            let length = u16::try_from(self.credential_id.len()).unwrap_or(u16::MAX);
            data.extend(length.to_be_bytes());
            data.extend(&self.credential_id);
            data.extend(cose);
        }
        data.extend(self.extensions.iter().flatten());
        data
    }
}

fn cbor(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    // Writing to a Vec cannot fail.
    let _infallible = ciborium::into_writer(value, &mut out);
    out
}
