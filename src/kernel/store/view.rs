//! Reading. A view has no method that writes.

use std::marker::PhantomData;

use crate::kernel::{
    cbor::{self, Map, Value},
    identity::PersonId,
    journal::{Seq, entry, reader::Body},
    limits::PAGE_ROWS_MAX,
    store::{
        Fault, Store,
        apply::Row,
        commit::Pending,
        index::{Batch, Pair},
        keys::{self, IndexNumber, Key},
        record::{BlobRef, Kind, Record, RecordId},
    },
};

/// The state as of now: durable entries only, except inside a decision, which also sees the entries
/// decided before it.
pub struct View<'a> {
    store: &'a Store,
    pending: Option<&'a Pending>,
}

/// One row of a list.
#[derive(Clone, Debug)]
pub struct ListRow<R: Record> {
    pub id: R::Id,
    /// Entry that put the newest version.
    pub seq: Seq,
    pub columns: Map,
    position: Vec<u8>,
    kind: PhantomData<R>,
}

/// A part of a list.
pub struct List<R: Record> {
    pub rows: Vec<ListRow<R>>,
    /// Where the list goes on, if it does.
    pub next: Option<Vec<u8>>,
}

/// One version of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VersionAt {
    pub seq: Seq,
    pub body: u32,
}

/// What became of a submission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submitted {
    pub seq: Seq,
    pub content: Option<[u8; 32]>,
    pub answer: Option<String>,
}

impl<'a> View<'a> {
    pub(in crate::kernel) fn durable(store: &'a Store) -> View<'a> {
        View { store, pending: None }
    }

    pub(in crate::kernel) fn deciding(store: &'a Store, pending: &'a Pending) -> View<'a> {
        View { store, pending: Some(pending) }
    }

    /// The newest version of a record.
    ///
    /// # Errors
    /// The index or the journal is unwell.
    pub fn get<R: Record>(&self, id: &R::Id) -> Result<Option<R>, Fault> {
        match self.row::<R>(id)? {
            None => Ok(None),
            Some(row) => self.version(VersionAt { seq: row.seq, body: row.body }),
        }
    }

    /// Where the newest version of a record lies.
    ///
    /// # Errors
    /// As [`View::get`].
    pub fn row<R: Record>(&self, id: &R::Id) -> Result<Option<Row>, Fault> {
        self.raw(&keys::primary(R::KIND, &id.to_bytes()))?
            .map(|bytes| Row::decode(&bytes))
            .transpose()
    }

    /// One version of a record; `None` if it was erased or is a retraction.
    ///
    /// # Errors
    /// As [`View::get`].
    pub fn version<R: Record>(&self, at: VersionAt) -> Result<Option<R>, Fault> {
        let Some((version, text)) = self.text(at)? else { return Ok(None) };
        let mut map = cbor::decode_map(&text)?;
        match entry::optional(&mut map, 2, entry::inner)? {
            None => Ok(None),
            Some(record) => Ok(Some(R::from_map(version, record)?)),
        }
    }

    /// All versions of a record, oldest first.
    ///
    /// # Errors
    /// As [`View::get`].
    pub fn history<R: Record>(&self, id: &R::Id) -> Result<Vec<VersionAt>, Fault> {
        self.versions_of(R::KIND, &id.to_bytes())
    }

    /// As [`View::history`], by the id's bytes.
    pub(in crate::kernel) fn versions_of(
        &self,
        kind: Kind,
        id: &[u8],
    ) -> Result<Vec<VersionAt>, Fault> {
        let prefix = keys::versions(kind, id);
        let rows = self.raw_range(&prefix, keys::behind(&prefix).as_deref(), usize::MAX)?;
        Ok(rows.iter().filter_map(|(key, _)| version_in(key)).collect())
    }

    /// Part of a list: records of one index under a key prefix, behind a position.
    ///
    /// # Errors
    /// As [`View::get`].
    pub fn list<R: Record>(
        &self,
        index: IndexNumber,
        prefix: &Key,
        behind: Option<&[u8]>,
        limit: usize,
    ) -> Result<List<R>, Fault> {
        let start = keys::secondary(R::KIND, index, prefix);
        let end = keys::behind(&start);
        let from = match behind {
            Some(position) if position.starts_with(&start) => [position, &[0]].concat(),
            _ => start,
        };
        let limit = limit.min(PAGE_ROWS_MAX);
        let mut pairs = self.raw_range(&from, end.as_deref(), limit + 1)?;
        let more = pairs.len() > limit;
        pairs.truncate(limit);
        let next = if more { pairs.last().map(|(key, _)| key.clone()) } else { None };
        let rows = pairs.into_iter().map(list_row).collect::<Result<Vec<_>, _>>()?;
        Ok(List { rows, next })
    }

    /// The one record under a whole key.
    ///
    /// # Errors
    /// As [`View::get`].
    pub fn find<R: Record>(&self, index: IndexNumber, key: &Key) -> Result<Option<R>, Fault> {
        let list = self.list::<R>(index, key, None, 1)?;
        list.rows.first().map_or(Ok(None), |row| self.get(&row.id))
    }

