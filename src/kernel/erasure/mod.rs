//! Erasure: what may be erased, who must agree, and how it is carried out (docs/format.md, section 6).
//!
//! What is kept together is erased together: a *file* is a matter of the office, an account, or a code, with every
//! version of every record in it and their blobs. Somebody proposes, two people with keys of their own approve, the
//! second approval writes the order, and the store carries it out behind the order's checkpoint.
//! The pages are a service's; here are the rules that no service may go round.

pub mod carry_out;
pub mod gather;
mod order;
pub mod records;
pub mod rules;
mod texts;

#[cfg(test)]
pub(in crate::kernel) mod tests;

pub(in crate::kernel) use order::none_stands;
pub use order::{
    Approver, approve, approve_content, is_unchanged, lift, place_hold, propose, set_term, withdraw,
};
pub use records::{Erasure, ErasureId, ErasureState, FileClass, Ground, Hold, HoldId, KINDS, Term};

use crate::kernel::identity::{Action, Role, Who};

/// Whoever may propose, withdraw and approve; one of the two who approve is an administrator.
pub const OFFICERS: Who = Who::Staff(&[Role::Administrator, Role::Clerk]);

pub static PROPOSE: Action =
    Action { name: "erasure.propose", who: OFFICERS, sentence: "audit-erasure-propose" };
pub static APPROVE: Action =
    Action { name: "erasure.approve", who: OFFICERS, sentence: "audit-erasure-approve" };
/// The order itself: the second approval.
pub static ORDER: Action = Action {
    name: crate::kernel::journal::entry::ERASE,
    who: OFFICERS,
    sentence: "audit-erasure-order",
};
/// The order was carried out.
pub static DONE: Action = Action {
    name: crate::kernel::journal::entry::ERASED,
    who: Who::Job,
    sentence: "audit-erasure-done",
};
pub static WITHDRAW: Action =
    Action { name: "erasure.withdraw", who: OFFICERS, sentence: "audit-erasure-withdraw" };
pub static HOLD: Action =
    Action { name: "erasure.hold", who: OFFICERS, sentence: "audit-erasure-hold" };
pub static LIFT: Action = Action {
    name: "erasure.lift",
    who: Who::Staff(&[Role::Administrator]),
    sentence: "audit-erasure-lift",
};
pub static SET_TERM: Action = Action {
    name: "erasure.set-term",
    who: Who::Staff(&[Role::Administrator]),
    sentence: "audit-erasure-term",
};

/// Everything that a service may ask for here.
pub static ACTIONS: &[&Action] =
    &[&PROPOSE, &APPROVE, &ORDER, &DONE, &WITHDRAW, &HOLD, &LIFT, &SET_TERM];
