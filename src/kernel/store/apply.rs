//! From entries to index keys: the one function, used when deciding, when replaying and when
//! checking. It reads nothing but the entry and the keys that stand.

use std::collections::BTreeMap;

use crate::kernel::{
    cbor::{self, Map, Value},
    clock,
    crypto::{Hash, hash},
    identity::{PersonId, people::short},
    journal::{
        Seq,
        entry::{self, Header, KIND_BLOB, KIND_WHY},
        reader::{Body, OwnedFrame, Reader},
    },
    limits::COLUMNS_BYTES_MAX,
    store::{
        Fault,
        index::{Batch, Pair},
        keys::{self, APPLIED},
        record::{Derived, Field, KindInfo, Retention},
    },
};

/// Raised whenever this file derives other keys from the same entries.
const REDUCER_VERSION: u32 = 3;

/// The kinds of records that exist, by number.
pub struct Kinds(BTreeMap<u16, KindInfo>);

impl Kinds {
    /// Collects kinds.
    ///
    /// # Errors
    /// Two kinds have one number or one name.
    pub fn new(groups: &[&[KindInfo]]) -> Result<Kinds, Fault> {
        let mut kinds: BTreeMap<u16, KindInfo> = BTreeMap::new();
        for info in groups.iter().copied().flatten() {
            let same_name = kinds.values().any(|other| other.kind.name == info.kind.name);
            if info.kind.number <= KIND_BLOB
                || same_name
                || kinds.insert(info.kind.number, *info).is_some()
            {
                return Err(Fault::new(format!(
                    "record kind {} \"{}\" is taken",
                    info.kind.number, info.kind.name
                )));
            }
        }
        Ok(Kinds(kinds))
    }

    /// A kind by its number.
    pub fn get(&self, number: u16) -> Option<&KindInfo> {
        self.0.get(&number)
    }

    /// All kinds, by number.
    pub fn iter(&self) -> impl Iterator<Item = &KindInfo> {
        self.0.values()
    }

    /// Changes when the reducer or the set of kinds does: an index of another one is rebuilt.
    fn fingerprint(&self) -> [u8; 8] {
        let mut bytes = REDUCER_VERSION.to_be_bytes().to_vec();
        for info in self.0.values() {
            bytes.extend(info.kind.number.to_be_bytes());
            bytes.extend(info.version.to_be_bytes());
        }
        crate::kernel::journal::segment::first_eight(hash(&[&bytes]))
    }
}

/// An entry with its bodies opened. What is erased or detached is not there.
pub struct OpenedEntry {
    pub header: Header,
    pub leaf: Hash,
    pub bodies: Vec<Option<Vec<u8>>>,
}

/// Opens all attached bodies of an entry.
///
/// # Errors
/// The device failed, or a body is neither readable nor erased.
pub fn open_entry(reader: &Reader, owned: &OwnedFrame) -> Result<OpenedEntry, Fault> {
    let mut bodies = Vec::with_capacity(owned.frame.header.bodies.len());
    for (descriptor, body) in owned.frame.header.bodies.iter().zip(0u32..) {
        bodies.push(if descriptor.detached.is_some() {
            None
        } else {
            match reader.body_of(owned, body)? {
                Body::Readable(text) => Some(text),
                Body::Erased => None,
                Body::Lost => {
                    return Err(Fault::new(format!(
                        "text lost: entry {} body {body}",
                        owned.frame.header.seq
                    )));
                }
            }
        });
    }
    Ok(OpenedEntry { header: owned.frame.header.clone(), leaf: owned.frame.leaf, bodies })
}

/// How far an index is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// Number of entries applied.
    pub length: Seq,
    pub leaf: Option<Hash>,
    fingerprint: [u8; 8],
}

impl Applied {
    /// The marker after an entry.
    pub fn after(kinds: &Kinds, length: Seq, leaf: Option<Hash>) -> Applied {
        Applied { length, leaf, fingerprint: kinds.fingerprint() }
    }

    /// Whether this program's reducer wrote it.
    pub fn is_ours(&self, kinds: &Kinds) -> bool {
        self.fingerprint == kinds.fingerprint()
    }

    /// Puts the marker into the batch it describes.
    pub fn mark(&self, batch: &mut Batch) {
        let mut bytes = self.length.to_be_bytes().to_vec();
        bytes.extend(self.fingerprint);
        bytes.extend(self.leaf.unwrap_or_default());
        batch.insert(APPLIED.to_vec(), Some(bytes));
    }

