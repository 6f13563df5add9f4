//! The real program as a process of its own, and foreign programs that look at what it did.

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Condvar, Mutex},
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

/// Starting and stopping, however busy the machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Default)]
struct Said {
    lines: Mutex<Vec<String>>,
    more: Condvar,
}

/// A running `ostoja`. It is killed when the value goes.
pub struct Program {
    child: Child,
    said: Arc<Said>,
}

impl Program {
    /// The program with arguments, not yet run.
    pub fn command<A: AsRef<std::ffi::OsStr>>(arguments: &[A]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ostoja"));
        command.args(arguments).stdin(Stdio::null()).env_remove("OSTOJA_LOG");
        command
    }

    /// Runs to the end: standard output, standard error, exit code.
    pub fn run<A: AsRef<std::ffi::OsStr>>(arguments: &[A]) -> (String, String, i32) {
        let done = Program::command(arguments).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (text(&done.stdout), text(&done.stderr), done.status.code().unwrap_or(-1))
    }

    /// Starts and listens to what it says.
    pub fn start<A: AsRef<std::ffi::OsStr>>(arguments: &[A]) -> Program {
        let mut child = Program::command(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let said = Arc::new(Said::default());
        let streams: [Box<dyn std::io::Read + Send>; 2] =
            [Box::new(child.stdout.take().unwrap()), Box::new(child.stderr.take().unwrap())];
        for stream in streams {
            let said = Arc::clone(&said);
            std::thread::spawn(move || {
                for line in BufReader::new(stream).lines().map_while(Result::ok) {
                    said.lines.lock().unwrap().push(line);
                    said.more.notify_all();
                }
                said.more.notify_all();
            });
        }
        Program { child, said }
    }

    /// The demonstration with small segments; gives it with its port once it is open.
    pub fn demo(data: &Path) -> (Program, u16) {
        let program = Program::start(&Program::demo_arguments(data));
        let line = program.wait_for_line("Gmina Modrzewie: http://localhost:");
        let port = line.rsplit(':').next().unwrap().trim().parse().unwrap();
        (program, port)
    }

    pub fn demo_arguments(data: &Path) -> Vec<std::ffi::OsString> {
        let mut arguments: Vec<std::ffi::OsString> =
            ["demo", "--port", "0", "--segment-bytes", "262144", "--dir"].map(Into::into).to_vec();
        arguments.push(data.into());
        arguments
    }

    /// What it has said so far, both streams.
    pub fn said(&self) -> String {
        self.said.lines.lock().unwrap().join("\n")
    }

    /// Waits for a line that holds these words.
    pub fn wait_for_line(&self, words: &str) -> String {
        self.wait_for_line_or_end(words)
            .unwrap_or_else(|| panic!("it did not say {words:?}, but:\n{}", self.said()))
    }

    /// The same, or `None` when the program ends or time is over.
    pub fn wait_for_line_or_end(&self, words: &str) -> Option<String> {
        let until = Instant::now() + PATIENCE;
        let mut lines = self.said.lines.lock().unwrap();
        loop {
            if let Some(line) = lines.iter().find(|line| line.contains(words)) {
                return Some(line.clone());
            }
            if Instant::now() > until || !is_alive(self.child.id()) {
                return None;
            }
            lines = self.said.more.wait_timeout(lines, Duration::from_millis(50)).unwrap().0;
        }
    }

    /// The code that the demonstration prints after these words.
    pub fn code_after(&self, words: &str) -> String {
        let line = self.wait_for_line(words);
        line.rsplit(' ').next().unwrap().to_owned()
    }

    pub fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.child.id().try_into().unwrap()), signal).unwrap();
    }

    /// Waits for its end.
    pub fn wait(&mut self) -> ExitStatus {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < until, "it does not end:\n{}", self.said());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// SIGTERM, and the exit code.
    pub fn stop(mut self) -> Option<i32> {
        self.signal(Signal::SIGTERM);
        self.wait().code()
    }

    /// SIGKILL: no goodbye.
    pub fn kill(mut self) {
        // It may have ended by itself, which the caller sees elsewhere.
        let _gone = self.child.kill();
        self.child.wait().unwrap();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _gone = self.child.kill().and_then(|()| self.child.wait());
    }
}

/// A zombie has ended.
fn is_alive(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit(") ").next().is_some_and(|rest| !rest.starts_with('Z') && !rest.is_empty())
}

/// Runs a foreign program to its end: what it printed on both streams, and its exit code.
pub fn tool<A: AsRef<std::ffi::OsStr>>(name: &str, arguments: &[A], input: &[u8]) -> (String, i32) {
    use std::io::Write as _;
    let mut child = Command::new(name)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("this test needs `{name}`: install it ({error})"));
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || {
        // A program that has already given up does not read.
        let _unread = stdin.write_all(&input);
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (String::from_utf8_lossy(&said).into_owned(), output.status.code().unwrap_or(-1))
}
