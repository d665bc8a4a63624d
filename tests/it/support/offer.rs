//! What every offer must keep: a result with a snap that this device can install.

use crate::support::pattern::Mismatch;
use crate::support::rules::Asked;
use crate::support::rules::check as check_pattern;
use crate::support::rules::key_of;
use crate::support::rules::list;
use crate::support::shelf::Shelf;
use crate::support::shelf::component_file;
use crate::support::shelf::delta_file;
use crate::support::shelf::describes;
use crate::support::shelf::snap_file;
use regex::Regex;
use serde_json::Value;
use serde_json::json;
use std::collections::BTreeSet;

const FIELDS: [&str; 28] = [
    "architectures",
    "base",
    "categories",
    "common-ids",
    "confinement",
    "contact",
    "created-at",
    "description",
    "download",
    "epoch",
    "integrity",
    "license",
    "links",
    "media",
    "name",
    "prices",
    "private",
    "publisher",
    "resources",
    "revision",
    "snap-id",
    "snap-yaml",
    "store-url",
    "summary",
    "title",
    "type",
    "version",
    "website",
];

/// Checks one offer: its members, its snap, the architecture and the epoch.
pub(crate) fn check(
    shelf: &Shelf,
    asked: &Asked,
    key: &Value,
    result: &Value,
    at: &str,
    found: &mut Vec<Mismatch>,
) {
    let mut members = vec!["instance-key", "name", "released-at", "result", "snap-id"];
    members.extend(asked.is_draft.then_some("snap-name"));
    let optional = ["effective-channel", "redirect-channel", "snap"];
    members.extend(optional.iter().filter(|name| result.get(**name).is_some()));
    found.extend(check_pattern(&json!({"$keys": members}), result, at));
    let channel = json!({"$regex": "^([^/\\s]+/)?(stable|candidate|beta|edge)(/[^/\\s]+)?$"});
    match result.get("effective-channel") {
        Some(_) => found.extend(check_pattern(&json!({"effective-channel": channel}), result, at)),
        None => found.extend(check_pattern(&json!({"released-at": null}), result, at)),
    }
    if result.get("redirect-channel").is_some() {
        found.extend(check_pattern(&json!({"redirect-channel": channel}), result, at));
    }
    check_times(result, at, found);
    check_members(&asked.body, result, at, found);
    let Some(snap) = result.get("snap") else { return };
    let at = format!("{at}/snap");
    check_shape(snap, &at, found);
    check_times(snap, &at, found);
    check_files(result, snap, &at, found);
    let snap_id = result["snap-id"].as_str().unwrap_or_default();
    let revision = snap["revision"].as_u64();
    if let Some(offered) = revision.and_then(|revision| shelf.revision(snap_id, revision)) {
        let architectures = list(&offered["architectures"]);
        if !architectures.iter().any(|own| *own == "all" || *own == asked.architecture) {
            let expected = format!("a revision for {}", asked.architecture);
            found.push(Mismatch::new(&at, &expected, offered.get("architectures")));
        }
        check_epoch(shelf, asked, key, result, offered, &at, found);
    }
}

/// The snap has exactly the members asked for; without `fields` all, with an empty list none.
fn check_members(body: &Value, result: &Value, at: &str, found: &mut Vec<Mismatch>) {
    let is_draft = result.get("snap-name").is_some();
    let asked: BTreeSet<String> = match body.get("fields").filter(|fields| !fields.is_null()) {
        None => FIELDS.iter().map(|name| (*name).to_owned()).collect(),
        Some(fields) => list(fields)
            .iter()
            .filter_map(Value::as_str)
            .map(|name| if is_draft { from_draft(name) } else { name.to_owned() })
            .filter(|name| FIELDS.contains(&name.as_str()))
            .collect(),
    };
    let nothing = body.get("fields").is_some_and(|fields| *fields == json!([]));
    let expected = if nothing { json!({"$absent": true}) } else { json!({"$keys": asked}) };
    found.extend(check_pattern(&json!({"snap": expected}), result, at));
}

fn from_draft(name: &str) -> String {
    match name {
        "package_name" => "name".to_owned(),
        "support_url" => "contact".to_owned(),
        "content" => "type".to_owned(),
        _ => name.replace('_', "-"),
    }
}

/// Section 3.3: the types snapd decodes; what is fatal to a whole response is checked to the leaf.
fn check_shape(snap: &Value, at: &str, found: &mut Vec<Mismatch>) {
    let (text, strings) = (json!({"$type": "string"}), each(&json!({"$type": "string"})));
    let text_or_null = either(&text, &json!(null));
    let size = either(&json!({"$type": "integer"}), &json!(null));
    let medium = json!({"type": text, "url": text, "width": size, "height": size});
    let numbers =
        json!({"$all": [each(&json!({"$type": "integer"})), {"$superset": [{"$any": true}]}]});
    let publisher = ["display-name", "id", "username", "validation"];
    let shapes = json!({
        "architectures": strings, "base": text_or_null,
        "categories": each(&json!({"featured": {"$type": "boolean"}, "name": text})),
        "common-ids": strings, "confinement": {"$regex": "^(strict|classic|devmode)$"},
        "contact": text_or_null, "created-at": text, "description": text,
        "epoch": {"$all": [{"$keys": ["read", "write"]}, {"read": numbers, "write": numbers}]},
        "integrity": {"$type": "array"}, "license": text_or_null, "media": each(&medium),
        "links": {"$type": "object"}, "prices": {"$type": "object"},
        "name": text, "private": {"$type": "boolean"}, "publisher": {"$keys": publisher},
        "resources": each(&json!({"type": {"$regex": "^component/"}, "name": text, "download": {"$type": "object"}})),
        "revision": {"$all": [{"$type": "integer"}, {"$gte": 1}]},
        "snap-id": {"$regex": "^[A-Za-z0-9]{32}$"}, "snap-yaml": text, "store-url": text_or_null,
        "summary": text, "title": text, "type": {"$regex": "^(app|gadget|kernel|base|os|snapd)$"},
        "version": {"$regex": "^[!-~]{1,32}$"}, "website": text_or_null,
    });
    for (name, value) in snap.as_object().into_iter().flatten() {
        if let Some(shape) = shapes.get(name) {
            found.extend(check_pattern(shape, value, &format!("{at}/{name}")));
        }
    }
    for (key, urls) in snap["links"].as_object().into_iter().flatten() {
        found.extend(check_pattern(&strings, urls, &format!("{at}/links/{key}")));
    }
    for (currency, price) in snap["prices"].as_object().into_iter().flatten() {
        let decimal = json!({"$regex": "^[0-9]+(\\.[0-9]+)?$"});
        found.extend(check_pattern(&decimal, price, &format!("{at}/prices/{currency}")));
    }
}

