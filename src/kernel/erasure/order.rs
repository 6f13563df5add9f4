//! From a proposal to an order: each a change, decided on the state that the decision sees.

use jiff::Timestamp;
use uuid::Uuid;

use crate::kernel::{
    clock,
    crypto::Hash,
    erasure::{
        APPROVE, HOLD, LIFT, OFFICERS, ORDER, PROPOSE, SET_TERM, WITHDRAW,
        gather::{Gathered, gather, is_held, standing},
        records::{
            Approval, BY_STATE, Erasure, ErasureId, ErasureState, Ground, Hold, HoldId, Term,
        },
        rules::{self, Approved, Approving},
    },
    identity::{
        Actor, Authority, PersonId, Role, Who,
        action::allowed,
        evidence::Purpose,
        people::{Credential, CredentialId},
    },
    journal::{
        Seq,
        assertion::Given,
        entry::{self, Assertion, erasure_content},
    },
    limits::PAGE_ROWS_MAX,
    store::{
        Change, Fault, Op, Refusal, View, change::PasskeyEvidence, commit::pseudonym, keys::Key,
        record::FileId,
    },
};

const ADMINISTRATOR: Who = Who::Staff(&[Role::Administrator]);

/// The person who acts; only people do here.
fn who(authority: &Authority<'_>) -> Result<PersonId, Refusal> {
    match authority.actor() {
        Actor::Staff(person) => Ok(*person),
        _ => Err(Refusal::denied()),
    }
}

/// The order that a file's erasure would be, without assertions.
fn unsigned(gathered: &Gathered, ground: Ground, hold_check: Seq) -> entry::Erasure {
    entry::Erasure {
        targets: gathered.targets.clone(),
        ground: ground.name().to_owned(),
        assertions: Vec::new(),
        legal_hold_check: hold_check,
        target_leaves: gathered.leaves,
    }
}

/// Proposes to erase a file.
///
/// # Errors
/// The rules say no, or the actor may not.
pub fn propose(
    view: &View<'_>,
    authority: &Authority<'_>,
    id: ErasureId,
    file: FileId,
    ground: Ground,
    (basis, consent): (&str, &str),
) -> Result<Change, Refusal> {
    let permit = authority.permit(&PROPOSE, &[])?;
    let gathered = gather(view, file)?;
    let today = clock::date_in_poland(authority.now());
    rules::proposable(&standing(view, file, gathered.as_ref())?, ground, today)?;
    let gathered = gathered.ok_or_else(Refusal::unknown)?;
    let basis = rules::words(basis, "basis", "erasure-basis-empty")?;
    let consent = match rules::needs_consent(gathered.class, ground) {
        true => Some(rules::words(consent, "consent", "erasure-consent-empty")?),
        false => None,
    };
    let erasure = Erasure {
        id,
        file,
        class: gathered.class,
        label: gathered.label.clone(),
        ground,
        basis,
        consent,
        proposed_by: who(authority)?,
        proposed_at: authority.now(),
        hold_check: permit.seq,
        content: erasure_content(&unsigned(&gathered, ground, permit.seq)),
        entries: u32::try_from(gathered.targets.len()).unwrap_or(u32::MAX),
        bodies: gathered.bodies,
        blobs: gathered.blobs,
        partial: gathered.is_partial,
        approvals: Vec::new(),
        state: ErasureState::Proposed,
        order: None,
        ordered_at: None,
        done_at: None,
        withdrawn: None,
        uncertain: None,
    };
    Ok(Change::new(permit, Op::put(&erasure)))
}

/// What an approval is for: the same for everybody, and another one when the file has changed.
///
/// # Errors
/// There is no such proposal, or it is not what the file holds now.
pub fn approve_content(view: &View<'_>, id: ErasureId) -> Result<Hash, Refusal> {
    let erasure = view.get::<Erasure>(&id)?.ok_or_else(Refusal::unknown)?;
    if erasure.state != ErasureState::Proposed {
        return Err(Refusal::rule("erasure-not-proposed"));
    }
    Ok(erasure.content)
}

/// Whether a file is still what it was when its erasure was proposed.
pub fn is_unchanged(erasure: &Erasure, now: &Gathered) -> bool {
    erasure_content(&unsigned(now, erasure.ground, erasure.hold_check)) == erasure.content
}

/// Whoever approves: with which key, and what it signed.
pub struct Approver {
    pub key: CredentialId,
    pub evidence: PasskeyEvidence,
    /// The key's record if its counter moved.
    pub updated: Option<String>,
}

