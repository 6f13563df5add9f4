//! A whole edge on loopback for one test, its app, and the clients that knock at it.

use std::{
    net::SocketAddr,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use jiff::Timestamp;
use ostoja::edge::{
    AnswerFuture, App, BodyError, Bound, ClientTrust, DemoListener, EdgeCounters, EdgeError,
    EdgeLimits, Hosts, ListenerKind, Listeners, MachineListener, Peer, PublicListener,
    RedirectListener, RequestBody, RequestClass, TlsFiles, certificates, full_body,
};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject},
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::TcpStream,
    sync::{Notify, watch},
    task::JoinHandle,
    time::timeout,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

/// The name the test house goes by; clients reach it through `--resolve` or directly.
pub const NAME: &str = "urzad.modrzewie.test";

/// Nothing in these tests may take longer, however busy the machine.
pub const PATIENCE: Duration = Duration::from_secs(30);

pub const LARGE_BYTES: usize = 64 * 1024 * 1024;

/// What the app of these tests saw.
#[derive(Default)]
pub struct TestApp {
    pub calls: AtomicUsize,
    pub entered: Notify,
    pub release: Notify,
}

impl App for TestApp {
    fn call(self: Arc<Self>, request: Request<RequestBody>, peer: Peer) -> AnswerFuture {
        self.calls.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move {
            let (head, body) = request.into_parts();
            match head.uri.path() {
                "/peer" => text(StatusCode::OK, describe(&peer)),
                "/echo" | "/upload" => echo(body).await,
                "/ignore" => text(StatusCode::OK, "did not look".into()),
                "/wait" => {
                    self.entered.notify_one();
                    self.release.notified().await;
                    text(StatusCode::OK, "worth waiting for\n".into())
                }
                "/never" => {
                    self.entered.notify_one();
                    std::future::pending().await
                }
                "/panic" => panic!("the app of the test fails on purpose"),
                "/large" => Response::new(full_body(vec![b'x'; LARGE_BYTES])),
                _ => text(StatusCode::OK, "hello\n".into()),
            }
        })
    }

    fn class(&self, head: &http::request::Parts) -> RequestClass {
        if head.uri.path() == "/upload" { RequestClass::Upload } else { RequestClass::Ordinary }
    }
}

async fn echo(body: RequestBody) -> ostoja::edge::Answer {
    match body.collect().await {
        Ok(whole) => text(StatusCode::OK, format!("{} bytes\n", whole.to_bytes().len())),
        // Deliberately unhelpful: the edge must say the status that is true.
        Err(BodyError::TooLarge | BodyError::TooSlow | BodyError::Broken(_)) => {
            text(StatusCode::INTERNAL_SERVER_ERROR, "confused\n".into())
        }
    }
}

fn text(status: StatusCode, text: String) -> ostoja::edge::Answer {
    let mut answer = Response::new(full_body(Bytes::from(text)));
    *answer.status_mut() = status;
    answer
}

fn describe(peer: &Peer) -> String {
    let mut lines = format!("listener={}\n", peer.listener.name());
    if let Some(tls) = peer.tls {
        lines += &format!(
            "version={}\nsuite={}\ngroup={}\nalpn={}\n",
            tls.version, tls.suite, tls.group, tls.alpn
        );
    }
    if let Some(client) = &peer.client_certificate {
        let der = client.der.len();
        lines += &format!(
            "subject={}\nname={}\nserial={}\nfingerprint={}\nder={der}\n",
            client.subject, client.name, client.serial, client.fingerprint
        );
    }
    lines
}

/// A running edge.
pub struct House {
    pub dir: TempDir,
    pub app: Arc<TestApp>,
    pub counters: Arc<EdgeCounters>,
    pub reload: Arc<Notify>,
    pub stop: watch::Sender<bool>,
    pub served: JoinHandle<Result<(), EdgeError>>,
    public: SocketAddr,
    machine: SocketAddr,
    redirect: SocketAddr,
    demo: SocketAddr,
}

