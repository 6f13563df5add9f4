//! Shutting a parser in: after [`shut_in`] the process can compute and speak on the sockets it
//! already holds, and nothing else. No file, no network, no new process, no signal to a neighbour.
//!
//! It is for a process with one thread that has everything it needs open: landlock covers only the
//! calling thread. It is not for the server, which must keep its listeners and its data directory.
//! Called by `worker::run` before the first octet of a stranger's file is read.
//!
//! Three walls, each enough for most acts, because each has had its hole somewhere:
//! resource limits (no descriptors, no file size, bounded memory and time), landlock (no path, and
//! where the kernel can: no TCP, no abstract socket, no signal), seccomp (a short list of calls).

use std::collections::BTreeMap;
use std::os::fd::RawFd;

use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, LandlockStatus, Ruleset,
    RulesetAttr, RulesetError, RulesetStatus, Scope,
};
use nix::errno::Errno;
use nix::libc;
use nix::sys::prctl;
use nix::sys::resource::{Resource, getrlimit, rlim_t, setrlimit};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule,
};

/// What to do when the machine cannot give a wall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strictness {
    /// Production: refuse to go on.
    Required,
    /// Development on a kernel without landlock or seccomp: go on with the walls there are.
    BestEffort,
}

/// How much the process may use. Limits, not expectations.
#[derive(Clone, Copy, Debug)]
pub struct Ceilings {
    /// Address space, the program's own text included.
    pub memory_bytes: u64,
    /// Processor time of the whole life of the process.
    pub cpu_seconds: u64,
}

/// Which walls stand. Shown by the doctor; a missing one is never silent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Walls {
    /// Landlock: no path can be opened, made, moved or removed.
    pub files: bool,
    /// Landlock (kernel 6.7): no TCP connection and no TCP listener. Seccomp refuses them anyway.
    pub network: bool,
    /// Landlock (kernel 6.12): no signal and no abstract socket across the wall.
    pub neighbours: bool,
    /// Seccomp: only the short list of calls.
    pub calls: bool,
}

impl Walls {
    /// The walls without which production does not start. Debian 12's kernel (6.1) has landlock
    /// for files only; the other two are second walls behind seccomp and so not demanded.
    pub fn suffice(self) -> bool {
        self.files && self.calls
    }

    /// One octet for the wire.
    pub fn to_bits(self) -> u8 {
        u8::from(self.files)
            | u8::from(self.network) << 1
            | u8::from(self.neighbours) << 2
            | u8::from(self.calls) << 3
    }

    /// The reverse of [`Walls::to_bits`]; unknown bits are an error, not a wall.
    pub fn from_bits(bits: u8) -> Option<Walls> {
        let has = |bit: u8| bits & bit != 0;
        (bits < 16).then(|| Walls {
            files: has(1),
            network: has(2),
            neighbours: has(4),
            calls: has(8),
        })
    }
}

