//! A disk in memory without any faults, made in microseconds.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use crate::kernel::durable::{Disk, File};

type Bytes = Arc<Mutex<Vec<u8>>>;

/// Files by path.
#[derive(Clone, Default)]
pub struct MemoryDisk(Arc<Mutex<Tree>>);

#[derive(Default)]
struct Tree {
    files: BTreeMap<PathBuf, Bytes>,
    directories: BTreeSet<PathBuf>,
}

struct Open(Bytes);

impl MemoryDisk {
    /// Puts a file there, with the directories above it.
    pub fn put(&self, path: impl Into<PathBuf>, bytes: &[u8]) {
        let path = path.into();
        let mut tree = self.0.lock().unwrap();
        tree.directories.extend(path.ancestors().skip(1).map(Path::to_owned));
        tree.files.insert(path, Arc::new(Mutex::new(bytes.to_vec())));
    }

    /// All that is on it.
    pub fn image(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let tree = self.0.lock().unwrap();
        let bytes = |bytes: &Bytes| bytes.lock().unwrap().clone();
        tree.files.iter().map(|(path, file)| (path.clone(), bytes(file))).collect()
    }

    fn file(&self, path: &Path) -> io::Result<Bytes> {
        let tree = self.0.lock().unwrap();
        tree.files.get(path).map(Arc::clone).ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

impl File for Open {
    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let bytes = self.0.lock().unwrap();
        let from = usize::try_from(offset).map_err(io::Error::other)?;
        let there = from.checked_add(buffer.len()).and_then(|to| bytes.get(from..to));
        buffer.copy_from_slice(there.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }
    fn write_all_at(&self, new: &[u8], offset: u64) -> io::Result<()> {
        let mut bytes = self.0.lock().unwrap();
        let from = usize::try_from(offset).map_err(io::Error::other)?;
        if bytes.len() < from + new.len() {
            bytes.resize(from + new.len(), 0);
        }
        bytes[from..from + new.len()].copy_from_slice(new);
        Ok(())
    }
    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }
    fn sync_all(&self) -> io::Result<()> {
        Ok(())
    }
    fn set_len(&self, length: u64) -> io::Result<()> {
        let length = usize::try_from(length).map_err(io::Error::other)?;
        self.0.lock().unwrap().resize(length, 0);
        Ok(())
    }
    fn len(&self) -> io::Result<u64> {
        Ok(self.0.lock().unwrap().len() as u64)
    }
}

impl Disk for MemoryDisk {
    fn open(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        Ok(Arc::new(Open(self.file(path)?)))
    }
    fn create(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        self.put(path, &[]);
        self.open(path)
    }
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        Ok(self.file(path)?.lock().unwrap().clone())
    }
    fn read_from_device(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.read(path)
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut tree = self.0.lock().unwrap();
        let file = tree.files.remove(from).ok_or(io::ErrorKind::NotFound)?;
        tree.files.insert(to.to_owned(), file);
        Ok(())
    }
    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        let file = self.file(from)?;
        let mut tree = self.0.lock().unwrap();
        if tree.files.contains_key(to) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        tree.files.insert(to.to_owned(), file);
        Ok(())
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        let gone = self.0.lock().unwrap().files.remove(path);
        gone.map(|_file| ()).ok_or_else(|| io::ErrorKind::NotFound.into())
    }
    fn sync_directory(&self, _path: &Path) -> io::Result<()> {
        Ok(())
    }
    fn create_directory(&self, path: &Path) -> io::Result<()> {
        self.0.lock().unwrap().directories.extend(path.ancestors().map(Path::to_owned));
        Ok(())
    }
    fn names(&self, path: &Path) -> io::Result<Vec<String>> {
        let tree = self.0.lock().unwrap();
        if tree.files.contains_key(path) {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        let names: BTreeSet<String> = tree
            .files
            .keys()
            .chain(&tree.directories)
            .filter(|it| it.parent() == Some(path))
            .filter_map(|it| Some(it.file_name()?.to_string_lossy().into_owned()))
            .collect();
        Ok(names.into_iter().collect())
    }
    fn exists(&self, path: &Path) -> bool {
        let tree = self.0.lock().unwrap();
        tree.files.contains_key(path) || tree.directories.contains(path)
    }
}
