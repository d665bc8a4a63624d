//! `GET /featured`: a copy that does not wait for the store, and tells nobody who chose.

use crate::relay::ADMIN;
use crate::relay::age_s;
use crate::relay::eventually;
use crate::relay::serve;
use crate::relay::with;
use crate::support::app::PATIENCE;
use crate::support::app::Received;
use crate::support::app::TestApp;
use crate::support::app::ask;
use crate::support::app::get;
use crate::support::app::sent;
use crate::support::database;
use crate::support::raw::Raw;
use crate::support::raw::head;
use crate::support::upstream::Upstream;
use flate2::read::GzDecoder;
use rustix::process::Pid;
use rustix::process::Signal;
use serde_json::Value;
use serde_json::json;
use snapwise::simulator::Snap;
use std::io::Read;
use std::time::Duration;
use std::time::Instant;

const PATH: &str = "/featured";

async fn listed(app: &TestApp) -> Received {
    eventually(app, PATH, |received| received.status == 200).await
}

fn ids(received: &Received) -> Vec<String> {
    let list = received.json();
    let ids = list.as_array().unwrap().iter().map(|snap| snap["snap_id"].as_str().unwrap());
    ids.map(str::to_owned).collect()
}

/// The ids of the first snaps there are.
fn some(n: u64) -> Vec<String> {
    Upstream::catalogue(n).snaps().map(|snap: &Snap| snap.id().to_string()).collect()
}

async fn choose(app: &TestApp, ids: &[String]) {
    let headers = [
        ("Authorization", &*format!("Bearer {ADMIN}")),
        ("Content-Type", "application/x-www-form-urlencoded"),
    ];
    let mut request = sent("POST", PATH, &headers);
    request.body = format!("snaps={}", ids.join("%2C")).into_bytes();
    assert_eq!(app.send(&request).await.status, 200);
}

async fn n_asked(upstream: &Upstream) -> u64 {
    upstream.counts().await["featured"].as_u64().unwrap()
}

#[tokio::test]
async fn the_list_is_shown_with_its_history_and_without_an_address() {
    let upstream = Upstream::start(30);
    let database = database::migrated().await;
    let store = snapwise::upstream::Store::new(&upstream.client());
    let stated = store.featured().await.unwrap();
    let first = stated[0]["snap_id"].as_str().unwrap().to_owned();
    let second = stated[1]["snap_id"].as_str().unwrap().to_owned();
    let client = database::connect(&database.url).await;
    let sql = "INSERT INTO featured_event (snap_id, featured_at, is_manual, reason) VALUES
        ($1, '2026-07-03T10:11:12.345678Z', true,
            '{\"actor\": \"editor@example.org\", \"nickname\": \"editor\"}'),
        ($1, '2026-07-03T10:11:12.345678Z', false, '{\"gates\": {\"by\": \"a@b.example\", \"n\": 1}}'),
        ($1, '2026-06-01T00:00:00Z', true, NULL),
        ($1, '2026-08-01T12:00:00+02:00', true, '{\"actor\": \"x\", \"nickname\": \"me@here.example\"}'),
        ($2, '2026-05-01T00:00:00Z', false, '{\"pool_rank\": 3}'),
        ('another', '2026-09-01T00:00:00Z', true, NULL)";
    client.execute(sql, &[&first, &second]).await.unwrap();
    let app = serve(&upstream, &database.url, &[]);
    let received = listed(&app).await;
    let list = received.json();
    assert_eq!(list.as_array().unwrap().len(), stated.len());
    let at = |at: &str, is_manual: bool, reason: Value| json!({"featured_at": at, "is_manual": is_manual, "selection_reason": reason});
    let told = "2026-07-03T10:11:12.345678";
    let history = json!([
        at("2026-08-01T10:00:00.000000", true, json!({})),
        at(told, false, json!({"gates": {"n": 1}})),
        at(told, true, json!({"nickname": "editor"})),
        at("2026-06-01T00:00:00.000000", true, Value::Null),
    ]);
    assert_eq!(list[0]["featured_history"], history);
    assert_eq!((&list[0]["is_manual"], &list[0]["selection_reason"]), (&json!(true), &json!({})));
    assert_eq!(list[1]["selection_reason"], json!({"pool_rank": 3}));
    assert_eq!(list[1]["is_manual"], json!(false));
    assert_eq!(list[2]["featured_history"], json!([]));
    assert_eq!((&list[2]["is_manual"], &list[2]["selection_reason"]), (&Value::Null, &Value::Null));
    for (shown, stated) in list.as_array().unwrap().iter().zip(&stated) {
        for (member, value) in stated {
            assert_eq!(&shown[member], value, "{member}");
        }
        let media = stated["media"].as_array().unwrap();
        let icon = media.iter().find(|media| media["type"] == "icon");
        let url = icon.map_or("", |icon| icon["url"].as_str().unwrap());
        assert_eq!(shown["icon_url"], url);
    }
    let body = String::from_utf8(received.body).unwrap();
    assert!(!body.contains('@') && !body.contains("actor"), "{body}");
    assert!(body.is_ascii() && body.ends_with("]\n"));
}

