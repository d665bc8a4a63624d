//! Told to go, a server finishes what it has.

use crate::platform::DEVICE;
use crate::platform::INFO;
use crate::platform::REFRESH;
use crate::platform::SHELF;
use crate::platform::assert_refresh_spec;
use crate::platform::install;
use crate::platform::stalled;
use crate::platform::wait_for_metric;
use crate::support::app::PATIENCE;
use crate::support::app::TestApp;
use crate::support::raw::Raw;
use crate::support::scenario::folder;
use rustix::process::Pid;
use rustix::process::Signal;
use std::time::Duration;
use std::time::Instant;
use tokio::net::TcpStream;

pub(super) fn tell_to_go(app: &TestApp, signal: Signal) {
    let pid = Pid::from_raw(app.pid().try_into().unwrap()).unwrap();
    rustix::process::kill_process(pid, signal).unwrap();
}

async fn wait_until_closed(address: &str) {
    let since = Instant::now();
    while TcpStream::connect(address).await.is_ok() {
        assert!(since.elapsed() < PATIENCE, "new connections are still taken");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn what_is_in_flight_is_finished() {
    let settings = [("SNAPWISE_DRAIN_TIMEOUT_S", "60"), ("SNAPWISE_BODY_TIMEOUT_S", "60")];
    let mut app = TestApp::with(Some(&folder().join(SHELF)), &settings).await;
    let mut idle = Raw::connect(&app.public).await;
    assert_eq!(idle.ask(("GET", INFO), &DEVICE, b"").await.unwrap().status, 200);
    let mut silent = Raw::connect(&app.public).await;
    let body = install().to_string();
    let (begin, end) = body.split_at(20);
    let mut busy = stalled(&app, &[("Content-Length", &body.len().to_string())]).await;
    busy.send(begin).await.unwrap();
    wait_for_metric(&app, "snapwise_http_in_flight", 1.0).await;

    tell_to_go(&app, Signal::TERM);
    wait_until_closed(&app.public).await;
    let ready = app.ask_operator("/health/ready").await;
    assert_eq!((ready.status, ready.json()["status"].as_str()), (503, Some("draining")));
    assert_eq!(app.ask_operator("/health/live").await.status, 200);
    assert!(idle.rest().await.is_empty() && silent.rest().await.is_empty());

    busy.send(end).await.unwrap();
    let received = busy.receive().await.unwrap();
    assert_eq!(received.status, 200);
    assert_refresh_spec(&received);
    assert_eq!(received.header("connection"), Some("close"));
    let status = app.wait();
    assert_eq!(status.code(), Some(0));
    let log = app.log_with("\"stopped\"").await;
    assert!(log.contains("SIGTERM") && !log.contains("still open"), "{log}");
}

#[tokio::test]
async fn those_who_never_finish_are_not_waited_for_longer_than_configured() {
    let settings = [("SNAPWISE_DRAIN_TIMEOUT_S", "1"), ("SNAPWISE_BODY_TIMEOUT_S", "3600")];
    let mut app = TestApp::with(Some(&folder().join(SHELF)), &settings).await;
    let _stalled = stalled(&app, &[("Content-Length", "10")]).await;
    wait_for_metric(&app, "snapwise_http_in_flight", 1.0).await;
    tell_to_go(&app, Signal::INT);
    assert_eq!(app.wait().code(), Some(0));
    let log = app.log_with("\"stopped\"").await;
    assert!(log.contains("still open"), "{log}");
    assert!(!log.contains(&format!("\"route\":\"{REFRESH}\"")), "{log}");
}
