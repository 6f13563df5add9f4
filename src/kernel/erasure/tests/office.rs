//! Two officers with keys of their own, and a store with files to erase.

use std::{path::PathBuf, sync::Arc, time::Duration};

use uuid::Uuid;

use crate::kernel::{
    clock::Clock,
    crypto::Hash,
    erasure::{self, Approver, ErasureId, Ground},
    identity::{
        Actor, Level, Person, PersonId, Role,
        evidence::Purpose,
        passkeys::Passkeys,
        people::{Credential, CredentialId, Grant, GrantId},
        soft_key::{Algorithm, SoftKey},
    },
    store::{
        Change, Op, Refusal, Store,
        record::{Bytes, FileId},
        start::{self, IndexChoice, StoreSettings},
        tests::{MEMOS, Memo, WRITE, memo},
    },
};

const RP: &str = "urzad.example.pl";
const ORIGIN: &str = "https://urzad.example.pl";

/// Somebody who may approve.
pub struct Officer {
    pub person: PersonId,
    pub key: SoftKey,
    pub credential: CredentialId,
    pub passkey: String,
}

/// A commune with two officers.
pub struct Office {
    pub directory: tempfile::TempDir,
    pub store: Arc<Store>,
    pub clock: Clock,
    passkeys: Passkeys,
    pub anna: Officer,
    pub jan: Officer,
}

pub fn settings(clock: &Clock, index: IndexChoice) -> StoreSettings {
    StoreSettings {
        segment_bytes: 128 * 1024,
        index,
        clock: clock.clone(),
        checkpoint_every: Duration::from_millis(20),
        on_unknown: |why| panic!("{why}"),
        ..StoreSettings::default()
    }
}

fn officer(passkeys: &Passkeys, number: u128) -> Officer {
    let mut key = SoftKey::new(Algorithm::Es256, RP, ORIGIN).unwrap();
    let person = PersonId(Uuid::from_u128(number));
    let started = passkeys.start_registration(person, "officer", "Officer", &[]).unwrap();
    let made = key.create(&started.options).unwrap();
    let made = passkeys.finish_registration(&started.state, &made).unwrap();
    let credential = CredentialId(Uuid::from_u128(number + 1));
    Officer { person, key, credential, passkey: made.passkey }
}

impl Office {
    pub fn new(index: IndexChoice) -> Office {
        let directory = tempfile::tempdir().unwrap();
        let clock = Clock::standing("2026-11-21T12:00:00Z".parse().unwrap());
        let data = directory.path().join("data");
        start::create(&data, "test.example/log/1", &[MEMOS], &settings(&clock, index)).unwrap();
        let (store, _) = start::open(&data, &[MEMOS], &settings(&clock, index)).unwrap();
        let passkeys = Passkeys::new(RP, ORIGIN, "Gmina Modrzewie").unwrap();
        let (anna, jan) = (officer(&passkeys, 1_000), officer(&passkeys, 2_000));
        let office = Office { directory, store, clock, passkeys, anna, jan };
        office.enrol(&office.anna, Role::Administrator);
        office.enrol(&office.jan, Role::Clerk);
        office
    }

    pub fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    /// Stops and starts.
    pub fn restart(&mut self, index: IndexChoice) {
        self.store.close();
        let (data, settings) = (self.data(), settings(&self.clock, index));
        let placeholder = Arc::clone(&self.store);
        drop(std::mem::replace(&mut self.store, placeholder));
        self.store = {
            // The lock goes with the last store.
            let office = tempfile::tempdir().unwrap();
            let other = office.path().join("data");
            start::create(&other, "other.example/log/1", &[MEMOS], &settings).unwrap();
            let (other, _) = start::open(&other, &[MEMOS], &settings).unwrap();
            drop(std::mem::replace(&mut self.store, other));
            let (store, _) = start::open(&data, &[MEMOS], &settings).unwrap();
            self.store.close();
            store
        };
    }

