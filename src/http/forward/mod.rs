//! What we do not serve ourselves, asked of the store behind us (contract 10.3 to 10.7): a closed list of paths, of
//! headers either way and of statuses.
//!
//! It waits for that store, on the runtime of the process and under a bound of its own, so that nothing answered from
//! memory waits with it. Of all that only files and assertions are kept, and only those that were fetched for nobody in
//! particular; what a caller shows of themselves goes to that store alone.

mod assertions;
mod files;
mod headers;
mod room;
mod target;

use crate::http::asked::Asked;
use crate::http::forward::assertions::Misses;
use crate::http::freshness::Freshness;
use crate::http::problem::Problem;
use crate::http::reply::Content;
use crate::http::reply::Reply;
use crate::http::route::Route;
use crate::http::site::Site;
use crate::http::store::Unheld;
use crate::upstream::Origin;
use crate::upstream::Passed;
use crate::upstream::Passing;
use crate::upstream::Trouble;
use crate::upstream::UpstreamError;
pub(super) use assertions::anew;
pub(super) use assertions::assertion;
pub(super) use assertions::due;
use bytes::Bytes;
pub use files::Cellar;
pub(super) use files::Through;
pub use files::ToKeep;
pub(super) use files::Wanted;
pub(super) use files::pass_through;
use hyper::Method;
use hyper::StatusCode;
use hyper::header::CACHE_CONTROL;
use hyper::header::HeaderValue;
pub use room::Room;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// The most requests that are passed on at once. They hold their connections, and the store behind us has to bear
/// them; devices ask for little that is passed on.
const MAX_AT_ONCE: usize = 64;
/// The largest body that is passed on: a serial request with its model has some KiB.
const MAX_SENT: usize = 256 * 1_024;
/// The largest answer that is: the orders of a customer, a stream of a few assertions.
const MAX_SAID: usize = 4 * 1_024 * 1_024;

/// The store behind us, if there is one, and how it is asked.
#[derive(Debug, Clone)]
pub struct Forwards {
    origin: Option<Origin>,
    runtime: Handle,
    room: Arc<Semaphore>,
    /// Whether devices open their sessions there.
    opens_sessions: bool,
    /// What it was found to lack.
    misses: Arc<Misses>,
    /// What of it was asked for lately.
    freshness: Arc<Freshness>,
    /// Where what came whole goes, if it is to be kept.
    cellar: Option<Cellar>,
}

impl Forwards {
    /// Asks that store, if any, from the given runtime, away from the threads that answer.
    pub fn new(origin: Option<Origin>, runtime: Handle, cellar: Option<Cellar>) -> Self {
        let room = Arc::new(Semaphore::new(MAX_AT_ONCE));
        let freshness = Arc::new(Freshness::new(None));
        let misses = Arc::default();
        Self { origin, runtime, room, opens_sessions: false, misses, freshness, cellar }
    }

    /// The same, but assertions that were kept longer ago than that are asked for anew when somebody wants them.
    #[must_use]
    pub fn with_max_age(self, max_age: Duration) -> Self {
        Self { freshness: Arc::new(Freshness::new(Some(max_age))), ..self }
    }

    /// The same, but devices open their sessions with that store and not with us.
    #[must_use]
    pub fn with_sessions(self) -> Self {
        Self { opens_sessions: self.origin.is_some(), ..self }
    }

    /// Whether devices open their sessions with the store behind us.
    pub(super) fn opens_sessions(&self) -> bool {
        self.opens_sessions
    }

    /// Whether there is a store behind us that may be asked.
    pub fn has_origin(&self) -> bool {
        self.origin.is_some()
    }

    /// The room for what is kept of what is passed through, if any of it is.
    pub fn room_to_keep(&self) -> Option<Arc<Room>> {
        self.cellar.as_ref().map(|cellar| Arc::clone(&cellar.room))
    }

    /// What is said of an assertion that we do not hold.
    pub(super) fn unheld(&self) -> Unheld<'_> {
        if self.has_origin() { Unheld::IsAskedFor(&self.freshness) } else { Unheld::IsNot }
    }

    /// Asks the store something, if there is room. Who is given up on takes their question along.
    async fn ask(&self, doing: &'static str, passing: Passing) -> Result<Passed, Problem> {
        let origin = self.origin.clone().ok_or_else(no_upstream)?;
        let room = self.enter()?;
        let mut asking = JoinSet::new();
        let ask = async move {
            let _room = room;
            origin.pass(doing, passing, MAX_SAID).await
        };
        asking.spawn_on(ask, &self.runtime);
        // Nobody tells when the process goes, or at a defect, which is in the log.
        let Some(Ok(asked)) = asking.join_next().await else { return Err(Problem::Internal) };
        asked.map_err(|error| failed(&error))
    }

    fn enter(&self) -> Result<OwnedSemaphorePermit, Problem> {
        Arc::clone(&self.room).try_acquire_owned().map_err(|_| Problem::Busy)
    }
}

