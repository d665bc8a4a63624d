//! `GET /store/store.json`: what the store finds, asked once and shown page by page.

use crate::relay::age_s;
use crate::relay::with;
use crate::support::app::Received;
use crate::support::app::TestApp;
use crate::support::app::get;
use crate::support::app::sent;
use crate::support::upstream::Upstream;
use futures_util::future::join_all;
use serde_json::Value;
use serde_json::json;
use std::time::Duration;
use std::time::Instant;

async fn start(n: u64) -> (Upstream, TestApp) {
    with(Upstream::start(n), &[("SNAPWISE_FEATURED_REFRESH_S", "0")]).await
}

fn path(query: &str) -> String {
    format!("/store/store.json?{query}")
}

async fn search(app: &TestApp, query: &str) -> Received {
    get(app, &path(query)).await
}

async fn n_asked(upstream: &Upstream) -> u64 {
    upstream.counts().await["find"].as_u64().unwrap()
}

#[track_caller]
fn assert_refused(received: &Received, status: u16, text: &str) {
    assert_eq!((received.status, received.json()), (status, json!({ "error": text })));
}

/// Every page of a search together.
async fn all(app: &TestApp, words: &str) -> Vec<Value> {
    let first = search(app, &format!("q={words}")).await.json();
    let mut packages = Vec::new();
    for page in 1..=first["total_pages"].as_i64().unwrap() {
        let page = search(app, &format!("q={words}&page={page}")).await.json();
        packages.extend(page["packages"].as_array().unwrap().clone());
        assert_eq!(page["total_items"], first["total_items"]);
    }
    assert_eq!(packages.len(), usize::try_from(first["total_items"].as_i64().unwrap()).unwrap());
    packages
}

#[tokio::test]
async fn what_is_found_comes_in_pages_and_costs_the_store_one_request() {
    let (upstream, app) = start(60).await;
    let stated = snapwise::upstream::Store::new(&upstream.client()).find("").await.unwrap();
    upstream.clear().await;
    let packages = all(&app, "").await;
    assert!(packages.len() > 45, "{}", packages.len());
    assert_eq!(n_asked(&upstream).await, 1);
    for (shown, stated) in packages.iter().zip(&stated) {
        let (snap, publisher) = (&stated["snap"], &stated["snap"]["publisher"]);
        let media = snap["media"].as_array().unwrap();
        let icon = media.iter().find(|media| media["type"] == "icon");
        let expected = json!({
            "categories": snap["categories"],
            "package": {
                "description": snap["summary"],
                "display_name": snap["title"],
                "icon_url": icon.map_or("", |icon| icon["url"].as_str().unwrap()),
                "name": stated["name"],
                "platforms": [],
                "type": "snap",
            },
            "publisher": {
                "display_name": publisher["display-name"].as_str().unwrap_or_default(),
                "name": publisher["username"].as_str().unwrap_or_default(),
                "validation": publisher["validation"],
            },
            "snap_id": stated["snap-id"],
        });
        assert_eq!(shown, &expected);
    }
    // The nearest page there is.
    let n_pages = packages.len().div_ceil(15);
    let last = search(&app, &format!("q=&page={n_pages}")).await;
    for page in ["1000", &"9".repeat(30)] {
        assert_eq!(search(&app, &format!("q=&page={page}")).await.body, last.body, "{page}");
    }
    let first = search(&app, "page=1").await;
    for page in ["0", "-7"] {
        assert_eq!(search(&app, &format!("page={page}")).await.body, first.body, "{page}");
    }
    assert_eq!(get(&app, "/store/store.json/").await.body, first.body);
    assert_eq!(n_asked(&upstream).await, 1);
}

#[tokio::test]
async fn it_is_kept_and_read_as_other_pages_are() {
    let (_upstream, app) = start(30).await;
    let found = search(&app, "q=hello").await;
    assert_eq!((found.status, &found.json()["total_items"]), (200, &json!(1)));
    assert_eq!(found.json()["packages"][0]["package"]["name"], "hello-snapwise");
    assert!(found.body.is_ascii() && found.body.ends_with(b"}\n"));
    assert_eq!(found.header("cache-control"), Some("public, max-age=60"));
    assert_eq!(found.header("access-control-allow-origin"), Some("*"));
    let tag = found.header("etag").unwrap();
    let known = [("If-None-Match", tag), ("Origin", "https://page.example")];
    let again = app.send(&sent("GET", &path("q=hello"), &known)).await;
    assert_eq!((again.status, again.header("vary").is_some()), (304, true));
    let head = app.send(&sent("HEAD", &path("q=hello"), &[])).await;
    assert_eq!((head.status, head.header("etag")), (200, Some(tag)));
    let nothing = search(&app, "q=no+such+snap").await.json();
    assert_eq!(nothing, json!({"packages": [], "total_items": 0, "total_pages": 0}));
    assert_eq!(app.send(&sent("OPTIONS", &path(""), &[])).await.status, 200);
    assert_eq!(app.send(&sent("POST", &path(""), &[])).await.status, 405);
}

