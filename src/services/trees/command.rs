//! What can be done in a case, and what a decision about it consists of.

use jiff::civil::Date;

use super::super::catalogue::Message;
use super::state::{
    Capacity, CaseState, Channel, Check, Ground, Person, Position, SuspensionGround, Track,
};
use crate::kernel::identity::PersonId;

/// An act in a case. Dates are the legal dates of the act; "today" is handed to the rules apart from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// The notice reaches the office.
    Submit {
        received_on: Date,
        trees: Vec<u64>,
    },
    /// A clerk takes the case.
    Take,
    /// The notice is complete.
    Accept,
    /// An order (track A) or a summons (track B) is issued.
    Call {
        track: Track,
        missing: Vec<String>,
        issued_on: Date,
    },
    CallServed {
        on: Date,
    },
    /// What was missing arrives; the term is kept by the day it was sent (KPA 57 § 5).
    Supplement {
        sent_on: Date,
        received_on: Date,
    },
    /// The term to supplement ran out.
    NoteLapse,
    Forward {
        to: String,
        reason: String,
        on: Date,
    },
    RefuseToOpen {
        reason: String,
        on: Date,
    },
    PlanInspection {
        on: Date,
        served_on: Date,
    },
    Inspect(Inspection),
    Object(ObjectionAct),
    ObjectionServed {
        trees: Vec<u64>,
        on: Date,
    },
    Appeal {
        trees: Vec<u64>,
        sent_on: Date,
        received_on: Date,
    },
    /// The appeal body sent the matter back.
    Remand {
        trees: Vec<u64>,
        files_arrived_on: Date,
    },
    /// The appeal body quashed the objection and ended the matter.
    Quash {
        trees: Vec<u64>,
        on: Date,
    },
    MakeFinal {
        trees: Vec<u64>,
        how: Finality,
        on: Date,
    },
    Certify {
        trees: Vec<u64>,
        on: Date,
        requested: bool,
        fee_proof: Option<String>,
    },
    /// The term for an objection passed and the outgoing register is closed for its last day.
    NoteSilence {
        trees: Vec<u64>,
        register_closed_through: Date,
    },
    Discontinue {
        trees: Vec<u64>,
        cause: Cause,
        remark: String,
        on: Date,
    },
    Suspend {
        ground: SuspensionGround,
        on: Date,
    },
    Resume {
        on: Date,
    },
    Withdraw {
        on: Date,
    },
    ReportRemoval {
        trees: Vec<u64>,
        on: Date,
    },
    NoteExpiry {
        trees: Vec<u64>,
    },
    /// A look into a register.
    RecordCheck(Check),
    AddParty(PartyEntry),
    StrikeParty {
        n: u64,
        reason: String,
        by: PersonId,
    },
    /// A picture of the inspection; the file itself is the entry's business.
    AddPhoto {
        tree: u64,
    },
}

/// A party as a clerk enters it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartyEntry {
    pub name: String,
    pub address: String,
    pub capacity: Capacity,
    pub words: String,
    pub by: PersonId,
}

/// An inspection that was held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection {
    pub on: Date,
    pub place: String,
    /// Who attended, and in what capacity.
    pub persons: Vec<Person>,
    pub findings: Vec<Finding>,
    /// The reference of the signed record; it is mandatory (ust. 7).
    pub protocol: String,
}

/// What was established about one tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub tree: u64,
    pub gone: bool,
    pub species: String,
    pub stems_5_mm: Vec<u32>,
    /// Not demanded by the statute; needed for the criteria of monuments and for a later fee.
    pub stems_130_mm: Vec<u32>,
    pub position: Option<Position>,
    pub remarks: String,
}

/// An objection as it was dispatched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectionAct {
    pub trees: Vec<u64>,
    pub ground: Ground,
    pub signed_on: Date,
    pub dispatched_on: Date,
    pub channel: Channel,
    pub evidence: String,
    pub signatory: String,
    pub doubt: Option<String>,
}

/// How an objection became final.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Finality {
    /// Nobody appealed in time.
    Lapse,
    /// The party waived the appeal (KPA 127a).
    Waiver,
    /// The appeal body upheld it.
    Upheld,
}

/// Why the proceedings about a tree are pointless.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    UnderThreshold,
    /// Another exemption; the remark names it.
    Exempt,
    Gone,
}

/// What follows from a permitted act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    pub state: CaseState,
    /// Papers to write now.
    pub papers: Vec<Paper>,
    /// What the clerk should know; none of it stops the act.
    pub cautions: Vec<Caution>,
}

/// A paper of the definition's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Paper {
    Initiation,
    SupplementOrder,
    Summons,
    Forwarding,
    RefusalToOpen,
    InspectionRecord,
    Objection,
    Certificate,
    SilenceNote,
    Discontinuance,
    Suspension,
    Resumption,
    Delay,
    LeftUnexamined,
}

/// A remark to the clerk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Caution {
    /// A letter posted on the last day may still be under way.
    PostMayBeUnderWay,
    InspectionAfterTerm,
    InspectionNotPlanned,
    /// Seven days are the letter of KPA 79, eight are safe.
    NoticeTight,
    /// Held with less than seven days' notice.
    NoticeShort,
    DispatchInDoubt,
    HybridMargin,
    /// This ground belongs to the conservator of monuments.
    ConservatorsGround,
    /// Nobody looked up whether the ground is there.
    GroundNotChecked,
    /// The last look into the register did not find it.
    CheckDisagrees,
    /// Every party is told that the matter is open (KPA 61 § 4).
    NotifyParties,
    FeeNotShown,
    AppealLate,
    ValidityOver,
    /// The objection was about a tree nobody inspected: the inspection comes now.
    InspectionStillDue,
    /// Other parties may object to the end of the proceedings (KPA 105 § 2).
    OtherParties,
    SpeciesProtection,
}

