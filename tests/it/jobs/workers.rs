//! Workers: each job is done once, whatever happens to whoever does it.

use crate::jobs::Place;
use crate::jobs::hasty;
use crate::jobs::hasty_with;
use crate::jobs::hours;
use crate::jobs::id;
use crate::jobs::now;
use crate::support::app::PATIENCE;
use anyhow::Context;
use serde::Deserialize;
use serde::Serialize;
use serde_json::json;
use snapwise::db::Database;
use snapwise::db::jobs;
use snapwise::db::jobs::Change;
use snapwise::db::jobs::JobId;
use snapwise::db::jobs::JobState;
use snapwise::jobs::Hopeless;
use snapwise::jobs::Job;
use snapwise::jobs::NoArgs;
use snapwise::jobs::Registry;
use snapwise::jobs::Report;
use snapwise::jobs::Run;
use snapwise::jobs::Settings;
use snapwise::jobs::new_job;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// Writes its number into a table, in the transaction of its end.
struct Note(Database);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Number {
    n: i64,
}

impl Job for Note {
    const KIND: &'static str = "note";
    const STAGES: &'static [&'static str] = &["noting"];
    type Args = Number;

    async fn run(&self, args: Number, run: &Run) -> anyhow::Result<Report> {
        run.stage("noting");
        let mut client = self.0.client().await?;
        let transaction = client.transaction().await?;
        transaction.execute("INSERT INTO effect VALUES ($1)", &[&args.n]).await?;
        run.commit(transaction, Report::succeeded(json!({"n": args.n}))).await
    }
}

/// What is done at the gate of a job.
#[derive(Clone, Copy)]
enum Then {
    Commit,
    Fail,
    Panic,
    Despair,
}

/// Says that it has begun, waits at a gate, and goes on as told.
struct Gated {
    database: Database,
    begun: Arc<Semaphore>,
    gate: Arc<Semaphore>,
    then: Then,
}

impl Gated {
    fn new(place: &Place, then: Then) -> Self {
        let (begun, gate) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
        Self { database: place.database.clone(), begun, gate, then }
    }

    /// One whose gate is open.
    fn open(place: &Place, then: Then) -> Self {
        let job = Self::new(place, then);
        job.gate.add_permits(1_000);
        job
    }
}

impl Job for Gated {
    const KIND: &'static str = "gated";
    const STAGES: &'static [&'static str] = &["waiting", "writing"];
    const MAX_ATTEMPTS: i32 = 3;
    type Args = NoArgs;

    async fn run(&self, _: NoArgs, run: &Run) -> anyhow::Result<Report> {
        run.stage("waiting");
        run.progress(1, 2);
        self.begun.add_permits(1);
        self.gate.acquire().await?.forget();
        run.stage("writing");
        let mut client = self.database.client().await?;
        let transaction = client.transaction().await?;
        transaction.execute("INSERT INTO effect VALUES (1)", &[]).await?;
        match self.then {
            Then::Commit => run.commit(transaction, Report::succeeded(json!({}))).await,
            Then::Fail => Err(anyhow::anyhow!("no such page")).context("read the pages"),
            Then::Panic => panic!("an index out of bounds"),
            Then::Despair => {
                Err(Hopeless("the token is missing".to_owned())).context("measure the snaps")
            }
        }
    }
}

async fn with_effects() -> Place {
    let place = Place::new().await;
    place.client().await.batch_execute("CREATE TABLE effect (n bigint)").await.unwrap();
    place
}

