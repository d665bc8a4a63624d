//! An index built on an earlier one finds what one made in one go finds, and shares what it can.

use crate::find::oracle::Snap;
use crate::find::oracle::asked;
use crate::find::oracle::build;
use crate::find::oracle::finish;
use crate::find::oracle::found;
use crate::find::oracle::snap;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use snapwise::catalogue;
use snapwise::exchange;
use snapwise::find;
use snapwise::snap::Listing;
use std::collections::BTreeMap;
use std::sync::Arc;

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_was_built_on_the_earlier_finds_the_same(
        changes in vec((vec((0..6_usize).prop_flat_map(snap), 1..3), option::weighted(0.3, 0..6_usize)), 1..5),
        asked in vec(asked(), 5),
    ) {
        let mut now: BTreeMap<_, Snap> = BTreeMap::new();
        let mut grown = build(&[]);
        for (changed, left_out) in changes {
            let (mut catalogue, mut index) =
                (catalogue::Builder::from(&grown.0), find::Builder::from(&grown.1));
            for snap in changed {
                catalogue.put(&snap.listing);
                index.put(&snap.listing);
                now.insert(snap.listing.id, snap);
            }
            if let Some(number) = left_out {
                let id = format!("{number:032}").parse().unwrap();
                catalogue.remove(id);
                index.remove(id);
                now.remove(&id);
            }
            let snaps: Vec<Snap> = now.values().cloned().collect();
            grown = finish(catalogue, index, &snaps);
            let fresh = build(&snaps);
            for asked in &asked {
                prop_assert_eq!(found(&grown, asked), found(&fresh, asked), "{:?}", asked);
            }
        }
    }
}

fn next(
    earlier: &Arc<find::Index>,
    catalogue: &catalogue::Catalogue,
    listings: &[Listing],
) -> Arc<find::Index> {
    let mut builder = find::Builder::from(earlier);
    for listing in listings {
        builder.put(listing);
    }
    builder.finish(catalogue)
}

fn catalogue_of(listings: &[Listing]) -> catalogue::Catalogue {
    let mut builder = catalogue::Builder::default();
    for listing in listings {
        builder.put(listing);
    }
    let published_at = snapwise::snap::Instant::EPOCH;
    builder.finish(catalogue::Generation { number: 1, published_at })
}

#[test]
fn a_generation_without_new_texts_shares_the_index() {
    let mut listings: Vec<Listing> = exchange::generate(40, 1).collect();
    let catalogue = catalogue_of(&listings);
    let first = next(&Arc::default(), &catalogue, &listings);
    listings[3].releases.clear();
    listings[5].license = None;
    assert!(Arc::ptr_eq(&first, &next(&first, &catalogue, &listings)));
    listings[3].title = "Another".parse().unwrap();
    assert!(!Arc::ptr_eq(&first, &next(&first, &catalogue, &listings)));
}

/// Texts that come and go for years leave nothing behind.
#[test]
fn words_that_nobody_has_any_more_are_forgotten() {
    let mut listings: Vec<Listing> = exchange::generate(3, 1).collect();
    let catalogue = catalogue_of(&listings);
    let first = next(&Arc::default(), &catalogue, &listings);
    let mut index = Arc::clone(&first);
    let mut largest = 0;
    for round in 0..60 {
        let words: Vec<_> = (0..400).map(|word| format!("w{round}x{word}")).collect();
        listings[1].description = words.join(" ").parse().unwrap();
        index = next(&index, &catalogue, &listings);
        largest = largest.max(index.size_bytes());
    }
    // 24,000 words of some 70 bytes came; no more than a few thousand are ever held.
    assert!(largest < 600_000, "{largest} bytes");
    let fresh = next(&Arc::default(), &catalogue, &listings);
    let popularity = find::Popularity::of(&catalogue, []);
    let words = find::Question::parse_words("w59x399").unwrap();
    let question = find::Question { words, ..find::Question::default() };
    let now = "2026-11-21T00:00:00Z".parse().unwrap();
    let window = find::Window::new(&catalogue, None, true, find::Where::Anywhere, now);
    let search = |index: &find::Index| {
        find::search((&catalogue, index, &popularity), &question, &window, |_| true)
    };
    assert_eq!(search(&index), search(&fresh));
    assert_eq!(search(&index).len(), 1);
}