impl Paper {
    pub const ALL: [Paper; 14] = [
        Paper::Initiation,
        Paper::SupplementOrder,
        Paper::Summons,
        Paper::Forwarding,
        Paper::RefusalToOpen,
        Paper::InspectionRecord,
        Paper::Objection,
        Paper::Certificate,
        Paper::SilenceNote,
        Paper::Discontinuance,
        Paper::Suspension,
        Paper::Resumption,
        Paper::Delay,
        Paper::LeftUnexamined,
    ];

    /// The id under which the definition describes it.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Paper::Initiation => "initiation",
            Paper::SupplementOrder => "supplement-order",
            Paper::Summons => "summons",
            Paper::Forwarding => "forwarding",
            Paper::RefusalToOpen => "refusal-to-open",
            Paper::InspectionRecord => "inspection-record",
            Paper::Objection => "objection",
            Paper::Certificate => "certificate",
            Paper::SilenceNote => "silence-note",
            Paper::Discontinuance => "discontinuance",
            Paper::Suspension => "suspension",
            Paper::Resumption => "resumption",
            Paper::Delay => "delay",
            Paper::LeftUnexamined => "left-unexamined",
        }
    }
}

impl Caution {
    pub const ALL: [Caution; 17] = [
        Caution::PostMayBeUnderWay,
        Caution::InspectionAfterTerm,
        Caution::InspectionNotPlanned,
        Caution::NoticeTight,
        Caution::NoticeShort,
        Caution::DispatchInDoubt,
        Caution::HybridMargin,
        Caution::ConservatorsGround,
        Caution::GroundNotChecked,
        Caution::CheckDisagrees,
        Caution::NotifyParties,
        Caution::FeeNotShown,
        Caution::AppealLate,
        Caution::ValidityOver,
        Caution::InspectionStillDue,
        Caution::OtherParties,
        Caution::SpeciesProtection,
    ];

    #[must_use]
    pub fn message(self) -> Message {
        Message::new(match self {
            Caution::PostMayBeUnderWay => "trees-caution-post",
            Caution::InspectionAfterTerm => "trees-caution-inspection-late",
            Caution::InspectionNotPlanned => "trees-caution-inspection-unplanned",
            Caution::NoticeTight => "trees-caution-notice-tight",
            Caution::NoticeShort => "trees-caution-notice-short",
            Caution::DispatchInDoubt => "trees-caution-dispatch-doubt",
            Caution::HybridMargin => "trees-caution-hybrid",
            Caution::ConservatorsGround => "trees-caution-conservator",
            Caution::GroundNotChecked => "trees-caution-unchecked",
            Caution::CheckDisagrees => "trees-caution-check-disagrees",
            Caution::NotifyParties => "trees-caution-notify-parties",
            Caution::FeeNotShown => "trees-caution-fee",
            Caution::AppealLate => "trees-caution-appeal-late",
            Caution::ValidityOver => "trees-caution-validity-over",
            Caution::InspectionStillDue => "trees-caution-inspection-due",
            Caution::OtherParties => "trees-caution-other-parties",
            Caution::SpeciesProtection => "trees-caution-species",
        })
    }
}

impl Command {
    /// The action for permits and the audit view.
    #[must_use]
    pub fn action(&self) -> &'static str {
        match self {
            Command::Submit { .. } => "trees.submit",
            Command::Take => "trees.take",
            Command::Accept => "trees.accept",
            Command::Call { .. } => "trees.call",
            Command::CallServed { .. } => "trees.call-served",
            Command::Supplement { .. } => "trees.supplement",
            Command::NoteLapse => "trees.note-lapse",
            Command::Forward { .. } => "trees.forward",
            Command::RefuseToOpen { .. } => "trees.refuse",
            Command::PlanInspection { .. } => "trees.plan-inspection",
            Command::Inspect(_) => "trees.inspect",
            Command::Object(_) => "trees.object",
            Command::ObjectionServed { .. } => "trees.objection-served",
            Command::Appeal { .. } => "trees.appeal",
            Command::Remand { .. } => "trees.remand",
            Command::Quash { .. } => "trees.quash",
            Command::MakeFinal { .. } => "trees.make-final",
            Command::Certify { .. } => "trees.certify",
            Command::NoteSilence { .. } => "trees.note-silence",
            Command::Discontinue { .. } => "trees.discontinue",
            Command::Suspend { .. } => "trees.suspend",
            Command::Resume { .. } => "trees.resume",
            Command::Withdraw { .. } => "trees.withdraw",
            Command::ReportRemoval { .. } => "trees.report-removal",
            Command::NoteExpiry { .. } => "trees.note-expiry",
            Command::RecordCheck(_) => "trees.check",
            Command::AddParty(_) => "trees.add-party",
            Command::StrikeParty { .. } => "trees.strike-party",
            Command::AddPhoto { .. } => "trees.photo",
        }
    }
}
