//! What a device asks on its way to a serial and to a session, as far as a store that believes everybody answers it.

use crate::simulator::answer::Answer;
use crate::simulator::respond::Asked;
use hyper::StatusCode;
use hyper::header::CONTENT_TYPE;
use hyper::header::HeaderValue;
use serde_json::json;

/// What stands before each step.
pub(super) const AUTH: &str = "/api/v1/snaps/auth/";

/// Answers a step.
pub(super) fn answer(asked: &Asked) -> Answer {
    match asked.path.strip_prefix(AUTH) {
        Some("nonces") => Answer::json(StatusCode::OK, &json!({"nonce": "simulated-nonce"})),
        Some("sessions") => {
            Answer::json(StatusCode::OK, &json!({"macaroon": "simulated-macaroon"}))
        }
        Some("request-id") => Answer::json(StatusCode::OK, &json!({"request-id": "simulated-id"})),
        Some("devices") => {
            let mut answer = Answer::bytes(
                "type: serial\nauthority-id: simulated\nbrand-id: simulated\nmodel: simulated\nserial: 1\n\
                 device-key:\n    simulated\nsign-key-sha3-384: simulated-store-key\n\nAXNpbXVsYXRlZA==\n",
            );
            let kind = HeaderValue::from_static("application/x.ubuntu.assertion");
            answer.headers.insert(CONTENT_TYPE, kind);
            answer
        }
        _ => Answer::page(StatusCode::NOT_FOUND),
    }
}
