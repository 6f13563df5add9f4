//! The front desk of one connection: screens each request, asks the app under a deadline, finishes the answer.
//!
//! It is hyper's service for every listener. What the bytes look like was checked before (`screened.rs`, h2); here is
//! checked what they say: method, host, target, size.

use std::{
    convert::Infallible,
    future::{Future, poll_fn},
    panic::{AssertUnwindSafe, catch_unwind},
    pin::{Pin, pin},
    sync::Arc,
    task::Poll,
};

use http::{HeaderValue, Method, Request, Response, Version, header, request::Parts};
use hyper::body::{Body as _, Incoming};
use tokio::{
    sync::watch,
    time::{Instant, timeout},
};

use super::{
    Answer, App, EdgeLimits, Hosts, Peer, Refusal, RequestBody,
    body::{AnswerBody, BodyStory},
    clock::{Clock, HeadNote, Ticket},
    counters::LaneCounters,
};

/// Two years, with the names below ours (RFC 6797; ASVS 5.0 3.4.1).
const HSTS: HeaderValue = HeaderValue::from_static("max-age=63072000; includeSubDomains");

/// The methods an app may see.
const METHODS: [Method; 6] =
    [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
const ALLOW: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE");

/// One connection's desk.
#[derive(Clone)]
pub(super) struct Front(Arc<Desk>);

pub(super) struct Desk {
    pub(super) app: Arc<dyn App>,
    pub(super) hosts: Arc<Hosts>,
    pub(super) limits: Arc<EdgeLimits>,
    pub(super) counters: Arc<LaneCounters>,
    pub(super) peer: Peer,
    pub(super) clock: Arc<Clock>,
    pub(super) stop: watch::Receiver<bool>,
}

impl Front {
    pub(super) fn new(desk: Desk) -> Self {
        Self(Arc::new(desk))
    }
}

impl hyper::service::Service<Request<Incoming>> for Front {
    type Response = Response<AnswerBody>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let desk = Arc::clone(&self.0);
        let (ticket, note) = desk.clock.begin(Instant::now());
        Box::pin(async move {
            Ok(desk.answer(request, &ticket, note).await.map(|body| desk.pieces(body, ticket)))
        })
    }
}

impl Desk {
    async fn answer(&self, request: Request<Incoming>, ticket: &Ticket, note: HeadNote) -> Answer {
        self.counters.request();
        let (head, incoming) = request.into_parts();
        let http1 = head.version < Version::HTTP_2;
        let languages = head.headers.get(header::ACCEPT_LANGUAGE).cloned();

        let class = self.app.class(&head);
        let bytes_max = self.limits.body_bytes_max(class);
        let verdict = match note.refusal {
            // The head hyper read is not the client's.
            Some(refusal) => Err(refusal),
            None => self.screen(&head, &incoming, bytes_max),
        };
        let body = RequestBody::new(incoming, bytes_max, &self.limits);
        let story = body.story();
        let outcome = match verdict {
            Err(refusal) => Err(refusal),
            Ok(()) => {
                let time = self.limits.request(class);
                ticket.allow(time, Instant::now());
                match timeout(time, self.ask(Request::from_parts(head, body))).await {
                    Ok(outcome) => outcome,
                    Err(_elapsed) if story.ended() => Err(Refusal::NoAnswer),
                    Err(_elapsed) => Err(Refusal::SlowBody),
                }
            }
        };
        let told = told(outcome, &story);
        // Behind a refused request nobody can be sure where the next one begins; behind a stop there is no next one.
        let last = note.last || told.is_err() || !story.ended() || *self.stop.borrow();
        let mut answer = told.unwrap_or_else(|refusal| self.refuse(refusal, languages.as_ref()));
        self.finish(&mut answer, http1 && last);
        ticket.answered(Instant::now());
        answer
    }

    fn screen(&self, head: &Parts, body: &Incoming, bytes_max: u64) -> Result<(), Refusal> {
        if !METHODS.contains(&head.method) {
            let known = [Method::OPTIONS, Method::TRACE, Method::CONNECT].contains(&head.method);
            return Err(if known { Refusal::MethodRefused } else { Refusal::MethodUnknown });
        }
        // HTTP/1 heads were counted as bytes; h2 limits the list but not the number.
        if head.headers.len() > self.limits.headers_max {
            return Err(Refusal::HeadTooLarge);
        }
        let target = head.uri.path_and_query().ok_or(Refusal::BadRequestLine)?.as_str();
        if target.len() > self.limits.target_bytes_max {
            return Err(Refusal::TargetTooLong);
        }
        if !target.starts_with('/') {
            return Err(Refusal::BadRequestLine);
        }
        self.hosts.find(&head.uri, &head.headers)?;
        if body.size_hint().lower() > bytes_max {
            return Err(Refusal::BodyTooLarge);
        }
        Ok(())
    }

    /// The app's answer; a panic in it ends this request and nothing else.
    async fn ask(&self, request: Request<RequestBody>) -> Result<Answer, Refusal> {
        let app = Arc::clone(&self.app);
        let peer = self.peer.clone();
        let mut work = pin!(async move { app.call(request, peer).await });
        poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(cx))) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(answer)) => Poll::Ready(Ok(answer)),
            Err(_panic) => {
                // The panic hook has written where it was; what it said may hold personal data.
                tracing::error!("an app panicked while answering");
                Poll::Ready(Err(Refusal::Fault))
            }
        })
        .await
    }

    fn refuse(&self, refusal: Refusal, languages: Option<&HeaderValue>) -> Answer {
        self.counters.refused(refusal);
        let page = catch_unwind(AssertUnwindSafe(|| self.app.refused(refusal, languages)));
        let mut answer = page.ok().flatten().unwrap_or_else(|| refusal.answer());
        *answer.status_mut() = refusal.status();
        if refusal == Refusal::MethodRefused {
            answer.headers_mut().insert(header::ALLOW, ALLOW);
        }
        answer
    }

    fn finish(&self, answer: &mut Answer, close: bool) {
        if self.peer.tls.is_some() {
            answer.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, HSTS);
        }
        if close {
            answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
    }

    fn pieces(&self, body: super::Body, ticket: Ticket) -> AnswerBody {
        AnswerBody::new(body, self.limits.answer_piece_bytes, ticket)
    }
}

/// A body that was cut off decides the status, unless the app has said the same itself.
fn told(outcome: Result<Answer, Refusal>, story: &BodyStory) -> Result<Answer, Refusal> {
    match (outcome, story.refusal()) {
        (Ok(answer), Some(refusal)) if answer.status() != refusal.status() => Err(refusal),
        (outcome, _) => outcome,
    }
}
