//! The shapes of the earlier service, to the byte where a caller could see one.

use crate::boards::CATEGORIES;
use crate::boards::body;
use crate::boards::empty;
use crate::boards::texts;
use crate::boards::with_popular;
use crate::support::app::get;
use crate::support::fixture::Change;
use crate::support::fixture::Listed;
use crate::support::fixture::id;
use crate::support::fixture::listed;
use serde_json::Value;
use serde_json::json;

const KEYS: [&str; 16] = [
    "contact",
    "description",
    "developer_validation",
    "icon",
    "last_updated",
    "license",
    "links",
    "media",
    "name",
    "publisher",
    "revision",
    "snap_id",
    "summary",
    "title",
    "version",
    "website",
];

#[tokio::test]
async fn a_ranking_is_a_bare_list_with_sixteen_keys_in_order_and_nothing_but_ascii() {
    let app = empty().await;
    let snap = Listed {
        title: "Füße 😀".to_owned(),
        description: "He said \"no\"\n\\o/".to_owned(),
        icon: None,
        links: r#"{"website": ["https://é.example"], "contact": []}"#.to_owned(),
        media: r#"[{"width": null, "type": "icon", "url": "u", "height": 2}]"#.to_owned(),
        ..listed(1)
    };
    let places = [("popular", id(1), 1, 0.5, Some(1))];
    Change::default().listed([snap]).places(&places).publish(&app).await;
    let received = get(&app, "/api/category/popular").await;
    let expected = concat!(
        r#"[{"details":{"contact":"mailto:a@snap.example","description":"He said \"no\"\n\\o/","#,
        r#""developer_validation":"verified","icon":null,"#,
        r#""last_updated":"Fri, 10 Jul 2026 07:00:00 GMT","license":"MIT","#,
        r#""links":{"contact":[],"website":["https://\u00e9.example"]},"#,
        r#""media":[{"height":2,"type":"icon","url":"u","width":null}],"name":"snap-1","#,
        r#""publisher":"Somebody","revision":7,"snap_id":"00000000000000000000000000000001","#,
        r#""summary":"In a line","title":"F\u00fc\u00dfe \ud83d\ude00","version":"1.0","#,
        r#""website":null},"rank":1,"snap_id":"00000000000000000000000000000001"}]"#,
        "\n"
    );
    assert_eq!(String::from_utf8_lossy(&received.body), expected);
    assert_eq!(received.header("content-type"), Some("application/json"));
}

#[tokio::test]
async fn a_ranking_has_fifty_snaps_at_most_best_first() {
    let app = with_popular(60).await;
    let list = body(&app, "/api/category/popular").await;
    let expected: Vec<String> = (0..50).map(id).collect();
    assert_eq!(texts(&list, "/snap_id"), expected);
    assert_eq!(texts(&list, "/details/snap_id"), expected);
    for (entry, rank) in list.as_array().unwrap().iter().zip(1..) {
        assert_eq!(entry["rank"], rank);
        let keys: Vec<&String> = entry["details"].as_object().unwrap().keys().collect();
        assert_eq!(keys, KEYS);
    }
    for empty in &CATEGORIES[1..] {
        let path = format!("/api/category/{empty}");
        assert_eq!(get(&app, &path).await.body, b"[]\n", "{empty}");
    }
}

