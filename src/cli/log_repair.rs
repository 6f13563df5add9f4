//! `ostoja log repair`: damaged files are replaced by those of a copy, while nobody uses the directory.

use std::{
    collections::BTreeMap,
    io::Write,
    path::{Path, PathBuf},
};

use serde_json::json;

use crate::{
    cli::{
        Exit, Failure, Outcome,
        archive::{Archive, given_verifier, is_in_use},
        log::RepairArgs,
    },
    kernel::{
        clock::{self, Clock},
        durable::RealDisk,
        journal::verify::{
            Covered, Finding, Options, Report, Verdict,
            mend::{Mended, Mender},
            stepwise::Stepwise,
        },
        log::checkpoint::Checkpoint,
        store::start,
    },
};

/// What came of it.
#[derive(Default)]
struct Done {
    mended: Vec<Mended>,
    refused: BTreeMap<String, String>,
}

pub(super) fn run(args: &RepairArgs, out: &mut dyn Write) -> Outcome {
    let archive = Archive::open(&args.dir)?;
    if is_in_use(archive.data()) {
        return Err(Failure::new(
            Exit::Busy,
            format!(
                "{} is in use; stop the daemon first: systemctl stop ostoja. A running one repairs by itself, from the copies that repair_from of its configuration names",
                archive.data().display()
            ),
        ));
    }
    let _alone = start::lock(archive.data())?;
    let options = Options { verifier: given_verifier(args.vkey.as_deref())?, ..Options::default() };
    let mut done = Done::default();
    // Segments first: what orders to erase say is only known when every header can be read.
    let (report, _) = look(archive.data(), &options, |report, signed| {
        done.segments(&args.from, archive.data(), report, signed);
    })?;
    let report = if done.mended.is_empty() { report } else { audit(archive.data(), &options)?.0 };
    if !report.is_ok() {
        let (report, covered) = audit(archive.data(), &options)?;
        let signed = archive.signed(options.verifier.clone())?.checkpoint;
        done.rest(&args.from, archive.data(), &report, &signed, &covered);
    }
    let (report, _) = audit(archive.data(), &options)?;
    said(args.json, &done, &report, out)?;
    Ok(if report.is_ok() { Exit::Ok } else { Exit::Finding })
}

fn audit(data: &Path, options: &Options) -> Result<(Report, Covered), Failure> {
    look(data, options, |_report, _signed| {})
}

/// Audits; `meanwhile` hears what is wrong before erasures are judged.
fn look(
    data: &Path,
    options: &Options,
    meanwhile: impl FnOnce(&Report, &Checkpoint),
) -> Result<(Report, Covered), Failure> {
    let mut steps = Stepwise::begin(&RealDisk, data, options, None)?;
    while steps.step()? {}
    if let Some(signed) = steps.signed() {
        meanwhile(steps.report(), signed);
    }
    Ok(steps.finish()?)
}

impl Done {
    fn segments(&mut self, from: &Path, data: &Path, report: &Report, signed: &Checkpoint) {
        let copies = [from.to_owned()];
        let mender = mender(&copies, data, signed);
        for file in files(report).filter(|file| file.ends_with(".seg")) {
            let number = file.trim_start_matches("journal/").trim_end_matches(".seg").parse();
            if let Ok(first) = number {
                self.note(file, mender.segment(first));
            }
        }
    }

    fn rest(
        &mut self,
        from: &Path,
        data: &Path,
        report: &Report,
        signed: &Checkpoint,
        covered: &Covered,
    ) {
        let copies = [from.to_owned()];
        let mender = mender(&copies, data, signed);
        let headers = |finding: &Finding| {
            matches!(
                finding.verdict,
                Verdict::DamagedHeader | Verdict::HeaderRule | Verdict::Chain | Verdict::Erasure
            )
        };
        let all_read = !report.findings.iter().any(headers);
        for file in files(report).filter(|file| !file.ends_with(".seg")) {
            if file.ends_with(".keys") && !all_read {
                let why = "an order to erase may be among the entries that are lost";
                self.refused.insert(file, why.to_owned());
            } else {
                let mended = mender.mend(&file, covered);
                self.note(file, mended);
            }
        }
    }

    fn note(&mut self, file: String, mended: Result<Mended, String>) {
        match mended {
            Ok(mended) => {
                self.refused.remove(&file);
                self.mended.push(mended);
            }
            Err(why) => {
                self.refused.insert(file, why);
            }
        }
    }
}

fn mender<'a>(copies: &'a [PathBuf], data: &'a Path, signed: &'a Checkpoint) -> Mender<'a> {
    Mender { disk: &RealDisk, data, copies, signed, now_ms: clock::to_ms(Clock::System.now()) }
}

/// Damaged files, each once, in order: the lowest tiles come before those made from them.
fn files(report: &Report) -> impl Iterator<Item = String> {
    let files: std::collections::BTreeSet<String> =
        report.findings.iter().filter_map(Finding::damaged_file).collect();
    files.into_iter()
}

fn said(as_json: bool, done: &Done, report: &Report, out: &mut dyn Write) -> Result<(), Failure> {
    if as_json {
        let mended: Vec<_> = done
            .mended
            .iter()
            .map(|mended| {
                json!({ "file": mended.file, "from": mended.from.to_string(), "kept": mended.kept })
            })
            .collect();
        let mut json = report.to_json();
        if let Some(object) = json.as_object_mut() {
            object.insert("mended".to_owned(), mended.into());
            object.insert("refused".to_owned(), json!(done.refused));
        }
        writeln!(out, "{json}")?;
        return Ok(());
    }
    for mended in &done.mended {
        write!(out, "mended: {}: {}", mended.file, mended.from)?;
        match &mended.kept {
            Some(kept) => writeln!(out, "; the damaged file is {}", kept.display())?,
            None => writeln!(out)?,
        }
    }
    for (file, why) in &done.refused {
        writeln!(out, "not mended: {file}: {why}")?;
    }
    for finding in &report.findings {
        writeln!(out, "{}: {}: {}", finding.verdict.name(), finding.place, finding.detail)?;
    }
    writeln!(out, "{}", report.summary())?;
    Ok(())
}
