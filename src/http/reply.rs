//! An answer before it is put into headers.

use crate::http::plain_json;
use crate::http::problem::Problem;
use bytes::Bytes;
use http_body_util::BodyExt;
use http_body_util::Full;
use hyper::StatusCode;
use hyper::body::Body;
use hyper::body::Frame;
use hyper::body::SizeHint;
use hyper::header::HeaderName;
use hyper::header::HeaderValue;
use hyper::header::WWW_AUTHENTICATE;
use serde_json::json;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::task::Context;
use std::task::Poll;

/// An answer: its status, its content, and the headers that are its own.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) content_type: &'static str,
    pub(super) content: Content,
    pub(super) retry_after_s: Option<&'static str>,
    pub(super) allow: Option<&'static str>,
    /// Headers that only some answers have.
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    /// For the log: how many snaps the context named, and how many results there are.
    pub(super) counts: (usize, usize),
}

/// What an answer holds.
#[derive(Debug)]
pub(super) enum Content {
    /// Written for this request.
    Written(Vec<u8>),
    /// Rendered when it was published, and compressed then, if that was worth it.
    Rendered {
        /// As it is.
        plain: Bytes,
        /// With gzip.
        gzip: Option<Bytes>,
    },
    /// Sent as it comes to pass.
    Stream(Stream),
}

impl Reply {
    /// JSON, with exactly the content type that snapd compares with (contract 1.2).
    pub(super) fn json(status: StatusCode, body: Vec<u8>) -> Self {
        Self {
            status,
            content_type: "application/json",
            content: Content::Written(body),
            retry_after_s: None,
            allow: None,
            headers: Vec::new(),
            counts: (0, 0),
        }
    }

    /// A refusal in the form of the earlier service: `{"error": "…"}`.
    pub(super) fn refusal(status: StatusCode, text: &str) -> Self {
        Self::json(status, plain_json::write(&json!({ "error": text })))
    }

    /// A document of the store's older interface; snapd compares its content type too (contract 10.2).
    pub(super) fn hal(content: Content) -> Self {
        let reply = Self::json(StatusCode::OK, Vec::new());
        Self { content_type: "application/hal+json", content, ..reply }
    }

    /// The text format of Prometheus.
    pub(super) fn text(body: Vec<u8>) -> Self {
        Self { content_type: "text/plain; version=0.0.4", ..Self::json(StatusCode::OK, body) }
    }

    /// The same with one more header.
    pub(super) fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }
}

impl From<Problem> for Reply {
    fn from(problem: Problem) -> Self {
        let allow = match problem {
            Problem::MethodNotAllowed(allow) => Some(allow),
            _ => None,
        };
        let retry_after_s = problem.retry_after_s();
        let challenge = problem.challenge().map(HeaderValue::from_static);
        Self {
            retry_after_s,
            allow,
            headers: challenge.into_iter().map(|value| (WWW_AUTHENTICATE, value)).collect(),
            ..Self::json(problem.status(), problem.body_bytes())
        }
    }
}

/// A body that is sent as it comes to pass.
pub(super) struct Stream(Pin<Box<dyn Body<Data = Bytes, Error = BoxError> + Send>>);

/// Why a body breaks off, for the connection, which breaks off with it.
type BoxError = Box<dyn Error + Send + Sync>;

impl Stream {
    /// What `body` will give.
    pub(super) fn new<E: Into<BoxError> + 'static>(
        body: impl Body<Data = Bytes, Error = E> + Send + 'static,
    ) -> Self {
        Self(Box::pin(body.map_err(Into::into)))
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream").finish_non_exhaustive()
    }
}

/// A body that is there in pieces, none of which is copied.
#[derive(Debug)]
pub(super) struct Pieces {
    rest: VecDeque<Bytes>,
    n_bytes: u64,
}

impl From<Vec<Bytes>> for Pieces {
    fn from(pieces: Vec<Bytes>) -> Self {
        let n_bytes = pieces.iter().map(|piece| piece.len() as u64).sum();
        Self { rest: pieces.into(), n_bytes }
    }
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let pieces = self.get_mut();
        Poll::Ready(pieces.rest.pop_front().map(|piece| {
            pieces.n_bytes -= piece.len() as u64;
            Ok(Frame::data(piece))
        }))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.n_bytes)
    }
}

/// The body of a response.
#[derive(Debug)]
pub(super) enum Payload {
    /// All of it is there.
    Whole(Full<Bytes>),
    /// It comes.
    Stream(Stream),
}

impl Payload {
    /// All of it.
    pub(super) fn whole(bytes: Bytes) -> Self {
        Self::Whole(Full::new(bytes))
    }

    /// Nothing.
    pub(super) fn empty() -> Self {
        Self::Whole(Full::default())
    }
}

impl Body for Payload {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match self.get_mut() {
            Self::Whole(body) => {
                Pin::new(body).poll_frame(context).map_err(|never: Infallible| match never {})
            }
            Self::Stream(body) => body.0.as_mut().poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(body) => body.is_end_stream(),
            Self::Stream(body) => body.0.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(body) => body.size_hint(),
            Self::Stream(body) => body.0.size_hint(),
        }
    }
}
