//! Metrics for Prometheus and a health answer, on the machine listener only.

use std::{
    sync::Arc,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use http::StatusCode;
use prometheus::{
    Encoder as _, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec,
    Opts, Registry, TextEncoder,
};

use crate::{
    edge::Answer,
    kernel::store::scrub::Figures,
    web::{House, Page, answer_body},
};

/// Counters of one house, in a registry of their own.
pub struct Metrics {
    registry: Registry,
    answers: IntCounterVec,
    seconds: HistogramVec,
    faults: IntCounter,
    entries: IntGauge,
    signed: IntGauge,
    lag: IntGauge,
    store: IntGaugeVec,
    scrub: IntGaugeVec,
    found: IntGaugeVec,
    edge: IntGaugeVec,
}

impl Default for Metrics {
    fn default() -> Metrics {
        let registry = Registry::new();
        let opts = |name: &str, help: &str| Opts::new(name, help);
        let made = (
            IntCounterVec::new(
                opts("ostoja_http_answers_total", "Answers by route and status."),
                &["route", "status"],
            ),
            HistogramVec::new(
                HistogramOpts::new(
                    "ostoja_http_answer_seconds",
                    "Time from a whole head to the answer.",
                )
                .buckets(vec![0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0]),
                &["route"],
            ),
            IntGaugeVec::new(opts("ostoja_store", "Figures of the store by name."), &["figure"]),
            IntGaugeVec::new(opts("ostoja_scrub", "Figures of the scrubber by name."), &["figure"]),
            IntGaugeVec::new(
                opts(
                    "ostoja_scrub_findings",
                    "What the scrubber found and could not mend, by verdict.",
                ),
                &["verdict"],
            ),
            IntGaugeVec::new(
                opts("ostoja_edge", "Figures of the edge by name, listener and reason."),
                &["figure", "listener", "reason"],
            ),
        );
        // The names above are constants; a wrong one fails the first test that makes a house.
        let (Ok(answers), Ok(seconds), Ok(store), Ok(scrub), Ok(found), Ok(edge)) = made else {
            unreachable!("metric names are constants")
        };
        let gauge = |name: &str, help: &str| {
            IntGauge::new(name, help).unwrap_or_else(|_| unreachable!("metric names are constants"))
        };
        let faults = IntCounter::new("ostoja_faults_total", "Requests that failed by our fault.")
            .unwrap_or_else(|_| unreachable!("metric names are constants"));
        let metrics = Metrics {
            answers,
            seconds,
            faults,
            entries: gauge("ostoja_journal_entries", "Durable entries."),
            signed: gauge(
                "ostoja_checkpoint_entries",
                "Entries under the newest signed checkpoint.",
            ),
            lag: gauge(
                "ostoja_index_lag_entries",
                "Durable entries that are not yet in the index.",
            ),
            store,
            scrub,
            found,
            edge,
            registry,
        };
        metrics.register();
        metrics
    }
}

impl Metrics {
    fn register(&self) {
        let all: [Box<dyn prometheus::core::Collector>; 10] = [
            Box::new(self.answers.clone()),
            Box::new(self.seconds.clone()),
            Box::new(self.faults.clone()),
            Box::new(self.entries.clone()),
            Box::new(self.signed.clone()),
            Box::new(self.lag.clone()),
            Box::new(self.store.clone()),
            Box::new(self.scrub.clone()),
            Box::new(self.found.clone()),
            Box::new(self.edge.clone()),
        ];
        for collector in all {
            if let Err(error) = self.registry.register(collector) {
                tracing::error!(%error, "a metric is not shown");
            }
        }
    }

    /// Counts an answer. The label is the route's pattern, never the path.
    pub fn answered(&self, route: &'static str, status: StatusCode, took: Duration) {
        self.answers.with_label_values(&[route, status.as_str()]).inc();
        self.seconds.with_label_values(&[route]).observe(took.as_secs_f64());
    }

    /// Counts a request that failed by our fault.
    pub fn fault(&self) {
        self.faults.inc();
    }

    fn text(&self, house: &House) -> Vec<u8> {
        let gauge = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
        self.entries.set(gauge(house.store.reader().length()));
        self.signed
            .set(gauge(house.store.log().current().map_or(0, |released| released.checkpoint.size)));
        self.lag.set(gauge(house.store.index_lag() as u64));
        let counters = &house.store.counters;
        for (figure, value) in [
            ("groups_total", &counters.groups),
            ("append_microseconds_total", &counters.syncs_us),
            ("overlay_keys", &counters.overlay_keys),
            ("index_faults_total", &counters.index_faults),
            ("sign_faults_total", &counters.sign_faults),
        ] {
            self.store.with_label_values(&[figure]).set(gauge(value.load(Ordering::Relaxed)));
        }
        self.scrubbed(&house.store.scrubbed);
        for sample in house.edge.samples() {
            self.edge
                .with_label_values(&[
                    sample.metric,
                    sample.listener,
                    sample.reason.unwrap_or_default(),
                ])
                .set(gauge(sample.value));
        }
        let mut out = Vec::new();
        if let Err(error) = TextEncoder::new().encode(&self.registry.gather(), &mut out) {
            tracing::error!(%error, "metrics were not written");
        }
        out
    }
}

impl Metrics {
    fn scrubbed(&self, figures: &Figures) {
        let gauge = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
        let of = |figure: &AtomicU64| figure.load(Ordering::Relaxed);
        for (figure, value) in [
            ("last_finished_timestamp_seconds", of(&figures.finished_ms) / 1_000),
            ("last_duration_seconds", of(&figures.took_ms) / 1_000),
            ("last_bytes", of(&figures.bytes)),
            ("last_entries", of(&figures.entries)),
            ("under_way", u64::from(figures.under_way.load(Ordering::Relaxed))),
            ("under_way_bytes", of(&figures.under_way_bytes)),
            ("under_way_entries", of(&figures.under_way_entries)),
            ("mended", of(&figures.mended)),
            ("failed_turns_total", of(&figures.failed)),
        ] {
            self.scrub.with_label_values(&[figure]).set(gauge(value));
        }
        for (verdict, count) in figures.found() {
            self.found.with_label_values(&[verdict.as_str()]).set(gauge(count));
        }
    }
}

/// What the machine listener answers.
pub async fn machine(house: &Arc<House>, path: &str) -> Answer {
    match path {
        "/metrics" => answer_body::page(Page::of(
            "text/plain; version=0.0.4; charset=utf-8",
            house.metrics.text(house),
        )),
        "/healthz" => {
            let asked = Arc::clone(house);
            // It tries the disk, so it may wait.
            let (status, text) = tokio::task::spawn_blocking(move || health(&asked))
                .await
                .unwrap_or((StatusCode::SERVICE_UNAVAILABLE, "unwell: health\n".to_owned()));
            answer_body::page(
                Page::of("text/plain; charset=utf-8", text.into_bytes()).status(status),
            )
        }
        _ => answer_body::page(
            Page::of("text/plain; charset=utf-8", b"not found\n".to_vec())
                .status(StatusCode::NOT_FOUND),
        ),
    }
}

/// Whether the house does its work now: entries are saved, the index follows, checkpoints are signed,
/// scratch takes a file, a worker stands ready. A request that failed once is no illness.
fn health(house: &House) -> (StatusCode, String) {
    let mut unwell = house.store.unwell();
    if !house.scratch.is_writable() {
        unwell.push("scratch");
    }
    if !house.workers.tend() {
        unwell.push("workers");
    }
    if unwell.is_empty() {
        (StatusCode::OK, format!("ok {} entries\n", house.store.reader().length()))
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, format!("unwell: {}\n", unwell.join(", ")))
    }
}
