//! What an entry says: the header that stays for ever, who-and-why, and record bodies
//! (docs/format.md, section 2).

use crate::kernel::{
    cbor::{self, Malformed, Map, Value},
    crypto::{Hash, hash},
    journal::Seq,
};

/// Longest header: the limit of an entry in a tile bundle.
pub const HEADER_BYTES_MAX: usize = 65_535;
/// Most bodies of one entry.
pub const BODIES_MAX: usize = 1_000;
/// Longest action name.
pub const ACTION_BYTES_MAX: usize = 48;
/// Format level this program writes.
pub const LEVEL: u64 = 1;

/// Action of the entry that orders an erasure.
pub const ERASE: &str = "kernel.erase";
/// Action of the entry that says an erasure is complete.
pub const ERASED: &str = "kernel.erased";
/// Action of the first entry of an epoch.
pub const EPOCH: &str = "kernel.epoch";
/// Action of the entry that raises the format level.
pub const LEVEL_UP: &str = "kernel.level";

/// Kind number of who-and-why.
pub const KIND_WHY: u16 = 0;
/// Kind number of a detached body.
pub const KIND_BLOB: u16 = 1;

/// What a header says of one body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Descriptor {
    pub kind: u16,
    pub version: u16,
    /// Length of the plaintext.
    pub length: u64,
    pub commitment: Hash,
    /// Hash of the blob file, if the body is detached.
    pub detached: Option<Hash>,
}

/// How far the clock can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockQuality {
    Unknown = 0,
    FreeRunning = 1,
    Synchronised = 2,
}

/// An order to erase: header key 12 of `kernel.erase` (section 6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erasure {
    /// (seq, bit mask of bodies, least significant bit first), ascending.
    pub targets: Vec<(Seq, Vec<u8>)>,
    pub ground: String,
    pub assertions: Vec<Assertion>,
    pub legal_hold_check: Seq,
    /// Hash of the targets' leaves, in order: *which* entries are meant. After a restore that lost a
    /// tail, their numbers are given again to others.
    pub target_leaves: Hash,
}

/// One officer's passkey assertion over an erasure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assertion {
    pub staff: [u8; 8],
    pub enrolment: Seq,
    pub public_key: Vec<u8>,
    pub authenticator_data: Vec<u8>,
    pub client_data: Vec<u8>,
    pub signature: Vec<u8>,
    pub random: [u8; 32],
}

/// Header key 13: the start of an epoch (section 8).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Epoch {
    pub number: u64,
    pub origin: String,
    pub restored: Option<Restored>,
    pub statement: Option<Hash>,
}

/// What a restore lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    pub old_checkpoint: String,
    pub lost_from: Seq,
    pub lost_to: Seq,
}

/// The part of an entry that is never rewritten and holds no personal data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    pub seq: Seq,
    pub at_ms: u64,
    pub clock: ClockQuality,
    pub level: u64,
    pub program: [u8; 8],
    pub controller: u64,
    pub unit: u64,
    pub action: String,
    pub staff: Option<[u8; 8]>,
    pub bodies: Vec<Descriptor>,
    pub nonce: Option<[u8; 16]>,
    pub stored: Option<Hash>,
    pub erasure: Option<Erasure>,
    pub epoch: Option<Epoch>,
    pub level_up: Option<u64>,
    /// With `kernel.erased`: seq of the erasure that is complete.
    pub done: Option<Seq>,
    /// Keys this program does not know, kept.
    pub unknown: Map,
}

/// The hash of an entry in the tree.
pub fn leaf(header_bytes: &[u8]) -> Hash {
    hash(&[&[0], header_bytes])
}

/// Begins every challenge of an erasure.
pub const ERASURE_TAG: &[u8] = b"ostoja/erase/1";

/// What an erasure's assertions are for: `H(CBOR of {0, 1, 3, 4})`.
pub fn erasure_content(erasure: &Erasure) -> Hash {
    let mut map = erasure.to_map();
    map.remove(&2);
    hash(&[&cbor::encode_map(&map)])
}

/// The challenge of an erasure's assertion: `H(tag || random || content)`.
pub fn erasure_challenge(erasure: &Erasure, random: &[u8; 32]) -> Hash {
    hash(&[ERASURE_TAG, random, &erasure_content(erasure)])
}

