//! The command line: one verb, one line each. A verb prints one clear line on success and leaves with
//! a named exit code.

pub mod archive;
pub mod bench;
pub mod catalogue;
pub mod cert;
mod confirmed;
pub mod exit;
pub mod house;
pub mod index;
pub mod log;
mod log_consistency;
mod log_epoch;
mod log_prove;
mod log_repair;
mod log_show;
mod log_verify;
pub mod root;
pub mod witness;

use std::{io::Write, path::PathBuf};

use clap::{Parser, Subcommand};

pub use exit::{Exit, Failure};

/// How a verb ends: with a code, or with a sentence that says what to do.
pub type Outcome = Result<Exit, Failure>;

/// E-services of a small commune, over a journal that anyone can check.
#[derive(Parser)]
#[command(name = "ostoja", version, after_help = exit::EXIT_CODES)]
pub struct Cli {
    #[command(subcommand)]
    pub verb: Verb,
}

/// What to do.
#[derive(Subcommand)]
pub enum Verb {
    /// Create a data directory; asks for nothing and sets no password.
    ///
    /// Example: ostoja init --dir /var/lib/ostoja --commune "Gmina Modrzewie" --host urzad.modrzewie.example
    Init(house::Init),
    /// Serve a commune by its configuration file, until SIGTERM.
    Serve(house::Serve),
    /// Serve a made-up commune on loopback, to look at and to break.
    ///
    /// Example: ostoja demo --dir ./demo-data --port 8080
    Demo(house::Demo),
    /// Read and check the journal and its public log.
    #[command(subcommand)]
    Log(log::LogVerb),
    /// The root key of a log, kept off the machine, and what it states.
    #[command(subcommand)]
    Root(root::RootVerb),
    /// Cosign checkpoints of other logs, so that none of them can show two histories.
    #[command(subcommand)]
    Witness(witness::WitnessVerb),
    /// Check the index, or make it again from the journal.
    #[command(subcommand)]
    Index(index::IndexVerb),
    /// Definitions of procedures.
    #[command(subcommand)]
    Catalogue(catalogue::Verb),
    /// Certificates of the machine listener and of the machines that may enter it.
    #[command(subcommand)]
    Cert(cert::CertVerb),
    /// Measure this machine: durable entries a second, pages, handshakes, rebuild, start.
    ///
    /// Example: ostoja bench --dir /var/tmp/bench --entries 100000 --seconds 20
    Bench(bench::Bench),
    /// A picture worker; the daemon starts it.
    #[command(hide = true)]
    Worker(Worker),
    /// Tries what a worker must not be able to do.
    #[command(hide = true)]
    WorkerProbe { args: Vec<std::ffi::OsString> },
}

/// Arguments of the hidden worker verb.
#[derive(clap::Args)]
pub struct Worker {
    /// Work also where the kernel lacks a wall (demonstrations only).
    #[arg(long)]
    best_effort: bool,
}

/// A data directory.
#[derive(clap::Args)]
pub struct Dir {
    /// Data directory.
    #[arg(long, value_name = "DIR")]
    pub dir: PathBuf,
}

/// Runs a verb.
pub fn run(cli: Cli) -> Exit {
    match cli.verb {
        Verb::Init(args) => house::init(&args),
        Verb::Serve(args) => house::serve(&args),
        Verb::Demo(args) => house::demo(&args),
        Verb::Log(verb) => speak(|out| verb.run(&crate::services::kinds(), out)),
        Verb::Root(verb) => speak(|out| verb.run(out)),
        Verb::Witness(verb) => speak(|out| verb.run(out)),
        Verb::Index(verb) => speak(|out| verb.run(&crate::services::kinds(), out)),
        Verb::Cert(verb) => speak(|out| verb.run(out)),
        Verb::Bench(args) => bench::run(&args),
        Verb::Catalogue(verb) => catalogue::run(&verb),
        Verb::Worker(args) => {
            use crate::guard::sandbox::Strictness;
            let strictness =
                if args.best_effort { Strictness::BestEffort } else { Strictness::Required };
            crate::worker::run(strictness).map_or(Exit::Fault, |()| Exit::Ok)
        }
        Verb::WorkerProbe { args } => {
            let args: Vec<&std::ffi::OsStr> = args.iter().map(AsRef::as_ref).collect();
            if crate::worker::probe::attempt(&args) == std::process::ExitCode::SUCCESS {
                Exit::Ok
            } else {
                Exit::Finding
            }
        }
    }
}

/// Prints a line for people, or a value for scripts.
#[expect(clippy::print_stdout, reason = "the command line speaks on standard output")]
pub fn say(text: impl std::fmt::Display) {
    println!("{text}");
}

/// Prints what went wrong, and gives the exit for it.
#[expect(clippy::print_stderr, reason = "the command line complains on standard error")]
pub fn complain(exit: Exit, what: impl std::fmt::Display) -> Exit {
    eprintln!("ostoja: {what}");
    exit
}

/// Runs a verb that writes its answer, and says its failure in one sentence.
fn speak(verb: impl FnOnce(&mut dyn Write) -> Outcome) -> Exit {
    let mut out = std::io::stdout().lock();
    let outcome = verb(&mut out).and_then(|exit| Ok(out.flush().map(|()| exit)?));
    outcome.unwrap_or_else(|failure| match failure.exit {
        // A closed pipe: whoever read it has seen enough.
        Exit::Ok => Exit::Ok,
        exit => complain(exit, failure),
    })
}
