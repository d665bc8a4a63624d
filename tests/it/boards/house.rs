//! The rankings under `/v2`: page by page without gaps, exclusive or not, and as they were.

use crate::boards::CATEGORIES;
use crate::boards::body;
use crate::boards::empty;
use crate::boards::popular;
use crate::boards::texts;
use crate::boards::with_popular;
use crate::support::app::TestApp;
use crate::support::app::get;
use crate::support::fixture::Change;
use crate::support::fixture::Place;
use crate::support::fixture::id;
use crate::support::fixture::listed;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::Value;
use serde_json::json;

#[tokio::test]
async fn a_page_says_score_rank_and_generation_in_the_words_of_the_house() {
    let app = with_popular(12).await;
    let page = body(&app, "/v2/rankings/popular").await;
    assert_eq!(page["category"], "popular");
    assert_eq!(page["generation"], 1);
    assert!(page["generated-at"].as_str().unwrap().ends_with("+00:00"));
    assert_eq!(page["results"].as_array().unwrap().len(), 10);
    assert!(page["next-cursor"].is_string());
    let second = &page["results"][1];
    assert_eq!((&second["rank"], &second["score"]), (&json!(2), &json!(1.0 - 1.0 / 1_024.0)));
    assert_eq!(second["snap-id"], id(1).as_str());
    let expected = json!({
        "contact": "mailto:a@snap.example", "description": "What snap 1 is, at length.",
        "developer-validation": "verified", "icon": "https://store.example/1.png",
        "last-updated": "2026-07-10T07:00:00.000000+00:00", "license": "MIT",
        "links": {"contact": ["mailto:a@snap.example"], "website": ["https://snap.example"]},
        "media": [{"type": "icon", "url": "https://store.example/1.png", "width": 256}],
        "name": "snap-1", "publisher": "Somebody", "revision": 7, "snap-id": id(1),
        "summary": "In a line", "title": "Snap 1", "version": "1.0", "website": null,
    });
    assert_eq!(second["snap"], expected);
}

#[tokio::test]
async fn all_rankings_are_begun_at_once() {
    let app = with_popular(12).await;
    let all = body(&app, "/v2/rankings?limit=3&fields=name").await;
    assert_eq!(texts(&all["rankings"], "/category"), CATEGORIES);
    let popular = &all["rankings"][0];
    assert_eq!(texts(&popular["results"], "/snap/name"), ["snap-0", "snap-1", "snap-2"]);
    assert_eq!(all["rankings"][1]["results"], json!([]));
    assert_eq!(all["rankings"][1]["next-cursor"], Value::Null);
    let cursor = popular["next-cursor"].as_str().unwrap();
    let next = body(&app, &format!("/v2/rankings/popular?limit=100&cursor={cursor}")).await;
    assert_eq!(next["results"][0]["rank"], 4);
    assert_eq!(next["results"].as_array().unwrap().len(), 9);
    assert_eq!(next["next-cursor"], Value::Null);
}

#[tokio::test]
async fn independently_every_snap_is_ranked_everywhere() {
    let app = with_popular(5).await;
    let ranked = |page: Value| texts(&page["results"], "/snap-id");
    let upwards: Vec<String> = (0..5).map(id).collect();
    let downwards: Vec<String> = (0..5).rev().map(id).collect();
    for (query, expected) in [
        ("popular", &upwards),
        ("popular?assignment=exclusive", &upwards),
        ("popular?assignment=independent", &upwards),
        ("recent?assignment=independent", &downwards),
        ("recent", &Vec::new()),
    ] {
        assert_eq!(
            &ranked(body(&app, &format!("/v2/rankings/{query}")).await),
            expected,
            "{query}"
        );
    }
}

/// Every snap of a ranking, page by page.
async fn walk(app: &TestApp, assignment: &str, limit: usize) -> Vec<(u64, String)> {
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let path = format!(
            "/v2/rankings/popular?fields=name&assignment={assignment}&limit={limit}{cursor}"
        );
        let page = body(app, &path).await;
        let results = page["results"].as_array().unwrap();
        assert!(results.len() <= limit);
        let entry = |entry: &Value| {
            (entry["rank"].as_u64().unwrap(), entry["snap-id"].as_str().unwrap().to_owned())
        };
        seen.extend(results.iter().map(entry));
        match page["next-cursor"].as_str() {
            Some(next) => {
                assert_eq!(results.len(), limit, "a page that is not the last is full");
                cursor = format!("&cursor={next}");
            }
            None => return seen,
        }
    }
}

