//! Admins choose what the store features; what fails is undone.

use crate::editors::ADMIN;
use crate::editors::EMBER;
use crate::editors::LUMEN;
use crate::editors::TIDE;
use crate::editors::changes;
use crate::editors::generation;
use crate::editors::sent;
use crate::editors::store::Store;
use crate::editors::with;
use crate::support::app::Received;
use crate::support::app::TestApp;
use crate::support::database;
use crate::support::raw::Raw;
use crate::support::raw::head;
use hyper::Method;
use rustix::process::Pid;
use rustix::process::Signal;
use serde_json::json;
use std::time::Duration;
use tokio_postgres::Client;

/// What takes turns in choosing.
const LOCK: i64 = 0x736e_6170_6665_6174;

async fn start(featured: &[String]) -> (Store, TestApp) {
    start_with(featured, "10").await
}

/// The same with so many seconds to drain.
async fn start_with(featured: &[String], drain_timeout_s: &str) -> (Store, TestApp) {
    let store = Store::start(featured).await;
    let app = with(&[
        ("SNAPWISE_STORE_URL", &store.url),
        ("SNAPWISE_PUBLISHER_URL", &store.url),
        ("SNAPWISE_PUBLISHER_TOKEN", "s3cret of the publisher"),
        ("SNAPWISE_DRAIN_TIMEOUT_S", drain_timeout_s),
    ])
    .await;
    (store, app)
}

async fn choose(app: &TestApp, ids: &[String]) -> Received {
    send(app, "application/x-www-form-urlencoded", &format!("snaps={}", ids.join("%2C"))).await
}

async fn send(app: &TestApp, kind: &str, body: &str) -> Received {
    let mut request = sent(ADMIN, "POST", "/featured", None);
    request.headers.push(("Content-Type".to_owned(), kind.to_owned()));
    request.body = body.as_bytes().to_vec();
    app.send(&request).await
}

#[track_caller]
fn assert_fails(received: &Received, status: u16, message: &str) {
    let expected = json!({"message": message, "success": false});
    assert_eq!((received.status, received.json()), (status, expected));
}

