//! A tile, made again: the lowest from leaves, the others from the tiles below.

use super::Mender;
use crate::kernel::{
    crypto::Hash,
    durable::write_whole,
    journal::{
        self, Seq,
        frame::{candidates, read_frame},
        segment::{SECTOR_BYTES, first_seq_of, segment_path},
    },
    log::{
        checkpoint::directory as log_of,
        tiles::{TILE_WIDTH, TilePlace, TileReader, tile_path},
        tree::fold,
    },
};

pub(super) fn make(to: &Mender<'_>, (level, index, width): TilePlace) -> Result<(), String> {
    let log = log_of(to.data);
    let tiles = TileReader { disk: to.disk, directory: &log, size: to.signed.size };
    if width > tiles.width(level, index) {
        return Err("the tree has no such tile: remove the file".to_owned());
    }
    let first = index.saturating_mul(TILE_WIDTH);
    let hashes = match level.checked_sub(1) {
        None => leaves(to, first, first + width)?,
        Some(below) => (first..first + width)
            .map(|index| tiles.tile(below, index).map(|tile| perfect_root(&tile)))
            .collect::<std::io::Result<_>>()
            .map_err(|error| format!("a tile below it: {error}"))?,
    };
    let path = log.join(tile_path(level, index, width));
    write_whole(to.disk, &path, hashes.as_flattened())
        .map_err(|error| format!("writing the tile: {error}"))
}

fn leaves(to: &Mender<'_>, from: Seq, end: Seq) -> Result<Vec<Hash>, String> {
    let directory = journal::directory(to.data);
    let names = to.disk.names(&directory).map_err(|error| error.to_string())?;
    let mut firsts: Vec<Seq> = names.iter().filter_map(|name| first_seq_of(name)).collect();
    firsts.sort_unstable();
    let mut found = Vec::new();
    for (index, first) in firsts.iter().enumerate() {
        let next = firsts.get(index + 1).copied().unwrap_or(Seq::MAX);
        if *first >= end || next <= from {
            continue;
        }
        let bytes = super::read(to.disk, &segment_path(&directory, *first))?;
        for frame in candidates(&bytes, SECTOR_BYTES).filter_map(|at| read_frame(&bytes, at)) {
            let seq = frame.header.seq;
            if seq < end && seq == from + found.len() as Seq {
                found.push(frame.leaf);
            }
        }
    }
    let is_whole = found.len() as Seq == end - from;
    is_whole
        .then_some(found)
        .ok_or_else(|| "a leaf below it is damaged; that is mended first".to_owned())
}

/// The root over a full tile: a tree of two equal halves, down to the hashes.
fn perfect_root(tile: &[Hash]) -> Hash {
    match tile {
        [one] => *one,
        _ => {
            let (left, right) = tile.split_at(tile.len() / 2);
            fold(&[perfect_root(left), perfect_root(right)])
        }
    }
}
