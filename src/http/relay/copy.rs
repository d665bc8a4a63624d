//! The featured list as the store showed it last, with what we know of how it came about.

use crate::db::featured::FeaturedEvent;
use crate::http::page::Page;
use crate::http::plain_json;
use crate::http::relay::package::icon_url;
use crate::ranking::Verbatim;
use crate::snap::Instant;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;
use std::collections::BTreeMap;

/// What is shown of what the store says of a snap: the members it is asked for.
const SHOWN: [&str; 12] = [
    "apps",
    "architecture",
    "developer_id",
    "developer_name",
    "developer_validation",
    "media",
    "origin",
    "package_name",
    "sections",
    "snap_id",
    "summary",
    "title",
];

/// The answer, and when it was true.
#[derive(Debug)]
pub(super) struct Featured {
    pub(super) page: Page,
    pub(super) as_of: Instant,
}

impl Featured {
    /// What the store lists, each snap with its events, the latest first.
    pub(super) fn of(
        listed: &[Map<String, Value>],
        events: &[FeaturedEvent],
        as_of: Instant,
        earlier: Option<&Self>,
    ) -> Self {
        let mut by_snap: BTreeMap<&str, Vec<&FeaturedEvent>> = BTreeMap::new();
        for event in events {
            by_snap.entry(event.snap.as_str()).or_default().push(event);
        }
        let shown = listed.iter().map(|snap| {
            let id = snap.get("snap_id").and_then(Value::as_str).unwrap_or_default();
            entry(snap, by_snap.get(id).map_or(&[], Vec::as_slice))
        });
        let body = plain_json::write(&shown.collect());
        Self { page: Page::of(body, earlier.map(|earlier| &earlier.page)), as_of }
    }
}

fn entry(snap: &Map<String, Value>, events: &[&FeaturedEvent]) -> Value {
    let history: Vec<Value> = events.iter().map(|event| told(event)).collect();
    let newest = history.first().cloned().unwrap_or_default();
    let shown =
        SHOWN.iter().filter_map(|name| Some(((*name).to_owned(), snap.get(*name)?.clone())));
    let mut entry: Map<String, Value> = shown.collect();
    entry.insert("icon_url".to_owned(), icon_url(snap.get("media")).into());
    entry.insert("is_manual".to_owned(), newest["is_manual"].clone());
    entry.insert("selection_reason".to_owned(), newest["selection_reason"].clone());
    entry.insert("featured_history".to_owned(), history.into());
    Value::Object(entry)
}

fn told(event: &FeaturedEvent) -> Value {
    // ISO 8601 with microseconds and without a zone, unlike every other time (contract/rankings 2.0).
    let at = event.at.to_string();
    json!({
        "featured_at": at.get(..26),
        "is_manual": event.is_manual,
        "selection_reason": event.reason.as_ref().and_then(public),
    })
}

/// A reason as everybody may read it: without who it was, and without whatever may be an address.
fn public(reason: &Verbatim) -> Option<Value> {
    // What is nested too deeply to be looked at is not shown.
    without_addresses(serde_json::from_str(reason.as_str()).ok()?)
}

fn without_addresses(value: Value) -> Option<Value> {
    match value {
        Value::String(text) => (!text.contains('@')).then_some(Value::String(text)),
        Value::Array(items) => Some(items.into_iter().filter_map(without_addresses).collect()),
        Value::Object(members) => {
            let members = members
                .into_iter()
                .filter(|(name, _)| !name.eq_ignore_ascii_case("actor") && !name.contains('@'));
            let kept = members.filter_map(|(name, value)| Some((name, without_addresses(value)?)));
            Some(Value::Object(kept.collect()))
        }
        other => Some(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(reason: &Value, expected: &Value) {
        let verbatim = reason.to_string().parse().unwrap();
        assert_eq!(&public(&verbatim).unwrap_or_default(), expected);
    }

    #[test]
    fn no_address_is_shown_wherever_it_stands() {
        let address = "editor@example.org";
        check(&json!({"actor": address, "nickname": "editor"}), &json!({"nickname": "editor"}));
        check(&json!({"Actor": "editor", "nickname": address}), &json!({}));
        let deep = json!({"gates": {"by": [address, "x", {"actor": 1}], "n": 3}, address: true});
        check(&deep, &json!({"gates": {"by": ["x", {}], "n": 3}}));
        check(&json!(address), &json!(null));
        check(&json!({"pool_rank": 3, "none": null}), &json!({"pool_rank": 3, "none": null}));
    }

    #[test]
    fn a_snap_that_was_never_featured_by_us_has_no_history() {
        let Value::Object(snap) = json!({"snap_id": "x", "media": null, "_links": {}}) else {
            unreachable!("it is an object")
        };
        let expected = json!({"snap_id": "x", "media": null, "icon_url": "", "is_manual": null,
                              "selection_reason": null, "featured_history": []});
        assert_eq!(entry(&snap, &[]), expected);
    }
}
