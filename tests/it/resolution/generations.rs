//! A generation built on an earlier one answers like one built in one go.

use crate::resolution::offers::answered;
use crate::resolution::shelves::N_SNAPS;
use crate::resolution::shelves::Stock;
use crate::resolution::shelves::id_of;
use crate::resolution::shelves::listing;
use crate::resolution::shelves::shelf;
use crate::resolution::shelves::text;
use crate::resolution::wishes::requests;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use snapwise::backstore::Backstore;
use snapwise::catalogue::Builder;
use snapwise::catalogue::Generation;
use snapwise::http::Boards;
use snapwise::http::FinderBuilder;
use snapwise::http::PagesBuilder;
use snapwise::http::Shelf;
use snapwise::snap::Instant;
use snapwise::snap::Listing;
use snapwise::snap::SnapId;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

/// A snap as it is from now on; the last one changes its name at times.
fn change() -> impl Strategy<Value = Listing> {
    (0..N_SNAPS, any::<bool>()).prop_flat_map(|(number, renamed)| {
        listing(number).prop_map(move |listing| match number + 1 {
            N_SNAPS if renamed => Listing { name: text("emu"), ..listing },
            _ => listing,
        })
    })
}

/// What is put, and the number of a snap that may be left out.
fn changes() -> impl Strategy<Value = Vec<(Stock, Option<usize>)>> {
    let left_out = option::weighted(0.3, 0..N_SNAPS);
    vec((vec(change(), 1..3).prop_map(Stock), left_out), 1..5)
}

fn next(earlier: &Shelf, changed: &[Listing], left_out: Option<SnapId>) -> Shelf {
    let mut builder = Builder::from(&earlier.catalogue);
    let mut pages = PagesBuilder::from(&earlier.catalogue, &earlier.pages);
    let mut finder = FinderBuilder::from(&earlier.finder);
    for listing in changed {
        builder.put(listing);
        pages.put(listing, &BTreeSet::new());
        finder.put(listing);
    }
    if let Some(id) = left_out {
        builder.remove(id);
        finder.remove(id);
    }
    let number = earlier.catalogue.generation().number + 1;
    let catalogue = builder.finish(Generation { number, published_at: Instant::EPOCH });
    let boards = Boards::default();
    let finder = finder.finish(&catalogue, &boards);
    let backstore = Backstore::default();
    Shelf { pages: pages.finish(&catalogue), catalogue, boards, finder, backstore }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_was_built_on_the_earlier_answers_the_same(
        changes in changes(),
        requests in vec(requests(), 3),
    ) {
        let mut grown = shelf(&[]);
        let mut now = BTreeMap::new();
        for (number, (Stock(changed), left_out)) in (1..).zip(&changes) {
            let left_out = left_out.map(|number| text(&id_of(number)));
            grown = next(&grown, changed, left_out);
            prop_assert_eq!(grown.catalogue.generation().number, 1 + number);
            now.extend(changed.iter().map(|listing| (listing.id, listing.clone())));
            now.retain(|id, _| Some(*id) != left_out);
            let fresh = shelf(&now.values().cloned().collect::<Vec<_>>());
            prop_assert_eq!(grown.catalogue.n_snaps(), fresh.catalogue.n_snaps());
            for request in &requests {
                prop_assert_eq!(answered(&grown, request), answered(&fresh, request));
            }
        }
    }
}
