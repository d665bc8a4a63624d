//! What passes and what does not: never an open proxy.

use crate::forward::DEVICES;
use crate::forward::PASSED_ON;
use crate::forward::REPAIR;
use crate::forward::REQUEST_ID;
use crate::forward::before;
use crate::forward::info;
use crate::forward::sent;
use crate::support::app::TestApp;
use crate::support::app::ask;
use crate::support::database;
use crate::support::raw::Raw;
use crate::support::recorder::Recorder;
use crate::support::recorder::said;
use serde_json::json;

const USER: &str = "Macaroon root=\"u-s3cret\", discharge=\"d-s3cret\"";
const SESSION: &str = "Macaroon root=\"s-s3cret\"";

async fn yes() -> Recorder {
    let json = [("Content-Type", "application/json")];
    Recorder::start(move |_| Some(said(200, &json, r#"{"request-id": "r"}"#))).await
}

#[tokio::test]
async fn a_device_registers_through_us() {
    let upstream = Recorder::start(|sent| {
        Some(match sent.path.as_str() {
            REQUEST_ID => {
                said(200, &[("Content-Type", "application/json")], r#"{"request-id": "r-1"}"#)
            }
            DEVICES => {
                said(202, &[("Content-Type", "application/x.ubuntu.assertion")], "type: serial\n")
            }
            _ => said(404, &[("Content-Type", "application/json")], "{}"),
        })
    })
    .await;
    let app = before(&upstream, &[]).await;
    let id = app.send(&sent("POST", REQUEST_ID, &[], "")).await;
    assert_eq!((id.status, id.json()), (200, json!({"request-id": "r-1"})));
    let kind = ("Content-Type", "application/x.ubuntu.assertion");
    let body = "type: serial-request\nbrand-id: generic\n";
    let capable = ("Snap-Device-Capabilities", "serial-stream");
    let serial = app.send(&sent("POST", DEVICES, &[kind, capable], body)).await;
    assert_eq!(serial.status, 202);
    assert_eq!(serial.header("content-type"), Some("application/x.ubuntu.assertion"));
    assert_eq!(serial.body, b"type: serial\n");
    let asked = upstream.asked();
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[1].body, body.as_bytes());
    let passed = |name: &str| {
        asked[1].headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    };
    assert_eq!(passed("snap-device-capabilities"), Some("serial-stream"));
    assert_eq!(passed("content-type"), Some(kind.1));
}

#[tokio::test]
async fn only_what_is_listed_passes_and_only_to_the_upstream() {
    let upstream = yes().await;
    let elsewhere = yes().await;
    let app = before(&upstream, &[]).await;
    let elsewhere_url = elsewhere.url();
    let headers = [
        ("Authorization", USER),
        ("Snap-Device-Authorization", SESSION),
        ("X-Forwarded-Host", elsewhere.address.as_str()),
        ("X-Forwarded-For", "10.1.2.3"),
        ("Forwarded", "host=elsewhere"),
        ("X-Original-Url", &elsewhere_url),
        ("X-Http-Method-Override", "DELETE"),
        ("Cookie", "session=c-s3cret"),
        ("Proxy-Authorization", "Basic cC1zM2NyZXQ="),
        ("Te", "trailers"),
        ("Connection", "close, Snap-Device-Store"),
        ("Snap-Device-Store", "mine"),
        ("Snap-Device-Series", "16"),
    ];
    for (method, path) in PASSED_ON {
        assert_eq!(app.send(&sent(method, path, &headers, "")).await.status, 200, "{path}");
    }
    let asked = upstream.asked();
    assert_eq!(asked.len(), PASSED_ON.len());
    for (asked, (method, path)) in asked.iter().zip(PASSED_ON) {
        let expected = if method == "HEAD" { "GET" } else { method };
        assert_eq!((asked.method.as_str(), asked.path.as_str()), (expected, path));
        let mut names: Vec<_> = asked.headers.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        names.retain(|name| !["accept", "content-length", "user-agent"].contains(name));
        let known = ["authorization", "host", "snap-device-authorization", "snap-device-series"];
        assert_eq!(names, known, "{path}");
        let host = asked.headers.iter().find(|(name, _)| name == "host").unwrap();
        assert_eq!(host.1, upstream.address);
    }
    assert_eq!(elsewhere.n_connections(), 0);
    let log = app.log();
    assert!(!log.contains("s3cret"), "{log}");
}

#[tokio::test]
async fn sessions_are_opened_there_only_where_that_is_configured() {
    let upstream = Recorder::start(|_| {
        let json = [("Content-Type", "application/json")];
        Some(said(200, &json, r#"{"nonce": "theirs"}"#))
    })
    .await;
    let nonce = async |app: &TestApp| {
        // The answer is the upstream's word, whatever our own looks like.
        ask(&app.public, &sent("POST", "/api/v1/snaps/auth/nonces", &[], "")).await.unwrap().json()
    };
    let here = before(&upstream, &[]).await;
    assert_ne!(nonce(&here).await["nonce"], "theirs");
    assert_eq!(upstream.n_connections(), 0);
    let there = before(&upstream, &[("SNAPWISE_UPSTREAM_SESSIONS", "on")]).await;
    assert_eq!(nonce(&there).await["nonce"], "theirs");
    let offline = [("SNAPWISE_UPSTREAM_SESSIONS", "on"), ("SNAPWISE_OFFLINE", "on")];
    let offline = before(&upstream, &offline).await;
    assert_ne!(nonce(&offline).await["nonce"], "theirs");
    assert_eq!(upstream.asked().len(), 1);
}

#[tokio::test]
async fn no_path_leads_anywhere_else() {
    let upstream = yes().await;
    let elsewhere = yes().await;
    let app = before(&upstream, &[]).await;
    let other = &elsewhere.address;
    for target in [
        format!("//{other}/v2/repairs/generic/7"),
        format!("/{other}"),
        format!("/v2/repairs/generic/7/{other}"),
        format!("/v2/repairs//{other}"),
        "/v2/repairs/generic/../../api/v1/x".to_owned(),
        "/v2/repairs/..%2f..%2fapi/7".to_owned(),
        "/v2/repairs/%2e%2e/7".to_owned(),
        "/v2/repairs/generic/7%0d%0aHost:%20x".to_owned(),
        "/v2/repairs/a%00b/7".to_owned(),
        "/v2/repairs/a@b/7".to_owned(),
        "/v2/repairs/generic/-7".to_owned(),
        "/v2/repairs/generic/99999999999".to_owned(),
        "/v2/repairs/généric/7".to_owned().replace('é', "%C3%A9"),
        "/api/v1/snaps/purchases/everything".to_owned(),
        "/api/v1/snaps/auth/".to_owned(),
        "/api/v1/snaps/details/core".to_owned(),
    ] {
        let mut raw = Raw::connect(&app.public).await;
        let answer = raw.ask(("GET", &target), &[], b"").await.unwrap();
        assert_eq!(answer.status, 404, "{target}");
    }
    // A proxy's form of a request, and a tunnel.
    let mut raw = Raw::connect(&app.public).await;
    let target = format!("http://{other}{REPAIR}");
    let answer = raw.ask(("GET", &target), &[], b"").await.unwrap();
    assert_eq!(answer.status, 200);
    let asked = upstream.asked();
    assert_eq!(asked.iter().map(|sent| sent.path.as_str()).collect::<Vec<_>>(), [REPAIR]);
    let mut raw = Raw::connect(&app.public).await;
    let tunnel = raw.ask(("CONNECT", other), &[], b"").await;
    assert!(tunnel.is_err() || tunnel.is_ok_and(|answer| answer.status >= 400));
    // A query goes nowhere.
    let with_query = format!("{REPAIR}?url=http://{other}/");
    assert_eq!(app.send(&sent("GET", &with_query, &[], "")).await.status, 200);
    assert_eq!(upstream.asked()[1].path, REPAIR);
    for method in ["PUT", "DELETE", "PATCH"] {
        assert_eq!(app.send(&sent(method, REPAIR, &[], "")).await.status, 405);
    }
    assert_eq!((upstream.asked().len(), elsewhere.n_connections()), (2, 0));
}

#[tokio::test]
async fn nobody_is_sent_elsewhere_with_what_they_showed() {
    let elsewhere = yes().await;
    let location = format!("{}/stolen", elsewhere.url());
    let upstream = Recorder::start(move |_| Some(said(302, &[("Location", &location)], ""))).await;
    let app = before(&upstream, &[]).await;
    for (method, path) in PASSED_ON {
        let answer = app.send(&sent(method, path, &[("Authorization", USER)], "")).await;
        assert_eq!((answer.status, answer.header("location")), (502, None), "{path}");
    }
    assert_eq!(elsewhere.n_connections(), 0);
}

#[tokio::test]
async fn what_comes_back_is_a_closed_list_too() {
    let upstream = Recorder::start(|sent| {
        let secret = ("Set-Cookie", "upstream=s3cret");
        let asks = ("WWW-Authenticate", "Macaroon needs_refresh=1");
        let json = ("Content-Type", "application/json; charset=utf-8");
        let page = ("Content-Type", "text/html");
        let (_, tail) = sent.path.rsplit_once('/').unwrap();
        Some(match tail {
            "1" => said(401, &[json, asks, secret, ("X-Powered-By", "x")], r#"{"error-list": []}"#),
            "2" => said(404, &[page, secret], "<h1>no</h1>"),
            "3" => said(200, &[page], "<h1>welcome to the hotel</h1>"),
            "4" => said(418, &[json], "{}"),
            "5" => said(304, &[("ETag", "\"e\"")], ""),
            _ => said(500, &[page], "<h1>s3cret</h1>"),
        })
    })
    .await;
    let app = before(&upstream, &[]).await;
    let repair = async |number: u32| {
        app.send(&sent("GET", &format!("/v2/repairs/generic/{number}"), &[], "")).await
    };
    let refused = repair(1).await;
    assert_eq!((refused.status, refused.json()), (401, json!({"error-list": []})));
    assert_eq!(refused.header("www-authenticate"), Some("Macaroon needs_refresh=1"));
    assert_eq!(refused.header("content-type"), Some("application/json"));
    assert_eq!((refused.header("set-cookie"), refused.header("x-powered-by")), (None, None));
    for (number, status) in [(2, 404), (3, 502), (4, 502), (6, 502)] {
        let answer = repair(number).await;
        assert_eq!(answer.status, status, "{number}");
        let code = answer.json()["error-list"][0]["code"].clone();
        assert_eq!(code, "remote-service-unavailable", "{number}");
        assert!(!String::from_utf8_lossy(&answer.body).contains("<h1>"));
    }
    let known = repair(5).await;
    assert_eq!((known.status, known.header("etag")), (304, Some("\"e\"")));
}

#[tokio::test]
async fn without_an_upstream_or_offline_nothing_is_passed_on() {
    let upstream = yes().await;
    let offline = before(&upstream, &[("SNAPWISE_OFFLINE", "on")]).await;
    let without = TestApp::serve(&database::migrated().await.url, &[]);
    for app in [&offline, &without] {
        for (method, path) in PASSED_ON {
            assert_eq!(app.send(&sent(method, path, &[], "")).await.status, 404, "{path}");
        }
    }
    let answer = offline.send(&sent("GET", REPAIR, &[], "")).await;
    assert_eq!(answer.json()["error-list"][0]["code"], "resource-not-found");
    assert_eq!(offline.send(&info()).await.status, 200);
    assert_eq!(upstream.n_connections(), 0);
}

#[tokio::test]
async fn a_body_that_is_too_large_stays_here() {
    let upstream = yes().await;
    let app = before(&upstream, &[]).await;
    let body = "x".repeat(256 * 1_024 + 1);
    let answer = ask(&app.public, &sent("POST", DEVICES, &[], &body)).await.unwrap();
    assert_eq!(answer.status, 413);
    assert_eq!(upstream.n_connections(), 0);
}
