//! What editors look up: collected snaps, and how the pipeline goes.

use crate::editors::EMBER;
use crate::editors::LUMEN;
use crate::editors::TIDE;
use crate::editors::app;
use crate::editors::assert_refused;
use crate::editors::assert_says;
use crate::editors::changes;
use crate::editors::get;
use crate::editors::listed;
use crate::editors::listed::ListedSnap;
use crate::editors::post;
use crate::editors::serve;
use crate::support::app::TestApp;
use crate::support::database;
use serde_json::Value;
use serde_json::json;

async fn found(app: &TestApp, query: &str) -> Vec<String> {
    let received = get(app, &format!("/api/collected_snaps/search?q={query}")).await;
    let said = received.json();
    assert_eq!((&said["message"], &said["success"]), (&json!(""), &json!(true)));
    let packages = said["data"]["packages"].as_array().unwrap();
    packages.iter().map(|one| one["package"]["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn snaps_are_found_by_title_name_or_summary() {
    let app = app().await;
    assert_eq!(found(&app, "LUMEN+n").await, [LUMEN.name]);
    assert_eq!(found(&app, "t-pai").await, Vec::<String>::new());
    assert_eq!(found(&app, "r-pai").await, [EMBER.name]);
    assert_eq!(found(&app, "high%20and").await, [TIDE.name]);
    assert_eq!(found(&app, "i").await, Vec::<String>::new());
    for none in ["", "in", "%00%00%00", "x%00yz", &"n".repeat(300)] {
        assert_eq!(found(&app, none).await, Vec::<String>::new(), "{none}");
    }
    let shown = get(&app, "/api/collected_snaps/search?q=lumen").await;
    let package = json!({
        "categories": [],
        "package": {
            "description": LUMEN.summary,
            "display_name": LUMEN.title,
            "icon_url": "https://cdn.example/lumen-notes.png",
            "name": LUMEN.name,
            "platforms": [],
            "type": "app",
        },
        "publisher": {
            "display_name": "Example Org", "name": "Example Org", "validation": "verified",
        },
        "snap_id": LUMEN.id(),
    });
    let expected = json!({"data": {"packages": [package]}, "message": "", "success": true});
    assert_says(&shown, 200, &expected);
}

#[tokio::test]
async fn every_character_of_a_search_stands_for_itself() {
    let app = app().await;
    assert_eq!(found(&app, "100%25").await, [EMBER.name]);
    assert_eq!(found(&app, "t_w").await, [EMBER.name]);
    assert_eq!(found(&app, "C%3A%5Char").await, [TIDE.name]);
    for wild in ["%25%25%25", "___", "e%25r", "n_t", "%5C%5C%5C", "%27%3B--"] {
        assert_eq!(found(&app, wild).await, Vec::<String>::new(), "{wild}");
    }
}

#[tokio::test]
async fn a_search_shows_fifteen_snaps_in_a_steady_order() {
    const NAMES: [&str; 20] = [
        "s-t", "s-s", "s-r", "s-q", "s-p", "s-o", "s-n", "s-m", "s-l", "s-k", "s-j", "s-i", "s-h",
        "s-g", "s-f", "s-e", "s-d", "s-c", "s-b", "s-a",
    ];
    let database = database::migrated().await;
    let snaps: Vec<_> = ('A'..)
        .zip(NAMES)
        .map(|(letter, name)| ListedSnap { letter, name, title: "Same title", summary: "" })
        .collect();
    let client = database::connect(&database.url).await;
    listed::list(&client, &snaps).await;
    let gone = "UPDATE listed SET vanished_at = now() WHERE name = 's-b'";
    client.execute(gone, &[]).await.unwrap();
    let app = serve(&database.url, &[]);
    let shown = found(&app, "same").await;
    let mut expected: Vec<_> = NAMES.into_iter().filter(|name| *name != "s-b").collect();
    expected.sort_unstable();
    assert_eq!(shown, expected[..15]);
}

async fn status(app: &TestApp) -> Value {
    let received = get(app, "/api/settings").await;
    assert_eq!(received.status, 200);
    received.json()
}

#[tokio::test]
async fn the_status_tells_each_step_and_works_from_the_first_day() {
    let app = app().await;
    let never = |id: &str, name: &str| {
        json!({"id": id, "last_failed_run": null, "last_successful_run": null, "message": null,
               "name": name, "success": null})
    };
    let steps = [
        never("collect", "Collect"),
        never("filter", "Filter"),
        never("extra_fields", "Extra fields"),
        never("score", "Score"),
    ];
    assert_eq!(status(&app).await, json!({"last_updated": null, "pipeline_steps": steps}));
    let client = database::connect(&app.database_url).await;
    let run =
        "INSERT INTO step_run (step, success, message, started_at, ended_at, n_in, n_out, rejected)
               VALUES ('filter', $1, $2, $3::text::timestamptz, $3::text::timestamptz, 0, 0, '{}')";
    for (success, message, at) in [
        (true, "", "2026-07-10T00:00:00Z"),
        (true, "", "2026-07-11T00:05:00Z"),
        (false, "it rained", "2026-07-12T00:05:00Z"),
    ] {
        client.execute(run, &[&success, &message, &at]).await.unwrap();
    }
    let kept = r#"INSERT INTO setting VALUES ('last_updated', '"2026-07-11T00:09:53.5+00:00"')"#;
    client.execute(kept, &[]).await.unwrap();
    let said = status(&app).await;
    assert_eq!(said["last_updated"], "Sat, 11 Jul 2026 00:09:53 GMT");
    let expected = json!({
        "id": "filter", "last_failed_run": "Sun, 12 Jul 2026 00:05:00 GMT",
        "last_successful_run": "Sat, 11 Jul 2026 00:05:00 GMT", "message": "it rained",
        "name": "Filter", "success": false,
    });
    assert_eq!(said["pipeline_steps"][1], expected);
}

#[tokio::test]
async fn a_step_is_queued_once_and_only_a_step() {
    let app = app().await;
    let path = "/api/run_pipeline_step";
    for body in [json!({}), json!({"step_name": ""}), json!({"step_name": null})] {
        assert_refused(&post(&app, path, body).await, 400, "Step name is required");
    }
    for body in [json!({"step_name": "dance"}), json!({"step_name": 1})] {
        assert_refused(&post(&app, path, body).await, 400, "Invalid step name");
    }
    let message = "Pipeline step 'extra_fields' started, please don't trigger again until last run time is updated";
    let received = post(&app, path, json!({"step_name": "extra_fields"})).await;
    assert_says(&received, 200, &json!({"status": "success", "message": message}));
    let received = post(&app, path, json!({"step_name": "score"})).await;
    assert_refused(&received, 409, "Pipeline is already running");
    let client = database::connect(&app.database_url).await;
    let jobs = client.query("SELECT job_id, kind, args::text FROM job", &[]).await.unwrap();
    assert_eq!(jobs.len(), 1);
    let (id, kind): (String, String) = (jobs[0].get(0), jobs[0].get(1));
    let args: Value = serde_json::from_str(jobs[0].get(2)).unwrap();
    assert_eq!((&*kind, &args["steps"]), ("pipeline", &json!(["extra_fields"])));
    let told = changes(&app).await;
    assert_eq!((told.len(), &told[0]["after"]["job-id"]), (1, &json!(id)));
}
