//! Importing a definition: read, check, compare, commit. Used by `ostoja catalogue import`.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use super::{
    IMPORT,
    definition::{Definition, DefinitionError, Difference, differences},
    model::Procedure,
};
use crate::kernel::{
    crypto::{Hash, hash},
    identity::Actor,
    store::{Change, Fault, Op, Refusal, Store, View, desk::Durable},
};

/// Why a file was not imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// What is wrong with the file, all of it.
    #[error("the file is not a definition: {} faults", .0.len())]
    Faulty(Vec<DefinitionError>),
    /// The version in force is the same or newer.
    #[error(
        "version {found} is not newer than version {standing} in force; raise `version` in the file"
    )]
    NotNewer { found: u32, standing: u32 },
    #[error("{0}")]
    Fault(#[from] Fault),
    #[error("not imported: {0}")]
    Refused(Refusal),
}

/// A file, compared with what is in force.
pub struct Comparison {
    pub definition: Definition,
    pub differences: Vec<Difference>,
    pub standing: Option<u32>,
}

/// The definition in force, and the version of its record.
///
/// # Errors
/// The store is unwell, or what is stored is no definition of this program.
pub fn in_force(view: &View<'_>, id: &str) -> Result<Option<Definition>, Fault> {
    view.get::<Procedure>(&id.to_owned())?.map(|procedure| parse(&procedure)).transpose()
}

/// The definition of one version: an application stays on the one it was filed on.
///
/// # Errors
/// As [`in_force`].
pub fn of_version(view: &View<'_>, id: &str, version: u32) -> Result<Option<Definition>, Fault> {
    for at in view.history::<Procedure>(&id.to_owned())?.into_iter().rev() {
        if let Some(procedure) =
            view.version::<Procedure>(at)?.filter(|procedure| procedure.version == version)
        {
            return parse(&procedure).map(Some);
        }
    }
    Ok(None)
}

/// Definitions read before, by the hash of their text: the same text is the same definition, so this can
/// never disagree with the store.
static READ: Mutex<BTreeMap<Hash, Arc<Definition>>> = Mutex::new(BTreeMap::new());
/// A commune has a few hundred procedures at most; more than this many at once are read anew.
const READ_MAX: usize = 400;

fn parse(procedure: &Procedure) -> Result<Definition, Fault> {
    let key = hash(&[procedure.source.as_bytes()]);
    let known = READ.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
    if let Some(known) = known {
        return Ok(Definition::clone(&known));
    }
    let definition = Definition::parse(&procedure.source).map_err(|faults| {
        let first = faults.first().map(ToString::to_string).unwrap_or_default();
        Fault::new(format!("stored definition {}: {first}", procedure.id))
    })?;
    let mut read = READ.lock().unwrap_or_else(PoisonError::into_inner);
    if read.len() >= READ_MAX {
        read.clear();
    }
    read.insert(key, Arc::new(definition.clone()));
    Ok(definition)
}

/// Compares a file with what is in force.
///
/// # Errors
/// The file is not a definition.
pub fn compare(view: &View<'_>, source: &str) -> Result<Comparison, ImportError> {
    let definition = Definition::parse(source).map_err(ImportError::Faulty)?;
    let standing = in_force(view, &definition.id)?;
    let differences = differences(standing.as_ref(), &definition);
    Ok(Comparison { definition, differences, standing: standing.map(|standing| standing.version) })
}

/// Enters a definition; nothing happens if it is the same as the one in force.
///
/// # Errors
/// The file is faulty, or its version is not newer.
pub fn import(store: &Store, source: &str) -> Result<Option<Durable>, ImportError> {
    let Comparison { definition, differences, standing } = compare(&store.view(), source)?;
    if differences.is_empty() && standing.is_some() {
        return Ok(None);
    }
    if let Some(standing) = standing.filter(|standing| *standing >= definition.version) {
        return Err(ImportError::NotNewer { found: definition.version, standing });
    }
    let console = Actor::Console("catalogue import".to_owned());
    let committed = store.desk(console).commit(|_, authority| {
        let record = Procedure {
            id: definition.id.clone(),
            version: definition.version,
            source: source.to_owned(),
            imported: authority.now(),
            name: definition.name.pl.clone(),
        };
        let permit = authority.permit(&IMPORT, &[])?;
        Ok::<_, Refusal>(
            Change::new(permit, Op::put(&record))
                .because(format!("{} differences", differences.len())),
        )
    });
    match committed {
        Ok(ticket) => Ok(Some(ticket.wait().map_err(Fault::new)?)),
        Err(refused) => Err(ImportError::Refused(refused.wait().map_err(Fault::new)?)),
    }
}
