//! The processes under load: what they cost and how to reach them.

use crate::private::options;
use snapwise::db;
use snapwise::exchange;
use snapwise::postgres::Private;
use snapwise::snap::Instant as StoreInstant;
use std::io::BufRead;
use std::io::BufReader;
use std::path::Path;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

/// A private PostgreSQL with a generated catalogue.
pub(crate) struct Database {
    pub(crate) url: String,
    /// The snap-ids, in their order.
    pub(crate) snaps: Vec<String>,
    _private: Private,
}

impl Database {
    pub(crate) fn with_catalogue(dir: &Path, n: u64) -> Self {
        let private = Private::start(dir, &options()).expect("PostgreSQL is installed");
        let url = private.url().to_owned();
        let snaps = runtime().block_on(async {
            let database = db::Database::new(&url, 1).unwrap();
            db::migrate(&database).await.unwrap();
            let mut client = database.client().await.unwrap();
            if db::generations::latest(&client).await.unwrap().is_none() {
                let now: StoreInstant = "2026-11-01T00:00:00Z".parse().unwrap();
                let listings = exchange::generate(n, 1);
                exchange::load_generated(&mut client, listings, now, &mut |_| {}).await.unwrap();
            }
            // What an earlier run left: the first figures are those of the catalogue alone.
            client.batch_execute("TRUNCATE listed, placed_history, part CASCADE").await.unwrap();
            let sql = "SELECT DISTINCT snap_id FROM release WHERE channel_is_open AND architecture = 'amd64'";
            let sql = sql.replace("channel_is_open", "closed_at IS NULL AND track = 'latest' AND risk = 'stable'");
            let sql = format!("{sql} AND snap_id IN (SELECT snap_id FROM snap WHERE NOT private) ORDER BY 1");
            let rows = client.query(&sql, &[]).await.unwrap();
            rows.iter().map(|row| row.get::<_, String>(0)).collect()
        });
        Self { url, snaps, _private: private }
    }

    /// Stores a declaration of every snap, and one of the snap `bench`.
    pub(crate) fn declare(&self) {
        let ids = self.snaps.iter().map(String::as_str).chain(["bench"]);
        let texts: Vec<_> = ids.map(|id| crate::support::declaration(id, 1)).collect();
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("declarations.assert");
        std::fs::write(&file, texts.join("\n")).unwrap();
        let imported = Command::new(env!("CARGO_BIN_EXE_snapwise"))
            .args(["assertions", "import"])
            .arg(&file)
            .env("DATABASE_URL", &self.url)
            .stdout(Stdio::null())
            .status();
        assert!(imported.unwrap().success());
    }

    /// Lists and ranks every snap, with 90 days of history, and publishes that.
    pub(crate) fn rank(&self) {
        runtime().block_on(async {
            let client = db::Database::new(&self.url, 1).unwrap().client().await.unwrap();
            client.batch_execute(include_str!("rankings.sql")).await.unwrap();
        });
    }
}

/// The most memory that was ever resident in a process, in MiB, as long as it runs.
pub(crate) fn peak_mib(process: u32) -> Option<f64> {
    memory_mib(process, "VmHWM:")
}

fn memory_mib(process: u32, what: &str) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with(what))?;
    Some(line.split_whitespace().nth(1)?.parse::<f64>().ok()? / 1_024.0)
}

/// The time of the processors so far, in ticks: what a machine beside this one took of them, and all of it. Zero where
/// the system does not say.
pub(crate) struct Processors {
    stolen: u64,
    all: u64,
}

impl Processors {
    pub(crate) fn now() -> Self {
        let stat = std::fs::read_to_string("/proc/stat").unwrap_or_default();
        let words =
            stat.lines().next().into_iter().flat_map(|line| line.split_whitespace().skip(1));
        // What guests took stands behind these, and is part of them.
        let ticks: Vec<u64> = words.take(8).filter_map(|word| word.parse().ok()).collect();
        Self { stolen: ticks.get(7).copied().unwrap_or_default(), all: ticks.iter().sum() }
    }

    /// The share of them in percent that was taken from this machine since then.
    pub(crate) fn percent_stolen(&self) -> f64 {
        let now = Self::now();
        let all = now.all.saturating_sub(self.all).max(1);
        100.0 * now.stolen.saturating_sub(self.stolen) as f64 / all as f64
    }
}

/// A runtime for the bench's own questions to the database.
pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

/// A server process; it ends with this value.
pub(crate) struct Server {
    child: Child,
    address: String,
    /// Where operators ask; the bare server has no such place.
    internal: Option<String>,
}

impl Server {
    /// snapwise, and how long it took to get ready.
    pub(crate) fn snapwise(database_url: &str, settings: &[(&str, &str)]) -> (Self, Duration) {
        let started = Instant::now();
        let (public, internal) = (free_port(), free_port());
        let child = Command::new(env!("CARGO_BIN_EXE_snapwise"))
            .arg("serve")
            .env("DATABASE_URL", database_url)
            .env("SNAPWISE_LISTEN", &public)
            .env("SNAPWISE_INTERNAL_LISTEN", &internal)
            .env("SNAPWISE_COHORT_KEY", "a secret for benches only")
            .env("SNAPWISE_FEATURED_REFRESH_S", "0")
            .envs(settings.iter().copied())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        while !is_ready(&internal) {
            assert!(started.elapsed() < Duration::from_mins(1), "the server did not get ready");
            std::thread::sleep(Duration::from_millis(10));
        }
        (Self { child, address: public, internal: Some(internal) }, started.elapsed())
    }

    /// The bare server, with an answer of that many bytes.
    pub(crate) fn bare(length: usize) -> Self {
        Self::of_this_program("--bare", &length.to_string())
    }

    /// The bare server that sends a file.
    pub(crate) fn bare_file(path: &Path) -> Self {
        Self::of_this_program("--bare-file", path.to_str().unwrap())
    }

    fn of_this_program(what: &str, of: &str) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([what, of])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { child, address: line.trim().to_owned(), internal: None }
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Processor time used so far, of user and system together.
    pub(crate) fn cpu(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        let after_name = stat.rsplit(") ").next().unwrap();
        let fields: Vec<&str> = after_name.split(' ').collect();
        let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
        // Linux counts a hundred ticks a second for user space on every architecture.
        Duration::from_millis(ticks * 10)
    }

    /// How long all loads of the catalogue took together.
    pub(crate) fn reloads(&self) -> Duration {
        let metrics = ask(self.internal.as_ref().unwrap(), "/metrics").unwrap();
        let name = "snapwise_catalogue_reload_seconds_sum ";
        let line = metrics.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        Duration::from_secs_f64(line.parse().unwrap())
    }

    /// Memory resident now, in MiB.
    pub(crate) fn resident_mib(&self) -> f64 {
        self.memory_mib("VmRSS:")
    }

    /// The most memory that was ever resident, in MiB.
    pub(crate) fn peak_mib(&self) -> f64 {
        self.memory_mib("VmHWM:")
    }

    fn memory_mib(&self, what: &str) -> f64 {
        memory_mib(self.child.id(), what).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be gone already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

pub(crate) fn free_port() -> String {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

fn is_ready(address: &str) -> bool {
    ask(address, "/health/ready").is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
}

/// A whole answer of the internal door.
fn ask(address: &str, path: &str) -> std::io::Result<String> {
    use std::io::Read;
    use std::io::Write;
    let mut stream = std::net::TcpStream::connect(address)?;
    let question = format!("GET {path} HTTP/1.1\r\nHost: internal\r\nConnection: close\r\n\r\n");
    let mut answer = String::new();
    stream.write_all(question.as_bytes())?;
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}
