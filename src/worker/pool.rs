//! The server's side: a few workers kept ready, one picture each, every wait bounded.
//!
//! [`Pool::picture`] blocks its thread until the answer or the deadline, so it is called from a
//! thread that may block, never from the edge's own. A worker that has answered, crashed or taken
//! too long is killed and its successor started at once, shut in and waiting before it is needed.
//! Only failures to *start* are followed by a pause: a pause after a crash would let one person's
//! broken file close the door to everyone else's.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::wire::{self, WireError, Word};
use super::{
    DEADLINE, FileKind, INPUT_BYTES_MAX, Picture, Reason, START_DEADLINE, WorkerError, answer,
    sniff,
};
use crate::guard::sandbox::Walls;

/// Pause after the first failed start, doubled after each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// Longest pause: a machine that has memory again serves again within seconds.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Why there is no pool. The server must not start without one.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The program could not be run.
    #[error("worker {program} cannot be started")]
    Spawn { program: PathBuf, source: io::Error },
    /// The worker says which wall is missing.
    #[error("the worker has no protection on this machine: {0}")]
    Unprotected(String),
    /// It ended or stayed silent: not our program, or a library is missing.
    #[error("the worker started and did not say that it is ready")]
    Silent,
    /// A pool without a worker serves nobody.
    #[error("a pool needs at least one worker")]
    Empty,
}

/// What happened so far, for the metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub done: u64,
    pub refused: u64,
    pub too_big: u64,
    pub timeouts: u64,
    pub crashes: u64,
    pub busy: u64,
    pub failed_starts: u64,
}

/// Workers, ready or about to be.
pub struct Pool {
    program: PathBuf,
    args: Vec<OsString>,
    deadline: Duration,
    walls: Walls,
    /// Workers there are when all is well.
    places: usize,
    crew: Mutex<Crew>,
    changed: Condvar,
    counters: Counters,
}

/// Idle workers and empty places; a worker at work is in neither, its place is its holder's.
struct Crew {
    idle: Vec<Worker>,
    empty_places: usize,
    failures_in_a_row: u32,
    no_start_before: Option<Instant>,
}

#[derive(Default)]
struct Counters {
    done: AtomicU64,
    refused: AtomicU64,
    too_big: AtomicU64,
    timeouts: AtomicU64,
    crashes: AtomicU64,
    busy: AtomicU64,
    failed_starts: AtomicU64,
}

impl Pool {
    /// Starts `count` workers and waits until each has shut itself in.
    ///
    /// `program` is best `/proc/self/exe`: the same build as the server even after an upgrade has
    /// replaced the file. `args` are the hidden verb and its strictness.
    pub fn start(program: &Path, args: &[&str], count: usize) -> Result<Pool, StartError> {
        let mut pool = Pool {
            program: program.to_owned(),
            args: args.iter().map(OsString::from).collect(),
            deadline: DEADLINE,
            walls: Walls::default(),
            places: count,
            crew: Mutex::new(Crew {
                idle: Vec::new(),
                empty_places: 0,
                failures_in_a_row: 0,
                no_start_before: None,
            }),
            changed: Condvar::new(),
            counters: Counters::default(),
        };
        // All at once, then one after the other: they shut themselves in side by side.
        let mut workers = Vec::new();
        for _ in 0..count {
            workers.push(pool.spawn()?);
        }
        let until = Instant::now() + START_DEADLINE;
        let mut walls = None;
        for worker in &mut workers {
            walls = Some(worker.wait_until_ready(until)?);
        }
        pool.walls = walls.ok_or(StartError::Empty)?;
        pool.crew().idle = workers;
        Ok(pool)
    }

    /// The same pool with another deadline for [`Pool::picture`].
    #[must_use]
    pub fn with_deadline(mut self, deadline: Duration) -> Pool {
        self.deadline = deadline;
        self
    }

    /// Makes a stranger's picture anew in a worker. Blocks for the deadline at the very longest.
    pub fn picture(&self, file: &[u8]) -> Result<Picture, WorkerError> {
        let until = Instant::now() + self.deadline;
        let outcome = if file.len() > INPUT_BYTES_MAX {
            Err(WorkerError::TooBig)
        } else if sniff(file).and_then(FileKind::picture).is_none() {
            Err(WorkerError::Refused(Reason::NotAPicture))
        } else {
            self.serve(file, until)
        };
        self.counters.count(&outcome);
        outcome
    }

