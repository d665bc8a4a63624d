//! Work that is queued, under way or done, for operators.
//!
//! What kinds of job there are is deliberately not known here: the roof brings what reads their arguments.

mod cancel;
mod events;
mod list;
mod look;
mod queue;
mod view;

pub use queue::BadJob;

use crate::db::Database;
use crate::db::DbError;
use crate::db::jobs::Job;
use crate::db::jobs::JobId;
use crate::db::jobs::JobNews;
use crate::db::jobs::NewJob;
use crate::http::asked::Asked;
use crate::http::problem::Problem;
use crate::http::reply::Reply;
use crate::http::route::Route;
use crate::http::site::Site;
use hyper::Method;
use hyper::StatusCode;
use hyper::header::CACHE_CONTROL;
use hyper::header::HeaderValue;
use serde_json::Value;
use std::fmt;
use std::sync::Arc;

/// Makes a job of a kind and arguments, if there is such a kind and it takes them.
type Prepare = dyn Fn(&str, Value, JobId) -> Result<NewJob, BadJob> + Send + Sync;

/// What the routes of jobs need besides the database in which jobs are queued.
#[derive(Clone)]
pub struct JobDoor {
    /// Where jobs are looked at. Many may wait for one, and look all at once when it ends: it is a pool of its own, so
    /// that nobody who changes something stands behind them.
    pub looking: Database,
    /// What changes.
    pub news: JobNews,
    /// Makes a job of a kind and arguments.
    pub prepare: Arc<Prepare>,
    /// Draws a random number.
    pub random: fn() -> u64,
}

impl fmt::Debug for JobDoor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JobDoor").finish_non_exhaustive()
    }
}

/// The answer about jobs.
pub(super) async fn answer(site: &Site, asked: &Asked<'_>) -> Result<Reply, Problem> {
    let reply = match asked.route {
        Route::Jobs if asked.method == Method::POST => queue::answer(site, asked).await,
        Route::Jobs => list::answer(site, asked).await,
        Route::JobEvents => events::answer(site, asked).await,
        Route::JobCancel => cancel::answer(site, asked).await,
        _ => look::answer(site, asked).await,
    }?;
    Ok(reply.with(CACHE_CONTROL, HeaderValue::from_static("no-store")))
}

/// The job that the path names.
fn id(asked: &Asked<'_>) -> Result<JobId, Problem> {
    asked.parameter.parse().map_err(|_| not_found())
}

fn not_found() -> Problem {
    let message = "there is no job of that id, or not any more".to_owned();
    Problem::Told { status: StatusCode::NOT_FOUND, code: "job-not-found", message }
}

async fn find(site: &Site, id: JobId) -> Result<Job, Problem> {
    let client = site.backroom.jobs.looking.client().await.map_err(away)?;
    crate::db::jobs::find(&client, id).await.map_err(away)?.ok_or_else(not_found)
}

/// The database does not do what it should.
#[allow(clippy::needless_pass_by_value, reason = "it is for map_err")]
fn away(error: DbError) -> Problem {
    let error: &dyn std::error::Error = &error;
    tracing::warn!(error, "a question about jobs could not be answered");
    Problem::DatabaseAway
}
