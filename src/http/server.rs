//! Accepts connections, within limits, until it is told to go.

use crate::http::activity::Activity;
use crate::http::activity::Noted;
use crate::http::reply::Payload;
use crate::http::respond::respond;
use crate::http::route::Side;
use crate::http::site::Site;
use crate::http::workers::Workers;
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::future::Either;
use futures_util::stream::FuturesUnordered;
use hyper::Request;
use hyper::Response;
use hyper::StatusCode;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::TokioExecutor;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::GracefulConnection;
use std::convert::Infallible;
use std::io;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::sync::oneshot;
use tokio::sync::watch;
use tokio::time::sleep;
use tokio::time::timeout;

/// The most header bytes of one request; snapd sends under 1 KiB.
const MAX_HEADER_BYTES: usize = 32 * 1_024;
/// The most headers of one request; snapd sends about 15.
const MAX_HEADERS: usize = 64;
/// The most requests at once on one HTTP/2 connection.
const MAX_STREAMS: u32 = 64;
/// How long to wait after the system could not hand over a connection, mostly for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// How long operators may take for their last answers, when devices have theirs.
const LAST_ANSWERS: Duration = Duration::from_secs(1);

/// What a server allows its callers.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The most connections at once; more wait in the system's queue.
    pub max_connections: usize,
    /// Threads that answer.
    pub n_threads: usize,
    /// How long requests in flight may take to finish once the server is told to go.
    pub drain_timeout: Duration,
}

/// The sockets a server answers on.
#[derive(Debug)]
pub struct Listeners {
    /// For everybody.
    pub public: TcpListener,
    /// For operators.
    pub internal: TcpListener,
}

/// Serves until `stop` ends; then takes no more connections, finishes what is in flight and returns. The internal
/// listener answers to the end, so that operators see the draining.
///
/// # Errors
/// When the system has no room for the threads.
pub async fn serve(
    site: Arc<Site>,
    listeners: Listeners,
    limits: Limits,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let workers = Workers::start(limits.n_threads)?;
    let (last, after_last) = oneshot::channel::<()>();
    let internal = tokio::spawn(accept(
        Arc::clone(&site),
        Side::Internal,
        (listeners.internal, Workers::here()),
        limits,
        async { drop(after_last.await) },
    ));
    let draining = Arc::clone(&site);
    let stop = async move {
        stop.await;
        draining.drain();
    };
    accept(site, Side::Public, (listeners.public, workers), limits, stop).await;
    drop(last);
    // Who waited for a job has its answer by now, all but the last bytes.
    let stop = internal.abort_handle();
    if timeout(LAST_ANSWERS, internal).await.is_err() {
        stop.abort();
    }
    Ok(())
}

async fn accept(
    site: Arc<Site>,
    audience: Side,
    (listener, workers): (TcpListener, Workers),
    limits: Limits,
    stop: impl Future<Output = ()>,
) {
    let going = watch::Sender::new(());
    let room = Arc::new(Semaphore::new(limits.max_connections));
    let errands = site.errands.clone();
    let mut stop = pin!(stop);
    loop {
        let permit = tokio::select! {
            permit = Arc::clone(&room).acquire_owned() => permit.expect("nobody closes it"),
            () = &mut stop => break,
        };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        // Another thread's runtime serves it.
        let accepted = accepted.and_then(|(stream, peer)| Ok((stream.into_std()?, peer.ip())));
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "could not accept a connection");
                sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let connection =
            Connection { site: Arc::clone(&site), audience, peer, activity: Arc::default() };
        let gone = going.subscribe();
        workers.serve(async move {
            connection.serve(stream, gone).await;
            drop(permit);
        });
    }
    drop(listener);
    going.send_replace(());
    // Each connection holds a receiver as long as it lasts.
    if timeout(limits.drain_timeout, going.closed()).await.is_err() {
        tracing::warn!("connections were still open when the time to drain ended");
    }
    // They are done on the threads that are about to go.
    if audience == Side::Public && timeout(limits.drain_timeout, errands.done()).await.is_err() {
        tracing::error!("work for an editor was not done when the time to drain ended");
    }
    // Joining the threads may wait for the answers they are at.
    tokio::task::spawn_blocking(move || drop(workers)).await.expect("dropping does not panic");
}

/// What the requests of one connection share. One for each connection, so that counting its references costs
/// nothing between processors.
struct Connection {
    site: Arc<Site>,
    audience: Side,
    peer: IpAddr,
    activity: Arc<Activity>,
}

