//! `ostoja log new-epoch`

use std::io::Write;

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use serde_json::json;

use crate::{
    cli::{
        Exit, Failure, Outcome, archive::given_verifier, log::NewEpochArgs, log_consistency::read,
    },
    kernel::store::{
        epoch::{self, NotBegun, Plan, Stated},
        start::StoreSettings,
    },
};

impl From<NotBegun> for Failure {
    fn from(error: NotBegun) -> Failure {
        match error {
            NotBegun::Refused(what) => Failure::usage(what),
            NotBegun::Fault(fault) => Failure::from(fault),
        }
    }
}

pub(super) fn run(args: &NewEpochArgs, out: &mut dyn Write) -> Outcome {
    if !args.i_know_entries_are_lost {
        let plan = epoch::plan(&args.dir, &args.origin)?;
        say(args, &plan, false, out)?;
        return Err(Failure::new(
            Exit::NotNow,
            "nothing was changed; what is said above is done with --i-know-entries-are-lost",
        ));
    }
    let root = given_verifier(args.root.as_deref())?;
    let note = args.statement.as_ref().map(|path| read(path)).transpose()?;
    let stated = note.as_deref().zip(root.as_ref()).map(|(note, root)| Stated { note, root });
    let plan = epoch::begin(&args.dir, &args.origin, stated, &StoreSettings::default())?;
    say(args, &plan, true, out)?;
    Ok(Exit::Ok)
}

fn say(args: &NewEpochArgs, plan: &Plan, done: bool, out: &mut dyn Write) -> std::io::Result<()> {
    let root = BASE64.encode(plan.root);
    if args.json {
        let json = json!({
            "done": done,
            "epoch": plan.number,
            "origin": plan.origin,
            "vkey": plan.key.vkey(),
            "old_vkey": plan.old_key.vkey(),
            "from": plan.from,
            "root": root,
            "lost_to": plan.lost_to,
            "signed": plan.signed,
        });
        return writeln!(out, "{json}");
    }
    let there = plan.from;
    writeln!(out, "{there} entries are there; the old key signed {} entries", plan.signed)?;
    match plan.lost_to.saturating_sub(there) {
        0 => writeln!(out, "no entry is known to be lost")?,
        1 => writeln!(out, "lost: entry {there}")?,
        _ => writeln!(out, "lost: entries {there} to {}", plan.lost_to.saturating_sub(1))?,
    }
    writeln!(out, "old key: {}", plan.old_key.vkey())?;
    writeln!(out, "new key: {}", plan.key.vkey())?;
    if done {
        writeln!(out, "ok: epoch {} of {} began with entry {there}", plan.number, plan.origin)
    } else {
        writeln!(
            out,
            "for the root key: ostoja root sign --from {there} --tree {root} --log {}",
            plan.key.vkey()
        )
    }
}
