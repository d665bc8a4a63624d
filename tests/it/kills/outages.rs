//! The database dies, goes away or freezes; the server dies.

use crate::kills::SHELF;
use crate::kills::connected;
use crate::kills::devices;
use crate::kills::exactly;
use crate::kills::exported;
use crate::kills::generations;
use crate::kills::get;
use crate::kills::import;
use crate::kills::kill;
use crate::kills::metric;
use crate::kills::mixed;
use crate::kills::offered;
use crate::kills::operator;
use crate::kills::run;
use crate::kills::stocked;
use crate::kills::wait_for_metric;
use crate::support::app::PATIENCE;
use crate::support::app::Sent;
use crate::support::app::TestApp;
use crate::support::app::ask;
use crate::support::app::snapwise;
use crate::support::database;
use crate::support::private;
use rustix::process::Signal;
use snapwise::postgres::Private;
use std::net::TcpListener;
use std::process::Stdio;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;
use tempfile::TempDir;

const UP: &str = "snapwise_database_up";
const RELEASE: [&str; 5] = ["catalogue", "release", "lumen-notes", "9", "stable"];

/// A PostgreSQL of the test's own with the shelf in it.
pub(super) fn private() -> (TempDir, Private) {
    let folder = tempfile::tempdir().unwrap();
    let private = Private::start(folder.path(), &private::options()).unwrap();
    run(private.url(), &["migrate"]);
    import(private.url(), SHELF);
    (folder, private)
}

