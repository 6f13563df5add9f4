//! What a file consists of: every version of every record in it, in which bodies of which entries.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::kernel::{
    cbor, clock,
    crypto::{Hash, hash},
    erasure::{
        records::{Erasure, ErasureState, FileClass, Hold, OF_FILE, STANDING_ON, Term},
        rules::Standing,
    },
    identity::{Person, PersonId},
    journal::{
        Seq, entry,
        entry::{Header, KIND_BLOB, KIND_WHY},
        reader::Body,
    },
    store::{
        Fault, Refusal, View,
        apply::Row,
        keys::{self, Key},
        record::{BlobRef, Field as _, FileId, KindInfo},
    },
};

/// Entries that one order names: its header must hold them beside two assertions.
pub const ENTRIES_MAX: usize = 6_000;
/// Records of one file that are looked at.
const RECORDS_MAX: usize = 100_000;

/// A file that has ended, as lists show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndedFile {
    pub file: FileId,
    pub on: Date,
    pub label: String,
    position: Vec<u8>,
}

impl EndedFile {
    /// Where it stands, for a cursor.
    pub fn position(&self) -> &[u8] {
        &self.position
    }
}

/// The kinds of records that head files, by name, with the text key of what such files are called.
pub fn heads(view: &View<'_>) -> Vec<(&'static str, &'static str)> {
    let kinds = view.store().kinds().iter();
    kinds.filter_map(|info| Some((info.kind.name, info.head?))).collect()
}

/// Files with such a head that have ended, oldest first, behind a position.
///
/// # Errors
/// The index is unwell.
pub fn ended(
    view: &View<'_>,
    head: &str,
    behind: Option<&[u8]>,
    limit: usize,
) -> Result<Vec<EndedFile>, Fault> {
    let kinds = view.store().kinds();
    let Some(info) = kinds.iter().find(|info| info.kind.name == head) else {
        return Ok(Vec::new());
    };
    let start = keys::ended_with(info.kind);
    let end = keys::behind(&start);
    let from = match behind {
        Some(position) if position.starts_with(&start) => [position, &[0]].concat(),
        _ => start.clone(),
    };
    let rows = view.raw_range(&from, end.as_deref(), limit)?;
    rows.into_iter()
        .map(|(key, value)| {
            let (on, file) = ended_in(&key, &start)
                .ok_or_else(|| Fault::new("a key of an ended file is malformed"))?;
            Ok(EndedFile { file, on, label: label_in(&value)?, position: key })
        })
        .collect()
}

fn ended_in(key: &[u8], start: &[u8]) -> Option<(Date, FileId)> {
    let (day, file) = key.strip_prefix(start)?.split_last_chunk::<16>()?;
    let on = std::str::from_utf8(day).ok()?.parse().ok()?;
    Some((on, FileId(uuid::Uuid::from_bytes(*file))))
}

fn label_in(value: &[u8]) -> Result<String, Fault> {
    Ok(entry::text(&mut cbor::decode_map(value)?, 2)?)
}

/// A file with its targets.
#[derive(Debug)]
pub struct Gathered {
    pub class: FileClass,
    pub label: String,
    /// Name of the kind of its head.
    pub head: Option<&'static str>,
    pub ended: Option<Date>,
    /// Whose data it is.
    pub persons: BTreeSet<PersonId>,
    /// As the header of the order names them.
    pub targets: Vec<(Seq, Vec<u8>)>,
    pub leaves: Hash,
    pub bodies: u32,
    pub blobs: u32,
    /// When the first and the last of the entries were made, in milliseconds.
    pub span_ms: (u64, u64),
    /// There is more than one order can name.
    pub is_partial: bool,
}

/// Records of a file, by kind and id.
fn records(view: &View<'_>, file: FileId) -> Result<Vec<(KindInfo, Vec<u8>)>, Fault> {
    let prefix = keys::of_file_all(file);
    let rows = view.raw_range(&prefix, keys::behind(&prefix).as_deref(), RECORDS_MAX)?;
    let mut records = Vec::with_capacity(rows.len());
    for (key, _) in rows {
        let rest =
            key.strip_prefix(prefix.as_slice()).and_then(|rest| rest.split_first_chunk::<2>());
        let Some((number, id)) = rest else { continue };
        let known = view.store().kinds().get(u16::from_be_bytes(*number));
        let info = known.ok_or_else(|| Fault::new("a record of an unknown kind in a file"))?;
        records.push((*info, id.to_vec()));
    }
    Ok(records)
}

