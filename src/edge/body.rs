//! Bodies: what a request brings, metered, and what an answer carries, in pieces.

use std::{
    convert::Infallible,
    error::Error,
    fmt,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU8, Ordering},
    },
    task::{Context, Poll, ready},
};

use bytes::{Buf as _, Bytes};
use http_body_util::{BodyExt as _, Empty, Full, combinators::UnsyncBoxBody};
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until};

use super::{EdgeLimits, Refusal, clock::Ticket, rate::Rate};

/// The body of an answer.
pub type Body = UnsyncBoxBody<Bytes, std::io::Error>;

/// A body that is whole in memory.
pub fn full_body(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into()).map_err(never).boxed_unsync()
}

/// No body.
#[must_use]
pub fn empty_body() -> Body {
    Empty::new().map_err(never).boxed_unsync()
}

fn never(impossible: Infallible) -> std::io::Error {
    match impossible {}
}

/// Why a request body ended early.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// It is larger than its class allows; the answer becomes 413.
    #[error("the body is larger than allowed")]
    TooLarge,
    /// It came below the lowest rate; the answer becomes 408.
    #[error("the body arrives too slowly")]
    TooSlow,
    /// The client went away or broke the protocol.
    #[error("the body ended early")]
    Broken(#[source] hyper::Error),
}

/// The body of a request. `RequestBody::from(bytes)` makes one without a network, for tests of an app.
pub struct RequestBody {
    source: Source,
    /// Bytes it may still bring.
    left: u64,
    rate: Rate,
    sleep: Option<Pin<Box<Sleep>>>,
    story: Arc<BodyStory>,
}

enum Source {
    Wire(Incoming),
    Given(Full<Bytes>),
}

/// What became of a body; the front asks when the answer is there.
#[derive(Debug, Default)]
pub(super) struct BodyStory {
    ended: AtomicBool,
    trouble: AtomicU8,
}

const TOO_LARGE: u8 = 1;
const TOO_SLOW: u8 = 2;

impl BodyStory {
    /// Whether it was read to its end.
    pub(super) fn ended(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }

    /// What the answer must say.
    pub(super) fn refusal(&self) -> Option<Refusal> {
        match self.trouble.load(Ordering::Acquire) {
            TOO_LARGE => Some(Refusal::BodyTooLarge),
            TOO_SLOW => Some(Refusal::SlowBody),
            _ => None,
        }
    }
}

impl RequestBody {
    pub(super) fn new(incoming: Incoming, bytes_max: u64, limits: &EdgeLimits) -> Self {
        let story = BodyStory {
            ended: AtomicBool::new(incoming.is_end_stream()),
            trouble: AtomicU8::new(0),
        };
        Self {
            source: Source::Wire(incoming),
            left: bytes_max,
            rate: Rate::new(limits),
            sleep: None,
            story: Arc::new(story),
        }
    }

    pub(super) fn story(&self) -> Arc<BodyStory> {
        Arc::clone(&self.story)
    }

    fn fail(&self, trouble: u8, error: BodyError) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        self.story.trouble.store(trouble, Ordering::Release);
        Poll::Ready(Some(Err(error)))
    }

    fn poll_too_slow(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let deadline = self.rate.waits(Instant::now());
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        if sleep.deadline() != deadline {
            sleep.as_mut().reset(deadline);
        }
        sleep.as_mut().poll(cx)
    }
}

impl From<Bytes> for RequestBody {
    fn from(bytes: Bytes) -> Self {
        let limits = EdgeLimits::default();
        Self {
            source: Source::Given(Full::new(bytes)),
            left: u64::MAX,
            rate: Rate::new(&limits),
            sleep: None,
            story: Arc::default(),
        }
    }
}

impl fmt::Debug for RequestBody {
    /// Says nothing of what is in it.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("RequestBody").finish_non_exhaustive()
    }
}

impl HttpBody for RequestBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let polled = match &mut self.source {
            Source::Wire(incoming) => Pin::new(incoming).poll_frame(cx).map_err(BodyError::Broken),
            Source::Given(full) => {
                Pin::new(full).poll_frame(cx).map_err(|impossible| match impossible {})
            }
        };
        match polled {
            Poll::Pending => {
                ready!(self.poll_too_slow(cx));
                self.fail(TOO_SLOW, BodyError::TooSlow)
            }
            Poll::Ready(Some(Ok(frame))) => {
                let size = frame.data_ref().map_or(0, Bytes::len);
                self.rate.receives(size, Instant::now());
                match self.left.checked_sub(u64::try_from(size).unwrap_or(u64::MAX)) {
                    None => self.fail(TOO_LARGE, BodyError::TooLarge),
                    Some(left) => {
                        self.left = left;
                        if self.is_end_stream() {
                            self.story.ended.store(true, Ordering::Release);
                        }
                        Poll::Ready(Some(Ok(frame)))
                    }
                }
            }
            Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Err(error))),
            Poll::Ready(None) => {
                self.story.ended.store(true, Ordering::Release);
                Poll::Ready(None)
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.source {
            Source::Wire(incoming) => incoming.is_end_stream(),
            Source::Given(full) => full.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.source {
            Source::Wire(incoming) => incoming.size_hint(),
            Source::Given(full) => full.size_hint(),
        }
    }
}

/// An answer's body on its way out: cut into pieces, each of which earns time, and held with the request's ticket.
pub(super) struct AnswerBody {
    inner: Body,
    rest: Bytes,
    piece_bytes: usize,
    ticket: Ticket,
}

impl AnswerBody {
    pub(super) fn new(inner: Body, piece_bytes: usize, ticket: Ticket) -> Self {
        Self { inner, rest: Bytes::new(), piece_bytes, ticket }
    }

    fn next_piece(&mut self) -> Frame<Bytes> {
        let piece = self.rest.split_to(self.piece_bytes.min(self.rest.remaining()));
        self.ticket.sends(piece.len());
        Frame::data(piece)
    }
}

impl HttpBody for AnswerBody {
    type Data = Bytes;
    type Error = Box<dyn Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if !self.rest.is_empty() {
            return Poll::Ready(Some(Ok(self.next_piece())));
        }
        match ready!(Pin::new(&mut self.inner).poll_frame(cx)) {
            None => Poll::Ready(None),
            Some(Err(error)) => Poll::Ready(Some(Err(error.into()))),
            Some(Ok(frame)) => match frame.into_data() {
                Ok(data) => {
                    self.rest = data;
                    Poll::Ready(Some(Ok(self.next_piece())))
                }
                Err(trailers) => Poll::Ready(Some(Ok(trailers))),
            },
        }
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let held = u64::try_from(self.rest.len()).unwrap_or(u64::MAX);
        let inner = self.inner.size_hint();
        let mut hint = SizeHint::new();
        hint.set_lower(inner.lower().saturating_add(held));
        if let Some(upper) = inner.upper() {
            hint.set_upper(upper.saturating_add(held));
        }
        hint
    }
}
