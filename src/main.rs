//! `ostoja`: one verb, one line each. What a verb does stands in the library.

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

use clap::{Parser, Subcommand};
use ostoja::{
    cli::{Exit, Outcome, exit::EXIT_CODES, index::IndexVerb, log::LogVerb},
    kernel::store::record::KindInfo,
};

/// The e-services of a small commune, on a journal that anyone can check
#[derive(Debug, Parser)]
#[command(name = "ostoja", version, after_help = EXIT_CODES)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Read and check the journal and its public log
    #[command(subcommand)]
    Log(LogVerb),
    /// Check the index, or make it again from the journal
    #[command(subcommand)]
    Index(IndexVerb),
}

/// The kinds of records that services keep; the kernel knows its own.
const KINDS: &[&[KindInfo]] = &[];

fn main() -> ExitCode {
    let cli = Cli::parse();
    let mut out = io::stdout().lock();
    let outcome = run(cli.verb, &mut out);
    let exit = match outcome {
        Ok(exit) => exit,
        Err(failure) => {
            if failure.exit != Exit::Ok {
                // Nobody is left to tell if this fails too.
                let _unheard = writeln!(io::stderr(), "ostoja: {failure}");
            }
            failure.exit
        }
    };
    match out.flush() {
        Ok(()) => exit.into(),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => exit.into(),
        Err(_) => Exit::Io.into(),
    }
}

fn run(verb: Verb, out: &mut dyn io::Write) -> Outcome {
    match verb {
        Verb::Log(verb) => verb.run(KINDS, out),
        Verb::Index(verb) => verb.run(KINDS, out),
    }
}
