//! Random small catalogues: few names, tracks, branches, architectures and epochs, so that collisions, closed
//! channels and fallbacks are the rule.

use crate::resolution::decisions::decided;
use crate::resolution::lanes::lanes;
use proptest::collection::btree_map;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::sample::select;
use snapwise::backstore::Backstore;
use snapwise::catalogue::Builder;
use snapwise::catalogue::Catalogue;
use snapwise::catalogue::Generation;
use snapwise::http::Boards;
use snapwise::http::FinderBuilder;
use snapwise::http::PagesBuilder;
use snapwise::http::Shelf;
use snapwise::snap::Architecture;
use snapwise::snap::Confinement;
use snapwise::snap::Decisions;
use snapwise::snap::Delta;
use snapwise::snap::Download;
use snapwise::snap::Epoch;
use snapwise::snap::Epochs;
use snapwise::snap::FileSize;
use snapwise::snap::Instant;
use snapwise::snap::Listing;
use snapwise::snap::Package;
use snapwise::snap::Release;
use snapwise::snap::Revision;
use snapwise::snap::Sha3;
use snapwise::snap::SnapType;
use snapwise::snap::Source;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fmt;
use std::fmt::Debug;
use std::str::FromStr;

pub(super) const NAMES: [&str; 4] = ["ant", "bee", "cow", "emu"];
/// How many of the names a shelf has; the last is never there.
pub(super) const N_SNAPS: usize = 3;
pub(super) const EPOCHS: [(&[u32], &[u32]); 7] = [
    (&[0], &[0]),
    (&[0, 1], &[1]),
    (&[1], &[1]),
    (&[1, 2], &[2]),
    (&[2], &[2]),
    (&[0, 2], &[0, 2]),
    (&[0, 1, 3], &[1, 3]),
];

/// The id of the snap of that number.
pub(super) fn id_of(number: usize) -> String {
    format!("{number:032}")
}

pub(super) fn text<T: FromStr>(text: &str) -> T
where
    T::Err: Debug,
{
    text.parse().expect("a valid value")
}

pub(super) fn revision(number: i64) -> Revision {
    Revision::new(number).expect("a number from 1")
}

/// Instants thirty days apart: three of them are one window of a cohort.
pub(super) fn tick(number: i64) -> Instant {
    let microseconds = 1_700_000_000_000_000 + number * 30 * 86_400_000_000;
    Instant::from_microseconds(microseconds).expect("in range")
}

pub(super) fn epoch_of((read, write): (&[u32], &[u32])) -> Epoch {
    let list = |numbers| Epochs::new(numbers).expect("they increase");
    Epoch::new(list(read), list(write)).expect("they share a number")
}

/// A catalogue made in one go.
pub(super) fn catalogue(listings: &[Listing]) -> Catalogue {
    let mut builder = Builder::default();
    for listing in listings {
        builder.put(listing);
    }
    builder.finish(Generation { number: 1, published_at: tick(0) })
}

/// A shelf made in one go.
pub(super) fn shelf(listings: &[Listing]) -> Shelf {
    let catalogue = catalogue(listings);
    let (mut pages, mut finder) = (PagesBuilder::default(), FinderBuilder::default());
    for listing in listings {
        pages.put(listing, &BTreeSet::new());
        finder.put(listing);
    }
    let boards = Boards::default();
    let finder = finder.finish(&catalogue, &boards);
    let backstore = Backstore::default();
    Shelf { pages: pages.finish(&catalogue), catalogue, boards, finder, backstore }
}

/// Listings, told in a few lines when a test fails.
#[derive(Clone)]
pub(super) struct Stock(pub(super) Vec<Listing>);

impl fmt::Debug for Stock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for snap in &self.0 {
            let Listing { name, private, default_track, stores, decisions, .. } = snap;
            writeln!(f, "\n{name} private={private} track={default_track:?} for={stores:?}")?;
            writeln!(f, "  {decisions:?}")?;
            for Package { revision, epoch, architectures, .. } in &snap.packages {
                let (read, write) = (epoch.read(), epoch.write());
                writeln!(f, "  r{revision} {architectures:?} {read:?} {write:?}")?;
            }
            for Release { channel, architecture, revision, released_at, closed_at } in
                &snap.releases
            {
                let end = closed_at.map(|closed_at| closed_at.to_string()).unwrap_or_default();
                writeln!(f, "  {channel} {architecture} r{revision} {released_at} .. {end}")?;
            }
            for Delta { format, source, target, .. } in &snap.deltas {
                writeln!(f, "  {format} r{source} r{target}")?;
            }
        }
        Ok(())
    }
}

