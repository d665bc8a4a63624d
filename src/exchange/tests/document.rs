//! What a document may say, what is refused, and with which words.

use super::ID;
use super::day;
use super::document;
use super::entry;
use super::instant;
use super::parse;
use super::parsed;
use super::revision;
use super::row;
use super::told;
use crate::exchange::Document;
use crate::exchange::merge;
use crate::snap::Confinement;
use crate::snap::SnapType;
use crate::snap::Validation;
use serde_json::Value;
use serde_json::json;

fn check_refused(change: impl FnOnce(&mut Value), expected: &str) {
    let mut document = document(&[entry(7, "stable", "amd64", &day(1))]);
    change(&mut document);
    let refused = parse(&document).expect_err(expected);
    assert_eq!(refused.reason, expected);
    assert_eq!(
        refused.snap.map(|snap| snap.to_string()),
        document["name"].as_str().map(Into::into)
    );
}

#[test]
fn a_refusal_names_the_member() {
    let at = |pointer: &'static str, value: Value| {
        move |document: &mut Value| *document.pointer_mut(pointer).expect("a member") = value
    };
    let digest =
        "channel-map[0].download.sha3-384: not a valid sha3-384: 96 lower-case hexadecimal digits";
    check_refused(at("/channel-map/0/download/sha3-384", json!("AB".repeat(48))), digest);
    check_refused(
        at("/channel-map/0/download/url", json!("/a.snap")),
        "channel-map[0].download.url: not a valid url: an absolute http or https URL",
    );
    check_refused(
        at("/channel-map/0/download/size", json!(0)),
        "channel-map[0].download.size: not a valid size: a whole number of bytes from 1",
    );
    check_refused(
        at("/channel-map/0/download/size", json!("4096")),
        "channel-map[0].download.size: invalid type: string \"4096\", expected a whole number from 0",
    );
    check_refused(
        at("/channel-map/0/revision", json!(0)),
        "channel-map[0].revision: not a valid revision: a whole number from 1 to 2147483647",
    );
    check_refused(
        at("/channel-map/0/revision", json!(1.5)),
        "channel-map[0].revision: invalid value: floating point `1.5`, expected a whole number from 0",
    );
    check_refused(
        at("/channel-map/0/version", json!("1.0 beta")),
        "channel-map[0].version: not a valid version: printable ASCII without spaces",
    );
    check_refused(
        at("/channel-map/0/channel/released-at", json!("yesterday")),
        "channel-map[0].channel.released-at: not a valid time: RFC 3339 with an offset, such as 2026-05-02T08:15:30Z",
    );
    check_refused(
        at("/channel-map/0/channel/name", json!("1.0/cand")),
        "channel-map[0].channel.name: not a valid channel: a risk is stable, candidate, beta or edge",
    );
    check_refused(at("/snap-id", json!("short")), "snap-id: not a valid snap-id: 32 characters");
}

#[test]
fn what_snapd_chokes_on_is_refused() {
    let with = |member: &'static str, value: Value| {
        move |document: &mut Value| document["channel-map"][0][member] = value
    };
    let in_snap = |member: &'static str, value: Value| {
        move |document: &mut Value| document["snap"] = json!({ member: value })
    };
    check_refused(
        with("type", json!("weird")),
        "channel-map[0].type: not a valid snap type: one of app, gadget, kernel, base, os, snapd",
    );
    for epoch in [json!(1), json!({"read": []}), json!({"read": null}), json!({"read": ["0"]})] {
        let mut document = document(&[entry(7, "stable", "amd64", &day(1))]);
        document["channel-map"][0]["epoch"] = epoch;
        let refused = parse(&document).expect_err("no epoch");
        assert!(refused.reason.starts_with("channel-map[0].epoch"), "{}", refused.reason);
    }
    check_refused(
        with("epoch", json!({"read": [0], "write": [1]})),
        "channel-map[0].epoch: not a valid epoch: read and write with a number in common",
    );
    check_refused(
        in_snap("prices", json!({"USD": 9.99})),
        "snap.prices.USD: invalid type: floating point `9.99`, expected a string",
    );
    check_refused(
        in_snap("prices", json!({"USD": "free"})),
        "snap.prices.USD: not a valid price: digits, and after a point at most six more",
    );
    check_refused(
        in_snap("media", json!([{"type": "icon", "url": "https://a.example/b", "width": 1.5}])),
        "snap.media[0].width: invalid value: floating point `1.5`, expected a whole number from 0",
    );
    check_refused(
        in_snap("links", json!({"contact": 5})),
        "snap.links.contact: invalid type: integer `5`, expected a list of strings",
    );
    check_refused(
        with("integrity", json!([{"version": 1}])),
        "channel-map[0].integrity[0].version: invalid type: integer `1`, expected a string",
    );
    check_refused(
        with("resources", json!([{"type": "extras"}])),
        "channel-map[0].resources[0].type: not a valid resource type: component/ and a word",
    );
}

