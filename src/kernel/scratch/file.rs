//! One scratch item as a file: `"OSTJSCR1" | salt 32 | u32 n | sealed head (n bytes) | sealed body`.
//!
//! Two keys come from the machine's scratch key and the file's random salt, used once: one seals the
//! head, the other one, bound to the head's hash, seals the body. So a head can be read without its
//! body, and a body fits no other head. Nothing here outlives a release; the format may change.

use std::path::Path;

use super::{Class, Name, Owner};
use crate::kernel::{
    cbor::{self, Malformed},
    crypto::{self, CryptoFault, Hash, TAG_BYTES, hash, hex, mac, random},
    durable::Disk,
    identity::PersonId,
    store::record::Field as _,
};

const MAGIC: &[u8; 8] = b"OSTJSCR1";
const SALT_BYTES: usize = 32;
const HEAD_AT: usize = MAGIC.len() + SALT_BYTES + 4;
/// Longest sealed head: an id of 100 bytes and some numbers.
const HEAD_BYTES_MAX: usize = 512;
/// Each key seals one text.
const NONCE: [u8; 12] = [0; 12];

crate::fields! {
    /// What is sealed in the head.
    pub struct Stored {
        0 class: Class,
        1 session: Option<[u8; 32]>,
        2 person: Option<PersonId>,
        3 id: String,
        4 written_ms: u64,
        5 expires_ms: u64,
        6 bytes: u64,
    }
}

/// What a file says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::kernel) struct Head {
    pub class: Class,
    pub owner: Owner,
    pub id: String,
    pub written_ms: u64,
    pub expires_ms: u64,
    pub bytes: u64,
}

impl Head {
    pub fn name(&self) -> Name {
        (self.class, self.owner, self.id.clone())
    }

    pub(in crate::kernel) fn encode(&self) -> Vec<u8> {
        let (session, person) = match self.owner {
            Owner::Session(hash) => (Some(hash), None),
            Owner::Person(person) => (None, Some(person)),
        };
        let stored = Stored {
            class: self.class,
            session,
            person,
            id: self.id.clone(),
            written_ms: self.written_ms,
            expires_ms: self.expires_ms,
            bytes: self.bytes,
        };
        cbor::encode_map(&stored.fields_to_map())
    }

    pub(in crate::kernel) fn decode(bytes: &[u8]) -> Result<Head, Malformed> {
        let stored = Stored::fields_from_map(cbor::decode_map(bytes)?)?;
        let owner = match (stored.session, stored.person) {
            (Some(hash), None) => Owner::Session(hash),
            (None, Some(person)) => Owner::Person(person),
            _ => return Err(Malformed::new("an item has one owner")),
        };
        Ok(Head {
            class: stored.class,
            owner,
            id: stored.id,
            written_ms: stored.written_ms,
            expires_ms: stored.expires_ms,
            bytes: stored.bytes,
        })
    }
}

/// The file name of an item.
pub(in crate::kernel) fn name(key: &Hash, class: Class, owner: &Owner, id: &str) -> String {
    let owner = match owner {
        Owner::Session(hash) => (1, hash.as_slice()),
        Owner::Person(person) => (2, person.0.as_bytes().as_slice()),
    };
    let class = class.to_value().map(|class| cbor::encode(&class)).unwrap_or_default();
    hex(&mac(key, &[b"name", &class, &[owner.0], owner.1, id.as_bytes()]))
}

/// Salt and bytes of an item's file.
pub(in crate::kernel) fn seal(
    key: &Hash,
    head: &Head,
    body: &[u8],
) -> Result<(Hash, Vec<u8>), CryptoFault> {
    let salt = random::<SALT_BYTES>()?;
    let head = head.encode();
    let length = u32::try_from(head.len() + TAG_BYTES).map_err(|_too_long| CryptoFault)?;
    let mut out = Vec::with_capacity(HEAD_AT + head.len() + body.len() + 2 * TAG_BYTES);
    out.extend_from_slice(MAGIC);
    out.extend_from_slice(&salt);
    out.extend_from_slice(&length.to_le_bytes());
    crypto::seal(&head_key(key, &salt), NONCE, &head, &mut out)?;
    crypto::seal(&body_key(key, &salt, &head), NONCE, body, &mut out)?;
    Ok((salt, out))
}

/// Head and body of a file. `None`: damaged, cut, or sealed with another key.
pub(in crate::kernel) fn open(key: &Hash, file: &[u8]) -> Option<(Head, Vec<u8>)> {
    let (salt, length) = prelude(file)?;
    let (sealed_head, sealed_body) = file.get(HEAD_AT..)?.split_at_checked(length)?;
    let head_text = crypto::open(&head_key(key, &salt), NONCE, sealed_head).ok()?;
    let body = crypto::open(&body_key(key, &salt, &head_text), NONCE, sealed_body).ok()?;
    let head = Head::decode(&head_text).ok()?;
    (head.bytes == body.len() as u64).then_some((head, body))
}

/// Head and salt of a file, if its length is right too; the body is not read.
pub(in crate::kernel) fn read_head(
    disk: &dyn Disk,
    key: &Hash,
    path: &Path,
) -> Option<(Head, Hash)> {
    let file = disk.open(path).ok()?;
    let length = file.len().ok()?;
    let most = usize::try_from(length).unwrap_or(usize::MAX).min(HEAD_AT + HEAD_BYTES_MAX);
    let mut start = vec![0; most];
    file.read_exact_at(&mut start, 0).ok()?;
    let (salt, head_length) = prelude(&start)?;
    let sealed = start.get(HEAD_AT..)?.get(..head_length)?;
    let head = Head::decode(&crypto::open(&head_key(key, &salt), NONCE, sealed).ok()?).ok()?;
    let expected = (HEAD_AT + head_length + TAG_BYTES) as u64 + head.bytes;
    (length == expected).then_some((head, salt))
}

fn prelude(file: &[u8]) -> Option<(Hash, usize)> {
    let rest = file.strip_prefix(MAGIC)?;
    let (salt, rest) = rest.split_first_chunk::<SALT_BYTES>()?;
    let length = usize::try_from(u32::from_le_bytes(*rest.first_chunk::<4>()?)).ok()?;
    (length <= HEAD_BYTES_MAX).then_some((*salt, length))
}

fn head_key(key: &Hash, salt: &Hash) -> Hash {
    mac(key, &[b"head", salt])
}

fn body_key(key: &Hash, salt: &Hash, head: &[u8]) -> Hash {
    mac(key, &[b"body", salt, &hash(&[head])])
}
