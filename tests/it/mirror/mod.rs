//! `snapwise mirror`: snaps of another store made wholly ours, and what is offered offline.

mod tracks;

use crate::support::app::PATIENCE;
use crate::support::app::Received;
use crate::support::app::Sent;
use crate::support::app::TestApp;
use crate::support::app::snapwise;
use crate::support::database;
use crate::support::database::TestDatabase;
use crate::support::recorder::Recorder;
use crate::support::upstream::Upstream;
use serde_json::Value;
use serde_json::json;
use sha3::Digest;
use sha3::Sha3_384;
use std::path::Path;
use std::process::Command;
use std::process::Output;
use std::time::Duration;
use std::time::Instant;
use tempfile::TempDir;

/// A database and a folder of files beside it.
struct Place {
    database: TestDatabase,
    folder: TempDir,
}

impl Place {
    async fn new() -> Self {
        Self { database: database::migrated().await, folder: tempfile::tempdir().unwrap() }
    }

    fn blobs(&self) -> String {
        format!("file://{}", self.folder.path().display())
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = snapwise(&self.database.url, arguments);
        command.env("SNAPWISE_BLOBS_URL", self.blobs());
        command
    }

    fn mirror(&self, upstream: &Upstream, arguments: &[&str]) -> Command {
        let mut command = self.command(&[&["mirror"], arguments].concat());
        command.env("SNAPWISE_UPSTREAM", format!("http://{}", upstream.address));
        command
    }

    fn mirrored(&self, upstream: &Upstream, arguments: &[&str]) -> Output {
        self.mirror(upstream, arguments).output().unwrap()
    }

    fn serve(&self, settings: &[(&str, &str)]) -> TestApp {
        let blobs = self.blobs();
        let settings = [&[("SNAPWISE_BLOBS_URL", blobs.as_str())], settings].concat();
        TestApp::serve(&self.database.url, &settings)
    }

    async fn execute(&self, sql: &str) {
        database::connect(&self.database.url).await.batch_execute(sql).await.unwrap();
    }

    async fn count(&self, sql: &str) -> i64 {
        let client = database::connect(&self.database.url).await;
        client.query_one(sql, &[]).await.unwrap().get(0)
    }
}

const OFFLINE: (&str, &str) = ("SNAPWISE_OFFLINE", "on");

fn with_files() -> Upstream {
    Upstream::with(&["--snaps", "12", "--files"])
}

/// A snap of the upstream that gives something out in `stable` for amd64.
async fn some_snap(upstream: &Upstream) -> (String, Value) {
    some_snaps(upstream).await.swap_remove(0)
}

/// Every such snap.
async fn some_snaps(upstream: &Upstream) -> Vec<(String, Value)> {
    let mut some = Vec::new();
    for snap in Upstream::catalogue(12).snaps() {
        let path = format!("/v2/snaps/info/{}", snap.name());
        let sent = get(&path, &[("Snap-Device-Series", "16")]);
        let info = crate::support::app::ask(&upstream.address, &sent).await.unwrap().json();
        let entries = info["channel-map"].as_array().unwrap();
        let is_it = |entry: &&Value| {
            entry["channel"]["name"] == "stable"
                && ["amd64", "all"].contains(&entry["channel"]["architecture"].as_str().unwrap())
        };
        if let Some(entry) = entries.iter().find(is_it) {
            some.push((snap.name().to_string(), entry.clone()));
        }
    }
    assert!(!some.is_empty(), "no snap gives anything out in stable");
    some
}

fn get(path: &str, headers: &[(&str, &str)]) -> Sent {
    Sent {
        method: "GET".to_owned(),
        path: path.to_owned(),
        headers: headers.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
        body: Vec::new(),
    }
}

/// What a device is told that wants to install the snap.
async fn install(app: &TestApp, name: &str) -> Value {
    install_able(app, name, "").await
}

