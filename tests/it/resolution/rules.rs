//! The rules that a request as a whole must keep (contract 2.2), beside a check that tries every pair.

use crate::resolution::acts::Act;
use crate::resolution::acts::Entry;
use crate::resolution::acts::acts;
use crate::resolution::acts::context;
use crate::resolution::acts::tied;
use crate::resolution::oracle::is_visible;
use crate::resolution::requests::secrets;
use crate::resolution::shelves::Stock;
use crate::resolution::shelves::shelf;
use crate::resolution::shelves::stock;
use crate::resolution::shelves::text;
use hyper::HeaderMap;
use hyper::header::HeaderValue;
use proptest::prelude::*;
use serde_json::Value;
use serde_json::json;
use snapwise::device::Installed;
use snapwise::device::Validation;
use snapwise::device::Viewer;
use snapwise::http::answer_refresh;
use snapwise::refresh::Asked;
use snapwise::refresh::SnapRef;
use snapwise::refresh::Verb;
use snapwise::refresh::parse;
use snapwise::snap::ChannelName;
use snapwise::snap::Instant;
use snapwise::snap::Listing;

/// Where the faults are, as JSON pointers.
fn faults(listings: &[Listing], context: &[Entry], acts: &[Option<Act>]) -> Vec<String> {
    let mut found = Vec::new();
    for (place, entry) in context.iter().enumerate() {
        let Some((key, _)) = entry else { continue };
        if context[..place].iter().flatten().any(|(earlier, _)| earlier == key) {
            found.push(format!("/context/{place}/instance-key"));
        }
    }
    let verb = |act: &Option<Act>| act.as_ref().map(|act| act.verb);
    if let Some(place) = acts.iter().position(|act| verb(act) == Some("refresh-all")) {
        if acts.len() > 1 {
            found.push(format!("/actions/{place}"));
        }
        found.sort();
        return found;
    }
    let visible = || listings.iter().filter(|listing| is_visible(listing, None));
    let snap_of = |act: &Act| {
        let id = act.id.as_deref();
        visible().find(|listing| {
            id.is_none_or(|id| id == listing.id.as_str())
                && act.name.as_ref().is_none_or(|name| name == listing.name.as_str())
        })
    };
    for (place, act) in acts.iter().enumerate() {
        let Some(act) = act else { continue };
        let entry = context.iter().flatten().find(|(key, _)| *key == act.key);
        let is_held = entry.is_some_and(|(_, id)| Some(id) == act.id.as_ref());
        let is_unheld = !is_held && context.iter().all(Option::is_some);
        let clashes = |other: &Act| {
            let same = snap_of(act).zip(snap_of(other)).is_some_and(|(one, two)| one.id == two.id);
            other.verb == "refresh" && same
        };
        let spoilt = act.verb == "install" && acts.iter().flatten().any(clashes);
        if act.verb == "refresh" && is_unheld || spoilt {
            found.push(format!("/actions/{place}"));
        }
    }
    found.sort();
    found
}

fn installed(entry: Option<&(String, String)>) -> Option<Installed<'_>> {
    entry.map(|(key, id)| Installed {
        key,
        snap_id: id,
        revision: text("1"),
        tracking: Ok(ChannelName::STABLE),
        epoch: None,
        cohort_key: None,
        validation: Validation::default(),
    })
}

fn asked(act: Option<&Act>) -> Option<Asked<'_>> {
    act.map(|act| Asked {
        key: &act.key,
        verb: match act.verb {
            "install" => Verb::Install,
            "download" => Verb::Download,
            "refresh" => Verb::Refresh,
            _ => Verb::RefreshAll,
        },
        snap: SnapRef { id: act.id.as_deref(), name: act.name.as_deref() },
        channel: None,
        revision: None,
        epoch: None,
        cohort_key: None,
        validation: Validation::default(),
    })
}

