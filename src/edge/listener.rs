//! Listeners: what is bound, with which certificates, and how all of it stops.
//!
//! Binding is apart from serving, so that a wrong address or certificate is told at start, before anything is promised,
//! and so that tests bind port 0. A socket may also be inherited from the service manager.

use std::{
    io,
    net::{SocketAddr, TcpListener as StdListener},
    sync::Arc,
    time::Duration,
};

use socket2::{Domain, Socket, Type};
use tokio::{
    net::TcpListener,
    sync::{Notify, Semaphore, watch},
    time::timeout,
};

use super::{
    App, ClientTrust, EdgeCounters, EdgeLimits, Hosts, ListenerKind, Tasks, TlsFiles, TlsLoadError,
    connection::stopping,
    lane::{Lane, accept_until_stop},
    redirect::Redirect,
    reload::reload_until_stop,
    tls::TlsSource,
};

/// Connections the kernel keeps for us while every slot is taken.
const BACKLOG: i32 = 1024;

/// After the time to stop is over, connections are dropped; this long for their tasks to notice.
const DROP_SECONDS: u64 = 1;

/// Where a listener listens.
#[derive(Debug)]
pub enum Place {
    /// An address to bind; port 0 takes any free port.
    Address(SocketAddr),
    /// A listening socket handed over by the service manager.
    Inherited(StdListener),
}

impl From<SocketAddr> for Place {
    fn from(address: SocketAddr) -> Self {
        Self::Address(address)
    }
}

/// The public door: HTTPS for everyone.
#[derive(Debug)]
pub struct PublicListener {
    /// Where.
    pub places: Vec<Place>,
    /// The certificate of the public name.
    pub tls: TlsFiles,
    /// The public names.
    pub hosts: Hosts,
}

/// The door for machines: HTTPS with a client certificate.
#[derive(Debug)]
pub struct MachineListener {
    /// Where.
    pub places: Vec<Place>,
    /// The server's certificate.
    pub tls: TlsFiles,
    /// Whose clients may enter.
    pub clients: ClientTrust,
    /// The names machines use.
    pub hosts: Hosts,
}

/// The port that sends browsers to the public door.
#[derive(Debug)]
pub struct RedirectListener {
    /// Where.
    pub places: Vec<Place>,
    /// The names it redirects; those of the public door.
    pub hosts: Hosts,
    /// The port browsers reach the public door at.
    pub https_port: u16,
}

/// Plain HTTP for this very machine.
#[derive(Debug)]
pub struct DemoListener {
    /// Where; loopback, or `bind` refuses.
    pub places: Vec<Place>,
    /// The names it answers to, usually [`Hosts::loopback`].
    pub hosts: Hosts,
}

/// Everything the edge is to listen on.
#[derive(Debug, Default)]
pub struct Listeners {
    /// The public door.
    pub public: Option<PublicListener>,
    /// The door for machines.
    pub machine: Option<MachineListener>,
    /// The redirect.
    pub redirect: Option<RedirectListener>,
    /// The demonstration.
    pub demo: Option<DemoListener>,
    /// Where everything is counted; keep a clone for the metrics.
    pub counters: Arc<EdgeCounters>,
}

/// Why the edge cannot start.
#[derive(Debug, thiserror::Error)]
pub enum EdgeError {
    /// The address is taken, not ours, or needs a privilege.
    #[error("cannot listen on {address} for the {listener} listener")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// The listener.
        listener: &'static str,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// Plain HTTP would be reachable from the network.
    #[error(
        "the demo listener speaks plain HTTP and may listen on loopback only, not on {address}"
    )]
    NotLoopback {
        /// The address.
        address: SocketAddr,
    },
    /// An inherited socket is unusable.
    #[error("the socket inherited for the {listener} listener cannot be used")]
    Inherited {
        /// The listener.
        listener: &'static str,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// Certificate files are unusable.
    #[error("the certificates of the {listener} listener cannot be used")]
    Tls {
        /// The listener.
        listener: &'static str,
        /// Which file, and why.
        #[source]
        source: TlsLoadError,
    },
    /// No listener is configured.
    #[error("no listener is configured")]
    Nothing,
}

