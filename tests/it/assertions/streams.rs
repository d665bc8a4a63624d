//! Several assertions in one answer.

use crate::assertions::LUMEN;
use crate::assertions::account;
use crate::assertions::assert_miss;
use crate::assertions::assert_text;
use crate::assertions::declaration;
use crate::assertions::followed;
use crate::assertions::get;
use crate::assertions::group;
use crate::assertions::results;
use crate::assertions::sent;
use crate::assertions::stocked;
use crate::assertions::stream_of;
use crate::assertions::take_in;
use serde_json::Value;
use serde_json::json;

#[tokio::test]
async fn a_large_group_is_answered_by_few_urls_of_whole_streams() {
    let names: Vec<String> = (0..301).map(|n| format!("account-{n}")).collect();
    let texts: Vec<String> = names.iter().map(|name| account(name)).collect();
    let app = stocked(&texts).await;
    let wanted = |name: &String| json!({"type": "account", "primary-key": [name]});
    let wanted: Vec<Value> = names.iter().map(wanted).collect();
    let few = results(&app, &[group("few", &wanted[..150])], json!({})).await.remove(0);
    assert_text(&followed(&app, &few).await, &stream_of(&texts[..150]));
    let all = results(&app, &[group("all", &wanted)], json!({})).await.remove(0);
    let urls = all["assertion-stream-urls"].as_array().unwrap();
    assert_eq!(urls.len(), 3);
    let mut streams = Vec::new();
    for url in urls {
        let url = url.as_str().unwrap();
        assert!(url.len() < 8_000, "{} bytes", url.len());
        let path = url.strip_prefix(&format!("http://{}", app.public)).unwrap();
        let received = get(&app, path).await;
        assert_eq!(received.status, 200);
        streams.push(String::from_utf8(received.body).unwrap());
    }
    assert_eq!(stream_of(&streams), stream_of(&texts));
}

#[tokio::test]
async fn a_url_leads_to_the_newest_of_what_was_meant() {
    let app = stocked(&[declaration(1, 0), account("ann")]).await;
    let wanted = [
        json!({"type": "snap-declaration", "primary-key": ["16", LUMEN]}),
        json!({"type": "account", "primary-key": ["ann"]}),
    ];
    let result =
        results(&app, &[group("g", &wanted)], json!({"snap-declaration": 2})).await.remove(0);
    take_in(&app, &[declaration(2, 1), declaration(3, 3)]).await;
    let expected = stream_of(&[declaration(2, 1), account("ann")]);
    let received = followed(&app, &result).await;
    assert_text(&received, &expected);
    let url = result["assertion-stream-urls"][0].as_str().unwrap();
    let path = url.strip_prefix(&format!("http://{}", app.public)).unwrap();
    let head = app.send(&sent("HEAD", path, &[])).await;
    assert_eq!(head.header("content-length"), Some(expected.len().to_string().as_str()));
    let tag = received.header("etag").unwrap();
    let again = app.send(&sent("GET", path, &[("If-None-Match", tag)])).await;
    assert_eq!((again.status, again.body.len()), (304, 0));
}

#[tokio::test]
async fn a_stream_of_nothing_is_a_miss() {
    let app = stocked(&[account("ann")]).await;
    let long = format!("/v2/assertion-streams/{}", "A".repeat(8_000));
    for path in [
        "/v2/assertion-streams/AAECAwQFBgcICQoLDA0ODwAH",
        "/v2/assertion-streams/x",
        "/v2/assertion-streams/..",
        "/v2/assertion-streams/%00",
        "/v2/assertion-streams/AAAA",
        &long,
    ] {
        assert_miss(&get(&app, path).await);
    }
}
