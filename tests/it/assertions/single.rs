//! One assertion by its path: contract 10.3 and case 120.

use crate::assertions::KIND;
use crate::assertions::LUMEN;
use crate::assertions::account;
use crate::assertions::assert_miss;
use crate::assertions::assert_refused;
use crate::assertions::assert_text;
use crate::assertions::assertion;
use crate::assertions::declaration;
use crate::assertions::get;
use crate::assertions::sent;
use crate::assertions::stocked;
use crate::assertions::take_in;
use crate::assertions::validation_set;

#[tokio::test]
async fn an_assertion_is_found_by_both_paths_and_without_any_header() {
    let app = stocked(&[declaration(3, 5), declaration(2, 0), account("ann")]).await;
    let paths = ["/v2/assertions", "/api/v1/snaps/assertions"];
    for beginning in paths {
        let path = format!("{beginning}/snap-declaration/16/{LUMEN}");
        assert_text(&get(&app, &format!("{path}?max-format=7")).await, &declaration(3, 5));
        assert_text(&get(&app, &format!("{path}?max-format=4")).await, &declaration(2, 0));
        assert_text(&get(&app, &path).await, &declaration(3, 5));
        assert_text(&get(&app, &format!("{path}/")).await, &declaration(3, 5));
        assert_text(&get(&app, &format!("{beginning}/account/%61nn")).await, &account("ann"));
    }
    for headers in [
        &[("X-Ubuntu-Series", "16"), ("X-Ubuntu-Architecture", "amd64"), ("Accept", KIND)][..],
        &[("Snap-Device-Series", "16"), ("Accept", ""), ("X-Ubuntu-Store", "some-store")],
        &[("X-Device-Authorization", "Macaroon root=\"x\""), ("Accept-Encoding", "gzip")],
    ] {
        let received = app.send(&sent("GET", "/v2/assertions/account/ann", headers)).await;
        assert_text(&received, &account("ann"));
        assert_eq!(received.header("content-encoding"), None);
    }
    let head = app.send(&sent("HEAD", "/v2/assertions/account/ann", &[])).await;
    assert_eq!((head.status, head.header("content-type")), (200, Some(KIND)));
    let length = account("ann").len().to_string();
    assert_eq!(head.header("content-length"), Some(length.as_str()));
}

#[tokio::test]
async fn a_sequence_is_asked_for_by_number_or_for_its_latest() {
    let app = stocked(&[validation_set(1, 0), validation_set(3, 2)]).await;
    let path = "/v2/assertions/validation-set/16/ann/lab";
    for (rest, expected) in [
        ("", validation_set(3, 2)),
        ("?sequence=latest&max-format=0", validation_set(3, 2)),
        ("?sequence=1", validation_set(1, 0)),
        ("/3", validation_set(3, 2)),
        ("/1?max-format=9", validation_set(1, 0)),
    ] {
        assert_text(&get(&app, &format!("{path}{rest}")).await, &expected);
    }
    for rest in ["?sequence=2", "/2", "/2147483647"] {
        assert_miss(&get(&app, &format!("{path}{rest}")).await);
    }
    for rest in ["?sequence=0", "?sequence=-1", "?sequence=", "?sequence=newest", "/3?sequence=3"] {
        assert_refused(&get(&app, &format!("{path}{rest}")).await, 400, "bad-argument");
    }
    for rest in ["/0", "/latest", "/03", "/2147483648", "/3/4"] {
        assert_refused(&get(&app, &format!("{path}{rest}")).await, 400, "invalid-request");
    }
    let account = get(&app, "/v2/assertions/account/ann?sequence=1").await;
    assert_refused(&account, 400, "bad-argument");
}

#[tokio::test]
async fn who_has_the_text_is_not_sent_it_again() {
    let app = stocked(&[declaration(1, 0)]).await;
    let path = format!("/v2/assertions/snap-declaration/16/{LUMEN}");
    let first = get(&app, &path).await;
    let tag = first.header("etag").unwrap().to_owned();
    for method in ["GET", "HEAD"] {
        let again = app.send(&sent(method, &path, &[("If-None-Match", &tag)])).await;
        assert_eq!((again.status, again.body.len()), (304, 0));
        assert_eq!(again.header("etag"), Some(tag.as_str()));
    }
    take_in(&app, &[declaration(2, 0)]).await;
    let received = app.send(&sent("GET", &path, &[("If-None-Match", &tag)])).await;
    assert_text(&received, &declaration(2, 0));
    assert_ne!(received.header("etag"), Some(tag.as_str()));
    // The revision before is not forgotten by who may not read the next.
    take_in(&app, &[declaration(3, 9)]).await;
    assert_text(&get(&app, &format!("{path}?max-format=8")).await, &declaration(2, 0));
}

#[tokio::test]
async fn a_text_is_given_out_to_the_last_byte() {
    let body = "{\"a\": \"ü\"}\n\ntype: account\n";
    let headers = [("series", "16"), ("brand-id", "ann"), ("model", "box"), ("note", "ä\u{1}\t")];
    let length = format!("\nbody-length: {}\n\n{body}\n\nAXN", body.len());
    let model = assertion("model", &headers).replace("\n\nAXN", &length);
    let app = stocked(&[model.clone(), account("ann")]).await;
    assert_text(&get(&app, "/v2/assertions/model/16/ann/box").await, &model);
}
