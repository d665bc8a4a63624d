//! Builds a catalogue from listings, sharing with an earlier one what did not change.

use crate::catalogue::Catalogue;
use crate::catalogue::Generation;
use crate::catalogue::PackageIndex;
use crate::catalogue::PackageRecord;
use crate::catalogue::Shelved;
use crate::catalogue::SnapIndex;
use crate::catalogue::Span;
use crate::catalogue::decided::Decided;
use crate::catalogue::decided::Pin;
use crate::catalogue::shelved::DeltaRecord;
use crate::catalogue::shelved::Lane;
use crate::catalogue::symbols::Symbols;
use crate::snap::Architecture;
use crate::snap::Channel;
use crate::snap::Label;
use crate::snap::Listing;
use crate::snap::Override;
use crate::snap::Release;
use crate::snap::SnapId;
use crate::snap::Track;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A catalogue in the making. Nothing sees it until it is finished.
#[derive(Debug)]
pub struct Builder {
    symbols: Symbols,
    snaps: BTreeMap<SnapId, Arc<Shelved>>,
}

impl Default for Builder {
    fn default() -> Self {
        Self { symbols: Symbols::new(), snaps: BTreeMap::new() }
    }
}

impl Builder {
    /// Begins with every snap of an earlier catalogue.
    pub fn from(earlier: &Catalogue) -> Self {
        Self {
            symbols: earlier.symbols.clone(),
            snaps: earlier.snaps.iter().map(|snap| (snap.id, Arc::clone(snap))).collect(),
        }
    }

    /// Puts a snap in, in the place of what was there under its id. A record that says the same is kept.
    pub fn put(&mut self, listing: &Listing) {
        let shelved = shelve(&mut self.symbols, listing);
        if self.snaps.get(&listing.id).is_none_or(|known| **known != shelved) {
            self.snaps.insert(listing.id, Arc::new(shelved));
        }
    }

    /// Leaves a snap out, if it is there.
    pub fn remove(&mut self, id: SnapId) {
        self.snaps.remove(&id);
    }

    /// The finished catalogue. Indexes follow the order of snap-ids, so a tie broken by index is the house's order.
    pub fn finish(self, generation: Generation) -> Catalogue {
        let snaps: Vec<_> = self.snaps.into_values().collect();
        let index =
            |place: usize| SnapIndex(u32::try_from(place).expect("fewer than four billion"));
        let by_id = snaps.iter().enumerate().map(|(place, snap)| (snap.id, index(place))).collect();
        let by_name =
            snaps.iter().enumerate().map(|(place, snap)| (snap.name, index(place))).collect();
        let stores: BTreeSet<_> =
            snaps.iter().flat_map(|snap| snap.stores.iter().cloned()).collect();
        Catalogue { generation, symbols: self.symbols, snaps, by_id, by_name, stores }
    }
}

fn shelve(symbols: &mut Symbols, listing: &Listing) -> Shelved {
    let packages: Vec<_> = listing
        .packages
        .iter()
        .map(|package| PackageRecord {
            revision: package.revision,
            epoch: symbols.epoch(&package.epoch),
            architectures: symbols.architecture_set(&package.architectures),
        })
        .collect();
    let (lanes, history) = lay_out(symbols, listing, &packages);
    let place = |revision| place_of(&packages, revision);
    let deltas = listing
        .deltas
        .iter()
        .filter_map(|delta| {
            let format = symbols.format(&delta.format);
            Some(DeltaRecord { target: place(delta.target)?, source: delta.source, format })
        })
        .collect();
    let decided = decide(symbols, listing, &packages).map(Box::new);
    let has_one_epoch = packages.windows(2).all(|pair| pair[0].epoch == pair[1].epoch);
    Shelved {
        id: listing.id,
        name: listing.name,
        default_track: listing.default_track.clone().filter(|track| !track.is_latest()),
        private: listing.private,
        accounts: accounts(listing),
        stores: listing.stores.clone().into(),
        packages: packages.into(),
        lanes: lanes.into(),
        history: history.into(),
        deltas,
        has_one_epoch,
        decided,
    }
}

/// The accounts that may see the snap, where that matters.
fn accounts(listing: &Listing) -> Box<[Label]> {
    if !listing.private {
        return Box::default();
    }
    let publisher = listing.publisher.iter().map(|publisher| &publisher.id);
    publisher.chain(&listing.viewers).cloned().collect()
}

