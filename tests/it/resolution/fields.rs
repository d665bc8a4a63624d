//! What a snap object says: every member as the listing has it, and of these exactly the ones asked for.

use crate::resolution::requests::secrets;
use crate::resolution::shelves::shelf;
use crate::support::listings::listing;
use hyper::HeaderMap;
use hyper::header::HeaderValue;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::sample::select;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;
use snapwise::http::answer_refresh;
use snapwise::snap::Download;
use snapwise::snap::Epoch;
use snapwise::snap::Instant;
use snapwise::snap::Integrity;
use snapwise::snap::Listing;
use snapwise::snap::Media;
use snapwise::snap::Package;
use snapwise::snap::Resource;
use std::time::Duration;

/// The 28 names of contract 2.4, a few that are none, and one that only the draft knows.
const NAMES: [&str; 33] = [
    "architectures",
    "base",
    "confinement",
    "links",
    "contact",
    "created-at",
    "description",
    "download",
    "epoch",
    "license",
    "name",
    "prices",
    "private",
    "publisher",
    "revision",
    "snap-id",
    "snap-yaml",
    "summary",
    "title",
    "type",
    "version",
    "website",
    "store-url",
    "integrity",
    "media",
    "common-ids",
    "categories",
    "resources",
    "channel",
    "channel-map",
    "nonsense",
    "",
    "snap_id",
];

/// Of a release of the listing: the whole result of an install of that revision.
fn result(listing: &Listing, choice: Index, fields: &Value) -> Value {
    let release = choice.get(&listing.releases);
    let built_for = release.architecture.to_string();
    let architecture = if built_for == "all" { "amd64" } else { &built_for };
    let mut headers = HeaderMap::new();
    headers.insert("snap-device-series", HeaderValue::from_static("16"));
    headers.insert("snap-device-architecture", architecture.parse().unwrap());
    headers.insert("snap-accept-delta-format", HeaderValue::from_static("xdelta3"));
    let mut body = json!({"context": [], "actions": [{
        "action": "install", "instance-key": "i", "name": listing.name.as_str(),
        "revision": release.revision.number(),
    }]});
    if !fields.is_null() {
        body["fields"] = fields.clone();
    }
    let (shelf, now) = (shelf(std::slice::from_ref(listing)), Instant::EPOCH.plus(Duration::MAX));
    let answer = answer_refresh(&shelf, &secrets(), now, &headers, body.to_string().as_bytes());
    let mut answer: Value = serde_json::from_slice(&answer).unwrap();
    answer["results"][0].take()
}

fn file(download: &Download) -> Value {
    json!({
        "url": download.source.url().map(snapwise::snap::Url::as_str), "size": download.size.bytes(),
        "sha3-384": download.sha3_384.to_string(),
    })
}

fn time(instant: Option<Instant>) -> Option<String> {
    instant.map(|instant| instant.to_string())
}

fn epoch(epoch: &Epoch) -> Value {
    json!({"read": epoch.read().as_slice(), "write": epoch.write().as_slice()})
}

/// The snap object of contract 3.3 and 3.4, written a second time.
fn expected(listing: &Listing, package: &Package) -> Value {
    let mut download = file(&package.download);
    if download["url"].is_null() {
        let name = format!("{}_{}.snap", listing.id, package.revision);
        download["url"] = format!("http://127.0.0.1/api/v1/snaps/download/{name}").into();
    }
    download["deltas"] = json!([]);
    let media = |one: &Media| {
        let (width, height) = (one.width, one.height);
        json!({"type": one.kind.as_str(), "url": one.url.as_str(), "width": width, "height": height})
    };
    let publisher = listing.publisher.as_ref().map(|one| {
        json!({
            "id": one.id.as_str(), "username": one.username.as_str(),
            "display-name": one.display_name.as_str(), "validation": one.validation.as_str(),
        })
    });
    let featured = |one: &snapwise::snap::Category| json!({"featured": one.featured, "name": one.name.as_str()});
    json!({
        "architectures": package.architectures, "base": package.base,
        "categories": listing.categories.iter().map(featured).collect::<Vec<_>>(),
        "common-ids": package.common_ids, "confinement": package.confinement.as_str(),
        "contact": listing.contact, "created-at": time(package.created_at),
        "description": listing.description, "download": download, "epoch": epoch(&package.epoch),
        "integrity": package.integrity.iter().map(integrity).collect::<Vec<_>>(),
        "license": listing.license, "links": object(&listing.links),
        "media": listing.media.iter().map(media).collect::<Vec<_>>(),
        "name": listing.name.as_str(), "prices": object(&listing.prices),
        "private": listing.private, "publisher": publisher,
        "resources": package.resources.iter().map(resource).collect::<Vec<_>>(),
        "revision": package.revision.number(), "snap-id": listing.id.as_str(),
        "snap-yaml": package.snap_yaml, "store-url": listing.store_url,
        "summary": listing.summary, "title": listing.title, "type": package.kind.as_str(),
        "version": package.version, "website": listing.website,
    })
}

fn object<K: ToString, V: serde::Serialize>(map: &std::collections::BTreeMap<K, V>) -> Value {
    let members = map.iter().map(|(key, value)| (key.to_string(), json!(value)));
    Value::Object(members.collect::<Map<_, _>>())
}

fn resource(one: &Resource) -> Value {
    json!({
        "architectures": one.architectures, "name": one.name, "type": one.kind.as_str(),
        "revision": one.revision.number(), "version": one.version,
        "created-at": time(one.created_at), "description": one.description,
        "download": file(&one.download),
    })
}

fn integrity(one: &Integrity) -> Value {
    json!({
        "type": one.kind, "version": one.version.to_string(), "hash-algorithm": one.hash_algorithm,
        "data-block-size": one.data_block_size, "hash-block-size": one.hash_block_size,
        "digest": one.digest, "salt": one.salt, "download": file(&one.download),
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_snap_object_has_what_was_asked_for_as_the_listing_has_it(
        listing in listing(0),
        choice in any::<Index>(),
        asked in vec(select(NAMES.to_vec()), 1..12),
    ) {
        prop_assume!(!listing.releases.is_empty());
        let listing = Listing { private: false, stores: vec![], ..listing };
        let package = listing.package(choice.get(&listing.releases).revision).unwrap();
        let full = result(&listing, choice, &Value::Null);
        prop_assert_eq!(&full["snap"], &expected(&listing, package));
        let mut some = result(&listing, choice, &json!(asked));
        let mut kept = full["snap"].as_object().unwrap().clone();
        kept.retain(|name, _| asked.contains(&name.as_str()));
        prop_assert_eq!(some["snap"].take(), Value::Object(kept));
        let mut none = result(&listing, choice, &json!([]));
        prop_assert!(none.get("snap").is_none());
        none["snap"] = Value::Null;
        prop_assert_eq!(none, some, "the rest of a result does not depend on the fields");
    }
}
