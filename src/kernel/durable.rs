//! Files that must survive: every write of the journal, the log, the blobs and the index swap goes
//! through [`Disk`], so that tests can put a faulty one underneath.
//!
//! System calls of the happy path of [`write_whole`]: open(O_CREAT|O_TRUNC), pwrite, fsync, close,
//! rename, open(directory), fsync, close.

use std::{
    fs, io,
    os::unix::fs::{FileExt as _, OpenOptionsExt as _},
    path::Path,
    sync::Arc,
};

use nix::fcntl::{OFlag, PosixFadviseAdvice, posix_fadvise};

use crate::kernel::seeded::{self, Wrong};

/// Direct reads must start and end on multiples of this.
const DIRECT_ALIGN: usize = 4096;
/// Whoever reads slowly reads so much at a time.
const PIECE_BYTES: usize = 1 << 20;

/// An open file, read and written at offsets; several threads may share it.
pub trait File: Send + Sync {
    /// Fills `buffer` from `offset`.
    ///
    /// # Errors
    /// The device failed, or the file is shorter.
    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()>;
    /// Writes all of `bytes` at `offset`.
    ///
    /// # Errors
    /// The device failed or is full; how much was written is then unknown.
    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()>;
    /// Makes contents (and what is needed to find them) durable: fdatasync.
    ///
    /// # Errors
    /// The device failed. What is durable is then unknown, and asking again proves nothing.
    fn sync_data(&self) -> io::Result<()>;
    /// Makes contents and metadata durable: fsync.
    ///
    /// # Errors
    /// As [`File::sync_data`].
    fn sync_all(&self) -> io::Result<()>;
    /// Cuts or extends the file.
    ///
    /// # Errors
    /// The device failed.
    fn set_len(&self, bytes: u64) -> io::Result<()>;
    /// Length in bytes.
    ///
    /// # Errors
    /// The device failed.
    fn len(&self) -> io::Result<u64>;
    /// Whether there is nothing in it.
    ///
    /// # Errors
    /// The device failed.
    fn is_empty(&self) -> io::Result<bool> {
        Ok(self.len()? == 0)
    }
}

