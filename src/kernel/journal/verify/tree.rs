//! The tree over all leaves, against the tiles and the signed checkpoint, leaf by leaf.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::kernel::{
    crypto::Hash,
    durable::Disk,
    journal::{
        Seq,
        verify::report::{Report, Verdict},
    },
    log::{
        checkpoint::Checkpoint,
        tiles::{TILE_WIDTH, tile_path},
        tree::Frontier,
    },
};

/// Entries whose leaf differs from their tile, kept in case the root differs too.
const DIFFERING_MAX: usize = 1_000;

/// The tree as far as it was read.
pub(super) struct Tree<'a> {
    disk: &'a dyn Disk,
    /// `log/` of the data directory.
    log: PathBuf,
    pub signed: Option<Checkpoint>,
    in_use: bool,
    /// Files of the level 0 tile that was looked at last.
    near: Option<(u64, Vec<TileFile>)>,
    pub seen: Seen,
}

/// The leaves that were taken in.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Seen {
    /// `None` once a leaf is unknown.
    frontier: Option<Frontier>,
    size: u64,
    signed_root: Option<Hash>,
    /// The open tile of each level.
    open: Vec<Vec<Hash>>,
    differing: Vec<Seq>,
}

impl Default for Seen {
    fn default() -> Seen {
        Seen {
            frontier: Some(Frontier::default()),
            size: 0,
            signed_root: None,
            open: Vec::new(),
            differing: Vec::new(),
        }
    }
}

struct TileFile {
    width: u64,
    bytes: Vec<u8>,
    name: String,
}

