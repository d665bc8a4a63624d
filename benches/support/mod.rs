//! A generated shelf, as a server would serve it.

use snapwise::backstore::Backstore;
use snapwise::catalogue::Builder;
use snapwise::catalogue::Generation;
use snapwise::exchange;
use snapwise::http::Boards;
use snapwise::http::FinderBuilder;
use snapwise::http::PagesBuilder;
use snapwise::http::Shelf;
use snapwise::snap::Instant;
use snapwise::snap::Listing;
use std::collections::BTreeSet;

/// A shelf of that many generated snaps, and the ids of those that anybody on amd64 can refresh.
#[allow(dead_code, reason = "not every bench needs it")]
pub(crate) fn shelf(n: u64) -> (Shelf, Vec<String>) {
    let listings: Vec<Listing> = exchange::generate(n, 1).collect();
    let open_to_all = |listing: &&Listing| {
        let stable = |release: &snapwise::snap::Release| {
            let runs = ["amd64", "all"].contains(&release.architecture.as_str());
            runs && release.is_open() && release.channel.to_string() == "stable"
        };
        !listing.private && listing.stores.is_empty() && listing.releases.iter().any(stable)
    };
    let snaps = listings.iter().filter(open_to_all).map(|listing| listing.id.to_string()).collect();
    (build(&listings), snaps)
}

/// The shelf of those listings.
pub(crate) fn build(listings: &[Listing]) -> Shelf {
    let (mut catalogue, mut pages) = (Builder::default(), PagesBuilder::default());
    let mut finder = FinderBuilder::default();
    for listing in listings {
        catalogue.put(listing);
        pages.put(listing, &BTreeSet::new());
        finder.put(listing);
    }
    let catalogue = catalogue.finish(Generation { number: 1, published_at: Instant::EPOCH });
    let pages = pages.finish(&catalogue);
    let boards = Boards::default();
    let finder = finder.finish(&catalogue, &boards);
    Shelf { catalogue, pages, boards, finder, backstore: Backstore::default() }
}

/// The next generation of a shelf, in which those listings changed.
#[allow(dead_code, reason = "not every bench needs it")]
pub(crate) fn rebuild(shelf: &Shelf, changed: &[Listing]) -> Shelf {
    let mut catalogue = Builder::from(&shelf.catalogue);
    let mut pages = PagesBuilder::from(&shelf.catalogue, &shelf.pages);
    let mut finder = FinderBuilder::from(&shelf.finder);
    for listing in changed {
        catalogue.put(listing);
        pages.put(listing, &BTreeSet::new());
        finder.put(listing);
    }
    let catalogue = catalogue.finish(Generation { number: 2, published_at: Instant::EPOCH });
    let pages = pages.finish(&catalogue);
    let boards = Boards::default();
    let finder = finder.finish(&catalogue, &boards);
    Shelf { catalogue, pages, boards, finder, backstore: Backstore::default() }
}

/// A declaration of about the size that real ones have.
#[allow(dead_code, reason = "not every bench needs it")]
pub(crate) fn declaration(id: &str, revision: u32) -> String {
    let signature = "QUJDREVGR0g".repeat(64);
    format!(
        "type: snap-declaration\nauthority-id: bench\nrevision: {revision}\nseries: 16\nsnap-id: {id}\n\
         publisher-id: bench\nsnap-name: {id}\ntimestamp: 2026-01-01T00:00:00Z\nsign-key-sha3-384: bench\n\n{signature}\n"
    )
}
