//! Every member of the request bodies, with everything it must not be.

use crate::platform::SHELF;
use crate::platform::refresh;
use crate::platform::refused;
use crate::platform::sent;
use crate::support::app::Received;
use crate::support::app::TestApp;
use serde_json::Value;
use serde_json::json;

const LN: &str = "Nn4Qw8Er2Ty6Ui0Op3As7Df1Gh5Jk9Lz";
const DRAFT: &str = "/snaps/refresh";

/// A request in which every member is there, and right.
fn whole() -> Value {
    let sets = json!([["16", "Pb1Pb2Pb3Pb4Pb5Pb6Pb7Pb8Pb9Pb0Pb", "lab-set", "3"]]);
    json!({
        "context": [{
            "instance-key": "one", "snap-id": LN, "revision": 9, "tracking-channel": "latest/stable",
            "epoch": {"read": [0], "write": [0]}, "refreshed-date": "2026-05-02T08:15:30Z",
            "ignore-validation": true, "cohort-key": "", "validation-sets": sets,
            "held": {"by": ["system"]},
        }],
        "actions": [{
            "action": "refresh", "instance-key": "one", "name": "lumen-notes", "snap-id": LN,
            "channel": "stable", "revision": 0, "cohort-key": "", "ignore-validation": false,
            "validation-sets": sets, "epoch": {"read": [0], "write": [0]},
        }],
        "fields": ["revision", "version"],
        "assertion-max-formats": {"snap-declaration": 7},
    })
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Text,
    Whole,
    Flag,
    List,
    Object,
}

/// Every member: where, what it is, and whether `null` stands for its absence.
const MEMBERS: &[(&str, Kind, bool)] = &[
    ("/context", Kind::List, false),
    ("/context/0", Kind::Object, false),
    ("/context/0/instance-key", Kind::Text, false),
    ("/context/0/snap-id", Kind::Text, false),
    ("/context/0/revision", Kind::Whole, false),
    ("/context/0/tracking-channel", Kind::Text, false),
    ("/context/0/epoch", Kind::Object, true),
    ("/context/0/epoch/read", Kind::List, false),
    ("/context/0/epoch/read/0", Kind::Whole, false),
    ("/context/0/epoch/write", Kind::List, false),
    ("/context/0/epoch/write/0", Kind::Whole, false),
    ("/context/0/refreshed-date", Kind::Text, true),
    ("/context/0/ignore-validation", Kind::Flag, true),
    ("/context/0/cohort-key", Kind::Text, true),
    ("/context/0/validation-sets", Kind::List, true),
    ("/context/0/validation-sets/0", Kind::List, false),
    ("/context/0/validation-sets/0/3", Kind::Text, false),
    ("/context/0/held", Kind::Object, true),
    ("/context/0/held/by/0", Kind::Text, false),
    ("/actions", Kind::List, false),
    ("/actions/0", Kind::Object, false),
    ("/actions/0/action", Kind::Text, false),
    ("/actions/0/instance-key", Kind::Text, false),
    ("/actions/0/name", Kind::Text, true),
    ("/actions/0/snap-id", Kind::Text, false),
    ("/actions/0/channel", Kind::Text, true),
    ("/actions/0/revision", Kind::Whole, true),
    ("/actions/0/cohort-key", Kind::Text, true),
    ("/actions/0/ignore-validation", Kind::Flag, true),
    ("/actions/0/validation-sets", Kind::List, true),
    ("/actions/0/validation-sets/0", Kind::List, false),
    ("/actions/0/validation-sets/0/0", Kind::Text, false),
    ("/actions/0/epoch", Kind::Object, true),
    ("/actions/0/epoch/read", Kind::List, false),
    ("/actions/0/epoch/read/0", Kind::Whole, false),
    ("/actions/0/epoch/write", Kind::List, false),
    ("/actions/0/epoch/write/0", Kind::Whole, false),
    ("/fields", Kind::List, true),
    ("/fields/1", Kind::Text, false),
    ("/assertion-max-formats", Kind::Object, true),
    ("/assertion-max-formats/snap-declaration", Kind::Whole, false),
];

fn put(body: &mut Value, place: &str, value: Value) {
    *body.pointer_mut(place).unwrap_or_else(|| panic!("{place}")) = value;
}

/// Whether the answer is a refusal that names the place, and only it.
fn assert_names(received: &Received, place: &str, what: &str) {
    let list = refused(received, 400, "api-error");
    for entry in &list {
        let message = entry["message"].as_str().unwrap();
        assert_eq!(entry["pointer"], place, "{what}: {list:?}");
        assert!(message.contains(place), "{what}: {message}");
        assert!(message.len() < 1_000, "{what}: a message of {} bytes", message.len());
    }
    assert_eq!(list.len(), 1, "{what}: {list:?}");
}

