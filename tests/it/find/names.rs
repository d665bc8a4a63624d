//! The lists that snapd keeps: names of snaps with their programs, categories, sections (contract 10.2).

use crate::find::DEVICE;
use crate::find::SHELF;
use crate::find::document;
use crate::find::release;
use crate::find::sent;
use crate::find::serving;
use crate::support::app::TestApp;
use crate::support::app::ask;
use crate::support::app::assert_spec;
use flate2::read::GzDecoder;
use serde_json::Value;
use serde_json::json;
use std::io::Read;

const NAMES: &str = "/api/v1/snaps/names";

async fn rows(app: &TestApp, path: &str, headers: &[(&str, &str)]) -> Vec<Value> {
    let received = app.send(&sent("GET", path, headers)).await;
    assert_eq!(
        (received.status, received.header("content-type")),
        (200, Some("application/hal+json"))
    );
    received.json()["_embedded"]["clickindex:package"].as_array().unwrap().clone()
}

fn names(rows: &[Value]) -> Vec<&str> {
    let mut names: Vec<_> = rows.iter().map(|row| row["package_name"].as_str().unwrap()).collect();
    names.sort_unstable();
    names
}

/// Case 123 of the contract.
#[tokio::test]
async fn names_begin_with_what_snapd_reads_first() {
    let app = TestApp::start(SHELF).await;
    let received = app.send(&sent("GET", NAMES, &DEVICE)).await;
    assert_eq!(received.header("content-type"), Some("application/hal+json"));
    let text = String::from_utf8(received.body.clone()).unwrap();
    assert!(text.starts_with("{\"_embedded\":{\"clickindex:package\":["), "{text:.80}");
    let rows = rows(&app, NAMES, &DEVICE).await;
    assert_eq!(names(&rows), ["anyarch", "gridkit", "lumen-notes", "modular", "stepdb"]);
    let lumen = rows.iter().find(|row| row["package_name"] == "lumen-notes").unwrap();
    let expected = json!({
        "aliases": [], "apps": ["lumen-notes"], "package_name": "lumen-notes",
        "summary": "Notes that stay where you put them", "title": "Lumen Notes", "version": "1.0",
    });
    assert_eq!(*lumen, expected);
    let gridkit = rows.iter().find(|row| row["package_name"] == "gridkit").unwrap();
    assert_eq!(gridkit["version"], "3.4", "that of its default track");
}

#[tokio::test]
async fn names_are_of_what_the_caller_can_install() {
    let mut classic = document(1, "classic", json!({}));
    classic["channel-map"][0]["confinement"] = json!("classic");
    let mut edgy = document(2, "edgy", json!({}));
    edgy["channel-map"] = json!([release(1, "edge", "amd64")]);
    let mut arm = document(3, "arm", json!({}));
    arm["channel-map"] = json!([release(1, "stable", "arm64")]);
    let mut strict = document(4, "strict", json!({"title": "\"Quoted\"\n"}));
    strict["snap"]["title"] = json!("A \"title\"");
    strict["channel-map"][0]["snap-yaml"] =
        json!("name: strict\napps:\n  one:\n    command: x\n  two: {command: y}\n");
    let mut private = document(5, "private", json!({"private": true}));
    private["stores"] = json!([]);
    let mut kept = document(6, "kept", json!({}));
    kept["stores"] = json!(["acme-lab"]);
    let app = serving(&[classic, edgy, arm, strict, private, kept]).await;
    for (confinement, expected) in [
        ("", &["classic", "strict"][..]),
        ("strict", &["strict"]),
        ("classic", &["classic"]),
        ("strict,classic", &["classic", "strict"]),
        ("devmode", &[]),
    ] {
        let path = format!("{NAMES}?confinement={confinement}");
        assert_eq!(names(&rows(&app, &path, &DEVICE).await), expected, "{confinement}");
    }
    let row = &rows(&app, &format!("{NAMES}?confinement=strict"), &DEVICE).await[0];
    assert_eq!((&row["title"], &row["apps"]), (&json!("A \"title\""), &json!(["one", "two"])));
    // The words of the older interface, another architecture, any, another store.
    let older = [("X-Ubuntu-Series", "16"), ("X-Ubuntu-Architecture", "arm64")];
    assert_eq!(names(&rows(&app, NAMES, &older).await), ["arm"]);
    assert_eq!(names(&rows(&app, NAMES, &DEVICE[..1]).await), ["arm", "classic", "strict"]);
    let lab = [&DEVICE[..], &[("Snap-Device-Store", "acme-lab")]].concat();
    assert_eq!(names(&rows(&app, NAMES, &lab).await), ["classic", "kept", "strict"]);
}

