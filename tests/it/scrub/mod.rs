//! Damage that is mended: by `ostoja log repair` on a stopped directory, and by the program itself while it
//! serves.

mod command;
mod erased;
mod program;

use std::{fs, path::Path};

/// Copies a directory with all below it.
fn copy_tree(from: &Path, to: &Path) {
    for (name, bytes) in crate::format::files(from) {
        let path = to.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

/// Flips one bit of a file.
fn flip(path: &Path, byte: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[byte] ^= 4;
    fs::write(path, bytes).unwrap();
}
