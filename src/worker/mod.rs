//! Workers: strangers' pictures are decoded and made anew in a process that has neither network
//! nor files, and the server never runs a decoder itself.
//!
//! [`Pool`] is the server's side, [`mod@run`] the worker's (`ostoja worker`, a hidden verb); between
//! them lies one socket and the few words of `wire`. A worker serves one picture and ends: what a
//! hostile file may leave behind in the process never meets the next resident's photo.
//! The result is a JPEG without any metadata, upright, small enough for a page. The original is
//! none of our business here: the caller keeps it as an inert blob.
//!
//! [`probe`] tries from inside what must be impossible; [`mod@sniff`] names a file by its first octets.

mod answer;
mod picture;
mod pool;
pub mod probe;
mod run;
mod sniff;
mod wire;

use std::time::Duration;

use crate::guard::sandbox::Ceilings;

pub use pool::{Pool, StartError, Tally};
pub use run::{RunError, run};
pub use sniff::{FileKind, sniff};

/// A remade picture, safe to show. Its metadata is gone and its own orientation is baked in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// JPEG, at most [`SIDE_MAX`] on its longer side.
    pub jpeg: Vec<u8>,
    /// JPEG, at most [`THUMBNAIL_SIDE_MAX`] on its longer side.
    pub thumbnail: Vec<u8>,
    /// Width of `jpeg` in pixels.
    pub width: u32,
    /// Height of `jpeg` in pixels.
    pub height: u32,
    /// What the original was.
    pub kind: PictureKind,
}

/// The kinds of picture that are read. No HEIC: a phone converts it when the form asks for JPEG.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PictureKind {
    Jpeg,
    Png,
    Webp,
}

/// Why there is no picture. The first two are about the file and will not change by trying again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WorkerError {
    /// The file is not a picture that we read.
    #[error("the picture is refused: {0}")]
    Refused(Reason),
    /// More octets, more pixels or more memory than a picture may have.
    #[error("the picture is too big")]
    TooBig,
    /// The worker had the picture and did not finish within the deadline.
    #[error("the picture took too long")]
    Timeout,
    /// The worker ended without an answer, or its answer was not a plain JPEG.
    #[error("the worker crashed")]
    Crashed,
    /// No worker became free, or none could be started, within the deadline. Try later.
    #[error("no worker is free")]
    Busy,
}

/// What is wrong with a refused file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// Its first octets are not those of a JPEG, a PNG or a WebP.
    #[error("it is not a JPEG, PNG or WebP")]
    NotAPicture,
    /// It begins as one and does not hold together.
    #[error("it is damaged")]
    Damaged,
    /// It is whole, and of a variety that the decoder does not know.
    #[error("it is of a rare kind that is not read")]
    Unsupported,
    /// The decoder itself failed on it: damaged on purpose, or a bug worth reporting.
    #[error("the decoder failed on it")]
    DecoderFailed,
}

/// Longest file taken, 12 MiB: a phone's 50 Mpx JPEG stays below it.
pub const INPUT_BYTES_MAX: usize = 12 << 20;
/// Most pixels decoded, 40 million: phones send 12 to 25, and 40 fit the memory ceiling.
pub const PIXELS_MAX: u64 = 40_000_000;
/// Most memory a decoder may ask for.
pub const DECODER_BYTES_MAX: u64 = 256 << 20;
/// Longer side of what pages show: legible bark and street names, some 300 KB.
pub const SIDE_MAX: u32 = 1600;
/// Longer side of the small one in lists.
pub const THUMBNAIL_SIDE_MAX: u32 = 320;
/// Of 100. Below 80 skies show blocks, above 85 files grow and nobody sees why.
const JPEG_QUALITY: u8 = 82;
/// Longest answer believed: 1600 x 1600 of pure noise at this quality takes 3.4 MB.
const JPEG_BYTES_MAX: usize = 6 << 20;
/// The same for the small one.
const THUMBNAIL_BYTES_MAX: usize = 1 << 20;
/// From the call to its answer, waiting for a free worker included.
const DEADLINE: Duration = Duration::from_secs(10);
/// A worker that has not shut itself in by then never will.
const START_DEADLINE: Duration = Duration::from_secs(5);
/// Decoder (256 MiB), conversion of a 40 Mpx picture (280 MB) and a debug build's own text fit.
/// The deadline ends a long job; processor time is limited for the case that the server, which
/// keeps the deadline, is gone.
const CEILINGS: Ceilings = Ceilings { memory_bytes: 1 << 30, cpu_seconds: 30 };
