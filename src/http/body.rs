//! Reads a request's body, up to a size and within a time.

use crate::http::problem::Problem;
use bytes::Bytes;
use bytes::BytesMut;
use http_body_util::BodyExt;
use hyper::body::Body;
use hyper::body::Incoming;
use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;
use tokio::time::timeout;

/// How much more than the limit is read and thrown away, so that a caller who is still sending gets to see the
/// refusal instead of a reset connection; as many times the limit.
const PATIENCE: usize = 4;

/// The whole body.
///
/// # Errors
/// When it is larger than `max_bytes`, does not arrive in time, or breaks off.
pub(super) async fn read(
    incoming: Incoming,
    max_bytes: usize,
    within: Duration,
) -> Result<Bytes, Problem> {
    if incoming.is_end_stream() {
        return Ok(Bytes::new());
    }
    let mut body = std::pin::pin!(collect(incoming, max_bytes));
    // Nearly every body is there already, and then needs no timer.
    match poll_fn(|context| Poll::Ready(body.as_mut().poll(context))).await {
        Poll::Ready(body) => body,
        Poll::Pending => timeout(within, body).await.unwrap_or(Err(Problem::TooSlow)),
    }
}

async fn collect(mut incoming: Incoming, max_bytes: usize) -> Result<Bytes, Problem> {
    let mut first: Option<Bytes> = None;
    let mut whole = BytesMut::new();
    let mut n = 0;
    while let Some(frame) = incoming.frame().await {
        let frame = frame.map_err(|_| Problem::body("", "the body broke off"))?;
        let Ok(chunk) = frame.into_data() else { continue };
        n += chunk.len();
        if n > max_bytes {
            whole = BytesMut::new();
            first = None;
            if n > PATIENCE * max_bytes {
                return Err(Problem::TooLarge(max_bytes));
            }
            continue;
        }
        match first.take() {
            None if whole.is_empty() => first = Some(chunk),
            before => {
                whole.extend_from_slice(&before.unwrap_or_default());
                whole.extend_from_slice(&chunk);
            }
        }
    }
    if n > max_bytes {
        return Err(Problem::TooLarge(max_bytes));
    }
    Ok(first.unwrap_or_else(|| whole.freeze()))
}
