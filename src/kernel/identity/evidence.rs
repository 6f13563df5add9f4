//! Checking passkey evidence offline, years later, with nothing but the entry: independent of
//! webauthn-rs and of the running appliance (docs/format.md, section 2).
//!
//! What it proves: the holder of this public key, present and verified by their device, confirmed
//! this content on our pages. Whose key it is, and that it was theirs at the time, the records say.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use serde::Deserialize;

use crate::kernel::{
    crypto::{Hash, hash},
    identity::cose::PublicKey,
    journal::entry::ERASURE_TAG,
    store::change::PasskeyEvidence,
};

/// What a confirmation is for. One is never taken for the other: their challenges begin differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Evidence in who-and-why (docs/format.md, section 2).
    Evidence,
    /// The approval of an erasure (section 6).
    Erasure,
}

impl Purpose {
    /// What a passkey signs so as to confirm some content.
    pub fn challenge(self, random: &[u8; 32], content: &Hash) -> Hash {
        let tag: &[u8] = match self {
            Purpose::Evidence => b"ostoja/evidence/1",
            Purpose::Erasure => ERASURE_TAG,
        };
        hash(&[tag, random, content])
    }
}

/// Hash of the RP ID, flags, counter.
const FIXED_BYTES: usize = 37;
const USER_PRESENT: u8 = 0x01;
const USER_VERIFIED: u8 = 0x04;
const ATTESTED_DATA: u8 = 0x40;
const EXTENSIONS: u8 = 0x80;
const CLIENT_DATA_BYTES_MAX: usize = 4_096;

/// Why evidence proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadEvidence {
    #[error("the authenticator's data is malformed")]
    AuthenticatorData,
    #[error("made for another host name")]
    RelyingParty,
    #[error("nobody was present")]
    NotPresent,
    #[error("the device did not verify its user")]
    NotVerified,
    #[error("the browser's data is malformed")]
    ClientData,
    #[error("made for another purpose than confirming")]
    Purpose,
    #[error("made on another page")]
    Origin,
    #[error("made inside a frame of another page")]
    CrossOrigin,
    #[error("confirms other content")]
    Challenge,
    #[error("the public key is malformed or of an unknown kind")]
    PublicKey,
    #[error("the signature is not of this key")]
    Signature,
}

/// What the browser says was confirmed.
#[derive(Deserialize)]
struct ClientData {
    #[serde(rename = "type")]
    purpose: String,
    challenge: String,
    origin: String,
    #[serde(rename = "crossOrigin", default)]
    cross_origin: bool,
    #[serde(rename = "topOrigin")]
    top_origin: Option<String>,
}

/// What somebody confirms who acts on a record for a stated reason: the action, the record, the reason as the entry
/// keeps it. Whoever has the entry can make it again (docs/format.md, section 2).
pub fn content_of_act(action: &str, id: &[u8; 16], reason: &str) -> Hash {
    let length = (action.len() as u64).to_be_bytes();
    hash(&[b"ostoja/act/1", &length, action.as_bytes(), id, reason.as_bytes()])
}

/// Checks evidence with nothing but itself, and gives the origin it was made on: whether that was ours, the reader
/// judges.
///
/// # Errors
/// The first thing that is wrong.
pub fn verify_alone(evidence: &PasskeyEvidence) -> Result<String, BadEvidence> {
    let client: ClientData = serde_json::from_slice(&evidence.client_data.0)
        .map_err(|_malformed| BadEvidence::ClientData)?;
    let host = url::Url::parse(&client.origin).ok();
    let host = host.as_ref().and_then(url::Url::host_str).ok_or(BadEvidence::Origin)?;
    verify(Purpose::Evidence, evidence, &hash(&[host.as_bytes()]), &client.origin)?;
    Ok(client.origin)
}

