//! Orders to erase: which are valid, and which bodies they cover (docs/format.md, section 6).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::kernel::{
    crypto::Hash,
    journal::{
        Seq,
        entry::{self, Erasure, Header},
        frame::Frame,
        order::{self, Target},
        verify::report::{Report, Verdict},
    },
};

/// An order whose header is the one that was written.
#[derive(Clone)]
pub(super) struct Order {
    pub seq: Seq,
    pub leaf: Hash,
    pub group_first_seq: Seq,
    pub erasure: Erasure,
    /// Its header, encoded.
    pub header: Vec<u8>,
}

/// Orders as they were read.
#[derive(Clone, Default)]
pub(super) struct Orders {
    orders: Vec<Order>,
    /// Entries that say an order is complete: (their seq, the order's).
    done: Vec<(Seq, Seq)>,
}

/// The same, to be written down.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct Saved {
    orders: Vec<(Seq, Vec<u8>)>,
    done: Vec<(Seq, Seq)>,
}

/// Valid orders, by the bodies they cover.
#[derive(Default)]
pub struct Covered {
    orders: Vec<Order>,
    by_body: BTreeMap<(Seq, u32), Vec<usize>>,
}

impl Orders {
    pub fn look(&mut self, frame: &Frame) {
        let seq = frame.header.seq;
        if let Some(erasure) = &frame.header.erasure {
            let (leaf, group_first_seq) = (frame.leaf, frame.group_first_seq);
            let (erasure, header) = (erasure.clone(), frame.header.encode());
            self.orders.push(Order { seq, leaf, group_first_seq, erasure, header });
        }
        self.done.extend(frame.header.done.map(|order| (seq, order)));
    }

    /// What [`Orders::restore`] makes them from.
    pub fn saved(&self) -> Saved {
        let orders = self.orders.iter().map(|order| (order.group_first_seq, order.header.clone()));
        Saved { orders: orders.collect(), done: self.done.clone() }
    }

    /// The orders that were seen earlier. `None`: what was kept is none of ours.
    pub fn restore(saved: Saved) -> Option<Orders> {
        let order = |(group_first_seq, header): (Seq, Vec<u8>)| {
            let decoded = Header::decode(&header).ok()?;
            let (seq, leaf) = (decoded.seq, entry::leaf(&header));
            Some(Order { seq, leaf, group_first_seq, erasure: decoded.erasure?, header })
        };
        let orders = saved.orders.into_iter().map(order).collect::<Option<_>>()?;
        Some(Orders { orders, done: saved.done })
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
    pub fn judge(&self, targets: &BTreeMap<Seq, Target>, report: &mut Report) -> Covered {
        for (seq, order) in &self.done {
            if order >= seq || !self.orders.iter().any(|known| known.seq == *order) {
                let detail = format!("says erasure {order} is done, which is none");
                report.add(Verdict::Erasure, format!("entry {seq}"), detail);
            }
        }
        let mut covered = Covered::default();
        for order in &self.orders {
            match order::check(&order.erasure, order.group_first_seq, targets) {
                Err(why) => report.add(Verdict::Erasure, format!("entry {}", order.seq), why),
                Ok(()) => {
                    let index = covered.orders.len();
                    for pair in order.erasure.pairs() {
                        covered.by_body.entry(pair).or_default().push(index);
                    }
                    covered.orders.push(order.clone());
                }
            }
        }
        covered
    }
}

impl Covered {
    /// All bodies that a valid order covers.
    pub(super) fn pairs(&self) -> impl Iterator<Item = &(Seq, u32)> {
        self.by_body.keys()
    }

    /// The orders that cover a body.
    pub(super) fn orders_of(&self, pair: (Seq, u32)) -> Vec<&Order> {
        self.by_body
            .get(&pair)
            .into_iter()
            .flatten()
            .filter_map(|index| self.orders.get(*index))
            .collect()
    }
}
