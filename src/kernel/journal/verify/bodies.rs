//! The verdict on each body: what its slot, its bytes and the erasures say.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use serde::{Deserialize, Serialize};

use crate::kernel::{
    blobs::{blob_path, open_blob},
    crypto::{Hash, Secret, hash},
    durable::Disk,
    journal::{
        JournalError, Seq,
        frame::Frame,
        sealed::open_body,
        segment::SLOT_BYTES,
        tombstone::{is_tombstone, tombstone},
        verify::{
            erasures::Covered,
            report::{Report, Spot, Verdict},
            segment::Segment,
        },
    },
};

/// A body that does not simply open; judged when all erasures are known.
#[derive(Clone, Serialize, Deserialize)]
struct Odd {
    kind: u16,
    /// The file in which what is wrong must lie.
    spot: Spot,
    /// What stands in the slot, if it is a tombstone. Other bytes may be most of a secret, and what is kept
    /// here is written down between two looks.
    tombstone: Option<[u8; SLOT_BYTES]>,
    blob: Blob,
    /// In the last group of an unsealed segment, and not proven durable.
    may_be_torn: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Blob {
    NotOne,
    There,
    Missing,
}

/// All bodies, as far as they were looked at.
pub(super) struct Bodies<'a> {
    disk: &'a dyn Disk,
    data: &'a Path,
    pub seen: Seen,
}

/// What was seen of them.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct Seen {
    odd: BTreeMap<(Seq, u32), Odd>,
    /// Judged already: damaged with their frame, or as a blob.
    settled: BTreeMap<(Seq, u32), Verdict>,
    /// Blob files that were hashed.
    pub hashed: BTreeSet<Hash>,
    readable: u64,
}

