//! `GET /v2/jobs/{id}/events`: a job as it goes on, as server-sent events.
//!
//! First the job as it is, then every change, at last how it ended; whoever comes late gets the end at once.

use crate::db::Database;
use crate::db::jobs;
use crate::db::jobs::Job;
use crate::db::jobs::News;
use crate::http::asked::Asked;
use crate::http::jobs::away;
use crate::http::jobs::find;
use crate::http::jobs::id;
use crate::http::jobs::view;
use crate::http::parameters::Query;
use crate::http::problem::Problem;
use crate::http::reply::Content;
use crate::http::reply::Reply;
use crate::http::reply::Stream;
use crate::http::site::Site;
use bytes::Bytes;
use futures_util::stream;
use http_body_util::StreamBody;
use hyper::StatusCode;
use hyper::body::Frame;
use std::convert::Infallible;
use std::pin::pin;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::sleep;

/// The most time between two signs that we are here, when nothing happens (contract B8 leaves it open; proxies close
/// after 60 s).
const SILENCE: Duration = Duration::from_secs(15);
/// How many signs there are at least within the time after which we take a connection for idle ourselves: one of them
/// may come late.
const SIGNS: u32 = 3;

pub(super) async fn answer(site: &Site, asked: &Asked<'_>) -> Result<Reply, Problem> {
    Query::new(asked.query, &[]).checked()?;
    let id = id(asked)?;
    let news = site.backroom.jobs.news.hear();
    let job = find(site, id).await?;
    let events = Events {
        database: site.backroom.jobs.looking.clone(),
        news,
        silence: SILENCE.min(site.options.idle_timeout / SIGNS),
        draining: site.draining(),
        next: Some(event("snapshot", &job)),
        job: Some(job),
    };
    let frames = stream::unfold(events, async |mut events: Events| {
        let text = events.next().await?;
        Some((Ok::<_, Infallible>(Frame::data(Bytes::from(text))), events))
    });
    let content = Content::Stream(Stream::new(StreamBody::new(frames)));
    let content_type = "text/event-stream";
    Ok(Reply { content_type, content, ..Reply::json(StatusCode::OK, Vec::new()) })
}

/// What one listener gets.
struct Events {
    database: Database,
    news: News,
    /// How long nothing is said at most.
    silence: Duration,
    draining: watch::Receiver<bool>,
    /// What is said next without waiting for anything.
    next: Option<Vec<u8>>,
    /// The job as it was told last; nothing when all is told.
    job: Option<Job>,
}

impl Events {
    /// What is said next; nothing after the end. It also ends, without one, when the server goes or cannot know any
    /// more: ask again.
    async fn next(&mut self) -> Option<Vec<u8>> {
        let told = self.job.as_ref()?;
        if told.state.is_terminal() {
            let end = event("end", told);
            self.job = None;
            return Some(end);
        }
        if let Some(text) = self.next.take() {
            return Some(text);
        }
        let mut silence = pin!(sleep(self.silence));
        loop {
            tokio::select! {
                change = self.news.next() => {
                    if !change.concerns(told.id) {
                        continue;
                    }
                }
                () = &mut silence => return Some(b": nothing new\n\n".to_vec()),
                _ = self.draining.wait_for(|is_draining| *is_draining) => return None,
            }
            let job = look(&self.database, told).await?;
            if job.state.is_terminal() {
                let end = event("end", &job);
                self.job = None;
                return Some(end);
            }
            if view::one(&job) != view::one(told) {
                let change = event("change", &job);
                self.job = Some(job);
                return Some(change);
            }
        }
    }
}

async fn look(database: &Database, told: &Job) -> Option<Job> {
    let looked = async {
        let client = database.client().await?;
        jobs::find(&client, told.id).await
    };
    match looked.await {
        Ok(job) => job,
        Err(error) => {
            away(error);
            None
        }
    }
}

fn event(name: &str, job: &Job) -> Vec<u8> {
    let mut text = format!("event: {name}\ndata: ").into_bytes();
    text.extend_from_slice(&view::one(job));
    text.extend_from_slice(b"\n\n");
    text
}