    /// Reads the marker.
    pub fn read(bytes: &[u8]) -> Option<Applied> {
        let length = u64::from_be_bytes(bytes.get(..8)?.try_into().ok()?);
        let fingerprint = bytes.get(8..16)?.try_into().ok()?;
        let leaf: Hash = bytes.get(16..)?.try_into().ok()?;
        Some(Applied { length, leaf: (length > 0).then_some(leaf), fingerprint })
    }
}

/// Where the newest version of a record lies, and the secondary keys it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub seq: Seq,
    pub body: u32,
    pub secondary: Vec<Vec<u8>>,
}

impl Row {
    /// The value under the record's key.
    pub fn encode(&self) -> Vec<u8> {
        let keys = self.secondary.iter().map(|key| Value::Bytes(key.clone())).collect();
        cbor::encode(&Value::Array(vec![
            Value::Uint(self.seq),
            Value::Uint(u64::from(self.body)),
            Value::Array(keys),
        ]))
    }

    /// Reads a row.
    ///
    /// # Errors
    /// The index is damaged.
    pub fn decode(bytes: &[u8]) -> Result<Row, Fault> {
        let Value::Array(items) = cbor::decode(bytes)? else {
            return Err(Fault::new("an index row is malformed"));
        };
        let Ok([Value::Uint(seq), Value::Uint(body), Value::Array(keys)]) =
            <[Value; 3]>::try_from(items)
        else {
            return Err(Fault::new("an index row is malformed"));
        };
        let secondary = keys
            .into_iter()
            .filter_map(|key| if let Value::Bytes(key) = key { Some(key) } else { None })
            .collect();
        Ok(Row { seq, body: u32::try_from(body).map_err(Fault::new)?, secondary })
    }
}

/// Gives the value of a key before an entry.
pub type Standing<'a> = dyn Fn(&[u8]) -> Result<Option<Vec<u8>>, Fault> + 'a;

/// What one body of an entry means for the index, whatever stood there before.
pub enum Said {
    /// Keys that no later entry takes away.
    Rows(Vec<Pair>),
    Version(Version),
}

/// One version of a record.
pub struct Version {
    /// Key of the record's row.
    pub primary: Vec<u8>,
    /// Keys that no later version takes away: the version in the record's history, and the file it is kept in.
    pub lasting: Vec<Pair>,
    pub seq: Seq,
    pub body: u32,
    /// The secondary keys that it asks for, with their columns; `None` if it retracts the record.
    pub secondary: Option<Vec<Pair>>,
}

/// Derives the keys that an entry changes. `standing` gives the value of a key before it.
///
/// # Errors
/// The entry holds a record of an unknown kind or version, or the index is unwell.
pub fn apply(kinds: &Kinds, entry: &OpenedEntry, standing: &Standing<'_>) -> Result<Batch, Fault> {
    let mut batch = Batch::new();
    for said in derive(kinds, entry)? {
        match said {
            Said::Rows(rows) => {
                batch.extend(rows.into_iter().map(|(key, value)| (key, Some(value))));
            }
            Said::Version(version) => version.apply(&mut batch, standing)?,
        }
    }
    Ok(batch)
}

/// What the bodies of an entry mean, one after the other.
///
/// # Errors
/// The entry holds a record of an unknown kind or version.
pub fn derive(kinds: &Kinds, entry: &OpenedEntry) -> Result<Vec<Said>, Fault> {
    let (mut all, seq) = (Vec::with_capacity(entry.bodies.len()), entry.header.seq);
    for ((descriptor, text), body) in entry.header.bodies.iter().zip(&entry.bodies).zip(0u32..) {
        let Some(text) = text else { continue };
        match descriptor.kind {
            KIND_WHY => all.push(Said::Rows(derive_why(seq, text)?)),
            KIND_BLOB => {}
            number => {
                let info = kinds.get(number).ok_or_else(|| {
                    Fault::new(format!("record kind {number} is unknown to this program"))
                })?;
                let at = (seq, entry.header.at_ms, body);
                let version = derive_version(info, descriptor.version, text, at)?;
                all.push(Said::Version(version));
            }
        }
    }
    Ok(all)
}

