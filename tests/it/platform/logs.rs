//! The log: one line a request, for machines or people, and nothing in it that is nobody's business.

use crate::platform::INFO;
use crate::platform::REFRESH;
use crate::platform::SHELF;
use crate::platform::assert_serves;
use crate::platform::get;
use crate::platform::http2::H2;
use crate::platform::install;
use crate::platform::refresh;
use crate::platform::sent;
use crate::support::app::Sent;
use crate::support::app::TestApp;
use crate::support::database;
use crate::support::scenario::folder;
use serde_json::Value;
use serde_json::json;
use std::collections::BTreeSet;

fn lines(log: &str) -> Vec<Value> {
    log.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}")))
        .collect()
}

#[tokio::test]
async fn there_is_one_line_for_each_request() {
    let app = TestApp::start(SHELF).await;
    let body = json!({
        "context": [{"instance-key": "a", "snap-id": "Nn4Qw8Er2Ty6Ui0Op3As7Df1Gh5Jk9Lz",
            "revision": 9, "tracking-channel": "stable"}],
        "actions": [{"action": "install", "instance-key": "b", "name": "gridkit"},
            {"action": "install", "instance-key": "c", "name": "no-such-snap"}],
    });
    let named = |mut sent: Sent, id: &str| {
        sent.headers.push(("X-Request-Id".to_owned(), id.to_owned()));
        sent
    };
    let requests = [
        (named(refresh(body.to_string()), "first"), REFRESH, 200, (1, 2)),
        (named(refresh("{"), "second"), REFRESH, 400, (0, 0)),
        (named(get(&format!("{INFO}?fields=name")), "third"), "/v2/snaps/info/{name}", 200, (0, 0)),
        (named(get("/no/where"), "fourth"), "unknown", 404, (0, 0)),
        (named(get(REFRESH), "fifth"), REFRESH, 405, (0, 0)),
    ];
    for (sent, ..) in &requests {
        app.send(sent).await;
    }
    let log = lines(&app.log_with("fifth").await);
    let answered: Vec<_> = log.iter().filter(|line| line["route"].is_string()).collect();
    assert_eq!(answered.len(), requests.len());
    for ((sent, route, status, (n_context, n_results)), line) in requests.iter().zip(answered) {
        assert_eq!(line["request_id"], sent.headers.last().unwrap().1);
        assert_eq!((&line["level"], &line["route"]), (&json!("INFO"), &json!(route)));
        assert_eq!(line["status"], *status);
        assert_eq!(
            (&line["n_context"], &line["n_results"]),
            (&json!(n_context), &json!(n_results))
        );
        assert!(line["duration_us"].is_u64() && line["timestamp"].is_string(), "{line}");
        // A member more would be a place for something that is nobody's business.
        let members: BTreeSet<_> = line.as_object().unwrap().keys().map(String::as_str).collect();
        let known =
            ["duration_us", "level", "message", "n_context", "n_results", "request_id", "route"];
        assert_eq!(members, known.into_iter().chain(["status", "target", "timestamp"]).collect());
    }
}

