//! How what is stated joins what is stored.

use super::day;
use super::document;
use super::entry;
use super::instant;
use super::parsed;
use super::revision;
use super::row;
use super::told;
use crate::exchange::Document;
use crate::exchange::Statement;
use crate::exchange::generate;
use crate::exchange::merge;
use crate::snap::Listing;
use serde_json::Value;
use serde_json::json;

fn merged(stored: Option<&Listing>, stated: &Statement, now: &str) -> Listing {
    let once = merge(stored, stated, instant(now)).expect("they fit");
    let again = merge(Some(&once), stated, instant(&day(31))).expect("they fit again");
    assert_eq!(again, once, "the same document again changes nothing");
    once
}

/// Takes in one document after the other, each on the day that follows the last, from the 20th.
fn check(documents: &[Value], expected: &[&str]) {
    let mut stored: Option<Listing> = None;
    for (document, now) in documents.iter().zip(20..) {
        stored = Some(merged(stored.as_ref(), &parsed(document), &day(now)));
    }
    assert_eq!(told(&stored.expect("a listing")), expected);
}

#[test]
fn a_new_tip_ends_the_one_before() {
    let before = document(&[entry(1, "stable", "amd64", &day(1))]);
    let after = document(&[entry(2, "stable", "amd64", &day(5))]);
    check(&[before, after], &["stable amd64 1 01-05", "stable amd64 2 05-"]);
}

#[test]
fn a_channel_that_is_not_there_any_more_is_closed() {
    let both = [entry(1, "stable", "amd64", &day(1)), entry(2, "edge", "amd64", &day(2))];
    let after = document(&both[..1]);
    check(&[document(&both), after], &["stable amd64 1 01-", "edge amd64 2 02-21"]);
}

#[test]
fn a_channel_that_is_back_is_open_again() {
    let one = document(&[entry(1, "stable", "amd64", &day(1))]);
    check(&[one.clone(), document(&[]), one], &["stable amd64 1 01-"]);
}

#[test]
fn an_old_document_does_not_hide_what_is_newer() {
    let before = document(&[entry(1, "stable", "amd64", &day(1))]);
    let after = document(&[entry(2, "stable", "amd64", &day(5))]);
    check(&[after, before], &["stable amd64 1 01-05", "stable amd64 2 05-"]);
}

#[test]
fn branches_are_left_alone_unless_the_history_is_told() {
    let mut with_branch = document(&[entry(1, "stable", "amd64", &day(1))]);
    with_branch["releases"] = json!([row(1, "edge/fix", "amd64", &day(2), None)]);
    let mut without = document(&[entry(1, "stable", "amd64", &day(1))]);
    let open = ["stable amd64 1 01-", "edge/fix amd64 1 02-"];
    check(&[with_branch.clone(), without.clone()], &open);
    without["releases"] = json!([]);
    check(&[with_branch, without], &["stable amd64 1 01-", "edge/fix amd64 1 02-21"]);
}

#[test]
fn the_history_adds_to_the_channel_map() {
    let mut whole = document(&[entry(2, "stable", "amd64", &day(5))]);
    whole["revisions"] = json!([revision(1)]);
    whole["releases"] = json!([
        row(1, "stable", "amd64", &day(1), Some(&day(3))),
        row(1, "stable", "amd64", &day(4), None),
        row(2, "stable", "amd64", &day(5), Some(&day(6))),
    ]);
    let expected = ["stable amd64 1 01-03", "stable amd64 1 04-05", "stable amd64 2 05-"];
    check(&[whole], &expected);
}

#[test]
fn assumed_architectures_only_grow() {
    let both = [entry(1, "stable", "amd64", &day(1)), entry(1, "stable", "arm64", &day(1))];
    let after = document(&both[..1]);
    let expected = ["stable amd64 1 01-", "stable arm64 1 01-21"];
    check(&[document(&both), after], &expected);
}

#[test]
fn stores_that_are_not_mentioned_are_kept() {
    let mut kept = document(&[]);
    kept["stores"] = json!(["acme-lab"]);
    let first = merged(None, &parsed(&kept), &day(20));
    let second = merged(Some(&first), &parsed(&document(&[])), &day(21));
    assert_eq!(second.stores, first.stores);
    kept["stores"] = json!([]);
    assert!(merged(Some(&second), &parsed(&kept), &day(22)).stores.is_empty());
}

#[test]
fn viewers_that_are_not_mentioned_are_kept() {
    let mut shared = document(&[]);
    shared["viewers"] = json!(["bob", "ann", "bob"]);
    let first = merged(None, &parsed(&shared), &day(20));
    assert_eq!(first.viewers, ["ann", "bob"].map(|account| account.parse().unwrap()));
    let second = merged(Some(&first), &parsed(&document(&[])), &day(21));
    assert_eq!(second.viewers, first.viewers);
    shared["viewers"] = json!([]);
    assert!(merged(Some(&second), &parsed(&shared), &day(22)).viewers.is_empty());
}

#[test]
fn what_does_not_fit_is_rejected() {
    let mut unknown = document(&[]);
    unknown["releases"] = json!([row(9, "stable", "amd64", &day(1), None)]);
    let refused = merge(None, &parsed(&unknown), instant(&day(20))).expect_err("no revision 9");
    assert_eq!(refused.reason, "not a valid release: of a revision whose record is there");
    let mut elsewhere = document(&[entry(1, "stable", "amd64", &day(1))]);
    elsewhere["channel-map"][0]["architectures"] = json!(["arm64"]);
    let refused = merge(None, &parsed(&elsewhere), instant(&day(20))).expect_err("not for amd64");
    assert_eq!(
        refused.reason,
        "not a valid release: for an architecture the revision is built for"
    );
}

#[test]
fn what_was_written_is_read_back() {
    for listing in generate(60, 3) {
        let bytes = serde_json::to_vec(&Document::of(&listing)).expect("it is written to memory");
        let statement = Document::parse(&bytes).expect("a good document");
        assert_eq!(merged(None, &statement, &day(20)), listing);
        assert_eq!(merged(Some(&listing), &statement, &day(20)), listing);
    }
}