    /// Puts a successor in the place of each idle worker that died, as far as one can be started now,
    /// and says whether any worker is there, idle or at work.
    pub fn tend(&self) -> bool {
        let mut crew = self.crew();
        let before = crew.idle.len();
        crew.idle.retain_mut(|worker| matches!(worker.child.try_wait(), Ok(None)));
        crew.empty_places += before - crew.idle.len();
        let paused = crew.no_start_before.is_some_and(|at| Instant::now() < at);
        while crew.empty_places > 0 && !paused {
            match self.spawn() {
                Ok(worker) => {
                    crew.idle.insert(0, worker);
                    crew.empty_places -= 1;
                }
                Err(_) => {
                    self.note_failed_start(&mut crew);
                    break;
                }
            }
        }
        let any = crew.empty_places < self.places;
        drop(crew);
        self.changed.notify_all();
        any
    }

    /// The walls that stand around the workers.
    pub fn walls(&self) -> Walls {
        self.walls
    }

    /// What happened so far.
    pub fn tally(&self) -> Tally {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Tally {
            done: read(&self.counters.done),
            refused: read(&self.counters.refused),
            too_big: read(&self.counters.too_big),
            timeouts: read(&self.counters.timeouts),
            crashes: read(&self.counters.crashes),
            busy: read(&self.counters.busy),
            failed_starts: read(&self.counters.failed_starts),
        }
    }

    /// Process ids of the workers that wait for work, for the doctor and for tests of crashes.
    pub fn idle_pids(&self) -> Vec<u32> {
        self.crew().idle.iter().map(|worker| worker.child.id()).collect()
    }

    /// Hands the file to one worker after the other until one has taken it. A worker that dies
    /// before that (stopped by the operator, or by the kernel for memory) is no answer to this
    /// picture, and a failed start when it happens again and again.
    fn serve(&self, file: &[u8], until: Instant) -> Result<Picture, WorkerError> {
        loop {
            let mut hired = Hired { worker: self.next_worker(until)?, pool: self };
            let ready_until = until.min(Instant::now() + START_DEADLINE);
            let ready = hired.worker.wait_until_ready(ready_until).is_ok();
            if ready && hired.worker.take(file, until)? {
                let mut crew = self.crew();
                (crew.failures_in_a_row, crew.no_start_before) = (0, None);
                drop(crew);
                return hired.worker.answer(until);
            }
            self.note_failed_start(&mut self.crew());
        }
    }

    /// An idle worker, or a new one for an empty place, or else a wait for either.
    fn next_worker(&self, until: Instant) -> Result<Worker, WorkerError> {
        let mut crew = self.crew();
        loop {
            if let Some(worker) = crew.idle.pop() {
                return Ok(worker);
            }
            let now = Instant::now();
            if now >= until {
                return Err(WorkerError::Busy);
            }
            let pause = crew.no_start_before.map(|at| at.saturating_duration_since(now));
            if crew.empty_places > 0 && pause.is_none_or(|pause| pause.is_zero()) {
                match self.spawn() {
                    Ok(worker) => {
                        crew.empty_places -= 1;
                        return Ok(worker);
                    }
                    Err(_) => self.note_failed_start(&mut crew),
                }
            } else {
                let longest = until - now;
                let wait =
                    pause.filter(|_| crew.empty_places > 0).map_or(longest, |p| p.min(longest));
                (crew, _) =
                    self.changed.wait_timeout(crew, wait).unwrap_or_else(PoisonError::into_inner);
            }
        }
    }

    /// Gives a place back: with a successor in it, or empty when none can be started now.
    fn replace(&self) {
        let paused = self.crew().no_start_before.is_some_and(|at| Instant::now() < at);
        let successor = if paused { None } else { Some(self.spawn()) };
        let mut crew = self.crew();
        match successor {
            Some(Ok(worker)) => crew.idle.insert(0, worker),
            None => crew.empty_places += 1,
            Some(Err(_)) => {
                crew.empty_places += 1;
                self.note_failed_start(&mut crew);
            }
        }
        drop(crew);
        self.changed.notify_one();
    }

    fn note_failed_start(&self, crew: &mut Crew) {
        let doublings = crew.failures_in_a_row.min(16);
        let pause = FIRST_PAUSE.saturating_mul(1 << doublings).min(LONGEST_PAUSE);
        crew.failures_in_a_row = crew.failures_in_a_row.saturating_add(1);
        crew.no_start_before = Some(Instant::now() + pause);
        self.counters.failed_starts.fetch_add(1, Ordering::Relaxed);
    }

