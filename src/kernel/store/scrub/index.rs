//! Whether the index is what the journal says, beside a writer and without holding the one or the other.
//!
//! Two questions, a few hundred at a time: does the index hold what each entry derives, unless something newer
//! took its place; and does each row of the index come from the entry that it names. What is asked is what
//! readers see, so what is not yet applied is no difference. A difference must be there several times,
//! because between two looks at the index somebody may write.

use std::{collections::BTreeMap, time::Duration};

use super::Halt;
use crate::kernel::{
    cbor::{self, Map, Value},
    journal::Seq,
    paced::Pace,
    store::{
        Fault, Store,
        apply::{Row, apply, open_entry},
        index::Batch,
        keys,
        record::Kind,
    },
};

/// Entries whose keys are remembered.
const NEAR_MAX: usize = 128;
/// Pauses before a further look, in milliseconds.
const LOOK_AGAIN_AFTER: [u64; 3] = [20, 200, 1_000];

/// One difference. The key itself may hold a name, so it is not told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexFault {
    /// First byte of the key (kernel::store::keys).
    pub table: u8,
    /// Number of the kind of record, where the table has one.
    pub kind: Option<u16>,
    /// The entry that says what should stand there, or whose row it claims to be.
    pub seq: Seq,
    pub what: &'static str,
}

impl IndexFault {
    fn of(key: &[u8], seq: Seq, what: &'static str) -> IndexFault {
        let table = key.first().copied().unwrap_or(0);
        let kind = key.get(1..3).and_then(|kind| kind.try_into().ok()).map(u16::from_be_bytes);
        IndexFault { table, kind: kind.filter(|_| matches!(table, 1..=3 | 7)), seq, what }
    }

    /// In words.
    pub fn place(&self) -> String {
        let table = match self.table {
            1 => "newest versions",
            2 => "lists",
            3 => "histories",
            4 => "submissions",
            5 => "entries about a person",
            6 => "files",
            7 => "files that have ended",
            8 => "matters about a person",
            _ => "no table of ours",
        };
        let kind = self.kind.map(|kind| format!(", kind {kind}")).unwrap_or_default();
        format!("index: {table}{kind}, entry {}", self.seq)
    }
}

/// A look at the index.
pub(super) struct IndexLook<'a> {
    store: &'a Store,
    pace: &'a Pace,
    /// What entries derive; nothing where a text is lost, which the audit says.
    near: BTreeMap<Seq, Option<Batch>>,
}

