//! What is refused, and with which words.

use super::day;
use super::document;
use super::entry;
use super::parse;
use super::revision;
use super::row;
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
