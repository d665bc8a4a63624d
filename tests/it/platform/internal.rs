//! What operators ask, and what a server says that has no catalogue yet.
#![allow(clippy::float_cmp, reason = "counts and whole seconds are exact")]

use crate::platform::INFO;
use crate::platform::REFRESH;
use crate::platform::SHELF;
use crate::platform::assert_serves;
use crate::platform::get;
use crate::platform::install;
use crate::platform::metric;
use crate::platform::refresh;
use crate::platform::refused;
use crate::platform::sent;
use crate::support::app::Received;
use crate::support::app::TestApp;
use crate::support::app::ask;
use crate::support::app::snapwise;
use crate::support::database;
use crate::support::spec::Spec;
use crate::support::spec::members;
use serde_json::json;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

const INTERNAL: [&str; 4] = ["/health/live", "/health/ready", "/version", "/metrics"];

#[tokio::test]
async fn each_listener_has_its_own_routes() {
    let app = TestApp::start(SHELF).await;
    for path in INTERNAL {
        // The spec has these paths, at the other listener only.
        let received = ask(&app.public, &get(path)).await.unwrap();
        refused(&received, 404, "resource-not-found");
        assert_eq!(app.ask_operator(path).await.status, 200, "{path}");
        assert_eq!(app.ask_operator(&format!("{path}/")).await.status, 200, "{path}/");
        for (method, status) in [("HEAD", 200), ("POST", 405), ("DELETE", 405)] {
            let received = ask(&app.internal, &sent(method, path, &[], "")).await.unwrap();
            assert_eq!(received.status, status, "{method} {path}");
        }
    }
    for (method, path) in [("POST", REFRESH), ("POST", "/snaps/refresh"), ("GET", INFO)] {
        let received = ask(&app.internal, &sent(method, path, &[], "{}")).await.unwrap();
        refused(&received, 404, "resource-not-found");
    }
    assert_eq!(app.ask_operator("/health/live").await.json(), json!({"status": "alive"}));
    let version = app.ask_operator("/version").await.json();
    let expected =
        json!({"name": "snapwise", "store-version": 69, "version": env!("CARGO_PKG_VERSION")});
    assert_eq!(version, expected);
    let ready = app.ask_operator("/health/ready").await.json();
    assert_eq!((&ready["status"], &ready["database"]), (&json!("ready"), &json!("connected")));
    assert_eq!((&ready["generation"], &ready["snaps"]), (&json!(1), &json!(7)));
}

#[tokio::test]
async fn a_server_gets_ready_by_itself_once_the_database_is_migrated() {
    let database = database::database().await;
    let app = TestApp::serve_at_once(&database.url, &[]).await;
    assert_not_ready(&app).await;
    app.log_with("database is away").await;
    assert_not_ready(&app).await;
    let migrated = snapwise(&database.url, &["migrate"]).output().unwrap();
    assert!(migrated.status.success());
    app.wait_until_ready().await;
    // Nothing was ever imported: every snap is unknown, and that is an answer.
    let received = app.send(&refresh(install().to_string())).await;
    assert_eq!(received.json()["results"][0]["error"]["code"], "name-not-found");
    refused(&app.send(&get(INFO)).await, 404, "resource-not-found");
    let shelf = crate::support::scenario::folder().join(SHELF);
    app.run(&["catalogue", "import", shelf.to_str().unwrap()]).await;
    assert_serves(&app).await;
}

#[tokio::test]
async fn a_server_starts_without_a_database() {
    let nobody = "postgresql://nobody@127.0.0.1:1/nothing";
    let app = TestApp::serve_at_once(nobody, &[]).await;
    assert_not_ready(&app).await;
    app.log_with("database is away").await;
    assert_not_ready(&app).await;
    assert_eq!(metric(&app, "snapwise_database_up").await, Some(0.0));
    assert!(metric(&app, "snapwise_catalogue_reload_failures_total").await >= Some(1.0));
}

