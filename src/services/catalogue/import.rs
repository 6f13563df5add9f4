//! Importing a definition: read, check, compare, commit. Used by `ostoja catalogue import`.

use std::sync::Arc;

use super::{
    IMPORT,
    definition::{Definition, DefinitionError, Difference, differences},
    model::Procedure,
};
use crate::kernel::{
    identity::Actor,
    store::{Change, Fault, Op, Refusal, Store, View, desk::Durable, view::VersionAt},
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

impl Comparison {
    /// Whether there is something to enter.
    ///
    /// # Errors
    /// The definition differs, but its version is not newer.
    pub fn is_news(&self) -> Result<bool, ImportError> {
        match self.standing {
            Some(_) if self.differences.is_empty() => Ok(false),
            Some(standing) if standing >= self.definition.version => {
                Err(ImportError::NotNewer { found: self.definition.version, standing })
            }
            _ => Ok(true),
        }
    }
}

/// The definition in force.
///
/// # Errors
/// The store is unwell, or what is stored is no definition of this program.
pub fn in_force(view: &View<'_>, id: &str) -> Result<Option<Arc<Definition>>, Fault> {
    match view.row::<Procedure>(&id.to_owned())? {
        None => Ok(None),
        Some(row) => view.made(VersionAt { seq: row.seq, body: row.body }, parse),
    }
}

/// The definition of one version: an application stays on the one it was filed on.
///
/// # Errors
/// As [`in_force`].
pub fn of_version(
    view: &View<'_>,
    id: &str,
    version: u32,
) -> Result<Option<Arc<Definition>>, Fault> {
    for at in view.history::<Procedure>(&id.to_owned())?.into_iter().rev() {
        let definition = view.made(at, parse)?;
        if definition.as_ref().is_some_and(|definition| definition.version == version) {
            return Ok(definition);
        }
    }
    Ok(None)
}

fn parse(procedure: Procedure) -> Result<Definition, Fault> {
    Definition::parse(&procedure.source).map_err(|faults| {
        let first = faults.first().map(ToString::to_string).unwrap_or_default();
        Fault::new(format!("stored definition {}: {first}", procedure.id))
    })
}

/// Compares a file with what is in force.
///
/// # Errors
/// The file is not a definition.
pub fn compare(view: &View<'_>, source: &str) -> Result<Comparison, ImportError> {
    let definition = Definition::parse(source).map_err(ImportError::Faulty)?;
    let standing = in_force(view, &definition.id)?;
    let differences = differences(standing.as_deref(), &definition);
    Ok(Comparison { definition, differences, standing: standing.map(|standing| standing.version) })
}

/// Enters a definition; nothing happens if it is the same as the one in force.
///
/// # Errors
/// The file is faulty, or its version is not newer.
pub fn import(store: &Store, source: &str) -> Result<Option<Durable>, ImportError> {
    let comparison = compare(&store.view(), source)?;
    if !comparison.is_news()? {
        return Ok(None);
    }
    let Comparison { definition, differences, .. } = comparison;
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
