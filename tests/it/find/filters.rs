//! What narrows a search, and what nobody sees.

use crate::find::DEVICE;
use crate::find::SHELF;
use crate::find::document;
use crate::find::found;
use crate::find::path;
use crate::find::release;
use crate::find::results;
use crate::find::sent;
use crate::find::serving;
use crate::support::app::TestApp;
use serde_json::Value;
use serde_json::json;

/// Name, channel and revision of what is found by a caller with these headers.
async fn shown(app: &TestApp, headers: &[(&str, &str)], asked: &[(&str, &str)]) -> Vec<String> {
    let asked = [asked, &[("fields", "revision,channel")]].concat();
    let received = app.send(&sent("GET", &path(&asked), headers)).await;
    assert_eq!(received.status, 200, "{asked:?}");
    let body = received.json();
    let text = |result: &Value| {
        let revision = &result["revision"];
        let channel = revision["channel"].as_str().unwrap();
        format!("{} {channel} r{}", result["name"].as_str().unwrap(), revision["revision"])
    };
    body["results"].as_array().unwrap().iter().map(text).collect()
}

#[tokio::test]
async fn what_is_shown_is_what_an_install_would_give() {
    let app = TestApp::start(SHELF).await;
    let device = |architecture| [DEVICE[0], ("Snap-Device-Architecture", architecture), DEVICE[2]];
    let amd64 = device("amd64");
    for (asked, expected) in [
        (&[("q", "lumen-notes"), ("channel", "stable")][..], &["lumen-notes stable r10"][..]),
        (&[("q", "lumen-notes"), ("channel", "latest")], &["lumen-notes stable r10"]),
        (&[("q", "lumen-notes"), ("channel", "candidate")], &["lumen-notes stable r10"]),
        (&[("q", "lumen-notes"), ("channel", "beta")], &["lumen-notes beta r12"]),
        (&[("q", "lumen-notes"), ("channel", "2.0/edge")], &["lumen-notes 2.0/stable r20"]),
        (&[("q", "lumen-notes"), ("channel", "9.9/stable")], &[]),
        (&[("q", "lumen-notes"), ("channel", "edge/nope")], &[]),
        (&[("q", "lumen-notes"), ("channel", "edge/fix-77")], &["lumen-notes edge/fix-77 r16"]),
        (&[("q", "lumen-notes")], &["lumen-notes stable r10"]),
        (&[("q", "lumen-notes"), ("scope", "wide")], &["lumen-notes stable r10"]),
        // The default track, for who follows it.
        (&[("q", "gridkit"), ("channel", "stable")], &["gridkit 3.x/stable r30"]),
        (&[("q", "gridkit"), ("channel", "edge")], &["gridkit 3.x/candidate r31"]),
        (&[("q", "gridkit"), ("channel", "latest/stable")], &["gridkit stable r5"]),
        (&[("q", "gridkit")], &["gridkit 3.x/stable r30"]),
        (&[("q", "anyarch")], &["anyarch stable r1"]),
    ] {
        assert_eq!(shown(&app, &amd64, asked).await, expected, "{asked:?}");
    }
    let old = &amd64[..2];
    assert_eq!(shown(&app, old, &[("q", "gridkit")]).await, ["gridkit stable r5"]);
    assert_eq!(
        shown(&app, old, &[("q", "gridkit"), ("channel", "stable")]).await,
        ["gridkit stable r5"]
    );
    // The architecture of the query, else of the device, else any.
    let arm64 = device("arm64");
    let lumen = [("q", "lumen-notes")];
    assert_eq!(shown(&app, &arm64, &lumen).await, ["lumen-notes stable r11"]);
    let amd64_asked = [("q", "lumen-notes"), ("architecture", "amd64")];
    assert_eq!(shown(&app, &arm64, &amd64_asked).await, ["lumen-notes stable r10"]);
    assert_eq!(shown(&app, &DEVICE[..1], &lumen).await, ["lumen-notes stable r10"]);
    for nobody in ["riscv64", "s390x"] {
        assert_eq!(shown(&app, &device(nobody), &[("q", "")]).await, ["anyarch stable r1"]);
    }
}

#[tokio::test]
async fn what_is_only_in_riskier_channels_is_found_in_a_wide_search() {
    let mut edgy = document(1, "edgy", json!({}));
    edgy["channel-map"] = json!([
        release(3, "edge", "amd64"),
        release(2, "2.0/beta", "amd64"),
        release(1, "1.0/beta", "amd64"),
        release(4, "stable", "arm64"),
        release(5, "stable/fix", "amd64"),
    ]);
    let mut nothing = document(2, "nothing", json!({}));
    nothing["channel-map"] = json!([]);
    let app = serving(&[edgy, nothing]).await;
    for wide in [&[][..], &[("scope", "wide")]] {
        assert_eq!(shown(&app, &DEVICE, wide).await, ["edgy 2.0/beta r2"]);
    }
    assert_eq!(shown(&app, &DEVICE, &[("channel", "stable")]).await, [""; 0]);
    assert_eq!(
        shown(&app, &DEVICE, &[("channel", "edge"), ("scope", "wide")]).await,
        ["edgy edge r3"]
    );
    assert_eq!(shown(&app, &DEVICE[..1], &[]).await, ["edgy stable r4"]);
}

