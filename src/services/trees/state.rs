//! What is stored about a case of tree removal: plain, flat values.
//!
//! Dates are legal days in Europe/Warsaw; lengths of trunks are whole millimetres.
//! Whether a term has run out is never stored, it is computed from the dates (`clocks.rs`): time passes without
//! entries.
//! Nothing here decides anything.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::kernel::identity::PersonId;

/// Where the case as a whole stands. From [`Stage::Outcomes`] on, each tree has its own answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Stage {
    Draft,
    Filed,
    /// A formal defect; the resident was called to cure it (KPA 64 § 2).
    KpaDefect,
    /// An element of the notice is missing; the resident was ordered to supply it (UOP 83f ust. 9).
    Incomplete,
    /// It was not supplied: the authority must object (ust. 15 pkt 2).
    ObjectionDue,
    AwaitingInspection,
    /// Every tree was inspected or decided.
    Outcomes,
    Forwarded,
    /// Refusal to open (KPA 61a).
    Refused,
    LeftUnexamined,
    Withdrawn,
}

/// Where one tree stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum TreeStage {
    Noticed,
    Inspected,
    /// The proceedings were pointless (KPA 105 § 1).
    Discontinued,
    Certified,
    SilentConsent,
    Objected,
    ObjectionFinal,
    /// The objection was quashed and the appeal body ended the matter.
    NoObjection,
    Removed,
    /// Not removed in six months; a new notice is needed.
    Expired,
    Withdrawn,
}

/// The two ways in which a notice can be defective. They have different acts, clocks and ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Track {
    /// A: an element of ust. 5 is missing; an order, and an objection if it is not supplied.
    Element,
    /// B: signature, address, power of attorney; a summons, and the notice is left unexamined if it is not cured.
    Formal,
}

/// A call to complete the notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    pub track: Track,
    /// What is missing, as keys of the form or in the clerk's words.
    pub missing: Vec<String>,
    pub issued_on: Date,
    pub served_on: Option<Date>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedInspection {
    pub on: Date,
    /// When the party was told.
    pub served_on: Date,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum SuspensionGround {
    /// KPA 97: death, loss of capacity, a preliminary question.
    Mandatory,
    /// KPA 98: the party asked for it.
    OnRequest,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspension {
    pub on: Date,
    pub ground: SuspensionGround,
}

/// The grounds of an objection; the list of the statute is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Ground {
    /// Ust. 14 pkt 1 lit. a.
    MonumentRegister,
    /// Ust. 14 pkt 1 lit. b.
    LocalPlan,
    /// Ust. 14 pkt 1 lit. c.
    ProtectedArea,
    /// Ust. 14 pkt 2.
    NaturalMonument,
    /// Ust. 15 pkt 1.
    PermitNeeded,
    /// Ust. 15 pkt 2.
    NotSupplemented,
}

/// How a decision left the office.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Channel {
    /// Handed in at a post office of the designated operator (ust. 11).
    Post,
    /// The e-delivery address: the time of the proof of dispatch.
    Ade,
    /// The public hybrid service: the day the operator took the document over.
    Hybrid,
    /// By the office's own staff: the day it was really handed over.
    ByHand,
    OtherOperator,
    PortalAccount,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Objection {
    pub ground: Ground,
    pub signed_on: Date,
    /// The day that counts (ust. 11), never the day of the signature.
    pub dispatched_on: Date,
    pub channel: Channel,
    /// The proof of dispatch: an entry of the postal book, the id of an ADE evidence.
    pub evidence: String,
    pub signatory: String,
    /// Who accepted the risk of a dispatch between the raw and the shifted end of the term, and why.
    pub doubt: Option<String>,
    pub delivered_on: Option<Date>,
    pub appealed_on: Option<Date>,
    pub final_on: Option<Date>,
    /// The day on which the appeal body set it aside; from then on there is no objection.
    pub set_aside_on: Option<Date>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    pub on: Date,
    /// On request it costs a fee, ex officio it does not.
    pub requested: bool,
    pub fee_proof: Option<String>,
}

/// What the office looks up: whose the property is, and the grounds of ust. 14.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum CheckOf {
    /// In the register of land and buildings, or in the land register.
    Ownership,
    MonumentRegister,
    LocalPlan,
    ProtectedArea,
    /// The criteria of natural monuments: for each tree apart.
    NaturalMonument,
}

/// What a look into a register answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum CheckResult {
    Yes,
    No,
    Unclear,
}

