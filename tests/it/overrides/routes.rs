//! The routes of overrides, at the internal listener.

use crate::overrides::LUMEN;
use crate::overrides::SHELF;
use crate::overrides::ask_internal;
use crate::overrides::install;
use crate::overrides::run;
use crate::overrides::standing;
use crate::overrides::told;
use crate::support::app::Received;
use crate::support::app::Sent;
use crate::support::app::TestApp;
use crate::support::app::ask;
use crate::support::database;
use serde_json::Value;
use serde_json::json;

const PATH: &str = "/v2/overrides/lumen-notes";

#[track_caller]
fn refused(received: &Received, status: u16, faults: &[(&str, Option<&str>)]) {
    let said = String::from_utf8_lossy(&received.body);
    assert_eq!(received.status, status, "{said}");
    let list = received.json();
    let list = list["error-list"].as_array().unwrap();
    let told: Vec<_> =
        list.iter().map(|one| (one["code"].as_str().unwrap(), one["pointer"].as_str())).collect();
    assert_eq!(told, faults, "{said}");
}

/// The changes by hand, in order, without their times.
async fn audit(app: &TestApp) -> Vec<Value> {
    let client = database::connect(&app.database_url).await;
    let sql = "SELECT jsonb_build_array(actor, action, target, request_id, before, after)::text
               FROM audit ORDER BY number";
    let rows = client.query(sql, &[]).await.unwrap();
    rows.iter().map(|row| serde_json::from_str(row.get(0)).unwrap()).collect()
}

