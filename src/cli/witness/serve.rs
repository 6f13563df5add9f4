//! `ostoja witness serve`: the one address of C2SP tlog-witness, `POST /add-checkpoint`.
//!
//! A process of its own, with the folder of the witness and nothing else: it opens no data directory,
//! needs no route out, and answers everything else with 404.

use std::{io::Write, net::SocketAddr, path::PathBuf, sync::Arc};

use bytes::Bytes;
use clap::Args;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Limited};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
};

use super::{cosigner, lock};
use crate::{
    cli::{Exit, Failure, Outcome, archive::given_verifier, house::log_to_stderr},
    edge::{
        Answer, AnswerFuture, App, DemoListener, EdgeLimits, Hosts, Listeners, Peer,
        PublicListener, RequestBody, TlsFiles, full_body,
    },
    kernel::{
        clock::Clock,
        durable::RealDisk,
        log::witness::{REQUEST_BYTES_MAX, Refused, Witness},
    },
};

#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Folder of the witness
    #[arg(long, value_name = "FOLDER")]
    pub state: PathBuf,
    /// Key of a log to witness, or a file that holds it; may be repeated
    #[arg(long = "log", value_name = "KEY", required = true)]
    pub logs: Vec<String>,
    /// Plain HTTP on this port of this very machine, behind nothing
    #[arg(
        long,
        value_name = "PORT",
        conflicts_with = "listen",
        required_unless_present = "listen"
    )]
    pub port: Option<u16>,
    /// Address for HTTPS; needs --host, --certificate and --key
    #[arg(long, value_name = "ADDRESS", requires_all = ["host", "certificate", "key"])]
    pub listen: Option<SocketAddr>,
    /// Name that clients use
    #[arg(long, value_name = "NAME")]
    pub host: Option<String>,
    /// Certificate chain, PEM
    #[arg(long, value_name = "FILE")]
    pub certificate: Option<PathBuf>,
    /// Its key, PEM
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
}

pub(super) fn run(args: &ServeArgs, out: &mut dyn Write) -> Outcome {
    log_to_stderr();
    let mut logs = Vec::with_capacity(args.logs.len());
    for given in &args.logs {
        logs.extend(given_verifier(Some(given))?);
    }
    let _lock = lock(&args.state)?;
    let witness = Witness::new(Arc::new(RealDisk), &args.state, cosigner(&args.state)?, logs);
    let name = witness.verifier().name().to_owned();
    let door = Arc::new(Door(Arc::new(witness)));
    let fault = |error: std::io::Error| Failure::new(Exit::Fault, error.to_string());
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(fault)?;
    runtime.block_on(async {
        let limits = EdgeLimits::default();
        let bound = listeners(args)?
            .bind(&limits)
            .map_err(|error| Failure::new(Exit::Io, with_causes(&error)))?;
        let (stop, stopped) = watch::channel(false);
        let mut terminate = signal(SignalKind::terminate()).map_err(fault)?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(fault)?;
        writeln!(out, "{name}: {} logs, POST /add-checkpoint", args.logs.len())?;
        out.flush()?;
        let serving = bound.serve(door, limits, stopped);
        tokio::pin!(serving);
        loop {
            tokio::select! {
                served = &mut serving => {
                    return served
                        .map(|()| Exit::Ok)
                        .map_err(|error| Failure::new(Exit::Io, with_causes(&error)));
                }
                _ = terminate.recv() => { let _all_gone = stop.send(true); }
                _ = interrupt.recv() => { let _all_gone = stop.send(true); }
            }
        }
    })
}

fn listeners(args: &ServeArgs) -> Result<Listeners, Failure> {
    let mut listeners = Listeners::default();
    if let (Some(address), Some(host), Some(chain), Some(key)) =
        (args.listen, &args.host, &args.certificate, &args.key)
    {
        let hosts =
            Hosts::new([host]).map_err(|error| Failure::usage(format!("--host: {error}")))?;
        let tls = TlsFiles { chain: chain.clone(), key: key.clone() };
        listeners.public = Some(PublicListener { places: vec![address.into()], tls, hosts });
    } else {
        let address = SocketAddr::from(([127, 0, 0, 1], args.port.unwrap_or(0)));
        listeners.demo =
            Some(DemoListener { places: vec![address.into()], hosts: Hosts::loopback() });
    }
    Ok(listeners)
}

/// An error with its causes, on one line.
fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        text.push_str(&format!(": {next}"));
        cause = next.source();
    }
    text
}

/// The witness behind the edge.
struct Door(Arc<Witness>);

impl App for Door {
    fn call(self: Arc<Self>, request: Request<RequestBody>, _peer: Peer) -> AnswerFuture {
        Box::pin(async move {
            let (head, body) = request.into_parts();
            if head.uri.path() != "/add-checkpoint" {
                return text(StatusCode::NOT_FOUND, "there is only POST /add-checkpoint\n".into());
            }
            if head.method != Method::POST {
                let mut answer = text(StatusCode::METHOD_NOT_ALLOWED, "only POST\n".into());
                answer.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
                return answer;
            }
            let Ok(body) = Limited::new(body, REQUEST_BYTES_MAX).collect().await else {
                return text(StatusCode::BAD_REQUEST, "the request could not be read\n".into());
            };
            let witness = Arc::clone(&self.0);
            // It writes and syncs, so it needs a thread that may wait; and it goes on when the client leaves.
            let answered = tokio::task::spawn_blocking(move || {
                let request = String::from_utf8(body.to_bytes().to_vec())
                    .map_err(|error| Refused::Malformed(error.to_string()))?;
                let now = u64::try_from(Clock::System.now().as_second()).unwrap_or(0);
                witness.add_checkpoint(&request, now)
            });
            match answered.await {
                Ok(Ok(line)) => text(StatusCode::OK, line),
                Ok(Err(refused)) => refusal(&refused),
                Err(_panicked) => {
                    text(StatusCode::INTERNAL_SERVER_ERROR, "a fault of the program\n".into())
                }
            }
        })
    }
}

fn refusal(refused: &Refused) -> Answer {
    let status = StatusCode::from_u16(refused.status()).unwrap_or(StatusCode::BAD_REQUEST);
    match refused {
        Refused::OtherSize(size) | Refused::OtherRoot(size) => {
            let mut answer = text(status, format!("{size}\n"));
            let kind = HeaderValue::from_static("text/x.tlog.size");
            answer.headers_mut().insert(header::CONTENT_TYPE, kind);
            answer
        }
        // Where the state lies is nobody's business.
        Refused::State(error) => {
            tracing::error!(%error, "the state of the witness");
            text(status, "the state of the witness cannot be read or written\n".to_owned())
        }
        Refused::Malformed(_)
        | Refused::UnknownLog(_)
        | Refused::NotSigned
        | Refused::Inconsistent(_) => text(status, format!("{refused}\n")),
    }
}

fn text(status: StatusCode, text: String) -> Answer {
    let mut answer = Response::new(full_body(Bytes::from(text)));
    *answer.status_mut() = status;
    let kind = HeaderValue::from_static("text/plain; charset=utf-8");
    answer.headers_mut().insert(header::CONTENT_TYPE, kind);
    answer
}
