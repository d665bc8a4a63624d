//! `GET /v2/jobs/{id}`: one job, at once or when it has ended.

use crate::db::jobs::Change;
use crate::db::jobs::JobId;
use crate::db::jobs::News;
use crate::db::jobs::RESULT_KEPT;
use crate::http::asked::Asked;
use crate::http::asked::whole_number;
use crate::http::jobs::find;
use crate::http::jobs::id;
use crate::http::jobs::view;
use crate::http::parameters::Query;
use crate::http::problem::Problem;
use crate::http::reply::Reply;
use crate::http::site::Site;
use hyper::StatusCode;
use std::time::Duration;
use tokio::time::Instant;
use tokio::time::timeout_at;

const WAIT: (&str, &str) = ("bad-wait", "wait must be whole seconds from 0 to 60, such as 20s");
/// The longest wait in seconds; proxies rarely have more patience.
const LONGEST_S: u64 = 60;

/// With `wait`, the answer comes when the job has ended, and at the latest after that time. Until then nothing is asked
/// of the database.
pub(super) async fn answer(site: &Site, asked: &Asked<'_>) -> Result<Reply, Problem> {
    let mut query = Query::new(asked.query, &["wait"]);
    let wait = query.read("wait", WAIT, seconds).unwrap_or_default();
    query.checked()?;
    let id = id(asked)?;
    let ends_at = Instant::now() + wait;
    let mut news = site.backroom.jobs.news.hear();
    let mut job = find(site, id).await?;
    while !job.state.is_terminal() && Instant::now() < ends_at && !site.is_draining() {
        tokio::select! {
            // Whether it ended or the time did: look.
            _ = timeout_at(ends_at, may_have_ended(&mut news, id)) => {}
            () = site.drained() => {}
        }
        job = find(site, id).await?;
    }
    let now = (site.clock)();
    let is_old = job.ended_at.is_some_and(|ended_at| now.since(ended_at) >= RESULT_KEPT);
    if job.result_expired || job.result.is_some() && is_old {
        let message = "the result of the job was kept for 24 hours and is gone".to_owned();
        return Err(Problem::Told { status: StatusCode::GONE, code: "result-expired", message });
    }
    Ok(Reply::json(StatusCode::OK, view::one(&job)))
}

async fn may_have_ended(news: &mut News, id: JobId) {
    loop {
        let change = news.next().await;
        let goes_on = matches!(change, Change::Job { state, .. } if !state.is_terminal());
        if change.concerns(id) && !goes_on {
            return;
        }
    }
}

fn seconds(text: &str) -> Option<Duration> {
    let text = text.strip_suffix('s').unwrap_or(text);
    whole_number(text).filter(|seconds| *seconds <= LONGEST_S).map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_whole_seconds() {
        for (text, expected) in [("0", 0), ("20s", 20), ("60", 60)] {
            assert_eq!(seconds(text), Some(Duration::from_secs(expected)), "{text}");
        }
        for bad in ["", "s", "61", "1m", "1.5s", "-1", "+1", "20ss", "1e1"] {
            assert_eq!(seconds(bad), None, "{bad}");
        }
    }
}
