//! Files: pushed from the command line, offered, and fetched as the offer says.

mod delta_runs;
mod deltas;
mod download;
mod kills;
mod objects;
mod programs;
mod push;
mod refusals;
mod snaps;
mod unpacking;

use crate::support::app::Received;
use crate::support::app::Sent;
use crate::support::app::TestApp;
use crate::support::app::snapwise;
use crate::support::database;
use serde_json::Value;
use serde_json::json;
use sha3::Digest;
use sha3::Sha3_384;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Output;
use tempfile::TempDir;

/// A database with a place for files.
struct Store {
    url: String,
    folder: TempDir,
}

impl Store {
    async fn new() -> Self {
        Self { url: database::migrated().await.url, folder: tempfile::tempdir().unwrap() }
    }

    fn blobs(&self) -> PathBuf {
        self.folder.path().join("blobs")
    }

    fn blobs_url(&self) -> String {
        format!("file://{}", self.blobs().display())
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = snapwise(&self.url, arguments);
        command.env("SNAPWISE_BLOBS_URL", self.blobs_url());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs the program to a good end; gives what it said.
    fn done(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {said}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Writes a file beside the database; gives its path.
    fn file(&self, name: &str, content: &[u8]) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// Pushes a snap to a channel.
    fn push(&self, snap: &[u8], channel: &str) -> String {
        let file = self.file("pushed.snap", snap);
        self.done(&["snap", "push", &file, "--channel", channel])
    }

    fn serve(&self, settings: &[(&str, &str)]) -> TestApp {
        let blobs = self.blobs_url();
        let all = [settings, &[("SNAPWISE_BLOBS_URL", blobs.as_str())]].concat();
        TestApp::serve(&self.url, &all)
    }

    /// Every file that is held, and whatever else lies in its place.
    fn held(&self) -> Vec<PathBuf> {
        let list = |folder: &Path| -> Vec<PathBuf> {
            let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
            entries.map(|entry| entry.unwrap().path()).collect()
        };
        list(&self.blobs()).iter().flat_map(|shelf| list(shelf)).collect()
    }

    async fn n_generations(&self) -> i64 {
        let client = database::connect(&self.url).await;
        client.query_one("SELECT count(*) FROM generation", &[]).await.unwrap().get(0)
    }

    /// The whole catalogue, as documents.
    fn exported(&self) -> Vec<Value> {
        let said = self.done(&["catalogue", "export"]);
        said.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// The digest of a file as answers write it.
fn digest(content: &[u8]) -> String {
    let digest: [u8; 48] = Sha3_384::digest(content).into();
    snapwise::snap::Sha3::new(digest).to_string()
}

fn request(method: &str, path: &str, headers: &[(&str, &str)]) -> Sent {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let (method, path) = (method.to_owned(), path.to_owned());
    Sent { method, path, headers: headers.collect(), body: Vec::new() }
}

async fn get(app: &TestApp, path: &str, headers: &[(&str, &str)]) -> Received {
    app.send(&request("GET", path, headers)).await
}

/// Asks for a refresh or an install; gives the result.
async fn refresh(app: &TestApp, body: &Value, headers: &[(&str, &str)]) -> Value {
    results(app, body, headers).await[0].clone()
}

/// Asks for refreshes and installs; gives their results.
async fn results(app: &TestApp, body: &Value, headers: &[(&str, &str)]) -> Value {
    let device = [("Snap-Device-Series", "16"), ("Snap-Device-Architecture", "amd64")];
    let all = [&device, headers].concat();
    let mut sent = request("POST", "/v2/snaps/refresh", &all);
    sent.body = body.to_string().into_bytes();
    let received = app.send(&sent).await;
    assert_eq!(received.status, 200, "{}", String::from_utf8_lossy(&received.body));
    received.json()["results"].clone()
}

/// Installs a snap; gives the result.
async fn install(app: &TestApp, name: &str, channel: &str) -> Value {
    let action =
        json!({"action": "install", "instance-key": "a", "name": name, "channel": channel});
    let fields = ["revision", "version", "download", "snap-id", "publisher"];
    refresh(app, &json!({"context": [], "actions": [action], "fields": fields}), &[]).await
}

/// The path of a URL of the server's own.
fn path_of<'u>(app: &TestApp, url: &'u str) -> &'u str {
    url.strip_prefix(&format!("http://{}", app.public)).unwrap_or_else(|| panic!("{url}"))
}

/// Fetches what a download says and holds it against that; gives the bytes.
async fn fetched(app: &TestApp, download: &Value) -> Vec<u8> {
    let received = get(app, path_of(app, download["url"].as_str().unwrap()), &[]).await;
    assert_eq!(received.status, 200);
    assert_eq!(Some(received.body.len() as u64), download["size"].as_u64());
    assert_eq!(Some(digest(&received.body).as_str()), download["sha3-384"].as_str());
    received.body
}
