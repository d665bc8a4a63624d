//! A job as JSON.

use crate::db::jobs::Job;
use crate::snap::Instant;
use serde::Serialize;
use serde_json::Value;

/// A job as JSON; a list shows no results, which may be large.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct View<'j> {
    id: String,
    kind: &'j str,
    state: &'static str,
    stage: Option<&'j str>,
    stages: &'j [String],
    progress: f64,
    done: i64,
    total: Option<i64>,
    attempt: i32,
    max_attempts: i32,
    created_at: Instant,
    run_after: Instant,
    started_at: Option<Instant>,
    ended_at: Option<Instant>,
    heartbeat_at: Option<Instant>,
    locked_by: Option<&'j str>,
    cancel_requested: bool,
    args: &'j Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<&'j Value>,
    error: Option<&'j str>,
}

impl<'j> View<'j> {
    fn listed(job: &'j Job) -> Self {
        Self {
            id: job.id.to_string(),
            kind: &job.kind,
            state: job.state.as_str(),
            stage: job.stage.as_deref(),
            stages: &job.stages,
            progress: job.progress,
            done: job.done,
            total: job.total,
            attempt: job.attempt,
            max_attempts: job.max_attempts,
            created_at: job.created_at,
            run_after: job.run_after,
            started_at: job.started_at,
            ended_at: job.ended_at,
            heartbeat_at: job.heartbeat_at,
            locked_by: job.locked_by.as_deref(),
            cancel_requested: job.cancel_requested,
            args: &job.args,
            result: None,
            error: job.error.as_deref(),
        }
    }

    fn whole(job: &'j Job) -> Self {
        Self { result: Some(job.result.as_ref().unwrap_or(&Value::Null)), ..Self::listed(job) }
    }
}

#[derive(Serialize)]
struct One<'j> {
    job: View<'j>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct List<'j> {
    jobs: Vec<View<'j>>,
    next_cursor: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Queued<'j> {
    job: View<'j>,
    deduplicated: bool,
    first_requested_at: Instant,
}

/// One job, in one line.
pub(super) fn one(job: &Job) -> Vec<u8> {
    bytes(&One { job: View::whole(job) })
}

/// Some jobs, and where the list goes on.
pub(super) fn list(jobs: &[Job], next_cursor: Option<String>) -> Vec<u8> {
    bytes(&List { jobs: jobs.iter().map(View::listed).collect(), next_cursor })
}

/// The job that a request was given.
pub(super) fn queued(job: &Job, deduplicated: bool, first_requested_at: Instant) -> Vec<u8> {
    bytes(&Queued { job: View::whole(job), deduplicated, first_requested_at })
}

fn bytes(view: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(view).expect("plain values under names are JSON")
}
