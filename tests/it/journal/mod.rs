//! The audit from outside: every flipped bit is found, by our own audit and by the independent
//! reader, and the two agree on directories that neither of them wrote.

pub mod command;
mod flips;
mod memory;
mod reader;

use std::path::{Path, PathBuf};

/// Where the independent reader lives.
fn tools() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tools")
}

/// Runs a Python tool and gives its output; a missing interpreter or library is said plainly.
fn python(script: &str, args: &[&std::ffi::OsStr]) -> (bool, String) {
    let ready = std::process::Command::new("python3").args(["-c", "import cryptography"]).output();
    let missing = "these tests need python3 with the 'cryptography' package: apt install python3-cryptography";
    assert!(ready.is_ok_and(|output| output.status.success()), "{missing}");
    let output = std::process::Command::new("python3")
        .arg("-B")
        .arg(tools().join(script))
        .args(args)
        .current_dir(tools())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(complained.is_empty(), "{script}: {complained}");
    (output.status.success(), said)
}