impl Header {
    /// The bytes of the leaf.
    pub fn encode(&self) -> Vec<u8> {
        let mut map = self.unknown.clone();
        map.insert(0, Value::Uint(self.seq));
        map.insert(1, Value::Uint(self.at_ms));
        map.insert(2, Value::Uint(self.clock as u64));
        map.insert(3, Value::Uint(self.level));
        map.insert(4, Value::Bytes(self.program.to_vec()));
        map.insert(5, Value::Uint(self.controller));
        map.insert(6, Value::Uint(self.unit));
        map.insert(7, Value::Text(self.action.clone()));
        if let Some(staff) = self.staff {
            map.insert(8, Value::Bytes(staff.to_vec()));
        }
        if !self.bodies.is_empty() {
            map.insert(9, Value::Array(self.bodies.iter().map(Descriptor::to_value).collect()));
        }
        if let Some(nonce) = self.nonce {
            map.insert(10, Value::Bytes(nonce.to_vec()));
        }
        if let Some(stored) = self.stored {
            map.insert(11, Value::Bytes(stored.to_vec()));
        }
        if let Some(erasure) = &self.erasure {
            map.insert(12, Value::Map(erasure.to_map()));
        }
        if let Some(epoch) = &self.epoch {
            map.insert(13, Value::Map(epoch.to_map()));
        }
        if let Some(level) = self.level_up {
            map.insert(14, Value::Map(Map::from([(0, Value::Uint(level))])));
        }
        if let Some(done) = self.done {
            map.insert(15, Value::Uint(done));
        }
        cbor::encode_map(&map)
    }

    /// Reads a header and checks that its parts agree.
    ///
    /// # Errors
    /// Anything section 2 does not allow.
    pub fn decode(bytes: &[u8]) -> Result<Header, Malformed> {
        if bytes.len() > HEADER_BYTES_MAX {
            return Err(Malformed::new("header too long"));
        }
        let mut map = cbor::decode_map(bytes)?;
        let take = &mut map;
        let header = Header {
            seq: uint(take, 0)?,
            at_ms: uint(take, 1)?,
            clock: match uint(take, 2)? {
                0 => ClockQuality::Unknown,
                1 => ClockQuality::FreeRunning,
                2 => ClockQuality::Synchronised,
                other => return Err(Malformed::new(format!("clock quality {other}"))),
            },
            level: uint(take, 3)?,
            program: array(take, 4)?,
            controller: uint(take, 5)?,
            unit: uint(take, 6)?,
            action: text(take, 7)?,
            staff: optional(take, 8, array)?,
            bodies: match take.remove(&9) {
                None => Vec::new(),
                Some(Value::Array(items)) if !items.is_empty() => {
                    items.into_iter().map(Descriptor::from_value).collect::<Result<_, _>>()?
                }
                Some(_) => return Err(Malformed::new("header key 9 is not a list of bodies")),
            },
            nonce: optional(take, 10, array)?,
            stored: optional(take, 11, array)?,
            erasure: optional(take, 12, inner)?.map(Erasure::from_map).transpose()?,
            epoch: optional(take, 13, inner)?.map(Epoch::from_map).transpose()?,
            level_up: optional(take, 14, inner)?.map(level_of).transpose()?,
            done: optional(take, 15, uint)?,
            unknown: map,
        };
        header.check()?;
        Ok(header)
    }

    fn check(&self) -> Result<(), Malformed> {
        let refuse = |what: &str| Err(Malformed::new(what));
        if self.action.is_empty() || self.action.len() > ACTION_BYTES_MAX {
            return refuse("action name empty or too long");
        }
        if self.bodies.len() > BODIES_MAX {
            return refuse("too many bodies");
        }
        if self.bodies.is_empty() == self.nonce.is_none() {
            return refuse("a nonce stands where there are no bodies, and only there");
        }
        if self.bodies.is_empty() != self.stored.is_none() {
            return refuse("key 11 stands where there are bodies, and only there");
        }
        if let Some(first) = self.bodies.first()
            && (first.kind != KIND_WHY || first.detached.is_some())
        {
            return refuse("body 0 is not who-and-why");
        }
        if self.bodies.iter().any(|body| body.kind <= KIND_BLOB && body.version != 1) {
            return refuse("a who-and-why or blob is of an unknown version");
        }
        if !self.bodies.iter().map(|body| body.kind.min(KIND_BLOB + 1)).is_sorted()
            || self.bodies.iter().skip(1).any(|body| body.kind == KIND_WHY)
        {
            return refuse("bodies are not one who-and-why, then blobs, then records");
        }
        if self.bodies.iter().any(|body| (body.kind == KIND_BLOB) != body.detached.is_some()) {
            return refuse("a detached body is a blob, and a blob is detached");
        }
        for (name, stands) in [
            (ERASE, self.erasure.is_some()),
            (EPOCH, self.epoch.is_some()),
            (LEVEL_UP, self.level_up.is_some()),
            (ERASED, self.done.is_some()),
        ] {
            if (self.action == name) != stands {
                return refuse("keys 12 to 15 come with their action, and only there");
            }
        }
        Ok(())
    }
}

