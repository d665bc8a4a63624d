//! What editors do, through the door they come in by.

mod access;
mod audit;
mod exclusions;
mod featured;
mod listed;
mod reads;
mod refusals;
mod slices;
mod store;

use crate::editors::listed::ListedSnap;
use crate::support::app::Received;
use crate::support::app::Sent;
use crate::support::app::TestApp;
use crate::support::database;
use serde_json::Value;
use serde_json::json;
use snapwise::editorial::Role;
use snapwise::http::Tokens;

const MEMBER: &str = "the-token-of-a-member-for-tests-only";
const ADMIN: &str = "the-token-of-an-admin-for-tests-only";

const LUMEN: ListedSnap = ListedSnap {
    letter: 'a',
    name: "lumen-notes",
    title: "Lumen Notes",
    summary: "Notes that stay with you",
};
const EMBER: ListedSnap = ListedSnap {
    letter: 'b',
    name: "ember-paint",
    title: "Ember 100% Paint",
    summary: "Paint_with fire",
};
const TIDE: ListedSnap = ListedSnap {
    letter: 'c',
    name: "tide-clock",
    title: "Tide Clock",
    summary: r"High and low in C:\harbour",
};

/// What makes the two tokens known.
fn tokens() -> String {
    let entry = |name, role, token| Tokens::entry(name, role, token).unwrap();
    format!("{},{}", entry("ann", Role::Member, MEMBER), entry("bob", Role::Admin, ADMIN))
}

/// A server with the three snaps listed, and the database.
async fn app() -> TestApp {
    with(&[]).await
}

/// The same with more settings.
async fn with(settings: &[(&str, &str)]) -> TestApp {
    let database = database::migrated().await;
    listed::list(&database::connect(&database.url).await, &[LUMEN, EMBER, TIDE]).await;
    serve(&database.url, settings)
}

/// A server on a database that is there.
fn serve(url: &str, settings: &[(&str, &str)]) -> TestApp {
    let tokens = tokens();
    let mut all = vec![("SNAPWISE_EDITOR_TOKENS", tokens.as_str())];
    all.extend(settings);
    TestApp::serve(url, &all)
}

/// A request with a token, and a body of JSON if there is one.
fn sent(token: &str, method: &str, path: &str, body: Option<&Value>) -> Sent {
    let mut headers = vec![("Authorization".to_owned(), format!("Bearer {token}"))];
    if body.is_some() {
        headers.push(("Content-Type".to_owned(), "application/json; charset=utf-8".to_owned()));
    }
    let body = body.map(|body| body.to_string().into_bytes()).unwrap_or_default();
    Sent { method: method.to_owned(), path: path.to_owned(), headers, body }
}

/// What a member gets for a path.
async fn get(app: &TestApp, path: &str) -> Received {
    app.send(&sent(MEMBER, "GET", path, None)).await
}

/// What a member gets for a body.
async fn post(app: &TestApp, path: &str, body: Value) -> Received {
    app.send(&sent(MEMBER, "POST", path, Some(&body))).await
}

/// Asserts what was answered, and that it is for the asker alone.
#[track_caller]
fn assert_says(received: &Received, status: u16, body: &Value) {
    let said = String::from_utf8_lossy(&received.body);
    assert_eq!((received.status, &received.json()), (status, body), "{said}");
    assert_eq!(received.header("cache-control"), Some("private"));
    assert!(said.is_ascii() && said.ends_with('\n'), "{said}");
}

#[track_caller]
fn assert_done(received: &Received) {
    assert_says(received, 200, &json!({"status": "success"}));
}

#[track_caller]
fn assert_refused(received: &Received, status: u16, text: &str) {
    assert_says(received, status, &json!({"error": text}));
}

/// The changes by hand, the latest first.
async fn changes(app: &TestApp) -> Vec<Value> {
    let received = app.send(&sent(ADMIN, "GET", "/v2/audit", None)).await;
    assert_eq!(received.status, 200);
    received.json()["audit"].as_array().unwrap().clone()
}

/// The number of the newest generation.
async fn generation(app: &TestApp) -> i64 {
    let client = database::connect(&app.database_url).await;
    client.query_one("SELECT max(number) FROM generation", &[]).await.unwrap().get(0)
}