/// Bound sockets with loaded certificates, ready to serve.
pub struct Bound {
    doors: Vec<Door>,
    reload: Arc<Notify>,
    counters: Arc<EdgeCounters>,
}

/// One listener, bound.
struct Door {
    kind: ListenerKind,
    sockets: Vec<(StdListener, SocketAddr)>,
    tls: Option<Arc<TlsSource>>,
    hosts: Arc<Hosts>,
    /// Only for the redirect.
    https_port: u16,
}

/// Binds and serves until told to stop.
///
/// # Errors
/// As [`Listeners::bind`].
pub async fn serve(
    listeners: Listeners,
    app: Arc<dyn App>,
    limits: EdgeLimits,
    stop: watch::Receiver<bool>,
) -> Result<(), EdgeError> {
    listeners.bind(&limits)?.serve(app, limits, stop).await
}

impl Listeners {
    /// Binds every address and loads every certificate.
    ///
    /// # Errors
    /// The first thing that cannot be had.
    pub fn bind(self, limits: &EdgeLimits) -> Result<Bound, EdgeError> {
        let mut doors = Vec::new();
        if let Some(demo) = self.demo {
            for place in &demo.places {
                loopback_only(place)?;
            }
            doors.push(Door::bind(ListenerKind::Demo, demo.places, None, demo.hosts, limits)?);
        }
        if let Some(public) = self.public {
            let tls = load(ListenerKind::Public, public.tls, None)?;
            doors.push(Door::bind(
                ListenerKind::Public,
                public.places,
                Some(tls),
                public.hosts,
                limits,
            )?);
        }
        if let Some(machine) = self.machine {
            let tls = load(ListenerKind::Machine, machine.tls, Some(machine.clients))?;
            doors.push(Door::bind(
                ListenerKind::Machine,
                machine.places,
                Some(tls),
                machine.hosts,
                limits,
            )?);
        }
        if let Some(redirect) = self.redirect {
            let door =
                Door::bind(ListenerKind::Redirect, redirect.places, None, redirect.hosts, limits)?;
            doors.push(Door { https_port: redirect.https_port, ..door });
        }
        if doors.iter().all(|door| door.sockets.is_empty()) {
            return Err(EdgeError::Nothing);
        }
        Ok(Bound { doors, reload: Arc::new(Notify::new()), counters: self.counters })
    }
}

fn loopback_only(place: &Place) -> Result<(), EdgeError> {
    let inherited = |source| EdgeError::Inherited { listener: ListenerKind::Demo.name(), source };
    let address = match place {
        Place::Address(address) => *address,
        Place::Inherited(socket) => socket.local_addr().map_err(inherited)?,
    };
    if address.ip().is_loopback() { Ok(()) } else { Err(EdgeError::NotLoopback { address }) }
}

fn load(
    kind: ListenerKind,
    files: TlsFiles,
    trust: Option<ClientTrust>,
) -> Result<Arc<TlsSource>, EdgeError> {
    let source = TlsSource::load(files, trust)
        .map_err(|source| EdgeError::Tls { listener: kind.name(), source })?;
    Ok(Arc::new(source))
}

impl Door {
    fn bind(
        kind: ListenerKind,
        places: Vec<Place>,
        tls: Option<Arc<TlsSource>>,
        hosts: Hosts,
        limits: &EdgeLimits,
    ) -> Result<Self, EdgeError> {
        let listener = kind.name();
        let mut sockets = Vec::new();
        for place in places {
            let socket =
                match place {
                    Place::Address(address) => listen(address)
                        .map_err(|source| EdgeError::Bind { address, listener, source })?,
                    Place::Inherited(socket) => socket.into(),
                };
            let inherited = |source| EdgeError::Inherited { listener, source };
            // Accepted connections take this over from the listening socket.
            socket.set_send_buffer_size(limits.socket_send_buffer_bytes).map_err(inherited)?;
            socket.set_nonblocking(true).map_err(inherited)?;
            let socket = StdListener::from(socket);
            let address = socket.local_addr().map_err(inherited)?;
            sockets.push((socket, address));
        }
        Ok(Self { kind, sockets, tls, hosts: Arc::new(hosts), https_port: 443 })
    }

