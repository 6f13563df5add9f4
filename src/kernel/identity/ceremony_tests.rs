//! Passkey ceremonies against a software authenticator, honest and not.

use super::{
    PersonId,
    evidence::{self, Purpose},
    passkeys::{Confirmed, NewPasskey, NoPasskey, Passkeys},
    soft_key::{Algorithm, SoftKey},
};

const RP: &str = "urzad.example.pl";
const ORIGIN: &str = "https://urzad.example.pl";
const CONTENT: [u8; 32] = [7; 32];

fn office() -> Passkeys {
    Passkeys::new(RP, &format!("{ORIGIN}/"), "Gmina Modrzewie").unwrap()
}

fn key() -> SoftKey {
    SoftKey::new(Algorithm::Es256, RP, ORIGIN).unwrap()
}

fn person() -> PersonId {
    PersonId(uuid::Uuid::from_u128(5))
}

fn register(office: &Passkeys, key: &mut SoftKey) -> Result<NewPasskey, NoPasskey> {
    let started = office.start_registration(person(), "anna", "Anna Lis", &[]).unwrap();
    let credential = key.create(&started.options).unwrap();
    office.finish_registration(&started.state, &credential)
}

fn login(office: &Passkeys, key: &mut SoftKey, passkey: &str) -> Result<Option<String>, NoPasskey> {
    let started = office.start_login().unwrap();
    let credential = key.get(&started.options).unwrap();
    assert_eq!(office.claimed(&credential)?, (person(), key.credential_id.clone()));
    office.finish_login(&started.state, &credential, passkey)
}

fn confirm(office: &Passkeys, key: &mut SoftKey, passkey: &str) -> Result<Confirmed, NoPasskey> {
    let started =
        office.start_assertion(Purpose::Evidence, &[passkey.to_owned()], &CONTENT).unwrap();
    let credential = key.get(&started.options).unwrap();
    office.finish_assertion(Purpose::Evidence, &started.state, &credential)
}

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn a_key_registers_logs_in_and_confirms() {
    let office = office();
    for algorithm in [Algorithm::Es256, Algorithm::Es384, Algorithm::Rs256] {
        let mut key = SoftKey::new(algorithm, RP, ORIGIN).unwrap();
        let registered = register(&office, &mut key).unwrap();
        assert_eq!(registered.credential_id, key.credential_id);
        let moved = login(&office, &mut key, &registered.passkey).unwrap().unwrap();
        let confirmed = confirm(&office, &mut key, &moved).unwrap();
        assert_eq!(confirmed.evidence.public_key.0, key.cose(), "{algorithm:?}");
        assert_eq!(
            (confirmed.evidence.content, confirmed.credential_id),
            (CONTENT, registered.credential_id)
        );
        assert!(confirmed.updated.is_some());
        assert_eq!(
            evidence::verify(
                Purpose::Evidence,
                &confirmed.evidence,
                office.rp_id_hash(),
                office.origin()
            ),
            Ok(())
        );
    }
}

#[test]
fn a_key_without_a_counter_changes_nothing() {
    let office = office();
    let mut key = key();
    // As synchronised passkeys are: eligible for backup, backed up, counter always 0.
    (key.counter, key.counter_step, key.flags) = (0, 0, 1 | 4 | 8 | 16);
    let registered = register(&office, &mut key).unwrap();
    for _ in 0..3 {
        assert_eq!(login(&office, &mut key, &registered.passkey), Ok(None));
        assert_eq!(confirm(&office, &mut key, &registered.passkey).unwrap().updated, None);
    }
}

#[test]
fn options_ask_for_a_key_that_finds_itself_and_verifies_its_user() {
    let office = office();
    let existing = vec![vec![9; 16]];
    let options =
        json(&office.start_registration(person(), "anna", "Anna Lis", &existing).unwrap().options);
    let at = |pointer: &str| options.pointer(&format!("/publicKey{pointer}")).unwrap().clone();
    assert_eq!(at("/authenticatorSelection/residentKey"), "required");
    assert_eq!(at("/authenticatorSelection/requireResidentKey"), true);
    assert_eq!(at("/authenticatorSelection/userVerification"), "required");
    assert_eq!(at("/attestation"), "none");
    assert_eq!((at("/rp/id"), at("/rp/name")), (RP.into(), "Gmina Modrzewie".into()));
    assert_eq!(at("/excludeCredentials").as_array().unwrap().len(), 1);
    let options = json(&office.start_login().unwrap().options);
    assert_eq!(options.get("mediation"), None);
    assert_eq!(options.pointer("/publicKey/userVerification").unwrap(), "required");
    assert_eq!(options.pointer("/publicKey/allowCredentials").unwrap(), &serde_json::json!([]));
}

