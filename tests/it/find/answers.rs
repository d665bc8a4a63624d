//! The shape of an answer (contract 10.2).

use crate::find::DEVICE;
use crate::find::SHELF;
use crate::find::find;
use crate::find::path;
use crate::find::results;
use crate::find::sent;
use crate::support::app::TestApp;
use serde_json::Value;
use serde_json::json;

/// The fields snapd asks for, in its order.
const FIELDS: &str = "base,confinement,links,contact,description,download,license,prices,private,publisher,revision,\
                      summary,title,type,version,website,store-url,media,common-ids,categories,channel";

fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<_> = value.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

/// Case 118 of the contract, with what snapd sends.
#[tokio::test]
async fn what_snapd_asks_for_is_where_it_looks_for_it() {
    let app = TestApp::start(SHELF).await;
    let asked = [("q", "lumen"), ("channel", "stable"), ("confinement", "strict,classic")];
    let asked = [&asked[..], &[("architecture", "amd64"), ("fields", FIELDS)]].concat();
    let received = find(&app, &asked).await;
    assert_eq!((received.status, received.header("content-type")), (200, Some("application/json")));
    let body = received.json();
    assert_eq!(keys(&body), ["results"]);
    let lumen = &body["results"][0];
    assert_eq!(keys(lumen), ["name", "revision", "snap", "snap-id"]);
    assert_eq!(
        (&lumen["name"], &lumen["snap-id"]),
        (&json!("lumen-notes"), &json!("Nn4Qw8Er2Ty6Ui0Op3As7Df1Gh5Jk9Lz"))
    );
    let expected = json!({
        "base": "core24", "channel": "stable", "common-ids": ["example.lumen.Notes"], "confinement": "strict",
        "download": {"size": 24}, "revision": 10, "type": "app", "version": "1.0",
    });
    assert_eq!(lumen["revision"], expected);
    let of_snap = [
        "categories",
        "contact",
        "description",
        "license",
        "links",
        "media",
        "prices",
        "private",
        "publisher",
        "store-url",
        "summary",
        "title",
        "website",
    ];
    assert_eq!(keys(&lumen["snap"]), of_snap);
    assert_eq!(lumen["snap"]["title"], "Lumen Notes");
    assert_eq!(lumen["snap"]["publisher"]["username"], "lumen");
    assert_eq!(lumen["snap"]["private"], false);
    // By the same bytes, and without credentials whatever is sent as some.
    let credentials = [("Authorization", "Macaroon root=\"x\", discharge=\"y\"")];
    let again = sent("GET", &path(&asked), &[&DEVICE[..], &credentials].concat());
    assert_eq!(app.send(&again).await.body, received.body);
}

#[tokio::test]
async fn only_what_is_asked_for_is_there() {
    let app = TestApp::start(SHELF).await;
    let lumen = "Nn4Qw8Er2Ty6Ui0Op3As7Df1Gh5Jk9Lz";
    for (fields, expected) in [
        (None, json!({"name": "lumen-notes", "snap": {}, "snap-id": lumen})),
        (Some(""), json!({"name": "lumen-notes", "snap": {}, "snap-id": lumen})),
        (Some("nonsense,,sizes"), json!({"name": "lumen-notes", "snap": {}, "snap-id": lumen})),
        (
            Some("channel"),
            json!({"name": "lumen-notes", "revision": {"channel": "stable"}, "snap": {}, "snap-id": lumen}),
        ),
        (
            Some("title,download,nonsense"),
            json!({
                "name": "lumen-notes", "revision": {"download": {"size": 24}},
                "snap": {"title": "Lumen Notes"}, "snap-id": lumen,
            }),
        ),
        (
            Some("name,rankings"),
            json!({"name": "lumen-notes", "snap": {"name": "lumen-notes", "rankings": []}, "snap-id": lumen}),
        ),
    ] {
        let mut asked = vec![("q", "lumen-notes")];
        asked.extend(fields.map(|fields| ("fields", fields)));
        assert_eq!(results(&app, &asked).await, [expected], "{fields:?}");
    }
}

#[tokio::test]
async fn a_head_is_a_get_without_its_body() {
    let app = TestApp::start(SHELF).await;
    for (path, status) in [
        (path(&[("q", "lumen")]), 200),
        (path(&[("private", "perhaps")]), 400),
        ("/v2/snaps/categories".to_owned(), 200),
        ("/api/v1/snaps/sections".to_owned(), 200),
        ("/api/v1/snaps/names".to_owned(), 200),
    ] {
        let got = app.send(&sent("GET", &path, &DEVICE)).await;
        let head = app.send(&sent("HEAD", &path, &DEVICE)).await;
        assert_eq!((got.status, head.status), (status, status), "{path}");
        assert!(head.body.is_empty() && !got.body.is_empty(), "{path}");
        for name in ["content-type", "content-length", "snap-store-version"] {
            let expected = got.header(name).filter(|_| !path.ends_with("/names"));
            assert_eq!(
                head.header(name).filter(|_| !path.ends_with("/names")),
                expected,
                "{path} {name}"
            );
        }
        assert_eq!(app.send(&sent("POST", &path, &DEVICE)).await.status, 405, "{path}");
    }
}

#[tokio::test]
async fn the_words_of_today_and_older_ones_lead_to_the_same() {
    let app = TestApp::start(SHELF).await;
    let asked = path(&[("q", "lumen notes"), ("fields", "revision")]);
    let today = app.send(&sent("GET", &asked, &DEVICE[..2])).await;
    let older = [("X-Ubuntu-Series", "16"), ("X-Ubuntu-Architecture", "amd64")];
    let older = app.send(&sent("GET", &asked, &older)).await;
    assert_eq!((today.status, &today.body), (200, &older.body));
    // A plus is a blank, and a trailing slash changes nothing.
    let plus = "/v2/snaps/find/?fields=revision&q=notes+lumen";
    assert_eq!(app.send(&sent("GET", plus, &DEVICE[..2])).await.body, today.body);
}
