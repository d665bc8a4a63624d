//! Accepts connections, within limits, until it is told to go.

use crate::http::respond::respond;
use crate::http::route::Side;
use crate::http::site::Site;
use hyper::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioExecutor;
use hyper_util::rt::TokioIo;
use hyper_util::rt::TokioTimer;
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
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

/// What a server allows its callers.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The most connections at once; more wait in the system's queue.
    pub max_connections: usize,
    /// How long a request's headers may take, and how long a connection may stay idle.
    pub header_timeout: Duration,
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
pub async fn serve(
    site: Arc<Site>,
    listeners: Listeners,
    limits: Limits,
    stop: impl Future<Output = ()>,
) {
    let internal = tokio::spawn(accept(
        Arc::clone(&site),
        Side::Internal,
        listeners.internal,
        limits,
        std::future::pending(),
    ));
    let draining = Arc::clone(&site);
    let stop = async move {
        stop.await;
        draining.drain();
    };
    accept(site, Side::Public, listeners.public, limits, stop).await;
    internal.abort();
}

async fn accept(
    site: Arc<Site>,
    audience: Side,
    listener: TcpListener,
    limits: Limits,
    stop: impl Future<Output = ()>,
) {
    let builder = Arc::new(builder(limits));
    let graceful = GracefulShutdown::new();
    let room = Arc::new(Semaphore::new(limits.max_connections));
    let mut stop = std::pin::pin!(stop);
    loop {
        let permit = tokio::select! {
            permit = Arc::clone(&room).acquire_owned() => permit.expect("nobody closes it"),
            () = &mut stop => break,
        };
        let stream = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!(%error, "could not accept a connection");
                    sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            },
            () = &mut stop => break,
        };
        // Answers are written whole; waiting to fill a packet would only delay them.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "could not switch delays off");
        }
        let site = Arc::clone(&site);
        let gauge = site.metrics.connections().clone();
        let asked = Arc::new(AtomicBool::new(false));
        let has_asked = Arc::clone(&asked);
        let service = service_fn(move |request: Request<Incoming>| {
            has_asked.store(true, Ordering::Relaxed);
            let site = Arc::clone(&site);
            async move { Ok::<_, Infallible>(respond(&site, audience, request).await) }
        });
        let connection = builder.serve_connection(TokioIo::new(stream), service).into_owned();
        let connection = graceful.watch(connection);
        gauge.inc();
        tokio::spawn(async move {
            let mut connection = std::pin::pin!(connection);
            // hyper's own timer starts only when it knows the version of HTTP, so not for those who say nothing.
            let ended = match timeout(limits.header_timeout, &mut connection).await {
                Err(_) if !asked.load(Ordering::Relaxed) => Err("no request in time".into()),
                Err(_) => connection.await,
                Ok(ended) => ended,
            };
            if let Err(error) = ended {
                tracing::debug!(error, "a connection ended early");
            }
            gauge.dec();
            drop(permit);
        });
    }
    drop(listener);
    if timeout(limits.drain_timeout, graceful.shutdown()).await.is_err() {
        tracing::warn!("connections were still open when the time to drain ended");
    }
}

fn builder(limits: Limits) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_timeout)
        .max_headers(MAX_HEADERS)
        .max_buf_size(MAX_HEADER_BYTES)
        // Who has sent a whole request and closed that direction is still listening.
        .half_close(true)
        .pipeline_flush(true);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(MAX_STREAMS)
        .max_header_list_size(u32::try_from(MAX_HEADER_BYTES).expect("it is small"))
        .keep_alive_interval(limits.header_timeout)
        .keep_alive_timeout(limits.header_timeout);
    builder
}
