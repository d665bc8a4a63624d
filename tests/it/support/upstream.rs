//! A real `snapwise upstream-sim` process, and how the client of ours is set to ask it.

use crate::support::app::PATIENCE;
use crate::support::app::Received;
use crate::support::app::Sent;
use crate::support::app::ask;
use rustix::process::Pid;
use rustix::process::Signal;
use serde_json::Value;
use snapwise::simulator::Catalogue;
use snapwise::snap::Instant;
use snapwise::upstream::Client;
use snapwise::upstream::Options;
use snapwise::upstream::Secret;
use std::io::BufRead;
use std::io::BufReader;
use std::process::Child;
use std::process::Command;
use std::process::ExitStatus;
use std::process::Stdio;
use std::sync::mpsc;
use std::time::Duration;

/// The token that is shown to it, which must be found nowhere else.
pub(crate) const TOKEN: &str = "s3cret-macaroon-of-the-tests";

/// A simulated upstream; it ends with this value.
pub(crate) struct Upstream {
    /// Where it answers.
    pub(crate) address: String,
    process: Child,
}

/// The program as `upstream-sim`, not yet started.
pub(crate) fn simulator(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_snapwise"));
    command.arg("upstream-sim").args(arguments).env_remove("RUST_LOG");
    command.env("SNAPWISE_LOG_FORMAT", "json").stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

impl Upstream {
    /// One of the first `n` generated snaps of seed 1.
    pub(crate) fn start(n: u64) -> Self {
        Self::with(&["--snaps", &n.to_string()])
    }

    /// One with these arguments.
    pub(crate) fn with(arguments: &[&str]) -> Self {
        let arguments = [&["--listen", "127.0.0.1:0"], arguments].concat();
        let mut process = simulator(&arguments).spawn().unwrap();
        let (ready, when_ready) = mpsc::channel();
        let lines = BufReader::new(process.stderr.take().unwrap());
        std::thread::spawn(move || {
            for line in lines.lines().map_while(Result::ok) {
                let said: Value = serde_json::from_str(&line).unwrap_or_default();
                if said["message"] == "ready" {
                    // Nobody waits any more when the process is stopped early.
                    drop(ready.send(said["listen"].as_str().unwrap().to_owned()));
                }
            }
        });
        let address = when_ready.recv_timeout(PATIENCE).expect("it gets ready");
        Self { address, process }
    }

    /// What the catalogue of [`Self::start`] holds; its times are others.
    pub(crate) fn catalogue(n: u64) -> Catalogue {
        let now: Instant = "2026-11-01T00:00:00Z".parse().unwrap();
        Catalogue::generate(n, 1, now)
    }

    /// Options to ask it with: in a hurry.
    pub(crate) fn options(&self) -> Options {
        let url = format!("http://{}", self.address);
        Options {
            store_url: url.clone(),
            metrics_url: url.clone(),
            publisher_url: url.clone(),
            ratings_url: Some(url),
            macaroon: Some(Secret::new(TOKEN)),
            attempts: 3,
            first_pause: Duration::from_millis(5),
            requests_per_s: 0,
            ..Options::default()
        }
    }

    /// A client with these options.
    pub(crate) fn client(&self) -> Client {
        Client::new(self.options()).unwrap()
    }

    /// Puts faults in force.
    pub(crate) async fn set(&self, faults: Value) {
        let answer = self.tell("PUT", "/_sim/faults", &faults.to_string()).await;
        assert_eq!(answer.status, 204, "{}", String::from_utf8_lossy(&answer.body));
    }

    /// What it was asked since it began, or since it was last cleared.
    pub(crate) async fn counts(&self) -> Value {
        self.tell("GET", "/_sim/counts", "").await.json()
    }

    /// Lets it count anew.
    pub(crate) async fn clear(&self) {
        assert_eq!(self.tell("DELETE", "/_sim/counts", "").await.status, 204);
    }

    /// Sends a request to it.
    pub(crate) async fn tell(&self, method: &str, path: &str, body: &str) -> Received {
        let sent = Sent {
            method: method.to_owned(),
            path: path.to_owned(),
            headers: Vec::new(),
            body: body.as_bytes().to_vec(),
        };
        ask(&self.address, &sent).await.unwrap()
    }

    /// Tells it to go as a ^C does, and waits until it went.
    pub(crate) fn interrupt(mut self) -> ExitStatus {
        let pid = Pid::from_child(&self.process);
        rustix::process::kill_process(pid, Signal::INT).unwrap();
        self.process.wait().unwrap()
    }

    /// Ends it now.
    pub(crate) fn end(&mut self) {
        // It may have ended by itself.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.end();
    }
}
