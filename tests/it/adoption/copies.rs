//! What is in which of our tables afterwards.

use crate::adoption::Left;
use crate::adoption::Pair;
use crate::adoption::id;
use crate::adoption::text;
use crate::support::app::Sent;
use crate::support::app::TestApp;
use crate::support::app::snapwise;
use serde_json::Value;
use serde_json::json;

/// Holds lines of a query against the expected ones; ids without their padding.
async fn check(pair: &Pair, sql: &str, expected: &[&str]) {
    let plain = |word: &str| match word.len() {
        32 => word.trim_end_matches('0').to_owned(),
        _ => word.to_owned(),
    };
    let found = text(&pair.ours, sql).await;
    let found: Vec<_> = found
        .iter()
        .map(|line| line.split(" | ").map(plain).collect::<Vec<_>>().join(" | "))
        .collect();
    assert_eq!(found, expected, "{sql}");
}

/// What a route says to anybody, held against the spec.
async fn get(app: &TestApp, path: &str) -> Value {
    let (method, path) = ("GET".to_owned(), path.to_owned());
    let sent = Sent { method, path, headers: Vec::new(), body: Vec::new() };
    let received = app.send(&sent).await;
    assert_eq!(received.status, 200, "{}", sent.path);
    received.json()
}

async fn whole(left: Left, state: &str) -> Pair {
    let pair = Pair::with_rows(left).await;
    let said = pair.adopt();
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(
        lines[..9],
        [
            format!("the database is in the state after {state}"),
            "snaps: 17 read, 6 added, 0 known, 11 rejected: 1 bad-categories, 3 bad-links, 1 bad-media, 1 bad-name, 1 bad-revision, 1 bad-snap-id, 1 bad-text, 2 bad-time".to_owned(),
            "exclusions: 4 read, 3 added, 0 known, 1 rejected: 1 bad-snap-id".to_owned(),
            "scores: 10 read, 5 added, 0 known, 5 rejected: 1 bad-score, 1 bad-snap-id, 1 below-threshold, 1 unknown-category, 1 unknown-snap".to_owned(),
            "score history: 11 read, 4 added, 1 known, 6 rejected: 1 bad-score, 1 bad-snap-id, 2 not-last-of-its-day, 1 too-old, 1 unknown-category".to_owned(),
            "slices: 4 read, 2 added, 0 known, 2 rejected: 2 bad-slice-id".to_owned(),
            "snaps in slices: 6 read, 3 added, 0 known, 3 rejected: 1 bad-snap-id, 1 unknown-slice, 1 unknown-snap".to_owned(),
            "featured history: 6 read, 3 added, 1 known, 2 rejected: 1 bad-reason, 1 bad-snap-id".to_owned(),
            "settings: 6 read, 4 added, 0 known, 2 rejected: 1 bad-value, 1 lock".to_owned(),
        ],
        "{said}"
    );
    assert!(said.contains("    rejected of snaps: short (bad-snap-id)\n"), "{said}");
    assert!(said.ends_with("published generation 1\n"), "{said}");
    pair
}

