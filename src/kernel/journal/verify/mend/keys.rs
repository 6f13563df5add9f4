//! The secrets of a sealed segment, put together from what is left here and from a copy: each must open its
//! body. Where an order to erase covers a body, its tombstone is put and no secret is looked for.

use std::path::Path;

use super::{Covered, Mender};
use crate::kernel::{
    blobs::{blob_path, open_blob},
    crypto::{Secret, hash},
    journal::{
        self, Seq,
        entry::Descriptor,
        keys::{KeysFile, keys_path, wipe},
        sealed::open_body,
        segment::{SLOT_BYTES, scan},
        tombstone::{is_tombstone, tombstone},
        verify::{report::Report, segment::Segment},
    },
};

type Slot = [u8; SLOT_BYTES];

/// A whole keys file for a sealed segment.
pub(super) fn sound(
    to: &Mender<'_>,
    copy: Option<&Path>,
    first: Seq,
    erased: &Covered,
) -> Result<KeysFile, String> {
    let directory = journal::directory(to.data);
    let mut aside = Report::default();
    let segment = Segment::read(to.disk, &directory, first, 512, &mut aside)
        .map_err(|error| error.to_string())?;
    let seal = segment.seal.seal().ok_or("its segment is not sealed, or its seal is damaged")?;
    // The first frame's predecessor is the audit's business.
    let mut found = scan(&segment.bytes, &segment.head, None);
    if first > 0 {
        found = scan_behind(&segment);
    }
    if found.next_seq != seal.end_seq {
        return Err("its segment is damaged; that is mended first".to_owned());
    }
    let theirs = match copy {
        None => None,
        Some(copy) => Some(of_copy(to, copy, first, seal.slots)?),
    };
    let ours = KeysFile::read(to.disk, &directory, first);
    let mut slots = vec![[0; SLOT_BYTES]; seal.slots as usize];
    for frame in &found.frames {
        let seq = frame.header.seq;
        let bodies = frame.header.bodies.iter().zip(&frame.bodies).zip(0u32..);
        for ((descriptor, place), body) in bodies {
            let number = frame.slot_first.saturating_add(body);
            let here = segment.keys.as_ref().and_then(|keys| keys.get(number as usize)).copied();
            let there = theirs.as_ref().and_then(|keys| keys.slots.get(number as usize)).copied();
            let stored = segment.bytes.get(place.clone()).unwrap_or_default();
            let opens = |slot: &Slot| opens(to, copy, descriptor, stored, slot);
            let order = erased.orders_of((seq, body)).into_iter().next();
            let slot = match order {
                Some(order) => Some(tombstone(order.seq, &order.leaf, seq, body)),
                None => here
                    .filter(is_tombstone)
                    .or_else(|| [here, there].into_iter().flatten().find(opens)),
            };
            let slot = slot.ok_or_else(|| {
                format!("the secret of entry {seq} body {body} is in neither of the two")
            })?;
            if let Some(place) = slots.get_mut(number as usize) {
                *place = slot;
            }
        }
    }
    let newest = ours.iter().chain(&theirs).map(|keys| keys.generation).max().unwrap_or(0);
    Ok(KeysFile { first_seq: first, generation: newest.saturating_add(1), slots })
}

fn scan_behind(segment: &Segment) -> journal::segment::Scan {
    let mut found = journal::segment::Scan::new(&segment.head, None);
    found.prev_unknown = true;
    while let Some(frame) = found.next(&segment.bytes, &segment.head) {
        found.take(frame);
    }
    found
}

fn of_copy(to: &Mender<'_>, copy: &Path, first: Seq, slots: u32) -> Result<KeysFile, String> {
    KeysFile::read(to.disk, &journal::directory(copy), first)
        .filter(|keys| keys.first_seq == first && keys.slots.len() == slots as usize)
        .ok_or_else(|| "its keys file is missing, damaged, or of another segment".to_owned())
}

/// Whether a secret opens a body. Of a blob that is nowhere nobody can tell.
fn opens(
    to: &Mender<'_>,
    copy: Option<&Path>,
    descriptor: &Descriptor,
    stored: &[u8],
    slot: &Slot,
) -> bool {
    let secret = Secret(*slot);
    let commitment = &descriptor.commitment;
    let Some(name) = &descriptor.detached else {
        return open_body(&secret, commitment, stored).is_some();
    };
    [Some(to.data), copy].into_iter().flatten().any(|data| {
        let file = to.disk.read(&blob_path(data, name)).ok();
        file.filter(|file| hash(&[file]) == *name)
            .is_some_and(|file| open_blob(&secret, commitment, &file).is_some())
    })
}

/// Puts it in place as an erasure does: the bytes of the damaged one are overwritten before their blocks are
/// free.
pub(super) fn put(to: &Mender<'_>, keys: &KeysFile) -> Result<(), String> {
    let directory = journal::directory(to.data);
    let path = keys_path(&directory, keys.first_seq);
    let mut old = path.clone().into_os_string();
    old.push(".old");
    let old = Path::new(&old);
    if to.disk.exists(old) {
        return Err("an erasure beside it was cut short; a start finishes it first".to_owned());
    }
    let put = || -> std::io::Result<()> {
        if !to.disk.exists(&path) {
            return keys.write(to.disk, &directory);
        }
        to.disk.link(&path, old)?;
        to.disk.sync_directory(&directory)?;
        keys.write(to.disk, &directory)?;
        wipe(to.disk, &directory, old)
    };
    put().map_err(|error| format!("writing the keys file: {error}"))
}