#[tokio::test]
async fn every_member_refuses_every_wrong_type() {
    let app = TestApp::start(SHELF).await;
    let right = app.send(&refresh(whole().to_string())).await;
    assert_eq!(right.status, 200, "{}", String::from_utf8_lossy(&right.body));
    for (place, kind, may_be_null) in MEMBERS {
        let wrong = [
            (Kind::Text, json!("7")),
            (Kind::Text, json!("a text that is sent where none is expected".repeat(1_000))),
            (Kind::Whole, json!(7)),
            (Kind::Flag, json!(true)),
            (Kind::List, json!([])),
            (Kind::Object, json!({})),
        ];
        let wrong = wrong.into_iter().filter(|(other, _)| other != kind).map(|(_, value)| value);
        let null = (!may_be_null).then_some(Value::Null);
        for value in wrong.chain([json!(1.5)]).chain(null) {
            let shown: String = value.to_string().chars().take(20).collect();
            let mut body = whole();
            put(&mut body, place, value);
            let received = app.send(&refresh(body.to_string())).await;
            assert_names(&received, place, &format!("{place} = {shown}"));
        }
        if *may_be_null {
            let mut body = whole();
            put(&mut body, place, Value::Null);
            assert_eq!(app.send(&refresh(body.to_string())).await.status, 200, "{place} = null");
        }
    }
    for (place, value) in [("/snaps", json!("x")), ("/snaps", json!({})), ("/snaps/0", json!(1))] {
        let mut body = json!({"snaps": ["lumen-notes"]});
        put(&mut body, place, value);
        let received = app.send(&sent("POST", "/v2/cohorts", &[], body.to_string())).await;
        assert_names(&received, place, "cohorts");
    }
    let received = app.send(&sent("POST", "/v2/cohorts", &[], "{}")).await;
    assert_names(&received, "/snaps", "cohorts without names");
}

/// The two members that only the draft knows: there they have a type, at today's door they are ignored.
#[tokio::test]
async fn the_members_of_the_draft_are_checked_at_its_door_only() {
    let app = TestApp::start(SHELF).await;
    for member in ["tag", "snap-name"] {
        for value in [json!(7), json!([]), json!({}), json!(true), json!("x".repeat(257))] {
            let mut body = whole();
            body["actions"][0][member] = value.clone();
            let received = app.send(&sent("POST", DRAFT, &[], body.to_string())).await;
            assert_names(&received, &format!("/actions/0/{member}"), "at the draft door");
            let received = app.send(&refresh(body.to_string())).await;
            assert_eq!(received.status, 200, "{member} = {value}: unknown, so ignored");
        }
    }
}

#[tokio::test]
async fn every_member_that_must_be_there_is_missed() {
    let app = TestApp::start(SHELF).await;
    for place in [
        "/context",
        "/actions",
        "/context/0/instance-key",
        "/context/0/snap-id",
        "/context/0/revision",
        "/context/0/tracking-channel",
        "/actions/0/action",
        "/actions/0/instance-key",
        "/actions/0/snap-id",
    ] {
        let (parent, member) = place.rsplit_once('/').unwrap();
        let mut body = whole();
        body.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(member);
        let received = app.send(&refresh(body.to_string())).await;
        assert_names(&received, place, "a member that is missing");
        let keyless = sent("POST", DRAFT, &[], body.to_string());
        let status = if place.ends_with("instance-key") { None } else { Some(400) };
        let received = app.send(&keyless).await;
        assert!(status.is_none_or(|status| status == received.status), "{place} at the draft door");
    }
    let nobody = json!({"context": [], "actions": [{"action": "install", "instance-key": "a"}]});
    let received = app.send(&refresh(nobody.to_string())).await;
    assert_names(&received, "/actions/0", "neither name nor id");
}

#[tokio::test]
async fn every_text_has_a_longest_form() {
    let app = TestApp::start(SHELF).await;
    for (place, kind, _) in MEMBERS {
        if *kind != Kind::Text {
            continue;
        }
        for n in [1_100, 1_024 * 1_024] {
            let mut body = whole();
            put(&mut body, place, json!("x".repeat(n)));
            let received = app.send(&refresh(body.to_string())).await;
            let list = refused(&received, 400, "api-error");
            let is_told = list.iter().any(|entry| entry["pointer"] == *place);
            assert!(is_told, "{place} of {n} bytes: {list:?}");
            assert!(received.body.len() < 4_096, "{place}: {} bytes", received.body.len());
        }
    }
    // The longest that fit are no fault.
    let mut body = whole();
    for place in ["/context/0/instance-key", "/actions/0/instance-key"] {
        put(&mut body, place, json!("k".repeat(256)));
    }
    put(&mut body, "/actions/0/cohort-key", json!("c".repeat(1_024)));
    let received = app.send(&refresh(body.to_string())).await;
    assert_eq!(received.json()["results"][0]["error"]["code"], "invalid-cohort-key");
}
