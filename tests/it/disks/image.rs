//! A small ext4 file system in a file, mounted over a loop device. Where that is not permitted, the tests
//! that need it say `UNTESTED` and why.

use std::{
    fs::{self, File},
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
};

/// A mounted image; unmounted when the value goes.
pub struct Image {
    directory: tempfile::TempDir,
    is_mounted: bool,
}

fn run(program: &str, arguments: &[&Path]) -> Result<(), String> {
    let done = Command::new(program).args(arguments).env("PATH", SYSTEM_PATH).output();
    let done = done.map_err(|error| format!("{program}: {error}"))?;
    // fsck says by 1 that it repaired something.
    if done.status.success() || (program == "e2fsck" && done.status.code() == Some(1)) {
        return Ok(());
    }
    Err(format!("{program}: {}", String::from_utf8_lossy(&done.stderr).trim()))
}

/// Some shells of ordinary users have no `sbin`.
const SYSTEM_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

impl Image {
    /// Makes and mounts one, or says why that cannot be done here.
    pub fn try_new(mebibytes: u64) -> Result<Image, String> {
        let mut image = Image { directory: tempfile::tempdir().unwrap(), is_mounted: false };
        fs::create_dir(image.root()).unwrap();
        File::create(image.file()).unwrap().set_len(mebibytes << 20).unwrap();
        // No blocks are kept back for root, who runs these tests.
        let options = ["-q", "-m", "0", "-O", "^has_journal"].map(Path::new);
        run("mkfs.ext4", &[&options[..], &[&image.file()]].concat())?;
        image.mount()?;
        Ok(image)
    }

    fn file(&self) -> PathBuf {
        self.directory.path().join("image")
    }

    pub fn root(&self) -> PathBuf {
        self.directory.path().join("mounted")
    }

    pub fn data(&self) -> PathBuf {
        self.root().join("data")
    }

    /// Mounts it as a host should: after an error it can only be read.
    pub fn mount(&mut self) -> Result<(), String> {
        let options = ["-o", "loop,errors=remount-ro"].map(Path::new);
        run("mount", &[&options[..], &[&self.file(), &self.root()]].concat())?;
        self.is_mounted = true;
        Ok(())
    }

    /// Unmounts it and repairs what an error left.
    pub fn repair(&mut self) {
        run("umount", &[&self.root()]).unwrap();
        self.is_mounted = false;
        run("e2fsck", &[Path::new("-fy"), &self.file()]).unwrap();
    }

    /// Writes a file that leaves so many bytes of room.
    pub fn fill(&self, room: u64) {
        let path = self.root().join("filler");
        let mut file = File::options().create(true).append(true).open(&path).unwrap();
        // Until not one more block goes in.
        for chunk in [1 << 20, 64 << 10, 4 << 10, 1 << 10] {
            while file.write_all(&vec![1; chunk]).and_then(|()| file.sync_data()).is_ok() {}
        }
        let length = file.metadata().unwrap().len();
        file.set_len(length.saturating_sub(room)).unwrap();
        file.sync_all().unwrap();
    }

    pub fn empty(&self) {
        fs::remove_file(self.root().join("filler")).unwrap();
    }

    /// Lets the kernel find an error, after which it takes no more writes.
    pub fn break_it(&self) -> Result<(), String> {
        let mounts = fs::read_to_string("/proc/self/mounts").unwrap();
        let root = self.root();
        let line = mounts.lines().find(|line| line.split(' ').nth(1) == root.to_str());
        let device = line.and_then(|line| line.split(' ').next()).unwrap();
        let name = device.trim_start_matches("/dev/");
        fs::write(format!("/sys/fs/ext4/{name}/trigger_fs_error"), "test")
            .map_err(|error| format!("{device}: {error}"))
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        if self.is_mounted {
            let done = run("umount", &[Path::new("-l"), &self.root()]);
            assert!(done.is_ok() || std::thread::panicking(), "{done:?}");
        }
    }
}
