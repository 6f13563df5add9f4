//! The worker's side: shut in, say ready, take one picture, answer, end.
//!
//! Nothing here may read a stranger's octet before the walls stand. There is no log: a worker has
//! nowhere to write, and what the server needs to know is one of the words of `wire`.

use std::io;
use std::os::fd::{AsFd, RawFd};
use std::os::unix::net::UnixStream;
use std::panic::catch_unwind;

use super::picture::{Failure, remake};
use super::wire::{self, WireError, Word};
use super::{CEILINGS, Reason};
use crate::guard::sandbox::{self, SandboxError, Strictness};

/// Why a worker ended early. Only a person who starts it by hand ever reads it.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// Standard input is not the server's socket.
    #[error("a worker is started by the server, not by hand")]
    NoServer(#[source] io::Error),
    /// A demanded wall is missing. The server has been told.
    #[error("the worker cannot shut itself in")]
    Unprotected(#[source] SandboxError),
    /// The server is gone or speaks nonsense.
    #[error("the server does not speak to this worker")]
    Conversation(#[source] io::Error),
}

/// Standard error: what is open beyond it was left by a careless parent.
const LAST_STANDARD: RawFd = 2;

/// Serves one picture on the socket that is standard input. For `main`, before any thread exists.
pub fn run(strictness: Strictness) -> Result<(), RunError> {
    // A decoder's panic message may quote the file, and has nowhere to go.
    std::panic::set_hook(Box::new(|_| {}));
    let closed = sandbox::close_above(LAST_STANDARD);
    let mut server = own_end().map_err(RunError::NoServer)?;
    match closed.and_then(|()| sandbox::shut_in(strictness, CEILINGS)) {
        Ok(walls) => say(&mut server, &Word::Ready(walls))?,
        Err(error) => {
            say(&mut server, &Word::Unprotected(whole_cause(&error)))?;
            return Err(RunError::Unprotected(error));
        }
    }
    match wire::receive_picture(&mut server) {
        Ok(Some(file)) => {
            say(&mut server, &Word::Taken)?;
            say(&mut server, &answer(&file))
        }
        // The server has stopped: an idle worker ends with it.
        Ok(None) => Ok(()),
        Err(WireError::Io(error)) => Err(RunError::Conversation(error)),
        Err(WireError::Nonsense(what)) => Err(RunError::Conversation(io::Error::other(what))),
    }
}

/// The server's socket, as a descriptor of our own.
fn own_end() -> io::Result<UnixStream> {
    let stream = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    // Anything but a connected Unix socket has no such peer.
    stream.peer_addr()?;
    Ok(stream)
}

fn say(server: &mut UnixStream, word: &Word) -> Result<(), RunError> {
    wire::send(server, word).map_err(RunError::Conversation)
}

/// A panic in a decoder is that file's failure; the process ends after the answer in any case.
fn answer(file: &[u8]) -> Word {
    match catch_unwind(|| remake(file)) {
        Ok(Ok(picture)) => Word::Done(picture),
        Ok(Err(Failure::TooBig)) => Word::TooBig,
        Ok(Err(Failure::Refused(reason))) => Word::Refused(reason),
        Err(_) => Word::Refused(Reason::DecoderFailed),
    }
}

/// The error and its causes in one line, since only text crosses the wire.
fn whole_cause(error: &SandboxError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}
