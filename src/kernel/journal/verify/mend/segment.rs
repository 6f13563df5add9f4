//! A segment of a copy: taken only if its leaves are those under our signed root.

use std::path::Path;

use super::{Mender, read};
use crate::kernel::{
    crypto::Hash,
    journal::{
        self, Seq,
        segment::{Scan, SealSector, SegmentHead, first_seq_of, scan, segment_path},
        verify::{
            report::Report,
            segment::Segment,
            walk::{Before, Walk},
        },
    },
    log::{
        checkpoint::directory as log_of,
        tiles::TileReader,
        tree::{Frontier, consistency_places, is_consistent},
    },
};

/// The bytes of a copy's segment, if they are what stood here.
pub(super) fn sound(to: &Mender<'_>, copy: &Path, first: Seq) -> Result<Vec<u8>, String> {
    let bytes = read(to.disk, &segment_path(&journal::directory(copy), first))?;
    let head = SegmentHead::decode(&bytes)
        .filter(|head| head.first_seq == first)
        .ok_or("its segment header is damaged too")?;
    check_head(to, first, &head)?;
    if is_written_to(to, first)? {
        return Err("it is the last one here and not sealed, so it is still written to".to_owned());
    }
    let mut report = Report::default();
    let seal = SealSector::decode(&bytes, &head);
    if may_hold_secrets(to, first, &bytes) {
        return Err("its sealing was cut short here; a start finishes it first".to_owned());
    }
    let name = format!("{first:020}.seg");
    let segment =
        Segment { first, name, bytes, head, head_is_whole: true, seal, keys: None, is_last: false };
    if segment.seal.seal().is_none() {
        return Err("it is not sealed there, so it may have grown since".to_owned());
    }
    // The entry before is not at hand; that these leaves follow it is what the root says.
    let before = Before { leaf: None, is_unknown: true };
    let mut walk = Walk::new(&segment, before, Seq::MAX, false);
    walk.run(&mut report);
    if walk.scan.frames.len() as Seq != walk.scan.next_seq - first || !walk.hurt.is_empty() {
        return Err("an entry in it is damaged too".to_owned());
    }
    let root = signed_root_after(to, first, &walk.scan, &segment.bytes)?;
    segment.check_frames(&walk.scan, Some(root), &mut report);
    match report.findings.first() {
        None => Ok(segment.bytes),
        Some(finding) => Err(format!("{}: {}", finding.verdict.name(), finding.detail)),
    }
}

/// What is longer than the sealed segment may still have its slots, and must not be kept aside.
fn may_hold_secrets(to: &Mender<'_>, first: Seq, sealed: &[u8]) -> bool {
    let ours = to.disk.read(&segment_path(&journal::directory(to.data), first));
    ours.is_ok_and(|ours| ours.len() > sealed.len())
}

fn is_written_to(to: &Mender<'_>, first: Seq) -> Result<bool, String> {
    let directory = journal::directory(to.data);
    let names = to.disk.names(&directory).map_err(|error| error.to_string())?;
    if names.iter().filter_map(|name| first_seq_of(name)).any(|other| other > first) {
        return Ok(false);
    }
    let ours = read(to.disk, &segment_path(&directory, first))?;
    let head = SegmentHead::decode(&ours);
    Ok(head.is_none_or(|head| SealSector::decode(&ours, &head).seal().is_none()))
}

/// What no leaf covers: it must be what our own file says, or what stands in `secrets/`.
fn check_head(to: &Mender<'_>, first: Seq, head: &SegmentHead) -> Result<(), String> {
    let ours = to.disk.read(&segment_path(&journal::directory(to.data), first)).ok();
    let ours = ours.and_then(|bytes| SegmentHead::decode(&bytes));
    let log_id = to.disk.read(&to.data.join("secrets/log.id")).ok();
    let fits = match (ours, log_id) {
        (Some(ours), _) => ours == *head,
        (None, Some(log_id)) => log_id == head.log_id,
        (None, None) => return Err("secrets/log.id is missing here".to_owned()),
    };
    fits.then_some(()).ok_or_else(|| "it is of another log".to_owned())
}

/// The root over all entries up to the end of a candidate, if it is one that the checkpoint continues.
fn signed_root_after(
    to: &Mender<'_>,
    first: Seq,
    candidate: &Scan,
    bytes: &[u8],
) -> Result<Hash, String> {
    let end = candidate.next_seq;
    if end > to.signed.size {
        return Err("its entries are not under the checkpoint yet".to_owned());
    }
    let leaves = || candidate.frames.iter().map(|frame| frame.leaf);
    let log = log_of(to.data);
    let tiles = |size| TileReader { disk: to.disk, directory: &log, size };
    if let Ok(mut tree) = tiles(first).frontier() {
        leaves().for_each(|leaf| tree.push(leaf));
        let (root, signed) = (tree.root(), to.signed);
        let proof = tiles(signed.size).hashes(consistency_places(end, signed.size));
        let continued =
            proof.is_ok_and(|proof| is_consistent(end, signed.size, &root, &signed.root, &proof));
        if continued {
            return Ok(root);
        }
    }
    // Tiles may be damaged as well; the leaves of all segments say the same.
    root_by_journal(to, first, bytes).ok_or_else(|| {
        "its entries are not those under the signed root, or other segments are damaged too"
            .to_owned()
    })
}

/// As above, from the leaves of the whole journal with the candidate in its place.
fn root_by_journal(to: &Mender<'_>, first: Seq, candidate: &[u8]) -> Option<Hash> {
    let directory = journal::directory(to.data);
    let names = to.disk.names(&directory).ok()?;
    let mut firsts: Vec<Seq> = names.iter().filter_map(|name| first_seq_of(name)).collect();
    firsts.push(first);
    firsts.sort_unstable();
    firsts.dedup();
    let (mut tree, mut after, mut last) = (Frontier::default(), None, None);
    for each in firsts {
        let read = (each != first).then(|| to.disk.read(&segment_path(&directory, each)));
        let read = read.transpose().ok()?;
        let bytes = read.as_deref().unwrap_or(candidate);
        let found = scan(bytes, &SegmentHead::decode(bytes)?, last);
        for frame in &found.frames {
            if tree.size() < to.signed.size && tree.size() == frame.header.seq {
                tree.push(frame.leaf);
            }
        }
        last = found.last_leaf;
        if each == first {
            after = Some(tree.root());
        }
    }
    (tree.size() == to.signed.size && tree.root() == to.signed.root).then_some(after?)
}
