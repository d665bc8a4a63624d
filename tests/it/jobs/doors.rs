//! Jobs over HTTP: queued, looked at, waited for, cancelled.

use crate::jobs::Place;
use crate::jobs::id;
use crate::jobs::now;
use crate::jobs::plain;
use crate::support::app::Received;
use crate::support::app::Sent;
use crate::support::app::TestApp;
use crate::support::app::ask;
use crate::support::app::assert_spec;
use crate::support::database;
use rustix::process::Pid;
use rustix::process::Signal;
use rustix::process::kill_process;
use serde_json::Value;
use serde_json::json;
use snapwise::db::jobs;
use snapwise::db::jobs::JobId;
use snapwise::db::jobs::Lease;
use snapwise::db::jobs::Outcome;
use std::time::Duration;
use std::time::Instant;
use tokio::task::JoinSet;

/// Sends a body to the internal listener and holds the answer against the spec.
pub(super) async fn post(
    app: &TestApp,
    path: &str,
    headers: &[(&str, &str)],
    body: &Value,
) -> Received {
    post_text(app, path, headers, &body.to_string()).await
}

async fn post_text(app: &TestApp, path: &str, headers: &[(&str, &str)], body: &str) -> Received {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let sent = Sent {
        method: "POST".to_owned(),
        path: path.to_owned(),
        headers: headers.collect(),
        body: body.as_bytes().to_vec(),
    };
    let received = ask(&app.internal, &sent).await.unwrap();
    assert_spec("POST", path, &received);
    received
}

/// The codes and pointers of a refusal.
fn refusal(received: &Received) -> (u16, Vec<(String, Option<String>)>) {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let list = received.json()["error-list"].as_array().unwrap().clone();
    let entry = |entry: &Value| (text(&entry["code"]).unwrap(), text(&entry["pointer"]));
    (received.status, list.iter().map(entry).collect())
}

fn one(code: &str, pointer: &str) -> Vec<(String, Option<String>)> {
    vec![(code.to_owned(), Some(pointer.to_owned()))]
}

fn bare(code: &str) -> Vec<(String, Option<String>)> {
    vec![(code.to_owned(), None)]
}

async fn served() -> (Place, TestApp) {
    let place = Place::new().await;
    let app = TestApp::serve(&place.test.url, &[]);
    (place, app)
}

/// A job that this test has taken, as a worker would.
async fn taken(place: &Place) -> (JobId, Lease) {
    let id = place.enqueue(&plain("mine", None)).await.id;
    let claimed = jobs::claim(&place.client().await, &["mine"], "w", 1, now()).await.unwrap();
    (id, claimed.unwrap().1)
}

pub(super) async fn finish(place: &Place, lease: &Lease, outcome: Outcome) {
    let mut client = place.client().await;
    let transaction = client.transaction().await.unwrap();
    assert!(jobs::finish(&transaction, lease, &outcome, now()).await.unwrap());
    transaction.commit().await.unwrap();
}

#[tokio::test]
async fn work_is_queued_shown_listed_and_cancelled() {
    let (place, app) = served().await;
    let queued = post(&app, "/v2/jobs", &[], &json!({"kind": "prune", "args": {}})).await;
    assert_eq!(queued.status, 202);
    let said = queued.json();
    let path = format!("/v2/jobs/{}", said["job"]["id"].as_str().unwrap());
    assert_eq!(queued.header("location"), Some(path.as_str()));
    assert_eq!((&said["deduplicated"], &said["job"]["state"]), (&json!(false), &json!("queued")));
    let again = post(&app, "/v2/jobs", &[], &json!({"kind": "prune"})).await;
    assert_eq!((again.status, &again.json()["deduplicated"]), (200, &json!(true)));
    assert_eq!(again.json()["job"], said["job"], "equal work is one job");

    let shown = app.ask_operator(&path).await;
    assert_eq!((shown.status, shown.json()["job"].clone()), (200, said["job"].clone()));
    assert_eq!(shown.header("cache-control"), Some("no-store"));
    let mut listed = said["job"].clone();
    listed.as_object_mut().unwrap().remove("result");
    let list = app.ask_operator("/v2/jobs?kind=prune&state=queued").await.json();
    assert_eq!(list, json!({"jobs": [listed], "next-cursor": null}));
    let none = app.ask_operator("/v2/jobs?state=running").await.json();
    assert_eq!(none, json!({"jobs": [], "next-cursor": null}));

    let cancel = format!("{path}/cancel");
    let cancelled = post_text(&app, &cancel, &[], "").await;
    assert_eq!((cancelled.status, &cancelled.json()["job"]["state"]), (200, &json!("cancelled")));
    let again = post_text(&app, &cancel, &[], "").await;
    assert_eq!(refusal(&again), (409, bare("already-finished")));

    let (id, lease) = taken(&place).await;
    let told = post_text(&app, &format!("/v2/jobs/{id}/cancel"), &[], "").await;
    assert_eq!((told.status, &told.json()["job"]["cancel-requested"]), (202, &json!(true)));
    finish(&place, &lease, Outcome::Cancelled).await;
}

