//! A whole file in the place of a damaged one, which is kept aside: at no moment is there none.

use std::{io, path::PathBuf};

use super::{Mender, QUARANTINE};
use crate::kernel::durable::make_directory;

/// Puts bytes under a name below the data directory; gives where the file that was there is now.
pub(super) fn put(to: &Mender<'_>, file: &str, bytes: &[u8]) -> Result<Option<PathBuf>, String> {
    place(to, file, bytes).map_err(|error| format!("putting {file} in place: {error}"))
}

fn place(to: &Mender<'_>, file: &str, bytes: &[u8]) -> io::Result<Option<PathBuf>> {
    let (disk, path) = (to.disk, to.data.join(file));
    let quarantine = to.data.join(QUARANTINE);
    make_directory(disk, &quarantine)?;
    let directory = path.parent().ok_or_else(|| io::Error::other("a file needs a directory"))?;
    make_directory(disk, directory)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let kept = quarantine.join(format!("{}-{name}", to.now_ms));
    let was_there = disk.exists(&path);
    if was_there && !disk.exists(&kept) {
        disk.link(&path, &kept)?;
    }
    // Not beside its place: a crash must leave no file there that the format page does not know.
    let next = quarantine.join(format!("{name}.tmp"));
    let whole = disk.create(&next)?;
    whole.write_all_at(bytes, 0)?;
    whole.sync_all()?;
    disk.sync_directory(&quarantine)?;
    disk.rename(&next, &path)?;
    disk.sync_directory(directory)?;
    disk.sync_directory(&quarantine)?;
    Ok(was_there.then_some(kept))
}
