//! Changes by hand.

use super::day;
use super::document;
use super::entry;
use super::instant;
use super::parsed;
use super::told;
use crate::exchange::change::Made;
use crate::exchange::change::closed;
use crate::exchange::change::released;
use crate::exchange::merge;
use crate::snap::Channel;
use crate::snap::Listing;
use crate::snap::Revision;
use serde_json::json;

/// Revision 1 for both architectures, 2 for arm64 and 3 for all, in their channels since the 1st.
fn listing() -> Listing {
    let mut third = entry(3, "edge", "all", &day(1));
    third["architectures"] = json!(["all"]);
    let entries = [
        entry(1, "stable", "amd64", &day(1)),
        entry(1, "stable", "arm64", &day(1)),
        entry(2, "beta", "arm64", &day(1)),
        third,
    ];
    merge(None, &parsed(&document(&entries)), instant(&day(2))).expect("a listing")
}

fn channel(name: &str) -> Channel {
    name.parse().expect("a channel")
}

fn release(number: i64, name: &str, architecture: Option<&str>, now: &str) -> Made {
    let architecture = architecture.map(|name| name.parse().expect("an architecture"));
    let revision = Revision::new(number).expect("a revision");
    released(listing(), revision, &channel(name), architecture, None, instant(now))
}

fn check(made: Made, name: &str, expected: Result<&[&str], &str>) {
    let made = made.map_err(|refusal| refusal.to_string()).map(|(listing, _)| {
        told(&listing).into_iter().filter(|line| line.starts_with(&format!("{name} "))).collect()
    });
    let expected = expected.map(|lines| lines.iter().map(ToString::to_string).collect::<Vec<_>>());
    assert_eq!(made, expected.map_err(str::to_owned));
}

#[test]
fn a_release_takes_the_place_of_the_one_before() {
    let expected = ["candidate amd64 1 05-", "candidate arm64 1 05-"];
    check(release(1, "candidate", None, &day(5)), "candidate", Ok(&expected));
    let expected = ["stable amd64 1 01-", "stable arm64 1 01-05", "stable arm64 2 05-"];
    check(release(2, "stable", None, &day(5)), "stable", Ok(&expected));
    let expected = ["edge all 3 01-", "edge arm64 2 05-"];
    check(release(2, "edge", None, &day(5)), "edge", Ok(&expected));
    // The clock stands before the last release: the new one is later all the same.
    let (listing, _) = release(2, "stable", None, "2026-01-01T00:00:00Z").expect("it is made");
    let newest = listing
        .releases
        .iter()
        .filter(|release| release.is_open())
        .find(|release| release.revision.number() == 2 && release.channel == channel("stable"));
    let expected = "2026-05-01T12:00:00.000001+00:00";
    assert_eq!(newest.expect("a release").released_at.to_string(), expected);
}

#[test]
fn what_is_there_already_is_not_released_again() {
    for (number, name, architecture) in [
        (1, "stable", None),
        (1, "stable", Some("arm64")),
        (3, "edge", None),
        (3, "edge", Some("s390x")),
    ] {
        let (after, changed) = release(number, name, architecture, &day(5)).expect("it is fine");
        assert_eq!((after, changed), (listing(), Vec::new()));
    }
}

#[test]
fn what_cannot_be_released_is_refused() {
    check(release(9, "stable", None, &day(5)), "", Err("lumen-notes has no revision 9"));
    let refused = "revision 2 of lumen-notes is not built for amd64";
    check(release(2, "stable", Some("amd64"), &day(5)), "", Err(refused));
}

#[test]
fn a_closed_channel_keeps_its_past() {
    let close = |name: &str, architecture: Option<&str>| {
        let architecture = architecture.map(|name| name.parse().expect("an architecture"));
        closed(listing(), &channel(name), architecture, instant(&day(5)))
    };
    let expected = ["stable amd64 1 01-05", "stable arm64 1 01-05"];
    check(close("stable", None), "stable", Ok(&expected));
    let expected = ["stable amd64 1 01-", "stable arm64 1 01-05"];
    check(close("stable", Some("arm64")), "stable", Ok(&expected));
    check(close("2.0/edge", None), "", Err("lumen-notes has nothing open in 2.0/edge"));
    check(close("beta", Some("amd64")), "", Err("lumen-notes has nothing open in beta for amd64"));
}