/// Checks evidence against the hash of our RP ID and our origin, as browsers write it
/// (`https://host` or `https://host:port`).
///
/// # Errors
/// The first thing that is wrong.
pub fn verify(
    purpose: Purpose,
    evidence: &PasskeyEvidence,
    rp_id_hash: &Hash,
    origin: &str,
) -> Result<(), BadEvidence> {
    check_authenticator_data(&evidence.authenticator_data.0, rp_id_hash)?;
    check_client_data(
        &evidence.client_data.0,
        &purpose.challenge(&evidence.random, &evidence.content),
        origin,
    )?;
    let key = PublicKey::read(&evidence.public_key.0).ok_or(BadEvidence::PublicKey)?;
    let client_data_hash = hash(&[&evidence.client_data.0]);
    let signed = [&*evidence.authenticator_data.0, &client_data_hash].concat();
    if key.verifies(&signed, &evidence.signature.0) { Ok(()) } else { Err(BadEvidence::Signature) }
}

fn check_authenticator_data(data: &[u8], rp_id_hash: &Hash) -> Result<(), BadEvidence> {
    let (rp, rest) = data.split_first_chunk::<32>().ok_or(BadEvidence::AuthenticatorData)?;
    let [flags, _, _, _, _, ..] = rest else { return Err(BadEvidence::AuthenticatorData) };
    // An assertion carries no new key; what may follow are extensions.
    let may_be_longer = flags & EXTENSIONS != 0;
    if flags & ATTESTED_DATA != 0 || may_be_longer != (data.len() > FIXED_BYTES) {
        return Err(BadEvidence::AuthenticatorData);
    }
    if rp != rp_id_hash {
        return Err(BadEvidence::RelyingParty);
    }
    if flags & USER_PRESENT == 0 {
        return Err(BadEvidence::NotPresent);
    }
    if flags & USER_VERIFIED == 0 {
        return Err(BadEvidence::NotVerified);
    }
    Ok(())
}

/// Checks what the browser signed along: purpose, page, challenge. The challenge is compared as
/// text, so that only one spelling passes.
fn check_client_data(data: &[u8], challenge: &Hash, origin: &str) -> Result<(), BadEvidence> {
    if data.len() > CLIENT_DATA_BYTES_MAX {
        return Err(BadEvidence::ClientData);
    }
    let client: ClientData =
        serde_json::from_slice(data).map_err(|_malformed| BadEvidence::ClientData)?;
    if client.purpose != "webauthn.get" {
        return Err(BadEvidence::Purpose);
    }
    if client.origin != origin {
        return Err(BadEvidence::Origin);
    }
    if client.cross_origin || client.top_origin.is_some() {
        return Err(BadEvidence::CrossOrigin);
    }
    if client.challenge != BASE64.encode(challenge) {
        return Err(BadEvidence::Challenge);
    }
    Ok(())
}

