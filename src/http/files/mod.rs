//! `GET /api/v1/snaps/download/{file}`: the files themselves (contract 10.5).
//!
//! What is ours comes from where files are held, a piece at a time and no faster than it is taken; of what is not, the
//! caller is told where it is. Which file a name is, `store` knows.

mod conditions;
mod content;

use crate::blobs::BlobError;
use crate::blobs::Digested;
use crate::http::asked::Asked;
use crate::http::files::conditions::Part;
use crate::http::files::conditions::is_known;
use crate::http::files::conditions::part;
use crate::http::files::content::FileBody;
use crate::http::forward::Through;
use crate::http::forward::Wanted;
use crate::http::forward::pass_through;
use crate::http::problem::Problem;
use crate::http::reply::Content;
use crate::http::reply::Reply;
use crate::http::reply::Stream;
use crate::http::site::Site;
use crate::http::store;
use crate::http::store::DeviceHeaders;
use crate::http::store::Whereabouts;
use hyper::Method;
use hyper::StatusCode;
use hyper::header::ACCEPT_RANGES;
use hyper::header::CONTENT_RANGE;
use hyper::header::ETAG;
use hyper::header::HeaderValue;
use hyper::header::LOCATION;
use std::sync::Arc;
use tokio::sync::OwnedSemaphorePermit;

/// Answers a request for a file.
pub(super) async fn answer(site: &Site, asked: &Asked<'_>) -> Result<Reply, Problem> {
    let found = {
        let published = site.shelf.load();
        let shelf = published.as_deref().ok_or(Problem::NotReady)?;
        let headers = DeviceHeaders::of(asked.headers);
        let asking = (&site.options.admission, &headers);
        store::download(shelf, (site.clock)(), asking, asked.parameter)?
    };
    match found {
        Whereabouts::Ours(file) => send(site, asked, file).await,
        Whereabouts::Elsewhere(url) => {
            let url = HeaderValue::try_from(url).expect("a URL is visible ASCII");
            Ok(Reply::json(StatusCode::FOUND, Vec::new()).with(LOCATION, url))
        }
    }
}

async fn send(site: &Site, asked: &Asked<'_>, file: Digested) -> Result<Reply, Problem> {
    let size_bytes = file.size.bytes();
    let tag = HeaderValue::try_from(format!("\"{}\"", file.sha3_384)).expect("digits in quotes");
    if is_known(asked.headers, &tag) {
        return Ok(Reply::json(StatusCode::NOT_MODIFIED, Vec::new()).with(ETAG, tag));
    }
    // A range is of what GET sends, and of nothing else (RFC 9110, 14.2).
    let part = if asked.method == Method::GET {
        part(asked.headers, &tag, size_bytes)
    } else {
        Part::Whole
    };
    let (status, stretch) = match part {
        Part::Whole => (StatusCode::OK, 0..size_bytes),
        Part::Stretch(stretch) => (StatusCode::PARTIAL_CONTENT, stretch),
        Part::Unsatisfiable => return Ok(unsatisfiable(size_bytes)),
    };
    let Ok(permit) = Arc::clone(&site.downloads).try_acquire_owned() else {
        site.metrics.dropped();
        return Ok(later("too many files are being sent at once"));
    };
    let content_range = (status == StatusCode::PARTIAL_CONTENT)
        .then(|| format!("bytes {}-{}/{size_bytes}", stretch.start, stretch.end - 1));
    let reading = site.backroom.blobs.read(file, stretch.clone()).await;
    if let Err(BlobError::Missing) = &reading
        && site.backroom.forwards.has_origin()
    {
        let wanted = Wanted { file, stretch, asked };
        return Ok(through(site, wanted, permit, (tag, content_range)).await);
    }
    let reading = match reading {
        Ok(reading) => reading,
        Err(error) => return Ok(unreadable(file, &error)),
    };
    let stream = Stream::new(FileBody::new(reading, file.sha3_384, permit));
    Ok(sent(status, stream, tag, content_range))
}

/// Sends a file that we do not hold as it comes from the store behind us.
async fn through(
    site: &Site,
    wanted: Wanted<'_>,
    permit: OwnedSemaphorePermit,
    (tag, content_range): (HeaderValue, Option<String>),
) -> Reply {
    match pass_through(&site.backroom.forwards, wanted, permit).await {
        Ok(Through { status, body }) => {
            let range = content_range.filter(|_| status == StatusCode::PARTIAL_CONTENT);
            sent(status, Stream::new(body), tag, range)
        }
        Err(refused) => *refused,
    }
}

fn sent(
    status: StatusCode,
    stream: Stream,
    tag: HeaderValue,
    content_range: Option<String>,
) -> Reply {
    let mut reply = Reply {
        content_type: "application/octet-stream",
        content: Content::Stream(stream),
        ..Reply::json(status, Vec::new())
    };
    reply = reply.with(ETAG, tag).with(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    if let Some(range) = content_range {
        let range = HeaderValue::try_from(range).expect("words and digits");
        reply = reply.with(CONTENT_RANGE, range);
    }
    reply
}

fn unreadable(file: Digested, error: &BlobError) -> Reply {
    let (digest, cause): (_, &dyn std::error::Error) = (file.sha3_384, error);
    tracing::error!(error = cause, %digest, "a file that is given out cannot be read");
    match error {
        BlobError::Missing | BlobError::AnotherFile(_) => later("the file is not at hand"),
        BlobError::Failed { .. } => later("the place of the files does not answer"),
    }
}

/// A status after which clients ask again: the address they were given is good.
fn later(message: &str) -> Reply {
    let problem = Problem::Told {
        status: StatusCode::SERVICE_UNAVAILABLE,
        code: "remote-service-unavailable",
        message: message.to_owned(),
    };
    Reply { retry_after_s: Some("1"), ..Reply::from(problem) }
}

fn unsatisfiable(size_bytes: u64) -> Reply {
    let problem = Problem::Told {
        status: StatusCode::RANGE_NOT_SATISFIABLE,
        code: "bad-argument",
        message: format!("the range lies beyond the {size_bytes} bytes of the file"),
    };
    let range = HeaderValue::try_from(format!("bytes */{size_bytes}")).expect("words and digits");
    Reply::from(problem).with(CONTENT_RANGE, range)
}
