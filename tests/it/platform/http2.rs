//! HTTP/2 without TLS: the same answers, the same limits, the same end.

use crate::platform::INFO;
use crate::platform::REFRESH;
use crate::platform::SHELF;
use crate::platform::drain::tell_to_go;
use crate::platform::get;
use crate::platform::install;
use crate::platform::refresh;
use crate::platform::refused;
use crate::platform::sent;
use crate::platform::wait_for_metric;
use crate::support::app::Received;
use crate::support::app::Sent;
use crate::support::app::TestApp;
use crate::support::app::assert_spec;
use crate::support::scenario::folder;
use futures_util::stream;
use http_body_util::BodyExt;
use http_body_util::Full;
use http_body_util::StreamBody;
use http_body_util::combinators::UnsyncBoxBody;
use hyper::Request;
use hyper::body::Bytes;
use hyper::body::Frame;
use hyper::client::conn::http2::SendRequest;
use hyper_util::rt::TokioExecutor;
use hyper_util::rt::TokioIo;
use rustix::process::Signal;
use std::convert::Infallible;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

type Body = UnsyncBoxBody<Bytes, Infallible>;

fn nothing() -> Body {
    Full::new(Bytes::new()).boxed_unsync()
}

/// A connection; its copies are streams of the same one.
#[derive(Clone)]
pub(super) struct H2 {
    sender: SendRequest<Body>,
    address: String,
}

impl H2 {
    pub(super) async fn connect(address: &str) -> Self {
        let stream = TokioIo::new(TcpStream::connect(address).await.unwrap());
        let shaken = hyper::client::conn::http2::handshake(TokioExecutor::new(), stream).await;
        let (sender, connection) = shaken.unwrap();
        tokio::spawn(connection);
        Self { sender, address: address.to_owned() }
    }

    pub(super) async fn ask(&mut self, sent: &Sent) -> Received {
        let body = Full::new(Bytes::from(sent.body.clone())).boxed_unsync();
        self.try_ask(sent, body).await.unwrap()
    }

    /// Begins a request in the background whose body is sent piece by piece.
    fn ask_in_pieces(&self, sent: Sent) -> (mpsc::Sender<String>, JoinHandle<Received>) {
        let (pieces, rest) = mpsc::channel(1);
        let body = stream::unfold(rest, async |mut rest: mpsc::Receiver<String>| {
            let piece = rest.recv().await?;
            Some((Ok(Frame::data(Bytes::from(piece))), rest))
        });
        let mut h2 = self.clone();
        let body = StreamBody::new(body).boxed_unsync();
        (pieces, tokio::spawn(async move { h2.try_ask(&sent, body).await.unwrap() }))
    }

    async fn try_ask(&mut self, sent: &Sent, body: Body) -> hyper::Result<Received> {
        let received = self.exchange(sent, body).await?;
        assert_spec(&sent.method, &sent.path, &received);
        Ok(received)
    }

    async fn exchange(&mut self, sent: &Sent, body: Body) -> hyper::Result<Received> {
        let uri = format!("http://{}{}", self.address, sent.path);
        let mut request = Request::builder().method(sent.method.as_str()).uri(uri);
        for (name, value) in &sent.headers {
            request = request.header(name, value);
        }
        self.sender.ready().await?;
        let response = self.sender.send_request(request.body(body).unwrap()).await?;
        let (parts, body) = response.into_parts();
        let body = body.collect().await?.to_bytes().to_vec();
        let text = |value: &hyper::header::HeaderValue| value.to_str().unwrap().to_owned();
        let headers = parts.headers.iter().map(|(name, value)| (name.to_string(), text(value)));
        Ok(Received { status: parts.status.as_u16(), headers: headers.collect(), body })
    }
}

