//! Load: clients that ask the same question over and over on kept connections, and hold every answer against
//! what may be said.

use crate::support::app::PATIENCE;
use crate::support::app::Sent;
use http_body_util::BodyExt;
use http_body_util::Full;
use hyper::Request;
use hyper::body::Bytes;
use hyper::client::conn::http1::SendRequest;
use hyper_util::rt::TokioIo;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

/// The pause between two requests of a client: the machine is shared.
const PAUSE: Duration = Duration::from_millis(1);

/// What a check makes of the body of an answer with status 200: what was seen in it, or what is wrong with it.
pub(super) type Seen = Result<i64, String>;

/// Clients at work.
pub(super) struct Load {
    is_over: Arc<AtomicBool>,
    n_answers: Arc<AtomicUsize>,
    clients: Vec<JoinHandle<Tally>>,
}

/// What the clients got.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Answers that must not be.
    pub(super) faults: Vec<String>,
    /// Connections that broke.
    pub(super) n_lost: usize,
    /// What each client saw, in order, repetitions left out.
    pub(super) seen: Vec<Vec<i64>>,
}

impl Load {
    /// Sets that many clients to work.
    pub(super) fn start(
        address: &str,
        n_clients: usize,
        sent: &Sent,
        check: impl Fn(&[u8]) -> Seen + Clone + Send + 'static,
    ) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let n_answers = Arc::new(AtomicUsize::new(0));
        let client = |_| {
            let (address, sent, check) = (address.to_owned(), sent.clone(), check.clone());
            let (is_over, n_answers) = (Arc::clone(&is_over), Arc::clone(&n_answers));
            tokio::spawn(async move {
                let mut tally = Tally { seen: vec![Vec::new()], ..Tally::default() };
                while !is_over.load(Ordering::Acquire) {
                    let Ok(mut connection) = connect(&address).await else {
                        tally.n_lost += 1;
                        break;
                    };
                    while !is_over.load(Ordering::Acquire) {
                        let Some((status, body)) = ask(&mut connection, &sent).await else {
                            tally.n_lost += 1;
                            break;
                        };
                        tally.count(status, &body, &check);
                        n_answers.fetch_add(1, Ordering::AcqRel);
                        tokio::time::sleep(PAUSE).await;
                    }
                }
                tally
            })
        };
        let clients = (0..n_clients).map(client).collect();
        Self { is_over, n_answers, clients }
    }

    /// Waits until so many more answers came.
    pub(super) async fn more(&self, n: usize) {
        let (since, from) = (Instant::now(), self.n_answers.load(Ordering::Acquire));
        while self.n_answers.load(Ordering::Acquire) < from + n {
            assert!(since.elapsed() < PATIENCE, "the load stands still");
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Ends, with what came of it.
    pub(super) async fn end(self) -> Tally {
        self.is_over.store(true, Ordering::Release);
        let mut all = Tally::default();
        for client in self.clients {
            let tally = client.await.unwrap();
            all.faults.extend(tally.faults);
            all.n_lost += tally.n_lost;
            all.seen.extend(tally.seen);
        }
        all
    }

    /// Ends; every request must have been answered, and well. Gives what each client saw.
    pub(super) async fn end_well(self) -> Vec<Vec<i64>> {
        let tally = self.end().await;
        assert!(tally.faults.is_empty(), "{:#?}", tally.faults);
        assert_eq!(tally.n_lost, 0, "connections broke");
        tally.seen
    }
}

impl Tally {
    fn count(&mut self, status: u16, body: &[u8], check: &impl Fn(&[u8]) -> Seen) {
        let seen = if status == 200 { check(body) } else { Err(format!("status {status}")) };
        match seen {
            Ok(seen) if self.seen[0].last() == Some(&seen) => {}
            Ok(seen) => self.seen[0].push(seen),
            Err(fault) if self.faults.len() < 5 => {
                let said: String = String::from_utf8_lossy(body).chars().take(400).collect();
                self.faults.push(format!("{fault}: {said}"));
            }
            Err(_) => {}
        }
    }
}

async fn connect(address: &str) -> Result<SendRequest<Full<Bytes>>, Box<dyn std::error::Error>> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(async move {
        // A connection that breaks shows in the request it was to answer.
        drop(connection.await);
    });
    Ok(sender)
}

/// Status and body of one answer; none when the connection broke before all of it was there.
async fn ask(connection: &mut SendRequest<Full<Bytes>>, sent: &Sent) -> Option<(u16, Vec<u8>)> {
    let mut request = Request::builder().method(sent.method.as_str()).uri(&sent.path);
    request = request.header("host", "localhost");
    for (name, value) in &sent.headers {
        request = request.header(name, value);
    }
    let request = request.body(Full::new(Bytes::from(sent.body.clone()))).unwrap();
    connection.ready().await.ok()?;
    let response = connection.send_request(request).await.ok()?;
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.ok()?;
    Some((status, body.to_bytes().to_vec()))
}