fn each(pattern: &Value) -> Value {
    json!({"$none": {"$not": pattern}})
}

fn either(one: &Value, other: &Value) -> Value {
    json!({"$not": {"$all": [{"$not": one}, {"$not": other}]}})
}

/// Case 77: every time has microseconds and an offset.
pub(crate) fn check_times(value: &Value, at: &str, found: &mut Vec<Mismatch>) {
    let time = json!({"$regex":
        "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}\\+00:00$"});
    let places = ["/released-at", "/created-at", "/channel/released-at"];
    for place in places {
        if let Some(got) = value.pointer(place).filter(|got| !got.is_null()) {
            found.extend(check_pattern(&time, got, &format!("{at}{place}")));
        }
    }
    for (index, resource) in list(&value["resources"]).iter().enumerate() {
        let at = format!("{at}/resources/{index}/created-at");
        found.extend(check_pattern(&time, &resource["created-at"], &at));
    }
}

/// Case 76: what is said of a download is true of the invented file it stands for.
pub(crate) fn check_files(of: &Value, snap: &Value, at: &str, found: &mut Vec<Mismatch>) {
    let name = of["name"].as_str().unwrap_or_default();
    if let Some(download) = snap.get("download") {
        let at = format!("{at}/download");
        let url = download["url"].as_str().unwrap_or_default();
        let numbered = Regex::new(r"_([0-9]+)\.snap$").unwrap().captures(url);
        let numbered = numbered.and_then(|parts| parts[1].parse().ok());
        let revision = snap["revision"].as_u64().or(numbered).unwrap_or_default();
        check_file(download, &snap_file(name, revision), &at, found);
        for (index, delta) in list(&download["deltas"]).iter().enumerate() {
            let at = format!("{at}/deltas/{index}");
            check_file(delta, &delta_file(name, delta), &at, found);
        }
        let members = json!({"$keys": ["deltas", "sha3-384", "size", "url"]});
        let deltas = json!({"deltas": {"$type": "array"}});
        found.extend(check_pattern(&json!({"$all": [members, deltas]}), download, &at));
    }
    for (index, resource) in list(&snap["resources"]).iter().enumerate() {
        let at = format!("{at}/resources/{index}/download");
        check_file(&resource["download"], &component_file(name, resource), &at, found);
    }
}

fn check_file(download: &Value, text: &str, at: &str, found: &mut Vec<Mismatch>) {
    let file = json!({
        "sha3-384": {"$regex": "^[0-9a-f]{96}$"},
        "size": {"$all": [{"$type": "integer"}, {"$gte": 1}]},
        "url": {"$regex": "^https?://[^/\\s]+/\\S+$"},
    });
    found.extend(check_pattern(&file, download, at));
    if !describes(download, text) {
        let expected = format!("the digest and size of {text:?}");
        found.push(Mismatch::new(at, &expected, Some(download)));
    }
}

/// Case 87: what is offered can read what the installed revision wrote.
fn check_epoch(
    shelf: &Shelf,
    asked: &Asked,
    key: &Value,
    result: &Value,
    offered: &Value,
    at: &str,
    found: &mut Vec<Mismatch>,
) {
    let snap_id = result["snap-id"].as_str().unwrap_or_default();
    let installed = if result["result"] == "refresh" {
        list(&asked.body["context"]).iter().find(|entry| key_of(entry) == *key)
    } else {
        let own = |action: &&Value| key_of(action) == *key && action["epoch"].is_object();
        list(&asked.body["actions"]).iter().find(own)
    };
    let Some(installed) = installed else { return };
    let known = || shelf.revision(snap_id, installed["revision"].as_u64()?)?.get("epoch");
    let epoch = installed.get("epoch").filter(|epoch| epoch.is_object()).or_else(known);
    let zero = json!({"read": [0], "write": [0]});
    let written = list(&epoch.unwrap_or(&zero)["write"]);
    for (epoch, what) in
        [(Some(&offered["epoch"]), "/revision"), (result.pointer("/snap/epoch"), "/epoch")]
    {
        let Some(epoch) = epoch else { continue };
        if !list(&epoch["read"]).iter().any(|read| written.contains(read)) {
            let expected = format!("a revision that reads one of {written:?}");
            found.push(Mismatch::new(&format!("{at}{what}"), &expected, Some(epoch)));
        }
    }
}
