//! `ostoja root …`: the root key of a log, which is kept off the machine, and what it states.

use std::{
    fs,
    io::Write,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use clap::{Args, Subcommand};

use crate::{
    cli::{Exit, Failure, Outcome, archive::given_verifier, log_consistency::read},
    kernel::log::{
        note::Verifier,
        statement::{Statement, generate_private, read_private},
    },
};

/// Verbs of `ostoja root`.
#[derive(Debug, Subcommand)]
pub enum RootVerb {
    /// Make a root key, on a machine without a network
    ///
    /// Writes one line, to be printed and kept like a seal, and prints the verifier key, to be published
    /// where the commune's machine cannot change it. Remove the file afterwards.
    ///
    /// Example: ostoja root init --name gmina.example/root --out root-key.txt
    Init(InitArgs),
    /// State which key signs the log, and from which size on
    ///
    /// Example: ostoja root sign --key root-key.txt --log vkey.txt --from 0 --out statement
    Sign(SignArgs),
    /// Check a statement, and what the stated key has signed
    ///
    /// Example: ostoja root check statement --root root-vkey.txt --vkey vkey.txt --checkpoint checkpoint
    Check(CheckArgs),
}

#[derive(Debug, Args)]
pub struct InitArgs {
    /// Name of the root key: an address without https://, for instance gmina.example/root
    #[arg(long, value_name = "NAME")]
    pub name: String,
    /// Where to write the private key; must not exist yet
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

#[derive(Debug, Args)]
pub struct SignArgs {
    /// The private root key
    #[arg(long, value_name = "FILE")]
    pub key: PathBuf,
    /// Key of the log, or a file that holds it
    #[arg(long, value_name = "KEY")]
    pub log: String,
    /// Size of the log from which the key holds; 0 for its first key
    #[arg(long, value_name = "ENTRIES")]
    pub from: u64,
    /// Where to write the statement
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

#[derive(Debug, Args)]
pub struct CheckArgs {
    /// The statement
    #[arg(value_name = "STATEMENT")]
    pub statement: PathBuf,
    /// Verifier of the root key, or a file that holds it, from a place you trust
    #[arg(long, value_name = "KEY")]
    pub root: String,
    /// A log's key, or a file that holds it, that must be the stated one
    #[arg(long, value_name = "KEY")]
    pub vkey: Option<String>,
    /// A checkpoint that the stated key must have signed while it held
    #[arg(long, value_name = "FILE")]
    pub checkpoint: Option<PathBuf>,
}

impl RootVerb {
    /// Carries the verb out.
    ///
    /// # Errors
    /// One sentence that says what to do.
    pub fn run(&self, out: &mut dyn Write) -> Outcome {
        match self {
            RootVerb::Init(args) => init(args, out),
            RootVerb::Sign(args) => sign(args, out),
            RootVerb::Check(args) => check(args, out),
        }
    }
}

fn init(args: &InitArgs, out: &mut dyn Write) -> Outcome {
    let line =
        generate_private(&args.name).map_err(|error| Failure::usage(format!("--name: {error}")))?;
    let vkey = read_private(&line)
        .map_err(|error| Failure::new(Exit::Fault, error.to_string()))?
        .verifier()
        .vkey();
    let mut options = fs::OpenOptions::new();
    let file = options.write(true).create_new(true).mode(0o600).open(&args.out);
    let mut file = file.map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => {
            Failure::new(Exit::Exists, format!("{} exists; it was not touched", args.out.display()))
        }
        _ => Failure::io(args.out.display(), &error),
    })?;
    let written = file.write_all(format!("{line}\n").as_bytes()).and_then(|()| file.sync_all());
    written.map_err(|error| Failure::io(args.out.display(), &error))?;
    writeln!(out, "{vkey}")?;
    Ok(Exit::Ok)
}

fn sign(args: &SignArgs, out: &mut dyn Write) -> Outcome {
    let root = read_private(read(&args.key)?.trim_end_matches('\n')).map_err(|error| {
        Failure::usage(format!("{}: {error}; copy it again from the paper", args.key.display()))
    })?;
    let key = needed(&args.log, "--log")?;
    let statement = Statement { key, from: args.from };
    fs::write(&args.out, statement.sign(&root))
        .map_err(|error| Failure::io(args.out.display(), &error))?;
    writeln!(
        out,
        "ok: {} states that {} signs from {} entries on, written to {}",
        root.verifier().name(),
        statement.key.vkey(),
        statement.from,
        args.out.display()
    )?;
    Ok(Exit::Ok)
}

fn check(args: &CheckArgs, out: &mut dyn Write) -> Outcome {
    let finding = |path: &Path, what: String| {
        Failure::new(Exit::Finding, format!("{}: {what}", path.display()))
    };
    let root = needed(&args.root, "--root")?;
    let statement = Statement::open(&read(&args.statement)?, &root)
        .map_err(|error| finding(&args.statement, error.to_string()))?;
    if let Some(vkey) = given_verifier(args.vkey.as_deref())?
        && vkey != statement.key
    {
        let stated = statement.key.vkey();
        return Err(finding(&args.statement, format!("it states another key, {stated}")));
    }
    if let Some(path) = &args.checkpoint {
        let checkpoint =
            statement.checkpoint(&read(path)?).map_err(|error| finding(path, error.to_string()))?;
        writeln!(out, "the checkpoint of {} entries is signed by the stated key", checkpoint.size)?;
    }
    writeln!(
        out,
        "ok: {} states that {} signs from {} entries on",
        root.name(),
        statement.key.vkey(),
        statement.from
    )?;
    Ok(Exit::Ok)
}

fn needed(given: &str, what: &str) -> Result<Verifier, Failure> {
    given_verifier(Some(given))?.ok_or_else(|| Failure::usage(format!("give a key with {what}")))
}
