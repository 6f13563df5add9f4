//! `ostoja log verify`

use std::{io::Write, path::Path};

use serde_json::json;

use crate::{
    cli::{
        Exit, Outcome,
        archive::{Archive, Signed, given_verifier, is_in_use},
        log::VerifyArgs,
    },
    kernel::{
        clock,
        durable::RealDisk,
        journal::verify::{Options, Report, verify},
        log::{
            checkpoint,
            cosigned::{self, Cosigned},
            tiles::TileReader,
        },
    },
};

pub(super) fn run(args: &VerifyArgs, out: &mut dyn Write) -> Outcome {
    let archive = Archive::open(&args.dir)?;
    let options = Options {
        verifier: given_verifier(args.vkey.as_deref())?,
        in_use: is_in_use(archive.data()),
        listed: None,
    };
    let report = verify(&RealDisk, archive.data(), &options)?;
    let cosigned = cosigned_of(archive.data(), &options, &report);
    let is_ok = report.is_ok() && cosigned.iter().all(|(_, wrong)| wrong.is_none());
    if args.json {
        let mut json = report.to_json();
        if let Some(object) = json.as_object_mut() {
            object.insert("beside_daemon".to_owned(), options.in_use.into());
            object.insert("key_given".to_owned(), options.verifier.is_some().into());
            object.insert("ok".to_owned(), is_ok.into());
            let cosigned = cosigned.iter().map(|(one, wrong)| {
                json!({ "witness": one.witness.name(), "size": one.checkpoint.size,
                    "at": at(one), "finding": wrong })
            });
            object.insert("cosigned".to_owned(), cosigned.collect());
        }
        writeln!(out, "{json}")?;
    } else {
        for finding in &report.findings {
            writeln!(out, "{}: {}: {}", finding.verdict.name(), finding.place, finding.detail)?;
        }
        if options.in_use && report.is_ok() {
            let signed = report.signed.unwrap_or(0);
            writeln!(
                out,
                "a daemon is running: signed up to {signed}, newer entries may be under way"
            )?;
        }
        if options.verifier.is_none() {
            writeln!(
                out,
                "no --vkey given: the key in log/vkey was taken, compare it with the published one"
            )?;
        }
        for (one, wrong) in &cosigned {
            let (name, size, at) = (one.witness.name(), one.checkpoint.size, at(one));
            match wrong {
                None => writeln!(out, "the first {size} entries were cosigned by {name} at {at}")?,
                Some(wrong) => writeln!(out, "cosigned checkpoint: {name}: {wrong}")?,
            }
        }
        match (report.is_ok(), is_ok) {
            (true, false) => writeln!(out, "failed: what witnesses cosigned is not what is here")?,
            _ => writeln!(out, "{}", report.summary())?,
        }
    }
    Ok(if is_ok { Exit::Ok } else { Exit::Finding })
}

/// What witnesses have cosigned, each with what is wrong with it here. It was signed by this log's key, so
/// entries that it covers and that are not here are lost.
fn cosigned_of(data: &Path, options: &Options, report: &Report) -> Vec<(Cosigned, Option<String>)> {
    let verifier =
        options.verifier.clone().or_else(|| Some(Signed::read(data, None).ok()?.verifier));
    let Some(verifier) = verifier else { return Vec::new() };
    let all = cosigned::all(&RealDisk, &cosigned::directory(data), &verifier);
    let directory = &checkpoint::directory(data);
    let judged = all.unwrap_or_default().into_iter().map(|one| {
        let size = one.checkpoint.size;
        let tiles = TileReader { disk: &RealDisk, directory, size };
        // Whether the tiles are those of the entries is in the report.
        let wrong = if size > report.entries {
            Some(format!("it covers {size} entries, the journal has {}", report.entries))
        } else {
            let other = tiles.frontier().is_ok_and(|tree| tree.root() != one.checkpoint.root);
            other.then(|| format!("this log has another tree of {size} entries"))
        };
        (one, wrong)
    });
    judged.collect()
}

fn at(one: &Cosigned) -> String {
    let at = i64::try_from(one.at_seconds).unwrap_or(i64::MAX).saturating_mul(1000);
    clock::from_ms(at).to_string()
}
