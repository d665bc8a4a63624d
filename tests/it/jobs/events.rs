//! A job's course as server-sent events.

use crate::jobs::Place;
use crate::jobs::doors::finish;
use crate::jobs::now;
use crate::jobs::plain;
use crate::support::app::PATIENCE;
use crate::support::app::Received;
use crate::support::app::Sent;
use crate::support::app::TestApp;
use crate::support::app::ask;
use crate::support::app::assert_spec;
use http_body_util::BodyExt;
use http_body_util::Empty;
use hyper::Request;
use hyper::body::Bytes;
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use serde_json::json;
use snapwise::db::jobs;
use snapwise::db::jobs::Advance;
use snapwise::db::jobs::JobId;
use snapwise::db::jobs::Outcome;
use std::time::Duration;
use std::time::Instant;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// What a stream says, event by event.
struct Events(Incoming);

impl Events {
    async fn of(app: &TestApp, id: JobId) -> Self {
        let stream = TcpStream::connect(&app.internal).await.unwrap();
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        let request = Request::get(format!("/v2/jobs/{id}/events")).header("host", "x");
        let response = sender.send_request(request.body(Empty::<Bytes>::new()).unwrap()).await;
        let response = response.unwrap();
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["cache-control"], "no-store");
        // The connection ends with its sender.
        std::mem::forget(sender);
        Self(response.into_body())
    }

    /// The next event: its name, and the job.
    async fn next(&mut self) -> Option<(String, Value)> {
        Some(event(&self.text().await?))
    }

    /// What is said next.
    async fn text(&mut self) -> Option<String> {
        let frame = timeout(PATIENCE, self.0.frame()).await.unwrap()?.unwrap();
        Some(String::from_utf8(frame.into_data().unwrap().to_vec()).unwrap())
    }
}

/// One event as it is written.
fn event(text: &str) -> (String, Value) {
    let lines: Vec<_> = text.lines().collect();
    let [name, data, ""] = lines.as_slice() else { panic!("not an event: {text:?}") };
    let data: Value = serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
    (name.strip_prefix("event: ").unwrap().to_owned(), data["job"].clone())
}

#[tokio::test]
async fn a_follower_sees_every_change_in_order_and_the_end() {
    let place = Place::new().await;
    let app = TestApp::serve(&place.test.url, &[]);
    let client = place.client().await;
    let id = place.enqueue(&plain("mine", None)).await.id;
    let mut events = Events::of(&app, id).await;
    let (name, job) = events.next().await.unwrap();
    assert_eq!((name.as_str(), &job["state"]), ("snapshot", &json!("queued")));
    // Another job is none of its business.
    place.enqueue(&plain("other", None)).await;
    let (_, lease) = jobs::claim(&client, &["mine"], "w", 1, now()).await.unwrap().unwrap();
    let (name, job) = events.next().await.unwrap();
    assert_eq!((name.as_str(), &job["state"]), ("change", &json!("running")));
    let mut progress = 0.0;
    for done in 1..=5_i32 {
        let advance = Advance {
            stage: Some("one".to_owned()),
            done: i64::from(done),
            total: Some(5),
            progress: f64::from(done) / 10.0,
        };
        jobs::progress(&client, &lease, &advance, now()).await.unwrap();
        let (name, job) = events.next().await.unwrap();
        assert_eq!((name.as_str(), &job["done"]), ("change", &json!(done)));
        assert!(job["progress"].as_f64().unwrap() > progress, "{job}");
        progress = job["progress"].as_f64().unwrap();
    }
    finish(&place, &lease, Outcome::Succeeded(json!({"n": 5}))).await;
    let (name, job) = events.next().await.unwrap();
    assert_eq!((name.as_str(), &job["state"]), ("end", &json!("succeeded")));
    assert_eq!((&job["result"], &job["progress"]), (&json!({"n": 5}), &json!(1.0)));
    assert_eq!(events.next().await, None, "nothing comes after the end");
}

#[tokio::test]
async fn who_comes_late_gets_the_end() {
    let place = Place::new().await;
    let app = TestApp::serve(&place.test.url, &[]);
    let id = place.enqueue(&plain("mine", None)).await.id;
    jobs::cancel(&place.client().await, id, now()).await.unwrap();
    let path = format!("/v2/jobs/{id}/events");
    let sent = |method: &str| Sent {
        method: method.to_owned(),
        path: path.clone(),
        headers: Vec::new(),
        body: Vec::new(),
    };
    let received: Received = ask(&app.internal, &sent("GET")).await.unwrap();
    assert_spec("GET", &path, &received);
    let (name, job) = event(std::str::from_utf8(&received.body).unwrap());
    assert_eq!((name.as_str(), &job["state"]), ("end", &json!("cancelled")));
    let head = ask(&app.internal, &sent("HEAD")).await.unwrap();
    assert_spec("HEAD", &path, &head);
    assert_eq!((head.status, head.body.len()), (200, 0));
}

#[tokio::test]
async fn a_follower_outlives_a_break_of_the_news() {
    let place = Place::new().await;
    let app = TestApp::serve(&place.test.url, &[]);
    let client = place.client().await;
    let id = place.enqueue(&plain("mine", None)).await.id;
    let mut events = Events::of(&app, id).await;
    events.next().await.unwrap();
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
               WHERE datname = current_database() AND query = 'LISTEN \"snapwise_job\"'";
    assert!(!client.query(cut, &[]).await.unwrap().is_empty());
    jobs::cancel(&client, id, now()).await.unwrap();
    let (name, job) = events.next().await.unwrap();
    assert_eq!((name.as_str(), &job["state"]), ("end", &json!("cancelled")));
}

#[tokio::test]
async fn a_follower_of_a_job_that_stands_still_is_not_taken_for_idle() {
    let place = Place::new().await;
    let app = TestApp::serve(&place.test.url, &[("SNAPWISE_HEADER_TIMEOUT_S", "1")]);
    let id = place.enqueue(&plain("mine", None)).await.id;
    let mut events = Events::of(&app, id).await;
    events.next().await.unwrap();
    let since = Instant::now();
    while since.elapsed() < Duration::from_secs(3) {
        assert_eq!(events.text().await.as_deref(), Some(": nothing new\n\n"));
    }
    jobs::cancel(&place.client().await, id, now()).await.unwrap();
    loop {
        let text = events.text().await.expect("it is told of the end");
        if !text.starts_with(':') {
            break assert_eq!(event(&text).0, "end");
        }
    }
}
