//! A simulated upstream in a process of its own, and what it was asked.

use crate::support::app::PATIENCE;
use crate::support::app::Received;
use crate::support::app::Sent;
use crate::support::app::ask;
use serde_json::Value;
use std::io::BufRead;
use std::io::BufReader;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::sync::mpsc;

/// The token that device metrics are asked for with; it is to be seen nowhere.
pub(crate) const TOKEN: &str = "t0ken-that-nobody-may-see";

/// A running `snapwise upstream-sim`.
pub(crate) struct Upstream {
    address: String,
    process: Child,
}

impl Upstream {
    /// An upstream that knows so many generated snaps, about one in a hundred of which are private.
    pub(crate) fn start(n_snaps: u64) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_snapwise"));
        command.args(["upstream-sim", "--listen", "127.0.0.1:0", "--snaps", &n_snaps.to_string()]);
        command.env_remove("RUST_LOG").env("SNAPWISE_LOG_FORMAT", "json");
        let mut process = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(process.stderr.take().unwrap());
        let (ready, when_ready) = mpsc::channel();
        std::thread::spawn(move || {
            for line in lines.lines().map_while(Result::ok) {
                let said: Value = serde_json::from_str(&line).unwrap_or_default();
                if said["message"] == "ready" {
                    // Nobody waits any more when the process is stopped early.
                    drop(ready.send(said["listen"].as_str().unwrap().to_owned()));
                }
            }
        });
        let address = when_ready.recv_timeout(PATIENCE).expect("the upstream gets ready");
        Self { address, process }
    }

    /// What a collector must be told to ask it.
    pub(crate) fn settings(&self) -> Vec<(&'static str, String)> {
        let url = format!("http://{}", self.address);
        vec![
            ("SNAPWISE_STORE_URL", url.clone()),
            ("SNAPWISE_METRICS_URL", url.clone()),
            ("SNAPWISE_PUBLISHER_URL", url.clone()),
            ("SNAPWISE_RATINGS_URL", url),
            ("SNAPWISE_METRICS_TOKEN", TOKEN.to_owned()),
            ("SNAPWISE_UPSTREAM_REQUESTS_PER_S", "0".to_owned()),
        ]
    }

    /// Puts faults in force in place of the earlier ones.
    pub(crate) async fn set(&self, faults: &Value) {
        let answer = self.send("PUT", "/_sim/faults", faults.to_string()).await;
        assert_eq!(answer.status, 204, "{faults}: {}", String::from_utf8_lossy(&answer.body));
    }

    /// How often it was asked for something of that kind since the counts were cleared.
    pub(crate) async fn count(&self, kind: &str) -> u64 {
        let counts = self.send("GET", "/_sim/counts", String::new()).await.json();
        counts[kind].as_u64().unwrap_or_else(|| panic!("nothing counts {kind}: {counts}"))
    }

    /// Begins to count anew.
    pub(crate) async fn clear_counts(&self) {
        self.send("DELETE", "/_sim/counts", String::new()).await;
    }

    /// What it knows of a snap.
    pub(crate) async fn info(&self, name: &str) -> Value {
        self.send("GET", &format!("/v2/snaps/info/{name}"), String::new()).await.json()
    }

    async fn send(&self, method: &str, path: &str, body: String) -> Received {
        let headers = vec![("Snap-Device-Series".to_owned(), "16".to_owned())];
        let (method, path) = (method.to_owned(), path.to_owned());
        ask(&self.address, &Sent { method, path, headers, body: body.into_bytes() }).await.unwrap()
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}
