//! A small HTTPS client for loads: one connection, one request at a time, HTTP/1.1.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    path::Path,
    sync::Arc,
};

use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject as _},
};

use crate::{edge::certificates::Issued, kernel::store::Fault};

/// One connection.
pub struct Client {
    stream: BufReader<StreamOwned<ClientConnection, TcpStream>>,
}

/// What came back.
pub struct Answer {
    pub status: u16,
    pub location: String,
    pub body: Vec<u8>,
}

impl Answer {
    /// Its body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Whom to trust, the authority made for the benchmark, and who we are at the machine door.
///
/// # Errors
/// A file cannot be read.
pub fn trust(authority: &Path, own: Option<&Issued>) -> Result<Arc<ClientConfig>, Fault> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(authority).map_err(Fault::new)?).map_err(Fault::new)?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(Fault::new)?
        .with_root_certificates(roots);
    let mut config = match own {
        None => config.with_no_client_auth(),
        Some(own) => {
            let chain = CertificateDer::from_pem_file(&own.certificate).map_err(Fault::new)?;
            let key = PrivateKeyDer::from_pem_file(&own.key).map_err(Fault::new)?;
            config.with_client_auth_cert(vec![chain], key).map_err(Fault::new)?
        }
    };
    // Every handshake is a full one.
    config.resumption = rustls::client::Resumption::disabled();
    Ok(Arc::new(config))
}

impl Client {
    /// Connects and shakes hands.
    ///
    /// # Errors
    /// The daemon does not answer.
    pub fn connect(address: SocketAddr, config: &Arc<ClientConfig>) -> Result<Client, Fault> {
        let name = ServerName::try_from("localhost").map_err(Fault::new)?;
        let mut tls = ClientConnection::new(Arc::clone(config), name).map_err(Fault::new)?;
        let mut tcp = TcpStream::connect(address).map_err(Fault::new)?;
        tcp.set_nodelay(true).map_err(Fault::new)?;
        while tls.is_handshaking() {
            tls.complete_io(&mut tcp).map_err(Fault::new)?;
        }
        Ok(Client { stream: BufReader::new(StreamOwned::new(tls, tcp)) })
    }

    /// Asks for a page and reads all of it.
    ///
    /// # Errors
    /// The connection broke.
    pub fn get(&mut self, path: &str, cookie: &str) -> Result<Answer, Fault> {
        self.ask(&format!("GET {path}"), cookie, "accept-encoding: gzip\r\n", "")
    }

    /// The same, not compressed.
    ///
    /// # Errors
    /// The connection broke.
    pub fn get_plain(&mut self, path: &str, cookie: &str) -> Result<Answer, Fault> {
        self.ask(&format!("GET {path}"), cookie, "", "")
    }

    /// Sends a form.
    ///
    /// # Errors
    /// The connection broke.
    pub fn post(
        &mut self,
        path: &str,
        cookie: &str,
        fields: &[(&str, &str)],
    ) -> Result<Answer, Fault> {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let headers = format!(
            "content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n",
            body.len()
        );
        self.ask(&format!("POST {path}"), cookie, &headers, &body)
    }

    fn ask(
        &mut self,
        what: &str,
        cookie: &str,
        headers: &str,
        body: &str,
    ) -> Result<Answer, Fault> {
        let request = format!(
            "{what} HTTP/1.1\r\nhost: localhost\r\naccept-language: pl\r\ncookie: {cookie}\r\n{headers}\r\n{body}"
        );
        self.stream.get_mut().write_all(request.as_bytes()).map_err(Fault::new)?;
        self.stream.get_mut().flush().map_err(Fault::new)?;
        let mut answer = Answer { status: 0, location: String::new(), body: Vec::new() };
        loop {
            let mut line = String::new();
            if self.stream.read_line(&mut line).map_err(Fault::new)? == 0 {
                return Err(Fault::new("the daemon closed the connection"));
            }
            let line = line.trim_end();
            if let Some(rest) = line.strip_prefix("HTTP/1.1 ") {
                answer.status = rest.get(..3).and_then(|code| code.parse().ok()).unwrap_or(0);
            } else if let Some((name, value)) = line.split_once(": ") {
                match name.to_ascii_lowercase().as_str() {
                    "content-length" => answer.body.resize(value.parse().unwrap_or(0), 0),
                    "location" => value.clone_into(&mut answer.location),
                    _ => {}
                }
            }
            if line.is_empty() {
                break;
            }
        }
        self.stream.read_exact(&mut answer.body).map_err(Fault::new)?;
        Ok(answer)
    }
}
