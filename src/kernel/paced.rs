//! Reading at a limited rate, from the device and not from memory: for whoever looks at everything, has all
//! week for it, and must keep nobody waiting.

use std::{
    io,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use crate::kernel::durable::{Disk, File};

/// Shorter pauses are put together.
const PAUSE_NANOS_MIN: u64 = 20_000_000;

/// Waits; `false` when it is time to stop.
pub type Wait = Box<dyn Fn(Duration) -> bool + Send + Sync>;

/// A rate, and what was read.
pub struct Pace {
    bytes_per_second: u64,
    wait: Wait,
    read: AtomicU64,
    owed_nanos: AtomicU64,
}

impl Pace {
    /// A pace that waits by `wait`, which tests replace.
    pub fn new(bytes_per_second: u64, wait: Wait) -> Pace {
        let (read, owed_nanos) = (AtomicU64::new(0), AtomicU64::new(0));
        Pace { bytes_per_second: bytes_per_second.max(1), wait, read, owed_nanos }
    }

    /// Bytes so far.
    pub fn read(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    /// Waits as long as so many bytes may take, however fast they came.
    ///
    /// # Errors
    /// [`io::ErrorKind::Interrupted`] when it is time to stop.
    pub fn paid(&self, bytes: usize) -> io::Result<()> {
        let bytes = bytes as u64;
        self.read.fetch_add(bytes, Ordering::Relaxed);
        let nanos = bytes.saturating_mul(1_000_000_000) / self.bytes_per_second;
        let owed = self.owed_nanos.load(Ordering::Relaxed).saturating_add(nanos);
        if owed < PAUSE_NANOS_MIN {
            self.owed_nanos.store(owed, Ordering::Relaxed);
            return Ok(());
        }
        self.owed_nanos.store(0, Ordering::Relaxed);
        self.rest(Duration::from_nanos(owed))
    }

    /// Waits.
    ///
    /// # Errors
    /// As [`Pace::paid`].
    pub fn rest(&self, long: Duration) -> io::Result<()> {
        if (self.wait)(long) { Ok(()) } else { Err(io::ErrorKind::Interrupted.into()) }
    }
}

/// A disk on which reading keeps a pace. Writing does not.
pub struct PacedDisk {
    pub disk: Arc<dyn Disk>,
    pub pace: Arc<Pace>,
}

impl Disk for PacedDisk {
    fn open(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        self.disk.open(path)
    }
    fn create(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        self.disk.create(path)
    }
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.disk.read_slowly(path, &mut |bytes| self.pace.paid(bytes))
    }
    fn read_from_device(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.read(path)
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.disk.rename(from, to)
    }
    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.disk.link(from, to)
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        self.disk.remove(path)
    }
    fn sync_directory(&self, path: &Path) -> io::Result<()> {
        self.disk.sync_directory(path)
    }
    fn create_directory(&self, path: &Path) -> io::Result<()> {
        self.disk.create_directory(path)
    }
    fn names(&self, path: &Path) -> io::Result<Vec<String>> {
        self.disk.names(path)
    }
    fn exists(&self, path: &Path) -> bool {
        self.disk.exists(path)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::kernel::durable::RealDisk;

    #[test]
    fn the_rate_is_kept_by_what_is_waited_and_a_stop_is_heard() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("f");
        std::fs::write(&path, vec![7; 3 << 20]).unwrap();
        let waited = Arc::new(Mutex::new(Duration::ZERO));
        let heard = Arc::clone(&waited);
        let wait = Box::new(move |long| {
            *heard.lock().unwrap() += long;
            *heard.lock().unwrap() < Duration::from_secs(5)
        });
        let pace = Arc::new(Pace::new(1 << 20, wait));
        let disk = PacedDisk { disk: Arc::new(RealDisk), pace: Arc::clone(&pace) };
        assert_eq!(disk.read(&path).unwrap().len(), 3 << 20);
        assert_eq!((*waited.lock().unwrap(), pace.read()), (Duration::from_secs(3), 3 << 20));
        let stopped = disk.read(&path).unwrap_err();
        assert_eq!(stopped.kind(), io::ErrorKind::Interrupted);
        assert_eq!(*waited.lock().unwrap(), Duration::from_secs(5), "in the middle of a file");
    }

    #[test]
    fn small_reads_are_waited_for_together() {
        let waited = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&waited);
        let wait = Box::new(move |long| {
            heard.lock().unwrap().push(long);
            true
        });
        let pace = Pace::new(1_000_000, wait);
        for _ in 0..1_000 {
            pace.paid(100).unwrap();
        }
        let waited = waited.lock().unwrap();
        assert_eq!(waited.iter().sum::<Duration>(), Duration::from_millis(100));
        assert_eq!(waited.len(), 5);
    }
}
