//! Keys of a log beside the one that signs now: those of earlier epochs, in `log/earlier-vkeys`, and what
//! its root key has stated, in `log/statements` (docs/format.md, section 8).
//!
//! Both are public. Neither is needed to serve: what is wrong with one is said, and it is not shown.

use std::{
    io,
    path::{Path, PathBuf},
};

use crate::kernel::{
    durable::{Disk, write_whole},
    journal::JournalError,
    log::{
        checkpoint::{self, Log},
        note::Verifier,
        statement::Statements,
    },
};

impl Log {
    /// Keys of earlier epochs, oldest first.
    ///
    /// # Errors
    /// As [`earlier`].
    pub fn earlier_keys(&self) -> Result<Vec<Verifier>, JournalError> {
        let (disk, data) = self.place();
        earlier(disk, data)
    }

    /// What the root key has stated.
    ///
    /// # Errors
    /// As [`statements`].
    pub fn statements(&self) -> Result<Statements, JournalError> {
        let (disk, data) = self.place();
        statements(disk, data)
    }

    /// Says in the log what is wrong with either, once at the start.
    pub fn look_at_keys(&self) {
        if let Err(error) = self.earlier_keys() {
            tracing::error!(%error, "keys of earlier epochs are not shown");
        }
        match self.statements() {
            Err(error) => tracing::error!(%error, "statements of the root key are not shown"),
            Ok(statements) => {
                let newest = statements.newest().map(|(statement, _)| &statement.key);
                if newest.is_some_and(|key| *key != self.verifier()) {
                    tracing::warn!(
                        "the newest statement of the root key is not about the key that signs now"
                    );
                }
            }
        }
    }
}

/// `log/earlier-vkeys`, of a data directory.
pub fn earlier_path(data: &Path) -> PathBuf {
    checkpoint::directory(data).join("earlier-vkeys")
}

/// `log/statements`, of a data directory.
pub fn statements_path(data: &Path) -> PathBuf {
    checkpoint::directory(data).join("statements")
}

/// Keys of earlier epochs, oldest first, one a line.
///
/// # Errors
/// The device failed, or a line is no key.
pub fn earlier(disk: &dyn Disk, data: &Path) -> Result<Vec<Verifier>, JournalError> {
    let text = text_of(disk, &earlier_path(data), "log/earlier-vkeys")?;
    let keys = text.lines().map(Verifier::parse).collect::<Result<Vec<_>, _>>();
    let keys =
        keys.map_err(|error| JournalError::damage("log/earlier-vkeys", error.to_string()))?;
    if lines_of(&keys) == text {
        Ok(keys)
    } else {
        Err(JournalError::damage("log/earlier-vkeys", "it is not one key a line"))
    }
}

fn lines_of(keys: &[Verifier]) -> String {
    keys.iter().map(|key| format!("{}\n", key.vkey())).collect()
}

/// Keeps the public part of a key that will sign no more.
///
/// # Errors
/// The device failed, or what is kept is damaged.
pub fn keep_earlier(disk: &dyn Disk, data: &Path, key: &Verifier) -> Result<(), JournalError> {
    let mut keys = earlier(disk, data)?;
    if keys.contains(key) {
        return Ok(());
    }
    keys.push(key.clone());
    write_whole(disk, &earlier_path(data), lines_of(&keys).as_bytes())
        .map_err(JournalError::io("writing log/earlier-vkeys"))
}

/// What the root key has stated; their form is checked, their signatures are not, because the root key is
/// not at hand.
///
/// # Errors
/// The device failed, or it is no chain of statements.
pub fn statements(disk: &dyn Disk, data: &Path) -> Result<Statements, JournalError> {
    let text = text_of(disk, &statements_path(data), "log/statements")?;
    Statements::parse(&text)
        .map_err(|error| JournalError::damage("log/statements", error.to_string()))
}

/// Puts statements in place.
///
/// # Errors
/// The device failed.
pub fn write_statements(
    disk: &dyn Disk,
    data: &Path,
    statements: &Statements,
) -> Result<(), JournalError> {
    write_whole(disk, &statements_path(data), statements.text().as_bytes())
        .map_err(JournalError::io("writing log/statements"))
}

fn text_of(disk: &dyn Disk, path: &Path, name: &str) -> Result<String, JournalError> {
    match disk.read(path) {
        Ok(bytes) => {
            String::from_utf8(bytes).map_err(|error| JournalError::damage(name, error.to_string()))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(JournalError::io(format!("reading {}", path.display()))(error)),
    }
}