#[tokio::test]
async fn it_is_kept_compressed_and_read_from_any_origin() {
    let (_upstream, app) = with(Upstream::start(30), &[]).await;
    let plain = listed(&app).await;
    assert_eq!(plain.header("cache-control"), Some("public, max-age=60"));
    assert_eq!(plain.header("access-control-allow-origin"), Some("*"));
    assert!(age_s(&plain) < 60);
    let tag = plain.header("etag").unwrap();
    for path in [PATH, "/featured/"] {
        let known = [("If-None-Match", tag), ("Origin", "https://page.example")];
        let again = app.send(&sent("GET", path, &known)).await;
        assert_eq!((again.status, again.body.len()), (304, 0));
        let allowed = again.header("access-control-allow-origin");
        assert_eq!(allowed, Some("https://page.example"));
    }
    let zipped = ask(&app.public, &sent("GET", PATH, &[("Accept-Encoding", "gzip")])).await;
    let zipped = zipped.unwrap();
    assert_eq!(zipped.header("content-encoding"), Some("gzip"));
    let mut opened = Vec::new();
    GzDecoder::new(&zipped.body[..]).read_to_end(&mut opened).unwrap();
    assert_eq!(opened, plain.body);
    let head = app.send(&sent("HEAD", PATH, &[])).await;
    assert_eq!((head.status, head.header("etag")), (200, Some(tag)));
    assert_eq!(app.send(&sent("OPTIONS", PATH, &[])).await.status, 200);
    let wrong = app.send(&sent("DELETE", PATH, &[])).await;
    let allow = Some("GET, HEAD, OPTIONS, POST");
    assert_eq!((wrong.status, wrong.header("allow")), (405, allow));
}

