//! Records of persons, their keys, codes, grants, sign-ins, and who looked at whom.

use jiff::{Timestamp, civil::Date};

use crate::kernel::{
    cbor::{Malformed, Map, Value},
    identity::PersonId,
    store::{
        Fault, View,
        keys::{IndexNumber, Key, Keys},
        record::{Bytes, Kind, KindInfo, Record, Retention},
        scrub::Repair,
    },
};

crate::codes! {
    /// How surely we know who somebody is.
    pub enum Level { Anonymous = 0, Declared = 1, Verified = 2 }
}

crate::codes! {
    /// What a grant lets staff do.
    pub enum Role {
        /// People, grants, settings.
        Administrator = 1,
        /// Cases.
        Clerk = 2,
        /// Notices and other public texts.
        Editor = 3,
        /// Reads the log.
        Auditor = 4,
    }
}

crate::codes! {
    /// What a one-time code is for.
    pub enum CodeUse { FirstAdministrator = 1, StaffInvitation = 2, ResidentVerification = 3 }
}

crate::fields! {
    /// Somebody with an account.
    pub struct Person {
        0 id: PersonId,
        1 given_name: String,
        2 family_name: String,
        3 level: Level,
        4 staff: bool,
        5 closed: bool,
        6 phone: Option<String>,
        7 email: Option<String>,
        8 since: Timestamp,
        /// Staff member who saw the identity document, and when.
        9 verified_by: Option<PersonId>,
        10 verified_at: Option<Timestamp>,
    }
}

impl Person {
    /// Given name and family name.
    pub fn full_name(&self) -> String {
        format!("{} {}", self.given_name, self.family_name)
    }
}

/// All staff by name.
pub const STAFF_BY_NAME: IndexNumber = IndexNumber(0);
/// All residents by name; for the desk.
pub const RESIDENTS_BY_NAME: IndexNumber = IndexNumber(1);

impl Record for Person {
    const KIND: Kind = Kind { number: 10, name: "person" };
    const VERSION: u16 = 1;
    type Id = PersonId;
    fn id(&self) -> PersonId {
        self.id
    }
    fn index(&self, keys: &mut Keys) {
        let index = if self.staff { STAFF_BY_NAME } else { RESIDENTS_BY_NAME };
        let columns = Map::from([
            (0, Value::Text(short(&self.full_name()))),
            (1, Value::Uint(self.level.code())),
            (2, Value::Bool(self.closed)),
        ]);
        keys.add(index, Key::new().text(&short(&self.family_name.to_lowercase())), columns);
    }
    fn subjects(&self) -> Vec<PersonId> {
        vec![self.id]
    }
    /// Of staff it is needed to say who acted.
    fn retention(&self) -> Retention {
        if self.staff { Retention::Permanent } else { Retention::Account(self.id) }
    }
    const HEAD: Option<&'static str> = Some("erasure-heads-accounts");
    fn ended(&self) -> Option<String> {
        (self.closed && !self.staff).then(String::new)
    }
    fn to_map(&self) -> Map {
        self.fields_to_map()
    }
    fn from_map(version: u16, map: Map) -> Result<Person, Malformed> {
        only(1, version)?;
        Person::fields_from_map(map)
    }
}

crate::uuid_id! {
    /// A passkey's record.
    pub struct CredentialId;
}

crate::fields! {
    /// A passkey of a person.
    pub struct Credential {
        0 id: CredentialId,
        1 person: PersonId,
        /// What the authenticator calls it.
        2 credential_id: Bytes,
        /// What webauthn-rs keeps of it, as JSON.
        3 passkey: String,
        4 name: String,
        5 added: Timestamp,
        /// Set when the owner removed it; a removed key signs nothing.
        6 removed: Option<Timestamp>,
    }
}

/// Keys of a person.
pub const CREDENTIALS_OF_PERSON: IndexNumber = IndexNumber(0);
/// By the authenticator's id: finds who logs in.
pub const CREDENTIALS_BY_ID: IndexNumber = IndexNumber(1);
/// More keys of one person than this are not looked at.
const KEYS_MAX: usize = 100;

impl Credential {
    /// A person's keys that are not removed, oldest first.
    ///
    /// # Errors
    /// The store is unwell.
    pub fn of(view: &View<'_>, person: PersonId) -> Result<Vec<Credential>, Fault> {
        let prefix = Key::new().id(&person);
        let list = view.list::<Credential>(CREDENTIALS_OF_PERSON, &prefix, None, KEYS_MAX)?;
        let mut keys = Vec::with_capacity(list.rows.len());
        for row in list.rows {
            keys.extend(view.get::<Credential>(&row.id)?);
        }
        keys.sort_by_key(|key: &Credential| key.added);
        Ok(keys)
    }
}

