//! What operators can count. Label values come from closed sets only, so nothing a caller sends can grow them.

use crate::catalogue::Generation;
use crate::http::route::Route;
use crate::http::store::FETCH_CODES;
use crate::http::store::Outcome;
use crate::ranking::Step;
use crate::refresh::Refusal;
use crate::snap::Instant;
use prometheus::Encoder;
use prometheus::Histogram;
use prometheus::HistogramOpts;
use prometheus::HistogramVec;
use prometheus::IntCounter;
use prometheus::IntCounterVec;
use prometheus::IntGauge;
use prometheus::IntGaugeVec;
use prometheus::Opts;
use prometheus::Registry;
use prometheus::TextEncoder;
use std::sync::atomic::AtomicI64;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Every status the server sends, with those it passes on.
const STATUSES: [u16; 24] = [
    200, 201, 202, 204, 206, 302, 304, 400, 401, 402, 403, 404, 405, 408, 409, 410, 413, 415, 416,
    429, 500, 502, 503, 504,
];
const WORDS: [&str; 4] = ["install", "download", "refresh", "fetch-assertions"];

/// Upper bounds in seconds: answers take microseconds, a stalled body up to the time-out.
const LATENCY_S: [f64; 12] =
    [25e-6, 50e-6, 100e-6, 250e-6, 500e-6, 1e-3, 2.5e-3, 5e-3, 10e-3, 50e-3, 0.5, 10.0];

/// The process's metrics.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: Vec<IntCounter>,
    latency: Vec<Histogram>,
    results: Vec<IntCounter>,
    n_in_flight: AtomicI64,
    in_flight: IntGauge,
    busy: IntCounter,
    connections: IntGauge,
    generation: IntGauge,
    published_s: IntGauge,
    age_s: IntGauge,
    snaps: IntGauge,
    reload: Histogram,
    reload_failures: IntCounter,
    spoilt: IntGauge,
    database_up: IntGauge,
    featured_s: IntGauge,
    featured_age_s: IntGauge,
    steps: Steps,
    dropped_log_lines: IntGauge,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// All at zero. Every child exists from the start, so counting needs no lookup and no lock.
    pub fn new() -> Self {
        let registry = Registry::new();
        let requests = counters(
            &registry,
            ("snapwise_http_requests_total", "Requests answered, by route and status."),
            ["route", "status"],
            Route::ALL
                .iter()
                .flat_map(|route| STATUSES.map(|status| (route.label(), status.to_string()))),
        );
        let options =
            HistogramOpts::new("snapwise_http_request_seconds", "Time to answer, by route.");
        let latency = HistogramVec::new(options.buckets(LATENCY_S.to_vec()), &["route"]);
        let latency = registered(&registry, latency);
        let latency =
            Route::ALL.iter().map(|route| latency.with_label_values(&[route.label()])).collect();
        let results = counters(
            &registry,
            ("snapwise_results_total", "Results of refresh answers, by action and outcome."),
            ["action", "outcome"],
            WORDS.iter().flat_map(|word| outcomes().map(|outcome| (*word, outcome.to_owned()))),
        );
        let gauge = |name: &str, help: &str| registered(&registry, IntGauge::new(name, help));
        let counter = |name: &str, help: &str| registered(&registry, IntCounter::new(name, help));
        let reload = HistogramOpts::new(
            "snapwise_catalogue_reload_seconds",
            "Time to load, build and publish a generation.",
        );
        let reload = reload.buckets(vec![0.005, 0.02, 0.1, 0.5, 1.0, 2.0, 5.0, 15.0, 60.0]);
        Self {
            requests,
            latency,
            results,
            n_in_flight: AtomicI64::new(0),
            in_flight: gauge("snapwise_http_in_flight", "Requests being answered."),
            busy: counter("snapwise_http_dropped_total", "Requests refused for want of room."),
            connections: gauge("snapwise_http_connections", "Open connections."),
            generation: gauge("snapwise_catalogue_generation", "Number of the generation served."),
            published_s: gauge(
                "snapwise_catalogue_published_timestamp_seconds",
                "When the generation served was published.",
            ),
            age_s: gauge("snapwise_catalogue_age_seconds", "Age of the generation served."),
            snaps: gauge("snapwise_catalogue_snaps", "Snaps in the generation served."),
            reload: registered(&registry, Histogram::with_opts(reload)),
            reload_failures: counter(
                "snapwise_catalogue_reload_failures_total",
                "Loads that failed; the last generation stayed in service.",
            ),
            spoilt: gauge(
                "snapwise_catalogue_spoilt_snaps",
                "Snaps left out of the last load for a broken record.",
            ),
            database_up: gauge("snapwise_database_up", "Whether the database answers."),
            featured_s: gauge(
                "snapwise_featured_timestamp_seconds",
                "When the store last said what it features; 0 for never.",
            ),
            featured_age_s: gauge(
                "snapwise_featured_age_seconds",
                "Age of the copy of what the store features; -1 when there is none.",
            ),
            steps: Steps::new(&registry),
            dropped_log_lines: gauge(
                "snapwise_log_lines_dropped",
                "Log lines dropped because the reader of the log was too slow.",
            ),
            registry,
        }
    }

    /// A request was answered.
    pub(super) fn answered(&self, route: Route, status: u16, took: Duration) {
        let place = STATUSES.iter().position(|known| *known == status);
        if let Some(place) = place {
            self.requests[route as usize * STATUSES.len() + place].inc();
        }
        self.latency[route as usize].observe(took.as_secs_f64());
    }

    /// The actions of a request got their results. Neighbours of one kind are counted at once: the counters are
    /// shared by all threads.
    pub(super) fn resulted(&self, results: &[Outcome]) {
        for same in results.chunk_by(|one, next| one == next) {
            let word = WORDS.iter().position(|word| *word == same[0].word);
            let what = outcomes().position(|known| known == same[0].what);
            if let (Some(word), Some(what)) = (word, what) {
                self.results[word * outcomes().count() + what].inc_by(same.len() as u64);
            }
        }
    }

    /// A request has begun; says how many are in flight with it.
    pub(super) fn begun(&self) -> i64 {
        self.n_in_flight.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// A request has ended.
    pub(super) fn ended(&self) {
        self.n_in_flight.fetch_sub(1, Ordering::Relaxed);
    }

    /// A request was refused for want of room.
    pub(super) fn dropped(&self) {
        self.busy.inc();
    }

    /// How many connections are open.
    pub(super) fn connections(&self) -> &IntGauge {
        &self.connections
    }

    /// A generation was published to the door.
    pub fn published(
        &self,
        generation: Generation,
        n_snaps: usize,
        n_spoilt: usize,
        took: Duration,
    ) {
        self.generation.set(generation.number);
        self.published_s.set(generation.published_at.microseconds() / 1_000_000);
        self.snaps.set(i64::try_from(n_snaps).unwrap_or(i64::MAX));
        self.spoilt.set(i64::try_from(n_spoilt).unwrap_or(i64::MAX));
        self.reload.observe(took.as_secs_f64());
    }

    /// A load failed.
    pub fn reload_failed(&self) {
        self.reload_failures.inc();
    }

    /// Whether the database answers.
    pub fn database_is(&self, up: bool) {
        self.database_up.set(i64::from(up));
    }

    /// Whether the database answered last.
    pub(super) fn database_is_up(&self) -> bool {
        self.database_up.get() == 1
    }

    /// How a step of the pipeline went: when it last ended well, and whether that was when it last ran.
    pub fn step_ended(&self, step: Step, succeeded_at: Option<Instant>, is_up: Option<bool>) {
        let seconds = succeeded_at.map_or(0, |instant| instant.microseconds() / 1_000_000);
        self.steps.succeeded_s[step as usize].set(seconds);
        self.steps.up[step as usize].set(is_up.map_or(-1, i64::from));
    }

    /// There is a copy of what the store features, as of that instant.
    pub fn featured_copied(&self, as_of: Instant) {
        self.featured_s.set(as_of.microseconds() / 1_000_000);
    }

    /// How many log lines were dropped so far.
    pub fn log_lines_dropped(&self, n: usize) {
        self.dropped_log_lines.set(i64::try_from(n).unwrap_or(i64::MAX));
    }

    /// Everything in the text format of Prometheus.
    pub(super) fn text(&self, now: Instant) -> Vec<u8> {
        let age_s = |since_s: i64| (now.microseconds() / 1_000_000 - since_s).max(0);
        let published_s = self.published_s.get();
        if published_s > 0 {
            self.age_s.set(age_s(published_s));
        }
        let age_or_none = |since_s: i64| if since_s > 0 { age_s(since_s) } else { -1 };
        self.featured_age_s.set(age_or_none(self.featured_s.get()));
        for (succeeded_s, gauge) in self.steps.succeeded_s.iter().zip(&self.steps.age_s) {
            gauge.set(age_or_none(succeeded_s.get()));
        }
        self.in_flight.set(self.n_in_flight.load(Ordering::Relaxed));
        let mut out = Vec::new();
        let families = self.registry.gather();
        TextEncoder::new()
            .encode(&families, &mut out)
            .expect("a buffer in memory takes every text");
        out
    }
}