async fn assert_not_ready(app: &TestApp) {
    let ready = app.ask_operator("/health/ready").await;
    assert_eq!(ready.status, 503);
    let expected = json!({"database": "away", "generation": null, "published-at": null, "snaps": 0,
        "status": "starting"});
    assert_eq!(ready.json(), expected);
    let names = sent("POST", "/v2/cohorts", &[], r#"{"snaps":["lumen-notes"]}"#);
    for sent in [refresh(install().to_string()), refresh("{"), get(INFO), names] {
        let received = app.send(&sent).await;
        refused(&received, 503, "remote-service-unavailable");
        assert!(received.header("retry-after").is_some());
    }
    for path in ["/health/live", "/version", "/metrics"] {
        assert_eq!(app.ask_operator(path).await.status, 200, "{path}");
    }
    refused(&app.send(&get("/nowhere")).await, 404, "resource-not-found");
    refused(&app.send(&get(REFRESH)).await, 405, "method-not-allowed");
}

/// Whatever the specification lets a route answer has its counter; what is refused before it is a request has none.
#[tokio::test]
async fn every_status_of_every_route_is_counted() {
    let app = TestApp::start(SHELF).await;
    let text = String::from_utf8(app.ask_operator("/metrics").await.body).unwrap();
    let mut uncounted = Vec::new();
    for operation in Spec::load().operations() {
        for (status, _) in members(&operation.value["responses"]) {
            let labels = format!("route=\"{}\",status=\"{status}\"", operation.path);
            let counter = format!("snapwise_http_requests_total{{{labels}}}");
            if status != "431" && !text.contains(&counter) {
                uncounted.push(labels);
            }
        }
    }
    assert!(uncounted.is_empty(), "{}", uncounted.join("\n"));
}

/// A sample of the metrics: its name, its labels, its value.
type Sample = (String, BTreeMap<String, String>, f64);

async fn samples(app: &TestApp) -> Vec<Sample> {
    let text = String::from_utf8(app.ask_operator("/metrics").await.body).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let (series, value) = line.rsplit_once(' ').unwrap();
            let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
            let labels = labels.trim_end_matches('}').split(',').filter(|label| !label.is_empty());
            let labels = labels.map(|label| {
                let (label, value) = label.split_once('=').unwrap();
                (label.to_owned(), value.trim_matches('"').to_owned())
            });
            (name.to_owned(), labels.collect(), value.parse().unwrap())
        })
        .collect()
}

fn value(samples: &[Sample], name: &str, labels: &[(&str, &str)]) -> f64 {
    let wanted: BTreeMap<String, String> =
        labels.iter().map(|(label, value)| ((*label).to_owned(), (*value).to_owned())).collect();
    let found = samples.iter().find(|(known, labels, _)| known == name && *labels == wanted);
    found.unwrap_or_else(|| panic!("no {name} {labels:?}")).2
}

