//! Credentials at the door: how a device opens a session, who sees what, and what becomes of what is forged, stale,
//! expired or somebody else's.

mod bounds;
mod commands;
mod expiry;
mod keys;
mod opening;
mod statements;
mod viewers;

use crate::support::app::Received;
use crate::support::app::Sent;
use crate::support::app::TestApp;
use crate::support::scenario::folder;
use serde_json::Value;
use serde_json::json;
use snapwise::credentials::CredentialSecrets;
use snapwise::credentials::DeviceDigest;
use snapwise::credentials::Lifetime;
use snapwise::snap::Instant;
use std::time::Duration;

/// What the servers of these tests sign with; the first is the one of every test.
const SECRET: &str = "another secret for tests only";

/// The publisher of hidden-box and lab-probe.
const PUBLISHER: &str = "Lx1Lx2Lx3Lx4Lx5Lx6Lx7Lx8Lx9Lx0Lx";

/// A server of the fixture's snaps, whose stores take credentials.
async fn server(settings: &[(&str, &str)]) -> TestApp {
    let settings = [&[("SNAPWISE_OPEN_STORES", "")], settings].concat();
    TestApp::with(Some(&folder().join("shelf.jsonl")), &settings).await
}

fn secrets() -> CredentialSecrets {
    CredentialSecrets::new([SECRET.as_bytes()])
}

#[allow(clippy::disallowed_methods, reason = "a test stands where `app` stands")]
fn now() -> Instant {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    Instant::from_microseconds(i64::try_from(since.as_micros()).unwrap()).unwrap()
}

const HOUR: Duration = Duration::from_hours(1);

/// An hour or more ago; the credentials of the tests are made then.
fn ago(hours: u32) -> Instant {
    let micros = i64::try_from((HOUR * hours).as_micros()).unwrap();
    Instant::from_microseconds(now().microseconds() - micros).unwrap()
}

/// Good for two days since an hour ago.
fn fresh() -> Lifetime {
    Lifetime { now: ago(1), soft: Some(HOUR * 24), hard: HOUR * 48 }
}

/// Good, and to be renewed since an hour.
fn stale() -> Lifetime {
    Lifetime { now: ago(2), soft: Some(HOUR), hard: HOUR * 48 }
}

/// Over since an hour.
fn expired() -> Lifetime {
    Lifetime { now: ago(3), soft: Some(HOUR), hard: HOUR * 2 }
}

fn session_of(secrets: &CredentialSecrets, stores: &[&str], lifetime: &Lifetime) -> Header {
    let stores: Vec<_> = stores.iter().map(|store| store.parse().unwrap()).collect();
    let device = DeviceDigest::new("acme", "box", "0042");
    let macaroon = secrets.session(1, device, &stores, lifetime).unwrap();
    ("Snap-Device-Authorization".to_owned(), format!("Macaroon root=\"{macaroon}\""))
}

/// A device's session that opens these stores.
fn session(stores: &[&str], lifetime: &Lifetime) -> Header {
    session_of(&secrets(), stores, lifetime)
}

fn user_of(
    secrets: &CredentialSecrets,
    (account, stores, snaps): (&str, &[&str], &[&str]),
    lifetime: &Lifetime,
) -> Header {
    let stores: Vec<_> = stores.iter().map(|store| store.parse().unwrap()).collect();
    let snaps: Vec<_> = snaps.iter().map(|snap| snap.parse().unwrap()).collect();
    let account = account.parse().unwrap();
    let made = secrets.user(2, &account, (&stores, &snaps), lifetime).unwrap();
    let value = format!("Macaroon root=\"{}\", discharge=\"{}\"", made.root, made.bound_discharge);
    ("Authorization".to_owned(), value)
}

/// A credential of that account, which opens these stores and shows these snaps.
fn user(account: &str, stores: &[&str], snaps: &[&str], lifetime: &Lifetime) -> Header {
    user_of(&secrets(), (account, stores, snaps), lifetime)
}

type Header = (String, String);

fn in_store(store: &str) -> Header {
    ("Snap-Device-Store".to_owned(), store.to_owned())
}

fn sent(method: &str, path: &str, headers: &[Header], body: &str) -> Sent {
    let device = [("Snap-Device-Series", "16"), ("Snap-Device-Architecture", "amd64")];
    let device = device.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Sent {
        method: method.to_owned(),
        path: path.to_owned(),
        headers: device.iter().chain(headers).cloned().collect(),
        body: body.as_bytes().to_vec(),
    }
}

/// A request to install a snap.
fn install(name: &str, headers: &[Header]) -> Sent {
    let body = json!({
        "context": [],
        "actions": [{"action": "install", "instance-key": "install-1", "name": name}],
        "fields": ["revision"],
    });
    sent("POST", "/v2/snaps/refresh", headers, &body.to_string())
}

/// What came of an installation: `ok 10`, the code of the refusal, or status and code of a refused request; behind it
/// the codes of the top-level list.
async fn installed(app: &TestApp, name: &str, headers: &[Header]) -> String {
    told(&app.send(&install(name, headers)).await)
}

fn told(received: &Received) -> String {
    let said = received.json();
    let codes = |list: &Value| {
        let list = list.as_array().unwrap().iter();
        list.map(|entry| [" ", entry["code"].as_str().unwrap()].concat())
            .collect::<Vec<_>>()
            .concat()
    };
    if received.status != 200 {
        return format!("{}{}", received.status, codes(&said["error-list"]));
    }
    let result = &said["results"][0];
    let outcome = match result["error"]["code"].as_str() {
        Some(code) => code.to_owned(),
        None => format!("ok {}", result["snap"]["revision"]),
    };
    format!("{outcome}{}", codes(&said["error-list"]))
}
