//! An upstream that says what it is told to and remembers what it was asked, over real HTTP in this process.

use crate::support::app::PATIENCE;
use crate::support::app::Received;
use crate::support::app::Sent;
use http_body_util::BodyExt;
use http_body_util::Full;
use hyper::Request;
use hyper::Response;
use hyper::body::Bytes;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::Instant;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::task::JoinSet;

/// What it says to a request; nothing yet, for `None`.
type Says = dyn Fn(&Sent) -> Option<Received> + Send + Sync;

/// The upstream; it ends with this value.
pub(crate) struct Recorder {
    pub(crate) address: String,
    asked: Arc<Mutex<Vec<Sent>>>,
    connections: Arc<AtomicUsize>,
    accepting: JoinHandle<()>,
}

/// An answer with that status, these headers and that body.
pub(crate) fn said(status: u16, headers: &[(&str, &str)], body: &str) -> Received {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Received { status, headers: headers.collect(), body: body.as_bytes().to_vec() }
}

impl Recorder {
    /// One that says that.
    pub(crate) async fn start(
        says: impl Fn(&Sent) -> Option<Received> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (asked, connections) = (Arc::default(), Arc::<AtomicUsize>::default());
        let says: Arc<Says> = Arc::new(says);
        let (kept, counted) = (Arc::clone(&asked), Arc::clone(&connections));
        let accepting = tokio::spawn(async move {
            // Dropped with this task, it ends the connections.
            let mut connections = JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                counted.fetch_add(1, Ordering::SeqCst);
                let (says, kept) = (Arc::clone(&says), Arc::clone(&kept));
                let service = service_fn(move |request| {
                    answer(Arc::clone(&says), Arc::clone(&kept), request)
                });
                connections
                    .spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
        Self { address, asked, connections, accepting }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What it was asked so far.
    pub(crate) fn asked(&self) -> Vec<Sent> {
        self.asked.lock().unwrap().clone()
    }

    /// How often somebody connected.
    pub(crate) fn n_connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// Waits until it was asked so often.
    pub(crate) async fn wait_for(&self, n: usize) {
        let since = Instant::now();
        while self.asked().len() < n {
            assert!(since.elapsed() < PATIENCE, "asked {} times, not {n}", self.asked().len());
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn answer(
    says: Arc<Says>,
    asked: Arc<Mutex<Vec<Sent>>>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes().to_vec();
    let headers = parts.headers.iter().map(|(name, value)| {
        (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    });
    let sent = Sent {
        method: parts.method.to_string(),
        path: parts.uri.to_string(),
        headers: headers.collect(),
        body,
    };
    asked.lock().unwrap().push(sent.clone());
    let said = loop {
        match says(&sent) {
            Some(said) => break said,
            None => tokio::time::sleep(std::time::Duration::from_millis(5)).await,
        }
    };
    let mut response = Response::builder().status(said.status);
    for (name, value) in &said.headers {
        response = response.header(name, value);
    }
    Ok(response.body(Full::new(said.body.into())).unwrap())
}
