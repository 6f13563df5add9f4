//! Everything a request may need, put together once at start.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    edge::EdgeCounters,
    kernel::{
        identity::{passkeys::Passkeys, sessions::Sessions},
        scratch::Scratch,
        store::{Fault, Store},
    },
    web::{
        Route, Service,
        i18n::{self, Catalogue, Texts},
        metrics::Metrics,
    },
    worker::Pool,
};

/// Texts of the web itself; services bring their own.
pub static WEB_TEXTS: Texts = Texts {
    pl: include_str!("texts/pl.ftl"),
    en: include_str!("texts/en.ftl"),
    uk: include_str!("texts/uk.ftl"),
};

/// One running commune.
pub struct House {
    pub store: Arc<Store>,
    pub scratch: Arc<Scratch>,
    pub sessions: Arc<Sessions>,
    pub passkeys: Passkeys,
    pub workers: Pool,
    pub texts: Arc<Catalogue>,
    pub services: Vec<&'static Service>,
    /// `https://` and host, as browsers see it.
    pub origin: String,
    pub edge: Arc<EdgeCounters>,
    pub metrics: Metrics,
    pub(in crate::web) routes: matchit::Router<Vec<&'static Route>>,
    /// Somebody can let others in: until then nothing but the first enrolment is served.
    pub(in crate::web) inhabited: std::sync::atomic::AtomicBool,
}

/// The parts of a house.
pub struct Parts {
    pub store: Arc<Store>,
    pub scratch: Arc<Scratch>,
    pub sessions: Arc<Sessions>,
    pub passkeys: Passkeys,
    pub workers: Pool,
    pub services: &'static [&'static Service],
    pub origin: String,
    pub edge: Arc<EdgeCounters>,
}

impl House {
    /// Puts the parts together and checks that the street is sound: routes and names do not clash.
    ///
    /// # Errors
    /// Two routes are the same, or a text is broken.
    pub fn new(parts: Parts) -> Result<Arc<House>, Fault> {
        let mut texts: Vec<&Texts> = vec![&i18n::UI, &WEB_TEXTS];
        texts.extend(parts.services.iter().map(|service| &service.texts));
        let mut by_path: BTreeMap<&'static str, Vec<&'static Route>> = BTreeMap::new();
        for route in parts.services.iter().flat_map(|service| service.all_routes()) {
            let here = by_path.entry(route.path).or_default();
            if here.iter().any(|other| other.method() == route.method()) {
                return Err(Fault::new(format!("{} {} is taken", route.method(), route.path)));
            }
            here.push(route);
        }
        let mut routes = matchit::Router::new();
        for (path, here) in by_path {
            routes.insert(path, here).map_err(Fault::new)?;
        }
        Ok(Arc::new(House {
            texts: Arc::new(Catalogue::new(&texts).map_err(Fault::new)?),
            services: parts.services.to_vec(),
            store: parts.store,
            scratch: parts.scratch,
            sessions: parts.sessions,
            passkeys: parts.passkeys,
            workers: parts.workers,
            origin: parts.origin,
            edge: parts.edge,
            metrics: Metrics::default(),
            routes,
            inhabited: std::sync::atomic::AtomicBool::new(false),
        }))
    }
}
