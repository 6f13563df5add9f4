//! One request to a witness over HTTP/1.1, in the clear or over TLS, and what may come back.

use std::{path::Path, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{body::Incoming, client::conn::http1};
use hyper_util::rt::TokioIo;
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject as _},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;

use super::place::Place;
use crate::cli::{Exit, Failure};

/// Cosignature lines are a few hundred bytes each.
const ANSWER_BYTES_MAX: usize = 64 << 10;
/// So much of what a witness says about its refusal is passed on.
const SAID_CHARS_MAX: usize = 200;

/// What a witness answered.
pub enum Answered {
    /// Status 200: lines, not checked yet.
    Cosigned(String),
    /// Status 409 with the size from which it wants the proof.
    OtherSize(u64),
    Refused {
        status: u16,
        /// The first line of what it said, without anything that a terminal would obey.
        said: String,
    },
}

/// Calls one witness.
pub struct Caller {
    place: Place,
    tls: Option<(TlsConnector, ServerName<'static>)>,
    timeout: Duration,
}

impl Caller {
    pub fn new(place: &Place, roots: &Path, timeout: Duration) -> Result<Caller, Failure> {
        let tls = match place.is_tls {
            false => None,
            true => {
                let name = ServerName::try_from(place.host.clone())
                    .map_err(|error| Failure::usage(format!("--to: {error}")))?;
                Some((connector(roots)?, name))
            }
        };
        Ok(Caller { place: place.clone(), tls, timeout })
    }

    /// Sends a request and reads the answer, all of it within the time that is given.
    pub async fn add_checkpoint(&self, request: &str) -> Result<Answered, Failure> {
        let body = Bytes::from(request.to_owned());
        match tokio::time::timeout(self.timeout, self.exchange(body)).await {
            Ok(answered) => answered,
            Err(_elapsed) => {
                let seconds = self.timeout.as_secs();
                Err(self.failed(Exit::Io, format!("no whole answer within {seconds} s")))
            }
        }
    }

    fn failed(&self, exit: Exit, what: impl std::fmt::Display) -> Failure {
        Failure::new(exit, format!("{}: {what}", self.place))
    }

    async fn exchange(&self, body: Bytes) -> Result<Answered, Failure> {
        let connected = TcpStream::connect((self.place.host.as_str(), self.place.port)).await;
        let tcp = connected.map_err(|error| self.failed(Exit::Io, error))?;
        match &self.tls {
            None => self.speak(tcp, body).await,
            Some((connector, name)) => {
                let tls = connector.connect(name.clone(), tcp).await;
                let tls = tls.map_err(|error| self.failed(Exit::Io, error))?;
                self.speak(tls, body).await
            }
        }
    }

    async fn speak(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        body: Bytes,
    ) -> Result<Answered, Failure> {
        let rubbish = |error: hyper::Error| {
            let exit = if error.is_parse() { Exit::Finding } else { Exit::Io };
            self.failed(exit, with_cause(&error))
        };
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(rubbish)?;
        let request = Request::builder()
            .method(Method::POST)
            .uri(&self.place.path)
            .header(header::HOST, &self.place.authority)
            .header(header::CONTENT_TYPE, "text/plain; charset=utf-8")
            .header(header::USER_AGENT, concat!("ostoja/", env!("CARGO_PKG_VERSION")))
            .header(header::CONNECTION, "close")
            .body(Full::new(body))
            .map_err(|error| self.failed(Exit::Usage, error))?;
        let exchange = async {
            let response = sender.send_request(request).await.map_err(rubbish)?;
            self.read(response).await
        };
        tokio::pin!(exchange, connection);
        let mut open = true;
        loop {
            tokio::select! {
                answered = &mut exchange => return answered,
                // What it ended with, whoever waits for the answer hears too.
                _ended = &mut connection, if open => open = false,
            }
        }
    }

    async fn read(&self, response: Response<Incoming>) -> Result<Answered, Failure> {
        let (head, body) = response.into_parts();
        let body = Limited::new(body, ANSWER_BYTES_MAX).collect().await.map_err(|error| {
            if error.is::<http_body_util::LengthLimitError>() {
                let what = format!("its answer is longer than {ANSWER_BYTES_MAX} bytes");
                self.failed(Exit::Finding, what)
            } else {
                self.failed(Exit::Io, format!("its answer breaks off: {error}"))
            }
        })?;
        let body = body.to_bytes();
        let text = std::str::from_utf8(&body);
        match head.status {
            StatusCode::OK => {
                let lines = text.map_err(|_invalid| {
                    self.failed(Exit::Finding, "its answer is not text, so no cosignature")
                })?;
                Ok(Answered::Cosigned(lines.to_owned()))
            }
            StatusCode::CONFLICT => {
                let kind = head.headers.get(header::CONTENT_TYPE);
                let is_size = kind.is_some_and(|kind| kind.as_bytes() == b"text/x.tlog.size");
                let size = text.ok().and_then(size_of).filter(|_| is_size);
                size.map(Answered::OtherSize).ok_or_else(|| {
                    let what = "it answers that it has another size (409), and does not say which";
                    self.failed(Exit::Finding, what)
                })
            }
            status => {
                let said = said(text.unwrap_or_default());
                Ok(Answered::Refused { status: status.as_u16(), said })
            }
        }
    }
}

/// A decimal number in its one spelling, with or without a newline.
fn size_of(text: &str) -> Option<u64> {
    let digits = text.strip_suffix('\n').unwrap_or(text);
    let size: u64 = digits.parse().ok()?;
    (size.to_string() == digits).then_some(size)
}

fn said(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    line.chars()
        .filter(|c| !c.is_control() && !matches!(c, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
        .take(SAID_CHARS_MAX)
        .collect()
}

fn with_cause(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

fn connector(roots: &Path) -> Result<TlsConnector, Failure> {
    let wrong = |what: String| Failure::usage(format!("--roots {}: {what}", roots.display()));
    let mut store = RootCertStore::empty();
    let certificates =
        CertificateDer::pem_file_iter(roots).map_err(|error| wrong(error.to_string()))?;
    for certificate in certificates {
        let certificate = certificate.map_err(|error| wrong(error.to_string()))?;
        store.add(certificate).map_err(|error| wrong(error.to_string()))?;
    }
    if store.is_empty() {
        return Err(wrong("it holds no certificate".to_owned()));
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Failure::new(Exit::Fault, error.to_string()))?
        .with_root_certificates(store);
    let mut config = config.with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsConnector::from(Arc::new(config)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_witness_says_is_read_narrowly() {
        assert_eq!(size_of("0\n"), Some(0));
        assert_eq!(size_of("18446744073709551615"), Some(u64::MAX));
        for text in ["", "\n", "07\n", "+7\n", "7\n\n", "7 \n", "-1", "18446744073709551616", "x"] {
            assert_eq!(size_of(text), None, "{text:?}");
        }
        assert_eq!(said("no\u{1b}[31m way\nmore"), "no[31m way");
        assert_eq!(said(&"x".repeat(9_000)).len(), SAID_CHARS_MAX);
    }
}
