//! `ostoja catalogue import`: a definition from a file, with what it changes.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::{
    Dir, complain,
    exit::{self, Exit},
    say,
};
use crate::{
    kernel::store::{
        Store,
        start::{self, StoreSettings},
    },
    services::{
        self,
        catalogue::{
            DefinitionError, Difference,
            import::{Comparison, ImportError, compare, import},
        },
    },
};

/// What to do with definitions.
#[derive(clap::Subcommand)]
pub enum Verb {
    /// Show what a definition file changes, and enter it.
    ///
    /// The daemon must be stopped. A file with faults, or with changes under a version that is not newer,
    /// is refused with exit code 1. Example:
    /// ostoja catalogue import --dir /var/lib/ostoja srod-drzewa-zgl.toml
    Import {
        #[command(flatten)]
        dir: Dir,
        /// The definition, as TOML.
        file: PathBuf,
        /// Only show the differences.
        #[arg(long)]
        dry_run: bool,
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
    },
}

/// What became of a file.
struct Done {
    comparison: Option<Comparison>,
    /// The number of the entry, `None` if nothing was entered.
    entered: Result<Option<u64>, ImportError>,
}

/// Runs it.
pub fn run(verb: &Verb) -> Exit {
    let Verb::Import { dir, file, dry_run, json } = verb;
    let source = match std::fs::read_to_string(file) {
        Ok(source) => source,
        Err(error) => return complain(Exit::Io, format!("{}: {error}", file.display())),
    };
    let (store, _) = match start::open(&dir.dir, &services::kinds(), &StoreSettings::default()) {
        Ok(opened) => opened,
        Err(fault) => return complain(exit::of(&fault), fault),
    };
    let done = carry_out(&store, &source, *dry_run);
    store.close();
    if *json {
        say(as_json(&done));
    } else if let Some(comparison) = &done.comparison {
        show(comparison);
    }
    conclude(done, file, *dry_run, *json)
}

fn carry_out(store: &Store, source: &str, dry_run: bool) -> Done {
    let comparison = match compare(&store.view(), source) {
        Ok(comparison) => comparison,
        Err(error) => return Done { comparison: None, entered: Err(error) },
    };
    let entered = match comparison.is_news() {
        Ok(true) if !dry_run => import(store, source).map(|entry| entry.map(|entry| entry.seq)),
        Ok(_) => Ok(None),
        Err(error) => Err(error),
    };
    Done { comparison: Some(comparison), entered }
}

/// The last line, and the code.
fn conclude(done: Done, file: &Path, dry_run: bool, json: bool) -> Exit {
    let said = |what: String| {
        if !json {
            say(what);
        }
        Exit::Ok
    };
    match (done.entered, done.comparison) {
        (Ok(Some(seq)), _) => said(format!("imported as entry {seq}")),
        (Ok(None), Some(Comparison { differences, standing: Some(standing), .. }))
            if differences.is_empty() =>
        {
            said(format!("unchanged: it is version {standing}, in force; nothing was entered"))
        }
        (Ok(None), _) if dry_run => said("dry run: nothing was entered".to_owned()),
        (Ok(None), _) => said("nothing was entered".to_owned()),
        (Err(ImportError::Faulty(faults)), _) => {
            for fault in &faults {
                complain(Exit::Finding, format!("{}: {fault}", file.display()));
            }
            Exit::Finding
        }
        (Err(ImportError::Fault(fault)), _) => complain(exit::of(&fault), fault),
        (Err(error @ (ImportError::NotNewer { .. } | ImportError::Refused(_))), _) => {
            complain(Exit::Finding, format!("{}: {error}", file.display()))
        }
    }
}

fn show(comparison: &Comparison) {
    let Comparison { definition, differences, standing } = comparison;
    let (id, version, count) = (&definition.id, definition.version, differences.len());
    let Some(standing) = standing else {
        return say(format!("{id} version {version}: new, {count} values"));
    };
    say(format!("{id}: version {standing} -> {version}, {count} differences"));
    for difference in differences {
        say(format!(
            "  {}: {} -> {}",
            difference.path,
            difference.before.as_deref().unwrap_or("(none)"),
            difference.after.as_deref().unwrap_or("(none)")
        ));
    }
}

/// `before` and `after` are null where the value is not there.
fn as_json(done: &Done) -> Value {
    let mut said = Map::from_iter([("ok".to_owned(), json!(done.entered.is_ok()))]);
    let mut put = |name: &str, value: Value| {
        said.insert(name.to_owned(), value);
    };
    if let Some(comparison) = &done.comparison {
        let Comparison { definition, differences, standing } = comparison;
        let one =
            |of: &Difference| json!({ "path": of.path, "before": of.before, "after": of.after });
        put("id", json!(definition.id));
        put("version", json!(definition.version));
        put("standing", json!(standing));
        put("differences", differences.iter().map(one).collect());
    }
    match &done.entered {
        Ok(entered) => put("entered", json!(entered)),
        Err(ImportError::Faulty(faults)) => {
            let one = |of: &DefinitionError| json!({ "line": of.line, "place": of.place, "reason": of.reason });
            put("faults", faults.iter().map(one).collect());
        }
        Err(error) => put("refused", json!(error.to_string())),
    }
    Value::Object(said)
}
