//! Slices are made, described, filled, put in order and deleted.

use crate::editors::EMBER;
use crate::editors::LUMEN;
use crate::editors::MEMBER;
use crate::editors::TIDE;
use crate::editors::app;
use crate::editors::assert_done;
use crate::editors::assert_refused;
use crate::editors::assert_says;
use crate::editors::changes;
use crate::editors::generation;
use crate::editors::get;
use crate::editors::listed;
use crate::editors::listed::ListedSnap;
use crate::editors::post;
use crate::editors::sent;
use crate::editors::serve;
use crate::support::app::Received;
use crate::support::app::TestApp;
use crate::support::database;
use serde_json::Value;
use serde_json::json;

const PICKS: &str = "/api/editorial_slice/our_picks_2026";

async fn make(app: &TestApp) {
    let body = json!({"name": "Our Picks! 2026", "description": "What we like"});
    assert_done(&post(app, "/api/editorial_slice", body).await);
}

async fn add(app: &TestApp, name: &str) -> Received {
    post(app, &format!("{PICKS}/snaps"), json!({"name": name})).await
}

async fn order(app: &TestApp, names: &[&str]) -> Received {
    let body = json!({"snaps": names});
    app.send(&sent(MEMBER, "PUT", &format!("{PICKS}/order"), Some(&body))).await
}

