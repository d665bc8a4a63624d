//! What a test tells the simulated services, and asks of them.

use crate::simulator::answer::Answer;
use crate::simulator::respond::Asked;
use crate::simulator::world::World;
use hyper::StatusCode;
use serde_json::json;

/// Answers what is none of the services.
pub(super) fn answer(world: &World, asked: &Asked) -> Answer {
    match (asked.method.as_str(), asked.path.as_str()) {
        ("PUT", "/_sim/faults") => match serde_json::from_slice(&asked.body) {
            Ok(faults) => {
                world.set(faults);
                Answer::empty(StatusCode::NO_CONTENT)
            }
            Err(error) => Answer::refusal(StatusCode::BAD_REQUEST, "api-error", &error.to_string()),
        },
        ("GET", "/_sim/faults") => Answer::json(StatusCode::OK, &json!(world.faults())),
        ("GET", "/_sim/counts") => Answer::json(StatusCode::OK, &world.counts.json()),
        ("DELETE", "/_sim/counts") => {
            world.counts.clear();
            Answer::empty(StatusCode::NO_CONTENT)
        }
        _ => Answer::page(StatusCode::NOT_FOUND),
    }
}
