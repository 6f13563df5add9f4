//! A virtual security key: the one thing in the journeys that is not real hardware.
//!
//! The browser does all of its own WebAuthn work with it; only the touch and the fingerprint are
//! assumed, and can be withheld.

use serde_json::{Value, json};

use super::page::Page;

/// A key plugged into one tab. It stays through navigations and goes with the tab.
pub struct Authenticator<'a> {
    page: &'a Page,
    id: String,
}

impl Page {
    /// Plugs in a key that holds passkeys, belongs to the device and recognises its owner.
    pub fn virtual_authenticator(&self) -> Authenticator<'_> {
        self.ask("WebAuthn.enable", json!({"enableUI": false}));
        let options = json!({
            "protocol": "ctap2", "ctap2Version": "ctap2_1", "transport": "internal",
            "hasResidentKey": true, "hasUserVerification": true, "isUserVerified": true,
            "automaticPresenceSimulation": true,
            "defaultBackupEligibility": true, "defaultBackupState": true,
        });
        let made = self.ask("WebAuthn.addVirtualAuthenticator", json!({"options": options}));
        let id = made["authenticatorId"].as_str().unwrap().to_owned();
        Authenticator { page: self, id }
    }
}

impl Authenticator<'_> {
    /// The passkeys on the key, private parts included, as the protocol gives them.
    pub fn credentials(&self) -> Vec<Value> {
        let answer = self.ask("getCredentials", json!({}));
        answer["credentials"].as_array().cloned().unwrap_or_default()
    }

    /// Puts a passkey on the key: a copy in another tab, or a clone with an old counter.
    pub fn add(&self, credential: &Value) {
        self.ask("addCredential", json!({"credential": credential}));
    }

    /// Takes a passkey off the key.
    pub fn remove(&self, credential: &Value) {
        self.ask("removeCredential", json!({"credentialId": credential["credentialId"]}));
    }

    /// Whether the key recognises its owner from now on.
    pub fn set_user_verified(&self, verified: bool) {
        self.ask("setUserVerified", json!({"isUserVerified": verified}));
    }

    fn ask(&self, method: &str, mut params: Value) -> Value {
        params["authenticatorId"] = json!(self.id);
        self.page.ask(&format!("WebAuthn.{method}"), params)
    }
}
