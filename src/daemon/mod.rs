//! The daemon: opens the house, opens the doors, and closes both in order.

pub mod demo;
pub mod first_start;
pub mod scrub;
pub mod sweep;

use std::{path::PathBuf, sync::Arc, time::Duration};

use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
};

use crate::{
    config::Config,
    edge::{
        ClientTrust, EdgeLimits, Hosts, Listeners, MachineListener, Place, PublicListener,
        RedirectListener, TlsFiles,
    },
    kernel::{
        identity::{passkeys::Passkeys, people::Commune, sessions::Sessions},
        scratch::{Owner, Scratch},
        store::{
            Fault, FaultKind, Store,
            start::{self, StartReport, StoreSettings},
        },
    },
    services,
    web::{House, house::Parts},
    worker::Pool,
};

/// As long as a start waits for erasures that were cut short.
const ERASING_PATIENCE: Duration = Duration::from_secs(60);

/// What a house needs beside its data.
pub struct HouseSettings {
    /// The program that workers run: this one.
    pub program: PathBuf,
    pub data: PathBuf,
    /// As browsers see it.
    pub origin: String,
    pub store: StoreSettings,
    pub workers: usize,
    pub scrub: scrub::ScrubSettings,
    /// Arguments of the hidden worker verb.
    pub worker_args: Vec<&'static str>,
    pub listeners: Listeners,
    pub limits: EdgeLimits,
}

/// A house with its doors not yet open.
pub struct Opened {
    pub house: Arc<House>,
    pub store: Arc<Store>,
    pub report: StartReport,
    scrub: scrub::ScrubSettings,
    listeners: Listeners,
    limits: EdgeLimits,
}

/// Opens the store and puts the house together.
///
/// # Errors
/// The data directory is in use or damaged, or a worker cannot shut itself in.
pub fn open(settings: HouseSettings) -> Result<Opened, Fault> {
    let workers =
        Pool::start(&settings.program, &settings.worker_args, settings.workers).map_err(whole)?;
    let (store, report) = start::open(&settings.data, &services::kinds(), &settings.store)?;
    for seq in &report.damaged_text {
        tracing::error!(seq, "the text of an entry is damaged; 'ostoja log verify' says more");
    }
    let commune = store.view().get::<Commune>(&"commune".to_owned())?;
    let name = commune.as_ref().map_or("Ostoja", |commune| commune.name.as_str());
    let clock = settings.store.clock.clone();
    let scratch = Arc::new(Scratch::open(&settings.data, clock.clone())?);
    let sessions = Arc::new(Sessions::open(Arc::clone(&scratch), clock));
    finish_erasures(&store, &scratch, &sessions)?;
    let host = url::Url::parse(&settings.origin).map_err(Fault::new)?;
    let passkeys = Passkeys::new(host.host_str().unwrap_or_default(), &settings.origin, name)
        .map_err(Fault::new)?;
    let house = House::new(Parts {
        store: Arc::clone(&store),
        sessions,
        scratch,
        passkeys,
        workers,
        services: services::ALL,
        origin: settings.origin,
        edge: Arc::clone(&settings.listeners.counters),
    })?;
    let HouseSettings { scrub, listeners, limits, .. } = settings;
    Ok(Opened { house, store, report, scrub, listeners, limits })
}

/// Nothing is served before what was ordered to be erased is gone; but a disk that is full for a while is no
/// reason not to serve: then it goes on behind open doors, and `/healthz` says so.
fn finish_erasures(
    store: &Store,
    scratch: &Arc<Scratch>,
    sessions: &Arc<Sessions>,
) -> Result<(), Fault> {
    let (of_scratch, of_sessions) = (Arc::clone(scratch), Arc::clone(sessions));
    store.forget_with(Box::new(move |person| {
        of_sessions.end_all(person);
        of_scratch.forget(&Owner::Person(person))
    }));
    if !store.finish_erasures(ERASING_PATIENCE)? {
        tracing::error!("an erasure that was ordered is not finished; it is tried again");
    }
    Ok(())
}

