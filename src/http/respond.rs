//! From a request to its answer: find the route, read the body, answer, count, log.

use crate::http::body;
use crate::http::compress;
use crate::http::health;
use crate::http::problem::Problem;
use crate::http::request_id::X_REQUEST_ID;
use crate::http::route::Route;
use crate::http::route::Side;
use crate::http::site::Site;
use crate::http::store;
use crate::http::store::Door;
use crate::http::store::Shelf;
use crate::refresh::Policy;
use bytes::Bytes;
use http_body_util::Full;
use hyper::HeaderMap;
use hyper::Method;
use hyper::Request;
use hyper::Response;
use hyper::StatusCode;
use hyper::body::Body;
use hyper::body::Incoming;
use hyper::header::ALLOW;
use hyper::header::CONTENT_ENCODING;
use hyper::header::CONTENT_LENGTH;
use hyper::header::CONTENT_TYPE;
use hyper::header::HeaderName;
use hyper::header::HeaderValue;
use hyper::header::RETRY_AFTER;
use hyper::header::VARY;
use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::time::Instant;

/// Room for the headers of an answer, with those that hyper adds.
const HEADERS: usize = 8;
const STORE_VERSION: HeaderName = HeaderName::from_static("snap-store-version");

/// An answer before it is put into headers.
#[derive(Debug)]
pub(super) struct Reply {
    status: StatusCode,
    content_type: &'static str,
    body: Vec<u8>,
    retry_after_s: Option<&'static str>,
    allow: Option<&'static str>,
    /// For the log: how many snaps the context named, and how many results there are.
    counts: (usize, usize),
}

impl Reply {
    /// JSON, with exactly the content type that snapd compares with (contract 1.2).
    pub(super) fn json(status: StatusCode, body: Vec<u8>) -> Self {
        let content_type = "application/json";
        Self { status, content_type, body, retry_after_s: None, allow: None, counts: (0, 0) }
    }

    /// The text format of Prometheus.
    pub(super) fn text(body: Vec<u8>) -> Self {
        Self { content_type: "text/plain; version=0.0.4", ..Self::json(StatusCode::OK, body) }
    }
}

impl From<Problem> for Reply {
    fn from(problem: Problem) -> Self {
        let allow = match problem {
            Problem::MethodNotAllowed(allow) => Some(allow),
            _ => None,
        };
        let retry_after_s = problem.retry_after_s();
        Self { retry_after_s, allow, ..Self::json(problem.status(), problem.body_bytes()) }
    }
}

/// Answers one request, whatever it is.
pub(super) async fn respond(
    site: &Site,
    audience: Side,
    request: Request<Incoming>,
) -> Response<Full<Bytes>> {
    let started = Instant::now();
    let id = site.ids.of(request.headers());
    let router = if audience == Side::Public { &site.public } else { &site.internal };
    let (parts, incoming) = request.into_parts();
    let (route, parameter) = router.find(parts.uri.path());
    let reply = if !route.takes(&parts.method) {
        Err(match route {
            Route::Unknown => Problem::NotFound("there is nothing at this path".to_owned()),
            route => Problem::MethodNotAllowed(route.allow()),
        })
    } else if audience == Side::Internal {
        Ok(health::answer(site, route))
    } else {
        public(site, route, &parameter, &parts, incoming).await
    };
    let reply = reply.unwrap_or_else(Reply::from);
    let took = started.elapsed();
    site.metrics.answered(route, reply.status.as_u16(), took);
    tracing::info!(
        route = route.label(),
        status = reply.status.as_u16(),
        duration_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
        n_context = reply.counts.0,
        n_results = reply.counts.1,
        request_id = id.to_str().unwrap_or_default(),
        "answered a request"
    );
    let response = into_response(site, reply, &parts.headers, id);
    if parts.method == Method::HEAD { without_body(response) } else { response }
}

/// The head of an answer, with the length of the body that stays behind: over HTTP/2 nobody else leaves it away.
fn without_body(response: Response<Full<Bytes>>) -> Response<Full<Bytes>> {
    let (mut head, body) = response.into_parts();
    let length = body.size_hint().exact().unwrap_or_default();
    head.headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    Response::from_parts(head, Full::default())
}

/// Leaves the count of requests in flight when it goes.
struct InFlight<'s>(&'s Site);

impl<'s> InFlight<'s> {
    fn enter(site: &'s Site) -> Result<Self, Problem> {
        let n = site.metrics.begun();
        let entered = Self(site);
        if usize::try_from(n).is_ok_and(|n| n > site.options.max_in_flight) {
            site.metrics.dropped();
            return Err(Problem::Busy);
        }
        Ok(entered)
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.metrics.ended();
    }
}

async fn public(
    site: &Site,
    route: Route,
    parameter: &str,
    parts: &hyper::http::request::Parts,
    incoming: Incoming,
) -> Result<Reply, Problem> {
    let _in_flight = InFlight::enter(site)?;
    let body = body::read(incoming, site.options.max_body_bytes, site.options.body_timeout).await?;
    let published = site.shelf.load();
    let shelf = published.as_deref().ok_or(Problem::NotReady)?;
    // From here on nothing waits. A defect costs one answer, not the connection.
    let answered = catch_unwind(AssertUnwindSafe(|| {
        let query = parts.uri.query().unwrap_or_default();
        answer(site, shelf, route, (parameter, query), &parts.headers, &body)
    }));
    answered.unwrap_or_else(|_| {
        tracing::error!(route = route.label(), "a request hit a defect");
        Err(Problem::Internal)
    })
}

fn answer(
    site: &Site,
    shelf: &Shelf,
    route: Route,
    (parameter, query): (&str, &str),
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Reply, Problem> {
    let policy = Policy { cohorts: &site.cohorts, now: (site.clock)() };
    let ok = |body| Reply::json(StatusCode::OK, body);
    match route {
        Route::Info => store::info(shelf, policy.now, headers, parameter, query).map(ok),
        Route::Cohorts => store::cohorts(shelf, &policy, headers, body).map(ok),
        route => {
            let door = if route == Route::DraftRefresh { Door::Draft } else { Door::Today };
            let answered = store::refresh(shelf, &policy, door, headers, body)?;
            let counts = (answered.n_context, answered.outcomes.len());
            site.metrics.resulted(&answered.outcomes);
            Ok(Reply { counts, ..ok(answered.body) })
        }
    }
}

fn into_response(
    site: &Site,
    reply: Reply,
    asked: &HeaderMap,
    id: HeaderValue,
) -> Response<Full<Bytes>> {
    let packed = compress::gzip(site.compress, asked, &reply.body);
    let is_packed = packed.is_some();
    let mut response = Response::new(Full::new(Bytes::from(packed.unwrap_or(reply.body))));
    *response.status_mut() = reply.status;
    let headers = response.headers_mut();
    headers.reserve(HEADERS);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(reply.content_type));
    headers.insert(STORE_VERSION, HeaderValue::from_static(health::STORE_VERSION));
    headers.insert(X_REQUEST_ID, id);
    if site.compress != compress::Compress::Off {
        headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    }
    if is_packed {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    if let Some(seconds) = reply.retry_after_s {
        headers.insert(RETRY_AFTER, HeaderValue::from_static(seconds));
    }
    if let Some(allow) = reply.allow {
        headers.insert(ALLOW, HeaderValue::from_static(allow));
    }
    response
}
