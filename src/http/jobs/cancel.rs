//! `POST /v2/jobs/{id}/cancel`: nobody wants the job any more.

use crate::db::jobs;
use crate::db::jobs::Cancelling;
use crate::http::asked::Asked;
use crate::http::jobs::away;
use crate::http::jobs::id;
use crate::http::jobs::not_found;
use crate::http::jobs::view;
use crate::http::parameters::Query;
use crate::http::problem::Problem;
use crate::http::reply::Reply;
use crate::http::site::Site;
use hyper::StatusCode;

/// 200 when the job is cancelled with that, 202 when its worker was told.
pub(super) async fn answer(site: &Site, asked: &Asked<'_>) -> Result<Reply, Problem> {
    Query::new(asked.query, &[]).checked()?;
    let id = id(asked)?;
    let client = site.backroom.database.client().await.map_err(away)?;
    let (status, job) = match jobs::cancel(&client, id, (site.clock)()).await.map_err(away)? {
        Cancelling::Cancelled(job) => (StatusCode::OK, job),
        Cancelling::Requested(job) => (StatusCode::ACCEPTED, job),
        Cancelling::AlreadyFinished(job) => {
            let message = format!("the job has {} already", ended(job.state));
            let (status, code) = (StatusCode::CONFLICT, "already-finished");
            return Err(Problem::Told { status, code, message });
        }
        Cancelling::NotFound => return Err(not_found()),
    };
    tracing::info!(job.id = %id, job.kind, state = job.state.as_str(), "a job is to be cancelled");
    Ok(Reply::json(status, view::one(&job)))
}

fn ended(state: jobs::JobState) -> &'static str {
    match state {
        jobs::JobState::Failed => "failed",
        jobs::JobState::Cancelled => "been cancelled",
        _ => "ended",
    }
}
