//! The upstream fails: what is served stays, the reason is told, and the next run goes well.

use crate::collector::ALL_DUE;
use crate::collector::Scene;
use serde_json::Value;
use serde_json::json;

/// One attempt, and not a long one.
const HASTY: [(&str, &str); 2] =
    [("SNAPWISE_UPSTREAM_ATTEMPTS", "1"), ("SNAPWISE_UPSTREAM_TIMEOUT_S", "1")];

/// A kind of request, how it fails, the step that fails of it, and a part of the reason.
type Row = (&'static str, &'static str, &'static str, &'static str);

const STORE: &[Row] = &[
    ("search", "500", "collect", "it answered with status 500"),
    ("search", "429", "collect", "it answered with status 429"),
    ("search", "404", "collect", "it answered with status 404"),
    ("search", "html", "collect", "its answer is not JSON"),
    ("search", "half", "collect", "its answer is not JSON"),
    ("search", "truncated", "collect", "cannot list page 1 of the store"),
    ("search", "hang", "collect", "it did not answer in time"),
    ("search", "repeat-page", "collect", "the store repeats itself: page 2"),
];

const CHANNELS: &[Row] = &[
    ("info", "500", "collect", "snaps cannot be read"),
    ("info", "html", "collect", "snaps cannot be read"),
    ("info", "hang", "collect", "it did not answer in time"),
];

const MEASURES: &[Row] = &[
    ("metrics", "500", "extra_fields", "it answered with status 500"),
    ("metrics", "401", "extra_fields", "it refused us (status 401)"),
    ("metrics", "truncated", "extra_fields", "cannot count devices"),
    ("metrics", "hang", "extra_fields", "it did not answer in time"),
    ("ratings", "500", "extra_fields", "ratings at 127.0.0.1"),
    ("ratings", "401", "extra_fields", "it refused us (status 401)"),
    ("ratings", "hang", "extra_fields", "it did not answer in time"),
];

/// A run fails in that step for that reason, which everybody is told who may ask, and nothing that is served changes.
async fn fails(scene: &Scene, settings: &[(&str, &str)], step: &str, reason: &str) {
    let before = scene.in_service().await;
    let last_words = scene.fail(&["start", "--force"], settings);
    assert!(last_words.contains("the last rankings stay in service"), "{last_words}");
    assert!(last_words.contains(reason), "{reason}: {last_words}");
    let (state, error) = scene.last_job().await;
    assert!(state == "failed" && error.as_ref().unwrap().contains(reason), "{error:?}");
    let (ended, success, message, _) = scene.last_step().await;
    assert_eq!((ended.as_str(), success), (step, false), "{message}");
    assert!(message.contains(reason), "{reason}: {message}");
    assert!(scene.run(&["status"]).contains(&message));
    assert_eq!(scene.in_service().await, before);
}

