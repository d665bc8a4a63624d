//! Pushes that are killed: what is left is nothing, or all of it.

use crate::files::Store;
use crate::files::fetched;
use crate::files::install;
use crate::files::snaps::noise;
use crate::files::snaps::snap;
use crate::support::app::PATIENCE;
use crate::support::database;
use std::process::Child;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

/// The lock by which writers take turns.
const LOCK: i64 = 0x736e_6170_6765_6e65;
const WAITS_FOR_ITS_TURN: &str =
    "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";

fn large() -> Vec<u8> {
    let yaml = "name: lumen-notes\nversion: '1'\narchitectures: [amd64]\n";
    snap(yaml, &noise(32_000_000, 5))
}

fn pushing(store: &Store, file: &str) -> Child {
    let mut command = store.command(&["snap", "push", file, "--channel", "stable"]);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// Waits until something of the file lies in the place of the files, and kills the push.
fn killed_while_it_uploads(store: &Store, mut push: Child) {
    let since = Instant::now();
    while store.held().is_empty() {
        assert!(since.elapsed() < PATIENCE, "it does not begin");
        std::thread::sleep(Duration::from_millis(1));
    }
    push.kill().unwrap();
    push.wait().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_push_leaves_nothing_that_is_told_of_and_is_repeated() {
    let store = Store::new().await;
    let snap = large();
    let file = store.file("large.snap", &snap);
    killed_while_it_uploads(&store, pushing(&store, &file));
    assert_eq!(store.n_generations().await, 0);
    assert_eq!(store.exported().len(), 0);
    // Killed where everything is decided and nothing is told.
    let client = database::connect(&store.url).await;
    client.execute("SELECT pg_advisory_lock($1)", &[&LOCK]).await.unwrap();
    let mut push = pushing(&store, &file);
    let since = Instant::now();
    while client.query(WAITS_FOR_ITS_TURN, &[]).await.unwrap().is_empty() {
        assert!(since.elapsed() < PATIENCE, "it does not come to its turn");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    push.kill().unwrap();
    push.wait().unwrap();
    client.execute("SELECT pg_advisory_unlock($1)", &[&LOCK]).await.unwrap();
    assert_eq!(store.n_generations().await, 0);
    assert_eq!(store.exported().len(), 0);
    let said = store.done(&["snap", "push", &file, "--channel", "stable"]);
    assert_eq!(said, "lumen-notes 1 is given out: published generation 1\n");
    let app = store.serve(&[]);
    let result = install(&app, "lumen-notes", "stable").await;
    assert!(fetched(&app, &result["snap"]["download"]).await == snap);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_killed_push_left_is_swept_up_when_it_is_old() {
    let store = Store::new().await;
    let shelf = store.blobs().join("ab");
    std::fs::create_dir_all(&shelf).unwrap();
    let (old, young) = (shelf.join("abcd#1"), shelf.join("abcd#2"));
    for file in [&old, &young] {
        std::fs::write(file, b"a part").unwrap();
    }
    let file = std::fs::File::options().write(true).open(&old).unwrap();
    let modified = file.metadata().unwrap().modified().unwrap();
    file.set_modified(modified.checked_sub(Duration::from_hours(25)).unwrap()).unwrap();
    store.push(&crate::files::snaps::everyday("lumen-notes", "1"), "stable");
    assert!(!old.exists() && young.exists());
}