/// What is said where nothing can be passed on.
fn no_upstream() -> Problem {
    Problem::NotFound("this server passes nothing on: it has no upstream, or is offline".to_owned())
}

/// What is said of a failure; its cause goes to the log, here.
fn failed(error: &UpstreamError) -> Problem {
    let cause = std::error::Error::source(error).map(ToString::to_string);
    tracing::warn!(%error, cause, "a request could not be passed on");
    let (status, message) = match error.trouble() {
        Trouble::Unreachable | Trouble::Status(503) => {
            (StatusCode::SERVICE_UNAVAILABLE, "the upstream store cannot be reached")
        }
        Trouble::Slow => (StatusCode::GATEWAY_TIMEOUT, "the upstream store did not answer in time"),
        _ => (StatusCode::BAD_GATEWAY, "the upstream store gave no answer that can be passed on"),
    };
    Problem::Told { status, code: "remote-service-unavailable", message: message.to_owned() }
}

/// Whether the store behind us may have what we have no answer to.
pub(super) fn may_know(site: &Site, route: Route, problem: &Problem) -> bool {
    let is_of_an_assertion = matches!(route, Route::Assertion | Route::AssertionOfOld);
    is_of_an_assertion
        && site.backroom.forwards.has_origin()
        && matches!(problem, Problem::Told { code: "not-found", .. })
}

/// Passes a request on, and its answer back.
pub(super) async fn answer(site: &Site, asked: &Asked<'_>) -> Result<Reply, Problem> {
    if asked.body.len() > MAX_SENT {
        return Err(Problem::TooLarge(MAX_SENT));
    }
    let path = target::path(asked)
        .ok_or_else(|| Problem::NotFound("there is nothing at this path".to_owned()))?;
    // Nobody needs the head of such an answer alone, so it is what is left of the whole.
    let method = if *asked.method == Method::HEAD { Method::GET } else { asked.method.clone() };
    let body = Bytes::copy_from_slice(asked.body);
    let passing = Passing { method, path, headers: headers::sent(asked.headers), body };
    let passed = site.backroom.forwards.ask(doing(asked.route), passing).await?;
    Ok(reply(passed))
}

/// What follows “cannot”, and says nothing of who asks.
fn doing(route: Route) -> &'static str {
    match route {
        Route::Nonces | Route::Sessions => "open a session",
        Route::RequestSerialId => "get an id for the request of a serial",
        Route::RegisterDevice => "get a serial",
        Route::Messages => "pass messages on to a device",
        Route::Repair => "get a repair",
        _ => "ask about purchases",
    }
}

/// The answer as it is passed on. What a page for people or an unusual status would say to a device is said in the
/// usual form.
fn reply(passed: Passed) -> Reply {
    let Passed { status, headers, body } = passed;
    let Some(status) = headers::known_status(status) else {
        return not_passed_on(StatusCode::BAD_GATEWAY, status);
    };
    let content_type = match headers::known_type(&headers) {
        Some(known) => known,
        None if body.is_empty() => "application/json",
        None if status.is_success() => return not_passed_on(StatusCode::BAD_GATEWAY, status),
        None => {
            let reply = not_passed_on(status, status);
            return Reply { headers: headers::said(&headers), ..reply };
        }
    };
    let mut said = headers::said(&headers);
    if !said.iter().any(|(name, _)| name == CACHE_CONTROL) {
        // Most of it is one device's or one user's own.
        said.push((CACHE_CONTROL, HeaderValue::from_static("no-store")));
    }
    Reply {
        content_type,
        headers: said,
        content: Content::Written(body.into()),
        ..Reply::json(status, Vec::new())
    }
}

fn not_passed_on(status: StatusCode, said: StatusCode) -> Reply {
    let message = format!("the upstream store answered with status {}", said.as_u16());
    Reply::from(Problem::Told { status, code: "remote-service-unavailable", message })
}