async fn n_events(client: &Client) -> i64 {
    client.query_one("SELECT count(*) FROM featured_event", &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn the_list_becomes_what_was_chosen_and_is_recorded() {
    let (store, app) = start(&[LUMEN.id(), EMBER.id()]).await;
    let unlisted = "z".repeat(32);
    let received = choose(&app, &[TIDE.id(), LUMEN.id(), unlisted.clone(), TIDE.id()]).await;
    assert_eq!((received.status, received.json()), (200, json!({"success": true})));
    assert_eq!(received.header("cache-control"), Some("private"));
    assert_eq!(store.asked(), ["DELETE ab", "PUT caz"]);
    assert_eq!(store.featured(), [TIDE.id(), LUMEN.id(), unlisted.clone()]);
    let client = database::connect(&app.database_url).await;
    let sql = "SELECT snap_id, is_manual, is_snapshot, reason->>'nickname', title, count(*) OVER (PARTITION BY featured_at)
               FROM featured_event ORDER BY number";
    let rows = client.query(sql, &[]).await.unwrap();
    let told: Vec<(String, bool, bool, String, Option<String>, i64)> = rows
        .iter()
        .map(|row| (row.get(0), row.get(1), row.get(2), row.get(3), row.get(4), row.get(5)))
        .collect();
    let (bob, title) = (|| "bob".to_owned(), |title: &str| Some(title.to_owned()));
    let expected = [
        (TIDE.id(), true, false, bob(), title(TIDE.title), 3),
        (LUMEN.id(), true, true, bob(), title(LUMEN.title), 3),
        (unlisted.clone(), true, false, bob(), None, 3),
    ];
    assert_eq!(told, expected);
    let change = &changes(&app).await[0];
    assert_eq!((&change["action"], &change["actor"]), (&json!("feature-snaps"), &json!("bob")));
    assert_eq!(change["before"], json!({"snaps": [LUMEN.id(), EMBER.id()]}));
    assert_eq!(change["after"], json!({"snaps": [TIDE.id(), LUMEN.id(), unlisted]}));
    app.wait_for_generation(generation(&app).await).await;
    assert!(!app.log().contains("s3cret"));
}

#[tokio::test]
async fn a_browsers_form_is_read_and_an_empty_one_is_not() {
    let (store, app) = start(&[]).await;
    let body = format!(
        "--b1\r\nContent-Disposition: form-data; name=\"snaps\"\r\n\r\n{}, {}\r\n--b1--\r\n",
        EMBER.id(),
        LUMEN.id()
    );
    assert_eq!(send(&app, "multipart/form-data; boundary=b1", &body).await.status, 200);
    assert_eq!(store.asked(), ["PUT ba"]);
    let form = "application/x-www-form-urlencoded";
    let id = LUMEN.id();
    for (kind, body) in [
        (form, ""),
        (form, "snaps="),
        (form, "snaps=,+,"),
        (form, "other=1"),
        ("multipart/form-data", &*format!("snaps={id}")),
    ] {
        assert_fails(&send(&app, kind, body).await, 500, "Snaps cannot be empty");
    }
    for kind in ["application/json", "text/plain", "form", ""] {
        let received = send(&app, kind, &format!("snaps={id}")).await;
        assert_fails(&received, 415, "Snaps must be sent as a form");
    }
    let received = send(&app, form, &format!("snaps={id},lumen-notes")).await;
    assert_fails(&received, 400, "Snaps must be snap ids");
    let many: Vec<_> = (0..201).map(|number| format!("{number:032}")).collect();
    assert_fails(&choose(&app, &many).await, 400, "At most 200 snaps can be featured");
    assert!(store.asked().is_empty());
}

#[tokio::test]
async fn what_the_store_refuses_leaves_its_list_as_it_was() {
    let before = [LUMEN.id(), EMBER.id()];
    let (store, app) = start(&before).await;
    let client = database::connect(&app.database_url).await;
    let chosen = [TIDE.id(), EMBER.id()];
    let not_deleted = "An error occurred while deleting featured snaps";
    let unauthorized = "Unauthorized to update featured snaps";
    for (method, status, answered, message) in [
        (Method::DELETE, 404, 400, not_deleted),
        (Method::PUT, 401, 401, unauthorized),
        (Method::PUT, 403, 403, unauthorized),
        (Method::PUT, 400, 500, "Failed to update featured snaps (status 400)."),
        (Method::PUT, 200, 500, "Failed to update featured snaps (status 200)."),
    ] {
        store.refuse(method, status);
        assert_fails(&choose(&app, &chosen).await, answered, message);
        assert_eq!(store.featured(), before, "{status}");
    }
    store.refuse(Method::GET, 404);
    store.asked();
    assert_fails(&choose(&app, &chosen).await, 502, "The store cannot be asked.");
    assert!(store.asked().is_empty());
    assert_eq!((n_events(&client).await, changes(&app).await.len()), (0, 0));
}

#[tokio::test]
async fn what_cannot_be_recorded_is_undone_to_the_last_snap() {
    let before = [LUMEN.id(), EMBER.id()];
    let (store, app) = start(&before).await;
    let client = database::connect(&app.database_url).await;
    let rule = "ALTER TABLE featured_event ADD CONSTRAINT none CHECK (false)";
    client.batch_execute(rule).await.unwrap();
    let text = "Featured update rolled back due to an internal error.";
    assert_fails(&choose(&app, &[TIDE.id(), EMBER.id()]).await, 500, text);
    // The store adds what it is given: without the second DELETE the new snap would stay.
    assert_eq!(store.asked(), ["DELETE ab", "PUT cb", "DELETE c", "PUT ab"]);
    assert_eq!(store.featured(), before);
    client.batch_execute("ALTER TABLE featured_event DROP CONSTRAINT none").await.unwrap();
    assert_eq!(choose(&app, &[TIDE.id()]).await.status, 200);
}

#[tokio::test]
async fn one_choice_at_a_time() {
    let (store, app) = start(&[LUMEN.id()]).await;
    let client = database::connect(&app.database_url).await;
    client.execute("SELECT pg_advisory_lock($1)", &[&LOCK]).await.unwrap();
    let busy = "Featured update already in progress. Please retry.";
    assert_fails(&choose(&app, &[TIDE.id()]).await, 409, busy);
    assert!(store.asked().is_empty());
    drop(client);
    let since = std::time::Instant::now();
    while choose(&app, &[TIDE.id()]).await.status == 409 {
        assert!(since.elapsed() < crate::support::app::PATIENCE);
    }
    // Two at once: one of them waits for its own turn.
    store.state.lock().unwrap().pause = Duration::from_millis(300);
    let (first, second) = ([LUMEN.id()], [EMBER.id()]);
    let (one, two) = tokio::join!(choose(&app, &first), choose(&app, &second));
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
}

/// Chooses, and goes away when the old list is gone and the new one is not there.
async fn choose_and_go(store: &Store, app: &TestApp, id: &str) {
    let body = format!("snaps={id}");
    let (token, length) = (format!("Bearer {ADMIN}"), body.len().to_string());
    let mut raw = Raw::connect(&app.public).await;
    let headers = [
        ("Authorization", &*token),
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("Content-Length", &*length),
    ];
    raw.send(head("POST", "/featured", &headers)).await.unwrap();
    raw.send(body).await.unwrap();
    let since = std::time::Instant::now();
    while store.state.lock().unwrap().asked.is_empty() {
        assert!(since.elapsed() < crate::support::app::PATIENCE);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_choice_ends_though_nobody_listens() {
    let (store, app) = start(&[LUMEN.id()]).await;
    store.state.lock().unwrap().pause = Duration::from_millis(300);
    let client = database::connect(&app.database_url).await;
    choose_and_go(&store, &app, &TIDE.id()).await;
    let since = std::time::Instant::now();
    while n_events(&client).await == 0 {
        assert!(since.elapsed() < crate::support::app::PATIENCE);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(store.featured(), [TIDE.id()]);
}

#[tokio::test]
async fn a_choice_ends_though_the_server_is_told_to_go() {
    // The store takes longer than connections may take to drain.
    let (store, mut app) = start_with(&[LUMEN.id()], "1").await;
    store.state.lock().unwrap().pause = Duration::from_millis(1_500);
    let client = database::connect(&app.database_url).await;
    choose_and_go(&store, &app, &TIDE.id()).await;
    let pid = Pid::from_raw(app.pid().try_into().unwrap()).unwrap();
    rustix::process::kill_process(pid, Signal::TERM).unwrap();
    // The store answers on this test's own thread.
    let ended = tokio::task::spawn_blocking(move || app.wait());
    assert_eq!(ended.await.unwrap().code(), Some(0));
    assert_eq!((n_events(&client).await, store.featured()), (1, vec![TIDE.id()]));
}