#[tokio::test]
async fn snaps_come_with_what_was_found_out_about_them() {
    let pair = whole(Left::After14, "migration 14").await;
    let sql = "SELECT concat_ws(' | ', snap_id, name, title, version, icon, website, contact, publisher, revision,
                   links->'issues'->>1, media->2->>'type', categories->0->>'name', last_updated, date_published,
                   n_media, n_shown_media, n_link_kinds, n_contacts, vanished_at, generation)
               FROM listed WHERE name IN ('alpha', 'beta') ORDER BY snap_id";
    let alpha = "alpha | alpha | Alpha | 1.1 | https://cdn.example/i.png | https://alpha.example | Example Org | 11 | \
                 https://j.example | logo | games | 2026-07-11 08:00:00.123456+00 | 2025-01-02 03:04:05+00 | 3 | 2 | 2 | 3 | 1";
    let beta = "beta | beta | Beta | 1.2 | Example Org | 12 | logo | 2026-07-12 08:00:00.123456+00 | 3 | 2 | 0 | 0 | 1";
    check(&pair, sql, &[alpha, beta]).await;
    let description = "SELECT DISTINCT description FROM listed";
    assert_eq!(text(&pair.ours, description).await, ["Größe & <b>Länge</b>"]);
    let sql = "SELECT concat_ws(' | ', name, active_devices, coalesce(raw_rating::text, '-'),
                   coalesce(total_votes::text, '-'), rated_at IS NOT NULL, coalesce(rejection, 'eligible'))
               FROM listed JOIN measure USING (snap_id) JOIN verdict USING (snap_id) ORDER BY name";
    check(
        &pair,
        sql,
        &[
            "alpha | 100000 | 0.92 | 50 | t | eligible",
            "beta | 7000 | - | - | f | eligible",
            // A negative number of devices is none; 7.5 is no rating, and NaN is no number.
            "delta | 0 | - | 2 | f | eligible",
            "epsilon | 12 | 0 | 0 | t | adopted-below-threshold",
            "gamma | 7000 | - | - | f | eligible",
            "zeta | 900 | 0.5 | 9 | t | eligible",
        ],
    )
    .await;
    // The snap with a bad name stays excluded, should the store list it under a good one.
    check(&pair, "SELECT snap_id FROM exclusion ORDER BY 1", &["badname", "delta", "epsilon"])
        .await;
    // Their database is as it was.
    let n = text(&pair.theirs, "SELECT count(*)::text FROM snap").await;
    assert_eq!(n, ["17"]);
}

#[tokio::test]
async fn rankings_and_their_days_come_in_order() {
    let pair = whole(Left::After18, "migration 18").await;
    let sql = "SELECT concat_ws(' | ', category, rank, shown_rank, snap_id, score) FROM placed ORDER BY category, rank";
    check(
        &pair,
        sql,
        &[
            "popular | 1 | 1 | alpha | 0.5",
            "popular | 2 | 2 | beta | 0.5",
            "popular | 3 | 3 | gamma | 0.5",
            // Neither below the threshold nor of bad snaps, so it is the first.
            "recent | 1 | 1 | zeta | 0.8",
            "trending | 1 | 1 | delta | 0.25",
        ],
    )
    .await;
    let sql = "SELECT concat_ws(' | ', (now() AT TIME ZONE 'UTC')::date - day, category, rank, shown_rank, snap_id, score)
               FROM placed_history ORDER BY day DESC, category, rank";
    check(
        &pair,
        sql,
        &[
            "0 | popular | 1 | 1 | alpha | 0.5",
            "0 | popular | 2 | 2 | beta | 0.5",
            "0 | popular | 3 | 3 | gamma | 0.5",
            "0 | recent | 1 | 1 | zeta | 0.8",
            "0 | trending | 1 | 1 | delta | 0.25",
            "2 | popular | 1 | 1 | gamma | 0.6",
            "2 | popular | 2 | 2 | beta | 0.4",
            "2 | recent | 1 | 1 | alpha | 0.7",
            "90 | trending | 1 | 1 | beta | 0.1",
        ],
    )
    .await;
}

#[tokio::test]
async fn what_editors_decided_comes_in_their_order() {
    let pair = whole(Left::After14, "migration 14").await;
    let sql = "SELECT concat_ws(' | ', slice_id, name, description, created_at < now()) FROM slice ORDER BY 1";
    check(&pair, sql, &["empty | Empty |  | t", "our_picks | Our Picks! | What we like | t"]).await;
    let sql = "SELECT concat_ws(' | ', slice_id, position, snap_id, added_at) FROM slice_snap ORDER BY position";
    check(
        &pair,
        sql,
        &[
            "our_picks | 1 | zeta | 2026-05-01 10:00:00+00",
            "our_picks | 2 | alpha | 2026-05-02 10:00:00+00",
            "our_picks | 3 | beta | 2026-05-02 10:00:00+00",
        ],
    )
    .await;
    let sql = "SELECT concat_ws(' | ', snap_id, featured_at, is_manual, is_snapshot, reason->>'nickname',
                   reason->>'role', title, name, publisher, icon) FROM featured_event ORDER BY number";
    check(
        &pair,
        sql,
        &[
            "zeta | 2026-07-03 10:11:12.345678+00 | t | f | me | Zeta | zeta | Example Org",
            "alpha | 2026-07-03 10:11:12.345678+00 | t | f | me | Alpha | alpha | Example Org | https://cdn.example/i.png",
            // What was featured is told even of a snap that is not adopted.
            "badmedia | 2026-06-01 00:00:00+00 | f | f | fill | Alpha | badmedia | Example Org | https://cdn.example/i.png",
        ],
    )
    .await;
    let sql = "SELECT concat_ws(' | ', key, value #>> '{}') FROM setting WHERE key <> 'adopted' ORDER BY 1";
    let settings = text(&pair.ours, sql).await;
    assert_eq!(
        settings,
        [
            "featured_last_updated | 2026-07-01T00:00:00.000000+00:00",
            "featured_min_rating | 4.0",
            "featured_server_cloud_exclusions | [\"lxd\", \"juju\"]",
            "last_updated | 2026-07-03T10:11:12.345678+00:00",
        ]
    );
}

