//! Publications under load: many in a row, unheard ones, and those of another database.

use crate::kills::Load;
use crate::kills::N_CLIENTS;
use crate::kills::OTHER_SHELF;
use crate::kills::SHELF;
use crate::kills::Seen;
use crate::kills::generation_of;
use crate::kills::generations;
use crate::kills::import;
use crate::kills::installs;
use crate::kills::metric;
use crate::kills::offered;
use crate::kills::operator;
use crate::kills::run;
use crate::kills::stocked;
use crate::kills::wait_for_metric;
use crate::kills::wait_for_row;
use crate::support::TestDatabase;
use crate::support::app::TestApp;
use crate::support::database;
use serde_json::Value;
use snapwise::db::Database;
use snapwise::exchange::Outcome;
use snapwise::exchange::release;
use snapwise::snap::Instant;
use std::time::Duration;
use std::time::SystemTime;
use std::time::UNIX_EPOCH;

/// Longer than any test: what is served, a notice brought.
const NO_POLL: (&str, &str) = ("SNAPWISE_POLL_INTERVAL_S", "86400");
const QUICK_POLL: (&str, &str) = ("SNAPWISE_POLL_INTERVAL_S", "1");

const GENERATION: &str = "snapwise_catalogue_generation";

#[allow(clippy::disallowed_methods, reason = "a test stands where `app` stands")]
fn now() -> Instant {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Instant::from_microseconds(i64::try_from(since.as_micros()).unwrap()).unwrap()
}

/// Releases a revision of lumen-notes to stable; gives the generation.
async fn publish(database: &Database, revision: &str) -> i64 {
    let mut client = database.client().await.unwrap();
    let (name, channel) = ("lumen-notes".parse().unwrap(), "stable".parse().unwrap());
    let revision = revision.parse().unwrap();
    let outcome = release(&mut client, name, revision, &channel, None, now()).await.unwrap();
    let Outcome::Published { generation, .. } = outcome else { panic!("{outcome:?}") };
    generation
}