#[tokio::test]
async fn the_answers_are_the_same() {
    let settings = [("SNAPWISE_MAX_BODY_BYTES", "65536")];
    let app = TestApp::with(Some(&folder().join(SHELF)), &settings).await;
    let mut h2 = H2::connect(&app.public).await;
    let requests = [
        refresh(install().to_string()),
        refresh("{"),
        refresh(vec![b' '; 70_000]),
        get(INFO),
        get("/v2/snaps/info/no-such-snap"),
        get("/nowhere"),
        get(REFRESH),
        sent("POST", "/v2/cohorts", &[], r#"{"snaps":["no-such-snap"]}"#),
    ];
    for sent in requests {
        let (new, old) = (h2.ask(&sent).await, app.send(&sent).await);
        assert_eq!((new.status, new.json()), (old.status, old.json()), "{}", sent.path);
    }
    // HEAD has the length of the answer to GET, but not the answer.
    let head = h2.ask(&sent("HEAD", INFO, &[], "")).await;
    let whole = h2.ask(&get(INFO)).await;
    assert_eq!(head.status, 200);
    assert_eq!(head.header("content-length"), Some(whole.body.len().to_string().as_str()));

    // Many at once on one connection.
    let many = (0..50).map(|_| {
        let mut h2 = h2.clone();
        tokio::spawn(async move { h2.ask(&refresh(install().to_string())).await.status })
    });
    for one in many.collect::<Vec<_>>() {
        assert_eq!(one.await.unwrap(), 200);
    }
}

#[tokio::test]
async fn limits_hold_for_each_stream_and_leave_the_others_alone() {
    let settings = [
        ("SNAPWISE_MAX_IN_FLIGHT", "1"),
        ("SNAPWISE_BODY_TIMEOUT_S", "1"),
        ("SNAPWISE_MAX_BODY_BYTES", "65536"),
    ];
    let app = TestApp::with(Some(&folder().join(SHELF)), &settings).await;
    let mut h2 = H2::connect(&app.public).await;
    let in_flight = "snapwise_http_in_flight";
    // A body that never ends; meanwhile there is room for nobody else.
    let (pieces, slow) = h2.ask_in_pieces(refresh(""));
    pieces.send("{\"context\"".to_owned()).await.unwrap();
    wait_for_metric(&app, in_flight, 1.0).await;
    let turned_away = h2.ask(&get(INFO)).await;
    refused(&turned_away, 429, "rate-limit-exceeded");
    assert!(turned_away.header("retry-after").is_some());
    refused(&slow.await.unwrap(), 408, "request-timeout");
    wait_for_metric(&app, in_flight, 0.0).await;
    // One that does not say how long it is, and is too long.
    let (pieces, long) = h2.ask_in_pieces(refresh(""));
    while pieces.send(" ".repeat(10_000)).await.is_ok() {}
    refused(&long.await.unwrap(), 413, "api-error");
    // One whose sender thinks better of it.
    let (pieces, begun) = h2.ask_in_pieces(refresh(""));
    pieces.send("{".to_owned()).await.unwrap();
    wait_for_metric(&app, in_flight, 1.0).await;
    begun.abort();
    wait_for_metric(&app, in_flight, 0.0).await;
    // More headers than anybody has, and larger ones.
    let names: Vec<_> = (0..60).map(|n| format!("X-Header-{n}")).collect();
    let many: Vec<_> = names.iter().map(|name| (name.as_str(), "")).collect();
    assert_eq!(h2.ask(&sent("GET", INFO, &many, "")).await.status, 200);
    let twice = [&many[..], &many[..]].concat();
    let long = "x".repeat(40_000);
    for flood in [&twice[..], &[("X-Flood", long.as_str())]] {
        let refused = h2.exchange(&sent("GET", INFO, flood, ""), nothing()).await.unwrap();
        assert_eq!((refused.status, refused.body.len()), (431, 0));
    }
    assert_eq!(h2.ask(&refresh(install().to_string())).await.status, 200);
}

#[tokio::test]
async fn told_to_go_the_server_finishes_its_streams_and_takes_no_more() {
    let settings = [("SNAPWISE_DRAIN_TIMEOUT_S", "60"), ("SNAPWISE_BODY_TIMEOUT_S", "60")];
    let mut app = TestApp::with(Some(&folder().join(SHELF)), &settings).await;
    let mut idle = H2::connect(&app.public).await;
    assert_eq!(idle.ask(&get(INFO)).await.status, 200);
    let h2 = H2::connect(&app.public).await;
    let body = install().to_string();
    let (begin, end) = body.split_at(20);
    let (pieces, answer) = h2.ask_in_pieces(refresh(""));
    pieces.send(begin.to_owned()).await.unwrap();
    wait_for_metric(&app, "snapwise_http_in_flight", 1.0).await;

    tell_to_go(&app, Signal::TERM);
    while idle.try_ask(&get(INFO), nothing()).await.is_ok() {}
    pieces.send(end.to_owned()).await.unwrap();
    drop(pieces);
    let received = answer.await.unwrap();
    assert_eq!(received.status, 200);
    assert_eq!(received.json()["results"][0]["snap"]["revision"], 10);
    assert_eq!(app.wait().code(), Some(0));
    let log = app.log_with("\"stopped\"").await;
    assert!(!log.contains("still open"), "{log}");
}
