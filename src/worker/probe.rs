//! Trying the walls: each act that a worker must never manage is attempted from inside.
//!
//! A sandbox that nobody leans against is a comment. [`probe`] starts one process per act, shut in
//! exactly as a worker is, lets it try, and reports what the kernel did. The doctor and the tests
//! call it; [`attempt`] is the child's side (`ostoja worker-probe`, a hidden verb).
//! With [`Cell::Open`] the same acts run without walls: most must then succeed, or else the test of
//! the walls could not fail.
//!
//! Acts for which no safe wrapper exists (ptrace, mount, bpf, io_uring) are left to the unit test of
//! the lists in `guard::sandbox`.

use std::ffi::{CString, OsStr};
use std::fs::{self, File, OpenOptions};
use std::io::{self, IoSlice, IoSliceMut};
use std::net::{Ipv4Addr, TcpListener, TcpStream, UdpSocket};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, ExitStatus, Stdio};

use nix::errno::Errno;
use nix::libc;
use nix::sched::{CloneFlags, CpuSet};
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::prctl;
use nix::sys::resource::{Resource, setrlimit};
use nix::sys::socket::{ControlMessage, MsgFlags};
use nix::sys::stat::Mode;
use nix::sys::uio::{RemoteIoVec, process_vm_readv};
use nix::unistd::{self, Pid, Uid};

use super::CEILINGS;
use crate::guard::sandbox::{self, Strictness, Walls};

/// Where an act is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Behind the walls, as a worker.
    ShutIn,
    /// Behind the wall of landlock alone, which seccomp otherwise hides.
    PathsOnly,
    /// Without walls, to show that the act is possible at all.
    Open,
}

/// What the kernel did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// EPERM or EACCES: the act did not happen.
    Refused,
    /// The process was killed for trying.
    Killed,
    /// The act happened.
    Done,
    /// Another error number: the act failed for a reason that is not a wall.
    Failed(i32),
    /// The attempt itself went wrong.
    Unclear,
}

/// One act and its outcome.
#[derive(Clone, Copy, Debug)]
pub struct Finding {
    pub act: &'static str,
    pub outcome: Outcome,
}

impl Finding {
    /// Whether a wall held.
    pub fn held(&self) -> bool {
        matches!(self.outcome, Outcome::Refused | Outcome::Killed)
    }
}

/// What the acts lean against: everything here exists and is harmless to lose.
struct Bait {
    /// A directory with the file `bait`.
    folder: PathBuf,
    /// A TCP port on which somebody listens.
    port: u16,
    /// The one who started us.
    parent: Pid,
    /// A descriptor from before the walls.
    pair: (UnixStream, UnixStream),
}

struct Act {
    name: &'static str,
    attempt: fn(&Bait) -> io::Result<()>,
}

const BAIT: &str = "bait";
/// Exit codes above every error number: the child could not get as far as its act.
const NO_WALLS: u8 = 250;
const NO_ACT: u8 = 251;

/// Tries every act in processes of its own. `folder` must exist and be empty or expendable;
/// `program` and `args` are this program and its hidden verb.
pub fn probe(program: &Path, args: &[&str], folder: &Path, cell: Cell) -> io::Result<Vec<Finding>> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let port = listener.local_addr()?.port();
    let mut findings = Vec::new();
    for act in ACTS {
        // Each in a fresh folder: without walls one act may remove what the next one needs.
        let folder = folder.join(act.name);
        fs::create_dir_all(&folder)?;
        File::create(folder.join(BAIT))?;
        let status = Command::new(program)
            .args(args)
            .arg(act.name)
            .arg(&folder)
            .arg(port.to_string())
            .arg(cell.name())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()?;
        findings.push(Finding { act: act.name, outcome: outcome(status) });
    }
    Ok(findings)
}

