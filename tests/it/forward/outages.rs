//! The store behind us fails, hangs or has no room: what we hold is answered as ever.

use crate::forward::REPAIR;
use crate::forward::REQUEST_ID;
use crate::forward::before;
use crate::forward::info;
use crate::forward::sent;
use crate::support::app::ask;
use crate::support::recorder::Recorder;
use crate::support::recorder::said;
use futures_util::future::join_all;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

/// As many as are passed on at once.
const AT_ONCE: usize = 64;

#[tokio::test]
async fn a_dead_upstream_is_told_and_spoils_nothing() {
    let upstream = Recorder::start(|_| None).await;
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("http://{gone}");
    // The later of two values of a variable counts.
    let app = before(&upstream, &[("SNAPWISE_UPSTREAM", &url)]).await;
    let answer = app.send(&sent("POST", REQUEST_ID, &[], "")).await;
    assert_eq!(answer.status, 503);
    assert_eq!(answer.json()["error-list"][0]["code"], "remote-service-unavailable");
    assert_eq!(app.send(&info()).await.status, 200);
    assert_eq!(upstream.n_connections(), 0);
}

#[tokio::test]
async fn a_slow_upstream_has_so_long_and_no_longer() {
    let upstream = Recorder::start(|_| None).await;
    let app = before(&upstream, &[("SNAPWISE_UPSTREAM_TIMEOUT_S", "1")]).await;
    let answer = app.send(&sent("GET", REPAIR, &[], "")).await;
    assert_eq!(answer.status, 504);
    assert_eq!(answer.json()["error-list"][0]["code"], "remote-service-unavailable");
}

#[tokio::test]
async fn an_answer_without_end_is_not_held() {
    let json = [("Content-Type", "application/json")];
    let large = format!("[\"{}\"]", "x".repeat(5 * 1_024 * 1_024));
    let upstream = Recorder::start(move |_| Some(said(200, &json, &large))).await;
    let app = before(&upstream, &[]).await;
    assert_eq!(app.send(&sent("GET", REPAIR, &[], "")).await.status, 502);
}

#[tokio::test]
async fn who_waits_for_the_upstream_takes_no_room_from_others() {
    let speaks = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&speaks);
    let json = [("Content-Type", "application/json")];
    let says = move || told.load(Ordering::SeqCst).then(|| said(200, &json, "{}"));
    let upstream = Recorder::start(move |_| says()).await;
    let settings = [("SNAPWISE_MAX_IN_FLIGHT", "1"), ("SNAPWISE_UPSTREAM_TIMEOUT_S", "600")];
    let app = before(&upstream, &settings).await;
    let question = sent("GET", REPAIR, &[], "");
    let mut waiting = Vec::new();
    for n in 1..=AT_ONCE {
        let (address, question) = (app.public.clone(), question.clone());
        waiting.push(tokio::spawn(async move { ask(&address, &question).await.unwrap().status }));
        upstream.wait_for(n).await;
    }
    let refused = app.send(&question).await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, Some("1")));
    assert_eq!(app.send(&info()).await.status, 200);
    speaks.store(true, Ordering::SeqCst);
    for status in join_all(waiting).await {
        assert_eq!(status.unwrap(), 200);
    }
    assert_eq!(app.send(&question).await.status, 200);
}
