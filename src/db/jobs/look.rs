//! What there is of jobs, and what is not wanted any more.

use crate::db::DbError;
use crate::db::jobs::Job;
use crate::db::jobs::JobId;
use crate::db::jobs::JobState;
use crate::db::jobs::job;
use crate::db::jobs::job::COLUMNS;
use crate::db::jobs::queue::before;
use crate::snap::Instant;
use deadpool_postgres::GenericClient;
use std::time::Duration;

/// How long the result of a job is kept, and how long the job (contract B8).
pub const RESULT_KEPT: Duration = Duration::from_hours(24);
const JOB_KEPT: Duration = Duration::from_hours(30 * 24);

/// The job of that name.
///
/// # Errors
/// When the database fails.
pub async fn find(client: &impl GenericClient, id: JobId) -> Result<Option<Job>, DbError> {
    let doing = "find a job";
    let sql = format!("SELECT {COLUMNS} FROM job WHERE job_id = $1");
    let statement = client.prepare_cached(&sql).await.map_err(DbError::of(doing))?;
    let row = client.query_opt(&statement, &[&id.to_string()]).await;
    row.map_err(DbError::of(doing))?.as_ref().map(job::read).transpose()
}

/// Which jobs to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only those of this kind.
    pub kind: Option<String>,
    /// Only those in this state.
    pub state: Option<JobState>,
}

/// A place in the list of jobs: behind the job that was queued then and has this name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// When it was queued.
    pub created_at: Instant,
    /// Its name.
    pub id: JobId,
}

/// Jobs behind a place, the latest first, at most so many.
///
/// # Errors
/// When the database fails.
pub async fn list(
    client: &impl GenericClient,
    filter: &Filter,
    after: Option<Place>,
    limit: i64,
) -> Result<Vec<Job>, DbError> {
    let doing = "list the jobs";
    let sql = format!(
        "SELECT {COLUMNS} FROM job
         WHERE ($1::text IS NULL OR kind = $1) AND ($2::text IS NULL OR state = $2)
             AND ($3::timestamptz IS NULL OR created_at < $3 OR created_at = $3 AND job_id > $4::text)
         ORDER BY created_at DESC, job_id
         LIMIT $5"
    );
    let state = filter.state.map(JobState::as_str);
    let created_at = after.map(|place| place.created_at);
    let id = after.map(|place| place.id.to_string());
    let rows = client.query(&sql, &[&filter.kind, &state, &created_at, &id, &limit]).await;
    rows.map_err(DbError::of(doing))?.iter().map(job::read).collect()
}

/// What became of the wish that a job be cancelled.
#[derive(Debug, Clone, PartialEq)]
pub enum Cancelling {
    /// The job was waiting, and is cancelled.
    Cancelled(Job),
    /// The job is under way; whoever has it was told.
    Requested(Job),
    /// The job had ended already, like this.
    AlreadyFinished(Job),
    /// There is no such job.
    NotFound,
}

/// Cancels a job: one that waits at once, one that is under way by telling its owner.
///
/// # Errors
/// When the database fails.
pub async fn cancel(
    client: &impl GenericClient,
    id: JobId,
    now: Instant,
) -> Result<Cancelling, DbError> {
    let sql = format!(
        "UPDATE job
         SET state = CASE WHEN state = 'queued' THEN 'cancelled' ELSE state END,
             ended_at = CASE WHEN state = 'queued' THEN $2::timestamptz END,
             cancel_requested = true
         WHERE job_id = $1 AND state IN ('queued', 'running')
         RETURNING {COLUMNS}"
    );
    let row = client.query_opt(&sql, &[&id.to_string(), &now]).await;
    if let Some(row) = row.map_err(DbError::of("cancel a job"))? {
        let job = job::read(&row)?;
        let is_over = job.state.is_terminal();
        return Ok(if is_over { Cancelling::Cancelled(job) } else { Cancelling::Requested(job) });
    }
    Ok(find(client, id).await?.map_or(Cancelling::NotFound, Cancelling::AlreadyFinished))
}

/// How much was forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pruned {
    /// Jobs that ended more than 30 days ago.
    pub jobs: u64,
    /// Results of jobs that ended more than 24 hours ago.
    pub results: u64,
    /// Requests of more than 24 hours ago.
    pub requests: u64,
}

/// Forgets what is kept no longer.
///
/// # Errors
/// When the database fails.
pub async fn prune(client: &impl GenericClient, now: Instant) -> Result<Pruned, DbError> {
    let doing = "forget old jobs";
    let jobs = client
        .execute("DELETE FROM job WHERE ended_at <= $1::timestamptz", &[&before(now, JOB_KEPT)])
        .await
        .map_err(DbError::of(doing))?;
    let day_ago = before(now, RESULT_KEPT);
    let sql = "UPDATE job SET result = NULL, result_expired = true
               WHERE ended_at <= $1::timestamptz AND result IS NOT NULL";
    let results = client.execute(sql, &[&day_ago]).await.map_err(DbError::of(doing))?;
    let sql = "DELETE FROM job_request WHERE requested_at <= $1::timestamptz";
    let requests = client.execute(sql, &[&day_ago]).await.map_err(DbError::of(doing))?;
    Ok(Pruned { jobs, results, requests })
}