#[tokio::test]
async fn pages_of_the_list_hold_every_job_once() {
    let (place, app) = served().await;
    let mut made = Vec::new();
    for _ in 0..23 {
        made.push(place.enqueue(&plain("a", None)).await.id.to_string());
    }
    let mut listed = Vec::new();
    let (mut path, mut pages) = ("/v2/jobs".to_owned(), Vec::new());
    loop {
        let page = app.ask_operator(&path).await.json();
        let jobs = page["jobs"].as_array().unwrap();
        pages.push(jobs.len());
        listed.extend(jobs.iter().map(|job| job["id"].as_str().unwrap().to_owned()));
        let Some(cursor) = page["next-cursor"].as_str() else { break };
        path = format!("/v2/jobs?cursor={cursor}");
    }
    assert_eq!(pages, [10, 10, 3]);
    listed.reverse();
    assert_eq!(listed, made, "the latest come first");
    let all = app.ask_operator("/v2/jobs?limit=23").await.json();
    assert_eq!((all["jobs"].as_array().unwrap().len(), &all["next-cursor"]), (23, &Value::Null));
}

#[tokio::test]
async fn every_fault_of_a_query_is_told() {
    let (place, app) = served().await;
    let job = place.enqueue(&plain("a", None)).await.id;
    for (path, code, pointer) in [
        ("/v2/jobs?limit=0".to_owned(), "bad-limit", "query:limit"),
        ("/v2/jobs?limit=101".to_owned(), "bad-limit", "query:limit"),
        ("/v2/jobs?limit=".to_owned(), "bad-limit", "query:limit"),
        ("/v2/jobs?limit=1e1".to_owned(), "bad-limit", "query:limit"),
        ("/v2/jobs?state=done".to_owned(), "bad-state", "query:state"),
        ("/v2/jobs?kind=%00".to_owned(), "bad-kind", "query:kind"),
        ("/v2/jobs?cursor=x".to_owned(), "bad-cursor", "query:cursor"),
        ("/v2/jobs?kidn=a".to_owned(), "unknown-parameter", "query:kidn"),
        ("/v2/jobs?limit=1&limit=1".to_owned(), "repeated-parameter", "query:limit"),
        (format!("/v2/jobs/{job}?wait=61"), "bad-wait", "query:wait"),
        (format!("/v2/jobs/{job}?wait=soon"), "bad-wait", "query:wait"),
        (format!("/v2/jobs/{job}/events?x"), "unknown-parameter", "query:x"),
    ] {
        assert_eq!(refusal(&app.ask_operator(&path).await), (400, one(code, pointer)), "{path}");
    }
    let many = app.ask_operator("/v2/jobs?limit=x&state=y&%22=z").await;
    let expected = [
        one("unknown-parameter", "query:"),
        one("bad-state", "query:state"),
        one("bad-limit", "query:limit"),
    ];
    assert_eq!(refusal(&many), (400, expected.concat()));
    let unknown = id();
    for path in [
        format!("/v2/jobs/{unknown}"),
        format!("/v2/jobs/{unknown}/events"),
        "/v2/jobs/x".to_owned(),
    ] {
        assert_eq!(refusal(&app.ask_operator(&path).await), (404, bare("job-not-found")), "{path}");
    }
    let path = format!("/v2/jobs/{unknown}/cancel");
    assert_eq!(refusal(&post_text(&app, &path, &[], "").await), (404, bare("job-not-found")));
}

