//! What the database refuses by itself: a row made by hand meets the rules of the types.

use crate::db::fixtures::full;
use crate::db::fixtures::migrated;
use crate::db::fixtures::sparse;
use crate::db::fixtures::store;
use crate::support;
use deadpool_postgres::Object;

/// A rule, the column it guards, and values (in SQL) it refuses.
type Refused = (&'static str, &'static str, &'static [&'static str]);

const REFUSED: &[Refused] = &[
    ("snap_id_rule", "snap.snap_id", &["'short'", "repeat('a', 31) || '-'"]),
    ("snap_name_rule", "snap.name", &["'a'", "'-ab'", "'ab-'", "'a--b'", "'12'"]),
    ("snap_name_rule", "snap.name", &["'Up'", "'a_b'", "E'ab\\n'", "repeat('a', 41)"]),
    ("line_of_text_rule", "snap.title", &[r"E'a\nb'", r"E'\u0085'", "repeat('a', 2049)"]),
    ("prose_rule", "snap.description", &["repeat('a', 262145)"]),
    ("url_rule", "snap.store_url", &["'ftp://a'", "'https://'", "'http:///a'", "'https://a b'"]),
    ("url_rule", "snap_media.url", &[r"'https://a\b'", "'https://ä'", "''"]),
    ("track_rule", "snap.default_track", &["''", "'edge'"]),
    ("channel_part_rule", "snap.default_track", &["'a/b'", "'a b'", "repeat('a', 129)"]),
    ("label_rule", "publisher.username", &["''", "'a b'", "'ä'", "repeat('a', 129)"]),
    ("publisher_validation_rule", "publisher.validation", &["'sure'"]),
    ("store_id_rule", "store.store_id", &["''", "'a b'", "repeat('a', 65)"]),
    ("label_rule", "snap_category.name", &["''"]),
    ("pixels_rule", "snap_media.width", &["-1", "65536"]),
    ("line_of_text_rule", "snap_link.links", &[r"ARRAY[E'a\nb']"]),
    ("lines_of_text_rule", "snap_link.links", &["'{NULL}'", "'{{a},{b}}'"]),
    ("currency_rule", "snap_price.currency", &["'usd'", "'US'"]),
    ("amount_rule", "snap_price.amount", &["''", "'free'", "'-1'", "'1.'", "'.5'"]),
    ("revision_number_rule", "revision.revision", &["0", "-1"]),
    ("version_text_rule", "revision.version", &["''", "'1 0'", "repeat('a', 33)"]),
    ("architecture_rule", "revision.architectures", &["'{AMD}'", "'{amd64,\"\"}'"]),
    ("architectures_rule", "revision.architectures", &["'{}'", "'{NULL}'"]),
    ("label_rule", "revision.base", &["''"]),
    ("revision_confinement_rule", "revision.confinement", &["'lax'"]),
    ("revision_type_rule", "revision.type", &["'application'", "''"]),
    ("epochs_rule", "revision.epoch_read", &["'{}'", "'{1,1}'", "'{-1}'", "'{4294967296}'"]),
    (
        "epochs_rule",
        "revision.epoch_write",
        &["'{NULL}'", "'{0,1,2,3,4,5,6,7,8,9,10}'", "'[5:6]={2,1}'"],
    ),
    ("revision_epoch_rule", "revision.epoch_read", &["'{77}'"]),
    ("moment_rule", "revision.created_at", &["'1969-12-31'", "'infinity'"]),
    ("prose_rule", "revision.snap_yaml", &["repeat('a', 262145)"]),
    ("url_rule", "revision.url", &["'/a.snap'"]),
    ("file_size_rule", "revision.size", &["0"]),
    ("sha3_384_rule", "revision.sha3_384", &["''", "repeat('a', 95)", "repeat('A', 96)"]),
    ("resource_type_rule", "revision_resource.type", &["'component/'", "'app'"]),
    ("revision_number_rule", "revision_resource.resource_revision", &["0"]),
    ("unsigned_rule", "revision_integrity.version", &["-1", "4294967296"]),
    ("file_size_rule", "revision_integrity.size", &["0"]),
    ("risk_rule", "release.risk", &["'latest'"]),
    ("track_rule", "release.track", &["'stable'"]),
    ("channel_part_rule", "release.branch", &["E'a\\u2028b'"]),
    ("architecture_rule", "release.architecture", &["''", "'64bit'", "repeat('a', 16)"]),
    ("release_span_rule", "release.closed_at", &["'2026-04-30'"]),
    ("release_snap_id_revision_fkey", "release.revision", &["3"]),
    ("delta_turns_into_another", "delta.source", &["target"]),
    ("delta_snap_id_target_fkey", "delta.target", &["3"]),
    ("revision_number_rule", "delta.source", &["0"]),
    ("snap_publisher_id_fkey", "snap.publisher_id", &["'nobody'"]),
    ("generation_number_rule", "generation.number", &["0"]),
];

/// The rule by which the database refuses a statement; the statement leaves nothing behind.
async fn refusal(client: &mut Object, sql: &str) -> String {
    let transaction = client.transaction().await.unwrap();
    let Err(error) = transaction.batch_execute(sql).await else {
        return "none".to_owned();
    };
    let said = error.as_db_error().expect("the server refuses").clone();
    said.constraint().unwrap_or(said.message()).to_owned()
}

#[tokio::test]
async fn the_database_refuses_what_the_types_refuse() {
    let test = support::database().await;
    let mut client = migrated(&test).await.client().await.unwrap();
    store(&mut client, &[&full('a', "lumen-notes")]).await.unwrap();
    for (rule, what, values) in REFUSED {
        let (table, column) = what.split_once('.').unwrap();
        for value in *values {
            let sql = format!("UPDATE {table} SET {column} = {value}");
            assert_eq!(refusal(&mut client, &sql).await, *rule, "{what} = {value:.60}");
        }
    }
}

#[tokio::test]
async fn a_lane_holds_one_release_at_a_time() {
    let test = support::database().await;
    let mut client = migrated(&test).await.client().await.unwrap();
    store(&mut client, &[&sparse('a', "one")]).await.unwrap();
    let insert = |channel: &str, span: &str| {
        format!(
            "INSERT INTO release (snap_id, track, risk, branch, architecture, revision, released_at, closed_at)
             SELECT snap_id, 'latest', {channel}, 'amd64', 1, {span} FROM snap"
        )
    };
    for (channel, span, rule) in [
        ("'stable', ''", "'2026-06-01', NULL", "release_open_once"),
        ("'stable', ''", "'2026-05-01T08:15:30.123456Z', '2026-06-01'", "release_pkey"),
        ("'stable', ''", "'2026-01-01', '2026-02-01'", "none"),
        ("'stable', 'fix'", "'2026-06-01', NULL", "none"),
        ("'beta', ''", "'2026-06-01', NULL", "none"),
    ] {
        let said = refusal(&mut client, &insert(channel, span)).await;
        assert_eq!(said, rule, "{channel}, {span}");
    }
}
