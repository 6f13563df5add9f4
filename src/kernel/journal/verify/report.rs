//! What an audit found, under the names of docs/format.md, section 5.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use serde::{Serialize, Serializer};

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

/// One thing that must not be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub verdict: Verdict,
    #[serde(rename = "where")]
    pub place: String,
    pub detail: String,
}

/// All that an audit found.
#[derive(Debug, Default)]
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
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(Finding { verdict, place: place.into(), detail: detail.into() });
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
