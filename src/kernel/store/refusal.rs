//! What a decision can answer instead of a change: "no" with a reason the person can act on, or a
//! fault of ours.

/// What sort of problem: the command line leaves with a code for each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FaultKind {
    /// The program or the index failed.
    #[default]
    Program,
    /// A durable entry, or what a start rests on, is unreadable or gone.
    Damage,
    /// A file or a port cannot be opened, read or written.
    Device,
    /// Another process has the data directory.
    Busy,
    /// There is no journal where one is needed.
    NoJournal,
    /// There is a journal where one was to be made.
    JournalExists,
}

/// Our problem: the device, the index or the program failed. The person gets a reference number.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct Fault(pub String, pub FaultKind);

impl Fault {
    pub fn new(what: impl std::fmt::Display) -> Fault {
        Fault::of(FaultKind::Program, what)
    }

    /// A fault of a known sort.
    pub fn of(kind: FaultKind, what: impl std::fmt::Display) -> Fault {
        Fault(what.to_string(), kind)
    }
}

impl From<crate::kernel::journal::JournalError> for Fault {
    fn from(error: crate::kernel::journal::JournalError) -> Fault {
        use crate::kernel::journal::JournalError;
        let kind = match &error {
            JournalError::Damage { .. } => FaultKind::Damage,
            JournalError::Io { .. } => FaultKind::Device,
            JournalError::Crypto(_) => FaultKind::Program,
        };
        Fault::of(kind, error)
    }
}

impl From<crate::kernel::cbor::Malformed> for Fault {
    fn from(error: crate::kernel::cbor::Malformed) -> Fault {
        Fault::new(error)
    }
}

impl From<crate::kernel::crypto::CryptoFault> for Fault {
    fn from(error: crate::kernel::crypto::CryptoFault) -> Fault {
        Fault::new(error)
    }
}

/// What kind of "no".
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefusalKind {
    /// The rule says no; the person can act.
    Rule,
    /// Not theirs to do.
    Denied,
    /// It does not exist, or it is not theirs to see: the same answer.
    Unknown,
    /// The same submission key with other content.
    Conflict,
    /// Our problem.
    Fault(String),
}

/// "No", as one value that becomes a page, a problem document (RFC 9457) or an exit code. The code
/// names two texts: `refusal-<code>` says what is wrong, `refusal-<code>-do` what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub code: &'static str,
    pub kind: RefusalKind,
    /// Path of the form field it is about.
    pub field: Option<String>,
    /// Values that the sentence shows.
    pub args: Vec<(&'static str, String)>,
}

impl Refusal {
    /// The rule `code` says no.
    pub fn rule(code: &'static str) -> Refusal {
        Refusal { code, kind: RefusalKind::Rule, field: None, args: Vec::new() }
    }

    /// Not theirs to do.
    pub fn denied() -> Refusal {
        Refusal { code: "denied", kind: RefusalKind::Denied, field: None, args: Vec::new() }
    }

    /// Nothing there that they may see.
    pub fn unknown() -> Refusal {
        Refusal { code: "unknown", kind: RefusalKind::Unknown, field: None, args: Vec::new() }
    }

    /// The same form was already sent with other content.
    pub fn conflict() -> Refusal {
        Refusal { code: "conflict", kind: RefusalKind::Conflict, field: None, args: Vec::new() }
    }

    /// Names the field.
    #[must_use]
    pub fn on(mut self, field: impl Into<String>) -> Refusal {
        self.field = Some(field.into());
        self
    }

    /// Adds a value to the sentence.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl std::fmt::Display) -> Refusal {
        self.args.push((name, value.to_string()));
        self
    }
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Refusal {
        Refusal { code: "fault", kind: RefusalKind::Fault(fault.0), field: None, args: Vec::new() }
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code)?;
        if let RefusalKind::Fault(what) = &self.kind {
            write!(f, ": {what}")?;
        }
        self.args.iter().try_for_each(|(name, value)| write!(f, " {name}={value}"))
    }
}
