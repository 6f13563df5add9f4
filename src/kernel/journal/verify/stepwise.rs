//! The same audit, a segment at a time: whoever goes slowly takes steps, writes down between two of them
//! how far they are, and goes on from there another day.
//!
//! What is written down may be lost: then the audit begins anew. It holds hashes, places and verdicts,
//! never a secret.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use serde::{Deserialize, Serialize};

use super::{
    At, Audit, Covered, Finding, Options, Report, Verdict, bodies, epochs,
    erasures::{self, Orders},
    names::read_if_there,
    segment::Segment,
    tree,
};
use crate::kernel::{
    crypto::hash,
    durable::Disk,
    journal::{
        self, JournalError, Seq,
        frame::{candidates, read_frame},
        order::Target,
        segment::SECTOR_BYTES,
    },
    log::checkpoint::Checkpoint,
};

/// An audit between two steps.
pub struct Stepwise<'a> {
    audit: Audit<'a>,
    /// What the key and the checkpoint had wrong when it began.
    opening: Vec<Finding>,
}

/// How far it is, and all it knows.
#[derive(Clone, Serialize, Deserialize)]
pub struct Saved {
    at: At,
    report: Report,
    bodies: bodies::Seen,
    epochs: epochs::Seen,
    orders: erasures::Saved,
    damaged: BTreeMap<Seq, Target>,
    tree: tree::Seen,
    /// The checkpoint of the last step: a newer one may cover entries behind it.
    signed: Option<Checkpoint>,
}

impl Saved {
    /// What was found so far.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// Entries that were judged.
    pub fn entries(&self) -> Seq {
        self.at.entries
    }

    /// Bytes that [`Saved::decode`] reads, and nothing else.
    ///
    /// # Errors
    /// It cannot be written down.
    pub fn encode(&self) -> std::io::Result<Vec<u8>> {
        let mut out = Vec::new();
        ciborium::into_writer(self, &mut out).map_err(std::io::Error::other)?;
        let sum = hash(&[&out]);
        out.extend_from_slice(&sum);
        Ok(out)
    }

    /// Reads it again. `None`: a bit is wrong, or another program wrote it.
    pub fn decode(bytes: &[u8]) -> Option<Saved> {
        let (body, sum) = bytes.split_last_chunk::<32>()?;
        (hash(&[body]) == *sum).then(|| ciborium::from_reader(body).ok())?
    }
}

impl<'a> Stepwise<'a> {
    /// Begins, or goes on where an earlier one was.
    ///
    /// # Errors
    /// There is no journal, or the device does not answer.
    pub fn begin(
        disk: &'a dyn Disk,
        data: &'a Path,
        options: &'a Options,
        saved: Option<Saved>,
    ) -> Result<Stepwise<'a>, JournalError> {
        let audit = Audit::begin(disk, data, options)?;
        let opening = audit.report.findings.clone();
        let mut stepwise = Stepwise { audit, opening };
        if let Some(saved) = saved {
            stepwise.back_to(saved);
        }
        Ok(stepwise)
    }

    /// All it knows.
    pub fn save(&self) -> Saved {
        Saved {
            at: self.audit.at.clone(),
            report: self.audit.report.clone(),
            bodies: self.audit.bodies.seen.clone(),
            epochs: self.audit.epochs.seen.clone(),
            orders: self.audit.orders.saved(),
            damaged: self.audit.damaged.clone(),
            tree: self.audit.tree.seen.clone(),
            signed: self.audit.signed.clone(),
        }
    }

    /// Goes back to an earlier moment, to look again.
    pub fn back_to(&mut self, saved: Saved) {
        let audit = &mut self.audit;
        // What was kept is whole, so its headers decode.
        audit.orders = Orders::restore(saved.orders).unwrap_or_default();
        audit.at = saved.at;
        audit.report = saved.report;
        audit.report.findings.retain(|finding| finding.verdict != Verdict::Checkpoint);
        audit.report.findings.extend(self.opening.iter().cloned());
        audit.bodies.seen = saved.bodies;
        audit.epochs.seen = saved.epochs;
        audit.damaged = saved.damaged;
        audit.tree.seen = saved.tree;
        audit.tree.signed.clone_from(&saved.signed);
        audit.signed = saved.signed;
    }

    /// Judges the next segment, against the newest checkpoint. `false`: it was the last one.
    ///
    /// # Errors
    /// The device does not answer.
    pub fn step(&mut self) -> Result<bool, JournalError> {
        self.renew()?;
        self.audit.step()
    }

    /// What was found so far.
    pub fn report(&self) -> &Report {
        &self.audit.report
    }

    /// The segment that was looked at last.
    pub fn segment(&self) -> Option<Seq> {
        self.audit.at.segment
    }

    /// Judges what needs the whole journal: erasures, files beside the segments, the checkpoint.
    ///
    /// # Errors
    /// The device does not answer.
    pub fn finish(self) -> Result<(Report, Covered), JournalError> {
        self.audit.finish_with_orders()
    }

    /// The newest checkpoint, checked with its key.
    pub fn signed(&self) -> Option<&Checkpoint> {
        self.audit.signed.as_ref()
    }

    /// The log grows while one looks at it slowly.
    fn renew(&mut self) -> Result<(), JournalError> {
        let audit = &mut self.audit;
        let Some(verifier) = &audit.verifier else { return Ok(()) };
        let Some(bytes) = read_if_there(audit.disk, &audit.log_file("checkpoint"))? else {
            return Ok(());
        };
        let opened = String::from_utf8(bytes).ok();
        if let Some(signed) = opened.and_then(|note| Checkpoint::open(&note, verifier).ok()) {
            audit.report.signed = Some(signed.size);
            audit.tree.renew(signed.clone());
            audit.signed = Some(signed);
        }
        Ok(())
    }
}

impl Audit<'_> {
    /// Beside a daemon, erasures are carried out between the first look at a body and the last: those that
    /// did not open, and those that must not, are looked at once more.
    pub(super) fn look_again(
        &mut self,
        covered: &Covered,
        firsts: &[Seq],
    ) -> Result<(), JournalError> {
        let wanted: BTreeSet<Seq> =
            covered.pairs().copied().chain(self.bodies.odd()).map(|(seq, _)| seq).collect();
        let directory = journal::directory(self.data);
        for (index, first) in firsts.iter().enumerate() {
            let end = firsts.get(index + 1).copied().unwrap_or(Seq::MAX).min(self.at.entries);
            if *first >= end || wanted.range(*first..end).next().is_none() {
                continue;
            }
            let mut aside = Report::default();
            let segment = Segment::read(self.disk, &directory, *first, 512, &mut aside)?;
            let whole: Vec<_> = candidates(&segment.bytes, SECTOR_BYTES)
                .filter_map(|at| read_frame(&segment.bytes, at))
                .collect();
            let last_group = whole.iter().map(|frame| frame.group_first_seq).max();
            for frame in &whole {
                let seq = frame.header.seq;
                let is_wanted = (*first..end).contains(&seq) && wanted.contains(&seq);
                if !is_wanted || self.damaged.contains_key(&seq) {
                    continue;
                }
                let may_be_torn = index + 1 == firsts.len()
                    && seq >= self.floor
                    && Some(frame.group_first_seq) == last_group;
                self.bodies.forget(frame);
                self.bodies.look(&segment, frame, None, may_be_torn, &mut aside)?;
            }
        }
        Ok(())
    }
}
