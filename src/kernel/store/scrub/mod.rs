//! The scrubber: once a week every byte that must not rot is read again, slowly, beside the running daemon,
//! and the index is compared with the journal.
//!
//! What is judged, and how, is the audit's ([`stepwise`]): a turn is one segment of it, and then a few hundred
//! entries or rows of the index. After each turn it is written down how far the pass is, so that a start goes
//! on and does not begin anew. A file that is damaged is mended ([`mend`]) where a second copy has it.

mod figures;
mod index;
mod repair;
mod state;
#[cfg(test)]
mod tests;

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

pub use figures::Figures;
pub use index::IndexFault;
pub use repair::{REPAIR, Repair};
pub use state::{Found, Last};

use crate::kernel::{
    clock,
    durable::{Disk, make_directory, write_whole},
    journal::{
        JournalError, Seq,
        segment::first_seq_of,
        verify::{
            Covered, Finding, Options, Verdict,
            mend::{Mended, Mender},
            stepwise::{Saved, Stepwise},
        },
    },
    paced::{Pace, PacedDisk},
    store::{Fault, Store},
};
use index::IndexLook;
use state::{Pass, Phase, State};

/// A pass begins so long after the last one ended.
pub const EVERY: Duration = Duration::from_secs(7 * 24 * 3600);
/// A hundredth of what a slow disk reads; 100 GB take seven hours.
pub const BYTES_PER_SECOND: u64 = 4 << 20;
/// Entries or rows of the index in one turn.
const INDEX_TURN: usize = 500;
/// Files are replaced while one looks; a finding must still be there after each of these, in milliseconds.
const LOOK_AGAIN_AFTER: [u64; 4] = [100, 500, 2_000, 5_000];

/// What came of a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// The pass is not over.
    Worked,
    /// The pass is over.
    Finished,
    /// It was told to stop; nothing of the turn is kept.
    Stopped,
}

/// One store's scrubber.
pub struct Scrubber {
    store: Arc<Store>,
    /// Copies of the data directory, the best first.
    copies: Vec<PathBuf>,
    disk: Arc<dyn Disk>,
    pace: Arc<Pace>,
    state: State,
}

enum Halt {
    Told,
    Fault(Fault),
}

impl From<JournalError> for Halt {
    fn from(error: JournalError) -> Halt {
        match &error {
            JournalError::Io { source, .. } if source.kind() == io::ErrorKind::Interrupted => {
                Halt::Told
            }
            _ => Halt::Fault(error.into()),
        }
    }
}

impl From<io::Error> for Halt {
    fn from(error: io::Error) -> Halt {
        match error.kind() {
            io::ErrorKind::Interrupted => Halt::Told,
            _ => Halt::Fault(Fault::new(error)),
        }
    }
}

impl From<Fault> for Halt {
    fn from(fault: Fault) -> Halt {
        Halt::Fault(fault)
    }
}

impl Scrubber {
    /// A scrubber that goes on where the last one was.
    pub fn new(store: Arc<Store>, copies: Vec<PathBuf>, pace: Arc<Pace>) -> Scrubber {
        let real = Arc::clone(store.disk());
        let state = real
            .read(&path_of(store.data()))
            .ok()
            .and_then(|bytes| State::decode(&bytes))
            .unwrap_or_default();
        let disk: Arc<dyn Disk> = Arc::new(PacedDisk { disk: real, pace: Arc::clone(&pace) });
        let scrubber = Scrubber { store, copies, disk, pace, state };
        scrubber.show();
        scrubber
    }

    /// Whether there is something to do: a pass is under way, or the last one is a week old.
    pub fn is_due(&self) -> bool {
        let now = self.now_ms();
        let every = u64::try_from(EVERY.as_millis()).unwrap_or(u64::MAX);
        // A clock that went back must not put it off for ever.
        let aged = |last: &Last| now.abs_diff(last.finished_ms) >= every;
        self.state.pass.is_some() || self.state.last.as_ref().is_none_or(aged)
    }

    /// What the last pass found.
    pub fn last(&self) -> Option<&Last> {
        self.state.last.as_ref()
    }

