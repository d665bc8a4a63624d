//! A store with a featured list and a will of its own, over HTTP.

use http_body_util::BodyExt;
use http_body_util::Full;
use hyper::Method;
use hyper::Request;
use hyper::Response;
use hyper::body::Bytes;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use serde_json::json;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;
use tokio::net::TcpListener;

/// What the store holds, and how it behaves.
#[derive(Default)]
pub(super) struct State {
    /// The ids of the featured list, in order.
    pub(super) featured: Vec<String>,
    /// What it answers to these methods instead of doing it, until it is taken.
    pub(super) refuses: Vec<(Method, u16)>,
    /// How long it takes to change the list.
    pub(super) pause: Duration,
    /// Everything it was asked to do, as `PUT ab`: the method, and the first letter of each id.
    pub(super) asked: Vec<String>,
}

/// A store that is asked over HTTP.
#[derive(Clone)]
pub(super) struct Store {
    pub(super) url: String,
    pub(super) state: Arc<Mutex<State>>,
}

impl Store {
    /// One that features these snaps; it ends with the test's runtime.
    pub(super) async fn start(featured: &[String]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = State { featured: featured.to_vec(), ..State::default() };
        let state = Arc::new(Mutex::new(state));
        let served = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let state = Arc::clone(&served);
                let service = service_fn(move |request| answer(Arc::clone(&state), request));
                let connection =
                    http1::Builder::new().serve_connection(TokioIo::new(stream), service);
                tokio::spawn(async move {
                    // A client may go whenever it likes.
                    drop(connection.await);
                });
            }
        });
        Self { url, state }
    }

    pub(super) fn featured(&self) -> Vec<String> {
        self.state.lock().unwrap().featured.clone()
    }

    /// What it was asked to do since the last time.
    pub(super) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.state.lock().unwrap().asked)
    }

    /// It answers the next request of that method with a status.
    pub(super) fn refuse(&self, method: Method, status: u16) {
        self.state.lock().unwrap().refuses.push((method, status));
    }
}

async fn answer(
    state: Arc<Mutex<State>>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let pause = state.lock().unwrap().pause;
    if parts.method != Method::GET {
        tokio::time::sleep(pause).await;
    }
    let mut state = state.lock().unwrap();
    let refused = state.refuses.iter().position(|(method, _)| *method == parts.method);
    let (status, value) = match (refused.map(|place| state.refuses.remove(place)), &parts.method) {
        (Some((_, status)), _) => (status, json!({})),
        (None, &Method::GET) => {
            let packages: Vec<_> =
                state.featured.iter().map(|id| json!({ "snap_id": id })).collect();
            (200, json!({"_embedded": {"clickindex:package": packages}, "_links": {}}))
        }
        (None, method) => {
            let token = parts.headers.get("authorization");
            assert!(
                token.is_some_and(|token| token.to_str().unwrap().contains("of the publisher"))
            );
            let ids: Value = serde_json::from_slice(&body).unwrap();
            let ids: Vec<String> = serde_json::from_value(ids["packages"].clone()).unwrap();
            let letters: String = ids.iter().filter_map(|id| id.chars().next()).collect();
            state.asked.push(format!("{method} {letters}"));
            // It adds what is new, and moves what is there.
            state.featured.retain(|id| !ids.contains(id));
            if method == Method::PUT {
                state.featured.extend(ids);
            }
            (201, json!({}))
        }
    };
    let body = Full::new(Bytes::from(value.to_string()));
    let response = Response::builder().status(status).header("content-type", "application/json");
    Ok(response.body(body).unwrap())
}
