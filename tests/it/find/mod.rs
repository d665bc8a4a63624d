//! Searches: what is found of a catalogue, in which order, by whom, and the lists beside it.

mod answers;
mod filters;
mod growth;
mod names;
mod oracle;
mod ranking;
mod refusals;

use crate::support::app::Received;
use crate::support::app::Sent;
use crate::support::app::TestApp;
use percent_encoding::NON_ALPHANUMERIC;
use percent_encoding::utf8_percent_encode;
use serde_json::Value;
use serde_json::json;

const SHELF: &str = "shelf.jsonl";

/// What every device sends.
const DEVICE: [(&str, &str); 3] = [
    ("Snap-Device-Series", "16"),
    ("Snap-Device-Architecture", "amd64"),
    ("Snap-Device-Capabilities", "default-tracks"),
];

fn sent(method: &str, path: &str, headers: &[(&str, &str)]) -> Sent {
    Sent {
        method: method.to_owned(),
        path: path.to_owned(),
        headers: headers.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
        body: Vec::new(),
    }
}

/// The path of a search with these parameters.
fn path(parameters: &[(&str, &str)]) -> String {
    let pair = |(name, value): &(&str, &str)| {
        format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC))
    };
    let pairs: Vec<_> = parameters.iter().map(pair).collect();
    format!("/v2/snaps/find?{}", pairs.join("&"))
}

/// The answer to a search of a device of amd64, held against the spec.
async fn find(app: &TestApp, parameters: &[(&str, &str)]) -> Received {
    app.send(&sent("GET", &path(parameters), &DEVICE)).await
}

/// The results of a search that must be answered well.
async fn results(app: &TestApp, parameters: &[(&str, &str)]) -> Vec<Value> {
    let received = find(app, parameters).await;
    let said = String::from_utf8_lossy(&received.body);
    assert_eq!(received.status, 200, "{parameters:?}: {said}");
    received.json()["results"].as_array().unwrap().clone()
}

/// The names of what is found, best first.
async fn found(app: &TestApp, parameters: &[(&str, &str)]) -> Vec<String> {
    let name = |result: &Value| result["name"].as_str().unwrap().to_owned();
    results(app, parameters).await.iter().map(name).collect()
}

/// A document of a snap whose only revision is in stable on amd64; `more` are members of its `snap`.
fn document(number: usize, name: &str, more: Value) -> Value {
    let mut snap = json!({"title": name, "summary": "", "description": ""});
    if let Value::Object(more) = more {
        snap.as_object_mut().unwrap().extend(more);
    }
    json!({
        "name": name,
        "snap-id": format!("{number:032}"),
        "snap": snap,
        "channel-map": [release(1, "stable", "amd64")],
    })
}

/// A revision in a channel.
fn release(revision: u32, channel: &str, architecture: &str) -> Value {
    json!({
        "channel": {
            "name": channel,
            "architecture": architecture,
            "released-at": "2026-05-01T12:00:00Z",
        },
        "architectures": [architecture],
        "download": {
            "sha3-384": "ab".repeat(48),
            "size": 4_096 + revision,
            "url": format!("https://store.example/{revision}.snap"),
        },
        "revision": revision,
        "version": format!("{revision}.0"),
    })
}

/// A server of these documents.
async fn serving(documents: &[Value]) -> TestApp {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("snaps.jsonl");
    let lines: Vec<_> = documents.iter().map(Value::to_string).collect();
    std::fs::write(&file, lines.join("\n")).unwrap();
    TestApp::with(Some(&file), &[]).await
}
