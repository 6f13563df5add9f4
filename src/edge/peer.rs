//! Who is at the other end of a connection: facts of TCP and TLS, nothing claimed by the request itself.

use std::{net::SocketAddr, sync::Arc};

use aws_lc_rs::digest;
use rustls::{ProtocolVersion, ServerConnection, pki_types::CertificateDer};
use x509_parser::prelude::{FromDer, X509Certificate};

/// Which door the request came through.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum ListenerKind {
    /// The public HTTPS door.
    Public,
    /// The door for machines: a client certificate is always there.
    Machine,
    /// The port that only redirects; an app never sees it.
    Redirect,
    /// Plain HTTP on loopback, for demonstration and development.
    Demo,
}

impl ListenerKind {
    /// The name in metrics and logs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Machine => "machine",
            Self::Redirect => "redirect",
            Self::Demo => "demo",
        }
    }
}

/// What was negotiated.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TlsFacts {
    /// `"1.3"` or `"1.2"`.
    pub version: &'static str,
    /// The cipher suite by its registered name.
    pub suite: &'static str,
    /// The key exchange group by its registered name.
    pub group: &'static str,
    /// The protocol by ALPN: `"h2"`, `"http/1.1"`, or `""` from a client that did not ask.
    pub alpn: &'static str,
}

/// The certificate a machine proved to hold, already verified against the built-in authority.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ClientCertificate {
    /// The distinguished name, as text.
    pub subject: String,
    /// The common name: the name the certificate was issued to.
    pub name: String,
    /// The serial number in lower-case hex, as `certificates::revoke` takes it.
    pub serial: String,
    /// SHA-256 of the certificate in lower-case hex.
    pub fingerprint: String,
    /// The certificate itself.
    pub der: Vec<u8>,
}

/// The other end of a connection. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Peer {
    /// Where the connection comes from; personal data, so never in a log.
    pub address: SocketAddr,
    /// Absent on plain listeners.
    pub tls: Option<TlsFacts>,
    /// Present exactly on the machine listener.
    pub client_certificate: Option<Arc<ClientCertificate>>,
    /// The door.
    pub listener: ListenerKind,
}

impl TlsFacts {
    pub(super) fn of(connection: &ServerConnection) -> Self {
        Self {
            version: match connection.protocol_version() {
                Some(ProtocolVersion::TLSv1_3) => "1.3",
                Some(ProtocolVersion::TLSv1_2) => "1.2",
                _ => "",
            },
            suite: connection
                .negotiated_cipher_suite()
                .and_then(|suite| suite.suite().as_str())
                .unwrap_or_default(),
            group: connection
                .negotiated_key_exchange_group()
                .and_then(|group| group.name().as_str())
                .unwrap_or_default(),
            alpn: match connection.alpn_protocol() {
                Some(b"h2") => "h2",
                Some(b"http/1.1") => "http/1.1",
                _ => "",
            },
        }
    }
}

impl ClientCertificate {
    /// Reads the facts of a verified certificate; `None` if it cannot be read, which closes the connection.
    pub(super) fn of(certificate: &CertificateDer<'_>) -> Option<Self> {
        let (_, parsed) = X509Certificate::from_der(certificate).ok()?;
        let name = parsed.subject().iter_common_name().next().and_then(|name| name.as_str().ok());
        Some(Self {
            subject: parsed.subject().to_string(),
            name: name.unwrap_or_default().to_owned(),
            serial: hex(parsed.raw_serial()),
            fingerprint: hex(digest::digest(&digest::SHA256, certificate).as_ref()),
            der: certificate.to_vec(),
        })
    }
}

/// Lower-case hex.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