fn level_of(mut map: Map) -> Result<u64, Malformed> {
    let level = uint(&mut map, 0)?;
    nothing_left(&map)?;
    Ok(level)
}

impl Descriptor {
    fn to_value(&self) -> Value {
        let mut items = vec![
            Value::Uint(u64::from(self.kind)),
            Value::Uint(u64::from(self.version)),
            Value::Uint(self.length),
            Value::Bytes(self.commitment.to_vec()),
        ];
        items.extend(self.detached.map(|hash| Value::Bytes(hash.to_vec())));
        Value::Array(items)
    }

    fn from_value(value: Value) -> Result<Descriptor, Malformed> {
        let malformed =
            || Malformed::new("a body descriptor is not [kind, version, length, commitment, file]");
        let Value::Array(items) = value else { return Err(malformed()) };
        let small = |n: u64| u16::try_from(n).map_err(|_too_big| malformed());
        let hash_of = |bytes: &[u8]| Hash::try_from(bytes).map_err(|_length| malformed());
        match items.as_slice() {
            [
                Value::Uint(kind),
                Value::Uint(version),
                Value::Uint(length),
                Value::Bytes(commitment),
                rest @ ..,
            ] => Ok(Descriptor {
                kind: small(*kind)?,
                version: small(*version)?,
                length: *length,
                commitment: hash_of(commitment)?,
                detached: match rest {
                    [] => None,
                    [Value::Bytes(file)] => Some(hash_of(file)?),
                    _ => return Err(malformed()),
                },
            }),
            _ => Err(malformed()),
        }
    }
}

impl Erasure {
    fn to_map(&self) -> Map {
        let mut previous = 0;
        let targets = self.targets.iter().map(|(seq, mask)| {
            let delta = seq.saturating_sub(previous);
            previous = *seq;
            Value::Array(vec![Value::Uint(delta), Value::Bytes(mask.clone())])
        });
        Map::from([
            (0, Value::Array(targets.collect())),
            (1, Value::Text(self.ground.clone())),
            (2, Value::Array(self.assertions.iter().map(|one| Value::Map(one.to_map())).collect())),
            (3, Value::Uint(self.legal_hold_check)),
            (4, Value::Bytes(self.target_leaves.to_vec())),
        ])
    }

    fn from_map(mut map: Map) -> Result<Erasure, Malformed> {
        let malformed =
            || Malformed::new("erasure targets are not [[seq delta, mask], ...] ascending");
        let Some(Value::Array(items)) = map.remove(&0) else { return Err(malformed()) };
        let mut targets: Vec<(Seq, Vec<u8>)> = Vec::with_capacity(items.len());
        for item in items {
            let Value::Array(pair) = item else { return Err(malformed()) };
            let [Value::Uint(delta), Value::Bytes(mask)] = pair.as_slice() else {
                return Err(malformed());
            };
            let seq = match targets.last() {
                None => *delta,
                Some(_) if *delta == 0 => return Err(malformed()),
                Some((before, _)) => before.checked_add(*delta).ok_or_else(malformed)?,
            };
            targets.push((seq, mask.clone()));
        }
        let Some(Value::Array(assertions)) = map.remove(&2) else {
            return Err(Malformed::new("no assertions"));
        };
        let erasure = Erasure {
            targets,
            ground: text(&mut map, 1)?,
            assertions: assertions
                .into_iter()
                .map(|value| match value {
                    Value::Map(map) => Assertion::from_map(map),
                    other => Err(Malformed::new(format!("an assertion is {}", other.name()))),
                })
                .collect::<Result<_, _>>()?,
            legal_hold_check: uint(&mut map, 3)?,
            target_leaves: array(&mut map, 4)?,
        };

        nothing_left(&map)?;
        Ok(erasure)
    }

    /// The bodies that the order names, whether they exist or not.
    pub fn pairs(&self) -> impl Iterator<Item = (Seq, u32)> {
        self.targets.iter().flat_map(|(seq, mask)| {
            mask.iter().zip(0u32..).flat_map(move |(byte, place)| {
                (0..8)
                    .filter(move |bit| byte >> bit & 1 == 1)
                    .map(move |bit| (*seq, place * 8 + bit))
            })
        })
    }
}

