//! `snapwise worker`: does queued jobs until it is told to go.

use crate::app::collecting::Collecting;
use crate::app::serve::now;
use crate::app::serve::random;
use crate::app::serve::told_to_go;
use crate::app::snap::workbench;
use crate::app::storage::Storage;
use crate::blobs::Blobs;
use crate::db::Database;
use crate::db::jobs;
use crate::db::jobs::JobId;
use crate::db::jobs::JobNews;
use crate::http::BadJob;
use crate::http::JobDoor;
use crate::jobs::Deltas;
use crate::jobs::NoArgs;
use crate::jobs::Pipeline;
use crate::jobs::Prune;
use crate::jobs::Registry;
use crate::jobs::Settings;
use crate::jobs::Unfit;
use crate::jobs::Worker;
use crate::jobs::new_job;
use clap::Args;
use std::convert::Infallible;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::interval;

/// Connections for each job at work; what is said of it goes another way.
const CONNECTIONS: usize = 3;

/// Connections for those who look at jobs: a look takes a fraction of a millisecond of the database.
const LOOKING: usize = 2;

/// How often old jobs are forgotten: results are kept for a day, so this need not be exact.
const BETWEEN_PRUNES: Duration = Duration::from_hours(6);

/// Settings of a worker.
#[derive(Debug, Clone, Args)]
pub(super) struct Working {
    /// How many jobs a worker does at once
    #[arg(long, env = "SNAPWISE_WORKER_CONCURRENCY", default_value = "1", value_name = "N")]
    worker_concurrency: NonZeroUsize,

    /// What the worker is called in answers about its jobs; drawn if it is not given
    #[arg(long, env = "SNAPWISE_WORKER_NAME", value_name = "NAME")]
    worker_name: Option<String>,
}

/// The kinds of job that need nothing but the database and those who are collected from.
pub(super) fn collecting_registry(
    database: &Database,
    collecting: &Collecting,
) -> anyhow::Result<Registry> {
    let workshop = collecting.workshop(database.clone())?;
    let pipeline = Pipeline { workshop, interval: collecting.interval() };
    Ok(Registry::default().with(pipeline).with(Prune { database: database.clone() }))
}

/// The kinds of job there are.
fn registry(
    database: &Database,
    blobs: &Blobs,
    collecting: &Collecting,
) -> anyhow::Result<Registry> {
    let deltas = Deltas { bench: workbench(database, blobs) };
    Ok(collecting_registry(database, collecting)?.with(deltas))
}

/// What the routes of jobs need; the news are followed from now on.
pub(super) fn door(
    database: &Database,
    blobs: &Blobs,
    collecting: &Collecting,
) -> anyhow::Result<JobDoor> {
    let registry = registry(database, blobs, collecting)?;
    let prepare = move |kind: &str, args, id| {
        registry.new_job(kind, args, id).map_err(|unfit| {
            let message = unfit.to_string();
            match unfit {
                Unfit::UnknownKind(_) => BadJob::UnknownKind(message),
                Unfit::BadArgs { path } => BadJob::BadArgs { path, message },
            }
        })
    };
    let news = JobNews::default();
    tokio::spawn(news.clone().follow(database.clone()));
    let looking = database.apart(LOOKING);
    Ok(JobDoor { looking, news, prepare: Arc::new(prepare), random: draw })
}

/// Works until a signal says to stop.
pub(super) async fn work(
    storage: &Storage,
    working: &Working,
    collecting: &Collecting,
) -> anyhow::Result<()> {
    let concurrency = working.worker_concurrency;
    let database = storage.database(concurrency.get() * CONNECTIONS).await?;
    let name = match &working.worker_name {
        Some(name) => name.clone(),
        None => format!("w-{:08x}", random()? >> 32),
    };
    let settings = Settings { concurrency, ..Settings::new(name) };
    let registry = registry(&database, &storage.blobs, collecting)?;
    let stop = told_to_go()?;
    tracing::info!(worker = settings.name, concurrency, "ready for jobs");
    tokio::select! {
        never = prune_now_and_then(&database) => match never {},
        () = worker(&database, registry, settings).run(stop) => {}
    }
    tracing::info!("stopped");
    Ok(())
}

/// A worker of those kinds; the news are followed from now on.
pub(super) fn worker(database: &Database, registry: Registry, settings: Settings) -> Worker {
    let news = JobNews::default();
    tokio::spawn(news.clone().follow(database.clone()));
    Worker {
        database: database.clone(),
        news,
        registry: Arc::new(registry),
        settings,
        clock: now,
        random: draw,
    }
}

/// Queues the job that forgets old ones; however many workers do, it is one job.
async fn prune_now_and_then(database: &Database) -> Infallible {
    let mut again = interval(BETWEEN_PRUNES);
    loop {
        again.tick().await;
        let new = new_job::<Prune>(&NoArgs {}, JobId::from_random(draw()));
        let queued = async { jobs::enqueue(&database.client().await?, &new, now()).await };
        if let Err(error) = queued.await {
            let error: &dyn std::error::Error = &error;
            tracing::warn!(error, "the job that forgets old ones could not be queued");
        }
    }
}

/// A random number, where there is no way to say that there is none.
pub(super) fn draw() -> u64 {
    random().expect("the system draws random numbers, as it did when we began")
}
