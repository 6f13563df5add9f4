//! What a disk holds in two planes: what programs see, and what survives a power cut.
//!
//! Contents become durable sector by sector when a file is synced, lengths too; names only when their
//! directory is synced. A crash decides freely which of the rest survives, and a sector may also turn
//! to zeros, rubbish or a torn half. Nothing here is ever freed.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::kernel::crypto::{Hash, hash};

pub const SECTOR: usize = 512;

/// Numbers that look random and are the same for the same seed (SplitMix64).
#[derive(Clone)]
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }
    pub fn chance(&mut self, percent: u64) -> bool {
        self.next() % 100 < percent
    }
    pub fn bytes(&mut self, n: usize) -> Vec<u8> {
        (0..n).map(|_| self.next() as u8).collect()
    }
}

#[derive(Clone, Default)]
pub(super) struct Inode {
    pub(super) live: Vec<u8>,
    pub(super) raw: Vec<u8>,
    /// Length that is durable.
    pub(super) size: usize,
    pub(super) dirty: BTreeSet<usize>,
    /// Sectors that a failed sync left behind: in memory new, on the device old, and nobody's to write.
    pub(super) lost: BTreeSet<usize>,
    pub(super) name: PathBuf,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Node {
    File(u64),
    Directory,
}

/// Names that appear or go together.
pub(super) type Change = Vec<(String, Option<Node>)>;

#[derive(Clone, Default)]
pub(super) struct Directory {
    pub(super) live: BTreeMap<String, Node>,
    pub(super) durable: BTreeMap<String, Node>,
    pub(super) changes: Vec<Change>,
}

/// Everything on the disk at one moment.
#[derive(Clone, Default)]
pub struct State {
    pub(super) inodes: BTreeMap<u64, Arc<Inode>>,
    pub(super) directories: BTreeMap<PathBuf, Directory>,
    pub(super) next: u64,
}

/// Which undecided things survive a crash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    None,
    All,
    Few,
    Most,
    Half,
}

impl State {
    pub(super) fn node(&self, path: &Path) -> Option<Node> {
        let (parent, name) = split(path)?;
        self.directories.get(parent)?.live.get(&name).copied()
    }

