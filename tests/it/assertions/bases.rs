//! Where the URLs of answers lead.

use crate::assertions::SHELF;
use crate::assertions::account;
use crate::assertions::asking;
use crate::assertions::group;
use crate::assertions::take_in;
use crate::support::app::Sent;
use crate::support::app::TestApp;
use crate::support::app::ask;
use crate::support::raw::Raw;
use crate::support::scenario::folder;
use serde_json::json;

async fn app(settings: &[(&str, &str)]) -> TestApp {
    let app = TestApp::with(Some(&folder().join(SHELF)), settings).await;
    take_in(&app, &[account("ann")]).await;
    app
}

fn of_ann() -> Sent {
    asking(&[group("g", &[json!({"type": "account", "primary-key": ["ann"]})])], &json!({}))
}

/// What the URL of an answer begins with, to a request with these headers more and this path before it.
async fn base(app: &TestApp, before: &str, headers: &[(&str, &str)]) -> String {
    let mut sent = of_ann();
    sent.path = format!("{before}{}", sent.path);
    let more = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    sent.headers.extend(more);
    let received = ask(&app.public, &sent).await.unwrap();
    assert_eq!(received.status, 200);
    let answer = received.json();
    let url = answer["results"][0]["assertion-stream-urls"][0].as_str().unwrap().to_owned();
    url.split_once("/v2/assertion-streams/").unwrap().0.to_owned()
}

const FORWARDED: [(&str, &str); 2] =
    [("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "store.example")];

#[tokio::test]
async fn urls_lead_where_the_request_was_sent() {
    let app = app(&[("SNAPWISE_PATH_PREFIX", "/store")]).await;
    let own = format!("http://{}", app.public);
    assert_eq!(base(&app, "", &[]).await, own);
    assert_eq!(base(&app, "/store", &[]).await, format!("{own}/store"));
    // Anybody can say so; only a proxy that is known is believed.
    assert_eq!(base(&app, "", &FORWARDED).await, own);
}

#[tokio::test]
async fn a_known_proxy_says_where_the_request_was_sent() {
    let networks = ("SNAPWISE_TRUSTED_PROXIES", "192.0.2.1, 127.0.0.0/8");
    let app = app(&[networks, ("SNAPWISE_PATH_PREFIX", "/store")]).await;
    assert_eq!(base(&app, "/store", &FORWARDED).await, "https://store.example/store");
    assert_eq!(base(&app, "", &FORWARDED[..1]).await, format!("https://{}", app.public));
    let mut odd = of_ann();
    odd.headers.push(("X-Forwarded-Host".to_owned(), "a/b".to_owned()));
    let received = app.send(&odd).await;
    assert_eq!(received.status, 400);
    assert_eq!(received.json()["error-list"][0]["code"], "bad-argument");
}

#[tokio::test]
async fn a_public_url_is_what_all_urls_begin_with() {
    let app = app(&[
        ("SNAPWISE_PUBLIC_URL", "https://snaps.example/here/"),
        ("SNAPWISE_TRUSTED_PROXIES", "127.0.0.1"),
        ("SNAPWISE_PATH_PREFIX", "/store"),
    ])
    .await;
    for (before, headers) in [("", &FORWARDED[..]), ("/store", &[])] {
        assert_eq!(base(&app, before, headers).await, "https://snaps.example/here");
    }
}

#[tokio::test]
async fn a_host_is_missed_only_where_one_is_needed() {
    let app = app(&[]).await;
    let mut raw = Raw::connect(&app.public).await;
    for (host, key, status) in
        [("bad host", "ann", 400), ("bad host", "nobody", 200), ("store.example:81", "ann", 200)]
    {
        let wanted = json!({"type": "account", "primary-key": [key]});
        let body = asking(&[group("g", &[wanted])], &json!({})).body;
        let head = format!(
            "POST /v2/snaps/refresh HTTP/1.1\r\nHost: {host}\r\nSnap-Device-Series: 16\r\n\
             Snap-Device-Architecture: amd64\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        raw.send(head).await.unwrap();
        raw.send(body).await.unwrap();
        let received = raw.receive().await.unwrap();
        assert_eq!(received.status, status, "{host}: {}", String::from_utf8_lossy(&received.body));
    }
}
