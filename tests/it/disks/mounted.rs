//! A [`Disk`] mounted where the real program finds it. Needs the right to mount; where there is none,
//! the tests that need it say `UNTESTED` and why.

use std::{
    fs::File,
    io::{Read as _, Write as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::JoinHandle,
};

use super::{
    fuse::{Disk, REQUEST_BYTES_MAX},
    tree::Tree,
};

/// A mounted file system; unmounted when the value goes.
pub struct Mounted {
    disk: Arc<Mutex<Disk>>,
    place: tempfile::TempDir,
    server: Option<JoinHandle<()>>,
}

impl Mounted {
    /// Mounts a tree, or says why that cannot be done here.
    pub fn try_new(tree: Tree) -> Result<Mounted, String> {
        let place = tempfile::tempdir().unwrap();
        let device = File::options().read(true).write(true).open("/dev/fuse");
        let device = device.map_err(|error| format!("/dev/fuse: {error}"))?;
        // The device is the program's standard input, so that nothing else inherits it.
        let done = Command::new("mount")
            .args(["-i", "-t", "fuse", "-o", "fd=0,rootmode=40000,user_id=0,group_id=0", "ostoja"])
            .arg(place.path())
            .stdin(Stdio::from(device.try_clone().unwrap()))
            .output()
            .map_err(|error| format!("mount: {error}"))?;
        if !done.status.success() {
            return Err(format!("mount: {}", String::from_utf8_lossy(&done.stderr).trim()));
        }
        let disk = Arc::new(Mutex::new(Disk::new(tree)));
        let shared = Arc::clone(&disk);
        let server = std::thread::spawn(move || serve(device, &shared));
        Ok(Mounted { disk, place, server: Some(server) })
    }

    pub fn new(tree: Tree) -> Mounted {
        Mounted::try_new(tree).unwrap()
    }

    /// A data directory on it.
    pub fn data(&self) -> PathBuf {
        self.place.path().join("data")
    }

    pub fn disk(&self) -> MutexGuard<'_, Disk> {
        self.disk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Unmounts, and gives what was there. Nobody may use it any more.
    pub fn into_tree(mut self) -> Tree {
        unmount(self.place.path());
        self.server.take().unwrap().join().unwrap();
        self.disk().tree.clone()
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        if self.server.is_some() {
            unmount(self.place.path());
        }
    }
}

pub fn unmount(place: &Path) {
    let done = Command::new("umount").arg("-l").arg(place).status();
    assert!(
        done.is_ok_and(|status| status.success()) || std::thread::panicking(),
        "{} is not unmounted",
        place.display()
    );
}

/// Answers until it is unmounted.
fn serve(mut device: File, disk: &Mutex<Disk>) {
    let mut request = vec![0; REQUEST_BYTES_MAX];
    loop {
        let length = match device.read(&mut request) {
            Ok(length) => length,
            // Somebody was killed while asking.
            Err(error) if error.raw_os_error() == Some(nix::libc::ENOENT) => continue,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(_unmounted) => return,
        };
        let answer = disk.lock().unwrap_or_else(PoisonError::into_inner).answer(&request[..length]);
        if let Some(answer) = answer {
            // Whoever asked may be gone.
            let _nobody_waits = device.write_all(&answer);
        }
    }
}
