//! `snapwise collector …`: the pipeline from the command line, and by the clock.

use crate::app::collecting::Collecting;
use crate::app::progress::Progress;
use crate::app::schedule::Schedule;
use crate::app::serve;
use crate::app::serve::now;
use crate::app::storage::Storage;
use crate::app::worker;
use crate::collector::Order;
use crate::db::Database;
use crate::db::DbError;
use crate::db::jobs;
use crate::db::jobs::Enqueued;
use crate::db::jobs::Job;
use crate::db::jobs::JobId;
use crate::db::jobs::JobState;
use crate::db::settings;
use crate::db::steps;
use crate::jobs::Settings;
use crate::jobs::Worker;
use crate::ranking::Step;
use crate::ranking::StepRun;
use crate::ranking::Tally;
use crate::snap::Instant;
use anyhow::Context;
use clap::Args;
use clap::Subcommand;
use deadpool_postgres::Client;
use std::future::Future;
use std::io::Write;
use std::pin::pin;
use std::time::Duration;

/// Connections of a pipeline: its stages take one at a time, what is said of the job another.
const CONNECTIONS: usize = 4;
/// Between looks at how far a job is.
const LOOK: Duration = Duration::from_millis(200);
/// How long the database may be away while a run is waited for: its worker tries half as long to say how it ended.
const LONGEST_ABSENCE: Duration = Duration::from_mins(1);
/// Between tries to queue a run while another is under way.
const BUSY: Duration = Duration::from_secs(5);

/// What the pipeline can be asked to do.
#[derive(Debug, Subcommand)]
pub(super) enum CollectorCommand {
    /// Run the whole pipeline now, unless the last run is young
    Start {
        /// However young the last run is
        #[arg(long, env = "SNAPWISE_COLLECTOR_FORCE")]
        force: bool,
        #[command(flatten)]
        collecting: Box<Collecting>,
    },
    /// Read what the store lists, and the channels of what is due
    Initial {
        #[command(flatten)]
        collecting: Box<Collecting>,
    },
    /// Judge which of the collected snaps are fit to be ranked
    Filter {
        #[command(flatten)]
        collecting: Box<Collecting>,
    },
    /// Ask on how many devices the eligible snaps are, and how people vote
    ExtraFields {
        #[command(flatten)]
        collecting: Box<Collecting>,
    },
    /// Score the eligible snaps and publish the rankings
    Score {
        #[command(flatten)]
        collecting: Box<Collecting>,
    },
    /// Run for ever: collect every hour, and the whole pipeline every 12 hours
    Service {
        #[command(flatten)]
        times: Box<Times>,
        #[command(flatten)]
        collecting: Box<Collecting>,
    },
    /// Show what ran, when, what came of it, and how old each kind of data is
    Status,
}

/// When the pipeline runs by itself.
#[derive(Debug, Clone, Args)]
pub(super) struct Times {
    /// When to collect, as a cron expression, in UTC
    #[arg(long, env = "SNAPWISE_COLLECT_AT", default_value = "0 * * * *", value_name = "CRON", value_parser = Schedule::parse)]
    collect_at: Schedule,

    /// When to run the whole pipeline, as a cron expression, in UTC
    #[arg(long, env = "SNAPWISE_PIPELINE_AT", default_value = "30 */12 * * *", value_name = "CRON", value_parser = Schedule::parse)]
    pipeline_at: Schedule,
}

impl Times {
    /// What is due at that time: the whole pipeline if a time for it has passed since one last ended well, so that one
    /// that failed is done again the next time and not half a day later; else what the store lists.
    async fn due(&self, client: &Client, at: Instant) -> Result<Order, DbError> {
        let last = settings::load(client, settings::LAST_UPDATED).await?;
        let last = last.and_then(|last| last.parse::<Instant>().ok()).filter(|last| *last <= now());
        let is_overdue = last.is_none_or(|last| self.pipeline_at.after(last) <= at);
        Ok(if is_overdue { Order::whole(true) } else { Order::step(Step::Collect) })
    }
}

/// Does it.
pub(super) async fn run(storage: &Storage, command: CollectorCommand) -> anyhow::Result<()> {
    let (order, collecting) = match command {
        CollectorCommand::Status => return status(&storage.database(1).await?).await,
        CollectorCommand::Service { times, collecting } => {
            return service(storage, &times, &collecting.with_aliases()).await;
        }
        CollectorCommand::Start { force, collecting } => (Order::whole(force), collecting),
        CollectorCommand::Initial { collecting } => (Order::step(Step::Collect), collecting),
        CollectorCommand::Filter { collecting } => (Order::step(Step::Filter), collecting),
        CollectorCommand::ExtraFields { collecting } => {
            (Order::step(Step::ExtraFields), collecting)
        }
        CollectorCommand::Score { collecting } => (Order::step(Step::Score), collecting),
    };
    let database = storage.database(CONNECTIONS).await?;
    let told_to_go = serve::told_to_go()?;
    let job = run_now(&database, &order, &collecting.with_aliases(), told_to_go).await?;
    summed_up(&job)
}

