//! How far a pass is, and what the last one found: `scrub/state`. It may be lost; it holds no personal data
//! and no secret.

use std::{collections::BTreeMap, io};

use serde::{Deserialize, Serialize};

use super::{IndexFault, Saved};
use crate::kernel::{
    crypto::hash,
    journal::{Seq, verify::Finding},
};

/// Findings that are kept one by one; more are only counted.
const FOUND_MAX: usize = 1_000;

/// All that is written down.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct State {
    pub last: Option<Last>,
    pub pass: Option<Pass>,
}

/// Something that is wrong and was not mended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// A verdict of docs/format.md, section 5, or "index".
    pub verdict: String,
    pub place: String,
    pub detail: String,
    pub file: Option<String>,
    pub byte: Option<u64>,
    pub seq: Option<Seq>,
    pub body: Option<u32>,
}

/// A pass that ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Last {
    pub finished_ms: u64,
    /// From the first turn to the last, nights and restarts included.
    pub took_ms: u64,
    /// Time in which it worked.
    pub worked_ms: u64,
    pub bytes: u64,
    pub entries: Seq,
    pub mended: u64,
    pub found: Vec<Found>,
    /// Findings beyond those kept.
    pub more: u64,
}

/// A pass under way.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Pass {
    pub began_ms: u64,
    pub worked_ms: u64,
    pub bytes: u64,
    pub entries: Seq,
    pub mended: u64,
    pub found: Vec<Found>,
    pub more: u64,
    pub phase: Phase,
}

/// What comes next.
#[derive(Clone, Serialize, Deserialize)]
pub(super) enum Phase {
    Segments(Option<Box<Saved>>),
    /// The keys that entries from this one on derive.
    Entries(Seq),
    /// Rows of the index from this key on. Written down is only the beginning of it, its table and kind:
    /// the rest may be somebody's name.
    Rows(#[serde(serialize_with = "only_the_beginning")] Vec<u8>),
}

fn only_the_beginning<S: serde::Serializer>(key: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    Serialize::serialize(key.get(..3).unwrap_or(key), serializer)
}

impl State {
    pub fn encode(&self) -> io::Result<Vec<u8>> {
        let mut out = Vec::new();
        ciborium::into_writer(self, &mut out).map_err(io::Error::other)?;
        let sum = hash(&[&out]);
        out.extend_from_slice(&sum);
        Ok(out)
    }

    /// `None`: a bit is wrong, or another program wrote it.
    pub fn decode(bytes: &[u8]) -> Option<State> {
        let (body, sum) = bytes.split_last_chunk::<32>()?;
        (hash(&[body]) == *sum).then(|| ciborium::from_reader(body).ok())?
    }
}

impl Found {
    pub(super) fn of(finding: &Finding) -> Found {
        let spot = finding.spot.as_ref();
        Found {
            verdict: finding.verdict.name().to_owned(),
            place: finding.place.clone(),
            detail: finding.detail.clone(),
            file: finding.file(),
            byte: spot.and_then(|spot| spot.byte),
            seq: spot.and_then(|spot| spot.seq),
            body: spot.and_then(|spot| spot.body),
        }
    }
}

impl Last {
    /// Findings by verdict.
    pub fn counts(&self) -> BTreeMap<&str, u64> {
        counts(&self.found)
    }
}

pub(super) fn counts(found: &[Found]) -> BTreeMap<&str, u64> {
    let mut counts = BTreeMap::new();
    for found in found {
        *counts.entry(found.verdict.as_str()).or_default() += 1;
    }
    counts
}

impl Pass {
    pub fn begin(now_ms: u64) -> Pass {
        Pass {
            began_ms: now_ms,
            worked_ms: 0,
            bytes: 0,
            entries: 0,
            mended: 0,
            found: Vec::new(),
            more: 0,
            phase: Phase::Segments(None),
        }
    }

    pub fn found(&mut self, found: Found) {
        // A part of the index that was begun before a restart is looked at again.
        if self.found.contains(&found) {
            return;
        }
        if self.found.len() < FOUND_MAX {
            self.found.push(found);
        } else {
            self.more += 1;
        }
    }

    pub fn index_faults(&mut self, faults: Vec<IndexFault>) {
        for fault in faults {
            let (place, detail) = (fault.place(), fault.what.to_owned());
            tracing::error!(place, detail, "the index differs from the journal");
            self.found(Found {
                verdict: INDEX.to_owned(),
                place,
                detail,
                file: None,
                byte: None,
                seq: Some(fault.seq),
                body: None,
            });
        }
    }

    pub fn index_differs(&self) -> bool {
        self.found.iter().any(|found| found.verdict == INDEX)
    }

    pub fn end(self, now_ms: u64) -> Last {
        Last {
            finished_ms: now_ms,
            took_ms: now_ms.saturating_sub(self.began_ms),
            worked_ms: self.worked_ms,
            bytes: self.bytes,
            entries: self.entries,
            mended: self.mended,
            found: self.found,
            more: self.more,
        }
    }
}

/// What differs between index and journal is found under this name.
pub(super) const INDEX: &str = "index";
