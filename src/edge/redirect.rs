//! The port that only redirects: same host, same path, over TLS.
//!
//! The host was found in the listener's list before this is asked, so it cannot lead anywhere else.

use std::sync::Arc;

use http::{HeaderValue, Request, Response, StatusCode, header};

use super::{AnswerFuture, App, Hosts, Peer, Refusal, RequestBody, empty_body};

/// The app of the redirect listener.
pub(super) struct Redirect {
    pub(super) hosts: Arc<Hosts>,
    pub(super) https_port: u16,
}

/// What browsers take when no port stands in an address.
const HTTPS_PORT: u16 = 443;

impl App for Redirect {
    fn call(self: Arc<Self>, request: Request<RequestBody>, _peer: Peer) -> AnswerFuture {
        let answer = match self.location(&request) {
            Ok(location) => {
                let mut answer = Response::new(empty_body());
                *answer.status_mut() = StatusCode::PERMANENT_REDIRECT;
                answer.headers_mut().insert(header::LOCATION, location);
                answer
            }
            Err(refusal) => {
                let mut answer = refusal.answer();
                *answer.status_mut() = refusal.status();
                answer
            }
        };
        Box::pin(std::future::ready(answer))
    }
}

impl Redirect {
    fn location(&self, request: &Request<RequestBody>) -> Result<HeaderValue, Refusal> {
        let host = self.hosts.find(request.uri(), request.headers())?;
        let target = request.uri().path_and_query().ok_or(Refusal::BadRequestLine)?;
        let location = match self.https_port {
            HTTPS_PORT => format!("https://{host}{target}"),
            port => format!("https://{host}:{port}{target}"),
        };
        HeaderValue::from_str(&location).map_err(|_not_text| Refusal::BadRequestLine)
    }
}
