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
//! This part is pure: states, rules, clocks and the keys of the sentences.

mod clocks;
mod command;
mod deadlines;
mod refusal;
mod rules;
mod ruleset;
mod state;
mod wording;

pub use clocks::{
    Alarm, Clock, ClockName, ClockState, Future, FutureStep, alarms, clocks, timeline_future,
};
pub use command::{
    Cause, Caution, Command, Decision, Finality, Finding, Inspection, ObjectionAct, Paper, Person,
};
pub use deadlines::{Removal, Standing, removal, standing};
pub use refusal::{Refusal, Refused};
pub use rules::decide;
pub use ruleset::{MissingTerm, TreeRules};
pub use state::{
    Call, CaseState, Certificate, Channel, Ground, Objection, PlannedInspection, Stage, Suspension,
    SuspensionGround, Track, Tree, TreeStage,
};

#[cfg(test)]
mod tests;
