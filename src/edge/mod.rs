//! The edge: listeners, TLS, client certificates, deadlines and limits, graceful stop.
//!
//! This is the only async code of the house and the only place that parses the internet.
//! It hands a screened request to one [`App`] and sends what the app answers; it knows no route, no session and no
//! service, sets no page headers except HSTS, and logs no address, path or body.
//!
//! ```text
//! TcpStream -> Gauged (write stalls) -> TLS -> Screened (framing, first byte, head) -> hyper -> Front -> App
//!                   \_______________________ one Clock per connection ______________________/
//! ```
//!
//! Every wait in that line has a deadline in [`EdgeLimits`]; the watchdog in `connection.rs` is the only clock that cuts.

pub mod certificates;
pub mod issued;

mod addresses;
mod body;
mod clock;
mod connection;
mod counters;
mod frames;
mod front;
mod gauged;
mod head;
mod hosts;
mod lane;
mod limits;
mod listener;
mod peer;
mod rate;
mod redirect;
mod refusal;
mod reload;
mod screened;
mod tasks;
mod tls;

use std::{future::Future, pin::Pin, sync::Arc};

pub use body::{Body, BodyError, RequestBody, empty_body, full_body};
pub use counters::{Cut, EdgeCounters, Sample};
pub use hosts::{BadHostName, Hosts};
pub use limits::{EdgeLimits, RequestClass};
pub use listener::{
    Bound, DemoListener, EdgeError, Listeners, MachineListener, Place, PublicListener,
    RedirectListener, serve,
};
pub use peer::{ClientCertificate, ListenerKind, Peer, TlsFacts};
pub use refusal::Refusal;
pub use tasks::Tasks;
pub use tls::{ClientTrust, TlsFiles, TlsLoadError};

/// What an app gives back.
pub type Answer = http::Response<Body>;

/// The future of an [`Answer`].
pub type AnswerFuture = Pin<Box<dyn Future<Output = Answer> + Send>>;

/// The house behind the edge: one implementation for production, small ones in tests.
pub trait App: Send + Sync + 'static {
    /// Answers one screened request.
    ///
    /// The future is dropped when its time is over or the client is gone, so work that must not stop half-way
    /// belongs on a thread of its own. A panic becomes a plain 500.
    fn call(self: Arc<Self>, request: http::Request<RequestBody>, peer: Peer) -> AnswerFuture;

    /// Which deadlines and size limits the request falls under; asked before any of its body is read.
    fn class(&self, _head: &http::request::Parts) -> RequestClass {
        RequestClass::Ordinary
    }

    /// A page for a request the edge refuses, if the app has a better one than the edge's line of plain text.
    ///
    /// `languages` is the client's `Accept-Language`, where a head could be read at all. The status is set by the edge.
    fn refused(&self, _refusal: Refusal, _languages: Option<&http::HeaderValue>) -> Option<Answer> {
        None
    }
}