impl House {
    /// All four listeners on free ports.
    pub async fn open(limits: EdgeLimits) -> Self {
        let dir = TempDir::new().unwrap();
        let now = Timestamp::now();
        certificates::create_ca(dir.path(), "Gmina Modrzewie", now).unwrap();
        certificates::issue_server(dir.path(), &[NAME.to_owned(), "127.0.0.1".to_owned()], now)
            .unwrap();
        let counters = Arc::new(EdgeCounters::default());
        let listeners = Listeners { counters: Arc::clone(&counters), ..listeners(dir.path()) };
        let bound = listeners.bind(&limits).unwrap();
        let first = |bound: &Bound, kind| bound.addresses(kind)[0];
        let (public, machine) =
            (first(&bound, ListenerKind::Public), first(&bound, ListenerKind::Machine));
        let (redirect, demo) =
            (first(&bound, ListenerKind::Redirect), first(&bound, ListenerKind::Demo));
        let reload = bound.reload_handle();
        let app = Arc::new(TestApp::default());
        let (stop, stopped) = watch::channel(false);
        let served = tokio::spawn(bound.serve(Arc::clone(&app) as Arc<dyn App>, limits, stopped));
        Self { dir, app, counters, reload, stop, served, public, machine, redirect, demo }
    }

    pub fn address(&self, kind: ListenerKind) -> SocketAddr {
        match kind {
            ListenerKind::Public => self.public,
            ListenerKind::Machine => self.machine,
            ListenerKind::Redirect => self.redirect,
            ListenerKind::Demo => self.demo,
        }
    }

    pub fn calls(&self) -> usize {
        self.app.calls.load(Ordering::SeqCst)
    }

    /// A plain connection.
    pub async fn connect(&self, kind: ListenerKind) -> TcpStream {
        TcpStream::connect(self.address(kind)).await.unwrap()
    }

    /// Sends bytes to the plain listener and reads until it closes.
    pub async fn exchange(&self, sent: &[u8]) -> String {
        let mut stream = self.connect(ListenerKind::Demo).await;
        stream.write_all(sent).await.unwrap();
        read_to_end(&mut stream).await
    }

    /// A TLS connection to a listener, or why there is none.
    pub async fn shake(
        &self,
        kind: ListenerKind,
        config: ClientConfig,
    ) -> std::io::Result<TlsStream<TcpStream>> {
        let name = ServerName::try_from(NAME).unwrap();
        TlsConnector::from(Arc::new(config)).connect(name, self.connect(kind).await).await
    }

