//! Who changed what is kept, and told to admins.

use crate::editors::ADMIN;
use crate::editors::EMBER;
use crate::editors::LUMEN;
use crate::editors::MEMBER;
use crate::editors::app;
use crate::editors::changes;
use crate::editors::sent;
use crate::support::app::TestApp;
use crate::support::database;
use serde_json::Value;
use serde_json::json;

async fn change(app: &TestApp, token: &str, (method, path): (&str, &str), body: Option<Value>) {
    let mut request = sent(token, method, path, body.as_ref());
    let id = format!("{method}-{}", path.rsplit('/').next().unwrap());
    request.headers.push(("X-Request-Id".to_owned(), id));
    let received = app.send(&request).await;
    assert_eq!(received.status, 200, "{}", String::from_utf8_lossy(&received.body));
}

#[tokio::test]
async fn every_change_is_told_with_before_and_after() {
    let app = app().await;
    let slice = "/api/editorial_slice/picks";
    let (made, renamed) =
        (json!({"name": "Picks", "description": "1"}), json!({"name": "P", "description": "2"}));
    change(&app, MEMBER, ("POST", "/api/editorial_slice"), Some(made)).await;
    change(&app, ADMIN, ("POST", slice), Some(renamed)).await;
    for snap in [LUMEN, EMBER] {
        let path = format!("{slice}/snaps");
        change(&app, MEMBER, ("POST", &path), Some(json!({"name": snap.name}))).await;
    }
    let order = json!({"snaps": [EMBER.name, LUMEN.name]});
    change(&app, MEMBER, ("PUT", &format!("{slice}/order")), Some(order)).await;
    let removed = Some(json!({"name": LUMEN.name}));
    change(&app, MEMBER, ("POST", &format!("{slice}/remove_snap")), removed).await;
    change(&app, ADMIN, ("DELETE", slice), None).await;
    let snap = json!({"snap_id": LUMEN.id()});
    change(&app, MEMBER, ("POST", "/api/exclude_snap"), Some(snap.clone())).await;
    change(&app, MEMBER, ("POST", "/api/include_snap"), Some(snap)).await;
    change(&app, MEMBER, ("POST", "/api/run_pipeline_step"), Some(json!({"step_name": "score"})))
        .await;

    let (a, b) = (LUMEN.id(), EMBER.id());
    let state = |name: &str, description: &str, snaps: &[&str]| json!({"name": name, "description": description, "snaps": snaps});
    let excluded = |is_excluded: bool| json!({"excluded": is_excluded});
    let states = [
        Value::Null,
        state("Picks", "1", &[]),
        state("P", "2", &[]),
        state("P", "2", &[&a]),
        state("P", "2", &[&a, &b]),
        state("P", "2", &[&b, &a]),
        state("P", "2", &[&b]),
        Value::Null,
    ];
    let edits = [
        ("create-slice", "ann"),
        ("describe-slice", "bob"),
        ("add-snap", "ann"),
        ("add-snap", "ann"),
        ("order-slice", "ann"),
        ("remove-snap", "ann"),
        ("delete-slice", "bob"),
    ];
    let mut expected: Vec<_> = edits
        .iter()
        .zip(states.windows(2))
        .map(|((action, actor), states)| {
            (*action, *actor, "picks", states[0].clone(), states[1].clone())
        })
        .collect();
    expected.push(("exclude-snap", "ann", &a, excluded(false), excluded(true)));
    expected.push(("include-snap", "ann", &a, excluded(true), excluded(false)));
    let mut told = changes(&app).await;
    told.reverse();
    assert_eq!(told.len(), expected.len() + 1);
    for (entry, (action, actor, target, before, after)) in told.iter().zip(expected) {
        assert_eq!((&entry["action"], &entry["actor"]), (&json!(action), &json!(actor)));
        assert_eq!((&entry["target"], &entry["before"]), (&json!(target), &before), "{action}");
        assert_eq!(entry["after"], after, "{action}");
        assert_eq!(entry["role"], if actor == "bob" { "admin" } else { "member" });
    }
    assert_eq!(told[4]["request-id"], "PUT-order");
    let run = &told[9];
    assert_eq!((&run["action"], &run["target"]), (&json!("run-step"), &json!("score")));
    assert!(run["after"]["job-id"].as_str().unwrap().starts_with("j-"));
}

#[tokio::test]
async fn the_changes_are_told_in_pages() {
    let app = app().await;
    for number in 0..5 {
        let body = json!({"name": format!("Slice {number}"), "description": ""});
        change(&app, MEMBER, ("POST", "/api/editorial_slice"), Some(body)).await;
    }
    let mut path = "/v2/audit?limit=2".to_owned();
    let mut targets = Vec::new();
    loop {
        let page = app.send(&sent(ADMIN, "GET", &path, None)).await;
        assert_eq!(page.header("cache-control"), Some("private"));
        let page = page.json();
        let entries = page["audit"].as_array().unwrap();
        assert!(entries.len() <= 2);
        targets.extend(entries.iter().map(|entry| entry["target"].as_str().unwrap().to_owned()));
        let Some(cursor) = page["next-cursor"].as_str() else { break };
        path = format!("/v2/audit?limit=2&cursor={cursor}");
    }
    assert_eq!(targets, ["slice_4", "slice_3", "slice_2", "slice_1", "slice_0"]);
    let bad_limits = ["limit=0", "limit=1001", "limit=x", "limit=", "limit=%2B5"];
    for bad in bad_limits.into_iter().chain(["cursor=x", "cursor=-1", "cursor=", "cursor=%2B5"]) {
        let received = app.send(&sent(ADMIN, "GET", &format!("/v2/audit?{bad}"), None)).await;
        assert_eq!(received.status, 400, "{bad}");
        assert_eq!(received.json()["error-list"][0]["code"], "bad-argument", "{bad}");
    }
}

#[tokio::test]
async fn a_page_of_large_changes_ends_early_and_loses_none() {
    let app = app().await;
    let client = database::connect(&app.database_url).await;
    let fill = "INSERT INTO audit (at, actor, role, action, target, before, after, request_id)
                SELECT now(), 'ann', 'member', 'order-slice', n::text, jsonb_build_object('name', repeat('x', n_bytes)), NULL, ''
                FROM unnest(ARRAY[1500000, 1500000, 1500000, 1500000, 5000000, 1500000])
                WITH ORDINALITY AS large (n_bytes, n)";
    client.execute(fill, &[]).await.unwrap();
    let (mut path, mut pages) = ("/v2/audit".to_owned(), Vec::new());
    loop {
        let page = app.send(&sent(ADMIN, "GET", &path, None)).await.json();
        let entries = page["audit"].as_array().unwrap();
        let targets = entries.iter().map(|entry| entry["target"].as_str().unwrap());
        pages.push(targets.collect::<Vec<_>>().join(","));
        let Some(cursor) = page["next-cursor"].as_str() else { break };
        path = format!("/v2/audit?cursor={cursor}");
    }
    assert_eq!(pages, ["6", "5", "4,3", "2,1"]);
}