/// A release, or a channel that gives something out because an operator said so.
#[derive(Clone, Copy)]
struct Held<'l> {
    channel: &'l Channel,
    architecture: Architecture,
    release: Option<&'l Release>,
}

/// The snap's channels, in the order the store shows them, each with its stretch of the history.
fn lay_out(
    symbols: &mut Symbols,
    listing: &Listing,
    packages: &[PackageRecord],
) -> (Vec<Lane>, Vec<Span>) {
    let released = listing.releases.iter().map(|release| Held {
        channel: &release.channel,
        architecture: release.architecture,
        release: Some(release),
    });
    let chosen = in_force(listing).map(|chosen| Held {
        channel: &chosen.channel,
        architecture: chosen.architecture,
        release: None,
    });
    let mut held: Vec<Held<'_>> = released.chain(chosen).collect();
    // Track `latest` first, the others descending by name; stable to edge; no branch before branches; by
    // architecture (contract 10.1); then by time.
    held.sort_by_key(|held| {
        let track = &held.channel.track;
        let order = (!track.is_latest(), Reverse(Track::as_str(track)));
        let channel = (held.channel.risk, &held.channel.branch);
        (order, channel, held.architecture, held.release.map(|release| release.released_at))
    });
    let is_one = |one: &Held<'_>, next: &Held<'_>| {
        one.architecture == next.architecture && one.channel == next.channel
    };
    let (mut lanes, mut history) = (Vec::new(), Vec::with_capacity(listing.releases.len()));
    for lane in held.chunk_by(is_one) {
        let from = history.len();
        history.extend(lane.iter().filter_map(|held| {
            let release = held.release?;
            let package = place_of(packages, release.revision)?;
            let progression = progression(listing, release);
            let (released_at, closed_at) = (release.released_at, release.closed_at);
            Some(Span { package, progression, released_at, closed_at })
        }));
        let Held { channel, architecture, .. } = lane[0];
        lanes.push(Lane {
            key: symbols.lane(&channel.track, channel.risk, channel.branch.as_ref()),
            architecture: symbols.architecture(architecture),
            from: u32::try_from(from).expect("a history of fewer than four billion"),
            to: u32::try_from(history.len()).expect("a history of fewer than four billion"),
        });
    }
    (lanes, history)
}

/// The place of a release's progression in the list of them, from 1; 0 for a release to all.
fn progression(listing: &Listing, release: &Release) -> u32 {
    let place = listing.decisions.progression_of(release);
    place.map_or(0, |place| u32::try_from(place + 1).expect("fewer than four billion"))
}

/// The overrides that can be followed. A revision that was blocked since, or is not built for the architecture any
/// more, is not given out: the channel holds what was released to it.
fn in_force(listing: &Listing) -> impl Iterator<Item = &Override> {
    listing.decisions.overrides.iter().filter(|chosen| {
        let package = listing.package(chosen.revision);
        package.is_some_and(|package| package.runs_on(chosen.architecture))
            && !listing.decisions.is_blocked(chosen.revision)
    })
}

/// The decisions about the snap, if there are any.
fn decide(symbols: &mut Symbols, listing: &Listing, packages: &[PackageRecord]) -> Option<Decided> {
    if listing.decisions.is_empty() {
        return None;
    }
    let pin = |chosen: &Override| {
        let channel = &chosen.channel;
        let package = place_of(packages, chosen.revision)?;
        let released_at = chosen.decided_at;
        Some(Pin {
            key: symbols.lane(&channel.track, channel.risk, channel.branch.as_ref()),
            architecture: symbols.architecture(chosen.architecture),
            span: Span { package, progression: 0, released_at, closed_at: None },
        })
    };
    let blocked = listing.decisions.blocked.iter();
    let progressions = listing.decisions.progressions.iter();
    Some(Decided {
        pins: in_force(listing).filter_map(pin).collect(),
        blocked: blocked.filter_map(|blocked| place_of(packages, blocked.revision)).collect(),
        progressions: progressions.map(|progression| progression.progress).collect(),
    })
}

fn place_of(packages: &[PackageRecord], revision: crate::snap::Revision) -> Option<PackageIndex> {
    let place = packages.binary_search_by_key(&revision, |record| record.revision).ok()?;
    u32::try_from(place).ok().map(PackageIndex)
}
