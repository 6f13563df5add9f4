//! Tiles (C2SP tlog-tiles): the tree's hashes in files of up to 256, full or partial.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::kernel::{
    crypto::Hash,
    durable::{Disk, write_whole},
    log::tree::{Frontier, Place, fold, frontier_places},
};

/// Hashes of a full tile.
pub const TILE_WIDTH: u64 = 256;
const TILE_HEIGHT: u32 = 8;

/// Path of a tile below `log/`: `tile/<L>/<N>` with N in groups of three digits, `.p/<W>` if partial.
pub fn tile_path(level: u32, index: u64, width: u64) -> PathBuf {
    let mut groups = vec![format!("{:03}", index % 1000)];
    let mut rest = index / 1000;
    while rest > 0 {
        groups.push(format!("x{:03}", rest % 1000));
        rest /= 1000;
    }
    groups.reverse();
    let mut path = format!("tile/{level}/{}", groups.join("/"));
    if width < TILE_WIDTH {
        path.push_str(&format!(".p/{width}"));
    }
    PathBuf::from(path)
}

/// A tile's place: level, number at that level, and width.
pub type TilePlace = (u32, u64, u64);

/// Reads `<L>/<N>` or `<L>/<N>.p/<W>`, in the one spelling that [`tile_path`] writes.
pub fn parse_tile_path(path: &str) -> Option<TilePlace> {
    let (rest, width) = match path.split_once(".p/") {
        Some((rest, width)) => (rest, width.parse().ok().filter(|width| *width < TILE_WIDTH)?),
        None => (path, TILE_WIDTH),
    };
    let (level, groups) = rest.split_once('/')?;
    let level = level.parse().ok()?;
    let mut index = 0u64;
    for group in groups.split('/') {
        let digits: u64 = group.strip_prefix('x').unwrap_or(group).parse().ok()?;
        index = index.checked_mul(1000)?.checked_add(digits)?;
    }
    let spelt = tile_path(level, index, width);
    (width > 0 && spelt.strip_prefix("tile").ok()?.to_str() == Some(path))
        .then_some((level, index, width))
}

/// Reads hashes from tiles of a tree of a given size.
pub struct TileReader<'a> {
    pub disk: &'a dyn Disk,
    /// `log/` of the data directory.
    pub directory: &'a Path,
    pub size: u64,
}

impl TileReader<'_> {
    /// The root of one perfect subtree.
    ///
    /// # Errors
    /// A tile is missing or too short.
    pub fn node(&self, place: Place) -> io::Result<Hash> {
        let (level, inside) = (place.level / TILE_HEIGHT, place.level % TILE_HEIGHT);
        let first = place.index << inside;
        let count = 1u64 << inside;
        let tile = self.tile(level, first / TILE_WIDTH)?;
        let start = usize::try_from(first % TILE_WIDTH).map_err(io::Error::other)?;
        let end = start + usize::try_from(count).map_err(io::Error::other)?;
        tile.get(start..end)
            .map(perfect_root)
            .ok_or_else(|| io::Error::other("a tile is shorter than the tree needs"))
    }

    /// The hashes of one tile, as many as the tree has there.
    ///
    /// # Errors
    /// The tile is missing or too short.
    pub fn tile(&self, level: u32, index: u64) -> io::Result<Vec<Hash>> {
        let width = self.width(level, index);
        let bytes = self.tile_bytes(level, index, width)?;
        let (hashes, rest) = bytes.as_chunks::<32>();
        let width = usize::try_from(width).map_err(io::Error::other)?;
        match hashes.get(..width) {
            Some(hashes) if rest.is_empty() => Ok(hashes.to_vec()),
            _ => Err(io::Error::other("a tile is shorter than the tree needs")),
        }
    }

    /// How many hashes the tree has in a tile.
    pub fn width(&self, level: u32, index: u64) -> u64 {
        let nodes = level
            .checked_mul(TILE_HEIGHT)
            .and_then(|height| self.size.checked_shr(height))
            .unwrap_or(0);
        nodes.saturating_sub(index.saturating_mul(TILE_WIDTH)).min(TILE_WIDTH)
    }

    /// The tile of this width or a wider one: while the tree grows, a wider tile takes the place of a
    /// partial one before a checkpoint speaks of it.
    fn tile_bytes(&self, level: u32, index: u64, width: u64) -> io::Result<Vec<u8>> {
        let read = |width| self.disk.read(&self.directory.join(tile_path(level, index, width)));
        let is_missing = |read: &io::Result<Vec<u8>>| {
            read.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
        };
        let full = read(TILE_WIDTH);
        if !is_missing(&full) || width >= TILE_WIDTH {
            return full;
        }
        let exact = read(width);
        if !is_missing(&exact) {
            return exact;
        }
        let partial = tile_path(level, index, 1);
        let names = self.disk.names(&self.directory.join(partial.parent().unwrap_or(&partial)))?;
        let widths = names.iter().filter_map(|name| name.parse().ok());
        match widths.filter(|other| *other > width).min() {
            Some(wider) => read(wider),
            None => read(TILE_WIDTH),
        }
    }

    /// The roots that groups of subtrees fold to: one hash of a proof for each group.
    ///
    /// # Errors
    /// A tile is missing or too short.
    pub fn hashes(&self, groups: Vec<Vec<Place>>) -> io::Result<Vec<Hash>> {
        groups
            .into_iter()
            .map(|group| {
                Ok(fold(
                    &group
                        .into_iter()
                        .map(|place| self.node(place))
                        .collect::<io::Result<Vec<_>>>()?,
                ))
            })
            .collect()
    }

    /// The tree's right edge.
    ///
    /// # Errors
    /// A tile is missing or too short.
    pub fn frontier(&self) -> io::Result<Frontier> {
        let roots = frontier_places(self.size)
            .into_iter()
            .map(|place| self.node(place))
            .collect::<io::Result<Vec<_>>>()?;
        Frontier::from_parts(self.size, roots)
            .ok_or_else(|| io::Error::other("a frontier of the wrong length"))
    }
}

