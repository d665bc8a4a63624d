//! One connection for many requests, and where the paths are.

use crate::platform::DEVICE;
use crate::platform::INFO;
use crate::platform::REFRESH;
use crate::platform::SHELF;
use crate::platform::assert_refresh_spec;
use crate::platform::assert_serves;
use crate::platform::install;
use crate::platform::refused;
use crate::platform::sent;
use crate::support::app::TestApp;
use crate::support::app::assert_spec;
use crate::support::raw::Raw;
use crate::support::raw::head;
use crate::support::scenario::folder;

#[tokio::test]
async fn one_connection_carries_many_requests() {
    let app = TestApp::start(SHELF).await;
    let mut raw = Raw::connect(&app.public).await;
    let body = install().to_string();
    for _ in 0..20 {
        let received = raw.ask(("POST", REFRESH), &DEVICE, body.as_bytes()).await.unwrap();
        assert_eq!(received.status, 200);
        assert_refresh_spec(&received);
    }
    // Refusals do not end it either.
    let received = raw.ask(("POST", REFRESH), &[], body.as_bytes()).await.unwrap();
    refused(&received, 400, "bad-argument");
    let received = raw.ask(("GET", "/nowhere"), &[], b"").await.unwrap();
    refused(&received, 404, "resource-not-found");
    let received = raw.ask(("PUT", REFRESH), &[], b"").await.unwrap();
    refused(&received, 405, "method-not-allowed");

    // Sent ahead of the answers, requests are answered in order.
    let info = head("GET", INFO, &DEVICE);
    let unknown = head("GET", "/v2/snaps/info/no-such-snap", &DEVICE);
    raw.send(format!("{info}{unknown}{info}")).await.unwrap();
    for status in [200, 404, 200] {
        assert_eq!(raw.receive().await.unwrap().status, status);
    }
    // The caller may ask for the end.
    let close = [DEVICE[0], DEVICE[1], ("Connection", "close")];
    assert_eq!(raw.ask(("GET", INFO), &close, b"").await.unwrap().status, 200);
    assert!(raw.rest().await.is_empty());

    // A client of the last century is served, and let go.
    let mut raw = Raw::connect(&app.public).await;
    let request = format!("GET {INFO} HTTP/1.0\r\nSnap-Device-Series: 16\r\n\r\n");
    raw.send(request).await.unwrap();
    assert_eq!(raw.receive().await.unwrap().status, 200);
    assert!(raw.rest().await.is_empty());
}

#[tokio::test]
async fn paths_are_found_behind_the_prefix_and_with_a_trailing_slash() {
    let settings = [("SNAPWISE_PATH_PREFIX", "/store")];
    let app = TestApp::with(Some(&folder().join(SHELF)), &settings).await;
    let body = install().to_string();
    let status = async |method: &str, path: &str, body: &str| {
        let received = crate::support::app::ask(&app.public, &sent(method, path, &[], body)).await;
        let received = received.unwrap();
        let bare = path.strip_prefix("/store").filter(|_| received.status != 404).unwrap_or(path);
        assert_spec(method, bare, &received);
        received.status
    };
    for path in ["/v2/snaps/refresh", "/v2/snaps/refresh/", "/snaps/refresh", "/snaps/refresh/"] {
        assert_eq!(status("POST", path, &body).await, 200, "{path}");
        assert_eq!(status("POST", &format!("/store{path}"), &body).await, 200, "/store{path}");
        assert_eq!(status("GET", &format!("/store{path}"), "").await, 405, "/store{path}");
    }
    for path in [INFO, &format!("{INFO}/"), &format!("{INFO}?fields=name")] {
        assert_eq!(status("GET", &format!("/store{path}"), "").await, 200, "/store{path}");
    }
    let names = r#"{"snaps":["lumen-notes"]}"#;
    assert_eq!(status("POST", "/store/v2/cohorts/", names).await, 200);
    for path in ["/store/store/v2/snaps/refresh", "/storev2/snaps/refresh"] {
        assert_eq!(status("POST", path, &body).await, 404, "{path}");
    }

    let app = TestApp::start(SHELF).await;
    for path in ["/store/v2/snaps/refresh", "//v2/snaps/refresh", "/V2/snaps/refresh", "/v2"] {
        let received =
            crate::support::app::ask(&app.public, &sent("POST", path, &[], body.as_str())).await;
        refused(&received.unwrap(), 404, "resource-not-found");
    }
    assert_serves(&app).await;
}
