//! Jobs: queued once, done once, under a lease, and told to whoever waits for them.

mod crowds;
mod doors;
mod events;
mod lease;
mod processes;
mod queue;
mod requests;
mod workers;

use crate::support::TestDatabase;
use crate::support::app::PATIENCE;
use crate::support::database;
use deadpool_postgres::Object;
use serde_json::Value;
use snapwise::db::Database;
use snapwise::db::jobs;
use snapwise::db::jobs::Job;
use snapwise::db::jobs::JobId;
use snapwise::db::jobs::JobNews;
use snapwise::db::jobs::NewJob;
use snapwise::jobs::Registry;
use snapwise::jobs::Settings;
use snapwise::jobs::Worker;
use snapwise::snap::Instant;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// A database with nothing in it, and the news of its jobs.
struct Place {
    test: TestDatabase,
    database: Database,
    news: JobNews,
}

impl Place {
    async fn new() -> Self {
        let test = database::migrated().await;
        let database = Database::new(&test.url, 16).unwrap();
        let news = JobNews::default();
        tokio::spawn(news.clone().follow(database.clone()));
        Self { test, database, news }
    }

    async fn client(&self) -> Object {
        self.database.client().await.unwrap()
    }

    async fn enqueue(&self, new: &NewJob) -> Job {
        jobs::enqueue(&self.client().await, new, now()).await.unwrap().job
    }

    async fn job(&self, id: JobId) -> Job {
        jobs::find(&self.client().await, id).await.unwrap().unwrap()
    }

    /// Waits until the job is as it should be.
    async fn until(&self, id: JobId, is_so: impl Fn(&Job) -> bool) -> Job {
        let since = std::time::Instant::now();
        loop {
            let job = self.job(id).await;
            if is_so(&job) {
                return job;
            }
            assert!(since.elapsed() < PATIENCE, "still {job:?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    async fn until_ended(&self, id: JobId) -> Job {
        self.until(id, |job| job.state.is_terminal()).await
    }

    /// A worker of that name under way.
    fn worker(&self, registry: Registry, settings: Settings) -> AtWork {
        let worker = Worker {
            database: self.database.clone(),
            news: self.news.clone(),
            registry: Arc::new(registry),
            settings,
            clock: now,
            random,
        };
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(worker.run(async {
            if stopped.await.is_err() {
                std::future::pending::<()>().await;
            }
        }));
        AtWork { stop, task }
    }
}

/// A worker under way.
struct AtWork {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl AtWork {
    /// Tells it to go, and waits until it has.
    async fn stop(self) {
        self.stop.send(()).unwrap();
        tokio::time::timeout(PATIENCE, self.task).await.unwrap().unwrap();
    }

    /// Ends it as a power cut would: not another word.
    async fn kill(self) {
        self.task.abort();
        assert!(self.task.await.unwrap_err().is_cancelled());
    }
}

/// Settings for tests: as usual, but without long pauses.
fn hasty(name: &str) -> Settings {
    Settings {
        poll: Duration::from_millis(50),
        first_pause: Duration::from_millis(10),
        last_pause: Duration::from_millis(20),
        ..Settings::new(name.to_owned())
    }
}

/// The same for a worker that does several jobs at once.
fn hasty_with(name: &str, concurrency: usize) -> Settings {
    Settings { concurrency: NonZeroUsize::new(concurrency).unwrap(), ..hasty(name) }
}

/// A job that means nothing.
fn plain(kind: &str, key: Option<&str>) -> NewJob {
    NewJob {
        id: id(),
        kind: kind.to_owned(),
        args: Value::Object(serde_json::Map::new()),
        key: key.map(str::to_owned),
        stages: vec!["one".to_owned(), "two".to_owned()],
        max_attempts: 3,
    }
}

fn id() -> JobId {
    JobId::from_random(random())
}

fn random() -> u64 {
    getrandom::u64().unwrap()
}

#[allow(clippy::disallowed_methods, reason = "a test stands where `app` stands")]
fn now() -> Instant {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    Instant::from_microseconds(i64::try_from(since.as_micros()).unwrap()).unwrap()
}

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn hours(n: u64) -> Duration {
    Duration::from_hours(n)
}
