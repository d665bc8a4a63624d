//! What is refused, and in which words.

use crate::boards::empty;
use crate::support::app::get;
use serde_json::json;

#[tokio::test]
async fn what_is_not_there_is_said_in_the_words_of_the_earlier_service() {
    let app = empty().await;
    for (path, text) in [
        ("/api/category/no-such", "Category not found"),
        ("/api/category/Popular", "Category not found"),
        ("/api/category/top-rated", "Category not found"),
        ("/api/slice/no-such", "Slice not found"),
        ("/api/slice/%FF", "Slice not found"),
    ] {
        let received = get(&app, path).await;
        assert_eq!(received.status, 404, "{path}");
        let expected = format!("{{\"error\":\"{text}\"}}\n");
        assert_eq!(String::from_utf8_lossy(&received.body), expected, "{path}");
        assert_eq!(received.header("cache-control"), None, "{path}");
        assert_eq!(received.header("access-control-allow-origin"), Some("*"), "{path}");
    }
    assert_eq!(get(&app, "/api/nothing").await.status, 404);
}

#[tokio::test]
async fn numbers_that_are_none_are_refused_with_their_bounds() {
    let app = empty().await;
    for query in [
        "limit=",
        "limit=x",
        "limit=-1",
        "limit=501",
        "limit=1.5",
        "limit=99999999999999999999",
        "limit=%2B5",
        "limit=+5",
    ] {
        let received = get(&app, &format!("/api/snaps?category=popular&{query}")).await;
        assert_eq!(received.status, 400, "{query}");
        let expected = json!({"error": "limit is a whole number from 0 to 500"});
        assert_eq!(received.json(), expected, "{query}");
    }
    for (query, name) in
        [("page=x", "page"), ("size=", "size"), ("page=1&size=1e3", "size"), ("page=%2B1", "page")]
    {
        let received = get(&app, &format!("/api/recently-updated?{query}")).await;
        assert_eq!(received.status, 400, "{query}");
        assert_eq!(received.json(), json!({"error": format!("{name} is a whole number")}));
    }
}

#[tokio::test]
async fn unknown_fields_are_named_with_those_there_are() {
    let app = empty().await;
    for path in ["/api/category/popular", "/api/snaps", "/api/recently-updated"] {
        let received = get(&app, &format!("{path}?fields=name,score,E-Mail")).await;
        assert_eq!(received.status, 400, "{path}");
        let said = received.json()["error"].as_str().unwrap().to_owned();
        assert!(
            said.starts_with("fields does not know score, E-Mail; there are contact, "),
            "{said}"
        );
        assert!(said.contains("snap_id"), "{said}");
    }
    let received =
        get(&app, "/v2/rankings/popular?fields=snap_id&limit=0&cursor=x&assignment=y").await;
    assert_eq!(received.status, 400);
    let list = received.json()["error-list"].as_array().unwrap().clone();
    assert_eq!(list.len(), 4, "{list:?}");
    assert!(list.iter().all(|entry| entry["code"] == "bad-argument"));
    assert!(list[3]["message"].as_str().unwrap().contains("snap-id"));
}

#[tokio::test]
async fn the_house_says_what_is_not_there_in_its_own_way() {
    let app = empty().await;
    for (path, status, code) in [
        ("/v2/rankings/no-such", 404, "resource-not-found"),
        ("/v2/rankings/no-such/history?snap=x", 404, "resource-not-found"),
        ("/v2/rankings/popular/history", 400, "bad-argument"),
        ("/v2/rankings/popular/history?snap=no-such", 404, "resource-not-found"),
        ("/v2/rankings/popular/history?snap=%00", 404, "resource-not-found"),
        ("/v2/rankings?limit=101", 400, "bad-argument"),
    ] {
        let received = get(&app, path).await;
        assert_eq!(received.status, status, "{path}");
        assert_eq!(received.json()["error-list"][0]["code"], code, "{path}");
    }
}
