//! How the program leaves: one named code for each kind of end.

use std::process::ExitCode;

/// Exit codes, as `ostoja --help` lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done, and all is well.
    Ok = 0,
    /// Done, and something is not as it should be: the output says what.
    Finding = 1,
    /// The command line or a file given to it is wrong.
    Usage = 2,
    /// The data directory is damaged.
    Damaged = 3,
    /// The device or the system failed.
    Fault = 4,
    /// Another process holds the data directory.
    Busy = 5,
}

/// The table for `--help`.
pub const TABLE: &str = "Exit codes: 0 ok, 1 finding (the output says what), 2 usage, 3 damaged data, 4 fault of the device or system, 5 the data directory is in use.";

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

/// The exit of a fault, by what it says.
pub fn of(fault: &crate::kernel::store::Fault) -> Exit {
    if fault.0.contains("in use by another process") {
        Exit::Busy
    } else if fault.0.starts_with("damage in") {
        Exit::Damaged
    } else {
        Exit::Fault
    }
}
