//! One request: what is asked, how it is to fail, and who answers it.

use crate::simulator::answer::Answer;
use crate::simulator::answer::Body;
use crate::simulator::control;
use crate::simulator::device;
use crate::simulator::editorial;
use crate::simulator::faults::Failure;
use crate::simulator::faults::Kind;
use crate::simulator::files;
use crate::simulator::metrics;
use crate::simulator::ratings;
use crate::simulator::store;
use crate::simulator::world::World;
use bytes::Bytes;
use http_body_util::BodyExt;
use http_body_util::Limited;
use hyper::HeaderMap;
use hyper::Method;
use hyper::Request;
use hyper::Response;
use hyper::StatusCode;
use hyper::body::Incoming;
use hyper::header::RETRY_AFTER;
use percent_encoding::percent_decode_str;
use std::time::Duration;
use tokio::time::sleep;

/// The largest body of a request.
const MAX_BODY_BYTES: usize = 16 * 1_024 * 1_024;

/// A request as it was read.
pub(super) struct Asked {
    pub(super) method: Method,
    pub(super) path: String,
    query: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Asked {
    /// The value of a word of the query, decoded.
    pub(super) fn word(&self, key: &str) -> Option<String> {
        let words = self.query.split('&').filter_map(|word| word.split_once('='));
        let (_, value) = words.into_iter().find(|(known, _)| *known == key)?;
        Some(percent_decode_str(value).decode_utf8_lossy().into_owned())
    }

    /// A header as text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    fn kind(&self) -> Option<Kind> {
        let kind = match (self.method.as_str(), self.path.as_str()) {
            ("GET", "/api/v1/snaps/search") if self.word("section").is_some() => Kind::Featured,
            ("GET", "/api/v1/snaps/search") => Kind::Search,
            ("GET", "/v2/snaps/find") => Kind::Find,
            ("GET", path) if path.starts_with(store::INFO) => Kind::Info,
            ("POST", "/dev/api/snaps/metrics") => Kind::Metrics,
            ("PUT" | "DELETE", "/v1/snap/featured") => Kind::Publish,
            ("GET", path) if path.starts_with(files::DOWNLOAD) => Kind::Download,
            ("GET", path) if path.starts_with(files::ASSERTIONS) => Kind::Assertion,
            ("POST", path) if path.starts_with(device::AUTH) => Kind::Device,
            ("POST", ratings::AUTHENTICATE) => Kind::Login,
            ("POST", ratings::GET_BULK_RATINGS) => Kind::Ratings,
            _ => return None,
        };
        Some(kind)
    }
}

/// Answers a request.
pub(super) async fn respond(world: &World, request: Request<Incoming>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let Ok(body) = Limited::new(body, MAX_BODY_BYTES).collect().await else {
        return Answer::empty(StatusCode::PAYLOAD_TOO_LARGE).whole();
    };
    let asked = Asked {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body: body.to_bytes(),
    };
    let Some(kind) = asked.kind() else {
        return control::answer(world, &asked).whole();
    };
    let _under_way = world.counts.begin(kind);
    let latency_ms = world.latency_ms();
    if latency_ms > 0 {
        sleep(Duration::from_millis(latency_ms)).await;
    }
    let failure = world.failure(kind);
    match failure {
        Some(Failure::Hang) => std::future::pending().await,
        Some(Failure::Truncated) => answer(world, kind, &asked, None).truncated(),
        Some(Failure::Corrupt) => answer(world, kind, &asked, None).corrupt(),
        Some(Failure::Half) => answer(world, kind, &asked, None).half(),
        Some(failure) => match instead(failure, kind, world.retry_after_s()) {
            Some(answer) => answer.whole(),
            None => answer(world, kind, &asked, Some(failure)).whole(),
        },
        None => answer(world, kind, &asked, None).whole(),
    }
}

/// What is answered instead of an answer, by a failure that needs none.
fn instead(failure: Failure, kind: Kind, retry_after_s: u64) -> Option<Answer> {
    let answer = match failure {
        Failure::Broken => Answer::page(StatusCode::INTERNAL_SERVER_ERROR),
        Failure::TooMany if kind.is_grpc() => Answer::grpc_refusal(8, "too many requests"),
        Failure::TooMany => {
            let status = StatusCode::TOO_MANY_REQUESTS;
            let mut answer = Answer::refusal(status, "too-many-requests", "come again later");
            answer.headers.insert(RETRY_AFTER, retry_after_s.into());
            answer
        }
        Failure::Unauthorized if kind.is_grpc() => Answer::grpc_refusal(16, "unknown token"),
        Failure::Unauthorized => {
            let status = StatusCode::UNAUTHORIZED;
            Answer::refusal(status, "macaroon-authorization-required", "the token is not good")
        }
        Failure::NoPath => Answer::page(StatusCode::NOT_FOUND),
        Failure::Html => Answer::page(StatusCode::OK),
        Failure::Truncated
        | Failure::Half
        | Failure::Corrupt
        | Failure::Hang
        | Failure::NullColumn
        | Failure::RepeatPage => return None,
    };
    Some(answer)
}

fn answer(world: &World, kind: Kind, asked: &Asked, failure: Option<Failure>) -> Answer {
    match kind {
        Kind::Search => store::search(world, asked, failure),
        Kind::Featured => editorial::featured(world, asked, failure),
        Kind::Info => store::info(world, asked, failure),
        Kind::Find => store::find(world, asked),
        Kind::Metrics => metrics::answer(world, asked, failure),
        Kind::Login => ratings::authenticate(asked),
        Kind::Ratings => ratings::bulk(world, asked, failure),
        Kind::Publish => editorial::publish(world, asked),
        Kind::Download => files::download(world, asked),
        Kind::Assertion => files::assertion(world, asked),
        Kind::Device => device::answer(asked),
    }
}
