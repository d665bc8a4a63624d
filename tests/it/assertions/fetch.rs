//! Contract cases 104 to 112: which assertions a device lacks.

use crate::assertions::LUMEN;
use crate::assertions::account;
use crate::assertions::asking;
use crate::assertions::assert_nothing;
use crate::assertions::assert_text;
use crate::assertions::assertion;
use crate::assertions::declaration;
use crate::assertions::failure;
use crate::assertions::fetched;
use crate::assertions::followed;
use crate::assertions::group;
use crate::assertions::results;
use crate::assertions::stocked;
use crate::assertions::validation_set;
use crate::support::app::TestApp;
use serde_json::Value;
use serde_json::json;
use std::collections::BTreeSet;

fn of_lumen(if_newer_than: Option<u32>) -> Value {
    json!({"type": "snap-declaration", "primary-key": ["16", LUMEN], "if-newer-than": if_newer_than})
}

#[tokio::test]
async fn only_what_is_newer_is_fetched() {
    let app = stocked(&[declaration(3, 0), declaration(4, 0)]).await;
    for has in [None, Some(0), Some(3)] {
        let result = fetched(&app, of_lumen(has)).await;
        assert_text(&followed(&app, &result).await, &declaration(4, 0));
    }
    for has in [Some(4), Some(5)] {
        assert_nothing(&fetched(&app, of_lumen(has)).await);
    }
}

#[tokio::test]
async fn what_nobody_has_is_told_by_its_key() {
    let app = stocked(&[declaration(3, 0)]).await;
    let unknown = "Zz9Zz9Zz9Zz9Zz9Zz9Zz9Zz9Zz9Zz9Zz";
    for wanted in [
        json!({"type": "snap-declaration", "primary-key": ["16", unknown], "if-newer-than": 1}),
        json!({"type": "no-such-type", "primary-key": ["16", unknown]}),
        json!({"type": "validation-set", "sequence-key": ["16", "ann", "lab"]}),
        json!({"type": "validation-set", "sequence-key": ["16", "ann", "lab"], "if-sequence-newer-than": 1}),
    ] {
        let result = fetched(&app, wanted.clone()).await;
        assert_eq!(failure(&result), "not-found");
        let told = &result["error-list"][0];
        for member in ["type", "primary-key", "sequence-key"] {
            assert_eq!(told.get(member), wanted.get(member), "{member}");
        }
    }
}

#[tokio::test]
async fn a_sequence_is_followed_as_the_device_asks() {
    let app = stocked(&[
        validation_set(1, 0),
        validation_set(2, 0),
        validation_set(2, 3),
        validation_set(4, 1),
    ])
    .await;
    let wanted = |conditions: Value| {
        let mut wanted = json!({"type": "validation-set", "sequence-key": ["16", "ann", "lab"]});
        wanted.as_object_mut().unwrap().extend(conditions.as_object().unwrap().clone());
        wanted
    };
    let (second, newest) = (validation_set(2, 3), validation_set(4, 1));
    for (conditions, expected) in [
        (json!({}), &newest),
        (json!({"sequence": 2}), &second),
        (json!({"sequence": 2, "if-newer-than": 2}), &second),
        (json!({"if-sequence-equal-or-newer-than": 2}), &newest),
        // The revision the device has is one of an earlier place.
        (json!({"if-sequence-equal-or-newer-than": 2, "if-newer-than": 3}), &newest),
        (json!({"if-sequence-equal-or-newer-than": 4, "if-newer-than": 0}), &newest),
        (json!({"if-sequence-newer-than": 3, "if-newer-than": 9}), &newest),
    ] {
        let result = fetched(&app, wanted(conditions)).await;
        assert_text(&followed(&app, &result).await, expected);
    }
    for conditions in [
        json!({"sequence": 2, "if-newer-than": 3}),
        json!({"if-sequence-equal-or-newer-than": 4, "if-newer-than": 1}),
        json!({"if-sequence-equal-or-newer-than": 5, "if-newer-than": 1}),
        json!({"if-sequence-newer-than": 4}),
        json!({"if-newer-than": 1}),
    ] {
        assert_nothing(&fetched(&app, wanted(conditions)).await);
    }
    for conditions in [json!({"sequence": 3}), json!({"if-sequence-equal-or-newer-than": 5})] {
        assert_eq!(failure(&fetched(&app, wanted(conditions)).await), "not-found");
    }
    let whole = json!({"type": "validation-set", "primary-key": ["16", "ann", "lab", "2"]});
    let result = fetched(&app, whole).await;
    assert_text(&followed(&app, &result).await, &second);
}

