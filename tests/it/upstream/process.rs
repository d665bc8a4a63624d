//! `snapwise upstream-sim` as a program.

use crate::support::app::PATIENCE;
use crate::support::upstream::Upstream;
use crate::support::upstream::simulator;
use crate::upstream::HELLO;
use serde_json::Value;
use serde_json::json;
use snapwise::exchange::Document;
use snapwise::simulator::Catalogue;
use snapwise::simulator::Failure;
use snapwise::simulator::Faults;
use snapwise::simulator::Kind;
use snapwise::simulator::start;
use snapwise::upstream::Client;
use snapwise::upstream::Info;
use snapwise::upstream::Options;
use snapwise::upstream::Store;
use snapwise::upstream::Trouble;
use std::time::Instant;

#[test]
fn it_answers_on_loopback_alone() {
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:80"] {
        let output = simulator(&["--listen", address, "--snaps", "1"]).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("loopback addresses only"), "{said}");
    }
}

#[test]
fn it_goes_when_it_is_told() {
    assert!(Upstream::start(1).interrupt().success());
}

#[test]
fn what_it_cannot_do_it_says_at_once() {
    for (arguments, word) in [
        (["--error-rate", "2"], "from 0 to 1"),
        (["--faults", "{\"fail\": {\"search\": \"sulk\"}}"], "sulk"),
        (["--faults", "{\"latency\": 3}"], "latency"),
        (["--file", "/nonexistent.jsonl"], "/nonexistent.jsonl"),
    ] {
        let output = simulator(&arguments).output().unwrap();
        assert!(!output.status.success());
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains(word), "{arguments:?}: {said}");
    }
}

#[tokio::test]
async fn it_shows_the_snaps_of_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("snaps.jsonl");
    let listing = snapwise::exchange::generate(3, 7).nth(2).unwrap();
    let document = serde_json::to_string(&Document::of(&listing)).unwrap();
    std::fs::write(&path, format!("{document}\nnot a document\n")).unwrap();
    let upstream = Upstream::with(&["--file", path.to_str().unwrap()]);
    let page = Store::new(&upstream.client()).search_page(1).await.unwrap();
    assert!(!page.has_next);
    assert_eq!(page.listed.len(), 1);
    assert_eq!(page.listed[0].id, listing.id);
    let info = Store::new(&upstream.client()).info(&listing.name, None).await.unwrap();
    let Info::Document { bytes, .. } = info else { panic!("{info:?}") };
    // As a public store tells it: nothing of the past.
    let said: Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!((said.get("releases"), said.get("stores")), (None, None));
}

#[tokio::test]
async fn faults_are_set_at_the_start_and_while_it_runs() {
    let upstream = Upstream::with(&[
        "--snaps",
        "3",
        "--latency-ms",
        "1",
        "--faults",
        &json!({"fail": {"search": "500"}}).to_string(),
    ]);
    let store = Store::new(&upstream.client());
    assert!(store.search_page(1).await.is_err());
    let faults = upstream.tell("GET", "/_sim/faults", "").await.json();
    assert_eq!((&faults["latency_ms"], &faults["fail"]["search"]), (&json!(1), &json!("500")));
    upstream.set(json!({"vanished": [HELLO]})).await;
    let page = store.search_page(1).await.unwrap();
    assert!(!page.listed.is_empty() && page.listed[0].name.as_str() != HELLO);
    let bad = upstream.tell("PUT", "/_sim/faults", "{\"fail\": {\"everything\": \"500\"}}").await;
    assert_eq!(bad.status, 400);
}

#[tokio::test]
async fn it_runs_inside_a_process_too() {
    let now = "2026-11-21T00:00:00Z".parse().unwrap();
    let catalogue = Catalogue::generate(2, 1, now);
    let listen = "127.0.0.1:0".parse().unwrap();
    let simulator = start(listen, catalogue, Faults::default(), now).await.unwrap();
    let store_url = format!("http://{}", simulator.address());
    let metrics_url = store_url.clone();
    let publisher_url = store_url.clone();
    let options =
        Options { store_url, metrics_url, publisher_url, attempts: 1, ..Options::default() };
    let store = Store::new(&Client::new(options).unwrap());
    assert_eq!(store.search_page(1).await.unwrap().listed.len(), 2);
    let fail = [(Kind::Search, Some(Failure::Broken))].into();
    simulator.set(Faults { fail, ..Faults::default() });
    assert_eq!(*store.search_page(1).await.unwrap_err().trouble(), Trouble::Status(500));
    drop(simulator);
    let since = Instant::now();
    while *store.search_page(1).await.unwrap_err().trouble() != Trouble::Unreachable {
        assert!(since.elapsed() < PATIENCE, "it goes on after it was dropped");
    }
}
