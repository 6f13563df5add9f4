//! A data directory held in memory, for reading only: a hundred thousand audits of it need no disk.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use ostoja::kernel::durable::{Disk, File};

#[derive(Clone)]
pub struct Memory {
    files: BTreeMap<PathBuf, Arc<Vec<u8>>>,
    directories: BTreeSet<PathBuf>,
}

impl Memory {
    /// Takes a directory in; its root is `/`.
    pub fn of(directory: &Path) -> Memory {
        let files: BTreeMap<PathBuf, Arc<Vec<u8>>> = crate::format::files(directory)
            .into_iter()
            .map(|(name, bytes)| (Path::new("/").join(name), Arc::new(bytes)))
            .collect();
        let directories = files
            .keys()
            .flat_map(|path| path.ancestors().skip(1).map(Path::to_owned).collect::<Vec<_>>())
            .collect();
        Memory { files, directories }
    }

    pub fn files(&self) -> impl Iterator<Item = (&Path, &[u8])> {
        self.files.iter().map(|(path, bytes)| (path.as_path(), bytes.as_slice()))
    }

    /// Flips one bit; the same again puts it back.
    pub fn flip(&mut self, path: &Path, bit: usize) {
        Arc::make_mut(self.files.get_mut(path).unwrap())[bit / 8] ^= 1 << (bit % 8);
    }
}

fn read_only<T>() -> io::Result<T> {
    Err(io::ErrorKind::ReadOnlyFilesystem.into())
}

impl Disk for Memory {
    fn open(&self, _path: &Path) -> io::Result<Arc<dyn File>> {
        read_only()
    }
    fn create(&self, _path: &Path) -> io::Result<Arc<dyn File>> {
        read_only()
    }
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.files
            .get(path)
            .map(|bytes| bytes.to_vec())
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }
    fn read_from_device(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.read(path)
    }
    fn rename(&self, _from: &Path, _to: &Path) -> io::Result<()> {
        read_only()
    }
    fn link(&self, _from: &Path, _to: &Path) -> io::Result<()> {
        read_only()
    }
    fn remove(&self, _path: &Path) -> io::Result<()> {
        read_only()
    }
    fn sync_directory(&self, _path: &Path) -> io::Result<()> {
        read_only()
    }
    fn create_directory(&self, _path: &Path) -> io::Result<()> {
        read_only()
    }
    fn names(&self, path: &Path) -> io::Result<Vec<String>> {
        if self.files.contains_key(path) {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        let below = self.files.keys().chain(&self.directories);
        let names: BTreeSet<String> = below
            .filter(|it| it.parent() == Some(path))
            .filter_map(|it| Some(it.file_name()?.to_string_lossy().into_owned()))
            .collect();
        Ok(names.into_iter().collect())
    }
    fn exists(&self, path: &Path) -> bool {
        self.files.contains_key(path) || self.directories.contains(path)
    }
}
