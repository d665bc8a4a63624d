//! What fails now and may go well the next time is tried again, and nothing for ever.

use crate::support::upstream::Upstream;
use crate::upstream::HELLO;
use crate::upstream::KINDS;
use crate::upstream::ask;
use crate::upstream::failing;
use serde_json::json;
use snapwise::simulator::Kind;
use snapwise::upstream::Client;
use snapwise::upstream::Options;
use snapwise::upstream::Store;
use snapwise::upstream::Trouble;
use std::time::Duration;
use std::time::Instant;
use tonic::Code;

/// In a hurry, but not so much that a busy machine looks like a hanging service.
const TIMEOUT: Duration = Duration::from_secs(2);

fn name(kind: Kind) -> String {
    serde_json::to_value(kind).unwrap().as_str().unwrap().to_owned()
}

/// What passes: every kind, failing twice in this way, succeeds the third time.
async fn passes(failure: &str, kinds: &[Kind]) {
    let upstream = Upstream::start(20);
    let client = Client::new(Options { timeout: TIMEOUT, ..upstream.options() }).unwrap();
    let mut faults = failing(kinds, failure);
    faults["fail_first"] = json!(2);
    upstream.set(faults).await;
    let tasks: Vec<_> = kinds
        .iter()
        .map(|kind| (*kind, client.clone()))
        .map(|(kind, client)| (kind, tokio::spawn(async move { ask(&client, kind).await })))
        .collect();
    for (kind, task) in tasks {
        let done = task.await.unwrap();
        done.unwrap_or_else(|error| panic!("{failure}, {kind:?}: {error}"));
    }
    let counts = upstream.counts().await;
    for kind in kinds {
        assert_eq!(counts[name(*kind)], 3, "{failure}, {kind:?}");
    }
}

/// The kinds whose answers have a body.
fn with_body() -> Vec<Kind> {
    KINDS.into_iter().filter(|kind| *kind != Kind::Publish).collect()
}

#[tokio::test]
async fn errors_of_the_server_pass() {
    passes("500", &KINDS).await;
}

#[tokio::test]
async fn pages_for_people_pass() {
    passes("html", &with_body()).await;
}

#[tokio::test]
async fn answers_that_are_cut_short_pass() {
    passes("truncated", &with_body()).await;
    passes("half", &with_body()).await;
}

#[tokio::test]
async fn silence_passes() {
    passes("hang", &KINDS).await;
}

#[tokio::test]
async fn too_many_requests_pass() {
    passes("429", &KINDS).await;
}

#[tokio::test]
async fn what_does_not_pass_is_told_after_so_many_attempts() {
    let upstream = Upstream::start(20);
    let timeout = Duration::from_millis(300);
    let hurried = Client::new(Options { timeout, ..upstream.options() }).unwrap();
    let patient = upstream.client();
    for (failure, over_http, over_grpc, n_attempts) in [
        ("500", Trouble::Status(500), Trouble::Rpc(Code::Internal), 3),
        ("429", Trouble::Status(429), Trouble::Rpc(Code::ResourceExhausted), 3),
        ("html", Trouble::NotJson, Trouble::Rpc(Code::Internal), 3),
        ("truncated", Trouble::CutShort, Trouble::Rpc(Code::Unknown), 3),
        ("hang", Trouble::Slow, Trouble::Slow, 3),
        ("401", Trouble::Unauthorized(401), Trouble::Unauthorized(401), 1),
    ] {
        for kind in [Kind::Search, Kind::Info, Kind::Metrics, Kind::Ratings] {
            upstream.clear().await;
            // The log-in is let through, so that the ratings themselves fail.
            let mut faults = failing(&[kind], failure);
            faults["fail"]["login"] = json!(null);
            upstream.set(faults).await;
            let client = if failure == "hang" { &hurried } else { &patient };
            let error = ask(client, kind).await.expect_err(failure);
            let expected = if kind == Kind::Ratings { &over_grpc } else { &over_http };
            assert_eq!(error.trouble(), expected, "{failure}, {kind:?}: {error}");
            assert_eq!(upstream.counts().await[name(kind)], n_attempts, "{failure}, {kind:?}");
        }
    }
}

#[tokio::test]
async fn a_service_that_is_gone_is_told_as_such() {
    let mut upstream = Upstream::start(5);
    let client = upstream.client();
    ask(&client, Kind::Search).await.unwrap();
    ask(&client, Kind::Ratings).await.unwrap();
    upstream.end();
    for kind in KINDS {
        let error = ask(&client, kind).await.unwrap_err();
        assert_eq!(*error.trouble(), Trouble::Unreachable, "{kind:?}: {error}");
        assert!(error.to_string().contains(&upstream.address), "{error}");
    }
}

#[tokio::test]
async fn a_service_says_how_long_to_wait_within_bounds() {
    let upstream = Upstream::start(5);
    let mut faults = failing(&[Kind::Search], "429");
    faults["fail_first"] = json!(1);
    faults["retry_after_s"] = json!(1);
    upstream.set(faults.clone()).await;
    let since = Instant::now();
    ask(&upstream.client(), Kind::Search).await.unwrap();
    assert!(since.elapsed() >= Duration::from_secs(1), "{:?}", since.elapsed());

    faults["retry_after_s"] = json!(86_400);
    upstream.set(faults).await;
    upstream.clear().await;
    let longest_pause = Duration::from_millis(50);
    let client = Client::new(Options { longest_pause, ..upstream.options() }).unwrap();
    let since = Instant::now();
    ask(&client, Kind::Search).await.unwrap();
    assert!((50..30_000).contains(&since.elapsed().as_millis()), "{:?}", since.elapsed());
    assert_eq!(upstream.counts().await["search"], 2);
}

#[tokio::test]
async fn a_wrong_address_loses_no_snap() {
    let upstream = Upstream::start(5);
    upstream.set(json!({"fail": {"info": "404"}})).await;
    let info = Store::new(&upstream.client()).info(&HELLO.parse().unwrap(), None).await;
    assert_eq!(*info.unwrap_err().trouble(), Trouble::Status(404));
}

#[tokio::test]
async fn a_page_over_and_over_is_not_read_for_ever() {
    let upstream = Upstream::start(5);
    upstream.set(json!({"fail": {"search": "repeat-page", "featured": "repeat-page"}})).await;
    let store = Store::new(&upstream.client());
    // Whoever lists all pages can tell by the snaps.
    let (first, later) = (store.search_page(1).await.unwrap(), store.search_page(7).await.unwrap());
    assert!(later.has_next && first.listed == later.listed);
    let error = store.featured().await.unwrap_err();
    assert!(matches!(error.trouble(), Trouble::Unexpected(_)), "{error}");
}

#[tokio::test]
async fn errors_here_and_there_pass_mostly() {
    let upstream = Upstream::start(20);
    upstream.set(json!({"error_rate": 0.2})).await;
    let client = Client::new(Options { attempts: 6, ..upstream.options() }).unwrap();
    for _ in 0..30 {
        ask(&client, Kind::Info).await.unwrap();
    }
    let n_requests = upstream.counts().await["info"].as_u64().unwrap();
    assert!(n_requests > 30, "{n_requests}");
}

#[test]
fn an_address_that_is_none_is_refused_at_once() {
    for url in ["", "store.example", "ftp://store.example", "http://"] {
        let options = Options { store_url: url.to_owned(), ..Options::default() };
        let error = Client::new(options).unwrap_err();
        assert!(matches!(error.trouble(), Trouble::Misconfigured(_)), "{url}: {error}");
    }
}
