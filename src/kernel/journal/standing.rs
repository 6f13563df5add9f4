//! What of a journal stands, read without changing it: as many entries as a recovery without a floor would
//! keep. For whoever must say what a new epoch begins behind, before it begins.

use std::path::Path;

use crate::kernel::{
    crypto::Hash,
    durable::Disk,
    journal::{
        JournalError, Seq,
        segment::{SealSector, SegmentHead, first_seq_of, scan, segment_path},
        tail::Tail,
    },
    log::tree::Frontier,
};

/// A journal as it stands.
pub struct Standing {
    pub log_id: [u8; 16],
    /// The tree over all entries that stand.
    pub frontier: Frontier,
    /// Root of as many entries as were asked for, if so many stand.
    pub at_mark: Option<Hash>,
}

/// Reads a journal from front to end.
///
/// # Errors
/// The device failed, or what is damaged is not the end: there is something whole behind it.
pub fn read(
    disk: &dyn Disk,
    directory: &Path,
    mark: Option<Seq>,
) -> Result<Standing, JournalError> {
    let names = disk.names(directory).map_err(JournalError::io("listing the journal"))?;
    let mut firsts: Vec<Seq> = names.iter().filter_map(|name| first_seq_of(name)).collect();
    firsts.sort_unstable();
    let mut standing = Standing { log_id: [0; 16], frontier: Frontier::default(), at_mark: None };
    let (mut before, last) = (None, firsts.last().copied());
    for first in firsts {
        let path = segment_path(directory, first);
        let place = path.display().to_string();
        let damage = |what: String| JournalError::damage(place.clone(), what);
        if first != standing.frontier.size() {
            let expected = standing.frontier.size();
            return Err(damage(format!("a segment from entry {expected} should come next")));
        }
        let bytes =
            disk.read_from_device(&path).map_err(JournalError::io(format!("reading {place}")))?;
        let head = SegmentHead::decode(&bytes).filter(|head| head.first_seq == first);
        let head = head.ok_or_else(|| damage("the segment header is unreadable".to_owned()))?;
        standing.log_id = head.log_id;
        let (found, keep) = match SealSector::decode(&bytes, &head) {
            SealSector::Sealed(seal) => {
                let found = scan(&bytes, &head, before);
                if found.next_seq != seal.end_seq {
                    let seq = found.next_seq;
                    return Err(damage(format!("entry {seq} of a sealed segment is unreadable")));
                }
                let all = found.frames.len();
                (found, all)
            }
            SealSector::Open | SealSector::Unreadable if Some(first) == last => {
                let tail =
                    Tail { disk, directory, head, bytes: &bytes, before, floor: first, now_ms: 0 };
                let decided = tail.decide()?;
                (decided.found, decided.keep)
            }
            SealSector::Open | SealSector::Unreadable => {
                return Err(damage("no seal, but a later segment exists".to_owned()));
            }
        };
        for frame in found.frames.iter().take(keep) {
            standing.frontier.push(frame.leaf);
            if mark == Some(standing.frontier.size()) {
                standing.at_mark = Some(standing.frontier.root());
            }
        }
        before = found.last_leaf;
    }
    Ok(standing)
}
