//! The state machine of the tree notice: what may be done in which state, and what it makes of the case.
//!
//! Pure: a state, a command, a day and the rules in; a [`Decision`] or a [`Refused`] out.
//! Every function first collects all obstacles and then, if there are none, makes the new state; so the order of
//! precedence stands in one place (`refusal.rs`), and a refused command changes nothing.
//!
//! Who may do it is settled before, by permits; a decision of the office is signed by the mayor or an
//! authorised employee (KPA 107 § 1 pkt 8).

mod appeal;
mod filing;
mod inspection;
mod objection;
mod outcome;
mod records;

use jiff::civil::Date;

use super::command::{Caution, Command, Decision, Paper};
use super::refusal::{Obstacles, Refusal, Refused};
use super::ruleset::TreeRules;
use super::state::{CaseState, Stage, Tree, TreeStage};

/// Decides about one command.
///
/// # Errors
/// The first obstacle in the order of precedence.
pub fn decide(
    case: &CaseState,
    command: &Command,
    today: Date,
    rules: &TreeRules,
) -> Result<Decision, Refused> {
    let desk = Desk { case, today, rules };
    match command {
        Command::Submit { received_on, trees } => filing::submit(&desk, *received_on, trees),
        Command::Take => filing::take(&desk),
        Command::Accept => filing::accept(&desk),
        Command::Call { track, missing, issued_on } => {
            filing::call(&desk, *track, missing, *issued_on)
        }
        Command::CallServed { on } => filing::call_served(&desk, *on),
        Command::Supplement { sent_on, received_on } => {
            filing::supplement(&desk, *sent_on, *received_on)
        }
        Command::NoteLapse => filing::note_lapse(&desk),
        Command::Forward { to, reason, on } => filing::forward(&desk, to, reason, *on),
        Command::RefuseToOpen { reason, on } => filing::refuse(&desk, reason, *on),
        Command::PlanInspection { on, served_on } => inspection::plan(&desk, *on, *served_on),
        Command::Inspect(act) => inspection::inspect(&desk, act),
        Command::Object(act) => objection::object(&desk, act),
        Command::ObjectionServed { trees, on } => objection::served(&desk, trees, *on),
        Command::Appeal { trees, sent_on, received_on } => {
            appeal::appeal(&desk, trees, *sent_on, *received_on)
        }
        Command::Remand { trees, files_arrived_on } => {
            appeal::remand(&desk, trees, *files_arrived_on)
        }
        Command::Quash { trees, on } => appeal::quash(&desk, trees, *on),
        Command::MakeFinal { trees, how, on } => appeal::make_final(&desk, trees, *how, *on),
        Command::Certify { trees, on, requested, fee_proof } => {
            outcome::certify(&desk, trees, *on, *requested, fee_proof.as_ref())
        }
        Command::NoteSilence { trees, register_closed_through } => {
            outcome::note_silence(&desk, trees, *register_closed_through)
        }
        Command::Discontinue { trees, cause, remark, on } => {
            outcome::discontinue(&desk, trees, *cause, remark, *on)
        }
        Command::Suspend { ground, on } => outcome::suspend(&desk, *ground, *on),
        Command::Resume { on } => outcome::resume(&desk, *on),
        Command::Withdraw { on } => outcome::withdraw(&desk, *on),
        Command::ReportRemoval { trees, on } => outcome::report_removal(&desk, trees, *on),
        Command::NoteExpiry { trees } => outcome::note_expiry(&desk, trees),
        Command::RecordCheck(check) => records::check(&desk, check),
        Command::AddParty(entry) => records::add_party(&desk, entry),
        Command::StrikeParty { n, reason, by } => records::strike_party(&desk, *n, reason, *by),
        Command::AddPhoto { tree } => records::add_photo(&desk, *tree),
    }
}

/// What a rule looks at.
struct Desk<'a> {
    case: &'a CaseState,
    today: Date,
    rules: &'a TreeRules,
}

