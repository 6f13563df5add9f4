//! What an audit found, under the names of docs/format.md, section 5.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::kernel::{crypto::Hash, journal::Seq};

/// Findings kept in words; more are only counted.
const FINDINGS_MAX: usize = 10_000;

/// A verdict on a body, or on something beside bodies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    Readable,
    Erased,
    DamagedHeader,
    DamagedBody,
    ErasureUnfinished,
    ErasedWithoutGround,
    ErasedSlotIrregular,
    BlobMissing,
    Torn,
    TextLost,
    SegmentHeader,
    Seal,
    Chain,
    NoFrame,
    UnusedSlots,
    KeysFile,
    HeaderRule,
    Erasure,
    BlobFile,
    Tile,
    Checkpoint,
    PositionHint,
}

impl Verdict {
    /// All of them, in the order of the format page.
    pub const ALL: [Verdict; 22] = [
        Verdict::Readable,
        Verdict::Erased,
        Verdict::DamagedHeader,
        Verdict::DamagedBody,
        Verdict::ErasureUnfinished,
        Verdict::ErasedWithoutGround,
        Verdict::ErasedSlotIrregular,
        Verdict::BlobMissing,
        Verdict::Torn,
        Verdict::TextLost,
        Verdict::SegmentHeader,
        Verdict::Seal,
        Verdict::Chain,
        Verdict::NoFrame,
        Verdict::UnusedSlots,
        Verdict::KeysFile,
        Verdict::HeaderRule,
        Verdict::Erasure,
        Verdict::BlobFile,
        Verdict::Tile,
        Verdict::Checkpoint,
        Verdict::PositionHint,
    ];

    /// The name on the format page.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Readable => "readable",
            Verdict::Erased => "erased",
            Verdict::DamagedHeader => "damaged header",
            Verdict::DamagedBody => "damaged body",
            Verdict::ErasureUnfinished => "erasure unfinished",
            Verdict::ErasedWithoutGround => "erased without ground",
            Verdict::ErasedSlotIrregular => "erased, slot irregular",
            Verdict::BlobMissing => "blob missing",
            Verdict::Torn => "torn",
            Verdict::TextLost => "text lost",
            Verdict::SegmentHeader => "segment header",
            Verdict::Seal => "seal",
            Verdict::Chain => "chain",
            Verdict::NoFrame => "bytes that are no frame",
            Verdict::UnusedSlots => "unused slots that are not zero",
            Verdict::KeysFile => "keys file",
            Verdict::HeaderRule => "header rule",
            Verdict::Erasure => "erasure",
            Verdict::BlobFile => "blob file",
            Verdict::Tile => "tile",
            Verdict::Checkpoint => "checkpoint",
            Verdict::PositionHint => "position hint",
        }
    }
}

impl Serialize for Verdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Verdict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Verdict, D::Error> {
        let name = String::deserialize(deserializer)?;
        let known = Verdict::ALL.into_iter().find(|verdict| verdict.name() == name);
        known.ok_or_else(|| serde::de::Error::custom("no verdict"))
    }
}

/// Where on the disk a finding lies, as far as that is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spot {
    /// Below the data directory.
    pub file: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub byte: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub seq: Option<Seq>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub body: Option<u32>,
}

impl Spot {
    /// A place in a segment.
    pub fn segment(first: Seq, byte: usize, seq: Seq) -> Spot {
        let file = format!("journal/{first:020}.seg");
        Spot { file, byte: Some(byte as u64), seq: Some(seq), body: None }
    }

    /// A segment that is not there.
    pub fn missing(first: Seq) -> Spot {
        Spot { byte: None, ..Spot::segment(first, 0, first) }
    }

    /// A body whose secret is what is wrong: in the keys file of a sealed segment.
    pub fn secret(first: Seq, sealed: bool, seq: Seq, body: u32) -> Spot {
        let ending = if sealed { "keys" } else { "seg" };
        let file = format!("journal/{first:020}.{ending}");
        Spot { file, byte: None, seq: Some(seq), body: Some(body) }
    }