    /// The answer to a GET over a fresh TLS connection, or why there is none.
    pub async fn get(
        &self,
        kind: ListenerKind,
        config: ClientConfig,
        path: &str,
    ) -> std::io::Result<String> {
        let mut stream = self.shake(kind, config).await?;
        let request = format!("GET {path} HTTP/1.1\r\nHost: {NAME}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        timeout(PATIENCE, stream.read_to_end(&mut answer)).await.expect("an answer in time")?;
        Ok(String::from_utf8(answer).unwrap())
    }

    /// What a client of this house trusts and offers, to be changed by the test.
    pub fn client(&self) -> ClientConfig {
        client(&self.dir.path().join("ca.pem"), rustls::ALL_VERSIONS, None)
    }

    /// A client with a certificate of the house's authority.
    pub fn machine_client(
        &self,
        name: &str,
        now: Timestamp,
    ) -> (ClientConfig, certificates::Issued) {
        let issued = certificates::issue_client(self.dir.path(), name, 30, now).unwrap();
        let config = client(&self.dir.path().join("ca.pem"), rustls::ALL_VERSIONS, Some(&issued));
        (config, issued)
    }

    /// A bare HTTP/2 connection with the preface and these settings sent, for clients that misbehave.
    pub async fn h2_connection(&self, settings: &[u8]) -> TlsStream<TcpStream> {
        let mut config = self.client();
        config.alpn_protocols = vec![b"h2".to_vec()];
        let mut stream = self.shake(ListenerKind::Public, config).await.unwrap();
        let length = u8::try_from(settings.len()).unwrap();
        let opening =
            [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", &[0, 0, length, 4, 0, 0, 0, 0, 0][..], settings]
                .concat();
        stream.write_all(&opening).await.unwrap();
        stream
    }

    /// Runs curl against the public listener.
    pub async fn curl(&self, path: &str, more: &[&str]) -> String {
        self.curl_at(ListenerKind::Public, path, more).await.0
    }

    /// Runs curl; its output and exit code.
    pub async fn curl_at(&self, kind: ListenerKind, path: &str, more: &[&str]) -> (String, i32) {
        let port = self.address(kind).port();
        let scheme = if matches!(kind, ListenerKind::Demo | ListenerKind::Redirect) {
            "http"
        } else {
            "https"
        };
        let mut arguments = vec!["--silent".to_owned(), "--max-time".into(), "30".into()];
        arguments.extend([
            "--resolve".to_owned(),
            format!("{NAME}:{port}:127.0.0.1"),
            "--cacert".into(),
        ]);
        arguments.push(self.dir.path().join("ca.pem").display().to_string());
        arguments.extend(more.iter().map(|argument| (*argument).to_owned()));
        arguments.push(format!("{scheme}://{NAME}:{port}{path}"));
        tool("curl", arguments, "").await
    }

    /// Says stop and waits for the edge to come back.
    pub async fn close(self) {
        self.stop.send_replace(true);
        timeout(PATIENCE, self.served).await.expect("the edge stops in time").unwrap().unwrap();
    }
}

/// Every listener on a free port of loopback.
pub fn listeners(dir: &Path) -> Listeners {
    let anywhere: SocketAddr = "127.0.0.1:0".parse().unwrap();
    let tls = || TlsFiles { chain: dir.join("server.pem"), key: dir.join("server.key") };
    let hosts = || Hosts::new([NAME]).unwrap();
    let clients = ClientTrust { authority: dir.join("ca.pem"), revoked: Some(dir.join("ca.crl")) };
    Listeners {
        public: Some(PublicListener { places: vec![anywhere.into()], tls: tls(), hosts: hosts() }),
        machine: Some(MachineListener {
            places: vec![anywhere.into()],
            tls: tls(),
            clients,
            hosts: hosts(),
        }),
        redirect: Some(RedirectListener {
            places: vec![anywhere.into()],
            hosts: hosts(),
            https_port: 8443,
        }),
        demo: Some(DemoListener { places: vec![anywhere.into()], hosts: hosts() }),
        counters: Arc::default(),
    }
}

/// A client trusting one authority, with a certificate or without, offering HTTP/1.1.
pub fn client(
    authority: &Path,
    versions: &[&'static rustls::SupportedProtocolVersion],
    identity: Option<&certificates::Issued>,
) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(authority).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots);
    let mut config = match identity {
        None => builder.with_no_client_auth(),
        Some(issued) => {
            let chain = vec![CertificateDer::from_pem_file(&issued.certificate).unwrap()];
            builder
                .with_client_auth_cert(chain, PrivateKeyDer::from_pem_file(&issued.key).unwrap())
                .unwrap()
        }
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config
}

/// Reads to the end of a connection, which must come in time.
pub async fn read_to_end(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut answer = Vec::new();
    timeout(PATIENCE, stream.read_to_end(&mut answer))
        .await
        .expect("the connection ends in time")
        .unwrap();
    String::from_utf8(answer).unwrap()
}

/// Sends a request and reads its answer's head and `Content-Length` body, leaving the connection open.
pub async fn ask(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), request: &str) -> String {
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    loop {
        let byte = timeout(PATIENCE, stream.read_u8()).await.expect("an answer in time").unwrap();
        answer.push(char::from(byte));
        let Some((head, body)) = answer.split_once("\r\n\r\n") else { continue };
        let length = head
            .to_ascii_lowercase()
            .split_once("content-length: ")
            .map_or(0, |(_, rest)| rest.split("\r\n").next().unwrap().parse().unwrap());
        if body.len() == length {
            return answer;
        }
    }
}

/// The HEADERS frame of the first request of an HTTP/2 connection: GET or POST over https to this house.
pub fn h2_request(method: &str, path: &str, ends: bool) -> Vec<u8> {
    h2_request_on(1, method, path, ends)
}

/// The same on any stream.
pub fn h2_request_on(stream: u16, method: &str, path: &str, ends: bool) -> Vec<u8> {
    let literal = |index: u8, text: &str| {
        [&[index, u8::try_from(text.len()).unwrap()], text.as_bytes()].concat()
    };
    let method = if method == "POST" { 0x83 } else { 0x82 };
    let block = [vec![method, 0x87], literal(0x04, path), literal(0x01, NAME)].concat();
    let flags = if ends { 0x05 } else { 0x04 };
    let [high, low] = stream.to_be_bytes();
    [vec![0, 0, u8::try_from(block.len()).unwrap(), 1, flags, 0, 0, high, low], block].concat()
}

/// Runs a foreign program to its end beside the edge: what it printed, and its exit code.
pub async fn tool(
    name: &'static str,
    arguments: Vec<String>,
    input: &'static str,
) -> (String, i32) {
    let run = move || crate::support::tool(name, &arguments, input.as_bytes());
    tokio::task::spawn_blocking(run).await.unwrap()
}

/// Where a client's files lie, for curl.
pub fn as_argument(path: &Path) -> String {
    path.display().to_string()
}
