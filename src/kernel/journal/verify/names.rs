//! Files beside the segments: hints, leftovers, blobs, the log's key.

use std::{collections::BTreeSet, path::Path};

use crate::kernel::{
    crypto::{Hash, hash, hex},
    durable::Disk,
    journal::{
        JournalError, Seq,
        frame::Frame,
        segment::first_seq_of,
        verify::report::{Report, Verdict},
    },
    log::note::Verifier,
};

/// Reads a file that need not be there.
pub(super) fn read_if_there(disk: &dyn Disk, path: &Path) -> Result<Option<Vec<u8>>, JournalError> {
    match disk.read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(JournalError::io(format!("reading {}", path.display()))(error)),
    }
}

/// The key beside the checkpoint. Read as bytes: a second spelling of it is a fault.
pub(super) fn read_vkey(
    disk: &dyn Disk,
    path: &Path,
    report: &mut Report,
) -> Result<Option<Verifier>, JournalError> {
    let Some(bytes) = read_if_there(disk, path)? else { return Ok(None) };
    let text = String::from_utf8_lossy(&bytes);
    match Verifier::parse(&text) {
        Ok(verifier) if format!("{}\n", verifier.vkey()).as_bytes() == bytes => Ok(Some(verifier)),
        Ok(verifier) => {
            report.add(Verdict::Checkpoint, "log/vkey", "not one line with a newline");
            Ok(Some(verifier))
        }
        Err(error) => {
            report.add(Verdict::Checkpoint, "log/vkey", error.to_string());
            Ok(None)
        }
    }
}

/// `journal/positions`
pub(super) struct Positions(Vec<u8>);

impl Positions {
    pub fn read(disk: &dyn Disk, directory: &Path) -> Result<Positions, JournalError> {
        let bytes = read_if_there(disk, &directory.join("positions"))?;
        Ok(Positions(bytes.unwrap_or_default()))
    }

    pub fn check(&self, frame: &Frame, report: &mut Report) {
        let seq = frame.header.seq;
        let hint = usize::try_from(seq).ok().and_then(|seq| self.0.as_chunks::<4>().0.get(seq));
        let Some(hint) = hint else { return };
        let says = u64::from(u32::from_le_bytes(*hint)) * 8;
        if says != frame.start as u64 {
            let detail = format!("says {says}, the frame is at {}", frame.start);
            report.add(Verdict::PositionHint, format!("entry {seq}"), detail);
        }
    }

    pub fn finish(&self, entries: Seq, in_use: bool, report: &mut Report) {
        let length = self.0.len() as u64;
        if !in_use && (!length.is_multiple_of(4) || length / 4 > entries) {
            let detail = format!("{length} bytes for {entries} entries");
            report.add(Verdict::PositionHint, "journal/positions", detail);
        }
    }
}

/// Blob files that no body was judged by: rubbish or leftovers, but each must be what its name says.
pub(super) fn check_blobs(
    disk: &dyn Disk,
    data: &Path,
    hashed: &BTreeSet<Hash>,
    report: &mut Report,
) -> Result<(), JournalError> {
    let root = data.join("blobs");
    for group in disk.names(&root).map_err(JournalError::io("listing the blobs"))? {
        let directory = root.join(&group);
        let Ok(names) = disk.names(&directory) else {
            let detail = "its name is not the hash of its bytes";
            report.add(Verdict::BlobFile, format!("blobs/{group}"), detail);
            continue;
        };
        for name in names.iter().filter(|name| !name.ends_with(".tmp")) {
            let in_place = name.len() == 64 && name.starts_with(&group) && group.len() == 2;
            if in_place && hash_of(name).is_some_and(|name| hashed.contains(&name)) {
                continue;
            }
            let Some(bytes) = read_if_there(disk, &directory.join(name))? else { continue };
            if !in_place || hex(&hash(&[&bytes])) != *name {
                let detail = "its name is not the hash of its bytes";
                report.add(Verdict::BlobFile, format!("blobs/{group}/{name}"), detail);
            }
        }
    }
    Ok(())
}

pub(super) fn hash_of(name: &str) -> Option<Hash> {
    let mut out = [0; 32];
    for (byte, digits) in out.iter_mut().zip(name.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    }
    (hex(&out) == name).then_some(out)
}

/// Files of the journal that the page does not know, and leftovers that hold secrets.
pub(super) fn check_journal(
    disk: &dyn Disk,
    directory: &Path,
    firsts: &[Seq],
    in_use: bool,
    report: &mut Report,
) -> Result<(), JournalError> {
    for name in disk.names(directory).map_err(JournalError::io("listing the journal"))? {
        let place = format!("journal/{name}");
        let (stem, ending) = name.split_once('.').unwrap_or((&name, ""));
        let numbered = stem.len() == 20 && stem.bytes().all(|byte| byte.is_ascii_digit());
        match (numbered, ending) {
            (false, "tmp") if stem == "next" => {
                let bytes = read_if_there(disk, &directory.join(&name))?.unwrap_or_default();
                if !in_use && bytes.iter().any(|byte| *byte != 0) {
                    let detail = "the prepared segment is not all zero";
                    report.add(Verdict::NoFrame, place, detail);
                }
            }
            (true, "seg") => {}
            (true, "keys") => {
                let first = first_seq_of(&format!("{stem}.seg"));
                if !first.is_some_and(|first| firsts.contains(&first)) {
                    report.add(Verdict::KeysFile, place, "without a segment");
                }
            }
            (true, "keys.old" | "keys.tmp") => {
                report.add(Verdict::KeysFile, place, "left over: not yet overwritten and removed");
            }
            (false, "") if stem == "positions" || stem == "torn" => {}
            _ => report.add(Verdict::Chain, place, "not a file the page knows"),
        }
    }
    Ok(())
}
