//! `ostoja log verify`

use std::io::Write;

use crate::{
    cli::{
        Exit, Outcome,
        archive::{Archive, given_verifier, is_in_use},
        log::VerifyArgs,
    },
    kernel::{
        durable::RealDisk,
        journal::verify::{Options, verify},
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
    if args.json {
        let mut json = report.to_json();
        if let Some(object) = json.as_object_mut() {
            object.insert("beside_daemon".to_owned(), options.in_use.into());
            object.insert("key_given".to_owned(), options.verifier.is_some().into());
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
        writeln!(out, "{}", report.summary())?;
    }
    Ok(if report.is_ok() { Exit::Ok } else { Exit::Finding })
}
