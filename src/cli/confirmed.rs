//! How an entry was confirmed, judged offline from its own bytes: shared by the verbs that show entries.

use serde_json::{Value as Json, json};

use crate::kernel::{
    cbor::{self, Value},
    crypto::{hash, hex},
    identity::evidence,
    store::change::Evidence,
};

/// The evidence in the text of a who-and-why body; `None` where the entry has none.
pub(super) fn of_why(text: &[u8]) -> Option<Evidence> {
    match cbor::decode(text) {
        Ok(Value::Map(why)) => Evidence::from_why(&why),
        _ => None,
    }
}

/// One line for people.
pub(super) fn line(evidence: &Evidence) -> String {
    match evidence {
        Evidence::Session => "confirmed by being logged in only".to_owned(),
        Evidence::Desk => "confirmed at the desk of the office".to_owned(),
        Evidence::Passkey(passkey) => {
            let key = hex(&hash(&[&passkey.public_key.0]));
            match evidence::verify_alone(passkey) {
                Ok(origin) => {
                    format!("confirmed with passkey {key} on {origin}: the signature holds")
                }
                Err(why) => format!("confirmed with passkey {key}: NOT PROVEN, {why}"),
            }
        }
    }
}

/// The same for scripts.
pub(super) fn json(evidence: &Evidence) -> Json {
    match evidence {
        Evidence::Session => json!({ "kind": "session" }),
        Evidence::Desk => json!({ "kind": "desk" }),
        Evidence::Passkey(passkey) => {
            let verified = evidence::verify_alone(passkey);
            json!({
                "kind": "passkey",
                "key": hex(&hash(&[&passkey.public_key.0])),
                "content": hex(&passkey.content),
                "holds": verified.is_ok(),
                "origin": verified.as_ref().ok(),
                "why_not": verified.as_ref().err().map(ToString::to_string),
            })
        }
    }
}