/// What one is told that is able to do that much.
async fn install_able(app: &TestApp, name: &str, capabilities: &str) -> Value {
    let body = json!({
        "context": [],
        "actions": [
            {"action": "install", "instance-key": "i", "name": name, "channel": "stable"},
        ],
        "fields": ["revision", "download", "snap-id"],
    });
    let mut sent = get(
        "/v2/snaps/refresh",
        &[
            ("Snap-Device-Series", "16"),
            ("Snap-Device-Architecture", "amd64"),
            ("Snap-Device-Capabilities", capabilities),
        ],
    );
    "POST".clone_into(&mut sent.method);
    sent.body = body.to_string().into_bytes();
    app.send(&sent).await.json()["results"][0].clone()
}

/// The file that an offer leads to; the path of its URL is one of ours.
async fn fetch(app: &TestApp, offer: &Value, headers: &[(&str, &str)]) -> Received {
    let url = offer["snap"]["download"]["url"].as_str().unwrap();
    let path = url.strip_prefix(&format!("http://{}", app.public));
    let path = path.unwrap_or_else(|| panic!("{url} is not ours"));
    crate::support::app::ask(&app.public, &get(path, headers)).await.unwrap()
}

fn digest(bytes: &[u8]) -> String {
    let digest: [u8; 48] = Sha3_384::digest(bytes).into();
    snapwise::snap::Sha3::new(digest).to_string()
}