fn derive_why(seq: Seq, text: &[u8]) -> Result<Vec<Pair>, Fault> {
    let mut why = cbor::decode_map(text)?;
    let subjects: Vec<PersonId> = Field::from_value(why.remove(&2))?;
    let mut rows: Vec<Pair> =
        subjects.into_iter().map(|person| (keys::about(person, seq), Vec::new())).collect();
    if let Some(key) = entry::optional(&mut why, 6, entry::array)? {
        let mut value = Map::from([(0, Value::Uint(seq))]);
        value.extend(why.remove(&9).map(|content| (1, content)));
        value.extend(why.remove(&8).map(|answer| (2, answer)));
        rows.push((keys::submission(&key), cbor::encode_map(&value)));
    }
    Ok(rows)
}

fn derive_version(
    info: &KindInfo,
    version: u16,
    text: &[u8],
    (seq, at_ms, body): (Seq, u64, u32),
) -> Result<Version, Fault> {
    let mut map = cbor::decode_map(text)?;
    let verb = entry::uint(&mut map, 0)?;
    let id = entry::bytes(&mut map, 1)?;
    let primary = keys::primary(info.kind, &id);
    let mut lasting = vec![(keys::version(info.kind, &id, seq, body), Vec::new())];
    if verb == 2 {
        return Ok(Version { primary, lasting, seq, body, secondary: None });
    }
    let derived = info.derive(version, entry::inner(&mut map, 2)?)?;
    let mut secondary = Vec::with_capacity(derived.keys.0.len());
    secondary.extend(derive_file(info, &id, &derived, (seq, at_ms), &mut lasting));
    for (index, key, columns) in derived.keys.0 {
        let mut full = keys::secondary(info.kind, index, &key);
        full.extend_from_slice(&id);
        let mut value = Map::from([(0, Value::Uint(seq)), (1, Value::Bytes(id.clone()))]);
        if !columns.is_empty() {
            value.insert(2, Value::Map(columns));
        }
        let value = cbor::encode_map(&value);
        if value.len() > COLUMNS_BYTES_MAX + 80 {
            return Err(Fault::new(format!(
                "columns of {} take {} bytes",
                info.kind.name,
                value.len()
            )));
        }
        secondary.push((full, value));
    }
    Ok(Version { primary, lasting, seq, body, secondary: Some(secondary) })
}

/// Keys by which what is kept together is found again, to be erased together. Gives the one that goes with this
/// version: that the file has ended.
fn derive_file(
    info: &KindInfo,
    id: &[u8],
    derived: &Derived,
    (seq, at_ms): (Seq, u64),
    lasting: &mut Vec<Pair>,
) -> Option<Pair> {
    let file = derived.retention.file()?;
    let by = || Map::from([(0, Value::Uint(seq))]);
    let named = cbor::encode_map(&by());
    lasting.push((keys::of_file(file, info.kind, id), named.clone()));
    if let Retention::CaseFile(_) = derived.retention {
        let about = derived.subjects.iter().map(|person| keys::file_about(*person, file));
        lasting.extend(about.map(|key| (key, named.clone())));
    }
    let label = derived.ended.as_ref()?;
    let on = clock::date_in_poland(clock::at_ms(at_ms));
    let mut columns = by();
    columns.extend([(1, Value::Bytes(id.to_vec())), (2, Value::Text(short(label)))]);
    Some((keys::ended(info.kind, on, file), cbor::encode_map(&columns)))
}

impl Version {
    /// Takes the place of the version before it.
    fn apply(self, batch: &mut Batch, standing: &Standing<'_>) -> Result<(), Fault> {
        let before = match batch.get(&self.primary) {
            Some(value) => value.clone(),
            None => standing(&self.primary)?,
        };
        for key in before
            .map(|row| Row::decode(&row))
            .transpose()?
            .map(|row| row.secondary)
            .unwrap_or_default()
        {
            batch.insert(key, None);
        }
        batch.extend(self.lasting.into_iter().map(|(key, value)| (key, Some(value))));
        let row = self.secondary.map(|secondary| {
            let mut keys = Vec::with_capacity(secondary.len());
            for (key, value) in secondary {
                batch.insert(key.clone(), Some(value));
                keys.push(key);
            }
            Row { seq: self.seq, body: self.body, secondary: keys }.encode()
        });
        batch.insert(self.primary, row);
        Ok(())
    }
}