#[tokio::test]
async fn words_go_to_the_store_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let documents = folder.path().join("documents.jsonl");
    let catalogue = Upstream::catalogue(3);
    let bytes = catalogue.snaps().map(snapwise::simulator::Snap::info);
    let lines: Vec<String> = bytes
        .zip(["Größe & Maß", "日本語 100%", "plain"])
        .map(|(info, title)| {
            let mut document: Value = serde_json::from_slice(&info).unwrap();
            document["snap"]["title"] = title.into();
            document.to_string()
        })
        .collect();
    std::fs::write(&documents, lines.join("\n")).unwrap();
    let upstream = Upstream::with(&["--file", documents.to_str().unwrap()]);
    let (upstream, app) = with(upstream, &[("SNAPWISE_FEATURED_REFRESH_S", "0")]).await;
    for (query, title) in [
        ("q=gr%C3%B6%C3%9Fe+%26", "Größe & Maß"),
        ("q=%E6%97%A5%E6%9C%AC%E8%AA%9E%20100%25", "日本語 100%"),
        ("page=1&q=PLAIN&q=other", "plain"),
    ] {
        let found = search(&app, query).await.json();
        assert_eq!(found["total_items"], 1, "{query}");
        assert_eq!(found["packages"][0]["package"]["display_name"], title);
    }
    assert_eq!(search(&app, &format!("q={}", "%C3%A4".repeat(128))).await.status, 200);
    let n = n_asked(&upstream).await;
    let long = "q has at most 256 bytes";
    assert_refused(&search(&app, &format!("q={}", "%C3%A4".repeat(129))).await, 400, long);
    for page in ["x", "", "1.5", "1%202"] {
        let received = search(&app, &format!("q=plain&page={page}")).await;
        assert_refused(&received, 400, "page is a whole number");
    }
    assert_eq!(n_asked(&upstream).await, n);
}

#[tokio::test]
async fn the_same_search_is_under_way_once() {
    let (upstream, app) = start(30).await;
    upstream.set(json!({"latency_ms": 500})).await;
    let same = (0..40).map(|_| search(&app, "q=hello"));
    for received in join_all(same).await {
        assert_eq!((received.status, &received.json()["total_items"]), (200, &json!(1)));
    }
    assert_eq!(n_asked(&upstream).await, 1);
}

#[tokio::test]
async fn without_the_store_what_was_found_is_found_again() {
    let (upstream, app) = start(30).await;
    let before = search(&app, "q=hello").await;
    for failure in ["500", "html", "401", "404", "truncated", "429"] {
        upstream.set(json!({"fail": {"find": failure}})).await;
        let received = search(&app, &format!("q=fails+with+{failure}")).await;
        assert_refused(&received, 502, "the store cannot be asked");
        assert_eq!(received.header("etag"), None);
        assert_eq!(search(&app, "q=hello").await.body, before.body);
    }
    upstream.set(json!({})).await;
    assert_eq!(search(&app, "q=fails+with+500").await.status, 200);
    assert!(age_s(&search(&app, "q=hello").await) < 60);
    assert!(!app.log().contains("fails"), "what somebody looks for is in the log");
}

#[tokio::test]
async fn a_store_that_says_nothing_holds_up_nobody_else() {
    // Were a search to take room, one would be all.
    let settings = [("SNAPWISE_FEATURED_REFRESH_S", "0"), ("SNAPWISE_MAX_IN_FLIGHT", "1")];
    let (upstream, app) = with(Upstream::start(30), &settings).await;
    upstream.set(json!({"fail": {"find": "hang"}})).await;
    let since = Instant::now();
    let queries: Vec<String> = (0..30).map(|number| format!("q=word+{number}")).collect();
    let others = async {
        while n_asked(&upstream).await < 16 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        // The rest of them are turned away meanwhile.
        tokio::time::sleep(Duration::from_millis(500)).await;
        for path in ["/api/categories", "/_status/check"].repeat(20) {
            assert_eq!(get(&app, path).await.status, 200, "{path}");
        }
        since.elapsed()
    };
    let searches = queries.iter().map(async |query| {
        // One after the other, for there is room for one to be read.
        let mut received = search(&app, query).await;
        while received.status == 429 {
            received = search(&app, query).await;
        }
        received
    });
    let (searches, others_took) = tokio::join!(join_all(searches), others);
    assert!(others_took < Duration::from_secs(4), "{others_took:?}");
    let n = |status| searches.iter().filter(|received| received.status == status).count();
    assert_eq!((n(502), n(503)), (16, 14));
    assert!(searches.iter().all(|one| one.status != 503 || one.header("retry-after").is_some()));
    assert!((5..20).contains(&since.elapsed().as_secs()), "{:?}", since.elapsed());
    upstream.set(json!({})).await;
    assert_eq!(search(&app, "q=word+0").await.status, 200);
}
