//! A file that we do not hold, passed through from the store behind us while it is held against its digest.
//!
//! It is kept when all of it came, it is the file that the catalogue knows, and nobody showed who they are to get it.

use crate::blobs::Blobs;
use crate::blobs::Digested;
use crate::holding::Fetched;
use crate::http::asked::Asked;
use crate::http::forward::Forwards;
use crate::http::forward::failed;
use crate::http::forward::headers;
use crate::http::forward::no_upstream;
use crate::http::forward::not_passed_on;
use crate::http::forward::room::Reserved;
use crate::http::forward::room::Room;
use crate::http::problem::Problem;
use crate::http::reply::Reply;
use crate::snap::FileName;
use crate::upstream::Flow;
use crate::upstream::Passing;
use crate::upstream::UpstreamError;
use bytes::Bytes;
use futures_util::stream::Stream;
use futures_util::stream::unfold;
use hyper::Method;
use hyper::StatusCode;
use hyper::body::Body;
use hyper::body::Frame;
use hyper::body::SizeHint;
use hyper::header::CONTENT_LENGTH;
use hyper::header::CONTENT_RANGE;
use hyper::header::HeaderValue;
use hyper::header::RANGE;
use std::io;
use std::ops::Range;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Context;
use std::task::Poll;
use std::task::ready;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// How many pieces wait for who takes them: enough that neither side waits for each piece of the other.
const PIECES: usize = 4;

/// Where files go that came whole.
#[derive(Debug, Clone)]
pub struct Cellar {
    /// Where they are put.
    pub blobs: Blobs,
    /// Who is told of them.
    pub fetched: mpsc::Sender<ToKeep>,
    /// The largest file that is kept; none is for 0.
    pub max_file_bytes: u64,
    /// How much may be kept in all.
    pub room: Arc<Room>,
}

/// Something to be kept, and the room that is taken for it until it is held.
#[derive(Debug)]
pub struct ToKeep {
    /// What was fetched.
    pub fetched: Fetched,
    /// Of a file.
    pub reserved: Option<Reserved>,
}

/// What is asked of a file: all of it, or a stretch.
pub(in crate::http) struct Wanted<'a> {
    pub(in crate::http) file: Digested,
    pub(in crate::http) stretch: Range<u64>,
    pub(in crate::http) asked: &'a Asked<'a>,
}

/// A file on its way through, and whether it is the stretch that was asked for or all of it.
pub(in crate::http) struct Through {
    pub(in crate::http) status: StatusCode,
    pub(in crate::http) body: ThroughBody,
}

/// Begins to pass a file through.
pub(in crate::http) async fn pass_through(
    forwards: &Forwards,
    wanted: Wanted<'_>,
    permit: OwnedSemaphorePermit,
) -> Result<Through, Box<Reply>> {
    let Wanted { file, stretch, asked } = wanted;
    let origin = forwards.origin.clone().ok_or_else(|| refused(no_upstream()))?;
    let name: FileName = asked.parameter.parse().expect("the file of that name was found");
    let size_bytes = file.size.bytes();
    if *asked.method == Method::HEAD {
        // What is known of the file answers it.
        let body = ThroughBody { pieces: mpsc::channel(1).1, left: size_bytes, _permit: permit };
        return Ok(Through { status: StatusCode::OK, body });
    }
    let is_whole = stretch == (0..size_bytes);
    let mut headers = headers::sent(asked.headers);
    headers.remove("if-none-match");
    let is_for_anybody = !headers::shows_credentials(&headers);
    if !is_whole {
        let range = format!("bytes={}-{}", stretch.start, stretch.end - 1);
        headers.insert(RANGE, HeaderValue::try_from(range).expect("words and digits"));
    }
    let passing = Passing::get(format!("/api/v1/snaps/download/{name}"), headers);
    let mut opening = JoinSet::new();
    let open = async move { origin.open("fetch a file", passing).await };
    opening.spawn_on(open, &forwards.runtime);
    let Some(Ok(opened)) = opening.join_next().await else {
        return Err(refused(Problem::Internal));
    };
    let flow = opened.map_err(|error| refused(failed(&error)))?;
    let (status, length) = length(&flow, file, &stretch)?;
    let keeps = is_whole && status == StatusCode::OK && is_for_anybody;
    let cellar = forwards.cellar.clone();
    let cellar = cellar.filter(|cellar| keeps && size_bytes <= cellar.max_file_bytes);
    let cellar = cellar.and_then(|cellar| Some((cellar.room.reserve(size_bytes)?, cellar)));
    let (pieces, to_come) = mpsc::channel(PIECES);
    // It outlives who asked: a file that came whole is put in its place behind the last byte that they took.
    forwards.runtime.spawn(pump(flow, pieces, cellar, (name, file)));
    Ok(Through { status, body: ThroughBody { pieces: to_come, left: length, _permit: permit } })
}

fn refused(problem: Problem) -> Box<Reply> {
    Box::new(problem.into())
}