/// Whether a page of somebody else showed ours in a frame while this was confirmed. Data that says
/// nothing readable counts as framed.
pub(super) fn is_framed(client_data: &[u8]) -> bool {
    serde_json::from_slice::<ClientData>(client_data)
        .map_or(true, |client| client.cross_origin || client.top_origin.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{
        identity::soft_key::{Algorithm, Assertion, SoftKey},
        store::record::Bytes,
    };

    const RP: &str = "urzad.example.pl";
    const ORIGIN: &str = "https://urzad.example.pl";
    const RANDOM: [u8; 32] = [1; 32];
    const CONTENT: Hash = [2; 32];

    fn key(algorithm: Algorithm) -> SoftKey {
        SoftKey::new(algorithm, RP, ORIGIN).unwrap()
    }

    fn of(key: &SoftKey, made: &Assertion) -> PasskeyEvidence {
        PasskeyEvidence {
            public_key: Bytes(key.cose()),
            authenticator_data: Bytes(made.authenticator_data.clone()),
            client_data: Bytes(made.client_data.clone()),
            signature: Bytes(made.signature.clone()),
            random: RANDOM,
            content: CONTENT,
        }
    }

    fn check(evidence: &PasskeyEvidence) -> Result<(), BadEvidence> {
        verify(Purpose::Evidence, evidence, &hash(&[RP.as_bytes()]), ORIGIN)
    }

    /// An assertion over the right challenge, by a key whose world was changed first.
    fn made(change: impl FnOnce(&mut SoftKey)) -> PasskeyEvidence {
        let mut key = key(Algorithm::Es256);
        change(&mut key);
        let made = key.assert(&Purpose::Evidence.challenge(&RANDOM, &CONTENT)).unwrap();
        of(&key, &made)
    }

    #[test]
    fn honest_evidence_of_every_kind_of_key_verifies() {
        for algorithm in Algorithm::ALL {
            let mut key = key(*algorithm);
            let made = key.assert(&Purpose::Evidence.challenge(&RANDOM, &CONTENT)).unwrap();
            assert_eq!(check(&of(&key, &made)), Ok(()), "{algorithm:?}");
        }
        // Extensions behind the fixed part, as some authenticators send them.
        assert_eq!(check(&made(|key| key.extensions = Some(b"\xa1\x63uvm\x80".to_vec()))), Ok(()));
    }

    #[test]
    fn evidence_alone_says_where_it_was_made() {
        assert_eq!(verify_alone(&made(|_| {})).as_deref(), Ok(ORIGIN));
        let mut torn = made(|_| {});
        torn.content[0] ^= 1;
        assert_eq!(verify_alone(&torn), Err(BadEvidence::Challenge));
        assert_eq!(
            verify_alone(&made(|key| key.rp_id = "pl".into())),
            Err(BadEvidence::RelyingParty)
        );
        assert_eq!(
            verify_alone(&made(|key| key.origin = "urzad".into())),
            Err(BadEvidence::Origin)
        );
    }

    #[test]
    fn the_content_of_an_act_is_what_the_page_says() {
        let one = content_of_act("trees.object", &[7; 16], "Podstawa: plan");
        let parts: [&[u8]; 5] =
            [b"ostoja/act/1", &12u64.to_be_bytes(), b"trees.object", &[7; 16], b"Podstawa: plan"];
        assert_eq!(one, hash(&parts));
        for other in [
            content_of_act("trees.objec", &[7; 16], "Podstawa: plan"),
            content_of_act("trees.object", &[8; 16], "Podstawa: plan"),
            content_of_act("trees.object", &[7; 16], "Podstawa: plan "),
        ] {
            assert_ne!(one, other);
        }
    }

    #[test]
    fn signed_by_a_real_key_but_for_something_else() {
        let cases: [(&str, BadEvidence, Box<dyn FnOnce(&mut SoftKey)>); 12] = [
            ("other rp", BadEvidence::RelyingParty, Box::new(|key| key.rp_id = "other.pl".into())),
            ("no user", BadEvidence::NotPresent, Box::new(|key| key.flags &= !1)),
            ("no UV", BadEvidence::NotVerified, Box::new(|key| key.flags &= !4)),
            ("new key inside", BadEvidence::AuthenticatorData, Box::new(|key| key.flags |= 0x40)),
            ("no extensions", BadEvidence::AuthenticatorData, Box::new(|key| key.flags |= 0x80)),
            (
                "other origin",
                BadEvidence::Origin,
                Box::new(|key| key.origin = "https://evil.example".into()),
            ),
            (
                "http",
                BadEvidence::Origin,
                Box::new(|key| key.origin = "http://urzad.example.pl".into()),
            ),
            (
                "subdomain",
                BadEvidence::Origin,
                Box::new(|key| key.origin = "https://a.urzad.example.pl".into()),
            ),
            (
                "longer origin",
                BadEvidence::Origin,
                Box::new(|key| key.origin = format!("{ORIGIN}:444")),
            ),
            ("framed", BadEvidence::CrossOrigin, Box::new(|key| key.cross_origin = true)),
            (
                "registration",
                BadEvidence::Purpose,
                Box::new(|key| key.purpose = "webauthn.create".into()),
            ),
            ("payment", BadEvidence::Purpose, Box::new(|key| key.purpose = "payment.get".into())),
        ];
        for (name, expected, change) in cases {
            assert_eq!(check(&made(change)), Err(expected), "{name}");
        }
    }

    #[test]
    fn an_approval_of_an_erasure_is_no_evidence_and_the_other_way_round() {
        let mut key = key(Algorithm::Es256);
        for (signed, asked) in
            [(Purpose::Erasure, Purpose::Evidence), (Purpose::Evidence, Purpose::Erasure)]
        {
            let made = key.assert(&signed.challenge(&RANDOM, &CONTENT)).unwrap();
            let made = of(&key, &made);
            let rp = hash(&[RP.as_bytes()]);
            assert_eq!(verify(signed, &made, &rp, ORIGIN), Ok(()));
            assert_eq!(verify(asked, &made, &rp, ORIGIN), Err(BadEvidence::Challenge));
        }
    }

    #[test]
    fn changed_after_signing() {
        let honest = made(|_| {});
        assert_eq!(check(&honest), Ok(()));
        let other = made(|_| {});
        let cases: [(&str, BadEvidence, fn(&mut PasskeyEvidence, &PasskeyEvidence)); 13] = [
            ("other content", BadEvidence::Challenge, |e, _| e.content = [3; 32]),
            ("other random", BadEvidence::Challenge, |e, _| e.random = [3; 32]),
            ("random and content swapped", BadEvidence::Challenge, |e, _| {
                (e.random, e.content) = (e.content, e.random);
            }),
            ("another's key", BadEvidence::Signature, |e, o| e.public_key = o.public_key.clone()),
            ("another's signature", BadEvidence::Signature, |e, o| {
                e.signature = o.signature.clone();
            }),
            ("no signature", BadEvidence::Signature, |e, _| e.signature = Bytes::default()),
            ("no key", BadEvidence::PublicKey, |e, _| e.public_key = Bytes::default()),
            ("cut data", BadEvidence::AuthenticatorData, |e, _| {
                e.authenticator_data.0.truncate(36);
            }),
            ("no data", BadEvidence::AuthenticatorData, |e, _| {
                e.authenticator_data = Bytes::default();
            }),
            ("longer data", BadEvidence::AuthenticatorData, |e, _| e.authenticator_data.0.push(0)),
            ("counter changed", BadEvidence::Signature, |e, _| e.authenticator_data.0[36] ^= 1),
            ("cut client data", BadEvidence::ClientData, |e, _| {
                e.client_data.0.pop();
            }),
            ("respelled client data", BadEvidence::Signature, |e, _| e.client_data.0.push(b' ')),
        ];
        for (name, expected, change) in cases {
            let mut evidence = honest.clone();
            change(&mut evidence, &other);
            assert_eq!(check(&evidence), Err(expected), "{name}");
        }
    }

    #[test]
    fn a_client_data_that_two_readers_may_read_differently_is_refused() {
        let challenge = BASE64.encode(Purpose::Evidence.challenge(&RANDOM, &CONTENT));
        let rest = format!(r#""type":"webauthn.get","challenge":"{challenge}""#);
        let texts = [
            format!(r#"{{{rest},"origin":"https://evil.example","origin":"{ORIGIN}"}}"#),
            format!(r#"{{{rest},"origin":"{ORIGIN}","type":"webauthn.get"}}"#),
            format!(r#"[{{{rest},"origin":"{ORIGIN}"}}]"#),
            format!(r#"{{{rest}}}"#),
            format!(r#"{{{rest},"origin":"{ORIGIN}"}} {}"#, " ".repeat(5_000)),
        ];
        for text in texts {
            let mut evidence = made(|_| {});
            evidence.client_data = Bytes(text.clone().into_bytes());
            assert_eq!(check(&evidence), Err(BadEvidence::ClientData), "{text}");
        }
        let padded =
            format!(r#"{{"type":"webauthn.get","challenge":"{challenge}=","origin":"{ORIGIN}"}}"#);
        let mut evidence = made(|_| {});
        evidence.client_data = Bytes(padded.into_bytes());
        assert_eq!(check(&evidence), Err(BadEvidence::Challenge));
    }

    #[test]
    fn no_bit_of_what_was_signed_can_change() {
        let honest = made(|_| {});
        for field in 0..4 {
            let length = [
                honest.authenticator_data.0.len(),
                honest.client_data.0.len(),
                honest.public_key.0.len(),
                honest.signature.0.len(),
            ][field];
            for bit in 0..length * 8 {
                let mut evidence = honest.clone();
                let bytes = match field {
                    0 => &mut evidence.authenticator_data.0,
                    1 => &mut evidence.client_data.0,
                    2 => &mut evidence.public_key.0,
                    _ => &mut evidence.signature.0,
                };
                bytes[bit / 8] ^= 1 << (bit % 8);
                assert!(check(&evidence).is_err(), "field {field} bit {bit}");
            }
        }
    }
}