impl<'a> Bodies<'a> {
    pub fn new(disk: &'a dyn Disk, data: &'a Path) -> Bodies<'a> {
        Bodies { disk, data, seen: Seen::default() }
    }

    /// Looks at the bodies of one frame. `damage`: what is wrong with the frame itself.
    pub fn look(
        &mut self,
        segment: &Segment,
        frame: &Frame,
        damage: Option<Verdict>,
        may_be_torn: bool,
        report: &mut Report,
    ) -> Result<(), JournalError> {
        for ((descriptor, place), body) in frame.header.bodies.iter().zip(&frame.bodies).zip(0u32..)
        {
            let pair = (frame.header.seq, body);
            // The bytes of a blob are not in the frame.
            let apart = descriptor.detached.is_some() && damage == Some(Verdict::DamagedBody);
            if let Some(verdict) = damage.filter(|_| !apart) {
                self.seen.settled.insert(pair, verdict);
                continue;
            }
            let slot = segment.slot(frame.slot_first.saturating_add(body));
            let secret = slot.map(Secret);
            let commitment = &descriptor.commitment;
            let (opens, blob) = match &descriptor.detached {
                None => {
                    let stored = segment.bytes.get(place.clone()).unwrap_or_default();
                    let opened = secret.and_then(|secret| open_body(&secret, commitment, stored));
                    (
                        opened.is_some_and(|text| text.len() as u64 == descriptor.length),
                        Blob::NotOne,
                    )
                }
                Some(name) => match self.blob(name, report)? {
                    None => (false, Blob::Missing),
                    Some(file) if hash(&[&file]) != *name => {
                        self.seen.settled.insert(pair, Verdict::DamagedBody);
                        report.add_at(
                            Spot::blob(name, frame.header.seq, body),
                            Verdict::DamagedBody,
                            format!("entry {} body {body}", frame.header.seq),
                            "its blob file is not the one that was filed",
                        );
                        continue;
                    }
                    Some(file) => {
                        let opened =
                            secret.and_then(|secret| open_blob(&secret, commitment, &file));
                        (
                            opened.is_some_and(|text| text.len() as u64 == descriptor.length),
                            Blob::There,
                        )
                    }
                },
            };
            if opens {
                self.seen.readable += 1;
            } else {
                let spot = match &descriptor.detached {
                    Some(name) if blob == Blob::Missing => Spot::blob(name, pair.0, body),
                    _ => Spot::secret(segment.first, segment.has_keys_file(), pair.0, body),
                };
                let (kind, tombstone) = (descriptor.kind, slot.filter(is_tombstone));
                self.seen.odd.insert(pair, Odd { kind, spot, tombstone, blob, may_be_torn });
            }
        }
        Ok(())
    }

    /// Bodies that did not simply open.
    pub fn odd(&self) -> impl Iterator<Item = (Seq, u32)> {
        self.seen.odd.keys().copied()
    }

    /// Forgets the bodies of an entry, which are then looked at again.
    pub fn forget(&mut self, frame: &Frame) {
        for body in 0..u32::try_from(frame.header.bodies.len()).unwrap_or(u32::MAX) {
            let pair = (frame.header.seq, body);
            let (odd, settled) = (self.seen.odd.remove(&pair), self.seen.settled.remove(&pair));
            if odd.is_none() && settled.is_none() {
                self.seen.readable = self.seen.readable.saturating_sub(1);
            }
        }
    }

    fn blob(&mut self, name: &Hash, report: &mut Report) -> Result<Option<Vec<u8>>, JournalError> {
        let path = blob_path(self.data, name);
        let file = match self.disk.read(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                return Err(JournalError::io(format!("reading {}", path.display()))(error));
            }
        };
        if self.seen.hashed.insert(*name) && hash(&[&file]) != *name {
            let hex = crate::kernel::crypto::hex(name);
            let place = format!("blobs/{}/{hex}", hex.get(..2).unwrap_or_default());
            report.add(Verdict::BlobFile, place, "its name is not the hash of its bytes");
        }
        Ok(Some(file))
    }

    /// Judges, now that all erasures are known.
    pub fn finish(
        mut self,
        covered: &Covered,
        in_use: bool,
        listed: Option<&std::ops::RangeInclusive<Seq>>,
        report: &mut Report,
    ) {
        let mut erased = 0;
        let note = |pair: (Seq, u32), verdict, report: &mut Report| {
            if listed.is_some_and(|range| range.contains(&pair.0)) {
                report.listed.insert(pair, verdict);
            }
        };
        for (pair, odd) in &self.seen.odd {
            let verdict = odd.judge(*pair, covered);
            note(*pair, verdict, report);
            if verdict == Verdict::Erased {
                erased += 1;
            } else if !(in_use && verdict == Verdict::Torn) {
                let place = format!("entry {} body {}", pair.0, pair.1);
                report.add_at(odd.spot.clone(), verdict, place, format!("kind {}", odd.kind));
            }
        }
        for (pair, verdict) in &self.seen.settled {
            note(*pair, *verdict, report);
        }
        // What was not odd opened; an order to erase it was not carried out.
        for pair in covered.pairs() {
            if !self.seen.odd.contains_key(pair) && !self.seen.settled.contains_key(pair) {
                self.seen.readable = self.seen.readable.saturating_sub(1);
                let place = format!("entry {} body {}", pair.0, pair.1);
                note(*pair, Verdict::ErasureUnfinished, report);
                report.add(Verdict::ErasureUnfinished, place, "ordered, but it can still be read");
            }
        }
        report.readable = self.seen.readable;
        report.erased = erased;
    }
}

impl Odd {
    fn judge(&self, pair: (Seq, u32), covered: &Covered) -> Verdict {
        let orders = covered.orders_of(pair);
        if let Some(slot) = self.tombstone {
            let right = orders
                .iter()
                .any(|order| slot == tombstone(order.seq, &order.leaf, pair.0, pair.1));
            return match (right, self.blob) {
                (false, _) => Verdict::ErasedWithoutGround,
                (true, Blob::There) => Verdict::ErasureUnfinished,
                (true, _) => Verdict::Erased,
            };
        }
        if !orders.is_empty() {
            Verdict::ErasedSlotIrregular
        } else if self.blob == Blob::Missing {
            Verdict::BlobMissing
        } else if self.may_be_torn {
            Verdict::Torn
        } else {
            Verdict::TextLost
        }
    }
}