/// A worker for the runs of this process.
fn worker(database: &Database, collecting: &Collecting) -> anyhow::Result<Worker> {
    let settings = Settings::new(format!("collector-{}", std::process::id()));
    Ok(worker::worker(database, worker::collecting_registry(database, collecting)?, settings))
}

/// Queues a run and does it, or watches whoever has the same one already. While another is under way, waits for its
/// end; one whose owner is gone is ended here. Being told to go cancels the run, unless somebody else ordered it.
pub(super) async fn run_now(
    database: &Database,
    order: &Order,
    collecting: &Collecting,
    told_to_go: impl Future<Output = ()>,
) -> anyhow::Result<Job> {
    let worker = worker(database, collecting)?;
    let mut ended = None;
    worker.run(async { ended = Some(see_to_it(database, order, told_to_go).await) }).await;
    ended.expect("a worker runs until it is told to stop")
}

/// Queues a run, again and again while another is under way, and waits for its end. Somebody must be at work meanwhile.
async fn see_to_it(
    database: &Database,
    order: &Order,
    told_to_go: impl Future<Output = ()>,
) -> anyhow::Result<Job> {
    let mut told_to_go = pin!(told_to_go);
    loop {
        let Enqueued { job, is_new } = enqueue(database, order).await?;
        if !is_new {
            tracing::info!(job.id = %job.id, "a run is under way already: waiting for its end");
        }
        let is_ours = is_new
            || serde_json::from_value::<Order>(job.args.clone()).is_ok_and(|other| other == *order);
        let ended = tokio::select! {
            ended = watch(database, job.id) => ended?,
            () = &mut told_to_go => {
                anyhow::ensure!(is_new, "told to go: the run {} was ordered by somebody else and goes on", job.id);
                cancel(database, job.id).await?
            }
        };
        if is_ours {
            return Ok(ended);
        }
    }
}

/// Queues a run, or finds the one that is under way.
async fn enqueue(database: &Database, order: &Order) -> anyhow::Result<Enqueued> {
    let id = JobId::from_random(serve::random()?);
    Ok(jobs::enqueue(&database.client().await?, &order.new_job(id), now()).await?)
}

/// Shows how far a job is until it ends. A database that is away for a moment is waited for.
async fn watch(database: &Database, id: JobId) -> anyhow::Result<Job> {
    let mut shown: Option<(String, Progress)> = None;
    let mut away_since = None;
    loop {
        let found = async { jobs::find(&database.client().await?, id).await };
        let job = match found.await {
            Ok(job) => job.context("the run is gone")?,
            Err(error) => {
                let since = *away_since.get_or_insert_with(|| {
                    let error: &dyn std::error::Error = &error;
                    tracing::warn!(error, "how far the run is cannot be seen");
                    tokio::time::Instant::now()
                });
                if since.elapsed() >= LONGEST_ABSENCE {
                    return Err(error).context("the run goes on unseen, or will be done anew");
                }
                tokio::time::sleep(LOOK).await;
                continue;
            }
        };
        away_since = None;
        if job.state.is_terminal() {
            return Ok(job);
        }
        if let Some(stage) = &job.stage {
            if shown.as_ref().is_none_or(|(known, _)| known != stage) {
                shown = Some((stage.clone(), Progress::start(doing(stage), None)));
            }
            if let Some((_, progress)) = &mut shown {
                progress.of(job.total.map(i64::unsigned_abs));
                progress.at(job.done.unsigned_abs());
            }
        }
        tokio::time::sleep(LOOK).await;
    }
}

fn doing(stage: &str) -> &'static str {
    match stage.parse() {
        Ok(Step::Collect) => "collecting snaps",
        Ok(Step::Filter) => "filtering snaps",
        Ok(Step::ExtraFields) => "asking for devices and votes",
        Ok(Step::Score) => "scoring snaps",
        Err(_) => "working",
    }
}

async fn cancel(database: &Database, id: JobId) -> anyhow::Result<Job> {
    jobs::cancel(&database.client().await?, id, now()).await?;
    watch(database, id).await
}