/// A tree of files.
pub trait Disk: Send + Sync {
    /// Opens an existing file for reading and writing.
    ///
    /// # Errors
    /// It does not exist, or may not be opened.
    fn open(&self, path: &Path) -> io::Result<Arc<dyn File>>;
    /// Creates an empty file, or empties an existing one.
    ///
    /// # Errors
    /// No space, no permission.
    fn create(&self, path: &Path) -> io::Result<Arc<dyn File>>;
    /// Reads a whole file.
    ///
    /// # Errors
    /// It does not exist, or the device failed.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;
    /// Reads a whole file from the device and not from memory, where the file system can.
    ///
    /// # Errors
    /// As [`Disk::read`].
    fn read_from_device(&self, path: &Path) -> io::Result<Vec<u8>>;
    /// As [`Disk::read_from_device`], in pieces where it can, for whoever must not keep the device busy:
    /// `paid` hears how many bytes were read, and may wait or stop.
    ///
    /// # Errors
    /// As [`Disk::read`], or what `paid` says.
    fn read_slowly(
        &self,
        path: &Path,
        paid: &mut dyn FnMut(usize) -> io::Result<()>,
    ) -> io::Result<Vec<u8>> {
        let bytes = self.read_from_device(path)?;
        paid(bytes.len())?;
        Ok(bytes)
    }
    /// Renames over whatever has the new name. Durable after [`Disk::sync_directory`].
    ///
    /// # Errors
    /// The device failed.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Gives a file a second name.
    ///
    /// # Errors
    /// The name is taken, or the device failed.
    fn link(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a name.
    ///
    /// # Errors
    /// There is no such file, or the device failed.
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Makes names in a directory durable.
    ///
    /// # Errors
    /// The device failed.
    fn sync_directory(&self, path: &Path) -> io::Result<()>;
    /// Creates a directory and its parents.
    ///
    /// # Errors
    /// No permission, no space.
    fn create_directory(&self, path: &Path) -> io::Result<()>;
    /// Names in a directory, sorted; empty if there is no such directory.
    ///
    /// # Errors
    /// The device failed.
    fn names(&self, path: &Path) -> io::Result<Vec<String>>;
    /// Whether a name exists.
    fn exists(&self, path: &Path) -> bool;
    /// Names the file system, if bytes that are overwritten or removed may live on in it: one that copies on
    /// write, keeps snapshots, or stands on another that is not known.
    fn keeps_what_is_overwritten(&self, _path: &Path) -> Option<String> {
        None
    }
}

/// File systems that write elsewhere than where they are told, by their magic numbers (statfs(2)).
const COPYING: [(i64, &str); 6] = [
    (0x9123_683E, "btrfs"),
    (0x2FC1_2FC1, "zfs"),
    (0xCA45_1A4E, "bcachefs"),
    (0xF2F5_2010, "f2fs"),
    (0x3434, "nilfs2"),
    (0x794C_7630, "overlayfs"),
];

/// Writes a file whole: it is there with all its bytes or not at all, also after a power cut.
///
/// # Errors
/// The device failed or is full. The old file, if any, is then still there, unless the failure was
/// in the last step.
pub fn write_whole(disk: &dyn Disk, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let directory = path.parent().ok_or_else(|| io::Error::other("a file needs a directory"))?;
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".tmp");
    let temporary = Path::new(&temporary);
    let file = disk.create(temporary)?;
    file.write_all_at(bytes, 0)?;
    if !seeded::is_on(Wrong::WholeFileNotSynced) {
        file.sync_all()?;
    }
    disk.rename(temporary, path)?;
    if seeded::is_on(Wrong::WholeNameNotSynced) {
        return Ok(());
    }
    disk.sync_directory(directory)
}

/// Creates a directory and its parents, each durable in the one above it.
///
/// # Errors
/// No permission, no space, or the device failed.
pub fn make_directory(disk: &dyn Disk, path: &Path) -> io::Result<()> {
    let above = match path.parent() {
        Some(above) if above.as_os_str().is_empty() => Path::new("."),
        Some(above) => above,
        None => return Ok(()),
    };
    if disk.exists(path) {
        return Ok(());
    }
    make_directory(disk, above)?;
    disk.create_directory(path)?;
    disk.sync_directory(above)
}

/// The real disk.
#[derive(Clone, Copy, Debug, Default)]
pub struct RealDisk;

struct RealFile(fs::File);

impl File for RealFile {
    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.0.read_exact_at(buffer, offset)
    }
    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.0.write_all_at(bytes, offset)
    }
    fn sync_data(&self) -> io::Result<()> {
        self.0.sync_data()
    }
    fn sync_all(&self) -> io::Result<()> {
        self.0.sync_all()
    }
    fn set_len(&self, bytes: u64) -> io::Result<()> {
        self.0.set_len(bytes)
    }
    fn len(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }
}

impl Disk for RealDisk {
    fn open(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        Ok(Arc::new(RealFile(fs::OpenOptions::new().read(true).write(true).open(path)?)))
    }

    fn create(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        let mut options = fs::OpenOptions::new();
        options.read(true).write(true).create(true).truncate(true).mode(0o600);
        Ok(Arc::new(RealFile(options.open(path)?)))
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        fs::read(path)
    }

    fn read_from_device(&self, path: &Path) -> io::Result<Vec<u8>> {
        match read_direct(path, usize::MAX, &mut |_bytes| Ok(())) {
            Ok(bytes) => Ok(bytes),
            // File systems in memory know no direct reads (EINVAL): drop the cached pages instead.
            Err(error) if error.raw_os_error() == Some(nix::libc::EINVAL) => {
                let file = fs::File::open(path)?;
                file.sync_all()?;
                posix_fadvise(&file, 0, 0, PosixFadviseAdvice::POSIX_FADV_DONTNEED)?;
                fs::read(path)
            }
            Err(error) => Err(error),
        }
    }