/// Approves a proposal. The second approval is the order.
///
/// # Errors
/// The rules say no, or the actor may not.
pub fn approve(
    view: &View<'_>,
    authority: &Authority<'_>,
    id: ErasureId,
    approver: Approver,
) -> Result<Change, Refusal> {
    let person = who(authority)?;
    authority.permit(&APPROVE, &[])?;
    let erasure = view.get::<Erasure>(&id)?.ok_or_else(Refusal::unknown)?;
    let gathered = gather(view, erasure.file)?;
    let order = gathered.as_ref().map(|it| unsigned(it, erasure.ground, erasure.hold_check));
    let before: Vec<PersonId> = erasure.approvals.iter().map(|it| it.person).collect();
    let approved = rules::approvable(&Approving {
        state: erasure.state,
        before: &before,
        person,
        is_unchanged: order.as_ref().map(erasure_content) == Some(erasure.content),
        is_held: is_held(view, erasure.file, gathered.as_ref())?,
        has_administrator: any_administrator(view, &before, person, authority.now())?,
        before_still_may: all_still_may(view, &erasure.approvals, authority.now())?,
    })?;
    if approver.evidence.content != erasure.content {
        return Err(Refusal::rule("confirm-changed"));
    }
    if !is_fit(&approver.evidence) {
        return Err(Refusal::rule("erasure-key-unfit"));
    }
    let (key, enrolment) = enrolled(view, approver.key, person)?;
    let mut erasure = erasure;
    let at = authority.now();
    erasure.approvals.push(Approval { person, at, enrolment, evidence: approver.evidence });
    let change = match (approved, order) {
        (Approved::Second, Some(order)) => {
            let permit = authority.permit(&ORDER, &[])?;
            let order = entry::Erasure { assertions: assertions(view, &erasure, at), ..order };
            erasure.state = ErasureState::Ordered;
            (erasure.order, erasure.ordered_at) = (Some(permit.seq), Some(at));
            Change::new(permit, Op::put(&erasure)).ordering(order)
        }
        _ => Change::new(authority.permit(&APPROVE, &[])?, Op::put(&erasure)),
    };
    Ok(match approver.updated {
        None => change,
        Some(passkey) => change.and(Op::put(&Credential { passkey, ..key })),
    })
}

/// Whether whoever audits the order will take the assertion for what it is: not every kind of key that logs in
/// may order.
fn is_fit(evidence: &PasskeyEvidence) -> bool {
    let given = Given {
        public_key: &evidence.public_key.0,
        authenticator_data: &evidence.authenticator_data.0,
        client_data: &evidence.client_data.0,
        signature: &evidence.signature.0,
    };
    given.check(&Purpose::Erasure.challenge(&evidence.random, &evidence.content)).is_ok()
}

/// The key, and the entry that enrolled it.
fn enrolled(
    view: &View<'_>,
    key: CredentialId,
    person: PersonId,
) -> Result<(Credential, Seq), Refusal> {
    let known = view.get::<Credential>(&key)?;
    let known = known.filter(|known| known.person == person && known.removed.is_none());
    let known = known.ok_or_else(|| Refusal::rule("confirm-no-key"))?;
    let first = view.history::<Credential>(&key)?.first().map(|at| at.seq);
    Ok((known, first.ok_or_else(|| Fault::new("a key that nothing enrolled"))?))
}

