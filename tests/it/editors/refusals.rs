//! What an editor sends and is not taken.

use crate::editors::ADMIN;
use crate::editors::MEMBER;
use crate::editors::app;
use crate::editors::assert_refused;
use crate::editors::changes;
use crate::editors::post;
use crate::editors::sent;
use crate::support::app::TestApp;
use serde_json::Value;
use serde_json::json;

const SLICE: &str = "/api/editorial_slice";

#[tokio::test]
async fn a_body_says_that_it_is_json_and_is() {
    let app = app().await;
    for path in
        [SLICE, "/api/exclude_snap", "/api/editorial_slice/x/snaps", "/api/run_pipeline_step"]
    {
        for kind in ["", "text/plain", "application/x-www-form-urlencoded", "application/jsonp"] {
            let mut request = sent(MEMBER, "POST", path, Some(&json!({})));
            request.headers.retain(|(name, _)| name != "Content-Type");
            request.headers.push(("Content-Type".to_owned(), kind.to_owned()));
            let text = "the body needs the content type application/json";
            assert_refused(&app.send(&request).await, 415, text);
        }
        for (body, text) in [
            ("", "the body: it is not JSON"),
            ("{\"name\": ", "the body: it is not JSON"),
            ("{\"name\": \"\\ud800\"}", "the body: it is not JSON"),
            ("[]", "the body: an object is expected"),
            ("null", "the body: an object is expected"),
        ] {
            let mut request = sent(MEMBER, "POST", path, Some(&Value::Null));
            request.body = body.as_bytes().to_vec();
            assert_refused(&app.send(&request).await, 400, text);
        }
    }
}

#[tokio::test]
async fn what_is_wrong_is_said_by_its_name() {
    let app = app().await;
    let slice = |name: Value, description: Value| json!({"name": name, "description": description});
    let long = "x".repeat(129);
    for (body, text) in [
        (json!({"description": ""}), "name: a text is needed"),
        (json!({"name": "A"}), "description: a text is needed"),
        (slice(json!(1), json!("")), "name: a text is needed"),
        (slice(json!("A"), json!(["x"])), "description: a text is needed"),
        (slice(json!("A"), Value::Null), "description: a text is needed"),
        (slice(json!(""), json!("")), "name: it may not be empty"),
        (slice(json!("  "), json!("")), "name: it may not be empty"),
        (slice(json!("!?"), json!("")), "name: an id of 1 to 128 characters must follow from it"),
        (slice(json!(long), json!("")), "name: at most 128 characters"),
        (slice(json!("a\nb"), json!("")), "name: one line of text"),
        (slice(json!("a\u{0}b"), json!("")), "name: one line of text"),
        (slice(json!("A"), json!("a\u{0}b")), "description: no NUL characters"),
        (slice(json!("A"), json!("x".repeat(4_097))), "description: at most 4096 characters"),
    ] {
        assert_refused(&post(&app, SLICE, body).await, 400, text);
    }
    let received = post(&app, "/api/exclude_snap", json!({"snap_id": 1})).await;
    assert_refused(&received, 400, "snap_id: a text is needed");
    for (path, body, text) in [
        ("snaps", json!({}), "name: a text is needed"),
        ("remove_snap", json!({"name": ""}), "name: it may not be empty"),
    ] {
        let received = post(&app, &format!("{SLICE}/x/{path}"), body).await;
        assert_refused(&received, 400, text);
    }
    for body in [json!({}), json!({"snaps": "x"}), json!({"snaps": [1]})] {
        let request = sent(MEMBER, "PUT", "/api/editorial_slice/x/order", Some(&body));
        assert_refused(&app.send(&request).await, 400, "snaps: a list of names is needed");
    }
    let many = json!({"snaps": vec!["x"; 1_001]});
    let request = sent(MEMBER, "PUT", "/api/editorial_slice/x/order", Some(&many));
    assert_refused(&app.send(&request).await, 400, "snaps: at most 1000 names");
    assert!(changes(&app).await.is_empty());
}

/// What PostgreSQL's JSON would trip over is text like any other.
#[tokio::test]
async fn odd_texts_are_kept_as_they_are() {
    let app = app().await;
    let description = "line\nline \\u0000 \u{1f600} \" \u{7f}";
    let body = json!({"name": "Don't \\ \"ü\"", "description": description});
    assert_eq!(post(&app, SLICE, body).await.status, 200);
    let path = "/api/editorial_slice/don't_%5C_%22%C3%BC%22";
    let shown = crate::editors::get(&app, path).await.json();
    assert_eq!(shown["description"], description);
    assert_eq!(shown["id"], "don't_\\_\"ü\"");
    assert_eq!(changes(&app).await[0]["after"]["description"], description);
}

#[tokio::test]
async fn a_database_that_is_away_is_said() {
    let nobody = "postgresql://nobody@127.0.0.1:1/nothing";
    let tokens = crate::editors::tokens();
    let app = TestApp::serve_at_once(nobody, &[("SNAPWISE_EDITOR_TOKENS", &tokens)]).await;
    for path in ["/api/settings", "/api/editorial_slices", "/v2/audit"] {
        let received = app.send(&sent(ADMIN, "GET", path, None)).await;
        assert_eq!((received.status, received.header("retry-after")), (503, Some("1")), "{path}");
    }
}
