//! Answers, whole and broken.

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream;
use http_body_util::BodyExt;
use http_body_util::Full;
use http_body_util::StreamBody;
use http_body_util::combinators::UnsyncBoxBody;
use hyper::HeaderMap;
use hyper::Response;
use hyper::StatusCode;
use hyper::body::Frame;
use hyper::header::CONTENT_LENGTH;
use hyper::header::CONTENT_TYPE;
use hyper::header::HeaderValue;
use serde_json::Value;
use serde_json::json;
use std::io;
use std::time::Duration;
use tokio::time::sleep;

/// How long a connection lasts that is to be lost: what went before has to arrive.
const UNTIL_LOST: Duration = Duration::from_millis(20);

/// The body of an answer; one that fails loses the connection.
pub(super) type Body = UnsyncBoxBody<Bytes, io::Error>;

/// An answer before it is sent, its body still whole.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// What a gRPC answer ends with.
    trailers: Option<HeaderMap>,
}

impl Answer {
    fn new(status: StatusCode, kind: &'static str, body: impl Into<Bytes>) -> Self {
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(kind))]);
        Self { status, headers, body: body.into(), trailers: None }
    }

    pub(super) fn bytes(body: impl Into<Bytes>) -> Self {
        Self::new(StatusCode::OK, "application/json", body)
    }

    pub(super) fn json(status: StatusCode, body: &Value) -> Self {
        Self::new(status, "application/json", body.to_string())
    }

    pub(super) fn empty(status: StatusCode) -> Self {
        Self { status, headers: HeaderMap::new(), body: Bytes::new(), trailers: None }
    }

    /// A refusal in the form of the store.
    pub(super) fn refusal(status: StatusCode, code: &str, message: &str) -> Self {
        Self::json(status, &json!({"error-list": [{"code": code, "message": message}]}))
    }

    /// A page for people.
    pub(super) fn page(status: StatusCode) -> Self {
        let text = format!("<!doctype html><title>{status}</title><h1>{status}</h1>\n");
        Self::new(status, "text/html; charset=utf-8", text)
    }

    /// A message over gRPC.
    pub(super) fn message(message: &impl prost::Message) -> Self {
        let length = u32::try_from(message.encoded_len()).expect("messages are small");
        // Not compressed; then the length; then the message.
        let mut body = vec![0];
        body.extend_from_slice(&length.to_be_bytes());
        message.encode(&mut body).expect("a vector takes all");
        let zero = HeaderValue::from_static("0");
        let trailers = HeaderMap::from_iter([("grpc-status".parse().expect("a header"), zero)]);
        let answer = Self::new(StatusCode::OK, "application/grpc", body);
        Self { trailers: Some(trailers), ..answer }
    }

    /// A refusal over gRPC.
    pub(super) fn grpc_refusal(code: u16, message: &'static str) -> Self {
        let mut answer = Self::new(StatusCode::OK, "application/grpc", Bytes::new());
        answer.headers.insert("grpc-status", code.into());
        answer.headers.insert("grpc-message", HeaderValue::from_static(message));
        answer
    }

    /// The answer whole, to be sent.
    pub(super) fn whole(self) -> Response<Body> {
        let body = Full::new(self.body).map_err(|never| match never {});
        let body = match self.trailers {
            Some(trailers) => body.with_trailers(async { Some(Ok(trailers)) }).boxed_unsync(),
            None => body.boxed_unsync(),
        };
        respond(self.status, self.headers, body)
    }

    /// Half of the answer, then the connection is lost.
    pub(super) fn truncated(mut self) -> Response<Body> {
        self.headers.insert(CONTENT_LENGTH, self.body.len().into());
        let half = self.body.slice(..self.body.len() / 2);
        let half = stream::once(async { Ok(Frame::data(half)) });
        let lost = stream::once(async {
            sleep(UNTIL_LOST).await;
            Err(io::Error::new(io::ErrorKind::ConnectionAborted, "told to be lost here"))
        });
        let body = StreamBody::new(half.chain(lost));
        respond(self.status, self.headers, body.boxed_unsync())
    }

    /// The answer with one bit of its middle changed.
    pub(super) fn corrupt(self) -> Response<Body> {
        let mut body = self.body.to_vec();
        let middle = body.len() / 2;
        if let Some(byte) = body.get_mut(middle) {
            *byte ^= 1;
        }
        Self { body: body.into(), ..self }.whole()
    }

    /// Half of the answer as if it were all.
    pub(super) fn half(self) -> Response<Body> {
        Self { body: self.body.slice(..self.body.len() / 2), ..self }.whole()
    }
}

fn respond(status: StatusCode, headers: HeaderMap, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}
