//! Certificates replaced without a restart: who looks at the files, and when.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{Notify, watch},
    time::sleep,
};

use super::{
    ListenerKind,
    connection::stopping,
    counters::LaneCounters,
    tls::{Reload, TlsSource},
};

/// A listener's TLS side and where its renewals are counted.
pub(super) type Source = (ListenerKind, Arc<TlsSource>, Arc<LaneCounters>);

/// Looks at the files of every listener now and then, and when told to.
pub(super) async fn reload_until_stop(
    sources: Vec<Source>,
    now: Arc<Notify>,
    poll: Duration,
    stop: watch::Receiver<bool>,
) {
    if sources.is_empty() {
        return;
    }
    loop {
        tokio::select! {
            () = stopping(stop.clone()) => return,
            () = now.notified() => {}
            () = sleep(poll) => {}
        }
        for (kind, source, counters) in &sources {
            let looked = Arc::clone(source);
            let Ok(reload) = tokio::task::spawn_blocking(move || looked.reload()).await else {
                continue;
            };
            match reload {
                Reload::Same => {}
                Reload::Replaced => {
                    counters.certificate_expires(source.expires_unix_seconds().unwrap_or(0));
                    tracing::info!(listener = kind.name(), "new certificates are in use");
                }
                Reload::Kept(error) => {
                    counters.reload_failed();
                    let error: &dyn std::error::Error = &error;
                    tracing::error!(
                        listener = kind.name(),
                        error,
                        "new certificates cannot be used; the old ones stay"
                    );
                }
            }
        }
    }
}