    /// One turn of a pass; the first one begins it.
    ///
    /// # Errors
    /// The device does not answer, or there is no journal. The next turn tries the same again.
    pub fn turn(&mut self) -> Result<Turn, Fault> {
        let began = self.now_ms();
        let read = self.pace.read();
        let mut pass = self.state.pass.clone().unwrap_or_else(|| Pass::begin(began));
        // A stop in the middle of mending reads as a copy that cannot be read: it is not believed.
        let worked = self.work(&mut pass).and_then(|turn| {
            self.pace.rest(Duration::ZERO)?;
            Ok(turn)
        });
        pass.bytes += self.pace.read().saturating_sub(read);
        pass.worked_ms += self.now_ms().saturating_sub(began);
        let turn = match worked {
            Ok(turn) => turn,
            Err(Halt::Told) => return Ok(Turn::Stopped),
            Err(Halt::Fault(fault)) => {
                self.store.scrubbed.failed();
                return Err(fault);
            }
        };
        if turn == Turn::Finished {
            self.state.last = Some(pass.end(self.now_ms()));
            self.state.pass = None;
        } else {
            self.state.pass = Some(pass);
        }
        self.show();
        self.keep()?;
        Ok(turn)
    }

    fn work(&self, pass: &mut Pass) -> Result<Turn, Halt> {
        match pass.phase.clone() {
            Phase::Segments(saved) => self.segment(pass, saved.map(|saved| *saved))?,
            Phase::Entries(from) => {
                let end = self.store.unapplied().min(from.saturating_add(INDEX_TURN as Seq));
                let mut look = IndexLook::new(&self.store, &self.pace);
                for seq in from..end {
                    pass.index_faults(look.entry(seq)?);
                }
                let is_last = end < from.saturating_add(INDEX_TURN as Seq);
                pass.phase = if is_last { Phase::Rows(vec![1]) } else { Phase::Entries(end) };
            }
            Phase::Rows(from) => {
                let mut look = IndexLook::new(&self.store, &self.pace);
                let (faults, next) = look.rows(&from, INDEX_TURN)?;
                pass.index_faults(faults);
                match next {
                    Some(next) => pass.phase = Phase::Rows(next),
                    None => {
                        self.mend_index(pass);
                        return Ok(Turn::Finished);
                    }
                }
            }
        }
        Ok(Turn::Worked)
    }

    /// The next segment, or, behind the last one, what needs the whole journal.
    fn segment(&self, pass: &mut Pass, saved: Option<Saved>) -> Result<(), Halt> {
        let options = self.options();
        let data = self.store.data();
        let mut audit = Stepwise::begin(self.disk.as_ref(), data, &options, saved)?;
        let before = audit.save();
        let mut more = audit.step()?;
        for after in LOOK_AGAIN_AFTER {
            if new_findings(&audit, &before).is_empty() {
                break;
            }
            self.pace.rest(Duration::from_millis(after))?;
            audit.back_to(before.clone());
            more = audit.step()?;
        }
        if self.mend_segments(pass, &audit, &before) {
            audit.back_to(before);
            more = audit.step()?;
        }
        pass.entries = audit.save().entries();
        if more {
            pass.phase = Phase::Segments(Some(Box::new(audit.save())));
            return Ok(());
        }
        self.finish(pass, &options, audit)
    }

    /// Judges what needs the whole journal, and mends what can be mended.
    fn finish(&self, pass: &mut Pass, options: &Options, audit: Stepwise<'_>) -> Result<(), Halt> {
        let saved = audit.save();
        let (mut report, mut covered) = audit.finish()?;
        for after in LOOK_AGAIN_AFTER {
            if report.is_ok() {
                break;
            }
            self.pace.rest(Duration::from_millis(after))?;
            let again = Stepwise::begin(
                self.disk.as_ref(),
                self.store.data(),
                options,
                Some(saved.clone()),
            )?;
            (report, covered) = again.finish()?;
        }
        pass.more += report.more;
        self.mend_the_rest(pass, report.findings, &covered);
        pass.phase = Phase::Entries(0);
        Ok(())
    }

    /// Segments in which something new was found. Says whether one was mended.
    fn mend_segments(&self, pass: &mut Pass, audit: &Stepwise<'_>, before: &Saved) -> bool {
        let files: std::collections::BTreeSet<String> =
            new_findings(audit, before).iter().filter_map(Finding::damaged_file).collect();
        let mut mended = false;
        for file in files.iter().filter(|file| file.ends_with(".seg")) {
            let found: Vec<Finding> = new_findings(audit, before)
                .into_iter()
                .filter(|finding| finding.file().as_ref() == Some(file))
                .collect();
            let name = file.trim_start_matches("journal/");
            let Some(first) = first_seq_of(name) else { continue };
            match self.mender(|mender| mender.segment(first)) {
                Ok(done) => {
                    mended = true;
                    self.say_mended(pass, &found, done);
                }
                Err(why) => tracing::warn!(file, why, "a damaged segment could not be mended"),
            }
        }
        mended
    }