/// A release is served by a server that nobody restarted.
async fn follows_again(app: &TestApp) {
    assert_eq!(offered(app, &["lumen-notes", "stepdb"]).await, ["10", "3"]);
    app.run(&RELEASE).await;
    assert_eq!(offered(app, &["lumen-notes", "stepdb"]).await, ["9", "3"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_server_answers_while_postgresql_is_killed_and_follows_it_afterwards() {
    let (_folder, private) = private();
    let app = TestApp::serve(private.url(), &[]);
    let catalogue = exported(private.url());
    let answer = app.send(&mixed()).await.body;
    let (devices, operator) = (devices(&app, exactly(answer)), operator(&app, connected));
    devices.more(20).await;
    let before = private.pid();
    kill(before, Signal::KILL).unwrap();
    wait_for_metric(&app, "snapwise_catalogue_reload_failures_total", |n| n > 0).await;
    let since = Instant::now();
    while private.pid() == before {
        assert!(since.elapsed() < PATIENCE, "nobody restarts PostgreSQL");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    wait_for_metric(&app, UP, |up| up == 1).await;
    devices.more(20).await;
    devices.end_well().await;
    operator.end_well().await;
    assert!(exported(private.url()) == catalogue, "something is lost");
    follows_again(&app).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_server_answers_while_postgresql_is_away_and_says_that_it_is() {
    let (folder, private) = private();
    let url = private.url().to_owned();
    let app = TestApp::serve(&url, &[]);
    assert_eq!(metric(&app, UP).await, 1);
    let answer = app.send(&mixed()).await.body;
    let (devices, operator) = (devices(&app, exactly(answer)), operator(&app, connected));
    operator.more(5).await;
    private.stop().unwrap();
    wait_for_metric(&app, UP, |up| up == 0).await;
    // It has been looked for in vain, more than once.
    wait_for_metric(&app, "snapwise_catalogue_reload_failures_total", |n| n >= 3).await;
    assert_eq!(metric(&app, UP).await, 0);
    devices.more(100).await;
    operator.more(20).await;
    let private = Private::start(folder.path(), &private::options()).unwrap();
    assert_eq!(private.url(), url);
    wait_for_metric(&app, UP, |up| up == 1).await;
    operator.more(5).await;
    devices.end_well().await;
    assert_eq!(operator.end_well().await, [[1, 0, 1]]);
    follows_again(&app).await;
    let log = app.log();
    assert!(log.contains("the database is away; the last generation stays in service"), "{log}");
}

/// Not dead but silent, as behind a broken network: no connection ends, and no query either.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_freezes_is_away() {
    let (_folder, private) = private();
    let app = TestApp::serve(private.url(), &[("SNAPWISE_POLL_INTERVAL_S", "1")]);
    let answer = app.send(&mixed()).await.body;
    let (devices, operator) = (devices(&app, exactly(answer)), operator(&app, connected));
    let sessions = sessions(private.url()).await;
    assert!(!sessions.is_empty());
    for pid in sessions.iter().chain([&private.pid()]) {
        kill(*pid, Signal::STOP).unwrap();
    }
    wait_for_metric(&app, UP, |up| up == 0).await;
    devices.more(20).await;
    for pid in sessions.iter().chain([&private.pid()]) {
        // A session whose client left in the meantime is gone as soon as it can move.
        drop(kill(*pid, Signal::CONT));
    }
    wait_for_metric(&app, UP, |up| up == 1).await;
    devices.end_well().await;
    operator.end_well().await;
    follows_again(&app).await;
}

/// The processes of the server's sessions.
async fn sessions(database_url: &str) -> Vec<u32> {
    let client = database::connect(database_url).await;
    let sql = "SELECT pid FROM pg_stat_activity WHERE application_name = 'snapwise'";
    let rows = client.query(sql, &[]).await.unwrap();
    rows.iter().map(|row| u32::try_from(row.get::<_, i32>(0)).unwrap()).collect()
}

/// A server that is up before its database waits for it, and says so, rather than end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_starts_first_waits_for_its_database() {
    let (folder, private) = private();
    let url = private.url().to_owned();
    private.stop().unwrap();
    let (public, internal) = (free_address(), free_address());
    let mut command = snapwise(&url, &["serve", "--listen", &public]);
    let mut process =
        command.args(["--internal-listen", &internal]).stderr(Stdio::null()).spawn().unwrap();
    let sent = |path: &str| get(path);
    let since = Instant::now();
    while ask(&internal, &sent("/health/live")).await.map_or(0, |received| received.status) != 200 {
        assert!(since.elapsed() < PATIENCE, "it does not live");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let ready = ask(&internal, &sent("/health/ready")).await.unwrap();
    assert_eq!((ready.status, ready.json()["database"].as_str()), (503, Some("away")));
    let refused = ask(&public, &mixed()).await.unwrap();
    assert_eq!(refused.status, 503, "{}", String::from_utf8_lossy(&refused.body));
    assert!(refused.header("retry-after").is_some());
    let _private = Private::start(folder.path(), &private::options()).unwrap();
    let since = Instant::now();
    while ask(&internal, &sent("/health/ready")).await.unwrap().status != 200 {
        assert!(since.elapsed() < PATIENCE, "it does not get ready");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(ask(&public, &mixed()).await.unwrap().status, 200);
    process.kill().unwrap();
    process.wait().unwrap();
}

/// An address nobody listens on, from below the ports that the system hands out by itself.
fn free_address() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    loop {
        let next = NEXT.fetch_add(1, Ordering::Relaxed);
        let address = format!("127.0.0.1:{}", 20_000 + (std::process::id() + next) % 10_000);
        if TcpListener::bind(&address).is_ok() {
            return address;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_loses_nothing_and_the_next_one_says_the_same() {
    let url = stocked(SHELF).await;
    run(&url, &RELEASE);
    let mut app = TestApp::serve(&url, &[]);
    let questions =
        [mixed(), get("/v2/snaps/info/lumen-notes"), get("/v2/snaps/info/nobody-knows-it")];
    let before = (exported(&url), generations(&url).await, said(&app, &questions).await);
    let devices = devices(&app, exactly(before.2[0].clone()));
    devices.more(50).await;
    kill(app.pid(), Signal::KILL).unwrap();
    assert!(!app.wait().success());
    let tally = devices.end().await;
    assert!(tally.faults.is_empty(), "{:#?}", tally.faults);
    assert!(tally.n_lost > 0, "it was not killed under load");

    let app = TestApp::serve(&url, &[]);
    assert_eq!(metric(&app, "snapwise_catalogue_generation").await, 2);
    let after = (exported(&url), generations(&url).await, said(&app, &questions).await);
    assert!(before == after, "something is lost");
}

async fn said(app: &TestApp, questions: &[Sent]) -> Vec<Vec<u8>> {
    let mut said = Vec::new();
    for question in questions {
        said.push(app.send(question).await.body);
    }
    said
}
