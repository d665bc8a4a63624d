//! Assertions that we do not hold, asked of the store behind us.

use crate::forward::before;
use crate::forward::sent;
use crate::support::app::PATIENCE;
use crate::support::app::Received;
use crate::support::app::TestApp;
use crate::support::database;
use crate::support::recorder::Recorder;
use crate::support::recorder::said;
use std::time::Duration;
use std::time::Instant;

pub(super) const PATH: &str = "/v2/assertions/account/ann";
pub(super) const KIND: (&str, &str) = ("Content-Type", "application/x.ubuntu.assertion");

pub(super) fn account(id: &str) -> String {
    format!(
        "type: account\nauthority-id: brand\naccount-id: {id}\ndisplay-name: Ann\nsign-key-sha3-384: key\n\nAXNpbXVsYXRlZA==\n"
    )
}

/// For how long a miss is believed.
const BELIEVED: Duration = Duration::from_secs(30);

/// An upstream with the account `ann` and none else.
pub(super) async fn with_ann() -> Recorder {
    Recorder::start(|sent| {
        let path = sent.path.split('?').next().unwrap();
        Some(if path == PATH {
            said(200, &[KIND], &account("ann"))
        } else {
            let json = [("Content-Type", "application/json")];
            said(404, &json, r#"{"error-list": [{"code": "not-found", "message": "no"}]}"#)
        })
    })
    .await
}

pub(super) async fn get(app: &TestApp, path: &str, headers: &[(&str, &str)]) -> Received {
    app.send(&sent("GET", path, headers, "")).await
}

pub(super) async fn n_held(app: &TestApp) -> i64 {
    let client = database::connect(&app.database_url).await;
    client.query_one("SELECT count(*) FROM assertion", &[]).await.unwrap().get(0)
}

/// Waits until one is held and served.
pub(super) async fn wait_until_held(app: &TestApp) {
    let since = Instant::now();
    while n_held(app).await == 0 {
        assert!(since.elapsed() < PATIENCE, "{}", app.log());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let client = database::connect(&app.database_url).await;
    let newest = client.query_one("SELECT max(number) FROM generation", &[]).await.unwrap().get(0);
    app.wait_for_generation(newest).await;
}

#[tokio::test]
async fn an_unknown_assertion_is_answered_word_for_word_and_held_from_then_on() {
    let upstream = with_ann().await;
    let app = before(&upstream, &[]).await;
    let first = get(&app, PATH, &[("Accept", KIND.1)]).await;
    assert_eq!((first.status, first.header("content-type")), (200, Some(KIND.1)));
    assert_eq!(first.body, account("ann").into_bytes());
    wait_until_held(&app).await;
    let n_asked = upstream.asked().len();
    let again = get(&app, PATH, &[]).await;
    assert_eq!((again.status, &again.body), (200, &first.body));
    assert_eq!(upstream.asked().len(), n_asked);
    // What we hold is answered whatever becomes of the upstream.
    drop(upstream);
    assert_eq!(get(&app, PATH, &[]).await.status, 200);
    assert_eq!(get(&app, "/v2/assertions/account/bob", &[]).await.status, 503);
}

#[tokio::test]
async fn a_miss_is_the_usual_one_and_believed_for_a_while() {
    let upstream = with_ann().await;
    let app = before(&upstream, &[]).await;
    // What is none is not asked for.
    for path in ["/v2/assertions/no-such-type/a", "/v2/assertions/account/a/b"] {
        assert!(get(&app, path, &[]).await.status >= 400);
    }
    assert_eq!(upstream.asked().len(), 0);
    let began = Instant::now();
    for n in 0.. {
        let since = Instant::now();
        let path = format!("/v2/assertions/account/bob{n}?max-format=0");
        for _ in 0..3 {
            let miss = get(&app, &path, &[]).await;
            assert_eq!((miss.status, miss.header("content-type")), (404, Some("application/json")));
            assert_eq!(miss.json()["error-list"][0]["code"], "not-found");
        }
        let n_asked = upstream.asked().iter().filter(|sent| sent.path == path).count();
        // On a slow machine, asking three times may take longer than a miss is believed.
        if since.elapsed() < BELIEVED {
            assert_eq!(n_asked, 1);
            break;
        }
        assert!(began.elapsed() < 10 * PATIENCE);
    }
    assert_eq!(n_held(&app).await, 0);
}

#[tokio::test]
async fn what_somebody_gets_by_showing_who_they_are_is_theirs_alone() {
    let upstream = with_ann().await;
    let app = before(&upstream, &[]).await;
    let headers = [("X-Device-Authorization", "Macaroon root=\"s3cret\"")];
    for n in 1..=2 {
        assert_eq!(get(&app, PATH, &headers).await.status, 200);
        let asked = upstream.asked();
        assert_eq!(asked.len(), n);
        let shown = asked[n - 1].headers.iter().find(|(name, _)| name == "x-device-authorization");
        assert_eq!(shown.map(|(_, value)| value.as_str()), Some(headers[0].1));
    }
    assert_eq!(n_held(&app).await, 0);
    assert!(!app.log().contains("s3cret"));
}

#[tokio::test]
async fn another_assertion_than_the_one_asked_for_is_not_passed_on() {
    let upstream = Recorder::start(|sent| {
        let (_, id) = sent.path.rsplit_once('/').unwrap();
        Some(match id {
            "ann" => said(200, &[KIND], &account("eve")),
            "bob" => said(200, &[KIND], "type: account\n\nhalf"),
            "cat" => said(200, &[("Content-Type", "text/html")], "<h1>welcome</h1>"),
            "dan" => said(200, &[KIND], &format!("{}\n{}", account("dan"), account("dan"))),
            _ => said(302, &[("Location", "/v2/assertions/account/ann")], ""),
        })
    })
    .await;
    let app = before(&upstream, &[]).await;
    for id in ["ann", "bob", "cat", "dan", "eli"] {
        let answer = get(&app, &format!("/v2/assertions/account/{id}"), &[]).await;
        assert_eq!(answer.status, 502, "{id}");
    }
    assert_eq!(n_held(&app).await, 0);
}

#[tokio::test]
async fn the_latest_of_a_sequence_is_asked_for_as_such() {
    let upstream = with_ann().await;
    let app = before(&upstream, &[]).await;
    let set = "/v2/assertions/validation-set/16/ann/set";
    for path in [format!("{set}?sequence=latest&max-format=1"), format!("{set}/2")] {
        assert_eq!(get(&app, &path, &[]).await.status, 404);
    }
    let paths: Vec<_> = upstream.asked().into_iter().map(|sent| sent.path).collect();
    assert_eq!(paths, [format!("{set}?sequence=latest&max-format=1"), format!("{set}/2")]);
}