    fn read_slowly(
        &self,
        path: &Path,
        paid: &mut dyn FnMut(usize) -> io::Result<()>,
    ) -> io::Result<Vec<u8>> {
        match read_direct(path, PIECE_BYTES, paid) {
            Err(error) if error.raw_os_error() == Some(nix::libc::EINVAL) => {
                let bytes = self.read_from_device(path)?;
                paid(bytes.len())?;
                Ok(bytes)
            }
            read => read,
        }
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::hard_link(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn sync_directory(&self, path: &Path) -> io::Result<()> {
        fs::File::open(path)?.sync_all()
    }

    fn create_directory(&self, path: &Path) -> io::Result<()> {
        use std::os::unix::fs::DirBuilderExt as _;
        fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
    }

    fn names(&self, path: &Path) -> io::Result<Vec<String>> {
        let entries = match fs::read_dir(path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut names = entries
            .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
            .collect::<io::Result<Vec<_>>>()?;
        names.sort();
        Ok(names)
    }

    fn exists(&self, path: &Path) -> bool {
        path.exists()
    }

    fn keeps_what_is_overwritten(&self, path: &Path) -> Option<String> {
        let found = match nix::sys::statfs::statfs(path) {
            Ok(found) => found.filesystem_type().0,
            Err(error) => return Some(error.to_string()),
        };
        let copying = COPYING.iter().find(|(magic, _)| i128::from(*magic) == i128::from(found));
        copying.map(|(_, name)| (*name).to_owned())
    }
}

/// Reads with O_DIRECT into an aligned part of an ordinary buffer, so many bytes at a time.
fn read_direct(
    path: &Path,
    piece: usize,
    paid: &mut dyn FnMut(usize) -> io::Result<()>,
) -> io::Result<Vec<u8>> {
    let file = fs::OpenOptions::new().read(true).custom_flags(OFlag::O_DIRECT.bits()).open(path)?;
    let length = usize::try_from(file.metadata()?.len()).map_err(io::Error::other)?;
    let room = length.next_multiple_of(DIRECT_ALIGN);
    let mut buffer = vec![0u8; room + DIRECT_ALIGN];
    let start = buffer.as_ptr().align_offset(DIRECT_ALIGN);
    let aligned =
        buffer.get_mut(start..start + room).ok_or_else(|| io::Error::other("buffer too short"))?;
    let mut done = 0;
    while done < length {
        let next = done.saturating_add(piece).min(room);
        let rest =
            aligned.get_mut(done..next).ok_or_else(|| io::Error::other("buffer too short"))?;
        match file.read_at(rest, done as u64)? {
            0 => break,
            n => {
                done += n;
                paid(n)?;
            }
        }
    }
    if done < length {
        return Err(io::Error::new(
            io::ErrorKind::UnexpectedEof,
            "the file is shorter than its length",
        ));
    }
    buffer.copy_within(start..start + length, 0);
    buffer.truncate(length);
    Ok(buffer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_read_from_the_device_is_the_file() {
        let directory = tempfile::tempdir().unwrap();
        for length in [0, 1, 511, 4096, 10_001] {
            let path = directory.path().join("f");
            let bytes: Vec<u8> = (0..length).map(|n: usize| (n % 251) as u8).collect();
            write_whole(&RealDisk, &path, &bytes).unwrap();
            assert_eq!(RealDisk.read_from_device(&path).unwrap(), bytes);
            assert_eq!(RealDisk.names(directory.path()).unwrap(), ["f"]);
            let mut paid = 0;
            let slowly = RealDisk.read_slowly(&path, &mut |n| {
                paid += n;
                Ok(())
            });
            assert_eq!((slowly.unwrap(), paid), (bytes, length));
        }
    }
}
