//! Many who look at jobs are in nobody else's way.

use crate::jobs::Place;
use crate::jobs::plain;
use crate::support::app::PATIENCE;
use crate::support::app::TestApp;
use crate::support::app::ask;
use crate::support::app::sent;
use crate::support::database;
use snapwise::editorial::Role;
use snapwise::http::Tokens;
use std::time::Duration;
use std::time::Instant;
use tokio::task::JoinSet;

const TOKEN: &str = "the-token-of-an-admin-for-tests-only";

/// As many as wait at once for a job of a large fleet.
const CROWD: usize = 200;

#[tokio::test]
async fn a_crowd_that_looks_at_jobs_is_not_in_the_way_of_editors() {
    let place = Place::new().await;
    let tokens = Tokens::entry("bob", Role::Admin, TOKEN).unwrap();
    let app = TestApp::serve(&place.test.url, &[("SNAPWISE_EDITOR_TOKENS", &tokens)]);
    let id = place.enqueue(&plain("mine", None)).await.id;
    // As long as this holds, whoever looks waits, and what they look through is taken.
    let mut client = place.client().await;
    let held = client.transaction().await.unwrap();
    held.batch_execute("LOCK TABLE job IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let mut crowd = JoinSet::new();
    for _ in 0..CROWD {
        let (address, sent) = (app.internal.clone(), sent("GET", &format!("/v2/jobs/{id}"), &[]));
        crowd.spawn(async move { ask(&address, &sent).await.unwrap().status });
    }
    let waiting = "SELECT count(*) FROM pg_stat_activity
                   WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let watching = database::connect(&place.test.url).await;
    let since = Instant::now();
    while watching.query_one(waiting, &[]).await.unwrap().get::<_, i64>(0) < 2 {
        assert!(since.elapsed() < PATIENCE, "nobody looks");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let bearer = format!("Bearer {TOKEN}");
    for _ in 0..3 {
        let audit = app.send(&sent("GET", "/v2/audit", &[("Authorization", &bearer)])).await;
        assert_eq!(audit.status, 200, "{}", String::from_utf8_lossy(&audit.body));
    }
    held.rollback().await.unwrap();
    while let Some(status) = crowd.join_next().await {
        // Who waited for too long was told to come again.
        assert!(matches!(status.unwrap(), 200 | 503));
    }
    let looked = app.ask_operator(&format!("/v2/jobs/{id}")).await;
    assert_eq!(looked.status, 200);
}
