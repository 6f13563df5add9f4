//! One connection from accept to close, under the watch of its clock.

use std::{
    future::{Future, poll_fn},
    net::SocketAddr,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
};

use hyper::server::conn::{http1, http2};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    sync::watch,
    time::{Instant, sleep_until, timeout},
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use super::{
    ClientCertificate, Cut, ListenerKind, Peer, TlsFacts,
    clock::{Clock, Protocol, Strike},
    front::{Desk, Front},
    gauged::Gauged,
    lane::Lane,
    screened::Screened,
    tls::TlsSource,
};

/// Serves one accepted connection to its end.
pub(super) async fn serve(tcp: TcpStream, address: SocketAddr, lane: Arc<Lane>) {
    // Small answers must not wait for an acknowledgement; without it they are only slower.
    tcp.set_nodelay(true).ok();
    let clock = Clock::new(Arc::clone(&lane.limits), Instant::now());
    let gauged = Gauged::new(tcp, Arc::clone(&clock));
    let mut peer = Peer { address, tls: None, client_certificate: None, listener: lane.kind };
    let Some(source) = &lane.tls else {
        let leave = pin!(stopping(lane.stop.clone()));
        return speak(gauged, Protocol::H1, peer, &lane, clock, leave).await;
    };

    let replacements = source.replacements();
    let Some(stream) = shake_hands(gauged, source, &lane).await else { return };
    let (_, session) = stream.get_ref();
    let tls = TlsFacts::of(session);
    peer.tls = Some(tls);
    if lane.kind == ListenerKind::Machine {
        let certificate =
            session.peer_certificates().and_then(<[_]>::first).and_then(ClientCertificate::of);
        // The handshake has verified one; a connection without is not to be had.
        let Some(certificate) = certificate else { return };
        peer.client_certificate = Some(Arc::new(certificate));
    }
    let protocol = if tls.alpn == "h2" { Protocol::H2 } else { Protocol::H1 };
    let machine = lane.kind == ListenerKind::Machine;
    let leave = pin!(async {
        tokio::select! {
            () = stopping(lane.stop.clone()) => {}
            () = replaced(replacements), if machine => {}
        }
    });
    speak(stream, protocol, peer, &lane, clock, leave).await;
}

/// Comes back when the edge is told to stop, or when nobody is left to tell it.
pub(super) async fn stopping(mut stop: watch::Receiver<bool>) {
    stop.wait_for(|stop| *stop).await.ok();
}

async fn replaced(mut replacements: watch::Receiver<u64>) {
    if replacements.changed().await.is_err() {
        std::future::pending::<()>().await;
    }
}

async fn shake_hands(gauged: Gauged, source: &TlsSource, lane: &Lane) -> Option<TlsStream<Gauged>> {
    let handshake =
        timeout(lane.limits.handshake, TlsAcceptor::from(source.current()).accept(gauged));
    let shaken = tokio::select! {
        shaken = handshake => shaken,
        () = stopping(lane.stop.clone()) => return None,
    };
    match shaken {
        Ok(Ok(stream)) => Some(stream),
        Ok(Err(error)) => {
            lane.counters.handshake_failed();
            tracing::debug!(listener = lane.kind.name(), %error, "a TLS handshake failed");
            None
        }
        Err(_elapsed) => {
            lane.counters.handshake_failed();
            lane.counters.cut(Cut::SlowHandshake);
            None
        }
    }
}

async fn speak<Stream>(
    stream: Stream,
    protocol: Protocol,
    peer: Peer,
    lane: &Lane,
    clock: Arc<Clock>,
    leave: Pin<&mut (impl Future<Output = ()> + Send)>,
) where
    Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    clock.ready(protocol, Instant::now());
    let front = Front::new(Desk {
        app: Arc::clone(&lane.app),
        hosts: Arc::clone(&lane.hosts),
        limits: Arc::clone(&lane.limits),
        counters: Arc::clone(&lane.counters),
        peer,
        clock: Arc::clone(&clock),
        stop: lane.stop.clone(),
    });
    let screened = Screened::new(
        stream,
        protocol,
        Arc::clone(&clock),
        Arc::clone(&lane.limits),
        Arc::clone(&lane.counters),
    );
    let io = TokioIo::new(screened);
    let end = match protocol {
        Protocol::H1 => {
            let connection = pin!(http1_builder(lane).serve_connection(io, front));
            watch_over(connection, protocol, &clock, lane, leave).await
        }
        Protocol::H2 => {
            let connection = pin!(http2_builder(lane).serve_connection(io, front));
            watch_over(connection, protocol, &clock, lane, leave).await
        }
    };
    if let Some(cut) = end {
        lane.counters.cut(cut);
    }
}

