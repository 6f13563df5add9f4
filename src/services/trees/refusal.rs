//! Why an act is not possible, and what to do instead.
//!
//! The order of the variants is the order of precedence: when several things stand in the way, the person is
//! told the first, because the later ones mean nothing before it is out of the way.

use jiff::civil::Date;

use super::super::catalogue::Message;

/// The closed list of obstacles, first things first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refusal {
    // The case.
    WrongRuleset,
    NotSubmitted,
    AlreadySubmitted,
    CaseEnded,
    Suspended,
    NotSuspended,
    CallPending,
    NoCall,
    WrongStage,
    // The trees.
    NoTrees,
    UnknownTree,
    RepeatedTree,
    AlreadyInspected,
    NotInspected,
    AlreadyCertified,
    AlreadyObjected,
    ConsentArisen,
    TreeSettled,
    NothingOpen,
    NotObjected,
    NotAppealed,
    AppealPending,
    NotServed,
    // The parties.
    UnknownParty,
    PartyKnown,
    // The dates.
    DateInFuture,
    DateBeforeCause,
    // The content.
    NothingNamed,
    ProtocolMissing,
    FindingIncomplete,
    SignatureUnexplained,
    CheckIncomplete,
    PartyIncomplete,
    NoticeTooShort,
    GroundDoesNotFit,
    ChannelDoesNotCount,
    DispatchBeforeSignature,
    EvidenceMissing,
    SignatoryMissing,
    CauseDoesNotFit,
    ListFull,
    // The terms.
    ObjectionTooLate,
    ObjectionInDoubt,
    CertificateTooLate,
    SupplementTooLate,
    TermLapsed,
    TermNotOver,
    RegisterOpen,
    RemovalNotAllowed,
    RemovalExpired,
}

/// An obstacle with the tree and the day it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    pub why: Refusal,
    pub tree: Option<u64>,
    /// The day the sentence names: the end of the term, the earliest possible day.
    pub day: Option<Date>,
}

/// Collects obstacles and keeps the one that comes first; the order of asking does not matter.
#[derive(Debug, Default)]
pub(super) struct Obstacles {
    first: Option<Refused>,
}

impl Obstacles {
    pub(super) fn when(&mut self, holds: bool, why: Refusal) {
        self.add(holds, Refused { why, tree: None, day: None });
    }

    pub(super) fn on(&mut self, holds: bool, why: Refusal, day: Date) {
        self.add(holds, Refused { why, tree: None, day: Some(day) });
    }

    pub(super) fn tree(&mut self, holds: bool, why: Refusal, tree: u64, day: Option<Date>) {
        self.add(holds, Refused { why, tree: Some(tree), day });
    }

    fn add(&mut self, holds: bool, refused: Refused) {
        if holds && self.first.is_none_or(|first| refused.why < first.why) {
            self.first = Some(refused);
        }
    }

    pub(super) fn clear(self) -> Result<(), Refused> {
        match self.first {
            Some(refused) => Err(refused),
            None => Ok(()),
        }
    }
}

impl Refused {
    /// What stands in the way.
    #[must_use]
    pub fn message(&self) -> Message {
        self.with_facts(Message::new(self.why.keys().0))
    }

    /// What to do instead.
    #[must_use]
    pub fn advice(&self) -> Message {
        self.with_facts(Message::new(self.why.keys().1))
    }

    /// Sentences use only the facts their obstacle has; the rule tables are said aloud in a test.
    fn with_facts(&self, message: Message) -> Message {
        let message = match self.tree {
            Some(tree) => message.number("tree", i64::try_from(tree).unwrap_or(i64::MAX)),
            None => message,
        };
        match self.day {
            Some(day) => message.date("day", day),
            None => message,
        }
    }
}

macro_rules! refusals {
    ($($name:ident => $code:literal),+ $(,)?) => {
        impl Refusal {
            /// All obstacles in their order of precedence.
            pub const ALL: &'static [Refusal] = &[$(Refusal::$name),+];

            /// A stable code for machines.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $(Refusal::$name => concat!("trees-", $code)),+ }
            }

            /// The keys of the sentence and of the advice.
            #[must_use]
            pub fn keys(self) -> (&'static str, &'static str) {
                match self {
                    $(Refusal::$name => (concat!("trees-refusal-", $code), concat!("trees-advice-", $code))),+
                }
            }
        }
    };
}

refusals! {
    WrongRuleset => "wrong-ruleset",
    NotSubmitted => "not-submitted",
    AlreadySubmitted => "already-submitted",
    CaseEnded => "case-ended",
    Suspended => "suspended",
    NotSuspended => "not-suspended",
    CallPending => "call-pending",
    NoCall => "no-call",
    WrongStage => "wrong-stage",
    NoTrees => "no-trees",
    UnknownTree => "unknown-tree",
    RepeatedTree => "repeated-tree",
    AlreadyInspected => "already-inspected",
    NotInspected => "not-inspected",
    AlreadyCertified => "already-certified",
    AlreadyObjected => "already-objected",
    ConsentArisen => "consent-arisen",
    TreeSettled => "tree-settled",
    NothingOpen => "nothing-open",
    NotObjected => "not-objected",
    NotAppealed => "not-appealed",
    AppealPending => "appeal-pending",
    NotServed => "not-served",
    UnknownParty => "unknown-party",
    PartyKnown => "party-known",
    DateInFuture => "date-in-future",
    DateBeforeCause => "date-before-cause",
    NothingNamed => "nothing-named",
    ProtocolMissing => "protocol-missing",
    FindingIncomplete => "finding-incomplete",
    SignatureUnexplained => "signature-unexplained",
    CheckIncomplete => "check-incomplete",
    PartyIncomplete => "party-incomplete",
    NoticeTooShort => "notice-too-short",
    GroundDoesNotFit => "ground-does-not-fit",
    ChannelDoesNotCount => "channel-does-not-count",
    DispatchBeforeSignature => "dispatch-before-signature",
    EvidenceMissing => "evidence-missing",
    SignatoryMissing => "signatory-missing",
    CauseDoesNotFit => "cause-does-not-fit",
    ListFull => "list-full",
    ObjectionTooLate => "objection-too-late",
    ObjectionInDoubt => "objection-in-doubt",
    CertificateTooLate => "certificate-too-late",
    SupplementTooLate => "supplement-too-late",
    TermLapsed => "term-lapsed",
    TermNotOver => "term-not-over",
    RegisterOpen => "register-open",
    RemovalNotAllowed => "removal-not-allowed",
    RemovalExpired => "removal-expired",
}