/// Each of them, one after the other, and then a good run.
async fn stays_in_service(rows: &[Row]) {
    let scene = Scene::new(40).await;
    scene.run(&["start"]);
    let hasty = [&HASTY[..], &[ALL_DUE]].concat();
    for (kind, failure, step, reason) in rows {
        // Channels that are as they were are not sent again, so they cannot be broken either.
        scene.client.execute("UPDATE info_read SET etag = NULL", &[]).await.unwrap();
        scene.upstream.set(json!({"fail": {*kind: failure}, "retry_after_s": 1})).await;
        fails(&scene, &hasty, step, reason).await;
    }
    scene.upstream.set(json!({})).await;
    scene.run(&["start", "--force"]);
    let status = scene.run(&["status"]);
    assert!(!status.contains("failed"), "{status}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_the_search_does_the_last_rankings_stay_and_the_reason_is_told() {
    stays_in_service(STORE).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_the_channels_do_the_last_rankings_stay_and_the_reason_is_told() {
    stays_in_service(CHANNELS).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_metrics_and_ratings_do_the_last_rankings_stay_and_the_reason_is_told() {
    stays_in_service(MEASURES).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_cannot_be_reached_or_asked_is_named() {
    let scene = Scene::new(40).await;
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    let with = |name, value| [&HASTY[..], &[(name, value)]].concat();
    // It is down from the start: there is nothing to lose, and it is said.
    let down = with("SNAPWISE_STORE_URL", url.as_str());
    fails(&scene, &down, "collect", "it cannot be reached").await;
    scene.run(&["start"]);
    fails(&scene, &down, "collect", "it cannot be reached").await;
    for name in ["SNAPWISE_METRICS_URL", "SNAPWISE_RATINGS_URL"] {
        fails(&scene, &with(name, &url), "extra_fields", "it cannot be reached").await;
    }
    let no_token = with("SNAPWISE_METRICS_TOKEN", "");
    fails(&scene, &no_token, "extra_fields", "no token is configured").await;
    // Every other step goes without one.
    for step in ["initial", "filter", "score"] {
        scene.run_with(&[step], &no_token);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trouble_that_passes_is_waited_for() {
    let scene = Scene::new(40).await;
    for failure in ["500", "429", "html", "truncated", "hang"] {
        let kinds = ["search", "info", "metrics", "ratings"];
        let fail: Value = kinds.iter().map(|kind| ((*kind).to_owned(), json!(failure))).collect();
        scene.upstream.set(json!({"fail": fail, "fail_first": 1, "retry_after_s": 1})).await;
        scene.client.execute("UPDATE info_read SET etag = NULL", &[]).await.unwrap();
        let told =
            scene.run_with(&["start", "--force"], &[("SNAPWISE_UPSTREAM_TIMEOUT_S", "1"), ALL_DUE]);
        assert!(!told.contains("unread-channels"), "{failure}: {told}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_bad_snap_is_skipped_and_counted() {
    let scene = Scene::new(40).await;
    scene.run(&["start"]);
    let n = scene.number("SELECT count(*) FROM listed").await;
    let rows = "SELECT md5(string_agg(listed::text, ' ' ORDER BY snap_id)) FROM listed";
    let before = scene.texts(rows).await;
    scene.upstream.set(json!({"fail": {"search": "null-column"}})).await;
    let told = scene.run(&["initial"]);
    assert!(
        told.contains(&format!("collect: {n} in, {} out, rejected: 1 bad-listing", n - 1)),
        "{told}"
    );
    assert!(scene.run(&["status"]).contains("1 bad-listing"));
    // It is there in a form we cannot read, so it has not vanished.
    assert_eq!(scene.texts(rows).await, before);

    scene.client.execute("UPDATE info_read SET etag = NULL", &[]).await.unwrap();
    scene.upstream.set(json!({"fail": {"info": "null-column"}, "fail_first": 1})).await;
    let told = scene.run_with(&["initial"], &[ALL_DUE]);
    assert!(told.contains("rejected: 1 bad-channels"), "{told}");
    assert_eq!(scene.number("SELECT count(*) FROM info_read WHERE etag IS NULL").await, 1);

    scene.upstream.set(json!({"fail": {"metrics": "null-column"}})).await;
    let measured =
        "SELECT md5(string_agg(snap_id || active_devices, ' ' ORDER BY snap_id)) FROM measure";
    let before = scene.texts(measured).await;
    let told = scene.run(&["extra-fields"]);
    assert!(told.contains("no-devices-told"), "{told}");
    assert_eq!(scene.texts(measured).await, before, "what is not told stays");

    // From the beginning: the others are collected, and it is as soon as it can be read.
    let other = Scene::new(40).await;
    other.upstream.set(json!({"fail": {"search": "null-column"}})).await;
    other.run(&["start"]);
    assert_eq!(other.number("SELECT count(*) FROM listed").await, n - 1);
    other.upstream.set(json!({})).await;
    other.run(&["start", "--force"]);
    assert_eq!(other.number("SELECT count(*) FROM listed").await, n);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_forgets_most_of_what_it_had_is_not_believed() {
    let scene = Scene::new(60).await;
    scene.run(&["start"]);
    let names = scene.texts("SELECT name FROM listed ORDER BY name").await;
    let gone = &names[..=names.len() / 2];
    scene.upstream.set(json!({"vanished": gone})).await;
    fails(&scene, &HASTY, "collect", "too many to believe it").await;
    fails(&scene, &HASTY, "collect", &format!("{} of the {} known", gone.len(), names.len())).await;
    let marked = "SELECT count(*) FROM listed LEFT JOIN snap USING (snap_id)
                  WHERE vanished_at IS NOT NULL OR withdrawn_at IS NOT NULL";
    assert_eq!(scene.number(marked).await, 0);
    // Unless somebody who knows better says so.
    scene.run_with(&["initial"], &[("SNAPWISE_VANISHING_SHARE", "0.9")]);
    assert_eq!(scene.number(marked).await, i64::try_from(gone.len()).unwrap());
}
