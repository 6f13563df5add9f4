//! When an order to erase is valid (docs/format.md, section 6). Asked by whoever carries it out and by whoever
//! audits: the same question, so that nothing is erased that an auditor would call erased without ground.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::kernel::{
    crypto::{Hash, hash},
    journal::{
        Seq,
        assertion::Given,
        entry::{ERASE, Erasure, erasure_challenge},
        frame::Frame,
    },
};

/// What an order must know of a target.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub struct Target {
    /// `None`: lost, and no tile knows it.
    pub leaf: Option<Hash>,
    /// `None`: lost.
    pub bodies: Option<u32>,
    pub is_erasure: bool,
}

impl Target {
    /// What an entry that can be read says of itself.
    pub fn of(frame: &Frame, leaf: Option<Hash>) -> Target {
        Target {
            leaf,
            bodies: Some(u32::try_from(frame.header.bodies.len()).unwrap_or(u32::MAX)),
            is_erasure: frame.header.action == ERASE,
        }
    }
}

/// Checks an order that stands in a group: its targets, their leaves, and both assertions.
///
/// # Errors
/// What does not hold, in words.
pub fn check(
    erasure: &Erasure,
    group_first_seq: Seq,
    targets: &BTreeMap<Seq, Target>,
) -> Result<(), String> {
    if erasure.targets.is_empty() {
        return Err("it names no target".to_owned());
    }
    let mut leaves = Vec::with_capacity(erasure.targets.len());
    for (seq, mask) in &erasure.targets {
        if mask.last().is_none_or(|byte| *byte == 0) {
            return Err("a mask is not in its shortest form".to_owned());
        }
        let target = targets
            .get(seq)
            .filter(|_| *seq < group_first_seq)
            .ok_or_else(|| format!("target {seq} is not an entry of an earlier group"))?;
        if target.is_erasure {
            return Err(format!("target {seq} is itself an erasure"));
        }
        let highest = highest_body(mask);
        if target.bodies.is_some_and(|bodies| highest.is_some_and(|body| body >= bodies)) {
            return Err("a target body does not exist".to_owned());
        }
        leaves.push(target.leaf.ok_or_else(|| format!("target {seq} is lost"))?);
    }
    if hash(&[leaves.as_flattened()]) != erasure.target_leaves {
        let why = "it was given for other entries than those that stand at these numbers";
        return Err(why.to_owned());
    }
    check_assertions(erasure)
}

/// Number of the highest body that a mask names.
fn highest_body(mask: &[u8]) -> Option<u32> {
    let (byte, place) = mask.iter().zip(0u32..).filter(|(byte, _)| **byte != 0).last()?;
    Some(place * 8 + 7 - byte.leading_zeros())
}

fn check_assertions(erasure: &Erasure) -> Result<(), String> {
    let [first, second] = erasure.assertions.as_slice() else {
        return Err("not exactly two assertions".to_owned());
    };
    let mut keys = Vec::with_capacity(2);
    for assertion in [first, second] {
        let given = Given {
            public_key: &assertion.public_key,
            authenticator_data: &assertion.authenticator_data,
            client_data: &assertion.client_data,
            signature: &assertion.signature,
        };
        let challenge = erasure_challenge(erasure, &assertion.random);
        keys.push(given.check(&challenge).map_err(|error| error.to_string())?);
    }
    if first.staff == second.staff || keys.first() == keys.last() {
        return Err("both assertions are of one person or one key".to_owned());
    }
    Ok(())
}
