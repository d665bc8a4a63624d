//! One attempt at a job, as the worker sees it: begun, kept alive, ended.

use crate::db::DbError;
use crate::db::jobs;
use crate::db::jobs::Advance;
use crate::db::jobs::Change;
use crate::db::jobs::Heartbeat;
use crate::db::jobs::Job;
use crate::db::jobs::Lease;
use crate::db::jobs::News;
use crate::db::jobs::Outcome;
use crate::jobs::Hopeless;
use crate::jobs::Report;
use crate::jobs::Run;
use crate::jobs::Worker;
use crate::jobs::failure;
use crate::jobs::settlement::LastWord;
use crate::jobs::settlement::Settlement;
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinError;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio::time::interval_at;
use tokio::time::sleep_until;
use tokio::time::timeout;

/// Between two writes of how far a job is: four in a second (contract B8).
const BETWEEN_WRITES: Duration = Duration::from_millis(250);

/// How an attempt ended.
enum Ended {
    /// By itself, well or not.
    Itself(anyhow::Result<Report>),
    /// Nobody wants the job any more.
    Cancelled,
    /// The worker is told to go.
    Stopped,
    /// The job is not ours any more.
    Lost,
}

/// Does a job, until it ends or must not go on.
pub(super) async fn attempt(
    worker: Arc<Worker>,
    job: Job,
    lease: Lease,
    stop: watch::Receiver<bool>,
) {
    tracing::info!(job.id = %job.id, job.kind, attempt = job.attempt, "a job was begun");
    let (advance, told) = watch::channel(Advance { progress: job.progress, ..Advance::default() });
    let (cancel, cancelled) = watch::channel(false);
    let stages = worker.registry.stages(&job.kind);
    let run = Run {
        lease: lease.clone(),
        attempt: job.attempt,
        stages,
        clock: worker.clock,
        advance,
        cancelled,
    };
    let news = worker.news.hear();
    let mut keeper = Keeper { worker: &worker, lease: &lease, told, cancel, news, stop };
    // A task of its own: what it does, and that it panics, is no trouble to the keeper. It ends with this one.
    let mut task = JoinSet::new();
    task.spawn(worker.registry.start(&job.kind, job.args.clone(), Arc::new(run)));
    let ended = tokio::select! {
        Some(joined) = task.join_next() => itself(joined),
        must_end = keeper.keep() => {
            task.abort_all();
            match task.join_next().await {
                Some(Err(error)) if error.is_cancelled() => must_end,
                Some(joined) => itself(joined),
                None => must_end,
            }
        }
    };
    let is_cancelled = *keeper.cancel.borrow();
    // The last word on how far it came; when it is over, or not ours any more, there is none.
    drop(keeper.say().await);
    let last = last_word(&worker, &job, ended, is_cancelled);
    Settlement { worker: &worker, job: &job, lease: &lease }.write(last).await;
}

/// What is to be written of how the attempt ended.
fn last_word(worker: &Worker, job: &Job, ended: Ended, is_cancelled: bool) -> LastWord {
    match ended {
        Ended::Itself(Ok(report)) if report.is_committed => LastWord::Committed(report.outcome),
        Ended::Itself(Ok(report)) => LastWord::Finish(report.outcome),
        Ended::Itself(Err(_)) if is_cancelled => LastWord::Finish(Outcome::Cancelled),
        Ended::Itself(Err(error)) => {
            let reason = failure::reason(&error);
            let is_hopeless = error.is::<Hopeless>()
                || error.chain().any(<dyn std::error::Error>::is::<Hopeless>);
            if is_hopeless || job.attempt >= job.max_attempts {
                return LastWord::Finish(Outcome::Failed(reason));
            }
            let pause = worker.settings.pause(job.attempt, (worker.random)());
            LastWord::Retry { reason, pause }
        }
        Ended::Cancelled => LastWord::Finish(Outcome::Cancelled),
        Ended::Stopped => LastWord::Release,
        Ended::Lost => LastWord::Lost,
    }
}

fn itself(joined: Result<anyhow::Result<Report>, JoinError>) -> Ended {
    Ended::Itself(joined.unwrap_or_else(|error| Err(failure::panic(error))))
}

/// Keeps the lease while the job is at work.
struct Keeper<'w> {
    worker: &'w Worker,
    lease: &'w Lease,
    told: watch::Receiver<Advance>,
    cancel: watch::Sender<bool>,
    news: News,
    stop: watch::Receiver<bool>,
}

impl Keeper<'_> {
    /// Says that the job is under way and how far, until it must end.
    async fn keep(&mut self) -> Ended {
        let settings = &self.worker.settings;
        let mut beat = interval_at(Instant::now() + settings.heartbeat, settings.heartbeat);
        let (mut held_at, mut write_at) = (Instant::now(), Instant::now());
        let (mut has_news, mut patience_ends) = (false, None);
        loop {
            tokio::select! {
                _ = self.stop.wait_for(|stop| *stop) => return Ended::Stopped,
                () = at(patience_ends) => return Ended::Cancelled,
                _ = beat.tick() => {}
                Ok(()) = self.told.changed(), if !has_news => {
                    has_news = true;
                    continue;
                }
                () = sleep_until(write_at), if has_news => {}
                () = not_wanted(&mut self.news, self.lease), if patience_ends.is_none() => {}
            }
            match self.say().await {
                Ok(Heartbeat::Lost) => return Ended::Lost,
                Ok(held) => {
                    held_at = Instant::now();
                    if held == Heartbeat::CancelRequested {
                        self.cancel.send_replace(true);
                        patience_ends.get_or_insert(held_at + settings.grace);
                    }
                }
                Err(error) => {
                    // Others may take it by now; whether they did is not for us to know.
                    if held_at.elapsed() >= settings.lease {
                        return Ended::Lost;
                    }
                    let error: &dyn std::error::Error = &error;
                    tracing::warn!(job.id = %self.lease.job(), error, "a heartbeat failed");
                }
            }
            has_news = false;
            write_at = Instant::now() + BETWEEN_WRITES;
        }
    }

    async fn say(&mut self) -> Result<Heartbeat, DbError> {
        let advance = self.told.borrow_and_update().clone();
        let said = async {
            let client = self.worker.database.client().await?;
            jobs::progress(&client, self.lease, &advance, (self.worker.clock)()).await
        };
        let doing = DbError::of("say in time that a job is under way");
        timeout(self.worker.settings.heartbeat, said).await.map_err(doing)?
    }
}

/// Ends at that instant, if there is one.
async fn at(instant: Option<Instant>) {
    match instant {
        Some(instant) => sleep_until(instant).await,
        None => pending().await,
    }
}

/// Ends when somebody may not want the job any more.
async fn not_wanted(news: &mut News, lease: &Lease) {
    loop {
        let change = news.next().await;
        let is_cancel = !matches!(change, Change::Job { is_cancel_requested: false, .. });
        if is_cancel && change.concerns(lease.job()) {
            return;
        }
    }
}
