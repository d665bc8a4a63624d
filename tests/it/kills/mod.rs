//! What happens to the catalogue and to those who ask when something dies, is away, or is tampered with.

mod load;
mod outages;
mod publications;
mod records;
mod writers;

use crate::kills::load::Load;
use crate::kills::load::Seen;
use crate::support::app::PATIENCE;
use crate::support::app::Sent;
use crate::support::app::TestApp;
use crate::support::app::snapwise;
use crate::support::database;
use crate::support::scenario;
use rustix::process::Pid;
use rustix::process::Signal;
use serde_json::Value;
use serde_json::json;
use std::io;
use std::time::Duration;
use std::time::Instant;

/// The shelf most of this is tried on, and a smaller one.
const SHELF: &str = "shelf.jsonl";
const OTHER_SHELF: &str = "shelf-cohort.jsonl";

/// Clients of a load.
const N_CLIENTS: usize = 3;

/// A request as a device sends it: an install for each name, from stable.
fn installs(names: &[&str]) -> Sent {
    let action = |name: &&str| json!({"action": "install", "instance-key": name, "name": name, "channel": "stable"});
    let actions: Vec<Value> = names.iter().map(action).collect();
    post(&json!({"context": [], "actions": actions, "fields": ["revision", "version", "download"]}))
}

/// A refresh of two snaps on the shelf and an install of a third.
fn mixed() -> Sent {
    let (lumen, step) = ("Nn4Qw8Er2Ty6Ui0Op3As7Df1Gh5Jk9Lz", "Sd9Ae8Rf7Tg6Yh5Uj4Ik3Ol2Pq1Wz0Xc");
    let installed = |id, revision| {
        json!({"snap-id": id, "instance-key": id, "revision": revision, "tracking-channel": "stable",
            "epoch": {"read": [0], "write": [0]}})
    };
    let refresh = |id| json!({"action": "refresh", "snap-id": id, "instance-key": id});
    post(&json!({
        "context": [installed(lumen, 8), installed(step, 1)],
        "actions": [
            refresh(lumen),
            refresh(step),
            {"action": "install", "instance-key": "new", "name": "gridkit", "channel": "3.x"},
        ],
    }))
}

fn post(body: &Value) -> Sent {
    let headers = [
        ("Snap-Device-Series", "16"),
        ("Snap-Device-Architecture", "amd64"),
        ("Content-Type", "application/json"),
    ];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let body = body.to_string().into_bytes();
    Sent { method: "POST".to_owned(), path: "/v2/snaps/refresh".to_owned(), headers, body }
}

fn get(path: &str) -> Sent {
    let (method, path) = ("GET".to_owned(), path.to_owned());
    let headers = vec![("Snap-Device-Series".to_owned(), "16".to_owned())];
    Sent { method, path, headers, body: Vec::new() }
}

/// Revisions offered to the installs of a request, by place; the code of the error where none is.
async fn offered(app: &TestApp, names: &[&str]) -> Vec<String> {
    let received = app.send(&installs(names)).await;
    assert_eq!(received.status, 200);
    let answer = received.json();
    let results = answer["results"].as_array().unwrap();
    assert_eq!(results.len(), names.len());
    let offer = |result: &Value| match result["snap"]["revision"].as_i64() {
        Some(revision) => revision.to_string(),
        None => result["error"]["code"].as_str().unwrap().to_owned(),
    };
    results.iter().map(offer).collect()
}

/// Takes an answer only when it is, byte for byte, the expected one.
fn exactly(expected: Vec<u8>) -> impl Fn(&[u8]) -> Seen + Clone + Send + 'static {
    move |body| if body == expected { Ok(1) } else { Err("another answer".to_owned()) }
}

/// The generation that `/health/ready` tells, as long as it says it is ready.
fn generation_of(body: &[u8]) -> Seen {
    let said: Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    match (said["status"].as_str(), said["generation"].as_i64()) {
        (Some("ready"), Some(generation)) => Ok(generation),
        _ => Err("not ready".to_owned()),
    }
}

/// Whether `/health/ready` tells that the database is there, as long as it says it is ready.
fn connected(body: &[u8]) -> Seen {
    let said: Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    match (said["status"].as_str(), said["database"].as_str()) {
        (Some("ready"), Some("connected")) => Ok(1),
        (Some("ready"), Some("away")) => Ok(0),
        _ => Err("not ready".to_owned()),
    }
}

/// A gauge or counter without labels.
async fn metric(app: &TestApp, name: &str) -> i64 {
    let received = app.ask_operator("/metrics").await;
    let text = String::from_utf8(received.body).unwrap();
    let mut lines = text.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    lines.next().unwrap_or_else(|| panic!("no metric {name}")).parse().unwrap()
}

async fn wait_for_metric(app: &TestApp, name: &str, is_good: impl Fn(i64) -> bool) {
    let since = Instant::now();
    loop {
        let value = metric(app, name).await;
        if is_good(value) {
            return;
        }
        assert!(since.elapsed() < PATIENCE, "{name} is {value}; {}", app.log());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Waits until a statement gives a row.
async fn wait_for_row(client: &tokio_postgres::Client, sql: &str) {
    let since = Instant::now();
    while client.query(sql, &[]).await.unwrap().is_empty() {
        assert!(since.elapsed() < PATIENCE, "never a row: {sql}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// Runs the program to a good end; gives what it wrote on standard output.
fn run(database_url: &str, arguments: &[&str]) -> Vec<u8> {
    let output = snapwise(database_url, arguments).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?} ended with {}: {said}", output.status);
    output.stdout
}

/// The whole catalogue as documents.
fn exported(database_url: &str) -> Vec<u8> {
    run(database_url, &["catalogue", "export"])
}

/// How many documents an export holds.
fn n_lines(text: &[u8]) -> usize {
    text.split(|byte| *byte == b'\n').count() - 1
}

fn import(database_url: &str, shelf: &str) {
    let path = scenario::folder().join(shelf);
    run(database_url, &["catalogue", "import", path.to_str().unwrap()]);
}

/// A database of the test's own with a shelf in it.
async fn stocked(shelf: &str) -> String {
    let url = database::migrated().await.url;
    import(&url, shelf);
    url
}

/// The numbers of all generations, in order.
async fn generations(database_url: &str) -> Vec<i64> {
    let client = database::connect(database_url).await;
    let rows = client.query("SELECT number FROM generation ORDER BY number", &[]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

fn kill(pid: u32, signal: Signal) -> io::Result<()> {
    let pid = Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    Ok(rustix::process::kill_process(pid, signal)?)
}

/// Load on a server: devices that ask, and an operator who looks whether it is ready.
fn devices(app: &TestApp, check: impl Fn(&[u8]) -> Seen + Clone + Send + 'static) -> Load {
    Load::start(&app.public, N_CLIENTS, &mixed(), check)
}

fn operator(app: &TestApp, check: fn(&[u8]) -> Seen) -> Load {
    Load::start(&app.internal, 1, &get("/health/ready"), check)
}