/// Everything in a file. `None`: there is nothing in it, or nothing any more.
///
/// # Errors
/// [`Refusal::rule`] while an entry of it is on its way to the disk, or the store is unwell.
pub fn gather(view: &View<'_>, file: FileId) -> Result<Option<Gathered>, Refusal> {
    let mut found = Found::default();
    for (info, id) in records(view, file)? {
        found.record(view, file, &info, &id)?;
    }
    if found.covered.is_empty() {
        return Ok(None);
    }
    let is_partial = found.covered.len() > ENTRIES_MAX;
    while found.covered.len() > ENTRIES_MAX {
        found.covered.pop_last();
    }
    found.finish(view, file, is_partial).map(Some)
}

#[derive(Default)]
struct Found {
    class: Option<FileClass>,
    head: Option<(&'static str, Date, String)>,
    covered: BTreeMap<Seq, BTreeSet<u32>>,
    persons: BTreeSet<PersonId>,
}

impl Found {
    fn record(
        &mut self,
        view: &View<'_>,
        file: FileId,
        info: &KindInfo,
        id: &[u8],
    ) -> Result<(), Refusal> {
        if let Some(row) = view.raw(&keys::primary(info.kind, id))? {
            self.look_at_head(view, file, info, &Row::decode(&row)?)?;
        }
        for at in view.versions_of(info.kind, id)? {
            if at.seq >= view.length() {
                return Err(Refusal::rule("erasure-busy"));
            }
            self.covered.entry(at.seq).or_default().insert(at.body);
        }
        Ok(())
    }

    fn look_at_head(
        &mut self,
        view: &View<'_>,
        file: FileId,
        info: &KindInfo,
        row: &Row,
    ) -> Result<(), Fault> {
        let start = keys::ended_with(info.kind);
        let Some(key) = row.secondary.iter().find(|key| key.starts_with(&start)) else {
            return Ok(());
        };
        let of_this_file = ended_in(key, &start).filter(|(_, of)| *of == file);
        if let (Some((on, _)), Some(value)) = (of_this_file, view.raw(key)?) {
            self.head = Some((info.kind.name, on, label_in(&value)?));
        }
        Ok(())
    }

    /// Adds what goes along: the files that the records name, and who-and-why where no record stays.
    fn finish(
        mut self,
        view: &View<'_>,
        file: FileId,
        is_partial: bool,
    ) -> Result<Gathered, Refusal> {
        let mut blobs: BTreeSet<BlobRef> = BTreeSet::new();
        let mut entries = BTreeMap::new();
        for (seq, bodies) in &self.covered {
            let owned = view.store().reader().frame(*seq).map_err(Fault::from)?;
            for body in bodies {
                let text =
                    match view.store().reader().body_of(&owned, *body).map_err(Fault::from)? {
                        Body::Readable(text) => text,
                        Body::Erased | Body::Lost => continue,
                    };
                let descriptor = owned.frame.header.bodies.get(*body as usize);
                let kind = descriptor
                    .and_then(|it| Some((view.store().kinds().get(it.kind)?, it.version)));
                let mut map = cbor::decode_map(&text).map_err(Fault::from)?;
                blobs.extend(Vec::<BlobRef>::from_value(map.remove(&3)).map_err(Fault::from)?);
                if let (Some((info, version)), Some(record)) =
                    (kind, entry::optional(&mut map, 2, entry::inner).map_err(Fault::from)?)
                {
                    let derived = info.derive(version, record).map_err(Fault::from)?;
                    if derived.retention.file() == Some(file) {
                        self.class = FileClass::of(derived.retention);
                    }
                    self.persons.extend(derived.subjects);
                }
            }
            entries.insert(*seq, (owned.frame.header, owned.frame.leaf));
        }
        for blob in blobs {
            if entries.contains_key(&blob.seq) {
                self.covered.entry(blob.seq).or_default().insert(blob.body);
            }
        }
        for (seq, (header, _)) in &entries {
            if let Some(covered) = self.covered.get_mut(seq) {
                whole(header, covered);
            }
        }
        self.gathered(&entries, is_partial)
    }

