//! What a page may offer, from what the kernel's rules say: pure.

use jiff::civil::Date;

use super::model::GROUNDS;
use crate::kernel::{
    erasure::{
        Erasure, ErasureState, Ground,
        rules::{Standing, proposable},
    },
    journal::Seq,
    store::Refusal,
};

/// On which grounds a file may be proposed today, and why not on the others.
#[derive(Debug, Default)]
pub struct Offer {
    pub may: Vec<Ground>,
    pub may_not: Vec<(Ground, Refusal)>,
}

impl Offer {
    pub fn of(file: &Standing, today: Date) -> Offer {
        let mut offer = Offer::default();
        for ground in GROUNDS {
            match proposable(file, ground, today) {
                Ok(()) => offer.may.push(ground),
                Err(refusal) => offer.may_not.push((ground, refusal)),
            }
        }
        offer
    }

    /// What stands in the way on every ground alike.
    pub fn obstacle(&self) -> Option<&Refusal> {
        let (_, first) = self.may_not.first()?;
        let same = self.may_not.iter().all(|(_, refusal)| refusal == first);
        (self.may.is_empty() && same).then_some(first)
    }
}

/// The entry of the order, if a certificate can be given for it.
///
/// # Errors
/// It is not done, or what was overwritten may live on.
pub fn certifiable(erasure: &Erasure) -> Result<Seq, Refusal> {
    if erasure.state != ErasureState::Done {
        return Err(Refusal::rule("erasure-not-done"));
    }
    if let Some(what) = &erasure.uncertain {
        return Err(Refusal::rule("erasure-uncertain").with("what", what));
    }
    erasure.order.ok_or_else(Refusal::unknown)
}
