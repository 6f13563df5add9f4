//! The program: reads the command line, runs one verb, leaves with its exit code.

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    ostoja::cli::run(ostoja::cli::Cli::parse()).into()
}
