//! What devices see of rankings: a field for those who name it, and no snap that was withdrawn.

use crate::support::app::Received;
use crate::support::app::Sent;
use crate::support::app::TestApp;
use crate::support::app::sent;
use crate::support::fixture::Change;
use crate::support::fixture::Listed;
use crate::support::fixture::listed;
use crate::support::scenario::folder;
use serde_json::Value;
use serde_json::json;

const LUMEN: &str = "Nn4Qw8Er2Ty6Ui0Op3As7Df1Gh5Jk9Lz";
const DEVICE: [(&str, &str); 2] =
    [("Snap-Device-Series", "16"), ("Snap-Device-Architecture", "amd64")];
const INFO: &str = "/v2/snaps/info/lumen-notes";

fn install(path: &str, name: &str, fields: Option<&[&str]>) -> Sent {
    let mut body = json!({
        "context": [],
        "actions": [{"action": "install", "instance-key": "one", "name": name, "channel": "stable"}],
    });
    if let Some(fields) = fields {
        body["fields"] = json!(fields);
    }
    Sent { body: body.to_string().into_bytes(), ..sent("POST", path, &DEVICE) }
}

/// The places of the shelf's snap: shown in one ranking, ranked in another.
fn ranked() -> Change {
    let snap = Listed { id: LUMEN.to_owned(), name: "lumen-notes".to_owned(), ..listed(1) };
    let places = [
        ("popular", listed(2).id, 1, 0.99, Some(1)),
        ("popular", LUMEN.to_owned(), 2, 0.9668, Some(2)),
        ("recent", LUMEN.to_owned(), 1, 0.5, None),
    ];
    Change::default().listed([snap, listed(2)]).places(&places)
}

async fn rankings(app: &TestApp, fields: &[&str]) -> Value {
    let received = app.send(&install("/v2/snaps/refresh", "lumen-notes", Some(fields))).await;
    received.json()["results"][0]["snap"].clone()
}

#[tokio::test]
async fn who_asks_for_rankings_is_told_where_a_snap_is_shown() {
    let app = TestApp::start("shelf.jsonl").await;
    assert_eq!(rankings(&app, &["rankings"]).await, json!({"rankings": []}));
    ranked().publish(&app).await;
    let expected = json!([{"category": "popular", "rank": 2, "score": 0.9668}]);
    assert_eq!(rankings(&app, &["rankings"]).await, json!({"rankings": expected}));
    let snap = rankings(&app, &["revision", "rankings", "name"]).await;
    let all = json!({"name": "lumen-notes", "rankings": expected, "revision": 10});
    assert_eq!(snap, all);
    let draft = app.send(&install("/snaps/refresh", "lumen-notes", Some(&["rankings"]))).await;
    assert_eq!(draft.json()["results"][0]["snap"], json!({"rankings": expected}));
    let info = app.send(&sent("GET", &format!("{INFO}?fields=rankings,title"), &DEVICE)).await;
    assert_eq!(info.json()["snap"], json!({"title": "Lumen Notes", "rankings": expected}));
    // Rank and exclusion are those of the pages.
    Change::default().excluded(&[listed(2).id]).publish(&app).await;
    let first = json!([{"category": "popular", "rank": 1, "score": 0.9668}]);
    assert_eq!(rankings(&app, &["rankings"]).await, json!({"rankings": first}));
    Change::default().excluded(&[LUMEN.to_owned()]).publish(&app).await;
    assert_eq!(rankings(&app, &["rankings"]).await, json!({"rankings": []}));
}

#[tokio::test]
async fn who_does_not_ask_gets_the_same_bytes_with_and_without_rankings() {
    let app = TestApp::start("shelf.jsonl").await;
    let asked = |fields| install("/v2/snaps/refresh", "lumen-notes", fields);
    let questions = [
        asked(None),
        asked(Some(&["revision", "name", "download"][..])),
        asked(Some(&[])),
        install("/snaps/refresh", "lumen-notes", None),
        sent("GET", INFO, &DEVICE),
    ];
    let mut before: Vec<Received> = Vec::new();
    for question in &questions {
        before.push(app.send(question).await);
    }
    ranked().publish(&app).await;
    for (question, before) in questions.iter().zip(before) {
        let after = app.send(question).await;
        assert_eq!(after.body, before.body, "{}", question.path);
        assert!(!String::from_utf8_lossy(&after.body).contains("rankings"));
    }
}

/// The code of the refusal of an install, or `offer`.
async fn outcome(app: &TestApp) -> String {
    let received = app.send(&install("/v2/snaps/refresh", "lumen-notes", None)).await;
    let result = received.json()["results"][0].clone();
    result["error"]["code"].as_str().unwrap_or("offer").to_owned()
}

#[tokio::test]
async fn a_withdrawn_snap_is_unknown_until_it_is_stored_anew_with_its_history() {
    let app = TestApp::start("shelf.jsonl").await;
    assert_eq!(outcome(&app).await, "offer");
    let history = "SELECT count(*) FROM release WHERE snap_id = $1";
    let client = crate::support::database::connect(&app.database_url).await;
    let n_before: i64 = client.query_one(history, &[&LUMEN]).await.unwrap().get(0);
    let withdraw = format!(
        "UPDATE snap SET withdrawn_at = now(), generation = $generation WHERE snap_id = '{LUMEN}'"
    );
    Change::default().sql(withdraw).publish(&app).await;
    assert_eq!(outcome(&app).await, "name-not-found");
    assert_eq!(app.send(&sent("GET", INFO, &DEVICE)).await.status, 404);
    let fresh = TestApp::serve(&app.database_url, &[]);
    assert_eq!(outcome(&fresh).await, "name-not-found");
    let shelf = folder().join("shelf.jsonl");
    let imported = app.run(&["catalogue", "import", shelf.to_str().unwrap()]).await;
    assert!(imported.status.success(), "{}", String::from_utf8_lossy(&imported.stderr));
    assert_eq!(outcome(&app).await, "offer");
    let n_after: i64 = client.query_one(history, &[&LUMEN]).await.unwrap().get(0);
    assert_eq!(n_before, n_after);
    let again = app.run(&["catalogue", "import", shelf.to_str().unwrap()]).await;
    assert!(again.status.success());
    let client = crate::support::database::connect(&app.database_url).await;
    let newest: i64 =
        client.query_one("SELECT max(number) FROM generation", &[]).await.unwrap().get(0);
    assert_eq!(newest, 3, "the same file again changes nothing");
}
