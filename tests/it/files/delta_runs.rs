//! Runs that make deltas: asked for as a job, killed in the middle, and repeated.

use crate::files::Store;
use crate::files::deltas::has_xdelta3;
use crate::files::deltas::offered;
use crate::files::deltas::undone;
use crate::files::deltas::version;
use crate::files::fetched;
use crate::files::programs::PROGRAMS;
use crate::files::programs::Process;
use crate::files::programs::Stuck;
use crate::files::programs::in_its_place;
use crate::files::programs::until_gone;
use crate::files::request;
use crate::files::snaps::noise;
use crate::files::snaps::snap;
use crate::support::app::PATIENCE;
use crate::support::app::TestApp;
use crate::support::app::ask;
use crate::support::app::assert_spec;
use crate::support::database;
use serde_json::Value;
use serde_json::json;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;
use std::time::Instant;

/// A store in which one delta is missing, and the two files that it is between.
struct Missing {
    store: Store,
    files: [Vec<u8>; 2],
}

impl Missing {
    async fn new() -> Self {
        let store = Store::new().await;
        let mut content = noise(400_000, 1);
        let first = version(1, &content);
        content[200_000..205_000].copy_from_slice(&noise(5_000, 2));
        let files = [first, version(2, &content)];
        for file in &files {
            store.push(file, "stable");
        }
        std::fs::create_dir(store.folder.path().join("temp")).unwrap();
        Self { store, files }
    }

