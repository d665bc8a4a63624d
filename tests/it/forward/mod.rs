//! What we do not serve ourselves, asked of the store behind us.

mod access;
mod assertions;
mod freshness;
mod groups;
mod outages;

use crate::support::app::Sent;
use crate::support::app::TestApp;
use crate::support::recorder::Recorder;

const REQUEST_ID: &str = "/api/v1/snaps/auth/request-id";
const DEVICES: &str = "/api/v1/snaps/auth/devices";
const REPAIR: &str = "/v2/repairs/generic/7";

/// Everything that is passed on.
const PASSED_ON: [(&str, &str); 10] = [
    ("POST", REQUEST_ID),
    ("POST", DEVICES),
    ("GET", "/api/v1/snaps/purchases/orders"),
    ("HEAD", "/api/v1/snaps/purchases/orders"),
    ("POST", "/api/v1/snaps/purchases/buy"),
    ("GET", "/api/v1/snaps/purchases/customers/me"),
    ("HEAD", "/api/v1/snaps/purchases/customers/me"),
    ("POST", "/v2/messages"),
    ("GET", REPAIR),
    ("HEAD", REPAIR),
];

/// A server with the snaps of the contract and that store behind it.
async fn before(upstream: &Recorder, settings: &[(&str, &str)]) -> TestApp {
    let url = upstream.url();
    let settings = [&[("SNAPWISE_UPSTREAM", url.as_str())], settings].concat();
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    TestApp::with(Some(&path.join("tests/it/scenarios/shelf.jsonl")), &settings).await
}

fn sent(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Sent {
    Sent {
        method: method.to_owned(),
        path: path.to_owned(),
        headers: headers.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
        body: body.as_bytes().to_vec(),
    }
}

/// What every device asks, answered from memory.
fn info() -> Sent {
    sent("GET", "/v2/snaps/info/lumen-notes", &[("Snap-Device-Series", "16")], "")
}