async fn effects(place: &Place) -> Vec<i64> {
    let rows = place.client().await.query("SELECT n FROM effect ORDER BY n", &[]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

async fn enqueue_gated(place: &Place) -> JobId {
    place.enqueue(&new_job::<Gated>(&NoArgs {}, id())).await.id
}

#[tokio::test]
async fn two_workers_do_two_hundred_jobs_once_each() {
    let place = with_effects().await;
    let mut ids = Vec::new();
    let client = place.client().await;
    for n in 0..200 {
        let new = new_job::<Note>(&Number { n }, id());
        ids.push(jobs::enqueue(&client, &new, now()).await.unwrap().job.id);
    }
    let registry = || Registry::default().with(Note(place.database.clone()));
    let one = place.worker(registry(), hasty_with("one", 3));
    let two = place.worker(registry(), hasty_with("two", 3));
    for id in &ids {
        let job = place.until_ended(*id).await;
        assert_eq!((job.state, job.attempt), (JobState::Succeeded, 1));
    }
    assert_eq!(effects(&place).await, (0..200).collect::<Vec<_>>());
    one.stop().await;
    two.stop().await;
}

#[tokio::test]
async fn a_job_is_begun_as_soon_as_it_is_queued() {
    let place = with_effects().await;
    // It would look again in an hour.
    let settings = Settings { poll: hours(1), ..hasty("w") };
    let worker = place.worker(Registry::default().with(Note(place.database.clone())), settings);
    for n in 0..3 {
        let id = place.enqueue(&new_job::<Note>(&Number { n }, id())).await.id;
        assert_eq!(place.until_ended(id).await.result, Some(json!({"n": n})));
    }
    worker.stop().await;
}

#[tokio::test]
async fn a_worker_that_dies_is_followed_by_another() {
    let place = with_effects().await;
    let first = Gated::new(&place, Then::Commit);
    let begun = Arc::clone(&first.begun);
    let job = enqueue_gated(&place).await;
    let worker = place.worker(Registry::default().with(first), hasty("one"));
    begun.acquire().await.unwrap().forget();
    worker.kill().await;
    let at_rest = place.job(job).await;
    assert_eq!((at_rest.state, at_rest.locked_by.as_deref()), (JobState::Running, Some("one")));
    let second = Registry::default().with(Gated::open(&place, Then::Commit));
    let settings = Settings { lease: Duration::from_millis(300), ..hasty("two") };
    let worker = place.worker(second, settings);
    let ended = place.until_ended(job).await;
    assert_eq!((ended.state, ended.attempt), (JobState::Succeeded, 2));
    assert_eq!(ended.locked_by.as_deref(), Some("two"));
    assert_eq!(effects(&place).await, [1]);
    worker.stop().await;
}

#[tokio::test]
async fn an_owner_that_was_taken_for_dead_commits_nothing() {
    let place = with_effects().await;
    let slow = Gated::new(&place, Then::Commit);
    let (begun, gate) = (Arc::clone(&slow.begun), Arc::clone(&slow.gate));
    let job = enqueue_gated(&place).await;
    // Silent for an hour, as if its network were gone.
    let settings = Settings { heartbeat: hours(1), ..hasty("slow") };
    let worker = place.worker(Registry::default().with(slow), settings);
    begun.acquire().await.unwrap().forget();
    // Its first words on how far it is are written before it falls silent.
    place.until(job, |job| job.progress > 0.0).await;
    let client = place.client().await;
    jobs::expire(&client, Duration::from_secs(30), now().plus(hours(1))).await.unwrap();
    let (taken, lease) = jobs::claim(&client, &["gated"], "new", 1, now()).await.unwrap().unwrap();
    assert_eq!(taken.attempt, 2);
    gate.add_permits(1);
    worker.stop().await;
    assert_eq!(effects(&place).await, [0_i64; 0]);
    let job = place.job(job).await;
    assert_eq!((job.state, job.locked_by.as_deref()), (JobState::Running, Some("new")));
    assert_eq!(jobs::heartbeat(&client, &lease, now()).await.unwrap(), jobs::Heartbeat::Held);
}

#[tokio::test]
async fn a_worker_outlives_its_lease_by_heartbeats() {
    let place = with_effects().await;
    let gated = Gated::new(&place, Then::Commit);
    let (begun, gate) = (Arc::clone(&gated.begun), Arc::clone(&gated.gate));
    let job = enqueue_gated(&place).await;
    let brief = |name| Settings {
        heartbeat: Duration::from_millis(100),
        lease: Duration::from_secs(2),
        ..hasty(name)
    };
    let one = place.worker(Registry::default().with(gated), brief("one"));
    begun.acquire().await.unwrap().forget();
    let two =
        place.worker(Registry::default().with(Gated::open(&place, Then::Commit)), brief("two"));
    tokio::time::sleep(Duration::from_secs(3)).await;
    gate.add_permits(1);
    let ended = place.until_ended(job).await;
    assert_eq!((ended.attempt, ended.locked_by.as_deref()), (1, Some("one")));
    one.stop().await;
    two.stop().await;
}

#[tokio::test]
async fn a_worker_that_is_told_to_go_puts_its_job_back() {
    let place = with_effects().await;
    let gated = Gated::new(&place, Then::Commit);
    let begun = Arc::clone(&gated.begun);
    let job = enqueue_gated(&place).await;
    let worker = place.worker(Registry::default().with(gated), hasty("w"));
    begun.acquire().await.unwrap().forget();
    worker.stop().await;
    let job = place.job(job).await;
    assert_eq!((job.state, job.attempt, job.error), (JobState::Queued, 0, None));
    assert_eq!(job.stage.as_deref(), Some("waiting"));
    assert!(
        (job.progress - 0.25).abs() < 1e-9,
        "half of the first of two stages: {}",
        job.progress
    );
}

#[tokio::test]
async fn attempts_end_at_the_maximum_and_the_reason_is_kept() {
    for (then, attempts, reason) in [
        (Then::Fail, 3, "read the pages: no such page"),
        (Then::Panic, 3, "it panicked: an index out of bounds"),
        (Then::Despair, 1, "measure the snaps: the token is missing"),
    ] {
        let place = with_effects().await;
        let job = enqueue_gated(&place).await;
        let gated = Gated::open(&place, then);
        let begun = Arc::clone(&gated.begun);
        let worker = place.worker(Registry::default().with(gated), hasty("w"));
        let ended = place.until_ended(job).await;
        assert_eq!((ended.state, ended.attempt), (JobState::Failed, attempts), "{reason}");
        assert_eq!(ended.error.as_deref(), Some(reason));
        assert_eq!(ended.stage.as_deref(), Some("writing"));
        assert_eq!(begun.available_permits(), usize::try_from(attempts).unwrap());
        assert_eq!(effects(&place).await, [0_i64; 0], "nothing of it was committed");
        worker.stop().await;
    }
}

#[tokio::test]
async fn a_running_job_that_is_cancelled_ends() {
    let place = with_effects().await;
    let gated = Gated::new(&place, Then::Commit);
    let begun = Arc::clone(&gated.begun);
    let job = enqueue_gated(&place).await;
    // It hears of it by the notice, not by its next heartbeat.
    let settings = Settings { heartbeat: hours(1), grace: Duration::from_millis(50), ..hasty("w") };
    let worker = place.worker(Registry::default().with(gated), settings);
    begun.acquire().await.unwrap().forget();
    jobs::cancel(&place.client().await, job, now()).await.unwrap();
    assert_eq!(place.until_ended(job).await.state, JobState::Cancelled);
    assert_eq!(effects(&place).await, [0_i64; 0]);
    worker.stop().await;
}

/// Ends by itself when nobody wants it any more.
struct Polite;

impl Job for Polite {
    const KIND: &'static str = "polite";
    const STAGES: &'static [&'static str] = &["waiting"];
    type Args = NoArgs;

    async fn run(&self, _: NoArgs, run: &Run) -> anyhow::Result<Report> {
        run.stage("waiting");
        run.cancelled().await;
        assert!(run.is_cancelled());
        Ok(Report::partial(json!({"done": "half"})))
    }
}

#[tokio::test]
async fn a_job_may_end_well_when_it_is_cancelled() {
    let place = Place::new().await;
    let job = place.enqueue(&new_job::<Polite>(&NoArgs {}, id())).await.id;
    let worker = place.worker(Registry::default().with(Polite), hasty("w"));
    place.until(job, |job| job.stage.is_some()).await;
    jobs::cancel(&place.client().await, job, now()).await.unwrap();
    let ended = place.until_ended(job).await;
    assert_eq!((ended.state, ended.result), (JobState::Partial, Some(json!({"done": "half"}))));
    worker.stop().await;
}

/// Says very often how far it is.
struct Chatty;

impl Job for Chatty {
    const KIND: &'static str = "chatty";
    const STAGES: &'static [&'static str] = &["talking"];
    type Args = NoArgs;

    async fn run(&self, _: NoArgs, run: &Run) -> anyhow::Result<Report> {
        run.stage("talking");
        for n in 0..1_000 {
            run.progress(n, 1_000);
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        Ok(Report::succeeded(json!({})))
    }
}

#[tokio::test]
async fn progress_is_written_four_times_a_second() {
    let place = Place::new().await;
    let mut news = place.news.hear();
    // From the notice on that listening began, nothing is missed.
    assert_eq!(tokio::time::timeout(PATIENCE, news.next()).await.unwrap(), Change::Anything);
    let since = std::time::Instant::now();
    let worker = place.worker(Registry::default().with(Chatty), hasty("w"));
    let job = place.enqueue(&new_job::<Chatty>(&NoArgs {}, id())).await.id;
    let mut changes = Vec::new();
    loop {
        match tokio::time::timeout(PATIENCE, news.next()).await.unwrap() {
            Change::Job { id, state, .. } if id == job => changes.push(state),
            other => panic!("{other:?}"),
        }
        if changes.last().is_some_and(|state| state.is_terminal()) {
            break;
        }
    }
    // Beside the progress: queued, begun, the last word, the end.
    let longest = usize::try_from(since.elapsed().as_millis() / 250).unwrap() + 5;
    assert!(changes.len() <= longest, "{} changes, not {longest}: {changes:?}", changes.len());
    assert!(changes.len() >= 5, "{changes:?}");
    worker.stop().await;
}

#[tokio::test]
async fn arguments_are_read_by_their_kind_before_they_are_queued() {
    let place = with_effects().await;
    let registry = Registry::default().with(Note(place.database.clone()));
    let good = registry.new_job("note", json!({"n": 1}), id()).unwrap();
    assert_eq!(good.args, json!({"n": 1}));
    for bad in [
        json!({"n": 1, "token": "s3cret"}),
        json!({"n": "s3cret"}),
        json!("s3cret"),
        json!({}),
        json!(null),
    ] {
        let refused = registry.new_job("note", bad.clone(), id()).unwrap_err();
        assert!(!refused.to_string().contains("s3cret"), "{refused}");
    }
    let refused = registry.new_job("other", json!({}), id()).unwrap_err();
    assert_eq!(refused.to_string(), "the kind must be one of note");
    // What is in the queue all the same is not begun again and again.
    let odd = jobs::NewJob { args: json!({"n": "one"}), ..good };
    let job = place.enqueue(&odd).await.id;
    let worker = place.worker(registry, hasty("w"));
    let ended = place.until_ended(job).await;
    assert_eq!((ended.state, ended.attempt), (JobState::Failed, 1));
    assert_eq!(ended.error.as_deref(), Some("its kind does not take the argument n"));
    worker.stop().await;
}
