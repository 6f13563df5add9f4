//! From frame to frame through a segment, also past places that are damaged: one fault must not
//! hide the others.

use std::{collections::BTreeMap, ops::Range};

use serde::{Deserialize, Serialize};

use crate::kernel::{
    cbor,
    crypto::{Hash, hash},
    journal::{
        Seq,
        entry::{self, HEADER_BYTES_MAX, Header},
        frame::{
            FRAME_HEAD_BYTES, Frame, announced_length, candidates, read_frame, u16_at, u32_at,
            u64_at,
        },
        sealed::stored_length,
        segment::{Scan, first_eight},
        verify::{
            report::{Report, Spot, Verdict},
            segment::Segment,
        },
    },
};

/// A frame that is not good, but whose header can still be read.
pub(super) struct Hurt {
    /// The stored bodies have the hash that the header says.
    pub stored_fits: bool,
    /// The next frame says that this header is the right one.
    pub confirmed: bool,
}

/// A way through one segment.
pub(super) struct Walk<'a> {
    segment: &'a Segment,
    /// Entries proven durable by the checkpoint and the seals.
    floor: Seq,
    /// A group may be under way.
    in_use: bool,
    pub scan: Scan,
    pub hurt: BTreeMap<Seq, Hurt>,
    /// Entries of which nothing can be read.
    pub lost: Vec<Range<Seq>>,
    /// Leaves of whole frames whose header breaks a rule.
    pub irregular: BTreeMap<Seq, Hash>,
    /// Whether it is known which slots are used.
    pub slots_known: bool,
}