fn outcome(status: ExitStatus) -> Outcome {
    match (status.code(), status.signal()) {
        (Some(0), _) => Outcome::Done,
        (Some(libc::EPERM | libc::EACCES), _) => Outcome::Refused,
        (Some(code), _) if code < i32::from(NO_WALLS) => Outcome::Failed(code),
        (None, Some(libc::SIGSYS)) => Outcome::Killed,
        _ => Outcome::Unclear,
    }
}

/// The child's side: shuts itself in unless told otherwise, tries one act, and ends with the error
/// number, or zero when the act succeeded. Arguments: act, folder, port, cell.
pub fn attempt(args: &[&OsStr]) -> ExitCode {
    let [act, folder, port, cell] = args else { return NO_ACT.into() };
    let act = ACTS.iter().find(|known| *act == known.name);
    let port = port.to_str().and_then(|text| text.parse().ok());
    let (Some(act), Some(port), Ok(pair)) = (act, port, UnixStream::pair()) else {
        return NO_ACT.into();
    };
    let bait = Bait { folder: PathBuf::from(folder), port, parent: Pid::parent(), pair };
    if !Cell::ALL.into_iter().find(|known| *cell == known.name()).is_some_and(Cell::close) {
        return NO_WALLS.into();
    }
    match (act.attempt)(&bait) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let number = error.raw_os_error().and_then(|number| u8::try_from(number).ok());
            number.filter(|number| *number < NO_WALLS).unwrap_or(NO_ACT).into()
        }
    }
}

impl Cell {
    const ALL: [Cell; 3] = [Cell::ShutIn, Cell::PathsOnly, Cell::Open];

    fn name(self) -> &'static str {
        match self {
            Cell::ShutIn => "shut-in",
            Cell::PathsOnly => "paths-only",
            Cell::Open => "open",
        }
    }

    /// Puts up the cell's walls around this process; whether they stand.
    fn close(self) -> bool {
        match self {
            Cell::ShutIn => {
                sandbox::shut_in(Strictness::Required, CEILINGS).is_ok_and(Walls::suffice)
            }
            Cell::PathsOnly => sandbox::fence_paths().is_ok(),
            Cell::Open => true,
        }
    }
}

