//! Orders to erase: which are valid, and which bodies they cover (docs/format.md, section 6).

use std::collections::{BTreeMap, BTreeSet};

use crate::kernel::{
    crypto::Hash,
    journal::{
        Seq,
        entry::Erasure,
        frame::Frame,
        order::{self, Target},
        verify::report::{Report, Verdict},
    },
};

/// An order whose header is the one that was written.
pub(super) struct Order {
    pub seq: Seq,
    pub leaf: Hash,
    pub group_first_seq: Seq,
    pub erasure: Erasure,
}

/// Orders as they were read.
#[derive(Default)]
pub(super) struct Orders {
    orders: Vec<Order>,
    /// Entries that say an order is complete: (their seq, the order's).
    done: Vec<(Seq, Seq)>,
}

/// Valid orders, by the bodies they cover.
#[derive(Default)]
pub(super) struct Covered {
    orders: Vec<Order>,
    by_body: BTreeMap<(Seq, u32), Vec<usize>>,
}

impl Orders {
    pub fn look(&mut self, frame: &Frame) {
        let seq = frame.header.seq;
        if let Some(erasure) = &frame.header.erasure {
            let (leaf, group_first_seq) = (frame.leaf, frame.group_first_seq);
            self.orders.push(Order { seq, leaf, group_first_seq, erasure: erasure.clone() });
        }
        self.done.extend(frame.header.done.map(|order| (seq, order)));
    }

    pub fn len(&self) -> usize {
        self.orders.len()
    }

    /// Entries that the orders name.
    pub fn targets(&self) -> BTreeSet<Seq> {
        self.orders
            .iter()
            .flat_map(|order| order.erasure.targets.iter().map(|(seq, _)| *seq))
            .collect()
    }

    /// Sorts out which orders are valid.
    pub fn judge(self, targets: &BTreeMap<Seq, Target>, report: &mut Report) -> Covered {
        for (seq, order) in &self.done {
            if order >= seq || !self.orders.iter().any(|known| known.seq == *order) {
                let detail = format!("says erasure {order} is done, which is none");
                report.add(Verdict::Erasure, format!("entry {seq}"), detail);
            }
        }
        let mut covered = Covered::default();
        for order in self.orders {
            match order::check(&order.erasure, order.group_first_seq, targets) {
                Err(why) => report.add(Verdict::Erasure, format!("entry {}", order.seq), why),
                Ok(()) => {
                    let index = covered.orders.len();
                    for pair in order.erasure.pairs() {
                        covered.by_body.entry(pair).or_default().push(index);
                    }
                    covered.orders.push(order);
                }
            }
        }
        covered
    }
}

impl Covered {
    /// All bodies that a valid order covers.
    pub fn pairs(&self) -> impl Iterator<Item = &(Seq, u32)> {
        self.by_body.keys()
    }

    /// The orders that cover a body.
    pub fn orders_of(&self, pair: (Seq, u32)) -> Vec<&Order> {
        self.by_body
            .get(&pair)
            .into_iter()
            .flatten()
            .filter_map(|index| self.orders.get(*index))
            .collect()
    }
}