#[tokio::test]
async fn top_snaps_come_as_many_as_are_asked_for() {
    let app = with_popular(60).await;
    for (query, n) in [
        ("?category=popular", 10),
        ("?category=popular&limit=0", 0),
        ("?category=popular&limit=3", 3),
        ("?limit=55&category=popular", 55),
        ("?category=popular&limit=500", 60),
        ("?category=recent", 0),
        ("?category=no-such", 0),
        ("", 0),
    ] {
        let snaps = body(&app, &format!("/api/snaps{query}")).await;
        let expected: Vec<String> = (0..n).map(id).collect();
        assert_eq!(texts(&snaps["snaps"], "/snap_id"), expected, "{query}");
        assert_eq!(snaps.as_object().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn the_categories_are_four_and_there_before_any_snap() {
    let app = empty().await;
    let list = body(&app, "/api/categories").await;
    assert_eq!(texts(&list, "/id"), CATEGORIES);
    let names = ["Popular snaps", "Recently updated snaps", "Trending snaps", "Top rated snaps"];
    assert_eq!(texts(&list, "/name"), names);
    assert!(texts(&list, "/description").iter().all(|text| !text.is_empty()));
    for category in CATEGORIES {
        assert_eq!(get(&app, &format!("/api/category/{category}")).await.body, b"[]\n");
    }
    assert_eq!(get(&app, "/api/slices").await.body, b"[]\n");
    let stats = get(&app, "/api/stats").await.body;
    let expected = "{\"new_today\":0,\"total_tracked\":0,\"updated_today\":0}\n";
    assert_eq!(String::from_utf8_lossy(&stats), expected);
}

#[tokio::test]
async fn a_slice_is_in_its_editors_order_and_shows_what_is_excluded() {
    let app = empty().await;
    let picked = [id(3), id(1), id(2)];
    Change::default()
        .listed((0..5).map(listed))
        .slice("our_picks", "Our Picks", &picked)
        .slice("don't_é", "Don't é", &[])
        .excluded(&[id(1)])
        .publish(&app)
        .await;
    let list = body(&app, "/api/slices").await;
    let mut about: Vec<&Value> = list.as_array().unwrap().iter().collect();
    about.sort_by_key(|slice| slice["id"].as_str());
    let other = json!({"id": "don't_é", "name": "Don't é", "description": "Picked"});
    let picks = json!({"id": "our_picks", "name": "Our Picks", "description": "Picked"});
    assert_eq!(about, [&other, &picks]);
    let slice = body(&app, "/api/slice/our_picks").await;
    assert_eq!(slice["slice"], picks);
    assert_eq!(texts(&slice["snaps"], "/snap_id"), picked);
    let empty = body(&app, "/api/slice/don%27t_%C3%A9").await;
    assert_eq!(empty, json!({"slice": other, "snaps": []}));
}

#[tokio::test]
async fn the_last_updated_come_page_by_page() {
    let app = empty().await;
    let snaps = (0..60).map(|number| Listed {
        // Two at a time are of one instant: then the snap-id decides.
        last_updated: format!(
            "timestamptz '2026-07-10T08:00:00Z' - interval '{} hours'",
            number / 2
        ),
        ..listed(number)
    });
    Change::default().listed(snaps).excluded(&[id(0)]).publish(&app).await;
    for (query, (page, size), range) in [
        ("", (1, 10), 0..10),
        ("?page=2", (2, 10), 10..20),
        ("?page=2&size=7", (2, 7), 7..14),
        ("?size=51", (1, 50), 0..50),
        ("?page=2&size=99", (2, 50), 50..60),
        ("?page=7", (7, 10), 60..60),
        ("?page=9223372036854775807&size=50", (i64::MAX, 50), 60..60),
        ("?page=0&size=5", (0, 5), 0..5),
        ("?page=-3&size=5", (-3, 5), 0..5),
        ("?size=0", (1, 0), 0..20),
        ("?size=-4&page=2", (2, -4), 20..40),
    ] {
        let answer = body(&app, &format!("/api/recently-updated{query}")).await;
        assert_eq!((&answer["page"], &answer["size"]), (&json!(page), &json!(size)), "{query}");
        let expected: Vec<String> = range.map(id).collect();
        assert_eq!(texts(&answer["snaps"], "/snap_id"), expected, "{query}");
    }
}

#[tokio::test]
async fn stats_count_a_rolling_day_and_whatever_vanished() {
    let app = empty().await;
    let snap = |number, updated: &str, published: Option<&str>| Listed {
        last_updated: format!("now() - interval '{updated}'"),
        date_published: published.map(|ago| format!("now() - interval '{ago}'")),
        ..listed(number)
    };
    Change::default()
        .listed([
            snap(1, "1 hour", Some("2 hours")),
            snap(2, "23 hours", Some("30 days")),
            snap(3, "25 hours", Some("30 days")),
            snap(4, "1 hour", None),
            Listed { vanished: true, ..snap(5, "1 hour", Some("1 year")) },
            // Published after it was updated, as odd as that is.
            snap(6, "2 days", Some("1 hour")),
        ])
        .publish(&app)
        .await;
    let expected = json!({"new_today": 2, "total_tracked": 6, "updated_today": 2});
    assert_eq!(body(&app, "/api/stats").await, expected);
}

#[tokio::test]
async fn a_projection_shows_what_was_asked_for_wherever_a_snap_is() {
    let app = empty().await;
    let places = [("popular", id(1), 1, 0.5, Some(1))];
    let change = Change::default().listed([listed(1)]).places(&places);
    change.slice("picks", "Picks", &[id(1)]).publish(&app).await;
    let expected = json!({"name": "snap-1", "title": "Snap 1", "website": null});
    for (path, pointer) in [
        ("/api/category/popular", "/0/details"),
        ("/api/snaps?category=popular", "/snaps/0"),
        ("/api/slice/picks", "/snaps/0"),
        ("/api/recently-updated", "/snaps/0"),
        ("/v2/rankings/popular", "/results/0/snap"),
        ("/v2/rankings", "/rankings/0/results/0/snap"),
    ] {
        let query = if path.contains('?') { '&' } else { '?' };
        let projected = body(&app, &format!("{path}{query}fields=title,website,name")).await;
        assert_eq!(projected.pointer(pointer), Some(&expected), "{path}");
        let whole = body(&app, path).await;
        assert_eq!(whole.pointer(pointer).unwrap().as_object().unwrap().len(), 16, "{path}");
    }
    let all = KEYS.join(",");
    let projected = get(&app, &format!("/api/category/popular?fields={all}")).await;
    assert_eq!(projected.body, get(&app, "/api/category/popular").await.body);
}
