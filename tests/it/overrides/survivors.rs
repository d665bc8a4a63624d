//! Decisions while processes are killed, and while several are made at once.

use crate::overrides::SHELF;
use crate::overrides::ask_internal;
use crate::overrides::install;
use crate::overrides::standing;
use crate::overrides::told;
use crate::support::app::TestApp;
use crate::support::app::snapwise;
use crate::support::database;
use std::process::Stdio;
use std::time::Duration;

/// What is decided, how many audit entries there are beyond it, and the generations.
async fn decided(app: &TestApp) -> (i64, i64, i64) {
    let client = database::connect(&app.database_url).await;
    let sql = "SELECT (SELECT count(*) FROM override), (SELECT count(*) FROM audit),
                      (SELECT max(number) FROM generation)";
    let row = client.query_one(sql, &[]).await.unwrap();
    (row.get(0), row.get(1), row.get(2))
}

#[tokio::test]
async fn a_command_that_is_killed_decides_wholly_or_not_and_can_be_repeated() {
    let app = TestApp::start(SHELF).await;
    let mut n_changes = 0;
    for round in 0..12_u64 {
        let (words, expected) = if round % 2 == 0 {
            (["override", "lumen-notes", "stable=9"], 1)
        } else {
            (["override", "delete", "lumen-notes"], 0)
        };
        let mut words = words.to_vec();
        if expected == 0 {
            words.push("stable");
        }
        let mut command = snapwise(&app.database_url, &words);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        tokio::time::sleep(Duration::from_millis(round * 6)).await;
        // It may have come to its end before.
        drop(child.kill());
        child.wait().unwrap();
        // Whenever that was: an override, its entry in the audit and its generation are there together or not at all.
        // What the database had been told to commit may come to pass a moment later; so it is asked for again.
        let repeated = snapwise(&app.database_url, &words).output().unwrap();
        assert!(repeated.status.success());
        n_changes += 1;
        assert_eq!(decided(&app).await, (expected, n_changes, n_changes + 1), "round {round}");
    }
    app.wait_for_generation(n_changes + 1).await;
    assert_eq!(told(&app, install("lumen-notes", "stable")).await, "10 stable");
}

#[tokio::test]
async fn decisions_at_once_are_all_made() {
    let app = TestApp::start(SHELF).await;
    let body = |risk: &str| format!(r#"{{"channel": "try/{risk}", "revision": 12}}"#);
    let path = "/v2/overrides/lumen-notes";
    let decide = async |body: String| ask_internal(&app, "POST", path, &body).await.status;
    let (one, two, three, four) = tokio::join!(
        decide(body("stable")),
        decide(body("candidate")),
        decide(body("beta")),
        decide(body("edge")),
    );
    assert_eq!([one, two, three, four], [200; 4]);
    let shown = ask_internal(&app, "GET", path, "").await.json();
    assert_eq!(shown["snap"]["overrides"].as_array().unwrap().len(), 4);
    assert_eq!(standing(&app).await, (5, 4));
}

#[tokio::test]
async fn a_snap_holds_only_so_many_decisions() {
    let app = TestApp::start(SHELF).await;
    let client = database::connect(&app.database_url).await;
    let fill = "INSERT INTO override
                SELECT snap_id, 'track-' || n, 'stable', '', 'amd64', 10, now()
                FROM snap, generate_series(1, 256) AS n WHERE name = 'lumen-notes'";
    client.execute(fill, &[]).await.unwrap();
    let path = "/v2/overrides/lumen-notes";
    let received =
        ask_internal(&app, "POST", path, r#"{"channel": "one-more", "revision": 10}"#).await;
    assert_eq!(received.status, 400);
    assert_eq!(received.json()["error-list"][0]["code"], "too-many-overrides");
    // What is there can be changed and taken back.
    let received =
        ask_internal(&app, "POST", path, r#"{"channel": "track-7", "revision": 9}"#).await;
    assert_eq!(received.status, 200);
    let received = ask_internal(&app, "DELETE", &format!("{path}?channel=track-8"), "").await;
    assert_eq!(received.json()["snap"]["overrides"].as_array().unwrap().len(), 255);
}

#[tokio::test]
async fn a_snap_whose_record_is_broken_is_decided_about_by_nobody() {
    let app = TestApp::start(SHELF).await;
    let client = database::connect(&app.database_url).await;
    ask_internal(&app, "POST", "/v2/overrides/lumen-notes", r#"{"block": 10}"#).await;
    app.wait_for_generation(2).await;
    // A row that cannot be read spoils the decision, not the server.
    client
        .batch_execute(
            "ALTER DOMAIN version_text DROP CONSTRAINT version_text_rule;
             UPDATE revision SET version = 'a b' WHERE revision = 9",
        )
        .await
        .unwrap();
    let received =
        ask_internal(&app, "POST", "/v2/overrides/lumen-notes", r#"{"block": 12}"#).await;
    assert_eq!(received.status, 409);
    assert_eq!(received.json()["error-list"][0]["code"], "broken-record");
    assert_eq!(told(&app, install("lumen-notes", "stable")).await, "9 stable");
}