fn body(context: &[Entry], acts: &[Option<Act>]) -> Vec<u8> {
    let context: Vec<_> = context
        .iter()
        .flatten()
        .map(|(key, id)| {
            json!({"instance-key": key, "snap-id": id, "revision": 1, "tracking-channel": ""})
        })
        .collect();
    let acts: Vec<_> = acts
        .iter()
        .flatten()
        .map(|act| {
            let (key, id) = (&act.key, &act.id);
            json!({"action": act.verb, "instance-key": key, "snap-id": id, "name": act.name})
        })
        .collect();
    json!({"context": context, "actions": acts}).to_string().into_bytes()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_request_breaks_the_rules_where_every_pair_says_so(
        Stock(listings) in stock(),
        context in context(),
        acts in acts(),
    ) {
        let shelf = shelf(&listings);
        let acts: Vec<_> =
            acts.into_iter().enumerate().map(|act| tied(&context, act)).collect();
        let entries: Vec<_> = context.iter().map(|entry| installed(entry.as_ref())).collect();
        let wishes: Vec<_> = acts.iter().map(|act| asked(act.as_ref())).collect();
        let expected = faults(&listings, &context, &acts);
        check_door(&shelf, &listings, context.clone(), acts.clone());
        match parse(&shelf.catalogue, &Viewer::default(), &entries, &wishes) {
            Err(said) => {
                let mut said: Vec<_> = said.into_iter().map(|fault| fault.pointer).collect();
                said.sort();
                prop_assert!(!expected.is_empty());
                prop_assert_eq!(said, expected);
            }
            Ok(actions) => {
                prop_assert_eq!(expected, Vec::<String>::new());
                if context.iter().any(Option::is_none) || acts.iter().any(Option::is_none) {
                    // What is left of a request with a fault is thrown away.
                    return Ok(());
                }
                let is_all = acts.iter().flatten().any(|act| act.verb == "refresh-all");
                let held = context.iter().flatten().map(|(key, _)| key.as_str());
                let wished = acts.iter().flatten().map(|act| act.key.as_str());
                let keys: Vec<_> = if is_all { held.collect() } else { wished.collect() };
                let said: Vec<_> = actions.iter().map(|action| action.key).collect();
                prop_assert_eq!(&said, &keys);
                for (place, action) in actions.iter().enumerate() {
                    prop_assert_eq!(action.is_repeated, keys[..place].contains(&action.key));
                }
            }
        }
    }
}

/// The door says 400 where a rule is broken, with each place, and one result an action where none is.
fn check_door(
    shelf: &snapwise::http::Shelf,
    listings: &[Listing],
    mut context: Vec<Entry>,
    mut acts: Vec<Option<Act>>,
) {
    context.retain(Option::is_some);
    acts.retain(Option::is_some);
    let mut headers = HeaderMap::new();
    headers.insert("snap-device-series", HeaderValue::from_static("16"));
    headers.insert("snap-device-architecture", HeaderValue::from_static("amd64"));
    let body = body(&context, &acts);
    let answer = answer_refresh(shelf, &secrets(), Instant::EPOCH, &headers, &body);
    let answer: Value = serde_json::from_slice(&answer).unwrap();
    let faults = faults(listings, &context, &acts);
    let said = answer["error-list"].as_array().unwrap();
    let mut pointers: Vec<_> =
        said.iter().map(|fault| fault["pointer"].as_str().unwrap().to_owned()).collect();
    pointers.sort();
    assert_eq!(pointers, faults);
    for fault in said {
        let (code, message) = (&fault["code"], fault["message"].as_str().unwrap());
        assert_eq!(code, "api-error");
        let pointer = fault["pointer"].as_str().unwrap();
        assert!(message.contains(pointer), "{message}");
        let place = pointer.strip_prefix("/actions/").and_then(|place| place.parse::<usize>().ok());
        if let Some(act) = place.and_then(|place| acts[place].as_ref()) {
            let snap = act.name.as_ref().or(act.id.as_ref()).filter(|_| act.verb == "refresh");
            assert!(snap.is_none_or(|snap| message.contains(snap)), "{message}");
        }
    }
    if faults.is_empty() {
        let is_all = acts.iter().flatten().any(|act| act.verb == "refresh-all");
        let expected = if is_all { context.len() } else { acts.len() };
        assert_eq!(answer["results"].as_array().map(Vec::len), Some(expected));
    }
}