#[test]
fn our_challenge_reaches_the_browser_and_the_state() {
    // Fails when an update of webauthn-rs changes the layout of its state.
    let office = office();
    let mut key = key();
    let passkey = register(&office, &mut key).unwrap().passkey;
    let started = office.start_assertion(Purpose::Evidence, &[passkey], &CONTENT).unwrap();
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    let ours = URL_SAFE_NO_PAD.encode(Purpose::Evidence.challenge(&started.random, &CONTENT));
    assert_eq!(json(&started.options).pointer("/publicKey/challenge").unwrap(), &*ours);
    let state = json(&started.state);
    assert_eq!(state.pointer("/webauthn/ast/challenge").unwrap(), &*ours);
    assert_eq!(started.state.matches(&ours).count(), 1);
    let fields: Vec<&String> = state["webauthn"]["ast"].as_object().unwrap().keys().collect();
    assert_eq!(
        fields,
        ["allow_backup_eligible_upgrade", "appid", "challenge", "credentials", "policy"]
    );
}

type Change = Box<dyn Fn(&mut SoftKey)>;

/// Worlds in which a registration, a login or a confirmation must come to nothing.
fn lies() -> Vec<(&'static str, Change)> {
    vec![
        ("other origin", Box::new(|key| key.origin = "https://evil.example".into())),
        ("origin without TLS", Box::new(|key| key.origin = "http://urzad.example.pl".into())),
        ("subdomain", Box::new(|key| key.origin = "https://a.urzad.example.pl".into())),
        ("other port", Box::new(|key| key.origin = format!("{ORIGIN}:8443"))),
        ("suffix", Box::new(|key| key.origin = "https://evilurzad.example.pl".into())),
        ("no origin", Box::new(|key| key.origin = String::new())),
        ("other rp", Box::new(|key| key.rp_id = "example.pl".into())),
        ("nobody present", Box::new(|key| key.flags &= !1)),
        ("user not verified", Box::new(|key| key.flags &= !4)),
        ("backed up but not eligible", Box::new(|key| key.flags |= 16)),
        ("in a frame", Box::new(|key| key.cross_origin = true)),
        ("other purpose", Box::new(|key| key.purpose = "payment.get".into())),
    ]
}

#[test]
fn no_lie_registers() {
    let office = office();
    for (name, change) in lies() {
        let mut key = key();
        change(&mut key);
        assert!(register(&office, &mut key).is_err(), "{name}");
    }
    // An assertion is no registration, and an unasked kind of key is none either.
    let mut ed25519 = SoftKey::new(Algorithm::Ed25519, RP, ORIGIN).unwrap();
    assert!(register(&office, &mut ed25519).is_err());
    let started = office.start_registration(person(), "anna", "Anna Lis", &[]).unwrap();
    let assertion = key().get(&started.options).unwrap();
    assert_eq!(office.finish_registration(&started.state, &assertion), Err(NoPasskey::Malformed));
}

#[test]
fn no_lie_logs_in_or_confirms() {
    let office = office();
    let mut lies = lies();
    lies.push(("became eligible for backup", Box::new(|key| key.flags |= 8 | 16)));
    lies.push(("counter back", Box::new(|key| key.counter = 3)));
    lies.push(("counter stands", Box::new(|key| key.counter_step = 0)));
    lies.push(("counter gone", Box::new(|key| (key.counter, key.counter_step) = (0, 0))));
    lies.push(("a new key's flag", Box::new(|key| key.flags |= 0x40)));
    lies.push(("extensions missing", Box::new(|key| key.flags |= 0x80)));
    lies.push(("registration", Box::new(|key| key.purpose = "webauthn.create".into())));
    lies.push((
        "other key behind the id",
        Box::new(|key| {
            let (id, handle, counter) =
                (key.credential_id.clone(), key.user_handle.clone(), key.counter);
            *key = SoftKey::new(Algorithm::Es256, RP, ORIGIN).unwrap();
            (key.credential_id, key.user_handle, key.counter) = (id, handle, counter);
        }),
    ));
    for (name, change) in lies {
        let mut key = key();
        key.counter = 10;
        let registered = register(&office, &mut key).unwrap();
        let moved = login(&office, &mut key, &registered.passkey).unwrap().unwrap();
        change(&mut key);
        if name != "became eligible for backup" {
            assert!(confirm(&office, &mut key, &moved).is_err(), "{name} confirmed");
        }
        assert!(login(&office, &mut key, &moved).is_err(), "{name} logged in");
    }
}

#[test]
fn the_reasons_that_a_person_can_act_on_have_names() {
    let office = office();
    let mut key = key();
    key.counter = 10;
    let passkey = register(&office, &mut key).unwrap().passkey;
    key.counter = 2;
    assert_eq!(login(&office, &mut key, &passkey), Err(NoPasskey::Copied));
    key.counter = 20;
    key.flags &= !4;
    assert_eq!(login(&office, &mut key, &passkey), Err(NoPasskey::NotVerified));
    assert_eq!(register(&office, &mut key), Err(NoPasskey::NotVerified));
}