/// Whether a suspended case lets the act through: what concerns trees that already have their answer goes on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum WhenSuspended {
    Refuse,
    Allow,
}

impl Desk<'_> {
    /// The obstacles every act has in common, once the notice is filed.
    fn obstacles(&self, suspended: WhenSuspended) -> Obstacles {
        let mut obstacles = Obstacles::default();
        let case = self.case;
        obstacles.when(case.stage == Stage::Draft, Refusal::NotSubmitted);
        obstacles.when(
            case.stage != Stage::Draft && case.ruleset != self.rules.ruleset.id,
            Refusal::WrongRuleset,
        );
        obstacles.when(case.has_ended(), Refusal::CaseEnded);
        obstacles.when(
            case.suspended.is_some() && suspended == WhenSuspended::Refuse,
            Refusal::Suspended,
        );
        obstacles
    }

    fn in_stage(&self, obstacles: &mut Obstacles, stages: &[Stage]) {
        obstacles.when(!stages.contains(&self.case.stage), Refusal::WrongStage);
    }

    /// A date that can only be in the past, and not before what it follows.
    fn dated(&self, obstacles: &mut Obstacles, on: Date, after: Option<Date>) {
        obstacles.on(on > self.today, Refusal::DateInFuture, self.today);
        if let Some(cause) = after {
            obstacles.on(on < cause, Refusal::DateBeforeCause, cause);
        }
    }

    /// The trees that are named, each once and known.
    fn pick(&self, obstacles: &mut Obstacles, ids: &[u64]) -> Vec<&Tree> {
        obstacles.when(ids.is_empty(), Refusal::NoTrees);
        let mut picked: Vec<&Tree> = Vec::new();
        for id in ids {
            match self.case.tree(*id) {
                None => obstacles.tree(true, Refusal::UnknownTree, *id, None),
                Some(tree) => {
                    obstacles.tree(
                        picked.iter().any(|other| other.id == *id),
                        Refusal::RepeatedTree,
                        *id,
                        None,
                    );
                    picked.push(tree);
                }
            }
        }
        picked
    }

    /// The tree is inspected and nothing was decided about it.
    fn is_open(&self, obstacles: &mut Obstacles, tree: &Tree) {
        let why = match tree.stage {
            TreeStage::Inspected => return,
            TreeStage::Noticed => Refusal::NotInspected,
            TreeStage::Certified => Refusal::AlreadyCertified,
            TreeStage::Objected | TreeStage::ObjectionFinal => Refusal::AlreadyObjected,
            TreeStage::SilentConsent => Refusal::ConsentArisen,
            TreeStage::Discontinued
            | TreeStage::NoObjection
            | TreeStage::Removed
            | TreeStage::Expired
            | TreeStage::Withdrawn => Refusal::TreeSettled,
        };
        obstacles.tree(true, why, tree.id, None);
    }

    /// The new state, with the named trees changed.
    fn with_trees(&self, ids: &[u64], change: impl Fn(&mut Tree)) -> CaseState {
        let mut next = self.case.clone();
        next.trees.iter_mut().filter(|tree| ids.contains(&tree.id)).for_each(change);
        settle(&mut next);
        next
    }
}

/// The case is past its inspections when no tree waits for one.
fn settle(case: &mut CaseState) {
    if matches!(case.stage, Stage::AwaitingInspection | Stage::ObjectionDue)
        && case.trees.iter().all(|tree| tree.stage != TreeStage::Noticed)
    {
        case.stage = Stage::Outcomes;
    }
}

fn decided(state: CaseState) -> Decision {
    Decision { state, papers: Vec::new(), cautions: Vec::new() }
}

impl Decision {
    fn paper(mut self, paper: Paper) -> Decision {
        self.papers.push(paper);
        self
    }

    fn caution(mut self, holds: bool, caution: Caution) -> Decision {
        if holds && !self.cautions.contains(&caution) {
            self.cautions.push(caution);
        }
        self
    }
}

fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}
