//! Into the queue and out of it.

use crate::db::DbError;
use crate::db::jobs::Job;
use crate::db::jobs::JobId;
use crate::db::jobs::Lease;
use crate::db::jobs::job;
use crate::db::jobs::job::COLUMNS;
use crate::snap::Instant;
use deadpool_postgres::GenericClient;
use deadpool_postgres::Transaction;
use serde_json::Value;
use std::time::Duration;

/// Work to be queued; what it is asked to do was checked by its kind.
#[derive(Debug, Clone, PartialEq)]
pub struct NewJob {
    /// Its name, drawn by the caller.
    pub id: JobId,
    /// What sort of work it is.
    pub kind: String,
    /// What it is asked to do.
    pub args: Value,
    /// While work with an equal key is queued or running, this is that work.
    pub key: Option<String>,
    /// The stages it will go through.
    pub stages: Vec<String>,
    /// How often it may be begun.
    pub max_attempts: i32,
}

/// What became of work that was to be queued.
#[derive(Debug, Clone, PartialEq)]
pub struct Enqueued {
    /// The job that does it.
    pub job: Job,
    /// Whether it was made for this, and not there already.
    pub is_new: bool,
}

/// How long a request is remembered by its idempotency key (contract B9).
const REQUEST_KEPT: Duration = Duration::from_hours(24);

/// How often work may end between our finding it under way and our looking for it. Each time somebody else got
/// something done, so this is a bound against defects and not against load.
const TRIES: usize = 100;

/// Queues the work, or finds the equal work that is queued or running. However many do it at once, one job comes of
/// it. In a transaction it must be `READ COMMITTED`, as is the default.
///
/// # Errors
/// When the database fails.
pub async fn enqueue(
    client: &impl GenericClient,
    new: &NewJob,
    now: Instant,
) -> Result<Enqueued, DbError> {
    let doing = "queue a job";
    let insert = format!(
        "INSERT INTO job (job_id, kind, state, args, key, stages, max_attempts, created_at, run_after)
         VALUES ($1, $2, 'queued', $3::text::jsonb, $4, $5, $6, $7::timestamptz, $7::timestamptz)
         ON CONFLICT (key) WHERE state IN ('queued', 'running') DO NOTHING
         RETURNING {COLUMNS}"
    );
    let find =
        format!("SELECT {COLUMNS} FROM job WHERE key = $1 AND state IN ('queued', 'running')");
    let (id, args) = (new.id.to_string(), new.args.to_string());
    for _ in 0..TRIES {
        let inserted = client
            .query_opt(
                &insert,
                &[&id, &new.kind, &args, &new.key, &new.stages, &new.max_attempts, &now],
            )
            .await
            .map_err(DbError::of(doing))?;
        if let Some(row) = inserted {
            return Ok(Enqueued { job: job::read(&row)?, is_new: true });
        }
        let found = client.query_opt(&find, &[&new.key]).await.map_err(DbError::of(doing))?;
        if let Some(row) = found {
            return Ok(Enqueued { job: job::read(&row)?, is_new: false });
        }
    }
    Err(DbError::of(doing)("equal jobs come and go too fast"))
}

/// A request for work that its caller may repeat.
#[derive(Debug, Clone, Copy)]
pub struct Request<'r> {
    /// The caller's word for it.
    pub idempotency_key: &'r str,
    /// Of what was asked: the same key with another digest is a mistake.
    pub digest: &'r [u8],
    /// Whether what was asked before under this key is to be forgotten.
    pub is_anew: bool,
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq)]
pub enum Requested {
    /// A job does it, asked for first at that time.
    Job(Box<Enqueued>, Instant),
    /// Something else was asked under the same key.
    Mismatch,
}

