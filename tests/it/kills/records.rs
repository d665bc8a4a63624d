//! A record in the database that is broken: it costs its own snap and no other.

use crate::kills::SHELF;
use crate::kills::get;
use crate::kills::metric;
use crate::kills::n_lines;
use crate::kills::offered;
use crate::kills::run;
use crate::kills::stocked;
use crate::kills::wait_for_metric;
use crate::support::app::TestApp;
use crate::support::app::snapwise;
use crate::support::database;

const SPOILT: &str = "snapwise_catalogue_spoilt_snaps";
const STEPDB: &str = "Sd9Ae8Rf7Tg6Yh5Uj4Ik3Ol2Pq1Wz0Xc";

/// Publishes a change of stepdb that was made by hand.
fn by_hand(change: &str) -> String {
    format!(
        "BEGIN; {change};
         INSERT INTO generation SELECT max(number) + 1, now(), 'by hand' FROM generation;
         UPDATE snap SET generation = (SELECT max(number) FROM generation) WHERE snap_id = '{STEPDB}';
         NOTIFY snapwise_catalogue; COMMIT"
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_spoilt_record_leaves_out_its_snap_alone() {
    let url = stocked(SHELF).await;
    let app = TestApp::serve(&url, &[]);
    let all = ["lumen-notes", "stepdb", "gridkit"];
    assert_eq!(offered(&app, &all).await, ["10", "3", "5"]);

    let client = database::connect(&url).await;
    let rule = "ALTER DOMAIN version_text DROP CONSTRAINT version_text_rule";
    client.batch_execute(rule).await.unwrap();
    let nonsense = "UPDATE revision SET version = E'not\\na version' WHERE revision = 3";
    let change = format!("{nonsense} AND snap_id = '{STEPDB}'");
    client.batch_execute(&by_hand(&change)).await.unwrap();
    app.wait_for_generation(2).await;
    assert_eq!(offered(&app, &all).await, ["10", "name-not-found", "5"]);
    assert_eq!(app.send(&get("/v2/snaps/info/stepdb")).await.status, 404);
    assert_eq!(metric(&app, SPOILT).await, 1);
    assert_eq!(metric(&app, "snapwise_catalogue_snaps").await, 6);
    assert!(app.log().contains(STEPDB), "the log names it: {}", app.log());

    // Publications that do not touch it change nothing about it.
    app.run(&["catalogue", "release", "lumen-notes", "9", "stable"]).await;
    assert_eq!(offered(&app, &all).await, ["9", "name-not-found", "5"]);
    assert_eq!(metric(&app, SPOILT).await, 1);

    // A server that loads everything anew finds the same.
    let fresh = TestApp::serve(&url, &[]);
    assert_eq!(offered(&fresh, &all).await, ["9", "name-not-found", "5"]);
    assert_eq!(metric(&fresh, SPOILT).await, 1);
    drop(fresh);

    // Who writes hears of it, and the others' documents are written.
    let output = snapwise(&url, &["catalogue", "export"]).output().unwrap();
    assert!(output.status.success());
    assert_eq!(n_lines(&output.stdout), 6);
    assert!(String::from_utf8_lossy(&output.stderr).contains(STEPDB));
    let refused = snapwise(&url, &["catalogue", "release", "stepdb", "3", "stable"]).output();
    let refused = refused.unwrap();
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("cannot be read"));

    let mended = by_hand(&change.replace("E'not\\na version'", "'0.3'"));
    client.batch_execute(&mended).await.unwrap();
    wait_for_metric(&app, SPOILT, |n| n == 0).await;
    assert_eq!(offered(&app, &all).await, ["9", "3", "5"]);
    run(&url, &["catalogue", "release", "stepdb", "1", "stable"]);
}