#[track_caller]
fn assert_ok(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[tokio::test]
async fn what_was_mirrored_is_offered_offline_and_nothing_else() {
    let upstream = with_files();
    let (name, entry) = some_snap(&upstream).await;
    let place = Place::new().await;
    let arguments = [name.as_str(), "--channel", "stable", "--no-prerequisites"];
    let said = assert_ok(&place.mirrored(&upstream, &arguments));
    assert!(said.contains(&format!("{name}: ")) && said.contains("published generation"), "{said}");
    let app = place.serve(&[OFFLINE]);
    let offer = install(&app, &name).await;
    assert_eq!(offer["result"], "install", "{offer}");
    assert_eq!(offer["snap"]["revision"], entry["revision"]);
    let file = fetch(&app, &offer, &[]).await;
    assert_eq!(file.status, 200);
    assert_eq!(digest(&file.body), entry["download"]["sha3-384"].as_str().unwrap());
    // A revision that is known, and of which nothing is held.
    let revisions = place.count("SELECT count(*) FROM revision").await;
    let files = place.count("SELECT count(*) FROM blob").await;
    assert!(files >= 1 && files <= revisions);
}

#[tokio::test]
async fn half_an_install_is_never_offered() {
    let upstream = with_files();
    let (name, _) = some_snap(&upstream).await;
    let whole = Place::new().await;
    assert_ok(
        &whole.mirrored(&upstream, &[&name, "--no-prerequisites", "--architecture", "amd64"]),
    );
    let app = whole.serve(&[OFFLINE]);
    assert_eq!(install(&app, &name).await["result"], "install");
    drop(app);
    let publish = "INSERT INTO generation (number, published_at, what)
        SELECT max(number) + 1, now(), 'by hand' FROM generation";
    for gone in [
        "DELETE FROM blob",
        "DELETE FROM assertion WHERE type = 'snap-revision'",
        "DELETE FROM assertion WHERE type = 'snap-declaration'",
        "DELETE FROM assertion WHERE type = 'account' AND key[1] <> 'simulated'",
        "DELETE FROM assertion WHERE type = 'account' AND key[1] = 'simulated'",
        "DELETE FROM assertion WHERE type = 'account-key' AND key[1] = 'simulated-store-key'",
        "DELETE FROM assertion WHERE type = 'account-key' AND key[1] = 'simulated-root-key'",
    ] {
        let table = if gone.contains("FROM blob") { "blob" } else { "assertion" };
        whole.execute(&format!("CREATE TABLE kept AS TABLE {table}; {gone}; {publish}")).await;
        let app = whole.serve(&[OFFLINE]);
        let refused = install(&app, &name).await;
        assert_eq!(refused["error"]["code"], "revision-not-found", "{gone}: {refused}");
        // Online it is a device's own affair what it can get where.
        let online = whole.serve(&[]);
        assert_eq!(install(&online, &name).await["result"], "install", "{gone}");
        // What comes later makes it whole, while the server runs.
        let back = if table == "blob" {
            "INSERT INTO blob SELECT * FROM kept;
             UPDATE snap SET generation = (SELECT max(number) FROM generation);"
        } else {
            "DELETE FROM assertion; INSERT INTO assertion (type, key, sequence, revision, format, text, stored_at, generation)
             SELECT type, key, sequence, revision, format, text, stored_at, (SELECT max(number) FROM generation) FROM kept;"
        };
        whole.execute(&format!("BEGIN; {publish}; {back} DROP TABLE kept; COMMIT")).await;
        let since = Instant::now();
        while install(&app, &name).await["result"] != "install" {
            assert!(since.elapsed() < PATIENCE, "{gone}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

#[tokio::test]
async fn a_second_run_asks_only_for_what_lacks() {
    let upstream = with_files();
    let (name, _) = some_snap(&upstream).await;
    let place = Place::new().await;
    let arguments = [name.as_str(), "--no-prerequisites"];
    assert_ok(&place.mirrored(&upstream, &arguments));
    let before = upstream.counts().await;
    assert!(before["download"].as_u64() > Some(0) && before["assertion"].as_u64() > Some(3));
    upstream.clear().await;
    let said = assert_ok(&place.mirrored(&upstream, &arguments));
    assert!(said.contains("nothing to publish"), "{said}");
    let after = upstream.counts().await;
    assert_eq!((&after["download"], &after["assertion"]), (&json!(0), &json!(0)));
    // One assertion that was lost is asked for, and no file.
    place.execute("DELETE FROM assertion WHERE type = 'snap-declaration'").await;
    assert_ok(&place.mirrored(&upstream, &arguments));
    let mended = upstream.counts().await;
    assert_eq!((&mended["download"], &mended["assertion"]), (&json!(0), &json!(1)));
}

#[tokio::test]
async fn a_wrong_or_broken_file_leaves_nothing() {
    let upstream = with_files();
    let (name, _) = some_snap(&upstream).await;
    let place = Place::new().await;
    let arguments = [name.as_str(), "--no-prerequisites"];
    for fault in ["corrupt", "half", "404"] {
        upstream.set(json!({"fail": {"download": fault}})).await;
        let failed = place.mirrored(&upstream, &arguments);
        assert!(!failed.status.success(), "{fault}");
        assert!(String::from_utf8_lossy(&failed.stderr).contains(&name));
        for table in ["blob", "assertion", "revision", "snap"] {
            let sql = format!("SELECT count(*) FROM {table}");
            assert_eq!(place.count(&sql).await, 0, "{fault}: {table}");
        }
        assert_eq!(files_in(place.folder.path()), 0, "{fault}");
    }
    // A missing link of the chain, too.
    upstream.set(json!({"fail": {"assertion": "404"}})).await;
    assert!(!place.mirrored(&upstream, &arguments).status.success());
    assert_eq!(place.count("SELECT count(*) FROM snap").await, 0);
    // A file that breaks off is taken up where it did.
    upstream.set(json!({"fail": {"download": "truncated"}, "fail_first": 1})).await;
    upstream.clear().await;
    assert_ok(&place.mirrored(&upstream, &arguments));
    let n_files = place.count("SELECT count(*) FROM blob").await;
    assert_eq!(upstream.counts().await["download"].as_i64(), Some(n_files + 1));
}

/// How many files are in the folder, at any depth.
fn files_in(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| if path.is_dir() { files_in(&path) } else { 1 }).sum()
}

#[tokio::test]
async fn who_is_killed_leaves_nothing_or_all_and_is_repeated() {
    let upstream = with_files();
    let (name, _) = some_snap(&upstream).await;
    let place = Place::new().await;
    let arguments = [name.as_str(), "--no-prerequisites"];
    upstream.set(json!({"fail": {"download": "hang"}})).await;
    let mut mirror = place.mirror(&upstream, &arguments).spawn().unwrap();
    let since = Instant::now();
    while upstream.counts().await["download"] == 0 {
        assert!(since.elapsed() < PATIENCE);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    mirror.kill().unwrap();
    mirror.wait().unwrap();
    assert_eq!(place.count("SELECT count(*) FROM snap").await, 0);
    upstream.set(json!({})).await;
    assert_ok(&place.mirrored(&upstream, &arguments));
    let app = place.serve(&[OFFLINE]);
    assert_eq!(install(&app, &name).await["result"], "install");
}

#[tokio::test]
async fn offline_nobody_outside_is_asked() {
    let listener = Recorder::start(|_| None).await;
    let url = listener.url();
    let upstream = with_files();
    let (name, _) = some_snap(&upstream).await;
    let place = Place::new().await;
    assert_ok(&place.mirrored(&upstream, &[&name, "--no-prerequisites"]));
    let outside = [
        OFFLINE,
        ("SNAPWISE_UPSTREAM", url.as_str()),
        ("SNAPWISE_STORE_URL", &url),
        ("SNAPWISE_METRICS_URL", &url),
        ("SNAPWISE_PUBLISHER_URL", &url),
        ("SNAPWISE_RATINGS_URL", &url),
        ("SNAPWISE_METRICS_TOKEN", "token"),
        ("SNAPWISE_FEATURED_REFRESH_S", "1"),
    ];
    let app = place.serve(&outside);
    let offer = install(&app, &name).await;
    assert_eq!(fetch(&app, &offer, &[]).await.status, 200);
    for (path, status) in
        [("/store/store.json?q=a", 200), ("/featured", 200), ("/v2/repairs/generic/1", 404)]
    {
        let since = Instant::now();
        // What was featured last is read from the database when the server begins.
        while app.send(&get(path, &[])).await.status != status {
            assert!(since.elapsed() < PATIENCE, "{path}");
        }
    }
    // The copy of the featured list is due once in a second.
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    for arguments in
        [&["collector", "initial"][..], &["collector", "extra-fields"], &["mirror", "core"]]
    {
        let output = place.command(arguments).envs(outside).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() || arguments[1] == "extra-fields", "{arguments:?}");
        assert!(output.status.success() || said.contains("offline"), "{arguments:?}: {said}");
    }
    assert_eq!(listener.n_connections(), 0);
}

#[tokio::test]
async fn a_file_that_is_not_held_passes_through_and_is_kept_if_it_is_right() {
    let upstream = with_files();
    let (name, entry) = some_snap(&upstream).await;
    let place = Place::new().await;
    assert_ok(&place.mirrored(&upstream, &[&name, "--no-prerequisites"]));
    // Known, and not held any more.
    place.execute("DELETE FROM blob").await;
    std::fs::remove_dir_all(place.folder.path()).unwrap();
    std::fs::create_dir(place.folder.path()).unwrap();
    let url = format!("http://{}", upstream.address);
    let app = place.serve(&[("SNAPWISE_UPSTREAM", &url)]);
    let offer = install(&app, &name).await;
    let expected = entry["download"]["sha3-384"].as_str().unwrap();
    let kept = async || place.count("SELECT count(*) FROM blob").await;
    // A stretch, and what somebody gets by showing who they are, is not kept; nor is a wrong file.
    let part = fetch(&app, &offer, &[("Range", "bytes=10-19")]).await;
    assert_eq!((part.status, part.body.len()), (206, 10));
    let size = entry["download"]["size"].as_u64().unwrap();
    let range = format!("bytes 10-19/{size}");
    assert_eq!(part.header("content-range"), Some(range.as_str()));
    let user = [("Authorization", "Macaroon root=\"s3cret\"")];
    assert_eq!(digest(&fetch(&app, &offer, &user).await.body), expected);
    upstream.set(json!({"fail": {"download": "corrupt"}})).await;
    assert_ne!(digest(&fetch(&app, &offer, &[]).await.body), expected);
    app.log_with("a file that was passed through is discarded").await;
    assert_eq!((kept().await, files_in(place.folder.path())), (0, 0));
    // One of another size is not even begun, and one that breaks off is not taken for whole.
    upstream.set(json!({"fail": {"download": "half"}})).await;
    assert_eq!(fetch(&app, &offer, &[]).await.status, 502);
    upstream.set(json!({"fail": {"download": "truncated"}})).await;
    let path = offer["snap"]["download"]["url"].as_str().unwrap().to_owned();
    let path = path.strip_prefix(&format!("http://{}", app.public)).unwrap().to_owned();
    assert!(crate::support::app::ask(&app.public, &get(&path, &[])).await.is_err());
    upstream.set(json!({"fail": {"download": "500"}})).await;
    assert_eq!(fetch(&app, &offer, &[]).await.status, 502);
    upstream.set(json!({})).await;
    let whole = fetch(&app, &offer, &[]).await;
    assert_eq!((digest(&whole.body).as_str(), whole.status), (expected, 200));
    let since = Instant::now();
    while kept().await == 0 {
        assert!(since.elapsed() < PATIENCE, "{}", app.log());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    upstream.clear().await;
    assert_eq!(digest(&fetch(&app, &offer, &[]).await.body), expected);
    assert_eq!(upstream.counts().await["download"], 0);
    assert!(!app.log().contains("s3cret"));
}

#[tokio::test]
async fn no_more_is_kept_in_passing_than_there_is_room_for() {
    let upstream = with_files();
    let snaps = some_snaps(&upstream).await;
    let [(first, first_entry), (second, second_entry)] = &snaps[..2] else { panic!("two snaps") };
    let place = Place::new().await;
    let mirror = |name| place.mirrored(&upstream, &[name, "--no-prerequisites"]);
    assert_ok(&mirror(first));
    let n_of_first = place.count("SELECT count(*) FROM blob").await;
    assert_ok(&mirror(second));
    std::fs::remove_dir_all(place.folder.path()).unwrap();
    std::fs::create_dir(place.folder.path()).unwrap();
    // What is our own takes no room, however large it is.
    place
        .execute(
            "DELETE FROM blob; INSERT INTO blob (sha3_384, size, stored_at, generation)
             SELECT repeat('0', 96), 1000000000, now(), max(number) FROM generation",
        )
        .await;
    let size = |entry: &Value| entry["download"]["size"].as_u64().unwrap();
    let room = size(first_entry).max(size(second_entry)).to_string();
    let url = format!("http://{}", upstream.address);
    let settings = [("SNAPWISE_UPSTREAM", url.as_str()), ("SNAPWISE_CACHE_MAX_BYTES", &room)];
    let passes = async |app: &TestApp, (name, entry): (&str, &Value)| {
        let offer = install(app, name).await;
        let file = fetch(app, &offer, &[]).await;
        assert_eq!(digest(&file.body), entry["download"]["sha3-384"].as_str().unwrap());
    };
    let kept_in_passing = "SELECT count(*) FROM blob WHERE in_passing";
    let wait_until_kept = async |app: &TestApp| {
        let since = Instant::now();
        while place.count(kept_in_passing).await == 0 {
            assert!(since.elapsed() < PATIENCE, "{}", app.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let (one, other) = ((first.as_str(), first_entry), (second.as_str(), second_entry));
    let app = place.serve(&settings);
    passes(&app, one).await;
    wait_until_kept(&app).await;
    let no_room = "there is no room to keep a file";
    assert!(!app.log().contains(no_room));
    passes(&app, other).await;
    app.log_with(no_room).await;
    // Nor is there for one that comes after a restart.
    drop(app);
    let app = place.serve(&settings);
    upstream.clear().await;
    passes(&app, other).await;
    app.log_with(no_room).await;
    passes(&app, one).await;
    assert_eq!(upstream.counts().await["download"], 1);
    assert_eq!(place.count(kept_in_passing).await, 1);
    // What is mirrored is our own from then on, is not fetched again, and leaves its room.
    upstream.clear().await;
    assert_ok(&mirror(first));
    assert_eq!(upstream.counts().await["download"].as_i64(), Some(n_of_first - 1));
    assert_eq!(place.count(kept_in_passing).await, 0);
    let newest = place.count("SELECT max(number) FROM generation").await;
    app.wait_for_generation(newest).await;
    passes(&app, other).await;
    wait_until_kept(&app).await;
}