#[tokio::test]
async fn what_happens_is_counted() {
    let app = TestApp::start(SHELF).await;
    let before = samples(&app).await;
    let body = json!({
        "context": [{"instance-key": "one", "snap-id": "Nn4Qw8Er2Ty6Ui0Op3As7Df1Gh5Jk9Lz",
            "revision": 9, "tracking-channel": "stable"}],
        "actions": [
            {"action": "refresh", "instance-key": "one",
                "snap-id": "Nn4Qw8Er2Ty6Ui0Op3As7Df1Gh5Jk9Lz"},
            {"action": "install", "instance-key": "two", "name": "gridkit"},
            {"action": "install", "instance-key": "three", "name": "no-such-snap"},
            {"action": "download", "instance-key": "four", "name": "modular", "revision": 9999},
        ],
    });
    assert_eq!(app.send(&refresh(body.to_string())).await.status, 200);
    assert_eq!(app.send(&refresh("{")).await.status, 400);
    assert_eq!(app.send(&get(INFO)).await.status, 200);
    assert_eq!(app.send(&get("/nowhere")).await.status, 404);
    let after = samples(&app).await;
    let grown = |name: &str, labels: &[(&str, &str)]| {
        value(&after, name, labels) - value(&before, name, labels)
    };
    let requests = "snapwise_http_requests_total";
    let info = "/v2/snaps/info/{name}";
    for (route, status, n) in [
        (REFRESH, "200", 1.0),
        (REFRESH, "400", 1.0),
        (REFRESH, "413", 0.0),
        (info, "200", 1.0),
        ("unknown", "404", 1.0),
        ("/snaps/refresh", "200", 0.0),
    ] {
        assert_eq!(grown(requests, &[("route", route), ("status", status)]), n, "{route} {status}");
    }
    let seconds = "snapwise_http_request_seconds";
    assert_eq!(grown(&format!("{seconds}_count"), &[("route", REFRESH)]), 2.0);
    assert_eq!(grown(&format!("{seconds}_bucket"), &[("route", REFRESH), ("le", "+Inf")]), 2.0);
    assert!(grown(&format!("{seconds}_sum"), &[("route", REFRESH)]) > 0.0);
    for (action, outcome) in [
        ("refresh", "offer"),
        ("install", "offer"),
        ("install", "name-not-found"),
        ("download", "revision-not-found"),
    ] {
        let labels = [("action", action), ("outcome", outcome)];
        assert_eq!(grown("snapwise_results_total", &labels), 1.0, "{labels:?}");
    }
    for (gauge, expected) in [
        ("snapwise_catalogue_generation", 1.0),
        ("snapwise_catalogue_snaps", 7.0),
        ("snapwise_catalogue_reload_seconds_count", 1.0),
        ("snapwise_http_in_flight", 0.0),
        ("snapwise_http_dropped_total", 0.0),
        ("snapwise_database_up", 1.0),
        ("snapwise_log_lines_dropped", 0.0),
    ] {
        assert_eq!(value(&after, gauge, &[]), expected, "{gauge}");
    }
    let age = value(&after, "snapwise_catalogue_age_seconds", &[]);
    assert!((0.0..600.0).contains(&age), "{age}");
    assert!(value(&after, "snapwise_catalogue_reload_seconds_sum", &[]) > 0.0);
}

/// What an operator may see of callers is what the house knows anyhow.
#[tokio::test]
async fn nothing_a_caller_sends_becomes_a_label() {
    let app = TestApp::start(SHELF).await;
    let before: BTreeSet<_> = series(&app).await;
    let odd = "odd-value-of-a-caller";
    let answered = |received: Received| assert!(received.status < 500, "{}", received.status);
    for n in 0..5 {
        let (path, method) = (format!("/{odd}-{n}"), format!("ODD{n}"));
        answered(app.send(&get(&path)).await);
        answered(app.send(&sent(&method, &path, &[], "")).await);
        answered(app.send(&sent(&method, REFRESH, &[], "")).await);
        answered(app.send(&get(&format!("/v2/snaps/info/{odd}-{n}"))).await);
        answered(app.send(&get(&format!("{INFO}?fields={odd}&architecture={odd}"))).await);
        let store = [("Snap-Device-Store", odd), ("User-Agent", odd), ("X-Request-Id", odd)];
        answered(app.send(&sent("GET", INFO, &store, "")).await);
        for action in ["install", "download", odd] {
            let body = json!({"context": [], "actions": [{"action": action, "instance-key": odd,
                "name": odd, "channel": odd, "cohort-key": odd}], "fields": [odd], odd: odd});
            answered(app.send(&refresh(body.to_string())).await);
        }
        answered(ask(&app.internal, &sent(&method, &path, &[], "")).await.unwrap());
    }
    let text = String::from_utf8(app.ask_operator("/metrics").await.body).unwrap();
    assert!(!text.contains(odd) && !text.contains("ODD"), "{text}");
    assert_eq!(series(&app).await, before, "no request may make a series");
    assert!(before.len() > 50, "{}", before.len());
}

async fn series(app: &TestApp) -> BTreeSet<(String, BTreeMap<String, String>)> {
    samples(app).await.into_iter().map(|(name, labels, _)| (name, labels)).collect()
}
