//! What a caller may take: header and body sizes, time, and a place among the requests in flight.

use crate::platform::DEVICE;
use crate::platform::INFO;
use crate::platform::REFRESH;
use crate::platform::SHELF;
use crate::platform::assert_refresh_spec;
use crate::platform::assert_serves;
use crate::platform::get;
use crate::platform::install;
use crate::platform::metric;
use crate::platform::refresh;
use crate::platform::refused;
use crate::platform::stalled;
use crate::platform::wait_for_metric;
use crate::support::app::TestApp;
use crate::support::raw::Raw;
use crate::support::raw::head;
use crate::support::scenario::folder;
use serde_json::json;
use std::fmt::Write;
use std::time::Duration;
use std::time::Instant;

const MIB: usize = 1_024 * 1_024;

async fn with(settings: &[(&str, &str)]) -> TestApp {
    TestApp::with(Some(&folder().join(SHELF)), settings).await
}

#[tokio::test]
async fn floods_of_headers_are_refused_and_disturb_nobody() {
    let app = TestApp::start(SHELF).await;
    let mut neighbour = Raw::connect(&app.public).await;
    assert_eq!(neighbour.ask(("GET", INFO), &DEVICE, b"").await.unwrap().status, 200);
    let many = (0..200).fold(String::new(), |mut many, n| {
        write!(many, "X-Header-{n}: {n}\r\n").unwrap();
        many
    });
    let first = format!("GET {INFO} HTTP/1.1\r\nHost: test\r\nSnap-Device-Series: 16\r\n");
    for flood in [
        format!("{first}{many}\r\n"),
        format!("{first}X-Large: {}\r\n\r\n", "x".repeat(MIB)),
        format!("GET /{} HTTP/1.1\r\nHost: test\r\n\r\n", "x".repeat(MIB)),
        format!("{first}X-Endless: {}", "x".repeat(MIB)),
    ] {
        let mut raw = Raw::connect(&app.public).await;
        // The server may refuse, and close, before everything is sent.
        drop(raw.send(&flood).await);
        if let Ok(received) = raw.receive().await {
            assert!([400, 414, 431].contains(&received.status), "{}", received.status);
        }
        assert!(raw.rest().await.is_empty());
        assert_eq!(neighbour.ask(("GET", INFO), &DEVICE, b"").await.unwrap().status, 200);
    }
    // What snapd sends several times over is welcome.
    let several = (0..40).map(|n| format!("X-Header-{n}: {}\r\n", "x".repeat(200)));
    let mut raw = Raw::connect(&app.public).await;
    raw.send(format!("{first}{}\r\n", several.collect::<String>())).await.unwrap();
    assert_eq!(raw.receive().await.unwrap().status, 200);
}

#[tokio::test]
async fn a_body_over_the_limit_gets_an_answer_its_sender_can_read() {
    let app = TestApp::start(SHELF).await;
    // A good request filled up with spaces.
    let filled = |n: usize| {
        let mut body = install().to_string().into_bytes();
        body.resize(n, b' ');
        body
    };
    assert_eq!(app.send(&refresh(filled(4 * MIB))).await.status, 200);
    for n in [4 * MIB + 1, 5 * MIB, 12 * MIB] {
        let received = app.send(&refresh(filled(n))).await;
        let said = refused(&received, 413, "api-error");
        assert!(said[0]["message"].as_str().unwrap().contains("4194304"), "{said:?}");
    }
    // In chunks, whose sum nobody announced.
    let chunk = format!("{:x}\r\n{}\r\n", MIB, " ".repeat(MIB));
    let body = install().to_string();
    let first = format!("{:x}\r\n{body}\r\n", body.len());
    for (n_chunks, status) in [(3, 200), (4, 413), (6, 413)] {
        let mut raw = stalled(&app, &[("Transfer-Encoding", "chunked")]).await;
        raw.send(&first).await.unwrap();
        for _ in 0..n_chunks {
            raw.send(&chunk).await.unwrap();
        }
        raw.send("0\r\n\r\n").await.unwrap();
        let received = raw.receive().await.unwrap();
        assert_eq!(received.status, status, "{n_chunks} chunks");
        assert_refresh_spec(&received);
    }
    // A path or method that reads no body answers those who send one all the same.
    for (method, path, status) in [("POST", "/nowhere", 404), ("PUT", REFRESH, 405)] {
        let mut raw = Raw::connect(&app.public).await;
        let received = raw.ask((method, path), &DEVICE, &filled(60_000)).await.unwrap();
        assert_eq!(received.status, status);
    }
    assert_serves(&app).await;
}

