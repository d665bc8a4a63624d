//! Groups of assertions that a refresh asks for, some of which only the store behind us has.

use crate::forward::assertions::KIND;
use crate::forward::assertions::PATH;
use crate::forward::assertions::account;
use crate::forward::assertions::get;
use crate::forward::assertions::n_held;
use crate::forward::assertions::wait_until_held;
use crate::forward::assertions::with_ann;
use crate::forward::before;
use crate::forward::sent;
use crate::support::app::Received;
use crate::support::app::TestApp;
use crate::support::database;
use crate::support::recorder::Recorder;
use crate::support::recorder::said;
use serde_json::Value;
use serde_json::json;
use std::net::TcpListener;

pub(super) fn of_account(id: &str) -> Value {
    json!({"type": "account", "primary-key": [id]})
}

fn group(key: &str, assertions: &[Value]) -> Value {
    json!({"action": "fetch-assertions", "key": key, "assertions": assertions})
}

/// The results of these groups.
async fn results(app: &TestApp, groups: &[Value]) -> Vec<Value> {
    let headers = [("Snap-Device-Series", "16"), ("Snap-Device-Architecture", "amd64")];
    let formats = json!({"account-key": 1, "snap-declaration": 7});
    let body =
        json!({"context": [], "actions": groups, "fields": [], "assertion-max-formats": formats});
    let answer = app.send(&sent("POST", "/v2/snaps/refresh", &headers, &body.to_string())).await;
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    answer.json()["results"].as_array().unwrap().clone()
}

/// The paths of the URLs of a result, all of them at this server.
#[track_caller]
fn paths(app: &TestApp, result: &Value) -> Vec<String> {
    let here = format!("http://{}", app.public);
    let urls = result["assertion-stream-urls"].as_array().unwrap().iter();
    urls.map(|url| url.as_str().unwrap().strip_prefix(&here).unwrap().to_owned()).collect()
}

/// The paths that one group of these assertions leads to.
pub(super) async fn lead_to(app: &TestApp, assertions: &[Value]) -> Vec<String> {
    let result = results(app, &[group("g1", assertions)]).await.remove(0);
    assert!(result.get("error-list").is_none(), "{result}");
    paths(app, &result)
}

/// What the one path of one unknown account leads to.
async fn followed(app: &TestApp, id: &str) -> Received {
    let paths = lead_to(app, &[of_account(id)]).await;
    assert_eq!(paths, [format!("/v2/assertions/account/{id}?max-format=0")]);
    get(app, &paths[0], &[("Accept", KIND.1)]).await
}

#[tokio::test]
async fn what_we_do_not_hold_is_asked_for_when_it_is_fetched_and_then_held() {
    let upstream = with_ann().await;
    let app = before(&upstream, &[]).await;
    let first = followed(&app, "ann").await;
    assert_eq!((first.status, first.header("content-type")), (200, Some(KIND.1)));
    assert_eq!(first.body, account("ann").into_bytes());
    wait_until_held(&app).await;
    let n_asked = upstream.asked().len();
    assert_eq!(n_asked, 1);
    // From then on as everything that is held: beside what is not.
    let paths = lead_to(&app, &[of_account("bob"), of_account("ann")]).await;
    assert_eq!(paths.len(), 2);
    assert!(paths[0].starts_with("/v2/assertion-streams/"), "{paths:?}");
    assert_eq!(paths[1], "/v2/assertions/account/bob?max-format=0");
    assert_eq!(get(&app, &paths[0], &[]).await.body, first.body);
    let mut newest = of_account("ann");
    newest["if-newer-than"] = json!(0);
    assert_eq!(lead_to(&app, &[newest]).await, [""; 0]);
    assert_eq!(upstream.asked().len(), n_asked);
}

#[tokio::test]
async fn a_refresh_waits_for_no_upstream() {
    // It says nothing, ever.
    let upstream = Recorder::start(|_| None).await;
    let app = before(&upstream, &[]).await;
    let paths = lead_to(&app, &[of_account("ann"), of_account("bob")]).await;
    assert_eq!((paths.len(), upstream.n_connections()), (2, 0));
}

