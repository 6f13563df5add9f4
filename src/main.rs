//! The command line, for the workers' own tests.

use std::ffi::OsStr;
use std::process::ExitCode;

use ostoja::guard::sandbox::Strictness;

fn main() -> ExitCode {
    let args: Vec<_> = std::env::args_os().skip(1).collect();
    let args: Vec<&OsStr> = args.iter().map(AsRef::as_ref).collect();
    match args.as_slice() {
        [verb, rest @ ..] if *verb == "worker" => {
            let strictness = if rest.iter().any(|arg| *arg == "--best-effort") {
                Strictness::BestEffort
            } else {
                Strictness::Required
            };
            ostoja::worker::run(strictness).map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS)
        }
        [verb, rest @ ..] if *verb == "worker-probe" => ostoja::worker::probe::attempt(rest),
        _ => ExitCode::FAILURE,
    }
}
