//! What real snapd clients sent, and the examples of the spec, sent to a server.

use crate::platform::REFRESH;
use crate::platform::SHELF;
use crate::support::app::Sent;
use crate::support::app::TestApp;
use crate::support::app::ask;
use crate::support::app::assert_spec;
use crate::support::spec::Spec;
use flate2::read::GzDecoder;
use serde_json::Value;
use std::io::Read;
use std::io::Write;
use std::path::Path;

/// The requests recorded from real clients; they are not part of this repository.
fn captured() -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/captured-requests");
    let Ok(entries) = std::fs::read_dir(&folder) else { return Vec::new() };
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    let read = |file: &Path| {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        (name, serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap())
    };
    files.iter().map(|file| read(file)).collect()
}

#[tokio::test]
#[allow(clippy::disallowed_methods, reason = "a test stands where `app` stands")]
async fn what_real_clients_sent_is_answered() {
    let captured = captured();
    if captured.is_empty() {
        let is_ci = std::env::var("CI").is_ok_and(|value| value == "true");
        assert!(!is_ci, "the captured requests are not there");
        let mut err = std::io::stderr().lock();
        writeln!(err, "SKIPPED: ../shared/data/captured-requests is not there").unwrap();
        return;
    }
    let app = TestApp::start(SHELF).await;
    let mut n_answered = 0;
    for (file, request) in captured {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let headers = request["headers"].as_object().unwrap().iter();
        let headers = headers.filter(|(name, _)| *name != "Host" && *name != "Content-Length");
        let sent = Sent {
            method: text(&request["method"]),
            path: text(&request["path"]),
            headers: headers.map(|(name, value)| (name.clone(), text(value))).collect(),
            body: request["body"].to_string().into_bytes(),
        };
        let mut received = ask(&app.public, &sent).await.unwrap();
        if received.header("content-encoding") == Some("gzip") {
            let mut body = Vec::new();
            GzDecoder::new(&received.body[..]).read_to_end(&mut body).unwrap();
            received.body = body;
        }
        assert_spec(&sent.method, &sent.path, &received);
        let actions = request["body"]["actions"].as_array().unwrap();
        assert_eq!(received.status, 200, "{file}");
        let answer = received.json();
        let results = answer["results"].as_array().unwrap();
        assert_eq!(results.len(), actions.len(), "{file}");
        for (action, result) in actions.iter().zip(results) {
            assert_eq!(action["instance-key"], result["instance-key"], "{file}");
            assert_eq!(action["key"], result["key"], "{file}");
            let word = &result["result"];
            assert!(*word == action["action"] || word == "error", "{file}: {result}");
        }
        n_answered += results.len();
    }
    assert!(n_answered >= 10, "only {n_answered} actions were answered");
}

#[tokio::test]
async fn every_example_request_of_the_spec_gets_its_status() {
    let app = TestApp::start(SHELF).await;
    let examples = Spec::load().request_examples();
    assert!(examples.len() > 20, "only {} examples", examples.len());
    for example in examples {
        let body = example.body.map(|body| body.to_string().into_bytes()).unwrap_or_default();
        let (method, path, headers) = (example.method, example.path, example.headers);
        let sent = Sent { method, path, headers, body };
        let address = if example.internal { &app.internal } else { &app.public };
        let received = ask(address, &sent).await.unwrap();
        let said = String::from_utf8_lossy(&received.body);
        assert_eq!(received.status, example.status, "{}: {said}", example.place);
        assert_spec(&sent.method, &sent.path, &received);
    }
    assert_eq!(app.send(&crate::platform::sent("POST", REFRESH, &[], "")).await.status, 400);
}