/// Writes tiles as the tree grows. Only durable leaves are given to it.
pub struct TileWriter {
    disk: Arc<dyn Disk>,
    directory: PathBuf,
    size: u64,
    /// The open tile of each level, at most 255 hashes.
    open: Vec<Vec<Hash>>,
    /// Width of the open tile of each level that is on disk.
    written: Vec<usize>,
}

impl TileWriter {
    /// A writer of an empty tree.
    pub fn empty(disk: Arc<dyn Disk>, directory: &Path) -> TileWriter {
        TileWriter {
            disk,
            directory: directory.to_owned(),
            size: 0,
            open: Vec::new(),
            written: Vec::new(),
        }
    }

    /// A writer that goes on from tiles on disk.
    ///
    /// # Errors
    /// A tile is missing or too short.
    pub fn resume(disk: Arc<dyn Disk>, directory: &Path, size: u64) -> io::Result<TileWriter> {
        let reader = TileReader { disk: disk.as_ref(), directory, size };
        let mut open = Vec::new();
        let mut level = 0;
        while let Some(nodes) = size.checked_shr(level * TILE_HEIGHT).filter(|nodes| *nodes > 0) {
            let partial = nodes % TILE_WIDTH;
            open.push(if partial == 0 {
                Vec::new()
            } else {
                reader.tile(level, nodes / TILE_WIDTH)?
            });
            level += 1;
        }
        let written = open.iter().map(Vec::len).collect();
        Ok(TileWriter { directory: directory.to_owned(), size, open, written, disk })
    }

    /// Number of leaves taken in.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Takes a leaf in, and writes a tile when one is full.
    ///
    /// # Errors
    /// The device failed; the writer must be thrown away then.
    pub fn push(&mut self, leaf: Hash) -> io::Result<()> {
        let mut hash = leaf;
        self.size += 1;
        let mut level = 0;
        loop {
            if self.open.len() <= level {
                self.open.push(Vec::new());
                self.written.push(0);
            }
            let Some(tile) = self.open.get_mut(level) else { return Ok(()) };
            tile.push(hash);
            if tile.len() < 256 {
                return Ok(());
            }
            let full = std::mem::take(tile);
            hash = perfect_root(&full);
            let nodes = self.size >> (TILE_HEIGHT * u32::try_from(level).unwrap_or(0));
            self.write(level, nodes / TILE_WIDTH - 1, &full)?;
            level += 1;
        }
    }

    /// Writes the partial tiles, so that the whole tree is on disk.
    ///
    /// # Errors
    /// The device failed.
    pub fn flush(&mut self) -> io::Result<()> {
        for level in 0..self.open.len() {
            let (Some(tile), Some(written)) =
                (self.open.get(level).cloned(), self.written.get(level).copied())
            else {
                continue;
            };
            if tile.len() != written && !tile.is_empty() {
                let nodes = self.size >> (TILE_HEIGHT * u32::try_from(level).unwrap_or(0));
                self.write(level, nodes / TILE_WIDTH, &tile)?;
            }
        }
        Ok(())
    }