impl IndexLook<'_> {
    pub fn new<'a>(store: &'a Store, pace: &'a Pace) -> IndexLook<'a> {
        IndexLook { store, pace, near: BTreeMap::new() }
    }

    /// Whether the index holds what an entry derives, or something newer.
    pub fn entry(&mut self, seq: Seq) -> Result<Vec<IndexFault>, Halt> {
        let mut found = Vec::new();
        for after in LOOK_AGAIN_AFTER {
            found = self.entry_once(seq)?;
            if found.is_empty() {
                break;
            }
            self.near.remove(&seq);
            self.pace.rest(Duration::from_millis(after))?;
        }
        Ok(found)
    }

    fn entry_once(&mut self, seq: Seq) -> Result<Vec<IndexFault>, Halt> {
        let Some(batch) = self.derived(seq)? else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        for (key, wanted) in &batch {
            let live = self.store.raw_durable(key)?;
            if live == *wanted
                || self.is_replaced(&batch, key, wanted.as_deref(), live.as_deref())?
            {
                continue;
            }
            let what = match (wanted, live) {
                (Some(_), None) => "missing",
                (Some(_), Some(_)) => "another value",
                (None, _) => "should have gone",
            };
            found.push(IndexFault::of(key, seq, what));
        }
        Ok(found)
    }

    /// Whether a newer entry is why a key does not stand as an entry left it.
    fn is_replaced(
        &self,
        batch: &Batch,
        key: &[u8],
        wanted: Option<&[u8]>,
        live: Option<&[u8]>,
    ) -> Result<bool, Fault> {
        match key.first() {
            Some(1) => self.has_newer_version(batch, key),
            Some(2 | 7) => {
                // Lists show the newest version only.
                let id = wanted.and_then(id_in);
                let Some(primary) = id.and_then(|id| primary_of(key, &id)) else {
                    return Ok(false);
                };
                Ok(batch.get(&primary) != Some(&self.store.raw_durable(&primary)?))
            }
            Some(4 | 6 | 8) => Ok(live.and_then(seq_in) > wanted.and_then(seq_in)),
            _ => Ok(false),
        }
    }

    fn has_newer_version(&self, batch: &Batch, primary: &[u8]) -> Result<bool, Fault> {
        let (Some(kind), Some(id)) = (kind_of(primary), primary.get(3..)) else {
            return Ok(false);
        };
        let versions = keys::versions(kind, id);
        let end = keys::behind(&versions);
        let ours = batch.range(versions.clone()..).map(|(key, _)| key);
        let Some(newest) = ours.take_while(|key| key.starts_with(&versions)).last() else {
            return Ok(false);
        };
        let from = [newest.as_slice(), &[0]].concat();
        let newer = self.store.raw_range_durable(&from, end.as_deref(), 1, &Batch::new())?;
        Ok(!newer.is_empty())
    }

    /// Some rows from a key on, and the key behind them if there are more.
    pub fn rows(
        &mut self,
        from: &[u8],
        most: usize,
    ) -> Result<(Vec<IndexFault>, Option<Vec<u8>>), Halt> {
        let rows = self.store.raw_range_durable(from, None, most, &Batch::new())?;
        let next = rows.get(most.saturating_sub(1)).map(|(key, _)| [key.as_slice(), &[0]].concat());
        let mut found = Vec::new();
        for (key, value) in rows {
            let mut fault = self.row(&key, &value)?;
            for after in LOOK_AGAIN_AFTER {
                if fault.is_none() {
                    break;
                }
                self.pace.rest(Duration::from_millis(after))?;
                fault = match self.store.raw_durable(&key)? {
                    None => None,
                    Some(value) => self.row(&key, &value)?,
                };
            }
            found.extend(fault);
        }
        Ok((found, next))
    }

    /// Whether a row comes from the entry that it names.
    fn row(&mut self, key: &[u8], value: &[u8]) -> Result<Option<IndexFault>, Halt> {
        let Some(seq) = named_in(key, value).filter(|seq| *seq < self.store.reader().length())
        else {
            return Ok(Some(IndexFault::of(key, 0, "it names no entry")));
        };
        let Some(batch) = self.derived(seq)? else { return Ok(None) };
        if batch.get(key).and_then(Option::as_deref) != Some(value) {
            return Ok(Some(IndexFault::of(key, seq, "no entry says so")));
        }
        if matches!(key.first(), Some(2 | 7)) && !self.is_listed(key, value)? {
            return Ok(Some(IndexFault::of(key, seq, "its record is listed elsewhere")));
        }
        Ok(None)
    }

    /// Whether the record that a list shows says that it stands in this list.
    fn is_listed(&self, key: &[u8], value: &[u8]) -> Result<bool, Fault> {
        let Some(primary) = id_in(value).and_then(|id| primary_of(key, &id)) else {
            return Ok(false);
        };
        let Some(row) = self.store.raw_durable(&primary)? else { return Ok(false) };
        Ok(Row::decode(&row)?.secondary.iter().any(|listed| listed == key))
    }

    fn derived(&mut self, seq: Seq) -> Result<Option<Batch>, Halt> {
        if let Some(near) = self.near.get(&seq) {
            return Ok(near.clone());
        }
        let reader = self.store.reader();
        let owned = match reader.frame(seq) {
            Ok(owned) => owned,
            Err(crate::kernel::journal::JournalError::Damage { .. }) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        self.pace.paid(owned.bytes.len())?;
        // A text that is lost is the audit's finding.
        let opened = open_entry(reader, &owned).ok();
        let batch = opened.map(|entry| apply(self.store.kinds(), &entry, &|_| Ok(None)));
        let batch = batch.transpose()?;
        if self.near.len() >= NEAR_MAX {
            self.near.clear();
        }
        self.near.insert(seq, batch.clone());
        Ok(batch)
    }
}

fn kind_of(key: &[u8]) -> Option<Kind> {
    let number = u16::from_be_bytes(key.get(1..3)?.try_into().ok()?);
    Some(Kind { number, name: "" })
}

fn primary_of(key: &[u8], id: &[u8]) -> Option<Vec<u8>> {
    Some(keys::primary(kind_of(key)?, id))
}

fn map_in(value: &[u8]) -> Option<Map> {
    cbor::decode_map(value).ok()
}

/// The entry in the value of a list's row or of a submission.
fn seq_in(value: &[u8]) -> Option<Seq> {
    match map_in(value)?.get(&0)? {
        Value::Uint(seq) => Some(*seq),
        _ => None,
    }
}

fn id_in(value: &[u8]) -> Option<Vec<u8>> {
    match map_in(value)?.remove(&1)? {
        Value::Bytes(id) => Some(id),
        _ => None,
    }
}

/// The entry that a row names.
fn named_in(key: &[u8], value: &[u8]) -> Option<Seq> {
    match key.first()? {
        1 => Row::decode(value).ok().map(|row| row.seq),
        2 | 4 | 6..=8 => seq_in(value),
        3 => {
            let (rest, _body) = key.split_last_chunk::<4>()?;
            rest.last_chunk::<8>().map(|seq| u64::from_be_bytes(*seq))
        }
        5 => key.last_chunk::<8>().map(|seq| u64::from_be_bytes(*seq)),
        _ => None,
    }
}
