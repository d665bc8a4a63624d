//! The worker: takes jobs from the queue and does them until it is told to go.

use crate::db::Database;
use crate::db::DbError;
use crate::db::jobs;
use crate::db::jobs::Change;
use crate::db::jobs::Job;
use crate::db::jobs::JobNews;
use crate::db::jobs::JobState;
use crate::db::jobs::Lease;
use crate::db::jobs::News;
use crate::jobs::Registry;
use crate::jobs::Settings;
use crate::jobs::attempt::attempt;
use crate::snap::Instant;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;
use tokio::time::interval;
use tokio::time::timeout;

/// Takes jobs of the kinds it knows and does them.
#[derive(Debug)]
pub struct Worker {
    /// Where the jobs are. The worker reaches it over connections of its own: one that a job left in the middle of a
    /// statement would answer late.
    pub database: Database,
    /// What changes; somebody must follow the database for it.
    pub news: JobNews,
    /// The kinds it knows.
    pub registry: Arc<Registry>,
    /// How it goes about it.
    pub settings: Settings,
    /// The clock.
    pub clock: fn() -> Instant,
    /// Draws a random number.
    pub random: fn() -> u64,
}

impl Worker {
    /// Works until `stop` ends. Then it lets go of what it has: another worker begins that anew.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        // One for each job at work, and one for the queue.
        let database = self.database.apart(self.settings.concurrency.get() + 1);
        let worker = Arc::new(Self { database, ..self });
        let mut stop = pin!(stop);
        let mut news = worker.news.hear();
        let (told_to_go, go) = watch::channel(false);
        let mut at_work = JoinSet::new();
        let mut look = interval(worker.settings.poll);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let has_room = at_work.len() < worker.settings.concurrency.get();
            tokio::select! {
                () = &mut stop => break,
                _ = look.tick() => worker.expire().await,
                Some(_) = at_work.join_next() => {}
                () = something_waits(&mut news), if has_room => {}
            }
            while at_work.len() < worker.settings.concurrency.get() {
                let Some((job, lease)) = worker.claim().await else { break };
                at_work.spawn(attempt(Arc::clone(&worker), job, lease, go.clone()));
            }
        }
        told_to_go.send_replace(true);
        while at_work.join_next().await.is_some() {}
    }

    /// Takes jobs from owners that are gone.
    async fn expire(&self) {
        let expired = async {
            let client = self.database.client().await?;
            jobs::expire(&client, self.settings.lease, (self.clock)()).await
        };
        let Some(expired) = self.patiently(expired).await else { return };
        for job in expired {
            let (state, reason) = (job.state.as_str(), job.error.as_deref().unwrap_or_default());
            tracing::warn!(
                job.id = %job.id, job.kind, attempt = job.attempt, state, reason,
                "a job was taken from a worker that is gone"
            );
        }
    }

    /// The next job to do.
    async fn claim(&self) -> Option<(Job, Lease)> {
        let claimed = async {
            let client = self.database.client().await?;
            let (kinds, name) = (self.registry.kinds(), &self.settings.name);
            jobs::claim(&client, &kinds, name, (self.random)(), (self.clock)()).await
        };
        self.patiently(claimed).await.flatten()
    }

    /// What the database answers within the time of a lease. When it does not, it will be asked again at the next look.
    async fn patiently<T>(&self, answer: impl Future<Output = Result<T, DbError>>) -> Option<T> {
        let answer = timeout(self.settings.lease, answer).await;
        let failed = DbError::of("get an answer from the database");
        match answer.map_err(failed).flatten() {
            Ok(answer) => Some(answer),
            Err(error) => {
                let error: &dyn std::error::Error = &error;
                tracing::warn!(error, "the queue of jobs cannot be reached");
                None
            }
        }
    }
}

/// Ends when a job may be waiting.
async fn something_waits(news: &mut News) {
    loop {
        match news.next().await {
            Change::Anything | Change::Job { state: JobState::Queued, .. } => return,
            Change::Job { .. } => {}
        }
    }
}