fn any_administrator(
    view: &View<'_>,
    before: &[PersonId],
    person: PersonId,
    now: Timestamp,
) -> Result<bool, Fault> {
    for one in before.iter().chain([&person]) {
        if may(view, *one, ADMINISTRATOR, now)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether all who approved before may still, and have the key they did it with.
fn all_still_may(view: &View<'_>, approvals: &[Approval], now: Timestamp) -> Result<bool, Fault> {
    for approval in approvals {
        let key = Credential::of(view, approval.person)?;
        let has_key = key.iter().any(|key| {
            view.history::<Credential>(&key.id)
                .is_ok_and(|history| history.first().is_some_and(|at| at.seq == approval.enrolment))
        });
        if !has_key || !may(view, approval.person, OFFICERS, now)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn may(view: &View<'_>, person: PersonId, who: Who, now: Timestamp) -> Result<bool, Fault> {
    match allowed(view, &Actor::Staff(person), who, now) {
        Ok(_) => Ok(true),
        Err(refusal) => match refusal.kind {
            crate::kernel::store::refusal::RefusalKind::Fault(what) => Err(Fault::new(what)),
            _ => Ok(false),
        },
    }
}

/// The approvals as the header of the order has them. Both pseudonyms are of the order's year, so that
/// one person has one.
fn assertions(view: &View<'_>, erasure: &Erasure, at: Timestamp) -> Vec<Assertion> {
    let key = view.store().pseudonym_key();
    let assertion = |approval: &Approval| {
        let PasskeyEvidence {
            public_key, authenticator_data, client_data, signature, random, ..
        } = approval.evidence.clone();
        Assertion {
            staff: pseudonym(key, approval.person, at),
            enrolment: approval.enrolment,
            public_key: public_key.0,
            authenticator_data: authenticator_data.0,
            client_data: client_data.0,
            signature: signature.0,
            random,
        }
    };
    erasure.approvals.iter().map(assertion).collect()
}

/// While an order on a file is carried out, nothing is put into the file: it would miss its end.
///
/// # Errors
/// An order stands on a file of the change, or the store is unwell.
pub(in crate::kernel) fn none_stands(view: &View<'_>, change: &Change) -> Result<(), Refusal> {
    if change.ops.iter().all(|op| op.file.is_none()) {
        return Ok(());
    }
    let ordered = Key::new().number(ErasureState::Ordered.code());
    for row in view.list::<Erasure>(BY_STATE, &ordered, None, PAGE_ROWS_MAX)?.rows {
        let file = view.get::<Erasure>(&row.id)?.map(|erasure| erasure.file);
        if file.is_some() && change.ops.iter().any(|op| op.file == file) {
            return Err(Refusal::rule("erasure-under-way"));
        }
    }
    Ok(())
}

/// Takes a proposal back.
///
/// # Errors
/// It is ordered already, or the actor may not.
pub fn withdraw(
    view: &View<'_>,
    authority: &Authority<'_>,
    id: ErasureId,
    reason: &str,
) -> Result<Change, Refusal> {
    let permit = authority.permit(&WITHDRAW, &[])?;
    let erasure = view.get::<Erasure>(&id)?.ok_or_else(Refusal::unknown)?;
    if erasure.state != ErasureState::Proposed {
        return Err(Refusal::rule("erasure-not-proposed"));
    }
    let reason = rules::words(reason, "reason", "erasure-reason-empty")?;
    let withdrawn =
        Erasure { state: ErasureState::Withdrawn, withdrawn: Some(reason.clone()), ..erasure };
    Ok(Change::new(permit, Op::put(&withdrawn)).because(reason))
}

/// Places a legal hold on a file, or on a person by their id.
///
/// # Errors
/// There is nothing there, or the actor may not.
pub fn place_hold(
    view: &View<'_>,
    authority: &Authority<'_>,
    id: HoldId,
    on: FileId,
    reason: &str,
) -> Result<Change, Refusal> {
    let permit = authority.permit(&HOLD, &[])?;
    if gather(view, on)?.is_none() {
        return Err(Refusal::rule("erasure-no-file").on("file"));
    }
    if is_held(view, on, None)? {
        return Err(Refusal::rule("erasure-held-already").on("file"));
    }
    let reason = rules::words(reason, "reason", "erasure-reason-empty")?;
    let hold = Hold {
        id,
        on,
        reason: reason.clone(),
        placed_by: who(authority)?,
        placed_at: authority.now(),
        lifted_by: None,
        lifted_at: None,
    };
    Ok(Change::new(permit, Op::put(&hold)).because(reason))
}

/// Lifts a legal hold.
///
/// # Errors
/// It does not stand, or the actor may not.
pub fn lift(
    view: &View<'_>,
    authority: &Authority<'_>,
    id: HoldId,
    reason: &str,
) -> Result<Change, Refusal> {
    let permit = authority.permit(&LIFT, &[])?;
    let hold = view.get::<Hold>(&id)?.filter(|hold| hold.lifted_at.is_none());
    let hold = hold.ok_or_else(Refusal::unknown)?;
    let reason = rules::words(reason, "reason", "erasure-reason-empty")?;
    let lifted =
        Hold { lifted_by: Some(who(authority)?), lifted_at: Some(authority.now()), ..hold };
    Ok(Change::new(permit, Op::put(&lifted)).because(reason))
}

/// Says for how long files with such a head are kept.
///
/// # Errors
/// Nothing heads files under that name, or the actor may not.
pub fn set_term(
    view: &View<'_>,
    authority: &Authority<'_>,
    head: &str,
    years: u32,
    (category, basis): (&str, &str),
) -> Result<Change, Refusal> {
    let permit = authority.permit(&SET_TERM, &[])?;
    if !super::gather::heads(view).iter().any(|(name, _)| *name == head) {
        return Err(Refusal::unknown());
    }
    let term = Term {
        head: head.to_owned(),
        years,
        category: rules::words(category, "category", "erasure-category-empty")?,
        basis: rules::words(basis, "basis", "erasure-basis-empty")?,
        set_by: who(authority)?,
        set_at: authority.now(),
    };
    Ok(Change::new(permit, Op::put(&term)))
}

impl ErasureId {
    /// A new one.
    pub fn new() -> ErasureId {
        ErasureId(Uuid::now_v7())
    }
}

impl Default for ErasureId {
    fn default() -> ErasureId {
        ErasureId::new()
    }
}

impl HoldId {
    /// A new one.
    pub fn new() -> HoldId {
        HoldId(Uuid::now_v7())
    }
}

impl Default for HoldId {
    fn default() -> HoldId {
        HoldId::new()
    }
}