#[test]
fn pages_neither_repeat_nor_skip() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let app = runtime.block_on(empty());
    let config = ProptestConfig { cases: 24, failure_persistence: None, ..Default::default() };
    // Few scores, so that many are equal.
    let sizes = (0..40_usize, 1..12_usize, 1..5_usize, any::<bool>());
    let ran = TestRunner::new(config).run(&sizes, |(n, limit, n_scores, exclusive)| {
        runtime.block_on(async {
            let places: Vec<Place<'_>> = (0..n)
                .map(|place| {
                    let step = u8::try_from(place * n_scores / n.max(1)).unwrap();
                    let score = 1.0 - f64::from(step) / 8.0;
                    let number = (place * 7 + 3) % 41;
                    ("popular", id(number), place + 1, score, (place % 3 != 0).then_some(place + 1))
                })
                .collect();
            let change = Change::default().listed((0..41).map(listed)).places(&places);
            change.publish(&app).await;
            let shown: Vec<_> =
                places.iter().filter(|place| !exclusive || place.4.is_some()).collect();
            let expected: Vec<_> = (1..).zip(shown.iter().map(|place| place.1.clone())).collect();
            let assignment = if exclusive { "exclusive" } else { "independent" };
            assert_eq!(walk(&app, assignment, limit).await, expected);
        });
        Ok(())
    });
    ran.unwrap();
}

#[tokio::test]
async fn a_cursor_of_an_earlier_generation_goes_on_at_its_score() {
    let app = with_popular(12).await;
    let first = body(&app, "/v2/rankings/popular?limit=4").await;
    let cursor = first["next-cursor"].as_str().unwrap();
    // The snap that the cursor names is gone from the ranking.
    Change::default().excluded(&[id(3)]).publish(&app).await;
    let next = body(&app, &format!("/v2/rankings/popular?limit=4&cursor={cursor}")).await;
    assert_eq!(texts(&next["results"], "/snap-id"), (4..8).map(id).collect::<Vec<_>>());
    assert_eq!(next["generation"], 2);
}

#[tokio::test]
async fn the_history_is_told_the_newest_day_first() {
    let app = empty().await;
    let day = |ago: u32| format!("date '2026-07-10' - {ago}");
    let mut change = popular(3);
    for ago in [0, 1, 30, 89] {
        let rank = ago as usize + 1;
        change = change.past(&day(ago), "popular", &id(1), rank, 0.5 + f64::from(ago) / 1_000.0);
    }
    change =
        change.past(&day(0), "recent", &id(1), 9, 0.25).past(&day(0), "popular", &id(2), 4, 0.1);
    change.publish(&app).await;
    let told = body(&app, "/v2/rankings/popular/history?snap=snap-1").await;
    let expected = json!([
        {"day": "2026-07-10", "rank": 1, "score": 0.5},
        {"day": "2026-07-09", "rank": 2, "score": 0.501},
        {"day": "2026-06-10", "rank": 31, "score": 0.53},
        {"day": "2026-04-12", "rank": 90, "score": 0.589},
    ]);
    assert_eq!(told["history"], expected);
    assert_eq!((&told["name"], &told["snap-id"]), (&json!("snap-1"), &json!(id(1))));
    assert_eq!(told["category"], "popular");
    let never = body(&app, "/v2/rankings/top_rated/history?snap=snap-1").await;
    assert_eq!(never["history"], json!([]));
    assert_eq!(get(&app, "/v2/rankings/popular/history?snap=snap-9").await.status, 404);
    // The last day goes on, a new one comes, an old one goes.
    Change::default()
        .past(&day(0), "popular", &id(1), 7, 0.75)
        .past("date '2026-07-11'", "popular", &id(1), 8, 0.625)
        .sql("DELETE FROM placed_history WHERE day = date '2026-07-10' - 89")
        .publish(&app)
        .await;
    let told = body(&app, "/v2/rankings/popular/history?snap=snap-1").await;
    let days = texts(&told["history"], "/day");
    assert_eq!(days, ["2026-07-11", "2026-07-10", "2026-07-09", "2026-06-10"]);
    assert_eq!(told["history"][1], json!({"day": "2026-07-10", "rank": 7, "score": 0.75}));
    // A server that begins answers first, with the newest day, and learns the others behind that.
    let fresh = TestApp::serve(&app.database_url, &[]);
    let since = std::time::Instant::now();
    loop {
        let learnt = body(&fresh, "/v2/rankings/popular/history?snap=snap-1").await;
        assert_eq!(learnt["history"][0], told["history"][0]);
        if learnt == told {
            break;
        }
        assert!(since.elapsed() < crate::support::app::PATIENCE, "{learnt}");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}
