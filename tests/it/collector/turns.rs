//! Whoever starts a run, there is one at a time.

use crate::collector::Scene;
use crate::collector::ends_well;
use crate::support::app::PATIENCE;
use rustix::process::Pid;
use rustix::process::Signal;
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_starts_at_once_are_one_run_and_both_learn_how_it_ended() {
    let scene = Scene::new(60).await;
    scene.upstream.set(json!({"latency_ms": 30})).await;
    let mut both = [scene.spawn(&["start"], &[]), scene.spawn(&["start"], &[])];
    assert!(both.iter_mut().all(ends_well));
    assert_eq!(scene.n_overlaps().await, 0);
    assert_eq!(scene.number("SELECT count(*) FROM step_run WHERE success").await, 4);
    assert_eq!(scene.number("SELECT count(*) FROM step_run").await, 4);

    // Different wishes are done one after the other.
    let words = [&["start", "--force"][..], &["initial"], &["filter"], &["score"]];
    let mut all = words.map(|words| scene.spawn(words, &[]));
    assert!(all.iter_mut().all(ends_well));
    assert_eq!(scene.n_overlaps().await, 0);
    assert_eq!(scene.number("SELECT count(*) FROM step_run WHERE success").await, 4 + 7);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_beside_the_service_takes_its_turn() {
    let scene = Scene::new(40).await;
    scene.upstream.set(json!({"latency_ms": 20})).await;
    let each_second =
        [("SNAPWISE_COLLECT_AT", "* * * * * *"), ("SNAPWISE_PIPELINE_AT", "0 0 1 1 *")];
    let mut service = scene.spawn(&["service"], &each_second);
    let mut one = scene.spawn(&["start", "--force"], &[]);
    let mut other = scene.spawn(&["score"], &[]);
    assert!(ends_well(&mut one));
    // Perhaps it came before there was anything to rank.
    ends_well(&mut other);
    let n_collects = "SELECT count(*) FILTER (WHERE step = 'collect') >= 4 FROM step_run";
    scene.wait_for(n_collects).await;
    assert_eq!(scene.n_overlaps().await, 0);
    let running = "SELECT count(*) FROM job WHERE state = 'running'";
    assert!(scene.number(running).await <= 1);
    let pid = Pid::from_raw(i32::try_from(service.id()).unwrap()).unwrap();
    rustix::process::kill_process(pid, Signal::TERM).unwrap();
    assert!(ends_well(&mut service), "within {PATIENCE:?}");
    // What it had under way is not lost: it waits, and nobody owns it.
    assert_eq!(scene.number(running).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_service_does_a_run_that_failed_again_when_it_next_collects() {
    let scene = Scene::new(30).await;
    scene.upstream.set(json!({"fail": {"metrics": "401"}})).await;
    let each_second =
        [("SNAPWISE_COLLECT_AT", "* * * * * *"), ("SNAPWISE_PIPELINE_AT", "0 0 1 1 *")];
    let mut service = scene.spawn(&["service"], &each_second);
    scene
        .wait_for("SELECT count(*) > 0 FROM step_run WHERE step = 'extra_fields' AND NOT success")
        .await;
    assert_eq!(scene.in_service().await.last_whole_run, None);
    scene.upstream.set(json!({})).await;
    scene.wait_for("SELECT count(*) > 0 FROM step_run WHERE step = 'score'").await;
    assert_ne!(scene.in_service().await.last_whole_run, None);
    // From then on it only collects, until a whole run is due again.
    scene.wait_for(
        "SELECT count(*) >= 2 FROM step_run
         WHERE step = 'collect' AND started_at > (SELECT max(ended_at) FROM step_run WHERE step = 'score')",
    )
    .await;
    assert_eq!(scene.number("SELECT count(*) FROM step_run WHERE step = 'score'").await, 1);
    service.kill().unwrap();
    service.wait().unwrap();
}

/// Somebody else's run is not ours to cancel; our own is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_stops_waiting_stops_no_run_but_their_own() {
    let scene = Scene::new(30).await;
    scene.upstream.set(json!({"fail": {"info": "hang"}})).await;
    let mut owner = scene.spawn(&["start"], &[]);
    scene.wait_for("SELECT count(*) > 0 FROM job WHERE stage = 'collect'").await;
    let stop = |process: &std::process::Child| {
        let pid = Pid::from_raw(i32::try_from(process.id()).unwrap()).unwrap();
        rustix::process::kill_process(pid, Signal::INT).unwrap();
    };
    let mut other = scene.spawn(&["start"], &[]);
    let listening = "SELECT count(*) >= 2 FROM pg_stat_activity
                     WHERE datname = current_database() AND query LIKE 'LISTEN%'";
    scene.wait_for(listening).await;
    stop(&other);
    assert!(!ends_well(&mut other));
    assert_eq!(scene.last_job().await.0, "running");
    stop(&owner);
    assert!(!ends_well(&mut owner));
    assert_eq!(scene.last_job().await.0, "cancelled");
    scene.upstream.set(json!({})).await;
    scene.run(&["start"]);
}
