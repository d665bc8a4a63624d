//! The collector is killed, or PostgreSQL under it.

use crate::collector::ALL_DUE;
use crate::collector::Scene;
use crate::collector::ends_well;
use crate::support::app::PATIENCE;
use crate::support::app::snapwise;
use crate::support::database;
use crate::support::private;
use rustix::process::Pid;
use rustix::process::Signal;
use serde_json::json;
use snapwise::postgres::Private;
use std::process::Child;
use std::time::Duration;
use std::time::Instant;

/// A way to keep a run in a stage: what the upstream does not answer, or the table whose rows may not be written.
const STAGES: [(&str, Option<&str>, Option<&str>); 4] = [
    ("collect", Some("info"), None),
    ("filter", None, Some("verdict")),
    ("extra_fields", Some("metrics"), None),
    ("score", None, Some("placed")),
];

/// The owner of the running job was last heard of long ago.
const LEASE_RUNS_OUT: &str =
    "UPDATE job SET heartbeat_at = heartbeat_at - interval '1 hour' WHERE state = 'running'";

/// Waits until the run is in that stage and waits for that table.
async fn is_in(scene: &Scene, stage: &str, table: Option<&str>) {
    scene
        .wait_for(&format!(
            "SELECT count(*) = 1 FROM job WHERE state = 'running' AND stage = '{stage}'"
        ))
        .await;
    if let Some(table) = table {
        let waits = format!(
            "SELECT count(*) > 0 FROM pg_locks WHERE NOT granted AND relation = '{table}'::regclass"
        );
        scene.wait_for(&waits).await;
    }
}

fn kill(process: &mut Child) {
    process.kill().unwrap();
    process.wait().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_killed_in_any_stage_leaves_the_rankings_and_the_next_takes_over() {
    let scene = Scene::new(40).await;
    scene.run(&["start"]);
    let mut other = database::connect(&scene.url).await;
    for (n_jobs, (stage, hangs, locked)) in (2..).zip(STAGES) {
        let before = scene.in_service().await;
        let fail = hangs.map_or(json!({}), |kind| json!({kind: "hang"}));
        scene.upstream.set(json!({"fail": fail})).await;
        scene.client.execute("UPDATE info_read SET etag = NULL", &[]).await.unwrap();
        let lock = other.transaction().await.unwrap();
        if let Some(table) = locked {
            let sql = format!("LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE");
            lock.batch_execute(&sql).await.unwrap();
        }
        let mut killed = scene.spawn(&["start", "--force"], &[ALL_DUE]);
        is_in(&scene, stage, locked).await;
        kill(&mut killed);
        lock.rollback().await.unwrap();
        scene.upstream.set(json!({})).await;
        assert_eq!(scene.in_service().await, before, "killed in {stage}");
        assert_eq!(scene.last_job().await.0, "running", "nobody knows yet");
        scene.client.execute(LEASE_RUNS_OUT, &[]).await.unwrap();
        scene.run(&["start", "--force"]);
        assert_ne!(scene.in_service().await, before, "taken over from {stage}");
        assert_eq!(scene.number("SELECT count(*) FROM job").await, n_jobs);
        let done = "SELECT count(*) FROM job WHERE state = 'succeeded'";
        assert_eq!(scene.number(done).await, n_jobs);
    }
    assert_eq!(scene.number("SELECT count(*) FROM job WHERE attempt = 2").await, 4);
    assert_eq!(scene.n_overlaps().await, 0);
}

/// The second is there before the lease of the first runs out, and wants something else.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_waits_for_a_dead_run_ends_it_and_then_does_their_own() {
    let scene = Scene::new(30).await;
    scene.upstream.set(json!({"fail": {"info": "hang"}})).await;
    let mut killed = scene.spawn(&["start", "--force"], &[]);
    is_in(&scene, "collect", None).await;
    kill(&mut killed);
    scene.upstream.set(json!({})).await;
    let mut next = scene.spawn(&["initial"], &[]);
    let listening = "SELECT count(*) > 0 FROM pg_stat_activity
                     WHERE datname = current_database() AND query LIKE 'LISTEN%'";
    scene.wait_for(listening).await;
    assert_eq!(scene.number("SELECT count(*) FROM job").await, 1);
    scene.client.execute(LEASE_RUNS_OUT, &[]).await.unwrap();
    assert!(ends_well(&mut next));
    let steps = scene.texts("SELECT step FROM step_run WHERE success ORDER BY number").await;
    assert_eq!(steps, ["collect", "filter", "extra_fields", "score", "collect"]);

    // Whatever kills a run each time is not begun for ever.
    scene.upstream.set(json!({"fail": {"search": "hang"}})).await;
    let mut killed = scene.spawn(&["start", "--force"], &[]);
    is_in(&scene, "collect", None).await;
    kill(&mut killed);
    scene.upstream.set(json!({})).await;
    scene
        .client
        .execute("UPDATE job SET attempt = max_attempts WHERE state = 'running'", &[])
        .await
        .unwrap();
    scene.client.execute(LEASE_RUNS_OUT, &[]).await.unwrap();
    // Whether it is found failed, or just before that: then this is how the run that was waited for ended.
    scene.ended(&["start", "--force"], &[]);
    let failed = scene.texts("SELECT error FROM job WHERE state = 'failed'").await;
    assert!(
        failed.len() == 1 && failed[0].ends_with("was not heard of any more in attempt 3"),
        "{failed:?}"
    );
    scene.run(&["start", "--force"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgresql_killed_in_the_middle_of_a_stage_costs_an_attempt_and_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let private = Private::start(folder.path(), &private::options()).unwrap();
    assert!(snapwise(private.url(), &["migrate"]).output().unwrap().status.success());
    let mut scene = Scene::on(private.url().to_owned(), 30).await;
    scene.run(&["start"]);
    for (n_failed, (stage, table)) in (1..).zip([("collect", "listed"), ("score", "placed")]) {
        let before = scene.in_service().await;
        let mut other = database::connect(&scene.url).await;
        let lock = other.transaction().await.unwrap();
        lock.batch_execute(&format!("LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE"))
            .await
            .unwrap();
        let mut run = scene.spawn(&["start", "--force"], &[ALL_DUE]);
        is_in(&scene, stage, Some(table)).await;
        let pid = private.pid();
        let process = Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
        rustix::process::kill_process(process, Signal::KILL).unwrap();
        let since = Instant::now();
        while private.pid() == pid {
            assert!(since.elapsed() < PATIENCE, "nobody restarts PostgreSQL");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        drop(lock);
        assert!(ends_well(&mut run), "killed in {stage}");
        scene.client = database::connect(&scene.url).await;
        assert_ne!(scene.in_service().await, before, "after {stage}");
        let job = "SELECT state || ' ' || attempt FROM job ORDER BY created_at DESC LIMIT 1";
        assert_eq!(scene.texts(job).await, ["succeeded 2"]);
        let failed = format!("SELECT message FROM step_run WHERE NOT success AND step = '{stage}'");
        let failed = scene.texts(&failed).await;
        assert!(failed.len() == 1 && failed[0].starts_with("cannot "), "{failed:?}");
        assert_eq!(scene.number("SELECT count(*) FROM step_run WHERE NOT success").await, n_failed);
    }
}
