//! What an owner writes of the job it has, as long as it has it.

use crate::db::DbError;
use crate::db::jobs::JobId;
use crate::db::jobs::JobState;
use crate::snap::Instant;
use deadpool_postgres::GenericClient;
use deadpool_postgres::Transaction;
use serde_json::Value;
use std::fmt;

/// The right to do a job: whoever has it may write of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Lease {
    id: JobId,
    token: String,
}

impl Lease {
    pub(super) fn new(id: JobId, token: String) -> Self {
        Self { id, token }
    }

    /// The job it is for.
    pub fn job(&self) -> JobId {
        self.id
    }
}

/// Does not tell the token.
impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lease").field("id", &self.id).finish_non_exhaustive()
    }
}

/// What an owner learns when it says that it is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heartbeat {
    /// The job is still its own.
    Held,
    /// The job is its own, and nobody wants it any more.
    CancelRequested,
    /// The job is somebody else's, or over.
    Lost,
}

/// How far a job is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Advance {
    /// The stage it is in; `None` before the first.
    pub stage: Option<String>,
    /// How much of it is done.
    pub done: i64,
    /// How much there is to do in it, once that is known.
    pub total: Option<i64>,
    /// How much of the whole is done, from 0 to 1.
    pub progress: f64,
}

/// How a job ends.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// It is done, and this came of it.
    Succeeded(Value),
    /// It is done as far as it could be, and this came of it.
    Partial(Value),
    /// It cannot be done, for this reason.
    Failed(String),
    /// Nobody wants it any more.
    Cancelled,
}

impl Outcome {
    /// The state it leaves the job in.
    pub fn state(&self) -> JobState {
        match self {
            Self::Succeeded(_) => JobState::Succeeded,
            Self::Partial(_) => JobState::Partial,
            Self::Failed(_) => JobState::Failed,
            Self::Cancelled => JobState::Cancelled,
        }
    }
}

/// Says that the owner is there. It never waits for a transaction of the owner that holds the job by [`guard`].
///
/// # Errors
/// When the database fails.
pub async fn heartbeat(
    client: &impl GenericClient,
    lease: &Lease,
    now: Instant,
) -> Result<Heartbeat, DbError> {
    let (id, doing) = (lease.id.to_string(), "say that a job is under way");
    let statement =
        client.prepare_cached(include_str!("heartbeat.sql")).await.map_err(DbError::of(doing))?;
    let row = client
        .query_opt(&statement, &[&id, &lease.token, &now])
        .await
        .map_err(DbError::of(doing))?;
    said(row.as_ref())
}

/// Says how far the job is, and with it that the owner is there. The progress of the whole never decreases, nor what
/// is done of one stage. It never waits; while the owner's own [`guard`] holds the job, nothing is written: say it
/// again.
///
/// # Errors
/// When the database fails.
pub async fn progress(
    client: &impl GenericClient,
    lease: &Lease,
    advance: &Advance,
    now: Instant,
) -> Result<Heartbeat, DbError> {
    let (id, doing) = (lease.id.to_string(), "say how far a job is");
    let Advance { stage, done, total, progress } = advance;
    let statement =
        client.prepare_cached(include_str!("progress.sql")).await.map_err(DbError::of(doing))?;
    let row = client
        .query_opt(&statement, &[&id, &lease.token, &now, stage, done, total, progress])
        .await
        .map_err(DbError::of(doing))?;
    said(row.as_ref())
}

fn said(row: Option<&tokio_postgres::Row>) -> Result<Heartbeat, DbError> {
    let Some(row) = row else { return Ok(Heartbeat::Lost) };
    let is_cancelled = row.try_get(0).map_err(DbError::of("read the state of a job"))?;
    Ok(if is_cancelled { Heartbeat::CancelRequested } else { Heartbeat::Held })
}

/// Whether the lease is still held; if so, the job cannot be taken away before the transaction ends. A stage that
/// commits something of its own asks this last, just before it commits.
///
/// # Errors
/// When the database fails.
pub async fn guard(
    transaction: &Transaction<'_>,
    lease: &Lease,
    now: Instant,
) -> Result<bool, DbError> {
    let sql = "UPDATE job SET heartbeat_at = greatest(heartbeat_at, $3::timestamptz)
               WHERE job_id = $1 AND lease = $2 AND state = 'running'";
    let values: [&(dyn tokio_postgres::types::ToSql + Sync); 3] =
        [&lease.id.to_string(), &lease.token, &now];
    let n = transaction.execute(sql, &values).await.map_err(DbError::of("hold on to a job"))?;
    Ok(n == 1)
}

/// Writes how the job ends, in the transaction of its effects; the two come to pass together. `false` when the lease
/// is lost: then the effects must not be committed.
///
/// # Errors
/// When the database fails.
pub async fn finish(
    transaction: &Transaction<'_>,
    lease: &Lease,
    outcome: &Outcome,
    now: Instant,
) -> Result<bool, DbError> {
    let (result, error) = match outcome {
        Outcome::Succeeded(result) | Outcome::Partial(result) => (Some(result.to_string()), None),
        Outcome::Failed(reason) => (None, Some(reason.as_str())),
        Outcome::Cancelled => (None, None),
    };
    let (id, state) = (lease.id.to_string(), outcome.state().as_str());
    let n = transaction
        .execute(include_str!("finish.sql"), &[&id, &lease.token, &state, &now, &result, &error])
        .await
        .map_err(DbError::of("finish a job"))?;
    Ok(n == 1)
}

/// Lets go of a job whose attempt failed: it waits until `run_after`, with the reason. One that nobody wants any more
/// is cancelled instead. `false` when the lease is lost.
///
/// # Errors
/// When the database fails.
pub async fn retry_later(
    client: &impl GenericClient,
    lease: &Lease,
    run_after: Instant,
    error: &str,
    now: Instant,
) -> Result<bool, DbError> {
    let id = lease.id.to_string();
    let n = client
        .execute(include_str!("retry_later.sql"), &[&id, &lease.token, &run_after, &error, &now])
        .await
        .map_err(DbError::of("put a job back for later"))?;
    Ok(n == 1)
}

/// Lets go of a job because the worker stops: it waits again, as if this attempt had not been. One that nobody wants
/// any more is cancelled instead. `false` when the lease is lost.
///
/// # Errors
/// When the database fails.
pub async fn release(
    client: &impl GenericClient,
    lease: &Lease,
    now: Instant,
) -> Result<bool, DbError> {
    let id = lease.id.to_string();
    let n = client
        .execute(include_str!("release.sql"), &[&id, &lease.token, &now])
        .await
        .map_err(DbError::of("put a job back"))?;
    Ok(n == 1)
}
