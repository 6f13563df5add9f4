//! Passkey ceremonies, on webauthn-rs: registering a key, logging in without a user name, and
//! confirming content. Each has two halves; the state between them stays on our side, in scratch,
//! and is good once. Options and credentials are the JSON that browsers read and write.
//!
//! Not here: whose key it is, whether it may log in, what it may do. Callers ask the records.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use webauthn_rs::prelude::{
    AuthenticationResult, CreationChallengeResponse, DiscoverableAuthentication, Passkey,
    PasskeyAuthentication, PasskeyRegistration, PublicKeyCredential, RegisterPublicKeyCredential,
    RequestChallengeResponse, Url, Webauthn, WebauthnBuilder, WebauthnError,
};
use webauthn_rs_proto::ResidentKeyRequirement;

use crate::kernel::{
    crypto::{Hash, hash, random},
    identity::{
        PersonId, cose,
        evidence::{self, Purpose},
    },
    store::{Fault, change::PasskeyEvidence, record::Bytes},
};

/// The browser's answer, at most: a TPM's attestation with its certificates fits.
const CREDENTIAL_BYTES_MAX: usize = 32 << 10;

/// Why a ceremony came to nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoPasskey {
    #[error("the browser's answer is not a credential")]
    Malformed,
    /// No PIN, fingerprint or face: the device only knows that somebody touched it.
    #[error("the device did not verify its user")]
    NotVerified,
    /// The counter went back: there may be two copies of the key.
    #[error("the key may have been copied")]
    Copied,
    #[error("the key is not one of those asked for")]
    OtherKey,
    #[error("the ceremony failed: {0}")]
    Failed(String),
    #[error(transparent)]
    Fault(#[from] PasskeyFault),
}

/// Our side failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("passkeys: {0}")]
pub struct PasskeyFault(String);

impl From<WebauthnError> for NoPasskey {
    fn from(error: WebauthnError) -> NoPasskey {
        match error {
            WebauthnError::UserNotVerified => NoPasskey::NotVerified,
            WebauthnError::CredentialPossibleCompromise => NoPasskey::Copied,
            WebauthnError::CredentialNotFound => NoPasskey::OtherKey,
            other => NoPasskey::Failed(other.to_string()),
        }
    }
}

/// The first half of a ceremony.
#[derive(Clone, Debug)]
pub struct Started {
    /// JSON for the browser: `{"publicKey": ...}`.
    pub options: String,
    /// JSON for scratch; it never leaves us.
    pub state: String,
}

/// The first half of a confirmation.
#[derive(Clone, Debug)]
pub struct StartedAssertion {
    pub options: String,
    pub state: String,
    /// What the challenge was made with, beside the content.
    pub random: [u8; 32],
}

/// A key that was registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPasskey {
    /// For the record [`super::people::Credential`].
    pub passkey: String,
    pub credential_id: Vec<u8>,
}

/// A confirmation that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirmed {
    pub evidence: PasskeyEvidence,
    pub credential_id: Vec<u8>,
    /// The key with its new counter, if it changed: to be put in the same change.
    pub updated: Option<String>,
}

/// Passkeys of one host name, for the life of the appliance.
pub struct Passkeys {
    webauthn: Webauthn,
    rp_id_hash: Hash,
    origin: String,
}

/// What a confirmation's state holds beside the library's.
#[derive(Serialize, Deserialize)]
struct AssertionState {
    webauthn: PasskeyAuthentication,
    passkeys: Vec<Passkey>,
    random: String,
    content: String,
}

impl Passkeys {
    /// `rp_id` is the host name that keys are bound to for life, `origin` the address of our pages,
    /// `commune` what devices show.
    ///
    /// # Errors
    /// The origin is no address, or not of that host.
    pub fn new(rp_id: &str, origin: &str, commune: &str) -> Result<Passkeys, Fault> {
        let url = Url::parse(origin).map_err(Fault::new)?;
        let webauthn = WebauthnBuilder::new(rp_id, &url)
            .map_err(Fault::new)?
            .rp_name(commune)
            .build()
            .map_err(Fault::new)?;
        Ok(Passkeys {
            webauthn,
            rp_id_hash: hash(&[rp_id.as_bytes()]),
            origin: url.origin().ascii_serialization(),
        })
    }

    /// For [`evidence::verify`].
    pub fn rp_id_hash(&self) -> &Hash {
        &self.rp_id_hash
    }

