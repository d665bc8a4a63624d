//! Which databases can be adopted, and what is said of the others.

use crate::adoption::Left;
use crate::adoption::Pair;
use crate::support::app::snapwise;
use crate::support::database;

/// Adopts from a database that cannot be adopted; gives the last line of what is said.
fn refusal(from: &str, into: &str) -> String {
    let output = snapwise(into, &["adopt", "--from", from]).output().unwrap();
    let log = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{log}");
    assert!(!log.contains("panicked"), "{log}");
    log.lines().last().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_database_without_rows_gives_nothing() {
    for left in [Left::After14, Left::After18] {
        let pair = Pair::empty(left).await;
        let before = pair.everything().await;
        let said = pair.adopt();
        assert!(said.contains("\nsnaps: 0 read, 0 added, 0 known, 0 rejected\n"), "{said}");
        assert!(said.ends_with("nothing to publish\n"), "{said}");
        assert_eq!(pair.everything().await, before);
    }
}

#[tokio::test]
async fn the_other_forms_of_the_last_migrations_are_known() {
    let pair = Pair::with_rows(Left::After18).await;
    let without = "ALTER TABLE featured_history DROP COLUMN is_snapshot";
    pair.theirs.batch_execute(without).await.unwrap();
    let said = pair.adopt();
    assert!(said.starts_with("the database is in the state after migration 17\n"), "{said}");
}

#[tokio::test]
async fn what_is_missing_is_named() {
    for (change, named) in [
        ("DROP TABLE settings", "it has no table settings"),
        ("DROP TABLE featured_history", "it has no table featured_history"),
        ("ALTER TABLE snap DROP COLUMN raw_rating", "the table snap has no column raw_rating"),
        ("ALTER TABLE snap DROP COLUMN excluded", "the table snap has no column excluded"),
        ("ALTER TABLE snap DROP COLUMN categories", "the table snap has no column categories"),
    ] {
        let pair = Pair::empty(Left::After14).await;
        pair.theirs.batch_execute(change).await.unwrap();
        let said = refusal(&pair.from, &pair.into);
        assert!(
            said.starts_with("snapwise: nothing is adopted: ") && said.contains(named),
            "{said}"
        );
        assert!(pair.everything().await.is_empty());
    }
}

#[tokio::test]
async fn neither_an_empty_database_nor_one_of_ours_is_adopted() {
    let (ours, other) = (database::migrated().await.url, database::migrated().await.url);
    for from in [&ours, &other] {
        let said = refusal(from, &ours);
        assert!(said.contains("one of snapwise itself"), "{said}");
    }
    let empty = database::database().await.url;
    let said = refusal(&empty, &ours);
    assert!(said.contains("it has no table snap, snap_recommendation_score, "), "{said}");
}

#[tokio::test]
async fn a_password_is_never_told() {
    let ours = database::migrated().await.url;
    for (from, named) in [
        ("postgresql://me:s3cret@nowhere.invalid/x", "nowhere.invalid"),
        ("postgresql://me:s3cret@127.0.0.1:1/x", "127.0.0.1"),
        ("mysql//me:s3cret@db", "postgresql://user:password@host:port/name"),
    ] {
        let said = refusal(from, &ours);
        assert!(said.contains(named) && !said.contains("s3cret"), "{said}");
        let output =
            snapwise(&ours, &["adopt", "--help"]).env("SNAPWISE_ADOPT_FROM", from).output();
        let help = String::from_utf8(output.unwrap().stdout).unwrap();
        assert!(help.contains("SNAPWISE_ADOPT_FROM") && !help.contains("s3cret"), "{help}");
    }
    let pair = Pair::with_rows(Left::After14).await;
    let from = pair.from.replacen('@', ":s3cret@", 1);
    assert!(from.contains("s3cret"), "{from}");
    let output = snapwise(&pair.into, &["adopt"])
        .env("SNAPWISE_ADOPT_FROM", from)
        .env("RUST_LOG", "trace")
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("published generation 1") && !said.contains("s3cret"), "{said}");
}
