//! What operators decide about channels and revisions: by command and by route, as devices see it.

mod chosen;
mod gating;
mod progress;
mod routes;
mod survivors;

use crate::support::app::Received;
use crate::support::app::Sent;
use crate::support::app::TestApp;
use crate::support::database;
use serde_json::Value;
use serde_json::json;

const SHELF: &str = "shelf.jsonl";
const LUMEN: &str = "Nn4Qw8Er2Ty6Ui0Op3As7Df1Gh5Jk9Lz";
const STEPDB: &str = "Sd9Ae8Rf7Tg6Yh5Uj4Ik3Ol2Pq1Wz0Xc";

/// What a device asks, one action each.
#[derive(Debug, Clone)]
struct Asking {
    architecture: &'static str,
    key: String,
    action: Value,
    installed: Option<Value>,
}

/// An install of a snap from a channel.
fn install(name: &str, channel: &str) -> Asking {
    let action = json!({"action": "install", "name": name, "channel": channel, "epoch": null});
    Asking { architecture: "amd64", key: "install-1".to_owned(), action, installed: None }
}

/// An install of a revision by its number.
fn install_number(name: &str, revision: u32) -> Asking {
    let action = json!({"action": "install", "name": name, "revision": revision});
    Asking { action, ..install(name, "") }
}

/// A refresh of a snap that is installed and tracks a channel.
fn refresh(id: &str, installed: u32, tracking: &str) -> Asking {
    let action = json!({"action": "refresh", "snap-id": id});
    let entry = json!({"snap-id": id, "revision": installed, "tracking-channel": tracking});
    Asking { key: id.to_owned(), action, installed: Some(entry), ..install("", "") }
}

impl Asking {
    /// The same of a device of another architecture.
    fn on(self, architecture: &'static str) -> Self {
        Self { architecture, ..self }
    }

    /// The same under another key.
    fn keyed(self, key: &str) -> Self {
        Self { key: key.to_owned(), ..self }
    }

    /// The same with another member of the action.
    fn with(mut self, member: &str, value: impl Into<Value>) -> Self {
        self.action[member] = value.into();
        self
    }
}

/// What devices are told, in one request: `revision channel`, or the code of the refusal.
async fn told_all(app: &TestApp, asked: &[Asking]) -> Vec<String> {
    let keyed = |value: &Value, key: &str| {
        let mut value = value.clone();
        value["instance-key"] = key.into();
        value
    };
    let context = asked.iter().filter_map(|one| Some(keyed(one.installed.as_ref()?, &one.key)));
    let actions = asked.iter().map(|one| keyed(&one.action, &one.key));
    let body = json!({
        "context": context.collect::<Vec<_>>(),
        "actions": actions.collect::<Vec<_>>(),
        "fields": ["revision"],
    });
    let architecture = asked.first().map_or("amd64", |one| one.architecture);
    let received = app.send(&sent("/v2/snaps/refresh", architecture, &body)).await;
    assert_eq!(received.status, 200);
    let answer = received.json();
    let told = answer["results"].as_array().unwrap().iter().map(|result| {
        if result["result"] == "error" {
            return result["error"]["code"].as_str().unwrap().to_owned();
        }
        let channel = result["effective-channel"].as_str().unwrap_or("-");
        format!("{} {channel}", result["snap"]["revision"])
    });
    told.collect()
}

/// What one device is told.
async fn told(app: &TestApp, asking: Asking) -> String {
    told_all(app, &[asking]).await.remove(0)
}

/// Holds what devices are told against what they should be.
async fn check(app: &TestApp, expected: &[(Asking, &str)]) {
    for (asking, expected) in expected {
        let told = told(app, asking.clone()).await;
        assert_eq!(told, *expected, "{asking:?}");
    }
}

fn sent(path: &str, architecture: &str, body: &Value) -> Sent {
    let headers = [("Snap-Device-Series", "16"), ("Snap-Device-Architecture", architecture)];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let body = body.to_string().into_bytes();
    Sent { method: "POST".to_owned(), path: path.to_owned(), headers: headers.into(), body }
}

/// The channel map of a snap: `channel architecture revision`.
async fn channel_map(app: &TestApp, name: &str) -> Vec<String> {
    let mut sent = sent(&format!("/v2/snaps/info/{name}?fields=revision"), "amd64", &json!(""));
    (sent.method, sent.body) = ("GET".to_owned(), Vec::new());
    let received = app.send(&sent).await;
    assert_eq!(received.status, 200);
    let answer = received.json();
    let line = |entry: &Value| {
        let (channel, revision) = (&entry["channel"], &entry["revision"]);
        let text = |name: &str| channel[name].as_str().unwrap().to_owned();
        format!("{} {} {revision}", text("name"), text("architecture"))
    };
    answer["channel-map"].as_array().unwrap().iter().map(line).collect()
}

/// Runs a command that is to succeed, and waits until what came of it is served; gives what it said.
async fn run(app: &TestApp, command: &str) -> String {
    let words: Vec<&str> = command.split(' ').collect();
    let output = app.run(&words).await;
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

/// Runs a command that is to fail and to change nothing; gives what it said.
async fn fail(app: &TestApp, command: &str) -> String {
    let before = standing(app).await;
    let words: Vec<&str> = command.split(' ').collect();
    let output = app.run(&words).await;
    assert!(!output.status.success(), "{command}");
    assert_eq!(standing(app).await, before, "{command}");
    String::from_utf8(output.stderr).unwrap()
}

/// The newest generation, and how many changes by hand there were.
async fn standing(app: &TestApp) -> (i64, i64) {
    let client = database::connect(&app.database_url).await;
    let sql = "SELECT (SELECT max(number) FROM generation), (SELECT count(*) FROM audit)";
    let row = client.query_one(sql, &[]).await.unwrap();
    (row.get(0), row.get(1))
}

/// An answer of the internal listener, held against the spec.
async fn ask_internal(app: &TestApp, method: &str, path: &str, body: &str) -> Received {
    let headers = vec![("X-Request-Id".to_owned(), "r-operator-1".to_owned())];
    let (method, path) = (method.to_owned(), path.to_owned());
    let sent = Sent { method, path, headers, body: body.as_bytes().to_vec() };
    let received = crate::support::app::ask(&app.internal, &sent).await.unwrap();
    crate::support::app::assert_spec(&sent.method, &sent.path, &received);
    received
}
