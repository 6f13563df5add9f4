//! A small HTTPS client for loads: one connection, one request at a time, HTTP/1.1.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    path::Path,
    sync::Arc,
};

use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned,
    pki_types::{CertificateDer, ServerName, pem::PemObject as _},
};

use crate::kernel::store::Fault;

/// One connection.
pub struct Client {
    stream: BufReader<StreamOwned<ClientConnection, TcpStream>>,
}

/// Whom to trust: the authority made for the benchmark.
///
/// # Errors
/// The file cannot be read.
pub fn trust(authority: &Path) -> Result<Arc<ClientConfig>, Fault> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(authority).map_err(Fault::new)?).map_err(Fault::new)?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(Fault::new)?;
    let mut config = config.with_root_certificates(roots).with_no_client_auth();
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

    /// Asks for a page and reads all of it. Gives the status and the length.
    ///
    /// # Errors
    /// The connection broke.
    pub fn get(&mut self, path: &str, cookie: &str) -> Result<(u16, usize), Fault> {
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: localhost\r\naccept-encoding: gzip\r\naccept-language: pl\r\ncookie: {cookie}\r\n\r\n"
        );
        self.stream.get_mut().write_all(request.as_bytes()).map_err(Fault::new)?;
        let (mut status, mut length) = (0, 0);
        loop {
            let mut line = String::new();
            if self.stream.read_line(&mut line).map_err(Fault::new)? == 0 {
                return Err(Fault::new("the daemon closed the connection"));
            }
            let line = line.trim_end();
            if let Some(rest) = line.strip_prefix("HTTP/1.1 ") {
                status = rest.get(..3).and_then(|code| code.parse().ok()).unwrap_or(0);
            } else if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().unwrap_or(0);
            }
            if line.is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).map_err(Fault::new)?;
        Ok((status, length))
    }
}
