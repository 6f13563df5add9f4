//! Epochs: each begins a segment, their numbers go up by one, their origins differ
//! (docs/format.md, section 8).

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::kernel::{
    durable::Disk,
    journal::{
        Seq,
        entry::Epoch,
        frame::Frame,
        verify::{
            report::{Report, Verdict},
            segment::Segment,
        },
    },
    log::{checkpoint, keys, note, tiles::TileReader},
};

/// The epochs so far.
pub(super) struct Epochs<'a> {
    disk: &'a dyn Disk,
    data: &'a Path,
    pub seen: Seen,
}

/// What was seen of them.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct Seen {
    number: u64,
    origins: Vec<String>,
    /// First entry of each epoch.
    firsts: Vec<Seq>,
    log_id: Option<[u8; 16]>,
}

impl<'a> Epochs<'a> {
    pub fn new(disk: &'a dyn Disk, data: &'a Path) -> Epochs<'a> {
        Epochs { disk, data, seen: Seen::default() }
    }

    pub fn look(&mut self, segment: &Segment, frame: &Frame, report: &mut Report) {
        let seq = frame.header.seq;
        let says = segment.head_is_whole.then_some(u64::from(segment.head.epoch));
        match &frame.header.epoch {
            Some(epoch) => self.begin(segment, seq, epoch, says, report),
            None if seq == 0 => report.add(Verdict::Chain, "entry 0", "is not kernel.epoch"),
            None => {}
        }
        if let Some(says) = says.filter(|says| *says != self.seen.number) {
            let detail = format!("epoch {} in a segment of epoch {says}", self.seen.number);
            report.add(Verdict::Chain, format!("entry {seq}"), detail);
        }
    }

    fn begin(
        &mut self,
        segment: &Segment,
        seq: Seq,
        epoch: &Epoch,
        says: Option<u64>,
        report: &mut Report,
    ) {
        let mut fault = |detail: String| report.add(Verdict::Chain, format!("entry {seq}"), detail);
        if epoch.number != self.seen.number + 1
            || seq != segment.first
            || says.is_some_and(|says| says != epoch.number)
        {
            let (number, before) = (epoch.number, self.seen.number);
            fault(format!("epoch {number} after {before} does not begin a segment of its own"));
        }
        if self.seen.origins.contains(&epoch.origin) {
            fault("its origin was used before".to_owned());
        }
        if let Some(restored) = &epoch.restored {
            if restored.lost_from != seq || restored.lost_to < seq {
                fault("the lost range does not begin at this entry".to_owned());
            }
            if let Err(why) = self.check_old_checkpoint(&restored.old_checkpoint, seq) {
                fault(format!("old checkpoint: {why}"));
            }
        }
        self.seen.number = epoch.number;
        self.seen.origins.push(epoch.origin.clone());
        self.seen.firsts.push(seq);
    }

    /// Its signature is checked if the key of that epoch is kept; its tree must be the beginning of this
    /// one.
    fn check_old_checkpoint(&self, text: &str, seq: Seq) -> Result<(), String> {
        let old = note::unverified_text(text)
            .and_then(checkpoint::Checkpoint::parse)
            .map_err(|error| error.to_string())?;
        if !self.seen.origins.contains(&old.origin) {
            return Err("it is of no earlier epoch".to_owned());
        }
        // What is wrong with the kept keys is reported with the checkpoint.
        let keys = keys::earlier(self.disk, self.data).unwrap_or_default();
        let mut keys = keys.iter().filter(|key| key.name() == old.origin).peekable();
        if keys.peek().is_some() && !keys.any(|key| key.open(text).is_ok()) {
            return Err("it is not signed by the kept key of its epoch".to_owned());
        }
        if old.size > seq {
            return Ok(());
        }
        let directory = checkpoint::directory(self.data);
        let tiles = TileReader { disk: self.disk, directory: &directory, size: old.size };
        match tiles.frontier() {
            Ok(frontier) if frontier.root() != old.root => Err("it is not of this tree".to_owned()),
            // Tiles may be lost; then there is nothing to compare with.
            Ok(_) | Err(_) => Ok(()),
        }
    }

    pub fn look_at_head(&mut self, segment: &Segment, report: &mut Report) {
        if !segment.head_is_whole {
            return;
        }
        let log_id = *self.seen.log_id.get_or_insert(segment.head.log_id);
        if log_id != segment.head.log_id {
            report.add(Verdict::Chain, &segment.name, "a segment of another log");
        }
    }

    /// A last segment without frames, opened for an epoch that never began, is an unfinished restore.
    pub fn finish(
        &self,
        last: &Segment,
        is_empty: bool,
        signed: Option<&str>,
        report: &mut Report,
    ) {
        let epoch = u64::from(last.head.epoch);
        if is_empty && self.seen.number > 0 && last.head_is_whole && epoch != self.seen.number {
            let detail = format!("opened for epoch {epoch}, which has not begun");
            report.add(Verdict::Chain, &last.name, detail);
        }
        let newest = self.seen.origins.last();
        if let (Some(signed), Some(newest)) = (signed, newest)
            && signed != newest
        {
            let detail = format!("of origin {signed}, not {newest}");
            report.add(Verdict::Checkpoint, "log/checkpoint", detail);
        }
        report.origin = newest.cloned();
        self.check_keys(report);
    }

    /// Keys of earlier epochs are those of earlier origins, and statements are a chain about these origins,
    /// each from the first entry of its epoch on.
    fn check_keys(&self, report: &mut Report) {
        let earlier = self.seen.origins.split_last().map_or(&[][..], |(_newest, earlier)| earlier);
        match keys::earlier(self.disk, self.data) {
            Err(error) => report.add(Verdict::Checkpoint, "log/earlier-vkeys", error.to_string()),
            Ok(kept) => {
                for key in kept.iter().filter(|key| !earlier.iter().any(|it| it == key.name())) {
                    let detail = format!("{} is of no earlier epoch", key.name());
                    report.add(Verdict::Checkpoint, "log/earlier-vkeys", detail);
                }
            }
        }
        match keys::statements(self.disk, self.data) {
            Err(error) => report.add(Verdict::Checkpoint, "log/statements", error.to_string()),
            Ok(statements) => {
                for statement in statements.iter() {
                    let at = self.seen.origins.iter().position(|it| it == statement.key.name());
                    let from = at.and_then(|at| self.seen.firsts.get(at));
                    let (name, size) = (statement.key.name(), statement.from);
                    if from != Some(&size) {
                        let detail = format!("{name} does not begin at entry {size}");
                        report.add(Verdict::Checkpoint, "log/statements", detail);
                        continue;
                    }
                    // Tiles may be lost; then there is nothing to compare with.
                    let directory = &checkpoint::directory(self.data);
                    let tree = TileReader { disk: self.disk, directory, size }.frontier();
                    if tree.is_ok_and(|tree| tree.root() != statement.root) {
                        let detail = format!("this log has another tree of {size} entries");
                        report.add(Verdict::Checkpoint, "log/statements", detail);
                    }
                }
            }
        }
    }
}