impl Assertion {
    fn to_map(&self) -> Map {
        Map::from([
            (0, Value::Bytes(self.staff.to_vec())),
            (1, Value::Uint(self.enrolment)),
            (2, Value::Bytes(self.public_key.clone())),
            (3, Value::Bytes(self.authenticator_data.clone())),
            (4, Value::Bytes(self.client_data.clone())),
            (5, Value::Bytes(self.signature.clone())),
            (6, Value::Bytes(self.random.to_vec())),
        ])
    }

    fn from_map(mut map: Map) -> Result<Assertion, Malformed> {
        let assertion = Assertion {
            staff: array(&mut map, 0)?,
            enrolment: uint(&mut map, 1)?,
            public_key: bytes(&mut map, 2)?,
            authenticator_data: bytes(&mut map, 3)?,
            client_data: bytes(&mut map, 4)?,
            signature: bytes(&mut map, 5)?,
            random: array(&mut map, 6)?,
        };
        nothing_left(&map)?;
        Ok(assertion)
    }
}

impl Epoch {
    fn to_map(&self) -> Map {
        let mut map =
            Map::from([(0, Value::Uint(self.number)), (1, Value::Text(self.origin.clone()))]);
        if let Some(restored) = &self.restored {
            map.insert(2, Value::Text(restored.old_checkpoint.clone()));
            map.insert(3, Value::Uint(restored.lost_from));
            map.insert(4, Value::Uint(restored.lost_to));
        }
        if let Some(statement) = self.statement {
            map.insert(5, Value::Bytes(statement.to_vec()));
        }
        map
    }

    fn from_map(mut map: Map) -> Result<Epoch, Malformed> {
        let take = &mut map;
        let epoch = Epoch {
            number: uint(take, 0)?,
            origin: text(take, 1)?,
            restored: match optional(take, 2, text)? {
                None => None,
                Some(old_checkpoint) => Some(Restored {
                    old_checkpoint,
                    lost_from: uint(take, 3)?,
                    lost_to: uint(take, 4)?,
                }),
            },
            statement: optional(take, 5, array)?,
        };
        nothing_left(&map)?;
        Ok(epoch)
    }
}

// ---- taking typed values out of a map; whatever is left over was unknown

pub(crate) fn uint(map: &mut Map, key: u64) -> Result<u64, Malformed> {
    match map.remove(&key) {
        Some(Value::Uint(n)) => Ok(n),
        found => Err(wrong(key, "an unsigned integer", found.as_ref())),
    }
}

pub(crate) fn text(map: &mut Map, key: u64) -> Result<String, Malformed> {
    match map.remove(&key) {
        Some(Value::Text(text)) => Ok(text),
        found => Err(wrong(key, "text", found.as_ref())),
    }
}

pub(crate) fn bytes(map: &mut Map, key: u64) -> Result<Vec<u8>, Malformed> {
    match map.remove(&key) {
        Some(Value::Bytes(bytes)) => Ok(bytes),
        found => Err(wrong(key, "bytes", found.as_ref())),
    }
}

pub(crate) fn array<const N: usize>(map: &mut Map, key: u64) -> Result<[u8; N], Malformed> {
    bytes(map, key)?
        .try_into()
        .map_err(|_length| Malformed::new(format!("key {key} is not {N} bytes")))
}

pub(crate) fn inner(map: &mut Map, key: u64) -> Result<Map, Malformed> {
    match map.remove(&key) {
        Some(Value::Map(map)) => Ok(map),
        found => Err(wrong(key, "a map", found.as_ref())),
    }
}

pub(crate) fn optional<T>(
    map: &mut Map,
    key: u64,
    take: impl FnOnce(&mut Map, u64) -> Result<T, Malformed>,
) -> Result<Option<T>, Malformed> {
    if map.contains_key(&key) { take(map, key).map(Some) } else { Ok(None) }
}

pub(crate) fn nothing_left(map: &Map) -> Result<(), Malformed> {
    match map.keys().next() {
        None => Ok(()),
        Some(key) => Err(Malformed::new(format!("unknown key {key}"))),
    }
}

fn wrong(key: u64, expected: &str, found: Option<&Value>) -> Malformed {
    Malformed::new(format!("key {key} is {}, not {expected}", found.map_or("absent", Value::name)))
}