#[test]
fn what_is_needed_and_missing_is_named() {
    let without = |pointer: &'static str, member: &'static str| {
        move |document: &mut Value| {
            let parent = document.pointer_mut(pointer).and_then(Value::as_object_mut);
            parent.expect("an object").remove(member);
        }
    };
    check_refused(without("", "snap-id"), "snap-id: missing");
    check_refused(without("", "name"), "name: missing");
    check_refused(without("/channel-map/0", "channel"), "channel-map[0].channel: missing");
    check_refused(without("/channel-map/0", "version"), "channel-map[0]: missing field `version`");
    check_refused(
        without("/channel-map/0/download", "url"),
        "channel-map[0].download: missing field `url`",
    );
    check_refused(
        without("/channel-map/0/channel", "released-at"),
        "channel-map[0].channel: missing field `released-at`",
    );
    check_refused(
        without("/channel-map/0/channel", "name"),
        "channel-map[0].channel.name: missing",
    );
    check_refused(
        |document| document["snap"] = json!({"publisher": {"username": "lumen"}}),
        "snap.publisher.id: missing",
    );
    check_refused(
        |document| document["revisions"] = json!([revision(9)]),
        "revisions of number 9: neither architectures nor a channel",
    );
}

#[test]
fn what_contradicts_itself_is_refused() {
    check_refused(
        |document| document["snap"] = json!({"name": "other"}),
        "snap.name: not that of the document",
    );
    check_refused(
        |document| document["channel-map"][0]["channel"]["risk"] = json!("edge"),
        "channel-map[0].channel.name: not of that track and risk",
    );
    check_refused(
        |document| {
            let mut other = entry(7, "beta", "amd64", &day(1));
            other["version"] = json!("2.0");
            document["channel-map"].as_array_mut().expect("a list").push(other);
        },
        "channel-map[1].revision: an earlier entry says otherwise of it",
    );
    check_refused(
        |document| {
            let other = entry(8, "latest/stable", "amd64", &day(1));
            document["channel-map"].as_array_mut().expect("a list").push(other);
        },
        "channel-map[1].channel: two revisions are released to it at once",
    );
    check_refused(
        |document| document["releases"] = json!([row(7, "beta", "amd64", &day(2), Some(&day(1)))]),
        "releases[0].closed-at: before released-at",
    );
    check_refused(
        |document| {
            let delta = json!({
                "format": "xdelta3", "source": 6, "target": 8, "size": 1,
                "url": "https://a.example/d", "sha3-384": "00".repeat(48),
            });
            document["channel-map"][0]["download"]["deltas"] = json!([delta]);
        },
        "channel-map[0].download.deltas[0].target: not the revision it stands in",
    );
}

