//! The store: its search, what it knows of one snap, and its search for words.

use crate::simulator::answer::Answer;
use crate::simulator::faults::Failure;
use crate::simulator::respond::Asked;
use crate::simulator::snap::Snap;
use crate::simulator::world::World;
use hyper::StatusCode;
use hyper::header::CONTENT_ENCODING;
use hyper::header::ETAG;
use hyper::header::HeaderValue;
use serde_json::Value;
use serde_json::json;
use std::sync::Arc;

/// What stands before the name of a snap.
pub(super) const INFO: &str = "/v2/snaps/info/";

/// How many snaps a page has, as the public store gives them.
const PAGE: usize = 100;

/// The most results of a search for words.
const MAX_FOUND: usize = 100;

/// The members an entry is asked for with; they are what is ready to be sent.
const FIELDS: &str = "snap_id,package_name,last_updated,date_published,summary,description,title,version,publisher,\
    revision,links,media,developer_validation,license,sections";

/// A page of the search.
pub(super) fn search(world: &World, asked: &Asked, failure: Option<Failure>) -> Answer {
    let status = StatusCode::BAD_REQUEST;
    if asked.word("fields").as_deref() != Some(FIELDS) {
        return Answer::refusal(status, "bad-argument", "fields: not those of a collector");
    }
    if asked.word("scope").as_deref() != Some("wide") {
        return Answer::refusal(status, "bad-argument", "scope: not wide");
    }
    let confinement = asked.word("confinement").unwrap_or_default();
    let snaps = world.snaps();
    let snaps = snaps.iter().filter(|snap| {
        confinement.split(',').any(|confinement| confinement == snap.confinement().as_str())
    });
    let snaps: Vec<&Arc<Snap>> = snaps.collect();
    let entries = |snaps: &[&Arc<Snap>]| -> Vec<String> {
        snaps.iter().map(|snap| snap.entry.to_string()).collect()
    };
    page(&snaps, asked, failure, |snaps| entries(snaps))
}

/// A page of some snaps, with a link to the next if there is one.
pub(super) fn page<S>(
    snaps: &[S],
    asked: &Asked,
    failure: Option<Failure>,
    entries: impl Fn(&[S]) -> Vec<String>,
) -> Answer {
    let number = asked.word("page").map_or(Ok(1), |page| page.parse::<usize>());
    let Some(mut number) = number.ok().filter(|number| *number >= 1) else {
        return Answer::refusal(StatusCode::BAD_REQUEST, "bad-argument", "page: from 1 on");
    };
    let repeats = failure == Some(Failure::RepeatPage);
    if repeats {
        number = 1;
    }
    let of_page = snaps.chunks(PAGE).nth(number - 1).unwrap_or_default();
    let mut entries = entries(of_page);
    if let Some(first) = entries.first_mut().filter(|_| failure == Some(Failure::NullColumn)) {
        let mut spoilt: Value = serde_json::from_str(first).expect("we wrote it");
        spoilt["summary"] = Value::Null;
        *first = spoilt.to_string();
    }
    let entries = entries.join(",");
    let path = &asked.path;
    let next = if repeats || snaps.len() > number * PAGE {
        format!(r#","next":{{"href":"{path}?page={}"}}"#, number + 1)
    } else {
        String::new()
    };
    Answer::bytes(format!(
        r#"{{"_embedded":{{"clickindex:package":[{entries}]}},"_links":{{"self":{{"href":"{path}?page={number}"}}{next}}}}}"#
    ))
}

/// The channel map of a snap.
pub(super) fn info(world: &World, asked: &Asked, failure: Option<Failure>) -> Answer {
    if asked.header("snap-device-series") != Some("16") {
        let message = "the header Snap-Device-Series has to be 16";
        return Answer::refusal(StatusCode::BAD_REQUEST, "bad-argument", message);
    }
    let name = asked.path.strip_prefix(INFO).and_then(|name| name.parse().ok());
    let Some(snap) = name.and_then(|name| world.by_name(name)) else {
        let message = "no snap of that name";
        return Answer::refusal(StatusCode::NOT_FOUND, "resource-not-found", message);
    };
    let etag = HeaderValue::from_str(&snap.etag).expect("digits in quotes");
    let is_known = asked.headers.get("if-none-match") == Some(&etag);
    let mut answer = if is_known {
        world.counts.not_modified();
        Answer::empty(StatusCode::NOT_MODIFIED)
    } else if failure == Some(Failure::NullColumn) {
        let mut spoilt: Value = serde_json::from_slice(&snap.info()).expect("we wrote it");
        spoilt["channel-map"][0]["revision"] = Value::Null;
        Answer::json(StatusCode::OK, &spoilt)
    } else if asked.header("accept-encoding").is_some_and(|accepts| accepts.contains("gzip")) {
        let mut answer = Answer::bytes(snap.packed.clone());
        answer.headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        answer
    } else {
        Answer::bytes(snap.info())
    };
    answer.headers.insert(ETAG, etag);
    answer
}

/// The snaps whose name, title or summary has the words.
pub(super) fn find(world: &World, asked: &Asked) -> Answer {
    if asked.header("snap-device-series") != Some("16") {
        let message = "the header Snap-Device-Series has to be 16";
        return Answer::refusal(StatusCode::BAD_REQUEST, "bad-argument", message);
    }
    let words = asked.word("q").unwrap_or_default().to_lowercase();
    let mut results = Vec::new();
    for snap in world.snaps() {
        // The entry holds all that is looked at; most are passed over without being read.
        if !snap.entry.to_lowercase().contains(&words) {
            continue;
        }
        let entry = Value::Object(snap.entry());
        let has_words = ["package_name", "title", "summary"].iter().any(|member| {
            entry[member].as_str().is_some_and(|text| text.to_lowercase().contains(&words))
        });
        if has_words {
            results.push(result(&entry, &snap));
        }
        if results.len() == MAX_FOUND {
            break;
        }
    }
    Answer::json(StatusCode::OK, &json!({"results": results}))
}

fn result(entry: &Value, snap: &Snap) -> Value {
    let others = snap.others();
    json!({
        "name": entry["package_name"],
        "snap-id": entry["snap_id"],
        "snap": {
            "title": entry["title"],
            "summary": entry["summary"],
            "media": entry["media"],
            "categories": entry["sections"],
            "publisher": {
                "display-name": entry["publisher"],
                "id": others["developer_id"],
                "username": others["origin"],
                "validation": entry["developer_validation"],
            },
        },
    })
}
