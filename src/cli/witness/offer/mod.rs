//! `ostoja witness offer`: our newest checkpoint offered to one witness (C2SP tlog-witness), and its
//! cosignature kept under `cosigned/` of the data directory.
//!
//! The server that faces residents has no route out, so this is a process of its own. It needs `log/` to
//! read and `cosigned/` to write; no secret, no journal. What a witness answers is a stranger's text:
//! it is bounded, and nothing of it is kept before the signature in it was checked.

mod place;
mod post;

use std::{io::Write, path::PathBuf, time::Duration};

use clap::Args;
use nix::fcntl::Flock;
use tokio::signal::unix::{SignalKind, signal};

use super::{given_witness, lock_file};
use crate::{
    cli::{
        Exit, Failure, Outcome,
        archive::{Signed, given_verifier},
        house::log_to_stderr,
        log_consistency::prove,
    },
    kernel::{
        clock,
        durable::{RealDisk, make_directory},
        log::{
            cosignature::CosignatureVerifier,
            cosigned::{self, Cosigned},
            note::Verifier,
        },
    },
};
use place::Place;
use post::{Answered, Caller};

/// Where Debian keeps the authorities that browsers trust.
const ROOTS: &str = "/etc/ssl/certs/ca-certificates.crt";
/// A witness says once from where it wants the proof. While it is proven another process may offer, too.
const TRIES: u32 = 3;
/// After failures it is never waited longer, unless --every says so.
const WAIT_MAX: Duration = Duration::from_mins(30);

#[derive(Debug, Args)]
pub struct OfferArgs {
    /// Data directory
    #[arg(long, value_name = "DIR")]
    pub dir: PathBuf,
    /// Address of the witness, without /add-checkpoint; http or https
    #[arg(long, value_name = "URL")]
    pub to: Place,
    /// Key of the witness, or a file that holds it
    #[arg(long, value_name = "KEY")]
    pub key: String,
    /// Key of our log, or a file that holds it; without it, log/vkey
    #[arg(long, value_name = "KEY")]
    pub log: Option<String>,
    /// Go on, and offer the newest checkpoint so often
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub every: Option<u64>,
    /// Authorities whose certificates are believed for https, PEM
    #[arg(long, value_name = "FILE", default_value = ROOTS)]
    pub roots: PathBuf,
    /// How long a witness may take for one answer
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub timeout: u64,
}

pub(super) fn run(args: &OfferArgs, out: &mut dyn Write) -> Outcome {
    let offer = Offer::new(args)?;
    let fault = |error: std::io::Error| Failure::new(Exit::Fault, error.to_string());
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(fault)?;
    runtime.block_on(async {
        let Some(every) = args.every.map(Duration::from_secs) else {
            let cosigned = offer.once().await?;
            say(&cosigned, out)?;
            return Ok(Exit::Ok);
        };
        log_to_stderr();
        let mut terminate = signal(SignalKind::terminate()).map_err(fault)?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(fault)?;
        let mut failures = 0;
        loop {
            let turn = async {
                match offer.once().await {
                    Ok(cosigned) => {
                        failures = 0;
                        say(&cosigned, out)?;
                    }
                    Err(failure) => {
                        failures += 1;
                        tracing::error!(code = failure.exit as u8, "{failure}");
                    }
                }
                tokio::time::sleep(wait(every, failures)).await;
                Ok::<(), Failure>(())
            };
            tokio::select! {
                turned = turn => turned?,
                _ = terminate.recv() => return Ok(Exit::Ok),
                _ = interrupt.recv() => return Ok(Exit::Ok),
            }
        }
    })
}

/// Twice as long after each failure, so that a witness that is down is not knocked at all night.
fn wait(every: Duration, failures: u32) -> Duration {
    let doubled = every.saturating_mul(2u32.saturating_pow(failures.min(16)));
    doubled.min(WAIT_MAX.max(every))
}

fn say(cosigned: &Cosigned, out: &mut dyn Write) -> std::io::Result<()> {
    let at = i64::try_from(cosigned.at_seconds).unwrap_or(i64::MAX).saturating_mul(1000);
    writeln!(
        out,
        "ok: {} entries cosigned by {} at {}",
        cosigned.checkpoint.size,
        cosigned.witness.name(),
        clock::from_ms(at)
    )?;
    out.flush()
}

/// One log and one witness.
struct Offer<'a> {
    args: &'a OfferArgs,
    witness: CosignatureVerifier,
    log: Option<Verifier>,
    caller: Caller,
    directory: PathBuf,
    _lock: Flock<std::fs::File>,
}