    pub(super) fn file(&self, path: &Path) -> io::Result<u64> {
        match self.node(path) {
            Some(Node::File(id)) => Ok(id),
            Some(Node::Directory) => Err(io::ErrorKind::IsADirectory.into()),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    pub(super) fn inode(&mut self, id: u64) -> &mut Inode {
        Arc::make_mut(self.inodes.get_mut(&id).unwrap())
    }

    pub(super) fn change(&mut self, directory: &Path, change: Change) -> io::Result<()> {
        let directory =
            self.directories.get_mut(directory).ok_or(io::Error::from(io::ErrorKind::NotFound))?;
        apply(&mut directory.live, &change);
        directory.changes.push(change);
        Ok(())
    }

    /// The disk after a power cut.
    pub fn crash(&self, style: Style, wild: bool, random: &mut Random) -> State {
        let share = match style {
            Style::None => 0,
            Style::All => 100,
            Style::Few => 20,
            Style::Most => 85,
            Style::Half => 50,
        };
        // Names and contents go different ways: a directory may reach the disk long before a file.
        let pure = matches!(style, Style::None | Style::All);
        let names = if pure { share } else { [share, 0, 100][random.below(3)] };
        let mut dice = random.clone();
        random.next();
        self.settled(random, &mut |undecided| {
            let chance = if undecided == Undecided::Name { names } else { share };
            match (dice.chance(chance), undecided) {
                (true, _) => Fate::New,
                (false, Undecided::Sector | Undecided::SameSector) if !pure => {
                    Fate::any(wild, &mut dice)
                }
                (false, _) => Fate::Old,
            }
        })
    }

    /// How many things a power cut would decide. A sector that is the same before and after is none.
    pub fn undecided(&self) -> u32 {
        let mut count = 0;
        self.settled(&mut Random(0), &mut |undecided| {
            count += u32::from(undecided != Undecided::SameSector);
            Fate::New
        });
        count
    }

    /// The disk after a power cut that spared those undecided things whose bit is set.
    pub fn crash_sparing(&self, bits: u64) -> State {
        let mut at = 0;
        self.settled(&mut Random(0), &mut |undecided| {
            if undecided == Undecided::SameSector {
                return Fate::New;
            }
            at += 1;
            if bits >> (at - 1) & 1 == 1 { Fate::New } else { Fate::Old }
        })
    }

    /// The disk after a power cut, where every undecided thing meets its fate.
    fn settled(&self, random: &mut Random, fate: &mut dyn FnMut(Undecided) -> Fate) -> State {
        let mut state = self.clone();
        for directory in state.directories.values_mut() {
            for change in std::mem::take(&mut directory.changes) {
                if fate(Undecided::Name) == Fate::New {
                    apply(&mut directory.durable, &change);
                }
            }
            directory.live = directory.durable.clone();
        }
        for inode in state.inodes.values_mut() {
            if inode.dirty.is_empty() && inode.lost.is_empty() && inode.size == inode.live.len() {
                continue;
            }
            let inode = Arc::make_mut(inode);
            for sector in std::mem::take(&mut inode.dirty) {
                let undecided =
                    if inode.is_same(sector) { Undecided::SameSector } else { Undecided::Sector };
                inode.settle(sector, fate(undecided), random);
            }
            inode.lost.clear();
            if inode.size != inode.live.len() && fate(Undecided::Length) == Fate::New {
                inode.size = inode.live.len();
            }
            inode.raw.resize(inode.raw.len().max(inode.size), 0);
            inode.live = inode.raw[..inode.size].to_vec();
        }
        let lost: Vec<PathBuf> = state
            .directories
            .keys()
            .filter(|path| {
                split(path).is_some_and(|(parent, name)| {
                    state
                        .directories
                        .get(parent)
                        .is_some_and(|above| above.live.get(&name) != Some(&Node::Directory))
                })
            })
            .cloned()
            .collect();
        state.directories.retain(|path, _| !lost.iter().any(|gone| path.starts_with(gone)));
        state
    }

    /// All names with contents.
    pub fn image(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut image = BTreeMap::new();
        for (path, directory) in &self.directories {
            for (name, node) in &directory.live {
                if let Node::File(id) = node {
                    image.insert(path.join(name), self.inodes[id].live.clone());
                }
            }
        }
        image
    }

    /// The same for disks that a program cannot tell apart.
    pub fn fingerprint(&self) -> Hash {
        let mut parts = Vec::new();
        for (path, bytes) in self.image() {
            let name = path.to_string_lossy().into_owned().into_bytes();
            parts.push(hash(&[&name, &[0], &hash(&[&bytes])]));
        }
        hash(&parts.iter().map(|part| part.as_slice()).collect::<Vec<_>>())
    }

    /// Whether bytes lie where no name leads: in unlinked files, or behind the end of a file.
    pub fn holds_out_of_reach(&self, bytes: &[u8]) -> bool {
        let found = |hay: &[u8]| hay.windows(bytes.len()).any(|window| window == bytes);
        let named: BTreeSet<u64> = self
            .directories
            .values()
            .flat_map(|directory| directory.live.values())
            .filter_map(|node| if let Node::File(id) = node { Some(*id) } else { None })
            .collect();
        self.inodes.iter().any(|(id, inode)| {
            let reachable = if named.contains(id) { inode.size.min(inode.raw.len()) } else { 0 };
            found(&inode.raw[reachable..])
        })
    }

    /// Whether bytes are on the disk, in a file or in blocks that no name leads to.
    pub fn holds_anywhere(&self, bytes: &[u8]) -> bool {
        let found = |hay: &[u8]| hay.windows(bytes.len()).any(|window| window == bytes);
        self.inodes.values().any(|inode| found(&inode.raw) || found(&inode.live))
    }

    /// Harms a durable file; gives the old bytes back.
    pub fn harm(&mut self, path: &Path, at: usize, bytes: &[u8]) -> Vec<u8> {
        let id = self.file(path).unwrap();
        let inode = self.inode(id);
        inode.raw.resize(inode.raw.len().max(inode.live.len()), 0);
        let old = inode.live[at..at + bytes.len()].to_vec();
        inode.live[at..at + bytes.len()].copy_from_slice(bytes);
        inode.raw[at..at + bytes.len()].copy_from_slice(bytes);
        old
    }
}

/// What a power cut decides of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Undecided {
    Name,
    Sector,
    /// Written, but with what was there.
    SameSector,
    Length,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    New,
    Old,
    Zero,
    Junk,
    Torn,
}

impl Fate {
    fn any(wild: bool, random: &mut Random) -> Fate {
        let fates = [Fate::Old, Fate::Old, Fate::Torn, Fate::Zero, Fate::Junk];
        fates[random.below(if wild { 5 } else { 3 })]
    }
}

impl Inode {
    /// Whether a sector is the same in memory and on the device.
    fn is_same(&self, sector: usize) -> bool {
        (sector * SECTOR..(sector + 1) * SECTOR).all(|at| {
            let (new, old) = (self.live.get(at), self.raw.get(at));
            new.copied().unwrap_or_default() == old.copied().unwrap_or_default()
        })
    }

    pub(super) fn settle(&mut self, sector: usize, fate: Fate, random: &mut Random) {
        let (from, to) = (sector * SECTOR, (sector + 1) * SECTOR);
        self.raw.resize(self.raw.len().max(to), 0);
        let mut new = self.live.get(from..to.min(self.live.len())).unwrap_or_default().to_vec();
        new.resize(SECTOR, 0);
        let place = &mut self.raw[from..to];
        match fate {
            Fate::New => place.copy_from_slice(&new),
            Fate::Old => {}
            Fate::Zero => place.fill(0),
            Fate::Junk => place.copy_from_slice(&random.bytes(SECTOR)),
            Fate::Torn => {
                let cut = 1 + random.below(SECTOR - 1);
                place[..cut].copy_from_slice(&new[..cut]);
            }
        }
    }
}

fn apply(names: &mut BTreeMap<String, Node>, change: &Change) {
    for (name, node) in change {
        match node {
            Some(node) => names.insert(name.clone(), *node),
            None => names.remove(name),
        };
    }
}

pub(super) fn split(path: &Path) -> Option<(&Path, String)> {
    Some((path.parent()?, path.file_name()?.to_string_lossy().into_owned()))
}
