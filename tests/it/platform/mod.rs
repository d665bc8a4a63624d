//! The HTTP platform: connections, limits, what operators see, what is logged, and what becomes of bad input.

mod answers;
mod bad_bodies;
mod barrage;
mod bounds;
mod connections;
mod drain;
mod faults;
mod http2;
mod internal;
mod limits;
mod logs;
mod members;
mod replay;

use crate::support::app::Received;
use crate::support::app::Sent;
use crate::support::app::TestApp;
use crate::support::app::assert_spec;
use crate::support::raw::Raw;
use serde_json::Value;
use serde_json::json;

const REFRESH: &str = "/v2/snaps/refresh";
const INFO: &str = "/v2/snaps/info/lumen-notes";
const SHELF: &str = "shelf.jsonl";

/// What every device sends.
const DEVICE: [(&str, &str); 3] = [
    ("Snap-Device-Series", "16"),
    ("Snap-Device-Architecture", "amd64"),
    ("Content-Type", "application/json"),
];

fn sent(method: &str, path: &str, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> Sent {
    let headers = DEVICE.iter().chain(headers);
    Sent {
        method: method.to_owned(),
        path: path.to_owned(),
        headers: headers.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        body: body.into(),
    }
}

/// A refresh request with that body.
fn refresh(body: impl Into<Vec<u8>>) -> Sent {
    sent("POST", REFRESH, &[], body)
}

fn get(path: &str) -> Sent {
    sent("GET", path, &[], "")
}

/// The body of a request to install a snap of the shelf; its answer is small.
fn install() -> Value {
    json!({
        "context": [],
        "actions": [{"action": "install", "instance-key": "install-1", "name": "lumen-notes"}],
        "fields": ["revision"],
    })
}

/// Whether a good request on a connection of its own is answered well.
async fn assert_serves(app: &TestApp) {
    let received = app.send(&refresh(install().to_string())).await;
    assert_eq!(received.status, 200);
    assert_eq!(received.json()["results"][0]["snap"]["revision"], 10);
}

/// Whether the answer is a refusal in the documented shape; gives its error list.
#[track_caller]
fn refused(received: &Received, status: u16, code: &str) -> Vec<Value> {
    let said = String::from_utf8_lossy(&received.body);
    let shown: String = said.chars().take(300).collect();
    assert_eq!(received.status, status, "{shown}");
    let list = received.json()["error-list"].as_array().unwrap().clone();
    assert!(list.iter().all(|entry| entry["code"] == code), "{shown}");
    assert!(!list.is_empty());
    list
}

/// A connection on which a request has been begun and its body has not come.
async fn stalled(app: &TestApp, headers: &[(&str, &str)]) -> Raw {
    let headers: Vec<_> = DEVICE.iter().chain(headers).copied().collect();
    let mut raw = Raw::connect(&app.public).await;
    raw.send(crate::support::raw::head("POST", REFRESH, &headers)).await.unwrap();
    raw
}

/// The value of a metric; its name is as the text shows it, labels included.
async fn metric(app: &TestApp, name: &str) -> Option<f64> {
    let text = app.ask_operator("/metrics").await.body;
    let text = String::from_utf8(text).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.map(|value| value.parse().unwrap())
}

/// Waits until a metric has a value.
async fn wait_for_metric(app: &TestApp, name: &str, expected: f64) {
    let since = std::time::Instant::now();
    loop {
        let value = metric(app, name).await;
        if value == Some(expected) {
            return;
        }
        let patience = crate::support::app::PATIENCE;
        assert!(since.elapsed() < patience, "{name} is {value:?}, not {expected}");
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

/// Holds an answer that came by hand against the spec.
#[track_caller]
fn assert_refresh_spec(received: &Received) {
    assert_spec("POST", REFRESH, received);
}
