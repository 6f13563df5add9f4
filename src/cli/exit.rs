//! Exit codes, each with a name, and failures as one sentence.

use std::process::ExitCode;

use crate::kernel::{
    journal::JournalError,
    store::{Fault, FaultKind},
};

/// What a script can tell from the code alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done; for a check: all is well.
    Ok = 0,
    /// The check found something wrong, or what was to be proven does not hold.
    Finding = 1,
    /// The command was called wrongly.
    Usage = 2,
    /// The data directory is damaged, so that the command cannot be carried out.
    Damaged = 3,
    /// A file or a port cannot be opened, read or written.
    Io = 4,
    /// Another process uses the data directory.
    Busy = 5,
    /// The command is right, but this cannot be done now.
    NotNow = 6,
    /// A fault of the program itself.
    Fault = 7,
    /// There is a data directory already where one was to be made.
    Exists = 8,
}

/// The table of codes, for `--help`.
pub const EXIT_CODES: &str = "\
Exit codes:
  0 ok        done; for a check: all is well
  1 finding   a check found something wrong, or a proof does not hold
  2 usage     the command was called wrongly
  3 damaged   the data directory is damaged, the command could not be carried out
  4 io        a file or a port cannot be opened, read or written
  5 busy      another process uses the data directory
  6 not now   right, but not possible at this moment; the message says what to wait for
  7 fault     a fault of the program itself; please report it
  8 exists    there is a data directory already; it was not touched";

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

/// Why a verb was not carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{sentence}")]
pub struct Failure {
    pub exit: Exit,
    /// Says what is wrong and what to do.
    pub sentence: String,
}

impl Failure {
    pub fn new(exit: Exit, sentence: impl Into<String>) -> Failure {
        Failure { exit, sentence: sentence.into() }
    }

    /// A wrong argument.
    pub fn usage(sentence: impl Into<String>) -> Failure {
        Failure::new(Exit::Usage, sentence)
    }

    /// A file that cannot be read or written.
    pub fn io(what: impl std::fmt::Display, error: &std::io::Error) -> Failure {
        Failure::new(Exit::Io, format!("{what}: {error}; check the path and the permissions"))
    }
}

impl From<JournalError> for Failure {
    fn from(error: JournalError) -> Failure {
        match &error {
            JournalError::Damage { .. } => Failure::new(
                Exit::Damaged,
                format!(
                    "{error}; 'ostoja log verify' lists all damage; put back what is named from a copy of the data directory"
                ),
            ),
            JournalError::Io { source, .. } if source.kind() == std::io::ErrorKind::NotFound => {
                Failure::usage(format!("{error}; give a data directory with --dir"))
            }
            JournalError::Io { .. } => Failure::new(
                Exit::Io,
                format!("{error}; check the path, the permissions and the disk"),
            ),
            JournalError::Crypto(_) => Failure::new(Exit::Fault, error.to_string()),
        }
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Failure {
        let exit = of(&fault);
        let more = if exit == Exit::Damaged { "; 'ostoja log verify' says more" } else { "" };
        Failure::new(exit, format!("{fault}{more}"))
    }
}

/// Writing to a closed pipe is no failure: whoever read it has seen enough.
impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Failure {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            Failure::new(Exit::Ok, String::new())
        } else {
            Failure::new(Exit::Io, format!("writing the answer: {error}"))
        }
    }
}

/// The code of a fault.
pub fn of(fault: &Fault) -> Exit {
    match fault.1 {
        FaultKind::Program => Exit::Fault,
        FaultKind::Damage => Exit::Damaged,
        FaultKind::Device => Exit::Io,
        FaultKind::Busy => Exit::Busy,
        // As every verb that reads a data directory: `--dir`, or `data` of the configuration, is wrong.
        FaultKind::NoJournal => Exit::Usage,
        FaultKind::JournalExists => Exit::Exists,
    }
}