/// Queues the work unless it was asked for under the same key within a day and did not fail; then it is that job.
/// Nothing of it lasts before the transaction is committed, which must be `READ COMMITTED`, as is the default.
///
/// # Errors
/// When the database fails.
pub async fn request(
    transaction: &Transaction<'_>,
    request: Request<'_>,
    new: &NewJob,
    now: Instant,
) -> Result<Requested, DbError> {
    let doing = "record a request for a job";
    let (key, id) = (request.idempotency_key, new.id.to_string());
    let forget = include_str!("request_forget.sql");
    let claim = "INSERT INTO job_request (idempotency_key, digest, job_id, requested_at)
                 VALUES ($1, $2, $3, $4::timestamptz) ON CONFLICT (idempotency_key) DO NOTHING";
    let find = format!(
        "SELECT {COLUMNS}, job_request.digest, job_request.requested_at
         FROM job_request JOIN job USING (job_id) WHERE job_request.idempotency_key = $1"
    );
    let oldest = before(now, REQUEST_KEPT);
    for _ in 0..TRIES {
        transaction
            .execute(forget, &[&key, &oldest, &request.is_anew])
            .await
            .map_err(DbError::of(doing))?;
        // Whoever asks under the same key at the same time waits here for us.
        let n_claimed = transaction
            .execute(claim, &[&key, &request.digest, &id, &now])
            .await
            .map_err(DbError::of(doing))?;
        if n_claimed == 1 {
            let enqueued = enqueue(transaction, new, now).await?;
            let is = enqueued.job.id.to_string();
            let sql = "UPDATE job_request SET job_id = $2 WHERE idempotency_key = $1";
            transaction.execute(sql, &[&key, &is]).await.map_err(DbError::of(doing))?;
            let first = enqueued.job.created_at;
            return Ok(Requested::Job(Box::new(enqueued), first));
        }
        let found = transaction.query_opt(&find, &[&key]).await.map_err(DbError::of(doing))?;
        let Some(row) = found else { continue };
        let digest: &[u8] = row.try_get("digest").map_err(DbError::of(doing))?;
        if digest != request.digest {
            return Ok(Requested::Mismatch);
        }
        let first = row.try_get("requested_at").map_err(DbError::of(doing))?;
        let enqueued = Enqueued { job: job::read(&row)?, is_new: false };
        return Ok(Requested::Job(Box::new(enqueued), first));
    }
    Err(DbError::of(doing)("equal requests come and go too fast"))
}

/// Takes running jobs from owners that were not heard of since `expired`: they wait again, in their old place; those
/// that were begun often enough are failed, those that nobody wants any more cancelled. Gives what became of each.
///
/// # Errors
/// When the database fails.
pub async fn expire(
    client: &impl GenericClient,
    lease: Duration,
    now: Instant,
) -> Result<Vec<Job>, DbError> {
    let doing = "take jobs from owners that are gone";
    let sql = format!("{} RETURNING {COLUMNS}", include_str!("expire.sql").trim_end());
    let rows =
        client.query(&sql, &[&before(now, lease), &now]).await.map_err(DbError::of(doing))?;
    rows.iter().map(job::read).collect()
}

/// Takes the job that waits longest, of those kinds, for the worker of that name. `token` is the lease's, drawn by the
/// caller. Several may do it at once: each gets another job.
///
/// # Errors
/// When the database fails.
pub async fn claim(
    client: &impl GenericClient,
    kinds: &[&str],
    worker: &str,
    token: u64,
    now: Instant,
) -> Result<Option<(Job, Lease)>, DbError> {
    let doing = "claim a job";
    let sql = format!("{} RETURNING {COLUMNS}", include_str!("claim.sql").trim_end());
    let token = format!("{token:016x}");
    let statement = client.prepare_cached(&sql).await.map_err(DbError::of(doing))?;
    let row = client
        .query_opt(&statement, &[&kinds, &now, &worker, &token])
        .await
        .map_err(DbError::of(doing))?;
    let job = row.as_ref().map(job::read).transpose()?;
    Ok(job.map(|job| {
        let lease = Lease::new(job.id, token);
        (job, lease)
    }))
}

/// The instant that long before, or the first one there is.
pub(super) fn before(now: Instant, duration: Duration) -> Instant {
    let microseconds = i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
    Instant::from_microseconds(now.microseconds().saturating_sub(microseconds))
        .unwrap_or(Instant::EPOCH)
}
