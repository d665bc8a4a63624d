//! The pipeline as its users run it: the program, a simulated upstream over HTTP and gRPC, a real database.

mod commands;
mod deaths;
mod faults;
mod products;
mod secrets;
mod statements;
mod turns;

use crate::support::app::PATIENCE;
use crate::support::app::Sent;
use crate::support::app::ask;
use crate::support::app::snapwise;
use crate::support::database;
use crate::support::upstream::TOKEN;
use crate::support::upstream::Upstream;
use serde_json::Value;
use std::process::Child;
use std::process::Command;
use std::process::Output;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;
use tokio_postgres::Client;

/// Every channel map is due.
const ALL_DUE: (&str, &str) = ("SNAPWISE_INFO_AGE_H", "0");

/// A database, an upstream, and the program between them.
struct Scene {
    url: String,
    client: Client,
    upstream: Upstream,
}

/// What a run must leave as it was when it fails.
#[derive(Debug, PartialEq)]
struct InService {
    placed: Option<String>,
    generation: Option<i64>,
    last_whole_run: Option<String>,
}

impl Scene {
    /// An empty catalogue, and an upstream that knows so many snaps.
    async fn new(n_snaps: u64) -> Self {
        Self::on(database::migrated().await.url, n_snaps).await
    }

    async fn on(url: String, n_snaps: u64) -> Self {
        Self::before(url, Upstream::start(n_snaps)).await
    }

    /// That upstream.
    async fn before(url: String, upstream: Upstream) -> Self {
        let client = database::connect(&url).await;
        Self { url, client, upstream }
    }

    /// What the program must be told to ask the upstream.
    fn settings(&self) -> Vec<(&'static str, String)> {
        let url = format!("http://{}", self.upstream.address);
        let names = [
            "SNAPWISE_STORE_URL",
            "SNAPWISE_METRICS_URL",
            "SNAPWISE_PUBLISHER_URL",
            "SNAPWISE_RATINGS_URL",
        ];
        let mut settings: Vec<_> = names.map(|name| (name, url.clone())).into();
        settings.push(("SNAPWISE_METRICS_TOKEN", TOKEN.to_owned()));
        settings.push(("SNAPWISE_UPSTREAM_REQUESTS_PER_S", "0".to_owned()));
        settings
    }

    /// How often the upstream was asked for something of that kind since the counts were cleared.
    async fn count(&self, kind: &str) -> u64 {
        let counts = self.upstream.counts().await;
        counts[kind].as_u64().unwrap_or_else(|| panic!("nothing counts {kind}: {counts}"))
    }

    /// What the upstream knows of a snap.
    async fn info(&self, name: &str) -> Value {
        let headers = vec![("Snap-Device-Series".to_owned(), "16".to_owned())];
        let (method, path) = ("GET".to_owned(), format!("/v2/snaps/info/{name}"));
        let sent = Sent { method, path, headers, body: Vec::new() };
        ask(&self.upstream.address, &sent).await.unwrap().json()
    }

    /// The command `collector` with these words and more settings.
    fn command(&self, words: &[&str], settings: &[(&str, &str)]) -> Command {
        let arguments: Vec<&str> =
            std::iter::once("collector").chain(words.iter().copied()).collect();
        let mut command = snapwise(&self.url, &arguments);
        command.envs(self.settings()).envs(settings.iter().copied());
        command
    }

    /// Runs it to its end.
    fn ended(&self, words: &[&str], settings: &[(&str, &str)]) -> Output {
        self.command(words, settings).output().unwrap()
    }

    /// Runs it to a good end; gives what it said.
    #[track_caller]
    fn run(&self, words: &[&str]) -> String {
        self.run_with(words, &[])
    }

    #[track_caller]
    fn run_with(&self, words: &[&str], settings: &[(&str, &str)]) -> String {
        let output = self.ended(words, settings);
        assert!(output.status.success(), "{words:?} {settings:?}: {}", said(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs it to a bad end; gives its last words.
    #[track_caller]
    fn fail(&self, words: &[&str], settings: &[(&str, &str)]) -> String {
        let output = self.ended(words, settings);
        let said = said(&output);
        assert_eq!(output.status.code(), Some(1), "{words:?} {settings:?}: {said}");
        assert!(!said.contains("panicked"), "{said}");
        said.lines().last().unwrap_or_default().to_owned()
    }

    /// Begins it, with what it says thrown away.
    fn spawn(&self, words: &[&str], settings: &[(&str, &str)]) -> Child {
        self.command(words, settings).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// The one value of a statement.
    async fn number(&self, sql: &str) -> i64 {
        self.client.query_one(sql, &[]).await.unwrap().get(0)
    }

    async fn texts(&self, sql: &str) -> Vec<String> {
        self.client.query(sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
    }

    /// Waits until a statement gives true.
    async fn wait_for(&self, sql: &str) {
        let since = Instant::now();
        while !self.client.query_one(sql, &[]).await.unwrap().get::<_, bool>(0) {
            assert!(since.elapsed() < PATIENCE, "never: {sql}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    async fn in_service(&self) -> InService {
        let sql = "SELECT (SELECT md5(string_agg(placed::text, ' ' ORDER BY category, snap_id)) FROM placed),
                          (SELECT generation FROM part WHERE name = 'places'),
                          (SELECT value::text FROM setting WHERE key = 'last_updated')";
        let row = self.client.query_one(sql, &[]).await.unwrap();
        InService { placed: row.get(0), generation: row.get(1), last_whole_run: row.get(2) }
    }

    /// The newest generation there is.
    async fn generation(&self) -> i64 {
        self.number("SELECT coalesce(max(number), 0) FROM generation").await
    }

    /// The newest job: its state, and its reason if it failed.
    async fn last_job(&self) -> (String, Option<String>) {
        let sql = "SELECT state, error FROM job ORDER BY created_at DESC, job_id LIMIT 1";
        let row = self.client.query_one(sql, &[]).await.unwrap();
        (row.get(0), row.get(1))
    }

    /// The newest step that ended: its name, whether well, what was said, and what was left out by reason.
    async fn last_step(&self) -> (String, bool, String, Value) {
        let sql = "SELECT step, success, message, rejected::text FROM step_run ORDER BY number DESC LIMIT 1";
        let row = self.client.query_one(sql, &[]).await.unwrap();
        let rejected = serde_json::from_str(row.get(3)).unwrap();
        (row.get(0), row.get(1), row.get(2), rejected)
    }

    /// How many runs of steps went on while another did.
    async fn n_overlaps(&self) -> i64 {
        self.number(
            "SELECT count(*) FROM step_run AS one JOIN step_run AS other ON one.number < other.number
             WHERE one.started_at < other.ended_at AND other.started_at < one.ended_at",
        )
        .await
    }
}

fn said(output: &Output) -> String {
    let text = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    String::from_utf8(text).unwrap()
}

/// Waits for a process to end; whether it ended well.
fn ends_well(process: &mut Child) -> bool {
    let since = Instant::now();
    loop {
        if let Some(status) = process.try_wait().unwrap() {
            return status.success();
        }
        assert!(since.elapsed() < PATIENCE, "the process does not end");
        std::thread::sleep(Duration::from_millis(10));
    }
}
