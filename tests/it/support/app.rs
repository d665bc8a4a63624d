//! A real `snapwise serve` process on a database of its own, and what it answers.

use crate::support::database;
use crate::support::spec::Spec;
use flate2::read::GzDecoder;
use http_body_util::BodyExt;
use http_body_util::Full;
use hyper::Request;
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::path::Path;
use std::process::Child;
use std::process::Command;
use std::process::Output;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::mpsc;
use std::time::Duration;
use std::time::Instant;
use tokio::net::TcpStream;

/// How long anything may take before a test gives up: machines are shared, and a disk that others write to may keep a
/// new database waiting for minutes.
pub(crate) const PATIENCE: Duration = Duration::from_mins(5);

/// One request as it is sent.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// A request without a body, with no more than these headers.
pub(crate) fn sent(method: &str, path: &str, headers: &[(&str, &str)]) -> Sent {
    Sent {
        method: method.to_owned(),
        path: path.to_owned(),
        headers: headers.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
        body: Vec::new(),
    }
}

/// The answer of the public door to a GET, held against the spec.
pub(crate) async fn get(app: &TestApp, path: &str) -> Received {
    app.send(&sent("GET", path, &[])).await
}

/// One answer; header names in lower case.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Received {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// A server process and the database it reads.
pub(crate) struct TestApp {
    pub(crate) database_url: String,
    /// Where clients and operators are answered.
    pub(crate) public: String,
    pub(crate) internal: String,
    process: Child,
    log: Arc<Mutex<Vec<String>>>,
}

impl TestApp {
    /// A server of the snaps in a file of `tests/it/scenarios`, imported with the import command.
    pub(crate) async fn start(shelf: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/scenarios").join(shelf);
        Self::with(Some(&path), &[]).await
    }

    /// A server of the snaps in a file, with more settings.
    pub(crate) async fn with(shelf: Option<&Path>, settings: &[(&str, &str)]) -> Self {
        let database = database::migrated().await;
        if let Some(shelf) = shelf {
            let arguments = ["catalogue", "import", shelf.to_str().unwrap()];
            let imported = snapwise(&database.url, &arguments).output().unwrap();
            let said = String::from_utf8_lossy(&imported.stderr);
            assert!(imported.status.success(), "import of {}: {said}", shelf.display());
        }
        Self::serve(&database.url, settings)
    }

    /// A server on a database that is there.
    pub(crate) fn serve(database_url: &str, settings: &[(&str, &str)]) -> Self {
        let (ready, when_ready) = mpsc::channel();
        let anywhere = ("127.0.0.1:0".to_owned(), "127.0.0.1:0".to_owned());
        let mut app = Self::spawn(database_url, settings, anywhere, move |line| {
            let said: Value = serde_json::from_str(line).unwrap_or_default();
            if said["message"] == "ready" {
                let address = |name: &str| said[name].as_str().unwrap().to_owned();
                // Nobody waits any more when the process is stopped early.
                drop(ready.send((address("listen"), address("internal_listen"))));
            }
        });
        (app.public, app.internal) = when_ready
            .recv_timeout(PATIENCE)
            .unwrap_or_else(|_| panic!("the server did not get ready: {}", app.log()));
        app
    }

    /// A server that answers at both doors, and perhaps is not ready yet: for databases that are not there, and for
    /// logs that do not say when it is.
    pub(crate) async fn serve_at_once(database_url: &str, settings: &[(&str, &str)]) -> Self {
        // Both are bound until both are known, so they differ.
        let free = || std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let (public, internal) = (free(), free());
        let address = |listener: &std::net::TcpListener| listener.local_addr().unwrap().to_string();
        let addresses = (address(&public), address(&internal));
        drop((public, internal));
        let mut app = Self::spawn(database_url, settings, addresses, |_| {});
        let since = Instant::now();
        while TcpStream::connect(&app.internal).await.is_err() {
            let ended = app.process.try_wait().unwrap();
            assert!(ended.is_none() && since.elapsed() < PATIENCE, "{ended:?}: {}", app.log());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        app
    }

    fn spawn(
        database_url: &str,
        settings: &[(&str, &str)],
        (public, internal): (String, String),
        hear: impl Fn(&str) + Send + 'static,
    ) -> Self {
        let mut command = snapwise(database_url, &["serve"]);
        command
            .env("SNAPWISE_LISTEN", &public)
            .env("SNAPWISE_INTERNAL_LISTEN", &internal)
            .env("SNAPWISE_LOG_FORMAT", "json")
            .env("SNAPWISE_COHORT_KEY", "a secret for tests only")
            .env("SNAPWISE_CREDENTIAL_KEY", "another secret for tests only")
            .env("SNAPWISE_OPEN_STORES", "*")
            .envs(settings.iter().copied());
        let mut process = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let log = Arc::new(Mutex::new(Vec::new()));
        let (lines, kept) = (BufReader::new(process.stderr.take().unwrap()), Arc::clone(&log));
        std::thread::spawn(move || {
            for line in lines.lines().map_while(Result::ok) {
                hear(&line);
                kept.lock().unwrap().push(line);
            }
        });
        Self { database_url: database_url.to_owned(), public, internal, process, log }
    }

    /// The server's process.
    pub(crate) fn pid(&self) -> u32 {
        self.process.id()
    }

    /// What the server has logged so far.
    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().join("\n")
    }

