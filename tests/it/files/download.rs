//! Downloads: whole, in part, resumed, not again, elsewhere, and not at all.

use crate::files::Store;
use crate::files::digest;
use crate::files::fetched;
use crate::files::get;
use crate::files::install;
use crate::files::path_of;
use crate::files::request;
use crate::files::snaps::everyday;
use crate::support::app::TestApp;
use crate::support::raw::Raw;
use crate::support::raw::head;
use serde_json::Value;

/// A store with one snap, its server, the path of its file, and the file.
async fn serving(settings: &[(&str, &str)]) -> (Store, TestApp, String, Vec<u8>) {
    let store = Store::new().await;
    let snap = everyday("lumen-notes", "1");
    store.push(&snap, "stable");
    let app = store.serve(settings);
    let result = install(&app, "lumen-notes", "stable").await;
    let path = path_of(&app, result["snap"]["download"]["url"].as_str().unwrap()).to_owned();
    (store, app, path, snap)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_comes_whole_or_in_part() {
    let (_store, app, path, snap) = serving(&[]).await;
    let size = snap.len();
    let tag = format!("\"{}\"", digest(&snap));
    for (range, status, from, to) in [
        ("bytes=100-", 206, 100, size),
        ("bytes=0-0", 206, 0, 1),
        ("bytes=1000-1999", 206, 1000, 2000),
        ("bytes=-7", 206, size - 7, size),
        ("bytes=10-99999999999", 206, 10, size),
        ("bytes=0-1,5-6", 200, 0, size),
        ("bytes=9-3", 200, 0, size),
        ("pages=1-2", 200, 0, size),
    ] {
        let received = get(&app, &path, &[("Range", range), ("Accept-Encoding", "gzip")]).await;
        assert_eq!((received.status, received.body.len()), (status, to - from), "{range}");
        assert!(received.body == snap[from..to], "{range}");
        let told = received.header("content-range").map(str::to_owned);
        let expected = (status == 206).then(|| format!("bytes {from}-{}/{size}", to - 1));
        assert_eq!(told, expected, "{range}");
        let length = (to - from).to_string();
        assert_eq!(received.header("content-length"), Some(length.as_str()));
        assert_eq!(received.header("etag"), Some(tag.as_str()));
        assert_eq!(received.header("content-encoding"), None);
    }
    let beyond = get(&app, &path, &[("Range", &format!("bytes={size}-"))]).await;
    assert_eq!(beyond.status, 416);
    assert_eq!(beyond.header("content-range"), Some(format!("bytes */{size}").as_str()));
    for (known, status) in [(tag.as_str(), 206), ("\"other\"", 200)] {
        let asked = [("Range", "bytes=5-"), ("If-Range", known)];
        assert_eq!(get(&app, &path, &asked).await.status, status);
    }
    for (known, status) in [(tag.as_str(), 304), ("*", 304), ("\"other\"", 200)] {
        let received = get(&app, &path, &[("If-None-Match", known)]).await;
        assert_eq!((received.status, received.body.is_empty()), (status, status == 304));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn head_tells_the_length_and_sends_nothing() {
    let (_store, app, path, snap) = serving(&[]).await;
    for headers in [&[][..], &[("Range", "bytes=100-")]] {
        let received = app.send(&request("HEAD", &path, headers)).await;
        assert_eq!((received.status, received.body.len()), (200, 0));
        let length = snap.len().to_string();
        assert_eq!(received.header("content-length"), Some(length.as_str()));
        assert_eq!(received.header("accept-ranges"), Some("bytes"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_download_that_broke_off_is_resumed() {
    let (_store, app, path, snap) = serving(&[]).await;
    let mut connection = Raw::connect(&app.public).await;
    connection.send(head("GET", &path, &[])).await.unwrap();
    drop(connection);
    let (first, rest) = snap.split_at(snap.len() / 3);
    let range = format!("bytes={}-", first.len());
    let received = get(&app, &path, &[("Range", &range), ("X-Ubuntu-Series", "16")]).await;
    assert_eq!(received.status, 206);
    assert!(received.body == rest);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_may_not_know_of_is_not_there() {
    let (store, app, path, _) = serving(&[]).await;
    let name = path.rsplit('/').next().unwrap().to_owned();
    let (id, _) = name.split_once('_').unwrap();
    let nothing = get(&app, "/api/v1/snaps/download/x.snap", &[]).await;
    assert_eq!(nothing.status, 404);
    let is_missing = async |path: &str, headers: &[(&str, &str)]| {
        let received = get(&app, path, headers).await;
        assert_eq!((received.status, &received.body), (404, &nothing.body), "{path}");
    };
    for name in [
        format!("{id}_2.snap"),
        format!("{id}_01.snap"),
        format!("{id}_1.delta"),
        format!("{id}_1_2_xdelta3.delta"),
        format!("{}_1.snap", id.to_lowercase()),
        format!("..%2F{name}"),
        "%2e%2e%2f%2e%2e%2fetc%2fpasswd".to_owned(),
        format!("{name}%00"),
        format!("{id}_1.snap%0d%0aX: y").replace(' ', "%20"),
        "%ff%fe".to_owned(),
    ] {
        is_missing(&format!("/api/v1/snaps/download/{name}"), &[]).await;
    }
    is_missing(&path, &[("Snap-Device-Store", "no-such-store")]).await;
    is_missing(&path, &[("X-Ubuntu-Store", "no-such-store")]).await;
    let outside = get(&app, "/api/v1/snaps/download/../../../etc/passwd", &[]).await;
    assert_eq!(outside.status, 404);
    // The same snap, private from now on.
    let mut document = store.exported().remove(0);
    document["snap"]["private"] = Value::Bool(true);
    let file = store.file("private.json", document.to_string().as_bytes());
    let imported = app.run(&["catalogue", "import", &file]).await;
    assert!(imported.status.success());
    is_missing(&path, &[]).await;
    // And for one store alone.
    document["snap"]["private"] = Value::Bool(false);
    document["stores"] = serde_json::json!(["acme-lab"]);
    let file = store.file("acme.json", document.to_string().as_bytes());
    assert!(app.run(&["catalogue", "import", &file]).await.status.success());
    is_missing(&path, &[]).await;
    assert_eq!(get(&app, &path, &[("Snap-Device-Store", "acme-lab")]).await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_damaged_is_no_short_file() {
    let (store, app, path, snap) = serving(&[]).await;
    let [held] = store.held().try_into().unwrap();
    std::fs::write(&held, &snap[..snap.len() - 1]).unwrap();
    assert_eq!(get(&app, &path, &[]).await.status, 503);
    assert_eq!(get(&app, &path, &[("Range", "bytes=0-9")]).await.status, 503);
    app.log_with("it has another size").await;
    std::fs::remove_file(&held).unwrap();
    assert_eq!(app.send(&request("HEAD", &path, &[])).await.status, 503);
    app.log_with("the file is not there").await;
    // A push mends it.
    store.push(&snap, "stable");
    assert!(get(&app, &path, &[]).await.body == snap);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_with_an_address_is_given_out_where_it_was_configured() {
    let store = Store::new().await;
    let snap = everyday("lumen-notes", "1");
    store.push(&snap, "stable");
    let mut document = store.exported().remove(0);
    let address = "https://cdn.example/lumen.snap";
    document["channel-map"][0]["download"]["url"] = address.into();
    let file = store.file("elsewhere.json", document.to_string().as_bytes());
    store.done(&["catalogue", "import", &file]);

    let own = store.serve(&[]);
    let download = install(&own, "lumen-notes", "stable").await["snap"]["download"].clone();
    assert_eq!(fetched(&own, &download).await, snap);
    let path = path_of(&own, download["url"].as_str().unwrap()).to_owned();

    let upstream = store.serve(&[("SNAPWISE_DOWNLOADS", "upstream")]);
    let download = install(&upstream, "lumen-notes", "stable").await["snap"]["download"].clone();
    assert_eq!(download["url"], address);
    for method in ["GET", "HEAD"] {
        let received = upstream.send(&request(method, &path, &[])).await;
        assert_eq!((received.status, received.header("location")), (302, Some(address)));
    }

    let public = ("SNAPWISE_PUBLIC_URL", "https://store.example/base");
    let behind = store.serve(&[public]);
    let download = install(&behind, "lumen-notes", "stable").await["snap"]["download"].clone();
    assert_eq!(download["url"], format!("https://store.example/base{path}"));
}

/// The same with a file that has more than what the sockets between us hold.
async fn serving_much(settings: &[(&str, &str)]) -> (Store, TestApp, String, Vec<u8>) {
    let store = Store::new().await;
    let large = crate::files::snaps::snap(
        "name: lumen-notes\nversion: '1'\narchitectures: [amd64]\n",
        &crate::files::snaps::noise(24_000_000, 1),
    );
    store.push(&large, "stable");
    let app = store.serve(settings);
    let result = install(&app, "lumen-notes", "stable").await;
    let path = path_of(&app, result["snap"]["download"]["url"].as_str().unwrap()).to_owned();
    (store, app, path, large)
}

/// What lies in the buffers between us is taken without our seeing it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_takes_a_file_slowly_is_not_taken_for_gone() {
    let (_store, app, path, large) = serving_much(&[("SNAPWISE_HEADER_TIMEOUT_S", "1")]).await;
    let mut slow = Raw::connect(&app.public).await;
    slow.send(head("GET", &path, &[])).await.unwrap();
    app.log_with("/api/v1/snaps/download/{file}").await;
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    assert!(slow.receive().await.unwrap().body == large);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_more_files_are_sent_at_once_than_configured() {
    let (_store, app, path, large) = serving_much(&[("SNAPWISE_MAX_DOWNLOADS", "1")]).await;
    let mut first = Raw::connect(&app.public).await;
    first.send(head("GET", &path, &[])).await.unwrap();
    // Its answer is told of when it has its place.
    app.log_with("/api/v1/snaps/download/{file}").await;
    assert_eq!(get(&app, &path, &[]).await.status, 503);
    let whole = first.receive().await.unwrap();
    assert!(whole.body == large);
    let since = std::time::Instant::now();
    while get(&app, &path, &[("Range", "bytes=0-1")]).await.status != 206 {
        assert!(since.elapsed() < crate::support::app::PATIENCE, "its place never comes free");
    }
}
