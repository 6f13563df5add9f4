//! The keys of the sentences about states, acts and grounds; the sentences stand in `texts/`.

use super::super::catalogue::Message;
use super::command::{Cause, Command, Finality};
use super::deadlines::{Removal, Standing};
use super::state::{
    Capacity, Channel, CheckOf, CheckResult, Ground, Signature, Stage, SuspensionGround, Track,
    TreeStage,
};

impl Stage {
    #[must_use]
    pub fn message(self) -> Message {
        Message::new(match self {
            Stage::Draft => "trees-stage-draft",
            Stage::Filed => "trees-stage-filed",
            Stage::KpaDefect => "trees-stage-kpa-defect",
            Stage::Incomplete => "trees-stage-incomplete",
            Stage::ObjectionDue => "trees-stage-objection-due",
            Stage::AwaitingInspection => "trees-stage-awaiting-inspection",
            Stage::Outcomes => "trees-stage-outcomes",
            Stage::Forwarded => "trees-stage-forwarded",
            Stage::Refused => "trees-stage-refused",
            Stage::LeftUnexamined => "trees-stage-left-unexamined",
            Stage::Withdrawn => "trees-stage-withdrawn",
        })
    }
}

impl TreeStage {
    #[must_use]
    pub fn message(self) -> Message {
        Message::new(match self {
            TreeStage::Noticed => "trees-tree-noticed",
            TreeStage::Inspected => "trees-tree-inspected",
            TreeStage::Discontinued => "trees-tree-discontinued",
            TreeStage::Certified => "trees-tree-certified",
            TreeStage::SilentConsent => "trees-tree-silent-consent",
            TreeStage::Objected => "trees-tree-objected",
            TreeStage::ObjectionFinal => "trees-tree-objection-final",
            TreeStage::NoObjection => "trees-tree-no-objection",
            TreeStage::Removed => "trees-tree-removed",
            TreeStage::Expired => "trees-tree-expired",
            TreeStage::Withdrawn => "trees-tree-withdrawn",
        })
    }
}

impl Standing {
    #[must_use]
    pub fn message(self) -> Message {
        Message::new(match self {
            Standing::Draft => "trees-standing-draft",
            Standing::New => "trees-standing-new",
            Standing::KpaDefect => "trees-standing-kpa-defect",
            Standing::Incomplete => "trees-standing-incomplete",
            Standing::SupplementLapsed => "trees-standing-supplement-lapsed",
            Standing::ObjectionDue => "trees-standing-objection-due",
            Standing::AwaitingInspection => "trees-standing-awaiting-inspection",
            Standing::InspectionOverdue => "trees-standing-inspection-overdue",
            Standing::ObjectionTerm => "trees-standing-objection-term",
            Standing::SilenceToNote => "trees-standing-silence-to-note",
            Standing::Suspended => "trees-standing-suspended",
            Standing::Answered => "trees-standing-answered",
            Standing::Forwarded => "trees-standing-forwarded",
            Standing::Refused => "trees-standing-refused",
            Standing::LeftUnexamined => "trees-standing-left-unexamined",
            Standing::Withdrawn => "trees-standing-withdrawn",
        })
    }
}

impl Removal {
    /// The answer to the resident's question, in one sentence.
    #[must_use]
    pub fn message(self) -> Message {
        match self {
            Removal::Allowed { since, until } => {
                Message::new("trees-removal-allowed").date("since", since).date("until", until)
            }
            Removal::NotInspected => Message::new("trees-removal-not-inspected"),
            Removal::TermRunning { from } => {
                Message::new("trees-removal-term-running").date("from", from)
            }
            Removal::Suspended => Message::new("trees-removal-suspended"),
            Removal::RegisterOpen => Message::new("trees-removal-register-open"),
            Removal::Objected => Message::new("trees-removal-objected"),
            Removal::Expired { on } => Message::new("trees-removal-expired").date("on", on),
            Removal::Removed { on } => Message::new("trees-removal-removed").date("on", on),
            Removal::Discontinued => Message::new("trees-removal-discontinued"),
            Removal::Ended => Message::new("trees-removal-ended"),
        }
    }
}

impl Ground {
    #[must_use]
    pub fn message(self) -> Message {
        Message::new(match self {
            Ground::MonumentRegister => "trees-ground-monument-register",
            Ground::LocalPlan => "trees-ground-local-plan",
            Ground::ProtectedArea => "trees-ground-protected-area",
            Ground::NaturalMonument => "trees-ground-natural-monument",
            Ground::PermitNeeded => "trees-ground-permit-needed",
            Ground::NotSupplemented => "trees-ground-not-supplemented",
        })
    }
}