#[tokio::test]
async fn the_usual_provenance_may_be_left_out() {
    let revision = |more: &[(&str, &str)]| {
        let mut headers = vec![("snap-sha3-384", "digest")];
        headers.extend(more);
        assertion("snap-revision", &headers)
    };
    let (usual, mine) = (revision(&[]), revision(&[("provenance", "mine")]));
    let app = stocked(&[usual.clone(), mine.clone()]).await;
    for (key, expected) in [
        (json!(["digest"]), &usual),
        (json!(["digest", "global-upload"]), &usual),
        (json!(["digest", "mine"]), &mine),
    ] {
        let result = fetched(&app, json!({"type": "snap-revision", "primary-key": key})).await;
        assert_text(&followed(&app, &result).await, expected);
    }
}

#[tokio::test]
async fn a_format_that_is_not_understood_is_not_offered() {
    let app = stocked(&[declaration(3, 1), declaration(4, 5), declaration(5, 8)]).await;
    let asked = async |has: Option<u32>, formats: Value| {
        results(&app, &[group("g1", &[of_lumen(has)])], formats).await.remove(0)
    };
    for (formats, revision, format) in [
        (json!({"snap-declaration": 8}), 5, 8),
        (json!({"snap-declaration": 7}), 4, 5),
        (json!({"snap-declaration": 4, "account-key": 9}), 3, 1),
    ] {
        let result = asked(None, formats).await;
        assert_text(&followed(&app, &result).await, &declaration(revision, format));
    }
    assert_nothing(&asked(Some(4), json!({"snap-declaration": 7})).await);
    // Who has one already lacks nothing; who has none is told that there is none.
    for formats in [json!({"snap-declaration": 0}), json!({"account-key": 9}), json!(null)] {
        assert_nothing(&asked(Some(1), formats.clone()).await);
        assert_eq!(failure(&asked(None, formats).await), "not-found");
    }
}

#[tokio::test]
async fn groups_and_snaps_are_answered_in_their_order() {
    let app = stocked(&[declaration(3, 0), account("ann"), account("bob")]).await;
    let refresh = json!({"action": "refresh", "instance-key": LUMEN, "snap-id": LUMEN});
    let install = json!({"action": "install", "instance-key": "i", "name": "gridkit"});
    let of = |name: &str| json!({"type": "account", "primary-key": [name]});
    let actions = [
        group("both", &[of("ann"), of("bob"), of_lumen(Some(3))]),
        refresh,
        group("bad", &[of("ann"), of("nobody")]),
        install,
        group("none", &[]),
    ];
    let results = results(&app, &actions, json!({})).await;
    let words: Vec<_> = results.iter().map(|result| result["result"].as_str().unwrap()).collect();
    let fetch = "fetch-assertions";
    assert_eq!(words, [fetch, "refresh", fetch, "install", fetch]);
    let both = format!("{}\n{}", account("ann"), account("bob"));
    assert_text(&followed(&app, &results[0]).await, &both);
    assert_eq!(results[1]["snap"]["revision"], 10);
    assert_eq!((failure(&results[2]), &results[2]["key"]), ("not-found", &json!("bad")));
    assert_eq!(results[3]["instance-key"], "i");
    assert_eq!(results[4]["assertion-stream-urls"], json!([]));
    let counted = app.ask_operator("/metrics").await.body;
    let counted = String::from_utf8(counted).unwrap();
    for (outcome, n) in [("offer", 1), ("not-found", 1), ("nothing", 1)] {
        let line = format!("{{action=\"fetch-assertions\",outcome=\"{outcome}\"}} {n}");
        assert!(counted.contains(&line), "{line}");
    }
}

#[tokio::test]
async fn a_group_is_known_by_its_key() {
    let app = stocked(&[account("ann")]).await;
    let of_ann = json!({"type": "account", "primary-key": ["ann"]});
    let nameless = json!({"action": "fetch-assertions", "assertions": [of_ann]});
    let one = || group("one", std::slice::from_ref(&of_ann));
    let results = results(&app, &[one(), one(), nameless.clone()], json!({})).await;
    assert!(results[0].get("error-list").is_none());
    assert_eq!(failure(&results[1]), "duplicate-fetch-assertions-key");
    assert_eq!(failure(&results[2]), "missing-fetch-assertions-key");
}

