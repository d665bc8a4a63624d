//! Snaps are kept out of the rankings and let in again.

use crate::editors::EMBER;
use crate::editors::LUMEN;
use crate::editors::app;
use crate::editors::assert_done;
use crate::editors::assert_says;
use crate::editors::changes;
use crate::editors::generation;
use crate::editors::get;
use crate::editors::post;
use crate::editors::serve;
use serde_json::json;

const LIST: &str = "/api/excluded_snaps";

#[tokio::test]
async fn an_exclusion_is_seen_by_every_server_at_once() {
    let app = app().await;
    let other = serve(&app.database_url, &[]);
    assert_says(&get(&app, LIST).await, 200, &json!([]));
    for snap in [LUMEN, EMBER] {
        assert_done(&post(&app, "/api/exclude_snap", json!({"snap_id": snap.id()})).await);
    }
    let listed = get(&other, LIST).await;
    let shown = listed.json();
    assert_eq!((&shown[0]["name"], &shown[1]["name"]), (&json!(EMBER.name), &json!(LUMEN.name)));
    // Compact, sorted, ASCII.
    let expected = concat!(
        r#"[{"contact":"mailto:dev@example.org","#,
        r#""description":"What it is, at length: \u00fcn\u00efcode.","#,
        r#""developer_validation":"verified","icon":"https://cdn.example/ember-paint.png","#,
        r#""last_updated":"Wed, 08 Jul 2026 08:00:00 GMT","license":"MIT","#,
        r#""links":{"contact":["mailto:dev@example.org"]},"#,
        r#""media":[{"type":"icon","url":"https://x.example"}],"name":"ember-paint","#,
        r#""publisher":"Example Org","revision":42,"snap_id":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb","#,
        r#""summary":"Paint_with fire","title":"Ember 100% Paint","version":"1.0","website":null},"#,
    );
    let said = String::from_utf8(listed.body).unwrap();
    assert!(said.starts_with(expected), "{said}");
    let newest = generation(&app).await;
    app.wait_for_generation(newest).await;
    other.wait_for_generation(newest).await;
    assert_done(&post(&other, "/api/include_snap", json!({"snap_id": EMBER.id()})).await);
    assert_eq!(get(&app, LIST).await.json().as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_changes_nothing_is_a_success_without_a_trace() {
    let app = app().await;
    assert_done(&post(&app, "/api/exclude_snap", json!({"snap_id": LUMEN.id()})).await);
    let before = generation(&app).await;
    for body in [json!({}), json!({"snap_id": null}), json!({"snap_id": "z"})] {
        assert_done(&post(&app, "/api/exclude_snap", body.clone()).await);
        assert_done(&post(&app, "/api/include_snap", body).await);
    }
    for (action, id) in
        [("exclude", LUMEN.id()), ("exclude", "z".repeat(32)), ("include", EMBER.id())]
    {
        let path = format!("/api/{action}_snap");
        assert_done(&post(&app, &path, json!({"snap_id": id})).await);
    }
    assert_eq!(generation(&app).await, before);
    assert_eq!(changes(&app).await.len(), 1);
    assert_eq!(get(&app, LIST).await.json().as_array().unwrap().len(), 1);
}