    /// Our origin as browsers write it.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Begins registering a key: one that the device finds by itself at login, and that verifies its
    /// user. `existing` are the ids of the person's keys; a device that holds one refuses.
    ///
    /// # Errors
    /// Only a fault of ours.
    pub fn start_registration(
        &self,
        person: PersonId,
        name: &str,
        display: &str,
        existing: &[Vec<u8>],
    ) -> Result<Started, PasskeyFault> {
        let (mut options, state): (CreationChallengeResponse, _) = self
            .webauthn
            .start_passkey_registration(person.0, name, display, Some(existing.to_vec()))
            .map_err(|error| PasskeyFault(error.to_string()))?;
        // The library leaves it to the device; a login without a user name needs it.
        let selection = options.public_key.authenticator_selection.get_or_insert_default();
        selection.resident_key = Some(ResidentKeyRequirement::Required);
        selection.require_resident_key = true;
        Ok(Started { options: write(&options)?, state: write(&state)? })
    }

    /// Ends registering a key.
    ///
    /// # Errors
    /// The answer is not an honest one to this state.
    pub fn finish_registration(
        &self,
        state: &str,
        credential: &str,
    ) -> Result<NewPasskey, NoPasskey> {
        let state: PasskeyRegistration = read_state(state)?;
        let credential: RegisterPublicKeyCredential = read_credential(credential)?;
        let passkey = self.webauthn.finish_passkey_registration(&credential, &state)?;
        if cose::write(passkey.get_public_key()).is_none() {
            // A key whose confirmations nobody could check offline.
            return Err(NoPasskey::Failed("unknown kind of key".to_owned()));
        }
        Ok(NewPasskey { credential_id: passkey.cred_id().clone(), passkey: write(&passkey)? })
    }

    /// Begins a login: the device offers its keys, nobody types a name.
    ///
    /// # Errors
    /// Only a fault of ours.
    pub fn start_login(&self) -> Result<Started, PasskeyFault> {
        let (mut options, state) = self
            .webauthn
            .start_discoverable_authentication()
            .map_err(|error| PasskeyFault(error.to_string()))?;
        // The library means autofill of a field; ours is a button.
        options.mediation = None;
        Ok(Started { options: write(&options)?, state: write(&state)? })
    }

    /// Who claims to log in, and with which key: nothing is proven yet.
    ///
    /// # Errors
    /// The answer names nobody.
    pub fn claimed(&self, credential: &str) -> Result<(PersonId, Vec<u8>), NoPasskey> {
        let credential: PublicKeyCredential = read_credential(credential)?;
        let (person, id) = self.webauthn.identify_discoverable_authentication(&credential)?;
        Ok((PersonId(person), id.to_vec()))
    }

    /// Ends a login with the key that [`Passkeys::claimed`] named and the records know as that
    /// person's. Gives the key again if its counter moved.
    ///
    /// # Errors
    /// The answer is not an honest one to this state by this key.
    pub fn finish_login(
        &self,
        state: &str,
        credential: &str,
        passkey: &str,
    ) -> Result<Option<String>, NoPasskey> {
        let state: DiscoverableAuthentication = read_state(state)?;
        let credential = read_assertion(credential)?;
        let mut passkey: Passkey = read_state(passkey)?;
        let result =
            self.webauthn.finish_discoverable_authentication_v2(&credential, state, &passkey)?;
        update(&mut passkey, &result)
    }

    /// Begins a confirmation of content by one of a person's keys.
    ///
    /// # Errors
    /// Only a fault of ours; also if there is no key.
    pub fn start_assertion(
        &self,
        purpose: Purpose,
        passkeys: &[String],
        content: &Hash,
    ) -> Result<StartedAssertion, PasskeyFault> {
        let passkeys: Vec<Passkey> =
            passkeys.iter().map(|passkey| read_state(passkey)).collect::<Result<_, _>>()?;
        let (options, state) = self
            .webauthn
            .start_passkey_authentication(&passkeys)
            .map_err(|error| PasskeyFault(error.to_string()))?;
        let random = random::<32>().map_err(|error| PasskeyFault(error.to_string()))?;
        let (options, webauthn) =
            with_challenge(options, &state, &purpose.challenge(&random, content))?;
        let state = AssertionState {
            webauthn,
            passkeys,
            random: BASE64.encode(random),
            content: BASE64.encode(content),
        };
        Ok(StartedAssertion { options: write(&options)?, state: write(&state)?, random })
    }

