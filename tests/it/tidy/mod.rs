//! Rules of the house that no compiler keeps: who may know whom (`dependence`), how files are named,
//! headed and sized (`shape`), and that documents, templates and fixtures hold together (`papers`).
//!
//! It reads the source tree as text, so it also sees what is not compiled.

mod dependence;
mod papers;
mod shape;

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::support::root;

/// What is not ours or not kept.
const SKIPPED: [&str; 6] =
    ["target", ".git", "demo-data", "__pycache__", ".pytest_cache", "node_modules"];

/// Files under a folder of the source tree, with `/` between parts, in order.
pub fn files(folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if SKIPPED.contains(&name.as_str()) {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(name_of(&path));
            }
        }
    }
    found.sort();
    found
}

fn name_of(path: &Path) -> String {
    path.strip_prefix(root()).unwrap().to_string_lossy().into_owned()
}

fn path_of(name: &str) -> PathBuf {
    root().join(name)
}

/// Text files with an extension under a folder: name and content.
pub fn sources(folder: &str, extension: &str) -> Vec<(String, String)> {
    let end = format!(".{extension}");
    files(folder)
        .into_iter()
        .filter(|name| name.ends_with(&end))
        .map(|name| {
            let text = fs::read_to_string(path_of(&name)).unwrap();
            (name, text)
        })
        .collect()
}