#[test]
fn bytes_that_are_no_document_are_refused() {
    let twice = format!(r#"{{"name": "ab", "snap-id": "{ID}", "name": "ab"}}"#);
    let both = format!(r#"{{"name": "ab", "snap-id": "{ID}", "snap_id": "{ID}"}}"#);
    let deep = format!("{{\"snap\": {}", "[".repeat(10_000));
    let prices = format!(
        r#"{{"name": "ab", "snap-id": "{ID}", "snap": {{"prices": {{"EUR": "1", "EUR": "2"}}}}}}"#
    );
    for (bytes, reason) in [
        (&b"{\"name\": \"\xff\"}"[..], "not UTF-8 at byte 11"),
        (b"[]", "not a JSON object"),
        (b"", "not a JSON object"),
        (b"{\"name\": ", "not JSON: EOF while parsing a value at line 1 column 9"),
        (b"{} {}", "not JSON: trailing characters at line 1 column 4"),
        (twice.as_bytes(), "duplicate field `name`"),
        (both.as_bytes(), "duplicate field `snap-id`"),
        (prices.as_bytes(), "snap.prices: duplicate member `EUR`"),
        (deep.as_bytes(), "snap"),
    ] {
        let refused = Document::parse(bytes).expect_err(reason);
        assert!(refused.reason.contains(reason), "{}", refused.reason);
    }
}

#[test]
fn what_is_unknown_has_a_default() {
    let statement = parsed(&json!({
        "name": "lumen-notes", "snap-id": ID, "default-track": null, "channel-map": null, "_source": {"a": [1]},
        "snap": {"title": "", "license": "", "website": null, "links": null, "prices": null, "publisher": {},
                 "media": null, "trending": false},
    }));
    let snap = statement.listing;
    assert_eq!((snap.title.as_str(), snap.summary.as_str()), ("lumen-notes", ""));
    assert_eq!((snap.license, snap.website, snap.publisher), (None, None, None));
    assert!(!statement.names_stores && !statement.tells_history && !snap.private);

    let snap = parsed(&document(&[entry(7, "stable", "amd64", &day(1))])).listing;
    let package = &snap.packages[0];
    assert_eq!((package.kind, package.confinement), (SnapType::App, Confinement::Strict));
    assert_eq!(package.architectures, ["amd64".parse().expect("an architecture")]);
    assert_eq!(package.epoch, crate::snap::Epoch::zero());
}

#[test]
fn other_spellings_say_the_same() {
    let mut other = document(&[entry(7, "stable", "amd64", &day(1))]);
    other["channel-map"][0]["epoch"] = json!({"read": [0, 1], "write": [1]});
    other["snap"] = json!({"publisher": {"id": "p", "username": "u", "display-name": "D", "validation": "odd"}});
    let plain = parsed(&other);
    let text = other.to_string();
    let text = ["snap-id", "channel-map", "released-at", "sha3-384", "display-name"]
        .iter()
        .fold(text, |text, key| {
            text.replace(&format!("\"{key}\""), &format!("\"{}\"", key.replace('-', "_")))
        })
        .replace("4096", "4096.0")
        .replace("\"revision\":7", "\"revision\":7.0")
        .replace("[0,1]", "[0.0,1.0]");
    assert_eq!(Document::parse(text.as_bytes()), Ok(plain.clone()));
    let publisher = plain.listing.publisher.expect("a publisher");
    assert_eq!(publisher.validation, Validation::Unproven);
}

#[test]
fn an_answer_of_a_store_is_gathered_for_all() {
    let all = |number, channel, architecture, at: &str| {
        let mut entry = entry(number, channel, architecture, at);
        entry["architectures"] = json!(["all"]);
        entry
    };
    let check = |entries: &[Value], expected: &[&str]| {
        let merged =
            merge(None, &parsed(&document(entries)), instant(&day(30))).expect("a listing");
        assert_eq!(told(&merged), expected);
    };
    let same = [all(1, "stable", "amd64", &day(1)), all(1, "stable", "arm64", &day(2))];
    check(&same, &["stable all 1 02-"]);
    let differ = [all(1, "stable", "amd64", &day(1)), all(2, "stable", "arm64", &day(2))];
    check(&differ, &["stable amd64 1 01-", "stable arm64 2 02-"]);
    let older = [all(2, "stable", "amd64", &day(2)), entry(1, "stable", "arm64", &day(1))];
    check(&older, &["stable amd64 2 02-", "stable arm64 1 01-"]);
    let newer = [all(2, "stable", "amd64", &day(2)), entry(1, "stable", "arm64", &day(3))];
    check(&newer, &["stable all 2 02-", "stable arm64 1 03-"]);

    let mut ours = document(&same);
    ours["releases"] = json!([]);
    let merged = merge(None, &parsed(&ours), instant(&day(30))).expect("a listing");
    assert_eq!(told(&merged), ["stable amd64 1 01-", "stable arm64 1 02-"]);
}