#[tokio::test]
async fn every_wish_narrows() {
    let publisher = |name: &str| json!({"id": name, "username": name, "display-name": "", "validation": "unproven"});
    let mut classic = document(1, "pad-classic", json!({"publisher": publisher("ann")}));
    classic["channel-map"][0]["confinement"] = json!("classic");
    let mut devmode = document(2, "pad-devmode", json!({"publisher": publisher("ann")}));
    devmode["channel-map"][0]["confinement"] = json!("devmode");
    let categories =
        json!([{"name": "games", "featured": true}, {"name": "science", "featured": false}]);
    let mut strict =
        document(3, "pad-strict", json!({"publisher": publisher("bob"), "categories": categories}));
    strict["channel-map"] = json!([release(1, "stable", "amd64"), release(2, "edge", "amd64")]);
    strict["channel-map"][0]["common-ids"] = json!(["org.example.Pad"]);
    strict["channel-map"][1]["common-ids"] = json!(["org.example.Pad2"]);
    let app = serving(&[classic, devmode, strict]).await;
    let (classic, devmode, strict) = ("pad-classic", "pad-devmode", "pad-strict");
    for (asked, expected) in [
        (&[("q", "pad")][..], &[classic, devmode, strict][..]),
        (&[("q", "pad"), ("confinement", "strict")], &[strict]),
        (&[("q", "pad"), ("confinement", "strict,classic")], &[classic, strict]),
        (&[("q", "pad"), ("confinement", "")], &[classic, devmode, strict]),
        (&[("name", "pad")], &[classic, devmode, strict]),
        (&[("name", "pad-d")], &[devmode]),
        (&[("name", "ad-d")], &[]),
        (&[("name", "PAD")], &[]),
        (&[("name", "pad%")], &[]),
        (&[("name", &"p".repeat(3_000))], &[]),
        (&[("category", "games")], &[strict]),
        (&[("section", "games")], &[strict]),
        (&[("category", "featured")], &[strict]),
        (&[("category", "science"), ("section", "nothing")], &[strict]),
        (&[("category", "game")], &[]),
        (&[("category", "games"), ("q", "devmode")], &[]),
        (&[("publisher", "ann")], &[classic, devmode]),
        (&[("publisher", "an")], &[]),
        (&[("common-id", "org.example.Pad")], &[strict]),
        (&[("common-id", "org.example.Pad2")], &[]),
        (&[("common-id", "org.example.Pad2"), ("channel", "edge")], &[strict]),
        (&[("common-id", "org.example.pad")], &[]),
        (&[("private", "false")], &[classic, devmode, strict]),
        (&[("private", "true")], &[]),
        (&[("unheard-of", "x"), ("q", "pad-strict")], &[strict]),
    ] {
        assert_eq!(found(&app, asked).await, expected, "{asked:?}");
    }
    // The one of just that name first.
    let app = serving(&[document(1, "pads", json!({})), document(2, "pad", json!({}))]).await;
    assert_eq!(found(&app, &[("name", "pad")]).await, ["pad", "pads"]);
}

/// What a caller may not see is as if it was not there, in every list and by every question.
#[tokio::test]
async fn what_is_private_or_of_another_store_is_not_there() {
    let app = TestApp::start(SHELF).await;
    let lab = [&DEVICE[..], &[("Snap-Device-Store", "acme-lab")]].concat();
    for asked in [
        &[("q", "hidden")][..],
        &[("q", "hidden-box")],
        &[("name", "hidden")],
        &[("q", "hidden"), ("private", "true")],
        &[("private", "true")],
        &[("publisher", "acme")],
    ] {
        assert_eq!(results(&app, asked).await, [Value::Null; 0], "{asked:?}");
    }
    for asked in [&[("q", "probe")][..], &[("name", "lab-")], &[("publisher", "acme")]] {
        assert_eq!(results(&app, asked).await, [Value::Null; 0], "{asked:?}");
        assert_eq!(shown(&app, &lab, asked).await, ["lab-probe stable r1"], "{asked:?}");
    }
    assert!(!found(&app, &[]).await.iter().any(|name| name == "hidden-box" || name == "lab-probe"));
    for path in [
        "/v2/snaps/find?q=probe",
        "/v2/snaps/categories",
        "/api/v1/snaps/sections",
        "/api/v1/snaps/names",
    ] {
        let nowhere = [&DEVICE[..], &[("Snap-Device-Store", "no-such-store")]].concat();
        let refused = app.send(&sent("GET", path, &nowhere)).await;
        assert_eq!(refused.status, 403, "{path}");
        assert_eq!(refused.json()["error-list"][0]["code"], "store-disallowed");
    }
}