/// Takes an answer about lumen-notes and stepdb: the first has revision 9 or 10, whole, the second has revision 3.
/// Gives the first's.
fn one_of_two(body: &[u8]) -> Seen {
    let answer: Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    let results = answer["results"].as_array().ok_or("no results")?;
    let [lumen, step] = results.as_slice() else { return Err("not two results".to_owned()) };
    if step["snap"]["revision"] != 3 {
        return Err("stepdb has another revision".to_owned());
    }
    let revision = lumen["snap"]["revision"].as_i64().unwrap_or_default();
    let url = lumen["snap"]["download"]["url"].as_str().unwrap_or_default();
    let size = lumen["snap"]["download"]["size"].as_u64();
    // The files on the shelf say their revision: one digit more.
    let size_told = Some(23 + u64::from(revision == 10));
    let whole = url.ends_with(&format!("_{revision}.snap")) && size == size_told;
    if whole && matches!(revision, 9 | 10) {
        Ok(revision)
    } else {
        Err("no whole offer".to_owned())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thirty_releases_in_a_row_fail_no_request() {
    let url = stocked(SHELF).await;
    let app = TestApp::serve(&url, &[NO_POLL]);
    let asked = installs(&["lumen-notes", "stepdb"]);
    let devices = Load::start(&app.public, N_CLIENTS, &asked, one_of_two);
    let operator = operator(&app, generation_of);
    let database = Database::new(&url, 1).unwrap();
    let mut last = 1;
    for round in 0..30 {
        let generation = publish(&database, if round % 2 == 0 { "9" } else { "10" }).await;
        assert_eq!(generation, last + 1);
        last = generation;
        if round % 5 == 0 {
            devices.more(N_CLIENTS).await;
        }
    }
    app.wait_for_generation(last).await;
    devices.more(2 * N_CLIENTS).await;
    operator.more(2).await;
    for seen in devices.end_well().await {
        assert_eq!(seen.last(), Some(&10), "the last publication is served");
        assert!(seen.contains(&9), "some before it were: {seen:?}");
    }
    for seen in operator.end_well().await {
        assert!(seen.is_sorted(), "generations only grow: {seen:?}");
        assert_eq!(seen.last(), Some(&last));
    }
    assert_eq!(generations(&url).await, (1..=31).collect::<Vec<_>>());
}

/// Each is served before the next is made; what an earlier generation leaves to be freed holds nothing up. The limit
/// is far above what it takes, and below one wait for the freeing for each of them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_release_does_not_wait_for_the_end_of_the_one_before() {
    let url = stocked(SHELF).await;
    let app = TestApp::serve(&url, &[NO_POLL]);
    let database = Database::new(&url, 1).unwrap();
    let since = std::time::Instant::now();
    for revision in ["9", "10", "9", "10"] {
        app.wait_for_generation(publish(&database, revision).await).await;
    }
    assert!(since.elapsed() < Duration::from_secs(15), "{:?}", since.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_listener_that_was_thrown_out_comes_back() {
    let url = stocked(SHELF).await;
    let app = TestApp::serve(&url, &[NO_POLL]);
    let client = database::connect(&url).await;
    let session = "FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN %catalogue%'";
    let ending = format!("SELECT pg_terminate_backend(pid) {session}");
    let thrown_out = client.query(&ending, &[]).await.unwrap();
    assert_eq!(thrown_out.len(), 1, "one session listens");
    wait_for_metric(&app, "snapwise_catalogue_reload_failures_total", |n| n == 1).await;
    let database = Database::new(&url, 1).unwrap();
    // Whether this is published before or after it listens again.
    app.wait_for_generation(publish(&database, "9").await).await;
    wait_for_row(&client, &format!("SELECT pid {session}")).await;
    app.wait_for_generation(publish(&database, "10").await).await;
    assert_eq!(metric(&app, "snapwise_database_up").await, 1);
}

/// A publication without a notice, as a notice that was lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_no_notice_told_the_poll_finds() {
    let url = stocked(SHELF).await;
    let app = TestApp::serve(&url, &[QUICK_POLL]);
    let client = database::connect(&url).await;
    let silent = "BEGIN; INSERT INTO generation VALUES (2, now(), 'in silence');
        UPDATE snap SET title = 'Silence', generation = 2 WHERE name = 'lumen-notes'; COMMIT";
    client.batch_execute(silent).await.unwrap();
    app.wait_for_generation(2).await;
    let info = app.send(&crate::kills::get("/v2/snaps/info/lumen-notes?fields=title")).await;
    assert_eq!(info.json()["snap"]["title"], "Silence");
}

/// The contents are replaced under the server, and the numbers of generations begin again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restored_database_is_served_whole() {
    let url = stocked(SHELF).await;
    let database = Database::new(&url, 1).unwrap();
    publish(&database, "8").await;
    let app = TestApp::serve(&url, &[QUICK_POLL]);
    let all = ["lumen-notes", "stepdb", "gridkit"];
    assert_eq!(offered(&app, &all).await, ["8", "3", "5"]);

    // An earlier number.
    let client = database::connect(&url).await;
    client.batch_execute("TRUNCATE generation, snap, publisher, store CASCADE").await.unwrap();
    import(&url, OTHER_SHELF);
    wait_for_metric(&app, GENERATION, |generation| generation == 1).await;
    assert_eq!(offered(&app, &all).await, ["9", "name-not-found", "name-not-found"]);
    assert_eq!(metric(&app, "snapwise_catalogue_snaps").await, 1);

    // The same number, published at another time.
    client.batch_execute("TRUNCATE generation, snap, publisher, store CASCADE").await.unwrap();
    import(&url, SHELF);
    wait_for_metric(&app, "snapwise_catalogue_snaps", |n| n == 7).await;
    assert_eq!(offered(&app, &all).await, ["10", "3", "5"]);

    // A later number, but none of the numbers before is the same publication.
    client.batch_execute("TRUNCATE generation, snap, publisher, store CASCADE").await.unwrap();
    drop(client);
    recreated(&url).await;
    import(&url, OTHER_SHELF);
    run(&url, &["catalogue", "release", "lumen-notes", "10", "stable"]);
    wait_for_metric(&app, GENERATION, |generation| generation == 2).await;
    assert_eq!(offered(&app, &all).await, ["10", "name-not-found", "name-not-found"]);
    assert_eq!(app.send(&crate::kills::get("/v2/snaps/info/stepdb")).await.status, 404);
}

/// Drops the database, whoever uses it, and makes it anew with its tables.
async fn recreated(url: &str) {
    let TestDatabase { url: elsewhere } = database::database().await;
    let client = database::connect(&elsewhere).await;
    let name = url.rsplit('/').next().unwrap();
    client.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)")).await.unwrap();
    client.batch_execute(&format!("CREATE DATABASE {name} TEMPLATE template0")).await.unwrap();
    run(url, &["migrate"]);
}

/// In the middle of a restore there is nothing in the database; nobody is told that there are no snaps.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_without_a_publication_takes_nothing_out_of_service() {
    let url = stocked(SHELF).await;
    let app = TestApp::serve(&url, &[QUICK_POLL]);
    let client = database::connect(&url).await;
    client.batch_execute("TRUNCATE generation, snap, publisher, store CASCADE").await.unwrap();
    wait_for_metric(&app, "snapwise_catalogue_reload_failures_total", |n| n > 1).await;
    assert_eq!(offered(&app, &["lumen-notes", "stepdb"]).await, ["10", "3"]);
    assert_eq!(metric(&app, GENERATION).await, 1);
}