async fn names(app: &TestApp) -> Vec<String> {
    let shown = get(app, PICKS).await.json();
    let snaps = shown["snaps"].as_array().unwrap();
    snaps.iter().map(|snap| snap["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_slice_lives_and_every_server_sees_it() {
    let app = app().await;
    let other = serve(&app.database_url, &[]);
    make(&app).await;
    let listed = |name: &str, n: usize| json!([{"id": "our_picks_2026", "name": name, "description": "What we like", "snaps_count": n}]);
    let list = "/api/editorial_slices";
    assert_says(&get(&other, list).await, 200, &listed("Our Picks! 2026", 0));
    for snap in [LUMEN, EMBER, TIDE] {
        assert_done(&add(&app, snap.name).await);
    }
    assert_says(&get(&other, list).await, 200, &listed("Our Picks! 2026", 3));
    let renamed = json!({"name": "Ünsere Wahl", "description": "What we like"});
    assert_done(&post(&other, PICKS, renamed).await);
    let shown = get(&app, &format!("{PICKS}/")).await.json();
    assert_eq!((&shown["id"], &shown["name"]), (&json!("our_picks_2026"), &json!("Ünsere Wahl")));
    assert_eq!(shown["snaps"][0]["snap_id"], LUMEN.id());
    assert_eq!(shown["snaps"][0].as_object().unwrap().len(), 16);
    let remove = format!("{PICKS}/remove_snap");
    assert_done(&post(&app, &remove, json!({"name": EMBER.name})).await);
    assert_eq!(names(&other).await, [LUMEN.name, TIDE.name]);
    let newest = generation(&app).await;
    other.wait_for_generation(newest).await;
    assert_done(&app.send(&sent(MEMBER, "DELETE", PICKS, None)).await);
    assert_refused(&get(&other, PICKS).await, 404, "Slice not found");
    assert_says(&get(&other, list).await, 200, &json!([]));
}

#[tokio::test]
async fn adding_appends_and_an_order_is_kept() {
    let app = app().await;
    make(&app).await;
    for snap in [TIDE, LUMEN, EMBER] {
        assert_done(&add(&app, snap.name).await);
    }
    assert_eq!(names(&app).await, [TIDE.name, LUMEN.name, EMBER.name]);
    assert_done(&order(&app, &[EMBER.name, TIDE.name, LUMEN.name]).await);
    let before = generation(&app).await;
    // There already, and in that order already.
    assert_done(&add(&app, TIDE.name).await);
    assert_done(&order(&app, &[EMBER.name, TIDE.name, LUMEN.name]).await);
    let same = json!({"name": "Our Picks! 2026", "description": "What we like"});
    assert_done(&post(&app, PICKS, same).await);
    assert_eq!((generation(&app).await, changes(&app).await.len()), (before, 5));
    let text = "snaps: every snap of the slice, once, by its name";
    for bad in [
        &[EMBER.name, TIDE.name][..],
        &[EMBER.name, TIDE.name, TIDE.name],
        &[EMBER.name, TIDE.name, LUMEN.name, LUMEN.name],
        &[EMBER.name, TIDE.name, "nothing"],
        &[],
    ] {
        assert_refused(&order(&app, bad).await, 400, text);
    }
    assert_eq!(names(&app).await, [EMBER.name, TIDE.name, LUMEN.name]);
}

#[tokio::test]
async fn what_is_not_there_is_said_in_two_texts() {
    let app = app().await;
    make(&app).await;
    let (no_slice, no_snap) = ("Slice not found", "Snap not found");
    let nothing = "/api/editorial_slice/nothing";
    let good = json!({"name": LUMEN.name, "description": ""});
    assert_refused(&get(&app, nothing).await, 404, no_slice);
    assert_refused(&get(&app, &format!("{nothing}%00")).await, 404, no_slice);
    assert_refused(&post(&app, nothing, good.clone()).await, 404, no_slice);
    assert_refused(&app.send(&sent(MEMBER, "DELETE", nothing, None)).await, 404, no_slice);
    for path in ["snaps", "remove_snap"] {
        let received = post(&app, &format!("{nothing}/{path}"), good.clone()).await;
        assert_refused(&received, 404, no_slice);
        for name in ["nothing", "No Name", LUMEN.name] {
            if (path, name) != ("snaps", LUMEN.name) {
                let received = post(&app, &format!("{PICKS}/{path}"), json!({"name": name})).await;
                assert_refused(&received, 404, no_snap);
            }
        }
    }
    let order = sent(MEMBER, "PUT", &format!("{nothing}/order"), Some(&json!({"snaps": []})));
    assert_refused(&app.send(&order).await, 404, no_slice);
}

#[tokio::test]
async fn a_second_slice_of_the_same_id_is_refused() {
    let app = app().await;
    make(&app).await;
    let body = json!({"name": "our picks 2026", "description": "Another"});
    let received = post(&app, "/api/editorial_slice", body).await;
    let expected = json!({"error": "Slice cannot be created.", "status": "failed"});
    assert_says(&received, 409, &expected);
    assert_eq!(get(&app, PICKS).await.json()["description"], "What we like");
}

#[tokio::test]
async fn of_several_snaps_of_a_name_the_latest_is_meant_and_a_vanished_one_is_gone() {
    let database = database::migrated().await;
    let client = database::connect(&database.url).await;
    let older = ListedSnap { letter: 'd', ..LUMEN };
    listed::list(&client, &[LUMEN, older, TIDE]).await;
    let app = serve(&database.url, &[]);
    make(&app).await;
    for name in [LUMEN.name, TIDE.name] {
        assert_done(&add(&app, name).await);
    }
    let shown: Value = get(&app, PICKS).await.json();
    assert_eq!(shown["snaps"][0]["snap_id"], LUMEN.id());
    let gone = "UPDATE listed SET vanished_at = now() WHERE name = 'tide-clock'";
    client.execute(gone, &[]).await.unwrap();
    assert_done(&post(&app, &format!("{PICKS}/remove_snap"), json!({"name": TIDE.name})).await);
    assert_refused(&add(&app, TIDE.name).await, 404, "Snap not found");
}

#[tokio::test]
async fn there_are_a_hundred_slices_at_most() {
    let app = app().await;
    let client = database::connect(&app.database_url).await;
    let fill = "INSERT INTO slice (slice_id, name, description, created_at)
                SELECT 'slice-' || n, 'Slice ' || n, '', now() FROM generate_series(1, 99) AS n";
    client.execute(fill, &[]).await.unwrap();
    make(&app).await;
    let expected = "there are 100 slices, which is as many as there may be";
    let another = json!({"name": "Another", "description": ""});
    let received = post(&app, "/api/editorial_slice", another.clone()).await;
    assert_refused(&received, 400, expected);
    assert_done(&app.send(&sent(MEMBER, "DELETE", PICKS, None)).await);
    assert_done(&post(&app, "/api/editorial_slice", another).await);
}