/// Everything a device or its user might be known by, each marked so that it can be found.
fn telling() -> Vec<Sent> {
    let headers = [
        ("Authorization", "Macaroon root=\"marked-1\", discharge=\"marked-2\""),
        ("Snap-Device-Authorization", "Macaroon root=\"marked-3\""),
        ("X-Device-Authorization", "Macaroon root=\"marked-4\""),
        ("Cookie", "marked-5"),
        ("User-Agent", "marked-6"),
        ("Snap-Client-User-Agent", "marked-7"),
        ("Snap-Device-Location", "cloud-name=\"marked-8\""),
        ("X-Forwarded-For", "marked-9"),
        ("Snap-Accept-Delta-Format", "marked-10"),
        ("Snap-Device-Capabilities", "marked-11"),
        ("X-Marked-12", "marked-12"),
    ];
    let id = "marked00000000000000000000000013";
    let body = json!({
        "context": [{"instance-key": "marked-14", "snap-id": id, "revision": 1,
            "tracking-channel": "marked-15/stable", "cohort-key": "marked-16",
            "refreshed-date": "marked-17", "validation-sets": [["marked-18"]],
            "held": {"by": ["marked-19"]}, "marked-20": "marked-20"}],
        "actions": [
            {"action": "refresh", "instance-key": "marked-14", "snap-id": id,
                "cohort-key": "marked-21", "channel": "marked-22"},
            {"action": "install", "instance-key": "marked-23", "name": "marked-24",
                "tag": "marked-25", "snap-name": "marked-26"},
        ],
        "fields": ["marked-27"],
        "marked-28": "marked-28",
    });
    let mut bodies = vec![body.to_string(), "marked-29".to_owned(), "\"marked-30\"".to_owned()];
    for (place, wrong) in [
        ("/context/0/revision", json!("marked-31")),
        ("/context/0/epoch", json!("marked-32")),
        ("/context/0/ignore-validation", json!("marked-33")),
        ("/context/0/snap-id", json!({"marked-34": 1})),
        ("/actions/0/action", json!("marked-35")),
        ("/actions/0/snap-id", json!("marked-36")),
        ("/actions/0/instance-key", json!("marked-37".repeat(100))),
    ] {
        let mut body = body.clone();
        let (parent, member) = place.rsplit_once('/').unwrap();
        body.pointer_mut(parent).unwrap()[member] = wrong;
        bodies.push(body.to_string());
    }
    bodies.push(json!({"assertion-max-formats": {"marked-38": "marked-39"}}).to_string());
    let mut requests = Vec::new();
    for path in [REFRESH, "/snaps/refresh", "/v2/cohorts", "/marked-40"] {
        requests.extend(bodies.iter().map(|body| sent("POST", path, &headers, body.as_str())));
    }
    requests.push(sent("POST", "/v2/cohorts", &headers, r#"{"snaps":["marked-41"]}"#));
    requests.push(sent("POST", REFRESH, &[("Snap-Device-Store", "marked-42")], body.to_string()));
    for path in ["/v2/snaps/info/marked-43", "/v2/snaps/info/lumen-notes?architecture=marked-44"] {
        requests.push(sent("GET", path, &headers, ""));
    }
    for header in ["Snap-Device-Series", "Snap-Device-Architecture"] {
        let mut wrong = refresh("{}");
        wrong.headers.retain(|(name, _)| name != header);
        wrong.headers.push((header.to_owned(), "marked-45".to_owned()));
        requests.push(wrong);
    }
    requests.push(sent("MARKED-46", REFRESH, &[("X-Request-Id", "marked 47")], ""));
    requests
}

#[tokio::test]
async fn no_credential_and_no_identity_is_logged() {
    // At the last of them libraries speak too.
    for filter in ["info", "snapwise=trace", "trace"] {
        let settings = [("RUST_LOG", filter)];
        let app = TestApp::with(Some(&folder().join(SHELF)), &settings).await;
        for sent in telling() {
            let received = app.send(&sent).await;
            assert!(received.status < 500, "{}: {}", sent.path, received.status);
        }
        let mut h2 = H2::connect(&app.public).await;
        for sent in telling().into_iter().filter(|sent| !sent.method.starts_with("MARKED")) {
            let received = h2.ask(&sent).await;
            assert!(received.status < 500, "{}: {}", sent.path, received.status);
        }
        // A caller who breaks off is noted at debug level, with a cause.
        let mut raw = crate::support::raw::Raw::connect(&app.public).await;
        raw.send("POST / HTTP/1.1\r\nmarked-48 marked-49\r\n\r\n").await.unwrap();
        raw.rest().await;
        app.send(&sent("GET", INFO, &[("X-Request-Id", "the-last-one")], "")).await;
        let log = app.log_with("the-last-one").await.to_lowercase();
        let told: Vec<_> = log.lines().filter(|line| line.contains("marked")).collect();
        assert!(told.is_empty(), "at {filter}: {}", told.join("\n"));
        assert!(
            !log.contains("a secret for tests only"),
            "the cohort secret is logged at {filter}"
        );
        let strangers: Vec<_> = lines(&app.log())
            .into_iter()
            .filter(|line| !line["target"].as_str().unwrap().starts_with("snapwise::"))
            .collect();
        assert!(
            strangers.is_empty() || filter == "trace",
            "libraries log at {filter}: {strangers:?}"
        );
    }
}

#[tokio::test]
async fn the_filter_says_what_is_logged() {
    let database = database::migrated().await;
    let shelf = folder().join(SHELF);
    let arguments = ["catalogue", "import", shelf.to_str().unwrap()];
    let imported = crate::support::app::snapwise(&database.url, &arguments).output().unwrap();
    assert!(imported.status.success());
    // At `warn` a server that does well says nothing at all; it says so when the database is gone.
    let quiet = TestApp::serve_at_once(&database.url, &[("RUST_LOG", "warn")]).await;
    let partly = [("RUST_LOG", "info,snapwise::http=warn")];
    let partly = TestApp::serve_at_once(&database.url, &partly).await;
    for app in [&quiet, &partly] {
        app.wait_until_ready().await;
        assert_serves(app).await;
        app.send(&refresh("{")).await;
    }
    partly.log_with("\"ready\"").await;
    let drop_all = database::connect(&database.url).await;
    drop_all.batch_execute("DROP TABLE generation CASCADE").await.unwrap();
    drop_all.batch_execute("NOTIFY snapwise_catalogue").await.unwrap();
    for app in [&quiet, &partly] {
        let log = app.log_with("database is away").await;
        assert!(!log.contains("answered a request"), "{log}");
        assert_serves(app).await;
    }
    assert!(lines(&quiet.log()).iter().all(|line| line["level"] == "WARN"), "{}", quiet.log());
}

#[tokio::test]
async fn people_can_read_it_too() {
    let app = TestApp::start(SHELF).await;
    let text = [("SNAPWISE_LOG_FORMAT", "text")];
    let app = TestApp::serve_at_once(&app.database_url, &text).await;
    app.wait_until_ready().await;
    let request = sent("POST", REFRESH, &[("X-Request-Id", "for-people")], install().to_string());
    assert_eq!(app.send(&request).await.status, 200);
    let log = app.log_with("for-people").await;
    let line = log.lines().find(|line| line.contains("for-people")).unwrap();
    for part in
        ["INFO", "answered a request", "route=\"/v2/snaps/refresh\"", "status=200", "n_results=1"]
    {
        assert!(line.contains(part), "{part} is not in {line}");
    }
    assert!(!log.contains('\u{1b}'), "no colours where nobody sees them");
}