    /// Ends a confirmation: checked by the library, and again as a stranger would check it later.
    ///
    /// # Errors
    /// The answer is not an honest one to this state.
    pub fn finish_assertion(
        &self,
        purpose: Purpose,
        state: &str,
        credential: &str,
    ) -> Result<Confirmed, NoPasskey> {
        let state: AssertionState = read_state(state)?;
        let credential = read_assertion(credential)?;
        let result = self.webauthn.finish_passkey_authentication(&credential, &state.webauthn)?;
        let mut passkey = state
            .passkeys
            .into_iter()
            .find(|passkey| passkey.cred_id() == result.cred_id())
            .ok_or(NoPasskey::OtherKey)?;
        let public_key = cose::write(passkey.get_public_key())
            .ok_or_else(|| PasskeyFault("a key of unknown kind".to_owned()))?;
        let evidence = PasskeyEvidence {
            public_key: Bytes(public_key),
            authenticator_data: Bytes(credential.response.authenticator_data),
            client_data: Bytes(credential.response.client_data_json),
            signature: Bytes(credential.response.signature),
            random: decode(&state.random)?,
            content: decode(&state.content)?,
        };
        evidence::verify(purpose, &evidence, &self.rp_id_hash, &self.origin)
            .map_err(|bad| NoPasskey::Failed(bad.to_string()))?;
        Ok(Confirmed {
            evidence,
            credential_id: result.cred_id().clone(),
            updated: update(&mut passkey, &result)?,
        })
    }
}

/// Puts our challenge where the library drew its own, in the options and in the state. The state is
/// opaque, so this goes through its JSON, and refuses if the library's challenge is not found there.
fn with_challenge(
    mut options: RequestChallengeResponse,
    state: &PasskeyAuthentication,
    challenge: &Hash,
) -> Result<(RequestChallengeResponse, PasskeyAuthentication), PasskeyFault> {
    let mut state = serde_json::to_value(state).map_err(|error| PasskeyFault(error.to_string()))?;
    let place = state
        .pointer_mut("/ast/challenge")
        .filter(|drawn| **drawn == BASE64.encode(&options.public_key.challenge).as_str())
        .ok_or_else(|| PasskeyFault("webauthn-rs keeps its challenge elsewhere".to_owned()))?;
    *place = BASE64.encode(challenge).into();
    options.public_key.challenge = challenge.to_vec();
    let state = serde_json::from_value(state).map_err(|error| PasskeyFault(error.to_string()))?;
    Ok((options, state))
}

/// The key with its new counter and backup state, if they changed.
fn update(
    passkey: &mut Passkey,
    result: &AuthenticationResult,
) -> Result<Option<String>, NoPasskey> {
    if !result.user_verified() {
        return Err(NoPasskey::NotVerified);
    }
    match passkey.update_credential(result) {
        None => Err(NoPasskey::OtherKey),
        Some(false) => Ok(None),
        Some(true) => Ok(Some(write(passkey)?)),
    }
}

fn read_assertion(credential: &str) -> Result<PublicKeyCredential, NoPasskey> {
    let credential: PublicKeyCredential = read_credential(credential)?;
    // The library looks at this only when a key is registered.
    if evidence::is_framed(&credential.response.client_data_json) {
        return Err(NoPasskey::Failed("confirmed inside another page".to_owned()));
    }
    Ok(credential)
}

fn read_credential<T: DeserializeOwned>(credential: &str) -> Result<T, NoPasskey> {
    if credential.len() > CREDENTIAL_BYTES_MAX {
        return Err(NoPasskey::Malformed);
    }
    serde_json::from_str(credential).map_err(|_malformed| NoPasskey::Malformed)
}

/// Reads what we wrote ourselves.
fn read_state<T: DeserializeOwned>(state: &str) -> Result<T, PasskeyFault> {
    serde_json::from_str(state).map_err(|error| PasskeyFault(error.to_string()))
}

fn write(value: &impl Serialize) -> Result<String, PasskeyFault> {
    serde_json::to_string(value).map_err(|error| PasskeyFault(error.to_string()))
}

fn decode(text: &str) -> Result<[u8; 32], PasskeyFault> {
    BASE64
        .decode(text)
        .ok()
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or_else(|| PasskeyFault("a damaged state".to_owned()))
}
