//! `snapwise assertions import`: what is taken in, what is told of the rest, and what a death leaves behind.

use crate::assertions::account;
use crate::assertions::assert_text;
use crate::assertions::declaration;
use crate::assertions::file;
use crate::assertions::get;
use crate::assertions::run_with_input;
use crate::assertions::said;
use crate::assertions::stocked;
use crate::assertions::stream_of;
use crate::support::app::PATIENCE;
use crate::support::app::TestApp;
use crate::support::app::snapwise;
use crate::support::database;
use std::process::Stdio;
use std::time::Instant;
use tokio_postgres::Client;

#[tokio::test]
async fn files_folders_and_standard_input_are_taken_in() {
    let url = database::migrated().await.url;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("b.assert"), account("bob")).unwrap();
    std::fs::write(folder.path().join("a.assert"), stream_of(&[account("ann"), declaration(1, 0)]))
        .unwrap();
    std::fs::write(folder.path().join(".hidden"), "rubbish").unwrap();
    std::fs::create_dir(folder.path().join("inner")).unwrap();
    let single = file(account("cid").trim_end());
    let arguments = [
        "assertions",
        "import",
        folder.path().to_str().unwrap(),
        single.path().to_str().unwrap(),
        "-",
    ];
    let output = run_with_input(&url, &arguments, &account("dan"));
    assert!(output.status.success(), "{}", said(&output));
    assert!(
        said(&output).contains("read 5: 5 added, 0 unchanged, 0 rejected"),
        "{}",
        said(&output)
    );
    let output = run_with_input(&url, &arguments, &account("dan"));
    assert!(output.status.success(), "{}", said(&output));
    let told = said(&output);
    assert!(
        told.contains("read 5: 0 added, 5 unchanged, 0 rejected\nnothing to publish"),
        "{told}"
    );
    let app = TestApp::serve(&url, &[]);
    for name in ["ann", "bob", "cid", "dan"] {
        let received = get(&app, &format!("/v2/assertions/account/{name}")).await;
        assert_text(&received, &account(name));
    }
}

#[tokio::test]
async fn a_bad_assertion_is_told_by_file_and_line_and_costs_no_other() {
    let url = database::migrated().await.url;
    let bad = account("x").replace("type: account", "type: no-such-type");
    let worse = account("y").replace("account-id: y", "account-id");
    let file =
        file(&stream_of(&[account("ann"), bad, worse, account("bob"), "rubbish".to_owned()]));
    let path = file.path().to_str().unwrap();
    let output = snapwise(&url, &["assertions", "import", path]).output().unwrap();
    let told = said(&output);
    assert_eq!(output.status.code(), Some(1), "{told}");
    for expected in [
        format!("{path}: line 8: this type of assertion is not known here"),
        format!("{path}: line 17: a colon is missing"),
        format!("{path}: line 29: it breaks off within the headers"),
        "read 5: 2 added, 0 unchanged, 3 rejected".to_owned(),
        "3 of 5 assertions were rejected".to_owned(),
    ] {
        assert!(told.contains(&expected), "{expected} is not in {told}");
    }
    for (arguments, expected) in [
        (&["assertions", "import", "/nowhere/at-all"][..], "open /nowhere/at-all"),
        (&["assertions", "import"], "required"),
        (&["assertions", "export", "--type", "no-such-type"], "expected one of account, "),
    ] {
        let output = snapwise(&url, arguments).output().unwrap();
        assert!(!output.status.success());
        assert!(said(&output).contains(expected), "{}", said(&output));
    }
}

#[tokio::test]
async fn a_revision_never_changes() {
    let app = stocked(&[declaration(1, 0)]).await;
    let other = declaration(1, 0).replace("AXNp", "AAAA");
    let both = declaration(2, 0).replace("AXNp", "BBBB");
    let file = file(&stream_of(&[other, declaration(2, 0), both]));
    let path = file.path().to_str().unwrap();
    let output = app.run(&["assertions", "import", path]).await;
    let told = said(&output);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("line 1: snap-declaration/16/"), "{told}");
    assert!(told.contains("revision 1 is stored with another text"), "{told}");
    assert!(told.contains("read 3: 1 added, 0 unchanged, 2 rejected"), "{told}");
    let path = format!("/v2/assertions/snap-declaration/16/{}", crate::assertions::LUMEN);
    assert_text(&get(&app, &path).await, &declaration(2, 0));
}

async fn count(client: &Client, sql: &str) -> i64 {
    client.query_one(sql, &[]).await.unwrap().get(0)
}

/// The number of the lock under which writers take turns.
const TURNS: &str = "SELECT pg_advisory_lock(8317692697198816869)";

#[tokio::test]
async fn a_death_leaves_whole_batches_and_the_import_can_be_repeated() {
    let url = database::migrated().await.url;
    let n = 20_000;
    let texts: Vec<String> = (0..n).map(|n| account(&format!("account-{n}"))).collect();
    let file = file(&stream_of(&texts));
    let arguments = ["assertions", "import", file.path().to_str().unwrap()];
    let mut command = snapwise(&url, &arguments);
    let mut process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let client = database::connect(&url).await;
    let since = Instant::now();
    while count(&client, "SELECT count(*) FROM generation").await == 0 {
        assert!(since.elapsed() < PATIENCE, "nothing is ever stored");
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
    // From here on it waits for its turn, between two batches, and is killed there.
    client.query_one(TURNS, &[]).await.unwrap();
    process.kill().unwrap();
    process.wait().unwrap();
    client.query_one("SELECT pg_advisory_unlock_all()", &[]).await.unwrap();
    let n_stored = count(&client, "SELECT count(*) FROM assertion").await;
    let n_batches = count(&client, "SELECT count(*) FROM generation").await;
    assert!(n_stored > 0 && n_stored < n, "{n_stored} of {n} were stored");
    assert_eq!(n_stored, 1_000 * n_batches);
    let output = snapwise(&url, &arguments).output().unwrap();
    let told = said(&output);
    assert!(output.status.success(), "{told}");
    let expected = format!("{} added, {n_stored} unchanged, 0 rejected", n - n_stored);
    assert!(told.contains(&expected), "{told}");
    let app = TestApp::serve(&url, &[]);
    assert_text(&get(&app, "/v2/assertions/account/account-19999").await, &texts[19_999]);
    assert_text(&get(&app, "/v2/assertions/account/account-0").await, &texts[0]);
}