#[tokio::test]
async fn no_request_asks_the_store_and_the_clock_does() {
    let (upstream, app) = with(Upstream::start(30), &[]).await;
    listed(&app).await;
    for _ in 0..20 {
        assert_eq!(get(&app, PATH).await.status, 200);
    }
    assert_eq!(n_asked(&upstream).await, 1);
    let database = database::migrated().await;
    let often = serve(&upstream, &database.url, &[("SNAPWISE_FEATURED_REFRESH_S", "1")]);
    let since = Instant::now();
    while n_asked(&upstream).await < 4 {
        assert!(since.elapsed() < PATIENCE);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // What is seen between two looks.
    assert!(age_s(&get(&often, PATH).await) <= 5);
}

#[tokio::test]
async fn while_the_store_is_away_the_last_copy_stays() {
    let settings = [("SNAPWISE_FEATURED_REFRESH_S", "1")];
    let (upstream, app) = with(Upstream::start(30), &settings).await;
    let before = listed(&app).await;
    for failure in ["500", "html", "401", "half", "repeat-page"] {
        upstream.set(json!({"fail": {"featured": failure}})).await;
        let since = Instant::now();
        let n = n_asked(&upstream).await;
        while n_asked(&upstream).await < n + 2 {
            assert!(since.elapsed() < PATIENCE);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let after = get(&app, PATH).await;
        assert_eq!((after.status, &after.body), (200, &before.body), "{failure}");
    }
    let old = eventually(&app, PATH, |received| age_s(received) >= 2).await;
    assert_eq!(old.header("etag"), before.header("etag"));
    let metrics = String::from_utf8(app.ask_operator("/metrics").await.body).unwrap();
    let age = metrics.lines().find_map(|line| line.strip_prefix("snapwise_featured_age_seconds "));
    assert!(age.unwrap().parse::<f64>().unwrap() >= 2.0, "{age:?}");
    upstream.set(json!({})).await;
    let log = app.log_with("the featured list is refreshed again").await;
    assert_eq!(log.matches("the featured list cannot be refreshed").count(), 1, "{log}");
    assert_eq!(log.matches("it is tried again").count(), 0, "{log}");
    eventually(&app, PATH, |received| age_s(received) <= 1).await;
}

#[tokio::test]
async fn a_database_that_is_away_takes_the_copy_from_nobody() {
    let settings = [("SNAPWISE_FEATURED_REFRESH_S", "1")];
    let (_upstream, app) = with(Upstream::start(30), &settings).await;
    let before = listed(&app).await;
    let client = database::connect(&app.database_url).await;
    client.batch_execute("ALTER TABLE featured_event RENAME TO elsewhere").await.unwrap();
    app.log_with("the featured list cannot be refreshed").await;
    assert_eq!(get(&app, PATH).await.body, before.body);
    client.batch_execute("ALTER TABLE elsewhere RENAME TO featured_event").await.unwrap();
    app.log_with("the featured list is refreshed again").await;
}

#[tokio::test]
async fn before_the_first_copy_it_is_not_known() {
    let hangs = Upstream::with(&["--snaps", "30", "--faults", r#"{"fail": {"featured": "hang"}}"#]);
    let (upstream, app) = with(hangs, &[]).await;
    let received = get(&app, PATH).await;
    let expected = json!({"error": "what is featured is not known yet"});
    assert_eq!((received.status, received.json()), (503, expected));
    assert_eq!(received.header("retry-after"), Some("1"));
    assert_eq!(received.header("access-control-allow-origin"), Some("*"));
    // Others are answered as ever.
    assert_eq!(get(&app, "/api/categories").await.status, 200);
    upstream.set(json!({})).await;
    listed(&app).await;
    let nobody = TestApp::with(None, &[]).await;
    assert_eq!(get(&nobody, PATH).await.status, 503);
}

#[tokio::test]
async fn a_choice_is_shown_at_once_on_every_server() {
    let (upstream, app) = with(Upstream::start(30), &[]).await;
    let other = serve(&upstream, &app.database_url, &[]);
    listed(&app).await;
    listed(&other).await;
    let chosen: Vec<String> = some(3).into_iter().rev().collect();
    choose(&app, &chosen).await;
    // A look in the middle of a choice sees the list before its history.
    let is_told = |received: &Received, ids: &[String], n_events: usize| {
        let list = received.json();
        self::ids(received) == ids
            && list[0]["featured_history"].as_array().is_some_and(|told| told.len() == n_events)
    };
    for server in [&app, &other] {
        let shown = eventually(server, PATH, |received| is_told(received, &chosen, 1)).await;
        let first = &shown.json()[0];
        assert_eq!(first["is_manual"], json!(true));
        assert_eq!(first["selection_reason"], json!({"nickname": "bob"}));
        assert!(!String::from_utf8_lossy(&shown.body).contains("actor"));
    }
    // Snaps that were featured before keep what is told of them.
    choose(&app, &chosen[..1]).await;
    eventually(&app, PATH, |received| is_told(received, &chosen[..1], 2)).await;
    assert!(!app.log().contains(crate::support::upstream::TOKEN));
}

#[tokio::test]
async fn a_server_that_is_told_to_go_looks_no_more() {
    let settings = [("SNAPWISE_FEATURED_REFRESH_S", "1"), ("SNAPWISE_DRAIN_TIMEOUT_S", "60")];
    let (upstream, mut app) = with(Upstream::start(30), &settings).await;
    listed(&app).await;
    // A request that is in flight holds the server.
    let mut busy = Raw::connect(&app.public).await;
    let head = head("POST", "/v2/snaps/refresh", &[("Content-Length", "2")]);
    busy.send(head).await.unwrap();
    busy.send("{").await.unwrap();
    let since = Instant::now();
    let in_flight = |text: &str| text.contains("snapwise_http_in_flight 1");
    while !in_flight(&String::from_utf8_lossy(&app.ask_operator("/metrics").await.body)) {
        assert!(since.elapsed() < PATIENCE);
    }
    let pid = Pid::from_raw(app.pid().try_into().unwrap()).unwrap();
    rustix::process::kill_process(pid, Signal::TERM).unwrap();
    app.log_with("told to go by SIGTERM").await;
    upstream.clear().await;
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    assert!(n_asked(&upstream).await <= 1, "the one that was under way");
    busy.send("}").await.unwrap();
    busy.receive().await.unwrap();
    drop(busy);
    assert!(app.wait().success());
}
