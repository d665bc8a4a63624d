//! Deltas: made where they save enough, offered to who has the source, and leading to the target.

use crate::files::Store;
use crate::files::fetched;
use crate::files::refresh;
use crate::files::results;
use crate::files::snaps::noise;
use crate::files::snaps::snap;
use crate::support::app::TestApp;
use serde_json::Value;
use serde_json::json;
use std::io::Write;
use std::process::Command;
use std::process::Stdio;

/// Whether the program is installed; says so where it is not.
pub(super) fn has_xdelta3() -> bool {
    let found =
        Command::new("xdelta3").arg("-V").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if found.is_err() {
        let mut err = std::io::stderr().lock();
        writeln!(err, "skipped: the program xdelta3 is not installed").unwrap();
    }
    found.is_ok()
}

pub(super) fn version(number: u64, content: &[u8]) -> Vec<u8> {
    snap(&format!("name: lumen-notes\nversion: '{number}'\narchitectures: [amd64]\n"), content)
}

/// Refreshes from a revision to what stable gives out; gives the deltas that are offered.
pub(super) async fn offered(app: &TestApp, id: &str, revision: u32, formats: &str) -> Value {
    let context = json!({"snap-id": id, "instance-key": "a", "revision": revision,
        "tracking-channel": "stable", "epoch": {"read": [0], "write": [0]}});
    let action = json!({"action": "refresh", "instance-key": "a", "snap-id": id});
    let body =
        json!({"context": [context], "actions": [action], "fields": ["revision", "download"]});
    let headers: &[_] =
        if formats.is_empty() { &[] } else { &[("Snap-Accept-Delta-Format", formats)] };
    refresh(app, &body, headers).await["snap"]["download"]["deltas"].clone()
}

/// What a device makes of a delta and the file it has.
pub(super) fn undone(store: &Store, source: &[u8], delta: &[u8]) -> Vec<u8> {
    let (source, delta) = (store.file("source", source), store.file("delta", delta));
    let target = store.file("target", b"");
    let ended = Command::new("xdelta3").args(["-d", "-f", "-s", &source, &delta, &target]).status();
    assert!(ended.unwrap().success());
    std::fs::read(&target).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delta_leads_from_what_a_device_has_to_what_it_is_offered() {
    if !has_xdelta3() {
        return;
    }
    let store = Store::new().await;
    let content = noise(600_000, 1);
    let mut changed = content.clone();
    changed[300_000..310_000].copy_from_slice(&noise(10_000, 2));
    let files = [version(1, &content), version(2, &changed), version(3, &noise(600_000, 3))];
    store.push(&files[0], "stable");
    assert_eq!(store.done(&["snap", "deltas"]), "0 made, 0 dropped for saving too little\n");
    store.push(&files[1], "stable");
    assert_eq!(store.done(&["snap", "deltas"]), "1 made, 0 dropped for saving too little\n");
    assert_eq!(
        store.done(&["snap", "deltas", "lumen-notes"]),
        "0 made, 0 dropped for saving too little\n"
    );
    let id = store.exported()[0]["snap-id"].as_str().unwrap().to_owned();
    let app = store.serve(&[]);
    for formats in ["xdelta3", "snap-1-1-xdelta3,xdelta3"] {
        let deltas = offered(&app, &id, 1, formats).await;
        assert_eq!(deltas.as_array().map(Vec::len), Some(1), "{deltas}");
        let delta = &deltas[0];
        assert_eq!(
            (&delta["format"], &delta["source"], &delta["target"]),
            (&json!("xdelta3"), &json!(1), &json!(2))
        );
        let bytes = fetched(&app, delta).await;
        assert!(bytes.len() * 4 <= files[1].len() * 3);
        assert!(undone(&store, &files[0], &bytes) == files[1]);
    }
    for (revision, formats) in [(1, ""), (1, "snap-1-1-xdelta3"), (3, "xdelta3")] {
        assert_eq!(offered(&app, &id, revision, formats).await, json!([]), "{revision} {formats}");
    }
    // One that is as large as the file is not kept.
    let n_held = store.held().len();
    store.push(&files[2], "stable");
    assert_eq!(store.done(&["snap", "deltas"]), "0 made, 1 dropped for saving too little\n");
    assert_eq!(store.held().len(), n_held + 1);
    // It goes out with the catalogue and comes back.
    let documents = store.done(&["catalogue", "export"]);
    let other = Store::new().await;
    let file = other.file("catalogue.jsonl", documents.as_bytes());
    other.done(&["catalogue", "import", &file]);
    assert_eq!(other.done(&["catalogue", "export"]), documents);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_program_it_is_told_what_is_missing() {
    let store = Store::new().await;
    let content = noise(100_000, 1);
    store.push(&version(1, &content), "stable");
    store.push(&version(2, &content), "stable");
    let output =
        store.command(&["snap", "deltas"]).env("PATH", store.folder.path()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("xdelta3 is not installed"), "{said}");
}

/// Case 93, with files that are really there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_instance_gets_the_delta_from_its_own_revision() {
    if !has_xdelta3() {
        return;
    }
    let store = Store::new().await;
    let mut content = noise(400_000, 1);
    let mut files = Vec::new();
    for number in 1..=3 {
        content[100_000..105_000].copy_from_slice(&noise(5_000, 10 + number));
        files.push(version(number, &content));
    }
    for (file, channel) in [(0, "stable"), (1, "beta"), (2, "stable"), (2, "beta")] {
        store.push(&files[file], channel);
    }
    assert_eq!(store.done(&["snap", "deltas"]), "2 made, 0 dropped for saving too little\n");
    let id = store.exported()[0]["snap-id"].as_str().unwrap().to_owned();
    let app = store.serve(&[]);
    let instance = |key: &str, revision: usize, channel: &str| {
        json!({"snap-id": id, "instance-key": key, "revision": revision, "tracking-channel": channel,
            "epoch": {"read": [0], "write": [0]}})
    };
    let to_beta = |key: &str| json!({"action": "refresh", "instance-key": key, "snap-id": id, "channel": "beta"});
    let body = json!({
        "context": [instance("one", 1, "stable"), instance("two", 2, "beta")],
        "actions": [to_beta("two"), to_beta("one")],
        "fields": ["revision", "download"],
    });
    let results = results(&app, &body, &[("Snap-Accept-Delta-Format", "xdelta3")]).await;
    for (place, key, source) in [(0, "two", 2), (1, "one", 1)] {
        let result = &results[place];
        let (snap, deltas) = (&result["snap"], &result["snap"]["download"]["deltas"]);
        assert_eq!((&result["instance-key"], &snap["revision"]), (&json!(key), &json!(3)));
        assert_eq!(deltas.as_array().map(Vec::len), Some(1), "{deltas}");
        let delta = &deltas[0];
        assert_eq!((&delta["source"], &delta["target"]), (&json!(source), &json!(3)));
        let bytes = fetched(&app, delta).await;
        assert!(undone(&store, &files[source - 1], &bytes) == files[2], "from {source}");
    }
}
