//! The audit: every byte that docs/format.md names, judged under the names of its section 5.
//!
//! It opens files for reading only and takes no lock. One segment is held at a time; beside it
//! only what erasures and damage need. It changes nothing; [`mend`] does, and only when it is told to. It
//! does not know who was enrolled or what the index and the backup targets say.

mod bodies;
mod epochs;
mod erasures;
pub mod mend;
mod names;
pub mod report;
mod segment;
pub mod stepwise;
mod tree;
mod walk;

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::RangeInclusive,
    path::Path,
    time::Duration,
};

use serde::{Deserialize, Serialize};

pub use report::{Finding, Report, Spot, Verdict};

use crate::kernel::{
    crypto::Hash,
    durable::Disk,
    journal::{
        self, JournalError, Seq,
        frame::{Frame, candidates, read_frame},
        order::Target,
        segment::{SECTOR_BYTES, first_seq_of, segment_path},
    },
    log::{
        checkpoint::{self, Checkpoint},
        note::Verifier,
    },
};
use bodies::Bodies;
use epochs::Epochs;
pub use erasures::Covered;
use erasures::Orders;
use names::Positions;
use segment::Segment;
use tree::Tree;
use walk::{Before, Walk};

/// Beside a running daemon a finding must be there each time, because files are replaced meanwhile. So long it is
/// waited before each further look, in milliseconds: on a busy machine one sealing takes a while.
const WAITS_IN_USE: [u64; 5] = [50, 100, 250, 500, 2_000];

/// Lost entries of one gap whose leaves are looked up in tiles: a segment's worth.
const GAP_MAX: Seq = 1 << 20;

/// How to look.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The log's key, from a place that is trusted more than the data directory.
    pub verifier: Option<Verifier>,
    /// A daemon writes meanwhile: what is newer than the checkpoint may be under way.
    pub in_use: bool,
    /// Entries whose bodies' verdicts are wanted one by one.
    pub listed: Option<RangeInclusive<Seq>>,
}

/// Audits a data directory.
///
/// # Errors
/// There is no journal, or the device does not answer. What is wrong with the bytes is in the report.
pub fn verify(disk: &dyn Disk, data: &Path, options: &Options) -> Result<Report, JournalError> {
    let mut report = Audit::begin(disk, data, options)?.run()?;
    if options.in_use {
        for wait in WAITS_IN_USE {
            if report.is_ok() {
                break;
            }
            std::thread::sleep(Duration::from_millis(wait));
            let mut again = Audit::begin(disk, data, options)?.run()?;
            again.findings.retain(|finding| {
                report.findings.iter().any(|before| {
                    (before.verdict, &before.place) == (finding.verdict, &finding.place)
                })
            });
            report = again;
        }
    }
    Ok(report)
}

struct Audit<'a> {
    disk: &'a dyn Disk,
    data: &'a Path,
    options: &'a Options,
    report: Report,
    bodies: Bodies<'a>,
    epochs: Epochs<'a>,
    orders: Orders,
    /// Entries that an order may name although their frame is not good.
    damaged: BTreeMap<Seq, Target>,
    tree: Tree<'a>,
    /// The key that the checkpoint was opened with.
    verifier: Option<Verifier>,
    signed: Option<Checkpoint>,
    floor: Seq,
    at: At,
}

/// How far an audit is.
#[derive(Clone, Default, Serialize, Deserialize)]
struct At {
    /// The segment looked at last.
    segment: Option<Seq>,
    /// Number of entries so far.
    entries: Seq,
    before: Before,
    /// Of the segment looked at last; 0 before the first.
    align: u32,
}

