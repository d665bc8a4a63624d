//! The table `step_run`: every step that ended.

use crate::db::DbError;
use crate::ranking::Step;
use crate::ranking::StepRun;
use crate::ranking::Tally;
use crate::snap::Instant;
use deadpool_postgres::GenericClient;
use std::collections::BTreeMap;
use tokio_postgres::Row;

/// So many days of ended steps are kept.
const DAYS: i32 = 90;

/// What is known of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Latest {
    /// Which step.
    pub step: Step,
    /// How it last ended; nothing when it never ran.
    pub run: Option<StepRun>,
    /// When it last ended well.
    pub succeeded_at: Option<Instant>,
    /// When it last failed.
    pub failed_at: Option<Instant>,
}

/// Records how a step ended, and forgets those of long ago.
///
/// # Errors
/// When the database fails.
pub async fn record(client: &impl GenericClient, run: &StepRun) -> Result<(), DbError> {
    let failed = "record how a step ended";
    let rejected = serde_json::to_string(&run.tally.rejected).expect("words and counts are JSON");
    let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let sql = "INSERT INTO step_run
                   (step, job_id, success, message, started_at, ended_at, n_in, n_out, rejected)
               VALUES ($1, $2, $3, $4, $5::timestamptz, $6::timestamptz, $7, $8, $9::text::jsonb)";
    client
        .execute(
            sql,
            &[
                &run.step.as_str(),
                &run.job_id,
                &run.failure.is_none(),
                &run.failure.as_deref().unwrap_or_default(),
                &run.started_at,
                &run.ended_at,
                &count(run.tally.n_in),
                &count(run.tally.n_out),
                &rejected,
            ],
        )
        .await
        .map_err(DbError::of(failed))?;
    let old = "DELETE FROM step_run WHERE ended_at < $1::timestamptz - make_interval(days => $2)";
    client.execute(old, &[&run.ended_at, &DAYS]).await.map_err(DbError::of(failed))?;
    Ok(())
}

/// How each step last ended, in the order of the steps.
///
/// # Errors
/// When the database fails.
pub async fn latest(client: &impl GenericClient) -> Result<Vec<Latest>, DbError> {
    let failed = "load how the steps ended";
    let words: Vec<_> = Step::ALL.iter().map(|step| step.as_str()).collect();
    let sql = include_str!("steps_latest.sql");
    let rows = client.query(sql, &[&words]).await.map_err(DbError::of(failed))?;
    let latest = Step::ALL.into_iter().zip(&rows).map(|(step, row)| read(step, row));
    latest.collect::<Result<_, _>>().map_err(DbError::of(failed))
}

fn read(step: Step, row: &Row) -> Result<Latest, tokio_postgres::Error> {
    let (succeeded_at, failed_at) = (row.try_get(0)?, row.try_get(1)?);
    let success: Option<bool> = row.try_get(2)?;
    let Some(success) = success else {
        return Ok(Latest { step, run: None, succeeded_at, failed_at });
    };
    let message: String = row.try_get(3)?;
    let count = |position| row.try_get(position).map(i64::unsigned_abs);
    let rejected: &str = row.try_get(9)?;
    let rejected: BTreeMap<String, u64> = serde_json::from_str(rejected).unwrap_or_default();
    let run = StepRun {
        step,
        job_id: row.try_get(4)?,
        failure: (!success).then_some(message),
        started_at: row.try_get(5)?,
        ended_at: row.try_get(6)?,
        tally: Tally { n_in: count(7)?, n_out: count(8)?, rejected },
    };
    Ok(Latest { step, run: Some(run), succeeded_at, failed_at })
}