    /// A body whose blob file is what is wrong.
    pub fn blob(name: &Hash, seq: Seq, body: u32) -> Spot {
        let hex = crate::kernel::crypto::hex(name);
        let file = format!("blobs/{}/{hex}", hex.get(..2).unwrap_or_default());
        Spot { file, byte: None, seq: Some(seq), body: Some(body) }
    }
}

/// One thing that must not be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    pub verdict: Verdict,
    #[serde(rename = "where")]
    pub place: String,
    pub detail: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub spot: Option<Spot>,
}

impl Finding {
    /// The damaged file below the data directory, if the finding is about one.
    pub fn file(&self) -> Option<String> {
        let place = &self.place;
        match &self.spot {
            Some(spot) => Some(spot.file.clone()),
            None if place.ends_with(".seg") || place.ends_with(".keys") => {
                Some(format!("journal/{}", place.trim_start_matches("journal/")))
            }
            None => {
                let named = place.starts_with("log/") || place.starts_with("blobs/");
                (named || place.starts_with("journal/")).then(|| place.clone())
            }
        }
    }

    /// The same, if the file itself is what is damaged: a segment behind one that is missing is not.
    pub fn damaged_file(&self) -> Option<String> {
        self.file().filter(|_| self.verdict != Verdict::Chain)
    }
}

/// All that an audit found.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Report {
    pub entries: Seq,
    pub readable: u64,
    pub erased: u64,
    /// Root over all entries, if every leaf is known.
    pub root: Option<Hash>,
    /// Size of the signed checkpoint.
    pub signed: Option<u64>,
    pub origin: Option<String>,
    /// Orders to erase that were seen. Whether their keys were enrolled is not checked here.
    pub erasures: u64,
    pub findings: Vec<Finding>,
    /// Findings beyond those kept in words.
    pub more: u64,
    /// Verdicts on the bodies of the entries asked for.
    pub listed: BTreeMap<(Seq, u32), Verdict>,
}

impl Report {
    /// Whether all is well.
    pub fn is_ok(&self) -> bool {
        self.findings.is_empty()
    }

    pub(super) fn add(
        &mut self,
        verdict: Verdict,
        place: impl Into<String>,
        detail: impl Into<String>,
    ) {
        self.note(Finding { verdict, place: place.into(), detail: detail.into(), spot: None });
    }

    /// The same, and says where on the disk.
    pub(super) fn add_at(
        &mut self,
        spot: Spot,
        verdict: Verdict,
        place: impl Into<String>,
        detail: impl Into<String>,
    ) {
        let spot = Some(spot);
        self.note(Finding { verdict, place: place.into(), detail: detail.into(), spot });
    }

    fn note(&mut self, finding: Finding) {
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(finding);
        } else {
            self.more += 1;
        }
    }

    /// Findings by verdict.
    pub fn counts(&self) -> BTreeMap<Verdict, u64> {
        let mut counts = BTreeMap::new();
        for finding in &self.findings {
            *counts.entry(finding.verdict).or_default() += 1;
        }
        counts
    }

    /// One line that says how it stands.
    pub fn summary(&self) -> String {
        if !self.is_ok() {
            let all = self.findings.len() as u64 + self.more;
            return format!("failed: {all} problem{}", if all == 1 { "" } else { "s" });
        }
        let root = self.root.map(|root| BASE64.encode(root)).unwrap_or_default();
        let mut line = format!(
            "ok: {} entries, {} bodies readable, {} erased, root {root}",
            self.entries, self.readable, self.erased
        );
        if self.erasures > 0 {
            line.push_str(" (whether the erasing keys were enrolled was not checked)");
        }
        line
    }

    /// The same for scripts, with the keys of the independent reader.
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::json!({
            "ok": self.is_ok(),
            "entries": self.entries,
            "readable": self.readable,
            "erased": self.erased,
            "root": self.root.map(|root| BASE64.encode(root)),
            "signed": self.signed,
            "origin": self.origin,
            "enrolment_checked": false,
            "problems": self.findings,
            "more_problems": self.more,
        })
    }
}