/// Where a local plan says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanPlace {
    pub symbol: String,
    pub paragraph: String,
}

/// One look into a register, by one clerk on one day. A later one of the same thing stands in its place; both stay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    pub of: CheckOf,
    /// The trees it is about, if it is about trees.
    pub trees: Vec<u64>,
    pub result: CheckResult,
    pub plan: Option<PlanPlace>,
    /// What was found, in the clerk's words.
    pub found: String,
    pub source: String,
    pub on: Date,
    #[serde(with = "person_text")]
    pub by: PersonId,
}

/// In what capacity somebody is a party.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Capacity {
    Owner,
    CoOwner,
    Agent,
    /// The words of the party say what.
    Other,
}

/// Somebody whom the matter concerns, apart from whoever gave the notice (KPA 28, 61 § 4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// Unique in the case, never given again.
    pub n: u64,
    pub name: String,
    /// Empty while nobody knows it.
    pub address: String,
    pub capacity: Capacity,
    pub words: String,
    pub since: Date,
    #[serde(with = "person_text")]
    pub by: PersonId,
    pub struck: Option<Struck>,
}

/// A party that turned out to be none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Struck {
    pub on: Date,
    pub reason: String,
    #[serde(with = "person_text")]
    pub by: PersonId,
}

/// Whether somebody who attended signed the record; who did not is explained in it (KPA 68 § 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Signature {
    Signed,
    Refused,
    AbsentAtSigning,
}

/// Somebody who attended an inspection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    pub name: String,
    pub capacity: String,
    pub signature: Signature,
    /// Why there is no signature; empty if there is one.
    pub reason: String,
}

/// An inspection as its record has it; what was found at each tree stands with the tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldInspection {
    pub on: Date,
    pub place: String,
    pub protocol: String,
    pub persons: Vec<Person>,
    pub trees: Vec<u64>,
}

/// Where a tree stands, in millionths of a degree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    pub latitude: i64,
    pub longitude: i64,
}

/// One tree of the notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tree {
    /// Unique in the case, given when the notice is filed.
    pub id: u64,
    pub stage: TreeStage,
    pub inspected_on: Option<Date>,
    /// The inspection found no tree.
    pub gone: bool,
    /// As established by the inspection, not as the resident wrote it.
    pub species: Option<String>,
    pub stems_5_mm: Vec<u32>,
    pub stems_130_mm: Vec<u32>,
    pub remarks: String,
    /// The day the 14 days are counted from: the inspection, or the arrival of the files after a remand.
    pub objection_from: Option<Date>,
    /// Days for which the 14 days stood still.
    pub pause_days: u16,
    pub objection: Option<Objection>,
    pub certificate: Option<Certificate>,
    /// The first day of the silent consent.
    pub silent_from: Option<Date>,
    pub removed_on: Option<Date>,
    /// When the resident told the office.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removal_reported_on: Option<Date>,
    /// The day of the note in the files (KPA 122e).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub silence_noted_on: Option<Date>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
}

/// A case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseState {
    /// The rules of the day of delivery; the case keeps them.
    pub ruleset: String,
    pub stage: Stage,
    /// The day on which the notice reached this office.
    pub delivered_on: Option<Date>,
    pub taken_on: Option<Date>,
    /// The day the 21 days are counted from; moves when a defect is cured.
    pub inspection_from: Option<Date>,
    pub inspection_pause_days: u16,
    pub call: Option<Call>,
    pub planned: Option<PlannedInspection>,
    pub suspended: Option<Suspension>,
    pub forwarded_to: Option<String>,
    /// The day on which the case ended as a whole, if it did.
    pub ended_on: Option<Date>,
    pub trees: Vec<Tree>,
    // Older cases have none of these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inspections: Vec<HeldInspection>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<Check>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parties: Vec<Party>,
}

/// A person in the text of a state: the id as it stands everywhere else.
mod person_text {
    use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

    use super::PersonId;

    pub(super) fn serialize<S: Serializer>(id: &PersonId, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(id)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<PersonId, D::Error> {
        let text = String::deserialize(from)?;
        PersonId::parse(&text).ok_or_else(|| D::Error::custom("not the id of a person"))
    }
}

impl Tree {
    #[must_use]
    pub fn noticed(id: u64) -> Tree {
        Tree {
            id,
            stage: TreeStage::Noticed,
            inspected_on: None,
            gone: false,
            species: None,
            stems_5_mm: Vec::new(),
            stems_130_mm: Vec::new(),
            remarks: String::new(),
            objection_from: None,
            pause_days: 0,
            objection: None,
            certificate: None,
            silent_from: None,
            removed_on: None,
            removal_reported_on: None,
            silence_noted_on: None,
            position: None,
        }
    }