/// A wall that could not be put up.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// A second thread would stay outside: a mistake in our own start-up order.
    #[error("the process has {0} threads, only a process of one thread can be shut in")]
    Threads(usize),
    /// The list of open descriptors or of threads could not be read from /proc.
    #[error("/proc/self cannot be read")]
    Proc(#[source] std::io::Error),
    /// A resource limit was refused.
    #[error("resource limit {0} cannot be set")]
    Limit(&'static str, #[source] Errno),
    /// `prctl` refused; seen only under foreign sandboxes.
    #[error("the process cannot give up new privileges")]
    Privileges(#[source] Errno),
    /// The kernel has no landlock, or it is not in the boot list of security modules.
    #[error("the kernel gives no landlock wall around files")]
    Files(#[source] RulesetError),
    /// Landlock answered, and yet nothing is enforced.
    #[error("landlock is not enforced by this kernel")]
    FilesNotEnforced,
    /// The kernel has no seccomp filter, or the machine's architecture is not known to the filter.
    #[error("the kernel gives no wall around system calls")]
    Calls(#[source] seccompiler::Error),
}

/// Closes every descriptor above `last`, so that nothing a careless parent left open comes along.
pub fn close_above(last: RawFd) -> Result<(), SandboxError> {
    let entries = std::fs::read_dir("/proc/self/fd").map_err(SandboxError::Proc)?;
    let mut extra = Vec::new();
    for entry in entries {
        let name = entry.map_err(SandboxError::Proc)?.file_name();
        let fd: Option<RawFd> = name.to_str().and_then(|text| text.parse().ok());
        extra.extend(fd.filter(|fd| *fd > last));
    }
    for fd in extra {
        // The listing's own descriptor is among them and is closed already: EBADF is expected.
        match nix::unistd::close(fd) {
            Ok(()) | Err(Errno::EBADF) => {}
            Err(errno) => return Err(SandboxError::Limit("descriptors", errno)),
        }
    }
    Ok(())
}

/// Puts up every wall, from the inside, for good. With [`Strictness::Required`] a missing wall is
/// an error; the process is then half shut in and must end.
pub fn shut_in(strictness: Strictness, ceilings: Ceilings) -> Result<Walls, SandboxError> {
    let threads = std::fs::read_dir("/proc/self/task").map_err(SandboxError::Proc)?.count();
    if threads != 1 {
        return Err(SandboxError::Threads(threads));
    }
    set_ceilings(ceilings)?;
    prctl::set_dumpable(false).map_err(SandboxError::Privileges)?;
    prctl::set_no_new_privs().map_err(SandboxError::Privileges)?;
    let mut walls = Walls::default();
    match fence_paths() {
        Ok(status) => {
            walls.files = true;
            walls.network = status >= ABI::V4;
            walls.neighbours = status >= ABI::V6;
        }
        Err(error) if strictness == Strictness::Required => return Err(error),
        Err(_) => {}
    }
    // No descriptor can be made any more; landlock itself needed one.
    limit(Resource::RLIMIT_NOFILE, "descriptors", 0)?;
    match fence_calls() {
        Ok(()) => walls.calls = true,
        Err(error) if strictness == Strictness::Required => return Err(SandboxError::Calls(error)),
        Err(_) => {}
    }
    Ok(walls)
}

fn set_ceilings(ceilings: Ceilings) -> Result<(), SandboxError> {
    limit(Resource::RLIMIT_AS, "memory", ceilings.memory_bytes)?;
    limit(Resource::RLIMIT_CPU, "processor time", ceilings.cpu_seconds)?;
    limit(Resource::RLIMIT_CORE, "core dump", 0)?;
    limit(Resource::RLIMIT_FSIZE, "file size", 0)?;
    limit(Resource::RLIMIT_NPROC, "processes", 0)
}

/// Lowers a limit for good. A lower one set from outside stays.
fn limit(resource: Resource, name: &'static str, wanted: rlim_t) -> Result<(), SandboxError> {
    let failed = |errno| SandboxError::Limit(name, errno);
    let (_, hard) = getrlimit(resource).map_err(failed)?;
    let value = wanted.min(hard);
    setrlimit(resource, value, value).map_err(failed)
}

/// The wall around files alone, for the probe that tries each wall without the other.
/// Landlock with no rule at all: every access that it handles is refused everywhere.
pub fn fence_paths() -> Result<ABI, SandboxError> {
    let build = || {
        Ruleset::default()
            .set_compatibility(CompatLevel::HardRequirement)
            .handle_access(AccessFs::from_all(ABI::V1))?
            .set_compatibility(CompatLevel::BestEffort)
            .handle_access(AccessFs::from_all(ABI::V6))?
            .handle_access(AccessNet::from_all(ABI::V6))?
            .scope(Scope::from_all(ABI::V6))?
            .create()?
            .restrict_self()
    };
    let status = build().map_err(SandboxError::Files)?;
    match (status.ruleset, status.landlock) {
        (RulesetStatus::NotEnforced, _) => Err(SandboxError::FilesNotEnforced),
        (_, LandlockStatus::Available { effective_abi, .. }) => Ok(effective_abi),
        (_, LandlockStatus::NotEnabled | LandlockStatus::NotImplemented) => {
            Err(SandboxError::FilesNotEnforced)
        }
    }
}

/// What a computing process needs: memory, its own signals, time, randomness, the socket it holds.
const CALLS: &[libc::c_long] = &[
    libc::SYS_read,
    libc::SYS_write,
    libc::SYS_recvfrom,
    libc::SYS_close,
    libc::SYS_brk,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_madvise,
    libc::SYS_futex,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_restart_syscall,
    libc::SYS_getrandom,
    libc::SYS_clock_gettime,
    libc::SYS_sched_yield,
    libc::SYS_getpid,
    libc::SYS_gettid,
    libc::SYS_exit,
    libc::SYS_exit_group,
];

/// What no honest decoder ever asks for: the process is killed, so that an attacker gets one try.
/// Everything in neither list is refused with EPERM, since a library may ask for it innocently.
const FATAL_CALLS: &[libc::c_long] = &[
    libc::SYS_socket,
    libc::SYS_connect,
    libc::SYS_bind,
    libc::SYS_execve,
    libc::SYS_execveat,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_userfaultfd,
    libc::SYS_keyctl,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_kexec_load,
    libc::SYS_reboot,
];

/// Two filters, of which the kernel obeys the stricter: the allow list, and the list that kills.
fn fence_calls() -> Result<(), seccompiler::Error> {
    let allowed = filter(allow_rules()?, SeccompAction::Errno(EPERM), SeccompAction::Allow)?;
    let fatal = FATAL_CALLS.iter().map(|call| (*call, Vec::new())).collect();
    let fatal = filter(fatal, SeccompAction::Allow, SeccompAction::KillProcess)?;
    // The killing one first: the allow list does not allow installing another filter.
    seccompiler::apply_filter_all_threads(&fatal)?;
    seccompiler::apply_filter_all_threads(&allowed)
}

const EPERM: u32 = libc::EPERM.unsigned_abs();

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

fn filter(
    rules: Rules,
    otherwise: SeccompAction,
    listed: SeccompAction,
) -> Result<BpfProgram, seccompiler::Error> {
    let arch = std::env::consts::ARCH.try_into()?;
    Ok(SeccompFilter::new(rules, otherwise, listed, arch)?.try_into()?)
}

fn allow_rules() -> Result<Rules, seccompiler::Error> {
    let mut rules: Rules = CALLS.iter().map(|call| (*call, Vec::new())).collect();
    // Memory that can be executed is how a bug becomes a program.
    let never_executable = SeccompCmpOp::MaskedEq(u64::from(libc::PROT_EXEC.unsigned_abs()));
    for call in [libc::SYS_mmap, libc::SYS_mprotect] {
        rules.insert(call, vec![when(2, SeccompCmpArgLen::Dword, never_executable.clone(), 0)?]);
    }
    // A message may go to the peer of the socket, never to an address of the sender's choice.
    rules.insert(libc::SYS_sendto, vec![when(4, SeccompCmpArgLen::Qword, SeccompCmpOp::Eq, 0)?]);
    // abort() signals itself; nobody else may be signalled.
    let own = u64::from(std::process::id());
    rules.insert(libc::SYS_tgkill, vec![when(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, own)?]);
    Ok(rules)
}

fn when(
    argument: u8,
    width: SeccompCmpArgLen,
    comparison: SeccompCmpOp,
    value: u64,
) -> Result<SeccompRule, seccompiler::Error> {
    let condition = SeccompCondition::new(argument, width, comparison, value)?;
    Ok(SeccompRule::new(vec![condition])?)
}

#[cfg(test)]
mod tests {
    use super::{CALLS, FATAL_CALLS, Walls, allow_rules};
    use nix::libc;

    #[test]
    fn nothing_is_both_allowed_and_fatal() {
        let allowed = allow_rules().unwrap();
        assert!(FATAL_CALLS.iter().all(|call| !allowed.contains_key(call)));
        assert_eq!(allowed.len(), CALLS.len() + 4, "a call is listed twice");
    }

    #[test]
    fn calls_that_reach_outside_are_not_allowed() {
        let allowed = allow_rules().unwrap();
        for call in [
            libc::SYS_openat,
            libc::SYS_clone,
            libc::SYS_clone3,
            libc::SYS_kill,
            libc::SYS_sendmsg,
            libc::SYS_recvmsg,
            libc::SYS_ioctl,
            libc::SYS_prctl,
            libc::SYS_seccomp,
            libc::SYS_memfd_create,
            libc::SYS_pidfd_open,
            libc::SYS_prlimit64,
        ] {
            assert!(!allowed.contains_key(&call), "call {call} is allowed");
        }
    }

    #[test]
    fn walls_survive_the_wire() {
        for bits in 0..16 {
            assert_eq!(Walls::from_bits(bits).unwrap().to_bits(), bits);
        }
        assert_eq!(Walls::from_bits(16), None);
    }
}
