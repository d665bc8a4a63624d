//! Starts steps of the pipeline.

use crate::db::Database;
use crate::db::DbError;
use crate::db::audits;
use crate::db::jobs;
use crate::db::jobs::NewJob;
use crate::editorial::By;
use crate::ranking::Step;
use serde_json::json;

/// Queues the job that does a step; whether it was. It is not while equal work is queued or running.
///
/// # Errors
/// When the database fails.
pub async fn run_step(
    database: &Database,
    by: &By<'_>,
    step: Step,
    job: &NewJob,
) -> Result<bool, DbError> {
    let mut client = database.client().await?;
    let transaction = client.transaction().await.map_err(DbError::of("begin to queue a step"))?;
    let queued = jobs::enqueue(&transaction, job, by.now).await?;
    if !queued.is_new {
        return Ok(false);
    }
    let after = json!({"job-id": job.id.to_string()});
    audits::record(&transaction, &by.audit("run-step", step.as_str(), None, Some(&after))).await?;
    transaction.commit().await.map_err(DbError::of("commit a queued step"))?;
    Ok(true)
}
