//! What a store must hold: the entries that were handed in, one after the other, and nothing else.

use std::collections::BTreeMap;

use crate::kernel::{crypto::Hash, journal::Seq};

/// Records of a town, by number: their text and, if they have one, the text of their file.
pub type Held = BTreeMap<u8, (String, Option<String>)>;

/// What one entry does.
#[derive(Clone, Debug)]
pub enum Deed {
    /// The log begins.
    Begin,
    Put {
        id: u8,
        text: String,
        file: Option<String>,
    },
    Take {
        id: u8,
    },
    /// Whether the clerk has a grant from now on.
    Grant(bool),
    /// A record is ordered to be erased.
    Order {
        id: u8,
    },
    /// What was ordered before this entry is erased.
    Erased {
        before: Seq,
    },
}

/// An entry as it was handed in.
#[derive(Clone, Debug)]
pub struct Handed {
    pub deed: Deed,
    /// Known once somebody heard of it.
    pub leaf: Option<Hash>,
}

/// Everything that was handed in and not refused by the disk.
#[derive(Clone, Default, Debug)]
pub struct Ledger {
    pub handed: Vec<Handed>,
    /// The first so many were promised to somebody.
    pub promised: Seq,
}

impl Ledger {
    pub fn hand_in(&mut self, seq: Seq, deed: Deed) {
        // What was said to be not saved is gone, and its number is given again.
        self.handed.truncate(usize::try_from(seq).unwrap());
        self.handed.push(Handed { deed, leaf: None });
    }

    pub fn length(&self) -> Seq {
        self.handed.len() as Seq
    }

    /// The records after the first so many entries, and those that may be gone already.
    fn state(&self, length: Seq) -> (Held, BTreeMap<u8, Seq>) {
        let mut held = Held::new();
        let mut ordered: BTreeMap<u8, Seq> = BTreeMap::new();
        let first = self.handed.iter().take(usize::try_from(length).unwrap());
        for (handed, seq) in first.zip(0..) {
            match &handed.deed {
                Deed::Begin | Deed::Grant(_) => {}
                Deed::Put { id, text, file } => {
                    held.insert(*id, (text.clone(), file.clone()));
                }
                Deed::Take { id } => {
                    held.remove(id);
                }
                Deed::Order { id } => {
                    ordered.insert(*id, seq);
                }
                Deed::Erased { before } => {
                    held.retain(|id, _| ordered.get(id).is_none_or(|seq| seq >= before));
                    ordered.retain(|_, seq| *seq >= *before);
                }
            }
        }
        (held, ordered)
    }

    /// Whether a record is held after all that was handed in.
    pub fn holds(&self, id: u8) -> bool {
        self.state(self.length()).0.contains_key(&id)
    }

    /// Whether a record is ordered to be erased, and not known to be.
    pub fn is_ordered(&self, id: u8) -> bool {
        self.state(self.length()).1.contains_key(&id)
    }

    /// Whether what somebody saw is the state after the first so many entries.
    pub fn fits(&self, length: Seq, seen: &Held) -> bool {
        let (held, ordered) = self.state(length);
        let may_miss = |id: &u8| ordered.contains_key(id);
        seen.iter().all(|(id, what)| held.get(id) == Some(what))
            && held.keys().all(|id| seen.contains_key(id) || may_miss(id))
    }

    /// Whether an entry is an order: one that was dropped gave its number to another.
    pub fn is_order(&self, seq: Seq) -> bool {
        let handed = usize::try_from(seq).ok().and_then(|seq| self.handed.get(seq));
        handed.is_some_and(|handed| matches!(handed.deed, Deed::Order { .. }))
    }

    /// The order before which everything that was ordered is erased.
    pub fn erased_before(&self) -> Seq {
        let erased = self.handed.iter().map(|handed| match handed.deed {
            Deed::Erased { before } => before,
            _ => 0,
        });
        erased.max().unwrap_or(0)
    }

    /// Whether the clerk has a grant, after all that was handed in.
    pub fn is_granted(&self) -> bool {
        let grants = self.handed.iter().rev().filter_map(|handed| match handed.deed {
            Deed::Grant(on) => Some(on),
            _ => None,
        });
        grants.take(1).any(|on| on)
    }
}
