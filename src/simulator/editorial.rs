//! The featured list, and how editors change it.

use crate::simulator::answer::Answer;
use crate::simulator::faults::Failure;
use crate::simulator::respond::Asked;
use crate::simulator::snap::Snap;
use crate::simulator::store;
use crate::simulator::world::World;
use crate::snap::SnapId;
use hyper::Method;
use hyper::StatusCode;
use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;

/// A page of the featured list.
pub(super) fn featured(world: &World, asked: &Asked, failure: Option<Failure>) -> Answer {
    let is_featured = asked.word("section").as_deref() == Some("featured");
    let ids = if is_featured { world.featured() } else { Vec::new() };
    let snaps: Vec<Arc<Snap>> = ids.iter().filter_map(|id| world.by_id(*id)).collect();
    let fields = asked.word("fields").unwrap_or_default();
    store::page(&snaps, asked, failure, |snaps| {
        snaps.iter().map(|snap| entry(snap, &fields).to_string()).collect()
    })
}

/// The members asked for.
fn entry(snap: &Snap, fields: &str) -> Value {
    let (listed, others) = (snap.entry(), snap.others());
    let member = |field: &str| listed.get(field).or_else(|| others.get(field)).cloned();
    let members = fields.split(',').filter_map(|field| Some((field.to_owned(), member(field)?)));
    Value::Object(members.collect())
}

/// Adds to the featured list, or takes away from it.
pub(super) fn publish(world: &World, asked: &Asked) -> Answer {
    #[derive(Deserialize)]
    struct Change {
        packages: Vec<SnapId>,
    }
    let token = asked.header("authorization").and_then(|token| token.strip_prefix("Macaroon "));
    if token.is_none_or(str::is_empty) {
        let message = "a token is needed";
        return Answer::refusal(StatusCode::UNAUTHORIZED, "unauthorized", message);
    }
    let Ok(change) = serde_json::from_slice::<Change>(&asked.body) else {
        return Answer::refusal(StatusCode::BAD_REQUEST, "api-error", "packages: a list of ids");
    };
    if asked.method == Method::DELETE {
        world.unfeature(&change.packages);
    } else {
        world.feature(&change.packages);
    }
    Answer::empty(StatusCode::CREATED)
}
