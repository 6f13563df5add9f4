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

    /// The records after the first so many entries.
    pub fn held(&self, length: Seq) -> Held {
        let mut held = Held::new();
        for handed in self.handed.iter().take(usize::try_from(length).unwrap()) {
            match &handed.deed {
                Deed::Begin | Deed::Grant(_) => {}
                Deed::Put { id, text, file } => {
                    held.insert(*id, (text.clone(), file.clone()));
                }
                Deed::Take { id } => {
                    held.remove(id);
                }
            }
        }
        held
    }

    /// Whether the clerk has a grant, after all that was handed in.
    pub fn is_granted(&self) -> bool {
        let grants = self.handed.iter().rev().filter_map(|handed| match handed.deed {
            Deed::Grant(on) => Some(on),
            Deed::Begin | Deed::Put { .. } | Deed::Take { .. } => None,
        });
        grants.take(1).any(|on| on)
    }
}
