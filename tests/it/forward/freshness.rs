//! Assertions that were kept in passing, asked for anew some time later.

use crate::forward::assertions::KIND;
use crate::forward::assertions::PATH;
use crate::forward::assertions::account;
use crate::forward::assertions::get;
use crate::forward::assertions::wait_until_held;
use crate::forward::before;
use crate::forward::groups::lead_to;
use crate::forward::groups::of_account;
use crate::support::app::PATIENCE;
use crate::support::app::TestApp;
use crate::support::database;
use crate::support::recorder::Recorder;
use crate::support::recorder::said;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;
use tempfile::NamedTempFile;

/// What it says instead of a revision.
const MISSING: u32 = 1_000;
const SILENT: u32 = 1_001;
const ANOTHER: u32 = 1_002;

const BRIEF: (&str, &str) = ("SNAPWISE_UPSTREAM_ASSERTIONS_MAX_AGE_S", "1");

fn revised(id: &str, revision: u32) -> String {
    account(id).replace("account-id", &format!("revision: {revision}\naccount-id"))
}

/// An upstream with an account whose revision can be set.
async fn with_revisions() -> (Recorder, Arc<AtomicU32>) {
    let revision = Arc::new(AtomicU32::new(1));
    let told = Arc::clone(&revision);
    let upstream = Recorder::start(move |_| {
        let json = [("Content-Type", "application/json")];
        match told.load(Ordering::SeqCst) {
            MISSING => Some(said(
                404,
                &json,
                r#"{"error-list": [{"code": "not-found", "message": "no"}]}"#,
            )),
            SILENT => None,
            ANOTHER => Some(said(200, &[KIND], &account("eve"))),
            revision => Some(said(200, &[KIND], &revised("ann", revision))),
        }
    })
    .await;
    (upstream, revision)
}

/// Asks until that revision is the answer.
async fn wait_for_revision(app: &TestApp, path: &str, revision: u32) {
    let since = Instant::now();
    loop {
        let answer = get(app, path, &[]).await;
        assert_eq!(answer.status, 200);
        if answer.body == revised("ann", revision).into_bytes() {
            return;
        }
        assert!(since.elapsed() < PATIENCE, "{}", app.log());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Waits until the database holds an assertion of which that is true.
async fn wait_until_stored(app: &TestApp, condition: &str) {
    let client = database::connect(&app.database_url).await;
    let sql = format!("SELECT count(*) FROM assertion WHERE {condition}");
    let since = Instant::now();
    while client.query_one(&sql, &[]).await.unwrap().get::<_, i64>(0) == 0 {
        assert!(since.elapsed() < PATIENCE, "{}", app.log());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn what_was_kept_is_asked_for_anew_and_the_answer_all_the_same() {
    let (upstream, revision) = with_revisions().await;
    let app = before(&upstream, &[BRIEF]).await;
    wait_for_revision(&app, PATH, 1).await;
    wait_until_held(&app).await;
    revision.store(2, Ordering::SeqCst);
    wait_for_revision(&app, PATH, 2).await;
    wait_until_stored(&app, "revision = 2").await;
    // An older one, none, another one, silence: what is held is the answer.
    for says in [1, MISSING, ANOTHER, SILENT] {
        revision.store(says, Ordering::SeqCst);
        // Another server begins without a memory, so it asks.
        let other =
            TestApp::serve(&app.database_url, &[("SNAPWISE_UPSTREAM", &upstream.url()), BRIEF]);
        let n_asked = upstream.asked().len();
        for _ in 0..2 {
            let answer = get(&other, PATH, &[]).await;
            assert_eq!(
                (answer.status, answer.body),
                (200, revised("ann", 2).into_bytes()),
                "{says}"
            );
        }
        assert!(upstream.asked().len() > n_asked, "{says}");
    }
    drop(upstream);
    let other =
        TestApp::serve(&app.database_url, &[("SNAPWISE_UPSTREAM", "http://127.0.0.1:1"), BRIEF]);
    let answer = get(&other, PATH, &[]).await;
    assert_eq!((answer.status, answer.body), (200, revised("ann", 2).into_bytes()));
}

#[tokio::test]
async fn what_is_fresh_is_not_asked_for_and_a_group_knows_it() {
    let (upstream, revision) = with_revisions().await;
    let app = before(&upstream, &[]).await;
    let behind = "/v2/assertions/account/ann?max-format=0";
    assert_eq!(get(&app, behind, &[]).await.status, 200);
    wait_until_held(&app).await;
    revision.store(2, Ordering::SeqCst);
    let mut known = of_account("ann");
    known["if-newer-than"] = 1.into();
    assert_eq!(lead_to(&app, &[known.clone()]).await, [""; 0]);
    assert_eq!(get(&app, behind, &[]).await.body, revised("ann", 1).into_bytes());
    assert_eq!(upstream.asked().len(), 1);
    // A server without a memory sends the device there, for there may be a newer one.
    let url = upstream.url();
    let other = TestApp::serve(&app.database_url, &[("SNAPWISE_UPSTREAM", &url)]);
    assert_eq!(lead_to(&other, &[known.clone()]).await, [behind]);
    assert_eq!(upstream.asked().len(), 1);
    assert_eq!(get(&other, behind, &[]).await.body, revised("ann", 2).into_bytes());
    // What came is held by both, and fresh where it came.
    wait_for_revision(&app, behind, 2).await;
    wait_for_revision(&other, behind, 2).await;
    let newest = "SELECT max(number) FROM generation";
    let client = database::connect(&app.database_url).await;
    other.wait_for_generation(client.query_one(newest, &[]).await.unwrap().get(0)).await;
    let lacking = lead_to(&other, &[known]).await;
    assert!(lacking.len() == 1 && lacking[0].starts_with("/v2/assertion-streams/"), "{lacking:?}");
    // Where it never ends, none is asked for anew.
    let n_asked = upstream.asked().len();
    let never = ("SNAPWISE_UPSTREAM_ASSERTIONS_MAX_AGE_S", "0");
    let third = TestApp::serve(&app.database_url, &[("SNAPWISE_UPSTREAM", &url), never]);
    wait_for_revision(&third, behind, 2).await;
    assert_eq!(upstream.asked().len(), n_asked);
}

#[tokio::test]
async fn what_an_operator_gave_us_is_never_asked_for() {
    let (upstream, _) = with_revisions().await;
    let app = before(&upstream, &[BRIEF]).await;
    let url = upstream.url();
    let settings = [("SNAPWISE_UPSTREAM", url.as_str()), BRIEF];
    let import = async |text: &str| {
        let mut file = NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let path = file.path().to_str().unwrap().to_owned();
        let output = app.run(&["assertions", "import", &path]).await;
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    import(&revised("bob", 3)).await;
    assert_eq!(get(&app, "/v2/assertions/account/bob", &[]).await.status, 200);
    assert_eq!(upstream.n_connections(), 0);
    // One that was kept in passing is, until it is imported.
    assert_eq!(get(&app, PATH, &[]).await.status, 200);
    wait_until_stored(&app, "in_passing").await;
    import(&revised("ann", 1)).await;
    let n_asked = upstream.asked().len();
    let other = TestApp::serve(&app.database_url, &settings);
    assert_eq!(get(&other, PATH, &[]).await.status, 200);
    assert_eq!(upstream.asked().len(), n_asked);
}
