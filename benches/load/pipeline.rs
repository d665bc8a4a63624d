//! A whole pipeline against a simulated upstream that answers at once.

use crate::process::free_port;
use crate::process::peak_mib;
use snapwise::db;
use snapwise::postgres::Private;
use std::path::Path;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

/// How long the simulated upstream may take to render its snaps.
const PATIENCE: Duration = Duration::from_mins(2);

/// Collects, filters, enriches, scores and publishes so many snaps into an empty database, and once more when nothing
/// has changed.
pub(crate) fn whole(dir: &Path, n_snaps: u64) {
    let private = Private::start(&dir.join("pipeline"), &crate::private::options()).unwrap();
    let database = db::Database::new(private.url(), 1).unwrap();
    crate::process::runtime().block_on(async {
        db::migrate(&database).await.unwrap();
        let client = database.client().await.unwrap();
        let clear = "TRUNCATE listed, snap, publisher, store, revision, generation, job, setting, part CASCADE";
        client.batch_execute(clear).await.unwrap();
    });
    let address = free_port();
    let mut upstream = Command::new(env!("CARGO_BIN_EXE_snapwise"))
        .args(["upstream-sim", "--listen", &address, "--snaps", &n_snaps.to_string()])
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let since = Instant::now();
    while std::net::TcpStream::connect(&address).is_err() {
        assert!(since.elapsed() < PATIENCE, "the simulated upstream did not get ready");
        std::thread::sleep(Duration::from_millis(50));
    }
    for what in ["a whole pipeline from nothing", "the same when nothing changed"] {
        let url = format!("http://{address}");
        let since = Instant::now();
        let mut run = Command::new(env!("CARGO_BIN_EXE_snapwise"))
            .args(["collector", "start", "--force", "--log", "warn"])
            .env("DATABASE_URL", private.url())
            .env("SNAPWISE_STORE_URL", &url)
            .env("SNAPWISE_METRICS_URL", &url)
            .env("SNAPWISE_RATINGS_URL", &url)
            .env("SNAPWISE_METRICS_TOKEN", "simulated")
            .env("SNAPWISE_UPSTREAM_REQUESTS_PER_S", "0")
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mut peak = 0.0_f64;
        let status = loop {
            peak = peak.max(peak_mib(run.id()).unwrap_or_default());
            if let Some(status) = run.try_wait().unwrap() {
                break status;
            }
            std::thread::sleep(Duration::from_millis(20));
        };
        assert!(status.success(), "{what} failed");
        let took = since.elapsed().as_secs_f64();
        println!("{what:<46}{took:>8.1} s, at most {peak:.0} MiB");
    }
    upstream.kill().unwrap();
    upstream.wait().unwrap();
}