fn outcomes() -> impl Iterator<Item = &'static str> {
    std::iter::once("offer").chain(Refusal::CODES).chain(FETCH_CODES)
}

/// How the steps of the pipeline went, in their order.
#[derive(Debug)]
struct Steps {
    succeeded_s: Vec<IntGauge>,
    age_s: Vec<IntGauge>,
    up: Vec<IntGauge>,
}

impl Steps {
    fn new(registry: &Registry) -> Self {
        Self {
            succeeded_s: of_steps(
                registry,
                "snapwise_pipeline_success_timestamp_seconds",
                "When a step of the pipeline last ended well; 0 for never.",
            ),
            age_s: of_steps(
                registry,
                "snapwise_pipeline_age_seconds",
                "Age of what a step of the pipeline last brought; -1 when it never did.",
            ),
            up: of_steps(
                registry,
                "snapwise_pipeline_up",
                "Whether a step of the pipeline ended well when it last ran; -1 when it never ran.",
            ),
        }
    }
}

/// A gauge for each step of the pipeline.
fn of_steps(registry: &Registry, name: &str, help: &str) -> Vec<IntGauge> {
    let gauges = registered(registry, IntGaugeVec::new(Opts::new(name, help), &["step"]));
    Step::ALL.iter().map(|step| gauges.with_label_values(&[step.as_str()])).collect()
}

fn counters<'l>(
    registry: &Registry,
    (name, help): (&str, &str),
    labels: [&str; 2],
    values: impl Iterator<Item = (&'l str, String)>,
) -> Vec<IntCounter> {
    let counters = registered(registry, IntCounterVec::new(Opts::new(name, help), &labels));
    values.map(|(one, other)| counters.with_label_values(&[one, &other])).collect()
}

fn registered<C: prometheus::core::Collector + Clone + 'static>(
    registry: &Registry,
    made: prometheus::Result<C>,
) -> C {
    let collector = made.expect("names and labels are literals that Prometheus takes");
    registry.register(Box::new(collector.clone())).expect("no two metrics have the same name");
    collector
}
