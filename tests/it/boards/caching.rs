//! Tags, keeping, compression, and what browsers of other origins see.

use crate::boards::body;
use crate::boards::empty;
use crate::boards::popular;
use crate::boards::with_popular;
use crate::support::app::Sent;
use crate::support::app::TestApp;
use crate::support::app::ask;
use crate::support::app::get;
use crate::support::app::sent;
use crate::support::fixture::Change;
use crate::support::fixture::Listed;
use crate::support::fixture::id;
use crate::support::fixture::listed;
use flate2::read::GzDecoder;
use serde_json::Value;
use std::io::Read;

/// A path of every route that may be kept: rendered at publication, and composed.
const KEPT: [&str; 12] = [
    "/api/stats",
    "/api/categories",
    "/api/category/popular",
    "/api/category/popular?fields=name",
    "/api/slices",
    "/api/slice/picks",
    "/api/slice/picks?fields=name",
    "/api/snaps?category=popular",
    "/api/recently-updated",
    "/v2/rankings",
    "/v2/rankings/popular",
    "/v2/rankings/popular/history?snap=snap-1",
];

async fn with_slice() -> TestApp {
    let app = empty().await;
    popular(20).slice("picks", "Picks", &[id(1), id(2)]).publish(&app).await;
    app
}

#[tokio::test]
async fn an_answer_has_a_tag_and_is_not_sent_twice() {
    let app = with_slice().await;
    for path in KEPT {
        let fresh = get(&app, path).await;
        assert_eq!(fresh.status, 200, "{path}");
        assert_eq!(fresh.header("cache-control"), Some("public, max-age=60"), "{path}");
        assert_eq!(fresh.header("vary"), Some("accept-encoding"), "{path}");
        let tag = fresh.header("etag").unwrap().to_owned();
        assert!(tag.starts_with('"') && tag.ends_with('"') && tag.len() > 20, "{tag}");
        let weak = format!("W/{tag}");
        let listed = format!("\"other\", {tag}");
        for known in [tag.as_str(), &weak, &listed, "*"] {
            for method in ["GET", "HEAD"] {
                let again = app.send(&sent(method, path, &[("If-None-Match", known)])).await;
                assert_eq!(again.status, 304, "{method} {path} {known}");
                assert_eq!(again.body, b"", "{path}");
                assert_eq!(again.header("etag"), Some(tag.as_str()), "{path}");
                assert_eq!(again.header("cache-control"), Some("public, max-age=60"), "{path}");
                assert_ne!(again.header("content-length"), Some("0"), "{path}");
            }
        }
        let other = app.send(&sent("GET", path, &[("If-None-Match", "\"other\"")])).await;
        assert_eq!((other.status, &other.body), (200, &fresh.body), "{path}");
        let head = app.send(&sent("HEAD", path, &[])).await;
        assert_eq!((head.status, head.header("etag")), (200, Some(tag.as_str())), "{path}");
        let length = fresh.body.len().to_string();
        assert_eq!(head.header("content-length"), Some(length.as_str()), "{path}");
    }
}

#[tokio::test]
async fn who_takes_gzip_gets_the_same_in_fewer_bytes_under_another_tag() {
    let app = with_slice().await;
    for path in KEPT {
        let plain = get(&app, path).await;
        let zipped = ask(&app.public, &sent("GET", path, &[("Accept-Encoding", "gzip")])).await;
        let zipped = zipped.unwrap();
        let tags = (plain.header("etag").unwrap(), zipped.header("etag").unwrap());
        if plain.body.len() < 1_400 {
            assert_eq!(zipped.header("content-encoding"), None, "{path}");
            assert_eq!(tags.0, tags.1, "{path}");
            continue;
        }
        assert_eq!(zipped.header("content-encoding"), Some("gzip"), "{path}");
        assert!(zipped.body.len() < plain.body.len() / 2, "{path}");
        let mut opened = Vec::new();
        GzDecoder::new(&zipped.body[..]).read_to_end(&mut opened).unwrap();
        assert_eq!(opened, plain.body, "{path}");
        assert_ne!(tags.0, tags.1, "{path}");
        for known in [tags.0, tags.1] {
            let headers = [("If-None-Match", known), ("Accept-Encoding", "gzip")];
            let again = app.send(&sent("GET", path, &headers)).await;
            assert_eq!((again.status, again.header("etag")), (304, Some(tags.1)), "{path}");
        }
    }
}

