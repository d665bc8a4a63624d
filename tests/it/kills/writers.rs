//! Who writes is killed in the middle, or is not alone.

use crate::kills::SHELF;
use crate::kills::exported;
use crate::kills::generations;
use crate::kills::kill;
use crate::kills::n_lines;
use crate::kills::offered;
use crate::kills::outages::private;
use crate::kills::run;
use crate::kills::stocked;
use crate::kills::wait_for_row;
use crate::support::app::PATIENCE;
use crate::support::app::TestApp;
use crate::support::app::snapwise;
use crate::support::database;
use rustix::process::Signal;
use snapwise::exchange::Document;
use snapwise::exchange::generate;
use std::io::Write;
use std::process::Child;
use std::process::ChildStdin;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;
use tokio_postgres::Client;
use tokio_postgres::NoTls;

/// A session of the program has written something it has not committed yet.
const IS_WRITING: &str = "SELECT pid FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'snapwise' AND backend_xid IS NOT NULL";
const NOBODY_IS_THERE: &str = "SELECT 1 WHERE NOT EXISTS (SELECT pid FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'snapwise')";
const WAITS_FOR_ITS_TURN: &str = "SELECT pid FROM pg_locks
    WHERE locktype = 'advisory' AND NOT granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";

/// Documents of invented snaps, enough for several batches.
fn large_file() -> Vec<u8> {
    let mut text = Vec::new();
    for listing in generate(450, 7) {
        serde_json::to_writer(&mut text, &Document::of(&listing)).unwrap();
        text.push(b'\n');
    }
    text
}

/// An import that has read all of this, has stored some of it, and waits for more.
async fn import_under_way(url: &str, client: &Client, text: &[u8]) -> (Child, ChildStdin) {
    let mut import = spawn(snapwise(url, &["catalogue", "import", "-"]).stdin(Stdio::piped()));
    let mut stdin = import.stdin.take().unwrap();
    stdin.write_all(text).unwrap();
    wait_for_row(client, IS_WRITING).await;
    (import, stdin)
}

fn spawn(command: &mut Command) -> Child {
    command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
}

/// Kills what writes, and waits until the database has noticed.
async fn killed(mut writer: Child, client: &Client) {
    assert!(writer.try_wait().unwrap().is_none(), "it was still at work");
    writer.kill().unwrap();
    writer.wait().unwrap();
    wait_for_row(client, NOBODY_IS_THERE).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_import_leaves_nothing_and_the_next_one_succeeds() {
    let url = stocked(SHELF).await;
    let client = database::connect(&url).await;
    let before = (exported(&url), generations(&url).await);
    let text = large_file();
    let (import, stdin) = import_under_way(&url, &client, &text).await;
    killed(import, &client).await;
    drop(stdin);
    assert!((exported(&url), generations(&url).await) == before, "something of it is there");

    let app = TestApp::serve(&url, &[]);
    let mut import = spawn(snapwise(&url, &["catalogue", "import", "-"]).stdin(Stdio::piped()));
    import.stdin.take().unwrap().write_all(&text).unwrap();
    let output = import.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        said.starts_with("read 450: 450 added, 0 changed, 0 unchanged, 0 rejected\n"),
        "{said}"
    );
    assert!(said.ends_with("published generation 2\n"), "{said}");
    app.wait_for_generation(2).await;
    assert_eq!(offered(&app, &["lumen-notes", "hello-snapwise"]).await, ["10", "3"]);
    assert_eq!(n_lines(&exported(&url)), 457);
}

/// The database dies under a writer, who says so; of what was written nothing is there, and of the rest nothing is lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_whose_postgresql_is_killed_leaves_nothing_and_the_next_one_succeeds() {
    let (folder, private) = private();
    let url = private.url();
    let client = database::connect(url).await;
    let before = (exported(url), generations(url).await);
    let text = large_file();
    let (import, mut stdin) = import_under_way(url, &client, &text).await;
    let pid = private.pid();
    kill(pid, Signal::KILL).unwrap();
    // It has gone already, or now finds nobody to commit to.
    drop(stdin.write_all(b"x\n"));
    drop(stdin);
    assert!(!import.wait_with_output().unwrap().status.success(), "it says that it failed");
    let since = Instant::now();
    while private.pid() == pid || tokio_postgres::connect(url, NoTls).await.is_err() {
        assert!(since.elapsed() < PATIENCE, "PostgreSQL does not come back");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!((exported(url), generations(url).await) == before, "something is there, or lost");

    let file = folder.path().join("large.jsonl");
    std::fs::write(&file, &text).unwrap();
    let said = run(url, &["catalogue", "import", file.to_str().unwrap()]);
    assert!(String::from_utf8_lossy(&said).starts_with("read 450: 450 added, "));
    assert_eq!(n_lines(&exported(url)), 457);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_generation_leaves_nothing_and_the_next_one_succeeds() {
    let url = stocked(SHELF).await;
    let client = database::connect(&url).await;
    let before = (exported(&url), generations(&url).await);
    wait_for_row(&client, NOBODY_IS_THERE).await;
    let generate = spawn(&mut snapwise(&url, &["catalogue", "generate", "--snaps", "20000"]));
    wait_for_row(&client, IS_WRITING).await;
    killed(generate, &client).await;
    assert!((exported(&url), generations(&url).await) == before, "something of it is there");
    let said = run(&url, &["catalogue", "generate", "--snaps", "20"]);
    let said = String::from_utf8_lossy(&said);
    assert!(said.ends_with("published generation 2\n"), "{said}");
    assert_eq!(n_lines(&exported(&url)), 27);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_writers_take_turns_and_both_are_in_the_history() {
    let url = stocked(SHELF).await;
    let app = TestApp::serve(&url, &[]);
    let client = database::connect(&url).await;
    let (mut import, stdin) = import_under_way(&url, &client, &large_file()).await;
    let release = ["catalogue", "release", "lumen-notes", "9", "stable"];
    let mut release = spawn(&mut snapwise(&url, &release));
    wait_for_row(&client, WAITS_FOR_ITS_TURN).await;
    assert_eq!(generations(&url).await, [1], "neither is published yet");
    assert!(release.try_wait().unwrap().is_none());
    drop(stdin);
    assert!(import.wait().unwrap().success());
    assert!(release.wait().unwrap().success());
    app.wait_for_generation(3).await;
    assert_eq!(offered(&app, &["lumen-notes", "hello-snapwise"]).await, ["9", "3"]);
    let rows = client.query("SELECT what FROM generation ORDER BY number", &[]).await.unwrap();
    let what: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    let [_, import, release] = what.as_slice() else { panic!("{what:?}") };
    assert!(import.starts_with("import: 450 added"), "{import}");
    assert_eq!(release, "release: lumen-notes 9 to stable");
}
