//! What a document may say, and bytes that are none.

use super::ID;
use super::day;
use super::document;
use super::entry;
use super::instant;
use super::parsed;
use super::told;
use crate::exchange::Document;
use crate::exchange::merge;
use crate::snap::Confinement;
use crate::snap::SnapType;
use crate::snap::Validation;
use serde_json::Value;
use serde_json::json;

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
    assert_eq!(package.epoch, crate::snap::Epoch::ZERO);
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