const ACTS: &[Act] = &[
    // Reading what is not ours.
    Act { name: "read-passwd", attempt: |_| File::open("/etc/passwd").map(drop) },
    Act { name: "list-root", attempt: |_| fs::read_dir("/").map(drop) },
    Act { name: "look-at-file", attempt: |bait| fs::metadata(bait.file()).map(drop) },
    Act { name: "own-memory-file", attempt: |_| write_to(Path::new("/proc/self/mem")) },
    Act { name: "parents-environment", attempt: |bait| read_of(bait.parent, "environ") },
    Act { name: "parents-memory", attempt: read_parents_memory },
    // Writing anywhere.
    Act { name: "create-file", attempt: |bait| File::create(bait.folder.join("new")).map(drop) },
    Act { name: "write-file", attempt: |bait| write_to(&bait.file()) },
    Act { name: "truncate-file", attempt: |bait| Ok(unistd::truncate(&bait.file(), 0)?) },
    Act { name: "remove-file", attempt: |bait| fs::remove_file(bait.file()) },
    Act { name: "rename-file", attempt: |bait| fs::rename(bait.file(), bait.folder.join("other")) },
    Act { name: "link-file", attempt: |bait| fs::hard_link(bait.file(), bait.folder.join("link")) },
    Act {
        name: "symlink",
        attempt: |bait| std::os::unix::fs::symlink("/etc", bait.folder.join("way-out")),
    },
    Act { name: "make-folder", attempt: |bait| fs::create_dir(bait.folder.join("folder")) },
    Act {
        name: "make-fifo",
        attempt: |bait| Ok(unistd::mkfifo(&bait.folder.join("fifo"), Mode::S_IRWXU)?),
    },
    Act {
        name: "change-mode",
        attempt: |bait| fs::set_permissions(bait.file(), fs::Permissions::from_mode(0o777)),
    },
    Act {
        name: "change-owner",
        attempt: |bait| Ok(unistd::chown(&bait.file(), Some(Uid::current()), None)?),
    },
    Act {
        name: "memory-file",
        attempt: |_| Ok(memfd_create(c"probe", MFdFlags::empty()).map(drop)?),
    },
    // Speaking to anybody.
    Act {
        name: "tcp-connect",
        attempt: |bait| TcpStream::connect((Ipv4Addr::LOCALHOST, bait.port)).map(drop),
    },
    Act { name: "tcp-listen", attempt: |_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map(drop) },
    Act { name: "udp-socket", attempt: |_| UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).map(drop) },
    Act {
        name: "unix-listen",
        attempt: |bait| UnixListener::bind(bait.folder.join("socket")).map(drop),
    },
    Act { name: "socket-pair", attempt: |_| UnixStream::pair().map(drop) },
    Act { name: "pass-descriptor", attempt: pass_descriptor },
    // Becoming or reaching another process.
    Act { name: "execute", attempt: execute },
    Act { name: "start-process", attempt: |_| Command::new("/bin/true").status().map(drop) },
    Act { name: "start-thread", attempt: |_| std::thread::Builder::new().spawn(|| ()).map(drop) },
    Act { name: "signal-parent", attempt: |bait| Ok(nix::sys::signal::kill(bait.parent, None)?) },
    Act { name: "pin-parent", attempt: pin_parent },
    // Changing what we are.
    Act { name: "new-namespace", attempt: |_| Ok(nix::sched::unshare(CloneFlags::CLONE_NEWUSER)?) },
    Act { name: "change-root", attempt: |bait| Ok(unistd::chroot(&bait.folder)?) },
    Act { name: "change-folder", attempt: |_| std::env::set_current_dir("/") },
    Act { name: "change-user", attempt: |_| Ok(unistd::setuid(Uid::current())?) },
    Act { name: "change-limit", attempt: |_| Ok(setrlimit(Resource::RLIMIT_CORE, 0, 0)?) },
    Act { name: "become-dumpable", attempt: |_| Ok(prctl::set_dumpable(true)?) },
    Act { name: "new-session", attempt: |_| Ok(unistd::setsid().map(drop)?) },
];

impl Bait {
    fn file(&self) -> PathBuf {
        self.folder.join(BAIT)
    }
}

fn write_to(path: &Path) -> io::Result<()> {
    OpenOptions::new().write(true).open(path).map(drop)
}

fn read_of(process: Pid, file: &str) -> io::Result<()> {
    File::open(format!("/proc/{process}/{file}")).map(drop)
}

fn read_parents_memory(bait: &Bait) -> io::Result<()> {
    let mut octet = [0];
    // Address 4096 is never mapped: without walls this fails with EFAULT, after the permission
    // check and so after the wall.
    let remote = [RemoteIoVec { base: 4096, len: 1 }];
    match process_vm_readv(bait.parent, &mut [IoSliceMut::new(&mut octet)], &remote) {
        Ok(_) | Err(Errno::EFAULT) => Ok(()),
        Err(errno) => Err(errno.into()),
    }
}

fn pass_descriptor(bait: &Bait) -> io::Result<()> {
    use std::os::fd::AsRawFd;
    let (ours, theirs) = (bait.pair.0.as_raw_fd(), [bait.pair.1.as_raw_fd()]);
    let note = [ControlMessage::ScmRights(&theirs)];
    let text = [IoSlice::new(b"x")];
    nix::sys::socket::sendmsg::<()>(ours, &text, &note, MsgFlags::empty(), None)?;
    Ok(())
}

fn execute(_: &Bait) -> io::Result<()> {
    let program = CString::new("/bin/true")?;
    match unistd::execv(&program, &[&program])? {}
}

fn pin_parent(bait: &Bait) -> io::Result<()> {
    let mut everywhere = CpuSet::new();
    (0..CpuSet::count()).try_for_each(|cpu| everywhere.set(cpu))?;
    Ok(nix::sched::sched_setaffinity(bait.parent, &everywhere)?)
}