#[tokio::test]
async fn the_later_columns_are_told_where_they_are() {
    let pair = Pair::with_rows(Left::After18).await;
    let gone = format!(
        "INSERT INTO featured_history (snap_id, featured_at, is_manual, title, name, publisher, icon, is_snapshot)
         VALUES ('{}', '2026-08-01', true, 'Gone', 'gone', 'Nobody', 'https://cdn.example/g.png', true);
         UPDATE featured_history SET title = 'Zeta of then' WHERE id = 1",
        id("gone")
    );
    pair.theirs.batch_execute(&gone).await.unwrap();
    pair.adopt();
    let sql = "SELECT concat_ws(' | ', snap_id, is_snapshot, title, name, publisher, icon)
               FROM featured_event ORDER BY number";
    check(
        &pair,
        sql,
        &[
            "zeta | f | Zeta of then | zeta | Example Org",
            "alpha | f | Alpha | alpha | Example Org | https://cdn.example/i.png",
            "badmedia | f | Alpha | badmedia | Example Org | https://cdn.example/i.png",
            "gone | t | Gone | gone | Nobody | https://cdn.example/g.png",
        ],
    )
    .await;
}

#[tokio::test]
async fn a_running_server_takes_up_what_was_adopted() {
    let pair = Pair::with_rows(Left::After18).await;
    let app = TestApp::serve(&pair.into, &[]);
    pair.adopt();
    app.wait_for_generation(1).await;
    let ids = |list: &Value| -> Vec<String> {
        let id = |snap: &Value| snap["snap_id"].as_str().unwrap().trim_end_matches('0').to_owned();
        list.as_array().unwrap().iter().map(id).collect()
    };
    let popular = get(&app, "/api/category/popular").await;
    assert_eq!(ids(&popular), ["alpha", "beta", "gamma"]);
    let details = &popular[0]["details"];
    assert_eq!(details["last_updated"], "Sat, 11 Jul 2026 08:00:00 GMT");
    assert_eq!(details["links"]["issues"], json!(["https://i.example", "https://j.example"]));
    assert_eq!(ids(&get(&app, "/api/category/recent").await), ["zeta"]);
    // Delta is ranked there, and excluded.
    assert_eq!(get(&app, "/api/category/trending").await, json!([]));
    let slices = get(&app, "/api/slices").await;
    let names: Vec<_> = slices.as_array().unwrap().iter().map(|slice| &slice["name"]).collect();
    assert!(names.contains(&&json!("Our Picks!")) && names.len() == 2, "{slices}");
    let slice = get(&app, "/api/slice/our_picks").await;
    assert_eq!(slice["slice"]["description"], "What we like");
    assert_eq!(ids(&slice["snaps"]), ["zeta", "alpha", "beta"]);
    assert_eq!(get(&app, "/api/stats").await["total_tracked"], 6);
    assert_eq!(
        ids(&get(&app, "/api/recently-updated").await["snaps"]),
        ["zeta", "epsilon", "delta", "gamma", "beta", "alpha"]
    );
    let parts = text(&pair.ours, "SELECT name || generation FROM part ORDER BY 1").await;
    assert_eq!(parts, ["exclusions1", "featured1", "places1", "slices1"]);
    // So does the pipeline: by the settings, the last whole run was then.
    let output = snapwise(&pair.into, &["collector", "status"]).output();
    let said = String::from_utf8(output.unwrap().stdout).unwrap();
    assert!(said.starts_with("last whole run: 2026-07-03T10:11:12.345678+00:00"), "{said}");
}