#[tokio::test]
async fn a_body_that_breaks_off_is_refused() {
    let app = TestApp::start(SHELF).await;
    let body = install().to_string();
    // It is complete JSON, but not as long as was said.
    let length = (body.len() + 10).to_string();
    let mut half = stalled(&app, &[("Content-Length", &length)]).await;
    half.send(&body).await.unwrap();
    half.finish_sending().await;
    let received = half.receive().await;
    if let Ok(received) = received {
        refused(&received, 400, "api-error");
        assert_refresh_spec(&received);
    }
    assert!(half.rest().await.is_empty());
    // Chunks that are none.
    for garbage in ["zz\r\n{}\r\n0\r\n\r\n", "5\r\n{}", "ffffffffffffffffffff\r\n", "-1\r\n\r\n"] {
        let mut raw = stalled(&app, &[("Transfer-Encoding", "chunked")]).await;
        raw.send(garbage).await.unwrap();
        raw.finish_sending().await;
        if let Ok(received) = raw.receive().await {
            refused(&received, 400, "api-error");
        }
        assert!(raw.rest().await.is_empty(), "{garbage:?}");
    }
    // A whole request from a caller who then only listens.
    let length = body.len().to_string();
    let mut half = stalled(&app, &[("Content-Length", &length)]).await;
    half.send(&body).await.unwrap();
    half.finish_sending().await;
    assert_eq!(half.receive().await.unwrap().status, 200);
    wait_for_metric(&app, "snapwise_http_in_flight", 0.0).await;
    assert_serves(&app).await;
}

#[tokio::test]
async fn what_is_no_http_is_refused_and_let_go() {
    let app = TestApp::start(SHELF).await;
    for garbage in [
        "\0\0\0\0\r\n\r\n",
        "\x16\x03\x01\x02\x00\x01\x00\x01\u{fc}\x03\x03 a TLS client that missed its port",
        "GET\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: test\r\nbad header\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: test\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nthese are no frames of HTTP/2, as everybody can see",
    ] {
        let mut raw = Raw::connect(&app.public).await;
        raw.send(garbage).await.unwrap();
        raw.finish_sending().await;
        let said = raw.rest().await;
        let said = String::from_utf8_lossy(&said);
        assert!(!said.contains(" 200 ") && !said.contains(" 500 "), "{garbage:?}: {said}");
    }
    assert_serves(&app).await;
}

#[tokio::test]
async fn the_slow_are_given_up_and_nobody_waits_for_them() {
    let settings = [("SNAPWISE_BODY_TIMEOUT_S", "1"), ("SNAPWISE_HEADER_TIMEOUT_S", "1")];
    let app = with(&settings).await;
    // Slow bodies.
    let mut never = stalled(&app, &[("Content-Length", "100")]).await;
    let mut partly = stalled(&app, &[("Content-Length", "100")]).await;
    partly.send("{\"context\"").await.unwrap();
    assert_serves(&app).await;
    for raw in [&mut never, &mut partly] {
        let received = raw.receive().await.unwrap();
        refused(&received, 408, "request-timeout");
        assert_refresh_spec(&received);
        assert!(
            raw.rest().await.is_empty(),
            "the rest of the body must not be taken for a request"
        );
    }
    // Slow headers, and those who say nothing at all.
    let begun = head("GET", INFO, &DEVICE);
    for sent in
        [begun.strip_suffix("\r\n").unwrap(), "GET /v2", "P", "PRI * HTTP/2.0\r\n\r\nSM", ""]
    {
        let mut raw = Raw::connect(&app.public).await;
        raw.send(sent).await.unwrap();
        assert_serves(&app).await;
        let said = raw.rest().await;
        let said = String::from_utf8_lossy(&said);
        // A server that speaks HTTP/2 says so first, but answers nothing.
        let is_greeting = sent.starts_with("PRI") && !said.contains(":status");
        assert!(said.is_empty() || is_greeting && said.len() < 64, "{sent:?}: {said}");
    }
    // A connection nobody uses any more, at both doors.
    for (address, path) in [(&app.public, INFO), (&app.internal, "/health/live")] {
        let mut idle = Raw::connect(address).await;
        assert_eq!(idle.ask(("GET", path), &DEVICE, b"").await.unwrap().status, 200);
        assert!(idle.rest().await.is_empty());
    }
    wait_for_metric(&app, "snapwise_http_in_flight", 0.0).await;
}