/// Listings of the first [`N_SNAPS`] snaps.
pub(super) fn stock() -> impl Strategy<Value = Stock> {
    (0..N_SNAPS).map(listing).collect::<Vec<_>>().prop_map(Stock)
}

/// A listing of the snap of that number.
pub(super) fn listing(number: usize) -> impl Strategy<Value = Listing> {
    let epochs = prop_oneof![1 => Just(1), 2 => Just(EPOCHS.len())];
    let packages = btree_map(1..9_i64, (architectures(), any::<Index>()), 1..7);
    let about = (
        prop_oneof![7 => Just(false), 1 => Just(true)],
        select(vec![None, Some("latest"), Some("1.x"), Some("2.x")]),
        prop_oneof![4 => Just(vec![]), 1 => select(vec![vec!["acme"], vec!["lab", "acme"], vec!["ubuntu"]])],
    );
    (about, epochs, packages, lanes(), vec(delta(), 0..9), decided()).prop_map(
        move |((private, default_track, stores), n_epochs, packages, lanes, deltas, decided)| {
            let packages: Vec<Package> = packages
                .into_iter()
                .map(|(number, (architectures, epoch))| {
                    package(number, architectures, epoch_of(EPOCHS[epoch.index(n_epochs)]))
                })
                .collect();
            let releases: Vec<_> =
                lanes.into_iter().flat_map(|lane| lane.unfold(&packages)).collect();
            let decisions = decided.about(&packages, &releases);
            let deltas = deltas.into_iter().filter_map(|delta| aimed(delta, &packages)).collect();
            let named = nameplate(number);
            let stores = stores.into_iter().map(text).collect();
            let default_track = default_track.map(text);
            let listing = Listing { private, default_track, stores, ..named };
            Listing { packages, releases, deltas, decisions, ..listing }
                .checked()
                .expect("the parts were made to fit")
        },
    )
}

/// A listing with nothing but a name.
pub(super) fn nameplate(number: usize) -> Listing {
    Listing {
        id: text(&id_of(number)),
        name: NAMES.get(number).map_or_else(|| text(&format!("snap-{number}")), |name| text(name)),
        title: text("A snap"),
        summary: text(""),
        description: text(""),
        license: None,
        contact: None,
        website: None,
        store_url: None,
        links: BTreeMap::new(),
        private: false,
        default_track: None,
        publisher: None,
        categories: vec![],
        media: vec![],
        prices: BTreeMap::new(),
        stores: vec![],
        viewers: vec![],
        packages: vec![],
        releases: vec![],
        deltas: vec![],
        decisions: Decisions::default(),
    }
}

pub(super) fn package(number: i64, architectures: Vec<Architecture>, epoch: Epoch) -> Package {
    Package {
        revision: revision(number),
        version: text("1"),
        architectures,
        base: None,
        confinement: Confinement::Strict,
        kind: SnapType::App,
        epoch,
        created_at: None,
        common_ids: vec![],
        snap_yaml: text(""),
        download: file(),
        resources: vec![],
        integrity: vec![],
    }
}

fn file() -> Download {
    let size = FileSize::new(1).expect("a size");
    let source = Source::Elsewhere(text("https://store.example/f"));
    Download { source, size, sha3_384: Sha3::new([1; 48]) }
}

fn architectures() -> impl Strategy<Value = Vec<Architecture>> {
    let lists: Vec<Vec<&str>> = vec![
        vec!["all"],
        vec!["all"],
        vec!["amd64"],
        vec!["amd64"],
        vec!["amd64", "arm64"],
        vec!["arm64"],
    ];
    select(lists).prop_map(|names| names.into_iter().map(text).collect())
}

fn delta() -> impl Strategy<Value = (Index, i64, &'static str)> {
    (any::<Index>(), 1..9_i64, select(vec!["xdelta3", "snap-1-1-xdelta3"]))
}

fn aimed((choice, source, format): (Index, i64, &str), packages: &[Package]) -> Option<Delta> {
    let (source, target) = (revision(source), choice.get(packages).revision);
    (source != target).then(|| Delta { format: text(format), source, target, download: file() })
}