    fn gathered(
        self,
        entries: &BTreeMap<Seq, (Header, Hash)>,
        is_partial: bool,
    ) -> Result<Gathered, Refusal> {
        let class = self.class.ok_or_else(|| Fault::new("a file of no known class"))?;
        let leaves: Vec<Hash> = entries.values().map(|(_, leaf)| *leaf).collect();
        let is_blob = |seq: &Seq, body: &u32| {
            let header = entries.get(seq).map(|(header, _)| header);
            header
                .and_then(|header| header.bodies.get(*body as usize))
                .is_some_and(|body| body.kind == KIND_BLOB)
        };
        let pairs =
            || self.covered.iter().flat_map(|(seq, of)| of.iter().map(move |body| (seq, body)));
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let times = || entries.values().map(|(header, _)| header.at_ms);
        let (head, ended, label) = match self.head {
            None => (None, None, String::new()),
            Some((head, on, label)) => (Some(head), Some(on), label),
        };
        Ok(Gathered {
            class,
            label,
            head,
            ended,
            targets: self.covered.iter().map(|(seq, bodies)| (*seq, mask(bodies))).collect(),
            leaves: hash(&[leaves.as_flattened()]),
            bodies: count(pairs().count()),
            blobs: count(pairs().filter(|(seq, body)| is_blob(seq, body)).count()),
            span_ms: (times().min().unwrap_or(0), times().max().unwrap_or(0)),
            persons: self.persons,
            is_partial,
        })
    }
}

/// Where every record of an entry goes, its who-and-why and all its files go too.
fn whole(header: &Header, covered: &mut BTreeSet<u32>) {
    let numbered = || header.bodies.iter().zip(0u32..);
    let mut records = numbered().filter(|(body, _)| body.kind > KIND_BLOB);
    if records.all(|(_, number)| covered.contains(&number)) {
        let along = numbered().filter(|(body, _)| matches!(body.kind, KIND_WHY | KIND_BLOB));
        covered.extend(along.map(|(_, number)| number));
    }
}

/// The shortest mask that names these bodies.
fn mask(bodies: &BTreeSet<u32>) -> Vec<u8> {
    let mut mask = Vec::new();
    for body in bodies {
        let place = (body / 8) as usize;
        if mask.len() <= place {
            mask.resize(place + 1, 0);
        }
        if let Some(byte) = mask.get_mut(place) {
            *byte |= 1 << (body % 8);
        }
    }
    mask
}

/// What the rules must know of a file.
///
/// # Errors
/// The store is unwell.
pub fn standing(
    view: &View<'_>,
    file: FileId,
    gathered: Option<&Gathered>,
) -> Result<Standing, Fault> {
    let term = match gathered.and_then(|it| it.head) {
        None => None,
        Some(head) => view.get::<Term>(&head.to_owned())?,
    };
    let open = view.list::<Erasure>(OF_FILE, &Key::new().id(&file), None, 100)?;
    let is_open = |state: Option<u64>| {
        state
            .and_then(ErasureState::from_code)
            .is_some_and(|state| matches!(state, ErasureState::Proposed | ErasureState::Ordered))
    };
    let class = gathered.map_or(FileClass::CaseFile, |it| it.class);
    Ok(Standing {
        class,
        has_bodies: gathered.is_some(),
        ended: match class {
            FileClass::Account => account_ended(view, file, gathered)?,
            FileClass::CaseFile | FileClass::Code => gathered.and_then(|it| it.ended),
        },
        term_years: term.map(|term| term.years),
        is_held: is_held(view, file, gathered)?,
        is_proposed: open.rows.iter().any(|row| is_open(row.number(3))),
        has_matters: class == FileClass::Account && has_matters(view, PersonId(file.0))?,
    })
}

/// What is left of an account whose person is gone already (a look that came later) has ended too.
fn account_ended(
    view: &View<'_>,
    file: FileId,
    gathered: Option<&Gathered>,
) -> Result<Option<Date>, Fault> {
    let Some(gathered) = gathered else { return Ok(None) };
    let is_left_over = view.get::<Person>(&PersonId(file.0))?.is_none();
    let last = || clock::date_in_poland(clock::at_ms(gathered.span_ms.1));
    Ok(gathered.ended.or_else(|| is_left_over.then(last)))
}

/// Whether a hold stands on a file, or on one of the persons it is about.
///
/// # Errors
/// The store is unwell.
pub fn is_held(view: &View<'_>, file: FileId, gathered: Option<&Gathered>) -> Result<bool, Fault> {
    let persons = gathered.iter().flat_map(|it| it.persons.iter().map(|person| FileId(person.0)));
    for on in persons.chain([file]) {
        if !view.list::<Hold>(STANDING_ON, &Key::new().id(&on), None, 1)?.rows.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a matter of the office still says whose it is by this account.
fn has_matters(view: &View<'_>, person: PersonId) -> Result<bool, Fault> {
    let prefix = keys::files_about(person);
    Ok(!view.raw_range(&prefix, keys::behind(&prefix).as_deref(), 1)?.is_empty())
}
