//! A disk with two planes: what programs see, and what survives a power cut.
//!
//! Contents become durable sector by sector when a file is synced, lengths too; names only when their
//! directory is synced. A crash decides freely which of the rest survives, and a sector may also turn
//! to zeros, rubbish or a torn half. A sync may fail: then the sectors it was asked for count as written
//! and are not, as on Linux, and only a read from the device tells. Nothing here is ever freed.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use crate::kernel::{
    crypto::{Hash, hash},
    durable::{Disk, File},
};

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
struct Inode {
    live: Vec<u8>,
    raw: Vec<u8>,
    /// Length that is durable.
    size: usize,
    dirty: BTreeSet<usize>,
    /// Sectors that a failed sync left behind: in memory new, on the device old, and nobody's to write.
    lost: BTreeSet<usize>,
    name: PathBuf,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Node {
    File(u64),
    Directory,
}

/// Names that appear or go together.
type Change = Vec<(String, Option<Node>)>;

#[derive(Clone, Default)]
struct Directory {
    live: BTreeMap<String, Node>,
    durable: BTreeMap<String, Node>,
    changes: Vec<Change>,
}

/// Everything on the disk at one moment.
#[derive(Clone, Default)]
pub struct State {
    inodes: BTreeMap<u64, Arc<Inode>>,
    directories: BTreeMap<PathBuf, Directory>,
    next: u64,
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
    fn node(&self, path: &Path) -> Option<Node> {
        let (parent, name) = split(path)?;
        self.directories.get(parent)?.live.get(&name).copied()
    }

