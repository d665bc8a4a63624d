//! The last word of an attempt: how it ended, written under its lease.

use crate::db::DbError;
use crate::db::jobs;
use crate::db::jobs::Job;
use crate::db::jobs::Lease;
use crate::db::jobs::Outcome;
use crate::jobs::Worker;
use std::time::Duration;
use tokio::time::sleep;
use tokio::time::timeout;

/// How long one try may take: the database answers at once, or this connection is broken.
const TRY: Duration = Duration::from_secs(5);
/// Between two tries to write it.
const BETWEEN_TRIES: Duration = Duration::from_millis(200);

/// What is to be written of how an attempt ended.
pub(super) enum LastWord {
    /// Nothing: the job wrote it with its effects.
    Committed(Outcome),
    /// The job ended.
    Finish(Outcome),
    /// It failed, and may be begun again after a pause.
    Retry { reason: String, pause: Duration },
    /// The worker stops, so the job waits again.
    Release,
    /// Nothing: the job is not ours any more.
    Lost,
}

/// Who writes it, of which job, by which right.
pub(super) struct Settlement<'a> {
    pub(super) worker: &'a Worker,
    pub(super) job: &'a Job,
    pub(super) lease: &'a Lease,
}

impl Settlement<'_> {
    /// Writes it, again and again while the lease may be ours. After that another worker does the job anew.
    pub(super) async fn write(&self, last: LastWord) {
        let is_held = match last {
            LastWord::Committed(_) => true,
            LastWord::Lost => false,
            _ => timeout(self.worker.settings.lease, self.insist(&last)).await.unwrap_or(false),
        };
        if is_held { self.log(&last) } else { self.log(&LastWord::Lost) }
    }

    async fn insist(&self, last: &LastWord) -> bool {
        loop {
            let doing = DbError::of("write in time how a job ended");
            match timeout(TRY, self.try_to_write(last)).await.map_err(doing).flatten() {
                Ok(is_held) => return is_held,
                Err(error) => {
                    {
                        let error: &dyn std::error::Error = &error;
                        tracing::warn!(job.id = %self.job.id, error, "how a job ended is not written yet");
                    }
                    sleep(BETWEEN_TRIES).await;
                }
            }
        }
    }

    /// Whether the lease was ours, and it is written.
    async fn try_to_write(&self, last: &LastWord) -> Result<bool, DbError> {
        let (lease, now) = (self.lease, (self.worker.clock)());
        let mut client = self.worker.database.client().await?;
        match last {
            LastWord::Finish(outcome) => {
                let doing = "finish a job";
                let transaction = client.transaction().await.map_err(DbError::of(doing))?;
                let is_held = jobs::finish(&transaction, lease, outcome, now).await?;
                transaction.commit().await.map_err(DbError::of(doing))?;
                Ok(is_held)
            }
            LastWord::Retry { reason, pause } => {
                jobs::retry_later(&client, lease, now.plus(*pause), reason, now).await
            }
            LastWord::Release => jobs::release(&client, lease, now).await,
            LastWord::Committed(_) | LastWord::Lost => Ok(true),
        }
    }

    fn log(&self, last: &LastWord) {
        let Job { id, kind, attempt, .. } = self.job;
        match last {
            LastWord::Committed(Outcome::Failed(reason))
            | LastWord::Finish(Outcome::Failed(reason)) => {
                tracing::error!(job.id = %id, job.kind = kind, attempt, reason, "a job failed for good");
            }
            LastWord::Committed(outcome) | LastWord::Finish(outcome) => {
                let state = outcome.state().as_str();
                tracing::info!(job.id = %id, job.kind = kind, attempt, state, "a job ended");
            }
            LastWord::Retry { reason, pause } => {
                let pause_ms = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX);
                tracing::warn!(
                    job.id = %id, job.kind = kind, attempt, reason, pause_ms,
                    "an attempt failed; the job is put back for later"
                );
            }
            LastWord::Release => {
                tracing::info!(job.id = %id, job.kind = kind, attempt, "a job was put back, for the worker stops");
            }
            LastWord::Lost => {
                tracing::warn!(job.id = %id, job.kind = kind, attempt, "a job is not ours any more");
            }
        }
    }
}
