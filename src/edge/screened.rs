//! The plain bytes of a connection, screened before hyper reads them.
//!
//! HTTP/1: a head is held back until it is whole and framed in one way (`head.rs`). A head that is refused, or never
//! becomes whole, is replaced by a harmless one with a note for the front, so that the refusal is written by the same
//! hand, and in the same order, as every other answer. Bodies pass through by their Content-Length; behind a chunked
//! request the connection closes, so nothing has to be found behind one.
//! HTTP/2: bytes pass, empty frames are counted (`frames.rs`).
//!
//! Not here: what the fields mean (`front.rs`), and any decision on time (`clock.rs`).

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::{Buf, BytesMut};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::Instant,
};

use super::{
    Cut, EdgeLimits, Refusal,
    clock::{Clock, HeadNote, Protocol},
    counters::LaneCounters,
    frames::FrameCounter,
    head::{self, Framing},
};

/// Read from the socket at once. On the stack, so an idle connection holds no buffer.
const READ_BYTES: usize = 8 * 1024;

/// What hyper reads in place of a refused head. The front never looks at it.
const HARMLESS_HEAD: &[u8] = b"GET / HTTP/1.1\r\nHost: refused\r\nConnection: close\r\n\r\n";

/// Empty lines that are passed over before a request line (RFC 9112 section 2.2); more are an attack.
const EMPTY_LINES_MAX: usize = 2;

/// A connection whose reading side is screened.
pub(super) struct Screened<Stream> {
    stream: Stream,
    screen: Screen,
    clock: Arc<Clock>,
    limits: Arc<EdgeLimits>,
    counters: Arc<LaneCounters>,
    /// The writing side is closed.
    said_goodbye: bool,
    discarded: usize,
}

enum Screen {
    H1(Reading),
    H2(FrameCounter),
}

/// The reading side of an HTTP/1 connection.
struct Reading {
    place: Place,
    /// Received and not yet passed on.
    held: BytesMut,
    /// How much of `held` has been searched for the end of the head.
    searched: usize,
    empty_lines: usize,
}

#[derive(Clone, Copy)]
enum Place {
    /// Waiting for a whole head.
    Head,
    /// Passing on a checked head of so many bytes, then a body.
    Passing(usize, Framing),
    /// Passing on a body with so many bytes to come.
    Body(u64),
    /// Passing on everything: behind a chunked request the connection closes.
    Rest,
    /// Passing on what is left of the harmless head.
    Refused(&'static [u8]),
}

enum Found {
    /// The head is not whole yet.
    More,
    /// The place has changed.
    Turned,
}

impl<Stream> Screened<Stream> {
    pub(super) fn new(
        stream: Stream,
        protocol: Protocol,
        clock: Arc<Clock>,
        limits: Arc<EdgeLimits>,
        counters: Arc<LaneCounters>,
    ) -> Self {
        let screen = match protocol {
            Protocol::H1 => Screen::H1(Reading {
                place: Place::Head,
                held: BytesMut::new(),
                searched: 0,
                empty_lines: 0,
            }),
            Protocol::H2 => Screen::H2(FrameCounter::new(
                limits.h2_control_frames_per_ten_seconds_max,
                Instant::now(),
            )),
        };
        Self { stream, screen, clock, limits, counters, said_goodbye: false, discarded: 0 }
    }

    /// Whether the client may still be sending something nobody will read.
    fn in_mid_request(&self) -> bool {
        match &self.screen {
            Screen::H2(_) => false,
            Screen::H1(reading) => match reading.place {
                Place::Head => !reading.held.is_empty(),
                Place::Body(left) => left > 0,
                Place::Passing(..) | Place::Rest | Place::Refused(_) => true,
            },
        }
    }
}

impl Reading {
    /// Searches for the end of the head in what is held, and checks it.
    fn search(&mut self, limits: &EdgeLimits, clock: &Clock) -> Found {
        if clock.head_is_late() {
            return self.refuse(Refusal::SlowHead, clock);
        }
        while self.held.starts_with(b"\r\n") {
            self.held.advance(2);
            self.searched = 0;
            self.empty_lines += 1;
            if self.empty_lines > EMPTY_LINES_MAX {
                return self.refuse(Refusal::BadRequestLine, clock);
            }
        }
        let unseen = self.held.get(self.searched..).unwrap_or_default();
        let mut end = None;
        for (place, _) in unseen.iter().enumerate().filter(|(_, byte)| **byte == b'\n') {
            let so_far = self.held.get(..=self.searched + place).unwrap_or_default();
            if !so_far.ends_with(b"\r\n") {
                return self.refuse(Refusal::BadHeader, clock);
            }
            if so_far.ends_with(b"\r\n\r\n") {
                end = Some(so_far.len());
                break;
            }
        }
        self.searched = self.held.len();
        let size = end.unwrap_or(self.held.len());
        if size > limits.head_bytes_max {
            let target_alone =
                !self.held.iter().take(limits.target_bytes_max).any(|byte| *byte == b'\n');
            let refusal = if target_alone { Refusal::TargetTooLong } else { Refusal::HeadTooLarge };
            return self.refuse(refusal, clock);
        }
        let Some(end) = end else { return Found::More };
        match head::check(self.held.get(..end).unwrap_or_default(), limits) {
            Ok(framing) => {
                self.place = Place::Passing(end, framing);
                self.searched = 0;
                self.empty_lines = 0;
                let last = framing == Framing::Chunked;
                clock.head_is_read(HeadNote { refusal: None, last }, Instant::now());
                Found::Turned
            }
            Err(refusal) => self.refuse(refusal, clock),
        }
    }