/// Tells what a run did; a failed one is a failure.
pub(super) fn summed_up(job: &Job) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    match job.state {
        JobState::Succeeded | JobState::Partial => {
            let result = job.result.clone().unwrap_or_default();
            if result["skipped"] == true {
                let last = result["last-run"].as_str().unwrap_or_default();
                writeln!(out, "skipped: the last run ended at {last}; --force runs it anyway")?;
            }
            for step in result["steps"].as_array().into_iter().flatten() {
                let word = step["step"].as_str().unwrap_or_default();
                let rejected = step["rejected"].as_object().into_iter().flatten();
                let rejected: Vec<_> =
                    rejected.map(|(reason, n)| format!("{n} {reason}")).collect();
                let rejected =
                    if rejected.is_empty() { "none".to_owned() } else { rejected.join(", ") };
                writeln!(
                    out,
                    "{word}: {} in, {} out, rejected: {rejected}",
                    step["in"], step["out"]
                )?;
            }
            Ok(())
        }
        JobState::Cancelled => anyhow::bail!("cancelled: the last rankings stay in service"),
        _ => {
            let reason = job.error.as_deref().unwrap_or("no reason was recorded");
            anyhow::bail!(
                "the run {} failed, and the last rankings stay in service: {reason}",
                job.id
            )
        }
    }
}

/// Runs the pipeline by the clock until it is told to go: at once when a whole run is due, then as configured.
async fn service(storage: &Storage, times: &Times, collecting: &Collecting) -> anyhow::Result<()> {
    let database = storage.database(CONNECTIONS).await?;
    let worker = worker(&database, collecting)?;
    let told_to_go = serve::told_to_go()?;
    let clock = async {
        // Done only when it is due.
        order(&database, async |_| Ok(Order::whole(false))).await;
        loop {
            let from = now();
            let at = times.collect_at.after(from).min(times.pipeline_at.after(from));
            tracing::info!(%at, "the next run");
            tokio::time::sleep(at.since(from)).await;
            order(&database, async |client| times.due(client, at).await).await;
        }
    };
    let stop = async {
        tokio::select! {
            () = told_to_go => {}
            () = clock => {}
        }
    };
    tracing::info!("ready");
    worker.run(stop).await;
    tracing::info!("stopped");
    Ok(())
}

/// Queues a run; while another is under way or the database is away, tries again and again. What to run is asked anew
/// each time: the run that was under way may have been the one that was due.
async fn order(database: &Database, what: impl AsyncFn(&Client) -> Result<Order, DbError>) {
    loop {
        let queued = async {
            let client = database.client().await?;
            let id = JobId::from_random(serve::random()?);
            let new = what(&client).await?.new_job(id);
            anyhow::Ok(jobs::enqueue(&client, &new, now()).await?)
        };
        match queued.await {
            Ok(Enqueued { is_new: true, .. }) => return,
            Ok(_) => {}
            Err(error) => {
                let error: &dyn std::error::Error = &*error;
                tracing::warn!(error, "a run cannot be queued; trying again");
            }
        }
        tokio::time::sleep(BUSY).await;
    }
}

/// Prints what ran, when, and what came of it.
async fn status(database: &Database) -> anyhow::Result<()> {
    let client = database.client().await?;
    let now = now();
    let latest = steps::latest(&client).await?;
    let last = settings::load(&client, settings::LAST_UPDATED).await?;
    let mut out = std::io::stdout().lock();
    match last.as_deref().map(str::parse::<Instant>) {
        Some(Ok(at)) => writeln!(out, "last whole run: {at} ({} ago)", ago(now, at))?,
        _ => writeln!(out, "last whole run: never")?,
    }
    for step in latest {
        match &step.run {
            None => writeln!(out, "{}: never ran", step.step)?,
            Some(run) => tell(&mut out, run, now)?,
        }
        if let (Some(at), true) =
            (step.succeeded_at, step.run.is_some_and(|run| run.failure.is_some()))
        {
            writeln!(out, "    last well {} ago", ago(now, at))?;
        }
    }
    Ok(())
}

fn tell(out: &mut impl Write, run: &StepRun, now: Instant) -> anyhow::Result<()> {
    let word = if run.failure.is_some() { "failed" } else { "done" };
    let took_s = run.ended_at.since(run.started_at).as_secs_f64();
    let Tally { n_in, n_out, rejected } = &run.tally;
    writeln!(
        out,
        "{}: {word} {} ago in {took_s:.1} s, {n_in} in, {n_out} out",
        run.step,
        ago(now, run.ended_at)
    )?;
    for (reason, n) in rejected {
        writeln!(out, "    {n} {reason}")?;
    }
    if let Some(failure) = &run.failure {
        writeln!(out, "    {failure}")?;
    }
    Ok(())
}

/// How long ago something was, roughly.
fn ago(now: Instant, then: Instant) -> String {
    let s = now.since(then).as_secs();
    match s {
        0..120 => format!("{s} s"),
        120..7_200 => format!("{} min", s / 60),
        7_200..172_800 => format!("{} h", s / 3_600),
        _ => format!("{} days", s / 86_400),
    }
}
