//! Bodies nobody should send: each is refused in the documented shape, and disturbs nobody.

use crate::platform::REFRESH;
use crate::platform::SHELF;
use crate::platform::assert_serves;
use crate::platform::install;
use crate::platform::refresh;
use crate::platform::refused;
use crate::platform::sent;
use crate::support::app::TestApp;
use serde_json::Value;
use serde_json::json;

const DOORS: [&str; 3] = [REFRESH, "/snaps/refresh", "/v2/cohorts"];
const DEEP: usize = 10_000;

fn nested(open: &str, close: &str) -> String {
    format!("{}{}", open.repeat(DEEP), close.repeat(DEEP))
}

/// A body with these members beside the two that must be there.
fn with(members: &str) -> String {
    format!("{{\"context\":[],\"actions\":[],{members}}}")
}

#[tokio::test]
async fn what_is_no_object_of_json_is_refused() {
    let app = TestApp::start(SHELF).await;
    let good = install().to_string();
    let bodies: Vec<Vec<u8>> = vec![
        vec![],
        b" \r\n\t".to_vec(),
        b"null".to_vec(),
        b"true".to_vec(),
        b"7".to_vec(),
        b"\"text\"".to_vec(),
        b"[]".to_vec(),
        format!("[{good}]").into_bytes(),
        b"{".to_vec(),
        b"{}}".to_vec(),
        b"{'context':[]}".to_vec(),
        b"{\"context\":[],\"actions\":[],}".to_vec(),
        b"{\"context\":[] \"actions\":[]}".to_vec(),
        b"{\"context\":[NaN],\"actions\":[]}".to_vec(),
        format!("\u{feff}{good}").into_bytes(),
        format!("{good}{good}").into_bytes(),
        format!("{good}\0").into_bytes(),
        format!("{good} garbage").into_bytes(),
        good.bytes().take(good.len() - 1).collect(),
        good.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        b"\xff\xfe\xfd".to_vec(),
        b"{\"context\":[],\"actions\":[],\"x\":\"\xc3\x28\"}".to_vec(),
        b"{\"context\":[],\"actions\":[],\"\xed\xa0\x80\":1}".to_vec(),
        with(r#""x":"\ud800""#).into_bytes(),
        with(r#""fields":["\udc00"]"#).into_bytes(),
        with(r#""x":"\x""#).into_bytes(),
        with("\"x\":\"line\nbreak\"").into_bytes(),
        b"a=1&b=2".to_vec(),
        b"<?xml version=\"1.0\"?><a/>".to_vec(),
    ];
    for path in DOORS {
        for body in &bodies {
            let received = app.send(&sent("POST", path, &[], body.clone())).await;
            refused(&received, 400, "api-error");
        }
    }
    assert_serves(&app).await;
}

#[tokio::test]
async fn deep_nesting_is_refused_wherever_it_is() {
    let app = TestApp::start(SHELF).await;
    let (arrays, objects) = (nested("[", "]"), nested("{\"x\":", "}").replace("}}", "1}}"));
    let places: Vec<Value> = ["context", "actions", "fields", "assertion-max-formats", "unknown"]
        .iter()
        .map(|member| json!({*member: "HERE"}))
        .chain(
            ["epoch", "held", "validation-sets", "snap-id", "revision", "unknown"].iter().flat_map(
                |member| {
                    let both = [
                        json!({"context": [{*member: "HERE"}]}),
                        json!({"actions": [{*member: "HERE"}]}),
                    ];
                    both.into_iter()
                },
            ),
        )
        .chain([
            json!({"context": [{"epoch": {"read": "HERE"}}]}),
            json!({"context": [{"epoch": {"unknown": "HERE"}}]}),
            json!({"context": [{"held": {"by": "HERE"}}]}),
            json!({"context": [{"held": {"unknown": "HERE"}}]}),
            json!({"snaps": "HERE"}),
        ])
        .collect();
    for value in [&arrays, &objects] {
        for path in DOORS {
            refused(&app.send(&sent("POST", path, &[], value.as_str())).await, 400, "api-error");
        }
        for place in &places {
            let body = place.to_string().replace("\"HERE\"", value);
            refused(&app.send(&refresh(body)).await, 400, "api-error");
            // Beside everything that must be there, so that nothing else is wrong.
        }
        let beside = with(&format!("\"unknown\":{value}"));
        for path in ["/v2/snaps/refresh", "/snaps/refresh"] {
            let received = app.send(&sent("POST", path, &[], beside.as_str())).await;
            refused(&received, 400, "api-error");
        }
    }
    assert_serves(&app).await;
    // What people send is nowhere near.
    let modest = format!("\"unknown\":{}{}", "[".repeat(100), "]".repeat(100));
    assert_eq!(app.send(&refresh(with(&modest))).await.status, 200);
}

#[tokio::test]
async fn a_member_written_twice_is_refused() {
    let app = TestApp::start(SHELF).await;
    let entry = r#""instance-key":"a","snap-id":"b","revision":1,"tracking-channel":"""#;
    let action = r#""action":"install","instance-key":"a","name":"lumen-notes""#;
    let context = |members: &str| format!("{{\"context\":[{{{members}}}],\"actions\":[]}}");
    let actions = |members: &str| format!("{{\"context\":[],\"actions\":[{{{members}}}]}}");
    for (body, place) in [
        (with("\"context\":[]"), ""),
        (with("\"actions\":[]"), ""),
        (with("\"\\u0061ctions\":[]"), ""),
        (with("\"fields\":[],\"fields\":[]"), ""),
        (with("\"fields\":null,\"fields\":null"), ""),
        (context(&format!("{entry},\"revision\":1")), "/context/0"),
        (context(&format!("{entry},\"snap-id\":\"b\"")), "/context/0"),
        (context(&format!("{entry},\"held\":null,\"held\":null")), "/context/0"),
        (context(&format!("{entry},\"held\":{{\"by\":[],\"by\":[]}}")), "/context/0/held"),
        (context(&format!("{entry},\"epoch\":{{\"read\":[0],\"read\":[0]}}")), "/context/0/epoch"),
        (actions(&format!("{action},\"name\":\"gridkit\"")), "/actions/0"),
        (actions(&format!("{action},\"action\":\"download\"")), "/actions/0"),
        (actions(&format!("{action},\"epoch\":null,\"epoch\":null")), "/actions/0"),
    ] {
        let received = app.send(&refresh(body.as_str())).await;
        let list = refused(&received, 400, "api-error");
        let told = list[0]["pointer"].as_str().unwrap();
        assert!(told.starts_with(place) && list.len() == 1, "{body}: {list:?}");
        assert!(list[0]["message"].as_str().unwrap().contains("twice"), "{body}: {list:?}");
    }
    let twice = r#"{"snaps":["lumen-notes"],"snaps":[]}"#;
    refused(&app.send(&sent("POST", "/v2/cohorts", &[], twice)).await, 400, "api-error");
    // One in the context and one in an action are not the same object.
    let body = format!("{{\"context\":[{{{entry}}}],\"actions\":[{{{action}}}]}}");
    assert_eq!(app.send(&refresh(body)).await.status, 200);
}

#[tokio::test]
async fn numbers_out_of_range_are_refused() {
    let app = TestApp::start(SHELF).await;
    let revisions =
        ["1e400", "-1e400", "18446744073709551616", "9223372036854775808", "2147483648"];
    let revisions = revisions.iter().chain(&["-1", "1.5", "1e2", "10.0", "-9223372036854775809"]);
    let epochs = ["4294967296", "18446744073709551616", "-1", "0.5", "1e400", "1e1"];
    let entry = r#""instance-key":"a","snap-id":"b","tracking-channel":"""#;
    let action = r#""action":"install","instance-key":"a","name":"lumen-notes""#;
    for number in revisions.copied().chain(["01", "+1", "0x1", "1_000", "--1", "."]) {
        let context = format!("{{\"context\":[{{{entry},\"revision\":{number}}}],\"actions\":[]}}");
        let actions =
            format!("{{\"context\":[],\"actions\":[{{{action},\"revision\":{number}}}]}}");
        for body in [context, actions] {
            refused(&app.send(&refresh(body)).await, 400, "api-error");
        }
    }
    // No installed revision has number 0; in an action it says nothing.
    let zero = format!("{{\"context\":[{{{entry},\"revision\":0}}],\"actions\":[]}}");
    refused(&app.send(&refresh(zero)).await, 400, "api-error");
    let zero = format!("{{\"context\":[],\"actions\":[{{{action},\"revision\":0}}]}}");
    assert_eq!(app.send(&refresh(zero)).await.status, 200);
    for number in epochs {
        for list in ["read", "write"] {
            let epoch = format!("\"epoch\":{{\"{list}\":[{number}]}}");
            let context =
                format!("{{\"context\":[{{{entry},\"revision\":1,{epoch}}}],\"actions\":[]}}");
            let actions = format!("{{\"context\":[],\"actions\":[{{{action},{epoch}}}]}}");
            for body in [context, actions] {
                refused(&app.send(&refresh(body)).await, 400, "api-error");
            }
        }
    }
    let largest = with(r#""x":1,"y":[4294967295]"#);
    assert_eq!(app.send(&refresh(largest)).await.status, 200);
    assert_serves(&app).await;
}

#[tokio::test]
async fn too_many_and_too_long_are_refused_with_the_place() {
    let app = TestApp::start(SHELF).await;
    let long = "x".repeat(1_024 * 1_024);
    let many = |item: &str, n: usize| vec![item; n].join(",");
    for (body, place) in [
        (format!("{{\"context\":[],\"actions\":[{}]}}", many("{}", 100_000)), "/actions"),
        (format!("{{\"context\":[],\"actions\":[{}]}}", many("null", 1)), "/actions/0"),
        (format!("{{\"actions\":[],\"context\":[{}]}}", many("{}", 100_000)), "/context"),
        (with(&format!("\"fields\":[{}]", many("\"a\"", 1_000_000))), "/fields"),
        (with(&format!("\"fields\":[\"{long}\"]")), "/fields/0"),
        (
            with(&format!("\"assertion-max-formats\":{{\"{long}\":\"x\"}}")),
            "/assertion-max-formats",
        ),
    ] {
        let received = app.send(&refresh(body)).await;
        let list = refused(&received, 400, "api-error");
        let is_told =
            list.iter().any(|entry| entry["pointer"].as_str().unwrap().starts_with(place));
        assert!(is_told && list.len() <= 100, "{place}: {} faults", list.len());
        assert!(received.body.len() < 64 * 1_024, "{place}: {} bytes", received.body.len());
    }
    let snaps = format!("{{\"snaps\":[{}]}}", many("\"lumen-notes\"", 101));
    let received = app.send(&sent("POST", "/v2/cohorts", &[], snaps)).await;
    assert_eq!(refused(&received, 400, "api-error")[0]["pointer"], "/snaps");

    // 1,000 of each are served.
    let entry = |n: usize| {
        json!({"instance-key": format!("{n}"), "snap-id": "Nn4Qw8Er2Ty6Ui0Op3As7Df1Gh5Jk9Lz",
            "revision": 9, "tracking-channel": "stable"})
    };
    let action = |n: usize| {
        json!({"action": "refresh", "instance-key": format!("{n}"),
            "snap-id": "Nn4Qw8Er2Ty6Ui0Op3As7Df1Gh5Jk9Lz"})
    };
    let of = |n: usize| {
        json!({"context": (0..n).map(entry).collect::<Vec<_>>(),
            "actions": (0..n).map(action).collect::<Vec<_>>(), "fields": ["revision"]})
    };
    let received = app.send(&refresh(of(1_000).to_string())).await;
    assert_eq!(
        (received.status, received.json()["results"].as_array().unwrap().len()),
        (200, 1_000)
    );
    let received = app.send(&refresh(of(1_001).to_string())).await;
    let list = refused(&received, 400, "api-error");
    let places: Vec<_> = list.iter().map(|entry| entry["pointer"].as_str().unwrap()).collect();
    assert_eq!(places, ["/actions", "/context"]);
    assert_serves(&app).await;
}
