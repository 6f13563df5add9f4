//! `ostoja root …`: the root key of a log, which is kept off the machine, and what it states.

use std::{
    fs,
    io::Write,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use clap::{Args, Subcommand};

use crate::{
    cli::{
        Exit, Failure, Outcome,
        archive::{Archive, given_verifier},
        log_consistency::read,
    },
    kernel::{
        durable::RealDisk,
        journal::{self, epoch},
        log::{
            checkpoint, keys,
            note::Verifier,
            statement::{Statement, Statements, generate_private, read_hash, read_private},
            tiles::TileReader,
            tree::empty_root,
        },
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
    /// For the key of a new epoch, 'ostoja log new-epoch' says what to give with --from, --tree and --after.
    ///
    /// Example: ostoja root sign --key root-key.txt --log vkey.txt --from 0 --out statement
    Sign(SignArgs),
    /// Check statements, newest last, and what the newest stated key has signed
    ///
    /// Example: ostoja root check statements --root root-vkey.txt --vkey vkey.txt --checkpoint checkpoint
    Check(CheckArgs),
    /// Put a statement where everybody can read it: log/statements of a data directory
    ///
    /// It must be signed by the root key, follow the one before it, state the key that signs this log now,
    /// and hold from where that key's epoch begins. The daemon may run.
    ///
    /// Example: ostoja root place statement --dir /var/lib/ostoja --root root-vkey.txt
    Place(PlaceArgs),
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
    /// Root of the tree of that size, base64; not needed for 0
    #[arg(long, value_name = "ROOT")]
    pub tree: Option<String>,
    /// The statements before it, if there are any
    #[arg(long, value_name = "FILE")]
    pub after: Option<PathBuf>,
    /// Where to write the statement
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

#[derive(Debug, Args)]
pub struct CheckArgs {
    /// The statement, or all of them in order
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

#[derive(Debug, Args)]
pub struct PlaceArgs {
    /// The statement
    #[arg(value_name = "STATEMENT")]
    pub statement: PathBuf,
    /// Data directory
    #[arg(long, value_name = "DIR")]
    pub dir: PathBuf,
    /// Verifier of the root key, or a file that holds it, from a place you trust
    #[arg(long, value_name = "KEY")]
    pub root: String,
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
            RootVerb::Place(args) => place(args, out),
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
    let tree = match &args.tree {
        Some(tree) => read_hash(tree)
            .ok_or_else(|| Failure::usage("--tree takes the root of a tree: 32 bytes in base64"))?,
        None if args.from == 0 => empty_root(),
        None => {
            return Err(Failure::usage(
                "--from is not 0: give the root of the tree of that size with --tree",
            ));
        }
    };
    let before = match &args.after {
        None => Statements::default(),
        Some(path) => open(&read(path)?, path, &root.verifier())?,
    };
    let statement = Statement { key, from: args.from, root: tree, after: before.head() };
    let note = statement.sign(&root);
    before.and(&note, &root.verifier()).map_err(|error| {
        Failure::usage(format!("it does not follow the statements before it: {error}"))
    })?;
    fs::write(&args.out, note).map_err(|error| Failure::io(args.out.display(), &error))?;
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

fn finding(path: &Path, what: impl std::fmt::Display) -> Failure {
    Failure::new(Exit::Finding, format!("{}: {what}", path.display()))
}

/// Statements that the root key has signed.
fn open(text: &str, path: &Path, root: &Verifier) -> Result<Statements, Failure> {
    Statements::open(text, root).map_err(|error| finding(path, error))
}

fn check(args: &CheckArgs, out: &mut dyn Write) -> Outcome {
    let root = needed(&args.root, "--root")?;
    let statements = open(&read(&args.statement)?, &args.statement, &root)?;
    let Some((statement, _)) = statements.newest() else {
        return Err(finding(&args.statement, "it is empty"));
    };
    if let Some(vkey) = given_verifier(args.vkey.as_deref())?
        && vkey != statement.key
    {
        let stated = statement.key.vkey();
        return Err(finding(&args.statement, format!("it states another key, {stated}")));
    }
    if let Some(path) = &args.checkpoint {
        let checkpoint =
            statement.checkpoint(&read(path)?).map_err(|error| finding(path, error))?;
        writeln!(out, "the checkpoint of {} entries is signed by the stated key", checkpoint.size)?;
    }
    for earlier in statements.iter() {
        if let Some((_, Some(to))) = statements.of_key(&earlier.key) {
            writeln!(
                out,
                "earlier: {} signed from {} entries on; what it signed behind the first {to} is not in the log any more",
                earlier.key.vkey(),
                earlier.from
            )?;
        }
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

fn place(args: &PlaceArgs, out: &mut dyn Write) -> Outcome {
    let root = needed(&args.root, "--root")?;
    let note = read(&args.statement)?;
    let archive = Archive::open(&args.dir)?;
    let signed = archive.signed(None)?;
    let kept = keys::statements(&RealDisk, archive.data())?;
    if kept.newest().is_some_and(|(_, newest)| newest == note) {
        open(&kept.text(), Path::new("log/statements"), &root)?;
        writeln!(out, "ok: it is there already")?;
        return Ok(Exit::Ok);
    }
    let statements = kept.and(&note, &root).map_err(|error| finding(&args.statement, error))?;
    let Some((statement, _)) = statements.newest() else {
        return Err(finding(&args.statement, "it is empty"));
    };
    if statement.key != signed.verifier {
        let (stated, ours) = (statement.key.vkey(), signed.verifier.vkey());
        let what = format!("it states {stated}, but this log is signed by {ours}");
        return Err(finding(&args.statement, what));
    }
    let begun = epoch::epochs(&RealDisk, &journal::directory(archive.data()))?;
    let from = begun.last().map_or(0, |newest| newest.seq);
    if statement.from != from {
        let what = format!(
            "it holds from {} entries on, and the key's epoch begins at {from}",
            statement.from
        );
        return Err(finding(&args.statement, what));
    }
    let directory = &checkpoint::directory(archive.data());
    let tiles = TileReader { disk: &RealDisk, directory, size: from }.frontier();
    let tree = tiles.map_err(|error| {
        let say = format!("log/tile: {error}; start the daemon once, it makes tiles again");
        Failure::new(Exit::Damaged, say)
    })?;
    if tree.root() != statement.root {
        return Err(finding(
            &args.statement,
            format!("this log has another tree of {from} entries"),
        ));
    }
    keys::write_statements(&RealDisk, archive.data(), &statements)?;
    let count = statements.iter().count();
    writeln!(out, "ok: statement {count} of {} put in place", root.name())?;
    Ok(Exit::Ok)
}

fn needed(given: &str, what: &str) -> Result<Verifier, Failure> {
    given_verifier(Some(given))?.ok_or_else(|| Failure::usage(format!("give a key with {what}")))
}