#[test]
fn an_answer_fits_its_own_ceremony_only() {
    let office = office();
    let mut key = key();
    let registered = register(&office, &mut key).unwrap();
    let passkey = registered.passkey;
    // Replayed to another ceremony of the same sort.
    let (first, second) = (office.start_login().unwrap(), office.start_login().unwrap());
    let answer = key.get(&first.options).unwrap();
    assert!(office.finish_login(&second.state, &answer, &passkey).is_err(), "replayed challenge");
    assert!(office.finish_login(&first.state, &answer, &passkey).is_ok());
    // A login is no confirmation, and a confirmation of other content is none.
    let of = |content| {
        office.start_assertion(Purpose::Evidence, std::slice::from_ref(&passkey), content).unwrap()
    };
    let (mine, other) = (of(&CONTENT), of(&[8; 32]));
    let for_login = key.get(&office.start_login().unwrap().options).unwrap();
    assert!(office.finish_assertion(Purpose::Evidence, &mine.state, &for_login).is_err());
    let for_other = key.get(&other.options).unwrap();
    assert!(office.finish_assertion(Purpose::Evidence, &mine.state, &for_other).is_err());
    assert!(office.finish_login(&first.state, &for_other, &passkey).is_err());
    // Registration state with another registration's answer.
    let start = || office.start_registration(person(), "anna", "Anna Lis", &[]).unwrap();
    let (one, two) = (start(), start());
    let created = key.create(&one.options).unwrap();
    assert!(office.finish_registration(&two.state, &created).is_err());
}

#[test]
fn another_persons_key_is_not_mine() {
    let office = office();
    let (mut mine, mut theirs) = (key(), key());
    let my_passkey = register(&office, &mut mine).unwrap().passkey;
    let their_passkey = register(&office, &mut theirs).unwrap().passkey;
    let started = office.start_login().unwrap();
    let answer = theirs.get(&started.options).unwrap();
    assert_eq!(office.finish_login(&started.state, &answer, &my_passkey), Err(NoPasskey::OtherKey));
    let started = office.start_assertion(Purpose::Evidence, &[my_passkey], &CONTENT).unwrap();
    let answer = theirs.get(&started.options).unwrap();
    assert_eq!(
        office.finish_assertion(Purpose::Evidence, &started.state, &answer),
        Err(NoPasskey::OtherKey)
    );
    // Their signature under my key's id.
    theirs.credential_id = mine.credential_id.clone();
    let answer = theirs.get(&started.options).unwrap();
    assert!(office.finish_assertion(Purpose::Evidence, &started.state, &answer).is_err());
    // A key that was registered already is refused when its device ignores the exclusion.
    let existing = vec![mine.credential_id.clone()];
    let started = office.start_registration(person(), "anna", "Anna Lis", &existing).unwrap();
    let again = mine.create(&started.options).unwrap();
    assert!(office.finish_registration(&started.state, &again).is_err());
    drop(their_passkey);
}

#[test]
fn what_is_not_a_credential_is_refused_in_words() {
    let office = office();
    let mut key = key();
    let passkey = register(&office, &mut key).unwrap().passkey;
    let started = office.start_login().unwrap();
    let answer = key.get(&started.options).unwrap();
    for length in (0..answer.len()).step_by(7) {
        let cut = &answer[..length];
        assert!(office.finish_login(&started.state, cut, &passkey).is_err(), "cut at {length}");
        assert!(office.claimed(cut).is_err());
    }
    let huge = format!("{answer}{}", " ".repeat(40_000));
    for bad in ["", "null", "[]", "{}", "\u{0}", "x", &huge] {
        assert_eq!(office.claimed(bad), Err(NoPasskey::Malformed));
        assert_eq!(office.finish_login(&started.state, bad, &passkey), Err(NoPasskey::Malformed));
    }
    // Parts of the answer, each damaged in turn.
    for part in ["authenticatorData", "clientDataJSON", "signature"] {
        for damage in ["", "AAAA", "!!!!"] {
            let mut bad = json(&answer);
            bad["response"][part] = damage.into();
            assert!(
                office.finish_login(&started.state, &bad.to_string(), &passkey).is_err(),
                "{part} {damage}"
            );
        }
    }
    let mut nobody = json(&answer);
    nobody["response"]["userHandle"] = serde_json::Value::Null;
    assert!(office.claimed(&nobody.to_string()).is_err());
    nobody["response"]["userHandle"] = "AAAA".into();
    assert!(office.claimed(&nobody.to_string()).is_err());
}

#[test]
fn a_host_and_an_address_that_do_not_fit_are_refused_at_start() {
    for (rp, origin) in [
        ("urzad.example.pl", "https://other.example.pl"),
        ("urzad.example.pl", "not an address"),
        ("urzad.example.pl", ""),
        ("a.urzad.example.pl", ORIGIN),
    ] {
        assert!(Passkeys::new(rp, origin, "Gmina").is_err(), "{rp} {origin}");
    }
    let demo = Passkeys::new("localhost", "http://localhost:8080", "Gmina").unwrap();
    assert_eq!(demo.origin(), "http://localhost:8080");
}