impl<'a> Tree<'a> {
    pub fn new(
        disk: &'a dyn Disk,
        data: &Path,
        signed: Option<Checkpoint>,
        in_use: bool,
    ) -> Tree<'a> {
        Tree {
            disk,
            log: crate::kernel::log::checkpoint::directory(data),
            signed,
            in_use,
            near: None,
            seen: Seen::default(),
        }
    }

    /// Root over all leaves so far, if all are known.
    pub fn root(&self) -> Option<Hash> {
        self.seen.frontier.as_ref().map(Frontier::root)
    }

    /// What a tile says of a leaf.
    pub fn tile_leaf(&mut self, seq: Seq) -> Option<Hash> {
        let index = seq / TILE_WIDTH;
        if self.near.as_ref().is_none_or(|(near, _)| *near != index) {
            self.near = Some((index, self.files(0, index)));
        }
        let start = usize::try_from(seq % TILE_WIDTH).ok()? * 32;
        let (_, files) = self.near.as_ref()?;
        files.iter().find_map(|file| file.bytes.get(start..start + 32)?.try_into().ok())
    }

    /// Takes the next leaf in; `None` if nothing says what it was.
    pub fn push(&mut self, leaf: Option<Hash>, report: &mut Report) {
        let seq = self.seen.size;
        self.seen.size += 1;
        let Some(leaf) = leaf else {
            self.seen.frontier = None;
            return;
        };
        if self.tile_leaf(seq).is_some_and(|tile| tile != leaf)
            && self.seen.differing.len() < DIFFERING_MAX
        {
            self.seen.differing.push(seq);
        }
        let Some(frontier) = &mut self.seen.frontier else { return };
        frontier.push(leaf);
        if self.signed.as_ref().is_some_and(|signed| signed.size == self.seen.size) {
            self.seen.signed_root = Some(frontier.root());
        }
        self.push_to_tiles(leaf, report);
    }

    /// A newer checkpoint than the one that was read first, if the tree has not grown past it.
    pub fn renew(&mut self, signed: Checkpoint) {
        if signed.size >= self.seen.size {
            self.seen.signed_root = None;
            if signed.size == self.seen.size {
                self.seen.signed_root = self.root();
            }
            self.signed = Some(signed);
        }
        self.near = None;
    }

    /// The entries up to `size` are lost, and their leaves with them.
    pub fn skip_to(&mut self, size: u64) {
        self.seen.size = size;
        self.seen.frontier = None;
    }

    fn push_to_tiles(&mut self, leaf: Hash, report: &mut Report) {
        let mut hash = leaf;
        for level in 0u32.. {
            if self.seen.open.len() <= level as usize {
                self.seen.open.push(Vec::new());
            }
            let Some(tile) = self.seen.open.get_mut(level as usize) else { return };
            tile.push(hash);
            if (tile.len() as u64) < TILE_WIDTH {
                return;
            }
            let full = std::mem::take(tile);
            let index = (self.nodes(level) / TILE_WIDTH).saturating_sub(1);
            self.compare(level, index, &full, report);
            hash = root_of(&full);
        }
    }

    /// Nodes that a level has.
    fn nodes(&self, level: u32) -> u64 {
        level.checked_mul(8).and_then(|shift| self.seen.size.checked_shr(shift)).unwrap_or(0)
    }

    /// Compares all files of one tile, full and partial, with what it must hold.
    fn compare(&self, level: u32, index: u64, hashes: &[Hash], report: &mut Report) {
        let all = hashes.as_flattened();
        for file in self.files(level, index) {
            let wanted = usize::try_from(file.width).unwrap_or(usize::MAX).saturating_mul(32);
            let fits = match all.get(..wanted) {
                Some(wanted) => wanted == file.bytes,
                // Written since: what is known of it must be so.
                None => self.in_use && file.bytes.starts_with(all),
            };
            if !fits {
                report.add(Verdict::Tile, file.name, "differs from the leaves");
            }
        }
    }

    /// All files of one tile that can be read.
    fn files(&self, level: u32, index: u64) -> Vec<TileFile> {
        let full = tile_path(level, index, TILE_WIDTH);
        let partial = tile_path(level, index, 1);
        let mut widths: Vec<u64> = partial
            .parent()
            .and_then(|directory| self.disk.names(&self.log.join(directory)).ok())
            .unwrap_or_default()
            .iter()
            .filter_map(|name| width_of(name))
            .collect();
        widths.push(TILE_WIDTH);
        let paths = widths.into_iter().map(|width| match width {
            TILE_WIDTH => (width, full.clone()),
            _ => (width, tile_path(level, index, width)),
        });
        paths
            .filter_map(|(width, path)| {
                let bytes = self.disk.read(&self.log.join(&path)).ok()?;
                Some(TileFile { width, bytes, name: format!("log/{}", path.display()) })
            })
            .collect()
    }

    /// What can only be said at the end: the tiles not full, tiles that must not be, the checkpoint.
    pub fn finish(&self, report: &mut Report) {
        report.root = self.root();
        if self.seen.frontier.is_some() {
            for (tile, level) in self.seen.open.iter().zip(0u32..) {
                if !tile.is_empty() {
                    self.compare(level, self.nodes(level) / TILE_WIDTH, tile, report);
                }
            }
            self.check_names(report);
        }
        self.check_checkpoint(report);
    }

    fn check_checkpoint(&self, report: &mut Report) {
        let Some(signed) = &self.signed else { return };
        let mut fault = |detail: String| report.add(Verdict::Checkpoint, "log/checkpoint", detail);
        if signed.size > self.seen.size {
            fault(format!("covers {} entries, the journal has {}", signed.size, self.seen.size));
            return;
        }
        let Some(root) = self.seen.signed_root else {
            fault("a leaf below it is lost, its root cannot be computed".to_owned());
            return;
        };
        if root == signed.root {
            return;
        }
        fault(format!("its root is not that of the first {} leaves", signed.size));
        let whole = report.findings.iter().all(|finding| {
            !matches!(finding.verdict, Verdict::DamagedHeader | Verdict::DamagedBody)
        });
        if whole {
            let mut wrong: Vec<String> = self
                .seen
                .differing
                .iter()
                .filter(|seq| **seq < signed.size)
                .map(|seq| format!("entry {seq}"))
                .collect();
            if wrong.is_empty() {
                wrong.push(format!("entries 0 to {}", signed.size.saturating_sub(1)));
            }
            for place in wrong {
                report.add(Verdict::DamagedHeader, place, "not under the checkpoint's root");
            }
        }
    }

    fn check_names(&self, report: &mut Report) {
        let root = self.log.join("tile");
        for name in self.disk.names(&root).unwrap_or_default() {
            match name.parse::<u32>().ok().filter(|level| level.to_string() == name) {
                Some(level) => self.check_names_below(&root.join(&name), level, 0, report),
                None => unexpected(&root.join(&name), report),
            }
        }
    }

    /// Files of a directory whose indexes all begin with `above`, in groups of three digits.
    fn check_names_below(&self, directory: &Path, level: u32, above: u64, report: &mut Report) {
        let Ok(names) = self.disk.names(directory) else {
            unexpected(directory, report);
            return;
        };
        for name in names.iter().filter(|name| !name.ends_with(".tmp")) {
            let path = directory.join(name);
            let digits = name.trim_start_matches('x').trim_end_matches(".p");
            let number = digits.parse::<u64>().ok().filter(|_| digits.len() == 3);
            let index = number.and_then(|number| above.checked_mul(1_000)?.checked_add(number));
            match index {
                None => unexpected(&path, report),
                Some(index) if name.starts_with('x') => {
                    self.check_names_below(&path, level, index, report);
                }
                Some(index) if name.ends_with(".p") => {
                    for width in self.disk.names(&path).unwrap_or_default() {
                        if !width.ends_with(".tmp") {
                            self.check_name(
                                &path.join(&width),
                                level,
                                index,
                                width_of(&width),
                                report,
                            );
                        }
                    }
                }
                Some(index) => self.check_name(&path, level, index, Some(TILE_WIDTH), report),
            }
        }
    }

    fn check_name(
        &self,
        path: &Path,
        level: u32,
        index: u64,
        width: Option<u64>,
        report: &mut Report,
    ) {
        let expected = width.is_some_and(|width| {
            self.log.join(tile_path(level, index, width)) == path
                && (self.in_use || index * TILE_WIDTH + width <= self.nodes(level))
        });
        if !expected {
            unexpected(path, report);
        }
    }
}

fn unexpected(path: &Path, report: &mut Report) {
    let name: PathBuf = path.iter().skip_while(|part| *part != "tile").collect();
    let place = format!("log/{}", name.display());
    // A partial tile that is too wide was found to differ already.
    if !report.findings.iter().any(|it| it.verdict == Verdict::Tile && it.place == place) {
        report.add(Verdict::Tile, place, "not expected");
    }
}

/// The width in the name of a partial tile.
fn width_of(name: &str) -> Option<u64> {
    let width = name.parse::<u64>().ok().filter(|width| width.to_string() == name)?;
    (1..TILE_WIDTH).contains(&width).then_some(width)
}

/// The root over a full tile.
fn root_of(tile: &[Hash]) -> Hash {
    let mut frontier = Frontier::default();
    for hash in tile {
        frontier.push(*hash);
    }
    frontier.root()
}
