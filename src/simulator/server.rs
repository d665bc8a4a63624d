//! Accepts connections on loopback until it is dropped, over HTTP/1 and, for gRPC, HTTP/2 with prior knowledge.

use crate::simulator::catalogue::Catalogue;
use crate::simulator::faults::Faults;
use crate::simulator::respond::respond;
use crate::simulator::world::World;
use crate::snap::Instant;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::TokioExecutor;
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::task::JoinSet;
use tokio::time::sleep;

/// How HTTP/2 with prior knowledge begins.
const PREFACE: &[u8] = b"PRI ";

/// How long to wait for the rest of the first four bytes, which nearly always come at once.
const FIRST_BYTES_PAUSE: Duration = Duration::from_millis(1);

/// How long to wait after a connection could not be taken.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// The simulated services, answering. They end when this is dropped.
#[derive(Debug)]
pub struct Simulator {
    address: SocketAddr,
    world: Arc<World>,
    accepting: JoinHandle<()>,
}

impl Simulator {
    /// Where they answer.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Puts faults in force in place of the earlier ones, as `PUT /_sim/faults` does.
    pub fn set(&self, faults: Faults) {
        self.world.set(faults);
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Begins to answer on a loopback address, on the runtime it is called within.
///
/// # Errors
/// When the address is not of this machine alone, or cannot be listened on.
pub async fn start(
    listen: SocketAddr,
    catalogue: Catalogue,
    faults: Faults,
    now: Instant,
) -> io::Result<Simulator> {
    if !listen.ip().is_loopback() {
        let message = "a simulated upstream answers on loopback addresses only";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
    }
    let listener = TcpListener::bind(listen).await?;
    let address = listener.local_addr()?;
    let world = Arc::new(World::new(catalogue, faults, now));
    let accepting = tokio::spawn(accept(listener, Arc::clone(&world)));
    Ok(Simulator { address, world, accepting })
}

async fn accept(listener: TcpListener, world: Arc<World>) {
    // Dropped with this task, it ends the connections.
    let mut connections = JoinSet::new();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                connections.spawn(talk(stream, Arc::clone(&world)));
            }
            Err(error) => {
                tracing::warn!(%error, "could not accept a connection");
                sleep(ACCEPT_PAUSE).await;
            }
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn talk(stream: TcpStream, world: Arc<World>) {
    // Answers are written whole; waiting to fill a packet would only delay them.
    let speaks_http2 = match stream.set_nodelay(true) {
        Ok(()) => speaks_http2(&stream).await,
        Err(error) => Err(error),
    };
    let service = service_fn(move |request: Request<Incoming>| {
        let world = Arc::clone(&world);
        async move { Ok::<_, Infallible>(respond(&world, request).await) }
    });
    let io = TokioIo::new(stream);
    let ended = match speaks_http2 {
        Ok(true) => http2::Builder::new(TokioExecutor::new()).serve_connection(io, service).await,
        Ok(false) => http1::Builder::new().serve_connection(io, service).await,
        Err(_) => return,
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

/// Whether the other side begins as HTTP/2 does; the bytes stay to be read.
async fn speaks_http2(stream: &TcpStream) -> io::Result<bool> {
    let mut bytes = [0; PREFACE.len()];
    loop {
        let n = stream.peek(&mut bytes).await?;
        if n == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if n == PREFACE.len() || bytes[..n] != PREFACE[..n] {
            return Ok(bytes == PREFACE);
        }
        sleep(FIRST_BYTES_PAUSE).await;
    }
}