    /// Waits until the log holds a text, and gives the whole of it.
    pub(crate) async fn log_with(&self, text: &str) -> String {
        let since = Instant::now();
        loop {
            let log = self.log();
            if log.contains(text) {
                return log;
            }
            assert!(since.elapsed() < PATIENCE, "{text} is not in the log: {log}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Waits until the server says that it is ready.
    pub(crate) async fn wait_until_ready(&self) {
        let since = Instant::now();
        while self.ask_operator("/health/ready").await.status != 200 {
            assert!(since.elapsed() < PATIENCE, "it does not get ready: {}", self.log());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Waits for the server to end by itself.
    pub(crate) fn wait(&mut self) -> std::process::ExitStatus {
        let since = Instant::now();
        while since.elapsed() < PATIENCE {
            if let Some(status) = self.process.try_wait().unwrap() {
                return status;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("the server did not end");
    }

    /// Sends a request to the public door and holds the answer against the spec.
    pub(crate) async fn send(&self, sent: &Sent) -> Received {
        checked(&self.public, sent).await
    }

    /// The same for the internal door.
    pub(crate) async fn ask_operator(&self, path: &str) -> Received {
        checked(&self.internal, &sent("GET", path, &[])).await
    }

    /// Runs the program against the same database and waits until the server serves what came of it.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Output {
        let output = snapwise(&self.database_url, arguments).output().unwrap();
        let client = database::connect(&self.database_url).await;
        let row = client.query_one("SELECT max(number) FROM generation", &[]).await.unwrap();
        let newest: Option<i64> = row.get(0);
        self.wait_for_generation(newest.unwrap_or_default()).await;
        output
    }

    /// Waits until the server serves that generation or a later one.
    pub(crate) async fn wait_for_generation(&self, number: i64) {
        let since = Instant::now();
        while self.ask_operator("/health/ready").await.json()["generation"].as_i64() < Some(number)
        {
            assert!(since.elapsed() < PATIENCE, "generation {number} is not served");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// The program against a database.
pub(crate) fn snapwise(database_url: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_snapwise"));
    command.args(arguments).env_remove("RUST_LOG").env("DATABASE_URL", database_url);
    // Nobody is there: no test asks a store that it did not start.
    command.env("SNAPWISE_STORE_URL", "http://127.0.0.1:1").env("SNAPWISE_FEATURED_REFRESH_S", "0");
    command
}

/// Sends a request on a connection of its own and holds the answer against the spec.
async fn checked(address: &str, sent: &Sent) -> Received {
    let received = exchange(address, sent).await.unwrap();
    assert_spec(&sent.method, &sent.path, &received);
    received
}

/// Holds an answer, its body decoded, against the spec.
#[track_caller]
pub(crate) fn assert_spec(method: &str, path: &str, received: &Received) {
    against_spec(method, path, received).unwrap_or_else(|wrong| panic!("{wrong}"));
}

fn against_spec(method: &str, path: &str, received: &Received) -> Result<(), String> {
    let path = path.split('?').next().unwrap();
    let (status, kind) = (received.status, received.header("content-type"));
    Spec::load().validate_response(method, path, status, kind, &received.headers, &received.body)
}

/// Sends a request on a connection of its own, whoever answers it. What a server of ours says is held against the spec.
pub(crate) async fn ask(
    address: &str,
    sent: &Sent,
) -> Result<Received, Box<dyn std::error::Error>> {
    let received = exchange(address, sent).await?;
    hold(&sent.method, &sent.path, &received);
    Ok(received)
}

/// The prefixes that tests configure.
const PREFIXES: [&str; 2] = ["/store", "/picks"];

/// Holds what a server of ours answered against the spec: it is told by its version. The target may be a whole URL or
/// have a prefix, its path may be one of the other listener, which is no path then, and the body may have a content
/// coding.
#[track_caller]
pub(crate) fn hold(method: &str, target: &str, received: &Received) {
    if received.header("snap-store-version").is_none() {
        return;
    }
    let behind_host = target.strip_prefix("http://").and_then(|rest| rest.split_once('/'));
    let whole = behind_host.map_or(target.to_owned(), |(_, path)| format!("/{path}"));
    let path = whole.split('?').next().unwrap();
    let behind = PREFIXES.iter().find_map(|prefix| path.strip_prefix(prefix));
    let is_path = |rest: &&str| rest.is_empty() || rest.starts_with('/');
    let path = match behind.filter(is_path).filter(|_| !Spec::load().has(path)) {
        Some("") => "/",
        Some(rest) => rest,
        None => path,
    };
    let mut plain = received.clone();
    if received.header("content-encoding") == Some("gzip") && !received.body.is_empty() {
        plain.body.clear();
        GzDecoder::new(&received.body[..]).read_to_end(&mut plain.body).unwrap();
    }
    let held = against_spec(method, path, &plain);
    let held = held.or_else(|wrong| match received.status {
        404 => against_spec(method, "/no-path-at-all", &plain).map_err(|_| wrong),
        _ => Err(wrong),
    });
    held.unwrap_or_else(|wrong| panic!("{wrong}"));
}

async fn exchange(address: &str, sent: &Sent) -> Result<Received, Box<dyn std::error::Error>> {
    let stream = TcpStream::connect(address).await?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let driver = tokio::spawn(connection);
    let mut request = Request::builder().method(sent.method.as_str()).uri(&sent.path);
    request = request.header("host", address);
    for (name, value) in &sent.headers {
        request = request.header(name, value);
    }
    let response =
        sender.send_request(request.body(Full::new(Bytes::from(sent.body.clone())))?).await?;
    let (parts, body) = response.into_parts();
    let body = body.collect().await?.to_bytes().to_vec();
    driver.abort();
    let text =
        |value: &hyper::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers = parts.headers.iter().map(|(name, value)| (name.to_string(), text(value)));
    Ok(Received { status: parts.status.as_u16(), headers: headers.collect(), body })
}