#[tokio::test]
async fn what_the_upstream_has_not_or_says_of_another_is_told_of_that_assertion() {
    let upstream = Recorder::start(|sent| {
        let json = [("Content-Type", "application/json")];
        Some(match sent.path.split('?').next().unwrap() {
            PATH => said(200, &[KIND], &account("eve")),
            "/v2/assertions/account/bob" => {
                said(404, &json, r#"{"error-list": [{"code": "not-found", "message": "no"}]}"#)
            }
            _ => said(500, &json, "{}"),
        })
    })
    .await;
    let app = before(&upstream, &[]).await;
    for (id, status, code) in [
        ("ann", 502, "remote-service-unavailable"),
        ("bob", 404, "not-found"),
        ("cat", 502, "remote-service-unavailable"),
    ] {
        let answer = followed(&app, id).await;
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (status, Some("application/json"))
        );
        assert_eq!(answer.json()["error-list"][0]["code"], code, "{id}");
    }
    assert_eq!(n_held(&app).await, 0);
}

#[tokio::test]
async fn a_dead_upstream_is_told_to_who_fetches() {
    let upstream = Recorder::start(|_| None).await;
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("http://{gone}");
    let app = before(&upstream, &[("SNAPWISE_UPSTREAM", &url)]).await;
    let answer = followed(&app, "ann").await;
    assert_eq!(answer.status, 503);
    assert_eq!(answer.json()["error-list"][0]["code"], "remote-service-unavailable");
}

#[tokio::test]
async fn each_is_asked_for_as_the_device_means_it() {
    let upstream = with_ann().await;
    let app = before(&upstream, &[]).await;
    let set = |name: &str, more: Value| {
        let mut wanted = json!({"type": "validation-set", "sequence-key": ["16", "ann", name]});
        wanted.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        wanted
    };
    let behind = "/v2/assertions/validation-set/16/ann";
    for (wanted, expected) in [
        (set("a", json!({})), format!("{behind}/a?sequence=latest&max-format=0")),
        (set("a", json!({"sequence": 2})), format!("{behind}/a/2?max-format=0")),
        (
            set("b", json!({"if-sequence-equal-or-newer-than": 2, "if-newer-than": 1})),
            format!("{behind}/b?sequence=latest&max-format=0"),
        ),
        (
            json!({"type": "validation-set", "primary-key": ["16", "ann", "c", "3"]}),
            format!("{behind}/c/3?max-format=0"),
        ),
        (
            json!({"type": "snap-declaration", "primary-key": ["16", "an id?"], "if-newer-than": 3}),
            "/v2/assertions/snap-declaration/16/an%20id%3F?max-format=7".to_owned(),
        ),
        (
            json!({"type": "snap-revision", "primary-key": ["digest"]}),
            "/v2/assertions/snap-revision/digest/global-upload?max-format=0".to_owned(),
        ),
    ] {
        let paths = lead_to(&app, &[wanted]).await;
        assert_eq!(paths, [expected.as_str()]);
        assert_eq!(get(&app, &paths[0], &[]).await.status, 404);
        assert_eq!(upstream.asked().last().unwrap().path, expected);
    }
    // What is none is told at once.
    let none = json!({"type": "no-such-type", "primary-key": ["ann"]});
    let wrong = json!({"type": "account", "primary-key": ["ann", "bob"]});
    for (wanted, code) in [(none, "not-found"), (wrong, "invalid-request")] {
        let result = results(&app, &[group("g1", &[of_account("ann"), wanted])]).await.remove(0);
        assert_eq!(result["assertion-stream-urls"], json!([]));
        assert_eq!(result["error-list"][0]["code"], code);
    }
}

#[tokio::test]
async fn no_more_than_so_many_are_asked_for_at_once() {
    let upstream = with_ann().await;
    let app = before(&upstream, &[]).await;
    let of = |numbers: std::ops::Range<u32>| -> Vec<Value> {
        numbers.map(|number| of_account(&format!("account{number}"))).collect()
    };
    let groups = [group("a", &of(0..600)), group("b", &of(600..1_000)), group("c", &of(0..1))];
    let results = results(&app, &groups).await;
    assert_eq!(paths(&app, &results[0]).len(), 600);
    assert_eq!(paths(&app, &results[1]).len(), 400);
    assert_eq!(results[2]["assertion-stream-urls"], json!([]));
    assert_eq!(results[2]["error-list"][0]["code"], "not-found");
    assert_eq!(upstream.n_connections(), 0);
}

#[tokio::test]
async fn without_an_upstream_or_offline_nobody_has_it() {
    let upstream = with_ann().await;
    let offline = before(&upstream, &[("SNAPWISE_OFFLINE", "on")]).await;
    let without = TestApp::serve(&database::migrated().await.url, &[]);
    for app in [&offline, &without] {
        let result = results(app, &[group("g1", &[of_account("ann")])]).await.remove(0);
        assert_eq!(result["assertion-stream-urls"], json!([]));
        assert_eq!(result["error-list"][0]["code"], "not-found");
    }
    assert_eq!(upstream.n_connections(), 0);
}
