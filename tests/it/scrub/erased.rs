//! What was erased stays so, whatever a copy holds: the copy here has the secrets from before the erasure.

use std::{fs, path::Path};

use ostoja::{
    cli::Exit,
    kernel::{
        crypto::{Secret, hash},
        durable::RealDisk,
        journal::{
            frame::{candidates, read_frame},
            keys::KeysFile,
            sealed::open_body,
            tombstone::is_tombstone,
        },
    },
};

use super::{copy_tree, flip};
use crate::format::{golden, log};

/// Puts the secrets of erased bodies back into the keys files of a copy. Says how many.
fn bring_back(copy: &Path) -> usize {
    let journal = copy.join("journal");
    let mut back = 0;
    for first in [0, 3] {
        let bytes = fs::read(journal.join(format!("{first:020}.seg"))).unwrap();
        let mut keys = KeysFile::read(&RealDisk, &journal, first).unwrap();
        for frame in candidates(&bytes, 512).filter_map(|at| read_frame(&bytes, at)) {
            for (body, descriptor) in frame.header.bodies.iter().enumerate() {
                let slot = frame.slot_first as usize + body;
                if !is_tombstone(&keys.slots[slot]) {
                    continue;
                }
                // The golden directory's secrets are numbered.
                let all = (0..60u64).map(|n| hash(&[b"golden secret", &n.to_le_bytes()]));
                let stored = &bytes[frame.bodies[body].clone()];
                let right = all.into_iter().find(|secret| {
                    open_body(&Secret(*secret), &descriptor.commitment, stored).is_some()
                });
                // Of the blob that is gone any bytes will do.
                keys.slots[slot] = right.unwrap_or([9; 32]);
                back += 1;
            }
        }
        keys.generation = 1;
        keys.write(&RealDisk, &journal).unwrap();
    }
    back
}

#[test]
fn no_secret_comes_back_from_a_copy_made_before_the_erasure() {
    let folder = tempfile::tempdir().unwrap();
    let [data, copy] = ["data", "copy"].map(|name| folder.path().join(name));
    copy_tree(&golden().join("directory"), &data);
    copy_tree(&golden().join("directory"), &copy);
    assert_eq!(bring_back(&copy), 3);
    let old = |first: u64| data.join("journal").join(format!("{first:020}.keys"));
    let (dir, from) = (data.to_str().unwrap(), copy.to_str().unwrap());
    for first in [0, 3] {
        let sound = fs::read(old(first)).unwrap();
        let slots = sound.len() / 32 - 1;
        // Each slot in turn is damaged, tombstones too; then the file is gone.
        for slot in 0..=slots {
            if slot < slots {
                flip(&old(first), 24 + 32 * slot + 20);
            } else {
                fs::remove_file(old(first)).unwrap();
            }
            let (outcome, said) = log(&["repair", "--dir", dir, "--from", from]);
            assert_eq!(outcome.unwrap(), Exit::Ok, "{said}");
            let mended = fs::read(old(first)).unwrap();
            assert_eq!(mended[24..24 + 32 * slots], sound[24..24 + 32 * slots], "slot {slot}");
        }
    }
    // An order among what cannot be read: then no secret is taken from anywhere.
    let lost = fs::read(data.join("journal/00000000000000000003.seg")).unwrap();
    let order = candidates(&lost, 512)
        .filter_map(|at| read_frame(&lost, at))
        .find(|frame| frame.header.erasure.is_some())
        .unwrap();
    for (directory, byte) in [(&data, 60), (&copy, 90)] {
        flip(&directory.join("journal/00000000000000000003.seg"), order.start + byte);
    }
    flip(&old(0), 30);
    let harmed = fs::read(old(0)).unwrap();
    let (outcome, said) = log(&["repair", "--dir", dir, "--from", from]);
    assert_eq!(outcome.unwrap(), Exit::Finding);
    assert!(said.contains("an order to erase may be among the entries that are lost"), "{said}");
    assert_eq!(fs::read(old(0)).unwrap(), harmed);
}
