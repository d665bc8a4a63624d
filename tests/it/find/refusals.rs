//! What is no question.

use crate::find::DEVICE;
use crate::find::SHELF;
use crate::find::find;
use crate::find::found;
use crate::find::path;
use crate::find::results;
use crate::find::sent;
use crate::support::app::TestApp;
use crate::support::raw::Raw;
use crate::support::raw::head;

#[tokio::test]
async fn every_fault_is_told_at_once() {
    let app = TestApp::start(SHELF).await;
    let asked = [
        ("q", &*"x".repeat(1_025)),
        ("confinement", "strict,loose,other"),
        ("channel", "a/b/c/d"),
        ("architecture", "amd64,arm64"),
        ("private", "yes"),
        ("scope", "narrow"),
    ];
    let headers = [("Snap-Device-Architecture", "all")];
    let received = app.send(&sent("GET", &path(&asked), &headers)).await;
    assert_eq!(received.status, 400);
    let body = received.json();
    let told = body["error-list"].as_array().unwrap();
    assert!(told.iter().all(|fault| fault["code"] == "bad-argument"), "{body}");
    let mut about: Vec<_> = told
        .iter()
        .map(|fault| fault["message"].as_str().unwrap().split(':').next().unwrap().to_owned())
        .collect();
    about.sort();
    let expected = [
        "architecture",
        "channel",
        "confinement",
        "private",
        "q",
        "scope",
        "the header Snap-Device-Architecture is not an architecture",
        "the header Snap-Device-Series is missing",
    ];
    assert_eq!(about, expected);
    for (name, value) in asked {
        let one = find(&app, &[(name, value)]).await;
        assert_eq!(one.status, 400, "{name}");
        assert_eq!(one.json()["error-list"].as_array().unwrap().len(), 1, "{name}");
    }
}

#[tokio::test]
async fn the_series_is_said_everywhere() {
    let app = TestApp::start(SHELF).await;
    for path in [
        "/v2/snaps/find?q=lumen",
        "/v2/snaps/categories",
        "/api/v1/snaps/sections",
        "/api/v1/snaps/names",
    ] {
        for headers in [&DEVICE[1..], &[("Snap-Device-Series", "17")]] {
            let received = app.send(&sent("GET", path, headers)).await;
            assert_eq!(received.status, 400, "{path}");
            let fault = &received.json()["error-list"][0];
            assert_eq!(fault["code"], "bad-argument");
            assert!(fault["message"].as_str().unwrap().contains("Snap-Device-Series"));
        }
    }
    let odd = app.send(&sent("GET", "/api/v1/snaps/names?confinement=loose", &DEVICE)).await;
    assert_eq!(odd.status, 400);
}

#[tokio::test]
async fn long_questions_have_an_end() {
    let app = TestApp::start(SHELF).await;
    // As many characters as may be, of which the most words are looked at.
    for (q, expected) in [
        (format!("lumen {}", "x".repeat(1_018)), &[][..]),
        ("notes ".repeat(170), &["lumen-notes"]),
        (format!("{} nowhere", "notes ".repeat(16)), &["lumen-notes"]),
        (format!("{} nowhere", "notes ".repeat(15)), &[]),
        ("🦀".repeat(1_024), &[]),
    ] {
        assert_eq!(found(&app, &[("q", &q)]).await, expected, "{q:.20}");
    }
    assert_eq!(find(&app, &[("q", &"é".repeat(1_025))]).await.status, 400);
    // What is not UTF-8 is only odd.
    for odd in ["%ff%fe", "%", "%zz", "%00", "%C3", "&&=&q", "=", "q=lumen"] {
        let received = app.send(&sent("GET", &format!("/v2/snaps/find?q={odd}"), &DEVICE)).await;
        assert_eq!(received.status, 200, "{odd}");
    }
    // One of a megabyte is refused before it is read, and disturbs nobody.
    let mut neighbour = Raw::connect(&app.public).await;
    let ask = ("GET", "/v2/snaps/find?q=lumen");
    assert_eq!(neighbour.ask(ask, &DEVICE, b"").await.unwrap().status, 200);
    for filling in ["x", "%2A", "a+"] {
        let path = format!("/v2/snaps/find?q={}", filling.repeat(1 << 20));
        let mut raw = Raw::connect(&app.public).await;
        // The server may refuse, and close, before everything is sent.
        drop(raw.send(head("GET", &path, &DEVICE)).await);
        if let Ok(received) = raw.receive().await {
            assert!([400, 414, 431].contains(&received.status), "{}", received.status);
        }
        assert!(raw.rest().await.is_empty());
        assert_eq!(neighbour.ask(ask, &DEVICE, b"").await.unwrap().status, 200);
    }
    assert_eq!(results(&app, &[("q", "notes")]).await.len(), 1);
}