/// What may end a connection that does not end by itself.
enum End {
    /// Nothing happened on it any more.
    Idle,
    /// The server is told to go.
    Going,
}

impl Connection {
    async fn serve(self, stream: std::net::TcpStream, mut going: watch::Receiver<()>) {
        let stream = match TcpStream::from_std(stream) {
            Ok(stream) => stream,
            Err(error) => {
                tracing::warn!(%error, "could not take over a connection");
                return;
            }
        };
        // Answers are written whole; waiting to fill a packet would only delay them.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "could not switch delays off");
        }
        let gauge = self.site.metrics.connections().clone();
        let (activity, idle_timeout) = (Arc::clone(&self.activity), self.site.options.idle_timeout);
        let idle = async {
            activity.ends(idle_timeout).await;
            End::Idle
        };
        let gone = async {
            // An error says that the sender is gone, which comes to the same.
            drop(going.changed().await);
            End::Going
        };
        // These are looked at when they have something to say, not for every request.
        let ends = FuturesUnordered::from_iter([Either::Left(idle), Either::Right(gone)]);
        gauge.inc();
        if let Err(error) = self.talk(stream, ends).await {
            tracing::debug!(error, "a connection ended early");
        }
        gauge.dec();
    }

    /// Speaks the version of HTTP that the other side begins with.
    async fn talk(
        self,
        mut stream: TcpStream,
        mut ends: FuturesUnordered<impl Future<Output = End>>,
    ) -> Result<(), BoxError> {
        let begun = tokio::select! {
            begun = first_bytes(&mut stream) => begun?,
            // Who has not asked anything holds up nobody.
            Some(_) = ends.next() => return Ok(()),
        };
        let speaks_http2 = begun == PREFACE;
        let stream = Noted::new(TokioIo::new(stream), begun, Arc::clone(&self.activity));
        let connection = Arc::new(self);
        let service = service_fn(move |request: Request<Incoming>| {
            let connection = Arc::clone(&connection);
            async move {
                let _in_flight = connection.activity.begin();
                // HTTP/1 is told so before it comes here.
                if request.headers().len() > MAX_HEADERS {
                    return Ok(too_many_headers());
                }
                let from = (connection.audience, connection.peer);
                Ok::<_, Infallible>(respond(&connection.site, from, request).await)
            }
        });
        if speaks_http2 {
            let connection = http2::Builder::new(TokioExecutor::new())
                .max_concurrent_streams(MAX_STREAMS)
                .max_header_list_size(u32::try_from(MAX_HEADER_BYTES).expect("it is small"))
                .serve_connection(stream, service);
            until_end(connection, ends).await
        } else {
            let connection = http1::Builder::new()
                .header_read_timeout(None)
                .max_headers(MAX_HEADERS)
                .max_buf_size(MAX_HEADER_BYTES)
                // Who has sent a whole request and closed that direction is still listening.
                .half_close(true)
                .serve_connection(stream, service);
            until_end(connection, ends).await
        }
    }
}

/// What hyper says to it over HTTP/1.
fn too_many_headers() -> Response<Payload> {
    let mut response = Response::new(Payload::empty());
    *response.status_mut() = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
    response
}

/// Answers until the other side goes, or one of the ends comes: when the server goes, what is in flight is finished.
async fn until_end<C: GracefulConnection<Error: Into<BoxError>>>(
    connection: C,
    mut ends: FuturesUnordered<impl Future<Output = End>>,
) -> Result<(), BoxError> {
    let mut connection = pin!(connection);
    loop {
        tokio::select! {
            biased;
            ended = connection.as_mut() => return ended.map_err(Into::into),
            Some(end) = ends.next() => match end {
                End::Idle => return Err("nothing happened any more".into()),
                End::Going => connection.as_mut().graceful_shutdown(),
            },
        }
    }
}

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// How HTTP/2 with prior knowledge begins (RFC 9113, 3.4). No method of HTTP/1 does.
const PREFACE: &[u8] = b"PRI ";

/// The first bytes: as many as tell the version of HTTP, or fewer when no more come.
async fn first_bytes(stream: &mut TcpStream) -> io::Result<Bytes> {
    let mut bytes = [0; PREFACE.len()];
    let mut n = 0;
    while n < bytes.len() && bytes[..n] == PREFACE[..n] {
        let read = stream.read(&mut bytes[n..]).await?;
        if read == 0 {
            break;
        }
        n += read;
    }
    Ok(Bytes::copy_from_slice(&bytes[..n]))
}