    fn file(&self, path: &Path) -> io::Result<u64> {
        match self.node(path) {
            Some(Node::File(id)) => Ok(id),
            Some(Node::Directory) => Err(io::ErrorKind::IsADirectory.into()),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn inode(&mut self, id: u64) -> &mut Inode {
        Arc::make_mut(self.inodes.get_mut(&id).unwrap())
    }

    fn change(&mut self, directory: &Path, change: Change) -> io::Result<()> {
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
enum Fate {
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

    fn settle(&mut self, sector: usize, fate: Fate, random: &mut Random) {
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

/// What is about to happen, as others see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    Sync(PathBuf),
    SyncDirectory(PathBuf),
    /// The index takes a batch.
    Index,
    Other,
}

/// The disk at one moment, and what the program had promised by then.
#[derive(Clone)]
pub struct Moment {
    pub state: State,
    /// Entries that somebody was told of.
    pub acknowledged: u64,
    /// Batches that the index had taken.
    pub indexed: usize,
}

struct Inner {
    now: Moment,
    /// Every moment so far, if they are wanted.
    moments: Option<Vec<Moment>>,
    /// So many syncs of files fail from now on.
    failing: u32,
}

/// What other threads do while one waits for the disk.
type Meanwhile = Box<dyn FnMut(&Event) + Send>;

/// The disk, shared.
#[derive(Clone)]
pub struct SimDisk(Arc<Mutex<Inner>>, Arc<Mutex<Option<Meanwhile>>>);

impl SimDisk {
    pub fn new(state: State) -> SimDisk {
        let now = Moment { state, acknowledged: 0, indexed: 0 };
        let inner = Inner { now, moments: None, failing: 0 };
        SimDisk(Arc::new(Mutex::new(inner)), Arc::default())
    }

    pub fn empty(root: &Path) -> SimDisk {
        let mut state = State::default();
        state.directories.insert(root.to_owned(), Directory::default());
        SimDisk::new(state)
    }

    pub fn state(&self) -> State {
        self.0.lock().unwrap().now.state.clone()
    }

    /// From now on the first so many entries are promised.
    pub fn acknowledge(&self, entries: u64) {
        self.0.lock().unwrap().now.acknowledged = entries;
        self.keep_moment();
    }

    /// From now on the index holds so many batches.
    pub fn indexed(&self, batches: usize) {
        self.0.lock().unwrap().now.indexed = batches;
        self.keep_moment();
    }

    /// The next sync of a file fails.
    pub fn fail_next_sync(&self) {
        self.0.lock().unwrap().failing = 1;
    }

    /// What others do at each operation from now on.
    pub fn meanwhile(&self, others: Option<Meanwhile>) {
        *self.1.lock().unwrap() = others;
    }

    /// Keeps every moment from here on.
    pub fn record(&self) {
        self.0.lock().unwrap().moments = Some(Vec::new());
        self.keep_moment();
    }

    /// The moments kept.
    pub fn recorded(&self) -> Vec<Moment> {
        self.0.lock().unwrap().moments.take().unwrap_or_default()
    }

    fn keep_moment(&self) {
        let mut inner = self.0.lock().unwrap();
        let now = inner.now.clone();
        if let Some(moments) = &mut inner.moments {
            moments.push(now);
        }
    }

    /// Lets others act, who see no operation under way.
    pub fn wait_for_others(&self, event: &Event) {
        let others = self.1.lock().unwrap().take();
        if let Some(mut others) = others {
            others(event);
            let mut place = self.1.lock().unwrap();
            if place.is_none() {
                *place = Some(others);
            }
        }
    }

    fn act<T>(
        &self,
        event: &Event,
        act: impl FnOnce(&mut State) -> io::Result<T>,
    ) -> io::Result<T> {
        self.wait_for_others(event);
        let mut inner = self.0.lock().unwrap();
        let done = act(&mut inner.now.state)?;
        drop(inner);
        self.keep_moment();
        Ok(done)
    }

    fn look<T>(&self, look: impl FnOnce(&State) -> io::Result<T>) -> io::Result<T> {
        look(&self.0.lock().unwrap().now.state)
    }

    fn sync(&self, id: u64) -> io::Result<()> {
        let name = self.look(|state| Ok(state.inodes[&id].name.clone()))?;
        let failing = {
            let mut inner = self.0.lock().unwrap();
            std::mem::replace(&mut inner.failing, 0) > 0
        };
        if failing {
            self.act(&Event::Other, |state| {
                let inode = state.inode(id);
                inode.lost.append(&mut inode.dirty);
                Ok(())
            })?;
            return Err(io::Error::other("the device did not answer"));
        }
        self.act(&Event::Sync(name), |state| {
            let inode = state.inode(id);
            for sector in std::mem::take(&mut inode.dirty) {
                inode.settle(sector, Fate::New, &mut Random(0));
            }
            inode.size = inode.live.len();
            Ok(())
        })
    }
}

struct SimFile {
    disk: SimDisk,
    id: u64,
}

impl File for SimFile {
    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.disk.look(|state| {
            let from = offset as usize;
            let live = &state.inodes[&self.id].live;
            let bytes = live.get(from..from + buffer.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
            buffer.copy_from_slice(bytes);
            Ok(())
        })
    }

    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.disk.act(&Event::Other, |state| {
            let (from, to) = (offset as usize, offset as usize + bytes.len());
            let inode = state.inode(self.id);
            inode.live.resize(inode.live.len().max(to), 0);
            inode.live[from..to].copy_from_slice(bytes);
            if !bytes.is_empty() {
                let sectors = from / SECTOR..=(to - 1) / SECTOR;
                inode.lost.retain(|sector| !sectors.contains(sector));
                inode.dirty.extend(sectors);
            }
            Ok(())
        })
    }

    fn sync_data(&self) -> io::Result<()> {
        self.disk.sync(self.id)
    }

    fn sync_all(&self) -> io::Result<()> {
        self.disk.sync(self.id)
    }

    fn set_len(&self, bytes: u64) -> io::Result<()> {
        self.disk.act(&Event::Other, |state| {
            let inode = state.inode(self.id);
            inode.live.resize(bytes as usize, 0);
            inode.dirty.retain(|sector| sector * SECTOR < bytes as usize);
            Ok(())
        })
    }

    fn len(&self) -> io::Result<u64> {
        self.disk.look(|state| Ok(state.inodes[&self.id].live.len() as u64))
    }
}

impl Disk for SimDisk {
    fn open(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        let id = self.look(|state| state.file(path))?;
        Ok(Arc::new(SimFile { disk: self.clone(), id }))
    }

    fn create(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        if let Ok(id) = self.look(|state| state.file(path)) {
            let file = SimFile { disk: self.clone(), id };
            file.set_len(0)?;
            return Ok(Arc::new(file));
        }
        let (parent, name) = split(path).ok_or(io::ErrorKind::NotFound)?;
        let id = self.act(&Event::Other, |state| {
            state.next += 1;
            let id = state.next;
            state.change(parent, vec![(name, Some(Node::File(id)))])?;
            state.inodes.insert(id, Arc::new(Inode { name: path.to_owned(), ..Inode::default() }));
            Ok(id)
        })?;
        Ok(Arc::new(SimFile { disk: self.clone(), id }))
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.look(|state| Ok(state.inodes[&state.file(path)?].live.clone()))
    }

    fn read_from_device(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.look(|state| {
            let inode = &state.inodes[&state.file(path)?];
            let mut bytes = inode.live.clone();
            for sector in &inode.lost {
                let (from, to) = (sector * SECTOR, ((sector + 1) * SECTOR).min(bytes.len()));
                let on_device = inode.raw.iter().skip(from).copied().chain(std::iter::repeat(0));
                for (byte, old) in bytes[from..to].iter_mut().zip(on_device) {
                    *byte = old;
                }
            }
            Ok(bytes)
        })
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.act(&Event::Other, |state| {
            let id = state.file(from)?;
            let ((parent, old), (_, new)) = (split(from).unwrap(), split(to).unwrap());
            state.change(parent, vec![(old, None), (new, Some(Node::File(id)))])?;
            state.inode(id).name = to.to_owned();
            Ok(())
        })
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.act(&Event::Other, |state| {
            let id = state.file(from)?;
            let (parent, name) = split(to).unwrap();
            state.change(parent, vec![(name, Some(Node::File(id)))])
        })
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.act(&Event::Other, |state| {
            state.file(path)?;
            let (parent, name) = split(path).unwrap();
            state.change(parent, vec![(name, None)])
        })
    }

    fn sync_directory(&self, path: &Path) -> io::Result<()> {
        self.act(&Event::SyncDirectory(path.to_owned()), |state| {
            let directory =
                state.directories.get_mut(path).ok_or(io::Error::from(io::ErrorKind::NotFound))?;
            directory.durable = directory.live.clone();
            directory.changes.clear();
            Ok(())
        })
    }

    fn create_directory(&self, path: &Path) -> io::Result<()> {
        if self.exists(path) {
            return Ok(());
        }
        let (parent, name) = split(path).ok_or(io::ErrorKind::NotFound)?;
        self.create_directory(parent)?;
        self.act(&Event::Other, |state| {
            state.change(parent, vec![(name, Some(Node::Directory))])?;
            state.directories.insert(path.to_owned(), Directory::default());
            Ok(())
        })
    }

    fn names(&self, path: &Path) -> io::Result<Vec<String>> {
        self.look(|state| match state.directories.get(path) {
            Some(directory) => Ok(directory.live.keys().cloned().collect()),
            None if state.node(path).is_some() => Err(io::ErrorKind::NotADirectory.into()),
            None => Ok(Vec::new()),
        })
    }

    fn exists(&self, path: &Path) -> bool {
        self.look(|state| Ok(state.directories.contains_key(path) || state.node(path).is_some()))
            .unwrap_or(false)
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

fn split(path: &Path) -> Option<(&Path, String)> {
    Some((path.parent()?, path.file_name()?.to_string_lossy().into_owned()))
}
