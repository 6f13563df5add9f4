//! Notice of intended tree removal (`srod-drzewa-zgl`), art. 83f ust. 4-20 of the act on nature conservation (UOP).
//!
//! For owners (natural persons) who want to remove a tree for no business purpose, and for the clerks who inspect
//! it and may object. Rules are those of the day on which the notice was delivered.
//!
//! ```text
//! DRAFT --submit--> FILED --forward--> FORWARDED          FILED --refuse--> REFUSED (61a)
//! FILED --formal call served--> KPA DEFECT --supplement--> FILED      --lapse--> LEFT UNEXAMINED
//! FILED --order served--> INCOMPLETE --supplement--> AWAITING         --lapse--> OBJECTION DUE --object--> OUTCOMES
//! FILED --accept--> AWAITING INSPECTION --inspect, all trees--> OUTCOMES
//!
//! per tree: NOTICED --inspect--> INSPECTED --certify--> CERTIFIED ------------+
//!           INSPECTED --term over, register closed--> SILENT CONSENT ---------+--remove--> REMOVED
//!           INSPECTED --object--> OBJECTED --final--> OBJECTION FINAL         +--6 months--> EXPIRED
//!           OBJECTED --remand--> INSPECTED        OBJECTED --quash--> NO OBJECTION
//!           INSPECTED --discontinue--> DISCONTINUED        any open --withdraw--> WITHDRAWN
//! ```
//!
//! A tree may be removed only from CERTIFIED, SILENT CONSENT and NO OBJECTION, within six months of its
//! inspection; missing the 21 days for the inspection gives nobody a right.
//! States, rules, clocks and the keys of the sentences are pure; `model` is what is stored, `common` is where
//! stored meets pure; `resident` and `office` are the two sides of the counter.

mod clocks;
mod command;
mod common;
mod deadlines;
mod demo;
pub mod model;
mod office;
mod refusal;
mod resident;
mod rules;
mod ruleset;
mod state;
#[cfg(test)]
mod tests;
mod timeline;
mod uploads;
mod wording;

pub use clocks::{
    Alarm, Clock, ClockName, ClockState, Future, FutureStep, alarms, clocks, timeline_future,
};
pub use command::{
    Cause, Caution, Command, Decision, Finality, Finding, Inspection, ObjectionAct, Paper,
    PartyEntry,
};
pub use deadlines::{Removal, Standing, removal, standing};
pub use demo::{DRAFT_REASON, draft, populate};
pub use refusal::{Refusal, Refused};
pub use rules::decide;
pub use ruleset::{MissingTerm, TreeRules};
pub use state::{
    Call, Capacity, CaseState, Certificate, Channel, Check, CheckOf, CheckResult, Ground,
    HeldInspection, Objection, Party, Person, PlanPlace, PlannedInspection, Position, Signature,
    Stage, Struck, Suspension, SuspensionGround, Track, Tree, TreeStage,
};

use crate::{
    kernel::store::record::KindInfo,
    web::{
        Service,
        i18n::Texts,
        service::{Audience, MenuEntry},
    },
};

/// The definition in the catalogue that this room serves.
pub const PROCEDURE: &str = "srod-drzewa-zgl";

/// Everything of the room.
pub static SERVICE: Service = Service {
    name: "trees",
    title: "resident-service",
    audience: Audience::Residents,
    routes: &[resident::ROUTES, office::ROUTES],
    actions: &[resident::ACTIONS, office::ACTIONS],
    kinds: &[KindInfo::of::<model::TreeCase>(), KindInfo::of::<model::CaseMessage>()],
    needs: &["catalogue"],
    texts: Texts {
        pl: concat!(
            include_str!("texts/pl.ftl"),
            "\n",
            include_str!("texts/resident.pl.ftl"),
            "\n",
            include_str!("texts/office.pl.ftl")
        ),
        en: concat!(
            include_str!("texts/en.ftl"),
            "\n",
            include_str!("texts/resident.en.ftl"),
            "\n",
            include_str!("texts/office.en.ftl")
        ),
        uk: concat!(
            include_str!("texts/uk.ftl"),
            "\n",
            include_str!("texts/resident.uk.ftl"),
            "\n",
            include_str!("texts/office.uk.ftl")
        ),
    },
    menu: &[MenuEntry { label: "trees-inbox", href: "/urzad/skrzynka", who: office::CLERKS }],
    home: None,
};
