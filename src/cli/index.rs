//! `ostoja index …`: the index is derived from the journal, so it can be compared with it and made
//! again from it.

use std::{
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::{Args, Subcommand};
use serde_json::json;

use crate::{
    cli::{Exit, Failure, Outcome, archive::Archive},
    kernel::store::{
        Store,
        record::KindInfo,
        start::{self, StartReport, StoreSettings},
    },
};

/// Verbs of `ostoja index`.
#[derive(Debug, Subcommand)]
pub enum IndexVerb {
    /// Compare the index with the journal
    ///
    /// Derives the whole index from the journal in memory and compares key by key. The daemon must be
    /// stopped. Nothing is lost if they differ: 'ostoja index rebuild' makes the index again.
    ///
    /// Example: ostoja index check --dir /var/lib/ostoja
    Check(IndexArgs),
    /// Make the index again from the journal
    ///
    /// Throws the index away and derives it anew. The daemon must be stopped. It does the same by itself
    /// when it finds the index damaged.
    ///
    /// Example: ostoja index rebuild --dir /var/lib/ostoja
    Rebuild(IndexArgs),
}

#[derive(Debug, Args)]
pub struct IndexArgs {
    /// Data directory
    #[arg(long, value_name = "DIR")]
    pub dir: PathBuf,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

impl IndexVerb {
    /// Carries the verb out. `kinds` are the kinds of records that services keep.
    ///
    /// # Errors
    /// One sentence that says what to do.
    pub fn run(&self, kinds: &[&[KindInfo]], out: &mut dyn Write) -> Outcome {
        match self {
            IndexVerb::Check(args) => check(args, kinds, out),
            IndexVerb::Rebuild(args) => rebuild(args, kinds, out),
        }
    }
}

fn check(args: &IndexArgs, kinds: &[&[KindInfo]], out: &mut dyn Write) -> Outcome {
    let (store, report) = open(&args.dir, kinds)?;
    let check = store.check_index();
    store.close();
    let check = check?;
    let same = check.differences.is_empty();
    if args.json {
        let rebuilt = report.rebuilt;
        writeln!(
            out,
            "{}",
            json!({ "ok": same, "entries": check.entries, "keys": check.keys, "rebuilt": rebuilt,
                "differences": check.differences })
        )?;
    } else {
        if let Some(why) = report.rebuild_reason.filter(|_| report.rebuilt) {
            writeln!(out, "the index was made again before the check: {why}")?;
        }
        for difference in &check.differences {
            writeln!(out, "differs (live / from the journal): {difference}")?;
        }
        if same {
            writeln!(
                out,
                "ok: {} keys from {} entries, all as the journal says",
                check.keys, check.entries
            )?;
        } else {
            writeln!(out, "failed: the index differs; 'ostoja index rebuild' makes it again")?;
        }
    }
    Ok(if same { Exit::Ok } else { Exit::Finding })
}

fn rebuild(args: &IndexArgs, kinds: &[&[KindInfo]], out: &mut dyn Write) -> Outcome {
    let archive = Archive::open(&args.dir)?;
    {
        let _alone = lock(archive.data())?;
        for name in ["index", "index.new"] {
            let path = archive.data().join(name);
            if path.exists() {
                std::fs::remove_dir_all(&path)
                    .map_err(|error| Failure::io(path.display(), &error))?;
            }
        }
    }
    let (store, report) = open(&args.dir, kinds)?;
    store.close();
    if args.json {
        writeln!(out, "{}", json!({ "ok": true, "entries": report.entries }))?;
    } else {
        writeln!(out, "ok: the index was made again from {} entries", report.entries)?;
    }
    Ok(Exit::Ok)
}

fn open(data: &Path, kinds: &[&[KindInfo]]) -> Result<(Arc<Store>, StartReport), Failure> {
    let archive = Archive::open(data)?;
    drop(lock(archive.data())?);
    Ok(start::open(data, kinds, &StoreSettings::default())?)
}

fn lock(data: &Path) -> Result<start::DataLock, Failure> {
    start::lock(data).map_err(|fault| {
        Failure::new(Exit::Busy, format!("{fault}; stop the daemon first: systemctl stop ostoja"))
    })
}