/// The status that is passed on and how many bytes follow, if the answer is about the file we know.
fn length(
    flow: &Flow,
    file: Digested,
    stretch: &Range<u64>,
) -> Result<(StatusCode, u64), Box<Reply>> {
    let size_bytes = file.size.bytes();
    let stated = |name| flow.headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let wrong = |rule| {
        let digest = file.sha3_384;
        tracing::warn!(%digest, rule, "the upstream store offers another file than the one asked for");
        Err(refused(Problem::Told {
            status: StatusCode::BAD_GATEWAY,
            code: "remote-service-unavailable",
            message: "the upstream store offers another file".to_owned(),
        }))
    };
    match flow.status {
        StatusCode::OK => {
            let length = stated(CONTENT_LENGTH).map(str::parse::<u64>);
            if length.is_some_and(|length| length != Ok(size_bytes)) {
                return wrong("it has another size");
            }
            Ok((StatusCode::OK, size_bytes))
        }
        StatusCode::PARTIAL_CONTENT => {
            let range = format!("bytes {}-{}/{size_bytes}", stretch.start, stretch.end - 1);
            if stated(CONTENT_RANGE) != Some(&*range) {
                return wrong("it is another stretch");
            }
            Ok((StatusCode::PARTIAL_CONTENT, stretch.end - stretch.start))
        }
        StatusCode::NOT_FOUND => {
            Err(refused(Problem::NotFound("there is no such file".to_owned())))
        }
        status => {
            let passes = matches!(status.as_u16(), 401 | 402 | 403 | 429);
            let shown = if passes { status } else { StatusCode::BAD_GATEWAY };
            let headers = headers::said(&flow.headers);
            Err(Box::new(Reply { headers, ..not_passed_on(shown, status) }))
        }
    }
}

/// Hands on what comes, to the caller and to where it is kept. Who goes away, or a flow that breaks off, ends both.
async fn pump(
    mut flow: Flow,
    pieces: mpsc::Sender<Result<Bytes, UpstreamError>>,
    cellar: Option<(Reserved, Cellar)>,
    (name, file): (FileName, Digested),
) {
    let (mut to_keep, mut keeping) = (None, JoinSet::new());
    if let Some((reserved, cellar)) = cellar {
        let (sender, receiver) = mpsc::channel(PIECES);
        keeping.spawn(keep((reserved, cellar), receiver, name, file));
        to_keep = Some(sender);
    }
    loop {
        match flow.chunk().await {
            Ok(Some(chunk)) => {
                if let Some(sender) = &to_keep
                    && sender.send(Ok(chunk.clone())).await.is_err()
                {
                    to_keep = None;
                }
                if pieces.send(Ok(chunk)).await.is_err() {
                    break;
                }
            }
            Ok(None) => {
                // It has come whole, as far as anybody said.
                if let Some(sender) = to_keep.take() {
                    drop(sender.send(Err(io::ErrorKind::UnexpectedEof)).await);
                }
                break;
            }
            Err(error) => {
                tracing::warn!(%error, "a file broke off while it was passed through");
                // Whoever asked may be gone.
                drop(pieces.send(Err(error)).await);
                break;
            }
        }
    }
    drop((pieces, to_keep));
    while keeping.join_next().await.is_some() {}
}

/// Puts the file in its place, if it is that file, and tells of it. The end is told as an end of file; pieces that stop
/// without it are no file.
async fn keep(
    (reserved, cellar): (Reserved, Cellar),
    pieces: mpsc::Receiver<Result<Bytes, io::ErrorKind>>,
    name: FileName,
    file: Digested,
) {
    let put = cellar.blobs.put(file, until_told(pieces)).await;
    let digest = file.sha3_384;
    if let Err(error) = put {
        let error: &dyn std::error::Error = &error;
        tracing::warn!(error, %digest, "a file that was passed through is discarded");
        return;
    }
    let fetched = Fetched::File { snap: name.id(), file };
    // Nobody waits here any more but this file.
    let told = cellar.fetched.send(ToKeep { fetched, reserved: Some(reserved) }).await;
    if told.is_err() {
        tracing::warn!(%digest, "a file that was passed through is in its place, but nobody was told");
    }
}

/// The pieces up to the one that tells the end; without it, a failure.
fn until_told(
    pieces: mpsc::Receiver<Result<Bytes, io::ErrorKind>>,
) -> impl Stream<Item = Result<Bytes, io::Error>> {
    unfold(Some(pieces), |pieces| async {
        let mut pieces = pieces?;
        match pieces.recv().await {
            Some(Ok(piece)) => Some((Ok(piece), Some(pieces))),
            Some(Err(_)) => None,
            None => Some((Err(io::ErrorKind::ConnectionAborted.into()), None)),
        }
    })
}

/// The body: as long as it was said to be, or broken off so that the caller cannot take it for whole.
pub(in crate::http) struct ThroughBody {
    pieces: mpsc::Receiver<Result<Bytes, UpstreamError>>,
    left: u64,
    /// The place among those who are sent a file.
    _permit: OwnedSemaphorePermit,
}

impl Body for ThroughBody {
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let body = self.get_mut();
        let piece = ready!(body.pieces.poll_recv(context));
        Poll::Ready(match piece {
            Some(Ok(piece)) if piece.len() as u64 > body.left => {
                Some(Err("the upstream store sends more than the file".into()))
            }
            Some(Ok(piece)) => {
                body.left -= piece.len() as u64;
                Some(Ok(Frame::data(piece)))
            }
            Some(Err(error)) => Some(Err(error.into())),
            None if body.left > 0 => Some(Err("the upstream store broke off".into())),
            None => None,
        })
    }

    fn is_end_stream(&self) -> bool {
        false
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
