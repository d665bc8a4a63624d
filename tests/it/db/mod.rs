//! The database: what it keeps, what it refuses, and how it says that something changed.

mod fixtures;
mod rules;

use crate::db::fixtures::full;
use crate::db::fixtures::load;
use crate::db::fixtures::migrated;
use crate::db::fixtures::of;
use crate::db::fixtures::publisher;
use crate::db::fixtures::sparse;
use crate::db::fixtures::store;
use crate::support;
use crate::support::app::PATIENCE;
use snapwise::db;
use snapwise::db::Database;
use snapwise::db::generations;
use snapwise::db::listings;
use snapwise::snap::Instant;
use snapwise::snap::Listing;
use snapwise::snap::SnapId;
use std::time::Duration;
use tokio::time::timeout;

const NEVER: Duration = Duration::from_millis(200);

#[tokio::test]
async fn migrations_are_applied_once_however_many_try() {
    let test = support::database().await;
    let database = Database::new(&test.url, 1).unwrap();
    let (one, two, three, four) = tokio::join!(
        db::migrate(&database),
        db::migrate(&database),
        db::migrate(&database),
        db::migrate(&database),
    );
    let applied = [one.unwrap(), two.unwrap(), three.unwrap(), four.unwrap()].concat();
    let all = [
        "V20261121020000__catalogue",
        "V20261121090000__rankings",
        "V20261121150000__device_store",
    ];
    assert_eq!(applied, all);
    assert!(db::migrate(&database).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_is_stored_is_loaded() {
    let test = support::database().await;
    let mut client = migrated(&test).await.client().await.unwrap();
    let (everything, little) = (full('a', "lumen-notes"), sparse('B', "q1"));
    let number = store(&mut client, &[&everything, &little]).await.unwrap();
    let unknown: SnapId = of(&"0".repeat(32));
    let loaded = load(&client, &[everything.id, unknown, little.id]).await;
    assert_eq!(loaded, [everything.clone(), little.clone()]);

    let ids = listings::load_ids(&client, 0).await.unwrap();
    assert_eq!(ids, [little.id, everything.id], "in the order of bytes");
    assert_eq!(listings::load_ids(&client, number).await.unwrap(), []);
    let found = listings::find_id(&client, &everything.name).await.unwrap();
    assert_eq!(found, Some(everything.id));
    assert_eq!(listings::find_id(&client, &of("nobody")).await.unwrap(), None);
}

#[tokio::test]
async fn what_is_stored_again_takes_the_place_of_what_was() {
    let test = support::database().await;
    let mut client = migrated(&test).await.client().await.unwrap();
    store(&mut client, &[&full('a', "lumen-notes"), &sparse('b', "other")]).await.unwrap();
    for again in [sparse('a', "lumen-notes"), full('a', "renamed"), full('a', "renamed")] {
        let number = store(&mut client, &[&again]).await.unwrap();
        let loaded = load(&client, &[again.id]).await;
        assert_eq!(listings::load_ids(&client, number - 1).await.unwrap(), [again.id]);
        assert_eq!(loaded, [again]);
    }
}

#[tokio::test]
async fn snaps_of_one_batch_may_exchange_their_names() {
    let test = support::database().await;
    let mut client = migrated(&test).await.client().await.unwrap();
    store(&mut client, &[&sparse('a', "one"), &sparse('b', "two")]).await.unwrap();
    store(&mut client, &[&sparse('a', "two"), &sparse('b', "one")]).await.unwrap();
    let found = listings::find_id(&client, &of("one")).await.unwrap();
    assert_eq!(found, Some(sparse('b', "one").id));
}

#[tokio::test]
async fn a_name_belongs_to_one_snap() {
    let test = support::database().await;
    let mut client = migrated(&test).await.client().await.unwrap();
    store(&mut client, &[&sparse('a', "one")]).await.unwrap();
    let error = store(&mut client, &[&sparse('b', "one")]).await.unwrap_err();
    assert_eq!(error.broken_rule(), Some("snap_name_once"));
    assert_eq!(error.to_string(), "cannot record the snaps");
    assert_eq!(listings::load_ids(&client, 0).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_changed_publisher_changes_all_their_snaps() {
    let test = support::database().await;
    let mut client = migrated(&test).await.client().await.unwrap();
    let by = |name: &str, mut listing: Listing| {
        listing.publisher = Some(publisher(name));
        listing
    };
    let (one, two) = (by("Ada", sparse('a', "one")), by("Ada", sparse('b', "two")));
    let number = store(&mut client, &[&one, &two, &sparse('c', "three")]).await.unwrap();
    store(&mut client, &[&one]).await.unwrap();
    assert_eq!(listings::load_ids(&client, number).await.unwrap(), [one.id], "nothing new of Ada");
    let number = store(&mut client, &[&by("Countess Ada", one.clone())]).await.unwrap();
    assert_eq!(listings::load_ids(&client, number - 1).await.unwrap(), [one.id, two.id]);
    assert_eq!(load(&client, &[two.id]).await, [by("Countess Ada", two)]);
}

#[tokio::test]
async fn a_spoilt_row_spoils_only_its_own_snap() {
    let test = support::database().await;
    let mut client = migrated(&test).await.client().await.unwrap();
    let (good, bad) = (full('a', "good"), full('b', "bad"));
    store(&mut client, &[&good, &bad]).await.unwrap();
    for (damage, reason) in [
        (
            "ALTER DOMAIN version_text DROP CONSTRAINT version_text_rule;
             UPDATE revision SET version = 'a b'",
            "revision: error deserializing column 2: not a valid version: printable ASCII without spaces",
        ),
        (
            "ALTER TABLE revision DROP CONSTRAINT revision_type_rule;
             UPDATE revision SET type = 'toy'",
            "revision: error deserializing column 6: not a valid snap type: one of app, gadget, kernel, base, os, snapd",
        ),
        (
            "ALTER TABLE revision DROP CONSTRAINT revision_epoch_rule;
             UPDATE revision SET epoch_write = '{99}'",
            "not a valid epoch: read and write with a number in common",
        ),
        (
            "ALTER DOMAIN file_size DROP CONSTRAINT file_size_rule;
             UPDATE delta SET size = 0",
            "not a valid size: a whole number of bytes from 1",
        ),
        (
            "ALTER DOMAIN moment DROP CONSTRAINT moment_rule;
             UPDATE release SET closed_at = 'infinity' WHERE closed_at > released_at",
            "release: error deserializing column 7: not a valid time: between the years 1970 and 9999",
        ),
        (
            "UPDATE release SET architecture = 's390x' WHERE revision = 2 AND closed_at IS NULL",
            "not a valid release: for an architecture the revision is built for",
        ),
        (
            "ALTER DOMAIN snap_name DROP CONSTRAINT snap_name_rule;
             UPDATE snap SET name = ''",
            "snap: error deserializing column 1: not a valid snap name: 2 to 40 characters",
        ),
    ] {
        let transaction = client.transaction().await.unwrap();
        let damage = format!(
            "{damage} {} snap_id ~ '^b'",
            if damage.contains("WHERE") { "AND" } else { "WHERE" }
        );
        transaction.batch_execute(&damage).await.expect(&damage);
        let loaded = listings::load(&transaction, &[bad.id, good.id]).await.unwrap();
        assert_eq!(loaded.spoilt, [(bad.id, reason.to_owned())]);
        assert_eq!(loaded.listings.len(), 1, "{damage}");
        transaction.rollback().await.unwrap();
    }
    assert_eq!(load(&client, &[bad.id, good.id]).await, [bad, good]);
}

#[tokio::test]
async fn a_snap_id_that_is_none_is_left_out() {
    let test = support::database().await;
    let mut client = migrated(&test).await.client().await.unwrap();
    store(&mut client, &[&sparse('a', "one")]).await.unwrap();
    let bad = "ALTER DOMAIN snap_id DROP CONSTRAINT snap_id_rule;
               INSERT INTO snap (snap_id, name, title, summary, description, private, generation)
               VALUES ('short', 'two', '', '', '', false, 1)";
    client.batch_execute(bad).await.unwrap();
    let ids = listings::load_ids(&client, 0).await.unwrap();
    assert_eq!(ids, [sparse('a', "one").id]);
}

#[tokio::test]
async fn generations_only_grow_and_are_announced_when_committed() {
    let test = support::database().await;
    let database = migrated(&test).await;
    let mut listener = database.listen(generations::CHANNEL).await.unwrap();
    let mut client = database.client().await.unwrap();
    assert_eq!(generations::latest(&client).await.unwrap(), None);

    let now: Instant = of("2026-05-02T08:15:30.000001Z");
    let transaction = client.transaction().await.unwrap();
    let first = generations::begin(&transaction).await.unwrap();
    generations::publish(&transaction, first, now, "the first").await.unwrap();
    assert!(timeout(NEVER, listener.next()).await.is_err(), "a notice before the commit");
    transaction.commit().await.unwrap();
    timeout(PATIENCE, listener.next()).await.expect("a notice").unwrap();
    assert_eq!(generations::latest(&client).await.unwrap(), Some((first, now)));

    let publish = async |what: &str| {
        let mut client = database.client().await.unwrap();
        let transaction = client.transaction().await.unwrap();
        let number = generations::begin(&transaction).await.unwrap();
        generations::publish(&transaction, number, now, what).await.unwrap();
        transaction.commit().await.unwrap();
        number
    };
    let (one, two, three) = tokio::join!(publish("one"), publish("two"), publish("three"));
    let mut numbers = [one, two, three];
    numbers.sort_unstable();
    assert_eq!(numbers, [first + 1, first + 2, first + 3], "writers take turns");
    timeout(PATIENCE, listener.next()).await.expect("a notice").unwrap();
    assert_eq!(generations::latest(&client).await.unwrap(), Some((first + 3, now)));

    let transaction = client.transaction().await.unwrap();
    let taken = generations::publish(&transaction, first, now, "again").await.unwrap_err();
    assert_eq!(taken.broken_rule(), Some("generation_pkey"));
}

#[tokio::test]
async fn what_is_not_published_is_not_committed() {
    let test = support::database().await;
    let mut client = migrated(&test).await.client().await.unwrap();
    let transaction = client.transaction().await.unwrap();
    let number = generations::begin(&transaction).await.unwrap();
    listings::store(&transaction, &[&sparse('a', "one")], number).await.unwrap();
    assert!(transaction.commit().await.is_err());
    assert_eq!(listings::load_ids(&client, 0).await.unwrap(), []);
}

#[tokio::test]
async fn a_lost_connection_is_noticed() {
    let test = support::database().await;
    let database = migrated(&test).await;
    let mut listener = database.listen("a \"strange\" channel").await.unwrap();
    let client = database.client().await.unwrap();
    client.batch_execute("NOTIFY \"a \"\"strange\"\" channel\"").await.unwrap();
    timeout(PATIENCE, listener.next()).await.expect("a notice").unwrap();
    let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid()";
    client.batch_execute(kill).await.unwrap();
    let lost = timeout(PATIENCE, listener.next()).await.expect("the end").unwrap_err();
    assert_eq!(lost.to_string(), "cannot hear the notices of the database");
}

#[tokio::test]
async fn a_server_that_is_away_is_said_to_be() {
    let nowhere = Database::new("postgres://u:secret@%2Fnonexistent/db", 1).unwrap();
    let said = [
        nowhere.client().await.map(|_| ()).unwrap_err(),
        nowhere.listen("x").await.map(|_| ()).unwrap_err(),
        db::migrate(&nowhere).await.map(|_| ()).unwrap_err(),
    ];
    for error in said {
        assert_eq!(error.broken_rule(), None);
        assert!(!format!("{error} {error:?}").contains("secret"));
    }
}
