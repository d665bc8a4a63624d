//! Everything that is wrong with a request comes in one answer.

use crate::platform::REFRESH;
use crate::platform::SHELF;
use crate::platform::refresh;
use crate::platform::refused;
use crate::platform::sent;
use crate::support::app::TestApp;
use serde_json::json;
use std::collections::BTreeSet;

const LN: &str = "Nn4Qw8Er2Ty6Ui0Op3As7Df1Gh5Jk9Lz";

#[tokio::test]
async fn all_faults_are_told_together() {
    let app = TestApp::start(SHELF).await;
    let body = json!({
        "context": [
            {"instance-key": "a", "revision": 0, "tracking-channel": "stable"},
            {"instance-key": "b", "snap-id": LN, "revision": 1, "tracking-channel": "",
                "epoch": {"read": [1], "write": [2]}},
            {"instance-key": "c", "snap-id": LN, "revision": 1, "tracking-channel": ""},
            {"instance-key": "c", "snap-id": LN, "revision": 1, "tracking-channel": ""},
        ],
        "actions": [
            {"action": "remove", "instance-key": "r"},
            {"instance-key": "s", "name": "x".repeat(300)},
            {"action": "install", "instance-key": "t"},
            {"action": "install", "name": "gridkit", "revision": -1},
            {"action": "refresh", "instance-key": "u"},
            {"action": "fetch-assertions", "key": "g"},
        ],
        "fields": vec!["revision"; 201],
    });
    let mut request = refresh(body.to_string());
    let expected = BTreeSet::from([
        "/context/0/snap-id",
        "/context/0/revision",
        "/context/1/epoch",
        "/context/3/instance-key",
        "/actions/0/action",
        "/actions/1/action",
        "/actions/1/name",
        "/actions/2",
        "/actions/3/instance-key",
        "/actions/3/revision",
        "/actions/4/snap-id",
        "/actions/5/assertions",
        "/fields",
    ]);
    let received = app.send(&request).await;
    let list = refused(&received, 400, "api-error");
    let told: BTreeSet<_> = list.iter().map(|entry| entry["pointer"].as_str().unwrap()).collect();
    assert_eq!(told, expected);
    assert_eq!(list.len(), expected.len(), "a fault is told twice: {list:?}");

    // The headers' faults come first, and the body's are not forgotten.
    request.headers.clear();
    let received = app.send(&request).await;
    assert_eq!(received.status, 400);
    let list = received.json()["error-list"].as_array().unwrap().clone();
    let codes: Vec<_> = list.iter().map(|entry| entry["code"].as_str().unwrap()).collect();
    assert_eq!(codes[..2], ["bad-argument", "bad-argument"]);
    assert!(
        codes[2..].iter().all(|code| *code == "api-error") && codes.len() == 2 + expected.len()
    );
    for header in ["Snap-Device-Series", "Snap-Device-Architecture"] {
        assert!(list.iter().any(|entry| entry["message"].as_str().unwrap().contains(header)));
    }
    // More than help anybody are not told.
    let many = json!({"context": vec![json!({}); 500], "actions": []});
    let received = app.send(&sent("POST", REFRESH, &[], many.to_string())).await;
    assert_eq!(refused(&received, 400, "api-error").len(), 100);
}
