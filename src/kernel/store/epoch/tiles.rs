//! Tiles that hold leaves of lost entries. Whatever is wider than the tree that stays goes; it is made
//! again from the journal as the tree grows.

use std::path::Path;

use crate::kernel::{
    durable::Disk,
    journal::{JournalError, Seq},
    log::{
        checkpoint,
        tiles::{TILE_WIDTH, parse_tile_path},
    },
};

/// Removes every tile that a tree of `size` does not have, or not so wide.
pub(super) fn clear_behind(disk: &dyn Disk, data: &Path, size: Seq) -> Result<(), JournalError> {
    let root = checkpoint::directory(data).join("tile");
    let clear = || {
        let mut directories = vec![root.clone()];
        while let Some(directory) = directories.pop() {
            let mut changed = false;
            for name in disk.names(&directory)? {
                let path = directory.join(name);
                if disk.names(&path).is_ok() {
                    directories.push(path);
                } else if !stays(&root, &path, size) {
                    disk.remove(&path)?;
                    changed = true;
                }
            }
            if changed {
                disk.sync_directory(&directory)?;
            }
        }
        Ok(())
    };
    clear().map_err(JournalError::io("removing tiles of what was lost"))
}

fn stays(root: &Path, path: &Path, size: Seq) -> bool {
    let place = path.strip_prefix(root).ok().and_then(Path::to_str).and_then(parse_tile_path);
    place.is_some_and(|(level, index, width)| {
        let nodes = level.checked_mul(8).and_then(|shift| size.checked_shr(shift)).unwrap_or(0);
        index.checked_mul(TILE_WIDTH).is_some_and(|first| first.saturating_add(width) <= nodes)
    })
}
