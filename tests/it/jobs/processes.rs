//! Workers and servers as processes: killed, told to go, started again.

use crate::jobs::Place;
use crate::jobs::hasty;
use crate::support::app::PATIENCE;
use crate::support::app::TestApp;
use crate::support::app::snapwise;
use crate::support::database;
use rustix::process::Pid;
use rustix::process::Signal;
use rustix::process::kill_process;
use serde_json::Value;
use serde_json::json;
use snapwise::db::jobs;
use snapwise::db::jobs::Filter;
use snapwise::db::jobs::Job;
use snapwise::db::jobs::JobState;
use snapwise::jobs::Prune;
use snapwise::jobs::Registry;
use snapwise::jobs::Settings;
use std::process::Child;
use std::process::ExitStatus;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;
use tokio_postgres::Client;

/// A worker process; it is killed at the latest when the test ends.
struct Process(Child);

impl Process {
    fn start(place: &Place, name: &str) -> Self {
        let mut command = snapwise(&place.test.url, &["worker"]);
        command.env("SNAPWISE_WORKER_NAME", name).stdout(Stdio::null()).stderr(Stdio::null());
        Self(command.spawn().unwrap())
    }

    fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.0.id()).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
    }

    fn wait(&mut self) -> ExitStatus {
        let since = Instant::now();
        loop {
            if let Some(status) = self.0.try_wait().unwrap() {
                return status;
            }
            assert!(since.elapsed() < PATIENCE, "the worker does not end");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// A job that ended long ago, held so that whoever wants to forget it waits. A worker's own job does, in the middle of
/// its work.
async fn obstacle(place: &Place) -> Client {
    let holder = database::connect(&place.test.url).await;
    let ended = "INSERT INTO job (job_id, kind, state, args, stages, max_attempts, created_at, run_after, ended_at)
                 SELECT 'j-0000000000000001', 'old', 'failed', '{}', '{}', 1, at, at, at
                 FROM (SELECT '2020-01-01 00:00:00+00'::timestamptz) AS t (at)";
    holder.batch_execute(ended).await.unwrap();
    holder.batch_execute("BEGIN; SELECT FROM job FOR UPDATE").await.unwrap();
    holder
}

/// The pruning that a worker queues for itself, once it is in the middle of it.
async fn pruning(place: &Place) -> Job {
    let since = Instant::now();
    loop {
        let filter = Filter { kind: Some("prune".to_owned()), state: None };
        let found = jobs::list(&place.client().await, &filter, None, 10).await.unwrap();
        assert!(found.len() <= 1, "it is one job: {found:?}");
        if let Some(job) = found.into_iter().find(|job| job.stage.is_some()) {
            return job;
        }
        assert!(since.elapsed() < PATIENCE, "nobody prunes");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_killed_worker_is_followed_by_another() {
    let place = Place::new().await;
    let holder = obstacle(&place).await;
    let mut first = Process::start(&place, "first");
    let job = pruning(&place).await;
    assert_eq!((job.state, job.locked_by.as_deref()), (JobState::Running, Some("first")));
    first.signal(Signal::KILL);
    assert!(!first.wait().success());
    holder.batch_execute("COMMIT").await.unwrap();
    let settings = Settings { lease: Duration::from_millis(500), ..hasty("second") };
    let registry = Registry::default().with(Prune { database: place.database.clone() });
    let second = place.worker(registry, settings);
    let ended = place.until_ended(job.id).await;
    assert_eq!((ended.state, ended.attempt), (JobState::Succeeded, 2));
    assert_eq!(ended.locked_by.as_deref(), Some("second"));
    assert_eq!(ended.result.unwrap()["jobs"], 1);
    second.stop().await;
}

#[tokio::test]
async fn a_worker_that_is_told_to_go_goes_and_leaves_its_job() {
    let place = Place::new().await;
    let holder = obstacle(&place).await;
    let mut worker = Process::start(&place, "first");
    let job = pruning(&place).await;
    worker.signal(Signal::TERM);
    assert!(worker.wait().success());
    let left = place.job(job.id).await;
    assert_eq!((left.state, left.attempt, left.error), (JobState::Queued, 0, None));
    holder.batch_execute("COMMIT").await.unwrap();
    let _second = Process::start(&place, "second");
    let ended = place.until_ended(job.id).await;
    assert_eq!((ended.state, ended.attempt), (JobState::Succeeded, 1));
}

#[tokio::test]
async fn what_is_known_of_a_job_outlives_the_server() {
    let place = Place::new().await;
    let app = TestApp::serve(&place.test.url, &[]);
    let queued = crate::jobs::doors::post(&app, "/v2/jobs", &[], &json!({"kind": "prune"})).await;
    assert_eq!(queued.status, 202);
    let path = queued.header("location").unwrap().to_owned();
    drop(app);
    let app = TestApp::serve(&place.test.url, &[]);
    assert_eq!(app.ask_operator(&path).await.json()["job"]["state"], "queued");
    let worker = Process::start(&place, "w");
    let ended = app.ask_operator(&format!("{path}?wait=60s")).await.json();
    assert_eq!(ended["job"]["state"], "succeeded");
    drop((app, worker));
    let app = TestApp::serve(&place.test.url, &[]);
    let after: Value = app.ask_operator(&path).await.json();
    assert_eq!(after, ended);
}