    fn write(&mut self, level: usize, index: u64, tile: &[Hash]) -> io::Result<()> {
        let number = u32::try_from(level).map_err(io::Error::other)?;
        let path = self.directory.join(tile_path(number, index, tile.len() as u64));
        if let Some(parent) = path.parent() {
            self.disk.create_directory(parent)?;
        }
        write_whole(self.disk.as_ref(), &path, tile.as_flattened())?;
        if let Some(written) = self.written.get_mut(level) {
            let before = std::mem::replace(written, if tile.len() == 256 { 0 } else { tile.len() });
            if before > 0 && before < tile.len() {
                // A wider tile holds all that this one held. After a crash it may have gone already.
                let narrower = self.directory.join(tile_path(number, index, before as u64));
                match self.disk.remove(&narrower) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                    Ok(()) | Err(_) => {}
                }
            }
        }
        Ok(())
    }
}

/// The root over hashes of equal height, a power of two of them.
fn perfect_root(tile: &[Hash]) -> Hash {
    let mut frontier = Frontier::default();
    for hash in tile {
        frontier.push(*hash);
    }
    frontier.root()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{crypto::hash, durable::RealDisk, log::tree};

    #[test]
    fn paths_are_those_of_the_specification() {
        assert_eq!(tile_path(0, 0, 256), Path::new("tile/0/000"));
        assert_eq!(tile_path(1, 1_234_067, 256), Path::new("tile/1/x001/x234/067"));
        assert_eq!(tile_path(0, 273, 1), Path::new("tile/0/273.p/1"));
    }

    #[test]
    fn a_path_has_one_spelling_and_leads_nowhere_else() {
        for place in [(0, 0, 256), (1, 1_234_067, 256), (0, 273, 1), (7, 999, 255), (0, 1_000, 256)]
        {
            let path = tile_path(place.0, place.1, place.2);
            let path = path.strip_prefix("tile").unwrap().to_str().unwrap().to_owned();
            assert_eq!(parse_tile_path(&path), Some(place), "{path}");
        }
        for path in [
            "",
            "0",
            "0/",
            "0/0",
            "0/00",
            "00/000",
            "+0/000",
            "0/000/",
            "/0/000",
            "0/000.p/0",
            "0/000.p/256",
            "0/000.p/01",
            "0/000.p/",
            "0/x000/000",
            "0/001/000",
            "0/x0001/000",
            "0/../checkpoint",
            "../checkpoint",
            "0/000.p/../1",
            "0/entries",
            "entries/000",
            "-1/000",
            "0/x999/x999/x999/x999/x999/x999/x999/999",
            "99999999999/000",
        ] {
            assert_eq!(parse_tile_path(path), None, "{path:?}");
        }
    }

    #[test]
    fn a_tile_is_read_while_a_wider_one_takes_its_place() {
        let directory = tempfile::tempdir().unwrap();
        let disk: Arc<dyn Disk> = Arc::new(RealDisk);
        let leaf = |i: u64| hash(&[&[0], &i.to_le_bytes()]);
        let mut writer = TileWriter::empty(Arc::clone(&disk), directory.path());
        let mut roots = Vec::new();
        let mut frontier = Frontier::default();
        for size in [3u64, 100, 255, 256, 300] {
            while writer.size() < size {
                frontier.push(leaf(writer.size()));
                writer.push(leaf(writer.size())).unwrap();
            }
            writer.flush().unwrap();
            roots.push((size, frontier.root()));
            for (size, root) in &roots {
                let reader =
                    TileReader { disk: disk.as_ref(), directory: directory.path(), size: *size };
                assert_eq!(reader.frontier().unwrap().root(), *root, "{size} leaves");
            }
        }
    }

    #[test]
    fn tiles_give_back_every_root_and_proof_and_resume_anywhere() {
        let directory = tempfile::tempdir().unwrap();
        let disk: Arc<dyn Disk> = Arc::new(RealDisk);
        let leaf = |i: u64| hash(&[&[0], &i.to_le_bytes()]);
        let mut writer = TileWriter::empty(Arc::clone(&disk), directory.path());
        let mut frontier = Frontier::default();
        for size in [1u64, 2, 255, 256, 257, 700, 65_536, 65_537, 66_000] {
            while writer.size() < size {
                frontier.push(leaf(writer.size()));
                writer.push(leaf(writer.size())).unwrap();
            }
            writer.flush().unwrap();
            let reader = TileReader { disk: disk.as_ref(), directory: directory.path(), size };
            assert_eq!(reader.frontier().unwrap(), frontier, "{size} leaves");
            for index in [0, size / 2, size - 1] {
                let proof = reader.hashes(tree::inclusion_places(index, size)).unwrap();
                assert_eq!(
                    tree::root_from_inclusion(leaf(index), index, size, &proof),
                    Some(frontier.root())
                );
            }
            writer = TileWriter::resume(Arc::clone(&disk), directory.path(), size).unwrap();
        }
    }
}
