//! What every answer has: its headers, its coding, its allowed methods.

use crate::platform::DEVICE;
use crate::platform::INFO;
use crate::platform::REFRESH;
use crate::platform::SHELF;
use crate::platform::get;
use crate::platform::install;
use crate::platform::refresh;
use crate::platform::refused;
use crate::platform::sent;
use crate::support::app::Received;
use crate::support::app::TestApp;
use crate::support::raw::Raw;
use crate::support::raw::head;
use crate::support::scenario::folder;
use flate2::read::GzDecoder;
use serde_json::json;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::io::Read;

#[tokio::test]
async fn every_answer_says_who_gave_it_and_what_it_is() {
    let app = TestApp::start(SHELF).await;
    let without_device = |method: &str, path: &str| {
        let mut sent = sent(method, path, &[], "");
        sent.headers.clear();
        sent
    };
    let requests = [
        (refresh(install().to_string()), 200),
        (get(INFO), 200),
        (sent("POST", "/v2/cohorts", &[], r#"{"snaps":["lumen-notes"]}"#), 200),
        (refresh("{"), 400),
        (without_device("GET", INFO), 400),
        (sent("GET", INFO, &[("Snap-Device-Store", "nobody")], ""), 403),
        (get("/v2/snaps/info/no-such-snap"), 404),
        (get("/nowhere"), 404),
        (without_device("BREW", "/coffee"), 404),
        (without_device("BREW", REFRESH), 405),
        (without_device("OPTIONS", INFO), 405),
        (refresh(vec![b' '; 4 * 1_024 * 1_024 + 1]), 413),
    ];
    for (sent, status) in requests {
        let received = app.send(&sent).await;
        let place = format!("{} {}", sent.method, sent.path);
        assert_eq!(received.status, status, "{place}");
        assert_eq!(received.header("content-type"), Some("application/json"), "{place}");
        assert_eq!(received.header("snap-store-version"), Some("69"), "{place}");
        assert!(received.header("x-request-id").is_some_and(|id| !id.is_empty()), "{place}");
        let length = received.body.len().to_string();
        assert_eq!(received.header("content-length"), Some(length.as_str()), "{place}");
    }
}

#[tokio::test]
async fn other_methods_are_told_which_there_are() {
    let app = TestApp::start(SHELF).await;
    let posts =
        [REFRESH, "/snaps/refresh", "/v2/cohorts", "/v2/cohorts/"].map(|path| (path, "POST"));
    for (path, allow) in posts.into_iter().chain([(INFO, "GET, HEAD")]) {
        for method in ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "get", "ODD"] {
            if allow.split(", ").any(|allowed| allowed == method) {
                continue;
            }
            let received = app.send(&sent(method, path, &[], "")).await;
            refused(&received, 405, "method-not-allowed");
            assert_eq!(received.header("allow"), Some(allow), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    let app = TestApp::start(SHELF).await;
    let mut raw = Raw::connect(&app.public).await;
    for (path, status) in [(INFO, 200), ("/v2/snaps/info/no-such-snap", 404), ("/nowhere", 404)] {
        let whole = raw.ask(("GET", path), &DEVICE, b"").await.unwrap();
        raw.send(head("HEAD", path, &DEVICE)).await.unwrap();
        let head = raw.receive_head().await.unwrap();
        let told = |received: &Received| {
            let with_id = |(name, _): &&(String, String)| name != "x-request-id" && name != "date";
            received.headers.iter().filter(with_id).cloned().collect::<BTreeSet<_>>()
        };
        assert_eq!((head.status, told(&head)), (status, told(&whole)), "{path}");
    }
    // The connection is in step: no body came after the head.
    assert_eq!(raw.ask(("GET", INFO), &DEVICE, b"").await.unwrap().status, 200);
}

#[tokio::test]
async fn a_request_id_is_echoed_or_made() {
    let app = TestApp::start(SHELF).await;
    let of = async |value: &str| {
        let received = app.send(&sent("GET", INFO, &[("X-Request-Id", value)], "")).await;
        received.header("x-request-id").unwrap().to_owned()
    };
    let longest = "x".repeat(128);
    for good in ["a", "r-1", "7b0e!~{}", &longest] {
        assert_eq!(of(good).await, good);
    }
    let mut made = BTreeSet::new();
    let too_long = "x".repeat(129);
    for bad in ["", "two words", "t\tb", "caf\u{e9}", &too_long] {
        let id = of(bad).await;
        assert_ne!(id, bad);
        assert!(made.insert(id), "an id twice");
    }
    for _ in 0..50 {
        let received = app.send(&get(INFO)).await;
        assert!(made.insert(received.header("x-request-id").unwrap().to_owned()), "an id twice");
    }
    // Another process makes others.
    let other = TestApp::serve(&app.database_url, &[]);
    let received = other.send(&get(INFO)).await;
    assert!(!made.contains(received.header("x-request-id").unwrap()));
    // It is in refusals and in the log too.
    let received = app.send(&sent("POST", REFRESH, &[("X-Request-Id", "my-refusal")], "")).await;
    assert_eq!((received.status, received.header("x-request-id")), (400, Some("my-refusal")));
    app.log_with("my-refusal").await;
}

#[tokio::test]
async fn answers_are_compressed_when_accepted_and_worthwhile() {
    let app = TestApp::start(SHELF).await;
    let large = sent("GET", &format!("{INFO}?fields=description,download,version"), &[], "");
    let small = refresh(install().to_string());
    let plain = app.send(&large).await;
    assert!(plain.body.len() >= 1_400, "{} bytes are too few for this test", plain.body.len());
    assert_eq!(
        (plain.header("content-encoding"), plain.header("vary")),
        (None, Some("accept-encoding"))
    );
    let accepting = async |app: &TestApp, sent: &crate::support::app::Sent, value: &str| {
        let mut sent = sent.clone();
        sent.headers.push(("Accept-Encoding".to_owned(), value.to_owned()));
        // Not held against the spec, which speaks of bodies without a coding.
        crate::support::app::ask(&app.public, &sent).await.unwrap()
    };
    for value in ["gzip", "gzip, deflate, br", "*", "br;q=1.0, gzip;q=0.8"] {
        let packed = accepting(&app, &large, value).await;
        assert_eq!(packed.header("content-encoding"), Some("gzip"), "{value}");
        assert_eq!(packed.header("vary"), Some("accept-encoding"));
        assert!(packed.body.len() < plain.body.len());
        let mut body = Vec::new();
        GzDecoder::new(&packed.body[..]).read_to_end(&mut body).unwrap();
        assert_eq!(body, plain.body, "{value}");
    }
    for value in ["identity", "br", "gzip;q=0", ""] {
        let received = accepting(&app, &large, value).await;
        assert_eq!((received.header("content-encoding"), &received.body), (None, &plain.body));
    }
    // Too small to be worth it.
    let received = accepting(&app, &small, "gzip").await;
    assert_eq!(received.header("content-encoding"), None);
    assert_eq!(received.json()["results"][0]["snap"]["revision"], 10);

    let settings = [("SNAPWISE_COMPRESSION", "off")];
    let off = TestApp::with(Some(&folder().join(SHELF)), &settings).await;
    let received = accepting(&off, &large, "gzip").await;
    assert_eq!((received.header("content-encoding"), received.header("vary")), (None, None));
    assert_eq!(received.body, plain.body);
}

#[tokio::test]
async fn a_caller_that_waits_for_a_go_ahead_gets_it() {
    let app = TestApp::start(SHELF).await;
    let body = install().to_string();
    let length = body.len().to_string();
    let expecting: Vec<_> = DEVICE
        .iter()
        .copied()
        .chain([("Content-Length", length.as_str()), ("Expect", "100-continue")])
        .collect();
    let mut raw = Raw::connect(&app.public).await;
    raw.send(head("POST", REFRESH, &expecting)).await.unwrap();
    assert_eq!(raw.receive().await.unwrap().status, 100);
    raw.send(&body).await.unwrap();
    assert_eq!(raw.receive().await.unwrap().status, 200);
    // Where the body would not be read, the answer comes instead.
    let mut raw = Raw::connect(&app.public).await;
    raw.send(head("PUT", REFRESH, &expecting)).await.unwrap();
    refused(&raw.receive().await.unwrap(), 405, "method-not-allowed");
}

/// Odd characters are no fault of a text that nobody interprets: they come back as they were.
#[tokio::test]
async fn a_key_is_echoed_character_for_character() {
    let app = TestApp::start(SHELF).await;
    for key in ["", " ", "\0", "a\0b", "\u{7f}\u{1}\n\t", "\"\\/", "é😀\u{2028}", "../..", "null"]
    {
        let mut body = install();
        body["actions"][0]["instance-key"] = json!(key);
        let received = app.send(&refresh(body.to_string())).await;
        assert_eq!(received.json()["results"][0]["instance-key"], key);
        assert_eq!(received.json()["results"][0]["result"], "install");
    }
    for name in ["\0", "a\0", "lumen-notes\0", "Lumen-Notes", " lumen-notes", "é", "..", "%", "'--"]
    {
        let mut body = install();
        body["actions"][0]["name"] = json!(name);
        let received = app.send(&refresh(body.to_string())).await;
        assert_eq!(received.json()["results"][0]["error"]["code"], "name-not-found", "{name:?}");
        let path = name.bytes().fold("/v2/snaps/info/".to_owned(), |mut path, byte| {
            write!(path, "%{byte:02x}").unwrap();
            path
        });
        refused(&app.send(&get(&path)).await, 404, "resource-not-found");
    }
}
