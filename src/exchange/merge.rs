//! What is stored of a snap and what a document states of it, made one.

use crate::exchange::files::in_order;
use crate::exchange::statement::Rejection;
use crate::exchange::statement::Statement;
use crate::snap::Architecture;
use crate::snap::Channel;
use crate::snap::Delta;
use crate::snap::Instant;
use crate::snap::Listing;
use crate::snap::Package;
use crate::snap::Release;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

/// Fits what a document states into what is stored. What it states of the snap replaces what is stored, its
/// revisions and deltas come on top, its releases become history. A channel it could have named and did not is
/// closed as of `now`. Merging the same document again changes nothing.
///
/// # Errors
/// When the two do not fit: a release of a revision nobody knows, or for an architecture it is not built for.
pub fn merge(
    stored: Option<&Listing>,
    stated: &Statement,
    now: Instant,
) -> Result<Listing, Rejection> {
    let mut merged = stated.listing.clone();
    if let Some(stored) = stored {
        if !stated.names_stores {
            merged.stores.clone_from(&stored.stores);
        }
        if !stated.names_viewers {
            merged.viewers.clone_from(&stored.viewers);
        }
        merged.packages = merge_packages(&stored.packages, stated);
        merged.deltas = merge_deltas(&stored.deltas, &stated.listing.deltas);
        merged.decisions.clone_from(&stored.decisions);
    }
    let stored = stored.map_or(&[][..], |stored| &stored.releases);
    merged.releases = merge_releases(stored, stated, now);
    merged.checked().map_err(|invalid| Rejection {
        snap: Some(stated.listing.name),
        reason: invalid.to_string(),
    })
}

/// The stated revisions over the stored ones. One that names no architectures keeps those it is known to have:
/// its channels show only some of them.
fn merge_packages(stored: &[Package], stated: &Statement) -> Vec<Package> {
    let mut packages: BTreeMap<_, _> =
        stored.iter().map(|package| (package.revision, package.clone())).collect();
    for package in &stated.listing.packages {
        let known = packages.insert(package.revision, package.clone());
        let Some(known) = known.filter(|_| stated.assumed.contains(&package.revision)) else {
            continue;
        };
        let both = known.architectures.into_iter().chain(package.architectures.iter().copied());
        let architectures = in_order(both.collect());
        packages.insert(package.revision, Package { architectures, ..package.clone() });
    }
    packages.into_values().collect()
}

fn merge_deltas(stored: &[Delta], stated: &[Delta]) -> Vec<Delta> {
    let keyed = |delta: &Delta| ((delta.target, delta.source, delta.format.clone()), delta.clone());
    let deltas: BTreeMap<_, _> = stored.iter().chain(stated).map(keyed).collect();
    deltas.into_values().collect()
}

/// What one channel held for one architecture, by the time it began.
type Lane = BTreeMap<Instant, Release>;

fn merge_releases(stored: &[Release], stated: &Statement, now: Instant) -> Vec<Release> {
    let mut lanes: BTreeMap<(&Channel, Architecture), Lane> = BTreeMap::new();
    for release in stored.iter().chain(&stated.listing.releases) {
        let lane = lanes.entry((&release.channel, release.architecture)).or_default();
        lane.insert(release.released_at, release.clone());
    }
    let open = stated.listing.releases.iter().filter(|release| release.is_open());
    let named: BTreeSet<_> = open.map(|release| (&release.channel, release.architecture)).collect();
    for (key, lane) in &mut lanes {
        let is_spoken_for = stated.tells_history || key.0.branch.is_none();
        if is_spoken_for && !named.contains(key) {
            close(lane, now);
        }
        fit(lane);
    }
    lanes.into_values().flat_map(BTreeMap::into_values).collect()
}

fn close(lane: &mut Lane, now: Instant) {
    for release in lane.values_mut().filter(|release| release.is_open()) {
        release.closed_at = Some(now.max(release.released_at));
    }
}

/// Ends every release where the next begins, if not before.
fn fit(lane: &mut Lane) {
    let mut next: Option<Instant> = None;
    for release in lane.values_mut().rev() {
        if let Some(next) = next {
            release.closed_at = Some(release.closed_at.map_or(next, |own| own.min(next)));
        }
        next = Some(release.released_at);
    }
}