    fn mend_the_rest(&self, pass: &mut Pass, findings: Vec<Finding>, covered: &Covered) {
        // Among headers that are lost may be an order to erase: no secret is brought back then.
        let all_read = !findings.iter().any(|finding| {
            matches!(
                finding.verdict,
                Verdict::DamagedHeader | Verdict::HeaderRule | Verdict::Chain | Verdict::Erasure
            )
        });
        let mut by_file = std::collections::BTreeMap::<Option<String>, Vec<Finding>>::new();
        for finding in findings {
            by_file.entry(finding.file()).or_default().push(finding);
        }
        for (file, found) in by_file {
            let mended = match &file {
                None => Err("nothing but a person can judge it".to_owned()),
                Some(file) if file.ends_with(".seg") => Err("tried before".to_owned()),
                Some(file) if file.ends_with(".keys") && !all_read => {
                    Err(format!("{file}: an order to erase may be among what is lost"))
                }
                Some(file) => self.mender(|mender| mender.mend(file, covered)),
            };
            match mended {
                Ok(done) => self.say_mended(pass, &found, done),
                Err(why) => {
                    for finding in found {
                        tracing::error!(
                            verdict = finding.verdict.name(),
                            place = finding.place,
                            detail = finding.detail,
                            spot = ?finding.spot,
                            why,
                            "damage that was not mended"
                        );
                        pass.found(Found::of(&finding));
                    }
                }
            }
        }
    }

    fn mender(
        &self,
        work: impl FnOnce(&Mender<'_>) -> Result<Mended, String>,
    ) -> Result<Mended, String> {
        let released = self.store.log().current().ok_or("nothing is signed yet")?;
        let mender = Mender {
            disk: self.disk.as_ref(),
            data: self.store.data(),
            copies: &self.copies,
            signed: &released.checkpoint,
            now_ms: self.now_ms(),
        };
        // Whoever carries out an erasure changes the same files.
        let _alone = self.store.reader().changing_keys();
        work(&mender)
    }

    /// Makes a repair known: to readers, to the log, to the figures and to the journal.
    fn say_mended(&self, pass: &mut Pass, found: &[Finding], done: Mended) {
        let name = done.file.trim_start_matches("journal/");
        let stem = name.split('.').next().unwrap_or_default();
        if let Some(first) = first_seq_of(&format!("{stem}.seg"))
            && let Err(error) = self.store.reader().reopen(first)
        {
            tracing::error!(%error, file = done.file, "readers do not see the mended file");
        }
        pass.mended += 1;
        for finding in found {
            tracing::warn!(
                file = done.file,
                verdict = finding.verdict.name(),
                place = finding.place,
                detail = finding.detail,
                spot = ?finding.spot,
                from = %done.from,
                kept = ?done.kept,
                "damage mended"
            );
        }
        if let Err(fault) = repair::enter(&self.store, found, &done) {
            tracing::error!(%fault, file = done.file, "a repair was not entered");
        }
    }

    /// An index that differs is made again from the journal, as one that fails.
    fn mend_index(&self, pass: &Pass) {
        if pass.index_differs() {
            tracing::error!("the index differs from the journal: it is made again");
            self.store.doubt_index();
        }
    }

    fn options(&self) -> Options {
        Options { verifier: Some(self.store.log().verifier()), in_use: true, listed: None }
    }

    fn now_ms(&self) -> u64 {
        clock::to_ms(self.store.clock().now())
    }

    fn show(&self) {
        self.store.scrubbed.show(self.state.last.as_ref(), self.state.pass.as_ref());
    }

    /// Writes down how far it is. What is lost of it is only work.
    fn keep(&self) -> Result<(), Fault> {
        let path = path_of(self.store.data());
        let disk = self.store.disk();
        let keep = || -> io::Result<()> {
            make_directory(disk.as_ref(), path.parent().unwrap_or(&path))?;
            write_whole(disk.as_ref(), &path, &self.state.encode()?)
        };
        keep().map_err(|error| Fault::new(JournalError::io("writing scrub/state")(error)))
    }
}

/// `scrub/state` of a data directory.
fn path_of(data: &Path) -> PathBuf {
    data.join("scrub").join("state")
}

fn new_findings(audit: &Stepwise<'_>, before: &Saved) -> Vec<Finding> {
    let known = &before.report().findings;
    audit.report().findings.iter().filter(|finding| !known.contains(finding)).cloned().collect()
}
