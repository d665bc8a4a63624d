//! What is shown where no store may be asked: the last copy of what was featured, and what is held.

use crate::relay::age_s;
use crate::relay::eventually;
use crate::relay::serve;
use crate::support::app::TestApp;
use crate::support::app::get;
use crate::support::app::snapwise;
use crate::support::database;
use crate::support::upstream::Upstream;
use serde_json::Value;
use serde_json::json;

const OFFLINE: (&str, &str) = ("SNAPWISE_OFFLINE", "on");

/// What is found for some words.
async fn search(app: &TestApp, query: &str) -> Value {
    let received = get(app, &format!("/store/store.json?{query}")).await;
    assert_eq!(received.status, 200, "{query}");
    received.json()
}

#[tokio::test]
async fn the_last_copy_of_what_was_featured_is_shown() {
    let upstream = Upstream::start(30);
    let database = database::migrated().await;
    let before = {
        let online = serve(&upstream, &database.url, &[]);
        eventually(&online, "/featured", |received| received.status == 200).await
    };
    assert!(!before.json().as_array().unwrap().is_empty());
    upstream.clear().await;
    let settings = [OFFLINE, ("SNAPWISE_FEATURED_REFRESH_S", "0")];
    let offline = serve(&upstream, &database.url, &settings);
    let shown = eventually(&offline, "/featured", |received| received.status == 200).await;
    assert_eq!(shown.body, before.body);
    assert_eq!(shown.header("etag"), before.header("etag"));
    // It tells how old it is.
    let client = database::connect(&database.url).await;
    client
        .batch_execute("UPDATE featured_copy SET as_of = as_of - interval '1 day'")
        .await
        .unwrap();
    let later = serve(&upstream, &database.url, &settings);
    let shown = eventually(&later, "/featured", |received| received.status == 200).await;
    assert!((86_400..90_000).contains(&age_s(&shown)), "{}", age_s(&shown));
    assert_eq!(upstream.counts().await["featured"], 0);
}

#[tokio::test]
async fn a_newer_copy_of_another_server_is_seen() {
    let upstream = Upstream::start(30);
    let database = database::migrated().await;
    let settings = [OFFLINE, ("SNAPWISE_FEATURED_REFRESH_S", "1")];
    let offline = serve(&upstream, &database.url, &settings);
    let shown = eventually(&offline, "/featured", |received| received.status == 200).await;
    assert_eq!(shown.json(), json!([]));
    let online = serve(&upstream, &database.url, &[]);
    let stated = eventually(&online, "/featured", |received| received.status == 200).await;
    eventually(&offline, "/featured", |received| received.body == stated.body).await;
}

#[tokio::test]
async fn what_is_held_is_found_in_the_shape_of_the_store() {
    let upstream = Upstream::with(&["--snaps", "12", "--files"]);
    let (database, files) = (database::migrated().await, tempfile::tempdir().unwrap());
    let blobs = format!("file://{}", files.path().display());
    let url = format!("http://{}", upstream.address);
    let settings = [OFFLINE, ("SNAPWISE_BLOBS_URL", &*blobs)];
    let empty = serve(&upstream, &database.url, &settings);
    let nothing = json!({"packages": [], "total_items": 0, "total_pages": 0});
    assert_eq!(search(&empty, "q=").await, nothing);
    drop(empty);
    // Some give nothing out in `stable`: then there is nothing to mirror.
    let mut names = Vec::new();
    for snap in Upstream::catalogue(12).snaps() {
        let name = snap.name().to_string();
        let mut mirror = snapwise(&database.url, &["mirror", &name, "--no-prerequisites"]);
        mirror.env("SNAPWISE_UPSTREAM", &url).env("SNAPWISE_BLOBS_URL", &blobs);
        if mirror.output().unwrap().status.success() {
            names.push(name);
        }
        if names.len() == 2 {
            break;
        }
    }
    assert_eq!(names.len(), 2);
    let online = serve(&upstream, &database.url, &[("SNAPWISE_BLOBS_URL", &*blobs)]);
    let offline = serve(&upstream, &database.url, &settings);
    upstream.clear().await;
    let all = search(&offline, "").await;
    assert_eq!((&all["total_items"], &all["total_pages"]), (&json!(2), &json!(1)));
    assert_eq!(search(&offline, "q=&page=7").await, all);
    assert_eq!(age_s(&get(&offline, "/store/store.json").await), 0);
    assert_eq!(upstream.counts().await["find"], 0);
    for name in &names {
        let is_it = |package: &&Value| package["package"]["name"] == name.as_str();
        let of = |found: &Value| found["packages"].as_array().unwrap().iter().find(is_it).cloned();
        let (mine, theirs) = (
            search(&offline, &format!("q={name}")).await,
            search(&online, &format!("q={name}")).await,
        );
        assert!(of(&theirs).is_some());
        assert_eq!(of(&mine), of(&theirs), "{name}");
    }
    assert_eq!(search(&offline, "q=no+such+snap").await, nothing);
    let long = get(&offline, &format!("/store/store.json?q={}", "x".repeat(257))).await;
    assert_eq!(long.status, 400);
    // What is held no more is not offered, and not found.
    let client = database::connect(&database.url).await;
    client.batch_execute("DELETE FROM blob").await.unwrap();
    drop(offline);
    assert_eq!(search(&serve(&upstream, &database.url, &settings), "q=").await, nothing);
}