fn http1_builder(lane: &Lane) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        .max_headers(lane.limits.headers_max)
        .max_buf_size(lane.limits.h1_buffer_bytes)
        // The clock counts this, and also counts silence, which hyper does not.
        .header_read_timeout(None);
    builder
}

fn http2_builder(lane: &Lane) -> http2::Builder<super::Tasks> {
    let limits = &lane.limits;
    let mut builder = http2::Builder::new(lane.tasks.clone());
    builder
        .max_concurrent_streams(limits.h2_streams_max)
        .max_header_list_size(u32::try_from(limits.head_bytes_max).unwrap_or(u32::MAX))
        .max_pending_accept_reset_streams(limits.h2_pending_resets_max)
        .max_local_error_reset_streams(limits.h2_local_error_resets_max)
        .initial_stream_window_size(limits.h2_window_bytes)
        .initial_connection_window_size(limits.h2_window_bytes)
        .max_send_buf_size(limits.h2_send_buffer_bytes);
    builder
}

/// What both of hyper's connections can do.
trait Speaking: Future<Output = hyper::Result<()>> {
    /// Finish what is being answered, take nothing new.
    fn retire(self: Pin<&mut Self>);
}

impl<Stream: AsyncRead + AsyncWrite + Unpin + 'static> Speaking
    for http1::Connection<TokioIo<Screened<Stream>>, Front>
{
    fn retire(self: Pin<&mut Self>) {
        self.graceful_shutdown();
    }
}

impl<Stream: AsyncRead + AsyncWrite + Unpin + 'static> Speaking
    for http2::Connection<TokioIo<Screened<Stream>>, Front, super::Tasks>
{
    fn retire(self: Pin<&mut Self>) {
        self.graceful_shutdown();
    }
}

/// Drives a connection until it ends or must be cut; the reason, if cut.
async fn watch_over(
    mut connection: Pin<&mut (impl Speaking + Send)>,
    protocol: Protocol,
    clock: &Clock,
    lane: &Lane,
    mut leave: Pin<&mut (impl Future<Output = ()> + Send)>,
) -> Option<Cut> {
    let mut hard_stop = pin!(stopping(lane.hard_stop.clone()));
    let mut alarm = pin!(sleep_until(clock.next()));
    let mut leaving = false;
    poll_fn(|cx: &mut Context<'_>| {
        loop {
            if let Poll::Ready(end) = connection.as_mut().poll(cx) {
                if let Err(error) = end {
                    tracing::debug!(listener = lane.kind.name(), %error, "a connection ended early");
                }
                return Poll::Ready(None);
            }
            if hard_stop.as_mut().poll(cx).is_ready() {
                return Poll::Ready(Some(Cut::Stopped));
            }
            if !leaving && leave.as_mut().poll(cx).is_ready() {
                leaving = true;
                connection.as_mut().retire();
                if !clock.works() {
                    // Nothing is lost: no request has come, or its head is not whole.
                    clock.leaves(lane.limits.linger, Instant::now());
                }
                continue;
            }
            if leaving && protocol == Protocol::H1 && !clock.works() {
                // hyper does not end a connection that has never carried a request.
                return Poll::Ready(None);
            }
            // Every change of the clock happens while this task polls the connection, or wakes it.
            let next = clock.next();
            if alarm.deadline() != next {
                alarm.as_mut().reset(next);
            }
            if alarm.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            match clock.strike(Instant::now()) {
                // hyper reads the refusal when polled again.
                Strike::Nothing | Strike::Refuse => {}
                Strike::Retire => connection.as_mut().retire(),
                Strike::Cut(cut) => return Poll::Ready(Some(cut)),
            }
        }
    })
    .await
}
