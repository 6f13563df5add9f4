//! A lane: one listener at work, from accepting a connection to handing it on, within the limits of its kind.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    time::sleep,
};

use super::{
    App, Cut, EdgeLimits, Hosts, ListenerKind, Tasks,
    addresses::{AddressPlace, Addresses},
    connection::{self, stopping},
    counters::LaneCounters,
    tls::TlsSource,
};

/// After a failed accept (out of descriptors): long enough for some to be given back.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// What the connections of one listener share.
pub(super) struct Lane {
    pub(super) kind: ListenerKind,
    pub(super) tls: Option<Arc<TlsSource>>,
    pub(super) hosts: Arc<Hosts>,
    pub(super) app: Arc<dyn App>,
    pub(super) limits: Arc<EdgeLimits>,
    pub(super) counters: Arc<LaneCounters>,
    pub(super) tasks: Tasks,
    pub(super) stop: watch::Receiver<bool>,
    pub(super) hard_stop: watch::Receiver<bool>,
    pub(super) slots: Arc<Semaphore>,
    pub(super) addresses: Arc<Addresses>,
}

/// Accepts until told to stop.
pub(super) async fn accept_until_stop(socket: TcpListener, lane: Arc<Lane>) {
    tokio::select! {
        () = accept(socket, &lane) => {}
        () = stopping(lane.stop.clone()) => {}
    }
}

async fn accept(socket: TcpListener, lane: &Arc<Lane>) {
    loop {
        // The slot is taken before accepting: while there is none, connections wait in the kernel at no cost of ours.
        let Ok(slot) = Arc::clone(&lane.slots).acquire_owned().await else { return };
        match socket.accept().await {
            Ok((tcp, address)) => admit(tcp, address, slot, lane),
            Err(error) => {
                tracing::warn!(listener = lane.kind.name(), %error, "cannot accept a connection");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

fn admit(tcp: TcpStream, address: SocketAddr, slot: OwnedSemaphorePermit, lane: &Arc<Lane>) {
    let Some(place) = lane.addresses.enter(address.ip(), lane.limits.connections_per_address_max)
    else {
        lane.counters.cut(Cut::AddressFull);
        return;
    };
    let open = Open::new(Arc::clone(&lane.counters), slot, place);
    let served = Arc::clone(lane);
    lane.tasks.spawn(async move {
        connection::serve(tcp, address, served).await;
        drop(open);
    });
}

/// An open connection's share of the limits, given back when dropped, also by a panic.
struct Open {
    counters: Arc<LaneCounters>,
    _slot: OwnedSemaphorePermit,
    _place: AddressPlace,
}

impl Open {
    fn new(counters: Arc<LaneCounters>, slot: OwnedSemaphorePermit, place: AddressPlace) -> Self {
        counters.opened();
        Self { counters, _slot: slot, _place: place }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.counters.closed();
    }
}
