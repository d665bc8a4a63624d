//! The demo catalogue: it repeats itself, and it is shaped like the real one.

use crate::exchange::generate;
use crate::snap::Listing;
use std::collections::HashMap;
use std::collections::HashSet;

#[test]
fn the_same_seed_gives_the_same_snaps() {
    let small: Vec<Listing> = generate(50, 1).collect();
    assert!(generate(50, 1).eq(small.clone()));
    assert!(generate(500, 1).take(50).eq(small.clone()), "a larger one begins with the smaller");
    let other: Vec<Listing> = generate(50, 2).collect();
    assert_eq!(small[0], other[0], "the first snap is the same for every seed");
    assert_ne!(small[1], other[1]);
}

#[test]
fn the_first_snap_is_the_one_to_ask_for() {
    let hello = generate(1, 7).next().expect("one snap");
    assert_eq!(hello.name.as_str(), "hello-snapwise");
    assert_eq!(hello.id.as_str(), "HeLLoSnapwise000000000000000001a");
    let open: Vec<String> = hello
        .releases
        .iter()
        .filter(|release| release.is_open())
        .map(|release| format!("{} {} {}", release.channel, release.architecture, release.revision))
        .collect();
    let expected = ["stable", "candidate", "beta", "edge"]
        .iter()
        .flat_map(|risk| ["amd64", "arm64"].map(|architecture| format!("{risk} {architecture} 3")));
    assert_eq!(open, expected.collect::<Vec<_>>());
    assert_eq!((hello.deltas[0].source.number(), hello.deltas[0].target.number()), (2, 3));
}

#[test]
#[expect(clippy::cast_precision_loss, reason = "the numbers are small")]
fn the_catalogue_is_shaped_like_a_real_one() {
    const N: u64 = 2_000;
    let snaps: Vec<Listing> = generate(N, 1).collect();
    let mean = |count: &dyn Fn(&Listing) -> usize| {
        snaps.iter().map(count).sum::<usize>() as f64 / N as f64
    };
    let n_open = mean(&|snap| snap.releases.iter().filter(|release| release.is_open()).count());
    assert!((11.0..13.0).contains(&n_open), "{n_open} open releases a snap");
    let n_revisions = mean(&|snap| snap.packages.len());
    assert!((7.0..9.5).contains(&n_revisions), "{n_revisions} revisions a snap");
    let n_closed = mean(&|snap| snap.releases.len()) - n_open;
    assert!(n_closed > 3.0, "{n_closed} closed releases a snap");
    let some = |has: &dyn Fn(&Listing) -> bool| snaps.iter().any(has);
    assert!(some(&|snap| snap.private) && some(&|snap| snap.default_track.is_some()));
    assert!(some(&|snap| snap.releases.iter().any(|release| release.channel.branch.is_some())));
    assert!(some(&|snap| snap.releases.iter().any(|release| release.architecture.is_all())));
    assert!(some(&|snap| snap.packages.iter().any(|package| !package.resources.is_empty())));
    assert!(some(&|snap| !snap.deltas.is_empty()) && some(&|snap| !snap.prices.is_empty()));

    let mut lengths: Vec<usize> =
        snaps.iter().map(|snap| snap.description.as_str().len()).collect();
    lengths.sort_unstable();
    assert!((450..750).contains(&lengths[lengths.len() / 2]), "{}", lengths[lengths.len() / 2]);
    let yaml = mean(&|snap| snap.packages[0].snap_yaml.as_str().len());
    assert!((350.0..500.0).contains(&yaml), "{yaml} bytes of snap.yaml");

    let mut publishers = HashMap::new();
    for publisher in snaps.iter().filter_map(|snap| snap.publisher.as_ref()) {
        let first = publishers.entry(&publisher.id).or_insert(publisher);
        assert_eq!(*first, publisher, "a publisher is the same on all its snaps");
    }
    assert!((500..800).contains(&publishers.len()), "{} publishers", publishers.len());
    let ids: HashSet<_> = snaps.iter().map(|snap| snap.id).collect();
    assert_eq!(ids.len() as u64, N);
}
