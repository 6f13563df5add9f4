//! The hint file: whatever stands in it, each entry is read as it is, and the next writer mends it.

use std::{path::Path, sync::Arc};

use super::seeds;
use crate::kernel::{
    durable::Disk,
    journal::{
        recover::Recovery,
        writer::{SegmentSettings, Writer, open_reader},
    },
    log::tree::Frontier,
};

pub(super) fn hold(bytes: &[u8]) {
    let memory = seeds::directory();
    let directory = Path::new(seeds::JOURNAL);
    memory.put(directory.join("positions"), bytes);
    let disk: Arc<dyn Disk> = Arc::new(memory.clone());
    let recovery = Recovery { disk: disk.as_ref(), directory, floor: 9, now_ms: 1 };
    let recovered = recovery.run().unwrap();
    let reader = open_reader(&disk, directory, &recovered).unwrap();
    let leaves = seeds::leaves();
    assert_eq!(reader.length(), leaves.len() as u64);
    let mut tree = Frontier::default();
    for (leaf, seq) in leaves.iter().zip(0..) {
        let owned = reader.frame(seq).unwrap();
        assert_eq!((owned.frame.header.seq, owned.frame.leaf), (seq, *leaf), "another entry");
        tree.push(*leaf);
    }
    let settings =
        SegmentSettings { size: 16_384, align: 512, epoch: 1, log_id: *b"gmina modrzewie." };
    let writer =
        Writer::new(Arc::clone(&disk), directory, settings, reader, &recovered, tree).unwrap();
    drop(writer);
    let mended = memory.read(&directory.join("positions")).unwrap();
    assert_eq!(mended, seeds::POSITIONS, "the hints were not mended");
}