impl<'a> Audit<'a> {
    /// Looks whether there is a journal, and reads what is signed.
    fn begin(
        disk: &'a dyn Disk,
        data: &'a Path,
        options: &'a Options,
    ) -> Result<Audit<'a>, JournalError> {
        let mut audit = Audit {
            disk,
            data,
            options,
            report: Report::default(),
            bodies: Bodies::new(disk, data),
            epochs: Epochs::new(disk, data),
            orders: Orders::default(),
            damaged: BTreeMap::new(),
            tree: Tree::new(disk, data, None, options.in_use),
            verifier: None,
            signed: None,
            floor: 0,
            at: At::default(),
        };
        audit.segment_names()?;
        audit.signed = audit.read_log()?;
        audit.report.signed = audit.signed.as_ref().map(|signed| signed.size);
        audit.tree = Tree::new(disk, data, audit.signed.clone(), options.in_use);
        Ok(audit)
    }

    fn run(mut self) -> Result<Report, JournalError> {
        while self.step()? {}
        self.finish()
    }

    /// Judges the next segment. `false`: it was the last one, or there is none.
    fn step(&mut self) -> Result<bool, JournalError> {
        let directory = journal::directory(self.data);
        let firsts = self.segment_names()?;
        let next = firsts.iter().position(|first| self.at.segment.is_none_or(|at| at < *first));
        let Some((index, first)) = next.and_then(|index| Some((index, *firsts.get(index)?))) else {
            return Ok(false);
        };
        // An unsealed segment begins where the last seal ends.
        self.floor = self.report.signed.unwrap_or(0).max(firsts.last().copied().unwrap_or(0));
        let positions = Positions::read(self.disk, &directory)?;
        let align = if self.at.align == 0 { 512 } else { self.at.align };
        let mut segment = Segment::read(self.disk, &directory, first, align, &mut self.report)?;
        segment.is_last = index + 1 == firsts.len();
        self.join(&segment);
        let before = self.segment(&segment, &positions)?;
        let align = segment.head.align;
        let entries = self.at.entries;
        self.at = At { segment: Some(first), entries, before, align };
        if segment.is_last {
            let origin = self.signed.as_ref().map(|signed| signed.origin.as_str());
            let is_empty = entries == segment.first;
            self.epochs.finish(&segment, is_empty, origin, &mut self.report);
        }
        Ok(!segment.is_last)
    }

    fn segment_names(&self) -> Result<Vec<Seq>, JournalError> {
        let directory = &journal::directory(self.data);
        if !self.disk.exists(directory) {
            let missing = std::io::Error::from(std::io::ErrorKind::NotFound);
            let what = format!("{} holds no journal/", self.data.display());
            return Err(JournalError::io(what)(missing));
        }
        let names = self.disk.names(directory).map_err(JournalError::io("listing the journal"))?;
        let mut firsts: Vec<Seq> = names.iter().filter_map(|name| first_seq_of(name)).collect();
        firsts.sort_unstable();
        Ok(firsts)
    }

    fn log_file(&self, name: &str) -> std::path::PathBuf {
        checkpoint::directory(self.data).join(name)
    }

    /// The checkpoint, if a key says it is good. A key from outside outranks the one beside it.
    fn read_log(&mut self) -> Result<Option<Checkpoint>, JournalError> {
        let own = names::read_vkey(self.disk, &self.log_file("vkey"), &mut self.report)?;
        let given = self.options.verifier.clone();
        if let (Some(own), Some(given)) = (&own, &given)
            && own != given
        {
            self.report.add(Verdict::Checkpoint, "log/vkey", "differs from the key given");
        }
        let path = self.log_file("checkpoint");
        let Some(bytes) = names::read_if_there(self.disk, &path)? else { return Ok(None) };
        let opened = match given.or(own) {
            None => Err("no key to check the signature with".to_owned()),
            Some(verifier) => {
                let opened = String::from_utf8(bytes)
                    .map_err(|_invalid| "it is not text".to_owned())
                    .and_then(|note| {
                        Checkpoint::open(&note, &verifier).map_err(|error| error.to_string())
                    });
                self.verifier = Some(verifier);
                opened
            }
        };
        match opened {
            Ok(checkpoint) => Ok(Some(checkpoint)),
            Err(why) => {
                self.report.add(Verdict::Checkpoint, "log/checkpoint", why);
                Ok(None)
            }
        }
    }

    /// A segment must begin where the one before ended.
    fn join(&mut self, segment: &Segment) {
        let expected = self.at.entries;
        if segment.first == expected {
            return;
        }
        let detail = format!("entry {expected} should come next");
        self.report.add(Verdict::Chain, &segment.name, detail);
        self.at.before = Before { leaf: None, is_unknown: true };
        if segment.first > expected {
            let lost = format!("entries {expected} to {}", segment.first - 1);
            let spot = Spot::missing(expected);
            self.report.add_at(spot, Verdict::DamagedHeader, lost, "their segment is missing");
            if segment.first - expected > GAP_MAX {
                self.tree.skip_to(segment.first);
            } else {
                (expected..segment.first).for_each(|seq| self.lost_leaf(seq, None));
            }
        }
        self.at.entries = segment.first;
    }

    fn segment(
        &mut self,
        segment: &Segment,
        positions: &Positions,
    ) -> Result<Before, JournalError> {
        self.epochs.look_at_head(segment, &mut self.report);
        let mut walk = Walk::new(segment, self.at.before, self.floor, self.options.in_use);
        walk.run(&mut self.report);
        let last_group = walk.scan.frames.iter().map(|frame| frame.group_first_seq).max();
        let mut next = segment.first;
        for frame in &walk.scan.frames {
            self.skip(&walk, next..frame.header.seq);
            next = frame.header.seq + 1;
            let damage = self.leaf(&walk, frame);
            if damage.is_none() {
                positions.check(frame, &mut self.report);
            }
            self.epochs.look(segment, frame, &mut self.report);
            if damage != Some(Verdict::DamagedHeader) {
                self.orders.look(frame);
            }
            let may_be_torn = segment.is_open_end()
                && frame.header.seq >= self.floor
                && Some(frame.group_first_seq) == last_group;
            self.bodies.look(segment, frame, damage, may_be_torn, &mut self.report)?;
        }
        self.skip(&walk, next..walk.scan.next_seq);
        self.at.entries = walk.scan.next_seq;
        segment.check(&walk.scan, walk.slots_known, self.tree.root(), &mut self.report);
        let is_unknown =
            walk.scan.frames.last().is_some_and(|last| walk.hurt.contains_key(&last.header.seq))
                || walk.lost.last().is_some_and(|lost| lost.end == self.at.entries);
        Ok(Before { leaf: walk.scan.last_leaf, is_unknown })
    }

    /// Leaves of entries without a frame that can be used.
    fn skip(&mut self, walk: &Walk<'_>, entries: std::ops::Range<Seq>) {
        for seq in entries {
            self.lost_leaf(seq, walk.irregular.get(&seq).copied());
        }
    }

    /// A tile may still know the leaf of an entry that is lost.
    fn lost_leaf(&mut self, seq: Seq, known: Option<Hash>) {
        let leaf = known.or_else(|| self.tree.tile_leaf(seq));
        self.tree.push(leaf, &mut self.report);
        self.damaged.insert(seq, Target { leaf, bodies: None, is_erasure: false });
    }

    /// Takes the leaf of a frame in; says what is wrong with the frame.
    fn leaf(&mut self, walk: &Walk<'_>, frame: &Frame) -> Option<Verdict> {
        let seq = frame.header.seq;
        let Some(hurt) = walk.hurt.get(&seq) else {
            self.tree.push(Some(frame.leaf), &mut self.report);
            return None;
        };
        let tile = self.tree.tile_leaf(seq);
        let confirmed = hurt.confirmed || tile == Some(frame.leaf);
        let leaf = if confirmed { frame.leaf } else { tile.unwrap_or(frame.leaf) };
        self.tree.push(Some(leaf), &mut self.report);
        self.damaged.insert(seq, Target::of(frame, Some(leaf)));
        let verdict = if confirmed && !hurt.stored_fits {
            Verdict::DamagedBody
        } else {
            Verdict::DamagedHeader
        };
        let detail = format!("the frame at byte {} is not good", frame.start);
        let spot = Spot::segment(walk.first(), frame.start, seq);
        self.report.add_at(spot, verdict, format!("entry {seq}"), detail);
        Some(verdict)
    }

    fn finish(self) -> Result<Report, JournalError> {
        self.finish_with_orders().map(|(report, _covered)| report)
    }

    fn finish_with_orders(mut self) -> Result<(Report, Covered), JournalError> {
        let directory = journal::directory(self.data);
        let firsts = self.segment_names()?;
        self.report.entries = self.at.entries;
        if self.at.entries > 0 && !self.disk.exists(&self.log_file("checkpoint")) {
            self.report.add(Verdict::Checkpoint, "log/checkpoint", "missing");
        }
        self.tree.finish(&mut self.report);
        let positions = Positions::read(self.disk, &directory)?;
        positions.finish(self.at.entries, self.options.in_use, &mut self.report);
        self.report.erasures = self.orders.len() as u64;
        let covered = self.covered(&firsts)?;
        if self.options.in_use {
            self.look_again(&covered, &firsts)?;
        }
        let (in_use, listed) = (self.options.in_use, self.options.listed.as_ref());
        names::check_blobs(self.disk, self.data, &self.bodies.seen.hashed, &mut self.report)?;
        self.bodies.finish(&covered, in_use, listed, &mut self.report);
        names::check_journal(self.disk, &directory, &firsts, in_use, &mut self.report)?;
        Ok((self.report, covered))
    }

    /// The bodies that orders cover. Which orders are valid goes into the report.
    fn covered(&mut self, firsts: &[Seq]) -> Result<Covered, JournalError> {
        let targets = self.targets(firsts, self.orders.targets())?;
        Ok(self.orders.judge(&targets, &mut self.report))
    }

    /// Reads again the segments that hold targets of erasures: keeping all leaves would cost more.
    fn targets(
        &self,
        firsts: &[Seq],
        mut wanted: BTreeSet<Seq>,
    ) -> Result<BTreeMap<Seq, Target>, JournalError> {
        let mut found = self.damaged.clone();
        wanted.retain(|seq| *seq < self.at.entries && !found.contains_key(seq));
        for (index, first) in firsts.iter().enumerate() {
            let end = firsts.get(index + 1).copied().unwrap_or(Seq::MAX);
            if wanted.range(*first..end).next().is_none() {
                continue;
            }
            let bytes = self.read_segment(*first)?;
            for frame in candidates(&bytes, SECTOR_BYTES).filter_map(|at| read_frame(&bytes, at)) {
                let seq = frame.header.seq;
                if (*first..end).contains(&seq) && wanted.remove(&seq) {
                    found.insert(seq, Target::of(&frame, Some(frame.leaf)));
                }
            }
        }
        Ok(found)
    }

    fn read_segment(&self, first: Seq) -> Result<Vec<u8>, JournalError> {
        let path = segment_path(&journal::directory(self.data), first);
        let reading = JournalError::io(format!("reading {}", path.display()));
        self.disk.read(&path).map_err(reading)
    }
}