    fn enrol(&self, officer: &Officer, role: Role) {
        let now = self.clock.now();
        let person = Person {
            id: officer.person,
            given_name: "Anna".to_owned(),
            family_name: "Lis".to_owned(),
            level: Level::Verified,
            staff: true,
            closed: false,
            phone: None,
            email: None,
            since: now,
            verified_by: None,
            verified_at: None,
        };
        let credential = Credential {
            id: officer.credential,
            person: officer.person,
            credential_id: Bytes(officer.key.credential_id.clone()),
            passkey: officer.passkey.clone(),
            name: "key".to_owned(),
            added: now,
            removed: None,
        };
        let grant = Grant {
            id: GrantId(Uuid::now_v7()),
            person: officer.person,
            role,
            unit: 0,
            from: now,
            to: None,
            basis: "test".to_owned(),
            standing_in_for: None,
        };
        self.write(
            |change| change.and(Op::put(&credential)).and(Op::put(&grant)),
            Op::put(&person),
        );
    }

    pub fn write(&self, more: impl FnOnce(Change) -> Change, first: Op) -> u64 {
        let ticket = self.store.desk(Actor::Visitor).commit(|_, authority| {
            Ok::<_, Refusal>(more(Change::new(authority.permit(&WRITE, &[])?, first)))
        });
        ticket.unwrap().wait().unwrap().seq
    }

    /// A memo is a file of its own, and has always ended.
    pub fn memo(&self, n: u128, text: &str) -> u64 {
        self.write(|change| change, Op::put(&memo(n, text)))
    }

    /// A memo with a file.
    pub fn memo_with_file(&self, n: u128, text: &str, bytes: &[u8]) -> u64 {
        let staged = self.store.stage_blob(bytes).unwrap();
        let ticket = self.store.desk(Actor::Visitor).commit(|_, authority| {
            let mut attachments = Change::attachments(authority.permit(&WRITE, &[])?);
            let file = Some(attachments.attach(staged));
            Ok::<_, Refusal>(attachments.change(Op::put(&Memo { file, ..memo(n, text) })))
        });
        ticket.unwrap().wait().unwrap().seq
    }

    pub fn propose(&self, by: &Officer, file: FileId) -> Result<ErasureId, Refusal> {
        let id = ErasureId::new();
        let ticket = self.store.desk(Actor::Staff(by.person)).commit(|view, authority| {
            erasure::propose(view, authority, id, file, Ground::Ruling, ("Wyrok", ""))
        });
        ticket.map_err(|refused| refused.refusal)?.wait().unwrap();
        Ok(id)
    }

    /// What the officer's key makes of a proposal.
    pub fn sign(&mut self, anna: bool, content: &Hash, purpose: Purpose) -> Approver {
        let officer = if anna { &mut self.anna } else { &mut self.jan };
        let keys = [officer.passkey.clone()];
        let started = self.passkeys.start_assertion(purpose, &keys, content).unwrap();
        let made = officer.key.get(&started.options).unwrap();
        let confirmed = self.passkeys.finish_assertion(purpose, &started.state, &made).unwrap();
        if let Some(updated) = &confirmed.updated {
            officer.passkey.clone_from(updated);
        }
        Approver {
            key: officer.credential,
            evidence: confirmed.evidence,
            updated: confirmed.updated,
        }
    }

    pub fn approve(&mut self, anna: bool, id: ErasureId) -> Result<u64, Refusal> {
        let content = erasure::approve_content(&self.store.view(), id)?;
        let approver = self.sign(anna, &content, Purpose::Erasure);
        self.approve_with(anna, id, approver)
    }

    pub fn approve_with(
        &self,
        anna: bool,
        id: ErasureId,
        approver: Approver,
    ) -> Result<u64, Refusal> {
        let person = if anna { self.anna.person } else { self.jan.person };
        let ticket = self
            .store
            .desk(Actor::Staff(person))
            .commit(|view, authority| erasure::approve(view, authority, id, approver));
        Ok(ticket.map_err(|refused| refused.refusal)?.wait().unwrap().seq)
    }

    pub fn finish(&self) {
        assert!(self.store.finish_erasures(Duration::from_secs(30)).unwrap());
    }
}

pub fn file(n: u128) -> FileId {
    FileId(Uuid::from_u128(n))
}
