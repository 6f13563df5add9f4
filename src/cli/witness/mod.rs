//! `ostoja witness …`: cosigning checkpoints of other logs (C2SP tlog-witness), by hand or over HTTP.
//!
//! A witness has a folder of its own, apart from every data directory: its key, its name and the newest
//! checkpoint of each log. The program that serves residents has no key of a witness and no route out:
//! what offers our own checkpoint to witnesses (`offer`) is a process of its own, which reads `log/` of a
//! data directory and writes `cosigned/`.

mod offer;
mod serve;

use std::{
    fs,
    io::Write,
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::{Args, Subcommand};
use nix::fcntl::{Flock, FlockArg};

use crate::{
    cli::{Exit, Failure, Outcome, archive::given_verifier, log_consistency::read},
    kernel::{
        clock::{self, Clock},
        durable::{Disk as _, RealDisk, write_whole},
        log::{
            cosignature::{CosignatureVerifier, Cosigner},
            note::Signer,
            witness::{Refused, Witness},
        },
    },
};

const KEY: &str = "key";
const NAME: &str = "name";
const VKEY: &str = "vkey";

/// Verbs of `ostoja witness`.
#[derive(Debug, Subcommand)]
pub enum WitnessVerb {
    /// Make a witness: a folder with a key of its own
    ///
    /// Prints the verifier key, which goes to those who are to trust this witness. The folder is not a
    /// data directory and must not lie in one: a witness that is restored to an older state could
    /// cosign a second history.
    ///
    /// Example: ostoja witness init --state /var/lib/ostoja-witness --name gmina.example/witness
    Init(InitArgs),
    /// Cosign a checkpoint that continues the one cosigned before
    ///
    /// REQUEST is what 'ostoja log consistency' prints at the other commune: the size cosigned before,
    /// the proof, and the newer checkpoint. Prints the cosignature, one line, after the checkpoint is
    /// stored. A request for a log that forked is refused, and worth keeping.
    ///
    /// Example: ostoja witness cosign --state /var/lib/ostoja-witness --log vkey.txt request
    Cosign(CosignArgs),
    /// Cosign over HTTP, until SIGTERM
    ///
    /// Answers POST /add-checkpoint of C2SP tlog-witness, and nothing else. Asks nobody and opens no
    /// data directory.
    ///
    /// Example: ostoja witness serve --state /var/lib/ostoja-witness --log vkey.txt --port 8091
    Serve(serve::ServeArgs),
    /// Offer our own checkpoint to a witness, and keep what it cosigns
    ///
    /// Reads log/ of the data directory and writes cosigned/, nothing else; the daemon may run, and serves
    /// what is kept. With --every it goes on until SIGTERM, waits longer after each failure, and says on
    /// standard error what fails. One process for each witness.
    ///
    /// Example: ostoja witness offer --dir /var/lib/ostoja --to ADDRESS --key w-vkey.txt
    Offer(offer::OfferArgs),
    /// Check a cosignature, offline
    ///
    /// Example: ostoja witness verify checkpoint cosignature --vkey witness-vkey.txt
    Verify(VerifyArgs),
}

#[derive(Debug, Args)]
pub struct InitArgs {
    /// Folder of the witness; made if it is not there
    #[arg(long, value_name = "FOLDER")]
    pub state: PathBuf,
    /// Name of the witness: an address without https://, for instance gmina.example/witness
    #[arg(long, value_name = "NAME")]
    pub name: String,
}

#[derive(Debug, Args)]
pub struct CosignArgs {
    /// Folder of the witness
    #[arg(long, value_name = "FOLDER")]
    pub state: PathBuf,
    /// Key of the log, or a file that holds it, from a place you trust
    #[arg(long, value_name = "KEY")]
    pub log: String,
    /// The request
    #[arg(value_name = "REQUEST")]
    pub request: PathBuf,
}

#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// The checkpoint
    #[arg(value_name = "CHECKPOINT")]
    pub checkpoint: PathBuf,
    /// What the witness answered, if it does not stand under the checkpoint
    #[arg(value_name = "COSIGNATURE")]
    pub cosignature: Option<PathBuf>,
    /// Key of the witness, or a file that holds it
    #[arg(long, value_name = "KEY")]
    pub vkey: String,
}

impl WitnessVerb {
    /// Carries the verb out.
    ///
    /// # Errors
    /// One sentence that says what to do.
    pub fn run(&self, out: &mut dyn Write) -> Outcome {
        match self {
            WitnessVerb::Init(args) => init(args, out),
            WitnessVerb::Cosign(args) => cosign(args, out),
            WitnessVerb::Serve(args) => serve::run(args, out),
            WitnessVerb::Offer(args) => offer::run(args, out),
            WitnessVerb::Verify(args) => verify(args, out),
        }
    }
}