#[tokio::test]
async fn keys_of_a_wrong_shape_void_their_group() {
    let app = stocked(&[declaration(3, 0)]).await;
    for wanted in [
        json!({"type": "snap-declaration", "primary-key": ["16"]}),
        json!({"type": "snap-declaration", "primary-key": []}),
        json!({"type": "snap-declaration", "primary-key": ["16", LUMEN, "x"]}),
        json!({"type": "snap-declaration", "primary-key": ["16", ""]}),
        json!({"type": "snap-declaration", "primary-key": ["16", "a/b"]}),
        json!({"type": "snap-declaration", "primary-key": ["16", "\u{0}"]}),
        json!({"type": "snap-declaration", "sequence-key": ["16", LUMEN]}),
        json!({"type": "validation-set", "primary-key": ["16", "ann", "lab"]}),
        json!({"type": "validation-set", "primary-key": ["16", "ann", "lab", "0"]}),
        json!({"type": "validation-set", "sequence-key": ["16", "ann", "lab", "1"]}),
    ] {
        assert_eq!(failure(&fetched(&app, wanted).await), "invalid-request");
    }
}

#[tokio::test]
async fn faults_are_told_with_their_places() {
    let app = TestApp::start("shelf.jsonl").await;
    let actions = [
        group(
            "g",
            &[
                json!({"primary-key": ["16"]}),
                json!({"type": "account"}),
                json!({"type": "account", "primary-key": ["a"], "sequence-key": ["a"]}),
                json!({"type": "account", "primary-key": vec!["a"; 9]}),
                json!({"type": "account", "primary-key": ["a", "x".repeat(257)]}),
                json!({"type": "x".repeat(257), "primary-key": ["a"]}),
                json!({"type": "account", "primary-key": ["a"], "if-newer-than": -1}),
                json!({"type": "account", "primary-key": ["a"], "sequence": 1}),
                json!({"type": "repair", "sequence-key": ["a"], "sequence": 0}),
                json!({"type": "repair", "sequence-key": ["a"], "sequence": 1, "if-sequence-newer-than": 1}),
            ],
        ),
        json!({"action": "fetch-assertions", "key": "h"}),
        json!({"action": "fetch-assertions", "key": "x".repeat(257), "assertions": []}),
        group("many", &vec![json!({"type": "account", "primary-key": ["a"]}); 1_001]),
        json!({"action": "install", "name": "gridkit"}),
    ];
    let received = app.send(&asking(&actions, &json!({}))).await;
    assert_eq!(received.status, 400);
    let list = received.json()["error-list"].as_array().unwrap().clone();
    let told: BTreeSet<_> = list.iter().map(|entry| entry["pointer"].as_str().unwrap()).collect();
    let expected = [
        "/actions/0/assertions/0/type",
        "/actions/0/assertions/1",
        "/actions/0/assertions/2",
        "/actions/0/assertions/3/primary-key",
        "/actions/0/assertions/4/primary-key/1",
        "/actions/0/assertions/5/type",
        "/actions/0/assertions/6/if-newer-than",
        "/actions/0/assertions/7",
        "/actions/0/assertions/8/sequence",
        "/actions/0/assertions/9",
        "/actions/1/assertions",
        "/actions/2/key",
        "/actions/3/assertions",
        "/actions/4/instance-key",
    ];
    assert_eq!(told, BTreeSet::from(expected));
    assert_eq!(list.len(), expected.len(), "a fault is told twice: {list:?}");
    for (odd, pointer) in [
        (json!({"type": 5, "primary-key": ["a"]}), "/actions/0/assertions/0/type"),
        (json!({"type": "account", "primary-key": "a"}), "/actions/0/assertions/0/primary-key"),
        (json!({"type": "account", "primary-key": [1]}), "/actions/0/assertions/0/primary-key/0"),
    ] {
        let received = app.send(&asking(&[group("g", &[odd])], &json!({}))).await;
        assert_eq!(received.json()["error-list"][0]["pointer"], pointer);
    }
    let many: serde_json::Map<_, _> = (0..101).map(|n| (format!("t{n}"), json!(1))).collect();
    let received = app.send(&asking(&[], &Value::Object(many))).await;
    assert_eq!(received.json()["error-list"][0]["pointer"], "/assertion-max-formats");
}
