//! Not too fast, not too many at once, and nothing without end.

use crate::support::upstream::Upstream;
use crate::upstream::HELLO;
use crate::upstream::ask;
use serde_json::json;
use snapwise::simulator::Kind;
use snapwise::upstream::Client;
use snapwise::upstream::Info;
use snapwise::upstream::Options;
use snapwise::upstream::Store;
use snapwise::upstream::Trouble;
use std::time::Duration;
use std::time::Instant;

/// Asks for a snap so many times at once, and waits for all answers.
async fn ask_at_once(client: &Client, n: usize) {
    let tasks: Vec<_> = (0..n)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { ask(&client, Kind::Info).await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn no_more_requests_begin_in_a_second_than_are_allowed() {
    let upstream = Upstream::start(5);
    let client = Client::new(Options { requests_per_s: 40, ..upstream.options() }).unwrap();
    let since = Instant::now();
    ask_at_once(&client, 30).await;
    // The first begins at once, and so do those for whom a tenth of a second was saved up.
    let least = Duration::from_millis(1_000 * (30 - 1 - 4) / 40);
    assert!(since.elapsed() >= least, "{:?}", since.elapsed());
}

#[tokio::test]
async fn no_more_requests_are_under_way_than_are_allowed() {
    let upstream = Upstream::start(5);
    upstream.set(json!({"latency_ms": 100})).await;
    let client = Client::new(Options { concurrency: 3, ..upstream.options() }).unwrap();
    ask_at_once(&client, 12).await;
    assert_eq!(upstream.counts().await["most-at-once"], 3);
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_not_taken() {
    let upstream = Upstream::start(30);
    let store = Store::new(&upstream.client());
    let Info::Document { bytes, .. } = store.info(&HELLO.parse().unwrap(), None).await.unwrap()
    else {
        panic!("it is there")
    };
    // Packed it would fit; what counts is what it becomes.
    let max_body_bytes = bytes.len() - 1;
    let client = Client::new(Options { max_body_bytes, ..upstream.options() }).unwrap();
    upstream.clear().await;
    for kind in [Kind::Info, Kind::Search] {
        let error = ask(&client, kind).await.unwrap_err();
        assert_eq!(*error.trouble(), Trouble::TooLarge(max_body_bytes), "{error}");
    }
    let counts = upstream.counts().await;
    assert_eq!((&counts["info"], &counts["search"]), (&json!(1), &json!(1)));
    let max_body_bytes = bytes.len();
    let client = Client::new(Options { max_body_bytes, ..upstream.options() }).unwrap();
    ask(&client, Kind::Info).await.unwrap();
}
