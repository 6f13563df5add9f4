//! `ostoja catalogue import`: a definition from a file, with what it changes.

use std::path::PathBuf;

use super::{
    Dir, complain,
    exit::{self, Exit},
    say,
};
use crate::{
    kernel::store::start::{self, StoreSettings},
    services::{
        self,
        catalogue::import::{Comparison, ImportError, compare, import},
    },
};

/// What to do with definitions.
#[derive(clap::Subcommand)]
pub enum Verb {
    /// Show what a definition file changes, and enter it.
    ///
    /// The daemon must be stopped. Example:
    /// ostoja catalogue import --dir /var/lib/ostoja srod-drzewa-zgl.toml
    Import {
        #[command(flatten)]
        dir: Dir,
        /// The definition, as TOML.
        file: PathBuf,
        /// Only show the differences.
        #[arg(long)]
        dry_run: bool,
    },
}

/// Runs it.
pub fn run(verb: &Verb) -> Exit {
    let Verb::Import { dir, file, dry_run } = verb;
    let source = match std::fs::read_to_string(file) {
        Ok(source) => source,
        Err(error) => return complain(Exit::Usage, format!("{}: {error}", file.display())),
    };
    let (store, _) = match start::open(&dir.dir, &services::kinds(), &StoreSettings::default()) {
        Ok(opened) => opened,
        Err(fault) => return complain(exit::of(&fault), fault),
    };
    let done = compare(&store.view(), &source).and_then(|comparison| {
        show(&comparison);
        if *dry_run { Ok(None) } else { import(&store, &source) }
    });
    store.close();
    match done {
        Ok(Some(entry)) => {
            say(format!("imported as entry {}", entry.seq));
            Exit::Ok
        }
        Ok(None) => {
            say("nothing was entered");
            Exit::Ok
        }
        Err(ImportError::Faulty(faults)) => {
            for fault in &faults {
                complain(Exit::Usage, format!("{}: {fault}", file.display()));
            }
            Exit::Usage
        }
        Err(ImportError::Fault(fault)) => complain(exit::of(&fault), fault),
        Err(error @ (ImportError::NotNewer { .. } | ImportError::Refused(_))) => {
            complain(Exit::Finding, error)
        }
    }
}

fn show(comparison: &Comparison) {
    let Comparison { definition, differences, standing } = comparison;
    match standing {
        None => say(format!(
            "{} version {}: new, {} values",
            definition.id,
            definition.version,
            differences.len()
        )),
        Some(standing) => {
            say(format!(
                "{}: version {standing} -> {}, {} differences",
                definition.id,
                definition.version,
                differences.len()
            ));
            for difference in differences {
                say(format!(
                    "  {}: {} -> {}",
                    difference.path,
                    difference.before.as_deref().unwrap_or("(none)"),
                    difference.after.as_deref().unwrap_or("(none)")
                ));
            }
        }
    }
}