    /// Where the program works.
    fn temp(&self) -> PathBuf {
        self.store.folder.path().join("temp")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.store.command(arguments);
        command.env("TMPDIR", self.temp()).env("PATH", PROGRAMS);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// What is there to be told of.
    async fn told(&self) -> (Vec<Value>, Vec<PathBuf>, i64) {
        let mut held = self.store.held();
        held.sort();
        (self.store.exported(), held, self.store.n_generations().await)
    }

    /// The delta is offered, served, and leads from one file to the other; and nothing else is left of how it was made.
    async fn is_served(&self, app: &TestApp) {
        app.wait_for_generation(3).await;
        let id = self.store.exported()[0]["snap-id"].as_str().unwrap().to_owned();
        let deltas = offered(app, &id, 1, "xdelta3").await;
        assert_eq!(deltas.as_array().map(Vec::len), Some(1), "{deltas}");
        let bytes = fetched(app, &deltas[0]).await;
        assert!(undone(&self.store, &self.files[0], &bytes) == self.files[1]);
        assert_eq!(std::fs::read_dir(self.temp()).unwrap().count(), 0);
    }
}

/// Queues the job; gives where it is told of.
async fn queue(app: &TestApp, args: &Value) -> String {
    let mut sent = request("POST", "/v2/jobs", &[]);
    sent.body = json!({"kind": "deltas", "args": args}).to_string().into_bytes();
    let received = ask(&app.internal, &sent).await.unwrap();
    assert_spec("POST", "/v2/jobs", &received);
    assert_eq!(received.status, 202, "{}", String::from_utf8_lossy(&received.body));
    received.header("location").unwrap().to_owned()
}

/// The job, once it has ended.
async fn ended(app: &TestApp, job: &str) -> Value {
    let since = Instant::now();
    loop {
        let told = app.ask_operator(&format!("{job}?wait=60s")).await.json()["job"].clone();
        if !["queued", "running"].contains(&told["state"].as_str().unwrap()) {
            return told;
        }
        assert!(since.elapsed() < PATIENCE, "{told}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_makes_what_is_asked_for_as_a_job() {
    if !has_xdelta3() {
        return;
    }
    let missing = Missing::new().await;
    let app = missing.store.serve(&[]);
    let _worker = Process::of(missing.command(&["worker"]));
    for (names, n_made) in [(json!(["other-snap"]), 0), (json!([]), 1), (json!(["lumen-notes"]), 0)]
    {
        let job = ended(&app, &queue(&app, &json!({ "names": names })).await).await;
        assert_eq!((&job["state"], &job["attempt"]), (&json!("succeeded"), &json!(1)), "{job}");
        assert_eq!(job["result"], json!({"made": n_made, "dropped": 0, "failed": 0}), "{job}");
    }
    missing.is_served(&app).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_run_leaves_nothing_that_is_told_of_and_is_repeated() {
    if !has_xdelta3() {
        return;
    }
    let missing = Missing::new().await;
    let before = missing.told().await;
    let stuck = Stuck::new(&missing.store, "xdelta3");
    let mut run = Process::of(stuck.with(missing.command(&["snap", "deltas"])));
    let program = stuck.in_the_middle().await;
    run.kill();
    until_gone(program).await;
    assert!(missing.told().await == before);
    let again = missing.command(&["snap", "deltas"]).stdout(Stdio::piped()).output().unwrap();
    let said = String::from_utf8_lossy(&again.stdout);
    assert_eq!(said, "1 made, 0 dropped for saving too little\n", "{again:?}");
    missing.is_served(&missing.store.serve(&[])).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_worker_leaves_nothing_that_is_told_of_and_is_followed() {
    if !has_xdelta3() {
        return;
    }
    let missing = Missing::new().await;
    let before = missing.told().await;
    let stuck = Stuck::new(&missing.store, "xdelta3");
    let app = missing.store.serve(&[]);
    let job = queue(&app, &json!({})).await;
    let mut first = Process::of(stuck.with(missing.command(&["worker"])));
    let program = stuck.in_the_middle().await;
    first.kill();
    until_gone(program).await;
    assert!(missing.told().await == before);
    // The time goes by in which it could have said a word.
    let client = database::connect(&missing.store.url).await;
    let gone_by =
        "UPDATE job SET heartbeat_at = heartbeat_at - interval '1 hour' WHERE kind = 'deltas'";
    assert_eq!(client.execute(gone_by, &[]).await.unwrap(), 1);
    let _second = Process::of(missing.command(&["worker"]));
    let job = ended(&app, &job).await;
    assert_eq!((&job["state"], &job["attempt"]), (&json!("succeeded"), &json!(2)), "{job}");
    assert_eq!(job["result"], json!({"made": 1, "dropped": 0, "failed": 0}), "{job}");
    missing.is_served(&app).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_is_told_to_go_takes_the_program_with_it() {
    let missing = Missing::new().await;
    let stuck = Stuck::new(&missing.store, "xdelta3");
    let app = missing.store.serve(&[]);
    let job = queue(&app, &json!({})).await;
    let mut worker = Process::of(stuck.with(missing.command(&["worker"])));
    let program = stuck.in_the_middle().await;
    let pid = rustix::process::Pid::from_child(&worker.0);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    assert!(worker.0.wait().unwrap().success());
    until_gone(program).await;
    let job = app.ask_operator(&job).await.json()["job"].clone();
    assert_eq!((&job["state"], &job["attempt"]), (&json!("queued"), &json!(0)), "{job}");
    assert_eq!(std::fs::read_dir(missing.temp()).unwrap().count(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_the_program_fails_with_cost_no_others_theirs() {
    if !has_xdelta3() {
        return;
    }
    let missing = Missing::new().await;
    let script = format!(
        "#!/bin/sh\n[ \"$(ulimit -v)\" -eq 524288 ] || exit 2\n[ \"$(wc -c <\"$5\")\" -lt 600000 ] || exit 1\nPATH={PROGRAMS} exec xdelta3 \"$@\"\n"
    );
    let path = in_its_place(&missing.store, "xdelta3", &script);
    let large = noise(700_000, 3);
    for version in ["1", "2"] {
        let yaml = format!("name: too-large\nversion: '{version}'\narchitectures: [amd64]\n");
        missing.store.push(&snap(&yaml, &large), "stable");
    }
    let mut run = missing.command(&["snap", "deltas"]);
    let run = run.env("PATH", path).stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    assert_eq!(said, "1 made, 0 dropped for saving too little\n", "{run:?}");
    let told = String::from_utf8_lossy(&run.stderr);
    assert!(!run.status.success(), "{told}");
    for what in ["a delta could not be made", "too-large", "xdelta3 failed", "1 could not be made"]
    {
        assert!(told.contains(what), "{what}: {told}");
    }
}