#[tokio::test]
async fn a_decision_is_made_shown_and_taken_back() {
    let app = TestApp::start(SHELF).await;
    let shown = ask_internal(&app, "GET", PATH, "").await;
    assert_eq!(shown.header("cache-control"), Some("no-store"));
    let nothing = json!({"name": "lumen-notes", "snap-id": LUMEN, "overrides": [], "blocked": []});
    assert_eq!(shown.json(), json!({"snap": nothing}));

    let decided =
        ask_internal(&app, "POST", PATH, r#"{"channel": "latest/stable", "revision": 9}"#);
    let decided = decided.await.json();
    assert_eq!(decided["generation"], 2);
    let chosen = &decided["snap"]["overrides"][0];
    let without_time = |value: &Value| {
        let mut value = value.clone();
        assert!(value.as_object_mut().unwrap().remove("decided-at").is_some());
        value
    };
    let expected = json!({
        "channel": "stable", "architecture": "amd64", "revision": 9, "upstream-revision": 10,
    });
    assert_eq!(without_time(chosen), expected);
    app.wait_for_generation(2).await;
    assert_eq!(told(&app, install("lumen-notes", "stable")).await, "9 stable");

    let again = ask_internal(&app, "POST", PATH, r#"{"channel": "stable", "revision": 9}"#).await;
    assert_eq!(again.json()["generation"], Value::Null);
    let blocked = ask_internal(&app, "POST", PATH, r#"{"block": 16}"#).await.json();
    assert_eq!(blocked["snap"]["blocked"][0]["revision"], 16);
    let listed = ask_internal(&app, "GET", "/v2/overrides", "").await.json();
    assert_eq!(listed, json!({"overrides": [blocked["snap"]], "next-cursor": null}));
    assert_eq!(ask_internal(&app, "GET", PATH, "").await.json()["snap"], blocked["snap"]);
    assert_eq!(ask_internal(&app, "HEAD", PATH, "").await.status, 200);

    let path = format!("{PATH}?channel=latest%2Fstable&architecture=amd64");
    let deleted = ask_internal(&app, "DELETE", &path, "").await.json();
    assert_eq!((&deleted["generation"], &deleted["snap"]["overrides"]), (&json!(4), &json!([])));
    let deleted = ask_internal(&app, "DELETE", &format!("{PATH}?revision=16"), "").await.json();
    assert_eq!(deleted, json!({"snap": nothing, "generation": 5}));
    let deleted = ask_internal(&app, "DELETE", &format!("{PATH}?revision=16"), "").await.json();
    assert_eq!(deleted["generation"], Value::Null);
    app.wait_for_generation(5).await;
    assert_eq!(told(&app, install("lumen-notes", "stable")).await, "10 stable");
}

#[tokio::test]
async fn every_decision_leaves_one_entry_in_the_audit() {
    let app = TestApp::start(SHELF).await;
    ask_internal(&app, "POST", PATH, r#"{"channel": "stable", "revision": 9}"#).await;
    ask_internal(&app, "POST", PATH, r#"{"channel": "stable", "revision": 9}"#).await;
    run(&app, "override block lumen-notes 16").await;
    ask_internal(&app, "POST", PATH, r#"{"channel": "stable", "revision": 99}"#).await;
    ask_internal(&app, "DELETE", &format!("{PATH}?channel=stable"), "").await;
    run(&app, "override delete lumen-notes 16").await;
    let overrides =
        |list: Value| json!({"name": "lumen-notes", "channel": "stable", "overrides": list});
    let nine = || json!([{"architecture": "amd64", "revision": 9}]);
    let block = |is: bool| json!({"name": "lumen-notes", "revision": 16, "blocked": is});
    let entry = |action: &str, request: &str, before: Value, after: Value| {
        json!(["operator", action, LUMEN, request, before, after])
    };
    let expected = [
        entry("set-override", "r-operator-1", overrides(json!([])), overrides(nine())),
        entry("block-revision", "command-line", block(false), block(true)),
        entry("delete-override", "r-operator-1", overrides(nine()), overrides(json!([]))),
        entry("unblock-revision", "command-line", block(true), block(false)),
    ];
    assert_eq!(audit(&app).await, expected);
    assert_eq!(standing(&app).await, (5, 4));
}

#[tokio::test]
async fn what_cannot_be_decided_is_told_with_its_place() {
    let app = TestApp::start(SHELF).await;
    run(&app, "override block lumen-notes 16").await;
    let before = standing(&app).await;
    for (body, faults) in [
        ("", vec![("api-error", Some(""))]),
        ("[]", vec![("api-error", Some(""))]),
        ("{}", vec![("api-error", Some(""))]),
        (r#"{"channel": "stable"}"#, vec![("api-error", Some(""))]),
        (r#"{"revision": 9}"#, vec![("api-error", Some(""))]),
        (r#"{"block": 9, "channel": "stable"}"#, vec![("api-error", Some(""))]),
        (r#"{"channel": "stable", "revision": 9, "more": 1}"#, vec![("api-error", Some(""))]),
        (r#"{"channel": "stable", "revision": "9"}"#, vec![("api-error", Some(""))]),
        (r#"{"block": 0}"#, vec![("api-error", Some("/block"))]),
        (
            r#"{"channel": "a/b/c/d", "revision": -1, "architecture": "A"}"#,
            vec![
                ("api-error", Some("/channel")),
                ("api-error", Some("/revision")),
                ("api-error", Some("/architecture")),
            ],
        ),
        (r#"{"channel": "stable", "revision": 99}"#, vec![("revision-not-found", Some(""))]),
        (r#"{"block": 99}"#, vec![("revision-not-found", Some(""))]),
        (
            r#"{"channel": "stable", "revision": 11, "architecture": "amd64"}"#,
            vec![("not-built-for", Some("/architecture"))],
        ),
        (r#"{"channel": "stable", "revision": 16}"#, vec![("revision-blocked", Some("/revision"))]),
    ] {
        refused(&ask_internal(&app, "POST", PATH, body).await, 400, &faults);
    }
    for (query, faults) in [
        ("", vec![("missing-parameter", Some("query:"))]),
        ("?architecture=amd64", vec![("missing-parameter", Some("query:"))]),
        ("?channel=stable&revision=9", vec![("missing-parameter", Some("query:"))]),
        ("?revision=9&architecture=amd64", vec![("missing-parameter", Some("query:"))]),
        ("?channel=a/b/c/d", vec![("bad-channel", Some("query:channel"))]),
        ("?revision=x", vec![("bad-revision", Some("query:revision"))]),
        ("?channel=stable&architecture=A", vec![("bad-architecture", Some("query:architecture"))]),
        ("?channel=stable&channel=edge", vec![("repeated-parameter", Some("query:channel"))]),
        ("?channel=stable&all=1", vec![("unknown-parameter", Some("query:all"))]),
    ] {
        let path = format!("{PATH}{query}");
        refused(&ask_internal(&app, "DELETE", &path, "").await, 400, &faults);
    }
    for name in ["no-such-snap", "No_Name", "%00", "..%2F..%2Fetc"] {
        let path = format!("/v2/overrides/{name}");
        let unknown = [("resource-not-found", None)];
        refused(&ask_internal(&app, "GET", &path, "").await, 404, &unknown);
        let body = r#"{"block": 1}"#;
        refused(&ask_internal(&app, "POST", &path, body).await, 404, &unknown);
        let path = format!("{path}?revision=1");
        refused(&ask_internal(&app, "DELETE", &path, "").await, 404, &unknown);
    }
    refused(
        &ask_internal(&app, "POST", PATH, &" ".repeat(5_000)).await,
        413,
        &[("api-error", None)],
    );
    refused(
        &ask_internal(&app, "POST", &format!("{PATH}?x=1"), "{}").await,
        400,
        &[("unknown-parameter", Some("query:x"))],
    );
    assert_eq!(standing(&app).await, before);
}

#[tokio::test]
async fn the_list_goes_on_page_by_page() {
    let app = TestApp::start(SHELF).await;
    for (name, revision) in [("stepdb", 1), ("anyarch", 1), ("lumen-notes", 16)] {
        run(&app, &format!("override block {name} {revision}")).await;
    }
    let (mut path, mut names) = ("/v2/overrides?limit=2".to_owned(), Vec::new());
    loop {
        let page = ask_internal(&app, "GET", &path, "").await.json();
        let snaps = page["overrides"].as_array().unwrap();
        assert!(snaps.len() <= 2);
        names.extend(snaps.iter().map(|snap| snap["name"].as_str().unwrap().to_owned()));
        let Some(next) = page["next-cursor"].as_str() else { break };
        path = format!("/v2/overrides?limit=2&cursor={next}");
    }
    assert_eq!(names, ["anyarch", "lumen-notes", "stepdb"]);
    for (query, code, pointer) in [
        ("limit=0", "bad-limit", "query:limit"),
        ("limit=101", "bad-limit", "query:limit"),
        ("cursor=A", "bad-cursor", "query:cursor"),
        ("page=1", "unknown-parameter", "query:page"),
    ] {
        let received = ask_internal(&app, "GET", &format!("/v2/overrides?{query}"), "").await;
        refused(&received, 400, &[(code, Some(pointer))]);
    }
}

#[tokio::test]
async fn devices_and_pages_find_no_such_route() {
    let app = TestApp::start(SHELF).await;
    for path in ["/v2/overrides", PATH] {
        for method in ["GET", "POST", "DELETE"] {
            let (method, path) = (method.to_owned(), path.to_owned());
            let sent = Sent { method, path, headers: Vec::new(), body: Vec::new() };
            assert_eq!(ask(&app.public, &sent).await.unwrap().status, 404);
        }
    }
    assert_eq!(ask_internal(&app, "PUT", PATH, "").await.status, 405);
    assert_eq!(ask_internal(&app, "POST", "/v2/overrides", "").await.status, 405);
}