/// So many that they are sent in many pieces, packed or not.
#[tokio::test]
async fn many_names_come_in_pieces() {
    let summary = "A summary that is there to take some room, again and again. ".repeat(8);
    let documents: Vec<_> = (0..1_200)
        .map(|number| {
            document(number, &format!("snap-x{number}"), json!({"summary": summary.trim()}))
        })
        .collect();
    let app = serving(&documents).await;
    let plain = app.send(&sent("GET", NAMES, &DEVICE)).await;
    assert!(plain.body.len() > 500_000, "{}", plain.body.len());
    assert_eq!(plain.header("content-encoding"), None);
    let rows = plain.json()["_embedded"]["clickindex:package"].as_array().unwrap().clone();
    let expected: Vec<_> = (0..1_200).map(|number| format!("snap-x{number}")).collect();
    let names: Vec<_> = rows.iter().map(|row| row["package_name"].as_str().unwrap()).collect();
    assert_eq!(names, expected);
    let packed = sent("GET", NAMES, &[&DEVICE[..], &[("Accept-Encoding", "gzip")]].concat());
    let mut packed = ask(&app.public, &packed).await.unwrap();
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    assert!(packed.body.len() < plain.body.len() / 10, "{}", packed.body.len());
    let mut unpacked = Vec::new();
    GzDecoder::new(packed.body.as_slice()).read_to_end(&mut unpacked).unwrap();
    assert!(unpacked == plain.body);
    packed.body = unpacked;
    assert_spec("GET", NAMES, &packed);
    let app = TestApp::serve(&app.database_url, &[("SNAPWISE_COMPRESSION", "off")]);
    let off = sent("GET", NAMES, &[&DEVICE[..], &[("Accept-Encoding", "gzip")]].concat());
    let off = ask(&app.public, &off).await.unwrap();
    assert_eq!(off.header("content-encoding"), None);
    assert!(off.body == plain.body);
}

#[tokio::test]
async fn categories_are_those_there_is_something_in() {
    let of = |names: &[(&str, bool)]| {
        let one = |(name, featured): &(&str, bool)| json!({"name": name, "featured": featured});
        json!({"categories": names.iter().map(one).collect::<Vec<_>>()})
    };
    let mut private = document(1, "private", of(&[("secrets", true)]));
    private["snap"]["private"] = json!(true);
    let mut kept = document(2, "kept", of(&[("laboratory", false), ("games", true)]));
    kept["stores"] = json!(["acme-lab"]);
    let mut app = serving(&[
        private.clone(),
        kept.clone(),
        document(3, "open", of(&[("games", false), ("art", false)])),
    ])
    .await;
    let lab = [&DEVICE[..], &[("Snap-Device-Store", "acme-lab")]].concat();
    for (headers, expected) in
        [(&DEVICE[..], &["art", "games"][..]), (&lab, &["art", "featured", "games", "laboratory"])]
    {
        let named: Vec<_> = expected.iter().map(|name| json!({"name": name})).collect();
        let received = app.send(&sent("GET", "/v2/snaps/categories", headers)).await;
        assert_eq!(received.header("content-type"), Some("application/json"));
        assert_eq!(received.json(), json!({"categories": named}));
        let received = app.send(&sent("GET", "/api/v1/snaps/sections", headers)).await;
        assert_eq!(received.header("content-type"), Some("application/hal+json"));
        assert_eq!(received.json(), json!({"_embedded": {"clickindex:sections": named}}));
    }
    app = serving(&[]).await;
    let received = app.send(&sent("GET", "/v2/snaps/categories", &DEVICE)).await;
    assert_eq!(received.json(), json!({"categories": []}));
    assert_eq!(rows(&app, NAMES, &DEVICE).await, [Value::Null; 0]);
}
