//! Fenced commands of a page, and a shell that executes them one after the other, as a reader would in
//! one window.
//!
//! ```text
//! $ command        executed as it stands; a line that begins with "> " continues it
//! what it prints   compared line by line, both streams; "…" stands for anything, alone for any lines
//! ```
//!
//! A command leaves with code 0, or with the one that its comment names: `# leaves with code 1`.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    os::unix::process::CommandExt as _,
    path::Path,
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{self, Receiver},
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, killpg},
    unistd::Pid,
};

use crate::support::program::PATIENCE;

/// What a page asks for, in its order.
#[derive(Debug)]
pub enum Step {
    Command {
        line: usize,
        command: String,
        expected: Vec<String>,
        code: i32,
    },
    /// Something happens elsewhere meanwhile: `<!-- meanwhile: … -->`.
    Meanwhile(String),
}

/// Reads the steps of a page.
pub fn steps(page: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut inside = false;
    for (number, line) in page.lines().enumerate() {
        if line.starts_with("```") {
            inside = line == "```console";
            continue;
        }
        if !inside {
            let event = line.strip_prefix("<!-- meanwhile: ");
            if let Some(event) = event.and_then(|rest| rest.strip_suffix(" -->")) {
                steps.push(Step::Meanwhile(event.to_owned()));
            }
        } else if let Some(command) = line.strip_prefix("$ ") {
            let code = command.rsplit_once("# leaves with code ").map_or(0, |(_, code)| {
                code.parse().unwrap_or_else(|_| panic!("line {}: what code?", number + 1))
            });
            steps.push(Step::Command {
                line: number + 1,
                command: command.to_owned(),
                expected: Vec::new(),
                code,
            });
        } else {
            let Some(Step::Command { command, expected, .. }) = steps.last_mut() else {
                panic!("line {}: printed by no command", number + 1)
            };
            match line.strip_prefix("> ") {
                Some(more) if expected.is_empty() => {
                    command.push('\n');
                    command.push_str(more);
                }
                _ => expected.push(line.to_owned()),
            }
        }
    }
    steps
}

/// Whether a printed text is the expected one.
pub fn fits(expected: &[String], printed: &[&str]) -> bool {
    match (expected.split_first(), printed.split_first()) {
        (None, None) => true,
        (None, Some(_)) => false,
        (Some((first, rest)), _) if first == "…" => {
            (0..=printed.len()).any(|skipped| fits(rest, &printed[skipped..]))
        }
        (Some(_), None) => false,
        (Some((first, rest)), Some((line, others))) => line_fits(first, line) && fits(rest, others),
    }
}

fn line_fits(expected: &str, line: &str) -> bool {
    let Some((start, rest)) = expected.split_once('…') else { return expected == line };
    let Some(line) = line.strip_prefix(start) else { return false };
    // Something stands for "…", not nothing.
    line.char_indices()
        .skip(1)
        .map(|(at, _)| at)
        .chain([line.len()])
        .any(|at| at > 0 && line_fits(rest, &line[at..]))
}

/// One window.
pub struct Shell {
    child: Child,
    stdin: ChildStdin,
    lines: Receiver<String>,
}

const MARK: &str = "--- the command left with ";

impl Shell {
    /// A shell in a folder, with these programs before all others and these variables.
    pub fn open(folder: &Path, programs: &Path, variables: &[(&str, &str)]) -> Shell {
        let path = std::env::var("PATH").unwrap_or_default();
        let mut child = Command::new("sh")
            .current_dir(folder)
            .env("PATH", format!("{}:{path}", programs.display()))
            .envs(variables.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()
            .unwrap();
        let (stdin, stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let (sender, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Shell { child, stdin, lines }
    }

    /// Executes a command: what it printed on both streams, and its exit code.
    pub fn run(&mut self, command: &str) -> (Vec<String>, i32) {
        // A text without a newline at its end gets one before the mark.
        let script = format!("{{ {command}\n}} </dev/null 2>&1\nprintf '\\n{MARK}%s\\n' $?\n");
        self.stdin.write_all(script.as_bytes()).unwrap();
        self.stdin.flush().unwrap();
        let mut printed: Vec<String> = Vec::new();
        loop {
            let line = self.lines.recv_timeout(PATIENCE).unwrap_or_else(|error| {
                panic!("{command:?} does not end ({error}); so far: {printed:?}")
            });
            if let Some(code) = line.strip_prefix(MARK) {
                if printed.last().is_some_and(String::is_empty) {
                    printed.pop();
                }
                return (printed, code.parse().unwrap());
            }
            printed.push(line);
        }
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        // With what a command left running in the background.
        let _gone = killpg(Pid::from_raw(self.child.id().cast_signed()), Signal::SIGKILL);
        let _gone = self.child.wait();
    }
}

#[test]
fn what_is_not_as_said_does_not_fit() {
    let expected = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let fit =
        |page: &str, printed: &str| fits(&expected(page), &printed.lines().collect::<Vec<_>>());
    assert!(fit("ok: … entries, … tiles", "ok: 300 entries, 3 tiles"));
    assert!(fit("a\n…\nz", "a\nb\nc\nz") && fit("a\n…\nz", "a\nz") && fit("", ""));
    assert!(fit("ż…ń", "ż12ń") && fit("…", "anything\nat all") && fit("…", ""));
    for (page, printed) in [
        ("ok: … entries", "ok:  entries"),
        ("ok: … entries", "failed: 3 entries"),
        ("ok: … entries", "ok: 3 entries, but"),
        ("ok", "ok\nfailed"),
        ("ok\nmore", "ok"),
        ("a\n…\nz", "a\nb"),
        ("", "something"),
    ] {
        assert!(!fit(page, printed), "{page:?} takes {printed:?}");
    }
    let folder = tempfile::tempdir().unwrap();
    let mut shell = Shell::open(folder.path(), folder.path(), &[("GIVEN", "x y")]);
    assert_eq!(shell.run("set=$GIVEN; cd /"), (Vec::new(), 0));
    assert_eq!(shell.run("printf %s \"$set $PWD\" # leaves"), (vec!["x y /".to_owned()], 0));
    assert_eq!(shell.run("echo a\nfalse"), (vec!["a".to_owned()], 1));
    // What is left running goes with the window.
    let (said, code) = shell.run("sleep 600 & echo $!");
    assert_eq!(code, 0);
    drop(shell);
    let is_there = || {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", said[0]));
        stat.is_ok_and(|stat| !stat.contains(") Z ") && !stat.contains(") X "))
    };
    let until = Instant::now() + PATIENCE;
    while is_there() {
        assert!(Instant::now() < until, "it goes on");
        std::thread::sleep(Duration::from_millis(5));
    }
}