    fn spawn(&self) -> Result<Worker, StartError> {
        let start = || {
            let (ours, theirs) = UnixStream::pair()?;
            let child = Command::new(&self.program)
                .args(&self.args)
                .env_clear()
                .current_dir("/")
                .stdin(Stdio::from(OwnedFd::from(theirs)))
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()?;
            Ok(Worker { child, socket: ours, walls: None })
        };
        start().map_err(|source| StartError::Spawn { program: self.program.clone(), source })
    }

    fn crew(&self) -> MutexGuard<'_, Crew> {
        // Every change of the crew is complete before anything can panic.
        self.crew.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counters {
    fn count(&self, outcome: &Result<Picture, WorkerError>) {
        let counter = match outcome {
            Ok(_) => &self.done,
            Err(WorkerError::Refused(_)) => &self.refused,
            Err(WorkerError::TooBig) => &self.too_big,
            Err(WorkerError::Timeout) => &self.timeouts,
            Err(WorkerError::Crashed) => &self.crashes,
            Err(WorkerError::Busy) => &self.busy,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

/// A worker at work. However the work ends, its place is filled again.
struct Hired<'a> {
    pool: &'a Pool,
    worker: Worker,
}

impl Drop for Hired<'_> {
    fn drop(&mut self) {
        self.worker.end();
        self.pool.replace();
    }
}

/// One process and our end of its socket.
struct Worker {
    child: Child,
    socket: UnixStream,
    /// What it said when it was ready; `None` until it has been heard.
    walls: Option<Walls>,
}

impl Worker {
    fn wait_until_ready(&mut self, until: Instant) -> Result<Walls, StartError> {
        if let Some(walls) = self.walls {
            return Ok(walls);
        }
        match wire::receive(&mut Deadlined { socket: &self.socket, until }) {
            Ok(Word::Ready(walls)) => {
                self.walls = Some(walls);
                Ok(walls)
            }
            Ok(Word::Unprotected(why)) => Err(StartError::Unprotected(why)),
            Ok(_) | Err(_) => Err(StartError::Silent),
        }
    }

    /// Whether the worker has the whole file now; `false` when it is gone.
    fn take(&self, file: &[u8], until: Instant) -> Result<bool, WorkerError> {
        let mut line = Deadlined { socket: &self.socket, until };
        let word = wire::send_picture(&mut line, file)
            .map_err(WireError::Io)
            .and_then(|()| wire::receive(&mut line));
        match word {
            Ok(Word::Taken) => Ok(true),
            Err(WireError::Io(error)) if error.kind() != io::ErrorKind::TimedOut => Ok(false),
            Err(WireError::Io(_)) => Err(WorkerError::Timeout),
            Ok(_) | Err(WireError::Nonsense(_)) => Err(WorkerError::Crashed),
        }
    }

    fn answer(&self, until: Instant) -> Result<Picture, WorkerError> {
        match wire::receive(&mut Deadlined { socket: &self.socket, until }) {
            Ok(Word::Done(picture)) if answer::is_sound(&picture) => Ok(picture),
            Ok(Word::Refused(reason)) => Err(WorkerError::Refused(reason)),
            Ok(Word::TooBig) => Err(WorkerError::TooBig),
            Err(WireError::Io(error)) if error.kind() == io::ErrorKind::TimedOut => {
                Err(WorkerError::Timeout)
            }
            // Gone, or speaking out of turn, or with a picture that is none.
            Ok(_) | Err(WireError::Io(_) | WireError::Nonsense(_)) => Err(WorkerError::Crashed),
        }
    }

    /// Kills and reaps. Both fail only for a process that is gone already, which is the purpose.
    fn end(&mut self) {
        let _killed = self.child.kill().is_ok();
        let _reaped = self.child.wait().is_ok();
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.end();
    }
}

/// A socket on which every read and write ends by one moment, however slowly the octets trickle.
struct Deadlined<'a> {
    socket: &'a UnixStream,
    until: Instant,
}

impl Deadlined<'_> {
    fn left(&self) -> io::Result<Option<Duration>> {
        let left = self.until.saturating_duration_since(Instant::now());
        // A timeout of zero would mean "for ever" to the socket.
        if left.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(Some(left)) }
    }
}

/// A socket's own timeout is told as "would block".
fn as_timeout(error: io::Error) -> io::Error {
    if error.kind() == io::ErrorKind::WouldBlock { io::ErrorKind::TimedOut.into() } else { error }
}

impl Read for Deadlined<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.socket.set_read_timeout(self.left()?)?;
        self.socket.read(buffer).map_err(as_timeout)
    }
}

impl Write for Deadlined<'_> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.socket.set_write_timeout(self.left()?)?;
        self.socket.write(buffer).map_err(as_timeout)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
