//! A disk in memory that programs use as they use the real one.
//!
//! A sync may fail: then the sectors it was asked for count as written and are not, as on Linux, and only
//! a read from the device tells. While one waits for the disk, others may act.

use std::{
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use super::planes::{Directory, Fate, Inode, Node, split};
pub use super::planes::{Random, SECTOR, State, Style};
use crate::kernel::durable::{Disk, File};

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
    /// What the index had taken by then, counted.
    pub indexed: usize,
    /// The index cannot come back as it was before so much: it was made again.
    pub renewed: usize,
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

impl Moment {
    /// Somewhere from which the index may come back.
    pub fn somewhere_indexed(&self, random: &mut Random) -> usize {
        self.renewed + random.below(self.indexed + 1 - self.renewed)
    }
}

impl SimDisk {
    pub fn new(state: State) -> SimDisk {
        let now = Moment { state, acknowledged: 0, indexed: 0, renewed: 0 };
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

    /// This moment.
    pub fn now(&self) -> Moment {
        self.0.lock().unwrap().now.clone()
    }

    /// From now on the first so many entries are promised.
    pub fn acknowledge(&self, entries: u64) {
        self.0.lock().unwrap().now.acknowledged = entries;
        self.keep_moment();
    }

    /// From now on the index has taken so much, and was last made again with so much.
    pub fn indexed(&self, taken: usize, renewed: usize) {
        {
            let now = &mut self.0.lock().unwrap().now;
            (now.indexed, now.renewed) = (taken, renewed);
        }
        self.keep_moment();
    }

    /// From now on the index has taken so much.
    pub fn indexed_more(&self, taken: usize) {
        self.0.lock().unwrap().now.indexed = taken;
        self.keep_moment();
    }

    /// Batches that the index holds now.
    pub fn now_indexed(&self) -> usize {
        self.0.lock().unwrap().now.indexed
    }

    /// The next sync of a file fails.
    pub fn fail_next_sync(&self) {
        self.0.lock().unwrap().failing = 1;
    }

    /// No sync fails any more.
    pub fn mend(&self) {
        self.0.lock().unwrap().failing = 0;
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

    /// Goes on keeping moments, behind some that were kept already.
    pub fn record_behind(&self, moments: Vec<Moment>) {
        self.0.lock().unwrap().moments = Some(moments);
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