    /// What became of a submission key.
    ///
    /// # Errors
    /// As [`View::get`].
    pub fn submitted(&self, key: &[u8; 32]) -> Result<Option<Submitted>, Fault> {
        let Some(bytes) = self.raw(&keys::submission(key))? else { return Ok(None) };
        let mut map = cbor::decode_map(&bytes)?;
        Ok(Some(Submitted {
            seq: entry::uint(&mut map, 0)?,
            content: entry::optional(&mut map, 1, entry::array)?,
            answer: entry::optional(&mut map, 2, entry::text)?,
        }))
    }

    /// Entries about a person, oldest first.
    ///
    /// # Errors
    /// As [`View::get`].
    pub fn about(&self, person: PersonId, limit: usize) -> Result<Vec<Seq>, Fault> {
        let prefix = keys::about_all(person);
        let rows = self.raw_range(&prefix, keys::behind(&prefix).as_deref(), limit)?;
        Ok(rows
            .iter()
            .filter_map(|(key, _)| key.last_chunk::<8>().map(|seq| u64::from_be_bytes(*seq)))
            .collect())
    }

    /// The header and who-and-why of a durable entry; no who-and-why if it was erased.
    ///
    /// # Errors
    /// The entry is unreadable.
    pub fn entry(&self, seq: Seq) -> Result<(entry::Header, Option<Map>), Fault> {
        let owned = self.store.reader().frame(seq)?;
        let why = match owned.frame.header.bodies.is_empty() {
            true => None,
            false => match self.store.reader().body_of(&owned, 0)? {
                Body::Readable(text) => Some(cbor::decode_map(&text)?),
                Body::Erased | Body::Lost => None,
            },
        };
        Ok((owned.frame.header, why))
    }

    /// The contents of a blob.
    ///
    /// # Errors
    /// It is gone or damaged.
    pub fn blob(&self, blob: BlobRef) -> Result<Vec<u8>, Fault> {
        self.store.read_blob(blob)
    }

    pub(in crate::kernel) fn store(&self) -> &'a Store {
        self.store
    }

    /// Number of durable entries.
    pub fn length(&self) -> Seq {
        self.store.reader().length()
    }

    fn text(&self, at: VersionAt) -> Result<Option<(u16, Vec<u8>)>, Fault> {
        if let Some(text) = self.pending.and_then(|pending| pending.text(at.seq, at.body)) {
            return Ok(Some(text));
        }
        let owned = self.store.reader().frame(at.seq)?;
        let version = owned.frame.header.bodies.get(at.body as usize).map(|body| body.version);
        match self.store.reader().body_of(&owned, at.body)? {
            Body::Readable(text) => Ok(version.map(|version| (version, text))),
            Body::Erased => Ok(None),
            Body::Lost => Err(Fault::new(format!("text lost: entry {} body {}", at.seq, at.body))),
        }
    }

    pub(in crate::kernel) fn raw(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        match self.pending.and_then(|pending| pending.get(key)) {
            Some(value) => Ok(value),
            None => self.store.raw_durable(key),
        }
    }

    pub(in crate::kernel) fn raw_range(
        &self,
        from: &[u8],
        to: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Pair>, Fault> {
        let pending = self.pending.map(|pending| pending.range(from, to)).unwrap_or_default();
        self.store.raw_range_durable(from, to, limit, &pending)
    }
}

/// Merges newer keys over rows of the index.
pub(in crate::kernel) fn merge(mut newer: Batch, rows: Vec<Pair>, limit: usize) -> Vec<Pair> {
    for (key, value) in rows {
        newer.entry(key).or_insert(Some(value));
    }
    newer
        .into_iter()
        .filter_map(|(key, value)| value.map(|value| (key, value)))
        .take(limit)
        .collect()
}

fn list_row<R: Record>((key, value): Pair) -> Result<ListRow<R>, Fault> {
    let mut map = cbor::decode_map(&value)?;
    let seq = entry::uint(&mut map, 0)?;
    let id = R::Id::from_bytes(&entry::bytes(&mut map, 1)?)
        .ok_or_else(|| Fault::new("an index row has a malformed id"))?;
    let columns = entry::optional(&mut map, 2, entry::inner)?.unwrap_or_default();
    Ok(ListRow { id, seq, columns, position: key, kind: PhantomData })
}

fn version_in(key: &[u8]) -> Option<VersionAt> {
    let (rest, body) = key.split_last_chunk::<4>()?;
    let seq = rest.last_chunk::<8>()?;
    Some(VersionAt { seq: u64::from_be_bytes(*seq), body: u32::from_be_bytes(*body) })
}

impl<R: Record> ListRow<R> {
    /// Where this row stands, for a cursor.
    pub fn position(&self) -> &[u8] {
        &self.position
    }

    /// A text column, or nothing.
    pub fn text(&self, column: u64) -> &str {
        match self.columns.get(&column) {
            Some(Value::Text(text)) => text,
            _ => "",
        }
    }

    /// A number column.
    pub fn number(&self, column: u64) -> Option<u64> {
        match self.columns.get(&column) {
            Some(Value::Uint(n)) => Some(*n),
            _ => None,
        }
    }

    /// A yes-or-no column.
    pub fn flag(&self, column: u64) -> bool {
        matches!(self.columns.get(&column), Some(Value::Bool(true)))
    }
}
