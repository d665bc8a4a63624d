//! Every bound of a request is where the README says it is: what just fits is answered, one more is refused with its
//! place.

use crate::platform::DEVICE;
use crate::platform::INFO;
use crate::platform::REFRESH;
use crate::platform::SHELF;
use crate::platform::refused;
use crate::platform::sent;
use crate::support::app::TestApp;
use crate::support::raw::Raw;
use crate::support::scenario::folder;
use serde_json::Value;
use serde_json::json;

const ID: &str = "Nn4Qw8Er2Ty6Ui0Op3As7Df1Gh5Jk9Lz";
const TWO_BYTES: &str = "é";

/// A refresh of one snap in which a member of the entry or the action is another.
fn with(place: &str, value: Value) -> Value {
    let mut body = json!({
        "context": [{"instance-key": "a", "snap-id": ID, "revision": 9, "tracking-channel": "stable"}],
        "actions": [{"action": "refresh", "instance-key": "a", "snap-id": ID}],
        "fields": ["revision"],
    });
    let (parent, member) = place.rsplit_once('/').unwrap();
    body.pointer_mut(parent).unwrap()[member] = value;
    body
}

fn install(member: &str, value: Value) -> Value {
    let mut action = json!({"action": "install", "instance-key": "i", "name": "gridkit"});
    action[member] = value;
    json!({"context": [], "actions": [action], "fields": ["revision"]})
}

#[tokio::test]
async fn what_just_fits_is_answered_and_one_more_is_refused() {
    let app = TestApp::start(SHELF).await;
    let text = |n: usize| json!("x".repeat(n));
    let texts = |n: usize| json!(vec!["revision"; n]);
    let sets = |n: usize| json!(vec![["16", "publisher", "set"]; n]);
    let formats = |n: usize| (0..n).map(|n| (format!("type-{n}"), json!(1))).collect::<Value>();
    let refresh = |place: &'static str, of: &dyn Fn(usize) -> Value, most: usize| {
        (REFRESH, place, [most, most + 1].map(|n| with(place, of(n))))
    };
    let action = |member: &'static str, place, of: &dyn Fn(usize) -> Value, most: usize| {
        (REFRESH, place, [most, most + 1].map(|n| install(member, of(n))))
    };
    let cases = [
        refresh("/fields", &texts, 200),
        refresh("/assertion-max-formats", &formats, 100),
        refresh("/context/0/cohort-key", &text, 1_024),
        refresh("/context/0/validation-sets", &sets, 100),
        refresh("/context/0/refreshed-date", &text, 256),
        action("instance-key", "/actions/0/instance-key", &text, 256),
        action("name", "/actions/0/name", &text, 256),
        action("snap-id", "/actions/0/snap-id", &text, 256),
        action("cohort-key", "/actions/0/cohort-key", &text, 1_024),
        action("validation-sets", "/actions/0/validation-sets", &sets, 100),
        ("/v2/cohorts", "/snaps", [100, 101].map(|n| json!({"snaps": vec!["gridkit"; n]}))),
    ];
    for (path, place, [fitting, longer]) in cases {
        let received = app.send(&sent("POST", path, &[], fitting.to_string())).await;
        let said = String::from_utf8_lossy(&received.body);
        assert_eq!(received.status, 200, "{place}: {said}");
        let received = app.send(&sent("POST", path, &[], longer.to_string())).await;
        let faults = refused(&received, 400, "api-error");
        let places: Vec<_> = faults.iter().map(|fault| fault["pointer"].as_str()).collect();
        assert_eq!(places, [Some(place)]);
    }
    // Lengths are those of bytes.
    for (n, status) in [(128, 200), (129, 400)] {
        let key = json!(TWO_BYTES.repeat(n));
        let body = install("instance-key", key).to_string();
        assert_eq!(app.send(&sent("POST", REFRESH, &[], body)).await.status, status);
    }
    // The body itself is the first of the levels.
    for (n, status) in [(127, 200), (128, 400)] {
        let deep = "[".repeat(n - 1) + &"]".repeat(n - 1);
        let body = format!("{{\"context\":[],\"actions\":[],\"deep\":{deep}}}");
        assert_eq!(app.send(&sent("POST", REFRESH, &[], body)).await.status, status, "{n}");
    }
}

#[tokio::test]
async fn a_body_and_headers_may_be_as_large_as_is_said_and_no_larger() {
    let settings = [("SNAPWISE_MAX_BODY_BYTES", "2000")];
    let app = TestApp::with(Some(&folder().join(SHELF)), &settings).await;
    for (n, status) in [(2_000, 200), (2_001, 413)] {
        let body = format!("{:<n$}", install("revision", json!(null)).to_string());
        assert_eq!(app.send(&sent("POST", REFRESH, &[], body)).await.status, status, "{n}");
    }
    for (n, status) in [(64, 200), (65, 431)] {
        let names: Vec<_> = (0..n).map(|n| format!("X-Header-{n}")).collect();
        // `Host` and `Content-Length` come on top of these.
        let others = names.iter().skip(DEVICE.len() + 2).map(|name| (name.as_str(), ""));
        let headers: Vec<_> = DEVICE.into_iter().chain(others).collect();
        let mut raw = Raw::connect(&app.public).await;
        let received = raw.ask(("GET", INFO), &headers, b"").await.unwrap();
        assert_eq!(received.status, status, "{n}");
    }
}