    fn refuse(&mut self, refusal: Refusal, clock: &Clock) -> Found {
        self.held = BytesMut::new();
        self.place = Place::Refused(HARMLESS_HEAD);
        clock.head_is_read(HeadNote { refusal: Some(refusal), last: true }, Instant::now());
        Found::Turned
    }

    /// Passes on up to `most` held bytes; how many.
    fn pass(&mut self, most: usize, out: &mut ReadBuf<'_>) -> usize {
        let size = most.min(self.held.len()).min(out.remaining());
        out.put_slice(self.held.get(..size).unwrap_or_default());
        self.held.advance(size);
        if self.held.is_empty() {
            self.held = BytesMut::new();
        }
        size
    }
}

impl<Stream: AsyncRead + Unpin> Screened<Stream> {
    /// Fills `out` with bytes hyper may see. An empty answer is the end.
    fn poll_read_h1(
        &mut self,
        cx: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let Self { stream, screen: Screen::H1(reading), clock, limits, .. } = self else {
            return Poll::Ready(Ok(()));
        };
        loop {
            let most = match reading.place {
                Place::Head => match reading.search(limits, clock) {
                    Found::Turned => continue,
                    Found::More => {
                        if ready!(poll_held(stream, cx, &mut reading.held, READ_BYTES))? == 0 {
                            return Poll::Ready(Ok(()));
                        }
                        clock.head_comes(Instant::now());
                        continue;
                    }
                },
                Place::Passing(left, framing) => {
                    let passed = reading.pass(left, out);
                    reading.place = match (left.saturating_sub(passed), framing) {
                        (0, Framing::Length(length)) => Place::Body(length),
                        (0, Framing::Chunked) => Place::Rest,
                        (left, _) => Place::Passing(left, framing),
                    };
                    return Poll::Ready(Ok(()));
                }
                Place::Body(0) => {
                    reading.place = Place::Head;
                    continue;
                }
                Place::Body(left) => usize::try_from(left).unwrap_or(usize::MAX),
                Place::Rest => usize::MAX,
                // The end of the harmless head is no end of the connection: hyper would drop the answer with it.
                // Nothing more is read; the answer is ready, and writing it wakes the task.
                Place::Refused([]) => return Poll::Pending,
                Place::Refused(left) => {
                    let (now, later) =
                        left.split_at_checked(out.remaining()).unwrap_or((left, &[]));
                    out.put_slice(now);
                    reading.place = Place::Refused(later);
                    return Poll::Ready(Ok(()));
                }
            };
            if reading.held.is_empty()
                && ready!(poll_held(stream, cx, &mut reading.held, most))? == 0
            {
                return Poll::Ready(Ok(()));
            }
            let passed = reading.pass(most, out);
            if let Place::Body(left) = &mut reading.place {
                *left = left.saturating_sub(u64::try_from(passed).unwrap_or(u64::MAX));
            }
            return Poll::Ready(Ok(()));
        }
    }

    fn poll_read_h2(
        &mut self,
        cx: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = out.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, out))?;
        let came = out.filled().get(before..).unwrap_or_default();
        if !came.is_empty() {
            self.clock.head_comes(Instant::now());
        }
        if let Screen::H2(frames) = &mut self.screen
            && !frames.see(came, Instant::now())
        {
            self.counters.cut(Cut::FrameFlood);
            return Poll::Ready(Err(io::Error::other("too many empty HTTP/2 frames")));
        }
        Poll::Ready(Ok(()))
    }

    /// Reads and drops what a refused client still sends, so that closing does not reset the answer away.
    fn poll_linger(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let mut scratch = [0; READ_BYTES];
        while self.discarded < self.limits.linger_bytes_max {
            let mut dropped = ReadBuf::new(&mut scratch);
            match ready!(Pin::new(&mut self.stream).poll_read(cx, &mut dropped)) {
                Ok(()) if !dropped.filled().is_empty() => self.discarded += dropped.filled().len(),
                Ok(()) | Err(_) => break,
            }
        }
        Poll::Ready(())
    }
}

/// Reads at most `most` bytes behind those held; how many came.
fn poll_held<Stream: AsyncRead + Unpin>(
    stream: &mut Stream,
    cx: &mut Context<'_>,
    held: &mut BytesMut,
    most: usize,
) -> Poll<io::Result<usize>> {
    let mut scratch = [0; READ_BYTES];
    let mut came = ReadBuf::new(scratch.get_mut(..most.min(READ_BYTES)).unwrap_or_default());
    ready!(Pin::new(stream).poll_read(cx, &mut came))?;
    held.extend_from_slice(came.filled());
    Poll::Ready(Ok(came.filled().len()))
}

impl<Stream: AsyncRead + Unpin> AsyncRead for Screened<Stream> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.screen {
            Screen::H1(_) => self.poll_read_h1(cx, out),
            Screen::H2(_) => self.poll_read_h2(cx, out),
        }
    }
}

impl<Stream: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Screened<Stream> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.said_goodbye {
            ready!(Pin::new(&mut self.stream).poll_shutdown(cx))?;
            self.said_goodbye = true;
            if self.in_mid_request() {
                self.clock.leaves(self.limits.linger, Instant::now());
            }
        }
        if self.in_mid_request() {
            ready!(self.poll_linger(cx));
        }
        Poll::Ready(Ok(()))
    }
}