fn init(args: &InitArgs, out: &mut dyn Write) -> Outcome {
    let (state, disk) = (&args.state, RealDisk);
    if state.join(KEY).exists() {
        return Err(Failure::new(
            Exit::Exists,
            format!("there is a witness in {} already; it was not touched", state.display()),
        ));
    }
    let key = Signer::generate().map_err(|error| Failure::new(Exit::Fault, error.to_string()))?;
    let cosigner = Cosigner::from_pkcs8(&args.name, &key)
        .map_err(|error| Failure::usage(format!("--name: {error}")))?;
    let vkey = cosigner.verifier().vkey();
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(state)
        .map_err(|error| Failure::io(state.display(), &error))?;
    // The key last: a folder without one is no witness yet.
    for (name, bytes) in [
        (NAME, format!("{}\n", args.name).into_bytes()),
        (VKEY, format!("{vkey}\n").into_bytes()),
        (KEY, key),
    ] {
        let path = state.join(name);
        write_whole(&disk, &path, &bytes).map_err(|error| Failure::io(path.display(), &error))?;
    }
    writeln!(out, "{vkey}")?;
    Ok(Exit::Ok)
}

fn cosign(args: &CosignArgs, out: &mut dyn Write) -> Outcome {
    let log = given_verifier(Some(&args.log))?
        .ok_or_else(|| Failure::usage("give the log's key with --log"))?;
    let request = read(&args.request)?;
    let _lock = lock(&args.state)?;
    let witness = Witness::new(Arc::new(RealDisk), &args.state, cosigner(&args.state)?, vec![log]);
    let now = u64::try_from(Clock::System.now().as_second()).unwrap_or(0);
    let line = witness.add_checkpoint(&request, now).map_err(|refused| {
        let exit = match &refused {
            Refused::State(error) if error.kind() == std::io::ErrorKind::InvalidData => {
                Exit::Damaged
            }
            Refused::State(_) => Exit::Io,
            _ => Exit::Finding,
        };
        Failure::new(exit, format!("not cosigned ({}): {refused}", refused.status()))
    })?;
    write!(out, "{line}")?;
    Ok(Exit::Ok)
}

fn verify(args: &VerifyArgs, out: &mut dyn Write) -> Outcome {
    let verifier = given_witness(&args.vkey, "--vkey")?;
    let mut note = read(&args.checkpoint)?;
    if let Some(lines) = &args.cosignature {
        note.push_str(&read(lines)?);
    }
    let at = verifier.check(&note).map_err(|error| {
        let checkpoint = args.checkpoint.display();
        let what = match &args.cosignature {
            Some(lines) => format!("{} does not fit {checkpoint}: {error}", lines.display()),
            None => format!("{checkpoint}: {error}"),
        };
        Failure::new(Exit::Finding, what)
    })?;
    let at = clock::from_ms(i64::try_from(at).unwrap_or(i64::MAX).saturating_mul(1000));
    writeln!(out, "ok: cosigned by {} at {at}", verifier.name())?;
    Ok(Exit::Ok)
}

/// A witness's key as it was given: the text itself, or a file that holds it.
fn given_witness(given: &str, option: &str) -> Result<CosignatureVerifier, Failure> {
    let text = fs::read_to_string(given).unwrap_or_else(|_no_file| given.to_owned());
    CosignatureVerifier::parse(text.trim()).map_err(|error| {
        Failure::usage(format!(
            "{option} takes the witness's key (name+id+key) or a file that holds it; this is neither: {error}"
        ))
    })
}

fn cosigner(state: &Path) -> Result<Cosigner, Failure> {
    let file = |name: &str| {
        RealDisk.read(&state.join(name)).map_err(|error| {
            Failure::usage(format!(
                "{}: {error}; give the folder that 'ostoja witness init' made",
                state.join(name).display()
            ))
        })
    };
    let damaged =
        |what: String| Failure::new(Exit::Damaged, format!("{}: {what}", state.display()));
    let name = String::from_utf8(file(NAME)?).map_err(|error| damaged(error.to_string()))?;
    Cosigner::from_pkcs8(name.trim_end_matches('\n'), &file(KEY)?)
        .map_err(|error| damaged(error.to_string()))
}

/// One process at a time: two could both look before either stores.
fn lock(state: &Path) -> Result<Flock<fs::File>, Failure> {
    lock_file(&state.join("lock"), &state.display())
}

fn lock_file(path: &Path, what: &dyn std::fmt::Display) -> Result<Flock<fs::File>, Failure> {
    let file = fs::File::create(path).map_err(|error| Failure::io(path.display(), &error))?;
    Flock::lock(file, FlockArg::LockExclusiveNonblock)
        .map_err(|_held| Failure::new(Exit::Busy, format!("another process uses {what}")))
}