impl Opened {
    /// Opens the doors and serves until SIGTERM or SIGINT, then finishes what is under way.
    ///
    /// # Errors
    /// A door cannot be opened.
    pub fn serve(
        self,
        ready: impl FnOnce(&[(&'static str, std::net::SocketAddr)]),
    ) -> Result<(), Fault> {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Fault::new)?;
        let Opened { house, store, scrub, listeners, limits, .. } = self;
        let sweeper = sweep::start(Arc::clone(&house))?;
        let scrubbing = scrub::start(Arc::clone(&store), scrub)?;
        let served = runtime.block_on(async {
            let bound = listeners.bind(&limits).map_err(whole)?;
            let doors: Vec<_> = [
                crate::edge::ListenerKind::Public,
                crate::edge::ListenerKind::Machine,
                crate::edge::ListenerKind::Redirect,
                crate::edge::ListenerKind::Demo,
            ]
            .into_iter()
            .flat_map(|kind| {
                bound.addresses(kind).into_iter().map(move |address| (kind.name(), address))
            })
            .collect();
            let (stop, stopped) = watch::channel(false);
            let reload = bound.reload_handle();
            let mut terminate = signal(SignalKind::terminate()).map_err(Fault::new)?;
            let mut interrupt = signal(SignalKind::interrupt()).map_err(Fault::new)?;
            let mut hangup = signal(SignalKind::hangup()).map_err(Fault::new)?;
            ready(&doors);
            let serving = bound.serve(house, limits, stopped);
            tokio::pin!(serving);
            loop {
                tokio::select! {
                    served = &mut serving => return served.map_err(whole),
                    _ = hangup.recv() => reload.notify_one(),
                    _ = terminate.recv() => { let _all_gone = stop.send(true); }
                    _ = interrupt.recv() => { let _all_gone = stop.send(true); }
                }
            }
        });
        scrubbing.stop();
        sweeper.stop();
        runtime.shutdown_timeout(Duration::from_secs(5));
        store.close();
        served
    }
}

/// Settings of a production daemon.
///
/// # Errors
/// A host name or path in the configuration cannot be used.
pub fn settings(config: &Config) -> Result<HouseSettings, Fault> {
    let hosts = || Hosts::new([config.host()]).map_err(Fault::new);
    let places =
        |listen: &[std::net::SocketAddr]| listen.iter().copied().map(Place::from).collect();
    let mut listeners = Listeners::default();
    if let Some(door) = &config.public {
        let tls = TlsFiles { chain: door.certificate.clone(), key: door.key.clone() };
        listeners.public =
            Some(PublicListener { places: places(&door.listen), tls, hosts: hosts()? });
    }
    if let Some(redirect) = &config.redirect {
        let https_port = config.origin.port_or_known_default().unwrap_or(443);
        listeners.redirect = Some(RedirectListener {
            places: places(&redirect.listen),
            hosts: hosts()?,
            https_port,
        });
    }
    if let Some(door) = &config.machine {
        let tls = TlsFiles { chain: door.certificate.clone(), key: door.key.clone() };
        let clients =
            ClientTrust { authority: door.authority.clone(), revoked: door.revoked.clone() };
        let hosts = Hosts::new(&door.hosts).map_err(Fault::new)?;
        listeners.machine =
            Some(MachineListener { places: places(&door.listen), tls, clients, hosts });
    }
    Ok(HouseSettings {
        program: program(),
        data: config.data.clone(),
        origin: config.origin_text(),
        store: StoreSettings::default(),
        workers: config.workers,
        scrub: scrub::ScrubSettings {
            repair_from: config.repair_from.clone(),
            ..scrub::ScrubSettings::default()
        },
        worker_args: vec!["worker"],
        listeners,
        limits: EdgeLimits::default(),
    })
}

/// This program, also after an upgrade replaced its file.
pub fn program() -> PathBuf {
    PathBuf::from("/proc/self/exe")
}

/// An error with its causes, on one line.
fn whole(error: impl std::error::Error) -> Fault {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        text.push_str(": ");
        text.push_str(&next.to_string());
        cause = next.source();
    }
    Fault::of(FaultKind::Device, text)
}