impl Channel {
    #[must_use]
    pub fn message(self) -> Message {
        Message::new(match self {
            Channel::Post => "trees-channel-post",
            Channel::Ade => "trees-channel-ade",
            Channel::Hybrid => "trees-channel-hybrid",
            Channel::ByHand => "trees-channel-by-hand",
            Channel::OtherOperator => "trees-channel-other-operator",
            Channel::PortalAccount => "trees-channel-portal-account",
        })
    }
}

impl Track {
    #[must_use]
    pub fn message(self) -> Message {
        Message::new(match self {
            Track::Element => "trees-track-element",
            Track::Formal => "trees-track-formal",
        })
    }
}

impl SuspensionGround {
    #[must_use]
    pub fn message(self) -> Message {
        Message::new(match self {
            SuspensionGround::Mandatory => "trees-suspension-mandatory",
            SuspensionGround::OnRequest => "trees-suspension-on-request",
        })
    }
}

impl Cause {
    #[must_use]
    pub fn message(self) -> Message {
        Message::new(match self {
            Cause::UnderThreshold => "trees-cause-under-threshold",
            Cause::Exempt => "trees-cause-exempt",
            Cause::Gone => "trees-cause-gone",
        })
    }
}

impl Finality {
    #[must_use]
    pub fn message(self) -> Message {
        Message::new(match self {
            Finality::Lapse => "trees-finality-lapse",
            Finality::Waiver => "trees-finality-waiver",
            Finality::Upheld => "trees-finality-upheld",
        })
    }
}

impl CheckOf {
    /// The question that the look into the register answers.
    #[must_use]
    pub fn message(self) -> Message {
        Message::new(match self {
            CheckOf::Ownership => "trees-check-ownership",
            CheckOf::MonumentRegister => "trees-check-monument-register",
            CheckOf::LocalPlan => "trees-check-local-plan",
            CheckOf::ProtectedArea => "trees-check-protected-area",
            CheckOf::NaturalMonument => "trees-check-natural-monument",
        })
    }
}

impl CheckResult {
    #[must_use]
    pub fn message(self) -> Message {
        Message::new(match self {
            CheckResult::Yes => "trees-result-yes",
            CheckResult::No => "trees-result-no",
            CheckResult::Unclear => "trees-result-unclear",
        })
    }
}

impl Capacity {
    #[must_use]
    pub fn message(self) -> Message {
        Message::new(match self {
            Capacity::Owner => "trees-capacity-owner",
            Capacity::CoOwner => "trees-capacity-coowner",
            Capacity::Agent => "trees-capacity-agent",
            Capacity::Other => "trees-capacity-other",
        })
    }
}

impl Signature {
    #[must_use]
    pub fn message(self) -> Message {
        Message::new(match self {
            Signature::Signed => "trees-signature-signed",
            Signature::Refused => "trees-signature-refused",
            Signature::AbsentAtSigning => "trees-signature-absent",
        })
    }
}

impl Command {
    /// The line of the timeline once it was done.
    #[must_use]
    pub fn message(&self) -> Message {
        Message::new(match self {
            Command::Submit { .. } => "trees-done-submit",
            Command::Take => "trees-done-take",
            Command::Accept => "trees-done-accept",
            Command::Call { track: Track::Element, .. } => "trees-done-call-element",
            Command::Call { track: Track::Formal, .. } => "trees-done-call-formal",
            Command::CallServed { .. } => "trees-done-call-served",
            Command::Supplement { .. } => "trees-done-supplement",
            Command::NoteLapse => "trees-done-note-lapse",
            Command::Forward { .. } => "trees-done-forward",
            Command::RefuseToOpen { .. } => "trees-done-refuse",
            Command::PlanInspection { .. } => "trees-done-plan-inspection",
            Command::Inspect(_) => "trees-done-inspect",
            Command::Object(_) => "trees-done-object",
            Command::ObjectionServed { .. } => "trees-done-objection-served",
            Command::Appeal { .. } => "trees-done-appeal",
            Command::Remand { .. } => "trees-done-remand",
            Command::Quash { .. } => "trees-done-quash",
            Command::MakeFinal { .. } => "trees-done-make-final",
            Command::Certify { .. } => "trees-done-certify",
            Command::NoteSilence { .. } => "trees-done-note-silence",
            Command::Discontinue { .. } => "trees-done-discontinue",
            Command::Suspend { .. } => "trees-done-suspend",
            Command::Resume { .. } => "trees-done-resume",
            Command::Withdraw { .. } => "trees-done-withdraw",
            Command::ReportRemoval { .. } => "trees-done-report-removal",
            Command::NoteExpiry { .. } => "trees-done-note-expiry",
            Command::RecordCheck(_) => "trees-done-check",
            Command::AddParty(_) => "trees-done-add-party",
            Command::StrikeParty { .. } => "trees-done-strike-party",
            Command::AddPhoto { .. } => "trees-done-photo",
        })
    }
}