impl Offer<'_> {
    fn new(args: &OfferArgs) -> Result<Offer<'_>, Failure> {
        let witness = given_witness(&args.key, "--key")?;
        let log = given_verifier(args.log.as_deref())?;
        let timeout = Duration::from_secs(args.timeout);
        let caller = Caller::new(&args.to, &args.roots, timeout)?;
        // Before anything is made: is this a data directory at all?
        Signed::read(&args.dir, log.clone())?;
        let directory = cosigned::directory(&args.dir);
        make_directory(&RealDisk, &directory)
            .map_err(|error| Failure::io(directory.display(), &error))?;
        let lock = cosigned::path(&directory, &witness).with_extension("lock");
        let lock = lock_file(&lock, &format_args!("what {} cosigned", witness.name()))?;
        Ok(Offer { args, witness, log, caller, directory, _lock: lock })
    }

    /// Offers the newest checkpoint, and keeps it once it is cosigned.
    async fn once(&self) -> Result<Cosigned, Failure> {
        let name = self.witness.name();
        let (mut old, mut asked) = (None, 0);
        loop {
            let signed = Signed::read(&self.args.dir, self.log.clone())?;
            let size = signed.checkpoint.size;
            let from = match old {
                Some(old) => old,
                None => self.kept(&signed.verifier)?,
            };
            if from > size {
                return Err(self.finding(format!(
                    "it has cosigned {from} entries of this log, and {size} are signed here: entries are missing; stop the service and see Damage in docs/runbook.md"
                )));
            }
            let (_, _, proof) = prove(&self.args.dir, &signed, from, size)?;
            asked += 1;
            match self.caller.add_checkpoint(&proof.to_text()).await? {
                Answered::Cosigned(lines) => return self.keep(&signed, &lines),
                Answered::OtherSize(theirs) if theirs == from => {
                    return Err(self.finding(format!(
                        "it refuses {size} entries although it wants the proof from {from}: if both sizes are one, it knows another tree of that size, and this log has two histories; keep log/checkpoint and ask whoever runs {name}"
                    )));
                }
                Answered::OtherSize(theirs) if asked < TRIES => old = Some(theirs),
                Answered::OtherSize(theirs) => {
                    return Err(Failure::new(
                        Exit::NotNow,
                        format!(
                            "{name} wants another proof each time, now from {theirs}; try again"
                        ),
                    ));
                }
                Answered::Refused { status, said } => {
                    return Err(self.refused(status, &said, &signed));
                }
            }
        }
    }

    /// What the witness cosigned last, as far as we know: it may know more.
    fn kept(&self, log: &Verifier) -> Result<u64, Failure> {
        let kept = Cosigned::of(&RealDisk, &self.directory, log, &self.witness);
        let kept = kept.map_err(|error| Failure::io(self.directory.display(), &error))?;
        Ok(kept.map_or(0, |kept| kept.checkpoint.size))
    }

    fn keep(&self, signed: &Signed, lines: &str) -> Result<Cosigned, Failure> {
        let cosigned = Cosigned::new(&signed.note, lines, &signed.verifier, &self.witness);
        let cosigned = cosigned.map_err(|error| {
            self.finding(format!("its answer holds no cosignature of its key that fits: {error}"))
        })?;
        cosigned
            .keep(&RealDisk, &self.directory)
            .map_err(|error| Failure::io(self.directory.display(), &error))?;
        Ok(cosigned)
    }

    fn finding(&self, what: String) -> Failure {
        Failure::new(Exit::Finding, format!("{}: {what}", self.witness.name()))
    }

    /// What a status of the specification means for whoever runs the log.
    fn refused(&self, status: u16, said: &str, signed: &Signed) -> Failure {
        let (exit, what) = match status {
            400 => (Exit::Fault, "it calls the request malformed; please report it".to_owned()),
            403 => (
                Exit::NotNow,
                format!(
                    "it does not trust the key that signs this log; whoever runs it needs {}",
                    signed.verifier.vkey()
                ),
            ),
            404 => (
                Exit::NotNow,
                format!(
                    "it does not know the log {}, or there is no witness at {}",
                    signed.checkpoint.origin, self.args.to
                ),
            ),
            422 => (
                Exit::Finding,
                "it does not accept the proof that this log continues what it cosigned before: it has seen another history, or its memory is damaged; keep log/checkpoint and ask whoever runs it".to_owned(),
            ),
            429 | 500..=599 => (Exit::NotNow, "it cannot answer now; try again".to_owned()),
            _ => (Exit::Finding, "no witness answers so; is the address right?".to_owned()),
        };
        let said = if said.is_empty() { String::new() } else { format!(" (it said: {said})") };
        Failure::new(exit, format!("{}: status {status}: {what}{said}", self.witness.name()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_make_it_wait_longer_up_to_a_bound() {
        let waits = |every, failures| wait(Duration::from_secs(every), failures).as_secs();
        assert_eq!([0, 1, 2, 3].map(|failures| waits(60, failures)), [60, 120, 240, 480]);
        assert_eq!([5, 6, 40, u32::MAX].map(|failures| waits(60, failures)), [1800; 4]);
        assert_eq!(waits(86_400, 3), 86_400);
    }
}
