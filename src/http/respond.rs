//! From a request to its answer: find the route, read the body, answer, count, log.

use crate::http::asked::Asked;
use crate::http::boards;
use crate::http::body;
use crate::http::compress;
use crate::http::compress::Compress;
use crate::http::cors::Browser;
use crate::http::editors;
use crate::http::files;
use crate::http::forward;
use crate::http::health;
use crate::http::jobs;
use crate::http::overrides;
use crate::http::problem::Problem;
use crate::http::public_base::Base;
use crate::http::relay;
use crate::http::reply::Content;
use crate::http::reply::Payload;
use crate::http::reply::Reply;
use crate::http::request_id::X_REQUEST_ID;
use crate::http::route::Family;
use crate::http::route::Route;
use crate::http::route::Side;
use crate::http::site::Site;
use crate::http::store;
use crate::http::store::DeviceHeaders;
use crate::http::store::Door;
use crate::http::store::Shelf;
use crate::refresh::Policy;
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
use hyper::http::request::Parts;
use std::future::poll_fn;
use std::mem::take;
use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::pin::pin;
use std::task::Poll;
use std::time::Instant;

const STORE_VERSION: HeaderName = HeaderName::from_static("snap-store-version");

/// Answers one request, whatever it is.
pub(super) async fn respond(
    site: &Site,
    (audience, peer): (Side, IpAddr),
    request: Request<Incoming>,
) -> Response<Payload> {
    let started = Instant::now();
    let id = site.ids.of(request.headers());
    let router = if audience == Side::Public { &site.public } else { &site.internal };
    let (mut parts, incoming) = request.into_parts();
    let (route, parameter) = router.find(parts.uri.path());
    let reply = match route.family() {
        None => Err(Problem::NotFound("there is nothing at this path".to_owned())),
        Some(_) if !route.takes(&parts.method) => Err(Problem::MethodNotAllowed(route.allow())),
        Some(family) if family.is_for_browsers() && parts.method == Method::OPTIONS => {
            Ok(Reply { allow: Some(route.allow()), ..Reply::json(StatusCode::OK, Vec::new()) })
        }
        Some(Family::Health) => Ok(health::answer(site, route)),
        Some(family) => {
            let id = id.to_str().unwrap_or_default();
            let from = (&parts, peer);
            read_and_answer(site, (route, family), (&parameter, id), from, incoming).await
        }
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
    let is_for_browsers = route.family().is_some_and(Family::is_for_browsers);
    let browser = is_for_browsers.then(|| Browser::of(&parts));
    let mut response = into_response(site, reply, take(&mut parts.headers), id);
    if let Some(browser) = browser {
        browser.allow(response.headers_mut());
    }
    if parts.method == Method::HEAD { without_body(response) } else { response }
}

/// The head of an answer, with the length of the body that stays behind: over HTTP/2 nobody else leaves it away.
fn without_body(response: Response<Payload>) -> Response<Payload> {
    let (mut head, body) = response.into_parts();
    // A 304 says nothing of the body that the caller has, and a stream has no length.
    let length = body.size_hint().exact().filter(|_| head.status != StatusCode::NOT_MODIFIED);
    if let Some(length) = length {
        head.headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    Response::from_parts(head, Payload::empty())
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

/// Answers what may have a body, if there is room.
async fn read_and_answer(
    site: &Site,
    (route, family): (Route, Family),
    (parameter, request_id): (&str, &str),
    (parts, peer): (&Parts, IpAddr),
    incoming: Incoming,
) -> Result<Reply, Problem> {
    let in_flight = InFlight::enter(site)?;
    let editor = match family {
        Family::Editors => match editors::admit(site, route, &parts.method, &parts.headers) {
            Ok(editor) => editor,
            Err(turned_away) => return Ok(*turned_away),
        },
        _ => None,
    };
    let body = body::read(incoming, site.options.max_body_bytes, site.options.body_timeout).await?;
    let query = parts.uri.query().unwrap_or_default();
    let asked = Asked {
        route,
        method: &parts.method,
        parameter,
        query,
        headers: &parts.headers,
        uri: &parts.uri,
        peer,
        request_id,
        body: &body,
    };
    match family {
        Family::Editors => guarded(route, editors::answer(site, editor, &asked)).await,
        Family::Jobs => {
            // Who waits for a job takes no room from those who want an answer now.
            drop(in_flight);
            guarded(route, jobs::answer(site, &asked)).await
        }
        Family::Sessions if site.backroom.forwards.opens_sessions() => {
            drop(in_flight);
            guarded(route, forward::answer(site, &asked)).await
        }
        Family::Sessions => {
            // Nor who waits for a session; there is a bound of their own.
            drop(in_flight);
            guarded(route, store::sessions(site, &asked)).await
        }
        Family::Files => {
            // Who is sent a file takes no room from those who want an answer now; there is a bound of their own.
            drop(in_flight);
            guarded(route, files::answer(site, &asked)).await
        }
        Family::Overrides => {
            // Nor who decides what channels give out, and waits for the database.
            drop(in_flight);
            guarded(route, overrides::answer(site, &asked)).await
        }
        Family::Relay => {
            // Nor who waits for the store; there is a bound of their own.
            let _in_flight = (!site.backroom.relay.asks_a_store()).then_some(in_flight);
            guarded(route, async { Ok(relay::search(site, &asked).await) }).await
        }
        Family::Forward => {
            // Nor who waits for the store behind us.
            drop(in_flight);
            guarded(route, forward::answer(site, &asked)).await
        }
        _ => held_or_behind(site, (route, family), &asked, in_flight).await,
    }
}

/// What is answered from what is published, if it is not one of the assertions that the store behind us is asked for.
async fn held_or_behind(
    site: &Site,
    (route, family): (Route, Family),
    asked: &Asked<'_>,
    in_flight: InFlight<'_>,
) -> Result<Reply, Problem> {
    if let Some(held) = forward::due(site, asked) {
        // Nor who asks for what only that store knows, takes room from others.
        drop(in_flight);
        let anew = guarded(route, forward::anew(site, asked, held)).await;
        return anew.or_else(|_| from_memory(site, (route, family), asked));
    }
    match from_memory(site, (route, family), asked) {
        Err(problem) if forward::may_know(site, route, &problem) => {
            drop(in_flight);
            guarded(route, forward::assertion(site, asked)).await
        }
        answered => answered,
    }
}

/// What is answered from what is published. From here on nothing waits. A defect costs one answer, not the connection.
fn from_memory(
    site: &Site,
    (route, family): (Route, Family),
    asked: &Asked<'_>,
) -> Result<Reply, Problem> {
    let published = site.shelf.load();
    let shelf = published.as_deref().ok_or(Problem::NotReady)?;
    let answered = catch_unwind(AssertUnwindSafe(|| match family {
        Family::Boards => boards::answer(site, shelf, asked),
        _ => answer(site, shelf, asked),
    }));
    answered.unwrap_or_else(|_| {
        tracing::error!(route = route.label(), "a request hit a defect");
        Err(Problem::Internal)
    })
}

/// What an answer comes to that waits for something. A defect costs the answer, not the connection.
async fn guarded(
    route: Route,
    answering: impl Future<Output = Result<Reply, Problem>>,
) -> Result<Reply, Problem> {
    let mut answering = pin!(answering);
    poll_fn(|context| {
        let polled = catch_unwind(AssertUnwindSafe(|| answering.as_mut().poll(context)));
        polled.unwrap_or_else(|_| {
            tracing::error!(route = route.label(), "a request hit a defect");
            Poll::Ready(Err(Problem::Internal))
        })
    })
    .await
}

fn answer(site: &Site, shelf: &Shelf, asked: &Asked<'_>) -> Result<Reply, Problem> {
    match asked.route {
        Route::Assertion | Route::AssertionOfOld => store::assertion(shelf, asked),
        Route::AssertionStream => store::stream(shelf, asked),
        _ => answer_device(site, shelf, asked),
    }
}

/// What is answered to a device by what its headers say of it.
fn answer_device(site: &Site, shelf: &Shelf, asked: &Asked<'_>) -> Result<Reply, Problem> {
    let Asked { parameter, query, headers, body, .. } = *asked;
    let backstore = &shelf.backstore;
    let policy = Policy { cohorts: &site.cohorts, backstore, now: (site.clock)() };
    let admission = &site.options.admission;
    let headers = DeviceHeaders::of(headers);
    let asking = (admission, &headers);
    let ok = |body| Reply::json(StatusCode::OK, body);
    let find_base = || site.base(asked);
    let base = Base::new(&find_base);
    match asked.route {
        Route::Info => {
            let body = store::info(shelf, policy.now, asking, (parameter, query), &base)?;
            base.checked().map(|()| ok(body))
        }
        Route::Find => store::find(shelf, policy.now, asking, asked).map(ok),
        Route::StoreCategories => store::categories(shelf, policy.now, asking).map(ok),
        Route::Sections => store::sections(shelf, policy.now, asking),
        Route::Names => store::names(site.compress, shelf, policy.now, asking, asked),
        Route::Cohorts => store::cohorts(shelf, &policy, asking, body).map(ok),
        route => {
            let door = if route == Route::DraftRefresh { Door::Draft } else { Door::Today };
            let unheld = site.backroom.forwards.unheld();
            let answered = store::refresh(shelf, &policy, (door, &base, unheld), asking, body)?;
            base.checked()?;
            let counts = (answered.n_context, answered.outcomes.len());
            site.metrics.resulted(&answered.outcomes);
            Ok(Reply { counts, ..ok(answered.body) })
        }
    }
}

/// The answer to a request with these headers.
fn into_response(
    site: &Site,
    reply: Reply,
    mut headers: HeaderMap,
    id: HeaderValue,
) -> Response<Payload> {
    let (payload, is_packed) = payload(site.compress, reply.content, &headers);
    // Their map serves for the answer too, and then hyper gives it to the next request: none is made anew.
    headers.clear();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(reply.content_type));
    headers.insert(STORE_VERSION, HeaderValue::from_static(health::STORE_VERSION));
    headers.insert(X_REQUEST_ID, id);
    if site.compress != Compress::Off {
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
    if !reply.headers.is_empty() {
        headers.extend(reply.headers);
    }
    let mut response = Response::new(payload);
    *response.status_mut() = reply.status;
    *response.headers_mut() = headers;
    response
}

/// The body as it is sent, and whether it is compressed.
fn payload(when: Compress, content: Content, asked: &HeaderMap) -> (Payload, bool) {
    match content {
        Content::Written(body) => match compress::gzip(when, asked, &body) {
            Some(packed) => (Payload::whole(packed.into()), true),
            None => (Payload::whole(body.into()), false),
        },
        Content::Rendered { plain, gzip } => {
            let packed = gzip.filter(|_| when != Compress::Off && compress::accepts_gzip(asked));
            let is_packed = packed.is_some();
            (Payload::whole(packed.unwrap_or(plain)), is_packed)
        }
        Content::Stream(stream) => (Payload::Stream(stream), false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_defect_behind_a_wait_is_an_answer() {
        let answered = guarded(Route::Audit, async {
            tokio::task::yield_now().await;
            panic!("a defect, to be caught")
        });
        assert_eq!(answered.await.unwrap_err(), Problem::Internal);
    }
}
