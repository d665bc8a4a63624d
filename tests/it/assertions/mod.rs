//! Assertions through the doors: taken in with the program, fetched as snapd fetches them (contract 2.3, 4.3, 10.3).
//!
//! What is signed here is signed by nobody: a store hands on what it was given, and devices verify.

mod bases;
mod export;
mod fetch;
mod import;
mod keys;
mod single;
mod streams;

use crate::support::app::Received;
use crate::support::app::Sent;
use crate::support::app::TestApp;
use crate::support::app::snapwise;
use serde_json::Value;
use serde_json::json;
use std::io::Write;
use std::process::Output;
use std::process::Stdio;
use tempfile::NamedTempFile;

const SHELF: &str = "shelf.jsonl";
const LUMEN: &str = "Nn4Qw8Er2Ty6Ui0Op3As7Df1Gh5Jk9Lz";
const KIND: &str = "application/x.ubuntu.assertion";

/// An assertion with these headers.
fn assertion(kind: &str, headers: &[(&str, &str)]) -> String {
    let lines: Vec<_> = headers.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
    let lines = lines.concat();
    format!("type: {kind}\nauthority-id: tests\n{lines}sign-key-sha3-384: key\n\nAXNpZ25lZA==\n")
}

fn account(id: &str) -> String {
    assertion("account", &[("account-id", id)])
}

/// A declaration of lumen-notes.
fn declaration(revision: u32, format: u32) -> String {
    let (revision, format) = (revision.to_string(), format.to_string());
    let headers =
        [("format", &*format), ("revision", &revision), ("series", "16"), ("snap-id", LUMEN)];
    assertion("snap-declaration", &headers)
}

fn validation_set(sequence: u32, revision: u32) -> String {
    let (sequence, revision) = (sequence.to_string(), revision.to_string());
    let headers = [
        ("revision", &*revision),
        ("series", "16"),
        ("account-id", "ann"),
        ("name", "lab"),
        ("sequence", &sequence),
    ];
    assertion("validation-set", &headers)
}

/// A stream of assertions.
fn stream_of(texts: &[String]) -> String {
    texts.join("\n")
}

/// The text in a file that goes with the value.
fn file(text: &str) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

/// A server that was given these assertions.
async fn stocked(texts: &[String]) -> TestApp {
    let app = TestApp::start(SHELF).await;
    take_in(&app, texts).await;
    app
}

/// Imports assertions and waits until they are served.
async fn take_in(app: &TestApp, texts: &[String]) {
    let file = file(&stream_of(texts));
    let output = app.run(&["assertions", "import", file.path().to_str().unwrap()]).await;
    assert!(output.status.success(), "{}", said(&output));
}

/// Both outputs of a program.
fn said(output: &Output) -> String {
    [&output.stdout[..], &output.stderr[..]].map(String::from_utf8_lossy).concat()
}

/// Runs the program with a text on its standard input.
fn run_with_input(database_url: &str, arguments: &[&str], input: &str) -> Output {
    let mut command = snapwise(database_url, arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut process = command.spawn().unwrap();
    process.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    process.wait_with_output().unwrap()
}

fn sent(method: &str, path: &str, headers: &[(&str, &str)]) -> Sent {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let (method, path) = (method.to_owned(), path.to_owned());
    Sent { method, path, headers: headers.collect(), body: Vec::new() }
}

/// What is at a path; no header is needed.
async fn get(app: &TestApp, path: &str) -> Received {
    app.send(&sent("GET", path, &[])).await
}

#[track_caller]
fn assert_text(received: &Received, text: &str) {
    assert_eq!(received.status, 200, "{}", String::from_utf8_lossy(&received.body));
    assert_eq!(received.header("content-type"), Some(KIND));
    assert_eq!(received.header("content-length"), Some(text.len().to_string().as_str()));
    assert_eq!(String::from_utf8_lossy(&received.body), text);
}

/// A miss as snapd knows it: the content type to the letter, and the word.
#[track_caller]
fn assert_miss(received: &Received) {
    assert_refused(received, 404, "not-found");
}

#[track_caller]
fn assert_refused(received: &Received, status: u16, code: &str) {
    assert_eq!(received.status, status, "{}", String::from_utf8_lossy(&received.body));
    assert_eq!(received.header("content-type"), Some("application/json"));
    assert_eq!(received.json()["error-list"][0]["code"], code);
}

/// A refresh request with these actions, from a device with these formats.
fn asking(actions: &[Value], formats: &Value) -> Sent {
    let headers = [("Snap-Device-Series", "16"), ("Snap-Device-Architecture", "amd64")];
    let context = [json!({"snap-id": LUMEN, "instance-key": LUMEN, "revision": 9,
        "tracking-channel": "stable"})];
    let body = json!({"context": context, "actions": actions, "fields": ["revision"],
        "assertion-max-formats": formats});
    Sent { body: body.to_string().into_bytes(), ..sent("POST", "/v2/snaps/refresh", &headers) }
}

/// A group of assertions to fetch.
fn group(key: &str, assertions: &[Value]) -> Value {
    json!({"action": "fetch-assertions", "key": key, "assertions": assertions})
}

/// The results of these actions.
async fn results(app: &TestApp, actions: &[Value], formats: Value) -> Vec<Value> {
    let received = app.send(&asking(actions, &formats)).await;
    assert_eq!(received.status, 200, "{}", String::from_utf8_lossy(&received.body));
    let answer = received.json();
    assert_eq!(answer["error-list"], json!([]));
    answer["results"].as_array().unwrap().clone()
}

/// The result of one group of one assertion, from a device that knows all formats of snapd.
async fn fetched(app: &TestApp, wanted: Value) -> Value {
    let formats = json!({"account-key": 1, "snap-declaration": 7, "system-user": 2});
    let result = results(app, &[group("g1", &[wanted])], formats).await.remove(0);
    assert_eq!((&result["result"], &result["key"]), (&json!("fetch-assertions"), &json!("g1")));
    result
}

/// What the one URL of a result leads to.
async fn followed(app: &TestApp, result: &Value) -> Received {
    let urls = result["assertion-stream-urls"].as_array().unwrap();
    assert!(result.get("error-list").is_none(), "{result}");
    assert_eq!(urls.len(), 1, "{result}");
    let path = urls[0].as_str().unwrap().strip_prefix(&format!("http://{}", app.public));
    get(app, path.unwrap()).await
}

/// Whether the group has nothing to fetch and nothing wrong.
#[track_caller]
fn assert_nothing(result: &Value) {
    let expected = json!({"result": "fetch-assertions", "key": "g1", "assertion-stream-urls": []});
    assert_eq!(*result, expected);
}

/// The code of the one failure of a result, which has nothing to fetch.
#[track_caller]
fn failure(result: &Value) -> &str {
    assert_eq!(result["assertion-stream-urls"], json!([]), "{result}");
    assert_eq!(result["error-list"].as_array().unwrap().len(), 1, "{result}");
    result["error-list"][0]["code"].as_str().unwrap()
}