impl<'a> Walk<'a> {
    pub fn new(segment: &'a Segment, before: Before, floor: Seq, in_use: bool) -> Walk<'a> {
        let mut scan = Scan::new(&segment.head, before.leaf);
        scan.prev_unknown = before.is_unknown;
        Walk {
            segment,
            floor,
            in_use,
            scan,
            hurt: BTreeMap::new(),
            lost: Vec::new(),
            irregular: BTreeMap::new(),
            slots_known: true,
        }
    }

    pub fn run(&mut self, report: &mut Report) {
        let (bytes, limit) = (&self.segment.bytes, self.segment.limit());
        loop {
            let next = self.scan.next(bytes, &self.segment.head);
            if let Some(frame) = next.filter(|frame| frame.end <= limit) {
                self.scan.take(frame);
                continue;
            }
            let rest = bytes.get(self.scan.stop..self.segment.rest_end(&self.scan));
            if rest.unwrap_or_default().iter().all(|byte| *byte == 0) || !self.pass(report) {
                break;
            }
        }
        if let Some(end) = self.segment.seal.seal().map(|seal| seal.end_seq)
            && self.scan.next_seq < end
        {
            let why = format!("no good frame in {}", self.segment.name);
            self.lose(self.scan.next_seq..end, why, report);
            self.scan.next_seq = end;
        }
        self.confirm();
    }

    /// Goes past a place that is neither zero nor the next frame. `false`: the log ends here.
    fn pass(&mut self, report: &mut Report) -> bool {
        let (bytes, limit) = (&self.segment.bytes, self.segment.limit());
        let (stop, expected) = (self.scan.stop, self.scan.next_seq);
        let rest_end = self.segment.rest_end(&self.scan);
        let later = candidates(bytes, stop)
            .filter_map(|at| read_frame(bytes, at))
            .find(|frame| frame.header.seq > expected && frame.end <= limit);
        let is_tail = self.segment.is_open_end();
        let durable = later.as_ref().is_some_and(|frame| frame.group_first_seq > expected);
        if is_tail && expected >= self.floor && !durable {
            if !self.in_use {
                let detail = match expected.checked_sub(1) {
                    Some(last) => format!("{stop} to {rest_end}, a torn tail behind entry {last}"),
                    None => format!("{stop} to {rest_end}"),
                };
                report.add(Verdict::NoFrame, &self.segment.name, detail);
            }
            return false;
        }
        if self.pass_irregular(report) || self.pass_hurt(rest_end) {
            return true;
        }
        self.slots_known = false;
        let upto = later.as_ref().map_or(rest_end, |frame| frame.start);
        let why = format!("no good frame: {}, {stop} to {upto}", self.segment.name);
        let end = match &later {
            Some(frame) => frame.header.seq,
            None if is_tail => self.floor.max(expected + 1),
            None => expected + 1,
        };
        self.lose(expected..end, why, report);
        self.scan.next_seq = end;
        match later {
            Some(frame) => self.scan.take(frame),
            None => return false,
        }
        true
    }

    /// The first entry of the segment.
    pub fn first(&self) -> Seq {
        self.segment.first
    }

    fn lose(&mut self, entries: Range<Seq>, why: String, report: &mut Report) {
        let place = match entries.end - entries.start {
            1 => format!("entry {}", entries.start),
            _ => format!("entries {} to {}", entries.start, entries.end - 1),
        };
        let spot = Spot::segment(self.segment.first, self.scan.stop, entries.start);
        report.add_at(spot, Verdict::DamagedHeader, place, why);
        self.lost.push(entries);
    }

    /// Places where the next frame may stand, with nothing but zeros before.
    fn places(&self) -> impl Iterator<Item = usize> + use<> {
        let stop = self.scan.stop;
        let opening = stop.next_multiple_of(self.segment.head.align_bytes());
        let gap = self.segment.bytes.get(stop..opening).unwrap_or_default();
        let opening = gap.iter().all(|byte| *byte == 0).then_some(opening);
        let here = (opening != Some(stop)).then_some(stop);
        here.into_iter().chain(opening)
    }

    /// A whole frame whose header breaks section 2: no rot, but a program that wrote what it must not.
    fn pass_irregular(&mut self, report: &mut Report) -> bool {
        let found = self
            .places()
            .find_map(|at| irregular_frame(&self.segment.bytes, at, self.scan.next_seq));
        let Some(found) = found else { return false };
        let seq = self.scan.next_seq;
        let spot = Spot::segment(self.segment.first, found.start, seq);
        report.add_at(spot, Verdict::HeaderRule, format!("entry {seq}"), found.why);
        self.irregular.insert(seq, found.leaf);
        self.scan.stop = found.end;
        self.scan.next_seq += 1;
        self.scan.last_leaf = Some(found.leaf);
        self.scan.after_gap = true;
        self.slots_known = false;
        true
    }

    fn pass_hurt(&mut self, rest_end: usize) -> bool {
        let seq = self.scan.next_seq;
        let found = self.places().find_map(|at| {
            hurt_frame(&self.segment.bytes, at, seq).filter(|(frame, _)| frame.end <= rest_end)
        });
        let Some((mut frame, hurt)) = found else { return false };
        // The fields of the frame itself may be what is damaged.
        let before = self.scan.frames.last().filter(|last| !last.last_of_group);
        let continued = before.filter(|last| last.end == frame.start);
        let rounded = self.scan.slots.next_multiple_of(self.segment.head.slots_per_block());
        if frame.slot_first != self.scan.slots && frame.slot_first != rounded {
            frame.slot_first = if continued.is_some() { self.scan.slots } else { rounded };
        }
        frame.group_first_seq = continued.map_or(seq, |last| last.group_first_seq);
        self.hurt.insert(seq, hurt);
        self.scan.take(frame);
        self.scan.prev_unknown = true;
        true
    }

    /// A damaged frame's header is the right one if the next frame carries the start of its leaf.
    fn confirm(&mut self) {
        for pair in self.scan.frames.windows(2) {
            let [frame, next] = pair else { continue };
            let fits = next.header.seq == frame.header.seq + 1
                && next.prev == first_eight(frame.leaf)
                && !self.hurt.contains_key(&next.header.seq);
            if let Some(hurt) = self.hurt.get_mut(&frame.header.seq) {
                hurt.confirmed = fits;
            }
        }
    }
}

/// What is known of the entry before a segment.
#[derive(Clone, Copy, Default, Serialize, Deserialize)]
pub(super) struct Before {
    pub leaf: Option<Hash>,
    pub is_unknown: bool,
}

struct Irregular {
    start: usize,
    end: usize,
    leaf: Hash,
    why: String,
}

fn irregular_frame(bytes: &[u8], at: usize, seq: Seq) -> Option<Irregular> {
    let head = bytes.get(at..at.checked_add(FRAME_HEAD_BYTES)?)?;
    let end = at.checked_add(announced_length(head)?)?;
    let header_end = at + FRAME_HEAD_BYTES + usize::from(u16_at(head, 6)?);
    let crc_at = header_end.checked_add(usize::try_from(u32_at(head, 8)?).ok()?)?;
    let whole = u64_at(head, 16)? == seq
        && u32_at(bytes, crc_at)? == crc32fast::hash(bytes.get(at..crc_at)?)
        && bytes.get(crc_at + 4..end)?.iter().all(|byte| *byte == 0);
    let header = bytes.get(at + FRAME_HEAD_BYTES..header_end)?;
    cbor::decode_map(header).ok().filter(|_| whole)?;
    let why = Header::decode(header).err()?.to_string();
    Some(Irregular { start: at, end, leaf: entry::leaf(header), why })
}

/// Reads what a damaged frame still says. CBOR says itself where it ends, so no field of the frame is
/// needed to find the header.
fn hurt_frame(bytes: &[u8], start: usize, seq: Seq) -> Option<(Frame, Hurt)> {
    let head = bytes.get(start..start.checked_add(FRAME_HEAD_BYTES)?)?;
    let from = start + FRAME_HEAD_BYTES;
    let window = bytes.get(from..bytes.len().min(from + HEADER_BYTES_MAX))?;
    let mut rest = window;
    let _parsed: ciborium::Value = ciborium::from_reader(&mut rest).ok()?;
    let header_bytes = window.get(..window.len() - rest.len())?;
    let header = Header::decode(header_bytes).ok().filter(|header| header.seq == seq)?;
    let bodies_start = from + header_bytes.len();
    let mut bodies = Vec::with_capacity(header.bodies.len());
    let mut at = bodies_start;
    for descriptor in &header.bodies {
        let next = at.checked_add(usize::try_from(stored_length(descriptor)).ok()?)?;
        bodies.push(at..next);
        at = next;
    }
    let stored = bytes.get(bodies_start..at)?;
    let stored_fits = header.stored.is_none_or(|expected| expected == hash(&[stored]));
    let frame = Frame {
        start,
        end: start + (at + 4 - start).next_multiple_of(8),
        // Unknown if the flags are what is damaged; then the next frame may go on or open.
        last_of_group: false,
        slot_first: u32_at(head, 12)?,
        group_first_seq: u64_at(head, 24)?,
        prev: head.get(32..40)?.try_into().ok()?,
        leaf: entry::leaf(header_bytes),
        header,
        bodies,
    };
    Some((frame, Hurt { stored_fits, confirmed: false }))
}