#[tokio::test]
async fn work_that_no_kind_takes_is_not_queued_and_not_repeated() {
    let (place, app) = served().await;
    for (body, code, pointer) in [
        ("", "api-error", ""),
        ("{", "api-error", ""),
        ("[]", "api-error", ""),
        (r#"{"kind":"prune"} x"#, "api-error", ""),
        (r#"{"args":{"token":"s3cret"}}"#, "api-error", ""),
        (r#"{"kind":5}"#, "api-error", "/kind"),
        (r#"{"kind":"prune","args":"s3cret"}"#, "api-error", "/args"),
        (r#"{"kind":"prune","token":"s3cret"}"#, "api-error", "/token"),
        (r#"{"kind":"s3cret"}"#, "unknown-kind", "/kind"),
        (r#"{"kind":"prune","args":{"token":"s3cret"}}"#, "bad-args", "/args/token"),
        (r#"{"kind":"prune","args":{"a":"\u0000"}}"#, "bad-args", "/args"),
    ] {
        let refused = post_text(&app, "/v2/jobs", &[], body).await;
        assert_eq!(refusal(&refused), (400, one(code, pointer)), "{body}");
        assert!(!String::from_utf8_lossy(&refused.body).contains("s3cret"), "{body}");
    }
    let large = format!(r#"{{"kind":"prune","args":{{"a":"{}"}}}}"#, "x".repeat(65_536));
    assert_eq!(post_text(&app, "/v2/jobs", &[], &large).await.status, 413);
    let list = app.ask_operator("/v2/jobs").await.json();
    assert_eq!(list["jobs"], json!([]));
    assert!(!app.log().contains("s3cret"), "{}", app.log());
    drop(place);
}

#[tokio::test]
async fn a_repeated_request_is_given_the_same_job() {
    let (place, app) = served().await;
    let prune = json!({"kind": "prune"});
    let key = [("idempotency-key", "7b1c")];
    let first = post(&app, "/v2/jobs", &key, &prune).await;
    assert_eq!(first.status, 202);
    // Its work is over; without the key it would be done again.
    let claimed = jobs::claim(&place.client().await, &["prune"], "w", 1, now()).await.unwrap();
    finish(&place, &claimed.unwrap().1, Outcome::Succeeded(json!({}))).await;
    let spelt = r#" { "args" : { } , "kind" : "prune" } "#;
    let again = post_text(&app, "/v2/jobs", &key, spelt).await;
    assert_eq!((again.status, &again.json()["deduplicated"]), (200, &json!(true)));
    assert_eq!(again.json()["job"]["id"], first.json()["job"]["id"]);
    assert_eq!(again.json()["first-requested-at"], first.json()["first-requested-at"]);
    let anew = [("idempotency-key", "7b1c"), ("cache-control", "max-age=0, No-Cache")];
    assert_eq!(post(&app, "/v2/jobs", &anew, &prune).await.status, 202);
    // The database alone knows another kind of work, so a mismatch is made there.
    place.client().await.batch_execute("UPDATE job_request SET digest = 'other'").await.unwrap();
    let other = post(&app, "/v2/jobs", &key, &prune).await;
    assert_eq!(refusal(&other), (409, bare("idempotency-mismatch")));
    let long = "k".repeat(129);
    for bad in
        [&[("idempotency-key", long.as_str())][..], &[("idempotency-key", "")], &[key[0], key[0]]]
    {
        let refused = post(&app, "/v2/jobs", bad, &prune).await;
        assert_eq!(refusal(&refused), (400, bare("bad-idempotency-key")), "{bad:?}");
    }
}

#[tokio::test]
async fn three_hundred_waiters_ask_nothing_of_the_database_and_hear_of_the_end() {
    let (place, app) = served().await;
    let (id, lease) = taken(&place).await;
    let path = format!("/v2/jobs/{id}?wait=60s");
    let mut waiting = JoinSet::new();
    for _ in 0..300 {
        let (address, path) = (app.internal.clone(), path.clone());
        let sent = Sent { method: "GET".to_owned(), path, headers: Vec::new(), body: Vec::new() };
        waiting.spawn(async move { ask(&address, &sent).await.unwrap() });
    }
    let watcher = database::connect(&place.test.url).await;
    // When something about jobs was last asked by the server, and how many listen to them for it. The test has a
    // listener of its own.
    let look = "SELECT (max(query_start) FILTER (WHERE query LIKE '%FROM job%'))::text,
                    count(*) FILTER (WHERE query = 'LISTEN \"snapwise_job\"')
                FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let look = async || {
        let row = watcher.query_one(look, &[]).await.unwrap();
        (row.get::<_, Option<String>>(0), row.get::<_, i64>(1))
    };
    let since = Instant::now();
    let mut before = look().await;
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let after = look().await;
        if before == after {
            break;
        }
        assert!(since.elapsed() < Duration::from_secs(40), "{before:?}, then {after:?}");
        before = after;
    }
    assert_eq!(before.1, 2, "one of the server, one of the test");
    assert!(waiting.try_join_next().is_none(), "nobody was answered yet");
    // That it is getting on wakes nobody up.
    let advance = jobs::Advance { progress: 0.5, ..jobs::Advance::default() };
    jobs::progress(&place.client().await, &lease, &advance, now()).await.unwrap();
    finish(&place, &lease, Outcome::Succeeded(json!({"n": 1}))).await;
    for answer in waiting.join_all().await {
        assert_eq!(answer.status, 200);
        assert_eq!(answer.json()["job"]["result"], json!({"n": 1}));
    }
}

#[tokio::test]
async fn a_wait_ends_with_its_time_or_with_the_server() {
    let (place, mut app) = served().await;
    let (id, _lease) = taken(&place).await;
    let answer = app.ask_operator(&format!("/v2/jobs/{id}?wait=1s")).await;
    assert_eq!((answer.status, &answer.json()["job"]["state"]), (200, &json!("running")));
    let address = app.internal.clone();
    let path = format!("/v2/jobs/{id}?wait=60s");
    let sent = Sent { method: "GET".to_owned(), path, headers: Vec::new(), body: Vec::new() };
    let waiting = tokio::spawn(async move { ask(&address, &sent).await.unwrap() });
    tokio::time::sleep(Duration::from_millis(300)).await;
    let pid = Pid::from_raw(i32::try_from(app.pid()).unwrap()).unwrap();
    kill_process(pid, Signal::TERM).unwrap();
    assert_eq!(waiting.await.unwrap().json()["job"]["state"], "running");
    assert!(app.wait().success());
}

#[tokio::test]
async fn a_result_is_shown_for_a_day() {
    let (place, app) = served().await;
    let (id, lease) = taken(&place).await;
    finish(&place, &lease, Outcome::Partial(json!([1]))).await;
    let path = format!("/v2/jobs/{id}");
    assert_eq!(app.ask_operator(&path).await.json()["job"]["result"], json!([1]));
    let age = "UPDATE job SET ended_at = ended_at - interval '24 hours'";
    let client = place.client().await;
    client.batch_execute(age).await.unwrap();
    let gone = app.ask_operator(&path).await;
    assert_eq!(refusal(&gone), (410, bare("result-expired")));
    jobs::prune(&client, now()).await.unwrap();
    assert_eq!(refusal(&app.ask_operator(&path).await), (410, bare("result-expired")));
    let listed = app.ask_operator("/v2/jobs").await.json();
    assert_eq!(listed["jobs"][0]["state"], "partial");
}

#[tokio::test]
async fn without_the_database_jobs_are_not_known() {
    let app = TestApp::serve_at_once("postgresql://nobody@127.0.0.1:1/none", &[]).await;
    for path in ["/v2/jobs".to_owned(), format!("/v2/jobs/{}", id())] {
        let answer = app.ask_operator(&path).await;
        assert_eq!(refusal(&answer), (503, bare("remote-service-unavailable")), "{path}");
        assert_eq!(answer.header("retry-after"), Some("1"));
    }
}