#[tokio::test]
async fn a_tag_changes_only_with_what_is_shown() {
    let app = with_slice().await;
    let path = "/api/category/popular";
    let tag =
        |received: &crate::support::app::Received| received.header("etag").unwrap().to_owned();
    let first = tag(&get(&app, path).await);
    // A snap that is in no ranking.
    Change::default().listed([listed(99)]).publish(&app).await;
    assert_eq!(tag(&get(&app, path).await), first);
    let changed = Listed { title: "Another title".to_owned(), ..listed(3) };
    Change::default().listed([changed]).publish(&app).await;
    let second = get(&app, path).await;
    assert_ne!(tag(&second), first);
    assert_eq!(second.json()[3]["details"]["title"], "Another title");
    // As it was, so is its tag.
    Change::default().listed([listed(3)]).publish(&app).await;
    assert_eq!(tag(&get(&app, path).await), first);
}

#[tokio::test]
async fn settings_say_how_long_and_whether_to_compress() {
    let settings = [
        ("SNAPWISE_PAGE_MAX_AGE_S", "5"),
        ("SNAPWISE_COMPRESSION", "off"),
        ("SNAPWISE_PATH_PREFIX", "/store"),
    ];
    let app = TestApp::with(None, &settings).await;
    popular(20).publish(&app).await;
    let sent = sent("GET", "/store/api/category/popular/", &[("Accept-Encoding", "gzip")]);
    let received = ask(&app.public, &sent).await.unwrap();
    assert_eq!(received.header("cache-control"), Some("public, max-age=5"));
    assert_eq!(received.header("content-encoding"), None);
    assert_eq!(received.header("vary"), None);
    assert_eq!(received.json().as_array().unwrap().len(), 20);
    let root = Sent { path: "/store".to_owned(), ..sent };
    assert_eq!(ask(&app.public, &root).await.unwrap().status, 302);
}

#[tokio::test]
async fn pages_of_any_origin_may_read() {
    let app = with_popular(3).await;
    let path = "/api/category/popular";
    let plain = get(&app, path).await;
    assert_eq!(plain.header("access-control-allow-origin"), Some("*"));
    for path in [path, "/v2/rankings", "/api/category/no-such", "/_status/check", "/"] {
        let from = app.send(&sent("GET", path, &[("Origin", "https://page.example")])).await;
        let allowed = from.header("access-control-allow-origin");
        assert_eq!(allowed, Some("https://page.example"), "{path}");
        let vary = from.headers.iter().filter(|(name, _)| name == "vary");
        assert!(vary.clone().any(|(_, value)| value == "origin"), "{path}");
        assert_eq!(from.header("access-control-allow-credentials"), None, "{path}");
    }
    let wanted = [("Origin", "https://page.example"), ("Access-Control-Request-Headers", "x-one")];
    let preflight = app.send(&sent("OPTIONS", path, &wanted)).await;
    assert_eq!((preflight.status, preflight.body.len()), (200, 0));
    let methods = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT";
    assert_eq!(preflight.header("access-control-allow-methods"), Some(methods));
    assert_eq!(preflight.header("access-control-allow-headers"), Some("x-one"));
    let wrong = app.send(&sent("POST", path, &[])).await;
    assert_eq!((wrong.status, wrong.header("allow")), (405, Some("GET, HEAD, OPTIONS")));
}

#[tokio::test]
async fn a_trailing_slash_changes_nothing() {
    let app = with_slice().await;
    for path in KEPT {
        let (bare, query) = path.split_once('?').unwrap_or((path, ""));
        let slashed = format!("{bare}/?{query}");
        assert_eq!(get(&app, &slashed).await.body, get(&app, path).await.body, "{path}");
    }
}

#[tokio::test]
async fn the_root_leads_to_the_dashboard_and_the_check_says_ok() {
    let app = empty().await;
    let root = get(&app, "/").await;
    assert_eq!((root.status, root.header("location")), (302, Some("/dashboard")));
    let behind = TestApp::serve(&app.database_url, &[("SNAPWISE_PATH_PREFIX", "/picks/")]);
    for path in ["/", "/picks", "/picks/"] {
        let root = ask(&behind.public, &sent("GET", path, &[])).await.unwrap();
        assert_eq!((root.status, root.header("location")), (302, Some("/picks/dashboard")));
    }
    for path in ["/_status/check", "/_status/check/"] {
        let check = get(&app, path).await;
        assert_eq!((check.status, check.body.as_slice()), (200, b"OK".as_slice()));
        assert_eq!(check.header("content-type"), Some("text/html; charset=utf-8"));
    }
    let whole: Value = body(&app, "/api/categories").await;
    assert!(!whole.to_string().contains('@'), "an address is shown");
}