#[tokio::test]
async fn more_than_fit_are_told_to_come_back() {
    let app = with(&[("SNAPWISE_MAX_IN_FLIGHT", "1")]).await;
    let body = install().to_string();
    let length = body.len().to_string();
    let mut first = stalled(&app, &[("Content-Length", &length)]).await;
    wait_for_metric(&app, "snapwise_http_in_flight", 1.0).await;
    let dropped = "snapwise_http_dropped_total";
    assert_eq!(metric(&app, dropped).await, Some(0.0));
    for sent in [refresh(body.as_str()), get(INFO), refresh(vec![b' '; 60_000])] {
        let received = app.send(&sent).await;
        refused(&received, 429, "rate-limit-exceeded");
        assert!(received.header("retry-after").is_some());
    }
    assert_eq!(metric(&app, dropped).await, Some(3.0));
    // Those who are in are not disturbed, and operators are always let in.
    first.send(&body).await.unwrap();
    assert_eq!(first.receive().await.unwrap().status, 200);
    wait_for_metric(&app, "snapwise_http_in_flight", 0.0).await;
    assert_serves(&app).await;
    // A caller who goes away frees the place.
    let gone = stalled(&app, &[("Content-Length", "10")]).await;
    wait_for_metric(&app, "snapwise_http_in_flight", 1.0).await;
    drop(gone);
    wait_for_metric(&app, "snapwise_http_in_flight", 0.0).await;
    assert_serves(&app).await;
    assert_eq!(metric(&app, dropped).await, Some(3.0));
    let refused = format!("snapwise_http_requests_total{{route=\"{REFRESH}\",status=\"429\"}}");
    assert_eq!(metric(&app, &refused).await, Some(2.0));
}

#[tokio::test]
async fn connections_on_which_nothing_happens_are_closed() {
    let app = with(&[("SNAPWISE_HEADER_TIMEOUT_S", "1")]).await;
    // Before time counts, so that the spec is read.
    assert_serves(&app).await;
    // HTTP/2 that says hello and no more.
    let mut polite = Raw::connect(&app.public).await;
    let settings = [0, 0, 0, 4, 0, 0, 0, 0, 0];
    polite.send([b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", settings.as_slice()].concat()).await.unwrap();
    assert!(!polite.rest().await.is_empty(), "it was greeted, and then let go");
    // Answers that nobody takes, until no more fit into the sockets.
    let action = |n| json!({"action": "install", "instance-key": n, "name": "lumen-notes"});
    let actions: Vec<_> = (0..100).map(|n| action(n.to_string())).collect();
    let body = json!({"context": [], "actions": actions}).to_string();
    let length = body.len().to_string();
    let mut greedy = Raw::connect(&app.public).await;
    let headers: Vec<_> = DEVICE.iter().copied().chain([("Content-Length", &*length)]).collect();
    let question = crate::support::raw::head("POST", REFRESH, &headers) + &body;
    let connections = "snapwise_http_connections";
    greedy.send(&question).await.unwrap();
    assert_eq!(greedy.receive().await.unwrap().status, 200);
    // This one and the operator's.
    wait_for_metric(&app, connections, 2.0).await;
    let since = Instant::now();
    let asks = async { while greedy.send(&question).await.is_ok() {} };
    tokio::join!(asks, wait_for_metric(&app, connections, 1.0));
    // Not before its time was up, which is longer for who was sent much: a slow line needs it.
    assert!(since.elapsed() >= Duration::from_secs(9));
    assert!(!greedy.rest().await.is_empty(), "what was sent before");
    assert_serves(&app).await;
    wait_for_metric(&app, "snapwise_http_in_flight", 0.0).await;
}

#[tokio::test]
async fn more_connections_than_allowed_wait_their_turn() {
    let app = with(&[("SNAPWISE_MAX_CONNECTIONS", "2")]).await;
    let mut first = Raw::connect(&app.public).await;
    let mut second = Raw::connect(&app.public).await;
    for raw in [&mut first, &mut second] {
        assert_eq!(raw.ask(("GET", INFO), &DEVICE, b"").await.unwrap().status, 200);
    }
    let mut third = Raw::connect(&app.public).await;
    let mut asked = Box::pin(third.ask(("GET", INFO), &DEVICE, b""));
    let waited = tokio::time::timeout(Duration::from_millis(300), &mut asked).await;
    assert!(waited.is_err(), "the third has no place yet");
    assert_eq!(second.ask(("GET", INFO), &DEVICE, b"").await.unwrap().status, 200);
    drop(first);
    assert_eq!(asked.await.unwrap().status, 200);
}