    fn app(&self, app: &Arc<dyn App>) -> Arc<dyn App> {
        match self.kind {
            ListenerKind::Redirect => {
                Arc::new(Redirect { hosts: Arc::clone(&self.hosts), https_port: self.https_port })
            }
            ListenerKind::Public | ListenerKind::Machine | ListenerKind::Demo => Arc::clone(app),
        }
    }
}

fn listen(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    // A restart must not wait for connections of the last run to be forgotten.
    socket.set_reuse_address(true)?;
    if address.is_ipv6() {
        // So that 0.0.0.0 and [::] can stand side by side whatever the host's setting is.
        socket.set_only_v6(true)?;
    }
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket)
}

impl Bound {
    /// Where a listener really listens.
    #[must_use]
    pub fn addresses(&self, kind: ListenerKind) -> Vec<SocketAddr> {
        let doors = self.doors.iter().filter(|door| door.kind == kind);
        doors.flat_map(|door| door.sockets.iter().map(|(_, address)| *address)).collect()
    }

    /// `notify_one` on it has the certificate files looked at now, as SIGHUP should.
    #[must_use]
    pub fn reload_handle(&self) -> Arc<Notify> {
        Arc::clone(&self.reload)
    }

    /// Serves until `stop` becomes true or its sender is dropped, then lets answers in flight finish.
    ///
    /// # Errors
    /// A socket cannot be watched by the runtime.
    pub async fn serve(
        self,
        app: Arc<dyn App>,
        limits: EdgeLimits,
        stop: watch::Receiver<bool>,
    ) -> Result<(), EdgeError> {
        let limits = Arc::new(limits);
        let hard_stop = watch::Sender::new(false);
        let tasks = Tasks::default();
        let mut sources = Vec::new();
        for door in self.doors {
            let counters = Arc::clone(self.counters.lane(door.kind));
            if let Some(source) = &door.tls {
                counters.certificate_expires(source.expires_unix_seconds().unwrap_or(0));
                sources.push((door.kind, Arc::clone(source), Arc::clone(&counters)));
            }
            let lane = Arc::new(Lane {
                kind: door.kind,
                app: door.app(&app),
                tls: door.tls,
                hosts: door.hosts,
                slots: Arc::new(Semaphore::new(slots(door.kind, &limits))),
                limits: Arc::clone(&limits),
                counters,
                tasks: tasks.clone(),
                stop: stop.clone(),
                hard_stop: hard_stop.subscribe(),
                addresses: Arc::default(),
            });
            for (socket, address) in door.sockets {
                let socket = TcpListener::from_std(socket).map_err(|source| EdgeError::Bind {
                    address,
                    listener: door.kind.name(),
                    source,
                })?;
                tasks.spawn(accept_until_stop(socket, Arc::clone(&lane)));
            }
        }
        let poll = limits.reload_poll;
        tasks.spawn(reload_until_stop(sources, self.reload, poll, stop.clone()));

        stopping(stop).await;
        if timeout(limits.stop_grace, tasks.finished()).await.is_err() {
            tracing::warn!(
                running = tasks.running(),
                "connections did not finish in time and are dropped"
            );
            hard_stop.send_replace(true);
            timeout(Duration::from_secs(DROP_SECONDS), tasks.finished()).await.ok();
        }
        Ok(())
    }
}

fn slots(kind: ListenerKind, limits: &EdgeLimits) -> usize {
    match kind {
        ListenerKind::Public | ListenerKind::Demo => limits.connections_max,
        ListenerKind::Machine => limits.machine_connections_max,
        ListenerKind::Redirect => limits.redirect_connections_max,
    }
}
