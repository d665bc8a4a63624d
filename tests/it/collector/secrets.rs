//! What nobody is told.

use crate::collector::Scene;
use crate::collector::said;
use crate::support::upstream::TOKEN;
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_token_is_printed_logged_or_stored() {
    let scene = Scene::new(40).await;
    let url = scene.settings()[0].1.replace("http://", "http://me:s3cret-in-an-address@");
    let loud = [
        ("RUST_LOG", "trace"),
        ("SNAPWISE_PUBLISHER_TOKEN", "an0ther-token"),
        ("SNAPWISE_UPSTREAM_ATTEMPTS", "1"),
    ];
    let mut heard = String::new();
    for faults in [
        json!({}),
        json!({"fail": {"metrics": "401"}}),
        json!({"fail": {"metrics": "html"}}),
        json!({"fail": {"ratings": "401"}}),
        json!({"fail": {"search": "html"}}),
    ] {
        scene.upstream.set(faults).await;
        heard += &said(&scene.ended(&["start", "--force"], &loud));
    }
    let address = ("SNAPWISE_METRICS_URL", url.as_str());
    heard += &said(&scene.ended(&["start", "--force"], &[&loud[..], &[address]].concat()));
    let down = (
        "SNAPWISE_STORE_URL",
        "http://me:s3cret-in-an-address@127.0.0.1:1/x?key=s3cret-in-an-address",
    );
    heard += &said(&scene.ended(&["initial"], &[&loud[..], &[down]].concat()));
    heard += &said(&scene.ended(&["status"], &loud));
    heard += &said(&scene.ended(&["--help"], &loud));
    heard += &said(&scene.ended(&["start", "--help"], &[&loud[..], &[address]].concat()));
    assert!(heard.contains("a step of the pipeline ended"), "{heard}");
    let tables = "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'";
    for table in scene.texts(tables).await {
        heard +=
            &scene.texts(&format!("SELECT \"{table}\"::text FROM \"{table}\"")).await.join("\n");
    }
    assert!(
        heard.contains("cannot count devices") && heard.contains("ratings at 127.0.0.1"),
        "{heard}"
    );
    let ratings_token = "simulated-";
    for secret in [TOKEN, "an0ther-token", "s3cret-in-an-address", ratings_token] {
        let found = heard.lines().find(|line| line.contains(secret));
        assert_eq!(found, None, "{secret} is told");
    }
}
