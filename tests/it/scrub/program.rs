//! The program itself, as a process: it finds damage beside its visitors, mends it, and says so.

use std::fs;

use super::{copy_tree, flip};
use crate::{
    format::{files, log},
    support::program::Program,
};

#[test]
fn the_program_mends_a_damaged_segment_while_it_serves() {
    let folder = tempfile::tempdir().unwrap();
    let (data, copy) = (folder.path().join("data"), folder.path().join("copy"));
    // The demonstration's past fills some segments.
    let with = |more: &[&str]| {
        let mut arguments = Program::demo_arguments(&data);
        arguments.push("--best-effort".into());
        arguments.extend(more.iter().map(Into::into));
        Program::start(&arguments)
    };
    let program = with(&[]);
    program.wait_for_line("Gmina Modrzewie: http://localhost:");
    assert_eq!(program.stop(), Some(0));
    copy_tree(&data, &copy);
    let names: Vec<_> = files(&data)
        .into_keys()
        .filter(|name| name.extension().is_some_and(|end| end == "seg"))
        .collect();
    assert!(names.len() > 2, "{names:?}");
    let path = data.join(&names[0]);
    let sound = fs::read(&path).unwrap();
    flip(&path, sound.len() / 2);

    let copy = copy.to_str().unwrap().to_owned();
    let program = with(&["--scrub-after", "0", "--repair-from", &copy]);
    let line = program.wait_for_line("damage mended");
    assert!(line.contains(names[0].to_str().unwrap()) && line.contains("byte: Some("), "{line}");
    program.wait_for_line("scrubbed: every segment");
    assert_eq!(fs::read(&path).unwrap(), sound);
    let dir = data.to_str().unwrap().to_owned();
    let (_, beside) = log(&["verify", "--dir", &dir]);
    assert!(beside.contains("ok: "), "{beside}");
    assert_eq!(program.stop(), Some(0));
    let (_, shown) = log(&["show", "--dir", &dir]);
    assert_eq!(shown.matches("  kernel.repair  ").count(), 1, "{shown}");

    // The pass is not begun anew by the next start.
    let program = with(&["--scrub-after", "0", "--repair-from", &copy]);
    program.wait_for_line("Gmina Modrzewie: http://localhost:");
    std::thread::sleep(std::time::Duration::from_millis(500));
    assert!(!program.said().contains("scrubbed"), "{}", program.said());
    assert_eq!(program.stop(), Some(0));
}
