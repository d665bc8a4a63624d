//! Paths that lead nowhere, and odd ones: each refused in words, none with a defect.

use crate::assertions::LUMEN;
use crate::assertions::account;
use crate::assertions::assert_miss;
use crate::assertions::assert_refused;
use crate::assertions::assert_text;
use crate::assertions::declaration;
use crate::assertions::get;
use crate::assertions::stocked;
use crate::support::app::TestApp;

#[tokio::test]
async fn what_is_not_there_is_missed_as_snapd_expects() {
    let app = stocked(&[declaration(3, 8), account("ann")]).await;
    let of_lumen = format!("/v2/assertions/snap-declaration/16/{LUMEN}?max-format=7");
    for path in [
        "/v2/assertions/account/nobody",
        "/v2/assertions/account/ANN",
        "/v2/assertions/account/ann%20",
        "/v2/assertions/account/..",
        "/v2/assertions/account/%2e%2e",
        "/v2/assertions/account/ann'--",
        "/v2/assertions/account/%25",
        "/v2/assertions/account/*",
        "/v2/assertions/no-such-type/x",
        "/v2/assertions/../x",
        "/v2/assertions/serial-request/a/b/c",
        "/api/v1/snaps/assertions/account/nobody",
        &of_lumen,
    ] {
        assert_miss(&get(&app, path).await);
    }
}

#[tokio::test]
async fn what_can_be_no_key_is_refused() {
    let app = TestApp::start("shelf.jsonl").await;
    let long = format!("/v2/assertions/account/{}", "x".repeat(257));
    let many = format!("/v2/assertions/account/{}", "x/".repeat(2_000));
    for path in [
        "/v2/assertions/account/ann/bob",
        "/v2/assertions/account/../../etc/passwd",
        "/v2/assertions/account/%2e%2e%2f%2e%2e%2fetc",
        "/v2/assertions/account/a%2Fb",
        "/v2/assertions/account/a%00b",
        "/v2/assertions/account/a%0Ab",
        "/v2/assertions/account/%ff%fe",
        "/v2/assertions/%ff/x",
        "/v2/assertions/account/a//b",
        "/v2/assertions/snap-declaration/16",
        "/v2/assertions/snap-resource-revision/id/name",
        "/v2/assertions/validation-set/16/ann",
        &long,
        &many,
    ] {
        assert_refused(&get(&app, path).await, 400, "invalid-request");
    }
    for query in
        ["max-format=", "max-format=-1", "max-format=x", "max-format=2147483648", "max-format=1.0"]
    {
        let received = get(&app, &format!("/v2/assertions/account/ann?{query}")).await;
        assert_refused(&received, 400, "bad-argument");
    }
    for path in ["/v2/assertions", "/v2/assertions/account", "/v2/assertions/account/"] {
        assert_refused(&get(&app, path).await, 404, "resource-not-found");
    }
}

#[tokio::test]
async fn a_key_may_hold_what_a_path_cannot() {
    let odd = "a b?c#d%e&ü;=+";
    let app = stocked(&[account(odd)]).await;
    let path = "/v2/assertions/account/a%20b%3Fc%23d%25e%26%C3%BC%3B%3D+";
    assert_text(&get(&app, path).await, &account(odd));
}