    /// An objection that was not set aside.
    #[must_use]
    pub fn standing_objection(&self) -> Option<&Objection> {
        self.objection.as_ref().filter(|objection| objection.set_aside_on.is_none())
    }
}

impl CaseState {
    /// A case before its notice is filed.
    #[must_use]
    pub fn draft() -> CaseState {
        CaseState {
            ruleset: String::new(),
            stage: Stage::Draft,
            delivered_on: None,
            taken_on: None,
            inspection_from: None,
            inspection_pause_days: 0,
            call: None,
            planned: None,
            suspended: None,
            forwarded_to: None,
            ended_on: None,
            trees: Vec::new(),
            inspections: Vec::new(),
            checks: Vec::new(),
            parties: Vec::new(),
        }
    }

    /// The check that holds: the last that was entered of this thing, for this tree.
    #[must_use]
    pub fn check(&self, of: CheckOf, tree: Option<u64>) -> Option<&Check> {
        let about = |check: &&Check| {
            check.of == of
                && (check.trees.is_empty() || tree.is_some_and(|id| check.trees.contains(&id)))
        };
        self.checks.iter().rev().find(about)
    }

    /// The parties that were not struck.
    pub fn standing_parties(&self) -> impl Iterator<Item = &Party> {
        self.parties.iter().filter(|party| party.struck.is_none())
    }

    #[must_use]
    pub fn tree(&self, id: u64) -> Option<&Tree> {
        self.trees.iter().find(|tree| tree.id == id)
    }

    /// Whether the case ended as a whole, without answers per tree.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        matches!(
            self.stage,
            Stage::Forwarded | Stage::Refused | Stage::LeftUnexamined | Stage::Withdrawn
        )
    }
}

impl Ground {
    /// The place in the statute (UOP 83f).
    #[must_use]
    pub fn basis(self) -> &'static str {
        match self {
            Ground::MonumentRegister => "UOP art. 83f ust. 14 pkt 1 lit. a",
            Ground::LocalPlan => "UOP art. 83f ust. 14 pkt 1 lit. b",
            Ground::ProtectedArea => "UOP art. 83f ust. 14 pkt 1 lit. c",
            Ground::NaturalMonument => "UOP art. 83f ust. 14 pkt 2",
            Ground::PermitNeeded => "UOP art. 83f ust. 15 pkt 1",
            Ground::NotSupplemented => "UOP art. 83f ust. 15 pkt 2",
        }
    }

    /// What has to be looked up before the authority relies on it; the grounds of ust. 15 follow from the case.
    #[must_use]
    pub fn check(self) -> Option<CheckOf> {
        match self {
            Ground::MonumentRegister => Some(CheckOf::MonumentRegister),
            Ground::LocalPlan => Some(CheckOf::LocalPlan),
            Ground::ProtectedArea => Some(CheckOf::ProtectedArea),
            Ground::NaturalMonument => Some(CheckOf::NaturalMonument),
            Ground::PermitNeeded | Ground::NotSupplemented => None,
        }
    }

    /// Must the authority object, or may it?
    #[must_use]
    pub fn is_obligatory(self) -> bool {
        matches!(self, Ground::PermitNeeded | Ground::NotSupplemented)
    }
}

impl CheckOf {
    pub const ALL: [CheckOf; 5] = [
        CheckOf::Ownership,
        CheckOf::MonumentRegister,
        CheckOf::LocalPlan,
        CheckOf::ProtectedArea,
        CheckOf::NaturalMonument,
    ];

    /// Where the law asks for it.
    #[must_use]
    pub fn basis(self) -> &'static str {
        match self {
            CheckOf::Ownership => "UOP art. 83f ust. 4, KPA art. 220 § 1",
            CheckOf::MonumentRegister => Ground::MonumentRegister.basis(),
            CheckOf::LocalPlan => Ground::LocalPlan.basis(),
            CheckOf::ProtectedArea => Ground::ProtectedArea.basis(),
            CheckOf::NaturalMonument => Ground::NaturalMonument.basis(),
        }
    }
}
