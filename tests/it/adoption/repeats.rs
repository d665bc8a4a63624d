//! Adopting again, and being killed.

use crate::adoption::Left;
use crate::adoption::Pair;
use crate::adoption::id;
use crate::adoption::text;
use crate::support::app::PATIENCE;
use crate::support::app::snapwise;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;
use tokio_postgres::Client;

#[tokio::test]
async fn adopting_again_changes_nothing() {
    for left in [Left::After14, Left::After18] {
        let mut pair = Pair::with_rows(left).await;
        pair.adopt();
        let before = pair.everything().await;
        // As the earlier service was told of it.
        let theirs = pair.from.replacen("postgresql:", "postgresql+psycopg2:", 1);
        assert_ne!(theirs, pair.from, "it is a URL");
        pair.from = theirs;
        let said = pair.adopt();
        assert!(said.contains("\nsnaps: 17 read, 0 added, 6 known, 11 rejected: "), "{said}");
        assert!(said.ends_with("nothing to publish\n"), "{said}");
        assert_eq!(pair.everything().await, before);
    }
}

#[tokio::test]
async fn what_was_decided_here_since_stays_decided() {
    let pair = Pair::with_rows(Left::After14).await;
    pair.adopt();
    let decided = format!(
        "DELETE FROM exclusion WHERE snap_id = '{delta}';
         DELETE FROM slice WHERE slice_id = 'empty';
         DELETE FROM slice_snap WHERE snap_id = '{beta}';
         UPDATE slice SET name = 'Ours';
         UPDATE slice_snap SET position = 9 WHERE snap_id = '{zeta}';
         UPDATE listed SET title = 'Newer', vanished_at = now() WHERE snap_id = '{alpha}';
         UPDATE verdict SET rejection = 'old' WHERE snap_id = '{beta}';
         UPDATE measure SET active_devices = 1;
         DELETE FROM placed WHERE snap_id <> '{gamma}';
         UPDATE setting SET value = '\"2026-11-01T00:00:00.000000+00:00\"' WHERE key = 'last_updated'",
        alpha = id("alpha"),
        beta = id("beta"),
        gamma = id("gamma"),
        delta = id("delta"),
        zeta = id("zeta"),
    );
    pair.ours.batch_execute(&decided).await.unwrap();
    let before = pair.everything().await;
    let said = pair.adopt();
    assert!(said.ends_with("nothing to publish\n"), "{said}");
    assert_eq!(pair.everything().await, before);
}

#[tokio::test]
async fn what_came_there_since_is_added() {
    let pair = Pair::with_rows(Left::After14).await;
    pair.adopt();
    let later = format!(
        "UPDATE snap SET excluded = true WHERE name = 'zeta';
         INSERT INTO snap SELECT '{eta}', title, 'eta', version, summary, description, icon, website, contact,
             publisher, revision, links, media, developer_validation, license, last_updated, active_devices,
             reaches_min_threshold, raw_rating, total_votes, false, date_published, categories
             FROM snap WHERE name = 'alpha';
         INSERT INTO editorial_slice_snap VALUES ('our_picks', '{eta}', '2026-01-01');
         INSERT INTO snap_recommendation_score VALUES ('{eta}', 'popular', 1, now());
         INSERT INTO snap_recommendation_score_history
             VALUES ('{eta}', 'popular', 1, (now() AT TIME ZONE 'UTC')::date - 7);
         INSERT INTO featured_history (snap_id, featured_at, is_manual) VALUES ('{eta}', '2026-08-01', true)",
        eta = id("eta"),
    );
    pair.theirs.batch_execute(&later).await.unwrap();
    let said = pair.adopt();
    for line in [
        "snaps: 18 read, 1 added, 6 known, 11 rejected",
        "exclusions: 5 read, 1 added, 3 known, 1 rejected",
        // There are rankings by now.
        "scores: 11 read, 0 added, 6 known, 5 rejected",
        "score history: 12 read, 1 added, 5 known, 6 rejected",
        "slices: 4 read, 0 added, 2 known, 2 rejected",
        "snaps in slices: 7 read, 1 added, 3 known, 3 rejected",
        "featured history: 7 read, 1 added, 4 known, 2 rejected",
        "settings: 6 read, 0 added, 4 known, 2 rejected",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    assert!(said.ends_with("published generation 2\n"), "{said}");
    let last = "SELECT snap_id FROM slice_snap ORDER BY position DESC LIMIT 1";
    assert_eq!(text(&pair.ours, last).await, [id("eta")]);
    let changed = "SELECT name FROM listed WHERE generation = 2";
    assert_eq!(text(&pair.ours, changed).await, ["eta"]);
}

#[tokio::test]
async fn a_slice_that_was_made_here_is_not_theirs() {
    let pair = Pair::with_rows(Left::After14).await;
    let own = "INSERT INTO slice VALUES ('our_picks', 'Made here', '', now())";
    pair.ours.batch_execute(own).await.unwrap();
    let said = pair.adopt();
    assert!(said.contains("slices: 4 read, 1 added, 1 known, 2 rejected"), "{said}");
    assert!(said.contains("snaps in slices: 6 read, 0 added, 3 known, 3 rejected"), "{said}");
    let name = "SELECT name FROM slice WHERE slice_id = 'our_picks'";
    assert_eq!(text(&pair.ours, name).await, ["Made here"]);
    pair.ours.batch_execute("DELETE FROM slice WHERE slice_id = 'our_picks'").await.unwrap();
    assert!(pair.adopt().ends_with("nothing to publish\n"));
}

async fn wait_for_row(client: &Client, sql: &str) {
    let since = Instant::now();
    while client.query(sql, &[]).await.unwrap().is_empty() {
        assert!(since.elapsed() < PATIENCE, "never a row: {sql}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_in_the_middle_it_leaves_nothing() {
    let pair = Pair::with_rows(Left::After14).await;
    // The settings are read last: it waits there with all the rest written.
    pair.theirs.batch_execute("BEGIN; LOCK TABLE settings IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let mut command = snapwise(&pair.into, &["adopt", "--from", &pair.from]);
    let mut process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let waits = "SELECT pid FROM pg_locks WHERE NOT granted AND locktype = 'relation'
                 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    wait_for_row(&pair.theirs, waits).await;
    let is_writing = "SELECT pid FROM pg_stat_activity
                      WHERE datname = current_database() AND backend_xid IS NOT NULL";
    assert_eq!(pair.ours.query(is_writing, &[]).await.unwrap().len(), 1, "it has written");
    process.kill().unwrap();
    process.wait().unwrap();
    pair.theirs.batch_execute("COMMIT").await.unwrap();
    let nobody = "SELECT 1 WHERE NOT EXISTS (SELECT pid FROM pg_stat_activity
                  WHERE datname = current_database() AND application_name = 'snapwise')";
    wait_for_row(&pair.ours, nobody).await;
    assert!(pair.everything().await.is_empty(), "something of it is there");
    assert!(pair.adopt().ends_with("published generation 1\n"));
}