impl Record for Credential {
    const KIND: Kind = Kind { number: 11, name: "credential" };
    const VERSION: u16 = 1;
    type Id = CredentialId;
    fn id(&self) -> CredentialId {
        self.id
    }
    fn index(&self, keys: &mut Keys) {
        if self.removed.is_none() {
            keys.add(CREDENTIALS_OF_PERSON, Key::new().id(&self.person), Map::new());
            keys.add(CREDENTIALS_BY_ID, credential_key(&self.credential_id.0), Map::new());
        }
    }
    fn subjects(&self) -> Vec<PersonId> {
        vec![self.person]
    }
    fn retention(&self) -> Retention {
        Retention::Account(self.person)
    }
    fn to_map(&self) -> Map {
        self.fields_to_map()
    }
    fn from_map(version: u16, map: Map) -> Result<Credential, Malformed> {
        only(1, version)?;
        Credential::fields_from_map(map)
    }
}

/// Index key of an authenticator's id: hashed, because ids may be long.
pub fn credential_key(credential_id: &[u8]) -> Key {
    Key(crate::kernel::crypto::hash(&[b"ostoja/credential/1", credential_id]).to_vec())
}

crate::uuid_id! {
    /// A grant.
    pub struct GrantId;
}

crate::fields! {
    /// What a staff member may do: role, unit, from when to when, and on what basis.
    pub struct Grant {
        0 id: GrantId,
        1 person: PersonId,
        2 role: Role,
        3 unit: u64,
        4 from: Timestamp,
        5 to: Option<Timestamp>,
        6 basis: String,
        7 standing_in_for: Option<PersonId>,
    }
}

impl Grant {
    /// Whether the grant holds at an instant.
    pub fn is_valid(&self, now: Timestamp) -> bool {
        self.from <= now && self.to.is_none_or(|to| now < to)
    }
}

/// Grants of a person.
pub const GRANTS_OF_PERSON: IndexNumber = IndexNumber(0);

impl Record for Grant {
    const KIND: Kind = Kind { number: 12, name: "grant" };
    const VERSION: u16 = 1;
    type Id = GrantId;
    fn id(&self) -> GrantId {
        self.id
    }
    fn index(&self, keys: &mut Keys) {
        keys.add(
            GRANTS_OF_PERSON,
            Key::new().id(&self.person),
            Map::from([(0, Value::Uint(self.role.code()))]),
        );
    }
    fn subjects(&self) -> Vec<PersonId> {
        vec![self.person]
    }
    fn retention(&self) -> Retention {
        Retention::Permanent
    }
    fn to_map(&self) -> Map {
        self.fields_to_map()
    }
    fn from_map(version: u16, map: Map) -> Result<Grant, Malformed> {
        only(1, version)?;
        Grant::fields_from_map(map)
    }
}

crate::uuid_id! {
    /// A one-time code.
    pub struct CodeId;
}

crate::fields! {
    /// A one-time code, kept as a hash. Used once, for one thing, for a short time.
    pub struct Code {
        0 id: CodeId,
        1 hash: [u8; 32],
        2 used_for: CodeUse,
        /// Whom it is for, if that is known.
        3 person: Option<PersonId>,
        4 roles: Vec<Role>,
        5 given_name: Option<String>,
        6 family_name: Option<String>,
        7 issued: Timestamp,
        8 expires: Timestamp,
        9 used: Option<Timestamp>,
        /// The staff member who issued it; nobody if it came from the console.
        10 issued_by: Option<PersonId>,
    }
}

/// By hash.
pub const CODES_BY_HASH: IndexNumber = IndexNumber(0);

impl Record for Code {
    const KIND: Kind = Kind { number: 13, name: "code" };
    const VERSION: u16 = 1;
    type Id = CodeId;
    fn id(&self) -> CodeId {
        self.id
    }
    fn index(&self, keys: &mut Keys) {
        if self.used.is_none() {
            keys.add(CODES_BY_HASH, Key(self.hash.to_vec()), Map::new());
        }
    }
    fn subjects(&self) -> Vec<PersonId> {
        self.person.into_iter().collect()
    }
    fn retention(&self) -> Retention {
        self.person.map_or(Retention::Code(self.id.0), Retention::Account)
    }
    const HEAD: Option<&'static str> = Some("erasure-heads-codes");
    /// From the day on which it was issued: it lives for days.
    fn ended(&self) -> Option<String> {
        self.person.is_none().then(String::new)
    }
    fn to_map(&self) -> Map {
        self.fields_to_map()
    }
    fn from_map(version: u16, map: Map) -> Result<Code, Malformed> {
        only(1, version)?;
        Code::fields_from_map(map)
    }
}

crate::codes! {
    /// What happened at the door.
    pub enum SignInEvent { In = 1, Out = 2, OutEverywhere = 3 }
}

crate::fields! {
    /// The last time somebody logged in or out; earlier times are its history.
    pub struct SignIn {
        0 person: PersonId,
        1 event: SignInEvent,
        2 at: Timestamp,
        3 credential: Option<CredentialId>,
        /// Sessions that began before this are over.
        4 valid_from: Option<Timestamp>,
    }
}

