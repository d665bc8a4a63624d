//! The channel map of contract 10.1, beside a plain reading of the listing.

use crate::resolution::decreed::holds;
use crate::resolution::decreed::long_name;
use crate::resolution::decreed::open_lanes;
use crate::resolution::place::RISKS;
use crate::resolution::shelves::Stock;
use crate::resolution::shelves::catalogue;
use crate::resolution::shelves::stock;
use crate::resolution::shelves::text;
use crate::resolution::shelves::tick;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use snapwise::find::Wanted;
use snapwise::find::channel_map;
use snapwise::snap::Architecture;
use snapwise::snap::Instant;
use snapwise::snap::Listing;
use std::cmp::Ordering;
use std::collections::BTreeSet;

/// Track, risk, architecture, revision, time of release.
type Line = (String, String, String, u32, Instant);

fn expected(listing: &Listing, wanted: &Wanted, now: Instant) -> Vec<Line> {
    let open = open_lanes(listing, now);
    let channels: BTreeSet<_> = open
        .iter()
        .map(|(channel, _)| channel)
        .filter(|channel| channel.branch.is_none())
        .collect();
    let mut lines = Vec::new();
    for channel in channels {
        let of = |architecture: Architecture| match wanted {
            Wanted::Every(Some(own)) if architecture.is_all() => *own,
            _ => architecture,
        };
        let shown: BTreeSet<Architecture> = match wanted {
            Wanted::Only(some) => some.iter().copied().collect(),
            Wanted::Every(_) => {
                let there = open.iter().filter(|(other, _)| other == channel);
                there.map(|(_, architecture)| of(*architecture)).collect()
            }
        };
        for architecture in shown {
            let tip = holds(listing, &long_name(channel), architecture.as_str(), now, None).tip;
            lines.extend(tip.map(|release| {
                let (track, risk) = (channel.track.to_string(), channel.risk.to_string());
                let revision = release.revision.number();
                (track, risk, architecture.to_string(), revision, release.released_at)
            }));
        }
    }
    lines.sort_by(in_order);
    lines
}

/// Track `latest`, then the others descending by name; stable to edge; by architecture.
fn in_order(one: &Line, other: &Line) -> Ordering {
    let by_track = match (one.0.as_str(), other.0.as_str()) {
        (one, other) if one == other => Ordering::Equal,
        ("latest", _) => Ordering::Less,
        (_, "latest") => Ordering::Greater,
        (one, other) => other.cmp(one),
    };
    let risk = |line: &Line| RISKS.iter().position(|risk| *risk == line.1);
    by_track.then(risk(one).cmp(&risk(other))).then(one.2.cmp(&other.2))
}

fn wanted() -> impl Strategy<Value = Wanted> {
    let architecture = || select(vec!["amd64", "arm64", "riscv64", "all"]).prop_map(text);
    let only = vec(architecture(), 0..4).prop_map(Wanted::Only);
    let own = select(vec!["amd64", "arm64", "riscv64"]).prop_map(text);
    prop_oneof![only, option::of(own).prop_map(Wanted::Every)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_channel_map_shows_what_is_open_in_order(
        Stock(listings) in stock(),
        wanted in wanted(),
        now in (0..30_i64).prop_map(tick),
    ) {
        let catalogue = catalogue(&listings);
        for listing in &listings {
            let snap = catalogue.snap(catalogue.find(&listing.id).unwrap());
            let shown: Vec<Line> = channel_map(&catalogue, snap, &wanted, now)
                .iter()
                .map(|entry| {
                    let name = catalogue.channel_name(entry.channel);
                    let revision = snap.package(entry.span.package).revision.number();
                    let (track, risk) = (name.track().to_owned(), name.risk().to_string());
                    let architecture = entry.architecture.to_string();
                    (track, risk, architecture, revision, entry.span.released_at)
                })
                .collect();
            prop_assert_eq!(shown, expected(listing, &wanted, now));
        }
    }
}
