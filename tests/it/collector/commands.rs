//! The commands, one stage at a time and all together.

use crate::collector::Scene;
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_stage_works_from_the_table_of_the_one_before() {
    let scene = Scene::new(80).await;
    let status = scene.run(&["status"]);
    for line in ["last whole run: never", "collect: never ran", "score: never ran"] {
        assert!(status.contains(line), "{status}");
    }
    // Nothing is collected, so nothing is eligible: an empty ranking is no ranking.
    assert!(scene.run(&["filter"]).contains("filter: 0 in, 0 out"));
    assert!(scene.run(&["extra-fields"]).contains("extra_fields: 0 in, 0 out"));
    assert!(scene.fail(&["score"], &[]).contains("no snap is eligible"));

    let n = |sql: &'static str| scene.number(sql);
    scene.run(&["initial"]);
    let n_listed = n("SELECT count(*) FROM listed").await;
    assert!(n_listed > 60, "{n_listed}");
    assert_eq!(n("SELECT count(*) FROM verdict").await, 0);

    let told = scene.run(&["filter"]);
    let n_eligible = n("SELECT count(*) FROM verdict WHERE rejection IS NULL").await;
    assert!(n_eligible > 30 && n_eligible < n_listed, "{n_eligible}");
    assert!(told.contains(&format!("filter: {n_listed} in, {n_eligible} out")), "{told}");
    assert_eq!(n("SELECT count(*) FROM verdict").await, n_listed);
    assert_eq!(n("SELECT count(*) FROM measure").await, 0);

    scene.upstream.clear().await;
    scene.run(&["extra-fields"]);
    let batches = |n: i64, of: i64| (n + of - 1).unsigned_abs() / of.unsigned_abs();
    assert_eq!(scene.count("metrics").await, batches(n_eligible, 15));
    assert_eq!(scene.count("metrics-snaps").await, n_eligible.unsigned_abs());
    assert_eq!(scene.count("ratings").await, batches(n_eligible, 20));
    assert_eq!(scene.count("search").await + scene.count("info").await, 0);
    assert!(n("SELECT count(*) FROM measure WHERE devices_at IS NOT NULL").await > 30);
    assert!(n("SELECT count(*) FROM measure WHERE rated_at IS NOT NULL").await > 0);
    assert_eq!(n("SELECT count(*) FROM placed").await, 0);

    scene.run(&["score"]);
    assert_eq!(n("SELECT count(*) FROM placed").await, 4 * n_eligible);
    assert_eq!(n("SELECT count(*) FROM placed WHERE shown_rank >= 1").await, n_eligible);
    // None of them was a whole run.
    assert_eq!(scene.in_service().await.last_whole_run, None);

    let status = scene.run(&["status"]);
    let rejected = n_listed - n_eligible;
    assert!(status.contains("last whole run: never"), "{status}");
    assert!(status.contains(&format!("{n_listed} in, {n_eligible} out")), "{status}");
    let line = |line: &str| {
        let (n, reason) = line.trim().split_once(' ')?;
        let is_reason =
            ["no-icon", "no-contact", "short-description", "old", "few-media"].contains(&reason);
        n.parse::<i64>().ok().filter(|_| is_reason)
    };
    assert_eq!(status.lines().filter_map(line).sum::<i64>(), rejected, "{status}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_whole_run_is_skipped_while_the_last_one_is_young() {
    let scene = Scene::new(30).await;
    assert!(scene.run(&["start"]).contains("score: "));
    let first = scene.in_service().await;
    assert!(first.last_whole_run.is_some());
    scene.upstream.clear().await;
    let told = scene.run(&["start"]);
    assert!(told.starts_with("skipped: "), "{told}");
    assert_eq!((scene.count("search").await, scene.in_service().await), (0, first));
    assert!(scene.run(&["start", "--force"]).contains("score: "));
    let aged = "UPDATE setting SET value = to_jsonb((now() - interval '12 hours 1 minute')::text)
                WHERE key = 'last_updated'";
    let younger = aged.replace("12 hours 1", "11 hours 55");
    scene.client.execute(&rfc3339(&younger), &[]).await.unwrap();
    assert!(scene.run(&["start"]).starts_with("skipped: "));
    assert!(
        scene.run_with(&["start"], &[("SNAPWISE_PIPELINE_INTERVAL_H", "11")]).contains("score: ")
    );
    scene.client.execute(&rfc3339(aged), &[]).await.unwrap();
    assert!(scene.run(&["start"]).contains("score: "));
    assert!(scene.run(&["status"]).contains("last whole run: 20"));
}

/// The same statement with the time as the program writes it.
fn rfc3339(sql: &str) -> String {
    let (from, to) = ("(now() - interval '", "')::text)");
    let (start, rest) = sql.split_once(from).unwrap();
    let (age, end) = rest.split_once(to).unwrap();
    format!(
        "{start}to_char((now() - interval '{age}') AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')){end}"
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thresholds_and_weights_are_settings() {
    let scene = Scene::new(60).await;
    scene.run(&["start"]);
    let n_ranked = scene.number("SELECT count(DISTINCT snap_id) FROM placed").await;
    let strict = [("SNAPWISE_MIN_MEDIA", "2"), ("SNAPWISE_MAX_AGE_DAYS", "60")];
    scene.run_with(&["filter"], &strict);
    scene.run_with(&["score"], &[("SNAPWISE_WEIGHTS_RECENT", "devices=1")]);
    let n_left = scene.number("SELECT count(DISTINCT snap_id) FROM placed").await;
    assert!(n_left > 0 && n_left < n_ranked, "{n_left} of {n_ranked}");
    assert_eq!(scene.last_job().await, ("succeeded".to_owned(), None));
    let by_devices = "SELECT count(*) FROM placed JOIN measure USING (snap_id)
        WHERE category = 'recent' AND rank = 1
            AND active_devices < (SELECT max(active_devices) FROM measure JOIN placed USING (snap_id))";
    assert_eq!(scene.number(by_devices).await, 0, "the weights count");
    let output = scene.ended(&["score"], &[("SNAPWISE_WEIGHTS_RECENT", "devices=2")]);
    assert_eq!(output.status.code(), Some(2), "a wrong setting is a wrong command");
    scene.upstream.set(json!({})).await;
}