impl Record for SignIn {
    const KIND: Kind = Kind { number: 14, name: "sign-in" };
    const VERSION: u16 = 1;
    type Id = PersonId;
    fn id(&self) -> PersonId {
        self.person
    }
    fn index(&self, _keys: &mut Keys) {}
    fn subjects(&self) -> Vec<PersonId> {
        vec![self.person]
    }
    fn retention(&self) -> Retention {
        Retention::Account(self.person)
    }
    fn to_map(&self) -> Map {
        self.fields_to_map()
    }
    fn from_map(version: u16, map: Map) -> Result<SignIn, Malformed> {
        only(1, version)?;
        SignIn::fields_from_map(map)
    }
}

crate::fields! {
    /// A staff member looked at a person's data on a day: one record, however often.
    pub struct Disclosure {
        0 staff: PersonId,
        1 subject: PersonId,
        2 day: Date,
        3 first_at: Timestamp,
        4 service: String,
    }
}

/// Who looked at a person, newest first.
pub const LOOKS_AT_PERSON: IndexNumber = IndexNumber(0);

impl Record for Disclosure {
    const KIND: Kind = Kind { number: 15, name: "disclosure" };
    const VERSION: u16 = 1;
    type Id = DisclosureId;
    fn id(&self) -> DisclosureId {
        DisclosureId { staff: self.staff, subject: self.subject, day: self.day }
    }
    fn index(&self, keys: &mut Keys) {
        let columns = Map::from([
            (0, Value::Text(self.day.to_string())),
            (1, Value::Text(short(&self.service))),
            (2, Value::Bytes(self.staff.0.as_bytes().to_vec())),
        ]);
        keys.add(
            LOOKS_AT_PERSON,
            Key::new().id(&self.subject).newest_first(self.first_at),
            columns,
        );
    }
    fn subjects(&self) -> Vec<PersonId> {
        vec![self.subject]
    }
    fn retention(&self) -> Retention {
        Retention::Account(self.subject)
    }
    fn to_map(&self) -> Map {
        self.fields_to_map()
    }
    fn from_map(version: u16, map: Map) -> Result<Disclosure, Malformed> {
        only(1, version)?;
        Disclosure::fields_from_map(map)
    }
}

/// Staff, subject and day: 16 + 16 + 10 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DisclosureId {
    pub staff: PersonId,
    pub subject: PersonId,
    pub day: Date,
}

impl crate::kernel::store::record::RecordId for DisclosureId {
    fn to_bytes(&self) -> Vec<u8> {
        [self.staff.0.as_bytes(), self.subject.0.as_bytes(), self.day.to_string().as_bytes()]
            .concat()
    }
    fn from_bytes(bytes: &[u8]) -> Option<DisclosureId> {
        let person = |range| uuid::Uuid::from_slice(bytes.get(range)?).ok().map(PersonId);
        let day = std::str::from_utf8(bytes.get(32..)?).ok()?.parse().ok()?;
        Some(DisclosureId { staff: person(0..16)?, subject: person(16..32)?, day })
    }
}

crate::fields! {
    /// What the commune says of itself; one record.
    pub struct Commune {
        0 name: String,
        /// Host name of the pages: the passkeys' RP ID, fixed for life at first start.
        1 host: String,
        2 teryt: Option<String>,
        3 address: Option<String>,
        4 phone: Option<String>,
        5 email: Option<String>,
        /// Shown on every page of a demo.
        6 demo: bool,
        /// SHA-256 of the configuration file of the newest start; a demonstration has none.
        7 config_hash: Option<[u8; 32]>,
    }
}

impl Record for Commune {
    const KIND: Kind = Kind { number: 16, name: "commune" };
    const VERSION: u16 = 1;
    type Id = String;
    fn id(&self) -> String {
        "commune".to_owned()
    }
    fn index(&self, _keys: &mut Keys) {}
    fn subjects(&self) -> Vec<PersonId> {
        Vec::new()
    }
    fn retention(&self) -> Retention {
        Retention::Permanent
    }
    fn to_map(&self) -> Map {
        self.fields_to_map()
    }
    fn from_map(version: u16, map: Map) -> Result<Commune, Malformed> {
        only(1, version)?;
        Commune::fields_from_map(map)
    }
}

/// The kinds that the kernel owns.
pub const KINDS: &[KindInfo] = &[
    KindInfo::of::<Person>(),
    KindInfo::of::<Credential>(),
    KindInfo::of::<Grant>(),
    KindInfo::of::<Code>(),
    KindInfo::of::<SignIn>(),
    KindInfo::of::<Disclosure>(),
    KindInfo::of::<Commune>(),
    KindInfo::of::<Repair>(),
];

/// Refuses a version that this program does not know.
///
/// # Errors
/// It is not the known one.
pub fn only(known: u16, version: u16) -> Result<(), Malformed> {
    if known == version {
        Ok(())
    } else {
        Err(Malformed::new(format!("record version {version} is unknown")))
    }
}

/// Cuts a text so that it fits list columns.
pub fn short(text: &str) -> String {
    text.chars().take(80).collect()
}
